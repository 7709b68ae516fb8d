// Made by make_schema.py from the comments of the Kubernetes API (Copyright The Kubernetes Authors, Apache License 2.0). Do not edit.
#include "sandbox/schema_docs.h"

namespace fairlead::sandbox {

extern const char docs_other[] = R"docs(
#meta_v1
APIGroup: APIGroup contains the name, the supported versions, and the preferred version of a group.
 name: name is the name of the group.
 versions: versions are the versions supported in this group.
 preferredVersion: preferredVersion is the version preferred by the API server, which probably is the storage version.
 serverAddressByClientCIDRs: a map of client CIDR to server address that is serving this group. This is to help clients reach servers in the most network-efficient way possible. Clients can use the appropriate server address as per the CIDR that they match. In case of multiple matches, clients should use the longest matching CIDR.
APIGroupList: APIGroupList is a list of APIGroup, to allow clients to discover the API at /apis.
 groups: groups is a list of APIGroup.
APIResource: APIResource specifies the name of a resource and whether it is namespaced.
 name: name is the plural name of the resource.
 namespaced: namespaced indicates if a resource is namespaced or not.
 kind: kind is the kind for the resource (e.g. 'Foo' is the kind for a resource 'foo')
 verbs: verbs is a list of supported kube verbs (this includes get, list, watch, create, update, patch, delete, deletecollection, and proxy)
 shortNames: shortNames is a list of suggested short names of the resource.
 singularName: singularName is the singular name of the resource. This allows clients to handle plural and singular opaquely. The singularName is more correct for reporting status on a single item and both singular and plural are allowed from the kubectl CLI interface.
 categories: categories is a list of the grouped resources this resource belongs to (e.g. 'all')
 group: group is the preferred group of the resource. Empty implies the group of the containing resource list. For subresources, this may have a different value, for example: Scale".
 version: version is the preferred version of the resource. Empty implies the version of the containing resource list For subresources, this may have a different value, for example: v1 (while inside a v1beta1 version of the core resource's group)".
 storageVersionHash: The hash value of the storage version, the version this resource is converted to when written to the data store. Value must be treated as opaque by clients. Only equality comparison on the value is valid. This is an alpha feature and may change or be removed in the future.
APIResourceList: APIResourceList is a list of APIResource, it is used to expose the name of the resources supported in a specific group and version, and if the resource is namespaced.
 groupVersion: groupVersion is the group and version this APIResourceList is for.
 resources: resources contains the name of the resources and if they are namespaced.
APIVersions: APIVersions lists the versions that are available, to allow clients to discover the API at /api, which is the root path of the legacy v1 API.
 versions: versions are the api versions that are available.
 serverAddressByClientCIDRs: a map of client CIDR to server address that is serving this group. This is to help clients reach servers in the most network-efficient way possible. Clients can use the appropriate server address as per the CIDR that they match. In case of multiple matches, clients should use the longest matching CIDR.
Condition: Condition contains details for one aspect of the current state of this API Resource. This struct is intended for direct use as an array at the field path .status.conditions. For example,
 type: type of condition in CamelCase or in foo.example.com/CamelCase. Many .condition.type values are consistent across resources like Available, but because arbitrary conditions can be useful (see .node.status.conditions), the ability to deconflict is important. The regex it matches is (dns1123SubdomainFmt/)?(qualifiedNameFmt)
 status: status of the condition, one of True, False, Unknown.
 observedGeneration: observedGeneration represents the .metadata.generation that the condition was set based upon. For instance, if .metadata.generation is currently 12, but the .status.conditions[x].observedGeneration is 9, the condition is out of date with respect to the current state of the instance.
 lastTransitionTime: lastTransitionTime is the last time the condition transitioned from one status to another. This should be when the underlying condition changed. If that is not known, then using the time when the API field changed is acceptable.
 reason: reason contains a programmatic identifier indicating the reason for the condition's last transition. Producers of specific condition types may define expected values and meanings for this field, and whether the values are considered a guaranteed API. The value should be a CamelCase string. This field may not be empty.
 message: message is a human readable message indicating details about the transition. This may be an empty string.
DeleteOptions: DeleteOptions may be provided when deleting an API object.
 gracePeriodSeconds: The duration in seconds before the object should be deleted. Value must be non-negative integer. The value zero indicates delete immediately. If this value is nil, the default grace period for the specified type will be used. Defaults to a per object value if not specified. zero means delete immediately.
 preconditions: Must be fulfilled before a deletion is carried out. If not possible, a 409 Conflict status will be returned.
 orphanDependents: Deprecated: please use the PropagationPolicy, this field will be deprecated in 1.7. Should the dependent objects be orphaned. If true/false, the "orphan" finalizer will be added to/removed from the object's finalizers list. Either this field or PropagationPolicy may be set, but not both.
 propagationPolicy: Whether and how garbage collection will be performed. Either this field or OrphanDependents may be set, but not both. The default policy is decided by the existing finalizer set in the metadata.finalizers and the resource-specific default policy.
 dryRun: When present, indicates that modifications should not be persisted. An invalid or unrecognized dryRun directive will result in an error response and no further processing of the request. Valid values are: - All: all dry run stages will be processed
 ignoreStoreReadErrorWithClusterBreakingPotential: if set to true, it will trigger an unsafe deletion of the resource in case the normal deletion flow fails with a corrupt object error.
FieldSelectorRequirement: FieldSelectorRequirement is a selector that contains values, a key, and an operator that relates the key and values.
 key: key is the field selector key that the requirement applies to.
 operator: operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists, DoesNotExist. The list of operators may grow in the future.
 values: values is an array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty.
GroupVersionForDiscovery: GroupVersion contains the "group/version" and "version" string of a version. It is made a struct to keep extensibility.
 groupVersion: groupVersion specifies the API group and version in the form "group/version"
 version: version specifies the version in the form of "version". This is to save the clients the trouble of splitting the GroupVersion.
LabelSelector: A label selector is a label query over a set of resources. The result of matchLabels and matchExpressions are ANDed. An empty label selector matches all objects. A null label selector matches no objects.
 matchLabels: matchLabels is a map of {key,value} pairs. A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose key field is "key", the operator is "In", and the values array contains only "value". The requirements are ANDed.
 matchExpressions: matchExpressions is a list of label selector requirements. The requirements are ANDed.
LabelSelectorRequirement: A label selector requirement is a selector that contains values, a key, and an operator that relates the key and values.
 key: key is the label key that the selector applies to.
 operator: operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists and DoesNotExist.
 values: values is an array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. This array is replaced during a strategic merge patch.
ListMeta: ListMeta describes metadata that synthetic resources must have, including lists and various status objects. A resource may have only one of {ObjectMeta, ListMeta}.
 selfLink: Deprecated: selfLink is a legacy read-only field that is no longer populated by the system.
 resourceVersion: String that identifies the server's internal version of this object that can be used by clients to determine when objects have changed. Value must be treated as opaque by clients and passed unmodified back to the server. Populated by the system. Read-only.
 continue: continue may be set if the user set a limit on the number of items returned, and indicates that the server has more data available. The value is opaque and may be used to issue another request to the endpoint that served this list to retrieve the next set of available objects.
 remainingItemCount: remainingItemCount is the number of subsequent items in the list which are not included in this list response. If the list request contained label or field selectors, then the number of remaining items is unknown and the field will be left unset and omitted during serialization.
 shardInfo: shardInfo is set when the list is a filtered subset of the full collection, as selected by a shard selector on the request. It echoes back the selector so clients can verify which shard they received and merge sharded responses. Clients should not cache sharded list responses as a full representation of the collection.
ManagedFieldsEntry: ManagedFieldsEntry is a workflow-id, a FieldSet and the group version of the resource that the fieldset applies to.
 manager: Manager is an identifier of the workflow managing these fields.
 operation: Operation is the type of operation which lead to this ManagedFieldsEntry being created. The only valid values for this field are 'Apply' and 'Update'.
 apiVersion: APIVersion defines the version of this resource that this field set applies to. The format is "group/version" just like the top-level APIVersion field. It is necessary to track the version of a field set because it cannot be automatically converted.
 time: Time is the timestamp of when the ManagedFields entry was added. The timestamp will also be updated if a field is added, the manager changes any of the owned fields value or removes a field. The timestamp does not update when a field is removed from the entry because another manager took it over.
 fieldsType: FieldsType is the discriminator for the different fields format and version. There is currently only one possible value: "FieldsV1"
 fieldsV1: FieldsV1 holds the first JSON version format as described in the "FieldsV1" type.
 subresource: Subresource is the name of the subresource used to update that object, or empty string if the object was updated through the main resource. The value of this field is used to distinguish between managers, even if they share the same name. For example, a status update will be distinct from a regular update using the same manager name.
ObjectMeta: ObjectMeta is metadata that all persisted resources must have, which includes all objects users must create.
 name: Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated.
 generateName: GenerateName is an optional prefix, used by the server, to generate a unique name ONLY IF the Name field has not been provided. If this field is used, the name returned to the client will be different than the name passed. This value will also be combined with a unique suffix.
 namespace: Namespace defines the space within which each name must be unique. An empty namespace is equivalent to the "default" namespace, but "default" is the canonical representation. Not all objects are required to be scoped to a namespace - the value of this field for those objects will be empty.
 selfLink: Deprecated: selfLink is a legacy read-only field that is no longer populated by the system.
 uid: UID is the unique in time and space value for this object. It is typically generated by the server on successful creation of a resource and is not allowed to change on PUT operations.
 resourceVersion: An opaque value that represents the internal version of this object that can be used by clients to determine when objects have changed. May be used for optimistic concurrency, change detection, and the watch operation on a resource or set of resources. Clients must treat these values as opaque and passed unmodified back to the server.
 generation: A sequence number representing a specific generation of the desired state. Populated by the system. Read-only.
 creationTimestamp: CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.
 deletionTimestamp: DeletionTimestamp is RFC 3339 date and time at which this resource will be deleted. This field is set by the server when a graceful deletion is requested by the user, and is not directly settable by a client.
 deletionGracePeriodSeconds: Number of seconds allowed for this object to gracefully terminate before it will be removed from the system. Only set when deletionTimestamp is also set. May only be shortened. Read-only.
 labels: Map of string keys and values that can be used to organize and categorize (scope and select) objects. May match selectors of replication controllers and services. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels
 annotations: Annotations is an unstructured key value map stored with a resource that may be set by external tools to store and retrieve arbitrary metadata. They are not queryable and should be preserved when modifying objects. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations
 ownerReferences: List of objects depended by this object. If ALL objects in the list have been deleted, this object will be garbage collected. If this object is managed by a controller, then an entry in this list will point to this controller, with the controller field set to true. There cannot be more than one managing controller.
 finalizers: Must be empty before the object is deleted from the registry. Each entry is an identifier for the responsible component that will remove the entry from the list. If the deletionTimestamp of the object is non-nil, entries in this list can only be removed. Finalizers may be processed and removed in any order.
 managedFields: ManagedFields maps workflow-id and version to the set of fields that are managed by that workflow. This is mostly for internal housekeeping, and users typically shouldn't need to set or understand this field. A workflow can be the user's name, a controller's name, or the name of a specific apply path like "ci-cd".
OwnerReference: OwnerReference contains enough information to let you identify an owning object. An owning object must be in the same namespace as the dependent, or be cluster-scoped, so there is no namespace field.
 kind: Kind of the referent. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 name: Name of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names
 uid: UID of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#uids
 apiVersion: API version of the referent.
 controller: If true, this reference points to the managing controller.
 blockOwnerDeletion: If true, AND if the owner has the "foregroundDeletion" finalizer, then the owner cannot be deleted from the key-value store until this reference is removed.
PartialObjectMetadata: PartialObjectMetadata is a generic representation of any object with ObjectMeta. It allows clients to get access to a particular ObjectMeta schema without knowing the details of the version.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
Preconditions: Preconditions must be fulfilled before an operation (update, delete, etc.) is carried out.
 uid: Specifies the target UID.
 resourceVersion: Specifies the target ResourceVersion
ServerAddressByClientCIDR: ServerAddressByClientCIDR helps the client to determine the server address that they should use, depending on the clientCIDR that they match.
 clientCIDR: The CIDR with which clients can match their IP to figure out the server address that they should use.
 serverAddress: Address of this server, suitable for a client that matches the above CIDR. This can be a hostname, hostname:port, IP or IP:port.
ShardInfo: ShardInfo describes the shard selector that was applied to produce a list response. Its presence on a list response indicates the list is a filtered subset.
 selector: selector is the shard selector string from the request, echoed back so clients can verify which shard they received and merge responses from multiple shards.
Status: Status is a return value for calls that don't return other objects.
 metadata: Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 status: Status of the operation. One of: "Success" or "Failure". More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 message: A human-readable description of the status of this operation.
 reason: A machine-readable description of why this operation is in the "Failure" status. If this value is empty there is no information available. A Reason clarifies an HTTP status code but does not override it.
 details: Extended data associated with the reason. Each reason may define its own extended details. This field is optional and the data returned is not guaranteed to conform to any schema except that defined by the reason type.
 code: Suggested HTTP return code for this status, 0 if not set.
StatusCause: StatusCause provides more information about an api.Status failure, including cases when multiple errors are encountered.
 reason: A machine-readable description of the cause of the error. If this value is empty there is no information available.
 message: A human-readable description of the cause of the error. This field may be presented as-is to a reader.
 field: The field of the resource that has caused this error, as named by its JSON serialization. May include dot and postfix notation for nested attributes. Arrays are zero-indexed. Fields may appear more than once in an array of causes due to fields having multiple errors. Optional.
StatusDetails: StatusDetails is a set of additional properties that MAY be set by the server to provide additional information about a response. The Reason field of a Status object defines what attributes will be set.
 name: The name attribute of the resource associated with the status StatusReason (when there is a single name which can be described).
 group: The group attribute of the resource associated with the status StatusReason.
 kind: The kind attribute of the resource associated with the status StatusReason. On some operations may differ from the requested resource Kind. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 causes: The Causes array includes more details associated with the StatusReason failure. Not all StatusReasons may provide detailed causes.
 retryAfterSeconds: If specified, the time in seconds before the operation should be retried. Some errors may indicate the client must take an alternate action - for those errors this field may indicate how long to wait before taking the alternate action.
 uid: UID of the resource. (when there is a single resource which can be described). More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#uids
#apps_v1
ControllerRevision: ControllerRevision implements an immutable snapshot of state data. Clients are responsible for serializing and deserializing the objects that contain their internal state. Once a ControllerRevision has been successfully created, it can not be updated.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 data: Data is the serialized representation of the state.
 revision: Revision indicates the revision of the state represented by Data.
DaemonSet: DaemonSet represents the configuration of a daemon set.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: The desired behavior of this daemon set. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: The current status of this daemon set. This data may be out of date by some window of time. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
DaemonSetCondition: DaemonSetCondition describes the state of a DaemonSet at a certain point.
 type: Type of DaemonSet condition.
 status: Status of the condition, one of True, False, Unknown.
 lastTransitionTime: Last time the condition transitioned from one status to another.
 reason: The reason for the condition's last transition.
 message: A human readable message indicating details about the transition.
DaemonSetSpec: DaemonSetSpec is the specification of a daemon set.
 selector: A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 template: An object that describes the pod that will be created. The DaemonSet will create exactly one copy of this pod on every node that matches the template's node selector (or on every node if no node selector is specified). The only allowed template.spec.restartPolicy value is "Always".
 updateStrategy: An update strategy to replace existing DaemonSet pods with new pods.
 minReadySeconds: The minimum number of seconds for which a newly created DaemonSet pod should be ready without any of its container crashing, for it to be considered available. Defaults to 0 (pod will be considered available as soon as it is ready).
 revisionHistoryLimit: The number of old history to retain to allow rollback. This is a pointer to distinguish between explicit zero and not specified. Defaults to 10.
DaemonSetStatus: DaemonSetStatus represents the current status of a daemon set.
 currentNumberScheduled: The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 numberMisscheduled: The number of nodes that are running the daemon pod, but are not supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 desiredNumberScheduled: The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
 numberReady: numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.
 observedGeneration: The most recent generation observed by the daemon set controller.
 updatedNumberScheduled: The total number of nodes that are running updated daemon pod
 numberAvailable: The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)
 numberUnavailable: The number of nodes that should be running the daemon pod and have none of the daemon pod running and available (ready for at least spec.minReadySeconds)
 collisionCount: Count of hash collisions for the DaemonSet. The DaemonSet controller uses this field as a collision avoidance mechanism when it needs to create the name for the newest ControllerRevision.
 conditions: Represents the latest available observations of a DaemonSet's current state.
DaemonSetUpdateStrategy: DaemonSetUpdateStrategy is a struct used to control the update strategy for a DaemonSet.
 type: Type of daemon set update. Can be "RollingUpdate" or "OnDelete". Default is RollingUpdate.
 rollingUpdate: Rolling update config params. Present only if type = "RollingUpdate". TODO: Update this to follow our convention for oneOf, whatever we decide it to be. Same as Deployment `strategy.rollingUpdate`. See https://github.com/kubernetes/kubernetes/issues/35345
Deployment: Deployment enables declarative updates for Pods and ReplicaSets.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of the Deployment.
 status: Most recently observed status of the Deployment.
DeploymentCondition: DeploymentCondition describes the state of a deployment at a certain point.
 type: Type of deployment condition.
 status: Status of the condition, one of True, False, Unknown.
 reason: The reason for the condition's last transition.
 message: A human readable message indicating details about the transition.
 lastUpdateTime: The last time this condition was updated.
 lastTransitionTime: Last time the condition transitioned from one status to another.
DeploymentSpec: DeploymentSpec is the specification of the desired behavior of the Deployment.
 replicas: Number of desired pods. This is a pointer to distinguish between explicit zero and not specified. Defaults to 1.
 selector: Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.
 template: Template describes the pods that will be created. The only allowed template.spec.restartPolicy value is "Always".
 strategy: The deployment strategy to use to replace existing pods with new ones.
 minReadySeconds: Minimum number of seconds for which a newly created pod should be ready without any of its container crashing, for it to be considered available. Defaults to 0 (pod will be considered available as soon as it is ready)
 revisionHistoryLimit: The number of old ReplicaSets to retain to allow rollback. This is a pointer to distinguish between explicit zero and not specified. Defaults to 10.
 paused: Indicates that the deployment is paused.
 progressDeadlineSeconds: The maximum time in seconds for a deployment to make progress before it is considered to be failed. The deployment controller will continue to process failed deployments and a condition with a ProgressDeadlineExceeded reason will be surfaced in the deployment status.
DeploymentStatus: DeploymentStatus is the most recently observed status of the Deployment.
 observedGeneration: The generation observed by the deployment controller.
 replicas: Total number of non-terminating pods targeted by this deployment (their labels match the selector).
 updatedReplicas: Total number of non-terminating pods targeted by this deployment that have the desired template spec.
 availableReplicas: Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.
 unavailableReplicas: Total number of unavailable pods targeted by this deployment. This is the total number of pods that are still required for the deployment to have 100% available capacity. They may either be pods that are running but not yet available or pods that still have not been created.
 conditions: Represents the latest available observations of a deployment's current state.
 readyReplicas: Total number of non-terminating pods targeted by this Deployment with a Ready Condition.
 collisionCount: Count of hash collisions for the Deployment. The Deployment controller uses this field as a collision avoidance mechanism when it needs to create the name for the newest ReplicaSet.
 terminatingReplicas: Total number of terminating pods targeted by this deployment. Terminating pods have a non-null .metadata.deletionTimestamp and have not yet reached the Failed or Succeeded .status.phase.
DeploymentStrategy: DeploymentStrategy describes how to replace existing pods with new ones.
 type: Type of deployment. Can be "Recreate" or "RollingUpdate". Default is RollingUpdate.
 rollingUpdate: Rolling update config params. Present only if DeploymentStrategyType = RollingUpdate. TODO: Update this to follow our convention for oneOf, whatever we decide it to be.
ReplicaSet: ReplicaSet ensures that a specified number of pod replicas are running at any given time.
 metadata: If the Labels of a ReplicaSet are empty, they are defaulted to be the same as the Pod(s) that the ReplicaSet manages. Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the specification of the desired behavior of the ReplicaSet. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Status is the most recently observed status of the ReplicaSet. This data may be out of date by some window of time. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
ReplicaSetCondition: ReplicaSetCondition describes the state of a replica set at a certain point.
 type: Type of replica set condition.
 status: Status of the condition, one of True, False, Unknown.
 lastTransitionTime: The last time the condition transitioned from one status to another.
 reason: The reason for the condition's last transition.
 message: A human readable message indicating details about the transition.
ReplicaSetSpec: ReplicaSetSpec is the specification of a ReplicaSet.
 replicas: Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset
 selector: Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 template: Template is the object that describes the pod that will be created if insufficient replicas are detected. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-template
 minReadySeconds: Minimum number of seconds for which a newly created pod should be ready without any of its container crashing, for it to be considered available. Defaults to 0 (pod will be considered available as soon as it is ready)
ReplicaSetStatus: ReplicaSetStatus represents the current status of a ReplicaSet.
 replicas: Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset
 fullyLabeledReplicas: The number of non-terminating pods that have labels matching the labels of the pod template of the replicaset.
 observedGeneration: ObservedGeneration reflects the generation of the most recently observed ReplicaSet.
 readyReplicas: The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.
 availableReplicas: The number of available non-terminating pods (ready for at least minReadySeconds) for this replica set.
 conditions: Represents the latest available observations of a replica set's current state.
 terminatingReplicas: The number of terminating pods for this replica set. Terminating pods have a non-null .metadata.deletionTimestamp and have not yet reached the Failed or Succeeded .status.phase.
RollingUpdateDaemonSet: Spec to control the desired behavior of daemon set rolling update.
 maxUnavailable: The maximum number of DaemonSet pods that can be unavailable during the update. Value can be an absolute number (ex: 5) or a percentage of total number of DaemonSet pods at the start of the update (ex: 10%). Absolute number is calculated from percentage by rounding up. This cannot be 0 if MaxSurge is 0 Default value is 1.
 maxSurge: The maximum number of nodes with an existing available DaemonSet pod that can have an updated DaemonSet pod during during an update. Value can be an absolute number (ex: 5) or a percentage of desired pods (ex: 10%). This can not be 0 if MaxUnavailable is 0. Absolute number is calculated from percentage by rounding up to a minimum of 1.
RollingUpdateDeployment: Spec to control the desired behavior of rolling update.
 maxUnavailable: The maximum number of pods that can be unavailable during the update. Value can be an absolute number (ex: 5) or a percentage of desired pods (ex: 10%). Absolute number is calculated from percentage by rounding down. This can not be 0 if MaxSurge is 0. Defaults to 25%.
 maxSurge: The maximum number of pods that can be scheduled above the desired number of pods. Value can be an absolute number (ex: 5) or a percentage of desired pods (ex: 10%). This can not be 0 if MaxUnavailable is 0. Absolute number is calculated from percentage by rounding up. Defaults to 25%.
RollingUpdateStatefulSetStrategy: RollingUpdateStatefulSetStrategy is used to communicate parameter for RollingUpdateStatefulSetStrategyType.
 partition: Partition indicates the ordinal at which the StatefulSet should be partitioned for updates. During a rolling update, all pods from ordinal Replicas-1 to Partition are updated. All pods from ordinal Partition-1 to 0 remain untouched. This is helpful in being able to do a canary based deployment. The default value is 0.
 maxUnavailable: The maximum number of pods that can be unavailable during the update. Value can be an absolute number (ex: 5) or a percentage of desired pods (ex: 10%). Absolute number is calculated from percentage by rounding up. This can not be 0. Defaults to 1. This field is beta-level and is enabled by default.
StatefulSet: StatefulSet represents a set of pods with consistent identities. Identities are defined as: - Network: A single stable DNS and hostname. - Storage: As many VolumeClaims as requested.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the desired identities of pods in this set.
 status: Status is the current status of Pods in this StatefulSet. This data may be out of date by some window of time.
StatefulSetCondition: StatefulSetCondition describes the state of a statefulset at a certain point.
 type: Type of statefulset condition.
 status: Status of the condition, one of True, False, Unknown.
 lastTransitionTime: Last time the condition transitioned from one status to another.
 reason: The reason for the condition's last transition.
 message: A human readable message indicating details about the transition.
StatefulSetOrdinals: StatefulSetOrdinals describes the policy used for replica ordinal assignment in this StatefulSet.
 start: start is the number representing the first replica's index. It may be used to number replicas from an alternate index (eg: 1-indexed) over the default 0-indexed names, or to orchestrate progressive movement of replicas from one StatefulSet to another.
StatefulSetPersistentVolumeClaimRetentionPolicy: StatefulSetPersistentVolumeClaimRetentionPolicy describes the policy used for PVCs created from the StatefulSet VolumeClaimTemplates.
 whenDeleted: WhenDeleted specifies what happens to PVCs created from StatefulSet VolumeClaimTemplates when the StatefulSet is deleted. The default policy of `Retain` causes PVCs to not be affected by StatefulSet deletion. The `Delete` policy causes those PVCs to be deleted.
 whenScaled: WhenScaled specifies what happens to PVCs created from StatefulSet VolumeClaimTemplates when the StatefulSet is scaled down. The default policy of `Retain` causes PVCs to not be affected by a scaledown. The `Delete` policy causes the associated PVCs for any excess pods above the replica count to be deleted.
StatefulSetSpec: A StatefulSetSpec is the specification of a StatefulSet.
 replicas: replicas is the desired number of replicas of the given Template. These are replicas in the sense that they are instantiations of the same Template, but individual replicas also have a consistent identity. If unspecified, defaults to 1. TODO: Consider a rename of this field.
 selector: selector is a label query over pods that should match the replica count. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 template: template is the object that describes the pod that will be created if insufficient replicas are detected. Each pod stamped out by the StatefulSet will fulfill this Template, but have a unique identity from the rest of the StatefulSet. Each pod will be named with the format <statefulsetname>-<podindex>.
 volumeClaimTemplates: volumeClaimTemplates is a list of claims that pods are allowed to reference. The StatefulSet controller is responsible for mapping network identities to claims in a way that maintains the identity of a pod. Every claim in this list must have at least one matching (by name) volumeMount in one container in the template.
 serviceName: serviceName is the name of the service that governs this StatefulSet. This service must exist before the StatefulSet, and is responsible for the network identity of the set.
 podManagementPolicy: podManagementPolicy controls how pods are created during initial scale up, when replacing pods on nodes, or when scaling down. The default policy is `OrderedReady`, where pods are created in increasing order (pod-0, then pod-1, etc) and the controller will wait until each pod is ready before continuing.
 updateStrategy: updateStrategy indicates the StatefulSetUpdateStrategy that will be employed to update Pods in the StatefulSet when a revision is made to Template.
 revisionHistoryLimit: revisionHistoryLimit is the maximum number of revisions that will be maintained in the StatefulSet's revision history. The revision history consists of all revisions not represented by a currently applied StatefulSetSpec version. The default value is 10.
 minReadySeconds: Minimum number of seconds for which a newly created pod should be ready without any of its container crashing for it to be considered available. Defaults to 0 (pod will be considered available as soon as it is ready)
 persistentVolumeClaimRetentionPolicy: persistentVolumeClaimRetentionPolicy describes the lifecycle of persistent volume claims created from volumeClaimTemplates. By default, all persistent volume claims are created as needed and retained until manually deleted.
 ordinals: ordinals controls the numbering of replica indices in a StatefulSet. The default ordinals behavior assigns a "0" index to the first replica and increments the index by one for each additional replica requested.
StatefulSetStatus: StatefulSetStatus represents the current state of a StatefulSet.
 observedGeneration: observedGeneration is the most recent generation observed for this StatefulSet. It corresponds to the StatefulSet's generation, which is updated on mutation by the API Server.
 replicas: replicas is the number of Pods created by the StatefulSet controller.
 readyReplicas: readyReplicas is the number of pods created for this StatefulSet with a Ready Condition.
 currentReplicas: currentReplicas is the number of Pods created by the StatefulSet controller from the StatefulSet version indicated by currentRevision.
 updatedReplicas: updatedReplicas is the number of Pods created by the StatefulSet controller from the StatefulSet version indicated by updateRevision.
 currentRevision: currentRevision, if not empty, indicates the version of the StatefulSet used to generate Pods in the sequence [0,currentReplicas).
 updateRevision: updateRevision, if not empty, indicates the version of the StatefulSet used to generate Pods in the sequence [replicas-updatedReplicas,replicas)
 collisionCount: collisionCount is the count of hash collisions for the StatefulSet. The StatefulSet controller uses this field as a collision avoidance mechanism when it needs to create the name for the newest ControllerRevision.
 conditions: Represents the latest available observations of a statefulset's current state.
 availableReplicas: Total number of available pods (ready for at least minReadySeconds) targeted by this statefulset.
StatefulSetUpdateStrategy: StatefulSetUpdateStrategy indicates the strategy that the StatefulSet controller will use to perform updates. It includes any additional parameters necessary to perform the update for the indicated strategy.
 type: Type indicates the type of the StatefulSetUpdateStrategy. Default is RollingUpdate.
 rollingUpdate: RollingUpdate is used to communicate parameters when Type is RollingUpdateStatefulSetStrategyType.
#events_v1
events.Event: Event is a report of an event somewhere in the cluster. It generally denotes some state change in the system. Events have a limited retention time and triggers and messages may evolve with time.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 eventTime: eventTime is the time when this Event was first observed. It is required.
 series: series is data about the Event series this event represents or nil if it's a singleton Event.
 reportingController: reportingController is the name of the controller that emitted this Event, e.g. `kubernetes.io/kubelet`. This field cannot be empty for new Events.
 reportingInstance: reportingInstance is the ID of the controller instance, e.g. `kubelet-xyzf`. This field cannot be empty for new Events and it can have at most 128 characters.
 action: action is what action was taken/failed regarding to the regarding object. It is machine-readable. This field cannot be empty for new Events and it can have at most 128 characters.
 reason: reason is why the action was taken. It is human-readable. This field cannot be empty for new Events and it can have at most 128 characters.
 regarding: regarding contains the object this Event is about. In most cases it's an Object reporting controller implements, e.g. ReplicaSetController implements ReplicaSets and this event is emitted because it acts on some changes in a ReplicaSet object.
 related: related is the optional secondary object for more complex actions. E.g. when regarding object triggers a creation or deletion of related object.
 note: note is a human-readable description of the status of this operation. Maximal length of the note is 1kB, but libraries should be prepared to handle values up to 64kB.
 type: type is the type of this event (Normal, Warning), new types could be added in the future. It is machine-readable. This field cannot be empty for new Events.
 deprecatedSource: deprecatedSource is the deprecated field assuring backward compatibility with core.v1 Event type.
 deprecatedFirstTimestamp: deprecatedFirstTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type.
 deprecatedLastTimestamp: deprecatedLastTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type.
 deprecatedCount: deprecatedCount is the deprecated field assuring backward compatibility with core.v1 Event type.
events.EventSeries: EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time. How often to update the EventSeries is up to the event reporters.
 count: count is the number of occurrences in this series up to the last heartbeat time.
 lastObservedTime: lastObservedTime is the time when last Event from the series was seen before last heartbeat.
#autoscaling_v2
ContainerResourceMetricSource: ContainerResourceMetricSource indicates how to scale on a resource metric known to Kubernetes, as specified in requests and limits, describing each pod in the current scale target (e.g. CPU or memory). The values will be averaged together before being compared to the target.
 name: name is the name of the resource in question.
 target: target specifies the target value for the given metric
 container: container is the name of the container in the pods of the scaling target
ContainerResourceMetricStatus: ContainerResourceMetricStatus indicates the current value of a resource metric known to Kubernetes, as specified in requests and limits, describing a single container in each pod in the current scale target (e.g. CPU or memory).
 name: name is the name of the resource in question.
 current: current contains the current value for the given metric
 container: container is the name of the container in the pods of the scaling target
CrossVersionObjectReference: CrossVersionObjectReference contains enough information to let you identify the referred resource.
 kind: kind is the kind of the referent; More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 name: name is the name of the referent; More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
 apiVersion: apiVersion is the API version of the referent
ExternalMetricSource: ExternalMetricSource indicates how to scale on a metric not associated with any Kubernetes object (for example length of queue in cloud messaging service, or QPS from loadbalancer running outside of cluster).
 metric: metric identifies the target metric by name and selector
 target: target specifies the target value for the given metric
ExternalMetricStatus: ExternalMetricStatus indicates the current value of a global metric not associated with any Kubernetes object.
 metric: metric identifies the target metric by name and selector
 current: current contains the current value for the given metric
HPAScalingPolicy: HPAScalingPolicy is a single policy which must hold true for a specified past interval.
 type: type is used to specify the scaling policy.
 value: value contains the amount of change which is permitted by the policy. It must be greater than zero
 periodSeconds: periodSeconds specifies the window of time for which the policy should hold true. PeriodSeconds must be greater than zero and less than or equal to 1800 (30 min).
HPAScalingRules: HPAScalingRules configures the scaling behavior for one direction via scaling Policy Rules and a configurable metric tolerance.
 selectPolicy: selectPolicy is used to specify which policy should be used. If not set, the default value Max is used.
 policies: policies is a list of potential scaling polices which can be used during scaling. If not set, use the default values: - For scale up: allow doubling the number of pods, or an absolute change of 4 pods in a 15s window. - For scale down: allow all pods to be removed in a 15s window.
 stabilizationWindowSeconds: stabilizationWindowSeconds is the number of seconds for which past recommendations should be considered while scaling up or scaling down. StabilizationWindowSeconds must be greater than or equal to zero and less than or equal to 3600 (one hour). If not set, use the default values: - For scale up: 0 (i.e. no stabilization is done).
 tolerance: tolerance is the tolerance on the ratio between the current and desired metric value under which no updates are made to the desired number of replicas (e.g. 0.01 for 1%). Must be greater than or equal to zero. If not set, the default cluster-wide tolerance is applied (by default 10%).
HorizontalPodAutoscaler: HorizontalPodAutoscaler is the configuration for a horizontal pod autoscaler, which automatically manages the replica count of any resource implementing the scale subresource based on the metrics specified.
 metadata: metadata is the standard object metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec is the specification for the behaviour of the autoscaler. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status.
 status: status is the current information about the autoscaler.
HorizontalPodAutoscalerBehavior: HorizontalPodAutoscalerBehavior configures the scaling behavior of the target in both Up and Down directions (scaleUp and scaleDown fields respectively).
 scaleUp: scaleUp is scaling policy for scaling Up. If not set, the default value is the higher of: * increase no more than 4 pods per 60 seconds * double the number of pods per 60 seconds No stabilization is used.
 scaleDown: scaleDown is scaling policy for scaling Down. If not set, the default value is to allow to scale down to minReplicas pods, with a 300 second stabilization window (i.e., the highest recommendation for the last 300sec is used).
HorizontalPodAutoscalerCondition: HorizontalPodAutoscalerCondition describes the state of a HorizontalPodAutoscaler at a certain point.
 type: type describes the current condition
 status: status is the status of the condition (True, False, Unknown)
 lastTransitionTime: lastTransitionTime is the last time the condition transitioned from one status to another
 reason: reason is the reason for the condition's last transition.
 message: message is a human-readable explanation containing details about the transition
HorizontalPodAutoscalerSpec: HorizontalPodAutoscalerSpec describes the desired functionality of the HorizontalPodAutoscaler.
 scaleTargetRef: scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.
 minReplicas: minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down. It defaults to 1 pod. minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured. Scaling is active as long as at least one metric value is available.
 maxReplicas: maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.
 metrics: metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used). The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.
 behavior: behavior configures the scaling behavior of the target in both Up and Down directions (scaleUp and scaleDown fields respectively). If not set, the default HPAScalingRules for scale up and scale down are used.
