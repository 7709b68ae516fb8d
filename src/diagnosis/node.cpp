// Nodes that are lost, not ready, short of something, or set aside.
#include <fmt/format.h>

#include "diagnosis/lookup.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kJustStarted = 120, kInitialising = 300;

// When the kubelet last said that it lives. It is no finding by itself.
awaitable<std::string> lease_line(Trail trail, std::string node) {
  const ObjectSeen* lease = co_await trail.source.get(kinds::leases, "kube-node-lease", node);
  if (!lease->seen()) co_return "";
  const auto since = seconds_since(lease->value, {"spec", "renewTime"}, trail.now());
  if (!since || *since < 60) co_return "";
  co_return fmt::format("its lease in kube-node-lease was last renewed {} ago", span(*since));
}

std::string taint_line(const json::value& node, std::string_view prefix) {
  for (const auto& taint : array_at(node, {"spec", "taints"})) {
    const std::string_view key = text_at(taint, {"key"});
    if (key.starts_with(prefix)) return fmt::format("taint {}:{}", key, text_at(taint, {"effect"}));
  }
  return "";
}

void put_line(std::vector<std::string>& lines, std::string line) {
  if (!line.empty()) lines.push_back(std::move(line));
}

// Its latest warnings, which often say why.
awaitable<std::vector<std::string>> warnings(Trail trail, Ref node) {
  std::vector<std::string> out;
  for (const auto& event : co_await events_about(trail, node)) {
    if (event.type != "Warning" && event.reason != "Rebooted") continue;
    if (out.size() < 2) out.push_back(show(event, trail.now()));
  }
  co_return out;
}

awaitable<void> explain_not_ready(Trail trail, const json::value& node, Ref ref, const json::value& ready) {
  const std::string status(text_at(ready, {"status"})), reason(text_at(ready, {"reason"}));
  const auto since = seconds_since(ready, {"lastTransitionTime"}, trail.now());
  const std::string how_long = since ? " for " + span(*since) : "";
  Cause cause{.code = "node_not_ready",
              .certainty = Certainty::told,
              .at = ref,
              .evidence = {"condition Ready: " + show_condition(ready, trail.now())},
              .next = "describe_node name=" + ref.name + " shows its conditions and what runs there"};
  if (status == "Unknown") {
    cause.code = "node_lost";
    cause.certainty = Certainty::proven;
    cause.sentence = fmt::format("Node {} is lost: its kubelet has not reported{}", ref.name, how_long);
    cause.next =
        "Look whether the machine runs and reaches the API server, and what its kubelet logs; if it is gone for good, "
        "delete the Node";
    put_line(cause.evidence, co_await lease_line(trail, ref.name));
    put_line(cause.evidence, taint_line(node, "node.kubernetes.io/unreachable"));
  } else {
    const std::string message = clipped(text_at(ready, {"message"}), 200);
    cause.sentence =
        fmt::format("Node {} has not been ready{}: {}", ref.name, how_long, message.empty() ? reason : message);
  }
  for (auto& line : co_await warnings(trail, ref)) cause.evidence.push_back(std::move(line));
  trail.findings.symptom(
      fmt::format("Node {} is {}", ref.name, status == "Unknown" ? "NotReady (Unknown)" : "NotReady"));
  trail.findings.add(std::move(cause));
}

struct Pressure {
  std::string_view condition, what, next;
};
constexpr Pressure kPressures[]{
    {"MemoryPressure", "memory",
     "top_pods shows who uses most; pods that ask for less than they use are evicted first"},
    {"DiskPressure", "disk space",
     "Remove unused images and logs there, or give it a larger disk; its pods are evicted"},
    {"PIDPressure", "process ids", "Find the pod that starts so many processes: describe_node shows what runs there"},
};

awaitable<void> explain_pressure(Trail trail, const json::value& node, Ref ref) {
  for (const auto& pressure : kPressures) {
    const json::value* condition = ops::condition_of(node, pressure.condition);
    if (!condition || text_at(*condition, {"status"}) != "True") continue;
    Cause cause{
        .code = "node_pressure",
        .certainty = Certainty::told,
        .sentence = fmt::format("Node {} is short of {}", ref.name, pressure.what),
        .at = ref,
        .evidence = {fmt::format("condition {}: {}", pressure.condition, show_condition(*condition, trail.now()))},
        .next = std::string(pressure.next)};
    for (auto& line : co_await warnings(trail, ref)) cause.evidence.push_back(std::move(line));
    trail.findings.symptom(fmt::format("Node {} reports {}", ref.name, pressure.condition));
    trail.findings.add(std::move(cause));
  }
  const json::value* network = ops::condition_of(node, "NetworkUnavailable");
  if (!network || text_at(*network, {"status"}) != "True") co_return;
  trail.findings.symptom(fmt::format("Node {} reports NetworkUnavailable", ref.name));
  trail.findings.add(
      {.code = "node_network_unavailable",
       .certainty = Certainty::told,
       .sentence = fmt::format("The network of node {} is not set up: {}", ref.name,
                               clipped(text_at(*network, {"message"}), 200)),
       .at = ref,
       .evidence = {"condition NetworkUnavailable: " + show_condition(*network, trail.now())},
       .next = "Look at the network plugin's pod on that node: list_pods field_selector=spec.nodeName=" + ref.name});
}

}  // namespace

awaitable<void> explain_node(Trail trail, const json::value& node) {
  const Ref ref = ref_of("Node", node);
  if (!trail.enter(ref)) co_return;
  const std::int64_t age = seconds_since(node, {"metadata", "creationTimestamp"}, trail.now()).value_or(kInitialising);
  const json::value* ready = ops::condition_of(node, "Ready");
  if (ready && text_at(*ready, {"status"}) != "True") {
    co_await explain_not_ready(trail, node, ref, *ready);
  } else if (!ready && age > kJustStarted) {
    trail.findings.symptom(fmt::format("Node {} has never been ready", ref.name));
    trail.findings.add(
        {.code = "node_never_reported",
         .certainty = Certainty::proven,
         .sentence = fmt::format("The kubelet of node {} has never reported since the node was made {} ago", ref.name,
                                 span(age)),
         .at = ref,
         .next = "Look whether the machine runs a kubelet under that name, and what it logs"});
  }
  co_await explain_pressure(trail, node, ref);
  const std::string uninitialised = taint_line(node, "node.cloudprovider.kubernetes.io/uninitialized");
  if (!uninitialised.empty() && age > kInitialising)
    trail.findings.add(
        {.code = "node_uninitialised",
         .certainty = Certainty::told,
         .sentence = fmt::format("No cloud controller has initialised node {} in {}, so nothing may run there",
                                 ref.name, span(age)),
         .at = ref,
         .evidence = {uninitialised},
         .next = "Look whether the cloud-controller-manager runs: list_pods namespace=kube-system"});
  if (flag_at(node, {"spec", "unschedulable"}))
    trail.findings.add({.code = "node_cordoned",
                        .certainty = Certainty::suspicious,
                        .sentence = fmt::format("Node {} is cordoned: no new pods are placed on it", ref.name),
                        .at = ref,
                        .next = "uncordon_node name=" + ref.name + " once its maintenance is over"});
}

}  // namespace fairlead::diagnosis
