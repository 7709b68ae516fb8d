// Made by make_schema.py from the generated.proto files of the Kubernetes API. Do not edit.
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

extern const char schema_other[] = R"schema(
ControllerRevision metadata=1:ObjectMeta data=2:RawExtension revision=3:l+
DaemonSet metadata=1:ObjectMeta spec=2:DaemonSetSpec status=3:DaemonSetStatus
DaemonSetCondition type=1+ status=2+ lastTransitionTime=3:Time reason=4? message=5?
DaemonSetSpec selector=1:LabelSelector+ template=2:PodTemplateSpec+ updateStrategy=3:DaemonSetUpdateStrategy minReadySeconds=4:i?
  revisionHistoryLimit=6:i
DaemonSetStatus currentNumberScheduled=1:i+ numberMisscheduled=2:i+ desiredNumberScheduled=3:i+ numberReady=4:i+ observedGeneration=5:l?
  updatedNumberScheduled=6:i? numberAvailable=7:i? numberUnavailable=8:i? collisionCount=9:i conditions=10*:DaemonSetCondition@type^type
DaemonSetUpdateStrategy type=1? rollingUpdate=2:RollingUpdateDaemonSet
Deployment metadata=1:ObjectMeta spec=2:DeploymentSpec status=3:DeploymentStatus
DeploymentCondition type=1+ status=2+ reason=4? message=5? lastUpdateTime=6:Time lastTransitionTime=7:Time
DeploymentSpec replicas=1:i selector=2:LabelSelector+ template=3:PodTemplateSpec+ strategy=4:DeploymentStrategy~ minReadySeconds=5:i?
  revisionHistoryLimit=6:i paused=7:b? progressDeadlineSeconds=9:i
DeploymentStatus observedGeneration=1:l? replicas=2:i? updatedReplicas=3:i? availableReplicas=4:i? unavailableReplicas=5:i?
  conditions=6*:DeploymentCondition@type^type readyReplicas=7:i? collisionCount=8:i terminatingReplicas=9:i
DeploymentStrategy type=1? rollingUpdate=2:RollingUpdateDeployment
ReplicaSet metadata=1:ObjectMeta spec=2:ReplicaSetSpec status=3:ReplicaSetStatus
ReplicaSetCondition type=1+ status=2+ lastTransitionTime=3:Time reason=4? message=5?
ReplicaSetSpec replicas=1:i selector=2:LabelSelector+ template=3:PodTemplateSpec minReadySeconds=4:i?
ReplicaSetStatus replicas=1:i+ fullyLabeledReplicas=2:i? observedGeneration=3:l? readyReplicas=4:i? availableReplicas=5:i?
  conditions=6*:ReplicaSetCondition@type^type terminatingReplicas=7:i
RollingUpdateDaemonSet maxUnavailable=1:IntOrString maxSurge=2:IntOrString
RollingUpdateDeployment maxUnavailable=1:IntOrString maxSurge=2:IntOrString
RollingUpdateStatefulSetStrategy partition=1:i maxUnavailable=2:IntOrString
StatefulSet metadata=1:ObjectMeta spec=2:StatefulSetSpec status=3:StatefulSetStatus
StatefulSetCondition type=1+ status=2+ lastTransitionTime=3:Time reason=4? message=5?
StatefulSetOrdinals start=1:i
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=1? whenScaled=2?
StatefulSetSpec replicas=1:i selector=2:LabelSelector+ template=3:PodTemplateSpec+ volumeClaimTemplates=4*:PersistentVolumeClaim
  serviceName=5 podManagementPolicy=6? updateStrategy=7:StatefulSetUpdateStrategy revisionHistoryLimit=8:i minReadySeconds=9:i?
  persistentVolumeClaimRetentionPolicy=10:StatefulSetPersistentVolumeClaimRetentionPolicy ordinals=11:StatefulSetOrdinals
StatefulSetStatus observedGeneration=1:l? replicas=2:i+ readyReplicas=3:i? currentReplicas=4:i? updatedReplicas=5:i? currentRevision=6?
  updateRevision=7? collisionCount=9:i conditions=10*:StatefulSetCondition@type^type availableReplicas=11:i
