// Made by make_schema.py from the comments of the Kubernetes API (Copyright The Kubernetes Authors, Apache License 2.0). Do not edit.
#include "sandbox/schema_docs.h"

namespace fairlead::sandbox {

extern const char docs_core[] = R"docs(
#core_v1
AWSElasticBlockStoreVolumeSource: Represents a Persistent Disk resource in AWS.
 volumeID: volumeID is unique ID of the persistent disk resource in AWS (Amazon EBS volume). More info: https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
 fsType: fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 partition: partition is the partition in the volume that you want to mount. If omitted, the default is to mount by volume name. Examples: For volume /dev/sda1, you specify the partition as "1". Similarly, the volume partition for /dev/sda is "0" (or you can leave the property empty).
 readOnly: readOnly value true will force the readOnly setting in VolumeMounts. More info: https://kubernetes.io/docs/concepts/storage/volumes#awselasticblockstore
Affinity: Affinity is a group of affinity scheduling rules.
 nodeAffinity: Describes node affinity scheduling rules for the pod.
 podAffinity: Describes pod affinity scheduling rules (e.g. co-locate this pod in the same node, zone, etc. as some other pod(s)).
 podAntiAffinity: Describes pod anti-affinity scheduling rules (e.g. avoid putting this pod in the same node, zone, etc. as some other pod(s)).
AppArmorProfile: AppArmorProfile defines a pod or container's AppArmor settings.
 type: type indicates which kind of AppArmor profile will be applied. Valid options are: Localhost - a profile pre-loaded on the node. RuntimeDefault - the container runtime's default profile. Unconfined - no AppArmor enforcement.
 localhostProfile: localhostProfile indicates a profile loaded on the node that should be used. The profile must be preconfigured on the node to work. Must match the loaded name of the profile. Must be set if and only if type is "Localhost".
AttachedVolume: AttachedVolume describes a volume attached to a node
 name: Name of the attached volume
 devicePath: DevicePath represents the device path where the volume should be available
AzureDiskVolumeSource: AzureDisk represents an Azure Data Disk mount on the host and bind mount to the pod.
 diskName: diskName is the Name of the data disk in the blob storage
 diskURI: diskURI is the URI of data disk in the blob storage
 cachingMode: cachingMode is the Host Caching mode: None, Read Only, Read Write.
 fsType: fsType is Filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 kind: kind expected values are Shared: multiple blob disks per storage account Dedicated: single blob disk per storage account Managed: azure managed data disk (only in managed availability set). defaults to shared
AzureFilePersistentVolumeSource: AzureFile represents an Azure File Service mount on the host and bind mount to the pod.
 secretName: secretName is the name of secret that contains Azure Storage Account Name and Key
 shareName: shareName is the azure Share Name
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 secretNamespace: secretNamespace is the namespace of the secret that contains Azure Storage Account Name and Key default is the same as the Pod
AzureFileVolumeSource: AzureFile represents an Azure File Service mount on the host and bind mount to the pod.
 secretName: secretName is the name of secret that contains Azure Storage Account Name and Key
 shareName: shareName is the azure share Name
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
Binding: Binding ties one object to another; for example, a pod is bound to a node by a scheduler.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 target: The target object that you want to bind to the standard object.
CSIPersistentVolumeSource: Represents storage that is managed by an external CSI volume driver
 driver: driver is the name of the driver to use for this volume. Required.
 volumeHandle: volumeHandle is the unique volume name returned by the CSI volume plugin’s CreateVolume to refer to the volume on all subsequent calls. Required.
 readOnly: readOnly value to pass to ControllerPublishVolumeRequest. Defaults to false (read/write).
 fsType: fsType to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs".
 volumeAttributes: volumeAttributes of the volume to publish.
 controllerPublishSecretRef: controllerPublishSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI ControllerPublishVolume and ControllerUnpublishVolume calls. This field is optional, and may be empty if no secret is required.
 nodeStageSecretRef: nodeStageSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI NodeStageVolume and NodeStageVolume and NodeUnstageVolume calls. This field is optional, and may be empty if no secret is required. If the secret object contains more than one secret, all secrets are passed.
 nodePublishSecretRef: nodePublishSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI NodePublishVolume and NodeUnpublishVolume calls. This field is optional, and may be empty if no secret is required. If the secret object contains more than one secret, all secrets are passed.
 controllerExpandSecretRef: controllerExpandSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI ControllerExpandVolume call. This field is optional, and may be empty if no secret is required. If the secret object contains more than one secret, all secrets are passed.
 nodeExpandSecretRef: nodeExpandSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI NodeExpandVolume call. This field is optional, may be omitted if no secret is required. If the secret object contains more than one secret, all secrets are passed.
CSIVolumeSource: Represents a source location of a volume to mount, managed by an external CSI driver
 driver: driver is the name of the CSI driver that handles this volume. Consult with your admin for the correct name as registered in the cluster.
 readOnly: readOnly specifies a read-only configuration for the volume. Defaults to false (read/write).
 fsType: fsType to mount. Ex. "ext4", "xfs", "ntfs". If not provided, the empty value is passed to the associated CSI driver which will determine the default filesystem to apply.
 volumeAttributes: volumeAttributes stores driver-specific properties that are passed to the CSI driver. Consult your driver's documentation for supported values.
 nodePublishSecretRef: nodePublishSecretRef is a reference to the secret object containing sensitive information to pass to the CSI driver to complete the CSI NodePublishVolume and NodeUnpublishVolume calls. This field is optional, and may be empty if no secret is required. If the secret object contains more than one secret, all secret references are passed.
Capabilities: Adds and removes POSIX capabilities from running containers.
 add: Added capabilities
 drop: Removed capabilities
CephFSPersistentVolumeSource: Represents a Ceph Filesystem mount that lasts the lifetime of a pod Cephfs volumes do not support ownership management or SELinux relabeling.
 monitors: monitors is Required: Monitors is a collection of Ceph monitors More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 path: path is Optional: Used as the mounted root, rather than the full Ceph tree, default is /
 user: user is Optional: User is the rados user name, default is admin More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 secretFile: secretFile is Optional: SecretFile is the path to key ring for User, default is /etc/ceph/user.secret More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 secretRef: secretRef is Optional: SecretRef is reference to the authentication secret for User, default is empty. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 readOnly: readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
CephFSVolumeSource: Represents a Ceph Filesystem mount that lasts the lifetime of a pod Cephfs volumes do not support ownership management or SELinux relabeling.
 monitors: monitors is Required: Monitors is a collection of Ceph monitors More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 path: path is Optional: Used as the mounted root, rather than the full Ceph tree, default is /
 user: user is optional: User is the rados user name, default is admin More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 secretFile: secretFile is Optional: SecretFile is the path to key ring for User, default is /etc/ceph/user.secret More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 secretRef: secretRef is Optional: SecretRef is reference to the authentication secret for User, default is empty. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
 readOnly: readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts. More info: https://examples.k8s.io/volumes/cephfs/README.md#how-to-use-it
CinderPersistentVolumeSource: Represents a cinder volume resource in Openstack. A Cinder volume must exist before mounting to a container. The volume must also be in the same region as the kubelet. Cinder volumes support ownership management and SELinux relabeling.
 volumeID: volumeID used to identify the volume in cinder. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 fsType: fsType Filesystem type to mount. Must be a filesystem type supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 readOnly: readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 secretRef: secretRef is Optional: points to a secret object containing parameters used to connect to OpenStack.
CinderVolumeSource: Represents a cinder volume resource in Openstack. A Cinder volume must exist before mounting to a container. The volume must also be in the same region as the kubelet. Cinder volumes support ownership management and SELinux relabeling.
 volumeID: volumeID used to identify the volume in cinder. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 secretRef: secretRef is optional: points to a secret object containing parameters used to connect to OpenStack.
ClientIPConfig: ClientIPConfig represents the configurations of Client IP based session affinity.
 timeoutSeconds: timeoutSeconds specifies the seconds of ClientIP type session sticky time. The value must be >0 && <=86400(for 1 day) if ServiceAffinity == "ClientIP". Default value is 10800(for 3 hours).
ClusterTrustBundleProjection: ClusterTrustBundleProjection describes how to select a set of ClusterTrustBundle objects and project their contents into the pod filesystem.
 name: Select a single ClusterTrustBundle by object name. Mutually-exclusive with signerName and labelSelector.
 signerName: Select all ClusterTrustBundles that match this signer name. Mutually-exclusive with name. The contents of all selected ClusterTrustBundles will be unified and deduplicated.
 labelSelector: Select all ClusterTrustBundles that match this label selector. Only has effect if signerName is set. Mutually-exclusive with name. If unset, interpreted as "match nothing". If set but empty, interpreted as "match everything".
 path: Relative path from the volume root to write the bundle.
 optional: If true, don't block pod startup if the referenced ClusterTrustBundle(s) aren't available. If using name, then the named ClusterTrustBundle is allowed not to exist. If using signerName, then the combination of signerName and labelSelector is allowed to match zero ClusterTrustBundles.
ConfigMap: ConfigMap holds configuration data for pods to consume.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 data: Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.
 binaryData: BinaryData contains the binary data. Each key must consist of alphanumeric characters, '-', '_' or '.'. BinaryData can contain byte sequences that are not in the UTF-8 range. The keys stored in BinaryData must not overlap with the ones in the Data field, this is enforced during validation process.
 immutable: Immutable, if set to true, ensures that data stored in the ConfigMap cannot be updated (only object metadata can be modified). If not set to true, the field can be modified at any time. Defaulted to nil.
ConfigMapEnvSource: ConfigMapEnvSource selects a ConfigMap to populate the environment variables with.
 optional: Specify whether the ConfigMap must be defined
ConfigMapKeySelector: Selects a key from a ConfigMap.
 key: The key to select.
 optional: Specify whether the ConfigMap or its key must be defined
ConfigMapNodeConfigSource: ConfigMapNodeConfigSource contains the information to reference a ConfigMap as a config source for the Node. This API is deprecated since 1.22: https://git.k8s.io/enhancements/keps/sig-node/281-dynamic-kubelet-configuration
 namespace: Namespace is the metadata.namespace of the referenced ConfigMap. This field is required in all cases.
 name: Name is the metadata.name of the referenced ConfigMap. This field is required in all cases.
 uid: UID is the metadata.UID of the referenced ConfigMap. This field is forbidden in Node.Spec, and required in Node.Status.
 resourceVersion: ResourceVersion is the metadata.ResourceVersion of the referenced ConfigMap. This field is forbidden in Node.Spec, and required in Node.Status.
 kubeletConfigKey: KubeletConfigKey declares which key of the referenced ConfigMap corresponds to the KubeletConfiguration structure This field is required in all cases.
ConfigMapProjection: Adapts a ConfigMap into a projected volume.
 items: items if unspecified, each key-value pair in the Data field of the referenced ConfigMap will be projected into the volume as a file whose name is the key and content is the value. If specified, the listed keys will be projected into the specified paths, and unlisted keys will not be present.
 optional: optional specify whether the ConfigMap or its keys must be defined
ConfigMapVolumeSource: Adapts a ConfigMap into a volume.
 items: items if unspecified, each key-value pair in the Data field of the referenced ConfigMap will be projected into the volume as a file whose name is the key and content is the value. If specified, the listed keys will be projected into the specified paths, and unlisted keys will not be present.
 defaultMode: defaultMode is optional: mode bits used to set permissions on created files by default. Must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. Defaults to 0644. Directories within the path are not affected by this setting.
 optional: optional specify whether the ConfigMap or its keys must be defined
Container: A single application container that you want to run within a pod.
 name: Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name (DNS_LABEL). Cannot be updated.
 image: Container image name. More info: https://kubernetes.io/docs/concepts/containers/images This field is optional to allow higher level config management to default or override container images in workload controllers like Deployments and StatefulSets.
 command: Entrypoint array. Not executed within a shell. The container image's ENTRYPOINT is used if this is not provided. Variable references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be resolved, the reference in the input string will be unchanged.
 args: Arguments to the entrypoint. The container image's CMD is used if this is not provided. Variable references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be resolved, the reference in the input string will be unchanged.
 workingDir: Container's working directory. If not specified, the container runtime's default will be used, which might be configured in the container image. Cannot be updated.
 ports: List of ports to expose from the container. Not specifying a port here DOES NOT prevent that port from being exposed. Any port which is listening on the default "0.0.0.0" address inside a container will be accessible from the network. Modifying this array with strategic merge patch may corrupt the data.
 env: List of environment variables to set in the container. Cannot be updated.
 resources: Compute Resources required by this container. Cannot be updated. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 volumeMounts: Pod volumes to mount into the container's filesystem. Cannot be updated.
 livenessProbe: Periodic probe of container liveness. Container will be restarted if the probe fails. Cannot be updated. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
 readinessProbe: Periodic probe of container service readiness. Container will be removed from service endpoints if the probe fails. Cannot be updated. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
 lifecycle: Actions that the management system should take in response to container lifecycle events. Cannot be updated.
 terminationMessagePath: Optional: Path at which the file to which the container's termination message will be written is mounted into the container's filesystem. Message written is intended to be brief final status, such as an assertion failure message. Will be truncated by the node if greater than 4096 bytes.
 imagePullPolicy: Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if :latest tag is specified, or IfNotPresent otherwise. Cannot be updated. More info: https://kubernetes.io/docs/concepts/containers/images#updating-images
 securityContext: SecurityContext defines the security options the container should be run with. If set, the fields of SecurityContext override the equivalent fields of PodSecurityContext. More info: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 stdin: Whether this container should allocate a buffer for stdin in the container runtime. If this is not set, reads from stdin in the container will always result in EOF. Default is false.
 stdinOnce: Whether the container runtime should close the stdin channel after it has been opened by a single attach. When stdin is true the stdin stream will remain open across multiple attach sessions.
 tty: Whether this container should allocate a TTY for itself, also requires 'stdin' to be true. Default is false.
 envFrom: List of sources to populate environment variables in the container. The keys defined within a source may consist of any printable ASCII characters except '='. When a key exists in multiple sources, the value associated with the last source will take precedence. Values defined by an Env with a duplicate key will take precedence.
 terminationMessagePolicy: Indicate how the termination message should be populated. File will use the contents of terminationMessagePath to populate the container status message on both success and failure. FallbackToLogsOnError will use the last chunk of container log output if the termination message file is empty and the container exited with an error.
 volumeDevices: volumeDevices is the list of block devices to be used by the container.
 startupProbe: StartupProbe indicates that the Pod has successfully initialized. If specified, no other probes are executed until this completes successfully. If this probe fails, the Pod will be restarted, just as if the livenessProbe failed.
 resizePolicy: Resources resize policy for the container. This field cannot be set on ephemeral containers.
 restartPolicy: RestartPolicy defines the restart behavior of individual containers in a pod. This overrides the pod-level restart policy. When this field is not specified, the restart behavior is defined by the Pod's restart policy and the container type.
 restartPolicyRules: Represents a list of rules to be checked to determine if the container should be restarted on exit. The rules are evaluated in order. Once a rule matches a container exit condition, the remaining rules are ignored.
ContainerExtendedResourceRequest: ContainerExtendedResourceRequest has the mapping of container name, extended resource name to the device request name.
 containerName: The name of the container requesting resources.
 resourceName: The name of the extended resource in that container which gets backed by DRA.
 requestName: The name of the request in the special ResourceClaim which corresponds to the extended resource.
ContainerImage: Describe a container image
 names: Names by which this image is known. e.g. ["kubernetes.example/hyperkube:v1.0.7", "cloud-vendor.registry.example/cloud-vendor/hyperkube:v1.0.7"]
 sizeBytes: The size of the image in bytes.
ContainerPort: ContainerPort represents a network port in a single container.
 name: If specified, this must be an IANA_SVC_NAME and unique within the pod. Each named port in a pod must have a unique name. Name for the port that can be referred to by services.
 hostPort: Number of port to expose on the host. If specified, this must be a valid port number, 0 < x < 65536. If HostNetwork is specified, this must match ContainerPort. Most containers do not need this.
 containerPort: Number of port to expose on the pod's IP address. This must be a valid port number, 0 < x < 65536.
 protocol: Protocol for port. Must be UDP, TCP, or SCTP. Defaults to "TCP".
 hostIP: What host IP to bind the external port to.
ContainerResizePolicy: ContainerResizePolicy represents resource resize policy for the container.
 resourceName: Name of the resource to which this resource resize policy applies. Supported values: cpu, memory.
 restartPolicy: Restart policy to apply when specified resource is resized. If not specified, it defaults to NotRequired.
ContainerRestartRule: ContainerRestartRule describes how a container exit is handled.
 action: Specifies the action taken on a container exit if the requirements are satisfied. The only possible value is "Restart" to restart the container.
 exitCodes: Represents the exit codes to check on container exits.
ContainerRestartRuleOnExitCodes: ContainerRestartRuleOnExitCodes describes the condition for handling an exited container based on its exit codes.
 operator: Represents the relationship between the container exit code(s) and the specified values. Possible values are: - In: the requirement is satisfied if the container exit code is in the set of specified values. - NotIn: the requirement is satisfied if the container exit code is not in the set of specified values.
 values: Specifies the set of values to check for container exit codes. At most 255 elements are allowed.
ContainerState: ContainerState holds a possible state of container. Only one of its members may be specified. If none of them is specified, the default one is ContainerStateWaiting.
 waiting: Details about a waiting container
 running: Details about a running container
 terminated: Details about a terminated container
ContainerStateRunning: ContainerStateRunning is a running state of a container.
 startedAt: Time at which the container was last (re-)started
ContainerStateTerminated: ContainerStateTerminated is a terminated state of a container.
 exitCode: Exit status from the last termination of the container
 signal: Signal from the last termination of the container
 reason: (brief) reason from the last termination of the container
 message: Message regarding the last termination of the container
 startedAt: Time at which previous execution of the container started
 finishedAt: Time at which the container last terminated
 containerID: Container's ID in the format '<type>://<container_id>'
ContainerStateWaiting: ContainerStateWaiting is a waiting state of a container.
 reason: (brief) reason the container is not yet running.
 message: Message regarding why the container is not yet running.
ContainerStatus: ContainerStatus contains details for the current status of this container.
 name: Name is a DNS_LABEL representing the unique name of the container. Each container in a pod must have a unique name across all container types. Cannot be updated.
 state: State holds details about the container's current condition.
 lastState: LastTerminationState holds the last termination state of the container to help debug container crashes and restarts. This field is not populated if the container is still running and RestartCount is 0.
 ready: Ready specifies whether the container is currently passing its readiness check. The value will change as readiness probes keep executing. If no readiness probes are specified, this field defaults to true once the container is fully started (see Started field).
 restartCount: RestartCount holds the number of times the container has been restarted. Kubelet makes an effort to always increment the value, but there are cases when the state may be lost due to node restarts and then the value may be reset to 0. The value is never negative.
 image: Image is the name of container image that the container is running. The container image may not match the image used in the PodSpec, as it may have been resolved by the runtime. More info: https://kubernetes.io/docs/concepts/containers/images.
 imageID: ImageID is the image ID of the container's image. The image ID may not match the image ID of the image used in the PodSpec, as it may have been resolved by the runtime.
 containerID: ContainerID is the ID of the container in the format '<type>://<container_id>'. Where type is a container runtime identifier, returned from Version call of CRI API (for example "containerd").
 started: Started indicates whether the container has finished its postStart lifecycle hook and passed its startup probe. Initialized as false, becomes true after startupProbe is considered successful. Resets to false when the container is restarted, or if kubelet loses state temporarily. In both cases, startup probes will run again.
 allocatedResources: AllocatedResources represents the compute resources allocated for this container by the node. Kubelet sets this value to Container.Resources.Requests upon successful pod admission and after successfully admitting desired pod resize.
 resources: Resources represents the compute resource requests and limits that have been successfully enacted on the running container after it has been started or has been successfully resized.
 volumeMounts: Status of volume mounts.
 user: User represents user identity information initially attached to the first process of the container
 allocatedResourcesStatus: AllocatedResourcesStatus represents the status of various resources allocated for this Pod.
 stopSignal: StopSignal reports the effective stop signal for this container
ContainerUser: ContainerUser represents user identity information
 linux: Linux holds user identity information initially attached to the first process of the containers in Linux. Note that the actual running identity can be changed if the process has enough privilege to do so.
DaemonEndpoint: DaemonEndpoint contains information about a single Daemon endpoint.
 Port: Port number of the given endpoint.
DownwardAPIProjection: Represents downward API info for projecting into a projected volume. Note that this is identical to a downwardAPI volume source without the default mode.
 items: Items is a list of DownwardAPIVolume file
DownwardAPIVolumeFile: DownwardAPIVolumeFile represents information to create the file containing the pod field
 path: Required: Path is the relative path name of the file to be created. Must not be absolute or contain the '..' path. Must be utf-8 encoded. The first item of the relative path must not start with '..'
 fieldRef: Required: Selects a field of the pod: only annotations, labels, name, namespace and uid are supported.
 resourceFieldRef: Selects a resource of the container: only resources limits and requests (limits.cpu, limits.memory, requests.cpu and requests.memory) are currently supported.
 mode: Optional: mode bits used to set permissions on this file, must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. If not specified, the volume defaultMode will be used.
DownwardAPIVolumeSource: DownwardAPIVolumeSource represents a volume containing downward API info. Downward API volumes support ownership management and SELinux relabeling.
 items: Items is a list of downward API volume file
 defaultMode: Optional: mode bits to use on created files by default. Must be a Optional: mode bits used to set permissions on created files by default. Must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. Defaults to 0644.
EmptyDirVolumeSource: Represents an empty directory for a pod. Empty directory volumes support ownership management and SELinux relabeling.
 medium: medium represents what type of storage medium should back this directory. The default is "" which means to use the node's default medium. Must be an empty string (default) or Memory. More info: https://kubernetes.io/docs/concepts/storage/volumes#emptydir
 sizeLimit: sizeLimit is the total amount of local storage required for this EmptyDir volume. The size limit is also applicable for memory medium. The maximum usage on memory medium EmptyDir would be the minimum value between the SizeLimit specified here and the sum of memory limits of all containers in a pod.
EndpointAddress: EndpointAddress is a tuple that describes single IP address. Deprecated: This API is deprecated in v1.33+.
 ip: The IP of this endpoint. May not be loopback (127.0.0.0/8 or ::1), link-local (169.254.0.0/16 or fe80::/10), or link-local multicast (224.0.0.0/24 or ff02::/16).
 targetRef: Reference to object providing the endpoint.
 hostname: The Hostname of this endpoint
 nodeName: Optional: Node hosting this endpoint. This can be used to determine endpoints local to a node.
EndpointPort: EndpointPort is a tuple that describes a single port. Deprecated: This API is deprecated in v1.33+.
 name: The name of this port. This must match the 'name' field in the corresponding ServicePort. Must be a DNS_LABEL. Optional only if one port is defined.
 port: The port number of the endpoint.
 protocol: The IP protocol for this port. Must be UDP, TCP, or SCTP. Default is TCP.
 appProtocol: The application protocol for this port. This is used as a hint for implementations to offer richer behavior for protocols that they understand. This field follows standard Kubernetes label syntax. Valid values are either:
EndpointSubset: EndpointSubset is a group of addresses with a common set of ports. The expanded set of endpoints is the Cartesian product of Addresses x Ports. For example, given:
 addresses: IP addresses which offer the related ports that are marked as ready. These endpoints should be considered safe for load balancers and clients to utilize.
 notReadyAddresses: IP addresses which offer the related ports but are not currently marked as ready because they have not yet finished starting, have recently failed a readiness check, or have recently failed a liveness check.
 ports: Port numbers available on the related IP addresses.
Endpoints: Endpoints is a collection of endpoints that implement the actual service. Example:
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 subsets: The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share.
EnvFromSource: EnvFromSource represents the source of a set of ConfigMaps or Secrets
 prefix: Optional text to prepend to the name of each environment variable. May consist of any printable ASCII characters except '='.
 configMapRef: The ConfigMap to select from
 secretRef: The Secret to select from
EnvVar: EnvVar represents an environment variable present in a Container.
 name: Name of the environment variable. May consist of any printable ASCII characters except '='.
 value: Variable references $(VAR_NAME) are expanded using the previously defined environment variables in the container and any service environment variables. If a variable cannot be resolved, the reference in the input string will be unchanged. Double $$ are reduced to a single $, which allows for escaping the $(VAR_NAME) syntax: i.e.
 valueFrom: Source for the environment variable's value. Cannot be used if value is not empty.
EnvVarSource: EnvVarSource represents a source for the value of an EnvVar.
 fieldRef: Selects a field of the pod: supports metadata.name, metadata.namespace, `metadata.labels['<KEY>']`, `metadata.annotations['<KEY>']`, spec.nodeName, spec.serviceAccountName, status.hostIP, status.podIP, status.podIPs.
 resourceFieldRef: Selects a resource of the container: only resources limits and requests (limits.cpu, limits.memory, limits.ephemeral-storage, requests.cpu, requests.memory and requests.ephemeral-storage) are currently supported.
 configMapKeyRef: Selects a key of a ConfigMap.
 secretKeyRef: Selects a key of a secret in the pod's namespace
 fileKeyRef: FileKeyRef selects a key of the env file. Requires the EnvFiles feature gate to be enabled.
EphemeralContainer: An EphemeralContainer is a temporary container that you may add to an existing Pod for user-initiated activities such as debugging. Ephemeral containers have no resource or scheduling guarantees, and they will not be restarted when they exit or when a Pod is removed or restarted.
 targetContainerName: If set, the name of the container from PodSpec that this ephemeral container targets. The ephemeral container will be run in the namespaces (IPC, PID, etc) of this container. If not set then the ephemeral container uses the namespaces configured in the Pod spec.
EphemeralContainerCommon: EphemeralContainerCommon is a copy of all fields in Container to be inlined in EphemeralContainer. This separate type allows easy conversion from EphemeralContainer to Container and allows separate documentation for the fields of EphemeralContainer. When a new field is added to Container it must be added here as well.
 name: Name of the ephemeral container specified as a DNS_LABEL. This name must be unique among all containers, init containers and ephemeral containers.
 image: Container image name. More info: https://kubernetes.io/docs/concepts/containers/images
 command: Entrypoint array. Not executed within a shell. The image's ENTRYPOINT is used if this is not provided. Variable references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be resolved, the reference in the input string will be unchanged.
 args: Arguments to the entrypoint. The image's CMD is used if this is not provided. Variable references $(VAR_NAME) are expanded using the container's environment. If a variable cannot be resolved, the reference in the input string will be unchanged. Double $$ are reduced to a single $, which allows for escaping the $(VAR_NAME) syntax: i.e.
 workingDir: Container's working directory. If not specified, the container runtime's default will be used, which might be configured in the container image. Cannot be updated.
 ports: Ports are not allowed for ephemeral containers.
 env: List of environment variables to set in the container. Cannot be updated.
 resources: Resources are not allowed for ephemeral containers. Ephemeral containers use spare resources already allocated to the pod.
 volumeMounts: Pod volumes to mount into the container's filesystem. Subpath mounts are not allowed for ephemeral containers. Cannot be updated.
 livenessProbe: Probes are not allowed for ephemeral containers.
 readinessProbe: Probes are not allowed for ephemeral containers.
 lifecycle: Lifecycle is not allowed for ephemeral containers.
 terminationMessagePath: Optional: Path at which the file to which the container's termination message will be written is mounted into the container's filesystem. Message written is intended to be brief final status, such as an assertion failure message. Will be truncated by the node if greater than 4096 bytes.
 imagePullPolicy: Image pull policy. One of Always, Never, IfNotPresent. Defaults to Always if :latest tag is specified, or IfNotPresent otherwise. Cannot be updated. More info: https://kubernetes.io/docs/concepts/containers/images#updating-images
 securityContext: Optional: SecurityContext defines the security options the ephemeral container should be run with. If set, the fields of SecurityContext override the equivalent fields of PodSecurityContext.
 stdin: Whether this container should allocate a buffer for stdin in the container runtime. If this is not set, reads from stdin in the container will always result in EOF. Default is false.
 stdinOnce: Whether the container runtime should close the stdin channel after it has been opened by a single attach. When stdin is true the stdin stream will remain open across multiple attach sessions.
 tty: Whether this container should allocate a TTY for itself, also requires 'stdin' to be true. Default is false.
 envFrom: List of sources to populate environment variables in the container. The keys defined within a source may consist of any printable ASCII characters except '='. When a key exists in multiple sources, the value associated with the last source will take precedence. Values defined by an Env with a duplicate key will take precedence.
 terminationMessagePolicy: Indicate how the termination message should be populated. File will use the contents of terminationMessagePath to populate the container status message on both success and failure. FallbackToLogsOnError will use the last chunk of container log output if the termination message file is empty and the container exited with an error.
 volumeDevices: volumeDevices is the list of block devices to be used by the container.
 startupProbe: Probes are not allowed for ephemeral containers.
 resizePolicy: Resources resize policy for the container.
 restartPolicy: Restart policy for the container to manage the restart behavior of each container within a pod. You cannot set this field on ephemeral containers.
 restartPolicyRules: Represents a list of rules to be checked to determine if the container should be restarted on exit. You cannot set this field on ephemeral containers.
EphemeralVolumeSource: Represents an ephemeral volume that is handled by a normal storage driver.
 volumeClaimTemplate: Will be used to create a stand-alone PVC to provision the volume. The pod in which this EphemeralVolumeSource is embedded will be the owner of the PVC, i.e. the PVC will be deleted together with the pod. The name of the PVC will be `<pod name>-<volume name>` where `<volume name>` is the name from the `PodSpec.Volumes` array entry.
Event: Event is a report of an event somewhere in the cluster. Events have a limited retention time and triggers and messages may evolve with time. Event consumers should not rely on the timing of an event with a given Reason reflecting a consistent underlying trigger, or the continued existence of events with that Reason.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 involvedObject: The object that this event is about.
 reason: This should be a short, machine understandable string that gives the reason for the transition into the object's current status. TODO: provide exact specification for format.
 message: A human-readable description of the status of this operation. TODO: decide on maximum length.
 source: The component reporting this event. Should be a short machine understandable string.
 firstTimestamp: The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)
 lastTimestamp: The time at which the most recent occurrence of this event was recorded.
 count: The number of times this event has occurred.
 type: Type of this event (Normal, Warning), new types could be added in the future
 eventTime: Time when this Event was first observed.
 series: Data about the Event series this event represents or nil if it's a singleton Event.
 action: What action was taken/failed regarding to the Regarding object.
 related: Optional secondary object for more complex actions.
 reportingComponent: Name of the controller that emitted this Event, e.g. `kubernetes.io/kubelet`.
 reportingInstance: ID of the controller instance, e.g. `kubelet-xyzf`.
