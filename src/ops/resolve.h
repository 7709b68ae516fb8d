// Finds the kind of objects that a person or a model means, among those that the cluster has.
#pragma once

#include "kube/discovery.h"
#include "ops/operation.h"

namespace fairlead::ops {

// "Deployment", "deployments", "deploy", "deployments.apps", "certificates.cert-manager.io", in any letter case. Where
// several groups have such a kind and none is named, the core group's comes first, then the server's order. Only what
// discovery names can be reached: no subresource, no path. not_found with the nearest names, which the cluster was
// asked for just now; what was found may be half a minute old.
awaitable<Result<kube::ApiResource>> resolve_kind(Call& call, std::string kind);

// The part without I/O.
Result<kube::ApiResource> find_kind(const kube::Discovery& discovery, std::string_view kind,
                                    std::string_view operation);

}  // namespace fairlead::ops
