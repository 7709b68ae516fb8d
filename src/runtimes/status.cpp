#include "runtimes/status.h"

#include <fmt/format.h>

#include <array>

#include "ops/pod_view.h"
#include "runtimes/causes.h"
#include "runtimes/manifests.h"

namespace fairlead::runtimes {
namespace {

constexpr std::array<std::string_view, 8> kPhases{"absent",   "starting", "running",  "failing",
                                                  "stopping", "stopped",  "deleting", "unknown"};

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || out > 1'000'000'000) return 0;
    out = out * 10 + (digit - '0');
  }
  return out;
}

AgentPod pod_of(const json::value& pod) {
  kube::PodView view;
  ops::view_pod(pod, view);
  kube::PodStatus status = kube::pod_status(view);
  const auto* ready = kube::find_condition(view.conditions, "Ready");
  return {std::string(view.meta.name),
          std::string(view.node_name),
          std::move(status.word),
          status.ready,
          status.containers,
          status.restarts,
          ready && ready->status == "True",
          view.meta.deletion.has_value()};
}

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

std::string_view to_string(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

Observed observe(const Seen& seen) {
  Observed out;
  for (const auto& pod : seen.pods) out.pods.push_back(pod_of(pod));
  const json::value& deployment = seen.deployment;
  if (!deployment.is_object()) return out;
  out.replicas = {integer_at(deployment, {"spec", "replicas"}, 1), integer_at(deployment, {"status", "replicas"}),
                  integer_at(deployment, {"status", "readyReplicas"}),
                  integer_at(deployment, {"status", "availableReplicas"}),
                  integer_at(deployment, {"status", "updatedReplicas"})};
  out.revision = number(text_at(deployment, {"metadata", "annotations", kRevisionAnnotation}));
  const bool is_observed =
      integer_at(deployment, {"status", "observedGeneration"}) >= integer_at(deployment, {"metadata", "generation"});
  const Snapshot& count = out.replicas;
  if (find(deployment, "metadata", "deletionTimestamp"))
    out.phase = Phase::deleting;
  else if (count.desired == 0)
    out.phase = is_observed && count.current == 0 && count.ready == 0 && count.available == 0 && seen.pods_read &&
                        out.pods.empty()
                    ? Phase::stopped
                    : Phase::stopping;
  else
    out.phase = is_observed && count.available >= count.desired && count.updated >= count.desired ? Phase::running
                                                                                                  : Phase::starting;
  Standing standing = standing_of(seen, out.phase);
  out.cause = std::move(standing.cause);
  out.waits = std::move(standing.waits);
  if (!out.cause.empty() && (out.phase == Phase::starting || out.phase == Phase::running)) out.phase = Phase::failing;
  return out;
}

std::string words(const Observed& observed) {
  const Snapshot& count = observed.replicas;
  const std::string& why = observed.cause.empty() ? observed.waits : observed.cause;
  std::string out;
  switch (observed.phase) {
    case Phase::absent: return "there is no Deployment";
    case Phase::stopped: return "0 replicas, and no pods are left";
    case Phase::unknown: return observed.cause;
    case Phase::stopping: out = fmt::format("{} pods are left", observed.pods.size()); break;
    case Phase::deleting: out = fmt::format("it is being deleted, and {} pods are left", observed.pods.size()); break;
    default: out = fmt::format("{} of {} replicas are ready", count.ready, count.desired); break;
  }
  if (!why.empty()) out += ": " + why;
  return out;
}

json::object shown(const Observed& observed) {
  json::array pods;
  for (const auto& pod : observed.pods)
    pods.push_back(json::object{{"name", pod.name},
                                {"phase", pod.word},
                                {"node", or_null(pod.node)},
                                {"ready", fmt::format("{}/{}", pod.ready, pod.containers)},
                                {"restarts", pod.restarts}});
  return {{"phase", to_string(observed.phase)},
          {"cause", or_null(observed.cause)},
          {"waits_for", or_null(observed.waits)},
          {"replicas", json::object{{"desired", observed.replicas.desired},
                                    {"current", observed.replicas.current},
                                    {"ready", observed.replicas.ready},
                                    {"available", observed.replicas.available},
                                    {"updated", observed.replicas.updated}}},
          {"observed_revision", observed.revision ? json::value(observed.revision) : json::value(nullptr)},
          {"pods", std::move(pods)}};
}

}  // namespace fairlead::runtimes
