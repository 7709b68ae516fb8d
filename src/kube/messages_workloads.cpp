#include "kube/messages_parts.h"

namespace fairlead::kube::messages {
namespace {

constexpr MessageField container_fields[]{text(1, "name"), text(2, "image")};
constexpr Message container{"Container", container_fields};
constexpr MessageField pod_spec_fields[]{many(2, "containers", container), text(8, "serviceAccountName"),
                                         many(20, "initContainers", container)};
constexpr Message pod_spec{"PodSpec", pod_spec_fields};
constexpr MessageField template_fields[]{one(1, "metadata", meta), one(2, "spec", pod_spec)};
constexpr Message pod_template{"PodTemplateSpec", template_fields};

constexpr MessageField strategy_fields[]{text(1, "type")};
constexpr Message strategy{"DeploymentStrategy", strategy_fields};

constexpr MessageField deployment_condition_fields[]{text(1, "type"), text(2, "status"), text(4, "reason"),
                                                     text(5, "message"), time(7, "lastTransitionTime")};
constexpr Message deployment_condition{"DeploymentCondition", deployment_condition_fields};
constexpr MessageField deployment_spec_fields[]{integer(1, "replicas"), one(2, "selector", selector),
                                                one(3, "template", pod_template), one(4, "strategy", strategy),
                                                flag(7, "paused")};
constexpr Message deployment_spec{"DeploymentSpec", deployment_spec_fields};
constexpr MessageField deployment_status_fields[]{
    integer(1, "observedGeneration"),  integer(2, "replicas"),
    integer(3, "updatedReplicas"),     integer(4, "availableReplicas"),
    integer(5, "unavailableReplicas"), many(6, "conditions", deployment_condition),
    integer(7, "readyReplicas")};
constexpr Message deployment_status{"DeploymentStatus", deployment_status_fields};
constexpr MessageField deployment_fields[]{one(1, "metadata", meta), one(2, "spec", deployment_spec),
                                           one(3, "status", deployment_status)};

constexpr MessageField replica_set_spec_fields[]{integer(1, "replicas"), one(2, "selector", selector),
                                                 one(3, "template", pod_template)};
constexpr Message replica_set_spec{"ReplicaSetSpec", replica_set_spec_fields};
constexpr MessageField replica_set_status_fields[]{integer(1, "replicas"), integer(3, "observedGeneration"),
                                                   integer(4, "readyReplicas"), integer(5, "availableReplicas"),
                                                   many(6, "conditions", condition)};
constexpr Message replica_set_status{"ReplicaSetStatus", replica_set_status_fields};
constexpr MessageField replica_set_fields[]{one(1, "metadata", meta), one(2, "spec", replica_set_spec),
                                            one(3, "status", replica_set_status)};

constexpr MessageField template_meta_fields[]{one(1, "metadata", meta)};
constexpr Message claim_template{"PersistentVolumeClaim", template_meta_fields};
constexpr MessageField stateful_set_spec_fields[]{
    integer(1, "replicas"),           one(2, "selector", selector),
    one(3, "template", pod_template), many(4, "volumeClaimTemplates", claim_template),
    text(5, "serviceName"),           one(7, "updateStrategy", strategy),
};
constexpr Message stateful_set_spec{"StatefulSetSpec", stateful_set_spec_fields};
constexpr MessageField stateful_set_status_fields[]{
    integer(1, "observedGeneration"), integer(2, "replicas"),
    integer(3, "readyReplicas"),      integer(4, "currentReplicas"),
    integer(5, "updatedReplicas"),    text(6, "currentRevision"),
    text(7, "updateRevision"),        many(10, "conditions", condition),
};
constexpr Message stateful_set_status{"StatefulSetStatus", stateful_set_status_fields};
constexpr MessageField stateful_set_fields[]{one(1, "metadata", meta), one(2, "spec", stateful_set_spec),
                                             one(3, "status", stateful_set_status)};

constexpr MessageField node_selecting_spec_fields[]{many(2, "containers", container), map(7, "nodeSelector")};
constexpr Message node_selecting_spec{"PodSpec", node_selecting_spec_fields};
constexpr MessageField node_selecting_fields[]{one(1, "metadata", meta), one(2, "spec", node_selecting_spec)};
constexpr Message node_selecting_template{"PodTemplateSpec", node_selecting_fields};
constexpr MessageField daemon_set_spec_fields[]{
    one(1, "selector", selector), one(2, "template", node_selecting_template), one(3, "updateStrategy", strategy)};
constexpr Message daemon_set_spec{"DaemonSetSpec", daemon_set_spec_fields};
constexpr MessageField daemon_set_status_fields[]{
    integer(1, "currentNumberScheduled"), integer(2, "numberMisscheduled"),
    integer(3, "desiredNumberScheduled"), integer(4, "numberReady"),
    integer(5, "observedGeneration"),     integer(6, "updatedNumberScheduled"),
    integer(7, "numberAvailable"),        integer(8, "numberUnavailable"),
};
constexpr Message daemon_set_status{"DaemonSetStatus", daemon_set_status_fields};
constexpr MessageField daemon_set_fields[]{one(1, "metadata", meta), one(2, "spec", daemon_set_spec),
                                           one(3, "status", daemon_set_status)};

constexpr MessageField job_condition_fields[]{text(1, "type"), text(2, "status"), time(4, "lastTransitionTime"),
                                              text(5, "reason"), text(6, "message")};
constexpr Message job_condition{"JobCondition", job_condition_fields};
constexpr MessageField job_spec_fields[]{integer(1, "parallelism"),           integer(2, "completions"),
                                         integer(3, "activeDeadlineSeconds"), one(6, "template", pod_template),
                                         integer(7, "backoffLimit"),          flag(10, "suspend")};
constexpr Message job_spec{"JobSpec", job_spec_fields};
constexpr MessageField job_status_fields[]{many(1, "conditions", job_condition),
                                           time(2, "startTime"),
                                           time(3, "completionTime"),
                                           integer(4, "active"),
                                           integer(5, "succeeded"),
                                           integer(6, "failed"),
                                           integer(9, "ready")};
constexpr Message job_status{"JobStatus", job_status_fields};
constexpr MessageField job_fields[]{one(1, "metadata", meta), one(2, "spec", job_spec), one(3, "status", job_status)};

constexpr MessageField job_template_fields[]{one(2, "spec", job_spec)};
constexpr Message job_template{"JobTemplateSpec", job_template_fields};
constexpr MessageField cron_job_spec_fields[]{text(1, "schedule"), text(3, "concurrencyPolicy"), flag(4, "suspend"),
                                              one(5, "jobTemplate", job_template), text(8, "timeZone")};
constexpr Message cron_job_spec{"CronJobSpec", cron_job_spec_fields};
constexpr MessageField cron_job_status_fields[]{many(1, "active", reference), time(4, "lastScheduleTime"),
                                                time(5, "lastSuccessfulTime")};
constexpr Message cron_job_status{"CronJobStatus", cron_job_status_fields};
constexpr MessageField cron_job_fields[]{one(1, "metadata", meta), one(2, "spec", cron_job_spec),
                                         one(3, "status", cron_job_status)};

}  // namespace

constexpr Message deployment{"Deployment", deployment_fields};
constexpr Message replica_set{"ReplicaSet", replica_set_fields};
constexpr Message stateful_set{"StatefulSet", stateful_set_fields};
constexpr Message daemon_set{"DaemonSet", daemon_set_fields};
constexpr Message job{"Job", job_fields};
constexpr Message cron_job{"CronJob", cron_job_fields};

}  // namespace fairlead::kube::messages
