#include "redact/phrases.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kReach = 120;     // from a word to the colon before what it announces
constexpr std::size_t kLookBack = 160;  // for what stands before the word

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view one) { return equal_ignoring_case(word, one); });
}

std::size_t skip(std::string_view text, std::size_t at, bool (*what)(char)) {
  while (at < text.size() && what(text[at])) ++at;
  return at;
}

// The word at `at` without quotes around it and without the punctuation of a sentence behind it.
TextSpan word_at(std::string_view text, std::size_t at) {
  const char quote = at < text.size() && is_quote(text[at]) ? text[at] : '\0';
  if (quote != '\0') ++at;
  std::size_t end = at;
  while (end < text.size() && !is_space(text[end]) && (quote == '\0' || text[end] != quote)) ++end;
  if (quote == '\0')
    while (end > at && std::string_view(".,;:)\"'`").find(text[end - 1]) != npos) --end;
  return {at, end};
}

std::string_view of(std::string_view text, TextSpan span) { return text.substr(span.from, span.to - span.from); }

// "is X", "has been set to X"
std::optional<TextSpan> behind_verb(std::string_view text, std::size_t end) {
  static constexpr auto verbs = std::to_array<std::string_view>(
      {"is", "was", "are", "now", "has", "been", "set", "reset", "changed", "to", "as", "the", "your", "new"});
  std::size_t at = end;
  for (int words = 0; words < 6; ++words) {
    const std::size_t begin = skip(text, at, is_blank);
    if (begin == at) return std::nullopt;
    std::size_t stop = begin;
    while (stop < text.size() && is_word(text[stop])) ++stop;
    if (!is_one_of(text.substr(begin, stop - begin), verbs)) {
      const TextSpan word = word_at(text, begin);
      return words > 0 && looks_chosen(of(text, word)) ? std::optional(word) : std::nullopt;
    }
    at = stop < text.size() && text[stop] == ':' ? stop + 1 : stop;
  }
  return std::nullopt;
}

// "… for root@localhost: X", with X the last word of the line or the only one of the next line.
std::optional<TextSpan> behind_colon(std::string_view text, std::size_t end) {
  const std::size_t limit = std::min(text.size(), end + kReach);
  for (std::size_t at = end; at < limit && text[at] != '\n'; ++at) {
    if (text[at] != ':' || (at + 1 < text.size() && !is_space(text[at + 1]))) continue;
    std::size_t begin = skip(text, at + 1, is_blank);
    if (begin < text.size() && (text[begin] == '\n' || text[begin] == '\r')) begin = skip(text, begin, is_space);
    const TextSpan word = word_at(text, begin);
    std::size_t rest = word.to;
    while (rest < text.size() && std::string_view(".,;)\"'` \t\r").find(text[rest]) != npos) ++rest;
    const bool last = rest >= text.size() || text[rest] == '\n';
    if (last && looks_chosen(of(text, word))) return word;
  }
  return std::nullopt;
}

// The word that ends before `at`, blanks and line breaks between; `at` is set to where it begins.
std::string_view word_before(std::string_view text, std::size_t& at) {
  const std::size_t floor = at > kLookBack ? at - kLookBack : 0;
  while (at > floor && is_space(text[at - 1])) --at;
  const std::size_t end = at;
  while (at > floor && !is_space(text[at - 1])) --at;
  return text.substr(at, end - at);
}

// machine host login ann password X
std::optional<TextSpan> in_netrc(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  word_before(text, at);
  const std::string_view key = word_before(text, at);
  if (key != "login" && key != "account") return std::nullopt;
  const std::size_t value = skip(text, end, is_space);
  if (value == end) return std::nullopt;
  const TextSpan word = word_at(text, value);
  if (word.from == word.to) return std::nullopt;
  return word;
}

// Unseal Key 1: X
std::optional<TextSpan> unseal_key(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  if (!is_one_of(word_before(text, at), std::to_array<std::string_view>({"unseal", "recovery"}))) return std::nullopt;
  const std::size_t number = skip(text, end, is_blank), colon = skip(text, number, is_digit);
  if (number == end || colon == number || colon >= text.size() || text[colon] != ':') return std::nullopt;
  const TextSpan word = word_at(text, skip(text, colon + 1, is_blank));
  if (word.from == word.to) return std::nullopt;
  return word;
}

