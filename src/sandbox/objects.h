// Reading and writing objects as JSON over the store: what every write does to metadata, optimistic concurrency,
// validation, and deletion with grace, finalizers and propagation. Requests and controllers both go through here.
// Not thread-safe: one loop.
#pragma once

#include <optional>
#include <random>

#include "base/clock.h"
#include "sandbox/service_addresses.h"
#include "sandbox/status_errors.h"
#include "sandbox/store.h"

namespace fairlead::sandbox {

enum class Part {
  main,        // everything but status, where a status subresource keeps that apart
  status,      // only status
  finalizers,  // a namespace's end: everything but status, and what holds it
  whole,       // both: controllers, which write what they know to be right
};

// Who writes, for metadata.managedFields.
struct Writer {
  std::string manager;  // empty: a controller, which is named after what it writes
  std::string api_version;
  std::string subresource;
  bool tracked = false;  // it is applied: the object's managedFields are what they shall be
};

struct DeleteRequest {
  std::optional<std::int64_t> grace_seconds;
  std::string propagation;            // Background, Foreground, Orphan; empty: Background
  std::string uid, resource_version;  // preconditions
  bool dry_run = false;
};

struct Deleted {
  ObjectPtr object;   // its last state
  bool gone = false;  // false: it waits for its grace period or for finalizers
};

class Objects {
 public:
  Objects(Resources& resources, Store& store, const Clock& clock, std::uint64_t seed);

  // The object in the form that its storage keeps (events: core/v1), without apiVersion and kind.
  json::value load(const Object& object) const;
  // The same object as it would be with another resourceVersion.
  ObjectPtr at_version(const Object& object, std::uint64_t version) const;
  json::value load_brief(const Object& object) const;  // without metadata.managedFields

  // `object` is what a client sent, of the types of its schema, namespace and generateName resolved by the caller where
  // needed. With dry_run nothing is stored and the answer is what would have been.
  ApiResult<ObjectPtr> create(const Resource& resource, json::value object, bool dry_run = false,
                              const Writer& writer = {});
  // Adds a complete object as it is, uid and all, but for its resourceVersion, which is set; for fixtures.
  ObjectPtr insert(const Resource& resource, json::value& object);
  ObjectPtr insert(const Resource& resource, json::value&& object) { return insert(resource, object); }
  // `object.metadata.resourceVersion`, when given, must be that of `before`. An update that changes nothing is not
  // stored and answers `before`. `view` is the version of a custom resource that `object` is of; null: the stored one.
  ApiResult<ObjectPtr> update(const ObjectPtr& before, json::value object, Part part, bool dry_run = false,
                              const Writer& writer = {}, const Resource* view = nullptr);
  ApiResult<Deleted> remove(const ObjectPtr& object, const DeleteRequest& request);
  // At once, whatever holds it.
  void erase(const ObjectPtr& object);

  std::string make_uid();
  std::uint64_t random() { return random_(); }
  std::int64_t now() const { return clock_.unix_seconds(); }
  std::string now_text() const;
  const Resources& resources() const { return resources_; }
  Resources& mutable_resources() { return resources_; }
  Store& store() { return store_; }
  const Store& store() const { return store_; }

 private:
  // objects_fields.cpp: metadata.managedFields of `after`; `before` is null for a new object.
  void track(const Resource& resource, const json::value* before, json::value& after, Part part,
             const Writer& writer) const;
  // An update of nothing but the times in metadata.managedFields is none.
  bool differs_by_times(const ObjectPtr& before, const json::value& old, const json::value& object) const;
  // The same with other metadata, whose resourceVersion is `version`; false when that is none.
  bool restamp(Object& packed, const json::value& metadata, std::uint64_t version) const;
  tl::expected<Object, std::string> pack(const Resource& resource, const json::value& object,
                                         std::uint64_t version) const;

  Resources& resources_;
  Store& store_;
  const Clock& clock_;
  std::mt19937_64 random_;
  ServiceAddresses addresses_;
};

}  // namespace fairlead::sandbox
