// Which API groups, versions and resources a server has, so that versions are chosen by what is there.
//
// Asks for aggregated discovery (apidiscovery.k8s.io v2, v2beta1: two requests) and falls back to the legacy documents
// of each group and version. A group whose server does not answer is named in `unavailable` and does not fail the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/client.h"

namespace fairlead::kube {

struct ApiResource {
  std::string group;  // "" is the core group
  std::string version;
  std::string plural;
  std::string singular;
  std::string kind;
  bool namespaced = false;
  std::vector<std::string> verbs;
  std::vector<std::string> short_names;
  std::string group_version() const { return group.empty() ? version : group + "/" + version; }
};

struct Discovery {
  std::vector<ApiResource>
      resources;  // the server's order: within a group its preferred version first. No subresources
  std::vector<std::string> unavailable;  // "metrics.k8s.io/v1beta1: the server answered 503"
};

awaitable<Result<Discovery>> discover(Client& client, Deadline deadline);

// The same as it was at most half a minute ago, if this client asked then and every server answered; `anew`: as it is.
// Whoever finds that something is not there asks anew before saying so, and forgets what turned out to be wrong.
struct LateDiscovery {
  std::shared_ptr<const Discovery> discovery;
  bool is_new = true;
};
awaitable<Result<LateDiscovery>> discover_lately(Client& client, Deadline deadline, bool anew);
void forget_discovery(Client& client);

// ---- parts, for tests: each adds what one document holds; false when it is not such a document

bool add_aggregated(const json::value& document, Discovery& discovery);     // APIGroupDiscoveryList
bool add_resource_list(const json::value& document, Discovery& discovery);  // legacy APIResourceList

}  // namespace fairlead::kube
