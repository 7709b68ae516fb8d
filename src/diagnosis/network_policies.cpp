// Connections and names that do not get through.
#include "diagnosis/network_policies.h"

#include <fmt/format.h>

#include "diagnosis/control_plane.h"
#include "diagnosis/lookup.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kMostPolicies = 50, kMostTargets = 3;

// A list says nothing of the rules.
awaitable<std::vector<const json::value*>> policies_of(Trail trail, std::string ns) {
  std::vector<const json::value*> out;
  const ListSeen* policies = co_await trail.source.list(kinds::of("NetworkPolicy"), ns);
  for (const auto& name : names_of(policies->items)) {
    if (out.size() == kMostPolicies) break;
    const ObjectSeen* policy = co_await look(trail, "NetworkPolicy", ns, name);
    if (policy->seen()) out.push_back(&policy->value);
  }
  co_return out;
}

awaitable<Peer> peer_of(Trail trail, const json::value& pod) {
  Peer out;
  out.ns = text_at(pod, {"metadata", "namespace"});
  out.address = text_at(pod, {"status", "podIP"});
  out.labels = object_at(pod, {"metadata", "labels"});
  const ObjectSeen* space = co_await look(trail, "Namespace", "", out.ns);
  if (space->seen()) out.namespace_labels = object_at(space->value, {"metadata", "labels"});
  co_return out;
}

void add_block(const Trail& trail, const PolicyVerdict& verdict, const std::string& ns, const Ref& pod,
               std::string sentence, std::string next) {
  std::vector<std::string> names;
  for (const auto& name : verdict.isolating) names.push_back(ns + "/" + name);
  trail.findings.add(
      {.code = "network_policy_blocks",
       .certainty = Certainty::inferred,
       .sentence = std::move(sentence),
       .at = {"NetworkPolicy", ns, verdict.isolating.front()},
       .evidence = {fmt::format("selected by NetworkPolicy {}, none of whose rules admits it", listed(names))},
       .next = std::move(next),
       .affects = {pod}});
}

// The pods that answer for names.
awaitable<std::vector<json::value>> name_servers(Trail trail) {
  std::vector<json::value> out;
  const ListSeen* pods = co_await trail.source.list(kinds::pods, "kube-system");
  for (const auto& pod : pods->items)
    if (label_of(pod, "k8s-app") == "kube-dns") out.push_back(pod);
  co_return out;
}

awaitable<void> explain_blocked_names(Trail trail, const json::value& pod, Ref ref) {
  const auto policies = co_await policies_of(trail, ref.ns);
  const auto servers = co_await name_servers(trail);
  Peer server;  // one that is not known is admitted by every rule for the port
  if (!servers.empty()) server = co_await peer_of(trail, servers.front());
  const auto& labels = object_at(pod, {"metadata", "labels"});
  const std::int64_t port = 53;
  const PolicyVerdict out = judge(policies, labels, Direction::egress, server, "UDP", port, nullptr);
  const std::string next = fmt::format(
      "Allow egress to port 53, UDP and TCP, of the pods k8s-app=kube-dns in kube-system: get_network_policy "
      "namespace={} name={}",
      ref.ns, out.isolating.empty() ? "" : out.isolating.front());
  if (!out.admitted)
    add_block(trail, out, ref.ns, ref,
              fmt::format("NetworkPolicies of namespace {} let no DNS query (port 53) out of {}", ref.ns, ref.text()),
              next);
  if (servers.empty()) co_return;
  const auto theirs = co_await policies_of(trail, "kube-system");
  const Peer asking = co_await peer_of(trail, pod);
  const PolicyVerdict in = judge(theirs, server.labels, Direction::ingress, asking, "UDP", port, &servers.front());
  if (!in.admitted)
    add_block(
        trail, in, "kube-system", ref,
        fmt::format("NetworkPolicies of kube-system do not let DNS queries of {} in to the name servers", ref.text()),
        "Allow ingress on port 53 from all namespaces");
}

// Where the pod looks names up.
awaitable<void> explain_dns_policy(Trail trail, const json::value& pod, Ref ref) {
  const std::string policy(text_at(pod, {"spec", "dnsPolicy"}));
  const bool host = flag_at(pod, {"spec", "hostNetwork"});
  Cause cause{.code = "dns_policy", .certainty = Certainty::inferred, .at = ref, .affects = {ref}};
  cause.evidence = {
      fmt::format("dnsPolicy {}{}", policy.empty() ? "ClusterFirst" : policy, host ? ", hostNetwork true" : "")};
  if (policy == "Default") {
    cause.sentence = fmt::format(
        "{} has dnsPolicy Default: it looks names up as its node does, which knows no Services", ref.text());
    cause.next = "Set dnsPolicy to ClusterFirst in the pod template";
  } else if (policy == "None") {
    const auto servers = texts_of(array_at(pod, {"spec", "dnsConfig", "nameservers"}));
    const ObjectSeen* service = co_await look(trail, "Service", "kube-system", "kube-dns");
    const std::string address(text_at(service->value, {"spec", "clusterIP"}));
    for (const auto& server : servers)
      if (server == address || !service->seen()) co_return;
    cause.sentence = fmt::format("{} has dnsPolicy None and {}, which {} not the cluster's", ref.text(),
                                 servers.empty() ? "no name server" : "asks the name server " + listed(servers),
                                 servers.size() > 1 ? "are" : "is");
    if (servers.empty())
      cause.sentence = fmt::format("{} has dnsPolicy None and no name server of its own", ref.text());
    cause.next =
        "Set dnsPolicy to ClusterFirst, or add the cluster's name server" + (address.empty() ? "" : " " + address);
  } else if (host && policy != "ClusterFirstWithHostNet") {
    cause.sentence = fmt::format(
        "{} is in its node's network with dnsPolicy ClusterFirst, which then means the node's name servers: they know "
        "no Services",
        ref.text());
    cause.next = "Set dnsPolicy to ClusterFirstWithHostNet in the pod template";
  } else {
    co_return;
  }
  trail.findings.add(std::move(cause));
}