EventSeries: EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time.
 count: Number of occurrences in this series up to the last heartbeat time
 lastObservedTime: Time of the last occurrence observed
EventSource: EventSource contains information for an event.
 component: Component from which the event is generated.
 host: Node name on which the event is generated.
ExecAction: ExecAction describes a "run in container" action.
 command: Command is the command line to execute inside the container, the working directory for the command is root ('/') in the container's filesystem. The command is simply exec'd, it is not run inside a shell, so traditional shell instructions ('|', etc) won't work. To use a shell, you need to explicitly call out to that shell.
FCVolumeSource: Represents a Fibre Channel volume. Fibre Channel volumes can only be mounted as read/write once. Fibre Channel volumes support ownership management and SELinux relabeling.
 targetWWNs: targetWWNs is Optional: FC target worldwide names (WWNs)
 lun: lun is Optional: FC target lun number
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified. TODO: how do we prevent errors in the filesystem from compromising the machine
 readOnly: readOnly is Optional: Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 wwids: wwids Optional: FC volume world wide identifiers (wwids) Either wwids or combination of targetWWNs and lun must be set, but not both simultaneously.
FileKeySelector: FileKeySelector selects a key of the env file.
 volumeName: The name of the volume mount containing the env file.
 path: The path within the volume from which to select the file. Must be relative and may not contain the '..' path or start with '..'.
 key: The key within the env file. An invalid key will prevent the pod from starting. The keys defined within a source may consist of any printable ASCII characters except '='. During Alpha stage of the EnvFiles feature gate, the key size is limited to 128 characters.
 optional: Specify whether the file or its key must be defined. If the file or key does not exist, then the env var is not published. If optional is set to true and the specified key does not exist, the environment variable will not be set in the Pod's containers.
