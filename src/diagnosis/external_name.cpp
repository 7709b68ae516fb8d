#include "diagnosis/external_name.h"

#include <fmt/format.h>

#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {

awaitable<void> explain_external_name(Trail trail, const json::value& service) {
  const Ref ref = ref_of("Service", service);
  std::set<Ref> seen{ref};
  const json::value* at = &service;
  while (true) {
    const std::string name(text_at(*at, {"spec", "externalName"}));
    const Ref here = ref_of("Service", *at), target = service_named(name, "");
    if (target.ns.empty() || name.find(".svc") == std::string::npos) co_return;
    const std::string evidence = fmt::format("{} is another name for {}", here.text(), name);
    if (!seen.insert(target).second) {
      trail.findings.symptom(ref.text() + " leads nowhere");
      trail.findings.add({.code = "external_name_loop",
                          .certainty = Certainty::proven,
                          .sentence = target == here
                                          ? fmt::format("{} is another name for itself, {}", here.text(), name)
                                          : fmt::format("{} comes back to itself over {}", here.text(), name),
                          .at = here,
                          .evidence = {evidence},
                          .next = "Correct its externalName, or give it a selector"});
      co_return;
    }
    const ObjectSeen* next = co_await trail.source.get(kinds::of("Service"), target.ns, target.name);
    if (next->absent()) {
      const auto names = co_await names_there(trail, "Service", target.ns);
      trail.findings.symptom(ref.text() + " leads nowhere");
      trail.findings.add(
          {.code = "external_name_absent",
           .certainty = Certainty::proven,
           .sentence = fmt::format("{} is another name for {}, and there is no Service {} in namespace {}{}",
                                   here.text(), name, target.name, target.ns, near_names(target.name, names)),
           .at = here,
           .next = "Correct its externalName, or make that Service"});
      co_return;
    }
    if (!next->seen()) co_return;
    at = &next->value;
    if (text_at(*at, {"spec", "type"}) == "ExternalName") continue;
    Findings reasons;
    co_await explain_service(trail.behind(reasons), *at);
    trail.findings.add_reasons(reasons, ref, evidence);
    co_return;
  }
}

}  // namespace fairlead::diagnosis
