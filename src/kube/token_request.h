// Tokens that a service account is given for a time (authentication.k8s.io/v1 TokenRequest), and a kubeconfig that
// holds one.
#pragma once

#include "kube/client.h"

namespace fairlead::kube {

struct AccountToken {
  Secret text;
  std::int64_t expires = 0;  // unix seconds of the server's clock: it may give less time than it was asked for
  std::int64_t seconds = 0;  // that it lives, whatever the clocks say
};
// not_found where there is no such account, or the server knows no TokenRequest; invalid_request below ten minutes.
awaitable<Result<AccountToken>> request_token(Client& client, std::string ns, std::string account, std::int64_t seconds,
                                              Deadline deadline);

// YAML of one cluster, which is reached as that connection reaches it, one user, and the context `name` with that
// namespace. Nothing of the connection's own credentials is in it, nor its proxy.
Secret kubeconfig_with(const Connection& connection, std::string_view name, std::string_view ns, const Secret& token);

}  // namespace fairlead::kube