FlexPersistentVolumeSource: FlexPersistentVolumeSource represents a generic persistent volume resource that is provisioned/attached using an exec based plugin.
 driver: driver is the name of the driver to use for this volume.
 fsType: fsType is the Filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". The default filesystem depends on FlexVolume script.
 secretRef: secretRef is Optional: SecretRef is reference to the secret object containing sensitive information to pass to the plugin scripts. This may be empty if no secret object is specified. If the secret object contains more than one secret, all secrets are passed to the plugin scripts.
 readOnly: readOnly is Optional: defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 options: options is Optional: this field holds extra command options if any.
FlexVolumeSource: FlexVolume represents a generic volume resource that is provisioned/attached using an exec based plugin.
 driver: driver is the name of the driver to use for this volume.
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". The default filesystem depends on FlexVolume script.
 secretRef: secretRef is Optional: secretRef is reference to the secret object containing sensitive information to pass to the plugin scripts. This may be empty if no secret object is specified. If the secret object contains more than one secret, all secrets are passed to the plugin scripts.
 readOnly: readOnly is Optional: defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 options: options is Optional: this field holds extra command options if any.
FlockerVolumeSource: Represents a Flocker volume mounted by the Flocker agent. One and only one of datasetName and datasetUUID should be set. Flocker volumes do not support ownership management or SELinux relabeling.
 datasetName: datasetName is Name of the dataset stored as metadata -> name on the dataset for Flocker should be considered as deprecated
 datasetUUID: datasetUUID is the UUID of the dataset. This is unique identifier of a Flocker dataset
GCEPersistentDiskVolumeSource: Represents a Persistent Disk resource in Google Compute Engine.
 pdName: pdName is unique name of the PD resource in GCE. Used to identify the disk in GCE. More info: https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
 fsType: fsType is filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 partition: partition is the partition in the volume that you want to mount. If omitted, the default is to mount by volume name. Examples: For volume /dev/sda1, you specify the partition as "1". Similarly, the volume partition for /dev/sda is "0" (or you can leave the property empty).
 readOnly: readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info: https://kubernetes.io/docs/concepts/storage/volumes#gcepersistentdisk
GRPCAction: GRPCAction specifies an action involving a GRPC service.
 port: Port number of the gRPC service. Number must be in the range 1 to 65535.
 service: Service is the name of the service to place in the gRPC HealthCheckRequest (see https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
GitRepoVolumeSource: Represents a volume that is populated with the contents of a git repository. Git repo volumes do not support ownership management. Git repo volumes support SELinux relabeling.
 repository: repository is the URL
 revision: revision is the commit hash for the specified revision.
 directory: directory is the target directory name. Must not contain or start with '..'. If '.' is supplied, the volume directory will be the git repository. Otherwise, if specified, the volume will contain the git repository in the subdirectory with the given name.
GlusterfsPersistentVolumeSource: Represents a Glusterfs mount that lasts the lifetime of a pod. Glusterfs volumes do not support ownership management or SELinux relabeling.
 endpoints: endpoints is the endpoint name that details Glusterfs topology. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
 path: path is the Glusterfs volume path. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
 readOnly: readOnly here will force the Glusterfs volume to be mounted with read-only permissions. Defaults to false. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
 endpointsNamespace: endpointsNamespace is the namespace that contains Glusterfs endpoint. If this field is empty, the EndpointNamespace defaults to the same namespace as the bound PVC. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
GlusterfsVolumeSource: Represents a Glusterfs mount that lasts the lifetime of a pod. Glusterfs volumes do not support ownership management or SELinux relabeling.
 endpoints: endpoints is the endpoint name that details Glusterfs topology.
 path: path is the Glusterfs volume path. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
 readOnly: readOnly here will force the Glusterfs volume to be mounted with read-only permissions. Defaults to false. More info: https://examples.k8s.io/volumes/glusterfs/README.md#create-a-pod
HTTPGetAction: HTTPGetAction describes an action based on HTTP Get requests.
 path: Path to access on the HTTP server.
 port: Name or number of the port to access on the container. Number must be in the range 1 to 65535. Name must be an IANA_SVC_NAME.
 host: Host name to connect to, defaults to the pod IP. You probably want to set "Host" in httpHeaders instead.
 scheme: Scheme to use for connecting to the host. Defaults to HTTP.
 httpHeaders: Custom headers to set in the request. HTTP allows repeated headers.
HTTPHeader: HTTPHeader describes a custom header to be used in HTTP probes
 name: The header field name. This will be canonicalized upon output, so case-variant names will be understood as the same header.
 value: The header field value
HostAlias: HostAlias holds the mapping between IP and hostnames that will be injected as an entry in the pod's hosts file.
 ip: IP address of the host file entry.
 hostnames: Hostnames for the above IP address.
HostIP: HostIP represents a single IP address allocated to the host.
 ip: IP is the IP address assigned to the host
HostPathVolumeSource: Represents a host path mapped into a pod. Host path volumes do not support ownership management or SELinux relabeling.
 path: path of the directory on the host. If the path is a symlink, it will follow the link to the real path. More info: https://kubernetes.io/docs/concepts/storage/volumes#hostpath
 type: type for HostPath Volume Defaults to "" More info: https://kubernetes.io/docs/concepts/storage/volumes#hostpath
ISCSIPersistentVolumeSource: ISCSIPersistentVolumeSource represents an ISCSI disk. ISCSI volumes can only be mounted as read/write once. ISCSI volumes support ownership management and SELinux relabeling.
 targetPortal: targetPortal is iSCSI Target Portal. The Portal is either an IP or ip_addr:port if the port is other than default (typically TCP ports 860 and 3260).
 iqn: iqn is Target iSCSI Qualified Name.
 lun: lun is iSCSI Target Lun number.
 iscsiInterface: iscsiInterface is the interface Name that uses an iSCSI transport. Defaults to 'default' (tcp).
 fsType: fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false.
 portals: portals is the iSCSI Target Portal List. The Portal is either an IP or ip_addr:port if the port is other than default (typically TCP ports 860 and 3260).
 chapAuthDiscovery: chapAuthDiscovery defines whether support iSCSI Discovery CHAP authentication
 secretRef: secretRef is the CHAP Secret for iSCSI target and initiator authentication
 chapAuthSession: chapAuthSession defines whether support iSCSI Session CHAP authentication
 initiatorName: initiatorName is the custom iSCSI Initiator Name. If initiatorName is specified with iscsiInterface simultaneously, new iSCSI interface <target portal>:<volume name> will be created for the connection.
ISCSIVolumeSource: Represents an ISCSI disk. ISCSI volumes can only be mounted as read/write once. ISCSI volumes support ownership management and SELinux relabeling.
 targetPortal: targetPortal is iSCSI Target Portal. The Portal is either an IP or ip_addr:port if the port is other than default (typically TCP ports 860 and 3260).
 iqn: iqn is the target iSCSI Qualified Name.
 lun: lun represents iSCSI Target Lun number.
 iscsiInterface: iscsiInterface is the interface Name that uses an iSCSI transport. Defaults to 'default' (tcp).
 fsType: fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false.
 portals: portals is the iSCSI Target Portal List. The portal is either an IP or ip_addr:port if the port is other than default (typically TCP ports 860 and 3260).
 chapAuthDiscovery: chapAuthDiscovery defines whether support iSCSI Discovery CHAP authentication
 secretRef: secretRef is the CHAP Secret for iSCSI target and initiator authentication
 chapAuthSession: chapAuthSession defines whether support iSCSI Session CHAP authentication
 initiatorName: initiatorName is the custom iSCSI Initiator Name. If initiatorName is specified with iscsiInterface simultaneously, new iSCSI interface <target portal>:<volume name> will be created for the connection.
ImageVolumeSource: ImageVolumeSource represents a image volume resource.
 reference: Required: Image or artifact reference to be used. Behaves in the same way as pod.spec.containers[*].image. Pull secrets will be assembled in the same way as for the container image by looking up node credentials, SA image pull secrets, and pod spec image pull secrets.
 pullPolicy: Policy for pulling OCI objects. Possible values are: Always: the kubelet always attempts to pull the reference. Container creation will fail If the pull fails. Never: the kubelet never pulls the reference and only uses a local image or artifact. Container creation will fail if the reference isn't present.
ImageVolumeStatus: ImageVolumeStatus represents the image-based volume status.
 imageRef: ImageRef is the digest of the image used for this volume. It should have a value that's similar to the pod's status.containerStatuses[i].imageID. The ImageRef length should not exceed 256 characters.
KeyToPath: Maps a string key to a path within a volume.
 key: key is the key to project.
 path: path is the relative path of the file to map the key to. May not be an absolute path. May not contain the path element '..'. May not start with the string '..'.
 mode: mode is Optional: mode bits used to set permissions on this file. Must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. If not specified, the volume defaultMode will be used.
Lifecycle: Lifecycle describes actions that the management system should take in response to container lifecycle events. For the PostStart and PreStop lifecycle handlers, management of the container blocks until the action is complete, unless the container process fails, in which case the handler is aborted.
 postStart: PostStart is called immediately after a container is created. If the handler fails, the container is terminated and restarted according to its restart policy. Other management of the container blocks until the hook completes. More info: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#container-hooks
 preStop: PreStop is called immediately before a container is terminated due to an API request or management event such as liveness/startup probe failure, preemption, resource contention, etc. The handler is not called if the container crashes or exits. The Pod's termination grace period countdown begins before the PreStop hook is executed.
 stopSignal: StopSignal defines which signal will be sent to a container when it is being stopped. If not specified, the default is defined by the container runtime in use. StopSignal can only be set for Pods with a non-empty .spec.os.name
LifecycleHandler: LifecycleHandler defines a specific action that should be taken in a lifecycle hook. One and only one of the fields, except TCPSocket must be specified.
 exec: Exec specifies a command to execute in the container.
 httpGet: HTTPGet specifies an HTTP GET request to perform.
 tcpSocket: Deprecated. TCPSocket is NOT supported as a LifecycleHandler and kept for backward compatibility. There is no validation of this field and lifecycle hooks will fail at runtime when it is specified.
 sleep: Sleep represents a duration that the container should sleep.
LimitRange: LimitRange sets resource usage limits for each kind of resource in a Namespace.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the limits enforced. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
LimitRangeItem: LimitRangeItem defines a min/max usage limit for any resource that matches on kind.
 type: Type of resource that this limit applies to.
 max: Max usage constraints on this kind by resource name.
 min: Min usage constraints on this kind by resource name.
 default: Default resource requirement limit value by resource name if resource limit is omitted.
 defaultRequest: DefaultRequest is the default resource requirement request value by resource name if resource request is omitted.
 maxLimitRequestRatio: MaxLimitRequestRatio if specified, the named resource must have a request and limit that are both non-zero where limit divided by request is less than or equal to the enumerated value; this represents the max burst for the named resource.
LimitRangeSpec: LimitRangeSpec defines a min/max usage limit for resources that match on kind.
 limits: Limits is the list of LimitRangeItem objects that are enforced.
LinuxContainerUser: LinuxContainerUser represents user identity information in Linux containers
 uid: UID is the primary uid initially attached to the first process in the container
 gid: GID is the primary gid initially attached to the first process in the container
 supplementalGroups: SupplementalGroups are the supplemental groups initially attached to the first process in the container
LoadBalancerIngress: LoadBalancerIngress represents the status of a load-balancer ingress point: traffic intended for the service should be sent to an ingress point.
 ip: IP is set for load-balancer ingress points that are IP based (typically GCE or OpenStack load-balancers)
 hostname: Hostname is set for load-balancer ingress points that are DNS based (typically AWS load-balancers)
 ipMode: IPMode specifies how the load-balancer IP behaves, and may only be specified when the ip field is specified. Setting this to "VIP" indicates that traffic is delivered to the node with the destination set to the load-balancer's IP and port.
 ports: Ports is a list of records of service ports If used, every port defined in the service should have an entry in it
LoadBalancerStatus: LoadBalancerStatus represents the status of a load-balancer.
 ingress: Ingress is a list containing ingress points for the load-balancer. Traffic intended for the service should be sent to these ingress points.
LocalObjectReference: LocalObjectReference contains enough information to let you locate the referenced object inside the same namespace. New uses of this type are discouraged because of difficulty describing its usage when embedded in APIs. 1. Invalid usage help. It is impossible to add specific help for individual usage.
 name: Name of the referent. This field is effectively required, but due to backwards compatibility is allowed to be empty. Instances of this type with an empty value here are almost certainly wrong. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
LocalVolumeSource: Local represents directly-attached storage with node affinity
 path: path of the full path to the volume on the node. It can be either a directory or block device (disk, partition, ...).
 fsType: fsType is the filesystem type to mount. It applies only when the Path is a block device. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". The default value is to auto-select a filesystem if unspecified.
ModifyVolumeStatus: ModifyVolumeStatus represents the status object of ControllerModifyVolume operation
 targetVolumeAttributesClassName: targetVolumeAttributesClassName is the name of the VolumeAttributesClass the PVC currently being reconciled
 status: status is the status of the ControllerModifyVolume operation. It can be in any of following states: - Pending Pending indicates that the PersistentVolumeClaim cannot be modified due to unmet requirements, such as the specified VolumeAttributesClass not existing. - InProgress InProgress indicates that the volume is being modified.
NFSVolumeSource: Represents an NFS mount that lasts the lifetime of a pod. NFS volumes do not support ownership management or SELinux relabeling.
 server: server is the hostname or IP address of the NFS server. More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
 path: path that is exported by the NFS server. More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
 readOnly: readOnly here will force the NFS export to be mounted with read-only permissions. Defaults to false. More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
Namespace: Namespace provides a scope for Names. Use of multiple namespaces is optional.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the behavior of the Namespace. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Status describes the current status of a Namespace. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
NamespaceCondition: NamespaceCondition contains details about state of namespace.
 type: Type of namespace controller condition.
 status: Status of the condition, one of True, False, Unknown.
 lastTransitionTime: Last time the condition transitioned from one status to another.
 reason: Unique, one-word, CamelCase reason for the condition's last transition.
 message: Human-readable message indicating details about last transition.
NamespaceSpec: NamespaceSpec describes the attributes on a Namespace.
 finalizers: Finalizers is an opaque list of values that must be empty to permanently remove object from storage. More info: https://kubernetes.io/docs/tasks/administer-cluster/namespaces/
NamespaceStatus: NamespaceStatus is information about the current status of a Namespace.
 phase: Phase is the current lifecycle phase of the namespace. More info: https://kubernetes.io/docs/tasks/administer-cluster/namespaces/
 conditions: Represents the latest available observations of a namespace's current state.
Node: Node is a worker node in Kubernetes. Each node will have a unique identifier in the cache (i.e. in etcd).
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the behavior of a node. https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Most recently observed status of the node. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
NodeAddress: NodeAddress contains information for the node's address.
 type: Node address type, one of Hostname, ExternalIP or InternalIP.
 address: The node address.
NodeAffinity: Node affinity is a group of node affinity scheduling rules.
 requiredDuringSchedulingIgnoredDuringExecution: If the affinity requirements specified by this field are not met at scheduling time, the pod will not be scheduled onto the node. If the affinity requirements specified by this field cease to be met at some point during pod execution (e.g. due to an update), the system may or may not try to eventually evict the pod from its node.
 preferredDuringSchedulingIgnoredDuringExecution: The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by this field, but it may choose a node that violates one or more of the expressions.
NodeAllocatableResourceClaimStatus: NodeAllocatableResourceClaimStatus describes the status of node allocatable resources allocated via DRA.
 resourceClaimName: ResourceClaimName is the resource claim referenced by the pod that resulted in this node allocatable resource allocation.
 containers: Containers lists the names of all containers in this pod that reference the claim.
 resources: Resources is a map of the node-allocatable resource name to the aggregate quantity allocated to the claim.
NodeCondition: NodeCondition contains condition information for a node.
 type: Type of node condition.
 status: Status of the condition, one of True, False, Unknown.
 lastHeartbeatTime: Last time we got an update on a given condition.
 lastTransitionTime: Last time the condition transit from one status to another.
 reason: (brief) reason for the condition's last transition.
 message: Human readable message indicating details about last transition.
NodeConfigSource: NodeConfigSource specifies a source of node configuration. Exactly one subfield (excluding metadata) must be non-nil. This API is deprecated since 1.22
 configMap: ConfigMap is a reference to a Node's ConfigMap
NodeConfigStatus: NodeConfigStatus describes the status of the config assigned by Node.Spec.ConfigSource.
 assigned: Assigned reports the checkpointed config the node will try to use. When Node.Spec.ConfigSource is updated, the node checkpoints the associated config payload to local disk, along with a record indicating intended config. The node refers to this record to choose its config checkpoint, and reports this record in Assigned.
 active: Active reports the checkpointed config the node is actively using. Active will represent either the current version of the Assigned config, or the current LastKnownGood config, depending on whether attempting to use the Assigned config results in an error.
 lastKnownGood: LastKnownGood reports the checkpointed config the node will fall back to when it encounters an error attempting to use the Assigned config. The Assigned config becomes the LastKnownGood config when the node determines that the Assigned config is stable and correct.
 error: Error describes any problems reconciling the Spec.ConfigSource to the Active config. Errors may occur, for example, attempting to checkpoint Spec.ConfigSource to the local Assigned record, attempting to checkpoint the payload associated with Spec.ConfigSource, attempting to load or validate the Assigned config, etc.
NodeDaemonEndpoints: NodeDaemonEndpoints lists ports opened by daemons running on the Node.
 kubeletEndpoint: Endpoint on which Kubelet is listening.
NodeFeatures: NodeFeatures describes the set of features implemented by the CRI implementation. The features contained in the NodeFeatures should depend only on the cri implementation independent of runtime handlers.
 supplementalGroupsPolicy: SupplementalGroupsPolicy is set to true if the runtime supports SupplementalGroupsPolicy and ContainerUser.
NodeRuntimeHandler: NodeRuntimeHandler is a set of runtime handler information.
 name: Runtime handler name. Empty for the default runtime handler.
 features: Supported features.
NodeRuntimeHandlerFeatures: NodeRuntimeHandlerFeatures is a set of features implemented by the runtime handler.
 recursiveReadOnlyMounts: RecursiveReadOnlyMounts is set to true if the runtime handler supports RecursiveReadOnlyMounts.
 userNamespaces: UserNamespaces is set to true if the runtime handler supports UserNamespaces, including for volumes.
NodeSelector: A node selector represents the union of the results of one or more label queries over a set of nodes; that is, it represents the OR of the selectors represented by the node selector terms.
 nodeSelectorTerms: Required. A list of node selector terms. The terms are ORed.
NodeSelectorRequirement: A node selector requirement is a selector that contains values, a key, and an operator that relates the key and values.
 key: The label key that the selector applies to.
 operator: Represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists, DoesNotExist. Gt, and Lt.
 values: An array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. If the operator is Gt or Lt, the values array must have a single element, which will be interpreted as an integer. This array is replaced during a strategic merge patch.
NodeSelectorTerm: A null or empty node selector term matches no objects. The requirements of them are ANDed. The TopologySelectorTerm type implements a subset of the NodeSelectorTerm.
 matchExpressions: A list of node selector requirements by node's labels.
 matchFields: A list of node selector requirements by node's fields.
NodeSpec: NodeSpec describes the attributes that a node is created with.
 podCIDR: PodCIDR represents the pod IP range assigned to the node.
 externalID: Deprecated. Not all kubelets will set this field. Remove field after 1.13. see: https://issues.k8s.io/61966
 providerID: ID of the node assigned by the cloud provider in the format: <ProviderName>://<ProviderSpecificNodeID>
 unschedulable: Unschedulable controls node schedulability of new pods. By default, node is schedulable. More info: https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration
 taints: If specified, the node's taints.
 configSource: Deprecated: Previously used to specify the source of the node's configuration for the DynamicKubeletConfig feature. This feature is removed.
 podCIDRs: podCIDRs represents the IP ranges assigned to the node for usage by Pods on that node. If this field is specified, the 0th entry must match the podCIDR field. It may contain at most 1 value for each of IPv4 and IPv6.
NodeStatus: NodeStatus is information about the current status of a node.
 capacity: Capacity represents the total resources of a node. More info: https://kubernetes.io/docs/reference/node/node-status/#capacity
 allocatable: Allocatable represents the resources of a node that are available for scheduling. Defaults to Capacity.
 phase: NodePhase is the recently observed lifecycle phase of the node. More info: https://kubernetes.io/docs/concepts/nodes/node/#phase The field is never populated, and now is deprecated.
 conditions: Conditions is an array of current observed node conditions. More info: https://kubernetes.io/docs/reference/node/node-status/#condition
 addresses: List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged.
 daemonEndpoints: Endpoints of daemons running on the Node.
 nodeInfo: Set of ids/uuids to uniquely identify the node. More info: https://kubernetes.io/docs/reference/node/node-status/#info
 images: List of container images on this node
 volumesInUse: List of attachable volumes in use (mounted) by the node.
 volumesAttached: List of volumes that are attached to the node.
 config: Status of the config assigned to the node via the dynamic Kubelet config feature.
 runtimeHandlers: The available runtime handlers.
 features: Features describes the set of features implemented by the CRI implementation.
 declaredFeatures: DeclaredFeatures represents the features related to feature gates that are declared by the node.
NodeSwapStatus: NodeSwapStatus represents swap memory information.
 capacity: Total amount of swap memory in bytes.
NodeSystemInfo: NodeSystemInfo is a set of ids/uuids to uniquely identify the node.
 machineID: MachineID reported by the node. For unique machine identification in the cluster this field is preferred. Learn more from man(5) machine-id: http://man7.org/linux/man-pages/man5/machine-id.5.html
 systemUUID: SystemUUID reported by the node. For unique machine identification MachineID is preferred. This field is specific to Red Hat hosts https://access.redhat.com/documentation/en-us/red_hat_subscription_management/1/html/rhsm/uuid
 bootID: Boot ID reported by the node.
 kernelVersion: Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).
 osImage: OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).
 containerRuntimeVersion: ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).
 kubeletVersion: Kubelet Version reported by the node.
 kubeProxyVersion: Deprecated: KubeProxy Version reported by the node.
 operatingSystem: The Operating System reported by the node
 architecture: The Architecture reported by the node
 swap: Swap Info reported by the node.