StatefulSetUpdateStrategy type=1? rollingUpdate=2:RollingUpdateStatefulSetStrategy
BoundObjectReference kind=1? apiVersion=2? name=3? uid=4?
SelfSubjectReview metadata=1:ObjectMeta status=2:SelfSubjectReviewStatus
SelfSubjectReviewStatus userInfo=1:UserInfo
TokenRequest metadata=1:ObjectMeta spec=2:TokenRequestSpec status=3:TokenRequestStatus
TokenRequestSpec audiences=1* boundObjectRef=3:BoundObjectReference expirationSeconds=4:l
TokenRequestStatus token=1 expirationTimestamp=2:Time
TokenReview metadata=1:ObjectMeta spec=2:TokenReviewSpec+ status=3:TokenReviewStatus
TokenReviewSpec token=1? audiences=2*
TokenReviewStatus authenticated=1:b? user=2:UserInfo error=3? audiences=4*
UserInfo username=1? uid=2? groups=3* extra=4%:ExtraValue
FieldSelectorAttributes rawSelector=1? requirements=2*:FieldSelectorRequirement
LabelSelectorAttributes rawSelector=1? requirements=2*:LabelSelectorRequirement
LocalSubjectAccessReview metadata=1:ObjectMeta spec=2:SubjectAccessReviewSpec+ status=3:SubjectAccessReviewStatus
NonResourceAttributes path=1? verb=2?
NonResourceRule verbs=1*+ nonResourceURLs=2*
ResourceAttributes namespace=1? verb=2? group=3? version=4? resource=5? subresource=6? name=7? fieldSelector=8:FieldSelectorAttributes
  labelSelector=9:LabelSelectorAttributes
ResourceRule verbs=1*+ apiGroups=2* resources=3* resourceNames=4*
SelfSubjectAccessReview metadata=1:ObjectMeta spec=2:SelfSubjectAccessReviewSpec+ status=3:SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes
SelfSubjectRulesReview metadata=1:ObjectMeta spec=2:SelfSubjectRulesReviewSpec+ status=3:SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec namespace=1?
SubjectAccessReview metadata=1:ObjectMeta spec=2:SubjectAccessReviewSpec+ status=3:SubjectAccessReviewStatus
SubjectAccessReviewSpec resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes user=3? groups=4*
  extra=5%:ExtraValue uid=6?
SubjectAccessReviewStatus allowed=1:b+ reason=2? evaluationError=3? denied=4:b?
SubjectRulesReviewStatus resourceRules=1*:ResourceRule+ nonResourceRules=2*:NonResourceRule+ incomplete=3:b+ evaluationError=4?
Scale metadata=1:ObjectMeta spec=2:ScaleSpec status=3:ScaleStatus
ScaleSpec replicas=1:i?
ScaleStatus replicas=1:i+ selector=2?
autoscaling.CrossVersionObjectReference$ kind=1+ name=2+ apiVersion=3?
autoscaling.HorizontalPodAutoscaler metadata=1:ObjectMeta spec=2:autoscaling.HorizontalPodAutoscalerSpec
  status=3:autoscaling.HorizontalPodAutoscalerStatus
autoscaling.HorizontalPodAutoscalerSpec scaleTargetRef=1:autoscaling.CrossVersionObjectReference+ minReplicas=2:i maxReplicas=3:i+
  targetCPUUtilizationPercentage=4:i
autoscaling.HorizontalPodAutoscalerStatus observedGeneration=1:l lastScaleTime=2:Time currentReplicas=3:i+ desiredReplicas=4:i+
  currentCPUUtilizationPercentage=5:i
