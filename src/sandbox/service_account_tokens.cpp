#include "sandbox/service_account_tokens.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/freer.h"
#include "base/text.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view secret_issuer = "kubernetes/serviceaccount", secret_claims = "kubernetes.io/serviceaccount/";
constexpr std::size_t most_known = 4096, half = 32;  // bytes of r and of s

using Context = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

tl::unexpected<Error> failed(std::string_view what) {
  return fail(ErrorCode::internal, "sign a ServiceAccount's token", "OpenSSL could not " + std::string(what));
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string to_base64url(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!fine) return std::nullopt;
    c = c == '-' ? '+' : c == '_' ? '/' : c;
  }
  while (standard.size() % 4 != 0) standard += '=';
  auto bytes = base64_decode(standard);
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

std::optional<json::value> json_part(std::string_view text) {
  auto bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  auto value = parse_json(*bytes, "read a token", JsonLimits{ServiceAccountTokens::largest_token, 8, false});
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(*value);
}

// JWS has r and s side by side, OpenSSL has them as ASN.1.
std::string raw_signature(std::string_view der) {
  const unsigned char* next = bytes_of(der);
  Signature signature(d2i_ECDSA_SIG(nullptr, &next, static_cast<long>(der.size())));
  if (!signature) return {};
  std::string out(2 * half, '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), at, half) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), at + half, half) < 0)
    return {};
  return out;
}

std::string der_signature(std::string_view raw) {
  Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(raw), half, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(raw) + half, half, nullptr);
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::string out =
      size > 0 ? std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)) : std::string();
  OPENSSL_free(der);
  return out;
}

json::object reference(const TokenClaims::Reference& to) { return {{"name", to.name}, {"uid", to.uid}}; }

TokenClaims::Reference reference_at(const json::value& claims, std::string_view name) {
  return {std::string(text_at(claims, {"kubernetes.io", name, "name"})),
          std::string(text_at(claims, {"kubernetes.io", name, "uid"}))};
}

json::object claims_object(const TokenClaims& claims) {
  json::value subject = json::string("system:serviceaccount:" + claims.namespace_name + ":" + claims.account.name);
  if (claims.of_secret) {
    std::string prefix(secret_claims);
    return {{"iss", secret_issuer},
            {prefix + "namespace", claims.namespace_name},
            {prefix + "secret.name", claims.secret.name},
            {prefix + "service-account.name", claims.account.name},
            {prefix + "service-account.uid", claims.account.uid},
            {"sub", subject}};
  }
  json::object bound{{"namespace", claims.namespace_name}};
  if (!claims.node.name.empty()) bound["node"] = reference(claims.node);
  if (!claims.pod.name.empty()) bound["pod"] = reference(claims.pod);
  if (!claims.secret.name.empty()) bound["secret"] = reference(claims.secret);
  bound["serviceaccount"] = reference(claims.account);
  json::array audiences;
  for (const std::string& audience : claims.audiences) audiences.emplace_back(audience);
  return {{"aud", std::move(audiences)},
          {"exp", claims.expires_at},
          {"iat", claims.issued_at},
          {"iss", ServiceAccountTokens::issuer},
          {"jti", claims.id},
          {"kubernetes.io", std::move(bound)},
          {"nbf", claims.issued_at},
          {"sub", subject}};
}

TokenClaims claims_from(const json::value& value) {
  TokenClaims out;
  if (text_at(value, {"iss"}) == secret_issuer) {
    auto claim = [&](std::string_view name) {
      return std::string(text_at(value, {std::string(secret_claims) + std::string(name)}));
    };
    out.of_secret = true;
    out.namespace_name = claim("namespace");
    out.account = {claim("service-account.name"), claim("service-account.uid")};
    out.secret.name = claim("secret.name");
    out.audiences = {std::string(ServiceAccountTokens::issuer)};
    return out;
  }
  out.namespace_name = text_at(value, {"kubernetes.io", "namespace"});
  out.account = reference_at(value, "serviceaccount");
  out.pod = reference_at(value, "pod");
  out.node = reference_at(value, "node");
  out.secret = reference_at(value, "secret");
  for (const json::value& audience : array_at(value, {"aud"})) {
    if (audience.is_string()) out.audiences.emplace_back(audience.get_string());
  }
  out.id = text_at(value, {"jti"});
  out.issued_at = integer_at(value, {"nbf"});
  out.expires_at = integer_at(value, {"exp"});
  return out;
}

}  // namespace

