#include "diagnosis/scheduler_words.h"

#include <fmt/format.h>

#include "diagnosis/lookup.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

bool requires_pods(const json::value& pod, std::string_view which) {
  return !array_at(pod, {"spec", "affinity", which, "requiredDuringSchedulingIgnoredDuringExecution"}).empty();
}

// The words that mean its affinity; empty: they mean something else. Old schedulers say the same of both
// ("pod affinity/anti-affinity"): what the pod has decides then.
std::string_view said_affinity(const json::value& pod, std::string_view message) {
  for (std::string_view words : {"pod affinity rules", "pod affinity/anti-affinity"})
    if (message.find(words) != std::string_view::npos && requires_pods(pod, "podAffinity") &&
        (words == "pod affinity rules" || !requires_pods(pod, "podAntiAffinity")))
      return words;
  return "";
}

std::string labels_wanted(const json::value& term) {
  const auto* selector = find(term, "labelSelector");
  return selector ? ops::selector_text(selector) : "any label";
}

// "app=cache in the same kubernetes.io/hostname"
std::string pod_terms(const json::value& pod, std::string_view which) {
  std::vector<std::string> out;
  for (const auto& term : array_at(pod, {"spec", "affinity", which, "requiredDuringSchedulingIgnoredDuringExecution"}))
    out.push_back(fmt::format("{} in the same {}", labels_wanted(term), text_at(term, {"topologyKey"})));
  return listed(out);
}

std::string spread_terms(const json::value& pod) {
  std::vector<std::string> out;
  for (const auto& term : array_at(pod, {"spec", "topologySpreadConstraints"}))
    if (text_at(term, {"whenUnsatisfiable"}) != "ScheduleAnyway")
      out.push_back(fmt::format("pods with {} over {} with a maxSkew of {}", labels_wanted(term),
                                text_at(term, {"topologyKey"}), integer_at(term, {"maxSkew"}, 1)));
  return listed(out);
}

// Of its volumes: "PersistentVolume data-1 is for nodes with kubernetes.io/hostname in (worker-9)".
awaitable<std::string> volume_terms(Trail trail, const json::value& pod) {
  const std::string ns(text_at(pod, {"metadata", "namespace"}));
  std::vector<std::string> out;
  for (const auto& volume : array_at(pod, {"spec", "volumes"})) {
    const std::string claim_name(text_at(volume, {"persistentVolumeClaim", "claimName"}));
    if (claim_name.empty()) continue;
    const ObjectSeen* claim = co_await look(trail, "PersistentVolumeClaim", ns, claim_name);
    const std::string name(text_at(claim->value, {"spec", "volumeName"}));
    if (name.empty()) continue;
    const ObjectSeen* bound = co_await look(trail, "PersistentVolume", "", name);
    const auto* required = find(bound->value, "spec", "nodeAffinity", "required");
    if (!required) continue;
    std::string terms = node_terms(*required);
    out.push_back(fmt::format("PersistentVolume {} is for nodes with {}", name, terms));
  }
  co_return listed(out);
}

std::vector<std::string> host_ports(const json::value& pod) {
  std::vector<std::string> out;
  for (const auto& container : array_at(pod, {"spec", "containers"}))
    for (const auto& port : array_at(container, {"ports"}))
      if (integer_at(port, {"hostPort"}) != 0)
        out.push_back(fmt::format("container {} asks for host port {}", text_at(container, {"name"}),
                                  integer_at(port, {"hostPort"})));
  return out;
}

}  // namespace

std::string node_terms(const json::value& node_selector) {
  std::string out;
  for (const auto& term : array_at(node_selector, {"nodeSelectorTerms"})) {
    json::object selector{{"matchExpressions", array_at(term, {"matchExpressions"})}};
    const json::value value(selector);
    out += (out.empty() ? "" : " or ") + ops::selector_text(&value);
  }
  return out;
}

awaitable<std::optional<SchedulerSaid>> read_scheduler(Trail trail, const json::value& pod, std::string message) {
  struct Said {
    std::string_view words, code, sentence, next;
  };
  const std::string_view affinity = said_affinity(pod, message);
  const Said all[]{
      {requires_pods(pod, "podAntiAffinity") ? "" : "existing pods anti-affinity", "pod_anti_affinity_of_others",
       "The anti-affinity of pods that run already keeps it from every node that has room",
       "More nodes, or labels that their anti-affinity does not mean"},
      {affinity, "pod_affinity", "No node has the pods that its affinity asks for",
       "Correct the pod affinity, or start the pods that it means"},
      {"anti-affinity", "pod_anti_affinity", "Its anti-affinity keeps it from every node that has room",
       "Fewer replicas, more nodes, or a preferred instead of a required anti-affinity"},
      {"topology spread", "topology_spread", "Its topology spread constraints allow no node",
       "Loosen them, or add nodes"},
      {"free ports", "host_port_taken", "The host port that it asks for is taken on every node",
       "Use a Service instead of hostPort"},
      {"volume node affinity", "volume_node_affinity", "Its volume can only be used on nodes that it cannot run on",
       "get_pv shows where the volume is"},
      {"PersistentVolume's node affinity", "volume_node_affinity",
       "Its volume can only be used on nodes that it cannot run on", "get_pv shows where the volume is"},
      {"max volume count", "volume_limit", "Nodes have as many volumes attached as they can", "Add a node"},
      {"Too many pods", "too_many_pods", "Nodes run as many pods as they may", "Add a node"},
      {"unbound immediate", "claim_unbound", "A claim of it is not bound",
       "diagnose_workload kind=PersistentVolumeClaim"}};
  for (const Said& said : all) {
    if (said.words.empty() || message.find(said.words) == std::string::npos) continue;
    std::string what;
    if (said.code == "pod_affinity") what = pod_terms(pod, "podAffinity");
    if (said.code == "pod_anti_affinity") what = pod_terms(pod, "podAntiAffinity");
    if (said.code == "topology_spread") what = spread_terms(pod);
    if (said.code == "volume_node_affinity") what = co_await volume_terms(trail, pod);
    SchedulerSaid out{std::string(said.code), std::string(said.sentence), std::string(said.next)};
    if (!what.empty()) out.sentence += ": " + what;
    if (said.code == "host_port_taken") out.evidence = host_ports(pod);
    co_return out;
  }
  co_return std::nullopt;
}

}  // namespace fairlead::diagnosis
