// Text helpers that have no better home: trimming, base64, and making text from outside safe to show.
// All functions are pure and thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace fairlead {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII

// RFC 4648 with padding; line breaks inside are skipped, as kubectl does. Anything else is refused.
Result<std::string> base64_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);

enum class Newlines { keep, escape };

// Text that somebody else wrote, made safe for a terminal and for a model: control characters (tab stays), ANSI
// escapes, bidirectional marks, zero-width and tag characters (U+E0000..U+E007F), and bytes that are not UTF-8
// are shown as \xNN or \u{N}. Idempotence is not promised; a backslash is left alone.
std::string escape_untrusted(std::string_view text, Newlines newlines);

// A word that somebody else chose (a kind, a name in a kubeconfig), for our own sentences: as it is when it is one, of
// letters, digits and ._:/@+-* and at most 253 of them; else "(not a plain word)", since it could be a sentence by
// itself.
std::string plain_word(std::string_view text);

// The beginning of a text, at most so many bytes of it, and the character that a cut would split is left out. What is
// cut ends behind a whole word where it can: half a word no longer shows that it is a credential.
std::string first_words(std::string_view text, std::size_t bytes);

// FNV-1a: the same in every process. `seed`: of what came before.
std::uint32_t fnv1a(std::string_view text, std::uint32_t seed = 2166136261u);

bool is_valid_utf8(std::string_view text);

// As kubectl prints ages: 45s, 3m20s, 25m, 4h12m, 30h, 3d4h, 12d, 2y5d. Negative ones print as 0s.
std::string human_duration(std::chrono::seconds span);
// The inverse, to the precision that was printed; nothing for other text.
std::optional<std::chrono::seconds> parse_human_duration(std::string_view text);

// RFC 3339 in UTC. Fractions of a second are read and dropped.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
std::string format_rfc3339(std::int64_t unix_seconds);

}  // namespace fairlead
