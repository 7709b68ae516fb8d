// API tokens as text: "flt_" + 16 hexadecimal digits that name the token + "_" + 256 random bits in base64url. Only the
// SHA-256 of the whole is kept: of so many random bits nobody finds them again. Pure but for the randomness.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace fairlead::identity {

struct TokenText {
  std::string id;
  Secret text;
};
Result<TokenText> make_token();  // internal where the system has no random numbers

// The id in what looks like a token; nothing: it is none.
std::optional<std::string> token_id(std::string_view text);

// What whoever is not let in is told, in the same words whatever is wrong, with tokens of every kind.
Error not_let_in();

std::string token_digest(std::string_view text);  // hex
// Whether the digest is that of the text, in a time that does not tell how much of it is.
bool is_token(std::string_view digest, std::string_view text);

}  // namespace fairlead::identity
