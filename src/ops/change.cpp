#include "ops/change.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "ops/object_document.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

// RFC 6901, 4.
std::string unescaped_pointer(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~' || i + 1 == token.size()) {
      out += token[i];
      continue;
    }
    out += token[++i] == '1' ? '/' : '~';
  }
  return out;
}

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

std::optional<json::value> patched(json::value object, const json::array& patch) {
  for (const auto& step : patch) {
    const std::string path(text_at(step, {"path"})), op(text_at(step, {"op"}));
    if (path == "/metadata/resourceVersion") continue;
    const json::value* value = find(step, "value");
    const std::size_t cut = path.rfind('/');
    boost::system::error_code missing;
    if (op == "test") {
      const json::value* is = object.find_pointer(path, missing);
      if (!is || !value || *is != *value) return std::nullopt;
      continue;
    }
    if (cut == std::string::npos || (op != "remove" && !value)) return std::nullopt;
    json::value* parent = object.find_pointer(path.substr(0, cut), missing);
    if (!parent) return std::nullopt;
    const std::string key = unescaped_pointer(path.substr(cut + 1));
    if (parent->is_object()) {
      if (op != "add" && !parent->get_object().contains(key)) return std::nullopt;
      if (op == "remove")
        parent->get_object().erase(key);
      else if (op == "add" || op == "replace")
        parent->get_object()[key] = *value;
      else
        return std::nullopt;
    } else if (parent->is_array()) {
      json::array& items = parent->get_array();
      std::size_t index = items.size();
      if (key != "-") {
        const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), index);
        if (error != std::errc() || stop != key.data() + key.size()) return std::nullopt;
      }
      if (index > items.size() || (op != "add" && index == items.size())) return std::nullopt;
      if (op == "remove")
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
      else if (op == "add")
        items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), *value);
      else if (op == "replace")
        items[index] = *value;
      else
        return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return object;
}

bool is_of_field_managers(const Error& error) {
  const json::value status = error.status ? json::value(*error.status) : json::value(nullptr);
  const json::array& causes = array_at(status, {"details", "causes"});
  return std::any_of(causes.begin(), causes.end(),
                     [](const auto& cause) { return text_at(cause, {"reason"}) == "FieldManagerConflict"; });
}

bool is_overtaken(const Error& error) { return error.code == ErrorCode::conflict && !is_of_field_managers(error); }

bool may_plan_anew(const Plan& plan, std::size_t done, const Error& error) {
  const Write& first = plan.writes.front();
  const bool is_bound = first.verb == Write::Verb::patch ||
                        (first.verb == Write::Verb::remove && find(first.body, "preconditions", "resourceVersion"));
  return done == 0 && is_bound && is_overtaken(error);
}

}  // namespace fairlead::ops
