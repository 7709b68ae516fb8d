#include <algorithm>

#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/write_options.h"

namespace fairlead::sandbox {
namespace {

// Most kinds answer a deletion with a Status.
bool answers_with_deleted(const Resource& resource) {
  for (std::string_view kind :
       {"Pod", "Service", "ServiceAccount", "PersistentVolume", "PersistentVolumeClaim", "PodTemplate", "ResourceQuota",
        "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass"}) {
    if (resource.is_builtin(kind)) return true;
  }
  return false;
}

}  // namespace

ApiResult<DeleteRequest> Api::delete_request(const Call& call) const {
  const Query& query = call.target.query;
  DeleteRequest request;
  request.dry_run = call.dry_run;
  request.propagation = query.get("propagationPolicy");
  json::value options = json::object();
  if (!call.body.empty()) {
    Call with_type = call;
    auto sent = request_object(with_type, *Schema::builtin().message("DeleteOptions"), "DeleteOptions", "v1");
    if (!sent) {
      // Clients also send the options under the resource's own or the meta group's version.
      auto parsed = parse_json(call.body, "read the deletion's options", JsonLimits{1 << 20, 32});
      std::string_view kind = parsed ? text_at(*parsed, {"kind"}) : std::string_view(),
                       version = parsed ? text_at(*parsed, {"apiVersion"}) : std::string_view();
      if (!parsed || kind != "DeleteOptions" || !encode(*Schema::builtin().message("DeleteOptions"), *parsed)) {
        // They are decoded by themselves, not as a request's object.
        std::string& why = sent.error().message;
        std::size_t from = why.find("couldn't get version/kind"), to = why.rfind(" (");
        if (!parsed && from != why.npos) return refuse(bad_request(why.substr(from, to - from)));
        if (!kind.empty() && kind != "DeleteOptions") {
          return refuse(
              bad_request("no kind \"" + std::string(kind) + "\" is registered for version \"" + std::string(version) +
                          "\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\""));
        }
        return refuse(std::move(sent.error()));
      }
      sent = std::move(*parsed);
    }
    options = std::move(*sent);
  }
  if (const json::value* grace = find(options, "gracePeriodSeconds"); grace && grace->is_int64())
    request.grace_seconds = grace->get_int64();
  if (std::string_view policy = text_at(options, {"propagationPolicy"}); !policy.empty()) request.propagation = policy;
  bool orphans = flag_at(options, {"orphanDependents"}) || query.get("orphanDependents") == "true";
  if (!request.propagation.empty() && (orphans || find(options, "orphanDependents") || query.has("orphanDependents"))) {
    return refuse(invalid("meta.k8s.io", "DeleteOptions", "",
                          {invalid_value("propagationPolicy", json::string(request.propagation),
                                         "orphanDependents and deletionPropagation cannot be both set")}));
  }
  if (orphans) request.propagation = "Orphan";
  request.uid = text_at(options, {"preconditions", "uid"});
  request.resource_version = text_at(options, {"preconditions", "resourceVersion"});
  const json::array& modes = array_at(options, {"dryRun"});
  std::vector<Cause> problems;
  if (!std::all_of(modes.begin(), modes.end(), [](const json::value& mode) { return mode == "All"; }))
    problems.push_back(unknown_dry_run(modes));
  request.dry_run = request.dry_run || !modes.empty();
  if (std::string_view text = query.get("gracePeriodSeconds"); !text.empty() && !request.grace_seconds) {
    auto number = parse_json(text, "read gracePeriodSeconds", JsonLimits{20, 1});
    if (!number || !number->is_int64()) {
      return refuse(
          bad_request("strconv.ParseInt: parsing " + compact(json::value(json::string(text))) + ": invalid syntax"));
    }
    request.grace_seconds = number->get_int64();
  }
  if (request.grace_seconds && *request.grace_seconds < 0) request.grace_seconds = 1;
  if (!request.propagation.empty() && request.propagation != "Background" && request.propagation != "Foreground" &&
      request.propagation != "Orphan") {
    problems.insert(problems.begin(), unsupported_value("propagationPolicy", request.propagation,
                                                        "\"Foreground\", \"Background\", \"Orphan\", \"nil\""));
  }
  if (!problems.empty()) return refuse(invalid("meta.k8s.io", "DeleteOptions", "", std::move(problems)));
  return request;
}

ApiResult<Answer> Api::remove(const Call& call) {
  const Resource& resource = *call.path.resource;
  auto request = delete_request(call);
  if (!request) return refuse(std::move(request.error()));
  auto object = existing(call);
  if (!object) return refuse(std::move(object.error()));
  auto deleted = objects_.remove(*object, *request);
  if (!deleted) return refuse(std::move(deleted.error()));
  if (!deleted->gone || answers_with_deleted(resource)) { return answer_object(call, 200, *deleted->object); }
  return answer_value(call, 200, deleted_status(resource.group, resource.plural, call.path.name, (*object)->uid),
                      "Status");
}

net::awaitable<void> Api::remove_collection(Call call, net::ResponseWriter* writer) {
  Format format = call.presentation.representation.format;
  auto selected = select(call);
  auto request = delete_request(call);
  std::optional<StatusError> error;
  if (!selected || !request) error = selected ? request.error() : selected.error();
  for (std::size_t i = 0; !error && i < selected->objects.size(); ++i) {
    auto deleted = objects_.remove(selected->objects[i], *request);
    if (!deleted && deleted.error().code != 404) error = deleted.error();
  }
  if (error) {
    co_await send_error(writer, std::move(*error), format);
    co_return;
  }
  co_await stream_list(std::move(call), std::move(selected->objects), std::move(selected->metadata), writer);
}

}  // namespace fairlead::sandbox