std::int64_t target_port(const json::value& service, std::int64_t port, const json::value& pod) {
  for (const auto& one : array_at(service, {"spec", "ports"})) {
    if (port != 0 && integer_at(one, {"port"}) != port) continue;
    const json::value* target = find(one, "targetPort");
    if (!target) return integer_at(one, {"port"});
    if (!target->is_string()) return integer_at(one, {"targetPort"});
    for (const auto& container : array_at(pod, {"spec", "containers"}))
      for (const auto& declared : array_at(container, {"ports"}))
        if (text_at(declared, {"name"}) == std::string_view(target->get_string()))
          return integer_at(declared, {"containerPort"});
    return 0;
  }
  return 0;
}

}  // namespace

awaitable<void> explain_network_policies(Trail trail, const json::value& pod, bool names_do_not_resolve) {
  const Ref ref = ref_of("Pod", pod);
  if (names_do_not_resolve) {
    co_await explain_dns_policy(trail, pod, ref);
    co_await explain_blocked_names(trail, pod, ref);
    Findings reasons;
    co_await explain_name_service(trail.behind(reasons));
    trail.findings.add_reasons(reasons, ref, "names do not resolve in " + ref.text());
    co_return;
  }
  const auto policies = co_await policies_of(trail, ref.ns);
  bool any = false;
  for (const json::value* policy : policies) {
    const json::value* selector = find(*policy, "spec", "podSelector");
    if (selector && !selects(selector, object_at(pod, {"metadata", "labels"}))) continue;
    any = any || !array_at(*policy, {"spec", "egress"}).empty();
  }
  const Peer nobody;
  const PolicyVerdict out =
      judge(policies, object_at(pod, {"metadata", "labels"}), Direction::egress, nobody, "TCP", 0, nullptr);
  if (any || out.isolating.empty()) co_return;  // where it may go is not known here
  add_block(trail, out, ref.ns, ref,
            fmt::format("NetworkPolicies of namespace {} let no connection out of {}", ref.ns, ref.text()),
            fmt::format("Allow the egress that it needs: get_network_policy namespace={} name={}", ref.ns,
                        out.isolating.front()));
}

awaitable<void> explain_blocked_connection(Trail trail, const json::value& pod, Ref service, std::int64_t port) {
  const Ref ref = ref_of("Pod", pod);
  const ObjectSeen* seen = co_await look(trail, "Service", service.ns, service.name);
  if (!seen->seen()) co_return;
  const auto policies = co_await policies_of(trail, ref.ns);
  const auto theirs = co_await policies_of(trail, service.ns);
  if (policies.empty() && theirs.empty()) co_return;
  const Peer from = co_await peer_of(trail, pod);
  const ListSeen* pods = co_await trail.source.list(kinds::pods, service.ns);
  std::size_t looked_at = 0;
  for (const auto& target : pods->items) {
    if (!selects_map(object_at(seen->value, {"spec", "selector"}), object_at(target, {"metadata", "labels"}))) continue;
    if (is_finished(target) || ++looked_at > kMostTargets) continue;
    const Peer to = co_await peer_of(trail, target);
    const std::int64_t number = target_port(seen->value, port, target);
    const std::string port_text = number > 0 ? fmt::format(" (port {})", number) : "";
    const PolicyVerdict out = judge(policies, from.labels, Direction::egress, to, "TCP", number, &target);
    if (!out.admitted) {
      add_block(
          trail, out, ref.ns, ref,
          fmt::format("NetworkPolicies of namespace {} do not let {} out to Service {}/{}{}", ref.ns, ref.text(),
                      service.ns, service.name, port_text),
          fmt::format("Allow that egress: get_network_policy namespace={} name={}", ref.ns, out.isolating.front()));
      co_return;
    }
    const PolicyVerdict in = judge(theirs, to.labels, Direction::ingress, from, "TCP", number, &target);
    if (!in.admitted) {
      add_block(
          trail, in, service.ns, ref,
          fmt::format("NetworkPolicies of namespace {} do not let {} in to the pods of Service {}/{}{}", service.ns,
                      ref.text(), service.ns, service.name, port_text),
          fmt::format("Allow that ingress: get_network_policy namespace={} name={}", service.ns, in.isolating.front()));
      co_return;
    }
  }
}

}  // namespace fairlead::diagnosis
