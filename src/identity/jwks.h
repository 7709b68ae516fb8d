// The keys of an issuer: a JWK Set (RFC 7517, 7518, 8037). Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/jwt.h"

namespace fairlead::identity {

struct Jwk {
  std::optional<std::string> id;       // kid
  std::optional<Algorithm> algorithm;  // the one that it is for; nothing: each that suits it
  PublicKey key;
};

struct Jwks {
  std::vector<Jwk> keys;
  // Why others were left out, a clause each ("an RSA key has 1024 bits, and 2048 are the least"). Those for something
  // else (encryption, kinds and algorithms that no signature is checked with here) are left out without a word.
  std::vector<std::string> left_out;
};

// server_error: it is no JWK Set, has a key twice, is too long, or nothing in it can check a signature.
Result<Jwks> parse_jwks(std::string_view text);

// The key for that token: of its kid where it has one, else the only one that suits its algorithm. Null: there is none,
// or more than one.
const PublicKey* find_key(const Jwks& jwks, const Jwt& token);

}  // namespace fairlead::identity
