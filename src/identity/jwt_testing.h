// Tests only: an issuer's keys, made by OpenSSL on the spot, and tokens that they sign, right or wrong.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "identity/base64url.h"
#include "identity/jwks.h"

namespace fairlead::identity::testing {

inline const std::vector<std::string>& all_algorithms() {
  static const std::vector<std::string> all{"RS256", "RS384", "RS512", "PS256", "PS384",
                                            "PS512", "ES256", "ES384", "ES512", "EdDSA"};
  return all;
}

class SigningKey {
 public:
  // For that algorithm; `bits` of an RSA key.
  explicit SigningKey(const std::string& algorithm, unsigned bits = 2048) : key_(make(algorithm, bits), EVP_PKEY_free) {
    if (!key_) throw std::runtime_error("no key");
  }

  json::object jwk(const std::string& id = "one") const {
    json::object out{{"kid", id}};
    if (EVP_PKEY_is_a(key_.get(), "RSA")) {
      out["kty"] = "RSA";
      out["n"] = base64url_encode(number(OSSL_PKEY_PARAM_RSA_N, 0));
      out["e"] = base64url_encode(number(OSSL_PKEY_PARAM_RSA_E, 0));
    } else if (EVP_PKEY_is_a(key_.get(), "EC")) {
      const int field = (EVP_PKEY_get_bits(key_.get()) + 7) / 8;
      out["kty"] = "EC";
      out["crv"] = "P-" + std::to_string(EVP_PKEY_get_bits(key_.get()));
      out["x"] = base64url_encode(number(OSSL_PKEY_PARAM_EC_PUB_X, field));
      out["y"] = base64url_encode(number(OSSL_PKEY_PARAM_EC_PUB_Y, field));
    } else {
      std::string raw(32, '\0');
      std::size_t size = raw.size();
      EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
      out["kty"] = "OKP";
      out["crv"] = "Ed25519";
      out["x"] = base64url_encode(raw);
    }
    return out;
  }

  // The signature's bytes as a JWS has them.
  std::string sign(const std::string& algorithm, const std::string& message) const {
    const bool own_digest = algorithm == "EdDSA";
    const std::string digest = own_digest ? "" : "SHA" + algorithm.substr(2);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit_ex(context.get(), &options, own_digest ? nullptr : digest.c_str(), nullptr, nullptr, key_.get(),
                          nullptr);
    if (algorithm.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string out(1024, '\0');
    std::size_t size = out.size();
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
      throw std::runtime_error("cannot sign");
    out.resize(size);
    return EVP_PKEY_is_a(key_.get(), "EC") ? plain(out) : out;
  }

  std::string token(const json::object& header, const json::object& claims) const {
    return token_of(compact(header), compact(claims), std::string(header.at("alg").as_string()));
  }
  std::string token_of(const std::string& header, const std::string& claims, const std::string& algorithm) const {
    const std::string signed_part = base64url_encode(header) + "." + base64url_encode(claims);
    return signed_part + "." + base64url_encode(sign(algorithm, signed_part));
  }

 private:
  static EVP_PKEY* make(const std::string& algorithm, unsigned bits) {
    if (algorithm == "EdDSA") return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (algorithm.starts_with("ES"))
      return EVP_EC_gen(algorithm == "ES256" ? "P-256" : algorithm == "ES384" ? "P-384" : "P-521");
    return EVP_RSA_gen(bits);
  }
  std::string number(const char* name, int size) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string out(static_cast<std::size_t>(size ? size : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(value);
    return out;
  }
  std::string plain(const std::string& der) const {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    const std::size_t field = static_cast<std::size_t>((EVP_PKEY_get_bits(key_.get()) + 7) / 8);
    std::string out(2 * field, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(both), bytes, static_cast<int>(field));
    BN_bn2binpad(ECDSA_SIG_get0_s(both), bytes + field, static_cast<int>(field));
    ECDSA_SIG_free(both);
    return out;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// Made once a process: an RSA key takes its time.
inline const SigningKey& key_for(const std::string& algorithm, int number = 0) {
  static std::map<std::pair<std::string, int>, SigningKey> made;
  const bool rsa = algorithm.starts_with("RS") || algorithm.starts_with("PS");
  return made.try_emplace({rsa ? "RS256" : algorithm, number}, algorithm).first->second;
}

inline std::string hmac_sha256(const std::string& key, const std::string& message) {
  unsigned char out[32];
  unsigned size = sizeof out;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

inline std::string set_of(std::initializer_list<json::object> keys) {
  json::array all;
  for (const auto& key : keys) all.push_back(key);
  return compact(json::object{{"keys", std::move(all)}});
}

}  // namespace fairlead::identity::testing