HorizontalPodAutoscalerStatus: HorizontalPodAutoscalerStatus describes the current status of a horizontal pod autoscaler.
 observedGeneration: observedGeneration is the most recent generation observed by this autoscaler.
 lastScaleTime: lastScaleTime is the last time the HorizontalPodAutoscaler scaled the number of pods, used by the autoscaler to control how often the number of pods is changed.
 currentReplicas: currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.
 desiredReplicas: desiredReplicas is the desired number of replicas of pods managed by this autoscaler, as last calculated by the autoscaler.
 currentMetrics: currentMetrics is the last read state of the metrics used by this autoscaler.
 conditions: conditions is the set of conditions required for this autoscaler to scale its target, and indicates whether or not those conditions are met.
MetricIdentifier: MetricIdentifier defines the name and optionally selector for a metric
 name: name is the name of the given metric
 selector: selector is the string-encoded form of a standard kubernetes label selector for the given metric When set, it is passed as an additional parameter to the metrics server for more specific metrics scoping. When unset, just the metricName will be used to gather metrics.
MetricSpec: MetricSpec specifies how to scale based on a single metric (only `type` and one other matching field should be set at once).
 type: type is the type of metric source. It should be one of "ContainerResource", "External", "Object", "Pods" or "Resource", each mapping to a matching field in the object.
 object: object refers to a metric describing a single kubernetes object (for example, hits-per-second on an Ingress object).
 pods: pods refers to a metric describing each pod in the current scale target (for example, transactions-processed-per-second). The values will be averaged together before being compared to the target value.
 resource: resource refers to a resource metric (such as those specified in requests and limits) known to Kubernetes describing each pod in the current scale target (e.g. CPU or memory). Such metrics are built in to Kubernetes, and have special scaling options on top of those available to normal per-pod metrics using the "pods" source.
 external: external refers to a global metric that is not associated with any Kubernetes object. It allows autoscaling based on information coming from components running outside of cluster (for example length of queue in cloud messaging service, or QPS from loadbalancer running outside of cluster).
 containerResource: containerResource refers to a resource metric (such as those specified in requests and limits) known to Kubernetes describing a single container in each pod of the current scale target (e.g. CPU or memory).
