#include "diagnosis/control_plane.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/webhooks.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kStale = 120;  // a leader renews every few seconds
constexpr std::string_view kSystem = "kube-system";

awaitable<void> explain_api_service(Trail trail, const json::value& api, const json::value& available) {
  const Ref ref = ref_of("APIService", api);
  const std::string ns(text_at(api, {"spec", "service", "namespace"})), name(text_at(api, {"spec", "service", "name"}));
  const std::string evidence = "condition Available: " + show_condition(available, trail.now());
  Cause cause{
      .code = "api_service_unavailable",
      .certainty = Certainty::told,
      .sentence =
          fmt::format("The API {} is not available: {}", ref.name, clipped(text_at(available, {"message"}), 200)),
      .at = ref,
      .evidence = {evidence},
      .next = fmt::format("Bring its Service {}/{} back; or delete the APIService if nothing needs it: it holds up "
                          "discovery and the deletion of namespaces",
                          ns, name)};
  trail.findings.symptom(fmt::format("APIService {} is not available", ref.name));
  const ObjectSeen* service = co_await look(trail, "Service", ns, name);
  if (service->absent()) {
    cause.certainty = Certainty::proven;
    cause.sentence = fmt::format("The API {} is not available: its Service {}/{} does not exist", ref.name, ns, name);
  }
  if (service->seen()) {
    Findings reasons;
    co_await explain_service(trail.behind(reasons), service->value);
    trail.findings.add_reasons(reasons, ref,
                               fmt::format("APIService {} is served by Service {}/{}", ref.name, ns, name));
  }
  trail.findings.add(std::move(cause));
}

awaitable<void> explain_webhooks(Trail trail) {
  std::vector<std::string> done;
  const Ref nobody;
  for (const bool mutating : {true, false}) {
    const auto webhooks = co_await webhooks_of(trail, mutating);
    for (const auto& webhook : webhooks) {
      if (!webhook.fails || webhook.service.empty() || array_at(*webhook.object, {"rules"}).empty()) continue;
      const std::string key = webhook.configuration + " " + webhook.service_ns + "/" + webhook.service;
      if (std::find(done.begin(), done.end(), key) != done.end()) continue;
      done.push_back(key);
      const std::vector<std::string> no_evidence;
      const bool found = co_await explain_webhook_service(trail, webhook, nobody, no_evidence);
      if (found) trail.findings.symptom(fmt::format("webhook {} cannot be called", webhook.name));
    }
  }
}

// Static pods of a control plane that runs in its own cluster.
awaitable<void> explain_component_pods(Trail trail) {
  const ListSeen* pods = co_await trail.source.list(kinds::pods, std::string(kSystem));
  for (const auto& pod : pods->items) {
    if (text_at(pod, {"metadata", "labels", "tier"}) != "control-plane" || is_ready(pod)) continue;
    const Ref ref = ref_of("Pod", pod);
    const ObjectSeen* whole = co_await trail.source.get(kinds::pods, ref.ns, ref.name);
    if (whole->seen()) co_await explain_pod(trail, whole->value);
  }
}

// When its leader last said that it lives; nothing when it is not known or not long ago.
awaitable<std::optional<std::int64_t>> stale_for(Trail trail, std::string component) {
  const ObjectSeen* lease = co_await trail.source.get(kinds::leases, std::string(kSystem), component);
  if (!lease->seen()) co_return std::nullopt;
  const auto since = seconds_since(lease->value, {"spec", "renewTime"}, trail.now());
  if (!since || *since < kStale) co_return std::nullopt;
  co_return since;
}

void add_component(const Trail& trail, const std::string& component, std::int64_t stale, const std::string& harm) {
  trail.findings.symptom(harm);
  trail.findings.add(
      {.code = "control_plane_component_down",
       .certainty = Certainty::inferred,
       .sentence = fmt::format("{} does not seem to run: its leader's lease was last renewed {} ago, and {}", component,
                               span(stale), harm),
       .at = {"Lease", std::string(kSystem), component},
       .evidence = {fmt::format("Lease kube-system/{} renewed {} ago", component, span(stale)), harm},
       .next = fmt::format("Look at {} on the control plane's nodes: list_pods namespace=kube-system", component)});
}

