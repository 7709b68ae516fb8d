#include "base/text.h"

#include <algorithm>
#include <optional>

#include "redact/blocks.h"
#include "redact/commands.h"
#include "redact/lines.h"
#include "redact/phrases.h"
#include "redact/private_keys.h"
#include "redact/redact.h"
#include "redact/shapes.h"
#include "redact/urls.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_closer(char c) { return c == ',' || c == ';' || c == '&' || c == '}' || c == ')' || c == ']'; }

void append_redacted(std::string& out, std::string_view credential, bool by_lines) {
  out.append(kRedacted);
  if (by_lines) out.append(static_cast<std::size_t>(std::count(credential.begin(), credential.end(), '\n')), '\n');
}

class Scanner {
 public:
  Scanner(std::string_view text, std::string& out, bool has_secrets, bool by_lines)
      : text_(text), out_(out), has_secrets_(has_secrets), by_lines_(by_lines), shaped_(text) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (!told_.empty() && at_ >= told_.front().from)
        announced();
      else if (is_name(c))
        word();
      else if (c == ':' && text_.substr(at_).starts_with("://"))
        url();
      else if (c == '@' && (text_.substr(at_).starts_with("@tcp(") || text_.substr(at_).starts_with("@unix(")))
        data_source();
      else
        ++at_;
    }
    out_.append(text_.substr(copied_));
  }

 private:
  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  void redact(std::size_t from, std::size_t to) {
    out_.append(text_.substr(copied_, from - copied_));
    append_redacted(out_, text_.substr(from, to - from), by_lines_);
    copied_ = at_ = to;
  }

  // Line breaks too that a backslash takes back, as in shell lines.
  std::size_t skip_blanks(std::size_t at) const {
    while (is_blank(peek(at)) || goes_on(at)) at += is_blank(text_[at]) ? 1 : 2;
    return at;
  }
  bool goes_on(std::size_t at) const { return peek(at) == '\\' && peek(at + 1) == '\n'; }

  void word() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const std::string_view name = text_.substr(begin, end - begin);
    for (std::size_t at = begin; at < end; ++at) {
      if (at > begin && is_word(text_[at - 1])) continue;
      if (std::size_t stop = shaped_.end_of(at); stop > at) return redact(at, stop);
    }
    if (is_azure_token(name) || is_bootstrap_token(name)) return redact(begin, end);
    if (after_scheme(name, end)) return;
    if (auto start = sql_password(begin, end); start && value("password", begin, *start)) return;
    if (auto start = value_start(begin, end)) {
      if (names_a_credential(name) || is_secret_variable(name, end, *start)) {
        if (value(name, begin, *start)) return;
      } else if (encoded_pair(name, *start) || plain_pair(name, *start) || manifest(name, begin, *start)) {
        return;
      }
    }
    if (auto span = secret_of_phrase(text_, begin, end)) {
      auto place =
          std::find_if(told_.begin(), told_.end(), [&](const TextSpan& one) { return one.from >= span->from; });
      if (place == told_.end() || place->from != span->from) told_.insert(place, *span);
    }
    at_ = end;
  }

  // What a word has announced goes when its place is reached: what stands before it is looked at as everything else.
  void announced() {
    const TextSpan span = told_.front();
    told_.erase(told_.begin());
    if (at_ < span.to) redact(std::max(copied_, span.from), span.to);
  }

  // creds=ann:x, --user ann:x
  bool plain_pair(std::string_view name, std::size_t start) {
    while (peek(start) == '\\' || is_quote(peek(start))) ++start;
    const std::size_t end = bare_end(start, false);
    const auto secret = secret_of_pair(name, text_.substr(start, end - start));
    if (!secret) return false;
    redact(start + *secret, end);
    return true;
  }

  // NAME=value and "NAME": "value" as environments are written; in `NAME: some words` it may be prose.
  bool is_secret_variable(std::string_view name, std::size_t end, std::size_t start) {
    if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string_view::npos ||
        !may_name_a_credential(name))
      return false;
    if (text_.substr(end, start - end).find('=') != std::string_view::npos || is_quote(peek(start)) ||
        peek(start) == '\\')
      return true;
    const std::size_t stop = bare_end(start, false);
    const std::string_view value = text_.substr(start, stop - start);
    const bool counts = std::all_of(value.begin(), value.end(), is_digit);  // INVALID_KEY: 5
    return !counts && !is_blank(peek(stop));
  }

  // "auth": "dXNlcjpwdw==", as Docker's and npm's configurations hold user and password.
  bool encoded_pair(std::string_view name, std::size_t start) {
    if (name.size() < 4 || !equal_ignoring_case(name.substr(name.size() - 4), "auth")) return false;
    while (peek(start) == '\\' || is_quote(peek(start))) ++start;
    std::size_t end = start;
    while (is_word(peek(end)) || peek(end) == '+' || peek(end) == '/') ++end;
    for (int padding = 0; padding < 2 && peek(end) == '='; ++padding) ++end;
    if (!is_encoded_pair(text_.substr(start, end - start))) return false;
    redact(start, end);
    return true;
  }

  // data and stringData of a Secret that somebody printed.
  bool manifest(std::string_view name, std::size_t name_begin, std::size_t start) {
    if (name != "stringData" && !(has_secrets_ && name == "data")) return false;
    std::optional<TextSpan> members;
    if (peek(start) == '{')
      members = TextSpan{start + 1, flat_object_end(text_, start + 1)};
    else
      members = indented_block(text_, name_begin, start);
    if (!members || members->from >= members->to) return false;
    redact(members->from, members->to);
    return true;
  }

  // "Bearer xyz", "Basic dXNlcjpwdw==" without a name before them.
  bool after_scheme(std::string_view name, std::size_t end) {
    const bool bearer = equal_ignoring_case(name, "bearer");
    if (!bearer && !equal_ignoring_case(name, "basic")) return false;
    const std::size_t start = skip_blanks(end);
    if (start == end) return false;
    const std::size_t stop = token_end(text_, start);
    const std::string_view token = text_.substr(start, stop - start);
    if (bearer) {
      bool mixed = std::any_of(token.begin(), token.end(), [](char c) { return is_upper(c) || is_digit(c); });
      if (token.size() < 16 || (!mixed && token.size() < 40)) return false;
    } else {
      if (token.size() < 8 || token.size() > 4096) return false;
      auto plain = base64_decode(token);
      if (!plain || plain->find(':') == std::string::npos) return false;
    }
    redact(start, stop);
    return true;
  }

  // Where the value of the name begins, when something separates the two as names and values are.
  std::optional<std::size_t> value_start(std::size_t begin, std::size_t end) const {
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
    const std::string_view encoded = text_.substr(end, 3);
    if (encoded == "%3D" || encoded == "%3d" || encoded == "%3A" || encoded == "%3a") return end + 3;
    if (auto member = value_member(closed)) return member;
    const std::string_view name = text_.substr(begin, end - begin);
    if (at > closed && (name == "requirepass" || name == "masterauth") && !is_break(c))
      return at;  // Redis' configuration
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

  // PASSWORD 'x', IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY 'x'
  std::optional<std::size_t> sql_password(std::size_t begin, std::size_t end) const {
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

  // {"name": "DB_PASSWORD", "value": "x"}, in JSON and YAML.
  std::optional<std::size_t> value_member(std::size_t at) const {
    const std::size_t limit = at + 48;
    const std::size_t closed = at;
    while (at < limit && (is_break(peek(at)) || peek(at) == ',' || peek(at) == '\\' || is_quote(peek(at)))) ++at;
    if (at == closed || !equal_ignoring_case(text_.substr(at, 5), "value")) return std::nullopt;
    at += 5;
    while (at < limit && (is_quote(peek(at)) || peek(at) == '\\' || is_blank(peek(at)))) ++at;
    if (peek(at) != ':' && peek(at) != '=') return std::nullopt;
    return skip_blanks(at + 1);
  }

  bool value(std::string_view name, std::size_t name_begin, std::size_t start) {
    std::size_t from = start, escapes = 0;
    while (peek(from) == '\\' && escapes < 16) ++from, ++escapes;
    const bool quoted = is_quote(peek(from));
    if (quoted)
      ++from;
    else
      from = start;
    const bool xml = name_begin > 0 && text_[name_begin - 1] == '<';
    if (!quoted && is_structure(from)) return false;
    if (!quoted && start > 0 && text_[start - 1] != '=') {
      if (auto list = list_of_words(text_, name_begin, from)) {
        redact(list->from, list->to);
        return true;
      }
      const bool scalar = peek(from) == '|' || peek(from) == '>';
      auto block = indented_block(text_, name_begin, from, scalar ? std::string_view::npos : 2);
      if (block && (scalar || is_one_word(*block))) {
        redact(block->from, block->to);
        return true;
      }
    }
    if (!quoted && peek(from) == '[') {
      ++from;
      std::size_t to = text_.substr(0, from + 256).find_first_of("]{\n", from);
      if (to == std::string_view::npos || text_[to] != ']' || to == from) return false;
      redact(from, to);
      return true;
    }
    std::size_t to = quoted ? quoted_end(from, text_[from - 1], escapes) : bare_end(from, xml);
    const bool reference = !quoted && peek(from) == '$' && (peek(to) == ')' || peek(to) == '}');
    std::string_view text = text_.substr(from, to + (reference ? 1 : 0) - from);
    if (is_harmless_value(name, text) || (!quoted && is_other(name, name_begin, start, text))) return false;
    if (is_header(name) && !quoted)
      to = header_end(to);
    else if (!quoted && is_scheme(text) && skip_blanks(to) > to)
      to = bare_end(skip_blanks(to), xml);
    redact(from, to);
    return true;
  }

  // A value in the line below its name, perhaps as the only item of a list, rather than members or prose.
  bool is_one_word(const TextSpan& block) const {
    std::string_view text = text_.substr(block.from, block.to - block.from);
    if (text.starts_with("- ")) text.remove_prefix(2);
    return text.find_first_of(" \t\n:{[") == std::string_view::npos;
  }

  // An object follows, whose members are looked at by themselves.
  bool is_structure(std::size_t at) const {
    if (peek(at) != '{' || peek(at + 1) == '{') return false;
    return text_.substr(at, 64).find_first_of(":=\"\n") != std::string_view::npos || peek(at + 1) == '}';
  }

  std::size_t quoted_end(std::size_t at, char quote, std::size_t escapes) const {
    std::size_t slashes = 0;
    for (; at < text_.size() && (text_[at] != '\n' || slashes > 0); ++at) {
      if (text_[at] == '\\') {
        ++slashes;
        continue;
      }
      // A quote inside the value has other backslashes before it than the one that opened the value.
      if (text_[at] == quote && slashes % (2 * (escapes + 1)) == escapes) {
        if (quote != '\'' || peek(at + 1) != '\'') return at - escapes;
        ++at;  // YAML's '' inside '…'
      }
      slashes = 0;
    }
    return at;
  }

  // The same from every place before it, so it is looked for once.
  std::size_t bare_end(std::size_t at, bool xml) {
    if (!xml && at >= bare_from_ && at <= bare_to_) return bare_to_;
    const std::size_t from = at;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (static_cast<unsigned char>(c) <= ' ' || (xml && c == '<')) break;
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
  bool ends_value(std::size_t at) const {
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

  static bool is_scheme(std::string_view word) {
    return equal_ignoring_case(word, "bearer") || equal_ignoring_case(word, "basic") ||
           equal_ignoring_case(word, "token") || equal_ignoring_case(word, "apikey");
  }

  static bool is_header(std::string_view name) {
    for (std::string_view header : {"authorization", "proxy-authorization", "cookie", "set-cookie"})
      if (equal_ignoring_case(name, header)) return true;
    return false;
  }

  // "failed to fetch oauth token: unexpected status": nobody has such a token, though perhaps such a password.
  static bool is_told_in_prose(std::string_view name) {
    for (std::string_view word : {"token", "tokens", "credential", "credentials", "auth"})
      if (name.size() >= word.size() && equal_ignoring_case(name.substr(name.size() - word.size()), word)) return true;
    return false;
  }

  std::size_t header_end(std::size_t at) const {
    while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r' && !(is_quote(text_[at]) && ends_value(at)))
      ++at;
    while (at > 0 && text_[at - 1] == '\\') --at;
    return at;
  }

  // What stands where a value would: an image's tag, a line of a source file, a word of prose.
  bool is_other(std::string_view name, std::size_t name_begin, std::size_t start, std::string_view value) const {
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

  void url() {
    const auto secret = secret_of_url(text_, at_);
    if (secret)
      redact(secret->from, secret->to);
    else
      at_ += 3;
  }

  // user:password@tcp(host:3306)/name
  void data_source() {
    std::size_t from = at_;
    while (from > copied_ && from + 128 > at_ && text_[from - 1] != ':' && !is_break(text_[from - 1])) --from;
    if (from > copied_ && from < at_ && text_[from - 1] == ':')
      redact(from, at_);
    else
      ++at_;
  }

  std::string_view text_;
  std::string& out_;
  bool has_secrets_, by_lines_;
  ShapedCredentials shaped_;
  std::vector<TextSpan> told_;  // in order; each lies a bounded way behind its word, so they are few
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  // what is before this is in `out_`
  std::size_t bare_from_ = 1, bare_to_ = 0;
};

std::string redacted(std::string_view text, bool by_lines) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  const bool has_secrets = holds_a_secret(text);
  for (const TextSpan& key : private_keys(text)) {
    Scanner(text.substr(at, key.from - at), out, has_secrets, by_lines).run();
    append_redacted(out, text.substr(key.from, key.to - key.from), by_lines);
    at = key.to;
  }
  Scanner(text.substr(at), out, has_secrets, by_lines).run();
  return redact_commands(std::move(out));
}

std::string clean(std::string_view text, bool by_lines) {
  auto is_plain = [](char c) { return c != '\x1b' && static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return redacted(text, by_lines);
  // Where nothing hides behind the decoration, it stays, to be shown escaped.
  const std::string plain = without_decoration(text);
  std::string clean = redacted(plain, by_lines);
  return clean == plain ? redacted(text, by_lines) : clean;
}

}  // namespace

std::string text(std::string_view text) { return clean(text, false); }
std::string text_by_lines(std::string_view text) { return clean(text, true); }

}  // namespace fairlead::redact
