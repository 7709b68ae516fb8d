// What controls pods: how far it is from what it should be, and which of its pods, rejections or Services tell why.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "diagnosis/containers.h"
#include "diagnosis/lookup.h"
#include "kube/pod_status.h"
#include "ops/object_document.h"
#include "ops/pod_view.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kSamples = 3;  // pods of one workload that are looked into

bool controlled_by(const json::value& object, const json::value& owner) {
  const auto& owners = array_at(object, {"metadata", "ownerReferences"});
  return std::any_of(owners.begin(), owners.end(), [&](const auto& reference) {
    return flag_at(reference, {"controller"}) && text_at(reference, {"uid"}) == text_at(owner, {"metadata", "uid"});
  });
}

std::string word_of(const json::value& pod) {
  kube::PodView view;
  ops::view_pod(pod, view);
  return kube::pod_status(view).word;
}

class WorkloadCase {
 public:
  WorkloadCase(Trail trail, std::string kind, const json::value& object)
      : trail_(std::move(trail)), kind_(std::move(kind)), object_(object), ref_(ref_of(kind_, object)) {}

  awaitable<void> run() {
    if (const auto* spec = ::fairlead::find(object_, "spec", "template", "spec")) explain_template(trail_, ref_, *spec);
    co_await controller_is_silent();
    if (kind_ == "Deployment") co_await deployment();
    if (kind_ == "DaemonSet") count("desiredNumberScheduled", "numberReady", "nodes have a ready pod");
    if (kind_ == "StatefulSet") {
      replicas();
      co_await governing_service();
    }
    if (kind_ == "ReplicaSet") replicas();
    owners_.push_back(&object_);
    for (const auto* owner : owners_) co_await rejections(*owner);
    co_await pods();
    co_await autoscaler();
    co_await services();
  }

 private:
  std::int64_t wanted() const { return integer_at(object_, {"spec", "replicas"}, 1); }

  void add(std::string code, Certainty certainty, std::string sentence, std::string next,
           std::vector<std::string> evidence = {}) {
    trail_.findings.add({.code = std::move(code),
                         .certainty = certainty,
                         .sentence = std::move(sentence),
                         .at = ref_,
                         .evidence = std::move(evidence),
                         .next = std::move(next)});
  }

  void count(std::string_view of, std::string_view part, std::string_view words) {
    const auto whole = integer_at(object_, {"status", of}), have = integer_at(object_, {"status", part});
    if (have < whole) trail_.findings.symptom(fmt::format("{}: {} of {} {}", ref_.text(), have, whole, words));
  }

  void replicas() {
    const auto ready = integer_at(object_, {"status", "readyReplicas"});
    if (ready < wanted())
      trail_.findings.symptom(fmt::format("{}: {} of {} replicas are ready", ref_.text(), ready, wanted()));
  }

  // Its controller has not seen the newest of what is wanted.
  awaitable<void> controller_is_silent() {
    const auto generation = integer_at(object_, {"metadata", "generation"});
    const auto* observed = ::fairlead::find(object_, "status", "observedGeneration");
    const auto created = ops::time_at(object_, {"metadata", "creationTimestamp"}).value_or(trail_.now());
    if (generation == 0 || created + 30 > trail_.now()) co_return;
    if (observed && integer_at(object_, {"status", "observedGeneration"}) >= generation) co_return;
    std::int64_t changed = 0;
    for (const auto& manager : array_at(object_, {"metadata", "managedFields"})) {
      const auto time = ops::time_at(manager, {"time"}).value_or(0);
      // A change of a moment ago looks the same.
      if (time + 30 > trail_.now()) co_return;
      const bool controllers = text_at(manager, {"manager"}) == "kube-controller-manager";
      if (!controllers && text_at(manager, {"subresource"}).empty()) changed = std::max(changed, time);
    }
    // Who has written a condition since has seen the change, and failed at it.
    for (const auto& condition : array_at(object_, {"status", "conditions"}))
      for (auto time : {"lastUpdateTime", "lastTransitionTime"})
        if (changed > 0 && ops::time_at(condition, {time}).value_or(0) >= changed) co_return;
    Findings reasons;
    co_await explain_control_plane(trail_.behind(reasons));
    if (reasons.explains()) trail_.findings.add_reasons(reasons, ref_, "its controller has not seen the latest change");
    add("controller_silent", reasons.explains() ? Certainty::symptom : Certainty::inferred,
        fmt::format("No controller has acted on the latest change of {}: kube-controller-manager seems not to work",
                    ref_.text()),
        "cluster_health looks at the control plane",
        {fmt::format("generation {}, observed {}", generation, integer_at(object_, {"status", "observedGeneration"}))});
  }