ObjectFieldSelector: ObjectFieldSelector selects an APIVersioned field of an object.
 apiVersion: Version of the schema the FieldPath is written in terms of, defaults to "v1".
 fieldPath: Path of the field to select in the specified API version.
ObjectReference: ObjectReference contains enough information to let you inspect or modify the referred object. New uses of this type are discouraged because of difficulty describing its usage when embedded in APIs. 1. Ignored fields. It includes many fields which are not generally honored.
 kind: Kind of the referent. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds
 namespace: Namespace of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
 name: Name of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
 uid: UID of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids
 apiVersion: API version of the referent.
 resourceVersion: Specific resourceVersion to which this reference is made, if any. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency
 fieldPath: If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2].
PersistentVolume: PersistentVolume (PV) is a storage resource provisioned by an administrator. It is analogous to a node. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec defines a specification of a persistent volume owned by the cluster. Provisioned by an administrator. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistent-volumes
 status: status represents the current information/status for the persistent volume. Populated by the system. Read-only. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistent-volumes
PersistentVolumeClaim: PersistentVolumeClaim is a user's request for and claim to a persistent volume
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: spec defines the desired characteristics of a volume requested by a pod author. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
 status: status represents the current information/status of a persistent volume claim. Read-only. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
PersistentVolumeClaimCondition: PersistentVolumeClaimCondition contains details about state of pvc
 type: Type is the type of the condition. More info: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#:~:text=set%20to%20%27ResizeStarted%27.-,PersistentVolumeClaimCondition,-contains%20details%20about
 status: Status is the status of the condition. Can be True, False, Unknown. More info: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#:~:text=state%20of%20pvc-,conditions.status,-(string)%2C%20required
 lastProbeTime: lastProbeTime is the time we probed the condition.
 lastTransitionTime: lastTransitionTime is the time the condition transitioned from one status to another.
 reason: reason is a unique, this should be a short, machine understandable string that gives the reason for condition's last transition. If it reports "Resizing" that means the underlying persistent volume is being resized.
 message: message is the human-readable message indicating details about last transition.
PersistentVolumeClaimSpec: PersistentVolumeClaimSpec describes the common attributes of storage devices and allows a Source for provider-specific attributes
 accessModes: accessModes contains the desired access modes the volume should have. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1
 resources: resources represents the minimum resources the volume should have. Users are allowed to specify resource requirements that are lower than previous value but must still be higher than capacity recorded in the status field of the claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#resources
 volumeName: volumeName is the binding reference to the PersistentVolume backing this claim.
 selector: selector is a label query over volumes to consider for binding.
 storageClassName: storageClassName is the name of the StorageClass required by the claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#class-1
 volumeMode: volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.
 dataSource: dataSource field can be used to specify either: * An existing VolumeSnapshot object (snapshot.storage.k8s.io/VolumeSnapshot) * An existing PVC (PersistentVolumeClaim) If the provisioner or an external controller can support the specified data source, it will create a new volume based on the contents of the specified data source.
 dataSourceRef: dataSourceRef specifies the object from which to populate the volume with data, if a non-empty volume is desired. This may be any object from a non-empty API group (non core object) or a PersistentVolumeClaim object.
 volumeAttributesClassName: volumeAttributesClassName may be used to set the VolumeAttributesClass used by this claim. If specified, the CSI driver will create or update the volume with the attributes defined in the corresponding VolumeAttributesClass. This has a different purpose than storageClassName, it can be changed after the claim is created.
PersistentVolumeClaimStatus: PersistentVolumeClaimStatus is the current status of a persistent volume claim.
 phase: phase represents the current phase of PersistentVolumeClaim.
 accessModes: accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1
 capacity: capacity represents the actual resources of the underlying volume.
 conditions: conditions is the current Condition of persistent volume claim. If underlying persistent volume is being resized then the Condition will be set to 'Resizing'.
 allocatedResources: allocatedResources tracks the resources allocated to a PVC including its capacity. Key names follow standard Kubernetes label syntax. Valid values are either: * Un-prefixed keys: - storage - the capacity of the volume.
 allocatedResourceStatuses: allocatedResourceStatuses stores status of resource being resized for the given PVC. Key names follow standard Kubernetes label syntax. Valid values are either: * Un-prefixed keys: - storage - the capacity of the volume.
 currentVolumeAttributesClassName: currentVolumeAttributesClassName is the current name of the VolumeAttributesClass the PVC is using. When unset, there is no VolumeAttributeClass applied to this PersistentVolumeClaim
 modifyVolumeStatus: ModifyVolumeStatus represents the status object of ControllerModifyVolume operation. When this is unset, there is no ModifyVolume operation being attempted.
PersistentVolumeClaimTemplate: PersistentVolumeClaimTemplate is used to produce PersistentVolumeClaim objects as part of an EphemeralVolumeSource.
 metadata: May contain labels and annotations that will be copied into the PVC when creating it. No other fields are allowed and will be rejected during validation.
 spec: The specification for the PersistentVolumeClaim. The entire content is copied unchanged into the PVC that gets created from this template. The same fields as in a PersistentVolumeClaim are also valid here.
PersistentVolumeClaimVolumeSource: PersistentVolumeClaimVolumeSource references the user's PVC in the same namespace. This volume finds the bound PV and mounts that volume for the pod. A PersistentVolumeClaimVolumeSource is, essentially, a wrapper around another type of volume that is owned by someone else (the system).
 claimName: claimName is the name of a PersistentVolumeClaim in the same namespace as the pod using this volume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
 readOnly: readOnly Will force the ReadOnly setting in VolumeMounts. Default false.
PersistentVolumeSource: PersistentVolumeSource is similar to VolumeSource but meant for the administrator who creates PVs. Exactly one of its members must be set.
 gcePersistentDisk: gcePersistentDisk represents a GCE Disk resource that is attached to a kubelet's host machine and then exposed to the pod. Provisioned by an admin. Deprecated: GCEPersistentDisk is deprecated. All operations for the in-tree gcePersistentDisk type are redirected to the pd.csi.storage.gke.io CSI driver.
 awsElasticBlockStore: awsElasticBlockStore represents an AWS Disk resource that is attached to a kubelet's host machine and then exposed to the pod. Deprecated: AWSElasticBlockStore is deprecated. All operations for the in-tree awsElasticBlockStore type are redirected to the ebs.csi.aws.com CSI driver.
 hostPath: hostPath represents a directory on the host. Provisioned by a developer or tester. This is useful for single-node development and testing only! On-host storage is not supported in any way and WILL NOT WORK in a multi-node cluster. More info: https://kubernetes.io/docs/concepts/storage/volumes#hostpath
 glusterfs: glusterfs represents a Glusterfs volume that is attached to a host and exposed to the pod. Provisioned by an admin. Deprecated: Glusterfs is deprecated and the in-tree glusterfs type is no longer supported. More info: https://examples.k8s.io/volumes/glusterfs/README.md
 nfs: nfs represents an NFS mount on the host. Provisioned by an admin. More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
 rbd: rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated: RBD is deprecated and the in-tree rbd type is no longer supported. More info: https://examples.k8s.io/volumes/rbd/README.md
 iscsi: iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod. Provisioned by an admin.
 cinder: cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated: Cinder is deprecated. All operations for the in-tree cinder type are redirected to the cinder.csi.openstack.org CSI driver. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 cephfs: cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated: CephFS is deprecated and the in-tree cephfs type is no longer supported.
 fc: fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to the pod.
 flocker: flocker represents a Flocker volume attached to a kubelet's host machine and exposed to the pod for its usage. This depends on the Flocker control service being running. Deprecated: Flocker is deprecated and the in-tree flocker type is no longer supported.
 flexVolume: flexVolume represents a generic volume resource that is provisioned/attached using an exec based plugin. Deprecated: FlexVolume is deprecated. Consider using a CSIDriver instead.
 azureFile: azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated: AzureFile is deprecated. All operations for the in-tree azureFile type are redirected to the file.csi.azure.com CSI driver.
 vsphereVolume: vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated: VsphereVolume is deprecated. All operations for the in-tree vsphereVolume type are redirected to the csi.vsphere.vmware.com CSI driver.
 quobyte: quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated: Quobyte is deprecated and the in-tree quobyte type is no longer supported.
 azureDisk: azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated: AzureDisk is deprecated. All operations for the in-tree azureDisk type are redirected to the disk.csi.azure.com CSI driver.
 photonPersistentDisk: photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets host machine. Deprecated: PhotonPersistentDisk is deprecated and the in-tree photonPersistentDisk type is no longer supported.
 portworxVolume: portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated: PortworxVolume is deprecated. All operations for the in-tree portworxVolume type are redirected to the pxd.portworx.com CSI driver.
 scaleIO: scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated: ScaleIO is deprecated and the in-tree scaleIO type is no longer supported.
 local: local represents directly-attached storage with node affinity
 storageos: storageOS represents a StorageOS volume that is attached to the kubelet's host machine and mounted into the pod. Deprecated: StorageOS is deprecated and the in-tree storageos type is no longer supported. More info: https://examples.k8s.io/volumes/storageos/README.md
 csi: csi represents storage that is handled by an external CSI driver.
