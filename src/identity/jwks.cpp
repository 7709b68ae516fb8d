#include "identity/jwks.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "identity/base64url.h"

namespace fairlead::identity {
namespace {

constexpr std::size_t kMostKeys = 100, kLongestId = 512, kLongestSet = 1 << 20;
constexpr int kLeastBits = 2048, kMostBits = 8192, kMostExponentBits = 64;

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

// A key that does not do, with why; nothing is said of what is for something else.
struct LeftOut {
  std::string why;
};
template <class T>
using Made = tl::expected<T, LeftOut>;

tl::unexpected<LeftOut> leave_out(std::string why = {}) { return tl::unexpected<LeftOut>({std::move(why)}); }

std::shared_ptr<evp_pkey_st> own(EVP_PKEY* key) { return {key, &EVP_PKEY_free}; }

const json::string* text_of(const json::object& jwk, std::string_view name) {
  const json::value* value = jwk.if_contains(name);
  return value ? value->if_string() : nullptr;
}

std::optional<std::string> bytes_of(const json::object& jwk, std::string_view name) {
  const json::string* text = text_of(jwk, name);
  return text ? base64url_decode(*text) : std::nullopt;
}

// Null where it is none: a point that is not on the curve.
std::shared_ptr<evp_pkey_st> key_from(const char* type, OSSL_PARAM_BLD* builder) {
  std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder),
                                                                     &OSSL_PARAM_free);
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  auto key = own(made);
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> check(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr),
                                                                    &EVP_PKEY_CTX_free);
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

Made<PublicKey> rsa_key(const json::object& jwk) {
  const auto modulus = bytes_of(jwk, "n"), exponent = bytes_of(jwk, "e");
  if (!modulus || !exponent || modulus->size() > kMostBits / 8 + 1 || exponent->size() > kMostExponentBits / 8)
    return leave_out("an RSA key cannot be read");
  const auto number = [](const std::string& bytes) {
    return Number(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
        &BN_free);
  };
  const Number n = number(*modulus), e = number(*exponent);
  if (!n || !e) return leave_out("an RSA key cannot be read");
  const int bits = BN_num_bits(n.get());
  if (bits < kLeastBits)
    return leave_out(fmt::format("an RSA key has {} bits, and {} are the least", bits, kLeastBits));
  if (bits > kMostBits) return leave_out(fmt::format("an RSA key has {} bits, and {} are the most", bits, kMostBits));
  if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_num_bits(e.get()) < 2) return leave_out("an RSA key is none");
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return leave_out("an RSA key cannot be read");
  PublicKey out{KeyKind::rsa, key_from("RSA", builder.get())};
  if (!out.key) return leave_out("an RSA key is none");
  return out;
}

struct Curve {
  std::string_view name;
  KeyKind kind;
  const char* group;
  std::size_t bytes;  // of a coordinate
};
constexpr Curve kCurves[] = {{"P-256", KeyKind::p256, "prime256v1", 32},
                             {"P-384", KeyKind::p384, "secp384r1", 48},
                             {"P-521", KeyKind::p521, "secp521r1", 66}};

Made<PublicKey> curve_key(const json::object& jwk) {
  const json::string* name = text_of(jwk, "crv");
  const auto curve = std::find_if(std::begin(kCurves), std::end(kCurves),
                                  [&](const Curve& one) { return name && one.name == std::string_view(*name); });
  if (curve == std::end(kCurves)) return leave_out();
  const auto x = bytes_of(jwk, "x"), y = bytes_of(jwk, "y");
  if (!x || !y || x->size() != curve->bytes || y->size() != curve->bytes)
    return leave_out("a key on " + std::string(curve->name) + " cannot be read");
  const std::string point = "\x04" + *x + *y;
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return leave_out("a key on " + std::string(curve->name) + " cannot be read");
  PublicKey out{curve->kind, key_from("EC", builder.get())};
  if (!out.key) return leave_out("a key is no point on " + std::string(curve->name));
  return out;
}

