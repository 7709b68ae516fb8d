// Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs and what they keep.
#include <map>
#include <set>

#include "sandbox/selector.h"
#include "sandbox/validation_cron.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

bool matches(const Place& selector, const Place& labels) {
  Labels all;
  if (labels.value().is_object()) {
    for (const auto& label : labels.value().get_object()) {
      if (label.value().is_string()) all.emplace_back(label.key(), label.value().get_string());
    }
  }
  return LabelSelector::from_object(selector.value()).matches(all);
}

// A map by its keys, as Go shows it.
json::value in_order(const json::value& map) {
  if (!map.is_object()) return map;
  std::map<View, const json::value*> sorted;
  for (const auto& entry : map.get_object()) sorted.emplace(entry.key(), &entry.value());
  json::object out;
  for (const auto& [key, value] : sorted) out[key] = *value;
  return out;
}

json::value shown_labels(const Place& labels) {
  return labels.given() ? in_order(labels.value()) : json::value(nullptr);
}

json::value shown_selector(const Place& selector) {
  json::value out = selector.value();
  if (selector["matchLabels"].given()) out.get_object()["matchLabels"] = in_order(selector["matchLabels"].value());
  return out;
}

void selector_unchanged(const Place& now, const Place& before, Findings& out) {
  if (now.value() != before.value()) out.invalid(now, shown_selector(now), "field is immutable");
}

// The selector, the template, and that they fit together. `name` is the kind's own word for itself.
void check_selector_and_template(const Place& spec, View name, Findings& out) {
  Place selector = spec["selector"], labels = spec[{"template", "metadata", "labels"}];
  bool empty = false;
  if (!selector.given()) {
    out.required(selector);
  } else {
    std::size_t found = out.size();
    out.label_selector(selector);
    if (out.size() > found) return out.invalid(selector, name == "deployment" ? "invalid label selector" : "");
    empty = selector["matchLabels"].entries().empty() && selector["matchExpressions"].items().empty();
    if (empty) out.invalid(selector, "empty selector is invalid for " + std::string(name));
  }
  // An empty selector matches all labels, none at all matches nothing.
  if (!empty && !(selector.given() && matches(selector, labels)))
    out.invalid(labels, shown_labels(labels), "`selector` does not match template `labels`");
  check_pod_template(spec["template"], out);
}

void only_always(const Place& spec, View kind, Findings& out) {
  Place policy = spec[{"template", "spec", "restartPolicy"}],
        deadline = spec[{"template", "spec", "activeDeadlineSeconds"}];
  if ((policy.is("OnFailure") || policy.is("Never"))) out.not_supported(policy, {"Always"});
  if (deadline.given()) out.forbidden(deadline, "activeDeadlineSeconds in " + std::string(kind) + " is not Supported");
}

json::value shown_strategy(const Place& strategy) {
  return json::object{{"Type", strategy["type"].text()}, {"RollingUpdate", nullptr}};
}

void not_supported(const Place& strategy, View supported, Findings& out) {
  out.add(
      Cause{"FieldValueNotSupported",
            "Unsupported value: " + compact(shown_strategy(strategy)) + ": supported values: " + std::string(supported),
            strategy.path()});
}

void int_or_percent(const Place& place, Findings& out) {
  if (place.value().is_string()) {
    if (std::string problem = percent_problem(place.text()); !problem.empty()) out.invalid(place, problem);
  } else {
    out.not_negative(place);
  }
}

void not_above_all(const Place& place, Findings& out) {
  View text = place.text();
  if (text.size() > 1 && percent_problem(text).empty() && (text.size() > 4 || std::stoi(std::string(text)) > 100))
    out.invalid(place, "must not be greater than 100%");
}