PersistentVolumeSpec: PersistentVolumeSpec is the specification of a persistent volume.
 capacity: capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity
 accessModes: accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes
 claimRef: claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding
 persistentVolumeReclaimPolicy: persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated).
 storageClassName: storageClassName is the name of StorageClass to which this persistent volume belongs. Empty value means that this volume does not belong to any StorageClass.
 mountOptions: mountOptions is the list of mount options, e.g. ["ro", "soft"]. Not validated - mount will simply fail if one is invalid. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#mount-options
 volumeMode: volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.
 nodeAffinity: nodeAffinity defines constraints that limit what nodes this volume can be accessed from. This field influences the scheduling of pods that use this volume. This field is mutable if MutablePVNodeAffinity feature gate is enabled.
 volumeAttributesClassName: Name of VolumeAttributesClass to which this persistent volume belongs. Empty value is not allowed. When this field is not set, it indicates that this volume does not belong to any VolumeAttributesClass. This field is mutable and can be changed by the CSI driver after a volume has been updated successfully to a new class.
PersistentVolumeStatus: PersistentVolumeStatus is the current status of a persistent volume.
 phase: phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase
 message: message is a human-readable message indicating details about why the volume is in this state.
 reason: reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.
 lastPhaseTransitionTime: lastPhaseTransitionTime is the time the phase transitioned from one to another and automatically resets to current time everytime a volume phase transitions.
PhotonPersistentDiskVolumeSource: Represents a Photon Controller persistent disk resource.
 pdID: pdID is the ID that identifies Photon Controller persistent disk
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
Pod: Pod is a collection of containers that can run on a host. This resource is created by clients and scheduled onto hosts.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of the pod. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Most recently observed status of the pod. This data may not be up to date. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
PodAffinity: Pod affinity is a group of inter pod affinity scheduling rules.
 requiredDuringSchedulingIgnoredDuringExecution: If the affinity requirements specified by this field are not met at scheduling time, the pod will not be scheduled onto the node. If the affinity requirements specified by this field cease to be met at some point during pod execution (e.g. due to a pod label update), the system may or may not try to eventually evict the pod from its node.
 preferredDuringSchedulingIgnoredDuringExecution: The scheduler will prefer to schedule pods to nodes that satisfy the affinity expressions specified by this field, but it may choose a node that violates one or more of the expressions.
PodAffinityTerm: Defines a set of pods (namely those matching the labelSelector relative to the given namespace(s)) that this pod should be co-located (affinity) or not co-located (anti-affinity) with, where co-located is defined as running on a node whose value of the label with key <topologyKey> matches that of any node on which a pod of the set of pods is running
 labelSelector: A label query over a set of resources, in this case pods. If it's null, this PodAffinityTerm matches with no Pods.
 namespaces: namespaces specifies a static list of namespace names that the term applies to. The term is applied to the union of the namespaces listed in this field and the ones selected by namespaceSelector. null or empty namespaces list and null namespaceSelector means "this pod's namespace".
 topologyKey: This pod should be co-located (affinity) or not co-located (anti-affinity) with the pods matching the labelSelector in the specified namespaces, where co-located is defined as running on a node whose value of the label with key topologyKey matches that of any node on which any of the selected pods is running.
 namespaceSelector: A label query over the set of namespaces that the term applies to. The term is applied to the union of the namespaces selected by this field and the ones listed in the namespaces field. null selector and null or empty namespaces list means "this pod's namespace". An empty selector ({}) matches all namespaces.
 matchLabelKeys: MatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration.
 mismatchLabelKeys: MismatchLabelKeys is a set of pod label keys to select which pods will be taken into consideration.
PodAntiAffinity: Pod anti affinity is a group of inter pod anti affinity scheduling rules.
 requiredDuringSchedulingIgnoredDuringExecution: If the anti-affinity requirements specified by this field are not met at scheduling time, the pod will not be scheduled onto the node.
 preferredDuringSchedulingIgnoredDuringExecution: The scheduler will prefer to schedule pods to nodes that satisfy the anti-affinity expressions specified by this field, but it may choose a node that violates one or more of the expressions.
PodCertificateProjection: PodCertificateProjection provides a private key and X.509 certificate in the pod filesystem.
 signerName: Kubelet's generated CSRs will be addressed to this signer.
 keyType: The type of keypair Kubelet will generate for the pod.
 maxExpirationSeconds: maxExpirationSeconds is the maximum lifetime permitted for the certificate.
 credentialBundlePath: Write the credential bundle at this path in the projected volume.
 keyPath: Write the key at this path in the projected volume.
 certificateChainPath: Write the certificate chain at this path in the projected volume.
 userAnnotations: userAnnotations allow pod authors to pass additional information to the signer implementation. Kubernetes does not restrict or validate this metadata in any way.
PodCondition: PodCondition contains details for the current condition of this pod.
 type: Type is the type of the condition. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
 status: Status is the status of the condition. Can be True, False, Unknown. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
 lastProbeTime: Last time we probed the condition.
 lastTransitionTime: Last time the condition transitioned from one status to another.
 reason: Unique, one-word, CamelCase reason for the condition's last transition.
 message: Human-readable message indicating details about last transition.
 observedGeneration: If set, this represents the .metadata.generation that the pod condition was set based upon.
PodDNSConfig: PodDNSConfig defines the DNS parameters of a pod in addition to those generated from DNSPolicy.
 nameservers: A list of DNS name server IP addresses. This will be appended to the base nameservers generated from DNSPolicy. Duplicated nameservers will be removed.
 searches: A list of DNS search domains for host-name lookup. This will be appended to the base search paths generated from DNSPolicy. Duplicated search paths will be removed.
 options: A list of DNS resolver options. This will be merged with the base options generated from DNSPolicy. Duplicated entries will be removed. Resolution options given in Options will override those that appear in the base DNSPolicy.
PodDNSConfigOption: PodDNSConfigOption defines DNS resolver options of a pod.
 name: Name is this DNS resolver option's name. Required.
 value: Value is this DNS resolver option's value.
PodExtendedResourceClaimStatus: PodExtendedResourceClaimStatus is stored in the PodStatus for the extended resource requests backed by DRA. It stores the generated name for the corresponding special ResourceClaim created by the scheduler.
 requestMappings: RequestMappings identifies the mapping of <container, extended resource backed by DRA> to device request in the generated ResourceClaim.
 resourceClaimName: ResourceClaimName is the name of the ResourceClaim that was generated for the Pod in the namespace of the Pod.
PodIP: PodIP represents a single IP address allocated to the pod.
 ip: IP is the IP address assigned to the pod
PodOS: PodOS defines the OS parameters of a pod.
 name: Name is the name of the operating system. The currently supported values are linux and windows.
PodReadinessGate: PodReadinessGate contains the reference to a pod condition
 conditionType: ConditionType refers to a condition in the pod's condition list with matching type.
PodResourceClaim: PodResourceClaim references exactly one ResourceClaim, either directly or by naming a ResourceClaimTemplate which is then turned into a ResourceClaim for the pod.
 name: Name uniquely identifies this resource claim inside the pod. This must be a DNS_LABEL.
 resourceClaimName: ResourceClaimName is the name of a ResourceClaim object in the same namespace as this pod.
 resourceClaimTemplateName: ResourceClaimTemplateName is the name of a ResourceClaimTemplate object in the same namespace as this pod.
PodResourceClaimStatus: PodResourceClaimStatus is stored in the PodStatus for each PodResourceClaim which references a ResourceClaimTemplate. It stores the generated name for the corresponding ResourceClaim.
 name: Name uniquely identifies this resource claim inside the pod. This must match the name of an entry in pod.spec.resourceClaims, which implies that the string must be a DNS_LABEL.
 resourceClaimName: ResourceClaimName is the name of the ResourceClaim that was generated for the Pod in the namespace of the Pod.
PodSchedulingGate: PodSchedulingGate is associated to a Pod to guard its scheduling.
 name: Name of the scheduling gate. Each scheduling gate must have a unique name field.
PodSchedulingGroup: PodSchedulingGroup identifies the runtime scheduling group instance that a Pod belongs to. The scheduler uses this information to apply workload-aware scheduling semantics. Exactly one field must be specified.
 podGroupName: PodGroupName specifies the name of the standalone PodGroup object that represents the runtime instance of this group. Must be a DNS subdomain.
PodSecurityContext: PodSecurityContext holds pod-level security attributes and common container settings. Some fields are also present in container.securityContext. Field values of container.securityContext take precedence over field values of PodSecurityContext.
 seLinuxOptions: The SELinux context to be applied to all containers. If unspecified, the container runtime will allocate a random SELinux context for each container. May also be set in SecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence for that container.
 runAsUser: The UID to run the entrypoint of the container process. Defaults to user specified in image metadata if unspecified. May also be set in SecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence for that container.
 runAsNonRoot: Indicates that the container must run as a non-root user. If true, the Kubelet will validate the image at runtime to ensure that it does not run as UID 0 (root) and fail to start the container if it does. If unset or false, no such validation will be performed. May also be set in SecurityContext.
 supplementalGroups: A list of groups applied to the first process run in each container, in addition to the container's primary GID and fsGroup (if specified). If the SupplementalGroupsPolicy feature is enabled, the supplementalGroupsPolicy field determines whether these are in addition to or instead of any group memberships defined in the container image.
 fsGroup: A special supplemental group that applies to all containers in a pod. Some volume types allow the Kubelet to change the ownership of that volume to be owned by the pod:
 runAsGroup: The GID to run the entrypoint of the container process. Uses runtime default if unset. May also be set in SecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence for that container. Note that this field cannot be set when spec.os.name is windows.
 sysctls: Sysctls hold a list of namespaced sysctls used for the pod. Pods with unsupported sysctls (by the container runtime) might fail to launch. Note that this field cannot be set when spec.os.name is windows.
 windowsOptions: The Windows specific settings applied to all containers. If unspecified, the options within a container's SecurityContext will be used. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is linux.
 fsGroupChangePolicy: fsGroupChangePolicy defines behavior of changing ownership and permission of the volume before being exposed inside Pod. This field will only apply to volume types which support fsGroup based ownership(and permissions). It will have no effect on ephemeral volume types such as: secret, configmaps and emptydir.
 seccompProfile: The seccomp options to use by the containers in this pod. Note that this field cannot be set when spec.os.name is windows.
 appArmorProfile: appArmorProfile is the AppArmor options to use by the containers in this pod. Note that this field cannot be set when spec.os.name is windows.
 supplementalGroupsPolicy: Defines how supplemental groups of the first container processes are calculated. Valid values are "Merge" and "Strict". If not specified, "Merge" is used. (Alpha) Using the field requires the SupplementalGroupsPolicy feature gate to be enabled and the container runtime must implement support for this feature.
 seLinuxChangePolicy: seLinuxChangePolicy defines how the container's SELinux label is applied to all volumes used by the Pod. It has no effect on nodes that do not support SELinux or to volumes does not support SELinux. Valid values are "MountOption" and "Recursive".
PodSpec: PodSpec is a description of a pod.
 volumes: List of volumes that can be mounted by containers belonging to the pod. More info: https://kubernetes.io/docs/concepts/storage/volumes
 containers: List of containers belonging to the pod. Containers cannot currently be added or removed. There must be at least one container in a Pod. Cannot be updated.
 restartPolicy: Restart policy for all containers within the pod. One of Always, OnFailure, Never. In some contexts, only a subset of those values may be permitted. Default to Always. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 terminationGracePeriodSeconds: Optional duration in seconds the pod needs to terminate gracefully. May be decreased in delete request. Value must be non-negative integer. The value zero indicates stop immediately via the kill signal (no opportunity to shut down). If this value is nil, the default grace period will be used instead.
 activeDeadlineSeconds: Optional duration in seconds the pod may be active on the node relative to StartTime before the system will actively try to mark it failed and kill associated containers. Value must be a positive integer.
 dnsPolicy: Set DNS policy for the pod. Defaults to "ClusterFirst". Valid values are 'ClusterFirstWithHostNet', 'ClusterFirst', 'Default' or 'None'. DNS parameters given in DNSConfig will be merged with the policy selected with DNSPolicy.
 nodeSelector: NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/
 serviceAccountName: ServiceAccountName is the name of the ServiceAccount to use to run this pod. More info: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
 serviceAccount: DeprecatedServiceAccount is a deprecated alias for ServiceAccountName. Deprecated: Use serviceAccountName instead.
 nodeName: NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod.
 hostNetwork: Host networking requested for this pod. Use the host's network namespace. When using HostNetwork you should specify ports so the scheduler is aware.
 hostPID: Use the host's pid namespace. Optional: Default to false.
 hostIPC: Use the host's ipc namespace. Optional: Default to false.
 securityContext: SecurityContext holds pod-level security attributes and common container settings. Optional: Defaults to empty. See type description for default values of each field.
 imagePullSecrets: ImagePullSecrets is an optional list of references to secrets in the same namespace to use for pulling any of the images used by this PodSpec. If specified, these secrets will be passed to individual puller implementations for them to use. More info: https://kubernetes.io/docs/concepts/containers/images#specifying-imagepullsecrets-on-a-pod
 hostname: Specifies the hostname of the Pod If not specified, the pod's hostname will be set to a system-defined value.
 subdomain: If specified, the fully qualified Pod hostname will be "<hostname>.<subdomain>.<pod namespace>.svc.<cluster domain>". If not specified, the pod will not have a domainname at all.
 affinity: If specified, the pod's scheduling constraints
 schedulerName: If specified, the pod will be dispatched by specified scheduler. If not specified, the pod will be dispatched by default scheduler.
 initContainers: List of initialization containers belonging to the pod. Init containers are executed in order prior to containers being started. If any init container fails, the pod is considered to have failed and is handled according to its restartPolicy. The name for an init container or normal container must be unique among all containers.
 automountServiceAccountToken: AutomountServiceAccountToken indicates whether a service account token should be automatically mounted.
 tolerations: If specified, the pod's tolerations.
 hostAliases: HostAliases is an optional list of hosts and IPs that will be injected into the pod's hosts file if specified.
 priorityClassName: If specified, indicates the pod's priority. "system-node-critical" and "system-cluster-critical" are two special keywords which indicate the highest priorities with the former being the highest priority. Any other name must be defined by creating a PriorityClass object with that name.
 priority: The priority value. Various system components use this field to find the priority of the pod. When Priority Admission Controller is enabled, it prevents users from setting this field. The admission controller populates this field from PriorityClassName. The higher the value, the higher the priority.
 dnsConfig: Specifies the DNS parameters of a pod. Parameters specified here will be merged to the generated DNS configuration based on DNSPolicy.
 shareProcessNamespace: Share a single process namespace between all of the containers in a pod. When this is set containers will be able to view and signal processes from other containers in the same pod, and the first process in each container will not be assigned PID 1. HostPID and ShareProcessNamespace cannot both be set. Optional: Default to false.
 readinessGates: If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates
 runtimeClassName: RuntimeClassName refers to a RuntimeClass object in the node.k8s.io group, which should be used to run this pod. If no RuntimeClass resource matches the named class, the pod will not be run. If unset or empty, the "legacy" RuntimeClass will be used, which is an implicit class with an empty definition that uses the default runtime handler.
 enableServiceLinks: EnableServiceLinks indicates whether information about services should be injected into pod's environment variables, matching the syntax of Docker links. Optional: Defaults to true.
 preemptionPolicy: PreemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.
 overhead: Overhead represents the resource overhead associated with running a pod for a given RuntimeClass. This field will be autopopulated at admission time by the RuntimeClass admission controller. If the RuntimeClass admission controller is enabled, overhead must not be set in Pod create requests.
 topologySpreadConstraints: TopologySpreadConstraints describes how a group of pods ought to spread across topology domains. Scheduler will schedule pods in a way which abides by the constraints. All topologySpreadConstraints are ANDed.
 ephemeralContainers: List of ephemeral containers run in this pod. Ephemeral containers may be run in an existing pod to perform user-initiated actions such as debugging. This list cannot be specified when creating a pod, and it cannot be modified by updating the pod spec.
 setHostnameAsFQDN: If true the pod's hostname will be configured as the pod's FQDN, rather than the leaf name (the default). In Linux containers, this means setting the FQDN in the hostname field of the kernel (the nodename field of struct utsname).
 os: Specifies the OS of the containers in the pod. Some pod and container fields are restricted if this is set.
 hostUsers: Use the host's user namespace. Optional: Default to true. If set to true or not present, the pod will be run in the host user namespace, useful for when the pod needs a feature only available to the host user namespace, such as loading a kernel module with CAP_SYS_MODULE. When set to false, a new userns is created for the pod.
 schedulingGates: SchedulingGates is an opaque list of values that if specified will block scheduling the pod. If schedulingGates is not empty, the pod will stay in the SchedulingGated state and the scheduler will not attempt to schedule the pod.
 resourceClaims: ResourceClaims defines which ResourceClaims must be allocated and reserved before the Pod is allowed to start. The resources will be made available to those containers which consume them by name.
 resources: Resources is the total amount of CPU and Memory resources required by all containers in the pod. It supports specifying Requests and Limits for "cpu", "memory" and "hugepages-" resource names only. ResourceClaims are not supported.
 hostnameOverride: HostnameOverride specifies an explicit override for the pod's hostname as perceived by the pod. This field only specifies the pod's hostname and does not affect its DNS records. When this field is set to a non-empty string: - It takes precedence over the values set in `hostname` and `subdomain`.
 schedulingGroup: SchedulingGroup provides a reference to the immediate scheduling runtime grouping object that this Pod belongs to. This field is used by the scheduler to identify the group and apply the correct group scheduling policies.
