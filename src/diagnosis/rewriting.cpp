// Pods that somebody changed as they were admitted.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/template_diff.h"
#include "diagnosis/webhooks.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

using What = Difference::What;

constexpr std::string_view kNodeSelectorOfNamespace = "scheduler.alpha.kubernetes.io/node-selector";

// What ails one container.
struct Ailment {
  bool image = false;    // cannot be pulled
  bool crashes = false;  // ended with an error, or cannot be started
  bool memory = false;   // was ended for its memory
  bool not_ready = false;
  std::string reason;
};

Ailment ailment_of(const json::value& pod, const std::string& container) {
  Ailment out;
  for (auto list : {"containerStatuses", "initContainerStatuses"})
    for (const auto& status : array_at(pod, {"status", list})) {
      if (text_at(status, {"name"}) != container) continue;
      const std::string_view waiting = text_at(status, {"state", "waiting", "reason"});
      out.image = waiting.find("Image") != waiting.npos;
      out.not_ready = !flag_at(status, {"ready"});
      for (auto state : {"state", "lastState"}) {
        const json::value* ended = find(status, state, "terminated");
        if (!ended) continue;
        out.memory = out.memory || text_at(*ended, {"reason"}) == "OOMKilled";
        out.crashes = out.crashes || integer_at(*ended, {"exitCode"}) != 0;
        if (out.reason.empty()) out.reason = text_at(*ended, {"reason"});
      }
      for (auto word : {"CrashLoopBackOff", "RunContainerError", "CreateContainerError", "CreateContainerConfigError"})
        out.crashes = out.crashes || waiting == word;
      if (!waiting.empty()) out.reason = waiting;
    }
  return out;
}

// Whether no node has what the pod's nodeSelector asks for, and some have what the template's asks for.
awaitable<bool> no_node_has(Trail trail, const json::value& pod, const json::value& template_spec) {
  const ListSeen* nodes = co_await trail.source.list(kinds::nodes, "");
  if (!nodes->seen()) co_return false;
  const auto &now = object_at(pod, {"spec", "nodeSelector"}), &before = object_at(template_spec, {"nodeSelector"});
  std::size_t fit = 0, fitted = 0;
  for (const auto& node : nodes->items) {
    const auto& labels = object_at(node, {"metadata", "labels"});
    fit += now.empty() || selects_map(now, labels) ? 1 : 0;
    fitted += before.empty() || selects_map(before, labels) ? 1 : 0;
  }
  co_return fit == 0 && fitted > 0;
}

bool is_unschedulable(const json::value& pod) {
  const json::value* scheduled = ops::condition_of(pod, "PodScheduled");
  return text_at(pod, {"spec", "nodeName"}).empty() && scheduled && text_at(*scheduled, {"status"}) == "False";
}

// How sure it is that this difference is what fails now; suspicious: nothing that fits it is seen to fail.
awaitable<Certainty> harm_of(Trail trail, const Difference& one, const json::value& pod,
                             const json::value& template_spec, std::string& evidence) {
  const Ailment ailment = ailment_of(pod, one.container);
  const std::string container = "container " + one.container;
  const auto seen = [&](Certainty certainty) {
    evidence = ailment.reason.empty() ? container + " is not ready" : container + ": " + ailment.reason;
    return certainty;
  };
  switch (one.what) {
    case What::image:
      if (ailment.image) co_return seen(Certainty::proven);
      if (ailment.crashes) co_return seen(Certainty::inferred);
      break;
    case What::memory_limit:
      if (ailment.memory) co_return seen(Certainty::proven);
      break;
    case What::command:
    case What::environment:
    case What::volumes:
    case What::security:
    case What::account:
      if (ailment.crashes) co_return seen(Certainty::inferred);
      if (one.what == What::environment && ailment.not_ready && one.changed) co_return seen(Certainty::inferred);
      break;
    case What::probe:
      if (ailment.not_ready || ailment.crashes) co_return seen(Certainty::inferred);
      break;
    case What::placement:
    case What::requests: {
      if (!is_unschedulable(pod)) break;
      evidence = "condition PodScheduled: " + show_condition(*ops::condition_of(pod, "PodScheduled"), trail.now());
      if (one.what == What::requests) co_return Certainty::inferred;
      const bool none = co_await no_node_has(trail, pod, template_spec);
      co_return none ? Certainty::proven : Certainty::inferred;
    }
    case What::other: break;
  }
  co_return Certainty::suspicious;
}

// The webhooks that saw an object come; names of their configurations.
awaitable<std::vector<std::string>> who_saw(Trail trail, const json::value& object, std::string group,
                                            std::string plural) {
  std::vector<std::string> out;
  const std::string ns(text_at(object, {"metadata", "namespace"}));
  const auto webhooks = co_await webhooks_of(trail, true);
  if (webhooks.empty()) co_return out;
  const ObjectSeen* space = co_await look(trail, "Namespace", "", ns);
  json::object labels;
  if (space->seen()) labels = object_at(space->value, {"metadata", "labels"});
  for (const auto& webhook : webhooks) {
    if (!sees_creation(*webhook.object, group, plural, labels, object_at(object, {"metadata", "labels"}))) continue;
    if (std::find(out.begin(), out.end(), webhook.configuration) == out.end()) out.push_back(webhook.configuration);
  }
  co_return out;
}

