// Objects that are being deleted and do not go.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "diagnosis/control_plane.h"
#include "diagnosis/finalizers.h"
#include "diagnosis/lookup.h"
#include "diagnosis/volumes.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kPatience = 60;
constexpr std::size_t kMostAlike = 5;  // objects of one kind with one finalizer that are looked at

std::optional<std::int64_t> overdue(const json::value& object, std::int64_t now) {
  const auto since = seconds_since(object, {"metadata", "deletionTimestamp"}, now);
  if (!since || *since < kPatience) return std::nullopt;
  return since;
}

awaitable<bool> explain_claim_in_use(Trail trail, Terminating item) {
  const Ref ref = ref_to(item);
  const ListSeen* pods = co_await trail.source.list(kinds::pods, ref.ns);
  std::vector<std::string> users;
  Ref user;
  for (const auto& pod : pods->items)
    if (!is_finished(pod) && uses_claim(pod, ref.name)) {
      user = ref_of("Pod", pod);
      users.push_back(user.text());
    }
  if (users.empty()) co_return false;
  trail.findings.add({.code = "claim_in_use",
                      .certainty = Certainty::proven,
                      .sentence = fmt::format("The {} is kept until {} no longer {} it", ref.text(), listed(users),
                                              users.size() == 1 ? "uses" : "use"),
                      .at = user,
                      .evidence = {"finalizer kubernetes.io/pvc-protection"},
                      .next = "Scale down or delete what uses it; the claim then goes by itself, and its data with it "
                              "if the class says Delete",
                      .affects = {ref}});
  co_return true;
}

awaitable<bool> explain_volume_in_use(Trail trail, Terminating item) {
  const Ref ref = ref_to(item);
  const ObjectSeen* volume = co_await look(trail, "PersistentVolume", "", ref.name);
  const std::string ns(text_at(volume->value, {"spec", "claimRef", "namespace"})),
      claim(text_at(volume->value, {"spec", "claimRef", "name"}));
  if (!volume->seen() || claim.empty() || text_at(volume->value, {"status", "phase"}) != "Bound") co_return false;
  trail.findings.add({.code = "volume_in_use",
                      .certainty = Certainty::proven,
                      .sentence = fmt::format("The {} is kept as long as PersistentVolumeClaim {}/{} is bound to it",
                                              ref.text(), ns, claim),
                      .at = {"PersistentVolumeClaim", ns, claim},
                      .evidence = {"finalizer kubernetes.io/pv-protection"},
                      .next = "Delete that claim if its data is not needed any more",
                      .affects = {ref}});
  co_return true;
}

// Foreground deletion waits for what the object owns.
awaitable<bool> explain_dependents(Trail trail, Terminating item) {
  const Ref ref = ref_to(item);
  const std::string uid(text_at(item.object, {"metadata", "uid"}));
  std::vector<Ref> dependents;
  const auto look_at = [&](const json::value& object, std::string_view kind) {
    for (const auto& owner : array_at(object, {"metadata", "ownerReferences"}))
      if (!uid.empty() && text_at(owner, {"uid"}) == uid) dependents.push_back(ref_of(kind, object));
  };
  if (!ref.ns.empty())
    for (const std::string_view kind : {"Pod", "ReplicaSet", "Job"}) {
      const ListSeen* list = co_await trail.source.list(kinds::of(kind), ref.ns);
      for (const auto& object : list->items) look_at(object, kind);
    }
  const TerminatingSeen* others = co_await trail.source.terminating(ref.ns);
  for (const auto& other : others->items)
    if (other.kind != "ReplicaSet" && other.kind != "Job") look_at(other.object, other.kind);
  if (dependents.empty()) co_return false;
  std::vector<std::string> names;
  for (const auto& one : dependents) names.push_back(one.text());
  trail.findings.add({.code = "dependents_remain",
                      .certainty = Certainty::proven,
                      .sentence = fmt::format("The {} is deleted only after what it owns, and {} {} still there",
                                              ref.text(), listed(names), names.size() == 1 ? "is" : "are"),
                      .at = dependents.front(),
                      .evidence = {"finalizer foregroundDeletion"},
                      .next = "Find out why that does not go",
                      .affects = {ref}});
  co_return true;
}

// What may be left there and could not be seen: it holds up whatever waits for all of it. Empty: all was seen.
awaitable<std::string> unseen_in(Trail trail, std::string ns) {
  const TerminatingSeen* seen = co_await trail.source.terminating(ns);
  if (seen->sight != Sight::seen) co_return "what is being deleted there could not be read";
  if (seen->gaps.empty()) co_return "";
  co_return fmt::format("of {} it could not be read what is being deleted there", listed(seen->gaps));
}

