// A cluster that is talked to by a client of this process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gate/gate.h"

namespace fairlead::gate {

// Credentials that were seen, those that have been replaced since too: none of them is shown. The newest thousand.
class KnownCredentials {
 public:
  void remember(const Secret& credential);
  const std::vector<Secret>& all() const { return all_; }

 private:
  std::vector<Secret> all_;
};

// Its id is what it is found by. Namespaces as of DefaultNamespaces: `of_lists` is empty where lists are of all. What
// comes out of it shows none of `credentials` and none of the client's own, which are added to them when it dies,
// unless they end by themselves soon (`short_lived`): then they are gone with it.
std::shared_ptr<Cluster> client_cluster(std::string id, std::unique_ptr<kube::Client> client, const Clock& clock,
                                        std::string of_objects, std::string of_lists,
                                        std::shared_ptr<KnownCredentials> credentials, bool short_lived = false);

// "10.0.0.1:6443", "[::1]:6443": what may be told of a server.
std::string place_of(const net::Url& server);

}  // namespace fairlead::gate