  awaitable<void> deployment() {
    replicas();
    const auto replicas_now = integer_at(object_, {"status", "replicas"}),
               updated = integer_at(object_, {"status", "updatedReplicas"});
    const bool unfinished = updated < wanted() || replicas_now > updated;
    if (flag_at(object_, {"spec", "paused"}) && updated < wanted()) {
      trail_.findings.symptom(
          fmt::format("{}: its rollout is paused at {} of {} updated replicas", ref_.text(), updated, wanted()));
      add("rollout_paused", Certainty::proven,
          fmt::format("{} is paused, so that its latest change is not rolled out: {} of {} replicas have it",
                      ref_.text(), updated, wanted()),
          "Resume the rollout (kubectl rollout resume), if nobody paused it on purpose");
    }
    const auto* progressing = ops::condition_of(object_, "Progressing");
    if (progressing && text_at(*progressing, {"reason"}) == "ProgressDeadlineExceeded" && unfinished)
      trail_.findings.symptom(fmt::format("{}: its rollout has not progressed within {} s", ref_.text(),
                                          integer_at(object_, {"spec", "progressDeadlineSeconds"}, 600)));
    const ListSeen* sets = co_await trail_.source.list(kinds::of("ReplicaSet"), ref_.ns);
    for (const auto& set : sets->items)
      if (controlled_by(set, object_)) owners_.push_back(&set);
    unfinished_ = unfinished;
  }

  awaitable<void> governing_service() {
    const std::string name(text_at(object_, {"spec", "serviceName"}));
    if (name.empty()) co_return;
    const ObjectSeen* service = co_await trail_.source.get(kinds::of("Service"), ref_.ns, name);
    if (!service->absent()) co_return;
    add("governing_service_absent", Certainty::suspicious,
        fmt::format("{} names the Service {}, which does not exist: its pods have no names of their own in DNS",
                    ref_.text(), name),
        fmt::format("Create a headless Service {} in {}", name, ref_.ns));
  }

  awaitable<void> rejections(const json::value& owner) {
    const std::string kind = &owner == &object_ ? kind_ : "ReplicaSet";
    const auto have = integer_at(owner, {"status", kind == "DaemonSet" ? "currentNumberScheduled" : "replicas"});
    const auto want = kind == "DaemonSet" ? integer_at(owner, {"status", "desiredNumberScheduled"})
                                          : integer_at(owner, {"spec", "replicas"}, 1);
    if (kind == "Job" || (kind != "Deployment" && have >= want)) co_return;
    Findings reasons;
    co_await explain_rejections(trail_.behind(reasons), ref_of(kind, owner));
    if (kind == "Deployment") {
      if (reasons.explains()) trail_.findings.symptom(ref_.text() + ": its new ReplicaSet could not be created");
      trail_.findings.add_reasons(reasons, ref_, "");
      co_return;
    }
    if (reasons.explains())
      trail_.findings.symptom(
          fmt::format("{}: {} of {} pods could be created", ref_of(kind, owner).text(), have, want));
    trail_.findings.add_reasons(reasons, ref_,
                                fmt::format("{} has {} of {} pods", ref_of(kind, owner).text(), have, want));
  }

  awaitable<void> pods() {
    const ListSeen* all = co_await trail_.source.list(kinds::pods, ref_.ns);
    std::map<std::string, std::vector<const json::value*>> troubled;  // by status word
    for (const auto& pod : all->items) {
      const bool mine =
          std::any_of(owners_.begin(), owners_.end(), [&](const auto* owner) { return controlled_by(pod, *owner); });
      if (!mine || is_leftover(pod, kind_, object_)) continue;
      if (is_not_ready(pod, trail_.now()))
        troubled[word_of(pod)].push_back(&pod);
      else if (!healthy_)
        healthy_ = &pod;
    }
    // A StatefulSet waits for its lowest pod.
    std::vector<const json::value*> chosen;
    for (auto& [word, group] : troubled) {
      std::stable_sort(group.begin(), group.end(), [](const auto* a, const auto* b) {
        return text_at(*a, {"metadata", "name"}) < text_at(*b, {"metadata", "name"});
      });
      chosen.push_back(group.front());
    }
    for (auto& [word, group] : troubled)
      if (group.size() > 1 && chosen.size() < kSamples) chosen.push_back(group.back());
    if (chosen.size() > kSamples) chosen.resize(kSamples);
    for (const auto* pod : chosen) {
      const std::string name(text_at(*pod, {"metadata", "name"}));
      const ObjectSeen* whole = co_await trail_.source.get(kinds::pods, ref_.ns, name);
      if (!whole->seen()) continue;
      Findings reasons;
      co_await explain_pod(trail_.behind(reasons), whole->value);
      if (is_of_old_template(*pod)) {
        blame_old_pod(*pod, reasons);
        continue;
      }
      // Others of its kind suffer from the same.
      trail_.findings.add_reasons(reasons, ref_, "");
      for (const auto& cause : reasons.ranked()) {
        std::vector<Ref> others;
        for (const auto* other : troubled[word_of(*pod)]) others.push_back(ref_of("Pod", *other));
        if (cause.certainty < Certainty::suspicious) trail_.findings.add_affected(cause.code, cause.at, others);
      }
    }
    if (troubled.empty() && healthy_) co_await look_at_healthy();
  }

