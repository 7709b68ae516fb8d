// What a token of an identity provider says of whom it was made for. Pure and thread-safe.
#pragma once

#include "base/json.h"
#include "identity/oidc_config.h"

namespace fairlead::identity {

struct Claimed {
  std::string subject;
  std::string name;  // with the prefix, without "oidc:"
  gate::Bindings bindings;
  std::int64_t expires = 0;  // unix seconds, with the skew: from then on it lets nobody in
};

// Why it lets nobody in: a clause for whoever runs the server, and for nobody else.
struct Unfit {
  std::string_view why;
};

// `iss` alone: before anybody is asked for keys.
bool is_of_issuer(const json::object& claims, const OidcConfig& config);

// Of a token whose signature is good. For us, of now, not bound to a key that its bearer would have to show (RFC 7800,
// `cnf`), with a subject, a name and a role.
tl::expected<Claimed, Unfit> check_claims(const json::object& claims, const OidcConfig& config, std::int64_t now);

}  // namespace fairlead::identity