void check_deployment(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], strategy = spec["strategy"], rolling = strategy["rollingUpdate"];
  out.not_negative(spec["replicas"]);
  check_selector_and_template(spec, "deployment", out);
  only_always(spec, "ReplicaSet", out);
  if (strategy["type"].is("Recreate")) {
    if (rolling.given()) out.forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'");
  } else if (strategy["type"].is("RollingUpdate")) {
    Place unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
    int_or_percent(unavailable, out);
    int_or_percent(surge, out);
    if (is_zero(unavailable) && is_zero(surge)) out.invalid(unavailable, "may not be 0 when `maxSurge` is 0");
    not_above_all(unavailable, out);
  } else {
    not_supported(strategy, "\"Recreate\", \"RollingUpdate\"", out);
  }
  out.not_negative(spec["minReadySeconds"]);
  out.not_negative(spec["revisionHistoryLimit"]);
  Place deadline = spec["progressDeadlineSeconds"];
  out.not_negative(deadline);
  if (deadline.given() && deadline.number() <= spec["minReadySeconds"].number())
    out.invalid(deadline, "must be greater than minReadySeconds");
  if (before && spec["selector"].given()) selector_unchanged(spec["selector"], (*before)[{"spec", "selector"}], out);
}

void check_replica_set(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"];
  out.not_negative(spec["replicas"]);
  out.not_negative(spec["minReadySeconds"]);
  check_selector_and_template(spec, "deployment", out);
  only_always(spec, "ReplicaSet", out);
  if (!before) return;
  // The checks of an object and of its change both look at the spec.
  check_selector_and_template(spec, "deployment", out);
  only_always(spec, "ReplicaSet", out);
  if (spec["selector"].given()) selector_unchanged(spec["selector"], (*before)[{"spec", "selector"}], out);
}

void check_controller(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"], selector = spec["selector"], labels = spec[{"template", "metadata", "labels"}];
  out.not_negative(spec["minReadySeconds"]);
  if (selector.entries().empty()) out.required(selector);
  out.not_negative(spec["replicas"]);
  if (!spec["template"].given()) return out.required(spec["template"]);
  for (const Place& label : selector.entries()) {
    View key = View(label.path()).substr(selector.path().size() + 1);
    key.remove_suffix(1);
    if (labels[key].text() == label.text()) continue;
    out.invalid(labels, shown_labels(labels), "`selector` does not match template `labels`");
    break;
  }
  check_pod_template(spec["template"], out);
  only_always(spec, "ReplicationController", out);
}

json::value without(const Place& spec, std::initializer_list<View> members) {
  json::value out = spec.value();
  if (!out.is_object()) return out;
  for (View member : members) out.get_object().erase(member);
  return out;
}

