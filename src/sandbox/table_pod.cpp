#include <optional>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {
namespace {

struct PodSummary {
  std::string reason;
  std::int64_t ready = 0, total = 0, restarts = 0;
  std::optional<std::int64_t> last_restart;
};

bool restartable(const json::value& pod, std::string_view name) {
  for (const json::value& container : array_at(pod, {"spec", "initContainers"})) {
    if (text_at(container, {"name"}) == name) return text_at(container, {"restartPolicy"}) == "Always";
  }
  return false;
}

void count_restarts(const json::value& status, PodSummary* out) {
  out->restarts += integer_at(status, {"restartCount"});
  auto finished = parse_rfc3339(text_at(status, {"lastState", "terminated", "finishedAt"}));
  if (finished && (!out->last_restart || *finished > *out->last_restart)) out->last_restart = finished;
}

std::string exit_text(const json::value& terminated) {
  std::int64_t signal = integer_at(terminated, {"signal"});
  if (signal != 0) return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(integer_at(terminated, {"exitCode"}));
}

// The reason while init containers hold the pod up; nothing when they are done.
std::optional<std::string> init_reason(const json::value& pod, PodSummary* out) {
  std::size_t index = 0;
  for (const json::value& status : array_at(pod, {"status", "initContainerStatuses"})) {
    count_restarts(status, out);
    const json::value* terminated = find(status, "state", "terminated");
    if (terminated && integer_at(*terminated, {"exitCode"}) == 0) {
      ++index;
      continue;
    }
    if (restartable(pod, text_at(status, {"name"})) && flag_at(status, {"started"})) {
      if (flag_at(status, {"ready"})) ++out->ready;
      ++index;
      continue;
    }
    if (terminated) {
      std::string reason(text_at(*terminated, {"reason"}));
      return "Init:" + (reason.empty() ? exit_text(*terminated) : reason);
    }
    std::string waiting(text_at(status, {"state", "waiting", "reason"}));
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
    return "Init:" + std::to_string(index) + "/" + std::to_string(array_at(pod, {"spec", "initContainers"}).size());
  }
  return std::nullopt;
}

PodSummary summarise(const json::value& pod) {
  PodSummary out;
  out.total = static_cast<std::int64_t>(array_at(pod, {"spec", "containers"}).size());
  for (const json::value& container : array_at(pod, {"spec", "initContainers"})) {
    if (text_at(container, {"restartPolicy"}) == "Always") ++out.total;
  }
  std::string phase(text_at(pod, {"status", "phase"}));
  out.reason = text_at(pod, {"status", "reason"});
  if (out.reason.empty()) out.reason = phase;
  for (const json::value& condition : array_at(pod, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "PodScheduled" && text_at(condition, {"reason"}) == "SchedulingGated")
      out.reason = "SchedulingGated";
  }
  auto initialising = init_reason(pod, &out);
  if (initialising) out.reason = *initialising;
  if (!initialising || condition_status(pod, "Initialized") == "True") {
    if (!initialising) {
      out.restarts = 0;
      for (const json::value& status : array_at(pod, {"status", "initContainerStatuses"})) {
        if (restartable(pod, text_at(status, {"name"}))) out.restarts += integer_at(status, {"restartCount"});
      }
    }
    bool running = false;
    const json::array& statuses = array_at(pod, {"status", "containerStatuses"});
    for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) {
      count_restarts(*status, &out);
      std::string waiting(text_at(*status, {"state", "waiting", "reason"}));
      const json::value* terminated = find(*status, "state", "terminated");
      if (!waiting.empty()) {
        out.reason = waiting;
      } else if (terminated) {
        std::string reason(text_at(*terminated, {"reason"}));
        out.reason = reason.empty() ? exit_text(*terminated) : reason;
      } else if (flag_at(*status, {"ready"}) && find(*status, "state", "running")) {
        running = true;
        ++out.ready;
      }
    }
    if (out.reason == "Completed" && running)
      out.reason = condition_status(pod, "Ready") == "True" ? "Running" : "NotReady";
  }
  if (find(pod, "metadata", "deletionTimestamp")) {
    if (text_at(pod, {"status", "reason"}) == "NodeLost") {
      out.reason = "Unknown";
    } else if (phase != "Succeeded" && phase != "Failed") {
      out.reason = "Terminating";
    }
  }
  return out;
}

}  // namespace

std::string pod_status(const json::value& pod) { return summarise(pod).reason; }

json::array pod_cells(const json::value& pod, std::int64_t now) {
  PodSummary summary = summarise(pod);
  std::string restarts = std::to_string(summary.restarts);
  if (summary.restarts > 0 && summary.last_restart) {
    restarts += " (" + human_duration(std::chrono::seconds(now - *summary.last_restart)) + " ago)";
  }
  auto or_none = [](std::string_view text) {
    return text.empty() ? json::value("<none>") : json::value(json::string(text));
  };
  std::string gates = "<none>";
  const json::array& wanted = array_at(pod, {"spec", "readinessGates"});
  if (!wanted.empty()) {
    std::size_t fulfilled = 0;
    for (const json::value& gate : wanted)
      fulfilled += condition_status(pod, text_at(gate, {"conditionType"})) == "True";
    gates = std::to_string(fulfilled) + "/" + std::to_string(wanted.size());
  }
  json::array out;
  out.emplace_back(json::string(text_at(pod, {"metadata", "name"})));
  out.emplace_back(std::to_string(summary.ready) + "/" + std::to_string(summary.total));
  out.emplace_back(summary.reason);
  out.emplace_back(restarts);
  out.emplace_back(age_text_of(text_at(pod, {"metadata", "creationTimestamp"}), now));
  out.push_back(or_none(text_at(pod, {"status", "podIP"})));
  out.push_back(or_none(text_at(pod, {"spec", "nodeName"})));
  out.push_back(or_none(text_at(pod, {"status", "nominatedNodeName"})));
  out.emplace_back(gates);
  return out;
}

}  // namespace fairlead::sandbox
