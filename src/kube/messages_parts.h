// Parts that messages of several kinds share. For messages_*.cpp only.
#pragma once

#include "kube/messages.h"

namespace fairlead::kube::messages {

using field::flag;
using field::inlined;
using field::int_or_string;
using field::integer;
using field::many;
using field::map;
using field::one;
using field::quantities;
using field::sizes;
using field::text;
using field::texts;
using field::time;

inline constexpr MessageField owner_fields[]{text(1, "kind"), text(3, "name"), text(4, "uid"), flag(6, "controller")};
inline constexpr Message owner{"OwnerReference", owner_fields};

inline constexpr MessageField meta_fields[]{
    text(1, "name"),
    text(3, "namespace"),
    text(5, "uid"),
    text(6, "resourceVersion"),
    integer(7, "generation"),
    time(8, "creationTimestamp"),
    time(9, "deletionTimestamp"),
    map(11, "labels"),
    map(12, "annotations"),
    many(13, "ownerReferences", owner),
    texts(14, "finalizers"),
};
inline constexpr Message meta{"ObjectMeta", meta_fields};

inline constexpr MessageField reference_fields[]{text(1, "kind"), text(2, "namespace"), text(3, "name"),
                                                 text(4, "uid")};
inline constexpr Message reference{"ObjectReference", reference_fields};

inline constexpr MessageField expression_fields[]{text(1, "key"), text(2, "operator"), texts(3, "values")};
inline constexpr Message expression{"LabelSelectorRequirement", expression_fields};
inline constexpr MessageField selector_fields[]{map(1, "matchLabels"), many(2, "matchExpressions", expression)};
inline constexpr Message selector{"LabelSelector", selector_fields};

// Of a controller in apps/v1; others number their fields in another way.
inline constexpr MessageField condition_fields[]{text(1, "type"), text(2, "status"), time(3, "lastTransitionTime"),
                                                 text(4, "reason"), text(5, "message")};
inline constexpr Message condition{"Condition", condition_fields};

inline constexpr MessageField ingress_point_fields[]{text(1, "ip"), text(2, "hostname")};
inline constexpr Message ingress_point{"LoadBalancerIngress", ingress_point_fields};
inline constexpr MessageField load_balancer_fields[]{many(1, "ingress", ingress_point)};
inline constexpr Message load_balancer{"LoadBalancerStatus", load_balancer_fields};
inline constexpr MessageField load_balanced_fields[]{one(1, "loadBalancer", load_balancer)};
inline constexpr Message load_balanced{"ServiceStatus", load_balanced_fields};

}  // namespace fairlead::kube::messages
