#include "sandbox/objects.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/pod_parts.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/quota.h"
#include "sandbox/uid_precondition.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

constexpr std::uint32_t metadata_field = 1;  // the first of every object
constexpr std::string_view foreground = "foregroundDeletion", orphan = "orphan";

std::string decode_failure(const Resource& resource, const std::string& cause) {
  return resource.kind + " in version \"" + resource.version + "\" cannot be handled as a " + resource.kind + ": " +
         cause;
}

// Wrong types are found before anything looks at the values. What a client sent otherwise has been decoded already.
ApiResult<void> check_types(const Resource& resource, const Message& message, const json::value& object,
                            const Writer& writer) {
  if (!writer.tracked) return {};
  if (auto typed = encode(message, object); !typed) return refuse(bad_request(decode_failure(resource, typed.error())));
  return {};
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

// Field 2 is spec, 3 is status, of all kinds whose generation counts.
std::string_view raw_field(const Object& object, std::uint32_t field) {
  auto bytes = wire::at(object.body, {field});
  return bytes ? *bytes : std::string_view();
}

// DaemonSets count their templates in an annotation.
void count_template(json::value& set, const json::value* before) {
  constexpr std::string_view annotation = "deprecated.daemonset.template.generation";
  std::string count = "1";
  if (before) {
    count = text_at(*before, {"metadata", "annotations", annotation});
    const json::value *now = find(set, "spec", "template"), *was = find(*before, "spec", "template");
    bool same = now && was && *now == *was;
    if (!same) count = std::to_string(std::strtoll(count.c_str(), nullptr, 10) + 1);
  }
  if (!count.empty()) object_in(set, {"metadata", "annotations"})[annotation] = count;
}

// A job's pods are told from others by labels with its uid and name.
void label_job(json::value& job) {
  if (flag_at(job, {"spec", "manualSelector"})) return;
  std::string uid(text_at(job, {"metadata", "uid"})), name(text_at(job, {"metadata", "name"}));
  json::object& labels = object_in(job, {"spec", "template", "metadata", "labels"});
  for (std::string_view prefix : {"batch.kubernetes.io/", ""}) {
    set_default(labels, std::string(prefix) + "job-name", json::string(name));
    set_default(labels, std::string(prefix) + "controller-uid", json::string(uid));
  }
  set_default(object_in(job, {"spec", "selector", "matchLabels"}), "batch.kubernetes.io/controller-uid",
              json::string(uid));
  if (object_at(job, {"metadata", "labels"}).empty())
    object_in(job, {"metadata"})["labels"] = json::value(object_at(job, {"spec", "template", "metadata", "labels"}));
}

// What of the metadata a status's writer may change as well.
std::vector<std::string_view> status_metadata(const Resource& resource) {
  std::vector<std::string_view> out{"annotations", "finalizers"};
  if (resource.kind != "Deployment") out.push_back("labels");
  if (resource.kind != "Pod") out.push_back("ownerReferences");
  return out;
}

}  // namespace

Objects::Objects(Resources& resources, Store& store, const Clock& clock, std::uint64_t seed)
    : resources_(resources), store_(store), clock_(clock), random_(seed), addresses_(resources, store) {}

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

tl::expected<Object, std::string> Objects::pack(const Resource& resource, const json::value& object,
                                                std::uint64_t version) const {
  auto bytes = encode(*resource.storage->message, object);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  Object out;
  out.resource = resource.storage;
  out.namespace_name = text_at(object, {"metadata", "namespace"});
  out.name = text_at(object, {"metadata", "name"});
  out.uid = text_at(object, {"metadata", "uid"});
  out.version = version;
  for (const json::value& owner : array_at(object, {"metadata", "ownerReferences"}))
    out.owners.emplace_back(text_at(owner, {"uid"}));
  bytes->shrink_to_fit();
  out.body = std::move(*bytes);
  return out;
}