ContainerResourceMetricSource name=1+ target=2:MetricTarget+ container=3+
ContainerResourceMetricStatus name=1+ current=2:MetricValueStatus+ container=3+
CrossVersionObjectReference kind=1+ name=2+ apiVersion=3?
ExternalMetricSource metric=1:MetricIdentifier+ target=2:MetricTarget+
ExternalMetricStatus metric=1:MetricIdentifier+ current=2:MetricValueStatus+
HPAScalingPolicy type=1+ value=2:i+ periodSeconds=3:i+
HPAScalingRules selectPolicy=1 policies=2*:HPAScalingPolicy stabilizationWindowSeconds=3:i tolerance=4:Quantity
HorizontalPodAutoscaler metadata=1:ObjectMeta spec=2:HorizontalPodAutoscalerSpec status=3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior scaleUp=1:HPAScalingRules scaleDown=2:HPAScalingRules
HorizontalPodAutoscalerCondition type=1+ status=2+ lastTransitionTime=3:Time reason=4? message=5?
HorizontalPodAutoscalerSpec scaleTargetRef=1:CrossVersionObjectReference+ minReplicas=2:i maxReplicas=3:i+ metrics=4*:MetricSpec
  behavior=5:HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus observedGeneration=1:l lastScaleTime=2:Time currentReplicas=3:i? desiredReplicas=4:i+
  currentMetrics=5*:MetricStatus conditions=6*:HorizontalPodAutoscalerCondition@type^type
MetricIdentifier name=1+ selector=2:LabelSelector
MetricSpec type=1+ object=2:ObjectMetricSource pods=3:PodsMetricSource resource=4:ResourceMetricSource external=5:ExternalMetricSource
  containerResource=7:ContainerResourceMetricSource
MetricStatus type=1+ object=2:ObjectMetricStatus pods=3:PodsMetricStatus resource=4:ResourceMetricStatus external=5:ExternalMetricStatus
  containerResource=7:ContainerResourceMetricStatus
MetricTarget type=1+ value=2:Quantity averageValue=3:Quantity averageUtilization=4:i
MetricValueStatus value=1:Quantity averageValue=2:Quantity averageUtilization=3:i
ObjectMetricSource describedObject=1:CrossVersionObjectReference+ target=2:MetricTarget+ metric=3:MetricIdentifier+
ObjectMetricStatus metric=1:MetricIdentifier+ current=2:MetricValueStatus+ describedObject=3:CrossVersionObjectReference+
PodsMetricSource metric=1:MetricIdentifier+ target=2:MetricTarget+
PodsMetricStatus metric=1:MetricIdentifier+ current=2:MetricValueStatus+
ResourceMetricSource name=1+ target=2:MetricTarget+
ResourceMetricStatus name=1+ current=2:MetricValueStatus+
CronJob metadata=1:ObjectMeta spec=2:CronJobSpec status=3:CronJobStatus
CronJobSpec schedule=1+ startingDeadlineSeconds=2:l concurrencyPolicy=3? suspend=4:b jobTemplate=5:JobTemplateSpec+
  successfulJobsHistoryLimit=6:i failedJobsHistoryLimit=7:i timeZone=8
CronJobStatus active=1*:ObjectReference lastScheduleTime=4:Time lastSuccessfulTime=5:Time
Job metadata=1:ObjectMeta spec=2:JobSpec status=3:JobStatus
JobCondition type=1+ status=2+ lastProbeTime=3:Time lastTransitionTime=4:Time reason=5? message=6?
JobSpec parallelism=1:i completions=2:i activeDeadlineSeconds=3:l selector=4:LabelSelector manualSelector=5:b template=6:PodTemplateSpec+
  backoffLimit=7:i ttlSecondsAfterFinished=8:i completionMode=9 suspend=10:b podFailurePolicy=11:PodFailurePolicy backoffLimitPerIndex=12:i
  maxFailedIndexes=13:i podReplacementPolicy=14 managedBy=15 successPolicy=16:SuccessPolicy
JobStatus conditions=1*:JobCondition@type startTime=2:Time completionTime=3:Time active=4:i? succeeded=5:i? failed=6:i? completedIndexes=7?
  uncountedTerminatedPods=8:UncountedTerminatedPods ready=9:i failedIndexes=10 terminating=11:i
JobTemplateSpec metadata=1:ObjectMeta spec=2:JobSpec
PodFailurePolicy rules=1*:PodFailurePolicyRule+
PodFailurePolicyOnExitCodesRequirement containerName=1 operator=2+ values=3*:i^+
PodFailurePolicyOnPodConditionsPattern type=1+ status=2
PodFailurePolicyRule action=1+ onExitCodes=2:PodFailurePolicyOnExitCodesRequirement
  onPodConditions=3*:PodFailurePolicyOnPodConditionsPattern
