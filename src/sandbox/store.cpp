#include "sandbox/store.h"

#include <algorithm>

namespace fairlead::sandbox {
namespace {

constexpr std::size_t history_limit = 20'000;

// What a controller may take for its own: the others need no index.
bool may_be_adopted(const Resource& resource) {
  return resource.kind == "Pod" || resource.kind == "ReplicaSet" || resource.kind == "ControllerRevision" ||
         resource.kind == "Job";
}

std::string key_of(std::string_view namespace_name, std::string_view name) {
  std::string key;
  key.reserve(namespace_name.size() + name.size() + 1);
  key.append(namespace_name).append("/").append(name);
  return key;
}

}  // namespace

const Store::Table* Store::table(const Resource& resource) const {
  auto found = tables_.find(resource.storage);
  return found == tables_.end() ? nullptr : &found->second;
}

ObjectPtr Store::find(const Resource& resource, std::string_view namespace_name, std::string_view name) const {
  const Table* objects = table(resource);
  if (!objects) return nullptr;
  auto found = objects->find(key_of(namespace_name, name));
  return found == objects->end() ? nullptr : found->second;
}

ObjectPtr Store::find_uid(std::string_view uid) const {
  auto found = by_uid_.find(std::string(uid));
  return found == by_uid_.end() ? nullptr : found->second;
}

std::vector<ObjectPtr> Store::list(const Resource& resource, std::string_view namespace_name) const {
  std::vector<ObjectPtr> out;
  const Table* objects = table(resource);
  if (!objects) return out;
  auto next = namespace_name.empty() ? objects->begin() : objects->lower_bound(key_of(namespace_name, ""));
  if (namespace_name.empty()) out.reserve(objects->size());
  for (; next != objects->end() && (namespace_name.empty() || next->second->namespace_name == namespace_name); ++next)
    out.push_back(next->second);
  return out;
}

std::optional<std::vector<ObjectPtr>> Store::list_at(const Resource& resource, std::string_view namespace_name,
                                                     std::uint64_t version) const {
  if (version > version_ || version < oldest_) return std::nullopt;
  std::vector<ObjectPtr> now = list(resource, namespace_name);
  if (version == version_) return now;
  // What the oldest later change says was there before it.
  std::map<std::string, ObjectPtr> before;
  for (auto change = history_.rbegin(); change != history_.rend() && change->object->version > version; ++change) {
    const Object& object = *change->object;
    if (object.resource != resource.storage) continue;
    if (!namespace_name.empty() && object.namespace_name != namespace_name) continue;
    before[key_of(object.namespace_name, object.name)] = change->previous;
  }
  std::map<std::string, ObjectPtr> then;
  for (ObjectPtr& object : now) then.emplace(key_of(object->namespace_name, object->name), std::move(object));
  for (auto& [key, object] : before) {
    if (object) {
      then[key] = object;
    } else {
      then.erase(key);
    }
  }
  std::vector<ObjectPtr> out;
  out.reserve(then.size());
  for (auto& [key, object] : then) out.push_back(std::move(object));
  return out;
}

std::size_t Store::count(const Resource& resource) const {
  const Table* objects = table(resource);
  return objects ? objects->size() : 0;
}

std::vector<ObjectPtr> Store::owned_by(std::string_view uid) const {
  std::vector<ObjectPtr> out;
  auto found = owned_.find(std::string(uid));
  if (found == owned_.end()) return out;
  for (const auto& [key, object] : found->second) out.push_back(object);
  return out;
}

std::vector<ObjectPtr> Store::unowned(const Resource& resource, std::string_view namespace_name) const {
  std::vector<ObjectPtr> out;
  auto found = unowned_.find({resource.storage, std::string(namespace_name)});
  if (found == unowned_.end()) return out;
  for (const auto& [name, object] : found->second) out.push_back(object);
  return out;
}

void Store::index(const ObjectPtr& object, bool add) {
  if (object->owners.empty() && may_be_adopted(*object->resource)) {
    auto& names = unowned_[{object->resource, object->namespace_name}];
    if (add) {
      names[object->name] = object;
    } else {
      names.erase(object->name);
    }
  }
  if (add) {
    by_uid_[object->uid] = object;
  } else {
    by_uid_.erase(object->uid);
  }
  for (const std::string& owner : object->owners) {
    if (add) {
      owned_[owner][object->uid] = object;
      continue;
    }
    auto found = owned_.find(owner);
    if (found == owned_.end()) continue;
    found->second.erase(object->uid);
    if (found->second.empty()) owned_.erase(found);
  }
}

ObjectPtr Store::put(Object object) {
  object.resource = object.resource->storage;
  version_ = object.version;
  auto stored = std::make_shared<const Object>(std::move(object));
  ObjectPtr& slot = tables_[stored->resource][key_of(stored->namespace_name, stored->name)];
  ObjectPtr previous = std::move(slot);
  slot = stored;
  if (previous) index(previous, false);
  index(stored, true);
  record(Change{previous ? Change::Type::modified : Change::Type::added, stored, previous});
  return stored;
}

void Store::erase(Object last_state) {
  last_state.resource = last_state.resource->storage;
  version_ = last_state.version;
  Table& objects = tables_[last_state.resource];
  auto found = objects.find(key_of(last_state.namespace_name, last_state.name));
  if (found == objects.end()) return;
  ObjectPtr previous = found->second;
  objects.erase(found);
  index(previous, false);
  record(Change{Change::Type::deleted, std::make_shared<const Object>(std::move(last_state)), previous});
}

void Store::record(Change change) {
  history_.push_back(change);
  if (history_.size() > history_limit) {
    oldest_ = history_.front().object->version;
    history_.pop_front();
  }
  for (const auto& observer : observers_) observer(change);
}

std::optional<std::vector<Change>> Store::changes_since(std::uint64_t version) const {
  if (version < oldest_) return std::nullopt;
  auto first = std::lower_bound(history_.begin(), history_.end(), version + 1,
                                [](const Change& change, std::uint64_t v) { return change.object->version < v; });
  return std::vector<Change>(first, history_.end());
}

void Store::compact_history() {
  history_.clear();
  oldest_ = version_;
}

}  // namespace fairlead::sandbox