MetricStatus: MetricStatus describes the last-read state of a single metric.
 type: type is the type of metric source. It will be one of "ContainerResource", "External", "Object", "Pods" or "Resource", each corresponds to a matching field in the object.
 object: object refers to a metric describing a single kubernetes object (for example, hits-per-second on an Ingress object).
 pods: pods refers to a metric describing each pod in the current scale target (for example, transactions-processed-per-second). The values will be averaged together before being compared to the target value.
 resource: resource refers to a resource metric (such as those specified in requests and limits) known to Kubernetes describing each pod in the current scale target (e.g. CPU or memory). Such metrics are built in to Kubernetes, and have special scaling options on top of those available to normal per-pod metrics using the "pods" source.
 external: external refers to a global metric that is not associated with any Kubernetes object. It allows autoscaling based on information coming from components running outside of cluster (for example length of queue in cloud messaging service, or QPS from loadbalancer running outside of cluster).
 containerResource: container resource refers to a resource metric (such as those specified in requests and limits) known to Kubernetes describing a single container in each pod in the current scale target (e.g. CPU or memory).
MetricTarget: MetricTarget defines the target value, average value, or average utilization of a specific metric
 type: type represents whether the metric type is Utilization, Value, or AverageValue
 value: value is the target value of the metric (as a quantity).
 averageValue: averageValue is the target value of the average of the metric across all relevant pods (as a quantity)
 averageUtilization: averageUtilization is the target value of the average of the resource metric across all relevant pods, represented as a percentage of the requested value of the resource for the pods. Currently only valid for Resource metric source type
