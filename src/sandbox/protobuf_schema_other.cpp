// Made by make_schema.py from the generated.proto files of the Kubernetes API. Do not edit.
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

extern const char schema_other[] = R"schema(
Deployment metadata=1:ObjectMeta spec=2:DeploymentSpec status=3:DeploymentStatus
DeploymentCondition type=1 status=2 reason=4? message=5? lastUpdateTime=6:Time lastTransitionTime=7:Time
DeploymentSpec replicas=1:i selector=2:LabelSelector template=3:PodTemplateSpec strategy=4:DeploymentStrategy~
  minReadySeconds=5:i? revisionHistoryLimit=6:i paused=7:b? progressDeadlineSeconds=9:i
DeploymentStatus observedGeneration=1:l? replicas=2:i? updatedReplicas=3:i? availableReplicas=4:i?
  unavailableReplicas=5:i? conditions=6*:DeploymentCondition@type readyReplicas=7:i? collisionCount=8:i
  terminatingReplicas=9:i
DeploymentStrategy type=1? rollingUpdate=2:RollingUpdateDeployment
ReplicaSet metadata=1:ObjectMeta spec=2:ReplicaSetSpec status=3:ReplicaSetStatus
ReplicaSetCondition type=1 status=2 lastTransitionTime=3:Time reason=4? message=5?
ReplicaSetSpec replicas=1:i selector=2:LabelSelector template=3:PodTemplateSpec minReadySeconds=4:i?
ReplicaSetStatus replicas=1:i fullyLabeledReplicas=2:i? observedGeneration=3:l? readyReplicas=4:i?
  availableReplicas=5:i? conditions=6*:ReplicaSetCondition@type terminatingReplicas=7:i
RollingUpdateDeployment maxUnavailable=1:IntOrString maxSurge=2:IntOrString
Scale metadata=1:ObjectMeta spec=2:ScaleSpec status=3:ScaleStatus
ScaleSpec replicas=1:i?
ScaleStatus replicas=1:i selector=2?
events.Event metadata=1:ObjectMeta eventTime=2:MicroTime series=3:events.EventSeries reportingController=4?
  reportingInstance=5? action=6? reason=7? regarding=8:ObjectReference related=9:ObjectReference note=10? type=11?
  deprecatedSource=12:EventSource deprecatedFirstTimestamp=13:Time deprecatedLastTimestamp=14:Time
  deprecatedCount=15:i?
events.EventSeries count=1:i lastObservedTime=2:MicroTime
Condition type=1 status=2 observedGeneration=3:l? lastTransitionTime=4:Time reason=5 message=6
DeleteOptions gracePeriodSeconds=1:l preconditions=2:Preconditions orphanDependents=3:b propagationPolicy=4 dryRun=5*
  ignoreStoreReadErrorWithClusterBreakingPotential=6:b
LabelSelector matchLabels=1% matchExpressions=2*:LabelSelectorRequirement
LabelSelectorRequirement key=1 operator=2 values=3*
ListMeta selfLink=1? resourceVersion=2? continue=3? remainingItemCount=4:l shardInfo=5:ShardInfo
ManagedFieldsEntry manager=1? operation=2? apiVersion=3? time=4:Time fieldsType=6? fieldsV1=7:FieldsV1 subresource=8?
ObjectMeta name=1? generateName=2? namespace=3? selfLink=4? uid=5? resourceVersion=6? generation=7:l?
  creationTimestamp=8:Time deletionTimestamp=9:Time deletionGracePeriodSeconds=10:l labels=11% annotations=12%
  ownerReferences=13*:OwnerReference@uid finalizers=14*@ managedFields=17*:ManagedFieldsEntry
OwnerReference kind=1 name=3 uid=4 apiVersion=5 controller=6:b blockOwnerDeletion=7:b
PartialObjectMetadata metadata=1:ObjectMeta
Preconditions uid=1 resourceVersion=2
ShardInfo selector=1
Status metadata=1:ListMeta status=2? message=3? reason=4? details=5:StatusDetails code=6:i?
StatusCause reason=1? message=2? field=3?
StatusDetails name=1? group=2? kind=3? causes=4*:StatusCause retryAfterSeconds=5:i? uid=6?
Eviction metadata=1:ObjectMeta deleteOptions=2:DeleteOptions
)schema";

}  // namespace fairlead::sandbox
