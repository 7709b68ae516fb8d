// X.509 certificates on EC P-256 keys, for a server and its clients that trust nobody else. Thread-safe: pure, but for
// OpenSSL's random numbers.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace fairlead::sandbox {

struct KeyPair {
  std::string certificate_pem;
  Secret key_pem;  // PKCS#8
};

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> addresses;  // subject alternative names, IP or DNS; makes it a server's
  std::int64_t valid_from = 0;         // unix seconds
  std::int64_t valid_seconds = 365 * 86'400;
};

Result<KeyPair> make_authority(const CertificateRequest& request);
// Signed by the authority.
Result<KeyPair> make_certificate(const KeyPair& authority, const CertificateRequest& request);

// Random bytes as hexadecimal digits, fit for a token.
Result<std::string> random_token(std::size_t bytes);

}  // namespace fairlead::sandbox