MetricValueStatus: MetricValueStatus holds the current value for a metric
 value: value is the current value of the metric (as a quantity).
 averageValue: averageValue is the current value of the average of the metric across all relevant pods (as a quantity)
 averageUtilization: currentAverageUtilization is the current value of the average of the resource metric across all relevant pods, represented as a percentage of the requested value of the resource for the pods.
ObjectMetricSource: ObjectMetricSource indicates how to scale on a metric describing a kubernetes object (for example, hits-per-second on an Ingress object).
 describedObject: describedObject specifies the descriptions of a object,such as kind,name apiVersion
 target: target specifies the target value for the given metric
 metric: metric identifies the target metric by name and selector
ObjectMetricStatus: ObjectMetricStatus indicates the current value of a metric describing a kubernetes object (for example, hits-per-second on an Ingress object).
 metric: metric identifies the target metric by name and selector
 current: current contains the current value for the given metric
 describedObject: DescribedObject specifies the descriptions of a object,such as kind,name apiVersion
PodsMetricSource: PodsMetricSource indicates how to scale on a metric describing each pod in the current scale target (for example, transactions-processed-per-second). The values will be averaged together before being compared to the target value.
 metric: metric identifies the target metric by name and selector
 target: target specifies the target value for the given metric
PodsMetricStatus: PodsMetricStatus indicates the current value of a metric describing each pod in the current scale target (for example, transactions-processed-per-second).
 metric: metric identifies the target metric by name and selector
 current: current contains the current value for the given metric
ResourceMetricSource: ResourceMetricSource indicates how to scale on a resource metric known to Kubernetes, as specified in requests and limits, describing each pod in the current scale target (e.g. CPU or memory). The values will be averaged together before being compared to the target.
 name: name is the name of the resource in question.
 target: target specifies the target value for the given metric
ResourceMetricStatus: ResourceMetricStatus indicates the current value of a resource metric known to Kubernetes, as specified in requests and limits, describing each pod in the current scale target (e.g. CPU or memory).
 name: name is the name of the resource in question.
 current: current contains the current value for the given metric
#autoscaling_v1
autoscaling.CrossVersionObjectReference: CrossVersionObjectReference contains enough information to let you identify the referred resource.
 kind: kind is the kind of the referent; More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 name: name is the name of the referent; More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
 apiVersion: apiVersion is the API version of the referent
autoscaling.HorizontalPodAutoscaler: configuration of a horizontal pod autoscaler.
 metadata: Standard object metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec defines the behaviour of autoscaler. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status.
 status: status is the current information about the autoscaler.
autoscaling.HorizontalPodAutoscalerSpec: specification of a horizontal pod autoscaler.
 scaleTargetRef: reference to scaled resource; horizontal pod autoscaler will learn the current resource consumption and will set the desired number of pods by using its Scale subresource.
 minReplicas: minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down. It defaults to 1 pod. minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured. Scaling is active as long as at least one metric value is available.
 maxReplicas: maxReplicas is the upper limit for the number of pods that can be set by the autoscaler; cannot be smaller than MinReplicas.
 targetCPUUtilizationPercentage: targetCPUUtilizationPercentage is the target average CPU utilization (represented as a percentage of requested CPU) over all the pods; if not specified the default autoscaling policy will be used.
autoscaling.HorizontalPodAutoscalerStatus: current status of a horizontal pod autoscaler
 observedGeneration: observedGeneration is the most recent generation observed by this autoscaler.
 lastScaleTime: lastScaleTime is the last time the HorizontalPodAutoscaler scaled the number of pods; used by the autoscaler to control how often the number of pods is changed.
 currentReplicas: currentReplicas is the current number of replicas of pods managed by this autoscaler.
 desiredReplicas: desiredReplicas is the desired number of replicas of pods managed by this autoscaler.
 currentCPUUtilizationPercentage: currentCPUUtilizationPercentage is the current average CPU utilization over all pods, represented as a percentage of requested CPU, e.g. 70 means that an average pod is using now 70% of its requested CPU.
