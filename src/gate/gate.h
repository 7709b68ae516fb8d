// The single door to every cluster. Each call from each face goes through Gate::call, in this order: the operation
// exists, the arguments are valid, the grant allows its trust level, the cluster is known; then it runs. Faces may hide
// what would be refused, but only the gate decides.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gate/policy.h"
#include "ops/catalog.h"

namespace fairlead::gate {

using net::awaitable;

// What a face was started with. Every level includes those below it.
struct Grant {
  ops::Trust allow = ops::Trust::read;
};

struct Request {
  Identity who;
  std::string cluster;                // empty: the default one; "*": all that may be chosen
  std::vector<std::string> clusters;  // several, instead of `cluster`
  std::string operation;
  json::object arguments;
  Deadline deadline;
  ops::Progress* progress = nullptr;  // may be null; must outlive the call; with a follower the call follows
};

// Something that can run an operation: a kubeconfig's context, a registered cluster, the far end of a relay.
class Cluster {
 public:
  virtual ~Cluster() = default;
  // Arguments are validated and permitted by now. Only the gate calls this.
  virtual awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments,
                                            Deadline deadline, ops::Progress* progress) = 0;
};

// What may be told of a cluster: nothing of the credentials for it.
struct KnownCluster {
  std::string id;
  std::string server;  // host and port
  bool current = false;
};

// Turns an id into a cluster.
class Clusters {
 public:
  virtual ~Clusters() = default;
  // Those that may be chosen here. Nothing is connected to.
  virtual Result<std::vector<KnownCluster>> list() = 0;
  // not_found with the ids that exist, or whatever stands in the way of making the connection. May be called again and
  // again: connections are kept.
  virtual awaitable<Result<std::shared_ptr<Cluster>>> find(std::string id) = 0;
};

// Use on one executor; calls may overlap.
class Gate {
 public:
  Gate(const ops::Catalog& catalog, Clusters& clusters, Grant grant)
      : catalog_(catalog), clusters_(clusters), grant_(grant) {}

  // policy_denied when the grant does not reach; invalid_request for an unknown operation or wrong arguments. A READ of
  // several clusters asks them side by side and answers as one (gate/fan_out.h); a change is of one cluster.
  awaitable<Result<ops::Reply>> call(Request request);

  // Whether a call of this operation could pass. For faces that want to hide what cannot.
  bool permits(const ops::Operation& operation) const { return operation.trust <= grant_.allow; }
  const ops::Catalog& catalog() const { return catalog_; }

 private:
  awaitable<Result<ops::Reply>> run_on(std::string id, const ops::Operation& operation, ops::Arguments arguments,
                                       Deadline deadline, ops::Progress* progress);
  awaitable<Result<ops::Reply>> run_on_several(std::vector<std::string> ids, const ops::Operation& operation,
                                               ops::Arguments arguments, Deadline deadline, ops::Progress* progress);

  const ops::Catalog& catalog_;
  Clusters& clusters_;
  Grant grant_;
};

}  // namespace fairlead::gate
