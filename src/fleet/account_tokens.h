// Tokens of a caller's service account (TokenRequest), which the caller's requests go with instead of the stored
// credentials. A token is in memory alone, is asked for once however many requests wait for it, is renewed after four
// fifths of its life, and is wiped with what holds it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "fleet/accounts.h"
#include "kube/client.h"

namespace fairlead::fleet {

struct AccountTokenOptions {
  Account account;
  std::int64_t seconds = kShortestToken;
  // Told the credentials that the issuer was seen with: nothing that comes out of the cluster may show them.
  std::function<void(const std::vector<Secret>&)> seen;
};

// `issuer`: a client as the stored identity. Whatever stands in the way is authentication_failed (or timeout,
// cancelled, unreachable, certificate_invalid, rate_limited, server_error) and never what an operation could take for
// an answer about its own objects. While a token that is to be renewed is still good, a server that cannot be asked is
// no error; one that refuses is. The clock must outlive it.
std::shared_ptr<kube::Credentials> account_tokens(std::shared_ptr<kube::Client> issuer, AccountTokenOptions options,
                                                  const Clock& clock);

// The same server, reached in the same way, with those credentials alone: no certificate, token or impersonation of the
// stored identity. authentication_failed where a token would cross a network in the clear.
Result<kube::Connection> with_tokens_alone(const kube::Connection& stored, std::shared_ptr<kube::Credentials> tokens);

}  // namespace fairlead::fleet
