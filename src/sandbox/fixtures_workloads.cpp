#include <algorithm>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/behaviour.h"
#include "sandbox/field_set.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

constexpr std::int64_t minute = 60, hour = 3600, day = 86'400;
constexpr std::int64_t largest_request = 30'145'308LL * 1024 * 1000;  // what a node can give, in milli-bytes

json::object labels_for(const App& app) {
  return {{"app.kubernetes.io/name", app.name},
          {"app.kubernetes.io/part-of", app.namespace_name},
          {"app.kubernetes.io/managed-by", "helm"}};
}

json::object probe(const App& app, std::string_view path, int period) {
  return {{"httpGet", json::object{{"path", path}, {"port", app.port}}},
          {"initialDelaySeconds", 5},
          {"periodSeconds", period},
          {"timeoutSeconds", 2}};
}

json::object container_for(const App& app) {
  json::array env{
      json::object{{"name", "POD_NAME"},
                   {"valueFrom", json::object{{"fieldRef", json::object{{"fieldPath", "metadata.name"}}}}}},
      json::object{{"name", "POD_NAMESPACE"},
                   {"valueFrom", json::object{{"fieldRef", json::object{{"fieldPath", "metadata.namespace"}}}}}},
      json::object{{"name", "LOG_LEVEL"}, {"value", "info"}},
      json::object{{"name", "HTTP_PORT"}, {"value", std::to_string(app.port)}},
      json::object{{"name", "OTEL_SERVICE_NAME"}, {"value", app.name}},
      json::object{{"name", "OTEL_EXPORTER_OTLP_ENDPOINT"},
                   {"value", "http://otel-collector.monitoring.svc.cluster.local:4317"}},
      json::object{{"name", "REDIS_URL"},
                   {"value", "redis://redis." + app.namespace_name + ".svc.cluster.local:6379/0"}},
  };
  for (const auto& [name, value] : app.environment) env.push_back(json::object{{"name", name}, {"value", value}});
  json::array ports{json::object{{"name", "http"}, {"containerPort", app.port}},
                    json::object{{"name", "metrics"}, {"containerPort", 9102}}};
  if (app.name == "coredns")
    ports = {json::object{{"name", "dns"}, {"containerPort", 53}, {"protocol", "UDP"}},
             json::object{{"name", "dns-tcp"}, {"containerPort", 53}, {"protocol", "TCP"}},
             json::object{{"name", "metrics"}, {"containerPort", 9153}}};
  return {{"name", app.name},
          {"image", app.image},
          {"ports", std::move(ports)},
          {"env", std::move(env)},
          {"resources", json::object{{"limits", json::object{{"memory", app.memory_limit}}},
                                     {"requests", json::object{{"cpu", app.cpu}, {"memory", app.memory}}}}},
          {"volumeMounts", json::array{json::object{{"name", "config"}, {"mountPath", "/etc/app"}, {"readOnly", true}},
                                       json::object{{"name", "tmp"}, {"mountPath", "/tmp"}}}},
          {"livenessProbe", probe(app, "/healthz", 20)},
          {"readinessProbe", probe(app, "/readyz", 5)},
          {"securityContext", json::object{{"allowPrivilegeEscalation", false},
                                           {"readOnlyRootFilesystem", true},
                                           {"runAsNonRoot", true},
                                           {"capabilities", json::object{{"drop", json::array{"ALL"}}}}}}};
}

json::object pod_template_for(const App& app) {
  json::object spec{
      {"containers", json::array{container_for(app)}},
      {"volumes",
       json::array{json::object{{"name", "config"},
                                {"configMap", json::object{{"name", app.name + "-config"}, {"optional", true}}}},
                   json::object{{"name", "tmp"}, {"emptyDir", json::object()}}}},
      {"securityContext",
       json::object{{"fsGroup", 65532}, {"seccompProfile", json::object{{"type", "RuntimeDefault"}}}}}};
  if (!app.sidecar_image.empty()) {
    spec.at("containers")
        .as_array()
        .push_back(
            json::object{{"name", "metrics"},
                         {"image", app.sidecar_image},
                         {"args", json::array{"--listen=:9102"}},
                         {"resources", json::object{{"requests", json::object{{"cpu", "10m"}, {"memory", "32Mi"}}}}}});
  }
  if (!app.init_image.empty()) {
    spec["initContainers"] =
        json::array{json::object{{"name", "wait-for-index"},
                                 {"image", app.init_image},
                                 {"args", json::array{"search-index.shop.svc.cluster.local:9200"}}}};
  }
  if (app.control_plane)
    spec["tolerations"] =
        json::array{json::object{{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}}};
  json::object annotations{{"prometheus.io/scrape", "true"}, {"prometheus.io/port", "9102"}};
  return {{"metadata", json::object{{"labels", labels_for(app)}, {"annotations", std::move(annotations)}}},
          {"spec", std::move(spec)}};
}

