#include "sandbox/objects.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view foreground = "foregroundDeletion", orphan = "orphan";

std::string decode_failure(const Resource& resource, const std::string& cause) {
  return resource.kind + " in version \"" + resource.version + "\" cannot be handled as a " + resource.kind + ": " + cause;
}

bool keeps_status_apart(const Resource& resource) { return resource.subresource("status") != nullptr; }

void keep(json::object& into, const json::value& from, std::string_view key) {
  const json::value* value = find(from, key);
  if (value) {
    into[key] = *value;
  } else {
    into.erase(key);
  }
}

std::string_view raw_spec(const Object& object) {
  auto spec = wire::at(object.body, {2});
  return spec ? *spec : std::string_view();
}

}  // namespace

Objects::Objects(const Resources& resources, Store& store, const Clock& clock, std::uint64_t seed)
    : resources_(resources), store_(store), clock_(clock), random_(seed) {}

std::string Objects::now_text() const { return format_rfc3339(now()); }

std::string Objects::make_uid() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  std::uint64_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    if (i % 16 == 0) bits = random_();
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    unsigned nibble = static_cast<unsigned>(bits & 15);
    bits >>= 4;
    if (i == 12) nibble = 4;
    if (i == 16) nibble = 8 | (nibble & 3);
    out += digits[nibble];
  }
  return out;
}

json::value Objects::load(const Object& object) const {
  auto decoded = decode(*object.resource->message, object.body);
  return decoded ? std::move(*decoded) : json::value(json::object());
}

json::value Objects::load_brief(const Object& object) const {
  auto decoded = decode(*object.resource->message, object.body, DecodeOptions{false});
  return decoded ? std::move(*decoded) : json::value(json::object());
}

tl::expected<Object, std::string> Objects::pack(const Resource& resource, const json::value& object, std::uint64_t version) const {
  auto bytes = encode(*resource.storage->message, object);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  Object out;
  out.resource = resource.storage;
  out.namespace_name = text_at(object, {"metadata", "namespace"});
  out.name = text_at(object, {"metadata", "name"});
  out.uid = text_at(object, {"metadata", "uid"});
  out.version = version;
  for (const json::value& owner : array_at(object, {"metadata", "ownerReferences"})) out.owners.emplace_back(text_at(owner, {"uid"}));
  bytes->shrink_to_fit();
  out.body = std::move(*bytes);
  return out;
}

ObjectPtr Objects::insert(const Resource& resource, json::value object) {
  std::uint64_t version = store_.next_version();
  object_in(object, {"metadata"})["resourceVersion"] = std::to_string(version);
  auto packed = pack(resource, object, version);
  return packed ? store_.put(std::move(*packed)) : nullptr;
}

// What the API server gives to a service: an address, and ports on the nodes.
void Objects::assign_addresses(json::value& service) {
  std::string type(text_at(service, {"spec", "type"}));
  json::object& spec = object_in(service, {"spec"});
  if (type == "ExternalName") return;
  if (text_in(spec, "clusterIP").empty()) {
    std::uint64_t random = random_();
    spec["clusterIP"] = "10.96." + std::to_string(random % 250) + "." + std::to_string(2 + random / 256 % 250);
  }
  json::value address = spec["clusterIP"];
  spec["clusterIPs"] = json::array{address};
  if ((type != "NodePort" && type != "LoadBalancer") || !spec["ports"].is_array()) return;
  for (json::value& port : spec["ports"].get_array()) {
    if (port.is_object() && integer_at(port, {"nodePort"}) == 0) port.get_object()["nodePort"] = 30'000 + random_() % 2768;
  }
}

