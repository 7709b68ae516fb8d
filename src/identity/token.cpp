#include "identity/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

#include "base/digest.h"
#include "identity/base64url.h"

namespace fairlead::identity {
namespace {

constexpr std::string_view kPrefix = "flt_";
constexpr std::size_t kIdDigits = 16, kSecretBytes = 32, kSecretDigits = 43;

}  // namespace

Result<TokenText> make_token() {
  std::array<unsigned char, kIdDigits / 2 + kSecretBytes> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    return fail(ErrorCode::internal, "make a token", "the system has no random numbers");
  const std::string_view bytes(reinterpret_cast<const char*>(random.data()), random.size());
  TokenText out;
  out.id = to_hex(bytes.substr(0, kIdDigits / 2));
  out.text = Secret(std::string(kPrefix) + out.id + "_" + base64url_encode(bytes.substr(kIdDigits / 2)));
  OPENSSL_cleanse(random.data(), random.size());
  return out;
}

std::optional<std::string> token_id(std::string_view text) {
  if (text.size() != kPrefix.size() + kIdDigits + 1 + kSecretDigits || !text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = text.substr(kPrefix.size(), kIdDigits);
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  if (text[kPrefix.size() + kIdDigits] != '_') return std::nullopt;
  return std::string(id);
}

Error not_let_in() {
  return {ErrorCode::authentication_failed,
          "authenticate",
          "the token is none of this Fairlead's, has expired, or was revoked",
          "Ask an admin for another one",
          nullptr,
          {}};
}

std::string token_digest(std::string_view text) { return sha256_hex(text); }

bool is_token(std::string_view digest, std::string_view text) {
  const std::string own = token_digest(text);
  return digest.size() == own.size() && CRYPTO_memcmp(digest.data(), own.data(), own.size()) == 0;
}

}  // namespace fairlead::identity
