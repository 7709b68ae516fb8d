#include "sandbox/controllers.h"

#include "sandbox/names.h"
#include "sandbox/pod_states.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

constexpr int most_per_run = 200;

bool dying(const Object& object) { return wire::at(object.body, {1, 9}).has_value(); }

}  // namespace

struct Controllers::Alive {};

Controllers::Controllers(Objects& objects, std::int64_t now_ms, std::function<void()> wake)
    : alive_(std::make_shared<Alive>()),
      objects_(objects),
      pods_(objects.resources().get("", "pods")),
      replicasets_(objects.resources().get("apps", "replicasets")),
      deployments_(objects.resources().get("apps", "deployments")),
      nodes_(objects.resources().get("", "nodes")),
      namespaces_(objects.resources().get("", "namespaces")),
      recorder_(objects),
      custom_kinds_(objects),
      wake_(std::move(wake)),
      now_ms_(now_ms),
      next_address_(objects.store().count(pods_)) {
  adopt();
  objects_.store().observe([this, alive = std::weak_ptr<Alive>(alive_)](const Change& change) {
    if (alive.lock()) changed(change);
  });
}

Controllers::~Controllers() = default;

void Controllers::adopt() {
  for (const ObjectPtr& pod : objects_.store().list(pods_, "")) {
    if (field_of(*pod, "spec.nodeName").empty()) {
      unscheduled_.insert(Key{What::pod, pod->namespace_name, pod->name});
      continue;
    }
    // Field 3 is status; a pod that is ready has nothing ahead of it.
    if (field_of(*pod, "status.phase") == "Succeeded") continue;
    json::value value = objects_.load_brief(*pod);
    for (const ContainerStory& story : story_of(value).containers) {
      bool waits = story.now == ContainerStory::Now::backing_off || story.now == ContainerStory::Now::pull_backoff;
      if (!waits) continue;
      // The next restarts are spread over the five minutes of the longest back-off.
      std::int64_t delay_ms = 60'000 + static_cast<std::int64_t>(stable_hash(pod->uid) % 240'000);
      pod_due_[pod->uid] = now_ms_ + delay_ms;
      enqueue(Key{What::pod, pod->namespace_name, pod->name}, delay_ms);
      break;
    }
  }
}

void Controllers::enqueue(Key key, std::int64_t delay_ms) {
  std::int64_t at = now_ms_ + delay_ms;
  auto [found, added] = due_.try_emplace(key, at);
  if (!added) {
    if (found->second <= at) return;
    queue_.erase({found->second, key});
    found->second = at;
  }
  queue_.insert({at, std::move(key)});
  if (wake_) wake_();
}

void Controllers::enqueue_owners(const Object& object) {
  for (const std::string& uid : object.owners) {
    ObjectPtr owner = objects_.store().find_uid(uid);
    if (!owner) continue;
    if (owner->resource == &replicasets_) enqueue(Key{What::replicaset, owner->namespace_name, owner->name});
    if (owner->resource == &deployments_) enqueue(Key{What::deployment, owner->namespace_name, owner->name});
    if (dying(*owner)) enqueue(Key{What::finalizers, "", uid});
  }
}

void Controllers::changed(const Change& change) {
  const Object& object = *change.object;
  enqueue_owners(object);
  if (object.resource == &custom_kinds_.definitions()) enqueue(Key{What::definition, "", object.name});
  if (change.type == Change::Type::deleted) {
    if (object.resource != &pods_) enqueue(Key{What::garbage, "", object.uid});
    if (object.resource == &pods_) {
      pod_due_.erase(object.uid);
      unscheduled_.erase(Key{What::pod, object.namespace_name, object.name});
    }
    return;
  }
  if (object.resource == &deployments_) enqueue(Key{What::deployment, object.namespace_name, object.name});
  if (object.resource == &replicasets_) enqueue(Key{What::replicaset, object.namespace_name, object.name});
  if (object.resource == &pods_) enqueue(Key{What::pod, object.namespace_name, object.name});
  if (object.resource == &namespaces_) enqueue(Key{What::namespaces, "", object.name});
  if (object.resource == &nodes_) {
    enqueue(Key{What::node, "", object.name});
    for (const Key& pod : unscheduled_) enqueue(pod);
  }
  if (object.resource != &pods_ && object.resource != &namespaces_ && dying(object)) enqueue(Key{What::finalizers, "", object.uid});
}

std::optional<std::int64_t> Controllers::run(std::int64_t now_ms) {
  now_ms_ = std::max(now_ms_, now_ms);
  for (int done = 0; done < most_per_run && !queue_.empty() && queue_.begin()->first <= now_ms_; ++done) {
    Key key = queue_.begin()->second;
    queue_.erase(queue_.begin());
    due_.erase(key);
    reconcile(key);
  }
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

void Controllers::reconcile(const Key& key) {
  if (key.what == What::garbage) return garbage(key.name);
  if (key.what == What::definition) {
    if (custom_kinds_.reconcile(key.name)) enqueue(key, 200);
    return;
  }
  if (key.what == What::finalizers) return finalizers(key.name);
  const Resource& resource = key.what == What::deployment ? deployments_
                             : key.what == What::replicaset ? replicasets_
                             : key.what == What::pod ? pods_
                             : key.what == What::node ? nodes_
                                                      : namespaces_;
  ObjectPtr object = objects_.store().find(resource, key.namespace_name, key.name);
  if (!object) return;
  switch (key.what) {
    case What::deployment: return deployment(object);
    case What::replicaset: return replicaset(object);
    case What::pod: return pod(object);
    case What::node: return node(object);
    default: return empty_namespace(object);
  }
}

std::string template_hash(const json::value& pod_template) { return name_suffix(stable_hash(compact(pod_template)), 10); }

json::object controller_reference(const Resource& resource, std::string_view name, std::string_view uid) {
  return {{"apiVersion", resource.api_version()}, {"kind", resource.kind}, {"name", name}, {"uid", uid}, {"controller", true}, {"blockOwnerDeletion", true}};
}

std::string pod_address(std::uint64_t index) {
  index += 10;
  return "10." + std::to_string(244 + index / 62'500 % 10) + "." + std::to_string(index / 250 % 250) + "." + std::to_string(2 + index % 250);
}

}  // namespace fairlead::sandbox
