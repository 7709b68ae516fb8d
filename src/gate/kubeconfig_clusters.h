// The contexts of a kubeconfig as clusters: an id is a context's name, the empty id the current one; where a context is
// pinned, by --context, KUBECONFIG_CONTEXT or current_only, every other one is refused (policy_denied): contexts of the
// same cluster may differ in who one is there. The kubeconfig is read at the first call, so that a face starts at once
// and a broken file is told where it is used. Each context's client is kept as long as the files stay as they were: a
// kubeconfig, authority or certificate that is renewed is used from the next call on. Which context is the current one
// is decided once, by prepare() or else at the first call, and so are the server, the user and the namespace of a
// context: whoever runs `kubectl config use-context` does not move an agent with it. A kubeconfig that would come from
// another place than at the start is refused (policy_denied).
#pragma once

#include <functional>
#include <map>
#include <set>

#include "gate/client_cluster.h"
#include "kube/connection.h"
#include "kube/kubeconfig.h"

namespace fairlead::gate {

struct KubeconfigOptions {
  kube::Sources sources;
  kube::Policy policy;
  kube::Surroundings surroundings;
  std::string context;        // --context: the only one that may be used; empty: any
  bool current_only = false;  // without `context`: only the kubeconfig's current one
  std::string
      default_namespace;  // --namespace: where none is given, of lists too; empty: the context's own for single objects
  std::string user_agent;
  std::function<double()> jitter;                // in [0, 1)
  std::function<void(const std::string&)> warn;  // each warning once per context
};

class KubeconfigClusters final : public Clusters {
 public:
  KubeconfigClusters(net::Executor executor, const Clock& clock, KubeconfigOptions options);
  awaitable<Result<std::vector<KnownCluster>>> list() override;
  awaitable<Result<std::shared_ptr<Cluster>>> find(std::string id, std::string caller) override;
  // Reads the kubeconfig now, so that what is chosen is that of the start. What is wrong is told again by find().
  Result<void> prepare();

 private:
  net::Executor executor_;
  const Clock& clock_;
  KubeconfigOptions options_;
  struct Known {
    std::shared_ptr<Cluster> cluster;
    std::vector<SeenFile> files;
  };
  // What the first look decided and later ones may not change.
  struct Pinned {
    std::string source;   // of the kubeconfig
    std::string current;  // context
    struct Place {
      std::string what;        // server, user and whether it is verified
      std::string namespace_;  // where single objects are, unless a call says so
    };
    std::map<std::string, Place> places;  // by context, as they were first used
  };
  Result<void> load();
  std::string only_context() const;  // empty: any
  Result<kube::Connection> resolve(const std::string& context);

  std::optional<kube::Kubeconfig> kubeconfig_;
  std::optional<Pinned> pinned_;  // with kubeconfig_
  std::map<std::string, Known> clusters_;
  std::set<std::string> warned_;
  std::shared_ptr<KnownCredentials> credentials_ = std::make_shared<KnownCredentials>();
};

}  // namespace fairlead::gate
