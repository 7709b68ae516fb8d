#include "sandbox/defaults.h"

namespace fairlead::sandbox {
namespace {

void default_deployment(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "replicas", 1);
  set_default(spec, "revisionHistoryLimit", 10);
  set_default(spec, "progressDeadlineSeconds", 600);
  set_default(object_in(object, {"spec", "strategy"}), "type", "RollingUpdate");
  if (text_at(object, {"spec", "strategy", "type"}) == "RollingUpdate") {
    json::object& rolling = object_in(object, {"spec", "strategy", "rollingUpdate"});
    set_default(rolling, "maxUnavailable", "25%");
    set_default(rolling, "maxSurge", "25%");
  }
}

void default_stateful_set(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "replicas", 1);
  set_default(spec, "revisionHistoryLimit", 10);
  set_default(spec, "podManagementPolicy", "OrderedReady");
  set_default(object_in(object, {"spec", "updateStrategy"}), "type", "RollingUpdate");
  if (text_at(object, {"spec", "updateStrategy", "type"}) == "RollingUpdate") {
    set_default(object_in(object, {"spec", "updateStrategy", "rollingUpdate"}), "partition", 0);
  }
  json::object& retention = object_in(object, {"spec", "persistentVolumeClaimRetentionPolicy"});
  set_default(retention, "whenDeleted", "Retain");
  set_default(retention, "whenScaled", "Retain");
  if (!find(object, "spec", "volumeClaimTemplates")) return;
  for (json::value& claim : array_in(object_in(object, {"spec"}), "volumeClaimTemplates")) {
    if (!claim.is_object()) continue;
    default_claim_spec(object_in(claim, {"spec"}));
    set_default(object_in(claim, {"status"}), "phase", "Pending");
  }
}

void default_daemon_set(json::value& object) {
  set_default(object_in(object, {"spec"}), "revisionHistoryLimit", 10);
  set_default(object_in(object, {"spec", "updateStrategy"}), "type", "RollingUpdate");
  if (text_at(object, {"spec", "updateStrategy", "type"}) != "RollingUpdate") return;
  json::object& rolling = object_in(object, {"spec", "updateStrategy", "rollingUpdate"});
  set_default(rolling, "maxUnavailable", 1);
  set_default(rolling, "maxSurge", 0);
}

void default_job(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  bool counted = find(object, "spec", "completions") || find(object, "spec", "parallelism");
  if (!counted) set_default(spec, "completions", 1);
  set_default(spec, "parallelism", 1);
  set_default(spec, "backoffLimit", find(object, "spec", "backoffLimitPerIndex") ? INT32_MAX : 6);
  set_default(spec, "completionMode", "NonIndexed");
  set_default(spec, "suspend", false);
  set_default(spec, "manualSelector", false);
  set_default(spec, "podReplacementPolicy",
              find(object, "spec", "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  json::object labels = object_at(object, {"spec", "template", "metadata", "labels"});
  if (!labels.empty() && object_at(object, {"metadata", "labels"}).empty())
    object_in(object, {"metadata"})["labels"] = std::move(labels);
}

void default_cron_job(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "concurrencyPolicy", "Allow");
  set_default(spec, "suspend", false);
  set_default(spec, "successfulJobsHistoryLimit", 3);
  set_default(spec, "failedJobsHistoryLimit", 1);
  default_pod_spec(object_in(object, {"spec", "jobTemplate", "spec", "template", "spec"}));
}

void default_replication_controller(json::value& object) {
  json::object labels = object_at(object, {"spec", "template", "metadata", "labels"});
  if (!labels.empty() && object_at(object, {"spec", "selector"}).empty())
    object_in(object, {"spec"})["selector"] = labels;
  if (!labels.empty() && object_at(object, {"metadata", "labels"}).empty())
    object_in(object, {"metadata"})["labels"] = labels;
  set_default(object_in(object, {"spec"}), "replicas", 1);
}

}  // namespace

void default_workload(std::string_view kind, json::value& object) {
  if (kind == "Deployment") default_deployment(object);
  if (kind == "ReplicaSet") set_default(object_in(object, {"spec"}), "replicas", 1);
  if (kind == "StatefulSet") default_stateful_set(object);
  if (kind == "DaemonSet") default_daemon_set(object);
  if (kind == "Job") default_job(object);
  if (kind == "CronJob") default_cron_job(object);
  if (kind == "ReplicationController") default_replication_controller(object);
  if (kind == "PodTemplate") default_pod_spec(object_in(object, {"template", "spec"}));
  bool templated =
      kind == "Deployment" || kind == "ReplicaSet" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "Job";
  if (kind == "ReplicationController") templated = find(object, "spec", "template") != nullptr;  // it may have none
  if (templated) default_pod_spec(object_in(object, {"spec", "template", "spec"}));
}

}  // namespace fairlead::sandbox
