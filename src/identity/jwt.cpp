#include "identity/jwt.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "identity/base64url.h"

namespace fairlead::identity {
namespace {

struct Form {
  std::string_view name;
  const char* digest;  // null: the algorithm has its own
  KeyKind kind;
  bool pss = false;
};

// In the order of Algorithm.
constexpr std::array<Form, 10> kForms{{{"RS256", "SHA256", KeyKind::rsa},
                                       {"RS384", "SHA384", KeyKind::rsa},
                                       {"RS512", "SHA512", KeyKind::rsa},
                                       {"PS256", "SHA256", KeyKind::rsa, true},
                                       {"PS384", "SHA384", KeyKind::rsa, true},
                                       {"PS512", "SHA512", KeyKind::rsa, true},
                                       {"ES256", "SHA256", KeyKind::p256},
                                       {"ES384", "SHA384", KeyKind::p384},
                                       {"ES512", "SHA512", KeyKind::p521},
                                       {"EdDSA", nullptr, KeyKind::ed25519}}};

const Form& form_of(Algorithm algorithm) { return kForms[static_cast<std::size_t>(algorithm)]; }

constexpr std::size_t kLongestKeyId = 512;

tl::unexpected<Error> wrong(std::string cause) {
  return fail(ErrorCode::invalid_request, "read the token", std::move(cause));
}

Result<json::object> object_of(std::string_view part, std::string_view what) {
  const auto text = base64url_decode(part);
  if (!text) return wrong(std::string(what) + " is not base64url");
  JsonLimits limits;
  limits.bytes = kLongestJwt;
  limits.depth = 32;
  limits.duplicate_keys = false;
  auto value = parse_json(*text, "read the token", limits);
  if (!value || !value->is_object()) return wrong(std::string(what) + " is no JSON object, or has a key twice");
  return std::move(value->get_object());
}

bool is_type(std::string_view text) {
  constexpr std::string_view media = "application/";
  if (text.size() > media.size() && equal_ignoring_case(text.substr(0, media.size()), media))
    text.remove_prefix(media.size());
  return equal_ignoring_case(text, "JWT") || equal_ignoring_case(text, "at+jwt");
}

Result<void> read_header(const json::object& header, Jwt& to) {
  const json::value* algorithm = header.if_contains("alg");
  const auto known = algorithm && algorithm->is_string() ? parse_algorithm(algorithm->get_string()) : std::nullopt;
  if (!known) return wrong("its algorithm is none that is taken");
  to.algorithm = *known;
  if (header.contains("crit")) return wrong("it has critical extensions, and none is known");
  if (const json::value* type = header.if_contains("typ"); type && !(type->is_string() && is_type(type->get_string())))
    return wrong("it is another kind of token");
  if (const json::value* id = header.if_contains("kid")) {
    if (!id->is_string() || id->get_string().size() > kLongestKeyId) return wrong("its kid is no short text");
    to.key_id.emplace(id->get_string());
  }
  return {};
}

// The two numbers of a signature of RFC 7518 3.4, each as long as the curve's field, as OpenSSL takes them.
std::vector<unsigned char> der_of(std::string_view signature, KeyKind kind) {
  const std::size_t each = kind == KeyKind::p256 ? 32 : kind == KeyKind::p384 ? 48 : 66;
  if (signature.size() != 2 * each) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> both(ECDSA_SIG_new(), &ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes, static_cast<int>(each), nullptr);
  BIGNUM* s = BN_bin2bn(bytes + each, static_cast<int>(each), nullptr);
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  if (size <= 0) return {};
  std::vector<unsigned char> out(der, der + size);
  OPENSSL_free(der);
  return out;
}

bool verify_with(const Form& form, const PublicKey& key, std::string_view message, const unsigned char* signature,
                 std::size_t size) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  if (!context ||
      EVP_DigestVerifyInit_ex(context.get(), &options, form.digest, nullptr, nullptr, key.key.get(), nullptr) != 1)
    return false;
  if (form.kind == KeyKind::rsa &&
      EVP_PKEY_CTX_set_rsa_padding(options, form.pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
    return false;
  // The mask's digest is the signature's where none is set.
  if (form.pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1) return false;
  return EVP_DigestVerify(context.get(), signature, size, reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view text) {
  const auto found = std::find_if(kForms.begin(), kForms.end(), [&](const Form& form) { return form.name == text; });
  if (found == kForms.end()) return std::nullopt;
  return static_cast<Algorithm>(found - kForms.begin());
}

bool suits(Algorithm algorithm, KeyKind kind) { return form_of(algorithm).kind == kind; }

Result<Jwt> parse_jwt(std::string_view text) {
  if (text.size() > kLongestJwt) return wrong("it is too long");
  const auto parts = split(text, '.');
  if (parts.size() != 3) return wrong("it has not three parts");
  auto header = object_of(parts[0], "its header");
  if (!header) return fail(std::move(header.error()));
  Jwt out;
  if (auto read = read_header(*header, out); !read) return fail(std::move(read.error()));
  auto claims = object_of(parts[1], "what it claims");
  if (!claims) return fail(std::move(claims.error()));
  out.claims = std::move(*claims);
  auto signature = base64url_decode(parts[2]);
  if (!signature || signature->empty()) return wrong("its signature is not base64url");
  out.signature = std::move(*signature);
  out.signed_part = text.substr(0, parts[0].size() + 1 + parts[1].size());
  return out;
}

bool verify(const Jwt& token, const PublicKey& key) {
  const Form& form = form_of(token.algorithm);
  if (!key.key || form.kind != key.kind) return false;
  const bool curve = form.kind == KeyKind::p256 || form.kind == KeyKind::p384 || form.kind == KeyKind::p521;
  bool good = false;
  if (curve) {
    const auto der = der_of(token.signature, form.kind);
    good = !der.empty() && verify_with(form, key, token.signed_part, der.data(), der.size());
  } else {
    good = verify_with(form, key, token.signed_part, reinterpret_cast<const unsigned char*>(token.signature.data()),
                       token.signature.size());
  }
  ERR_clear_error();  // what was wrong stays out of the next one's errors
  return good;
}

}  // namespace fairlead::identity
