#include "vault/sealer.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

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

}  // namespace

Result<Sealer> Sealer::with_keys(std::vector<Secret> keys) {
  const auto refuse = [](std::string cause) {
    return fail(ErrorCode::invalid_request, "use the encryption key", std::move(cause));
  };
  std::vector<Key> all;
  for (auto& key : keys) {
    if (key.reveal().size() != kKey) return refuse("it has not 32 bytes");
    KeyId id = sha256(key.reveal()).substr(0, kId);
    for (const auto& other : all)
      if (other.id == id) return refuse("a key is given twice");
    all.push_back({std::move(key), std::move(id)});
  }
  if (all.empty()) return refuse("there is none");
  return Sealer(std::move(all));
}

Result<Sealer> Sealer::with_key(Secret key) {
  std::vector<Secret> keys;
  keys.push_back(std::move(key));
  return with_keys(std::move(keys));
}

std::optional<Sealer> Sealer::sealing_with(const KeyId& id) const {
  if (!has(id)) return std::nullopt;
  Sealer out = *this;
  std::stable_partition(out.keys_.begin(), out.keys_.end(), [&](const Key& key) { return key.id == id; });
  return out;
}

std::vector<KeyId> Sealer::key_ids() const {
  std::vector<KeyId> out;
  for (const auto& key : keys_) out.push_back(key.id);
  return out;
}

bool Sealer::has(const KeyId& id) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == id; });
}

KeyId Sealer::key_id_of(std::string_view sealed) {
  return sealed.size() < kHead + kTag || sealed[0] != kFormat ? KeyId() : KeyId(sealed.substr(1, kId));
}

Result<std::string> Sealer::seal(std::string_view plain, std::string_view context) const {
  std::string out(kHead + plain.size() + kTag, '\0');
  out[0] = kFormat;
  const Key& key = keys_.front();
  out.replace(1, kId, key.id);
  unsigned char* nonce = bytes(out) + 1 + kId;
  int size = 0;
  auto cipher = new_context();
  const bool sealed =
      RAND_bytes(nonce, kNonce) == 1 && cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.bytes.reveal()), nonce) == 1 &&
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
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& one) { return one.id == sealed.substr(1, kId); });
  if (key == keys_.end())
    return broken(
        "it was encrypted with another key",
        "Put the key back that it was encrypted with (ENCRYPTION_KEY, or the file vault.key of the data directory)");
  const std::string_view nonce = sealed.substr(1 + kId, kNonce),
                         text = sealed.substr(kHead, sealed.size() - kHead - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag)), out(text.size(), '\0');
  int size = 0;
  auto cipher = new_context();
  const bool opened =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key->bytes.reveal()), bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(context), static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(out), &size, bytes(text), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(out) + size, &size) == 1;
  if (!opened) return broken("it was altered, or belongs elsewhere", "Restore the data directory from a backup");
  return out;
}

}  // namespace fairlead::vault
