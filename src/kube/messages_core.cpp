#include "kube/messages_parts.h"

namespace fairlead::kube::messages {
namespace {

constexpr MessageField port_fields[]{
    text(1, "name"), text(2, "protocol"), integer(3, "port"), int_or_string(4, "targetPort"), integer(5, "nodePort"),
};
constexpr Message port{"ServicePort", port_fields};
constexpr MessageField service_spec_fields[]{
    many(1, "ports", port),  map(2, "selector"),       text(3, "clusterIP"),    text(4, "type"),
    texts(5, "externalIPs"), text(10, "externalName"), texts(18, "clusterIPs"),
};
constexpr Message service_spec{"ServiceSpec", service_spec_fields};
constexpr MessageField service_fields[]{one(1, "metadata", meta), one(2, "spec", service_spec),
                                        one(3, "status", load_balanced)};

constexpr MessageField address_fields[]{text(1, "ip"), one(2, "targetRef", reference), text(3, "hostname"),
                                        text(4, "nodeName")};
constexpr Message address{"EndpointAddress", address_fields};
constexpr MessageField endpoint_port_fields[]{text(1, "name"), integer(2, "port"), text(3, "protocol")};
constexpr Message endpoint_port{"EndpointPort", endpoint_port_fields};
constexpr MessageField subset_fields[]{many(1, "addresses", address), many(2, "notReadyAddresses", address),
                                       many(3, "ports", endpoint_port)};
constexpr Message subset{"EndpointSubset", subset_fields};
constexpr MessageField endpoints_fields[]{one(1, "metadata", meta), many(2, "subsets", subset)};

// Values stay where they are: their sizes say enough for a list.
constexpr MessageField config_map_fields[]{one(1, "metadata", meta), sizes(2, "data"), sizes(3, "binaryData"),
                                           flag(4, "immutable")};
constexpr MessageField secret_fields[]{one(1, "metadata", meta), sizes(2, "data"), text(3, "type"),
                                       flag(5, "immutable")};

constexpr MessageField local_reference_fields[]{text(1, "name")};
constexpr Message local_reference{"LocalObjectReference", local_reference_fields};
constexpr MessageField service_account_fields[]{one(1, "metadata", meta), many(2, "secrets", reference),
                                                many(3, "imagePullSecrets", local_reference),
                                                flag(4, "automountServiceAccountToken")};

constexpr MessageField volume_spec_fields[]{
    quantities(1, "capacity"),     texts(3, "accessModes"),
    one(4, "claimRef", reference), text(5, "persistentVolumeReclaimPolicy"),
    text(6, "storageClassName"),   text(8, "volumeMode"),
};
constexpr Message volume_spec{"PersistentVolumeSpec", volume_spec_fields};
constexpr MessageField volume_status_fields[]{text(1, "phase"), text(2, "message"), text(3, "reason")};
constexpr Message volume_status{"PersistentVolumeStatus", volume_status_fields};
constexpr MessageField volume_fields[]{one(1, "metadata", meta), one(2, "spec", volume_spec),
                                       one(3, "status", volume_status)};

constexpr MessageField resources_fields[]{quantities(2, "requests")};
constexpr Message resources{"VolumeResourceRequirements", resources_fields};
constexpr MessageField claim_spec_fields[]{texts(1, "accessModes"), one(2, "resources", resources),
                                           text(3, "volumeName"), text(5, "storageClassName"), text(6, "volumeMode")};
constexpr Message claim_spec{"PersistentVolumeClaimSpec", claim_spec_fields};
constexpr MessageField claim_status_fields[]{text(1, "phase"), texts(2, "accessModes"), quantities(3, "capacity")};
constexpr Message claim_status{"PersistentVolumeClaimStatus", claim_status_fields};
constexpr MessageField claim_fields[]{one(1, "metadata", meta), one(2, "spec", claim_spec),
                                      one(3, "status", claim_status)};

constexpr MessageField quota_spec_fields[]{quantities(1, "hard"), texts(2, "scopes")};
constexpr Message quota_spec{"ResourceQuotaSpec", quota_spec_fields};
constexpr MessageField quota_status_fields[]{quantities(1, "hard"), quantities(2, "used")};
constexpr Message quota_status{"ResourceQuotaStatus", quota_status_fields};
constexpr MessageField quota_fields[]{one(1, "metadata", meta), one(2, "spec", quota_spec),
                                      one(3, "status", quota_status)};

constexpr MessageField namespace_condition_fields[]{text(1, "type"), text(2, "status"), time(4, "lastTransitionTime"),
                                                    text(5, "reason"), text(6, "message")};
constexpr Message namespace_condition{"NamespaceCondition", namespace_condition_fields};
constexpr MessageField namespace_status_fields[]{text(1, "phase"), many(2, "conditions", namespace_condition)};
constexpr Message namespace_status{"NamespaceStatus", namespace_status_fields};
constexpr MessageField namespace_fields[]{one(1, "metadata", meta), one(3, "status", namespace_status)};

}  // namespace

constexpr Message name_space{"Namespace", namespace_fields};
constexpr Message config_map{"ConfigMap", config_map_fields};
constexpr Message secret{"Secret", secret_fields};
constexpr Message service{"Service", service_fields};
constexpr Message endpoints{"Endpoints", endpoints_fields};
constexpr Message service_account{"ServiceAccount", service_account_fields};
constexpr Message persistent_volume{"PersistentVolume", volume_fields};
constexpr Message persistent_volume_claim{"PersistentVolumeClaim", claim_fields};
constexpr Message resource_quota{"ResourceQuota", quota_fields};

}  // namespace fairlead::kube::messages