// An image may be changed later; who did it stands in the managed fields.
std::string later_editor(const json::value& pod) {
  for (const auto& entry : array_at(pod, {"metadata", "managedFields"})) {
    const std::string_view manager = text_at(entry, {"manager"});
    if (manager == "kube-controller-manager" || manager == "kubelet" || !text_at(entry, {"subresource"}).empty())
      continue;
    const json::value* spec = find(entry, "fieldsV1", "f:spec", "f:containers");
    if (spec && compact(*spec).find("f:image\"") != std::string::npos) return std::string(manager);
  }
  return "";
}

// Its controller has another template by now.
awaitable<bool> is_outdated(Trail trail, const json::value& pod) {
  const std::string ns(text_at(pod, {"metadata", "namespace"}));
  const std::string set = owner_of(pod, "StatefulSet"), daemon = owner_of(pod, "DaemonSet");
  if (!set.empty()) {
    const ObjectSeen* owner = co_await look(trail, "StatefulSet", ns, set);
    const std::string_view revision = text_at(owner->value, {"status", "updateRevision"});
    co_return !owner->seen() || (!revision.empty() && label_of(pod, "controller-revision-hash") != revision);
  }
  if (!daemon.empty()) {
    const ObjectSeen* owner = co_await look(trail, "DaemonSet", ns, daemon);
    const std::string_view generation = label_of(pod, "pod-template-generation");
    const std::string_view wanted =
        text_at(owner->value, {"metadata", "annotations", "deprecated.daemonset.template.generation"});
    co_return !owner->seen() || generation.empty() || generation != wanted;
  }
  co_return false;
}

// What a LimitRange gives to containers that say nothing themselves; its name, or nothing.
awaitable<std::string> limit_range_with_defaults(Trail trail, std::string ns) {
  const ListSeen* ranges = co_await trail.source.list(kinds::limit_ranges, ns);
  for (const auto& range : ranges->items)
    for (const auto& limit : array_at(range, {"spec", "limits"}))
      if (!object_at(limit, {"default"}).empty() || !object_at(limit, {"defaultRequest"}).empty())
        co_return std::string(text_at(range, {"metadata", "name"}));
  co_return "";
}

void add_limit_range(const Trail& trail, const Ref& pod, const std::string& range, const Difference& one,
                     Certainty certainty, const std::string& evidence) {
  trail.findings.add({.code = "limit_range_default",
                      .certainty = certainty,
                      .sentence = fmt::format(
                          "The LimitRange {}/{} decides what the template of {} leaves open, which is not enough: {}",
                          pod.ns, range, pod.text(), one.sentence),
                      .at = {"LimitRange", pod.ns, range},
                      .evidence = {evidence},
                      .next = "Set the container's resources in the pod template",
                      .affects = {pod}});
}

// Not of interest when nothing fails.
bool matters_by_itself(const Difference& one, const json::value& pod) {
  switch (one.what) {
    case What::image:
    case What::command:
    case What::environment:
    case What::memory_limit:
    case What::requests: return one.changed;
    // A node that has taken it is one that it may run on.
    case What::placement: return text_at(pod, {"spec", "nodeName"}).empty();
    default: return false;
  }
}

struct Rewriting {
  Ref what;              // the object that is not as it was wanted
  std::string contrast;  // "what its template says"
  const json::value& wanted;
  std::vector<Difference> differences;
  std::vector<std::string> webhooks;
  std::string editor;  // who changed it afterwards; empty: nobody
};

// Sets who did it and what to do about it; nobody is known when the answer is empty.
awaitable<std::string> who_did_it(Trail trail, const Rewriting& rewriting, Cause& cause) {
  const ObjectSeen* space = co_await look(trail, "Namespace", "", rewriting.what.ns);
  const bool by_namespace =
      space->seen() && !text_at(space->value, {"metadata", "annotations", kNodeSelectorOfNamespace}).empty();
  const bool only_placement = std::all_of(rewriting.differences.begin(), rewriting.differences.end(),
                                          [](const auto& one) { return one.what == What::placement; });
  if (!rewriting.editor.empty()) {
    cause.next = "Change the template instead, or delete the pod so that it is made anew";
    co_return fmt::format("{} changed it after it was made", quoted(rewriting.editor));
  }
  if (by_namespace && only_placement) {
    cause.at = {"Namespace", "", rewriting.what.ns};
    cause.next = "Change that annotation, or give nodes those labels: list_nodes";
    co_return fmt::format("the annotation {} of Namespace {} adds it", kNodeSelectorOfNamespace, rewriting.what.ns);
  }
  if (rewriting.webhooks.empty()) co_return "";
  std::vector<std::string> names;
  for (const auto& name : rewriting.webhooks) names.push_back(quoted(name));
  if (names.size() == 1) cause.at = {"MutatingWebhookConfiguration", "", rewriting.webhooks.front()};
  cause.next = "get_resource kind=MutatingWebhookConfiguration name=" + rewriting.webhooks.front() +
               " shows what it is for; change it, or exclude the namespace or the object by its selectors";
  co_return fmt::format("MutatingWebhookConfiguration {} {} it", listed(names),
                        names.size() == 1 ? "rewrites" : "may each have rewritten");
}