struct ServiceAccountTokens::Key {
  std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> pair;
};

ServiceAccountTokens::ServiceAccountTokens() : key_(std::make_unique<Key>()) {}
ServiceAccountTokens::~ServiceAccountTokens() = default;

Result<std::shared_ptr<const ServiceAccountTokens>> ServiceAccountTokens::make() {
  std::shared_ptr<ServiceAccountTokens> out(new ServiceAccountTokens);
  out->key_->pair.reset(EVP_EC_gen("P-256"));
  if (!out->key_->pair) return failed("make a key");
  unsigned char* der = nullptr;
  int size = i2d_PUBKEY(out->key_->pair.get(), &der);
  if (size <= 0) return failed("write the public key");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(der, static_cast<std::size_t>(size), digest);
  OPENSSL_free(der);
  out->key_id_ = to_base64url(std::string_view(reinterpret_cast<char*>(digest), sizeof digest));
  return std::shared_ptr<const ServiceAccountTokens>(std::move(out));
}

Result<std::string> ServiceAccountTokens::sign(const TokenClaims& claims) const {
  std::string text = to_base64url(compact(json::object{{"alg", "ES256"}, {"kid", key_id_}})) + "." +
                     to_base64url(compact(claims_object(claims)));
  Context context(EVP_MD_CTX_new());
  std::string der(128, '\0');
  std::size_t size = der.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->pair.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes_of(text), text.size()) !=
          1) {
    return failed("sign it");
  }
  std::string raw = raw_signature(std::string_view(der).substr(0, size));
  if (raw.empty()) return failed("write the signature");
  return text + "." + to_base64url(raw);
}

tl::expected<TokenClaims, std::string> ServiceAccountTokens::verify(std::string_view token) const {
  auto refused = [](std::string why) { return tl::unexpected<std::string>(std::move(why)); };
  if (token.size() > largest_token) return refused("");
  if (auto found = known_.find(std::string(token)); found != known_.end()) return found->second;
  std::vector<std::string_view> parts = split(token, '.');
  if (parts.size() != 3) return refused("");
  auto claims = json_part(parts[1]);
  if (!claims || (text_at(*claims, {"iss"}) != issuer && text_at(*claims, {"iss"}) != secret_issuer))
    return refused("");
  auto header = json_part(parts[0]);
  if (!header) return refused("");
  // Nothing that the header says chooses how the signature is checked.
  if (text_at(*header, {"alg"}) != "ES256" || find(*header, "crit")) return refused("");
  if (const json::value* kid = find(*header, "kid"); kid && (!kid->is_string() || kid->get_string() != key_id_))
    return refused("invalid signature, no keys found");
  auto raw = from_base64url(parts[2]);
  if (!raw || raw->size() != 2 * half) return refused("go-jose/go-jose: error in cryptographic primitive");
  std::string der = der_signature(*raw);
  std::string_view text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  Context context(EVP_MD_CTX_new());
  if (der.empty() || !context ||
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->pair.get()) != 1 ||
      EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(text), text.size()) != 1) {
    return refused("go-jose/go-jose: error in cryptographic primitive");
  }
  if (known_.size() >= most_known) known_.clear();
  return known_.emplace(std::string(token), claims_from(*claims)).first->second;
}

json::object ServiceAccountTokens::key_set() const {
  json::object key{{"use", "sig"}, {"kty", "EC"}, {"kid", key_id_}, {"crv", "P-256"}, {"alg", "ES256"}};
  for (auto [name, parameter] : {std::pair{"x", OSSL_PKEY_PARAM_EC_PUB_X}, std::pair{"y", OSSL_PKEY_PARAM_EC_PUB_Y}}) {
    BIGNUM* number = nullptr;
    std::string bytes(half, '\0');
    if (EVP_PKEY_get_bn_param(key_->pair.get(), parameter, &number) == 1)
      BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), half);
    BN_free(number);
    key[name] = to_base64url(bytes);
  }
  return {{"keys", json::array{std::move(key)}}};
}

}  // namespace fairlead::sandbox
