// A pod: which of its life's steps it does not get past.
#include <fmt/format.h>

#include "base/text.h"
#include "diagnosis/containers.h"
#include "diagnosis/lookup.h"
#include "diagnosis/rules.h"
#include "kube/pod_status.h"
#include "ops/object_document.h"
#include "ops/pod_view.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kPatience = 60;  // seconds that a deletion may take beyond its grace period

// A pod that its node refused or gave up.
void explain_failure(const Trail& trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  const std::string reason(text_at(pod, {"status", "reason"})), message(text_at(pod, {"status", "message"}));
  if (reason.empty()) return;
  const std::string node(text_at(pod, {"spec", "nodeName"}));
  Cause cause{.code = "pod_failed",
              .certainty = Certainty::told,
              .sentence = fmt::format("Node {} ended {} with {}: {}", node, ref.text(), reason, message),
              .at = ref,
              .next = "describe_node name=" + node + " shows the node's conditions and what runs there"};
  if (reason == "Evicted") {
    cause.code = "evicted";
    cause.sentence = fmt::format("{} was evicted from node {}: {}", ref.text(), node, message);
  } else if (reason == "DeadlineExceeded") {
    cause.code = "pod_deadline";
    cause.sentence = fmt::format("{} ran longer than its activeDeadlineSeconds of {}", ref.text(),
                                 integer_at(pod, {"spec", "activeDeadlineSeconds"}));
    cause.next = "Allow it more time, or find out why it takes so long: get_pod_logs";
  }
  trail.findings.add(std::move(cause));
}

// The template that its controller made it from, to be compared with it.
awaitable<void> compare_with_template(Trail trail, const json::value& pod) {
  for (const auto& owner : array_at(pod, {"metadata", "ownerReferences"})) {
    if (!flag_at(owner, {"controller"})) continue;
    const Kind* kind = kinds::find(text_at(owner, {"kind"}));
    if (!kind || kind->group != text_at(owner, {"apiVersion"}).substr(0, kind->group.size())) continue;
    const std::string ns(text_at(pod, {"metadata", "namespace"})), name(text_at(owner, {"name"}));
    const ObjectSeen* controller = co_await trail.source.get(*kind, ns, name);
    if (!controller->seen()) continue;
    if (const auto* spec = ::fairlead::find(controller->value, "spec", "template", "spec"))
      co_await explain_rewriting(trail, pod, *spec);
  }
}

awaitable<bool> node_is_lost(Trail trail, const json::value& pod) {
  const std::string name(text_at(pod, {"spec", "nodeName"}));
  if (name.empty()) co_return false;
  const ObjectSeen* node = co_await trail.source.get(kinds::nodes, "", name);
  const Ref ref = ref_of("Pod", pod);
  if (node->absent()) {
    trail.findings.add(
        {.code = "node_absent",
         .certainty = Certainty::proven,
         .sentence = fmt::format("{} is bound to node {}, which does not exist", ref.text(), name),
         .at = ref,
         .next = "list_nodes shows those that do; a pod of a controller is made anew once it is deleted"});
    co_return true;
  }
  if (!node->seen()) co_return false;
  if (is_ready(node->value)) co_return false;
  Findings reasons;
  co_await explain_node(trail.behind(reasons), node->value);
  trail.findings.add_reasons(reasons, ref, ref.text() + " is on node " + name);
  co_return reasons.explains();
}

}  // namespace

std::string pod_line(const json::value& pod) {
  kube::PodView view;
  ops::view_pod(pod, view);
  const auto status = kube::pod_status(view);
  std::string out =
      fmt::format("{}: {}, {}/{} ready", ref_of("Pod", pod).text(), status.word, status.ready, status.containers);
  if (status.restarts > 0) out += fmt::format(", {} restarts", status.restarts);
  return out;
}

bool is_troubled(const json::value& pod, std::int64_t now) {
  kube::PodView view;
  ops::view_pod(pod, view);
  return kube::is_problem(kube::pod_rank(view, kube::pod_status(view), now));
}

bool is_not_ready(const json::value& pod, std::int64_t now) {
  if (is_troubled(pod, now)) return true;
  const auto phase = text_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || !text_at(pod, {"metadata", "deletionTimestamp"}).empty()) return false;
  return !is_ready(pod);
}

bool deserves_a_look(const json::value& pod, std::int64_t now) {
  if (is_troubled(pod, now)) return true;
  const auto created = ops::time_at(pod, {"metadata", "creationTimestamp"}).value_or(now);
  return is_not_ready(pod, now) && created + 5 < now;
}

awaitable<void> explain_pod(Trail trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  if (!trail.enter(ref)) co_return;
  const std::string_view phase = text_at(pod, {"status", "phase"});
  if (const auto* spec = ::fairlead::find(pod, "spec")) explain_template(trail, workload_of(pod), *spec);
  if (phase == "Succeeded") co_return;
  if (deserves_a_look(pod, trail.now())) trail.findings.symptom(pod_line(pod));
  if (const auto due = ops::time_at(pod, {"metadata", "deletionTimestamp"})) {
    if (*due + kPatience < trail.now()) {
      trail.findings.symptom(pod_line(pod));
      co_await explain_stuck_pod(trail, pod);
    }
    co_return;
  }
  // What was changed on its way in comes before what that does.
  co_await compare_with_template(trail, pod);
  if (phase == "Failed") explain_failure(trail, pod);
  if (text_at(pod, {"spec", "nodeName"}).empty()) {
    // A claim that is not bound holds it back, and so does one that is not there.
    co_await explain_references(trail, pod);
    co_await explain_scheduling(trail, pod);
  } else if (!co_await node_is_lost(trail, pod)) {
    co_await explain_start(trail, pod);
    co_await explain_crashes(trail, pod);
    if (phase == "Running") co_await explain_readiness(trail, pod);
  }
}

}  // namespace fairlead::diagnosis
