// The objects of an agent, as they are applied. Pure: the same arguments make the same bytes, so that applying them
// again changes nothing.
#pragma once

#include <optional>
#include <vector>

#include "base/json.h"
#include "runtimes/agent.h"

namespace fairlead::runtimes {

// Labels of each object and pod of an agent: app.kubernetes.io/name (the runtime), app.kubernetes.io/instance (the
// object's name), app.kubernetes.io/managed-by "fairlead", fairlead.dev/agent (its name), fairlead.dev/agent-id. By
// the last the agent's objects are known as its own.
inline constexpr std::string_view kAgentIdLabel = "fairlead.dev/agent-id";
inline constexpr std::string_view kManagedBy = "fairlead";
// Annotation of the Deployment and its pods: the revision that made them.
inline constexpr std::string_view kRevisionAnnotation = "fairlead.dev/revision";
// Annotation of the pods: content_digest.
inline constexpr std::string_view kContentAnnotation = "fairlead.dev/content";
// The name of the one container.
inline constexpr std::string_view kContainer = "agent";

// In the order in which they are to be applied: ConfigMap, Secret, PersistentVolumeClaim, Service, NetworkPolicy (where
// wanted), Deployment. Whole objects (apiVersion, kind, metadata with namespace, …) with exactly the fields that are
// meant, as server-side apply wants them: what a list is merged by is always written, and what is empty never. A secret
// value is in `secret` and nowhere else. `replicas`: 1, or 0 of an agent that is stopped.
struct AgentObjects {
  json::object config_map, secret, volume_claim, service, deployment;
  std::optional<json::object> network_policy;

  std::vector<const json::object*> in_order() const;  // of applying
};
AgentObjects make_objects(const Profile& profile, const AgentPlace& place, const AgentSpec& spec, std::int64_t revision,
                          int replicas);
// The namespace, where it has to be made: with the label managed-by alone.
json::object namespace_object(std::string_view name);

// Whether an object is in that agent's namespace and carries its labels: nothing else is ever changed or deleted as one
// of its objects.
bool belongs_to(const json::value& object, const AgentPlace& place);

// Changed whenever what the containers run with changes: stands as an annotation at the pod's template, so that a
// Secret or bootstrap script that changes makes new pods.
std::string content_digest(const AgentSpec& spec, const Profile& profile);

}  // namespace fairlead::runtimes