PodStatus: PodStatus represents information about the status of a pod. Status may trail the actual state of a system, especially if the node that hosts the pod cannot contact the control plane.
 phase: The phase of a Pod is a simple, high-level summary of where the Pod is in its lifecycle. The conditions array, the reason and message fields, and the individual container status arrays contain more detail about the pod's status. There are five possible phase values:
 conditions: Current service state of pod. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-conditions
 message: A human readable message indicating details about why the pod is in this condition.
 reason: A brief CamelCase message indicating details about why the pod is in this state. e.g. 'Evicted'
 hostIP: hostIP holds the IP address of the host to which the pod is assigned. Empty if the pod has not started yet. A pod can be assigned to a node that has a problem in kubelet which in turns mean that HostIP will not be updated even if there is a node is assigned to pod
 podIP: podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.
 startTime: RFC 3339 date and time at which the object was acknowledged by the Kubelet. This is before the Kubelet pulled the container image(s) for the pod.
 containerStatuses: Statuses of containers in this pod. Each container in the pod should have at most one status in this list, and all statuses should be for containers in the pod. However this is not enforced.
 qosClass: The Quality of Service (QOS) classification assigned to the pod based on resource requirements See PodQOSClass type for available QOS classes More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/#quality-of-service-classes
 initContainerStatuses: Statuses of init containers in this pod. The most recent successful non-restartable init container will have ready = true, the most recently started container will have startTime set. Each init container in the pod should have at most one status in this list, and all statuses should be for containers in the pod.
 nominatedNodeName: nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node.
 podIPs: podIPs holds the IP addresses allocated to the pod. If this field is specified, the 0th entry must match the podIP field. Pods may be allocated at most 1 value for each of IPv4 and IPv6. This list is empty if no IPs have been allocated yet.
 ephemeralContainerStatuses: Statuses for any ephemeral containers that have run in this pod. Each ephemeral container in the pod should have at most one status in this list, and all statuses should be for containers in the pod. However this is not enforced.
 resize: Status of resources resize desired for pod's containers. It is empty if no resources resize is pending. Any changes to container resources will automatically set this to "Proposed" Deprecated: Resize status is moved to two pod conditions PodResizePending and PodResizeInProgress.
 resourceClaimStatuses: Status of resource claims.
 hostIPs: hostIPs holds the IP addresses allocated to the host. If this field is specified, the first entry must match the hostIP field. This list is empty if the pod has not started yet.
 observedGeneration: If set, this represents the .metadata.generation that the pod status was set based upon. The PodObservedGenerationTracking feature gate must be enabled to use this field.
 extendedResourceClaimStatus: Status of extended resource claim backed by DRA.
 allocatedResources: AllocatedResources is the total requests allocated for this pod by the node. If pod-level requests are not set, this will be the total requests aggregated across containers in the pod.
 resources: Resources represents the compute resource requests and limits that have been applied at the pod level if pod-level requests or limits are set in PodSpec.Resources
 nodeAllocatableResourceClaimStatuses: NodeAllocatableResourceClaimStatuses contains the status of node-allocatable resources that were allocated for this pod through DRA claims.
PodTemplate: PodTemplate describes a template for creating copies of a predefined pod.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 template: Template defines the pods that will be created from this pod template. https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
PodTemplateSpec: PodTemplateSpec describes the data a pod should have when created from a template
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Specification of the desired behavior of the pod. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
PortStatus: PortStatus represents the error condition of a service port
 port: Port is the port number of the service port of which status is recorded here
 protocol: Protocol is the protocol of the service port of which status is recorded here The supported values are: "TCP", "UDP", "SCTP"
 error: Error is to record the problem with the service port The format of the error shall comply with the following rules: - built-in error values shall be specified in this file and those shall use CamelCase names - cloud provider specific error values must have names that comply with the format foo.example.com/CamelCase.
PortworxVolumeSource: PortworxVolumeSource represents a Portworx volume resource.
 volumeID: volumeID uniquely identifies a Portworx volume
 fsType: fSType represents the filesystem type to mount Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
