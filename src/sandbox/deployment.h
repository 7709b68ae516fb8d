// The Deployment controller; its parts are in deployment_controller.cpp, deployment_rollout.cpp and
// deployment_status.cpp. Not thread-safe: one loop.
#pragma once

#include "sandbox/workload.h"

namespace fairlead::sandbox {

struct Replicas {
  std::int64_t wanted = 0, there = 0, ready = 0, available = 0;
};
Replicas replicas_of(const json::value& replicaset);

// How far a rollout may go above and below what is desired.
struct RolloutBounds {
  std::int64_t desired = 0, surge = 0, unavailable = 0;
};
bool is_rolling(const json::value& deployment);
RolloutBounds bounds_of(const json::value& deployment);

// lastUpdateTime too, which other kinds' conditions do not have. With `renew` also when it says the same as before.
void set_progressing(json::value& deployment, std::string_view status, std::string_view reason,
                     const std::string& message, std::int64_t now, bool renew = false);

class DeploymentController final : public Controller {
 public:
  explicit DeploymentController(Work& work);
  std::vector<const Resource*> watched() const override;
  void changed(const Change& change) override;
  void reconcile(const Key& key) override;

 private:
  using Sets = std::vector<ObjectPtr>;
  // The ReplicaSet that has the Deployment's template; null when there is none.
  ObjectPtr current_of(const json::value& deployment, const Sets& owned) const;
  // The same, made if need be, with the newest revision. Null: it could not be made now.
  std::int64_t first_size(const json::value& deployment, const Sets& owned) const;
  ObjectPtr make_current(const ObjectPtr& owner, const json::value& deployment, const Sets& owned);
  void set_size(const ObjectPtr& owner, const json::value& deployment, const std::string& uid, std::int64_t replicas);
  void forget_old(const json::value& deployment, const ObjectPtr& current, const Sets& owned);

  // deployment_rollout.cpp
  void roll(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const Sets& owned);
  void recreate(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const Sets& owned);
  // Whether the wanted number has changed since the ReplicaSets were sized.
  bool is_scaling(const json::value& deployment, const Sets& owned) const;
  // Gives each ReplicaSet its part of a number that changed during a rollout.
  void share_out(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const Sets& owned);

  // deployment_status.cpp
  bool mark_paused(const ObjectPtr& owner, bool paused);
  void tell(const std::string& uid, const ObjectPtr& current, const Sets& owned);

  const Resource& deployments_;
};

}  // namespace fairlead::sandbox