json::object managed_entry(std::string_view manager, std::string_view version, std::int64_t at, json::object fields,
                           bool status = false) {
  json::object out{{"manager", manager},         {"operation", "Update"},    {"apiVersion", version},
                   {"time", format_rfc3339(at)}, {"fieldsType", "FieldsV1"}, {"fieldsV1", std::move(fields)}};
  if (status) out["subresource"] = "status";
  return out;
}

// Of a pod's conditions they are always shown, and nobody ever sets them.
void show_probe_times(json::value& pod) {
  json::value* conditions = object_in(pod, {"status"}).if_contains("conditions");
  if (!conditions || !conditions->is_array()) return;
  for (json::value& condition : conditions->get_array()) set_default(condition.get_object(), "lastProbeTime", nullptr);
}

}  // namespace

FixtureBuilder::FixtureBuilder(Objects& objects, const FixtureOptions& options)
    : objects_(objects), options_(options), now_(objects.now()), pods_left_(options.pods) {}

void FixtureBuilder::build() {
  add_nodes();
  add_plain_objects();
  add_storage_classes();
  add_policies();
  add_bare_pods();
  for (const App& app : shop_apps()) add_app(app);
  App prometheus;
  prometheus.namespace_name = "monitoring";
  prometheus.name = "prometheus";
  prometheus.image = "quay.io/prometheus/prometheus:v3.5.0";
  prometheus.replicas = 2;
  prometheus.port = 9090;
  prometheus.memory = "1Gi";
  prometheus.memory_limit = "2Gi";
  add_stateful_set(prometheus, "50Gi");
  add_network();
  add_pending_claim();
  add_scaled_apps();
  add_quotas();
  objects_.store().compact_history();
}

json::object FixtureBuilder::template_of(const App& app) { return pod_template_for(app); }
std::string FixtureBuilder::hash_of(const json::value& template_or_data) { return template_hash(template_or_data); }

void build_cluster(Objects& objects, const FixtureOptions& options) { FixtureBuilder(objects, options).build(); }

std::string FixtureBuilder::choose_node(const App&) {
  if (nodes_.empty()) return {};
  // The first is the control plane.
  std::size_t workers = std::max<std::size_t>(1, nodes_.size() - 1);
  return nodes_[nodes_.size() - workers + next_node_++ % workers].first;
}

// How the pod has fared since it was born, by what its images do.
PodStory FixtureBuilder::story_for(const json::value& pod, std::int64_t born, std::string_view node_ip) {
  PodStory out;
  out.scheduled_at = born;
  out.node_ip = node_ip;
  out.pod_ip = flag_at(pod, {"spec", "hostNetwork"}) ? std::string(node_ip) : pod_address(next_address_++);
  out.at = born + 4;
  bool initialised = true;
  for (const json::value& container : array_at(pod, {"spec", "initContainers"})) {
    ContainerStory one;
    one.now = !initialised                                  ? Now::creating
              : behaviour_of(container).fate == Fate::hangs ? Now::running
                                                            : Now::completed;
    initialised = one.now == Now::completed;
    one.ready = false;
    one.started_at = born + 2;
    one.finished_at = born + 3;
    out.init.push_back(one);
  }
  for (const json::value& container : array_at(pod, {"spec", "containers"})) {
    ContainerStory one;
    one.started_at = born + 3;
    std::int64_t recent =
        now_ - minute - static_cast<std::int64_t>(stable_hash(text_at(pod, {"metadata", "uid"})) % 200);
    switch (initialised ? behaviour_of(container).fate : Fate::hangs) {
      case Fate::runs: break;
      case Fate::hangs: one.now = initialised ? Now::running : Now::creating; break;
      case Fate::completes:
        one.now = Now::completed;
        one.finished_at = born + 42;
        break;
      case Fate::crashes:
        one.now = Now::backing_off;
        one.restarts = std::clamp<std::int64_t>((now_ - born) / 305, 1, 4000);
        one.last_finished_at = recent;
        one.last_started_at = recent - 2;
        out.at = recent;
        break;
      case Fate::out_of_memory:
        one.now = Now::failed;
        one.reason = "OOMKilled";
        one.exit_code = 137;
        one.restarts = std::clamp<std::int64_t>((now_ - born) / 330, 1, 3000);
        one.finished_at = now_ - 20;
        one.started_at = now_ - 31;
        one.last_finished_at = recent - 300;
        one.last_started_at = recent - 311;
        out.at = now_ - 20;
        break;
      case Fate::cannot_be_pulled: one.now = Now::pull_backoff; break;
    }
    out.containers.push_back(one);
  }
  return out;
}

