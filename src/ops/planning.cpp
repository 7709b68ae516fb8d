#include "ops/planning.h"

#include "base/text.h"
#include "ops/object_document.h"
#include "ops/read.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

// A pod's status is written all the time, and its controller makes another one in any case.
bool is_bound_to_its_version(const ObjectRef& object, const json::value& before) {
  return object.plural != "pods" || !controller_reference(before);
}

}  // namespace

awaitable<Result<json::value>> read_for_change(Call& call, ObjectRef& object) {
  const std::string kind = object.subresource == "scale" ? "Scale" : object.kind;
  auto found = co_await read_object(call, object.target(), kind);
  if (!found) co_return fail(std::move(found.error()));
  if (text_at(*found, {"metadata", "resourceVersion"}).empty())
    co_return fail(ErrorCode::server_error, std::string(call.operation.name),
                   "the server's answer has no resourceVersion, so a change could not be bound to it",
                   "Check that the address is that of a Kubernetes API server");
  object.uid = text_at(*found, {"metadata", "uid"});
  tell_zero(object, *found);
  co_return found;
}

bool holds_patch(const json::value& object, std::string_view content_type, const json::value& patch) {
  if (!patch.is_array())
    return content_type == kube::Patch::merge ? merged(object, patch) == object : holds(object, patch);
  for (const auto& op : patch.get_array()) {
    const std::string path(text_at(op, {"path"}));
    if (path == "/metadata/resourceVersion") continue;
    boost::system::error_code missing;
    const json::value* is = object.find_pointer(path, missing);
    const json::value* wanted = find(op, "value");
    if (wanted ? !is || *is != *wanted : is != nullptr) return false;
  }
  return true;
}

json::value as_kept(const ObjectRef& object, json::value asked) {
  const json::value* plain = find(asked, "stringData");
  if (!object.is_secret() || !plain || !plain->is_object()) return asked;
  json::object data = object_at(asked, {"data"});
  for (const auto& [key, value] : plain->get_object())
    data[key] = value.is_string() ? json::value(base64_encode(value.get_string())) : value;
  asked.get_object()["data"] = std::move(data);
  asked.get_object().erase("stringData");
  return asked;
}

void forget_deleted_secrets(Plan& plan) {
  for (auto& write : plan.writes) {
    if (write.verb != Write::Verb::remove || !write.object.is_secret() || !write.before.is_object()) continue;
    forget_values(write.before.get_object());
    if (plan.no_undo.empty()) plan.no_undo = "what was in it is not kept";
  }
}

void forget_values(json::object& secret) {
  secret.erase("data");
  json::value* metadata = secret.if_contains("metadata");
  json::value* annotations =
      metadata && metadata->is_object() ? metadata->get_object().if_contains("annotations") : nullptr;
  if (annotations && annotations->is_object())
    annotations->get_object().erase("kubectl.kubernetes.io/last-applied-configuration");
}

std::optional<Write> patch_of(ObjectRef object, const json::value& before, std::string_view content_type,
                              json::object patch) {
  // Whether a Secret holds a value already is as good as the value, to whoever may guess.
  if (!object.is_secret() && holds_patch(before, content_type, patch)) return std::nullopt;
  Write write;
  write.verb = Write::Verb::patch;
  write.object = std::move(object);
  write.content_type = content_type;
  json::value& metadata = patch["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  metadata.get_object()["resourceVersion"] = text_at(before, {"metadata", "resourceVersion"});
  write.body = std::move(patch);
  write.before = before;
  return write;
}

Write removal_of(ObjectRef object, const json::value& before) {
  Write write;
  write.verb = Write::Verb::remove;
  json::object options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  json::object bound;
  if (!object.uid.empty()) bound["uid"] = object.uid;
  const std::string_view version = text_at(before, {"metadata", "resourceVersion"});
  if (!version.empty() && is_bound_to_its_version(object, before)) bound["resourceVersion"] = version;
  if (!bound.empty()) options["preconditions"] = std::move(bound);
  write.object = std::move(object);
  write.body = std::move(options);
  write.before = before;
  return write;
}

std::string_view why_no_restart(const json::value& workload) {
  if (flag_at(workload, {"spec", "paused"})) return "is paused, so a restart would not happen";
  if (text_at(workload, {"spec", "updateStrategy", "type"}) == "OnDelete")
    return "has the update strategy OnDelete, so a restart would replace no pod";
  return "";
}

json::object restart_patch(std::string_view time) {
  json::object annotations{{"kubectl.kubernetes.io/restartedAt", time}};
  return {{"spec", {{"template", {{"metadata", {{"annotations", std::move(annotations)}}}}}}}};
}

json::value as_new(const json::value& object) {
  json::value out = object;
  if (!out.is_object()) return out;
  out.get_object().erase("status");
  json::value* metadata = out.get_object().if_contains("metadata");
  if (!metadata || !metadata->is_object()) return out;
  for (std::string_view theirs : {"uid", "resourceVersion", "generation", "creationTimestamp", "selfLink",
                                  "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"})
    metadata->get_object().erase(theirs);
  if (text_at(out, {"kind"}) != "Job" || !text_at(out, {"apiVersion"}).starts_with("batch/") ||
      flag_at(out, {"spec", "manualSelector"}))
    return out;
  if (json::value* spec = out.get_object().if_contains("spec"); spec && spec->is_object())
    spec->get_object().erase("selector");
  for (const char* labels : {"/metadata/labels", "/spec/template/metadata/labels"}) {
    boost::system::error_code none;
    json::value* there = out.find_pointer(labels, none);
    if (!there || !there->is_object()) continue;
    for (std::string_view own :
         {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"})
      there->get_object().erase(own);
  }
  return out;
}

}  // namespace fairlead::ops