awaitable<void> add_rewriting(Trail trail, const json::value& pod, const Rewriting& rewriting) {
  const Ref ref = ref_of("Pod", pod);
  Cause cause{.code = "pod_rewritten", .certainty = Certainty::suspicious, .at = rewriting.what, .affects = {ref}};
  std::vector<std::string> harmful, doubtful;
  for (const auto& one : rewriting.differences) {
    std::string evidence;
    const Certainty certainty = co_await harm_of(trail, one, pod, rewriting.wanted, evidence);
    if (certainty == Certainty::suspicious) {
      if (matters_by_itself(one, pod)) doubtful.push_back(one.sentence);
      continue;
    }
    if (!one.changed && (one.what == What::memory_limit || one.what == What::requests)) {
      const std::string range = co_await limit_range_with_defaults(trail, ref.ns);
      if (!range.empty()) {
        add_limit_range(trail, ref, range, one, certainty, evidence);
        continue;
      }
    }
    // What was only added harms less often than what was changed.
    if (!one.changed && certainty != Certainty::proven && one.what == What::environment) {
      doubtful.push_back(one.sentence);
      continue;
    }
    cause.certainty = std::min(cause.certainty, certainty);
    harmful.push_back(one.sentence);
    if (std::find(cause.evidence.begin(), cause.evidence.end(), evidence) == cause.evidence.end())
      cause.evidence.push_back(std::move(evidence));
  }
  if (harmful.empty() && doubtful.empty()) co_return;
  std::string by = co_await who_did_it(trail, rewriting, cause);
  if (by.empty() && harmful.empty()) co_return;  // nobody is known to have done it, and nothing suffers from it
  if (by.empty()) by = "somebody rewrites it as it is admitted";
  cause.sentence = fmt::format("{} is not {}: {}; {}", rewriting.what.text(), rewriting.contrast,
                               listed(harmful.empty() ? doubtful : harmful), by);
  if (!harmful.empty())
    for (const auto& line : doubtful) cause.evidence.push_back("besides, " + line);
  trail.findings.add(std::move(cause));
}

// Whether somebody else than who applied it has set the template's fields since.
bool edited_since(const json::value& workload) {
  for (const auto& entry : array_at(workload, {"metadata", "managedFields"})) {
    if (!find(entry, "fieldsV1", "f:spec", "f:template", "f:spec")) continue;
    const std::string_view manager = text_at(entry, {"manager"});
    if (manager != "kubectl-client-side-apply" && manager != "before-first-apply") return true;
  }
  return false;
}

// The workload itself may have been rewritten: its pods are as it says then, but not as was applied.
awaitable<void> compare_with_applied(Trail trail, const json::value& pod) {
  const Ref ref = workload_of(pod);
  const Kind* kind = kinds::find(ref.kind);
  if (ref.kind == "Pod" || !kind) co_return;
  const ObjectSeen* workload = co_await trail.source.get(*kind, ref.ns, ref.name);
  if (!workload->seen() || edited_since(workload->value)) co_return;
  const std::string_view text =
      text_at(workload->value, {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"});
  const json::value* live = find(workload->value, "spec", "template", "spec");
  if (text.empty() || !live) co_return;
  const auto applied = parse_json(text, "read what was applied");
  if (!applied) co_return;
  const json::value* wanted = find(*applied, "spec", "template", "spec");
  if (!wanted) co_return;
  Rewriting rewriting{.what = ref, .contrast = "what was applied", .wanted = *wanted};
  rewriting.webhooks = co_await who_saw(trail, workload->value, std::string(kind->group), std::string(kind->plural));
  if (rewriting.webhooks.empty()) co_return;
  json::value as_pod = json::object{{"metadata", object_at(pod, {"metadata"})}, {"spec", *live}};
  rewriting.differences = differences(*wanted, as_pod);
  co_await add_rewriting(trail, pod, rewriting);
}

}  // namespace

awaitable<void> explain_rewriting(Trail trail, const json::value& pod, const json::value& template_spec) {
  co_await compare_with_applied(trail, pod);
  Rewriting rewriting{.what = ref_of("Pod", pod), .contrast = "what its template says", .wanted = template_spec};
  rewriting.differences = differences(template_spec, pod);
  if (rewriting.differences.empty()) co_return;
  const bool outdated = co_await is_outdated(trail, pod);
  if (outdated) co_return;
  rewriting.webhooks = co_await who_saw(trail, pod, "", "pods");
  rewriting.editor = later_editor(pod);
  co_await add_rewriting(trail, pod, rewriting);
}

}  // namespace fairlead::diagnosis
