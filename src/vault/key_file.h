// Where master keys come from: ENCRYPTION_KEY, else a file that only its owner reads. A key is 64 hexadecimal digits;
// of several (with commas between them, or a line each) all open what they have sealed.
#pragma once

#include <string>

#include "base/environment.h"
#include "vault/sealer.h"

namespace fairlead::vault {

bool is_given_by_environment(const Environment& environment);

// What somebody who was killed while writing the file has left beside it is taken away.
// Where the file is needed and not there it is made with a random key and mode 0600, if it may be. invalid_request for
// what is no key; server_error for a file that cannot be used, or that others may read.
Result<Sealer> read_keys(const Environment& environment, const std::string& path, bool may_make);

// Nobody else changes the file as long as this lives: conflict where somebody does already.
class KeyFileLock {
 public:
  static Result<KeyFileLock> take(const std::string& path);
  KeyFileLock(KeyFileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  KeyFileLock& operator=(KeyFileLock&&) = delete;
  ~KeyFileLock();

 private:
  explicit KeyFileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The file as it was with a new random key before the others, whole or not at all.
Result<void> add_key(const std::string& path, const KeyFileLock& lock);
// The file with that key alone.
Result<void> keep_key(const std::string& path, const KeyId& id, const KeyFileLock& lock);

}  // namespace fairlead::vault