// token X, where X is no word and no name of a Secret that holds one (default-token-x7k2p)
std::optional<TextSpan> bare_token(std::string_view text, std::size_t end) {
  constexpr std::size_t shortest = 12;
  const std::size_t begin = skip(text, end, is_blank);
  if (begin == end) return std::nullopt;
  const TextSpan word = word_at(text, begin);
  const std::string_view value = of(text, word);
  const auto is_of_token = [](char c) {
    return is_word(c) || is_digit(c) || std::string_view("-._~+/=").find(c) != npos;
  };
  constexpr std::size_t suffix = 5;  // of a name that a controller makes
  const bool names_a_secret = value.size() > suffix && value.substr(0, value.size() - suffix).ends_with("-token-");
  const bool is_one =
      !names_a_secret && value.size() >= shortest && std::all_of(value.begin(), value.end(), is_of_token) &&
      std::any_of(value.begin(), value.end(), is_digit) && value.find_first_not_of("0123456789.:") != npos;
  return is_one ? std::optional(word) : std::nullopt;
}

}  // namespace

bool looks_chosen(std::string_view word) {
  if (word.starts_with("$(") || word.starts_with("${")) return false;
  if (word.size() < 6 || word.find("://") != npos || word.starts_with("<redacted")) return false;
  bool lower = false, upper = false, digit = false, sign = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    lower = lower || is_lower(word[i]);
    upper = upper || (i > 0 && is_upper(word[i]));
    digit = digit || is_digit(word[i]);
    sign = sign || std::string_view("!@#$%^&*+=~?").find(word[i]) != npos;
  }
  return lower + upper + digit + sign >= 2;
}

std::optional<TextSpan> secret_of_phrase(std::string_view text, std::size_t begin, std::size_t end) {
  static constexpr auto passwords = std::to_array<std::string_view>(
      {"password", "passwd", "passphrase", "passcode", "pwd", "credential", "credentials"});
  const std::string_view word = text.substr(begin, end - begin);
  if (equal_ignoring_case(word, "key")) return unseal_key(text, begin, end);
  if (equal_ignoring_case(word, "token")) return bare_token(text, end);
  if (!is_one_of(word, passwords)) return std::nullopt;
  if (auto secret = in_netrc(text, begin, end)) return secret;
  if (auto secret = behind_verb(text, end)) return secret;
  return behind_colon(text, end);
}

std::optional<std::size_t> secret_of_pair(std::string_view name, std::string_view value) {
  static constexpr auto anywhere = std::to_array<std::string_view>(
      {"creds", "cred", "credentials", "userpass", "userpwd", "auth", "basic-auth", "basic_auth", "basicauth"});
  const bool flag = name.starts_with("--");
  const std::string_view plain = flag ? name.substr(2) : name;
  if (flag && plain == "from-literal") {  // of kubectl create secret: --from-literal=NAME=value
    const std::size_t equals = value.find('=');
    return equals != npos && equals + 1 < value.size() ? std::optional(equals + 1) : std::nullopt;
  }
  if (!is_one_of(plain, anywhere) && !(flag && (plain == "user" || plain == "proxy-user"))) return std::nullopt;
  // What is cheap to refuse comes first, and nothing looks further than it must: a run may hold thousands of names.
  constexpr std::size_t longest_user = 128;
  std::size_t colon = 0;
  while (colon < std::min(value.size(), longest_user) && (is_name(value[colon]) || value[colon] == '@')) ++colon;
  if (colon == 0 || colon + 1 >= value.size() || value[colon] != ':') return std::nullopt;
  const std::string_view secret = value.substr(colon + 1);
  for (std::string_view none : {"//", "$(", "${", "<redacted"})
    if (secret.starts_with(none)) return std::nullopt;
  if (std::all_of(secret.begin(), secret.end(), is_digit) || std::any_of(secret.begin(), secret.end(), is_space))
    return std::nullopt;
  return colon + 1;
}

}  // namespace fairlead::redact