SuccessPolicy rules=1*:SuccessPolicyRule+
SuccessPolicyRule succeededIndexes=1 succeededCount=2:i
UncountedTerminatedPods succeeded=1*^ failed=2*^
Lease metadata=1:ObjectMeta spec=2:LeaseSpec
LeaseSpec holderIdentity=1 leaseDurationSeconds=2:i acquireTime=3:MicroTime renewTime=4:MicroTime leaseTransitions=5:i strategy=6
  preferredHolder=7
Endpoint addresses=1*^+ conditions=2:EndpointConditions hostname=3 targetRef=4:ObjectReference deprecatedTopology=5% nodeName=6 zone=7
  hints=8:EndpointHints
EndpointConditions ready=1:b serving=2:b terminating=3:b
EndpointHints forZones=1*:ForZone forNodes=2*:ForNode
EndpointSlice metadata=1:ObjectMeta endpoints=2*:Endpoint ports=3*:discovery.EndpointPort addressType=4+
ForNode name=1+
ForZone name=1+
discovery.EndpointPort$ name=1 protocol=2 port=3:i appProtocol=4
events.Event metadata=1:ObjectMeta eventTime=2:MicroTime+ series=3:events.EventSeries reportingController=4? reportingInstance=5? action=6?
  reason=7? regarding=8:ObjectReference related=9:ObjectReference note=10? type=11? deprecatedSource=12:EventSource
  deprecatedFirstTimestamp=13:Time deprecatedLastTimestamp=14:Time deprecatedCount=15:i?
events.EventSeries count=1:i+ lastObservedTime=2:MicroTime+
APIGroup name=1+ versions=2*:GroupVersionForDiscovery+ preferredVersion=3:GroupVersionForDiscovery
  serverAddressByClientCIDRs=4*:ServerAddressByClientCIDR
APIGroupList groups=1*:APIGroup+
APIResource name=1+ namespaced=2:b+ kind=3+ verbs=4:Verbs+ shortNames=5* singularName=6+ categories=7* group=8? version=9?
  storageVersionHash=10?
APIResourceList groupVersion=1+ resources=2*:APIResource+
APIVersions versions=1*+ serverAddressByClientCIDRs=2*:ServerAddressByClientCIDR+
Condition type=1+ status=2+ observedGeneration=3:l? lastTransitionTime=4:Time+ reason=5+ message=6+
DeleteOptions gracePeriodSeconds=1:l preconditions=2:Preconditions orphanDependents=3:b propagationPolicy=4 dryRun=5*
  ignoreStoreReadErrorWithClusterBreakingPotential=6:b
FieldSelectorRequirement key=1+ operator=2+ values=3*
GroupVersionForDiscovery groupVersion=1+ version=2+
LabelSelector$ matchLabels=1% matchExpressions=2*:LabelSelectorRequirement
LabelSelectorRequirement key=1+ operator=2+ values=3*
ListMeta selfLink=1? resourceVersion=2? continue=3? remainingItemCount=4:l shardInfo=5:ShardInfo
ManagedFieldsEntry manager=1? operation=2? apiVersion=3? time=4:Time fieldsType=6? fieldsV1=7:FieldsV1 subresource=8?
ObjectMeta name=1? generateName=2? namespace=3? selfLink=4? uid=5? resourceVersion=6? generation=7:l? creationTimestamp=8:Time
  deletionTimestamp=9:Time deletionGracePeriodSeconds=10:l labels=11% annotations=12% ownerReferences=13*:OwnerReference@uid^uid
  finalizers=14*@^ managedFields=17*:ManagedFieldsEntry
