// Where the objects are: in memory, each as immutable bytes under one global resourceVersion, with the latest changes
// kept for watches and for lists that go on at an older version. Not thread-safe: one loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sandbox/resources.h"

namespace fairlead::sandbox {

// One version of one object. `body` is the protobuf message of resource->message, or JSON text where there is none;
// it holds everything, metadata included, but not apiVersion and kind.
struct Object {
  const Resource* resource = nullptr;
  std::string namespace_name;
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  std::vector<std::string> owners;  // uids of metadata.ownerReferences
  std::string body;
};
using ObjectPtr = std::shared_ptr<const Object>;

struct Change {
  enum class Type { added, modified, deleted };
  Type type;
  ObjectPtr object;    // after it; of a deletion, the last state with the version of the deletion
  ObjectPtr previous;  // null when it was added
};

class Store {
 public:
  // The version of the latest write. Versions start well above 0, as on a cluster that has lived.
  std::uint64_t version() const { return version_; }
  std::uint64_t next_version() const { return version_ + 1; }

  ObjectPtr find(const Resource& resource, std::string_view namespace_name, std::string_view name) const;
  ObjectPtr find_uid(std::string_view uid) const;
  // By the text "namespace/name"; all namespaces when `namespace_name` is empty.
  std::vector<ObjectPtr> list(const Resource& resource, std::string_view namespace_name) const;
  // The same as it was at an older version; nothing when that is no longer known.
  std::optional<std::vector<ObjectPtr>> list_at(const Resource& resource, std::string_view namespace_name,
                                                std::uint64_t version) const;
  std::size_t count(const Resource& resource) const;
  // Those that name the uid as an owner.
  std::vector<ObjectPtr> owned_by(std::string_view uid) const;
  // Those of a namespace that name no owner at all.
  std::vector<ObjectPtr> unowned(const Resource& resource, std::string_view namespace_name) const;

  // `object.version` must be next_version(); the body holds it.
  ObjectPtr put(Object object);
  void erase(Object last_state);

  // Changes after that version, oldest first; nothing when some of them are no longer known.
  std::optional<std::vector<Change>> changes_since(std::uint64_t version) const;
  // Forgets the changes so far: version() is the oldest that lists and watches can start from.
  void compact_history();

  // Called after every change. The observer must not write; it lives as long as the store.
  void observe(std::function<void(const Change&)> observer) { observers_.push_back(std::move(observer)); }

 private:
  // "namespace/name", which is also the order that etcd keeps.
  using Table = std::map<std::string, ObjectPtr, std::less<>>;

  void record(Change change);
  void index(const ObjectPtr& object, bool add);
  const Table* table(const Resource& resource) const;

  std::uint64_t version_ = 41207;
  std::uint64_t oldest_ = 41207;  // changes after this one are in history_
  std::unordered_map<const Resource*, Table> tables_;
  std::unordered_map<std::string, ObjectPtr> by_uid_;
  std::unordered_map<std::string, std::map<std::string, ObjectPtr>> owned_;  // owner's uid -> uid -> object
  std::map<std::pair<const Resource*, std::string>, std::map<std::string, ObjectPtr>>
      unowned_;  // and namespace -> name -> object
  std::deque<Change> history_;
  std::vector<std::function<void(const Change&)>> observers_;
};

}  // namespace fairlead::sandbox