Scale: Scale represents a scaling request for a resource.
 metadata: Standard object metadata; More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata.
 spec: spec defines the behavior of the scale. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status.
 status: status is the current status of the scale. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status. Read-only.
ScaleSpec: ScaleSpec describes the attributes of a scale subresource.
 replicas: replicas is the desired number of instances for the scaled object.
ScaleStatus: ScaleStatus represents the current status of a scale subresource.
 replicas: replicas is the actual number of observed instances of the scaled object.
 selector: selector is the label query over pods that should match the replicas count. This is same as the label selector but in the string format to avoid introspection by clients. The string will be in the same format as the query-param syntax.
#policy_v1
Eviction: Eviction evicts a pod from its node subject to certain policies and safety constraints. This is a subresource of Pod. A request to cause such an eviction is created by POSTing to .../pods/<pod name>/evictions.
 metadata: ObjectMeta describes the pod that is being evicted.
 deleteOptions: DeleteOptions may be provided
PodDisruptionBudget: PodDisruptionBudget is an object to define the max disruption that can be caused to a collection of pods
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of the PodDisruptionBudget.
 status: Most recently observed status of the PodDisruptionBudget.
PodDisruptionBudgetSpec: PodDisruptionBudgetSpec is a description of a PodDisruptionBudget.
 minAvailable: An eviction is allowed if at least "minAvailable" pods selected by "selector" will still be available after the eviction, i.e. even in the absence of the evicted pod. So for example you can prevent all voluntary evictions by specifying "100%".
 selector: Label query over pods whose evictions are managed by the disruption budget. A null selector will match no pods, while an empty ({}) selector will select all pods within the namespace.
 maxUnavailable: An eviction is allowed if at most "maxUnavailable" pods selected by "selector" are unavailable after the eviction, i.e. even in absence of the evicted pod. For example, one can prevent all voluntary evictions by specifying 0. This is a mutually exclusive setting with "minAvailable".
 unhealthyPodEvictionPolicy: UnhealthyPodEvictionPolicy defines the criteria for when unhealthy pods should be considered for eviction. Current implementation considers healthy pods, as pods that have status.conditions item with type="Ready",status="True".
PodDisruptionBudgetStatus: PodDisruptionBudgetStatus represents information about the status of a PodDisruptionBudget. Status may trail the actual state of a system.
 observedGeneration: Most recent generation observed when updating this PDB status. DisruptionsAllowed and other status information is valid only if observedGeneration equals to PDB's object generation.
 disruptedPods: DisruptedPods contains information about pods whose eviction was processed by the API server eviction subresource handler but has not yet been observed by the PodDisruptionBudget controller.
 disruptionsAllowed: Number of pod disruptions that are currently allowed.
 currentHealthy: current number of healthy pods
 desiredHealthy: minimum desired number of healthy pods
 expectedPods: total number of pods counted by this disruption budget
 conditions: Conditions contain conditions for PDB. The disruption controller sets the DisruptionAllowed condition. The following are known values for the reason field (additional reasons could be added in the future): - SyncFailed: The controller encountered an error and wasn't able to compute the number of allowed disruptions.
#batch_v1
CronJob: CronJob represents the configuration of a single cron job.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of a cron job, including the schedule. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Current status of a cron job. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
CronJobSpec: CronJobSpec describes how the job execution will look like and when it will actually run.
 schedule: The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.
 startingDeadlineSeconds: Optional deadline in seconds for starting the job if it misses scheduled time for any reason. Missed jobs executions will be counted as failed ones.
 concurrencyPolicy: Specifies how to treat concurrent executions of a Job. Valid values are:
 suspend: This flag tells the controller to suspend subsequent executions, it does not apply to already started executions. Defaults to false.
 jobTemplate: Specifies the job that will be created when executing a CronJob.
 successfulJobsHistoryLimit: The number of successful finished jobs to retain. Value must be non-negative integer. Defaults to 3.
 failedJobsHistoryLimit: The number of failed finished jobs to retain. Value must be non-negative integer. Defaults to 1.
 timeZone: The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process.
CronJobStatus: CronJobStatus represents the current state of a cron job.
 active: A list of pointers to currently running jobs.
 lastScheduleTime: Information when was the last time the job was successfully scheduled.
 lastSuccessfulTime: Information when was the last time the job successfully completed.
Job: Job represents the configuration of a single job.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of a job. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Current status of a job. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
JobCondition: JobCondition describes current state of a job.
 type: Type of job condition, Complete or Failed.
 status: Status of the condition, one of True, False, Unknown.
 lastProbeTime: Last time the condition was checked.
 lastTransitionTime: Last time the condition transit from one status to another.
 reason: (brief) reason for the condition's last transition.
 message: Human readable message indicating details about last transition.
JobSpec: JobSpec describes how the job execution will look like.
 parallelism: Specifies the maximum desired number of pods the job should run at any given time. The actual number of pods running in steady state will be less than this number when ((.spec.completions - .status.successful) < .spec.parallelism), i.e. when the work left to do is less than max parallelism.
 completions: Specifies the desired number of successfully finished pods the job should be run with. Setting to null means that the success of any pod signals the success of all pods, and allows parallelism to have any positive value. Setting to 1 means that parallelism is limited to 1 and the success of that pod signals the success of the job.
 activeDeadlineSeconds: Specifies the duration in seconds relative to the startTime that the job may be continuously active before the system tries to terminate it; value must be positive integer. If a Job is suspended (at creation or through an update), this timer will effectively be stopped and reset when the Job is resumed again.
 selector: A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 manualSelector: manualSelector controls generation of pod labels and pod selectors. Leave `manualSelector` unset unless you are certain what you are doing. When false or unset, the system pick labels unique to this job and appends those labels to the pod template. When true, the user is responsible for picking unique labels and specifying the selector.
 template: Describes the pod that will be created when executing a job. The only allowed template.spec.restartPolicy values are "Never" or "OnFailure". More info: https://kubernetes.io/docs/concepts/workloads/controllers/jobs-run-to-completion/
 backoffLimit: Specifies the number of retries before marking this job failed. Defaults to 6, unless backoffLimitPerIndex (only Indexed Job) is specified. When backoffLimitPerIndex is specified, backoffLimit defaults to 2147483647.
 ttlSecondsAfterFinished: ttlSecondsAfterFinished limits the lifetime of a Job that has finished execution (either Complete or Failed). If this field is set, ttlSecondsAfterFinished after the Job finishes, it is eligible to be automatically deleted. When the Job is being deleted, its lifecycle guarantees (e.g. finalizers) will be honored.
 completionMode: completionMode specifies how Pod completions are tracked. It can be `NonIndexed` (default) or `Indexed`.
 suspend: suspend specifies whether the Job controller should create Pods or not. If a Job is created with suspend set to true, no Pods are created by the Job controller. If a Job is suspended after creation (i.e. the flag goes from false to true), the Job controller will delete all active Pods associated with this Job.
 podFailurePolicy: Specifies the policy of handling failed pods. In particular, it allows to specify the set of actions and conditions which need to be satisfied to take the associated action.
 backoffLimitPerIndex: Specifies the limit for the number of retries within an index before marking this index as failed. When enabled the number of failures per index is kept in the pod's batch.kubernetes.io/job-index-failure-count annotation. It can only be set when Job's completionMode=Indexed, and the Pod's restart policy is Never. The field is immutable.
 maxFailedIndexes: Specifies the maximal number of failed indexes before marking the Job as failed, when backoffLimitPerIndex is set. Once the number of failed indexes exceeds this number the entire Job is marked as Failed and its execution is terminated.
 podReplacementPolicy: podReplacementPolicy specifies when to create replacement Pods. Possible values are: - TerminatingOrFailed means that we recreate pods when they are terminating (has a metadata.deletionTimestamp) or failed.
 managedBy: ManagedBy field indicates the controller that manages a Job. The k8s Job controller reconciles jobs which don't have this field at all or the field value is the reserved string `kubernetes.io/job-controller`, but skips reconciling Jobs with a custom value for this field.
 successPolicy: successPolicy specifies the policy when the Job can be declared as succeeded. If empty, the default behavior applies - the Job is declared as succeeded only when the number of succeeded pods equals to the completions. When the field is specified, it must be immutable and works only for the Indexed Jobs.
JobStatus: JobStatus represents the current state of a Job.
 conditions: The latest available observations of an object's current state. When a Job fails, one of the conditions will have type "Failed" and status true. When a Job is suspended, one of the conditions will have type "Suspended" and status true; when the Job is resumed, the status of this condition will become false.
 startTime: Represents time when the job controller started processing a job. When a Job is created in the suspended state, this field is not set until the first time it is resumed. This field is reset every time a Job is resumed from suspension. It is represented in RFC3339 form and is in UTC.
 completionTime: Represents time when the job was completed. It is not guaranteed to be set in happens-before order across separate operations. It is represented in RFC3339 form and is in UTC. The completion time is set when the job finishes successfully, and only then. The value cannot be updated or removed.
 active: The number of pending and running pods which are not terminating (without a deletionTimestamp). The value is zero for finished jobs.
 succeeded: The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.
 failed: The number of pods which reached phase Failed. The value increases monotonically.
 completedIndexes: completedIndexes holds the completed indexes when .spec.completionMode = "Indexed" in a text format. The indexes are represented as decimal integers separated by commas. The numbers are listed in increasing order.
 uncountedTerminatedPods: uncountedTerminatedPods holds the UIDs of Pods that have terminated but the job controller hasn't yet accounted for in the status counters.
 ready: The number of active pods which have a Ready condition and are not terminating (without a deletionTimestamp).
 failedIndexes: FailedIndexes holds the failed indexes when spec.backoffLimitPerIndex is set. The indexes are represented in the text format analogous as for the `completedIndexes` field, ie. they are kept as decimal integers separated by commas. The numbers are listed in increasing order.
 terminating: The number of pods which are terminating (in phase Pending or Running and have a deletionTimestamp).
JobTemplateSpec: JobTemplateSpec describes the data a Job should have when created from a template
 metadata: Standard object's metadata of the jobs created from this template. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of the job. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
PodFailurePolicy: PodFailurePolicy describes how failed pods influence the backoffLimit.
 rules: A list of pod failure policy rules. The rules are evaluated in order. Once a rule matches a Pod failure, the remaining of the rules are ignored. When no rule matches the Pod failure, the default handling applies - the counter of pod failures is incremented and it is checked against the backoffLimit. At most 20 elements are allowed.
PodFailurePolicyOnExitCodesRequirement: PodFailurePolicyOnExitCodesRequirement describes the requirement for handling a failed pod based on its container exit codes.
 containerName: Restricts the check for exit codes to the container with the specified name. When null, the rule applies to all containers. When specified, it should match one the container or initContainer names in the pod template.
 operator: Represents the relationship between the container exit code(s) and the specified values. Containers completed with success (exit code 0) are excluded from the requirement check. Possible values are:
 values: Specifies the set of values. Each returned container exit code (might be multiple in case of multiple containers) is checked against this set of values with respect to the operator. The list of values must be ordered and must not contain duplicates. Value '0' cannot be used for the In operator. At least one element is required.