PreferredSchedulingTerm: An empty preferred scheduling term matches all objects with implicit weight 0 (i.e. it's a no-op). A null preferred scheduling term matches no objects (i.e. is also a no-op).
 weight: Weight associated with matching the corresponding nodeSelectorTerm, in the range 1-100.
 preference: A node selector term, associated with the corresponding weight.
Probe: Probe describes a health check to be performed against a container to determine whether it is alive or ready to receive traffic.
 initialDelaySeconds: Number of seconds after the container has started before liveness probes are initiated. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
 timeoutSeconds: Number of seconds after which the probe times out. Defaults to 1 second. Minimum value is 1. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes
 periodSeconds: How often (in seconds) to perform the probe. Default to 10 seconds. Minimum value is 1.
 successThreshold: Minimum consecutive successes for the probe to be considered successful after having failed. Defaults to 1. Must be 1 for liveness and startup. Minimum value is 1.
 failureThreshold: Minimum consecutive failures for the probe to be considered failed after having succeeded. Defaults to 3. Minimum value is 1.
 terminationGracePeriodSeconds: Optional duration in seconds the pod needs to terminate gracefully upon probe failure. The grace period is the duration in seconds after the processes running in the pod are sent a termination signal and the time when the processes are forcibly halted with a kill signal.
ProbeHandler: ProbeHandler defines a specific action that should be taken in a probe. One and only one of the fields must be specified.
 exec: Exec specifies a command to execute in the container.
 httpGet: HTTPGet specifies an HTTP GET request to perform.
 tcpSocket: TCPSocket specifies a connection to a TCP port.
 grpc: GRPC specifies a GRPC HealthCheckRequest.
ProjectedVolumeSource: Represents a projected volume source
 sources: sources is the list of volume projections. Each entry in this list handles one source.
 defaultMode: defaultMode are the mode bits used to set permissions on created files by default. Must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. Directories within the path are not affected by this setting.
QuobyteVolumeSource: Represents a Quobyte mount that lasts the lifetime of a pod. Quobyte volumes do not support ownership management or SELinux relabeling.
 registry: registry represents a single or multiple Quobyte Registry services specified as a string as host:port pair (multiple entries are separated with commas) which acts as the central registry for volumes
 volume: volume is a string that references an already created Quobyte volume by name.
 readOnly: readOnly here will force the Quobyte volume to be mounted with read-only permissions. Defaults to false.
 user: user to map volume access to Defaults to serivceaccount user
 group: group to map volume access to Default is no group
 tenant: tenant owning the given Quobyte volume in the Backend Used with dynamically provisioned Quobyte volumes, value is set by the plugin
RBDPersistentVolumeSource: Represents a Rados Block Device mount that lasts the lifetime of a pod. RBD volumes support ownership management and SELinux relabeling.
 monitors: monitors is a collection of Ceph monitors. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 image: image is the rados image name. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 fsType: fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 pool: pool is the rados pool name. Default is rbd. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 user: user is the rados user name. Default is admin. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 keyring: keyring is the path to key ring for RBDUser. Default is /etc/ceph/keyring. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 secretRef: secretRef is name of the authentication secret for RBDUser. If provided overrides keyring. Default is nil. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 readOnly: readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
RBDVolumeSource: Represents a Rados Block Device mount that lasts the lifetime of a pod. RBD volumes support ownership management and SELinux relabeling.
 monitors: monitors is a collection of Ceph monitors. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 image: image is the rados image name. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 fsType: fsType is the filesystem type of the volume that you want to mount. Tip: Ensure that the filesystem type is supported by the host operating system. Examples: "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 pool: pool is the rados pool name. Default is rbd. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 user: user is the rados user name. Default is admin. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 keyring: keyring is the path to key ring for RBDUser. Default is /etc/ceph/keyring. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 secretRef: secretRef is name of the authentication secret for RBDUser. If provided overrides keyring. Default is nil. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
 readOnly: readOnly here will force the ReadOnly setting in VolumeMounts. Defaults to false. More info: https://examples.k8s.io/volumes/rbd/README.md#how-to-use-it
ReplicationController: ReplicationController represents the configuration of a replication controller.
 metadata: If the Labels of a ReplicationController are empty, they are defaulted to be the same as the Pod(s) that the replication controller manages. Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the specification of the desired behavior of the replication controller. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Status is the most recently observed status of the replication controller. This data may be out of date by some window of time. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
ReplicationControllerCondition: ReplicationControllerCondition describes the state of a replication controller at a certain point.
 type: Type of replication controller condition.
 status: Status of the condition, one of True, False, Unknown.
 lastTransitionTime: The last time the condition transitioned from one status to another.
 reason: The reason for the condition's last transition.
 message: A human readable message indicating details about the transition.
ReplicationControllerSpec: ReplicationControllerSpec is the specification of a replication controller.
 replicas: Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller
 selector: Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template.
 template: Template is the object that describes the pod that will be created if insufficient replicas are detected. This takes precedence over a TemplateRef. The only allowed template.spec.restartPolicy value is "Always". More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#pod-template
 minReadySeconds: Minimum number of seconds for which a newly created pod should be ready without any of its container crashing, for it to be considered available. Defaults to 0 (pod will be considered available as soon as it is ready)
ReplicationControllerStatus: ReplicationControllerStatus represents the current status of a replication controller.
 replicas: Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller
 fullyLabeledReplicas: The number of pods that have labels matching the labels of the pod template of the replication controller.
 observedGeneration: ObservedGeneration reflects the generation of the most recently observed replication controller.
 readyReplicas: The number of ready replicas for this replication controller.
 availableReplicas: The number of available replicas (ready for at least minReadySeconds) for this replication controller.
 conditions: Represents the latest available observations of a replication controller's current state.
ResourceClaim: ResourceClaim references one entry in PodSpec.ResourceClaims.
 name: Name must match the name of one entry in pod.spec.resourceClaims of the Pod where this field is used. It makes that resource available inside a container.
 request: Request is the name chosen for a request in the referenced claim. If empty, everything from the claim is made available, otherwise only the result of this request.
ResourceFieldSelector: ResourceFieldSelector represents container resources (cpu, memory) and their output format
 containerName: Container name: required for volumes, optional for env vars
 resource: Required: resource to select
 divisor: Specifies the output format of the exposed resources, defaults to "1"
ResourceHealth: ResourceHealth represents the health of a resource. It has the latest device health information. This is a part of KEP https://kep.k8s.io/4680.
 resourceID: ResourceID is the unique identifier of the resource. See the ResourceID type for more information.
 health: Health of the resource. can be one of: - Healthy: operates as normal - Unhealthy: reported unhealthy. We consider this a temporary health issue since we do not have a mechanism today to distinguish temporary and permanent issues. - Unknown: The status cannot be determined.
 message: Message provides human-readable context for Health (e.g. "ECC error count exceeded threshold"). This field is populated by the kubelet when ResourceHealthStatusMessage is enabled if the DRA plugin returns a message, and is null otherwise.
ResourceQuota: ResourceQuota sets aggregate quota restrictions enforced per namespace
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the desired quota. https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Status defines the actual enforced quota and its current usage. https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
ResourceQuotaSpec: ResourceQuotaSpec defines the desired hard limits to enforce for Quota.
 hard: hard is the set of desired hard limits for each named resource. More info: https://kubernetes.io/docs/concepts/policy/resource-quotas/
 scopes: A collection of filters that must match each object tracked by a quota. If not specified, the quota matches all objects.
 scopeSelector: scopeSelector is also a collection of filters like scopes that must match each object tracked by a quota but expressed using ScopeSelectorOperator in combination with possible values. For a resource to match, both scopes AND scopeSelector (if specified in spec), must be matched.
ResourceQuotaStatus: ResourceQuotaStatus defines the enforced hard limits and observed use.
 hard: Hard is the set of enforced hard limits for each named resource. More info: https://kubernetes.io/docs/concepts/policy/resource-quotas/
 used: Used is the current observed total usage of the resource in the namespace.
ResourceRequirements: ResourceRequirements describes the compute resource requirements.
 limits: Limits describes the maximum amount of compute resources allowed. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 requests: Requests describes the minimum amount of compute resources required. If Requests is omitted for a container, it defaults to Limits if that is explicitly specified, otherwise to an implementation-defined value. Requests cannot exceed Limits. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 claims: Claims lists the names of resources, defined in spec.resourceClaims, that are used by this container.
ResourceStatus: ResourceStatus represents the status of a single resource allocated to a Pod.
 name: Name of the resource. Must be unique within the pod and in case of non-DRA resource, match one of the resources from the pod spec. For DRA resources, the value must be "claim:<claim_name>/<request>". When this status is reported about a container, the "claim_name" and "request" must match one of the claims of this container.
 resources: List of unique resources health. Each element in the list contains an unique resource ID and its health. At a minimum, for the lifetime of a Pod, resource ID must uniquely identify the resource allocated to the Pod on the Node.
SELinuxOptions: SELinuxOptions are the labels to be applied to the container
 user: User is a SELinux user label that applies to the container.
 role: Role is a SELinux role label that applies to the container.
 type: Type is a SELinux type label that applies to the container.
 level: Level is SELinux level label that applies to the container.
ScaleIOPersistentVolumeSource: ScaleIOPersistentVolumeSource represents a persistent ScaleIO volume
 gateway: gateway is the host address of the ScaleIO API Gateway.
 system: system is the name of the storage system as configured in ScaleIO.
 secretRef: secretRef references to the secret for ScaleIO user and other sensitive information. If this is not provided, Login operation will fail.
 sslEnabled: sslEnabled is the flag to enable/disable SSL communication with Gateway, default false
 protectionDomain: protectionDomain is the name of the ScaleIO Protection Domain for the configured storage.
 storagePool: storagePool is the ScaleIO Storage Pool associated with the protection domain.
 storageMode: storageMode indicates whether the storage for a volume should be ThickProvisioned or ThinProvisioned. Default is ThinProvisioned.
 volumeName: volumeName is the name of a volume already created in the ScaleIO system that is associated with this volume source.
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Default is "xfs"
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
ScaleIOVolumeSource: ScaleIOVolumeSource represents a persistent ScaleIO volume
 gateway: gateway is the host address of the ScaleIO API Gateway.
 system: system is the name of the storage system as configured in ScaleIO.
 secretRef: secretRef references to the secret for ScaleIO user and other sensitive information. If this is not provided, Login operation will fail.
 sslEnabled: sslEnabled Flag enable/disable SSL communication with Gateway, default false
 protectionDomain: protectionDomain is the name of the ScaleIO Protection Domain for the configured storage.
 storagePool: storagePool is the ScaleIO Storage Pool associated with the protection domain.
 storageMode: storageMode indicates whether the storage for a volume should be ThickProvisioned or ThinProvisioned. Default is ThinProvisioned.
 volumeName: volumeName is the name of a volume already created in the ScaleIO system that is associated with this volume source.
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Default is "xfs".
 readOnly: readOnly Defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
ScopeSelector: A scope selector represents the AND of the selectors represented by the scoped-resource selector requirements.
 matchExpressions: A list of scope selector requirements by scope of the resources.
ScopedResourceSelectorRequirement: A scoped-resource selector requirement is a selector that contains values, a scope name, and an operator that relates the scope name and values.
 scopeName: The name of the scope that the selector applies to.
 operator: Represents a scope's relationship to a set of values. Valid operators are In, NotIn, Exists, DoesNotExist.
 values: An array of string values. If the operator is In or NotIn, the values array must be non-empty. If the operator is Exists or DoesNotExist, the values array must be empty. This array is replaced during a strategic merge patch.
SeccompProfile: SeccompProfile defines a pod/container's seccomp profile settings. Only one profile source may be set.
 type: type indicates which kind of seccomp profile will be applied. Valid options are:
 localhostProfile: localhostProfile indicates a profile defined in a file on the node should be used. The profile must be preconfigured on the node to work. Must be a descending path, relative to the kubelet's configured seccomp profile location. Must be set if type is "Localhost". Must NOT be set for any other type.
Secret: Secret holds secret data of a certain type. The total bytes of the values in the Data field must be less than MaxSecretSize bytes.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 data: Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4
 type: Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
 stringData: stringData allows specifying non-binary secret data in string form. It is provided as a write-only input field for convenience. All keys and values are merged into the data field on write, overwriting any existing values. The stringData field is never output when reading from the API.
 immutable: Immutable, if set to true, ensures that data stored in the Secret cannot be updated (only object metadata can be modified). If not set to true, the field can be modified at any time. Defaulted to nil.
SecretEnvSource: SecretEnvSource selects a Secret to populate the environment variables with.
 optional: Specify whether the Secret must be defined
SecretKeySelector: SecretKeySelector selects a key of a Secret.
 key: The key of the secret to select from. Must be a valid secret key.
 optional: Specify whether the Secret or its key must be defined
SecretProjection: Adapts a secret into a projected volume.
 items: items if unspecified, each key-value pair in the Data field of the referenced Secret will be projected into the volume as a file whose name is the key and content is the value. If specified, the listed keys will be projected into the specified paths, and unlisted keys will not be present.
 optional: optional field specify whether the Secret or its key must be defined
SecretReference: SecretReference represents a Secret Reference. It has enough information to retrieve secret in any namespace
 name: name is unique within a namespace to reference a secret resource.
 namespace: namespace defines the space within which the secret name must be unique.
SecretVolumeSource: Adapts a Secret into a volume.
 secretName: secretName is the name of the secret in the pod's namespace to use. More info: https://kubernetes.io/docs/concepts/storage/volumes#secret
 items: items If unspecified, each key-value pair in the Data field of the referenced Secret will be projected into the volume as a file whose name is the key and content is the value. If specified, the listed keys will be projected into the specified paths, and unlisted keys will not be present.
 defaultMode: defaultMode is Optional: mode bits used to set permissions on created files by default. Must be an octal value between 0000 and 0777 or a decimal value between 0 and 511. YAML accepts both octal and decimal values, JSON requires decimal values for mode bits. Defaults to 0644. Directories within the path are not affected by this setting.
 optional: optional field specify whether the Secret or its keys must be defined
SecurityContext: SecurityContext holds security configuration that will be applied to a container. Some fields are present in both SecurityContext and PodSecurityContext. When both are set, the values in SecurityContext take precedence.
 capabilities: The capabilities to add/drop when running containers. Defaults to the default set of capabilities granted by the container runtime. Note that this field cannot be set when spec.os.name is windows.
 privileged: Run container in privileged mode. Processes in privileged containers are essentially equivalent to root on the host. Defaults to false. Note that this field cannot be set when spec.os.name is windows.
 seLinuxOptions: The SELinux context to be applied to the container. If unspecified, the container runtime will allocate a random SELinux context for each container. May also be set in PodSecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence.
 runAsUser: The UID to run the entrypoint of the container process. Defaults to user specified in image metadata if unspecified. May also be set in PodSecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is windows.
 runAsNonRoot: Indicates that the container must run as a non-root user. If true, the Kubelet will validate the image at runtime to ensure that it does not run as UID 0 (root) and fail to start the container if it does. If unset or false, no such validation will be performed. May also be set in PodSecurityContext.
 readOnlyRootFilesystem: Whether this container has a read-only root filesystem. Default is false. Note that this field cannot be set when spec.os.name is windows.
 allowPrivilegeEscalation: AllowPrivilegeEscalation controls whether a process can gain more privileges than its parent process. This bool directly controls if the no_new_privs flag will be set on the container process.
 runAsGroup: The GID to run the entrypoint of the container process. Uses runtime default if unset. May also be set in PodSecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is windows.
 procMount: procMount denotes the type of proc mount to use for the containers. The default value is Default which uses the container runtime defaults for readonly paths and masked paths. Note that this field cannot be set when spec.os.name is windows.
 windowsOptions: The Windows specific settings applied to all containers. If unspecified, the options from the PodSecurityContext will be used. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence. Note that this field cannot be set when spec.os.name is linux.
 seccompProfile: The seccomp options to use by this container. If seccomp options are provided at both the pod & container level, the container options override the pod options. Note that this field cannot be set when spec.os.name is windows.
 appArmorProfile: appArmorProfile is the AppArmor options to use by this container. If set, this profile overrides the pod's appArmorProfile. Note that this field cannot be set when spec.os.name is windows.
Service: Service is a named abstraction of software service (for example, mysql) consisting of local port (for example 3306) that the proxy listens on, and the selector that determines which pods will answer requests sent through the proxy.
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 spec: Spec defines the behavior of a service. https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
 status: Most recently observed status of the service. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
ServiceAccount: ServiceAccount binds together: * a name, understood by users, and perhaps by peripheral systems, for an identity * a principal that can be authenticated and authorized * a set of secrets
 metadata: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
 secrets: Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use. Pods are only limited to this list if this service account has a "kubernetes.io/enforce-mountable-secrets" annotation set to "true". The "kubernetes.io/enforce-mountable-secrets" annotation is deprecated since v1.32.
 imagePullSecrets: ImagePullSecrets is a list of references to secrets in the same namespace to use for pulling any images in pods that reference this ServiceAccount. ImagePullSecrets are distinct from Secrets because Secrets can be mounted in the pod, but ImagePullSecrets are only accessed by the kubelet.
 automountServiceAccountToken: AutomountServiceAccountToken indicates whether pods running as this service account should have an API token automatically mounted. Can be overridden at the pod level.
ServiceAccountTokenProjection: ServiceAccountTokenProjection represents a projected service account token volume. This projection can be used to insert a service account token into the pods runtime filesystem for use against APIs (Kubernetes API Server or otherwise).
 audience: audience is the intended audience of the token. A recipient of a token must identify itself with an identifier specified in the audience of the token, and otherwise should reject the token. The audience defaults to the identifier of the apiserver.
 expirationSeconds: expirationSeconds is the requested duration of validity of the service account token. As the token approaches expiration, the kubelet volume plugin will proactively rotate the service account token.
 path: path is the path relative to the mount point of the file to project the token into.
ServicePort: ServicePort contains information on service's port.
 name: The name of this port within the service. This must be a DNS_LABEL. All ports within a ServiceSpec must have unique names. When considering the endpoints for a Service, this must match the 'name' field in the EndpointPort. Optional if only one ServicePort is defined on this service.
 protocol: The IP protocol for this port. Supports "TCP", "UDP", and "SCTP". Default is TCP.
 port: The port that will be exposed by this service.
 targetPort: Number or name of the port to access on the pods targeted by the service. Number must be in the range 1 to 65535. Name must be an IANA_SVC_NAME. If this is a string, it will be looked up as a named port in the target Pod's container ports. If this is not specified, the value of the 'port' field is used (an identity map).
 nodePort: The port on each node on which this service is exposed when type is NodePort or LoadBalancer. Usually assigned by the system. If a value is specified, in-range, and not in use it will be used, otherwise the operation will fail. If not specified, a port will be allocated if this Service requires one.
 appProtocol: The application protocol for this port. This is used as a hint for implementations to offer richer behavior for protocols that they understand. This field follows standard Kubernetes label syntax. Valid values are either:
ServiceSpec: ServiceSpec describes the attributes that a user creates on a service.
 ports: The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
 selector: Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName.
 clusterIP: clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail.
 type: type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for load-balancing to endpoints.
 externalIPs: externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service. These IPs are not managed by Kubernetes. The user is responsible for ensuring that traffic arrives at a node with this IP. A common example is external load-balancers that are not part of the Kubernetes system.
 sessionAffinity: Supports "ClientIP" and "None". Used to maintain session affinity. Enable client IP based session affinity. Must be ClientIP or None. Defaults to None. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
 loadBalancerIP: Only applies to Service Type: LoadBalancer. This feature depends on whether the underlying cloud-provider supports specifying the loadBalancerIP when a load balancer is created. This field will be ignored if the cloud-provider does not support the feature.
 loadBalancerSourceRanges: If specified and supported by the platform, this will restrict traffic through the cloud-provider load-balancer will be restricted to the specified client IPs. This field will be ignored if the cloud-provider does not support the feature." More info: https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/
 externalName: externalName is the external reference that discovery mechanisms will return as an alias for this service (e.g. a DNS CNAME record). No proxying will be involved. Must be a lowercase RFC-1123 hostname (https://tools.ietf.org/html/rfc1123) and requires `type` to be "ExternalName".
 externalTrafficPolicy: externalTrafficPolicy describes how nodes distribute service traffic they receive on one of the Service's "externally-facing" addresses (NodePorts, ExternalIPs, and LoadBalancer IPs).
 healthCheckNodePort: healthCheckNodePort specifies the healthcheck nodePort for the service. This only applies when type is set to LoadBalancer and externalTrafficPolicy is set to Local. If a value is specified, is in-range, and is not in use, it will be used. If not specified, a value will be automatically allocated.
 publishNotReadyAddresses: publishNotReadyAddresses indicates that any agent which deals with endpoints for this Service should disregard any indications of ready/not-ready. The primary use case for setting this field is for a StatefulSet's Headless Service to propagate SRV DNS records for its Pods for the purpose of peer discovery.
 sessionAffinityConfig: sessionAffinityConfig contains the configurations of session affinity.
 ipFamilyPolicy: IPFamilyPolicy represents the dual-stack-ness requested or required by this Service. If there is no value provided, then this field will be set to SingleStack.
 clusterIPs: ClusterIPs is a list of IP addresses assigned to this service, and are usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail.
 ipFamilies: IPFamilies is a list of IP families (e.g. IPv4, IPv6) assigned to this service. This field is usually assigned automatically based on cluster configuration and the ipFamilyPolicy field.
 allocateLoadBalancerNodePorts: allocateLoadBalancerNodePorts defines if NodePorts will be automatically allocated for services with type LoadBalancer. Default is "true". It may be set to "false" if the cluster load-balancer does not rely on NodePorts.
 loadBalancerClass: loadBalancerClass is the class of the load balancer implementation this Service belongs to. If specified, the value of this field must be a label-style identifier, with an optional prefix, e.g. "internal-vip" or "example.com/internal-vip". Unprefixed names are reserved for end-users.
 internalTrafficPolicy: InternalTrafficPolicy describes how nodes distribute service traffic they receive on the ClusterIP. If set to "Local", the proxy will assume that pods only want to talk to endpoints of the service on the same node as the pod, dropping the traffic if there are no local endpoints.
 trafficDistribution: TrafficDistribution offers a way to express preferences for how traffic is distributed to Service endpoints. Implementations can use this field as a hint, but are not required to guarantee strict adherence. If the field is not set, the implementation will apply its default routing strategy.
ServiceStatus: ServiceStatus represents the current status of a service.
 loadBalancer: LoadBalancer contains the current status of the load-balancer, if one is present.
 conditions: Current service state
SessionAffinityConfig: SessionAffinityConfig represents the configurations of session affinity.
 clientIP: clientIP contains the configurations of Client IP based session affinity.
SleepAction: SleepAction describes a "sleep" action.
 seconds: Seconds is the number of seconds to sleep.
StorageOSPersistentVolumeSource: Represents a StorageOS persistent volume resource.
 volumeName: volumeName is the human-readable name of the StorageOS volume. Volume names are only unique within a namespace.
 volumeNamespace: volumeNamespace specifies the scope of the volume within StorageOS. If no namespace is specified then the Pod's namespace will be used. This allows the Kubernetes name scoping to be mirrored within StorageOS for tighter integration. Set VolumeName to any name to override the default behaviour.
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 secretRef: secretRef specifies the secret to use for obtaining the StorageOS API credentials. If not specified, default values will be attempted.
StorageOSVolumeSource: Represents a StorageOS persistent volume resource.
 volumeName: volumeName is the human-readable name of the StorageOS volume. Volume names are only unique within a namespace.
 volumeNamespace: volumeNamespace specifies the scope of the volume within StorageOS. If no namespace is specified then the Pod's namespace will be used. This allows the Kubernetes name scoping to be mirrored within StorageOS for tighter integration. Set VolumeName to any name to override the default behaviour.
 fsType: fsType is the filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 readOnly: readOnly defaults to false (read/write). ReadOnly here will force the ReadOnly setting in VolumeMounts.
 secretRef: secretRef specifies the secret to use for obtaining the StorageOS API credentials. If not specified, default values will be attempted.
Sysctl: Sysctl defines a kernel parameter to be set
 name: Name of a property to set
 value: Value of a property to set
TCPSocketAction: TCPSocketAction describes an action based on opening a socket
 port: Number or name of the port to access on the container. Number must be in the range 1 to 65535. Name must be an IANA_SVC_NAME.
 host: Optional: Host name to connect to, defaults to the pod IP.
Taint: The node this Taint is attached to has the "effect" on any pod that does not tolerate the Taint.
 key: Required. The taint key to be applied to a node.
 value: The taint value corresponding to the taint key.
 effect: Required. The effect of the taint on pods that do not tolerate the taint. Valid effects are NoSchedule, PreferNoSchedule and NoExecute.
 timeAdded: TimeAdded represents the time at which the taint was added.
Toleration: The pod this Toleration is attached to tolerates any taint that matches the triple <key,value,effect> using the matching operator <operator>.
 key: Key is the taint key that the toleration applies to. Empty means match all taint keys. If the key is empty, operator must be Exists; this combination means to match all values and all keys.
 operator: Operator represents a key's relationship to the value. Valid operators are Exists, Equal, Lt, and Gt. Defaults to Equal. Exists is equivalent to wildcard for value, so that a pod can tolerate all taints of a particular category. Lt and Gt perform numeric comparisons (requires feature gate TaintTolerationComparisonOperators).
 value: Value is the taint value the toleration matches to. If the operator is Exists, the value should be empty, otherwise just a regular string.
 effect: Effect indicates the taint effect to match. Empty means match all taint effects. When specified, allowed values are NoSchedule, PreferNoSchedule and NoExecute.
 tolerationSeconds: TolerationSeconds represents the period of time the toleration (which must be of effect NoExecute, otherwise this field is ignored) tolerates the taint. By default, it is not set, which means tolerate the taint forever (do not evict). Zero and negative values will be treated as 0 (evict immediately) by the system.
TopologySelectorLabelRequirement: A topology selector requirement is a selector that matches given label. This is an alpha feature and may change in the future.
 key: The label key that the selector applies to.
 values: An array of string values. One value must match the label to be selected. Each entry in Values is ORed.
TopologySelectorTerm: A topology selector term represents the result of label queries. A null or empty topology selector term matches no objects. The requirements of them are ANDed. It provides a subset of functionality as NodeSelectorTerm. This is an alpha feature and may change in the future.
 matchLabelExpressions: A list of topology selector requirements by labels.
TopologySpreadConstraint: TopologySpreadConstraint specifies how to spread matching pods among the given topology.
 maxSkew: MaxSkew describes the degree to which pods may be unevenly distributed. When `whenUnsatisfiable=DoNotSchedule`, it is the maximum permitted difference between the number of matching pods in the target topology and the global minimum.
 topologyKey: TopologyKey is the key of node labels. Nodes that have a label with this key and identical values are considered to be in the same topology. We consider each <key, value> as a "bucket", and try to put balanced number of pods into each bucket. We define a domain as a particular instance of a topology.
 whenUnsatisfiable: WhenUnsatisfiable indicates how to deal with a pod if it doesn't satisfy the spread constraint. - DoNotSchedule (default) tells the scheduler not to schedule it. - ScheduleAnyway tells the scheduler to schedule the pod in any location, but giving higher precedence to topologies that would help reduce the skew.
 labelSelector: LabelSelector is used to find matching pods. Pods that match this label selector are counted to determine the number of pods in their corresponding topology domain.
 minDomains: MinDomains indicates a minimum number of eligible domains. When the number of eligible domains with matching topology keys is less than minDomains, Pod Topology Spread treats "global minimum" as 0, and then the calculation of Skew is performed.
 nodeAffinityPolicy: NodeAffinityPolicy indicates how we will treat Pod's nodeAffinity/nodeSelector when calculating pod topology spread skew. Options are: - Honor: only nodes matching nodeAffinity/nodeSelector are included in the calculations. - Ignore: nodeAffinity/nodeSelector are ignored. All nodes are included in the calculations.
 nodeTaintsPolicy: NodeTaintsPolicy indicates how we will treat node taints when calculating pod topology spread skew. Options are: - Honor: nodes without taints, along with tainted nodes for which the incoming pod has a toleration, are included. - Ignore: node taints are ignored. All nodes are included.
 matchLabelKeys: MatchLabelKeys is a set of pod label keys to select the pods over which spreading will be calculated. The keys are used to lookup values from the incoming pod labels, those key-value labels are ANDed with labelSelector to select the group of existing pods over which spreading will be calculated for the incoming pod.
TypedLocalObjectReference: TypedLocalObjectReference contains enough information to let you locate the typed referenced object inside the same namespace. New uses of this type are discouraged because of difficulty describing its usage when embedded in APIs. 1. Invalid usage help. It is impossible to add specific help for individual usage.
 apiGroup: APIGroup is the group for the resource being referenced. If APIGroup is not specified, the specified Kind must be in the core API group. For any other third-party types, APIGroup is required.
 kind: Kind is the type of resource being referenced
 name: Name is the name of resource being referenced
TypedObjectReference: TypedObjectReference contains enough information to let you locate the typed referenced object
 apiGroup: APIGroup is the group for the resource being referenced. If APIGroup is not specified, the specified Kind must be in the core API group. For any other third-party types, APIGroup is required.
 kind: Kind is the type of resource being referenced
 name: Name is the name of resource being referenced
 namespace: Namespace is the namespace of resource being referenced Note that when a namespace is specified, a gateway.networking.k8s.io/ReferenceGrant object is required in the referent namespace to allow that namespace's owner to accept the reference.
Volume: Volume represents a named volume in a pod that may be accessed by any container in the pod.
 name: name of the volume. Must be a DNS_LABEL and unique within the pod. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
VolumeDevice: volumeDevice describes a mapping of a raw block device within a container.
 name: name must match the name of a persistentVolumeClaim in the pod
 devicePath: devicePath is the path inside of the container that the device will be mapped to.
VolumeMount: VolumeMount describes a mounting of a Volume within a container.
 name: This must match the Name of a Volume.
 readOnly: Mounted read-only if true, read-write otherwise (false or unspecified). Defaults to false.
 mountPath: Path within the container at which the volume should be mounted. Must not contain ':'.
 subPath: Path within the volume from which the container's volume should be mounted. Defaults to "" (volume's root).
 mountPropagation: mountPropagation determines how mounts are propagated from the host to container and the other way around. When not set, MountPropagationNone is used. This field is beta in 1.10. When RecursiveReadOnly is set to IfPossible or to Enabled, MountPropagation must be None or unspecified (which defaults to None).
 subPathExpr: Expanded path within the volume from which the container's volume should be mounted. Behaves similarly to SubPath but environment variable references $(VAR_NAME) are expanded using the container's environment. Defaults to "" (volume's root). SubPathExpr and SubPath are mutually exclusive.
 recursiveReadOnly: RecursiveReadOnly specifies whether read-only mounts should be handled recursively.
VolumeMountStatus: VolumeMountStatus shows status of volume mounts.
 name: Name corresponds to the name of the original VolumeMount.
 mountPath: MountPath corresponds to the original VolumeMount.
 readOnly: ReadOnly corresponds to the original VolumeMount.
 recursiveReadOnly: RecursiveReadOnly must be set to Disabled, Enabled, or unspecified (for non-readonly mounts). An IfPossible value in the original VolumeMount must be translated to Disabled or Enabled, depending on the mount result.
 volumeStatus: volumeStatus represents volume-type-specific status about the mounted volume.
VolumeNodeAffinity: VolumeNodeAffinity defines constraints that limit what nodes this volume can be accessed from.
 required: required specifies hard node constraints that must be met.
VolumeProjection: Projection that may be projected along with other supported volume types. Exactly one of these fields must be set.
 secret: secret information about the secret data to project
 downwardAPI: downwardAPI information about the downwardAPI data to project
 configMap: configMap information about the configMap data to project
 serviceAccountToken: serviceAccountToken is information about the serviceAccountToken data to project
 clusterTrustBundle: ClusterTrustBundle allows a pod to access the `.spec.trustBundle` field of ClusterTrustBundle objects in an auto-updating file.
 podCertificate: Projects an auto-rotating credential bundle (private key and certificate chain) that the pod can use either as a TLS client or server.
VolumeResourceRequirements: VolumeResourceRequirements describes the storage resource requirements for a volume.
 limits: Limits describes the maximum amount of compute resources allowed. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 requests: Requests describes the minimum amount of compute resources required. If Requests is omitted for a container, it defaults to Limits if that is explicitly specified, otherwise to an implementation-defined value. Requests cannot exceed Limits. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
VolumeSource: Represents the source of a volume to mount. Only one of its members may be specified.
 hostPath: hostPath represents a pre-existing file or directory on the host machine that is directly exposed to the container. This is generally used for system agents or other privileged things that are allowed to see the host machine. Most containers will NOT need this.
 emptyDir: emptyDir represents a temporary directory that shares a pod's lifetime. More info: https://kubernetes.io/docs/concepts/storage/volumes#emptydir
 gcePersistentDisk: gcePersistentDisk represents a GCE Disk resource that is attached to a kubelet's host machine and then exposed to the pod. Deprecated: GCEPersistentDisk is deprecated. All operations for the in-tree gcePersistentDisk type are redirected to the pd.csi.storage.gke.io CSI driver.
 awsElasticBlockStore: awsElasticBlockStore represents an AWS Disk resource that is attached to a kubelet's host machine and then exposed to the pod. Deprecated: AWSElasticBlockStore is deprecated. All operations for the in-tree awsElasticBlockStore type are redirected to the ebs.csi.aws.com CSI driver.
 gitRepo: gitRepo represents a git repository at a particular revision. Deprecated: GitRepo is deprecated. To provision a container with a git repo, mount an EmptyDir into an InitContainer that clones the repo using git, then mount the EmptyDir into the Pod's container.
 secret: secret represents a secret that should populate this volume. More info: https://kubernetes.io/docs/concepts/storage/volumes#secret
 nfs: nfs represents an NFS mount on the host that shares a pod's lifetime More info: https://kubernetes.io/docs/concepts/storage/volumes#nfs
 iscsi: iscsi represents an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod. More info: https://kubernetes.io/docs/concepts/storage/volumes/#iscsi
 glusterfs: glusterfs represents a Glusterfs mount on the host that shares a pod's lifetime. Deprecated: Glusterfs is deprecated and the in-tree glusterfs type is no longer supported.
 persistentVolumeClaim: persistentVolumeClaimVolumeSource represents a reference to a PersistentVolumeClaim in the same namespace. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims
 rbd: rbd represents a Rados Block Device mount on the host that shares a pod's lifetime. Deprecated: RBD is deprecated and the in-tree rbd type is no longer supported.
 flexVolume: flexVolume represents a generic volume resource that is provisioned/attached using an exec based plugin. Deprecated: FlexVolume is deprecated. Consider using a CSIDriver instead.
 cinder: cinder represents a cinder volume attached and mounted on kubelets host machine. Deprecated: Cinder is deprecated. All operations for the in-tree cinder type are redirected to the cinder.csi.openstack.org CSI driver. More info: https://examples.k8s.io/mysql-cinder-pd/README.md
 cephfs: cephFS represents a Ceph FS mount on the host that shares a pod's lifetime. Deprecated: CephFS is deprecated and the in-tree cephfs type is no longer supported.
 flocker: flocker represents a Flocker volume attached to a kubelet's host machine. This depends on the Flocker control service being running. Deprecated: Flocker is deprecated and the in-tree flocker type is no longer supported.
 downwardAPI: downwardAPI represents downward API about the pod that should populate this volume
 fc: fc represents a Fibre Channel resource that is attached to a kubelet's host machine and then exposed to the pod.
 azureFile: azureFile represents an Azure File Service mount on the host and bind mount to the pod. Deprecated: AzureFile is deprecated. All operations for the in-tree azureFile type are redirected to the file.csi.azure.com CSI driver.
 configMap: configMap represents a configMap that should populate this volume
 vsphereVolume: vsphereVolume represents a vSphere volume attached and mounted on kubelets host machine. Deprecated: VsphereVolume is deprecated. All operations for the in-tree vsphereVolume type are redirected to the csi.vsphere.vmware.com CSI driver.
 quobyte: quobyte represents a Quobyte mount on the host that shares a pod's lifetime. Deprecated: Quobyte is deprecated and the in-tree quobyte type is no longer supported.
 azureDisk: azureDisk represents an Azure Data Disk mount on the host and bind mount to the pod. Deprecated: AzureDisk is deprecated. All operations for the in-tree azureDisk type are redirected to the disk.csi.azure.com CSI driver.
 photonPersistentDisk: photonPersistentDisk represents a PhotonController persistent disk attached and mounted on kubelets host machine. Deprecated: PhotonPersistentDisk is deprecated and the in-tree photonPersistentDisk type is no longer supported.
 portworxVolume: portworxVolume represents a portworx volume attached and mounted on kubelets host machine. Deprecated: PortworxVolume is deprecated. All operations for the in-tree portworxVolume type are redirected to the pxd.portworx.com CSI driver.
 scaleIO: scaleIO represents a ScaleIO persistent volume attached and mounted on Kubernetes nodes. Deprecated: ScaleIO is deprecated and the in-tree scaleIO type is no longer supported.
 projected: projected items for all in one resources secrets, configmaps, and downward API
 storageos: storageOS represents a StorageOS volume attached and mounted on Kubernetes nodes. Deprecated: StorageOS is deprecated and the in-tree storageos type is no longer supported.
 csi: csi (Container Storage Interface) represents ephemeral storage that is handled by certain external CSI drivers.
 ephemeral: ephemeral represents a volume that is handled by a cluster storage driver. The volume's lifecycle is tied to the pod that defines it - it will be created before the pod starts, and deleted when the pod is removed.
 image: image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host machine. The volume is resolved at pod startup depending on which PullPolicy value is provided:
VolumeStatus: VolumeStatus represents the status of a mounted volume. At most one of its members must be specified.
 image: image represents an OCI object (a container image or artifact) pulled and mounted on the kubelet's host machine.
VsphereVirtualDiskVolumeSource: Represents a vSphere volume resource.
 volumePath: volumePath is the path that identifies vSphere volume vmdk
 fsType: fsType is filesystem type to mount. Must be a filesystem type supported by the host operating system. Ex. "ext4", "xfs", "ntfs". Implicitly inferred to be "ext4" if unspecified.
 storagePolicyName: storagePolicyName is the storage Policy Based Management (SPBM) profile name.
 storagePolicyID: storagePolicyID is the storage Policy Based Management (SPBM) profile ID associated with the StoragePolicyName.
WeightedPodAffinityTerm: The weights of all of the matched WeightedPodAffinityTerm fields are added per-node to find the most preferred node(s)
 weight: weight associated with matching the corresponding podAffinityTerm, in the range 1-100.
 podAffinityTerm: Required. A pod affinity term, associated with the corresponding weight.
WindowsSecurityContextOptions: WindowsSecurityContextOptions contain Windows-specific options and credentials.
 gmsaCredentialSpecName: GMSACredentialSpecName is the name of the GMSA credential spec to use.
 gmsaCredentialSpec: GMSACredentialSpec is where the GMSA admission webhook (https://github.com/kubernetes-sigs/windows-gmsa) inlines the contents of the GMSA credential spec named by the GMSACredentialSpecName field.
 runAsUserName: The UserName in Windows to run the entrypoint of the container process. Defaults to the user specified in image metadata if unspecified. May also be set in PodSecurityContext. If set in both SecurityContext and PodSecurityContext, the value specified in SecurityContext takes precedence.
 hostProcess: HostProcess determines if a container should be run as a 'Host Process' container. All of a Pod's containers must have the same effective HostProcess value (it is not allowed to have a mix of HostProcess containers and non-HostProcess containers). In addition, if HostProcess is true then HostNetwork must also be set to true.
)docs";

}  // namespace fairlead::sandbox
