#include "ops/workload_document.h"

#include <fmt/format.h>

#include "ops/object_document.h"
#include "ops/pod_document.h"

namespace fairlead::ops {
namespace {

bool is_true(const json::value* condition) { return condition && text_at(*condition, {"status"}) == "True"; }

void put_template(json::object& out, const json::value& pod_template, std::int64_t now) {
  json::object inner;
  put(inner, "labels", object_at(pod_template, {"metadata", "labels"}));
  put(inner, "annotations", short_annotations(pod_template));
  if (const json::value* spec = find(pod_template, "spec"))
    for (auto& entry : pod_spec_document(*spec, nullptr, now)) inner[entry.key()] = std::move(entry.value());
  put(out, "template", std::move(inner));
}

}  // namespace

std::string_view rollout_word(const json::value& deployment) {
  if (flag_at(deployment, {"spec", "paused"})) return "Paused";
  const json::value* progressing = condition_of(deployment, "Progressing");
  if (progressing && text_at(*progressing, {"reason"}) == "ProgressDeadlineExceeded") return "ProgressDeadlineExceeded";
  if (const json::value* failure = condition_of(deployment, "ReplicaFailure"); is_true(failure))
    return text_at(*failure, {"reason"});
  const std::int64_t wanted = integer_at(deployment, {"spec", "replicas"}, 1);
  if (integer_at(deployment, {"status", "observedGeneration"}) < integer_at(deployment, {"metadata", "generation"}) ||
      integer_at(deployment, {"status", "updatedReplicas"}) < wanted)
    return "RollingOut";
  if (integer_at(deployment, {"status", "availableReplicas"}) < wanted) return "Unavailable";
  return "";
}

std::string job_status(const json::value& job) {
  for (auto type : {"Complete", "Failed"})
    if (is_true(condition_of(job, type))) return type;
  if (!text_at(job, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
  for (auto [type, word] : {std::pair{"Suspended", "Suspended"}, std::pair{"FailureTarget", "FailureTarget"},
                            std::pair{"SuccessCriteriaMet", "SuccessCriteriaMet"}})
    if (is_true(condition_of(job, type))) return word;
  return "Running";
}

std::string job_completions(const json::value& job) {
  const std::int64_t done = integer_at(job, {"status", "succeeded"});
  if (find(job, "spec", "completions")) return fmt::format("{}/{}", done, integer_at(job, {"spec", "completions"}));
  const std::int64_t parallelism = integer_at(job, {"spec", "parallelism"}, 1);
  return parallelism > 1 ? fmt::format("{}/1 of {}", done, parallelism) : fmt::format("{}/1", done);
}

json::object workload_document(const json::value& object, std::int64_t now) {
  json::object out = metadata_document(object, now);
  if (find(object, "spec", "completions") || text_at(object, {"kind"}) == "Job") {
    out["status"] = job_status(object);
    out["completions"] = job_completions(object);
  }
  // What is asked for and what there is, in the API's own words.
  json::object spec, status;
  for (const auto& entry : object_at(object, {"spec"})) {
    const std::string_view key = entry.key();
    if (key == "template" || key == "jobTemplate" || key == "selector" || key == "volumeClaimTemplates") continue;
    put(spec, key, entry.value());
  }
  for (const auto& entry : object_at(object, {"status"}))
    if (entry.key() != "conditions") put(status, entry.key(), entry.value());
  put(out, "spec", std::move(spec));
  put(out, "counts", std::move(status));
  put(out, "selector", selector_text(find(object, "spec", "selector")));
  put(out, "conditions", condition_lines(array_at(object, {"status", "conditions"}), now));
  json::object claims;
  for (const auto& claim : array_at(object, {"spec", "volumeClaimTemplates"}))
    claims[text_at(claim, {"metadata", "name"})] =
        fmt::format("{} {} {}", text_at(claim, {"spec", "resources", "requests", "storage"}),
                    text_at(claim, {"spec", "storageClassName"}),
                    fmt::join(access_modes(array_at(claim, {"spec", "accessModes"})), ","));
  put(out, "volume_claims", std::move(claims));
  put(out, "annotations", short_annotations(object));
  const json::value* pod_template = find(object, "spec", "template");
  if (!pod_template) pod_template = find(object, "spec", "jobTemplate", "spec", "template");
  if (pod_template) put_template(out, *pod_template, now);
  return out;
}

}  // namespace fairlead::ops
