// Deployments' relatives: ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs. What changes them stands elsewhere.
#include <fmt/format.h>

#include "base/text.h"
#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/object_document.h"
#include "ops/workload_document.h"

namespace fairlead::ops {
namespace {

void add_template(Rows& rows, const json::value& spec) {
  const json::array& containers = array_at(spec, {"template", "spec", "containers"});
  for (auto key : {"name", "image"}) {
    rows.begin_list();
    for (const auto& container : containers) rows.list_item(text_at(container, {key}));
  }
}

const json::value& spec_of(const json::value& object) {
  static const json::value none;
  const json::value* spec = find(object, "spec");
  return spec ? *spec : none;
}

// Fewer ready than wanted is a problem, none of them a worse one; then what is on its way.
int rank_of(std::int64_t ready, std::int64_t wanted, bool rolling) {
  if (ready < wanted) return ready == 0 ? 0 : 1;
  return rolling ? 2 : 3;
}

bool is_unobserved(const json::value& object) {
  return integer_at(object, {"status", "observedGeneration"}) < integer_at(object, {"metadata", "generation"});
}

void add_deployment(Rows& rows, const json::value& deployment, std::int64_t) {
  const std::string_view rollout = rollout_word(deployment);
  const std::int64_t wanted = integer_at(deployment, {"spec", "replicas"}, 1);
  const std::int64_t available = integer_at(deployment, {"status", "availableReplicas"});
  rows.begin_row(rank_of(available, wanted, !rollout.empty()));
  add_name(rows, deployment);
  rows.ratio(integer_at(deployment, {"status", "readyReplicas"}), wanted);
  rows.integer(integer_at(deployment, {"status", "updatedReplicas"}));
  rows.integer(available);
  add_created(rows, deployment);
  rows.text(rollout);
  rows.text(text_at(deployment, {"spec", "strategy", "type"}));
  add_template(rows, spec_of(deployment));
  rows.text(selector_text(find(deployment, "spec", "selector")));
  rows.begin_list();
  for (const auto& condition : array_at(deployment, {"status", "conditions"}))
    rows.list_item(std::string(text_at(condition, {"type"})) + "=" + std::string(text_at(condition, {"status"})));
}

void add_replica_set(Rows& rows, const json::value& set, std::int64_t) {
  const std::int64_t wanted = integer_at(set, {"spec", "replicas"}, 1);
  const std::int64_t ready = integer_at(set, {"status", "readyReplicas"});
  rows.begin_row(wanted == 0 ? 4 : rank_of(ready, wanted, false));
  add_name(rows, set);
  rows.ratio(ready, wanted);
  rows.integer(integer_at(set, {"status", "replicas"}));
  add_created(rows, set);
  rows.text(controller_of(set));
  rows.text(text_at(set, {"metadata", "annotations", "deployment.kubernetes.io/revision"}));
  add_template(rows, spec_of(set));
  rows.text(selector_text(find(set, "spec", "selector")));
}

void add_stateful_set(Rows& rows, const json::value& set, std::int64_t) {
  const std::int64_t wanted = integer_at(set, {"spec", "replicas"}, 1);
  const std::int64_t ready = integer_at(set, {"status", "readyReplicas"});
  const bool rolling =
      is_unobserved(set) || text_at(set, {"status", "currentRevision"}) != text_at(set, {"status", "updateRevision"});
  rows.begin_row(rank_of(ready, wanted, rolling));
  add_name(rows, set);
  rows.ratio(ready, wanted);
  rows.integer(integer_at(set, {"status", "updatedReplicas"}));
  add_created(rows, set);
  rows.text(rolling ? "RollingOut" : ready < wanted ? "Unavailable" : "");
  rows.text(text_at(set, {"spec", "serviceName"}));
  rows.begin_list();
  for (const auto& claim : array_at(set, {"spec", "volumeClaimTemplates"}))
    rows.list_item(text_at(claim, {"metadata", "name"}));
  rows.text(text_at(set, {"spec", "updateStrategy", "type"}));
  add_template(rows, spec_of(set));
  rows.text(selector_text(find(set, "spec", "selector")));
}

void add_daemon_set(Rows& rows, const json::value& set, std::int64_t) {
  const std::int64_t desired = integer_at(set, {"status", "desiredNumberScheduled"});
  const std::int64_t ready = integer_at(set, {"status", "numberReady"});
  const std::int64_t updated = integer_at(set, {"status", "updatedNumberScheduled"});
  const std::int64_t misplaced = integer_at(set, {"status", "numberMisscheduled"});
  const bool rolling = is_unobserved(set) || updated < desired;
  rows.begin_row(rank_of(ready, desired, rolling || misplaced > 0));
  add_name(rows, set);
  rows.ratio(ready, desired);
  rows.integer(updated);
  rows.integer(integer_at(set, {"status", "numberAvailable"}));
  misplaced > 0 ? rows.integer(misplaced) : rows.empty();
  add_created(rows, set);
  rows.text(rolling ? "RollingOut" : ready < desired ? "Unavailable" : "");
  rows.text(map_selector_text(object_at(set, {"spec", "template", "spec", "nodeSelector"})));
  rows.text(text_at(set, {"spec", "updateStrategy", "type"}));
  add_template(rows, spec_of(set));
  rows.text(selector_text(find(set, "spec", "selector")));
}

void add_job(Rows& rows, const json::value& job, std::int64_t now) {
  const std::string status = job_status(job);
  const std::int64_t failed = integer_at(job, {"status", "failed"});
  rows.begin_row(status == "Failed" ? 0 : status == "Complete" ? 4 : status == "Suspended" ? 3 : (failed > 0 ? 1 : 2));
  add_name(rows, job);
  rows.text(status);
  rows.text(job_completions(job));
  failed > 0 ? rows.integer(failed) : rows.empty();
  auto started = time_at(job, {"status", "startTime"});
  auto ended = time_at(job, {"status", "completionTime"});
  rows.text(started ? human_duration(std::chrono::seconds(ended.value_or(now) - *started)) : "");
  add_created(rows, job);
  const json::value* reason = condition_of(job, "Failed");
  rows.text(reason ? text_at(*reason, {"reason"}) : "");
  rows.text(controller_of(job));
  add_template(rows, spec_of(job));
}

void add_cron_job(Rows& rows, const json::value& job, std::int64_t) {
  const bool suspended = flag_at(job, {"spec", "suspend"});
  const auto active = array_at(job, {"status", "active"}).size();
  const auto last = time_at(job, {"status", "lastScheduleTime"});
  const auto success = time_at(job, {"status", "lastSuccessfulTime"});
  const bool missed = !suspended && active == 0 && last && success && *success < *last;
  rows.begin_row(missed ? 0 : suspended ? 2 : 1);
  add_name(rows, job);
  rows.text(text_at(job, {"spec", "schedule"}));
  rows.flag(suspended);
  rows.integer(static_cast<std::int64_t>(active));
  rows.time_or_empty(last);
  rows.time_or_empty(success);
  add_created(rows, job);
  rows.text(text_at(job, {"spec", "timeZone"}));
  rows.text(text_at(job, {"spec", "concurrencyPolicy"}));
  static const json::value none;
  const json::value* spec = find(job, "spec", "jobTemplate", "spec");
  add_template(rows, spec ? *spec : none);
}

constexpr Column kContainers{"containers", CellType::list, true, "Names"};
constexpr Column kImages{"images", CellType::list, true, ""};
constexpr Column kSelector{"selector", CellType::text, true, ""};

}  // namespace

const Kind kDeployments{
    .name = "Deployment",
    .group = "apps",
    .plural = "deployments",
    .versions = {"v1"},
    .noun = "deployments",
    .message = &kube::messages::deployment,
    .columns = {kNamespace,
                kName,
                {"ready", CellType::text, false, "Ready replicas of those wanted"},
                {"updated", CellType::integer, false, "Replicas of the newest template"},
                {"available", CellType::integer, false, ""},
                kCreated,
                {"rollout", CellType::text, false,
                 "What keeps it from being complete: RollingOut, Unavailable, Paused, ProgressDeadlineExceeded, …",
                 Quiet::when_empty},
                {"strategy", CellType::text, true, "RollingUpdate or Recreate"},
                kContainers,
                kImages,
                kSelector,
                {"conditions", CellType::list, true, "type=status"}},
    .add_row = add_deployment,
    .document = workload_document,
};

const Kind kReplicaSets{
    .name = "ReplicaSet",
    .group = "apps",
    .plural = "replicasets",
    .versions = {"v1"},
    .noun = "replicasets",
    .message = &kube::messages::replica_set,
    .columns = {kNamespace,
                kName,
                {"ready", CellType::text, false, "Ready replicas of those wanted"},
                {"current", CellType::integer, false, "Pods that there are"},
                kCreated,
                {"owner", CellType::text, false, "Kind/name of its controller"},
                {"revision", CellType::text, false, "Of its Deployment"},
                kContainers,
                kImages,
                kSelector},
    .add_row = add_replica_set,
    .document = workload_document,
};

const Kind kStatefulSets{
    .name = "StatefulSet",
    .group = "apps",
    .plural = "statefulsets",
    .versions = {"v1"},
    .noun = "statefulsets",
    .message = &kube::messages::stateful_set,
    .columns = {kNamespace,
                kName,
                {"ready", CellType::text, false, "Ready replicas of those wanted"},
                {"updated", CellType::integer, false, "Replicas of the newest template"},
                kCreated,
                {"rollout", CellType::text, false, "What keeps it from being complete: RollingOut or Unavailable",
                 Quiet::when_empty},
                {"service", CellType::text, true, "The one that gives its pods their names"},
                {"claims", CellType::list, true, "Volume claims of each pod"},
                {"strategy", CellType::text, true, "RollingUpdate or OnDelete"},
                kContainers,
                kImages,
                kSelector},
    .add_row = add_stateful_set,
    .document = workload_document,
};

const Kind kDaemonSets{
    .name = "DaemonSet",
    .group = "apps",
    .plural = "daemonsets",
    .versions = {"v1"},
    .noun = "daemonsets",
    .message = &kube::messages::daemon_set,
    .columns = {kNamespace,
                kName,
                {"ready", CellType::text, false, "Ready pods of those desired"},
                {"updated", CellType::integer, false, "Pods of the newest template"},
                {"available", CellType::integer, false, ""},
                {"misplaced", CellType::integer, false, "Pods on nodes where none should be"},
                kCreated,
                {"rollout", CellType::text, false, "What keeps it from being complete: RollingOut or Unavailable",
                 Quiet::when_empty},
                {"node_selector", CellType::text, true, ""},
                {"strategy", CellType::text, true, "RollingUpdate or OnDelete"},
                kContainers,
                kImages,
                kSelector},
    .add_row = add_daemon_set,
    .document = workload_document,
};

const Kind kJobs{
    .name = "Job",
    .group = "batch",
    .plural = "jobs",
    .versions = {"v1"},
    .noun = "jobs",
    .message = &kube::messages::job,
    .columns = {kNamespace,
                kName,
                {"status", CellType::text, false, "Running, Complete, Failed, Suspended, Terminating"},
                {"completions", CellType::text, false, "Completed pods of those wanted"},
                {"failed", CellType::integer, false, "Pods that failed"},
                {"duration", CellType::text, false, "From its start to its end, or until now"},
                kCreated,
                {"reason", CellType::text, false, "Why it failed"},
                {"owner", CellType::text, true, "Kind/name of its controller"},
                kContainers,
                kImages},
    .add_row = add_job,
    .document = workload_document,
};

const Kind kCronJobs{
    .name = "CronJob",
    .group = "batch",
    .plural = "cronjobs",
    .versions = {"v1", "v1beta1"},
    .noun = "cronjobs",
    .message = &kube::messages::cron_job,
    .columns = {kNamespace,
                kName,
                {"schedule", CellType::text, false, "In cron's notation"},
                {"suspended", CellType::flag, false, ""},
                {"active", CellType::integer, false, "Jobs that run now"},
                {"last_run", CellType::time, false, "When it was last due"},
                {"last_success", CellType::time, false, "When a job of it last succeeded"},
                kCreated,
                {"time_zone", CellType::text, true, "Left out: that of the controller manager"},
                {"concurrency", CellType::text, true, "Allow, Forbid or Replace"},
                kContainers,
                kImages},
    .add_row = add_cron_job,
    .document = workload_document,
};

std::vector<Operation> workload_operations() {
  return kind_operations({
      KindOperations{kDeployments,
                     "workloads",
                     {"list_deployments", "List all deployments with replica counts, conditions, and availability",
                      "--namespace shop"},
                     {"get_deployment", "Deployment details including replicas, strategy, and pod template",
                      "--namespace shop --name cart"}},
      KindOperations{kReplicaSets,
                     "workloads",
                     {"list_replicasets", "List all ReplicaSets (useful for deployment history)",
                      "--namespace shop --label_selector app=web"},
                     {"get_replicaset", "ReplicaSet details including replicas, owner and pod template",
                      "--namespace shop --name cart-dsdm84gddz"}},
      KindOperations{kStatefulSets,
                     "workloads",
                     {"list_statefulsets", "List all StatefulSets with replica counts, service and volume claims",
                      "--namespace shop"},
                     {"get_statefulset", "StatefulSet details including replicas and volume claims",
                      "--namespace monitoring --name prometheus"}},
      KindOperations{kDaemonSets,
                     "workloads",
                     {"list_daemonsets", "List all DaemonSets with desired, ready and available counts",
                      "--namespace kube-system"},
                     {"get_daemonset", "DaemonSet details including desired and ready counts",
                      "--namespace kube-system --name kube-proxy"}},
      KindOperations{
          kJobs,
          "workloads",
          {"list_jobs", "List all Jobs with status, completions and duration; failed ones first", "--namespace shop"},
          {"get_job", "Job details including completion status and conditions",
           "--namespace shop --name nightly-report-29000000"}},
      KindOperations{
          kCronJobs,
          "workloads",
          {"list_cronjobs", "List all CronJobs with schedule and when they last ran and succeeded", "--namespace shop"},
          {"get_cronjob", "CronJob details including schedule and last run time",
           "--namespace shop --name nightly-report"}},
  });
}

}  // namespace fairlead::ops
