// The registered clusters as the gate sees them: "k8s:aks-eastus2" leads to that row. A row is looked at again after a
// second, and at once where this object's registry has changed it; a client is kept as long as its row's connection and
// the files that it was made from stay as they were. Other ids are handed on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "fleet/connect.h"
#include "fleet/registry.h"
#include "gate/client_cluster.h"

namespace fairlead::fleet {

inline constexpr std::string_view kTargetPrefix = "k8s:";

struct LiveOptions {
  ConnectOptions connect;
  std::string user_agent;
  std::function<double()> jitter;                // in [0, 1)
  std::function<void(const std::string&)> warn;  // each warning of a connection once
};

// A client of the row, made anew: as that caller where the row wants callers impersonated; as the stored identity where
// there is none. Errors as of connect() and Registry::credential().
awaitable<Result<std::unique_ptr<kube::Client>>> make_client(Registry& registry, ClusterRow row,
                                                             const LiveOptions& options, std::string caller,
                                                             Deadline deadline);

// Use on one executor; calls may overlap.
class RegisteredClusters final : public gate::Clusters {
 public:
  // `others` may be null: only registered ones are known then. All that is referred to must outlive this.
  RegisteredClusters(Registry& registry, const Clock& clock, LiveOptions options, gate::Clusters* others);
  awaitable<Result<std::vector<gate::KnownCluster>>> list() override;
  // not_found; policy_denied where it is disabled.
  awaitable<Result<std::shared_ptr<gate::Cluster>>> find(std::string id, std::string caller) override;
  // What is known of it is not to be used again.
  void forget(const std::string& id) {
    std::erase_if(live_, [&](const auto& one) { return one.first.first == id; });
  }

 private:
  // Of one caller, where the cluster tells them apart, else of all.
  struct Live {
    std::shared_ptr<gate::Cluster> cluster;
    std::vector<SeenFile> files;
    std::int64_t connection_version = 0, created = 0;
    TimePoint looked;
  };
  awaitable<Result<std::shared_ptr<gate::Cluster>>> find_registered(std::string id, std::string caller);

  Registry& registry_;
  const Clock& clock_;
  LiveOptions options_;
  gate::Clusters* others_;
  std::map<std::pair<std::string, std::string>, Live> live_;  // by id and caller; those of all by ""
  std::shared_ptr<gate::KnownCredentials> credentials_ = std::make_shared<gate::KnownCredentials>();
};

}  // namespace fairlead::fleet
