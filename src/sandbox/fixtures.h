// A believable cluster to begin with: nodes, namespaces, workloads that are mostly well and some that are not, and the
// events that tell of it. The same options give the same cluster.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/objects.h"
#include "sandbox/pod_states.h"
#include "sandbox/recorder.h"

namespace fairlead::sandbox {

struct FixtureOptions {
  int nodes = 3;
  int pods = 25;
};

// Into an empty store. Beyond the first 25 or so, pods belong to more Deployments in more namespaces; about two in a
// hundred have a problem.
void build_cluster(Objects& objects, const FixtureOptions& options);

// ---- the parts, internal to the fixtures

struct App {
  std::string namespace_name, name, image;
  int replicas = 1;
  int port = 8080;
  std::string cpu = "100m", memory = "128Mi", memory_limit = "256Mi";
  std::string init_image;      // none when empty
  std::string sidecar_image;   // likewise: a second container, that exports metrics
  bool control_plane = false;  // runs there too
  std::string service;         // its name, where it is not the app's
  std::vector<std::pair<std::string, std::string>> environment;
};

// A pod behind a Service.
struct Backend {
  std::string pod, uid, address, node;
  bool ready = false;
};

struct ServiceShape {
  std::string namespace_name, name, type = "ClusterIP";
  std::string address;  // one is chosen when empty
  json::object selector;
  json::array ports;
};

class FixtureBuilder {
 public:
  FixtureBuilder(Objects& objects, const FixtureOptions& options);
  void build();

 private:
  // fixtures_cluster.cpp
  void add_namespace(std::string_view name);
  void add_nodes();
  void add_plain_objects();
  void add_config(std::string_view namespace_name, std::string_view name, json::object data);
  void add_secret(std::string_view namespace_name, std::string_view name, std::string_view type, json::object data);
  // fixtures_network.cpp
  void add_service(const App& app);
  ObjectPtr add_service(const ServiceShape& shape);
  void add_endpoints(const Object& service, const json::value& value, json::array ports);
  void add_network();
  std::string free_address(std::string_view name);
  // fixtures_storage.cpp
  void add_storage_classes();
  void add_bound_claim(std::string_view namespace_name, std::string_view name, std::string_view size,
                       const json::object& labels, std::string_view node, std::int64_t born);
  void add_pending_claim();
  // fixtures_policy.cpp
  void add_policies();  // priorities, leases, roles, what an autoscaler and budgets say
  void add_quotas();    // when everything that they count is there
  // fixtures_sets.cpp
  void add_kube_proxy();
  void add_stateful_set(const App& app, std::string_view size);
  void add_report();
  std::string add_revision(const ObjectPtr& owner);
  // fixtures_apps.cpp
  std::vector<App> shop_apps() const;
  void add_scaled_apps();
  // fixtures_workloads.cpp
  void add_app(const App& app);
  void add_pod(const App& app, const json::value& pod_template, const json::object& owner, const json::object& managed,
               std::string name, std::int64_t born);
  void add_bare_pods();
  static json::object template_of(const App& app);
  static std::string hash_of(const json::value& template_or_data);
  PodStory story_for(const json::value& pod, std::int64_t born, std::string_view node_ip);
  json::object stamp(std::string_view namespace_name, std::string_view name, std::int64_t born);
  std::string choose_node(const App& app);
  // fixtures_events.cpp
  void note_pod(const ObjectPtr& pod, const json::value& value, const PodStory& story);
  void note(const Object& about, const json::value& value, const EventNote& note, std::int64_t first, std::int64_t last,
            std::int64_t count);

  const Resource& resource(std::string_view group, std::string_view plural) const {
    return objects_.resources().get(group, plural);
  }

  Objects& objects_;
  FixtureOptions options_;
  std::int64_t now_;
  std::vector<std::pair<std::string, std::string>> nodes_;  // name, address
  std::map<std::string, std::string, std::less<>> zones_;   // of the nodes
  std::size_t next_node_ = 0;
  std::uint64_t next_address_ = 0;
  int pods_left_;
  std::vector<Backend> backends_;    // of the workload that is being added
  std::set<std::string> addresses_;  // of services
};

}  // namespace fairlead::sandbox
