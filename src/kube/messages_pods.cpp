// Pods, nodes and events as JSON, for those who need more of a few than the decoders of lists take of many.
#include "kube/messages_parts.h"

namespace fairlead::kube::messages {
namespace {

constexpr MessageField container_port_fields[]{text(1, "name"), integer(2, "hostPort"), integer(3, "containerPort"),
                                               text(4, "protocol")};
constexpr Message container_port{"ContainerPort", container_port_fields};
constexpr MessageField resources_fields[]{quantities(1, "limits"), quantities(2, "requests")};
constexpr Message resources{"ResourceRequirements", resources_fields};
constexpr MessageField container_fields[]{text(1, "name"), text(2, "image"), many(6, "ports", container_port),
                                          one(8, "resources", resources), text(24, "restartPolicy")};
constexpr Message container{"Container", container_fields};
constexpr MessageField gate_fields[]{text(1, "conditionType")};
constexpr Message gate{"PodReadinessGate", gate_fields};
constexpr MessageField claim_source_fields[]{text(1, "claimName")};
constexpr Message claim_source{"PersistentVolumeClaimVolumeSource", claim_source_fields};
constexpr Message any{"EphemeralVolumeSource", {}};  // that it is there says which claim it is
constexpr MessageField volume_source_fields[]{one(10, "persistentVolumeClaim", claim_source),
                                              one(29, "ephemeral", any)};
constexpr Message volume_source{"VolumeSource", volume_source_fields};
constexpr MessageField volume_fields[]{text(1, "name"), inlined(2, volume_source)};
constexpr Message volume{"Volume", volume_fields};
constexpr MessageField pod_spec_fields[]{
    many(1, "volumes", volume),      many(2, "containers", container), text(3, "restartPolicy"),
    map(7, "nodeSelector"),          text(8, "serviceAccountName"),    text(10, "nodeName"),
    flag(11, "hostNetwork"),         text(19, "schedulerName"),        many(20, "initContainers", container),
    many(28, "readinessGates", gate)};
constexpr Message pod_spec{"PodSpec", pod_spec_fields};

constexpr MessageField waiting_fields[]{text(1, "reason"), text(2, "message")};
constexpr Message waiting{"ContainerStateWaiting", waiting_fields};
constexpr MessageField running_fields[]{time(1, "startedAt")};
constexpr Message running{"ContainerStateRunning", running_fields};
constexpr MessageField terminated_fields[]{integer(1, "exitCode"), integer(2, "signal"), text(3, "reason"),
                                           text(4, "message"),     time(5, "startedAt"), time(6, "finishedAt")};
constexpr Message terminated{"ContainerStateTerminated", terminated_fields};
constexpr MessageField state_fields[]{one(1, "waiting", waiting), one(2, "running", running),
                                      one(3, "terminated", terminated)};
constexpr Message state{"ContainerState", state_fields};
constexpr MessageField container_status_fields[]{
    text(1, "name"),  one(2, "state", state), one(3, "lastState", state), flag(4, "ready"), integer(5, "restartCount"),
    text(6, "image"), flag(9, "started")};
constexpr Message container_status{"ContainerStatus", container_status_fields};
constexpr MessageField pod_condition_fields[]{text(1, "type"), text(2, "status"), time(4, "lastTransitionTime"),
                                              text(5, "reason"), text(6, "message")};
constexpr Message pod_condition{"PodCondition", pod_condition_fields};
constexpr MessageField pod_status_fields[]{text(1, "phase"),
                                           many(2, "conditions", pod_condition),
                                           text(3, "message"),
                                           text(4, "reason"),
                                           text(6, "podIP"),
                                           time(7, "startTime"),
                                           many(8, "containerStatuses", container_status),
                                           text(9, "qosClass"),
                                           many(10, "initContainerStatuses", container_status)};
constexpr Message pod_status{"PodStatus", pod_status_fields};
constexpr MessageField pod_fields[]{one(1, "metadata", meta), one(2, "spec", pod_spec), one(3, "status", pod_status)};

constexpr MessageField taint_fields[]{text(1, "key"), text(2, "value"), text(3, "effect"), time(4, "timeAdded")};
constexpr Message taint{"Taint", taint_fields};
constexpr MessageField node_spec_fields[]{text(3, "providerID"), flag(4, "unschedulable"), many(5, "taints", taint)};
constexpr Message node_spec{"NodeSpec", node_spec_fields};
constexpr MessageField node_condition_fields[]{
    text(1, "type"),   text(2, "status"), time(3, "lastHeartbeatTime"), time(4, "lastTransitionTime"),
    text(5, "reason"), text(6, "message")};
constexpr Message node_condition{"NodeCondition", node_condition_fields};
constexpr MessageField node_status_fields[]{quantities(1, "capacity"), quantities(2, "allocatable"),
                                            many(4, "conditions", node_condition)};
constexpr Message node_status{"NodeStatus", node_status_fields};
constexpr MessageField node_fields[]{one(1, "metadata", meta), one(2, "spec", node_spec),
                                     one(3, "status", node_status)};

constexpr MessageField involved_fields[]{text(1, "kind"), text(2, "namespace"), text(3, "name"), text(4, "uid"),
                                         text(7, "fieldPath")};
constexpr Message involved{"ObjectReference", involved_fields};
constexpr MessageField source_fields[]{text(1, "component"), text(2, "host")};
constexpr Message source{"EventSource", source_fields};
constexpr MessageField series_fields[]{integer(1, "count"), time(2, "lastObservedTime")};
constexpr Message series{"EventSeries", series_fields};
constexpr MessageField event_fields[]{one(1, "metadata", meta),  one(2, "involvedObject", involved),
                                      text(3, "reason"),         text(4, "message"),
                                      one(5, "source", source),  time(6, "firstTimestamp"),
                                      time(7, "lastTimestamp"),  integer(8, "count"),
                                      text(9, "type"),           time(10, "eventTime"),
                                      one(11, "series", series), text(14, "reportingComponent")};

}  // namespace

constexpr Message pod{"Pod", pod_fields};
constexpr Message node{"Node", node_fields};
constexpr Message event{"Event", event_fields};

}  // namespace fairlead::kube::messages
