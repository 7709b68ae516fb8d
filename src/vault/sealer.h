// Authenticated encryption of what is kept: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce each time. What is
// sealed is bound to a context (the record that it belongs to), so that it cannot be put elsewhere.
//
// A sealed text is: one byte for the format (1), 4 bytes that name the key, 12 of nonce, the cipher text, 16 of tag.
// Thread-safe once made.
#pragma once

#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/secret.h"

namespace fairlead::vault {

class Sealer {
 public:
  // 32 bytes.
  static Result<Sealer> with_key(Secret key);
  // The key from ENCRYPTION_KEY (64 hexadecimal digits), else from the file at `path`. Where that is not there it is
  // made with a random key and mode 0600, if it may be. invalid_request for what is no key; server_error for a file
  // that cannot be used, or that others may read.
  static Result<Sealer> from(const Environment& environment, const std::string& path, bool may_make);

  Result<std::string> seal(std::string_view plain, std::string_view context) const;
  // server_error when it was altered, belongs to another context, or was sealed by another key (which the cause says).
  Result<std::string> open(std::string_view sealed, std::string_view context) const;
  // A digest of the text that only who has the key can make (HMAC-SHA-256), in hex: to find it again by.
  std::string mark(std::string_view text) const;

 private:
  explicit Sealer(Secret key);
  Secret key_;
  std::string id_;  // the first bytes of its SHA-256
};

}  // namespace fairlead::vault
