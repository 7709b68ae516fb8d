#include "redact/values.h"

#include <algorithm>

#include "base/text.h"
#include "redact/phrases.h"
#include "redact/redact.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
bool is_closer(char c) { return c == ',' || c == ';' || c == '&' || c == '}' || c == ')' || c == ']'; }

// "failed to fetch oauth token: unexpected status": nobody has such a token, though perhaps such a password.
bool is_told_in_prose(std::string_view name) {
  for (std::string_view word : {"token", "tokens", "credential", "credentials", "auth"})
    if (name.size() >= word.size() && equal_ignoring_case(name.substr(name.size() - word.size()), word)) return true;
  return false;
}

}  // namespace

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

bool is_scheme(std::string_view word) {
  return equal_ignoring_case(word, "bearer") || equal_ignoring_case(word, "basic") ||
         equal_ignoring_case(word, "token") || equal_ignoring_case(word, "apikey");
}

bool is_header(std::string_view name) {
  for (std::string_view header : {"authorization", "proxy-authorization", "cookie", "set-cookie"})
    if (equal_ignoring_case(name, header)) return true;
  return false;
}

std::size_t Values::skip_blanks(std::size_t at) const {
  while (is_blank(peek(at)) || goes_on(at)) at += is_blank(text_[at]) ? 1 : 2;
  return at;
}

std::optional<std::size_t> Values::start_of(std::size_t begin, std::size_t end) const {
  std::size_t at = end;
  while (at < end + 16 && (is_quote(peek(at)) || peek(at) == '\\' || peek(at) == ']')) ++at;
  const std::size_t closed = at;
  at = skip_blanks(at);
  const char c = peek(at);
  // exec: "--password": executable file not found
  const bool prose = c == ':' && text_[begin] == '-' && closed > end && !is_quote(peek(skip_blanks(at + 1)));
  if (prose) return std::nullopt;
  if (c == '=' || c == ':') {
    while (peek(at) == '=' || peek(at) == ':' || (peek(at) == '>' && at > closed)) ++at;
    return skip_blanks(at);
  }
  if (begin > 0 && text_[begin - 1] == '<') {  // <name>value, <name type="x">value
    const std::size_t tag = text_.substr(0, at + 128).find_first_of("<>\n", at);
    if (tag != std::string_view::npos && text_[tag] == '>' && (tag == at || at > closed)) return tag + 1;
  }
  if (const auto encoded = start_of_encoded(end)) return encoded;
  if (auto member = value_member(closed)) return member;
  if (auto member = value_of_pair(begin, closed)) return member;
  const std::string_view name = text_.substr(begin, end - begin);
  if (at > closed && !is_break(c) && c != '\0' && is_set_by_a_blank(begin, end)) return at;
  if (c == ',' && closed > end && is_quote(peek(closed - 1)) && is_call(begin, closed, skip_blanks(at + 1)))
    return skip_blanks(at + 1);
  if (!name.starts_with("-")) return std::nullopt;
  if (c == ',')
    at = skip_blanks(at + 1);
  else if (at == closed)
    return std::nullopt;
  std::size_t first = at;
  while (peek(first) == '\\' || is_quote(peek(first))) ++first;
  if (peek(first) == '-' || is_break(peek(first)) || peek(first) == '\0') return std::nullopt;
  return at;
}

// {"name": "DB_PASSWORD", "value": "x"}, in JSON and YAML.
// %22password%22%3A%22x, &quot;password&quot;:&quot;x, password%3Dx; <key>password</key><string>x
std::optional<std::size_t> Values::start_of_encoded(std::size_t end) const {
  std::size_t at = end;
  auto skip = [&](std::initializer_list<std::string_view> words) {
    for (std::string_view word : words)
      if (equal_ignoring_case(text_.substr(at, word.size()), word)) {
        at += word.size();
        return true;
      }
    return false;
  };
  if (skip({"</key>"})) {
    while (at < end + 64 && is_break(peek(at))) ++at;
    return skip({"<string>"}) ? std::optional(at) : std::nullopt;
  }
  const bool quoted = skip({"%22", "&quot;", "&#34;"});
  at = quoted ? skip_blanks(at) : at;
  if (!skip({"%3D", "%3A"}) && !(quoted && skip({":", "="}))) return std::nullopt;
  if (quoted) at = skip_blanks(at);
  while (skip({"%20"})) continue;
  skip({"%22", "&quot;", "&#34;"});
  return at;
}

