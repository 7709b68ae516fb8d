#include "runtimes/status.h"

#include <fmt/format.h>

#include <array>

#include "runtimes/manifests.h"

namespace fairlead::runtimes {
namespace {

constexpr std::array<std::string_view, 7> kPhases{"absent",   "starting", "running", "failing",
                                                  "stopping", "stopped",  "deleting"};

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || out > 1'000'000'000) return 0;
    out = out * 10 + (digit - '0');
  }
  return out;
}

}  // namespace

std::string_view to_string(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

Observed observe(const Seen& seen) {
  Observed out;
  for (const auto& pod : seen.pods) out.pods.emplace_back(text_at(pod, {"metadata", "name"}));
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
    out.phase = is_observed && count.current == 0 && count.ready == 0 && count.available == 0 && out.pods.empty()
                    ? Phase::stopped
                    : Phase::stopping;
  else
    out.phase = is_observed && count.available >= count.desired && count.updated >= count.desired ? Phase::running
                                                                                                  : Phase::starting;
  return out;
}

std::string words(const Observed& observed) {
  const Snapshot& count = observed.replicas;
  switch (observed.phase) {
    case Phase::absent: return "there is no Deployment";
    case Phase::stopped: return "0 replicas, and no pods are left";
    case Phase::stopping: return fmt::format("{} pods are left", observed.pods.size());
    case Phase::deleting: return fmt::format("it is being deleted, and {} pods are left", observed.pods.size());
    default: break;
  }
  std::string out = fmt::format("{} of {} replicas are ready", count.ready, count.desired);
  if (!observed.cause.empty()) out += ": " + observed.cause;
  return out;
}

json::object shown(const Observed& observed) {
  json::array pods;
  for (const auto& pod : observed.pods) pods.push_back(json::value(pod));
  return {{"phase", to_string(observed.phase)},
          {"cause", observed.cause.empty() ? json::value(nullptr) : json::value(observed.cause)},
          {"replicas", json::object{{"desired", observed.replicas.desired},
                                    {"current", observed.replicas.current},
                                    {"ready", observed.replicas.ready},
                                    {"available", observed.replicas.available},
                                    {"updated", observed.replicas.updated}}},
          {"observed_revision", observed.revision ? json::value(observed.revision) : json::value(nullptr)},
          {"pods", std::move(pods)}};
}

}  // namespace fairlead::runtimes