void FixtureBuilder::add_pod(const App& app, const json::value& pod_template, const json::object& owner,
                             const json::object& managed, std::string name, std::int64_t born) {
  json::value pod = json::object();
  json::object metadata = stamp(app.namespace_name, name, born);
  if (!owner.empty()) {
    metadata["generateName"] = name.substr(0, name.rfind('-') + 1);
    metadata["ownerReferences"] = json::array{owner};
  }
  for (std::string_view member : {"labels", "annotations"}) {
    if (const json::value* value = find(pod_template, "metadata", member)) metadata[member] = *value;
  }
  metadata["generation"] = 1;
  pod.get_object()["metadata"] = std::move(metadata);
  pod.get_object()["spec"] = *find(pod_template, "spec");
  admit_pod(pod, name_suffix(stable_hash(name)));
  apply_defaults(resource("", "pods"), pod);
  bool fits = quantity_milli(app.memory) < largest_request;
  PodStory story;
  std::string manager = owner.empty() ? "kubectl-create" : "kube-controller-manager";
  json::array entries{managed_entry(manager, "v1", born, managed)};
  if (fits) {
    std::string node = text_in(object_in(pod, {"spec"}), "nodeName").empty()
                           ? choose_node(app)
                           : std::string(text_at(pod, {"spec", "nodeName"}));
    object_in(pod, {"spec"})["nodeName"] = node;
    auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& entry) { return entry.first == node; });
    story = story_for(pod, born, found == nodes_.end() ? "" : found->second);
    tell(pod, story);
    json::object fields{{"f:status", field_set(*Schema::builtin().message("PodStatus"), *find(pod, "status"))}};
    entries.push_back(managed_entry("kubelet", "v1", story.at, std::move(fields), true));
  } else {
    std::string count = std::to_string(nodes_.size());
    std::string others =
        nodes_.size() > 1 ? "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, " : "";
    std::string workers = std::to_string(nodes_.size() > 1 ? nodes_.size() - 1 : nodes_.size());
    tell_unschedulable(pod,
                       "0/" + count + " nodes are available: " + others + workers +
                           " Insufficient memory. preemption: 0/" + count + " nodes are available: " + count +
                           " Preemption is not helpful for scheduling.",
                       born);
  }
  object_in(pod, {"metadata"})["managedFields"] = std::move(entries);
  show_probe_times(pod);
  ObjectPtr stored = objects_.insert(resource("", "pods"), pod);
  if (stored) note_pod(stored, pod, story);
  --pods_left_;
  std::string_view phase = text_at(pod, {"status", "phase"});
  bool serves = stored && !story.pod_ip.empty() && phase != "Succeeded" && phase != "Failed";
  if (serves)
    backends_.push_back({stored->name, stored->uid, story.pod_ip, std::string(text_at(pod, {"spec", "nodeName"})),
                         condition_status(pod, "Ready") == "True"});
}

