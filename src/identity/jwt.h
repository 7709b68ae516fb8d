// JSON Web Tokens that are signed (RFC 7519 in the compact form of RFC 7515), read as RFC 8725 advises: of the
// algorithms those with a public key alone, of texts one form alone, and nothing of a key that the token brings along
// itself (jwk, jku, x5c, x5u). Pure and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

struct evp_pkey_st;

namespace fairlead::identity {

enum class Algorithm { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, eddsa };
std::optional<Algorithm> parse_algorithm(std::string_view text);  // "RS256"; nothing for `none` and for HMAC

enum class KeyKind { rsa, p256, p384, p521, ed25519 };
struct PublicKey {
  KeyKind kind = KeyKind::rsa;
  std::shared_ptr<evp_pkey_st> key;  // never changed once it is there
};
// Whether a signature of this algorithm is made with keys of that kind: ES256 with P-256 and no other curve.
bool suits(Algorithm algorithm, KeyKind kind);

// What it says is the word of whoever wrote it, until verify() has said so.
struct Jwt {
  Algorithm algorithm = Algorithm::rs256;
  std::optional<std::string> key_id;  // kid
  json::object claims;
  std::string signed_part;  // header and claims as they came
  std::string signature;    // bytes
};

inline constexpr std::size_t kLongestJwt = 16 << 10;

// invalid_request with what is wrong, in our own words, for all that is not exactly such a token: a part more or less,
// padding, a key that is there twice, `crit`, a `typ` other than JWT and at+jwt.
Result<Jwt> parse_jwt(std::string_view text);

// Whether the key has signed it. False for a key of a kind that the algorithm is not for.
bool verify(const Jwt& token, const PublicKey& key);

}  // namespace fairlead::identity
