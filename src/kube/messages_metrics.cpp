#include "kube/messages_parts.h"

namespace fairlead::kube::messages {
namespace {

constexpr MessageField container_fields[]{text(1, "name"), quantities(2, "usage")};
constexpr Message container{"ContainerMetrics", container_fields};
constexpr MessageField pod_fields[]{one(1, "metadata", meta), time(2, "timestamp"), many(4, "containers", container)};
constexpr MessageField node_fields[]{one(1, "metadata", meta), time(2, "timestamp"), quantities(4, "usage")};

}  // namespace

constexpr Message pod_metrics{"PodMetrics", pod_fields};
constexpr Message node_metrics{"NodeMetrics", node_fields};

}  // namespace fairlead::kube::messages