void FixtureBuilder::add_app(const App& app) {
  if (pods_left_ <= 0) return;
  backends_.clear();
  std::uint64_t random = stable_hash(app.namespace_name + "/" + app.name);
  std::int64_t born = now_ - 2 * day - static_cast<std::int64_t>(random % static_cast<std::uint64_t>(70 * day));
  std::int64_t rolled =
      std::max(born, now_ - 3 * hour - static_cast<std::int64_t>(random / 7 % static_cast<std::uint64_t>(12 * day)));
  int replicas = std::min(app.replicas, pods_left_);
  bool troubled = !app.init_image.empty() || quantity_milli(app.memory) >= largest_request ||
                  behaviour_of(container_for(app)).fate != Fate::runs;
  // Trouble came with a release of the last hours.
  if (troubled) rolled = now_ - 30 * minute - static_cast<std::int64_t>(random % static_cast<std::uint64_t>(8 * hour));
  json::value deployment = json::object{
      {"metadata", stamp(app.namespace_name, app.name, born)},
      {"spec",
       json::object{{"replicas", replicas},
                    {"selector", json::object{{"matchLabels", json::object{{"app.kubernetes.io/name", app.name}}}}},
                    {"template", pod_template_for(app)}}}};
  apply_defaults(resource("apps", "deployments"), deployment);
  json::value pod_template = *find(deployment, "spec", "template");
  std::string hash = template_hash(pod_template);
  std::string set_name = app.name + "-" + hash;

  std::int64_t sound = troubled ? 0 : replicas;
  auto counts = [&](json::object status) {
    status["replicas"] = replicas;
    if (sound > 0) status["readyReplicas"] = sound;
    if (sound > 0) status["availableReplicas"] = sound;
    return status;
  };
  json::object& metadata = object_in(deployment, {"metadata"});
  metadata["labels"] = labels_for(app);
  metadata["generation"] = 3;
  metadata["annotations"] =
      json::object{{"deployment.kubernetes.io/revision", "3"}, {"meta.helm.sh/release-name", app.name}};
  json::object status = counts({{"observedGeneration", 3}, {"updatedReplicas", replicas}});
  if (sound < replicas) status["unavailableReplicas"] = replicas - sound;
  deployment.get_object()["status"] = std::move(status);
  bool well = sound == replicas;
  set_condition(deployment, "Available", well ? "True" : "False",
                well ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                well ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
                well ? born + 9 : rolled + 2);
  set_condition(
      deployment, "Progressing", well ? "True" : "False", well ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded",
      "ReplicaSet \"" + set_name + "\" " + (well ? "has successfully progressed." : "has timed out progressing."),
      well ? born : rolled + 600);
  for (json::value& condition : array_in(object_in(deployment, {"status"}), "conditions")) {
    condition.get_object()["lastUpdateTime"] = format_rfc3339(well ? rolled + 9 : rolled + 600);
  }
  json::object spec_fields{
      {"f:spec", field_set(*Schema::builtin().message("DeploymentSpec"), *find(deployment, "spec"))}};
  object_in(deployment, {"metadata"})["managedFields"] =
      json::array{managed_entry("helm", "apps/v1", rolled, spec_fields)};
  ObjectPtr stored = objects_.insert(resource("apps", "deployments"), deployment);
  if (!stored) return;

  json::object labels = object_at(pod_template, {"metadata", "labels"});
  labels["pod-template-hash"] = hash;
  object_in(pod_template, {"metadata"})["labels"] = labels;
  json::value set = json::object{
      {"metadata", stamp(app.namespace_name, set_name, rolled)},
      {"spec", json::object{{"replicas", replicas},
                            {"selector", json::object{{"matchLabels", json::object{{"app.kubernetes.io/name", app.name},
                                                                                   {"pod-template-hash", hash}}}}},
                            {"template", pod_template}}},
      {"status", counts({{"observedGeneration", 1}, {"fullyLabeledReplicas", replicas}})}};
  json::object& set_metadata = object_in(set, {"metadata"});
  set_metadata["labels"] = labels;
  set_metadata["generation"] = 1;
  set_metadata["annotations"] =
      json::object{{"deployment.kubernetes.io/desired-replicas", std::to_string(replicas)},
                   {"deployment.kubernetes.io/max-replicas", std::to_string(replicas + (replicas + 3) / 4)},
                   {"deployment.kubernetes.io/revision", "3"}};
  set_metadata["ownerReferences"] =
      json::array{controller_reference(resource("apps", "deployments"), app.name, stored->uid)};
  json::object set_fields{{"f:spec", field_set(*Schema::builtin().message("ReplicaSetSpec"), *find(set, "spec"))}};
  set_metadata["managedFields"] =
      json::array{managed_entry("kube-controller-manager", "apps/v1", rolled, std::move(set_fields))};
  ObjectPtr stored_set = objects_.insert(resource("apps", "replicasets"), set);
  if (!stored_set) return;

  json::object owner = controller_reference(resource("apps", "replicasets"), set_name, stored_set->uid);
  json::object managed{
      {"f:metadata", field_set(*Schema::builtin().message("ObjectMeta"), *find(pod_template, "metadata"))},
      {"f:spec", field_set(*Schema::builtin().message("PodSpec"), *find(pod_template, "spec"))}};
  managed["f:metadata"].get_object()["f:generateName"] = json::object();
  managed["f:metadata"].get_object()["f:ownerReferences"] =
      json::object{{".", json::object()}, {"k:{\"uid\":\"" + stored_set->uid + "\"}", json::object()}};
  for (int i = 0; i < replicas; ++i) {
    std::string name = set_name + "-" + name_suffix(stable_hash(set_name, static_cast<std::uint64_t>(i) + 1));
    std::int64_t pod_born = rolled + i % 5;
    // Some were replaced since.
    if (i % 4 == 3)
      pod_born =
          rolled + static_cast<std::int64_t>(
                       stable_hash(name) % static_cast<std::uint64_t>(std::max<std::int64_t>(1, now_ - rolled - hour)));
    add_pod(app, pod_template, owner, managed, name, pod_born);
  }
  add_service(app);
}