bool Objects::restamp(Object& packed, const json::value& metadata, std::uint64_t version) const {
  auto bytes = encode(*Schema::builtin().message("ObjectMeta"), metadata);
  auto old = wire::at(packed.body, {metadata_field});
  if (!bytes || !old) return false;
  const std::size_t rest = static_cast<std::size_t>(old->data() + old->size() - packed.body.data());
  std::string body;
  body.reserve(bytes->size() + packed.body.size() - rest + 8);
  wire::put_bytes(body, metadata_field, *bytes);
  body.append(packed.body, rest);
  packed.body = std::move(body);
  packed.version = version;
  return true;
}

ObjectPtr Objects::at_version(const Object& object, std::uint64_t version) const {
  json::value value = load(object);
  object_in(value, {"metadata"})["resourceVersion"] = std::to_string(version);
  auto packed = pack(*object.resource, value, version);
  return packed ? std::make_shared<const Object>(std::move(*packed)) : nullptr;
}

ObjectPtr Objects::insert(const Resource& resource, json::value& object) {
  std::uint64_t version = store_.next_version();
  object_in(object, {"metadata"})["resourceVersion"] = std::to_string(version);
  auto packed = pack(resource, object, version);
  return packed ? store_.put(std::move(*packed)) : nullptr;
}

