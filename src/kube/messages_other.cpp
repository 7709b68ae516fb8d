#include "kube/messages_parts.h"

namespace fairlead::kube::messages {
namespace {

constexpr MessageField backend_port_fields[]{text(1, "name"), integer(2, "number")};
constexpr Message backend_port{"ServiceBackendPort", backend_port_fields};
constexpr MessageField backend_service_fields[]{text(1, "name"), one(2, "port", backend_port)};
constexpr Message backend_service{"IngressServiceBackend", backend_service_fields};
constexpr MessageField backend_resource_fields[]{text(1, "apiGroup"), text(2, "kind"), text(3, "name")};
constexpr Message backend_resource{"TypedLocalObjectReference", backend_resource_fields};
constexpr MessageField backend_fields[]{text(1, "serviceName"), int_or_string(2, "servicePort"),  // of v1beta1
                                        one(3, "resource", backend_resource), one(4, "service", backend_service)};
constexpr Message backend{"IngressBackend", backend_fields};
constexpr MessageField path_fields[]{text(1, "path"), one(2, "backend", backend), text(3, "pathType")};
constexpr Message path{"HTTPIngressPath", path_fields};
constexpr MessageField http_fields[]{many(1, "paths", path)};
constexpr Message http{"HTTPIngressRuleValue", http_fields};
constexpr MessageField rule_value_fields[]{one(1, "http", http)};
constexpr Message rule_value{"IngressRuleValue", rule_value_fields};
constexpr MessageField rule_fields[]{text(1, "host"), inlined(2, rule_value)};
constexpr Message rule{"IngressRule", rule_fields};
constexpr MessageField tls_fields[]{texts(1, "hosts"), text(2, "secretName")};
constexpr Message tls{"IngressTLS", tls_fields};
constexpr MessageField ingress_spec_fields[]{one(1, "defaultBackend", backend), many(2, "tls", tls),
                                             many(3, "rules", rule), text(4, "ingressClassName")};
constexpr Message ingress_spec{"IngressSpec", ingress_spec_fields};
constexpr MessageField ingress_fields[]{one(1, "metadata", meta), one(2, "spec", ingress_spec),
                                        one(3, "status", load_balanced)};

// How many rules there are is what a list says of them.
constexpr Message any{"rule", {}};
constexpr MessageField policy_spec_fields[]{one(1, "podSelector", selector), many(2, "ingress", any),
                                            many(3, "egress", any), texts(4, "policyTypes")};
constexpr Message policy_spec{"NetworkPolicySpec", policy_spec_fields};
constexpr MessageField policy_fields[]{one(1, "metadata", meta), one(2, "spec", policy_spec)};

constexpr MessageField endpoint_conditions_fields[]{flag(1, "ready"), flag(2, "serving"), flag(3, "terminating")};
constexpr Message endpoint_conditions{"EndpointConditions", endpoint_conditions_fields};
constexpr MessageField endpoint_fields[]{texts(1, "addresses"), one(2, "conditions", endpoint_conditions),
                                         one(4, "targetRef", reference), text(6, "nodeName")};
constexpr Message endpoint{"Endpoint", endpoint_fields};
constexpr MessageField slice_port_fields[]{text(1, "name"), text(2, "protocol"), integer(3, "port")};
constexpr Message slice_port{"EndpointPort", slice_port_fields};
constexpr MessageField slice_fields[]{one(1, "metadata", meta), many(2, "endpoints", endpoint),
                                      many(3, "ports", slice_port), text(4, "addressType")};

constexpr MessageField storage_class_fields[]{one(1, "metadata", meta), text(2, "provisioner"),
                                              text(4, "reclaimPolicy"), flag(6, "allowVolumeExpansion"),
                                              text(7, "volumeBindingMode")};

constexpr MessageField policy_rule_fields[]{texts(1, "verbs"), texts(2, "apiGroups"), texts(3, "resources"),
                                            texts(4, "resourceNames"), texts(5, "nonResourceURLs")};
constexpr Message policy_rule{"PolicyRule", policy_rule_fields};
constexpr MessageField aggregation_fields[]{many(1, "clusterRoleSelectors", selector)};
constexpr Message aggregation{"AggregationRule", aggregation_fields};
constexpr MessageField role_fields[]{one(1, "metadata", meta), many(2, "rules", policy_rule),
                                     one(3, "aggregationRule", aggregation)};
constexpr MessageField subject_fields[]{text(1, "kind"), text(2, "apiGroup"), text(3, "name"), text(4, "namespace")};
constexpr Message subject{"Subject", subject_fields};
constexpr MessageField role_reference_fields[]{text(1, "apiGroup"), text(2, "kind"), text(3, "name")};
constexpr Message role_reference{"RoleRef", role_reference_fields};
constexpr MessageField binding_fields[]{one(1, "metadata", meta), many(2, "subjects", subject),
                                        one(3, "roleRef", role_reference)};

}  // namespace

constexpr Message ingress{"Ingress", ingress_fields};
constexpr Message network_policy{"NetworkPolicy", policy_fields};
constexpr Message endpoint_slice{"EndpointSlice", slice_fields};
constexpr Message storage_class{"StorageClass", storage_class_fields};
constexpr Message role{"Role", role_fields};
constexpr Message role_binding{"RoleBinding", binding_fields};

}  // namespace fairlead::kube::messages