// A stale lease alone is no harm; pods that no scheduler has looked at are.
awaitable<void> explain_scheduler(Trail trail) {
  const auto stale = co_await stale_for(trail, "kube-scheduler");
  if (!stale) co_return;
  const ListSeen* pods = co_await trail.source.list(kinds::pods, "");
  std::size_t ignored = 0;
  for (const auto& pod : pods->items) {
    if (!text_at(pod, {"spec", "nodeName"}).empty() || is_finished(pod) || ops::condition_of(pod, "PodScheduled"))
      continue;
    const std::string_view scheduler = text_at(pod, {"spec", "schedulerName"});
    if (!scheduler.empty() && scheduler != "default-scheduler") continue;
    if (seconds_since(pod, {"metadata", "creationTimestamp"}, trail.now()).value_or(0) > kStale) ++ignored;
  }
  if (ignored > 0)
    add_component(trail, "kube-scheduler", *stale, fmt::format("{} pods wait without having been looked at", ignored));
}

awaitable<void> explain_controllers(Trail trail) {
  const auto stale = co_await stale_for(trail, "kube-controller-manager");
  if (!stale) co_return;
  std::size_t unseen = 0;
  for (const std::string_view name : {"Deployment", "StatefulSet"}) {
    const ListSeen* workloads = co_await trail.source.list(kinds::of(name), "");
    for (const auto& one : workloads->items)
      if (integer_at(one, {"metadata", "generation"}) > integer_at(one, {"status", "observedGeneration"})) ++unseen;
  }
  if (unseen > 0)
    add_component(trail, "kube-controller-manager", *stale,
                  fmt::format("{} Deployments and StatefulSets have changes that no controller has seen", unseen));
}

}  // namespace

awaitable<void> explain_api_services(Trail trail) {
  const ListSeen* apis = co_await trail.source.list(kinds::api_services, "");
  for (const auto& api : apis->items) {
    const json::value* available = ops::condition_of(api, "Available");
    if (object_at(api, {"spec", "service"}).empty() || !available || text_at(*available, {"status"}) != "False")
      continue;
    co_await explain_api_service(trail, api, *available);
  }
}

awaitable<void> explain_name_service(Trail trail) {
  const std::string ns(kSystem);
  const ObjectSeen* service = co_await look(trail, "Service", ns, "kube-dns");
  const ListSeen* pods = co_await trail.source.list(kinds::pods, ns);
  if (!service->seen() || !pods->seen() || object_at(service->value, {"spec", "selector"}).empty()) co_return;
  std::vector<json::value> servers;
  for (const auto& pod : pods->items)
    if (selects_map(object_at(service->value, {"spec", "selector"}), object_at(pod, {"metadata", "labels"})))
      servers.push_back(pod);
  const auto ready = static_cast<std::size_t>(
      std::count_if(servers.begin(), servers.end(), [](const auto& pod) { return is_ready(pod); }));
  const auto addresses = co_await ready_addresses(trail, ns, "kube-dns");
  if (ready > 0 || !addresses || *addresses > 0) co_return;
  const Ref ref{"Service", ns, "kube-dns"};
  trail.findings.symptom("the cluster's name service does not answer");
  Cause cause{.code = "name_service_down",
              .certainty = Certainty::proven,
              .sentence = fmt::format(
                  "No name resolves in the cluster: none of the {} pods behind Service kube-system/kube-dns is ready",
                  servers.size()),
              .at = ref,
              .next = "list_pods namespace=kube-system label_selector=k8s-app=kube-dns"};
  if (servers.empty())
    cause.sentence = "No name resolves in the cluster: there are no pods behind Service kube-system/kube-dns";
  Findings reasons;
  if (servers.empty()) {
    for (const std::string_view name : {"coredns", "kube-dns"}) {
      const ObjectSeen* deployment = co_await look(trail, "Deployment", ns, std::string(name));
      if (deployment->seen()) co_await explain_workload(trail.behind(reasons), "Deployment", ns, std::string(name));
      if (deployment->seen() && integer_at(deployment->value, {"spec", "replicas"}, 1) == 0)
        cause.evidence.push_back(fmt::format("Deployment kube-system/{} is scaled to 0", name));
    }
    co_await explain_service(trail.behind(reasons), service->value);
  }
  for (const auto& pod : servers) {
    const std::string name(text_at(pod, {"metadata", "name"}));
    const ObjectSeen* whole = co_await trail.source.get(kinds::pods, ns, name);
    if (whole->seen()) co_await explain_pod(trail.behind(reasons), whole->value);
  }
  trail.findings.add_reasons(reasons, ref, "the pod answers for names");
  trail.findings.add(std::move(cause));
}

awaitable<void> explain_control_plane(Trail trail) {
  co_await explain_api_services(trail);
  co_await explain_webhooks(trail);
  co_await explain_name_service(trail);
  co_await explain_component_pods(trail);
  co_await explain_scheduler(trail);
  co_await explain_controllers(trail);
}

}  // namespace fairlead::diagnosis