void check_stateful_set(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], strategy = spec["updateStrategy"];
  if (Place policy = spec["podManagementPolicy"]; !policy.is("OrderedReady") && !policy.is("Parallel")) {
    out.invalid(policy, json::string(policy.text()), "must be 'OrderedReady' or 'Parallel'");
  }
  if (strategy["type"].is("OnDelete")) {
    Place rolling = strategy["rollingUpdate"];
    json::value shown = json::object{{"Partition", rolling["partition"].number()},
                                     {"MaxUnavailable", rolling["maxUnavailable"].value()}};
    if (rolling.given()) out.invalid(rolling, shown, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (strategy["type"].is("RollingUpdate")) {
    out.not_negative(strategy["rollingUpdate"]["partition"]);
    if (Place unavailable = strategy["rollingUpdate"]["maxUnavailable"]; unavailable.given()) {
      int_or_percent(unavailable, out);
      if (is_zero(unavailable)) out.invalid(unavailable, "cannot be 0");
      not_above_all(unavailable, out);
    }
  } else {
    out.invalid(strategy, shown_strategy(strategy), "must be 'RollingUpdate' or 'OnDelete'");
  }
  for (View member : {"whenDeleted", "whenScaled"}) {
    if (Place policy = spec["persistentVolumeClaimRetentionPolicy"][member]; policy.given())
      out.one_of(policy, {"Retain", "Delete"});
  }
  out.not_negative(spec["replicas"]);
  out.not_negative(spec["minReadySeconds"]);
  out.not_negative(spec["ordinals"]["start"]);
  // Volumes that come from claim templates are there for the mounts.
  json::value with_claims = object.value();
  json::array& volumes = array_in(object_in(with_claims, {"spec", "template", "spec"}), "volumes");
  std::set<std::string> names;
  for (const json::value& volume : volumes) names.emplace(text_at(volume, {"name"}));
  for (const Place& claim : spec["volumeClaimTemplates"].items()) {
    std::string name(claim[{"metadata", "name"}].text());
    if (names.insert(name).second)
      volumes.push_back(json::object{{"name", name}, {"persistentVolumeClaim", json::object{{"claimName", name}}}});
  }
  check_selector_and_template(Place(find(with_claims, "spec"), "spec"), "statefulset", out);
  only_always(spec, "StatefulSet", out);
  if (!before) return;
  auto changeable = {View("replicas"),
                     View("ordinals"),
                     View("template"),
                     View("updateStrategy"),
                     View("revisionHistoryLimit"),
                     View("persistentVolumeClaimRetentionPolicy"),
                     View("minReadySeconds")};
  if (without(spec, changeable) != without((*before)["spec"], changeable)) {
    out.forbidden(spec,
                  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                  "'updateStrategy', 'revisionHistoryLimit', "
                  "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  }
}

void check_daemon_set(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], strategy = spec["updateStrategy"], rolling = strategy["rollingUpdate"];
  Place selector = spec["selector"], labels = spec[{"template", "metadata", "labels"}];
  std::size_t found = out.size();
  out.label_selector(selector);
  bool readable = out.size() == found;
  if (readable && !(selector.given() && matches(selector, labels)))
    out.invalid(labels, shown_labels(labels), "`selector` does not match template `labels`");
  if (selector.given() && selector["matchLabels"].entries().empty() && selector["matchExpressions"].items().empty()) {
    out.invalid(selector, "empty selector is invalid for daemonset");
  }
  check_pod_template(spec["template"], out);
  only_always(spec, "DaemonSet", out);
  out.not_negative(spec["minReadySeconds"]);
  if (strategy["type"].is("RollingUpdate")) {
    Place unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
    int_or_percent(unavailable, out);
    int_or_percent(surge, out);
    bool none = is_zero(unavailable), no_surge = is_zero(surge);
    if (none && no_surge) out.required(unavailable, "cannot be 0 when maxSurge is 0");
    if (!none && !no_surge) out.invalid(surge, "may not be set when maxUnavailable is non-zero");
    not_above_all(unavailable, out);
    not_above_all(surge, out);
  } else if (!strategy["type"].is("OnDelete")) {
    not_supported(strategy, "\"RollingUpdate\", \"OnDelete\"", out);
  }
  out.not_negative(spec["revisionHistoryLimit"]);
  if (before && selector.given()) selector_unchanged(selector, (*before)[{"spec", "selector"}], out);
}

void check_job_spec(const Place& spec, Findings& out) {
  for (View member : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
                      "backoffLimitPerIndex", "maxFailedIndexes"}) {
    out.not_negative(spec[member]);
  }
  if (Place mode = spec["completionMode"]; mode.given()) {
    if (!mode.is("NonIndexed") && !mode.is("Indexed")) out.not_supported(mode, {"NonIndexed", "Indexed"});
    if (mode.is("Indexed") && !spec["completions"].given())
      out.required(spec["completions"], "when completion mode is Indexed");
    if (mode.is("Indexed") && spec["parallelism"].number() > 100'000)
      out.invalid(spec["parallelism"], "must be less than or equal to 100000 when completion mode is Indexed");
  }
  check_pod_template(spec["template"], out);
  Place policy = spec[{"template", "spec", "restartPolicy"}];
  if (policy.text().empty() || policy.is("Always")) {
    out.add(Cause{"FieldValueRequired", "Required value: valid values: \"OnFailure\", \"Never\"", policy.path()});
  } else if (!policy.is("OnFailure") && !policy.is("Never")) {
    out.not_supported(policy, {"OnFailure", "Never"});
  }
}

// A selector that the client gave without saying so must be the one that would have been made.
void check_generated_selector(const Place& job, Findings& out) {
  if (job["spec"]["manualSelector"].flag()) return;
  View uid = job["metadata"]["uid"].text(), name = job["metadata"]["name"].text();
  Labels made{{"batch.kubernetes.io/controller-uid", uid},
              {"batch.kubernetes.io/job-name", name},
              {"controller-uid", uid},
              {"job-name", name}};
  Place selector = job["spec"]["selector"];
  if (selector.given() && !LabelSelector::from_object(selector.value()).matches(made))
    out.invalid(selector, shown_selector(selector), "`selector` not auto-generated");
}

void check_spec_of_job(const Place& spec, Findings& out) {
  Place labels = spec[{"template", "metadata", "labels"}];
  check_job_spec(spec, out);
  if (!spec["selector"].given()) {
    out.required(spec["selector"]);
  } else {
    out.label_selector(spec["selector"]);
  }
  if (!spec["selector"].given() || !matches(spec["selector"], labels))
    out.invalid(labels, shown_labels(labels), "`selector` does not match template `labels`");
}

void check_job(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"];
  check_generated_selector(object, out);
  check_spec_of_job(spec, out);
  if (!before) return;
  check_spec_of_job(spec, out);  // once for the object, once for its change
  Place old = (*before)["spec"];
  bool indexed = spec["completionMode"].is("Indexed");
  if (!(indexed && spec["completions"].number() == spec["parallelism"].number()))
    out.unchanged(spec["completions"], old["completions"]);
  selector_unchanged(spec["selector"], old["selector"], out);
  // A suspended job that never started may get other places to run at.
  bool waiting = old["suspend"].flag() && !(*before)[{"status", "startTime"}].given();
  if (!waiting) out.unchanged(spec["template"], old["template"]);
  out.unchanged(spec["completionMode"], old["completionMode"]);
  out.unchanged(spec["podFailurePolicy"], old["podFailurePolicy"]);
  out.unchanged(spec["backoffLimitPerIndex"], old["backoffLimitPerIndex"]);
}

void check_cron_job(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], schedule = spec["schedule"], zone = spec["timeZone"],
        job = spec[{"jobTemplate", "spec"}];
  if (schedule.text().empty()) {
    out.required(schedule);
  } else {
    View text = schedule.text();
    if (text.starts_with("TZ=") || text.starts_with("CRON_TZ="))
      text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
    if (std::string problem = cron_problem(text); !problem.empty()) out.invalid(schedule, problem);
    if (schedule.text().find("TZ") != View::npos) {
      out.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
  }
  if (zone.given() && zone.text().empty()) out.invalid(zone, "timeZone must be nil or non-empty string");
  if (zone.is("Local") || zone.is("local"))
    out.invalid(zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  out.not_negative(spec["startingDeadlineSeconds"]);
  out.one_of(spec["concurrencyPolicy"], {"Allow", "Forbid", "Replace"});
  check_job_spec(job, out);
  if (job["selector"].given()) out.invalid(job["selector"], "`selector` will be auto-generated");
  if (job["manualSelector"].flag())
    out.add(unsupported_value(job["manualSelector"].path(), "true", "\"nil\", \"false\""));
  out.not_negative(spec["successfulJobsHistoryLimit"]);
  out.not_negative(spec["failedJobsHistoryLimit"]);
  Place name = object[{"metadata", "name"}];
  if (!before && name.text().size() > 52) out.invalid(name, "must be no more than 52 characters");
}

void check_revision(const Place& object, const Place* before, Findings& out) {
  if (!object["data"].given()) out.required(object["data"], "data is mandatory");
  out.not_negative(object["revision"]);
  if (before) out.unchanged(object["data"], (*before)["data"]);
}

}  // namespace

Check workload_check(std::string_view kind) {
  if (kind == "Deployment") return check_deployment;
  if (kind == "ReplicaSet") return check_replica_set;
  if (kind == "ReplicationController") return check_controller;
  if (kind == "StatefulSet") return check_stateful_set;
  if (kind == "DaemonSet") return check_daemon_set;
  if (kind == "Job") return check_job;
  if (kind == "CronJob") return check_cron_job;
  return kind == "ControllerRevision" ? check_revision : nullptr;
}

}  // namespace fairlead::sandbox
