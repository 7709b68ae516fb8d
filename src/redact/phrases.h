// Credentials that words give away: "password is X", "A temporary password is generated for root@localhost: X",
// "Unseal Key 1: X", netrc's "login ann password X", and pairs such as --user ann:X. Pure; bounded time for one call.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "redact/private_keys.h"

namespace fairlead::redact {

// Whether somebody could have chosen a word as a secret: letters of one kind alone are a word of prose; so is a capital
// one alone at the begin.
bool looks_chosen(std::string_view word);

// What the word from `begin` to `end` of a text announces. It lies behind the word, in the same line or the next one,
// and looks as if somebody had chosen it: "password is required" announces nothing.
std::optional<TextSpan> secret_of_phrase(std::string_view text, std::size_t begin, std::size_t end);

// Where the secret of "user:secret" begins, under a name that such pairs stand under: creds, userpass, auth, --user.
std::optional<std::size_t> secret_of_pair(std::string_view name, std::string_view value);

}  // namespace fairlead::redact