OwnerReference$ kind=1+ name=3+ uid=4+ apiVersion=5+ controller=6:b blockOwnerDeletion=7:b
PartialObjectMetadata metadata=1:ObjectMeta
Preconditions uid=1 resourceVersion=2
ServerAddressByClientCIDR clientCIDR=1+ serverAddress=2+
ShardInfo selector=1+
Status metadata=1:ListMeta status=2? message=3? reason=4? details=5:StatusDetails code=6:i?
StatusCause reason=1? message=2? field=3?
StatusDetails name=1? group=2? kind=3? causes=4*:StatusCause retryAfterSeconds=5:i? uid=6?
ContainerMetrics name=1+ usage=2%:Quantity+
NodeMetrics metadata=1:ObjectMeta timestamp=2:Time+ window=3:Duration+ usage=4%:Quantity+
PodMetrics metadata=1:ObjectMeta timestamp=2:Time+ window=3:Duration+ containers=4*:ContainerMetrics+
HTTPIngressPath path=1? backend=2:IngressBackend+ pathType=3+
HTTPIngressRuleValue paths=1*:HTTPIngressPath+
IPBlock cidr=1+ except=2*
Ingress metadata=1:ObjectMeta spec=2:IngressSpec status=3:IngressStatus
IngressBackend resource=3:TypedLocalObjectReference service=4:IngressServiceBackend
IngressClass metadata=1:ObjectMeta spec=2:IngressClassSpec
IngressClassParametersReference apiGroup=1 kind=2+ name=3+ scope=4 namespace=5
IngressClassSpec controller=1? parameters=2:IngressClassParametersReference
IngressLoadBalancerIngress ip=1? hostname=2? ports=4*:IngressPortStatus
IngressLoadBalancerStatus ingress=1*:IngressLoadBalancerIngress
IngressPortStatus port=1:i+ protocol=2+ error=3
IngressRule host=1? ingressRuleValue=2:IngressRuleValue!
IngressRuleValue http=1:HTTPIngressRuleValue
IngressServiceBackend name=1+ port=2:ServiceBackendPort
IngressSpec defaultBackend=1:IngressBackend tls=2*:IngressTLS rules=3*:IngressRule ingressClassName=4
IngressStatus loadBalancer=1:IngressLoadBalancerStatus
IngressTLS hosts=1* secretName=2?
NetworkPolicy metadata=1:ObjectMeta spec=2:NetworkPolicySpec
NetworkPolicyEgressRule ports=1*:NetworkPolicyPort to=2*:NetworkPolicyPeer
NetworkPolicyIngressRule ports=1*:NetworkPolicyPort from=2*:NetworkPolicyPeer
NetworkPolicyPeer podSelector=1:LabelSelector namespaceSelector=2:LabelSelector ipBlock=3:IPBlock
NetworkPolicyPort protocol=1 port=2:IntOrString endPort=3:i
NetworkPolicySpec podSelector=1:LabelSelector ingress=2*:NetworkPolicyIngressRule egress=3*:NetworkPolicyEgressRule policyTypes=4*
ServiceBackendPort$ name=1? number=2:i?
Eviction metadata=1:ObjectMeta deleteOptions=2:DeleteOptions
PodDisruptionBudget metadata=1:ObjectMeta spec=2:PodDisruptionBudgetSpec status=3:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec minAvailable=1:IntOrString selector=2:LabelSelector maxUnavailable=3:IntOrString unhealthyPodEvictionPolicy=4
PodDisruptionBudgetStatus observedGeneration=1:l? disruptedPods=2%:Time disruptionsAllowed=3:i currentHealthy=4:i desiredHealthy=5:i
  expectedPods=6:i conditions=7*:Condition@type^type
AggregationRule clusterRoleSelectors=1*:LabelSelector
ClusterRole metadata=1:ObjectMeta rules=2*:PolicyRule aggregationRule=3:AggregationRule
ClusterRoleBinding metadata=1:ObjectMeta subjects=2*:Subject roleRef=3:RoleRef+
PolicyRule verbs=1*+ apiGroups=2* resources=3* resourceNames=4* nonResourceURLs=5*
Role metadata=1:ObjectMeta rules=2*:PolicyRule
RoleBinding metadata=1:ObjectMeta subjects=2*:Subject roleRef=3:RoleRef+
RoleRef$ apiGroup=1 kind=2+ name=3+
Subject$ kind=1+ apiGroup=2? name=3+ namespace=4?
PriorityClass metadata=1:ObjectMeta value=2:i globalDefault=3:b? description=4? preemptionPolicy=5
StorageClass metadata=1:ObjectMeta provisioner=2+ parameters=3% reclaimPolicy=4 mountOptions=5* allowVolumeExpansion=6:b
  volumeBindingMode=7 allowedTopologies=8*:TopologySelectorTerm
)schema";

}  // namespace fairlead::sandbox