Made<PublicKey> edwards_key(const json::object& jwk) {
  const json::string* name = text_of(jwk, "crv");
  if (!name || *name != "Ed25519") return leave_out();
  const auto x = bytes_of(jwk, "x");
  if (!x || x->size() != 32) return leave_out("a key on Ed25519 cannot be read");
  PublicKey out{KeyKind::ed25519,
                own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                reinterpret_cast<const unsigned char*>(x->data()), x->size()))};
  if (!out.key) return leave_out("a key on Ed25519 cannot be read");
  return out;
}

// Whether it is there to check signatures (RFC 7517, 4.2 and 4.3).
bool is_for_signatures(const json::object& jwk) {
  if (const json::value* use = jwk.if_contains("use"); use && *use != "sig") return false;
  const json::value* operations = jwk.if_contains("key_ops");
  if (!operations) return true;
  if (!operations->is_array()) return false;
  const auto& all = operations->get_array();
  return std::any_of(all.begin(), all.end(), [](const json::value& one) { return one == "verify"; });
}

Made<Jwk> jwk_of(const json::object& jwk) {
  const json::string* type = text_of(jwk, "kty");
  if (!type || !is_for_signatures(jwk)) return leave_out();
  Jwk out;
  if (const json::value* id = jwk.if_contains("kid")) {
    if (!id->is_string() || id->get_string().size() > kLongestId) return leave_out("a kid is no short text");
    out.id.emplace(id->get_string());
  }
  if (const json::value* algorithm = jwk.if_contains("alg")) {
    out.algorithm = algorithm->is_string() ? parse_algorithm(algorithm->get_string()) : std::nullopt;
    if (!out.algorithm) return leave_out();
  }
  if (*type != "RSA" && *type != "EC" && *type != "OKP") return leave_out();
  if (jwk.contains("d")) return leave_out("a key is a private one, which everybody can read there");
  auto key = *type == "RSA" ? rsa_key(jwk) : *type == "EC" ? curve_key(jwk) : edwards_key(jwk);
  ERR_clear_error();
  if (!key) return tl::unexpected<LeftOut>(std::move(key.error()));
  if (out.algorithm && !suits(*out.algorithm, key->kind)) return leave_out("a key is not of the kind of its alg");
  out.key = std::move(*key);
  return out;
}

}  // namespace

Result<Jwks> parse_jwks(std::string_view text) {
  const auto wrong = [](std::string cause) {
    return fail(ErrorCode::server_error, "read the identity provider's keys", std::move(cause),
                "Look at what its jwks_uri answers");
  };
  JsonLimits limits;
  limits.bytes = kLongestSet;
  limits.depth = 16;
  limits.duplicate_keys = false;
  auto value = parse_json(text, "read the identity provider's keys", limits);
  if (!value || !value->is_object()) return wrong("they are no JSON object, or it has a key twice");
  const json::value* keys = find(*value, "keys");
  if (!keys || !keys->is_array()) return wrong("there is no list of keys");
  if (keys->get_array().size() > kMostKeys) return wrong(fmt::format("there are more than {}", kMostKeys));
  Jwks out;
  for (const auto& one : keys->get_array()) {
    if (!one.is_object()) return wrong("one is no object");
    auto key = jwk_of(one.get_object());
    if (key)
      out.keys.push_back(std::move(*key));
    else if (!key.error().why.empty())
      out.left_out.push_back(std::move(key.error().why));
  }
  if (out.keys.empty())
    return wrong(out.left_out.empty() ? "none is for signatures with a public key"
                                      : "none can be used: " + out.left_out[0]);
  return out;
}

const PublicKey* find_key(const Jwks& jwks, const Jwt& token) {
  const PublicKey* found = nullptr;
  for (const auto& jwk : jwks.keys) {
    if (token.key_id && jwk.id != token.key_id) continue;
    if (!suits(token.algorithm, jwk.key.kind) || (jwk.algorithm && *jwk.algorithm != token.algorithm)) continue;
    if (found) return nullptr;
    found = &jwk.key;
  }
  return found;
}

}  // namespace fairlead::identity
