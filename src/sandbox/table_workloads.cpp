// What runs pods.
#include <algorithm>

#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

const json::array& template_containers(const json::value& object) {
  return array_at(object, {"spec", "template", "spec", "containers"});
}

json::value ready_cell(const json::value& object) {
  return cell(std::to_string(integer_at(object, {"status", "readyReplicas"})) + "/" +
              std::to_string(integer_at(object, {"spec", "replicas"})));
}

json::array deployment_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object),
          ready_cell(object),
          integer_at(object, {"status", "updatedReplicas"}),
          integer_at(object, {"status", "availableReplicas"}),
          age_cell(object, now),
          containers_cell(template_containers(object), "name"),
          containers_cell(template_containers(object), "image"),
          selector_cell(find(object, "spec", "selector"))};
}

json::array replica_cells(const json::value& object, std::int64_t now, json::value selector) {
  return {name_cell(object),
          integer_at(object, {"spec", "replicas"}),
          integer_at(object, {"status", "replicas"}),
          integer_at(object, {"status", "readyReplicas"}),
          age_cell(object, now),
          containers_cell(template_containers(object), "name"),
          containers_cell(template_containers(object), "image"),
          std::move(selector)};
}

json::array replica_set_cells(const json::value& object, std::int64_t now) {
  return replica_cells(object, now, selector_cell(find(object, "spec", "selector")));
}

json::array replication_controller_cells(const json::value& object, std::int64_t now) {
  return replica_cells(object, now, labels_cell(object_at(object, {"spec", "selector"})));
}

json::array stateful_set_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), ready_cell(object), age_cell(object, now),
          containers_cell(template_containers(object), "name"), containers_cell(template_containers(object), "image")};
}

json::array daemon_set_cells(const json::value& object, std::int64_t now) {
  auto count = [&](View member) { return integer_at(object, {"status", member}); };
  return {name_cell(object),
          count("desiredNumberScheduled"),
          count("currentNumberScheduled"),
          count("numberReady"),
          count("updatedNumberScheduled"),
          count("numberAvailable"),
          labels_cell(object_at(object, {"spec", "template", "spec", "nodeSelector"})),
          age_cell(object, now),
          containers_cell(template_containers(object), "name"),
          containers_cell(template_containers(object), "image"),
          selector_cell(find(object, "spec", "selector"))};
}

std::string job_status(const json::value& job) {
  for (View type : {"Complete", "Failed"}) {
    if (condition_status(job, type) == "True") return std::string(type);
  }
  if (find(job, "metadata", "deletionTimestamp")) return "Terminating";
  for (auto [type, shown] : {std::pair<View, View>{"Suspended", "Suspended"},
                             {"FailureTarget", "FailureTarget"},
                             {"SuccessCriteriaMet", "SuccessCriteriaMet"}}) {
    if (condition_status(job, type) == "True") return std::string(shown);
  }
  return "Running";
}

json::array job_cells(const json::value& job, std::int64_t now) {
  std::string completions = std::to_string(integer_at(job, {"status", "succeeded"})) + "/";
  if (const json::value* wanted = find(job, "spec", "completions"); wanted && wanted->is_int64()) {
    completions += std::to_string(wanted->get_int64());
  } else {
    std::int64_t parallelism = integer_at(job, {"spec", "parallelism"});
    completions += parallelism > 1 ? "1 of " + std::to_string(parallelism) : "1";
  }
  std::string duration;
  if (auto started = parse_rfc3339(text_at(job, {"status", "startTime"}))) {
    std::int64_t ended = parse_rfc3339(text_at(job, {"status", "completionTime"})).value_or(now);
    duration = human_duration(std::chrono::seconds(ended - *started));
  }
  return {name_cell(job),
          cell(job_status(job)),
          cell(completions),
          cell(duration),
          age_cell(job, now),
          containers_cell(template_containers(job), "name"),
          containers_cell(template_containers(job), "image"),
          selector_cell(find(job, "spec", "selector"))};
}

json::array cron_job_cells(const json::value& object, std::int64_t now) {
  const json::value* suspend = find(object, "spec", "suspend");
  View last = text_at(object, {"status", "lastScheduleTime"});
  const json::array& containers = array_at(object, {"spec", "jobTemplate", "spec", "template", "spec", "containers"});
  return {name_cell(object),
          cell(text_at(object, {"spec", "schedule"})),
          cell_or(text_at(object, {"spec", "timeZone"}), "<none>"),
          cell(!suspend           ? "<unset>"
               : *suspend == true ? "True"
                                  : "False"),
          array_at(object, {"status", "active"}).size(),
          cell(last.empty() ? "<none>" : age_text_of(last, now)),
          age_cell(object, now),
          containers_cell(containers, "name"),
          containers_cell(containers, "image"),
          selector_cell(find(object, "spec", "jobTemplate", "spec", "selector"))};
}

