// What makes the sandbox live: small controllers that bring what is there closer to what is wanted, each a function of
// one object over the store, driven by a queue of what changed and of what is due. No clock, no threads: the owner calls
// run() with the time. Not thread-safe: one loop.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "sandbox/custom_kinds.h"
#include "sandbox/objects.h"
#include "sandbox/recorder.h"

namespace fairlead::sandbox {

class Controllers {
 public:
  // Starts to look at changes. What is in the store already is taken to be in order, but for pods that wait for
  // something; `now_ms` as in run(). `wake` is called when run() should be called earlier than it last said.
  Controllers(Objects& objects, std::int64_t now_ms, std::function<void()> wake);
  ~Controllers();
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  // Does what is due, at most a few milliseconds' worth at once. `now_ms` never goes back; where it starts is of no
  // matter. Answers when there is more to do; nothing: when something changes.
  std::optional<std::int64_t> run(std::int64_t now_ms);

 private:
  enum class What { deployment, replicaset, pod, node, garbage, finalizers, namespaces, definition };
  struct Key {
    What what;
    std::string namespace_name, name;  // of garbage and finalizers: name is the owner's uid
    auto operator<=>(const Key&) const = default;
  };

  void changed(const Change& change);
  void enqueue(Key key, std::int64_t delay_ms = 0);
  void enqueue_owners(const Object& object);
  void reconcile(const Key& key);
  void adopt();

  // deployment_controller.cpp
  void deployment(const ObjectPtr& object);
  ObjectPtr new_replicaset(const ObjectPtr& owner, const json::value& deployment, const std::vector<ObjectPtr>& owned);
  void scale_replicaset(const ObjectPtr& owner, const ObjectPtr& replicaset, std::int64_t replicas);
  void roll(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const std::vector<ObjectPtr>& owned);
  void deployment_status(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const std::vector<ObjectPtr>& owned);
  // replicaset_controller.cpp
  void replicaset(const ObjectPtr& object);
  // pod_controller.cpp: scheduler and kubelet
  void pod(const ObjectPtr& object);
  void schedule(const ObjectPtr& object, json::value value);
  void start(const ObjectPtr& object, json::value value);
  void restart(const ObjectPtr& object, json::value value);
  void vanish(const ObjectPtr& object);
  // garbage_controller.cpp
  void node(const ObjectPtr& object);
  void garbage(const std::string& owner_uid);
  void finalizers(const std::string& uid);
  void empty_namespace(const ObjectPtr& object);

  struct Alive;  // ends the store's observer with this object
  std::shared_ptr<Alive> alive_;
  Objects& objects_;
  const Resource &pods_, &replicasets_, &deployments_, &nodes_, &namespaces_;
  Recorder recorder_;
  CustomKinds custom_kinds_;
  std::function<void()> wake_;
  std::int64_t now_ms_ = 0;
  std::set<std::pair<std::int64_t, Key>> queue_;
  std::map<Key, std::int64_t> due_;
  std::unordered_map<std::string, std::int64_t> pod_due_;  // by uid: when its next step is due
  std::set<Key> unscheduled_;
  std::uint64_t next_address_ = 0, next_node_ = 0;
};

// The name suffix that a pod template gives to its ReplicaSet.
std::string template_hash(const json::value& pod_template);

// Owner references as controllers write them.
json::object controller_reference(const Resource& resource, std::string_view name, std::string_view uid);

// An address of a pod; unique for the first 65,000 or so.
std::string pod_address(std::uint64_t index);

}  // namespace fairlead::sandbox