// Pods of the control plane, which nothing in the cluster owns, the few that every node and every night has, and one on
// its way out.
void FixtureBuilder::add_bare_pods() {
  auto add = [&](std::string_view space, std::string_view name, std::string_view image, std::string_view node,
                 json::object owner, std::int64_t born, std::string_view policy) {
    if (pods_left_ <= 0) return;
    App app;
    app.namespace_name = space;
    app.name = name.substr(0, name.rfind('-'));
    app.image = image;
    app.port = 10'256;
    json::value pod_template = pod_template_for(app);
    json::object& spec = object_in(pod_template, {"spec"});
    spec["restartPolicy"] = policy;
    if (!node.empty()) spec["nodeName"] = node;
    if (space == "kube-system") {
      spec["hostNetwork"] = true;
      spec["priorityClassName"] = "system-node-critical";
      spec["priority"] = 2'000'001'000;
      spec["tolerations"] = json::array{json::object{{"operator", "Exists"}}};
    }
    apply_defaults(resource("", "pods"), pod_template);
    json::object managed{{"f:spec", field_set(*Schema::builtin().message("PodSpec"), *find(pod_template, "spec"))}};
    add_pod(app, pod_template, owner, managed, std::string(name), born);
  };
  if (!nodes_.empty()) {
    const std::string& first = nodes_.front().first;
    add("kube-system", "etcd-" + first, "registry.k8s.io/etcd:3.6.4-0", first, {}, now_ - 83 * day, "Always");
    add("kube-system", "kube-apiserver-" + first, "registry.k8s.io/kube-apiserver:v1.36.0", first, {}, now_ - 83 * day,
        "Always");
  }
  add_kube_proxy();
  add_report();
  std::string leaving = "cart-6b8d5c9f7-" + name_suffix(stable_hash("leaving"));
  add("shop", leaving, "registry.example.com/shop/cart:2.16.3", "", {}, now_ - 6 * day, "Always");
  if (ObjectPtr pod = objects_.store().find(resource("", "pods"), "shop", leaving)) {
    json::value value = objects_.load(*pod);
    object_in(value, {"metadata"})["finalizers"] = json::array{"cart.shop.example.com/drain-sessions"};
    object_in(value, {"metadata"})["deletionTimestamp"] = format_rfc3339(now_ - 3 * hour);
    object_in(value, {"metadata"})["deletionGracePeriodSeconds"] = 30;
    objects_.insert(resource("", "pods"), std::move(value));
  }
}

}  // namespace fairlead::sandbox