PodFailurePolicyOnPodConditionsPattern: PodFailurePolicyOnPodConditionsPattern describes a pattern for matching an actual pod condition type.
 type: Specifies the required Pod condition type. To match a pod condition it is required that specified type equals the pod condition type.
 status: Specifies the required Pod condition status. To match a pod condition it is required that the specified status equals the pod condition status. Defaults to True.
PodFailurePolicyRule: PodFailurePolicyRule describes how a pod failure is handled when the requirements are met. One of onExitCodes and onPodConditions, but not both, can be used in each rule.
 action: Specifies the action taken on a pod failure when the requirements are satisfied. Possible values are:
 onExitCodes: Represents the requirement on the container exit codes.
 onPodConditions: Represents the requirement on the pod conditions. The requirement is represented as a list of pod condition patterns. The requirement is satisfied if at least one pattern matches an actual pod condition. At most 20 elements are allowed.
SuccessPolicy: SuccessPolicy describes when a Job can be declared as succeeded based on the success of some indexes.
 rules: rules represents the list of alternative rules for the declaring the Jobs as successful before `.status.succeeded >= .spec.completions`. Once any of the rules are met, the "SuccessCriteriaMet" condition is added, and the lingering pods are removed. The terminal state for such a Job has the "Complete" condition.
SuccessPolicyRule: SuccessPolicyRule describes rule for declaring a Job as succeeded. Each rule must have at least one of the "succeededIndexes" or "succeededCount" specified.
 succeededIndexes: succeededIndexes specifies the set of indexes which need to be contained in the actual set of the succeeded indexes for the Job. The list of indexes must be within 0 to ".spec.completions-1" and must not contain duplicates. At least one element is required. The indexes are represented as intervals separated by commas.
 succeededCount: succeededCount specifies the minimal required size of the actual set of the succeeded indexes for the Job. When succeededCount is used along with succeededIndexes, the check is constrained only to the set of indexes specified by succeededIndexes.
UncountedTerminatedPods: UncountedTerminatedPods holds UIDs of Pods that have terminated but haven't been accounted in Job status counters.
 succeeded: succeeded holds UIDs of succeeded Pods.
 failed: failed holds UIDs of failed Pods.
#networking_v1
HTTPIngressPath: HTTPIngressPath associates a path with a backend. Incoming urls matching the path are forwarded to the backend.
 path: path is matched against the path of an incoming request. Currently it can contain characters disallowed from the conventional "path" part of a URL as defined by RFC 3986. Paths must begin with a '/' and must be present when using PathType with value "Exact" or "Prefix".
 backend: backend defines the referenced service endpoint to which the traffic will be forwarded to.
 pathType: pathType determines the interpretation of the path matching. PathType can be one of the following values: * Exact: Matches the URL path exactly. * Prefix: Matches based on a URL path prefix split by '/'. Matching is done on a path element by element basis. A path element refers is the list of labels in the path split by the '/' separator.
HTTPIngressRuleValue: HTTPIngressRuleValue is a list of http selectors pointing to backends. In the example: http://<host>/<path>?<searchpart> -> backend where where parts of the url correspond to RFC 3986, this resource will be used to match against everything after the last '/' and before the first '?' or '#'.
 paths: paths is a collection of paths that map requests to backends.
IPBlock: IPBlock describes a particular CIDR (Ex. "192.168.1.0/24","2001:db8::/64") that is allowed to the pods matched by a NetworkPolicySpec's podSelector. The except entry describes CIDRs that should not be included within this rule.
 cidr: cidr is a string representing the IPBlock Valid examples are "192.168.1.0/24" or "2001:db8::/64"
 except: except is a slice of CIDRs that should not be included within an IPBlock Valid examples are "192.168.1.0/24" or "2001:db8::/64" Except values will be rejected if they are outside the cidr range
Ingress: Ingress is a collection of rules that allow inbound connections to reach the endpoints defined by a backend. An Ingress can be configured to give services externally-reachable urls, load balance traffic, terminate SSL, offer name based virtual hosting etc.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec is the desired state of the Ingress. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: status is the current state of the Ingress. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
IngressBackend: IngressBackend describes all endpoints for a given service and port.
 resource: resource is an ObjectRef to another Kubernetes resource in the namespace of the Ingress object. If resource is specified, a service.Name and service.Port must not be specified. This is a mutually exclusive setting with "Service".
 service: service references a service as a backend. This is a mutually exclusive setting with "Resource".
IngressClass: IngressClass represents the class of the Ingress, referenced by the Ingress Spec. The `ingressclass.kubernetes.io/is-default-class` annotation can be used to indicate that an IngressClass should be considered default.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec is the desired state of the IngressClass. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
IngressClassParametersReference: IngressClassParametersReference identifies an API object. This can be used to specify a cluster or namespace-scoped resource.
 apiGroup: apiGroup is the group for the resource being referenced. If APIGroup is not specified, the specified Kind must be in the core API group. For any other third-party types, APIGroup is required.
 kind: kind is the type of resource being referenced.
 name: name is the name of resource being referenced.
 scope: scope represents if this refers to a cluster or namespace scoped resource. This may be set to "Cluster" (default) or "Namespace".
 namespace: namespace is the namespace of the resource being referenced. This field is required when scope is set to "Namespace" and must be unset when scope is set to "Cluster".
IngressClassSpec: IngressClassSpec provides information about the class of an Ingress.
 controller: controller refers to the name of the controller that should handle this class. This allows for different "flavors" that are controlled by the same controller. For example, you may have different parameters for the same implementing controller. This should be specified as a domain-prefixed path no more than 250 characters in length, e.g.
 parameters: parameters is a link to a custom resource containing additional configuration for the controller. This is optional if the controller does not require extra parameters.
IngressLoadBalancerIngress: IngressLoadBalancerIngress represents the status of a load-balancer ingress point.
 ip: ip is set for load-balancer ingress points that are IP based.
 hostname: hostname is set for load-balancer ingress points that are DNS based.
 ports: ports provides information about the ports exposed by this LoadBalancer.
IngressLoadBalancerStatus: IngressLoadBalancerStatus represents the status of a load-balancer.
 ingress: ingress is a list containing ingress points for the load-balancer.
IngressPortStatus: IngressPortStatus represents the error condition of a service port
 port: port is the port number of the ingress port.
 protocol: protocol is the protocol of the ingress port. The supported values are: "TCP", "UDP", "SCTP"
 error: error is to record the problem with the service port The format of the error shall comply with the following rules: - built-in error values shall be specified in this file and those shall use CamelCase names - cloud provider specific error values must have names that comply with the format foo.example.com/CamelCase.
IngressRule: IngressRule represents the rules mapping the paths under a specified host to the related backend services. Incoming requests are first evaluated for a host match, then routed to the backend associated with the matching IngressRuleValue.
 host: host is the fully qualified domain name of a network host, as defined by RFC 3986. Note the following deviations from the "host" part of the URI as defined in RFC 3986: 1. IPs are not allowed. Currently an IngressRuleValue can only apply to the IP in the Spec of the parent Ingress. 2.
IngressRuleValue: IngressRuleValue represents a rule to apply against incoming requests. If the rule is satisfied, the request is routed to the specified backend. Currently mixing different types of rules in a single Ingress is disallowed, so exactly one of the following must be set.
IngressServiceBackend: IngressServiceBackend references a Kubernetes Service as a Backend.
 name: name is the referenced service. The service must exist in the same namespace as the Ingress object.
 port: port of the referenced service. A port name or port number is required for a IngressServiceBackend.
IngressSpec: IngressSpec describes the Ingress the user wishes to exist.
 defaultBackend: defaultBackend is the backend that should handle requests that don't match any rule. If Rules are not specified, DefaultBackend must be specified. If DefaultBackend is not set, the handling of requests that do not match any of the rules will be up to the Ingress controller.
 tls: tls represents the TLS configuration. Currently the Ingress only supports a single TLS port, 443. If multiple members of this list specify different hosts, they will be multiplexed on the same port according to the hostname specified through the SNI TLS extension, if the ingress controller fulfilling the ingress supports SNI.
 rules: rules is a list of host rules used to configure the Ingress. If unspecified, or no rule matches, all traffic is sent to the default backend.
 ingressClassName: ingressClassName is the name of an IngressClass cluster resource. Ingress controller implementations use this field to know whether they should be serving this Ingress resource, by a transitive connection (controller -> IngressClass -> Ingress resource).
IngressStatus: IngressStatus describe the current state of the Ingress.
 loadBalancer: loadBalancer contains the current status of the load-balancer.
IngressTLS: IngressTLS describes the transport layer security associated with an ingress.
 hosts: hosts is a list of hosts included in the TLS certificate. The values in this list must match the name/s used in the tlsSecret. Defaults to the wildcard host setting for the loadbalancer controller fulfilling this Ingress, if left unspecified.
 secretName: secretName is the name of the secret used to terminate TLS traffic on port 443. Field is left optional to allow TLS routing based on SNI hostname alone. If the SNI host in a listener conflicts with the "Host" header field used by an IngressRule, the SNI host is used for termination and value of the "Host" header is used for routing.
NetworkPolicy: NetworkPolicy describes what network traffic is allowed for a set of Pods
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec represents the specification of the desired behavior for this NetworkPolicy.
NetworkPolicyEgressRule: NetworkPolicyEgressRule describes a particular set of traffic that is allowed out of pods matched by a NetworkPolicySpec's podSelector. The traffic must match both ports and to. This type is beta-level in 1.8
 ports: ports is a list of destination ports for outgoing traffic. Each item in this list is combined using a logical OR. If this field is empty or missing, this rule matches all ports (traffic not restricted by port).
 to: to is a list of destinations for outgoing traffic of pods selected for this rule. Items in this list are combined using a logical OR operation. If this field is empty or missing, this rule matches all destinations (traffic not restricted by destination).
NetworkPolicyIngressRule: NetworkPolicyIngressRule describes a particular set of traffic that is allowed to the pods matched by a NetworkPolicySpec's podSelector. The traffic must match both ports and from.
 ports: ports is a list of ports which should be made accessible on the pods selected for this rule. Each item in this list is combined using a logical OR. If this field is empty or missing, this rule matches all ports (traffic not restricted by port).
 from: from is a list of sources which should be able to access the pods selected for this rule. Items in this list are combined using a logical OR operation. If this field is empty or missing, this rule matches all sources (traffic not restricted by source).
NetworkPolicyPeer: NetworkPolicyPeer describes a peer to allow traffic to/from. Only certain combinations of fields are allowed
 podSelector: podSelector is a label selector which selects pods. This field follows standard label selector semantics; if present but empty, it selects all pods.
 namespaceSelector: namespaceSelector selects namespaces using cluster-scoped labels. This field follows standard label selector semantics; if present but empty, it selects all namespaces.
 ipBlock: ipBlock defines policy on a particular IPBlock. If this field is set then neither of the other fields can be.
