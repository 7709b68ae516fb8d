// The clusters that a caller's roles are bound to; of the others nothing is told, not even whether they are there.
#pragma once

#include <algorithm>

#include "gate/gate.h"

namespace fairlead::gate {

// Both must outlive it.
class VisibleClusters final : public Clusters {
 public:
  VisibleClusters(Clusters& all, const Identity& who) : all_(all), who_(who) {}

  awaitable<Result<std::vector<KnownCluster>>> list() override {
    auto known = co_await all_.list();
    if (known && who_.bindings)
      std::erase_if(*known, [&](const KnownCluster& one) { return !covers_cluster(*who_.bindings, one.id); });
    co_return known;
  }

  awaitable<Result<std::shared_ptr<Cluster>>> find(std::string id, std::string) override {
    if (!id.empty() && !sees(id)) co_return refused(id);
    auto found = co_await all_.find(id, who_.name);
    if (found && !sees((*found)->id())) co_return refused("the default one");
    co_return found;
  }

 private:
  bool sees(const std::string& id) const { return !who_.bindings || covers_cluster(*who_.bindings, id); }
  static tl::unexpected<Error> refused(const std::string& id) {
    return fail(ErrorCode::policy_denied, "choose the cluster", "no role of this credential is for cluster " + id,
                "list_clusters shows those that it is for");
  }

  Clusters& all_;
  const Identity& who_;
};

}  // namespace fairlead::gate
