// Tokens of ServiceAccounts: JSON Web Tokens (RFC 7519) signed with ES256, with the claims that the TokenRequest API
// puts in, or those of a Secret's token. The key is made here and ends with the object. Not thread-safe: one loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace fairlead::sandbox {

struct TokenClaims {
  struct Reference {
    std::string name, uid;  // no name: none
  };
  std::string namespace_name;
  Reference account;
  Reference pod, node, secret;  // that the token is bound to
  std::vector<std::string> audiences;
  std::string id;
  std::int64_t issued_at = 0, expires_at = 0;  // unix seconds
  // The token of a Secret: it names only the account and the Secret, never expires, and is for the API server.
  bool of_secret = false;
};

class ServiceAccountTokens {
 public:
  static constexpr std::string_view issuer =
      "https://kubernetes.default.svc.cluster.local";  // and the API server's audience
  static constexpr std::size_t largest_token = 16 << 10;

  static Result<std::shared_ptr<const ServiceAccountTokens>> make();
  ~ServiceAccountTokens();

  Result<std::string> sign(const TokenClaims& claims) const;

  // What a token says that this key has signed, whatever the time is. Only ES256 with this key is taken, whatever the
  // token's header proposes. The error is a sentence; empty when the text is no token of this issuer at all.
  tl::expected<TokenClaims, std::string> verify(std::string_view token) const;

  const std::string& key_id() const { return key_id_; }
  // The JSON Web Key Set (RFC 7517) with the public key.
  json::object key_set() const;

 private:
  struct Key;
  ServiceAccountTokens();

  std::unique_ptr<Key> key_;
  std::string key_id_;
  // Tokens whose signature was found good, which costs a hundred times as much as finding them here.
  mutable std::unordered_map<std::string, TokenClaims> known_;
};

}  // namespace fairlead::sandbox