NetworkPolicyPort: NetworkPolicyPort describes a port to allow traffic on
 protocol: protocol represents the protocol (TCP, UDP, or SCTP) which traffic must match. If not specified, this field defaults to TCP.
 port: port represents the port on the given protocol. This can either be a numerical or named port on a pod. If this field is not provided, this matches all port names and numbers. If present, only traffic on the specified protocol AND port will be matched.
 endPort: endPort indicates that the range of ports from port to endPort if set, inclusive, should be allowed by the policy. This field cannot be defined if the port field is not defined or if the port field is defined as a named (string) port. The endPort must be equal or greater than port.
NetworkPolicySpec: NetworkPolicySpec provides the specification of a NetworkPolicy
 podSelector: podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively.
 ingress: ingress is a list of ingress rules to be applied to the selected pods.
 egress: egress is a list of egress rules to be applied to the selected pods. Outgoing traffic is allowed if there are no NetworkPolicies selecting the pod (and cluster policy otherwise allows the traffic), OR if the traffic matches at least one egress rule across all of the NetworkPolicy objects whose podSelector matches the pod.
 policyTypes: policyTypes is a list of rule types that the NetworkPolicy relates to. Valid options are ["Ingress"], ["Egress"], or ["Ingress", "Egress"].
ServiceBackendPort: ServiceBackendPort is the service port being referenced.
 name: name is the name of the port on the Service. This is a mutually exclusive setting with "Number".
 number: number is the numerical port number (e.g. 80) on the Service. This is a mutually exclusive setting with "Name".
#discovery_v1
Endpoint: Endpoint represents a single logical "backend" implementing a service.
 addresses: addresses of this endpoint. For EndpointSlices of addressType "IPv4" or "IPv6", the values are IP addresses in canonical form. The syntax and semantics of other addressType values are not defined. This must contain at least one address but no more than 100.
 conditions: conditions contains information about the current status of the endpoint.
 hostname: hostname of this endpoint. This field may be used by consumers of endpoints to distinguish endpoints from each other (e.g. in DNS names). Multiple endpoints which use the same hostname should be considered fungible (e.g. multiple A values in DNS). Must be lowercase and pass DNS Label (RFC 1123) validation.
 targetRef: targetRef is a reference to a Kubernetes object that represents this endpoint.
 deprecatedTopology: deprecatedTopology contains topology information part of the v1beta1 API. This field is deprecated, and will be removed when the v1beta1 API is removed (no sooner than kubernetes v1.24). While this field can hold values, it is not writable through the v1 API, and any attempts to write to it will be silently ignored.
 nodeName: nodeName represents the name of the Node hosting this endpoint. This can be used to determine endpoints local to a Node.
 zone: zone is the name of the Zone this endpoint exists in.
 hints: hints contains information associated with how an endpoint should be consumed.
EndpointConditions: EndpointConditions represents the current condition of an endpoint.
 ready: ready indicates that this endpoint is ready to receive traffic, according to whatever system is managing the endpoint. A nil value should be interpreted as "true".
 serving: serving indicates that this endpoint is able to receive traffic, according to whatever system is managing the endpoint. For endpoints backed by pods, the EndpointSlice controller will mark the endpoint as serving if the pod's Ready condition is True. A nil value should be interpreted as "true".
 terminating: terminating indicates that this endpoint is terminating. A nil value should be interpreted as "false".
EndpointHints: EndpointHints provides hints describing how an endpoint should be consumed.
 forZones: forZones indicates the zone(s) this endpoint should be consumed by when using topology aware routing. May contain a maximum of 8 entries.
 forNodes: forNodes indicates the node(s) this endpoint should be consumed by when using topology aware routing. May contain a maximum of 8 entries.
discovery.EndpointPort: EndpointPort represents a Port used by an EndpointSlice
 name: name represents the name of this port. All ports in an EndpointSlice must have a unique name. If the EndpointSlice is derived from a Kubernetes service, this corresponds to the Service.ports[].name. Name must either be an empty string or pass DNS_LABEL validation: * must be no more than 63 characters long.
 protocol: protocol represents the IP protocol for this port. Must be UDP, TCP, or SCTP. Default is TCP.
 port: port represents the port number of the endpoint. If the EndpointSlice is derived from a Kubernetes service, this must be set to the service's target port. EndpointSlices used for other purposes may have a nil port.
 appProtocol: The application protocol for this port. This is used as a hint for implementations to offer richer behavior for protocols that they understand. This field follows standard Kubernetes label syntax. Valid values are either:
EndpointSlice: EndpointSlice represents a set of service endpoints. Most EndpointSlices are created by the EndpointSlice controller to represent the Pods selected by Service objects.
 metadata: Standard object's metadata.
 endpoints: endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.
 ports: ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name. Each slice may include a maximum of 100 ports. Services always have at least 1 port, so EndpointSlices generated by the EndpointSlice controller will likewise always have at least 1 port.
 addressType: addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation. The following address types are currently supported: * IPv4: Represents an IPv4 Address. * IPv6: Represents an IPv6 Address.
ForNode: ForNode provides information about which nodes should consume this endpoint.
 name: name represents the name of the node.
ForZone: ForZone provides information about which zones should consume this endpoint.
 name: name represents the name of the zone.
#storage_v1
StorageClass: StorageClass describes the parameters for a class of storage for which PersistentVolumes can be dynamically provisioned.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 provisioner: provisioner indicates the type of the provisioner.
 parameters: parameters holds the parameters for the provisioner that should create volumes of this storage class.
 reclaimPolicy: reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.
 mountOptions: mountOptions controls the mountOptions for dynamically provisioned PersistentVolumes of this storage class. e.g. ["ro", "soft"]. Not validated - mount of the PVs will simply fail if one is invalid.
 allowVolumeExpansion: allowVolumeExpansion shows whether the storage class allow volume expand.
 volumeBindingMode: volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound. When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.
 allowedTopologies: allowedTopologies restrict the node topologies where volumes can be dynamically provisioned. Each volume plugin defines its own supported topology specifications. An empty TopologySelectorTerm list means there is no topology restriction. This field is only honored by servers that enable the VolumeScheduling feature.
#rbac_v1
AggregationRule: AggregationRule describes how to locate ClusterRoles to aggregate into the ClusterRole
 clusterRoleSelectors: ClusterRoleSelectors holds a list of selectors which will be used to find ClusterRoles and create the rules. If any of the selectors match, then the ClusterRole's permissions will be added
ClusterRole: ClusterRole is a cluster level, logical grouping of PolicyRules that can be referenced as a unit by a RoleBinding or ClusterRoleBinding.
 metadata: Standard object's metadata.
 rules: Rules holds all the PolicyRules for this ClusterRole
 aggregationRule: AggregationRule is an optional field that describes how to build the Rules for this ClusterRole. If AggregationRule is set, then the Rules are controller managed and direct changes to Rules will be stomped by the controller.
ClusterRoleBinding: ClusterRoleBinding references a ClusterRole, but not contain it. It can reference a ClusterRole in the global namespace, and adds who information via Subject.
 metadata: Standard object's metadata.
 subjects: Subjects holds references to the objects the role applies to.
 roleRef: RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error. This field is immutable.
PolicyRule: PolicyRule holds information that describes a policy rule, but does not contain information about who the rule applies to or which namespace the rule applies to.
 verbs: Verbs is a list of Verbs that apply to ALL the ResourceKinds contained in this rule. '*' represents all verbs.
 apiGroups: APIGroups is the name of the APIGroup that contains the resources. If multiple API groups are specified, any action requested against one of the enumerated resources in any API group will be allowed. "" represents the core API group and "*" represents all API groups.
 resources: Resources is a list of resources this rule applies to. '*' represents all resources.
 resourceNames: ResourceNames is an optional white list of names that the rule applies to. An empty set means that everything is allowed.
 nonResourceURLs: NonResourceURLs is a set of partial urls that a user should have access to. *s are allowed, but only as the full, final step in the path Since non-resource URLs are not namespaced, this field is only applicable for ClusterRoles referenced from a ClusterRoleBinding.
Role: Role is a namespaced, logical grouping of PolicyRules that can be referenced as a unit by a RoleBinding.
 metadata: Standard object's metadata.
 rules: Rules holds all the PolicyRules for this Role
RoleBinding: RoleBinding references a role, but does not contain it. It can reference a Role in the same namespace or a ClusterRole in the global namespace. It adds who information via Subjects and namespace information by which namespace it exists in. RoleBindings in a given namespace only have effect in that namespace.
 metadata: Standard object's metadata.
 subjects: Subjects holds references to the objects the role applies to.
 roleRef: RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error. This field is immutable.
RoleRef: RoleRef contains information that points to the role being used
 apiGroup: APIGroup is the group for the resource being referenced
 kind: Kind is the type of resource being referenced
 name: Name is the name of resource being referenced
Subject: Subject contains a reference to the object or user identities a role binding applies to. This can either hold a direct API object reference, or a value for non-objects such as user and group names.
 kind: Kind of object being referenced. Values defined by this API group are "User", "Group", and "ServiceAccount". If the Authorizer does not recognized the kind value, the Authorizer should report an error.
 apiGroup: APIGroup holds the API group of the referenced subject. Defaults to "" for ServiceAccount subjects. Defaults to "rbac.authorization.k8s.io" for User and Group subjects.
 name: Name of the object being referenced.
 namespace: Namespace of the referenced object. If the object kind is non-namespace, such as "User" or "Group", and this value is not empty the Authorizer should report an error.
#coordination_v1
Lease: Lease defines a lease concept.
 metadata: More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec contains the specification of the Lease. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
LeaseSpec: LeaseSpec is a specification of a Lease.
 holderIdentity: holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.
 leaseDurationSeconds: leaseDurationSeconds is a duration that candidates for a lease need to wait to force acquire it. This is measured against the time of last observed renewTime.
 acquireTime: acquireTime is a time when the current lease was acquired.
 renewTime: renewTime is a time when the current holder of a lease has last updated the lease.
 leaseTransitions: leaseTransitions is the number of transitions of a lease between holders.
 strategy: Strategy indicates the strategy for picking the leader for coordinated leader election. If the field is not specified, there is no active coordination for this lease. (Alpha) Using this field requires the CoordinatedLeaderElection feature gate to be enabled.
 preferredHolder: PreferredHolder signals to a lease holder that the lease has a more optimal holder and should be given up. This field can only be set if Strategy is also set.