ApiResult<ObjectPtr> Objects::create(const Resource& resource, json::value object, bool dry_run, const Writer& writer) {
  // Wrong types are found before anything looks at the values.
  if (auto typed = encode(*resource.storage->message, object); !typed) return refuse(bad_request(decode_failure(resource, typed.error())));
  json::object& metadata = object_in(object, {"metadata"});
  if (!text_in(metadata, "resourceVersion").empty()) {
    return refuse(internal_error("resourceVersion should not be set on objects to be created"));
  }
  for (std::string_view field : {"selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "uid", "creationTimestamp", "generation"}) metadata.erase(field);
  if (std::string prefix(text_in(metadata, "generateName")); text_in(metadata, "name").empty() && !prefix.empty()) {
    std::string space(text_in(metadata, "namespace")), made;
    for (int tries = 0; tries < 8 && (made.empty() || store_.find(resource, space, made)); ++tries) made = prefix.substr(0, 58) + name_suffix(random_());
    metadata["name"] = made;
  }
  std::string name(text_in(metadata, "name")), namespace_name(text_in(metadata, "namespace"));
  if (keeps_status_apart(resource) && resource.kind != "Node") object.get_object().erase("status");
  apply_defaults(resource, object);
  track(resource, nullptr, object, Part::main, writer);
  if (resource.kind == "Pod") {
    admit_pod(object, name_suffix(random_()));
    object_in(object, {"status"}) = json::object{{"phase", "Pending"}, {"qosClass", quality_of_service(object)}};
  } else if (resource.kind == "Namespace") {
    object_in(object, {"status"})["phase"] = "Active";
  }
  if (resource.kind == "Service") assign_addresses(object);
  if (auto causes = validate(resource, object, nullptr); !causes.empty()) {
    return refuse(invalid(resource.group, resource.kind, name, std::move(causes)));
  }
  if (store_.find(resource, namespace_name, name)) return refuse(already_exists(resource.group, resource.plural, name));
  json::object& stamped = object_in(object, {"metadata"});
  stamped["uid"] = make_uid();
  stamped["creationTimestamp"] = now_text();
  if (resource.generation) stamped["generation"] = 1;
  std::uint64_t version = store_.next_version();
  if (!dry_run) stamped["resourceVersion"] = std::to_string(version);
  auto packed = pack(resource, object, version);
  if (!packed) return refuse(bad_request(decode_failure(resource, packed.error())));
  if (dry_run) return std::make_shared<const Object>(std::move(*packed));
  return store_.put(std::move(*packed));
}

ApiResult<ObjectPtr> Objects::update(const ObjectPtr& before, json::value object, Part part, bool dry_run, const Writer& writer) {
  const Resource& resource = *before->resource;
  if (!object.is_object()) return refuse(bad_request("the object is no JSON object"));
  std::string wanted(text_at(object, {"metadata", "resourceVersion"}));
  std::string current = std::to_string(before->version);
  if (!wanted.empty() && wanted != current) return refuse(object_modified(resource.group, resource.plural, before->name));
  std::string uid(text_at(object, {"metadata", "uid"}));
  if (!uid.empty() && uid != before->uid) {
    return refuse(conflict(resource.group, resource.plural, before->name,
                           "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + before->uid));
  }
  json::value old = load(*before);
  if (part == Part::status) {
    json::value with_status = old;
    keep(with_status.get_object(), object, "status");
    if (writer.tracked) keep(object_in(with_status, {"metadata"}), *find(object, "metadata"), "managedFields");
    object = std::move(with_status);
  } else if (part == Part::main && keeps_status_apart(resource)) {
    keep(object.get_object(), old, "status");
  }
  json::object& metadata = object_in(object, {"metadata"});
  for (std::string_view field : {"name", "namespace", "uid", "creationTimestamp", "generation", "selfLink"}) keep(metadata, *find(old, "metadata"), field);
  if (part != Part::whole) {
    for (std::string_view field : {"deletionTimestamp", "deletionGracePeriodSeconds"}) keep(metadata, *find(old, "metadata"), field);
  }
  metadata["resourceVersion"] = current;
  if (part == Part::main) {
    if (auto typed = encode(*resource.message, object); !typed) return refuse(bad_request(decode_failure(resource, typed.error())));
    apply_defaults(resource, object);
    track(resource, &old, object, part, writer);
    if (auto causes = validate(resource, object, &old); !causes.empty()) {
      return refuse(invalid(resource.group, resource.kind, before->name, std::move(causes)));
    }
  } else {
    track(resource, &old, object, part, writer);
  }
  auto packed = pack(resource, object, before->version);
  if (!packed) return refuse(bad_request(decode_failure(resource, packed.error())));
  if (packed->body == before->body || (part != Part::whole && differs_by_times(before, old, object))) return before;
  json::object& stamped = object_in(object, {"metadata"});  // defaults may have moved it
  bool binding = resource.kind == "Pod" && part == Part::whole;  // which counts for nothing
  if (resource.generation && !binding && raw_spec(*packed) != raw_spec(*before)) {
    stamped["generation"] = integer_at(old, {"metadata", "generation"}) + 1;
  }
  std::uint64_t version = store_.next_version();
  if (!dry_run) stamped["resourceVersion"] = std::to_string(version);
  packed = pack(resource, object, version);
  if (!packed) return refuse(bad_request(decode_failure(resource, packed.error())));
  if (dry_run) return std::make_shared<const Object>(std::move(*packed));
  bool released = find(object, "metadata", "deletionTimestamp") && array_at(object, {"metadata", "finalizers"}).empty() && resource.kind != "Pod" &&
                  resource.kind != "Namespace";
  ObjectPtr stored = store_.put(std::move(*packed));
  if (released) erase(stored);
  return stored;
}

ApiResult<Deleted> Objects::remove(const ObjectPtr& object, const DeleteRequest& request) {
  const Resource& resource = *object->resource;
  auto mismatch = [&](std::string_view what, const std::string& wanted, const std::string& have, std::string_view guess) {
    std::string text = "the " + std::string(what) + " in the precondition (" + wanted + ") does not match the " + std::string(what) + " in record (" + have + "). ";
    return refuse(conflict(resource.group, resource.kind, object->name, text + std::string(guess)));
  };
  if (!request.uid.empty() && request.uid != object->uid) {
    return mismatch("UID", request.uid, object->uid, "The object might have been deleted and then recreated");
  }
  if (std::string have = std::to_string(object->version); !request.resource_version.empty() && request.resource_version != have) {
    return mismatch("ResourceVersion", request.resource_version, have, "The object might have been modified");
  }
  json::value value = load(*object);
  json::object& metadata = object_in(value, {"metadata"});
  bool dying = metadata.contains("deletionTimestamp");
  json::array finalizers = array_at(value, {"metadata", "finalizers"});
  auto has = [&](std::string_view name) { return std::find(finalizers.begin(), finalizers.end(), json::value(json::string(name))) != finalizers.end(); };
  if (request.propagation == "Foreground" && !has(foreground)) finalizers.push_back(json::string(foreground));
  if (request.propagation == "Orphan" && !has(orphan)) finalizers.push_back(json::string(orphan));

  std::int64_t grace = 0;
  if (resource.kind == "Pod") {
    grace = request.grace_seconds.value_or(integer_at(value, {"spec", "terminationGracePeriodSeconds"}, 30));
    std::string_view phase = text_at(value, {"status", "phase"});
    if (text_at(value, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") grace = 0;
    if (dying && grace >= integer_at(value, {"metadata", "deletionGracePeriodSeconds"})) grace = -1;  // goes on as it is
  }
  bool waits = grace > 0 || !finalizers.empty() || (resource.kind == "Namespace");
  if (grace < 0) return Deleted{object, false};
  if (!waits) {
    if (!request.dry_run) erase(object);
    return Deleted{object, true};
  }
  if (!dying || grace > 0) {
    metadata["deletionTimestamp"] = format_rfc3339(now() + grace);
    metadata["deletionGracePeriodSeconds"] = grace;
    if (resource.generation) metadata["generation"] = integer_at(value, {"metadata", "generation"}) + 1;
  }
  if (!finalizers.empty()) metadata["finalizers"] = std::move(finalizers);
  std::uint64_t version = store_.next_version();
  if (!request.dry_run) metadata["resourceVersion"] = std::to_string(version);
  if (resource.kind == "Namespace") object_in(value, {"status"})["phase"] = "Terminating";
  auto packed = pack(resource, value, version);
  if (!packed) return refuse(internal_error(packed.error()));
  if (request.dry_run) return Deleted{std::make_shared<const Object>(std::move(*packed)), false};
  return Deleted{store_.put(std::move(*packed)), false};
}

void Objects::erase(const ObjectPtr& object) {
  ObjectPtr current = store_.find(*object->resource, object->namespace_name, object->name);
  if (!current) return;
  json::value value = load(*current);
  std::uint64_t version = store_.next_version();
  object_in(value, {"metadata"})["resourceVersion"] = std::to_string(version);
  auto packed = pack(*current->resource, value, version);
  if (packed) store_.erase(std::move(*packed));
}

}  // namespace fairlead::sandbox
