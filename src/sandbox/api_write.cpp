#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/body_problems.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/patch.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/stored_form.h"
#include "sandbox/uid_precondition.h"
#include "sandbox/views.h"
#include "sandbox/write_options.h"

namespace fairlead::sandbox {
namespace {

std::string_view after_slash(std::string_view api_version) {
  std::size_t slash = api_version.find('/');
  return slash == api_version.npos ? api_version : api_version.substr(slash + 1);
}

struct KindName {
  std::string_view kind, api_version;
  bool operator==(const KindName&) const = default;
};

bool is_known(const Resources& resources, const KindName& name) {
  if (name.api_version == "v1" && (name.kind == "List" || name.kind == "Status" || name.kind == "DeleteOptions"))
    return true;
  return std::any_of(resources.all().begin(), resources.all().end(), [&](const auto& one) {
    if (one->api_version() == name.api_version && (one->kind == name.kind || one->kind + "List" == name.kind))
      return true;
    return std::any_of(one->subresources.begin(), one->subresources.end(), [&](const Subresource& part) {
      return part.kind == name.kind &&
             (part.group.empty() ? part.version : part.group + "/" + part.version) == name.api_version;
    });
  });
}

// Why an object that calls itself `given` is not one of `wanted`; empty where it is.
std::string kind_problem(const Resources& resources, const KindName& wanted, const KindName& given) {
  if (given == wanted) return {};
  if (!is_known(resources, given)) {
    return "no kind \"" + std::string(given.kind) + "\" is registered for version \"" + std::string(given.api_version) +
           "\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"";
  }
  if (given.kind == wanted.kind) {
    return "the API version in the data (" + std::string(given.api_version) +
           ") does not match the expected API version (" + std::string(wanted.api_version) + ")";
  }
  std::string_view group = wanted.api_version.substr(0, wanted.api_version.find_first_of("./"));
  return "converting (" + std::string(after_slash(given.api_version)) + "." + std::string(given.kind) + ") to (" +
         std::string(wanted.api_version.find('/') == wanted.api_version.npos ? "core" : group) + "." +
         std::string(wanted.kind) + "): unknown conversion";
}

StatusError unrecognized(std::string_view kind, const std::string& why, std::string_view body) {
  return bad_request("the object provided is unrecognized (must be of type " + std::string(kind) + "): " + why + " (" +
                     shown_body(body) + ")");
}

// What a client sends as JSON or YAML.
ApiResult<json::value> parse_body(std::string_view body, std::string_view type, std::string_view kind) {
  if (type == "application/yaml") {
    auto value = parse_yaml(body, "read the request's body");
    if (!value) return refuse(unrecognized(kind, yaml_problem(value.error().cause), body));
    return std::move(*value);
  }
  auto unreadable = [&](const std::string& why) {
    return refuse(unrecognized(kind, "couldn't get version/kind; json parse error: " + why, body));
  };
  auto value = parse_json(body, "read the request's body", JsonLimits{8 << 20, 120});
  if (!value) {
    std::string why = json_problem(body);
    return unreadable(why.empty() ? value.error().cause : why);
  }
  if (value->is_null()) return json::value(json::object());
  if (const json::value* named = find(*value, "kind"); named && !named->is_string() && !named->is_null()) {
    return unreadable("json: cannot unmarshal " + std::string(json_type(*named)) +
                      " into Go struct field .kind of type string");
  }
  if (!value->is_object()) {
    return unreadable("json: cannot unmarshal " + std::string(json_type(*value)) +
                      " into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind "
                      "string \"json:\\\"kind,omitempty\\\"\" }");
  }
  return std::move(*value);
}

std::string unfit(std::string_view kind, std::string_view api_version) {
  return std::string(kind) + " in version \"" + std::string(after_slash(api_version)) + "\" cannot be handled as a " +
         std::string(kind) + ": ";
}

std::string no_protobuf(std::string_view kind, std::string_view api_version) {
  return unfit(kind, api_version) +
         "object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be "
         "encoded to a protobuf message";
}

bool created_by_put(const Resource& resource) {
  if (resource.group == "rbac.authorization.k8s.io") return true;
  for (auto [group, plural] : {std::pair{"", "services"},
                               {"", "endpoints"},
                               {"", "events"},
                               {"events.k8s.io", "events"},
                               {"", "limitranges"},
                               {"coordination.k8s.io", "leases"}}) {
    if (resource.is(group, plural)) return true;
  }
  return false;
}

}  // namespace

ApiResult<json::value> Api::request_object(const Call& call, const Message& message, std::string_view kind,
                                           std::string_view api_version, std::string_view older) const {
  std::string type = media_type(call.content_type);
  if (type.empty()) type = "application/json";
  json::value value;
  std::string text;  // where it is JSON or YAML
  EncodeOptions options;
  if (type == "application/vnd.kubernetes.protobuf") {
    auto unwrapped = unwrap(call.body);
    if (message.others()) return refuse(bad_request(no_protobuf(kind, api_version)));
    if (!unwrapped || call.body == std::string_view("k8s\0", 4)) {
      std::string why = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
      if (call.body.empty()) why = "empty data";
      if (call.body == std::string_view("k8s\0", 4)) why = "empty body";
      return refuse(unrecognized(kind, why, call.body));
    }
    auto decoded = decode(message, unwrapped->raw, DecodeOptions{true, true});
    if (!decoded) return refuse(bad_request("unable to decode the request's body: " + decoded.error()));
    value = std::move(*decoded);
    value.get_object()["kind"] = unwrapped->kind;
    value.get_object()["apiVersion"] = unwrapped->api_version;
  } else if (type == "application/json" || type == "application/yaml") {
    options.strict_integers = type == "application/json";
    text = options.strict_integers ? without_lone_surrogates(call.body) : std::string(call.body);
    auto parsed = parse_body(text, type, kind);
    if (!parsed) return parsed;
    value = std::move(*parsed);
    if (!options.strict_integers) text = compact(value);
  } else {
    return refuse(unknown_body_format());
  }
  if (!value.is_object()) return refuse(bad_request("the body is no object"));
  std::string_view given_kind = text_at(value, {"kind"}), given_version = text_at(value, {"apiVersion"});
  if (!message.others() && std::count(given_version.begin(), given_version.end(), '/') > 1) {
    return refuse(unrecognized(kind, "unexpected GroupVersion string: " + std::string(given_version), call.body));
  }
  if (message.others()) {
    if (given_kind.empty()) {
      return refuse(bad_request(unfit(kind, api_version) + "Object 'Kind' is missing in '" +
                                std::string(type == "application/json" ? call.body : compact(value)) + "'"));
    }
    if (given_kind != kind && given_version == api_version) {
      Cause cause = invalid_value("kind", json::string(given_kind), "must be " + std::string(kind));
      return refuse(
          invalid(call.path.resource->group, given_kind, text_at(value, {"metadata", "name"}), {std::move(cause)}));
    }
    given_kind = {};
  }
  if (given_kind.empty()) given_kind = kind;
  if (given_version.empty() || (!older.empty() && given_version == older)) given_version = api_version;
  if (std::string problem = kind_problem(objects_.resources(), {kind, api_version}, {given_kind, given_version});
      !problem.empty()) {
    if (problem.starts_with("the API version")) return refuse(bad_request(std::move(problem)));
    return refuse(bad_request(std::string(given_kind) + " in version \"" + std::string(after_slash(given_version)) +
                              "\" cannot be handled as a " + std::string(kind) + ": " + problem));
  }
  value.get_object().erase("kind");
  value.get_object().erase("apiVersion");
  auto typed = encode(message, value, options);
  if (!typed) return refuse(bad_request(unfit(kind, api_version) + typed.error()));
  if (call.method == "DELETE") return value;  // options are not decoded strictly
  const Message* fields = message.others() ? call.path.resource->structure() : &message;
  if (std::string problem = check_fields(call, text, fields); !problem.empty())
    return refuse(bad_request(unfit(kind, api_version) + problem));
  return as_decoded(message, value);
}

std::string Api::check_fields(const Call& call, std::string_view json, const Message* message) const {
  FieldValidation how = field_validation(call.target.query);
  if (how == FieldValidation::ignore) return {};
  std::vector<std::string> problems = strict_problems(json, message);
  if (how == FieldValidation::warn) {
    call.warnings.insert(call.warnings.end(), problems.begin(), problems.end());
    return {};
  }
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "strict decoding error: " : ", ") + problem;
  return all;
}