// requirepass x, as in the configurations of some programs; ENV NAME x, proxy_set_header NAME x; PASSWORD and a tab.
bool Values::is_set_by_a_blank(std::size_t begin, std::size_t end) const {
  const std::string_view name = text_.substr(begin, end - begin);
  for (std::string_view one : {"requirepass", "masterauth", "bindpw", "rootpw", "auth_pass", "rootbindpw"})
    if (name == one) return true;
  const bool first = begin == 0 || text_[begin - 1] == '\n';
  if (first && peek(end) == '\t' && std::all_of(name.begin(), name.end(), [](char c) { return !is_lower(c); }))
    return true;
  if (begin < 2 || !is_blank(text_[begin - 1])) return false;
  std::size_t word = begin - 1;
  while (word > 0 && word + 24 > begin && is_name(text_[word - 1])) --word;
  const std::string_view before = text_.substr(word, begin - 1 - word);
  for (std::string_view one : {"ENV", "ARG", "proxy_set_header", "add_header", "fastcgi_param", "SetEnv", "setenv"})
    if (before == one) return true;
  return false;
}

// define("NAME","x"), ["NAME","x"]; `closed` is behind the quotes around the name, `value` at what follows the comma.
bool Values::is_call(std::size_t begin, std::size_t closed, std::size_t value) const {
  if (begin < 2 || text_[begin - 1] != text_[closed - 1] || !is_quote(peek(value))) return false;
  const char opened = text_[begin - 2];
  if (opened == '(') return begin >= 8 && equal_ignoring_case(text_.substr(begin - 8, 6), "define");
  const std::size_t stop = text_.substr(0, value + 128).find(peek(value), value + 1);
  return opened == '[' && stop != std::string_view::npos && peek(stop + 1) == ']' &&
         looks_chosen(text_.substr(value + 1, stop - value - 1));
}

std::optional<std::size_t> Values::value_member(std::size_t at) const {
  const std::size_t limit = at + 48;
  const std::size_t closed = at;
  while (at < limit && (is_break(peek(at)) || peek(at) == ',' || peek(at) == '\\' || is_quote(peek(at)))) ++at;
  if (at == closed || !equal_ignoring_case(text_.substr(at, 5), "value")) return std::nullopt;
  at += 5;
  while (at < limit && (is_quote(peek(at)) || peek(at) == '\\' || is_blank(peek(at)))) ++at;
  if (peek(at) != ':' && peek(at) != '=') return std::nullopt;
  return skip_blanks(at + 1);
}

// - name: DB_PASSWORD, with other members before its value.
std::optional<std::size_t> Values::value_of_pair(std::size_t begin, std::size_t closed) const {
  constexpr std::size_t most = 256, longest = 8;
  std::size_t at = begin;
  auto back_over = [&](auto what) {
    while (at > 0 && begin - at < 2 * longest && what(text_[at - 1])) --at;
  };
  auto is_around = [](char c) { return is_quote(c) || is_blank(c) || c == '\\'; };
  back_over(is_around);
  if (at == 0 || text_[at - 1] != ':') return std::nullopt;
  --at;
  back_over(is_around);
  const std::size_t end = at;
  back_over(is_word);
  if (!is_name_of_pair(text_.substr(at, end - at))) return std::nullopt;
  const std::size_t limit = std::min(text_.size(), closed + most);
  for (at = closed; at < limit; ++at) {
    if (text_[at] == '}' || text_.substr(at, 2) == "- ") return std::nullopt;
    if (!is_word(text_[at]) || is_word(text_[at - 1])) continue;
    std::size_t word = at;
    while (word < limit && is_name(text_[word])) ++word;
    const std::string_view member = text_.substr(at, word - at);
    at = word;
    while (is_quote(peek(word)) || peek(word) == '\\') ++word;
    if (peek(word) != ':') continue;
    if (is_name_of_pair(member)) return std::nullopt;
    if (is_value_of_pair(member)) return skip_blanks(word + 1);
  }
  return std::nullopt;
}