  // A StatefulSet does not replace a pod of an earlier revision that is not ready: it waits until it is.
  bool is_of_old_template(const json::value& pod) const {
    const std::string_view wanted = text_at(object_, {"status", "updateRevision"}),
                           has = label_of(pod, "controller-revision-hash");
    return kind_ == "StatefulSet" && !wanted.empty() && !has.empty() && wanted != has &&
           text_at(object_, {"spec", "podManagementPolicy"}) != "Parallel" &&
           text_at(object_, {"spec", "updateStrategy", "type"}) != "OnDelete" &&
           integer_at(object_, {"spec", "updateStrategy", "rollingUpdate", "partition"}) == 0;
  }

  void blame_old_pod(const json::value& pod, const Findings& reasons) {
    const Ref at = ref_of("Pod", pod);
    std::vector<std::string> evidence{fmt::format("it has revision {}, and {} is at {}",
                                                  label_of(pod, "controller-revision-hash"), ref_.text(),
                                                  text_at(object_, {"status", "updateRevision"}))};
    for (const auto& cause : reasons.ranked()) {
      if (cause.certainty > Certainty::symptom || evidence.size() > 2) break;
      evidence.push_back("it is not ready: " + cause.sentence);
    }
    for (const auto& line : reasons.symptoms()) trail_.findings.symptom(line);
    trail_.findings.add({.code = "old_pod_stops_rollout",
                         .certainty = Certainty::proven,
                         .sentence = fmt::format("{} is of an older revision of {} and not ready, so that the present "
                                                 "one is not rolled out: the controller waits for it",
                                                 at.text(), ref_.text()),
                         .at = at,
                         .evidence = std::move(evidence),
                         .next = fmt::format("Delete it (delete_pod name={} namespace={}): it is made anew from the "
                                             "present template",
                                             at.name, at.ns),
                         .affects = {ref_}});
  }

  // Its pods run; what somebody changed in them is worth a word all the same.
  awaitable<void> look_at_healthy() {
    const auto* spec = ::fairlead::find(object_, "spec", "template", "spec");
    const std::string name(text_at(*healthy_, {"metadata", "name"}));
    const ObjectSeen* whole = co_await trail_.source.get(kinds::pods, ref_.ns, name);
    // During a rollout the old ones differ.
    if (spec && whole->seen() && !unfinished_) co_await explain_rewriting(trail_, whole->value, *spec);
  }

  awaitable<void> autoscaler() {
    const ListSeen* all = co_await trail_.source.list(kinds::autoscalers, ref_.ns);
    for (const auto& one : all->items) {
      if (text_at(one, {"spec", "scaleTargetRef", "kind"}) != kind_ ||
          text_at(one, {"spec", "scaleTargetRef", "name"}) != ref_.name)
        continue;
      explain_autoscaler(trail_, one);
    }
  }

  // Whether a selector fits the template of some workload.
  awaitable<bool> means_another(json::object selector) {
    for (auto kind : {"Deployment", "StatefulSet", "DaemonSet"}) {
      const ListSeen* all = co_await trail_.source.list(kinds::of(kind), ref_.ns);
      for (const auto& one : all->items)
        if (selects_map(selector, object_at(one, {"spec", "template", "metadata", "labels"}))) co_return true;
    }
    co_return false;
  }

  // Services that mean its pods, or seem to.
  awaitable<void> services() {
    // Who came from a Service knows it already, and its neighbours are no reason for anything here.
    for (const auto& ref : trail_.path)
      if (ref.kind == "Service") co_return;
    const auto& labels = object_at(object_, {"spec", "template", "metadata", "labels"});
    const ListSeen* all = co_await trail_.source.list(kinds::of("Service"), ref_.ns);
    for (const auto& service : all->items) {
      const auto& selector = object_at(service, {"spec", "selector"});
      const bool mine = selects_map(selector, labels);
      const bool namesake = text_at(service, {"metadata", "name"}) == ref_.name;
      if (!mine && !namesake) {
        // One label of several is right.
        const bool some = std::any_of(selector.begin(), selector.end(), [&](const auto& wanted) {
          const auto* label = labels.if_contains(wanted.key());
          return label && *label == wanted.value();
        });
        if (!some) continue;
      }
      if (mine && wanted() == 0) continue;
      if (!mine && co_await means_another(selector)) continue;
      Findings reasons;
      Trail beside = trail_.behind(reasons);
      beside.survey = trail_.survey;
      co_await explain_service(beside, service);
      for (const auto& cause : reasons.ranked()) {
        // What the workload itself has is told already.
        if (cause.at.kind == "Service") trail_.findings.add(cause);
      }
      for (const auto& line : reasons.symptoms())
        if (line.starts_with("Service ")) trail_.findings.symptom(line);
    }
  }

