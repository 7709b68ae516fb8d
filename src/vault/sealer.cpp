#include "vault/sealer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/digest.h"
#include "base/new_file.h"

namespace fairlead::vault {
namespace {

constexpr std::size_t kKey = 32, kId = 4, kNonce = 12, kTag = 16, kHead = 1 + kId + kNonce;
constexpr char kFormat = 1;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
Context new_context() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

tl::unexpected<Error> internal(std::string_view step) {
  return fail(ErrorCode::internal, std::string(step), "the cryptographic library refused");
}

std::string sha256(std::string_view text) {
  std::string sum(32, '\0');
  EVP_Digest(text.data(), text.size(), bytes(sum), nullptr, EVP_sha256(), nullptr);
  return sum;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string sum(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(), bytes(sum), nullptr);
  return sum;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<Secret> from_hex(std::string_view text, std::string_view where) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  auto wrong = [&] {
    return fail(ErrorCode::invalid_request, "read the encryption key", std::string(where) + " holds no key",
                "A key is 64 hexadecimal digits, as `openssl rand -hex 32` prints it");
  };
  if (text.size() != 2 * kKey) return wrong();
  std::string key(kKey, '\0');
  for (std::size_t i = 0; i < kKey; ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return wrong();
    key[i] = static_cast<char>(high * 16 + low);
  }
  return Secret(std::move(key));
}

tl::unexpected<Error> file_trouble(const std::string& path, int error) {
  return fail(ErrorCode::server_error, "use the encryption key", path + ": " + std::strerror(error),
              "Give a data directory that can be written, with --data-dir, or set ENCRYPTION_KEY");
}

// Another process may make it at the same moment: whoever links it first wins.
Result<void> make_key_file(const std::string& path) {
  std::array<unsigned char, kKey> key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) return internal("make an encryption key");
  std::string text = to_hex({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
  const int error = write_new_file(path, text, 0600);
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(key.data(), key.size());
  if (error != 0 && error != EEXIST) return file_trouble(path, error);
  return {};
}

}  // namespace

Sealer::Sealer(Secret key) : key_(std::move(key)), id_(sha256(key_.reveal()).substr(0, kId)) {}

Result<Sealer> Sealer::with_key(Secret key) {
  if (key.reveal().size() != kKey)
    return fail(ErrorCode::invalid_request, "use the encryption key", "it has not 32 bytes");
  return Sealer(std::move(key));
}

Result<Sealer> Sealer::from(const Environment& environment, const std::string& path, bool may_make) {
  if (auto given = environment("ENCRYPTION_KEY"); given && !given->empty()) {
    auto key = from_hex(*given, "ENCRYPTION_KEY");
    if (!key) return fail(std::move(key.error()));
    return Sealer(std::move(*key));
  }
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno != ENOENT) return file_trouble(path, errno);
    if (!may_make)
      return fail(
          ErrorCode::server_error, "use the encryption key",
          path + " is not there, and what is kept was sealed with it",
          "Put it back (or ENCRYPTION_KEY); without it nothing that was kept can be read. To begin anew, move the "
          "database away");
    if (auto made = make_key_file(path); !made) return fail(std::move(made.error()));
    if (::stat(path.c_str(), &about) != 0) return file_trouble(path, errno);
  }
  if ((about.st_mode & 077) != 0)
    return fail(ErrorCode::server_error, "use the encryption key", path + " may be read by others",
                "chmod 600 it, and think about who has read it");
  auto text = read_file(path, "read the encryption key", 1024);
  if (!text) return fail(std::move(text.error()));
  auto key = from_hex(*text, path);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return fail(std::move(key.error()));
  return Sealer(std::move(*key));
}

std::string Sealer::mark(std::string_view text) const {
  // By a key of its own, so that nothing of the one that seals shows.
  return to_hex(hmac_sha256(hmac_sha256(key_.reveal(), "fairlead mark 1"), text));
}

Result<std::string> Sealer::seal(std::string_view plain, std::string_view context) const {
  std::string out(kHead + plain.size() + kTag, '\0');
  out[0] = kFormat;
  out.replace(1, kId, id_);
  unsigned char* nonce = bytes(out) + 1 + kId;
  int size = 0;
  auto cipher = new_context();
  const bool sealed =
      RAND_bytes(nonce, kNonce) == 1 && cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), nonce) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(context), static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes(out) + kHead, &size, bytes(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes(out) + kHead + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, bytes(out) + kHead + plain.size()) == 1;
  if (!sealed) return internal("encrypt what is kept");
  return out;
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  auto broken = [](std::string cause, std::string remedy) {
    return fail(ErrorCode::server_error, "decrypt what was kept", std::move(cause), std::move(remedy));
  };
  if (sealed.size() < kHead + kTag || sealed[0] != kFormat)
    return broken("it is damaged", "Restore the data directory from a backup");
  if (sealed.substr(1, kId) != id_)
    return broken(
        "it was encrypted with another key",
        "Put the key back that it was encrypted with (ENCRYPTION_KEY, or the file vault.key of the data directory)");
  const std::string_view nonce = sealed.substr(1 + kId, kNonce),
                         text = sealed.substr(kHead, sealed.size() - kHead - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag)), out(text.size(), '\0');
  int size = 0;
  auto cipher = new_context();
  const bool opened =
      cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(context), static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(out), &size, bytes(text), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(out) + size, &size) == 1;
  if (!opened) return broken("it was altered, or belongs elsewhere", "Restore the data directory from a backup");
  return out;
}

}  // namespace fairlead::vault
