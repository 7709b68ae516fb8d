// Credentials inside encodings: base64 and hex, perhaps of gzip or zlib, perhaps one inside the other. Pure; bounded:
// so many layers and so many bytes are unpacked, and what is more than that counts as a credential.
#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::redact {

// What may still be unpacked of one text.
struct Unpacking {
  int layers = 3;
  std::size_t bytes = 0;  // of what is packed
};
Unpacking unpacking_of(std::string_view text);

// Whether text() changes what is encoded: base64 of any length, perhaps packed.
bool encodes_a_credential(std::string_view token, Unpacking& unpacking);

// Finds them in one text, asked from its begin to its end.
class EncodedCredentials {
 public:
  EncodedCredentials(std::string_view text, Unpacking& unpacking) : text_(text), unpacking_(unpacking) {}
  // The end of a long token that begins at `at` and holds a credential, perhaps wrapped into lines; else `at`.
  std::size_t end_of(std::size_t at);

 private:
  std::size_t end_of_wrapped(std::size_t at, std::size_t run);
  std::string_view text_;
  Unpacking& unpacking_;
  std::size_t seen_ = 0, seen_wrapped_ = 0;  // before this is none
};

// text() for what was unpacked; in text.cpp.
bool holds_a_credential(std::string_view text, Unpacking& unpacking);

}  // namespace fairlead::redact