  Trail trail_;
  std::string kind_;
  const json::value& object_;
  Ref ref_;
  std::vector<const json::value*> owners_;  // of pods
  const json::value* healthy_ = nullptr;
  bool unfinished_ = false;
};

}  // namespace

void explain_autoscaler(const Trail& trail, const json::value& autoscaler) {
  const Ref ref = ref_of("HorizontalPodAutoscaler", autoscaler);
  const Ref target{std::string(text_at(autoscaler, {"spec", "scaleTargetRef", "kind"})), ref.ns,
                   std::string(text_at(autoscaler, {"spec", "scaleTargetRef", "name"}))};
  for (auto type : {"AbleToScale", "ScalingActive"}) {
    const auto* condition = ops::condition_of(autoscaler, type);
    if (!condition || text_at(*condition, {"status"}) != "False") continue;
    const auto reason = text_at(*condition, {"reason"});
    if (reason == "ScalingDisabled") continue;  // its target is scaled to 0 on purpose
    const bool absent = reason == "FailedGetScale";
    trail.findings.symptom(fmt::format("{} does not scale {}", ref.text(), target.text()));
    trail.findings.add(
        {.code = absent ? "autoscaler_target" : "autoscaler_no_metrics",
         .certainty = Certainty::told,
         .sentence = absent
                         ? fmt::format("{} cannot find what it scales, {}", ref.text(), target.text())
                         : fmt::format("{} does not get the metrics that it scales {} by", ref.text(), target.text()),
         .at = ref,
         .evidence = {fmt::format("condition {} is False, {}: {}", type, reason, text_at(*condition, {"message"}))},
         .next = absent ? "Correct scaleTargetRef" : "Install metrics-server, or give the containers resource requests",
         .affects = {target}});
  }
  const auto* limited = ops::condition_of(autoscaler, "ScalingLimited");
  if (limited && text_at(*limited, {"status"}) == "True" && text_at(*limited, {"reason"}) == "TooManyReplicas")
    trail.findings.add({.code = "autoscaler_limit",
                        .certainty = Certainty::suspicious,
                        .sentence = fmt::format("{} would scale {} beyond its maxReplicas of {}", ref.text(),
                                                target.text(), integer_at(autoscaler, {"spec", "maxReplicas"})),
                        .at = ref,
                        .evidence = {std::string(text_at(*limited, {"message"}))},
                        .next = "Raise maxReplicas if the load is meant"});
}

awaitable<void> explain_workload(Trail trail, std::string kind, std::string ns, std::string name) {
  const Kind* known = kinds::find(kind);
  if (!known) co_return;
  const ObjectSeen* object = co_await trail.source.get(*known, ns, name);
  if (!object->seen()) co_return;
  const auto deleted = ops::time_at(object->value, {"metadata", "deletionTimestamp"});
  if (kind != "Pod" && deleted && *deleted + 60 < trail.now()) {
    Findings all;
    co_await explain_terminating(trail.behind(all), ns);
    const Ref ref{kind, ns, name};
    trail.findings.symptom(ref.text() + " is being deleted and does not go");
    for (const auto& cause : all.ranked())
      if (cause.at == ref || std::find(cause.affects.begin(), cause.affects.end(), ref) != cause.affects.end())
        trail.findings.add(cause);
  }
  if (kind == "Pod")
    co_await explain_pod(trail, object->value);
  else if (kind == "Service")
    co_await explain_service(trail, object->value);
  else if (kind == "Ingress")
    co_await explain_ingress(trail, object->value);
  else if (kind == "PersistentVolumeClaim")
    co_await explain_claim(trail, object->value);
  else if (kind == "Job")
    co_await explain_job(trail, object->value);
  else if (kind == "CronJob")
    co_await explain_cron_job(trail, object->value);
  else if (kind == "Node")
    co_await explain_node(trail, object->value);
  else if (kind == "HorizontalPodAutoscaler")
    explain_autoscaler(trail, object->value);
  else if (trail.enter({kind, ns, name})) {
    WorkloadCase one(std::move(trail), kind, object->value);
    co_await one.run();
  }
}

}  // namespace fairlead::diagnosis