json::array controller_revision_cells(const json::value& object, std::int64_t now) {
  std::string controller = "<none>";
  for (const json::value& owner : array_at(object, {"metadata", "ownerReferences"})) {
    if (!flag_at(owner, {"controller"})) continue;
    std::string kind(text_at(owner, {"kind"}));
    View version = text_at(owner, {"apiVersion"});
    if (std::size_t slash = version.find('/'); slash != version.npos)
      kind += "." + std::string(version.substr(0, slash));
    std::transform(kind.begin(), kind.end(), kind.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    controller = kind + "/" + std::string(text_at(owner, {"name"}));
  }
  return {name_cell(object), cell(controller), integer_at(object, {"revision"}), age_cell(object, now)};
}

json::array pod_template_cells(const json::value& object, std::int64_t) {
  const json::array& containers = array_at(object, {"template", "spec", "containers"});
  return {name_cell(object), containers_cell(containers, "name"), containers_cell(containers, "image"),
          labels_cell(object_at(object, {"template", "metadata", "labels"}))};
}

std::vector<Column> replica_columns(const char* selector_text) {
  return {name_column,
          {"Desired", "integer", "", 0, "Replicas is the number of desired pods."},
          {"Current", "integer", "", 0, "Replicas is the most recently observed number of non-terminating pods."},
          {"Ready", "integer", "", 0,
           "The number of non-terminating pods targeted by this controller with a Ready Condition."},
          age_column,
          containers_column,
          images_column,
          {"Selector", "string", "", 1, selector_text}};
}

}  // namespace

std::span<const TableKind> workload_tables() {
  static const std::vector<TableKind> tables{
      {"apps", "ReplicaSet",
       replica_columns("Selector is a label query over pods that should match the replica count."), replica_set_cells},
      {"apps",
       "Deployment",
       {name_column,
        {"Ready", "string", "", 0, "Number of the pod with ready state"},
        {"Up-to-date", "string", "", 0,
         "Total number of non-terminating pods targeted by this deployment that have the desired template spec."},
        {"Available", "string", "", 0,
         "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this "
         "deployment."},
        age_column,
        containers_column,
        images_column,
        {"Selector", "string", "", 1, "Label selector for pods."}},
       deployment_cells},
      {"apps",
       "StatefulSet",
       {name_column,
        {"Ready", "string", "", 0, "Number of the pod with ready state"},
        age_column,
        containers_column,
        images_column},
       stateful_set_cells},
      {"apps",
       "DaemonSet",
       {name_column,
        {"Desired", "integer", "", 0,
         "The total number of nodes that should be running the daemon pod (including nodes correctly running the "
         "daemon pod)."},
        {"Current", "integer", "", 0,
         "The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod."},
        {"Ready", "integer", "", 0,
         "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon "
         "pod running with a Ready Condition."},
        {"Up-to-date", "integer", "", 0, "The total number of nodes that are running updated daemon pod"},
        {"Available", "integer", "", 0,
         "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and "
         "available."},
        {"Node Selector", "string", "", 0,
         "NodeSelector is a selector which must be true for the pod to fit on a node."},
        age_column,
        containers_column,
        images_column,
        {"Selector", "string", "", 1, "A label query over pods that are managed by the daemon set."}},
       daemon_set_cells},
      {"batch",
       "Job",
       {name_column,
        {"Status", "string", "", 0, "Status of the job."},
        {"Completions", "string", "", 0, "The number of pods which reached phase Succeeded."},
        {"Duration", "string", "", 0, "Time required to complete the job."},
        age_column,
        containers_column,
        images_column,
        {"Selector", "string", "", 1, "A label query over pods that should match the pod count."}},
       job_cells},
      {"batch",
       "CronJob",
       {name_column,
        {"Schedule", "string", "", 0, "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."},
        {"Timezone", "string", "", 0,
         "The time zone name for the given schedule, see "
         "https://en.wikipedia.org/wiki/List_of_tz_database_time_zones."},
        {"Suspend", "boolean", "", 0,
         "This flag tells the controller to suspend subsequent executions, it does not apply to already started "
         "executions."},
        {"Active", "integer", "", 0, "A list of pointers to currently running jobs."},
        {"Last Schedule", "string", "", 0, "Information when was the last time the job was successfully scheduled."},
        age_column,
        containers_column,
        images_column,
        {"Selector", "string", "", 1, "A label query over pods that should match the pod count."}},
       cron_job_cells},
      {"", "ReplicationController",
       replica_columns("Selector is a label query over pods that should match the Replicas count."),
       replication_controller_cells},
      {"apps",
       "ControllerRevision",
       {name_column,
        {"Controller", "string", "", 0, "Controller of the object"},
        {"Revision", "string", "", 0, "Revision indicates the revision of the state represented by Data."},
        age_column},
       controller_revision_cells},
      {"",
       "PodTemplate",
       {name_column,
        {"Containers", "string", "", 0, containers_column_text},
        {"Images", "string", "", 0, images_column_text},
        {"Pod Labels", "string", "", 0, "The labels for the pod template."}},
       pod_template_cells},
  };
  return tables;
}

}  // namespace fairlead::sandbox
