// As whom a cluster knows whoever calls it.
#pragma once

#include <string>

#include "kube/client.h"

namespace fairlead::fleet {

using net::awaitable;

struct KnownAs {
  std::string name;          // "system:serviceaccount:agents:nora"; empty: that cannot be told
  bool says_server = false;  // else its credentials do, which nobody has verified: good for naming it, and no more
  std::string why_unknown;   // where there is no name
};

// Servers tell since Kubernetes 1.28. Of others the credentials do, where they hold a name that cannot be another one:
// a client certificate, a service account's token, or whom the kubeconfig impersonates. Errors: those of the call that
// leave no doubt that credentials are refused, or that time is up.
awaitable<Result<KnownAs>> known_as(kube::Client& client, Deadline deadline);

// The second of both. `certificate`: the client's, PEM; may be empty.
KnownAs name_by_credentials(const kube::Authorization& authorization, std::string_view certificate);

}  // namespace fairlead::fleet
