// From a program's complaint to the Service that it names, and what is wrong there.
#include <fmt/format.h>

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"
#include "diagnosis/log_lines.h"
#include "diagnosis/lookup.h"
#include "diagnosis/network_policies.h"

namespace fairlead::diagnosis {
namespace {

bool is_address(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos &&
         host.find('.') != std::string_view::npos;
}

bool serves_port(const json::value& service, const std::string& port) {
  for (const auto& one : array_at(service, {"spec", "ports"}))
    if (std::to_string(integer_at(one, {"port"})) == port) return true;
  return false;
}

std::string service_ports(const json::value& service) {
  std::string out;
  for (const auto& one : array_at(service, {"spec", "ports"}))
    out += (out.empty() ? "" : ", ") + std::to_string(integer_at(one, {"port"}));
  return out;
}

// A name that is no Service where it was looked for.
awaitable<void> explain_absent(Trail trail, const json::value& pod, Ref wanted, LogTrouble trouble) {
  const Ref ref = ref_of("Pod", pod);
  // A name with a dot may well be one of the world outside.
  const bool outside =
      trouble.subject.find('.') != std::string::npos && trouble.subject.find(".svc") == std::string::npos;
  const ListSeen* namespaces = outside ? co_await trail.source.list(kinds::of("Namespace"), "") : nullptr;
  if (outside) {
    bool known = false;
    for (const auto& ns : namespaces->items) known = known || text_at(ns, {"metadata", "name"}) == wanted.ns;
    if (!known) co_return;
  }
  const ListSeen* all = co_await trail.source.list(kinds::of("Service"), "");
  const ListSeen* here = all->seen() ? all : co_await trail.source.list(kinds::of("Service"), wanted.ns);
  std::vector<std::string> names;
  std::string elsewhere;
  for (const auto& service : here->items) {
    const std::string name(text_at(service, {"metadata", "name"})), ns(text_at(service, {"metadata", "namespace"}));
    if (ns == wanted.ns) names.push_back(name);
    if (name == wanted.name && ns != wanted.ns) elsewhere = ns;
  }
  const auto near = similar_names(wanted.name, names);
  std::string hint, next = "Create the Service, or correct the name in the program's configuration";
  if (!elsewhere.empty()) {
    hint = fmt::format("; there is one in namespace {}", elsewhere);
    next = fmt::format("Use the name {}.{}", wanted.name, elsewhere);
  } else if (!near.empty()) {
    hint = fmt::format("; there is {}", near[0]);
  }
  trail.findings.add({.code = "service_absent",
                      .certainty = Certainty::proven,
                      .sentence = fmt::format("There is no Service {} in namespace {}, which {} wants to reach{}",
                                              wanted.name, wanted.ns, workload_of(pod).text(), hint),
                      .at = wanted,
                      .evidence = {"its log: " + trouble.line},
                      .next = next,
                      .affects = {ref}});
}

// "db-0.db", "db-0.db.data.svc": a pod of a StatefulSet, which a headless Service gives its name. True: it was one.
awaitable<bool> explain_member(Trail trail, const json::value& pod, LogTrouble trouble) {
  const Ref ref = ref_of("Pod", pod);
  const auto parts = split(trouble.subject, '.');
  if (parts.size() < 2 || parts[1].empty()) co_return false;
  const std::size_t dash = parts[0].rfind('-');
  if (dash == std::string_view::npos || dash + 1 == parts[0].size() ||
      parts[0].find_first_not_of("0123456789", dash + 1) != std::string_view::npos)
    co_return false;
  const std::string ns = parts.size() > 2 ? std::string(parts[2]) : ref.ns, member(parts[0]), name(parts[1]);
  const std::string set_name(parts[0].substr(0, dash));
  const ObjectSeen* set = co_await trail.source.get(kinds::of("StatefulSet"), ns, set_name);
  if (!set->seen()) co_return false;
  const Ref at{"Service", ns, name};
  const std::string line = fmt::format("{}: {} (its log: {})", ref.text(), sentence_of(trouble), trouble.line);
  const auto blame = [&](std::string code, std::string sentence, std::string next) {
    trail.findings.add({.code = std::move(code),
                        .certainty = Certainty::proven,
                        .sentence = std::move(sentence),
                        .at = at,
                        .evidence = {line},
                        .next = std::move(next),
                        .affects = {ref}});
  };
  const ObjectSeen* service = co_await trail.source.get(kinds::of("Service"), ns, name);
  const std::string_view governing = text_at(set->value, {"spec", "serviceName"});
  if (service->absent() || governing != name) {
    blame("service_absent",
          service->absent()
              ? fmt::format("There is no Service {} in namespace {}, which would give {} its name in DNS", name, ns,
                            member)
              : fmt::format("Service {} in namespace {} gives {} no name in DNS: StatefulSet {} names the Service {}",
                            name, ns, member, set_name, governing),
          fmt::format("Create the headless Service {}, or correct serviceName of StatefulSet {}", governing, set_name));
    co_return true;
  }
  if (service->seen() && text_at(service->value, {"spec", "clusterIP"}) != "None") {
    blame("service_not_headless",
          fmt::format("{} is not headless (clusterIP: None), so that {} has no name of its own in DNS", at.text(),
                      member),
          "Make the Service anew with clusterIP: None");
    co_return true;
  }
  const ObjectSeen* named = co_await trail.source.get(kinds::pods, ns, member);
  Findings reasons;
  if (named->seen()) co_await explain_pod(trail.behind(reasons), named->value);
  if (named->absent()) co_await explain_workload(trail.behind(reasons), "StatefulSet", ns, set_name);
  trail.findings.add_reasons(reasons, ref, line);
  co_return true;
}

awaitable<void> follow(Trail trail, const json::value& pod, LogTrouble trouble) {
  const Ref ref = ref_of("Pod", pod);
  const bool unresolved = trouble.trouble == Trouble::name_unresolved;
  const bool answers = trouble.trouble == Trouble::upstream_fails;
  if (unresolved) {
    const bool member = co_await explain_member(trail, pod, trouble);
    if (member) co_return;
  }
  Ref wanted = service_named(trouble.subject, ref.ns);
  const ObjectSeen* service = nullptr;
  if (is_address(trouble.subject)) {
    const ListSeen* all = co_await trail.source.list(kinds::of("Service"), "");
    wanted = {};
    for (const auto& one : all->items)
      if (text_at(one, {"spec", "clusterIP"}) == trouble.subject) wanted = ref_of("Service", one);
  }
  if (!wanted.name.empty()) service = co_await trail.source.get(kinds::of("Service"), wanted.ns, wanted.name);
  const std::string line = fmt::format("{}: {} (its log: {})", ref.text(), sentence_of(trouble), trouble.line);
  if (service && service->absent()) {
    if (unresolved) co_await explain_absent(trail, pod, wanted, trouble);
    co_return;
  }
  if (service && service->seen()) {
    Findings reasons;
    co_await explain_service(trail.behind(reasons), service->value);
    if (reasons.explains()) {
      trail.findings.add_reasons(reasons, ref, line);
      co_return;
    }
    // Another name for a Service has no ports of its own, nor need a headless one.
    const bool has_ports = !array_at(service->value, {"spec", "ports"}).empty() &&
                           text_at(service->value, {"spec", "type"}) != "ExternalName";
    if (has_ports && !trouble.port.empty() && !serves_port(service->value, trouble.port) && !unresolved && !answers) {
      trail.findings.add({.code = "service_port",
                          .certainty = Certainty::proven,
                          .sentence = fmt::format("{} has no port {}: it has {}", wanted.text(), trouble.port,
                                                  service_ports(service->value)),
                          .at = wanted,
                          .evidence = {line},
                          .next = "Correct the port in the program's configuration, or add it to the Service",
                          .affects = {ref}});
      co_return;
    }
    // Refused although it has ready pods: what the Service leads to does not listen. A port that is only doubtful
    // otherwise is the reason then.
    for (Cause cause : reasons.ranked()) {
      if (cause.code != "service_port" && cause.code != "service_selects_foreign_pods") continue;
      cause.certainty = Certainty::inferred;
      cause.evidence.push_back(line);
      cause.affects.push_back(ref);
      trail.findings.add(std::move(cause));
    }
    if (trail.findings.explains()) co_return;
    if (trouble.trouble == Trouble::connection_timeout) {
      Findings blocked;
      co_await explain_blocked_connection(trail.behind(blocked), pod, wanted, std::atoll(trouble.port.c_str()));
      trail.findings.add_reasons(blocked, ref, line);
      if (blocked.explains()) co_return;
    }
  }
  if (unresolved || trouble.trouble == Trouble::connection_timeout) {
    Findings reasons;
    co_await explain_network_policies(trail.behind(reasons), pod, unresolved);
    if (unresolved && !reasons.explains()) co_await explain_control_plane(trail.behind(reasons));
    if (reasons.explains()) trail.findings.add_reasons(reasons, ref, line);
  }
}

}  // namespace

awaitable<void> explain_dependencies(Trail trail, const json::value& pod, const std::string& log) {
  const auto troubles = read_troubles(log);
  for (const auto& trouble : troubles) {
    if (!trouble.leads_on()) continue;
    // What it only warns of is not what it fails of, where it says that.
    if (trouble.minor && !troubles[0].minor) continue;
    const LogTrouble one = trouble;
    const bool doubtful = one.minor || !troubles[0].leads_on();
    Findings found;
    co_await follow(trail.behind(found), pod, one);
    for (Cause cause : found.ranked()) {
      if (doubtful) cause.certainty = std::max(cause.certainty, Certainty::inferred);
      trail.findings.add(std::move(cause));
    }
    for (const auto& line : found.symptoms()) trail.findings.symptom(line);
  }
}

}  // namespace fairlead::diagnosis