Writer Api::writer(const Call& call) const {
  return Writer{field_manager(call.target.query, call.user_agent), call.path.resource->storage->api_version(),
                call.path.subresource, false};
}

ApiResult<void> Api::check_namespace(const Call& call, std::string_view name) const {
  const Resource& resource = *call.path.resource;
  if (!resource.namespaced) return {};
  const Resource& namespaces = objects_.resources().get("", "namespaces");
  ObjectPtr found = objects_.store().find(namespaces, "", call.path.namespace_name);
  if (!found) return refuse(not_found("", "namespaces", call.path.namespace_name));
  if (field_of(*found, "status.phase") == "Terminating") {
    return refuse(namespace_terminating(resource.group, resource.plural, name, call.path.namespace_name));
  }
  return {};
}

// That the object names itself, and its namespace, as the path does.
ApiResult<void> Api::check_place(const Call& call, const json::value& object) const {
  std::string_view name = text_at(object, {"metadata", "name"}), space = text_at(object, {"metadata", "namespace"});
  if (name.empty())
    return refuse(bad_request("the name of the object (" + call.path.name +
                              " based on URL) was undeterminable: name must be provided"));
  if (name != call.path.name) {
    return refuse(bad_request("the name of the object (" + std::string(name) +
                              ") does not match the name on the URL (" + call.path.name + ")"));
  }
  if (!space.empty() && space != call.path.namespace_name) {
    return refuse(bad_request("the namespace of the object (" + std::string(space) +
                              ") does not match the namespace on the request (" + call.path.namespace_name + ")"));
  }
  return {};
}

