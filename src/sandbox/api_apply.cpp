// Server-side apply over HTTP: PATCH with application/apply-patch+yaml.
#include "base/text.h"
#include "base/yaml.h"
#include "sandbox/api.h"
#include "sandbox/body_problems.h"
#include "sandbox/json_edit.h"
#include "sandbox/managed_fields.h"
#include "sandbox/stored_form.h"
#include "sandbox/structured_merge.h"
#include "sandbox/views.h"

namespace fairlead::sandbox {
namespace {

// Kinds as Go's GroupVersionKind prints itself: "apps/v1, Kind=Deployment", "/v1, Kind=Pod".
std::string kind_text(std::string_view api_version, std::string_view kind) {
  std::string version(api_version);
  if (version.find('/') == version.npos) version = "/" + version;
  return version + ", Kind=" + std::string(kind);
}

StatusError apply_conflict(const std::vector<ApplyConflict>& conflicts) {
  StatusError error{409, "Conflict", "", {}};
  json::array causes;
  std::string lines, previous;
  for (const ApplyConflict& conflict : conflicts) {
    std::string who = conflict.manager.text(), path = path_text(conflict.path);
    causes.push_back(
        json::object{{"reason", "FieldManagerConflict"}, {"message", "conflict with " + who}, {"field", path}});
    if (who != previous) lines += (lines.empty() ? "conflicts with " : "\nconflicts with ") + who + ":";
    lines += "\n- " + path;
    previous = who;
  }
  error.details["causes"] = std::move(causes);
  if (conflicts.size() == 1) {
    error.message = "Apply failed with 1 conflict: conflict with " + conflicts[0].manager.text() + ": " +
                    path_text(conflicts[0].path);
  } else {
    error.message = "Apply failed with " + std::to_string(conflicts.size()) + " conflicts: " + lines;
  }
  return error;
}

// Errors that the API server does not foresee have no reason.
StatusError unforeseen(std::string message) {
  StatusError error{500, "", std::move(message), {}};
  error.bare = true;
  return error;
}

constexpr std::string_view annotation = "kubectl.kubernetes.io/last-applied-configuration";

// kubectl's own server-side apply takes over what its client-side apply owned, and keeps that one's annotation right.
ApiResult<Applied> applied(const Message* message, const json::value* live, const json::value& configuration,
                           const ManagedFields& managed, const Write& write, bool force) {
  auto done = apply_configuration(message, live, configuration, managed, write, force);
  if (!done && write.manager == "kubectl" && live) {
    FieldSet allowed = last_applied_fields(message, *live, write.api_version);
    std::vector<ApplyConflict> left;
    for (ApplyConflict& conflict : done.error()) {
      if (!allowed.has(conflict.path)) left.push_back(std::move(conflict));
    }
    if (left.empty()) {
      done = apply_configuration(message, live, configuration, managed, write, true);
    } else {
      done = tl::unexpected(std::move(left));
    }
  }
  if (!done) return refuse(apply_conflict(done.error()));
  return std::move(*done);
}

// Members by name, as Go writes maps.
json::value sorted(const json::value& value) {
  if (value.is_array()) {
    json::array items;
    for (const json::value& item : value.get_array()) items.push_back(sorted(item));
    return items;
  }
  if (!value.is_object()) return value;
  std::map<std::string, const json::value*> members;
  for (const auto& member : value.get_object()) members.emplace(std::string(member.key()), &member.value());
  json::object out;
  for (const auto& [name, member] : members) out[name] = sorted(*member);
  return out;
}

void update_annotation(json::value& object, const json::value& configuration, std::string_view api_version,
                       std::string_view kind) {
  if (text_at(object, {"metadata", "annotations", annotation}).empty()) return;
  json::value shown = configuration;
  shown.get_object()["apiVersion"] = api_version;
  shown.get_object()["kind"] = kind;
  if (find(shown, "metadata", "annotations")) object_in(shown, {"metadata", "annotations"}).erase(annotation);
  object_in(object, {"metadata", "annotations"})[annotation] = compact(sorted(shown)) + "\n";
}

}  // namespace

// The configuration that was sent, checked, without apiVersion and kind.
ApiResult<json::value> Api::configuration(const Call& call, const Message* message, std::string_view kind,
                                          std::string_view api_version) const {
  auto parsed = parse_yaml(call.body, "read the applied configuration", YamlLimits{3 << 20, 100});
  if (!parsed)
    return refuse(
        bad_request("error decoding YAML: error converting YAML to JSON: " + yaml_problem(parsed.error().cause)));
  if (parsed->is_null()) parsed->emplace_object();
  if (!parsed->is_object()) {
    return refuse(
        bad_request("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
                    std::string(json_type(*parsed)) + " into Go value of type map[string]interface {}"));
  }
  std::string given_version(text_at(*parsed, {"apiVersion"})), given_kind(text_at(*parsed, {"kind"}));
  if (given_version != api_version || given_kind != kind) {
    return refuse(bad_request("invalid object type: " + kind_text(given_version, given_kind)));
  }
  if (const json::value* given = find(*parsed, "metadata", "managedFields"); given && !given->is_null()) {
    return refuse(bad_request("metadata.managedFields must be nil"));
  }
  parsed->get_object().erase("apiVersion");
  parsed->get_object().erase("kind");
  if (std::string problem = type_problem(MergeType::of(message), *parsed); !problem.empty()) {
    return refuse(unforeseen("failed to create typed patch object (" +
                             std::string(text_at(*parsed, {"metadata", "namespace"})) + "/" +
                             std::string(text_at(*parsed, {"metadata", "name"})) + "; " +
                             kind_text(given_version, given_kind) + "): " + problem));
  }
  std::string name(text_at(*parsed, {"metadata", "name"})), space(text_at(*parsed, {"metadata", "namespace"}));
  if (!name.empty() && name != call.path.name) {
    return refuse(bad_request("the name of the object (" + name + ") does not match the name on the URL (" +
                              call.path.name + ")"));
  }
  if (!space.empty() && space != call.path.namespace_name) {
    return refuse(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  return std::move(*parsed);
}

ApiResult<Answer> Api::apply_new(const Call& call, json::value configuration) {
  const Resource& resource = *call.path.resource;
  if (text_at(configuration, {"metadata", "name"}).empty()) {
    return refuse(bad_request("the name of the object (" + call.path.name +
                              " based on URL) was undeterminable: name must be provided"));
  }
  if (std::string_view uid = text_at(configuration, {"metadata", "uid"}); !uid.empty()) {
    return refuse(conflict(
        resource.group, resource.plural, call.path.name,
        "uid mismatch: the provided object specified uid " + std::string(uid) + ", and no existing object was found"));
  }
  if (auto checked = check_namespace(call, call.path.name); !checked) return refuse(std::move(checked.error()));
  Writer by = writer(call);
  Write write{by.manager, resource.api_version(), "", resource.subresource("status") ? Reach::but_status : Reach::all,
              objects_.now_text()};
  auto done = applied(resource.structure(), nullptr, configuration, {}, write, call.target.query.flag("force"));
  if (!done) return refuse(std::move(done.error()));
  object_in(done->object, {"metadata"}).erase("resourceVersion");
  if (resource.namespaced) object_in(done->object, {"metadata"})["namespace"] = call.path.namespace_name;
  done->managed.write_to(done->object);
  by.tracked = true;
  json::value object = to_stored(resource, as_decoded(*resource.message, done->object));
  if (auto checked = check_creation(call, object); !checked) return refuse(std::move(checked.error()));
  auto created = objects_.create(resource.custom ? resource : *resource.storage, std::move(object), call.dry_run, by);
  if (!created) return refuse(std::move(created.error()));
  return answer_written(call, nullptr, **created);
}

ApiResult<Answer> Api::apply(const Call& call) {
  const Resource& resource = *call.path.resource;
  auto before = existing(call);
  if (!before && !call.path.subresource.empty()) return refuse(std::move(before.error()));
  auto config = configuration(call, resource.structure(), resource.kind, resource.api_version());
  if (!config) return refuse(std::move(config.error()));
  if (!before) return apply_new(call, std::move(*config));
  bool status = call.path.subresource == "status";
  Writer by = writer(call);
  Write write{by.manager, resource.api_version(), by.subresource, Reach::all, objects_.now_text()};
  if (status) write.reach = Reach::only_status;
  if (!status && resource.subresource("status")) write.reach = Reach::but_status;
  json::value live = view_value(objects_, resource, **before);
  live.get_object().erase("apiVersion");
  live.get_object().erase("kind");
  auto done =
      applied(resource.structure(), &live, *config, ManagedFields::of(live), write, call.target.query.flag("force"));
  if (!done) return refuse(std::move(done.error()));
  if (write.manager == "kubectl") update_annotation(done->object, *config, write.api_version, resource.kind);
  if (done->managed == ManagedFields::of(live)) {
    if (const json::value* entries = find(live, "metadata", "managedFields"))
      object_in(done->object, {"metadata"})["managedFields"] = *entries;
  } else {
    done->managed.write_to(done->object);
  }
  by.tracked = true;
  if (auto checked = check_uid(call, **before, done->object); !checked) return refuse(std::move(checked.error()));
  if (auto checked = check_update(call, **before, done->object); !checked) return refuse(std::move(checked.error()));
  json::value object = to_stored(resource, as_decoded(*resource.message, done->object));
  auto updated =
      objects_.update(*before, std::move(object), status ? Part::status : Part::main, call.dry_run, by, &resource);
  if (!updated) return refuse(std::move(updated.error()));
  return answer_written(call, before->get(), **updated);
}

ApiResult<json::value> Api::apply_scale(const Call& call, const json::value& scale, json::value* workload) const {
  const Message& message = *Schema::builtin().message("Scale");
  auto config = configuration(call, &message, "Scale", "autoscaling/v1");
  if (!config) return refuse(std::move(config.error()));
  const FieldPath replicas{"f:spec", "f:replicas"};
  ManagedFields whole = ManagedFields::of(*workload), part;
  for (const auto& [manager, owned] : whole.owners) {
    if (!owned.fields.has(replicas)) continue;
    Owned& only = part.owners[manager];
    only = owned;
    only.fields = FieldSet();
    only.fields.insert(replicas);
  }
  Write write{writer(call).manager, call.path.resource->api_version(), "scale", Reach::all, ""};
  auto done = apply_configuration(&message, &scale, *config, part, write, call.target.query.flag("force"));
  if (!done) {
    for (ApplyConflict& conflict : done.error()) {
      if (conflict.manager.operation == "Update") conflict.manager.api_version = "autoscaling/v1";
    }
    return refuse(apply_conflict(done.error()));
  }
  for (auto& [manager, owned] : whole.owners) {
    auto now = done->managed.owners.find(manager);
    if (now == done->managed.owners.end() || !now->second.fields.has(replicas)) owned.fields.erase(replicas);
  }
  for (auto& [manager, owned] : done->managed.owners) {
    if (owned.fields.has(replicas)) whole.owners.try_emplace(manager, owned).first->second.fields.insert(replicas);
  }
  std::erase_if(whole.owners, [](const auto& owner) { return owner.second.fields.empty(); });
  whole.write_to(*workload);
  return std::move(done->object);
}

}  // namespace fairlead::sandbox