#scheduling_v1
PriorityClass: PriorityClass defines mapping from a priority class name to the priority integer value. The value can be any valid integer.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 value: value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.
 globalDefault: globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`.
 description: description is an arbitrary string that usually provides guidelines on when this priority class should be used.
 preemptionPolicy: preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.
#authentication_v1
BoundObjectReference: BoundObjectReference is a reference to an object that a token is bound to.
 kind: kind of the referent. Valid kinds are 'Pod' and 'Secret'.
 apiVersion: apiVersion is API version of the referent.
 name: name of the referent.
 uid: uid of the referent.
SelfSubjectReview: SelfSubjectReview contains the user information that the kube-apiserver has about the user making this request. When using impersonation, users will receive the user info of the user being impersonated. If impersonation or request header authentication is used, any extra keys will have their case ignored and returned as lowercase.
 metadata: metadata is standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 status: status is filled in by the server with the user attributes.
SelfSubjectReviewStatus: SelfSubjectReviewStatus is filled by the kube-apiserver and sent back to a user.
 userInfo: userInfo is a set of attributes belonging to the user making this request.
TokenRequest: TokenRequest requests a token for a given service account.
 metadata: metadata is the standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated
 status: status is filled in by the server and indicates whether the token can be authenticated.
TokenRequestSpec: TokenRequestSpec contains client provided parameters of a token request.
 audiences: audiences are the intendend audiences of the token. A recipient of a token must identify themself with an identifier in the list of audiences of the token, and otherwise should reject the token.
 boundObjectRef: boundObjectRef is a reference to an object that the token will be bound to. The token will only be valid for as long as the bound object exists. NOTE: The API server's TokenReview endpoint will validate the BoundObjectRef, but other audiences may not. Keep ExpirationSeconds small if you want prompt revocation.
 expirationSeconds: expirationSeconds is the requested duration of validity of the request. The token issuer may return a token with a different validity duration so a client needs to check the 'expiration' field in a response.
TokenRequestStatus: TokenRequestStatus is the result of a token request.
 token: token is the opaque bearer token.
 expirationTimestamp: expirationTimestamp is the time of expiration of the returned token.
TokenReview: TokenReview attempts to authenticate a token to a known user. Note: TokenReview requests may be cached by the webhook token authenticator plugin in the kube-apiserver.
 metadata: metadata is the standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated
 status: status is filled in by the server and indicates whether the request can be authenticated.
TokenReviewSpec: TokenReviewSpec is a description of the token authentication request.
 token: token is the opaque bearer token.
 audiences: audiences is a list of the identifiers that the resource server presented with the token identifies as. Audience-aware token authenticators will verify that the token was intended for at least one of the audiences in this list. If no audiences are provided, the audience will default to the audience of the Kubernetes apiserver.
TokenReviewStatus: TokenReviewStatus is the result of the token authentication request.
 authenticated: authenticated indicates that the token was associated with a known user.
 user: user is the UserInfo associated with the provided token.
 error: error indicates that the token couldn't be checked
 audiences: audiences are audience identifiers chosen by the authenticator that are compatible with both the TokenReview and token. An identifier is any identifier in the intersection of the TokenReviewSpec audiences and the token's audiences.
UserInfo: UserInfo holds the information about the user needed to implement the user.Info interface.
 username: username is the name that uniquely identifies this user among all active users.
 uid: uid is a unique value that identifies this user across time. If this user is deleted and another user by the same name is added, they will have different UIDs.
 groups: groups is the names of groups this user is a part of.
 extra: extra is any additional information provided by the authenticator.
#authorization_v1
FieldSelectorAttributes: FieldSelectorAttributes indicates a field limited access. Webhook authors are encouraged to * ensure rawSelector and requirements are not both set * consider the requirements field if set * not try to parse or consider the rawSelector field if set.
 rawSelector: rawSelector is the serialization of a field selector that would be included in a query parameter. Webhook implementations are encouraged to ignore rawSelector. The kube-apiserver's *SubjectAccessReview will parse the rawSelector as long as the requirements are not present.
 requirements: requirements is the parsed interpretation of a field selector. All requirements must be met for a resource instance to match the selector. Webhook implementations should handle requirements, but how to handle them is up to the webhook.
LabelSelectorAttributes: LabelSelectorAttributes indicates a label limited access. Webhook authors are encouraged to * ensure rawSelector and requirements are not both set * consider the requirements field if set * not try to parse or consider the rawSelector field if set.
 rawSelector: rawSelector is the serialization of a field selector that would be included in a query parameter. Webhook implementations are encouraged to ignore rawSelector. The kube-apiserver's *SubjectAccessReview will parse the rawSelector as long as the requirements are not present.
 requirements: requirements is the parsed interpretation of a label selector. All requirements must be met for a resource instance to match the selector. Webhook implementations should handle requirements, but how to handle them is up to the webhook.
LocalSubjectAccessReview: LocalSubjectAccessReview checks whether or not a user or group can perform an action in a given namespace. Having a namespace scoped resource makes it much easier to grant namespace scoped policy that includes permissions checking.
 metadata: metadata is the standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated. spec.namespace must be equal to the namespace you made the request against. If empty, it is defaulted.
 status: status is filled in by the server and indicates whether the request is allowed or not
NonResourceAttributes: NonResourceAttributes includes the authorization attributes available for non-resource requests to the Authorizer interface
 path: path is the URL path of the request
 verb: verb is the standard HTTP verb
NonResourceRule: NonResourceRule holds information that describes a rule for the non-resource
 verbs: verbs is a list of kubernetes non-resource API verbs, like: get, post, put, delete, patch, head, options. "*" means all.
 nonResourceURLs: nonResourceURLs is a set of partial urls that a user should have access to. *s are allowed, but only as the full, final step in the path. "*" means all.
ResourceAttributes: ResourceAttributes includes the authorization attributes available for resource requests to the Authorizer interface
 namespace: namespace is the namespace of the action being requested.
 verb: verb is a kubernetes resource API verb, like: get, list, watch, create, update, delete, proxy. "*" means all.
 group: group is the API Group of the Resource. "*" means all.
 version: version is the API Version of the Resource. "*" means all.
 resource: resource is one of the existing resource types. "*" means all.
 subresource: subresource is one of the existing resource types. "" means none.
 name: name is the name of the resource being requested for a "get" or deleted for a "delete". "" (empty) means all.
 fieldSelector: fieldSelector describes the limitation on access based on field. It can only limit access, not broaden it.
 labelSelector: labelSelector describes the limitation on access based on labels. It can only limit access, not broaden it.
ResourceRule: ResourceRule is the list of actions the subject is allowed to perform on resources. The list ordering isn't significant, may contain duplicates, and possibly be incomplete.
 verbs: verbs is a list of kubernetes resource API verbs, like: get, list, watch, create, update, delete, proxy. "*" means all.
 apiGroups: apiGroups is the name of the APIGroup that contains the resources. If multiple API groups are specified, any action requested against one of the enumerated resources in any API group will be allowed. "*" means all.
 resources: resources is a list of resources this rule applies to. "*" means all in the specified apiGroups. "*/foo" represents the subresource 'foo' for all resources in the specified apiGroups.
 resourceNames: resourceNames is an optional white list of names that the rule applies to. An empty set means that everything is allowed. "*" means all.
SelfSubjectAccessReview: SelfSubjectAccessReview checks whether or the current user can perform an action. Not filling in a spec.namespace means "in all namespaces". Self is a special case, because users should always be able to check whether they can perform an action
 metadata: metadata is the standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated. user and groups must be empty
 status: status is filled in by the server and indicates whether the request is allowed or not
SelfSubjectAccessReviewSpec: SelfSubjectAccessReviewSpec is a description of the access request. Exactly one of resourceAttributes and nonResourceAttributes must be set
 resourceAttributes: resourceAttributes describes information for a resource access request
 nonResourceAttributes: nonResourceAttributes describes information for a non-resource access request
SelfSubjectRulesReview: SelfSubjectRulesReview enumerates the set of actions the current user can perform within a namespace. The returned list of actions may be incomplete depending on the server's authorization mode, and any errors experienced during the evaluation.
 metadata: metadata is the standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated.
 status: status is filled in by the server and indicates the set of actions a user can perform.
SelfSubjectRulesReviewSpec: SelfSubjectRulesReviewSpec defines the specification for SelfSubjectRulesReview.
 namespace: namespace to evaluate rules for. Required.
SubjectAccessReview: SubjectAccessReview checks whether or not a user or group can perform an action.
 metadata: metadata is the standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec holds information about the request being evaluated
 status: status is filled in by the server and indicates whether the request is allowed or not
SubjectAccessReviewSpec: SubjectAccessReviewSpec is a description of the access request. Exactly one of resourceAttributes and nonResourceAttributes must be set
 resourceAttributes: resourceAttributes describes information for a resource access request
 nonResourceAttributes: nonResourceAttributes describes information for a non-resource access request
 user: user is the user you're testing for. If you specify "User" but not "Groups", then is it interpreted as "What if User were not a member of any groups
 groups: groups is the groups you're testing for.
 extra: extra corresponds to the user.Info.GetExtra() method from the authenticator. Since that is input to the authorizer it needs a reflection here.
 uid: uid information about the requesting user.
SubjectAccessReviewStatus: SubjectAccessReviewStatus
 allowed: allowed is required. True if the action would be allowed, false otherwise.
 reason: reason is optional. It indicates why a request was allowed or denied.
 evaluationError: evaluationError is an indication that some error occurred during the authorization check. It is entirely possible to get an error and be able to continue determine authorization status in spite of it. For instance, RBAC can be missing a role, but enough roles are still present and bound to reason about the request.
 denied: denied is optional. True if the action would be denied, otherwise false. If both allowed is false and denied is false, then the authorizer has no opinion on whether to authorize the action. Denied may not be true if Allowed is true.
SubjectRulesReviewStatus: SubjectRulesReviewStatus contains the result of a rules check. This check can be incomplete depending on the set of authorizers the server is configured with and any errors experienced during evaluation.
 resourceRules: resourceRules is the list of actions the subject is allowed to perform on resources. The list ordering isn't significant, may contain duplicates, and possibly be incomplete.
 nonResourceRules: nonResourceRules is the list of actions the subject is allowed to perform on non-resources. The list ordering isn't significant, may contain duplicates, and possibly be incomplete.
 incomplete: incomplete is true when the rules returned by this call are incomplete. This is most commonly encountered when an authorizer, such as an external authorizer, doesn't support rules evaluation.
 evaluationError: evaluationError can appear in combination with Rules. It indicates an error occurred during rule evaluation, such as an authorizer that doesn't support rule evaluation, and that ResourceRules and/or NonResourceRules may be incomplete.
#metrics_v1beta1
ContainerMetrics: ContainerMetrics sets resource usage metrics of a container.
 name: Container name corresponding to the one from pod.spec.containers.
 usage: The memory usage is the memory working set.
NodeMetrics: NodeMetrics sets resource usage metrics of a node.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 timestamp: The following fields define time interval from which metrics were collected from the interval [Timestamp-Window, Timestamp].
 usage: The memory usage is the memory working set.
PodMetrics: PodMetrics sets resource usage metrics of a pod.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 timestamp: The following fields define time interval from which metrics were collected from the interval [Timestamp-Window, Timestamp].
 containers: Metrics for all containers are collected within the same time window.
)docs";

}  // namespace fairlead::sandbox