// For most kinds a PUT of what is not there is refused.
ApiResult<Answer> Api::put_new(const Call& call, json::value object) {
  const Resource& resource = *call.path.resource;
  if (auto checked = check_namespace(call, call.path.name); !checked) return refuse(std::move(checked.error()));
  if (auto checked = check_creation(call, object); !checked) return refuse(std::move(checked.error()));
  json::object& metadata = object_in(object, {"metadata"});
  metadata.erase("resourceVersion");
  if (resource.namespaced) metadata["namespace"] = call.path.namespace_name;
  object = to_stored(resource, std::move(object));
  auto created = objects_.create(*resource.storage, std::move(object), call.dry_run, writer(call));
  if (!created) return refuse(std::move(created.error()));
  return answer_written(call, nullptr, **created);
}

ApiResult<Answer> Api::create(const Call& call) {
  const Resource& resource = *call.path.resource;
  auto sent = request_object(call, *resource.message, resource.kind, resource.api_version());
  if (!sent) return refuse(std::move(sent.error()));
  json::object& metadata = object_in(*sent, {"metadata"});
  std::string_view given = text_in(metadata, "namespace");
  if (!resource.namespaced) {
    metadata.erase("namespace");
  } else if (!given.empty() && given != call.path.namespace_name) {
    return refuse(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  } else {
    metadata["namespace"] = call.path.namespace_name;
  }
  if (auto checked = check_namespace(call, text_in(metadata, "name")); !checked)
    return refuse(std::move(checked.error()));
  if (auto checked = check_escalation(authorizer_, call.user, call.attributes, *sent, nullptr); !checked)
    return refuse(std::move(checked.error()));
  json::value object = to_stored(resource, std::move(*sent));
  if (resource.custom && resource.custom->terminating) {
    return refuse(forbidden(resource.group, resource.plural, text_at(object, {"metadata", "name"}),
                            "create not allowed while custom resource definition is terminating"));
  }
  auto created =
      objects_.create(resource.custom ? resource : *resource.storage, std::move(object), call.dry_run, writer(call));
  if (!created) return refuse(std::move(created.error()));
  return answer_written(call, nullptr, **created);
}

ApiResult<Answer> Api::update(const Call& call) {
  const Resource& resource = *call.path.resource;
  auto sent = request_object(call, *resource.message, resource.kind, resource.api_version());
  if (!sent) return refuse(std::move(sent.error()));
  if (auto checked = check_place(call, *sent); !checked) return refuse(std::move(checked.error()));
  auto before = existing(call);
  if (std::string uid(text_at(*sent, {"metadata", "uid"})); !before && !uid.empty()) {
    return refuse(uid_mismatch(resource, call.path.namespace_name, call.path.name, uid, ""));
  }
  if (!before && call.path.subresource.empty() && created_by_put(resource)) return put_new(call, std::move(*sent));
  if (!before) return refuse(std::move(before.error()));
  if ((resource.custom || resource.is_builtin("CustomResourceDefinition")) &&
      text_at(*sent, {"metadata", "resourceVersion"}).empty()) {
    return refuse(invalid(resource.group, resource.plural, call.path.name,
                          {Cause{"FieldValueInvalid", "Invalid value: 0x0: must be specified for an update",
                                 "metadata.resourceVersion"}}));
  }
  if (auto checked = check_update(call, **before, *sent); !checked) return refuse(std::move(checked.error()));
  json::value object = to_stored(resource, std::move(*sent));
  Part part = call.path.subresource == "status"     ? Part::status
              : call.path.subresource == "finalize" ? Part::finalizers
                                                    : Part::main;
  auto updated = objects_.update(*before, std::move(object), part, call.dry_run, writer(call), &resource);
  if (!updated) return refuse(std::move(updated.error()));
  return answer_written(call, before->get(), **updated);
}

// Whether the user may make that of it, beyond what the path tells.
ApiResult<void> Api::check_creation(const Call& call, const json::value& object) const {
  Attributes asked = call.attributes;
  asked.verb = "create";
  if (auto decision = authorizer_.decide(call.user, asked); !decision.allowed)
    return refuse(forbidden_request(call.user, asked, decision.reason));
  return check_escalation(authorizer_, call.user, asked, object, nullptr);
}

ApiResult<void> Api::check_update(const Call& call, const Object& before, const json::value& after) const {
  if (call.path.resource->group != "rbac.authorization.k8s.io") return {};
  json::value old = objects_.load(before);
  return check_escalation(authorizer_, call.user, call.attributes, after, &old);
}

// The value with the request's patch applied.
ApiResult<json::value> Api::patched(const Call& call, const Message& message, json::value value) const {
  std::string type = media_type(call.content_type);
  bool is_json = type == "application/json-patch+json", is_merge = type == "application/merge-patch+json";
  if (message.others() && !is_json && !is_merge) return refuse(unsupported_patch());
  if (!is_json && !is_merge && type != "application/strategic-merge-patch+json")
    return refuse(unsupported_media_type());
  auto patch = parse_json(without_lone_surrogates(call.body), "read the patch", JsonLimits{8 << 20, 120});
  if (!patch)
    return refuse(bad_request((is_json || is_merge ? "error decoding patch: " : "") + json_problem(call.body)));
  if (is_json) {
    bool lax = field_validation(call.target.query) == FieldValidation::ignore;
    if (patch->is_null()) patch->emplace_array();
    if (!patch->is_array()) {
      return refuse(bad_request((lax ? "json: cannot unmarshal " : "error decoding patch: json: cannot unmarshal ") +
                                std::string(json_type(*patch)) + " into Go value of type " +
                                (lax ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp")));
    }
    if (patch->get_array().size() > 10'000) {
      StatusError error = too_large(10'000);
      error.message = "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got " +
                      std::to_string(patch->get_array().size());
      return refuse(std::move(error));
    }
    if (std::string problem = operations_problem(patch->get_array(), lax); !problem.empty())
      return refuse(bad_request(std::move(problem)));
    auto done = json_patch(std::move(value), *patch);
    if (done) return std::move(*done);
    if (done.error().malformed) return refuse(bad_request(done.error().message));
    return refuse(unprocessable());
  }
  if (is_merge && patch->is_null()) return refuse(bad_request("Invalid JSON Patch"));
  if (patch->is_null()) patch->emplace_object();
  if (!patch->is_object()) {
    std::string prefix = is_merge ? "error decoding patch: " : "";
    return refuse(bad_request(prefix + "json: cannot unmarshal " + std::string(json_type(*patch)) +
                              " into Go value of type map[string]interface {}"));
  }
  if (is_merge) {
    merge_patch(value, *patch);
    return value;
  }
  auto done = strategic_merge(message, std::move(value), *patch);
  if (!done)
    return refuse(done.error().malformed ? bad_request(done.error().message) : plain_error(done.error().message));
  return std::move(*done);
}

// A PUT with another uid is about another object; a patch cannot change it.
ApiResult<void> Api::check_uid(const Call& call, const Object& before, const json::value& after) const {
  std::string_view uid = text_at(after, {"metadata", "uid"});
  if (uid.empty() || uid == before.uid) return {};
  const Resource& resource = *call.path.resource;
  StatusError error = invalid(resource.group, resource.kind, call.path.name,
                              {invalid_value("metadata.uid", json::string(uid), "field is immutable")});
  json::array& causes = error.details["causes"].get_array();
  causes.push_back(json::value(causes[0]));  // it is found twice
  return refuse(std::move(error));
}

ApiResult<Answer> Api::patch(const Call& call) {
  const Resource& resource = *call.path.resource;
  if (media_type(call.content_type) == "application/apply-patch+yaml") return apply(call);
  auto before = existing(call);
  if (!before) return refuse(std::move(before.error()));
  json::value value = view_value(objects_, resource, **before);
  value.get_object()["kind"] = resource.kind;
  value.get_object()["apiVersion"] = resource.api_version();
  auto after = patched(call, *resource.message, std::move(value));
  if (!after) return refuse(std::move(after.error()));
  if (!after->is_object()) return refuse(unprocessable());
  KindName given{text_at(*after, {"kind"}), text_at(*after, {"apiVersion"})};
  if (std::string problem = kind_problem(objects_.resources(), {resource.kind, resource.api_version()}, given);
      !problem.empty()) {
    // It is decoded as what it calls itself before it is converted.
    for (const auto& one : objects_.resources().all()) {
      if (KindName{one->kind, one->api_version()} != given) continue;
      if (auto typed = encode(*one->message, *after); !typed) problem = typed.error();
      break;
    }
    return refuse(invalid_patch(*after, problem));
  }
  if (auto typed = encode(*resource.message, *after); !typed) {
    std::string problem = media_type(call.content_type) == "application/strategic-merge-patch+json"
                              ? conversion_problem(*resource.message, *after)
                              : "";
    if (problem.empty()) return refuse(invalid_patch(*after, typed.error()));
    auto patch = parse_json(call.body, "read the patch", JsonLimits{8 << 20, 120});
    return refuse(invalid("", "", "", {invalid_value("patch", json::string(go_text(*patch)), problem)}));
  }
  if (auto checked = check_place(call, *after); !checked) return refuse(std::move(checked.error()));
  if (std::string_view uid = text_at(*after, {"metadata", "uid"}); !uid.empty() && uid != (*before)->uid) {
    Cause fixed = invalid_value("metadata.uid", json::string(uid), "field is immutable");
    return refuse(invalid(resource.group, resource.kind, call.path.name,
                          {fixed, fixed}));  // the server's generic checks and the kind's own
  }
  std::string problem = check_fields(call, call.body, nullptr);
  if (problem.empty()) problem = check_fields(call, compact(*after), resource.structure());
  if (!problem.empty()) return refuse(invalid_patch(*after, problem));
  after->get_object().erase("kind");
  after->get_object().erase("apiVersion");
  if (auto checked = check_update(call, **before, *after); !checked) return refuse(std::move(checked.error()));
  json::value object = to_stored(resource, as_decoded(*resource.message, *after));
  Part part = call.path.subresource == "status" ? Part::status : Part::main;
  auto updated = objects_.update(*before, std::move(object), part, call.dry_run, writer(call), &resource);
  if (!updated) return refuse(std::move(updated.error()));
  return answer_written(call, before->get(), **updated);
}

}  // namespace fairlead::sandbox