std::optional<std::size_t> Values::start_of_sql(std::size_t begin, std::size_t end) const {
  const std::string_view name = text_.substr(begin, end - begin);
  std::size_t at = skip_blanks(end);
  if (peek(at) == '(' && is_quote(peek(at + 1)) && equal_ignoring_case(name, "password")) return at + 1;
  const bool quoted = peek(at) == '\'' || peek(at) == '"';
  if (at == end || (!quoted && !equal_ignoring_case(name, "by"))) return std::nullopt;
  if (equal_ignoring_case(name, "password")) return at;
  if (!equal_ignoring_case(name, "by")) return std::nullopt;
  constexpr std::size_t most = 64;
  for (std::size_t from = begin - std::min(begin, most); from < begin; ++from)
    if (equal_ignoring_case(text_.substr(from, 10), "identified")) return at;
  return std::nullopt;
}

bool Values::is_structure(std::size_t at) const {
  if (peek(at) != '{' || peek(at + 1) == '{') return false;
  return text_.substr(at, 64).find_first_of(":=\"\n") != std::string_view::npos || peek(at + 1) == '}';
}

namespace {

// The quote that closes what was quoted, from `at` on, before `limit`; a quote inside the value has other backslashes
// before it than the one that opened it.
std::optional<std::size_t> closing_quote(std::string_view text, std::size_t at, std::size_t limit, char quote,
                                         std::size_t escapes, bool lines) {
  std::size_t slashes = 0;
  for (; at < limit && (text[at] != '\n' || slashes > 0 || lines); ++at) {
    if (text[at] == '\\') {
      ++slashes;
      continue;
    }
    if (text[at] == quote && slashes % (2 * (escapes + 1)) == escapes) {
      if (quote != '\'' || at + 1 >= text.size() || text[at + 1] != '\'') return at;
      ++at;  // YAML's '' inside '…'
    }
    slashes = 0;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> Values::closing_quote_below(std::size_t at, char quote, std::size_t escapes) const {
  constexpr std::size_t most = 2048;
  const auto close = closing_quote(text_, at, std::min(text_.size(), at + most), quote, escapes, true);
  if (!close) return std::nullopt;
  // One that opens another value was not meant for this one.
  const char before = text_[*close - 1], after = peek(*close + 1);
  const bool opens = (is_break(before) || std::string_view("=:,([{").find(before) != std::string_view::npos) &&
                     (is_word(after) || after == quote);
  return opens || !ends_value(*close) ? std::nullopt : std::optional(*close - escapes);
}

std::size_t Values::quoted_end(std::size_t at, char quote, std::size_t escapes) const {
  if (const auto close = closing_quote(text_, at, text_.size(), quote, escapes, false)) return *close - escapes;
  std::size_t end = at;
  while (end < text_.size() && (text_[end] != '\n' || text_[end - 1] == '\\')) ++end;
  return closing_quote_below(end, quote, escapes).value_or(end);
}

std::size_t Values::literals_end(std::size_t at, char quote, std::size_t escapes) const {
  constexpr int most = 64;
  std::size_t end = quoted_end(at, quote, escapes);
  for (int parts = 0; parts < most && escapes == 0 && peek(end) == quote; ++parts) {
    std::size_t next = end + 1;
    bool joined = is_quote(peek(next)), below = false;
    for (; is_break(peek(next)) || peek(next) == '+' || goes_on(next); ++next) {
      joined = joined || peek(next) == '+';
      below = below || peek(next) == '\n';
    }
    const char opened = peek(next);
    if (!is_quote(opened) || !(joined || (below && is_blank(text_[next - 1])))) break;
    const auto close = closing_quote(text_, next + 1, text_.size(), opened, 0, false);
    if (!close || *close == next + 1 || !(ends_value(*close) || is_quote(peek(*close + 1))) ||
        peek(skip_blanks(*close + 1)) == ':')
      break;
    const std::string_view literal = text_.substr(next + 1, *close - next - 1);
    if (!joined && std::any_of(literal.begin(), literal.end(), is_blank)) break;
    end = *close;
    quote = opened;
  }
  return end;
}

// The same from every place before it, so it is looked for once.
std::size_t Values::bare_end(std::size_t at, bool xml) {
  if (!xml && at >= bare_from_ && at <= bare_to_) return bare_to_;
  const std::size_t from = at;
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    if (static_cast<unsigned char>(c) <= ' ' || (xml && c == '<')) break;
    if (c == '&' && (text_.substr(at, 6) == "&quot;" || text_.substr(at, 5) == "&#34;")) break;
    if (c == '%' && text_.substr(at, 3) == "%22") break;
    if (c == '<' && text_.substr(at, 9) == "</string>") break;
    if (goes_on(at)) {
      at = skip_blanks(at) - 1;
    } else if (c == '\\') {
      std::size_t quote = at;
      while (peek(quote) == '\\' && quote < at + 16) ++quote;
      if (is_quote(peek(quote)) && ends_value(quote)) break;
    } else if (is_quote(c) || is_closer(c)) {
      if (ends_value(at)) break;
      while (is_quote(peek(at + 1)) || is_closer(peek(at + 1))) ++at;
    }
  }
  if (!xml) bare_from_ = from, bare_to_ = at;
  return at;
}

// Whether the quote or bracket here ends a value, rather than being a character of it.
bool Values::ends_value(std::size_t at) const {
  const std::size_t limit = at + 80;
  while (at < limit && (is_closer(peek(at)) || is_quote(peek(at)) || peek(at) == '\\')) ++at;
  const char next = peek(at);
  if (static_cast<unsigned char>(next) <= ' ' || next == '{' || next == '[' || next == '(' || next == ':' ||
      next == '|')
    return true;
  while (at < limit && is_name(peek(at))) ++at;
  while (at < limit && (is_quote(peek(at)) || peek(at) == '\\')) ++at;
  return peek(at) == '=' || peek(at) == ':';
}

std::size_t Values::header_end(std::size_t at) const {
  while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r' && !(is_quote(text_[at]) && ends_value(at))) ++at;
  while (at > 0 && text_[at - 1] == '\\') --at;
  return at;
}

bool Values::is_other(std::string_view name, std::size_t name_begin, std::size_t start, std::string_view value) const {
  const bool colon = text_[start - 1] == ':' && start == name_begin + name.size() + 1;
  if (colon) {
    if (name_begin > 0 && text_[name_begin - 1] == '/') return true;
    std::string_view version = value.starts_with('v') ? value.substr(1) : value;
    const std::size_t major = std::min(version.find_first_not_of("0123456789"), version.size());
    if (major > 0 && major + 1 < version.size() && version[major] == '.' && is_digit(version[major + 1])) return true;
    for (std::string_view source : {".go", ".py", ".java", ".js", ".ts", ".rs", ".rb", ".c", ".cc", ".cpp"})
      if (name.ends_with(source) &&
          std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || c == ':'; }))
        return true;
    return false;
  }
  if (name == "PASS" && text_[start - 1] != '=') return true;                                    // of a test
  if (name.ends_with(".Secret") && name_begin > 0 && text_[name_begin - 1] == '*') return true;  // of Go
  if (!is_told_in_prose(name) || is_scheme(value)) return false;
  const bool prose_colon = start >= 2 && text_[start - 1] == ' ' && text_[start - 2] == ':' &&
                           std::all_of(value.begin(), value.end(), is_lower);
  if (!prose_colon || peek(start + value.size()) != ' ') return false;
  std::size_t next = start + value.size() + 1, end = next;
  while (end < next + 32 && is_lower(peek(end))) ++end;
  const char after = peek(end);
  return end > next + 1 && (after == ' ' || after == '\n' || after == '\0' || after == '.' || after == ',');
}

}  // namespace fairlead::redact