ApiResult<ObjectPtr> Objects::create(const Resource& resource, json::value object, bool dry_run, const Writer& writer) {
  if (auto typed = check_types(resource, *resource.storage->message, object, writer); !typed)
    return refuse(std::move(typed.error()));
  json::object& metadata = object_in(object, {"metadata"});
  if (!text_in(metadata, "resourceVersion").empty()) {
    return refuse(plain_error("resourceVersion should not be set on objects to be created"));
  }
  for (std::string_view field :
       {"selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "uid", "creationTimestamp"})
    metadata.erase(field);
  if (resource.generation) metadata.erase("generation");
  if (keeps_status_apart(resource) && !resource.is_builtin("Node")) object.get_object().erase("status");
  if (keeps_status_apart(resource) && !resource.is_builtin("Node") && !resource.custom)
    object.get_object()["status"] = initial_status(resource);
  apply_defaults(resource, object);
  track(resource, nullptr, object, Part::main, writer);
  if (auto admitted = admit(*this, resource, object); !admitted) return refuse(std::move(admitted.error()));
  json::object& stamped = object_in(object, {"metadata"});
  if (std::string prefix(text_in(stamped, "generateName")); text_in(stamped, "name").empty() && !prefix.empty()) {
    std::string space(text_in(stamped, "namespace")), made;
    for (int tries = 0; tries < 8 && (made.empty() || store_.find(resource, space, made)); ++tries)
      made = prefix.substr(0, 58) + name_suffix(random_());
    stamped["name"] = made;
  }
  if (resource.is_builtin("LimitRange") && text_in(stamped, "name").empty()) stamped["name"] = make_uid();
  stamped["uid"] = make_uid();
  stamped["creationTimestamp"] = now_text();
  std::string name(text_in(stamped, "name")), namespace_name(text_in(stamped, "namespace"));
  std::vector<Cause> causes;
  if (resource.is_builtin("Pod")) {
    object_in(object, {"status"}) = json::object{{"phase", "Pending"}, {"qosClass", quality_of_service(object)}};
  } else if (resource.is_builtin("Namespace")) {
    object_in(object, {"status"})["phase"] = "Active";
    json::array& finalizers = array_in(object_in(object, {"spec"}), "finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), json::value("kubernetes")) == finalizers.end())
      finalizers.push_back("kubernetes");
  } else if (resource.is("batch", "jobs")) {
    label_job(object);
  } else if (resource.is("apps", "daemonsets")) {
    count_template(object, nullptr);
  } else if (resource.is("", "services")) {
    causes = addresses_.assign(object, nullptr, [this] { return random_(); });
  }
  if (causes.empty()) causes = validate(resource, object, nullptr);
  if (!causes.empty()) return refuse(invalid(resource.group, resource.kind, name, std::move(causes)));
  if (ObjectPtr there = store_.find(resource, namespace_name, name)) {
    StatusError error = already_exists(resource.group, resource.plural, name);
    if (find(load_brief(*there), "metadata", "deletionTimestamp"))
      error.message = "object is being deleted: " + error.message;
    return refuse(std::move(error));
  }
  if (auto checked = check_limits(*this, resource, object, nullptr, dry_run); !checked)
    return refuse(std::move(checked.error()));
  json::object& finished = object_in(object, {"metadata"});  // what was added may have moved it
  if (resource.generation) finished["generation"] = 1;
  std::uint64_t version = store_.next_version();
  if (!dry_run) finished["resourceVersion"] = std::to_string(version);
  auto packed = pack(resource, object, version);
  if (!packed) return refuse(bad_request(decode_failure(resource, packed.error())));
  if (dry_run) return std::make_shared<const Object>(std::move(*packed));
  return store_.put(std::move(*packed));
}

ApiResult<ObjectPtr> Objects::update(const ObjectPtr& before, json::value object, Part part, bool dry_run,
                                     const Writer& writer, const Resource* view) {
  const Resource& resource = view && view->custom ? *view : *before->resource;
  if (!object.is_object()) return refuse(bad_request("the object is no JSON object"));
  std::string wanted(text_at(object, {"metadata", "resourceVersion"}));
  std::string current = std::to_string(before->version);
  if (wanted == "0") wanted.clear();
  if (wanted.find_first_not_of("0123456789") != wanted.npos) {
    return refuse(
        plain_error("strconv.ParseUint: parsing " + compact(json::value(json::string(wanted))) + ": invalid syntax"));
  }
  if (!wanted.empty() && wanted != current)
    return refuse(object_modified(resource.group, resource.plural, before->name));
  std::string uid(text_at(object, {"metadata", "uid"}));
  if (!uid.empty() && uid != before->uid) {
    return refuse(uid_mismatch(resource, before->namespace_name, before->name, uid, before->uid));
  }
  json::value old = load(*before);
  const bool confined = resource.is_builtin("Pod") && is_pod_part(writer.subresource);
  if (confined) {
    json::value changed = with_part(writer.subresource, old, object);
    keep(object_in(changed, {"metadata"}), *find(object, "metadata"), "managedFields");
    object = std::move(changed);
  }
  if (part == Part::status) {
    json::value with_status = old;
    keep(with_status.get_object(), object, "status");
    if (const json::value* given = find(object, "metadata"); given && !resource.custom) {
      for (std::string_view field : status_metadata(resource))
        keep(object_in(with_status, {"metadata"}), *given, field);
    }
    if (writer.tracked) keep(object_in(with_status, {"metadata"}), *find(object, "metadata"), "managedFields");
    object = std::move(with_status);
  } else if (part == Part::finalizers) {
    keep(object.get_object(), old, "status");
  } else if (part == Part::main && keeps_status_apart(resource)) {
    keep(object.get_object(), old, "status");
  }
  json::object& metadata = object_in(object, {"metadata"});
  if (std::string_view given = text_in(metadata, "deletionTimestamp");
      part == Part::main && !given.empty() && given != text_at(old, {"metadata", "deletionTimestamp"})) {
    Cause fixed = invalid_value("metadata.deletionTimestamp", json::string(given), "field is immutable");
    return refuse(invalid(resource.group, resource.kind, before->name,
                          {fixed, fixed}));  // the server's generic checks and the kind's own
  }
  for (std::string_view field : {"name", "namespace", "uid", "creationTimestamp", "generation", "selfLink"})
    keep(metadata, *find(old, "metadata"), field);
  if (part != Part::whole) {
    for (std::string_view field : {"deletionTimestamp", "deletionGracePeriodSeconds"})
      keep(metadata, *find(old, "metadata"), field);
  }
  metadata["resourceVersion"] = current;
  if (resource.is_builtin("Namespace") && part == Part::main)
    keep(object_in(object, {"spec"}), *find(old, "spec"), "finalizers");
  if (part == Part::status && !resource.custom && *find(object, "metadata") != *find(old, "metadata")) {
    Findings found;
    check_metadata(resource, object, &old, found);
    if (auto causes = found.take(); !causes.empty())
      return refuse(invalid(resource.group, resource.kind, before->name, std::move(causes)));
  }
  if (part == Part::main || part == Part::finalizers) {
    if (auto typed = check_types(resource, *resource.message, object, writer); !typed)
      return refuse(std::move(typed.error()));
    apply_defaults(resource, object);
    track(resource, &old, object, part, writer);
    admit_update(resource, object);
    if (resource.is("apps", "daemonsets")) count_template(object, &old);
    std::vector<Cause> causes;
    if (resource.is("", "services")) causes = addresses_.assign(object, &old, [this] { return random_(); });
    if (confined) causes = check_part(writer.subresource, object, old);
    // What the subresource may change is no change that a pod forbids.
    json::value base = confined ? with_part(writer.subresource, old, object) : json::value();
    if (causes.empty()) causes = validate(resource, object, confined ? &base : &old);
    if (!causes.empty()) return refuse(invalid(resource.group, resource.kind, before->name, std::move(causes)));
    if (auto checked = check_limits(*this, resource, object, &old, dry_run); !checked)
      return refuse(std::move(checked.error()));
  }
  if (part != Part::main && part != Part::finalizers) track(resource, &old, object, part, writer);
  if (part == Part::status && resource.custom) {
    apply_defaults(resource, object);
    if (auto causes = check_custom(*resource.custom, object, &old, true); !causes.empty()) {
      return refuse(invalid(resource.group, resource.kind, before->name, std::move(causes)));
    }
  }
  auto packed = pack(resource, object, before->version);
  if (!packed) return refuse(bad_request(decode_failure(resource, packed.error())));
  if (packed->body == before->body || (part != Part::whole && differs_by_times(before, old, object))) return before;
  json::object& stamped = object_in(object, {"metadata"});           // defaults may have moved it
  bool binding = resource.is_builtin("Pod") && part == Part::whole;  // which counts for nothing
  bool counts_status =
      resource.custom && !keeps_status_apart(resource) && raw_field(*packed, 3) != raw_field(*before, 3);
  if (resource.generation && !binding && (raw_field(*packed, 2) != raw_field(*before, 2) || counts_status)) {
    stamped["generation"] = integer_at(old, {"metadata", "generation"}) + 1;
  }
  std::uint64_t version = store_.next_version();
  if (!dry_run) stamped["resourceVersion"] = std::to_string(version);
  if (!restamp(*packed, *find(object, "metadata"), version)) return refuse(internal_error("metadata"));
  if (dry_run) return std::make_shared<const Object>(std::move(*packed));
  bool released = find(object, "metadata", "deletionTimestamp") &&
                  array_at(object, {"metadata", "finalizers"}).empty() && !resource.is_builtin("Pod") &&
                  !resource.is_builtin("Namespace");
  // What goes with its last finalizer is never stored without it.
  if (released) erase(before);
  if (released) return std::make_shared<const Object>(std::move(*packed));
  return store_.put(std::move(*packed));
}

ApiResult<Deleted> Objects::remove(const ObjectPtr& object, const DeleteRequest& request) {
  const Resource& resource = *object->resource;
  bool lasting = object->name == "default" || object->name == "kube-system" || object->name == "kube-public";
  if (resource.is("", "namespaces") && lasting)
    return refuse(forbidden("", "namespaces", object->name, "this namespace may not be deleted"));
  auto mismatch = [&](std::string_view what, const std::string& wanted, const std::string& have,
                      std::string_view guess) {
    std::string text = "the " + std::string(what) + " in the precondition (" + wanted + ") does not match the " +
                       std::string(what) + " in record (" + have + "). ";
    return refuse(conflict(resource.group, resource.kind, object->name, text + std::string(guess)));
  };
  if (!request.uid.empty() && request.uid != object->uid) {
    return mismatch("UID", request.uid, object->uid, "The object might have been deleted and then recreated");
  }
  if (std::string have = std::to_string(object->version);
      !request.resource_version.empty() && request.resource_version != have) {
    return mismatch("ResourceVersion", request.resource_version, have, "The object might have been modified");
  }
  json::value value = load(*object);
  json::object& metadata = object_in(value, {"metadata"});
  bool dying = metadata.contains("deletionTimestamp");
  json::array finalizers = array_at(value, {"metadata", "finalizers"});
  auto has = [&](std::string_view name) {
    return std::find(finalizers.begin(), finalizers.end(), json::value(json::string(name))) != finalizers.end();
  };
  if (request.propagation == "Foreground" && !has(foreground)) finalizers.push_back(json::string(foreground));
  if (request.propagation == "Orphan" && !has(orphan)) finalizers.push_back(json::string(orphan));

  std::int64_t grace = 0;
  if (resource.is_builtin("Pod")) {
    grace = request.grace_seconds.value_or(integer_at(value, {"spec", "terminationGracePeriodSeconds"}, 30));
    std::string_view phase = text_at(value, {"status", "phase"});
    if (text_at(value, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") grace = 0;
    if (dying && grace >= integer_at(value, {"metadata", "deletionGracePeriodSeconds"}))
      grace = -1;  // goes on as it is
  }
  if (resource.is_builtin("CustomResourceDefinition") && !dying) mark_for_cleanup(value, finalizers, now_text());
  bool waits = grace > 0 || !finalizers.empty() || (resource.is_builtin("Namespace"));
  if (grace < 0) return Deleted{object, false};
  // A pod that need not wait is marked before it goes, as one that does.
  bool marked = resource.is_builtin("Pod") && !waits && !request.dry_run;
  if (marked) waits = true;
  if (!waits) {
    if (!request.dry_run) erase(object);
    return Deleted{object, true};
  }
  if (!dying || grace > 0 || marked) {
    metadata["deletionTimestamp"] = format_rfc3339(now() + grace);
    // Their deletions are ones of their own.
    bool definition = resource.is_builtin("CustomResourceDefinition"), space = resource.is_builtin("Namespace");
    if (!definition && !space) metadata["deletionGracePeriodSeconds"] = grace;
    if (resource.generation && !definition) metadata["generation"] = integer_at(value, {"metadata", "generation"}) + 1;
  }
  if (!finalizers.empty()) metadata["finalizers"] = std::move(finalizers);
  std::uint64_t version = store_.next_version();
  if (!request.dry_run) metadata["resourceVersion"] = std::to_string(version);
  if (resource.is_builtin("Namespace")) object_in(value, {"status"})["phase"] = "Terminating";
  auto packed = pack(resource, value, version);
  if (!packed) return refuse(internal_error(packed.error()));
  if (request.dry_run) return Deleted{std::make_shared<const Object>(std::move(*packed)), false};
  ObjectPtr stored = store_.put(std::move(*packed));
  if (marked) erase(stored);
  return Deleted{std::move(stored), marked};
}

void Objects::erase(const ObjectPtr& object) {
  ObjectPtr current = store_.find(*object->resource, object->namespace_name, object->name);
  if (!current) return;
  json::value value = load(*current);
  std::uint64_t version = store_.next_version();
  object_in(value, {"metadata"})["resourceVersion"] = std::to_string(version);
  auto packed = pack(*current->resource, value, version);
  if (packed) store_.erase(std::move(*packed));
  release_quotas(*this, *current->resource, value);
}

}  // namespace fairlead::sandbox