struct KnownFinalizer {
  std::string_view finalizer, who;
};
constexpr KnownFinalizer kKnown[]{
    {"kubernetes.io/pvc-protection", "kube-controller-manager"},
    {"kubernetes.io/pv-protection", "kube-controller-manager"},
    {"foregroundDeletion", "the garbage collector of kube-controller-manager"},
    {"orphan", "the garbage collector of kube-controller-manager"},
    {"service.kubernetes.io/load-balancer-cleanup", "the cloud controller that made its load balancer"},
    {"batch.kubernetes.io/job-tracking", "the Job controller of kube-controller-manager"},
    {"customresourcecleanup.apiextensions.k8s.io", "the API server, once no custom resource of it is left"},
    {"kubernetes", "the namespace controller of kube-controller-manager"},
};

awaitable<void> explain_known(Trail trail, Terminating item, KnownFinalizer known) {
  const Ref ref = ref_to(item);
  Cause cause{.code = "finalizer_stuck",
              .certainty = Certainty::symptom,
              .sentence = fmt::format("The {} waits for {} to remove its finalizer {}", ref.text(), known.who,
                                      quoted(known.finalizer)),
              .at = ref,
              .next = "get_events_for_resource may say what keeps it"};
  for (const auto& event : co_await events_about(trail, ref)) {
    if (event.type != "Warning") continue;
    cause.certainty = Certainty::told;
    cause.sentence += ": " + clipped(event.message, 200);
    cause.evidence.push_back(show(event, trail.now()));
    break;
  }
  if (known.finalizer == "foregroundDeletion")
    if (auto unseen = co_await unseen_in(trail, ref.ns); !unseen.empty()) cause.evidence.push_back(std::move(unseen));
  if (known.finalizer == "customresourcecleanup.apiextensions.k8s.io")
    cause.next = "list_resources of that kind shows what is left; those with finalizers of their own hold it up";
  trail.findings.add(std::move(cause));
}

awaitable<void> explain_stuck(Trail trail, Terminating item) {
  const Ref ref = ref_to(item);
  for (const auto& finalizer : texts_of(array_at(item.object, {"metadata", "finalizers"}))) {
    bool explained = false;
    if (finalizer == "kubernetes.io/pvc-protection") explained = co_await explain_claim_in_use(trail, item);
    if (finalizer == "kubernetes.io/pv-protection") explained = co_await explain_volume_in_use(trail, item);
    if (finalizer == "foregroundDeletion") explained = co_await explain_dependents(trail, item);
    if (explained) continue;
    const auto known =
        std::find_if(std::begin(kKnown), std::end(kKnown), [&](const auto& one) { return one.finalizer == finalizer; });
    if (known != std::end(kKnown))
      co_await explain_known(trail, item, *known);
    else
      co_await explain_finalizer(trail, item, finalizer);
  }
}

// Conditions of a namespace that tell what is left in it.
constexpr std::string_view kNamespaceConditions[]{
    "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining", "NamespaceContentRemaining"};

awaitable<void> explain_namespace(Trail trail, const json::value& space, const Findings& inside) {
  const Ref ref = ref_of("Namespace", space);
  std::vector<std::string> lines;
  std::string what;
  bool discovery = false;
  for (const auto type : kNamespaceConditions) {
    const json::value* condition = ops::condition_of(space, type);
    if (!condition || text_at(*condition, {"status"}) != "True") continue;
    if (what.empty()) what = clipped(text_at(*condition, {"message"}), 200);
    discovery = discovery || type == kNamespaceConditions[0];
    lines.push_back(fmt::format("condition {}: {}", type, show_condition(*condition, trail.now())));
  }
  const std::string evidence = lines.empty() ? "namespace " + ref.name + " is being deleted" : lines.front();
  trail.findings.add_reasons(inside, ref, evidence);
  bool explained = inside.explains();
  if (discovery) {
    Findings reasons;
    co_await explain_api_services(trail.behind(reasons));
    trail.findings.add_reasons(reasons, ref, lines.front());
    explained = explained || reasons.explains();
  }
  if (explained) co_return;
  Cause cause{.code = "namespace_stuck",
              .certainty = what.empty() ? Certainty::symptom : Certainty::told,
              .sentence = fmt::format("Namespace {} does not go", ref.name),
              .at = ref,
              .evidence = std::move(lines),
              .next =
                  "list_resources of the kinds that are named shows what is left; never take the namespace's own "
                  "finalizer out"};
  if (!what.empty()) cause.sentence += ": " + what;
  if (auto unseen = co_await unseen_in(trail, ref.name); !unseen.empty()) cause.evidence.push_back(std::move(unseen));
  trail.findings.add(std::move(cause));
}

