// What NetworkPolicies let through. Whether a cluster's network plugin obeys them at all cannot be seen here.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

enum class Direction { ingress, egress };

struct Peer {
  std::string ns, address;  // empty: not known
  json::object labels, namespace_labels;
};

struct PolicyVerdict {
  std::vector<std::string> isolating;  // names of the policies of that direction that select the pod
  bool admitted = true;                // true when none does
};

// `policies`: whole ones of the pod's namespace. `port` 0: any. `target`: the pod whose ports policies may name; null:
// none known. A block of addresses admits a peer whose address is not known. Pure.
PolicyVerdict judge(const std::vector<const json::value*>& policies, const json::object& pod_labels,
                    Direction direction, const Peer& peer, std::string_view protocol, std::int64_t port,
                    const json::value* target);

// A connection of a pod to a Service that times out: policies that do not let it out, or in at the other end. `port` is
// the Service's; 0: any.
awaitable<void> explain_blocked_connection(Trail trail, const json::value& pod, Ref service, std::int64_t port);

}  // namespace fairlead::diagnosis
