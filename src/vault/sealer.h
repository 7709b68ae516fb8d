// Authenticated encryption of what is kept: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce each time. What is
// sealed is bound to a context (the record that it belongs to), so that it cannot be put elsewhere.
//
// A sealed text is: one byte for the format (1), 4 bytes that name the key, 12 of nonce, the cipher text, 16 of tag.
// Thread-safe once made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace fairlead::vault {

// Names a key and tells nothing of it: the first 4 bytes of its SHA-256.
using KeyId = std::string;

class Sealer {
 public:
  // Of 32 bytes each: the first one seals, all of them open. invalid_request where there is none, or two of one id.
  static Result<Sealer> with_keys(std::vector<Secret> keys);
  static Result<Sealer> with_key(Secret key);
  // The same keys, that one first; nothing: it is not among them.
  std::optional<Sealer> sealing_with(const KeyId& id) const;

  Result<std::string> seal(std::string_view plain, std::string_view context) const;
  // server_error when it was altered, belongs to another context, or was sealed by another key (which the cause says).
  Result<std::string> open(std::string_view sealed, std::string_view context) const;

  const KeyId& key_id() const { return keys_.front().id; }  // of the one that seals
  std::vector<KeyId> key_ids() const;
  bool has(const KeyId& id) const;
  // Which key a sealed text says that it was sealed with; empty: it is none.
  static KeyId key_id_of(std::string_view sealed);

 private:
  struct Key {
    Secret bytes;
    KeyId id;
  };
  explicit Sealer(std::vector<Key> keys) : keys_(std::move(keys)) {}
  std::vector<Key> keys_;  // never empty
};

}  // namespace fairlead::vault
