#include "base/secret.h"

#include <cstring>

namespace fairlead {

void Secret::wipe() noexcept {
  // The buffer may be longer than the text (small strings, moved-from remains): wipe all of it.
  value_.resize(value_.capacity());
  explicit_bzero(value_.data(), value_.size());
  value_.clear();
}

}  // namespace fairlead
