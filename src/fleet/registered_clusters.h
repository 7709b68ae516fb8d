// The registered clusters as the gate sees them: "k8s:aks-eastus2" leads to that row. A row is looked at again after a
// second, and at once where this object's registry has changed it; a client is kept as long as its row's connection and
// the files that it was made from stay as they were. Other ids are handed on.
#pragma once

#include <cstdint>
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
// there is none. Errors as of connect() and Registry::credential(); internal for a caller of a row with service
// accounts, whose client is made of one without a caller (account_client).
awaitable<Result<std::unique_ptr<kube::Client>>> make_client(Registry& registry, ClusterRow row,
                                                             const LiveOptions& options, std::string caller,
                                                             Deadline deadline);

// A client that goes with tokens of the caller's service account alone, which `issuer`, a client as the stored
// identity, asks for. `seen`: as of AccountTokenOptions.
Result<std::unique_ptr<kube::Client>> account_client(std::shared_ptr<kube::Client> issuer, const ClusterRow& row,
                                                     const LiveOptions& options, std::string_view caller,
                                                     std::function<void(const std::vector<Secret>&)> seen,
                                                     net::Executor executor, const Clock& clock);

// Use on one executor; calls may overlap. At most 4,000 clients are kept.
class RegisteredClusters final : public gate::Clusters {
 public:
  // `others` may be null: only registered ones are known then. All that is referred to must outlive this.
  RegisteredClusters(Registry& registry, const Clock& clock, LiveOptions options, gate::Clusters* others);
  // Of the others and those that are registered one may be unknown, with a warning; their error where there is none.
  awaitable<Result<std::vector<gate::KnownCluster>>> list() override;
  // not_found; policy_denied where it is disabled.
  awaitable<Result<std::shared_ptr<gate::Cluster>>> find(std::string id, std::string caller) override;
  // What is known of it is not to be used again.
  void forget(const std::string& id) {
    ++forgotten_;
    drop(id);
  }
  // Whoever calls so calls no more: what clusters gave for them is wiped, once their calls under way have ended.
  void forget_caller(const std::string& caller) {
    if (caller.empty()) return;  // that is of all
    ++forgotten_;
    std::erase_if(live_, [&](const auto& one) { return one.first.second == caller; });
  }

 private:
  // Of one caller, where the cluster tells them apart, else of all.
  struct Live {
    std::shared_ptr<gate::Cluster> cluster;
    std::vector<SeenFile> files;
    std::int64_t connection_version = 0, created = 0;
    TimePoint looked;
    bool is_of(const ClusterRow& row) const;
  };
  // As the stored identity, which asks for callers' tokens.
  struct Issuer {
    std::shared_ptr<kube::Client> client;
    std::int64_t connection_version = 0, created = 0;
    bool is_of(const ClusterRow& row) const;
  };
  awaitable<Result<std::shared_ptr<kube::Client>>> issuer_of(ClusterRow row, Deadline deadline);
  awaitable<Result<Live>> make_live(ClusterRow row, std::string caller, Deadline deadline);
  void drop(const std::string& id);
  void sweep(TimePoint now);
  void make_room(TimePoint now);
  awaitable<Result<std::shared_ptr<gate::Cluster>>> find_registered(std::string id, std::string caller);

  Registry& registry_;
  const Clock& clock_;
  LiveOptions options_;
  gate::Clusters* others_;
  std::map<std::pair<std::string, std::string>, Live> live_;  // by id and caller; those of all by ""
  std::map<std::string, Issuer> issuers_;                     // by id
  TimePoint swept_;
  std::uint64_t forgotten_ = 0;  // how often: what was looked up before is not kept after
  std::shared_ptr<gate::KnownCredentials> credentials_ = std::make_shared<gate::KnownCredentials>();
};

}  // namespace fairlead::fleet