// What lies in one namespace, or in none.
awaitable<void> explain_objects(Trail trail, std::string ns) {
  const TerminatingSeen* seen = co_await trail.source.terminating(ns);
  std::map<std::string, std::size_t> alike;
  for (const auto& item : seen->items) {
    const auto since = overdue(item.object, trail.now());
    if (!since || item.kind == "Namespace") continue;
    const Ref ref = ref_to(item);
    std::string finalizers = listed(texts_of(array_at(item.object, {"metadata", "finalizers"})));
    if (finalizers.empty()) continue;
    if (++alike[item.kind + " " + finalizers] > kMostAlike) continue;
    trail.findings.symptom(
        fmt::format("{} has been terminating for {}: finalizers {}", ref.text(), span(*since), finalizers));
    co_await explain_stuck(trail, item);
  }
  for (const auto& [what, count] : alike)
    if (count > kMostAlike)
      trail.findings.symptom(fmt::format("{} more of {} are terminating", count - kMostAlike, what));
  if (ns.empty()) co_return;
  const ListSeen* pods = co_await trail.source.list(kinds::pods, ns);
  for (const auto& pod : pods->items) {
    if (!overdue(pod, trail.now())) continue;  // its deletionTimestamp is the end of its grace period
    const std::string name(text_at(pod, {"metadata", "name"}));
    const ObjectSeen* whole = co_await trail.source.get(kinds::pods, ns, name);
    if (whole->seen()) co_await explain_pod(trail, whole->value);
  }
}

awaitable<void> explain_namespace_of(Trail trail, std::string ns) {
  const ObjectSeen* space = co_await look(trail, "Namespace", "", ns);
  std::optional<std::int64_t> since;
  if (space->seen()) since = overdue(space->value, trail.now());
  if (!since) {
    co_await explain_objects(trail, ns);
    co_return;
  }
  Findings inside;
  const Trail behind = trail.behind(inside);
  co_await explain_objects(behind, ns);
  const Terminating item{"v1", "Namespace", "namespaces", space->value};
  co_await explain_stuck(behind, item);  // finalizers in its own metadata
  trail.findings.symptom(fmt::format("Namespace {} has been terminating for {}", ns, span(*since)));
  co_await explain_namespace(trail, space->value, inside);
}

}  // namespace

awaitable<void> explain_terminating(Trail trail, std::string ns) {
  const Ref here{"(what is terminating in)", "", ns};
  if (!trail.enter(here)) co_return;
  if (!ns.empty()) {
    co_await explain_namespace_of(trail, ns);
    co_return;
  }
  co_await explain_objects(trail, "");
  // Reading all kinds of every namespace would be too much: namespaces in which one of these does not go are looked at.
  std::set<std::string> spaces;
  for (const std::string_view kind : {"Namespace", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job",
                                      "Service", "Ingress", "PersistentVolumeClaim"}) {
    const ListSeen* all = co_await trail.source.list(kinds::of(kind), "");
    for (const auto& object : all->items) {
      const bool is_space = kind == "Namespace";
      if (!overdue(object, trail.now()) || (!is_space && array_at(object, {"metadata", "finalizers"}).empty()))
        continue;
      spaces.emplace(text_at(object, {"metadata", is_space ? "name" : "namespace"}));
    }
  }
  for (const auto& name : spaces) co_await explain_terminating(trail, name);
}

awaitable<void> explain_stuck_pod(Trail trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  if (!array_at(pod, {"metadata", "finalizers"}).empty()) {
    const Terminating item{"v1", "Pod", "pods", pod};
    co_await explain_stuck(trail, item);
    co_return;
  }
  const std::string node(text_at(pod, {"spec", "nodeName"}));
  const auto late = seconds_since(pod, {"metadata", "deletionTimestamp"}, trail.now());
  const std::string since = late ? span(*late) : "long";
  Cause cause{
      .code = "pod_stuck_terminating",
      .certainty = Certainty::symptom,
      .sentence = fmt::format("{} should have been gone {} ago, and its node {} has not said that it is", ref.text(),
                              since, node),
      .at = ref,
      .next = fmt::format(
          "describe_node name={}; delete_pod with grace_period_seconds=0 only if nothing of it can still run", node)};
  const ObjectSeen* seen = co_await trail.source.get(kinds::nodes, "", node);
  if (seen->absent() && !node.empty()) {
    cause.code = "node_absent";
    cause.certainty = Certainty::proven;
    cause.sentence = fmt::format(
        "{} cannot go: its node {} does not exist any more, and only its kubelet would remove it", ref.text(), node);
    cause.next = fmt::format("delete_pod namespace={} name={} grace_period_seconds=0", ref.ns, ref.name);
  } else if (seen->seen() && !is_ready(seen->value)) {
    Findings reasons;
    co_await explain_node(trail.behind(reasons), seen->value);
    trail.findings.add_reasons(reasons, ref, ref.text() + " is terminating on it since " + since);
    if (reasons.explains()) co_return;
  } else {
    for (const auto& event : co_await events_about(trail, ref)) {
      if (event.reason != "FailedKillPod" && event.reason != "FailedPreStopHook" && event.reason != "FailedUnmount")
        continue;
      cause.certainty = Certainty::told;
      cause.sentence =
          fmt::format("{} should have been gone {} ago: {}", ref.text(), since, clipped(event.message, 200));
      cause.evidence.push_back(show(event, trail.now()));
      break;
    }
  }
  trail.findings.add(std::move(cause));
}

}  // namespace fairlead::diagnosis
