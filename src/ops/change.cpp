#include "ops/change.h"

#include "ops/read.h"

namespace fairlead::ops {

awaitable<Result<json::value>> read_for_change(Call& call, ObjectRef& object) {
  const std::string kind = object.subresource == "scale" ? "Scale" : object.kind;
  auto found = co_await read_object(call, object.target(), kind);
  if (!found) co_return fail(std::move(found.error()));
  if (text_at(*found, {"metadata", "resourceVersion"}).empty())
    co_return fail(ErrorCode::server_error, std::string(call.operation.name),
                   "the server's answer has no resourceVersion, so a change could not be bound to it",
                   "Check that the address is that of a Kubernetes API server");
  object.uid = text_at(*found, {"metadata", "uid"});
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

std::optional<Write> patch_of(ObjectRef object, const json::value& before, std::string_view content_type,
                              json::object patch) {
  if (holds_patch(before, content_type, patch)) return std::nullopt;
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
  if (!object.uid.empty()) options["preconditions"] = json::object{{"uid", object.uid}};
  write.object = std::move(object);
  write.body = std::move(options);
  write.before = before;
  return write;
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
  return out;
}

bool may_plan_anew(const Plan& plan, std::size_t done, const Error& error) {
  if (error.code != ErrorCode::conflict || done > 0 || plan.writes.front().verb != Write::Verb::patch) return false;
  const json::value status = error.status ? json::value(*error.status) : json::value(nullptr);
  for (const auto& cause : array_at(status, {"details", "causes"}))
    if (text_at(cause, {"reason"}) == "FieldManagerConflict") return false;
  return true;
}

}  // namespace fairlead::ops
