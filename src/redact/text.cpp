#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "redact/blocks.h"
#include "redact/commands.h"
#include "redact/encoded.h"
#include "redact/lines.h"
#include "redact/phrases.h"
#include "redact/private_keys.h"
#include "redact/redact.h"
#include "redact/rows.h"
#include "redact/shapes.h"
#include "redact/structures.h"
#include "redact/urls.h"
#include "redact/values.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

constexpr std::string_view kOracle = ":oracle:";

void append_redacted(std::string& out, std::string_view credential, bool by_lines) {
  out.append(kRedacted);
  if (by_lines) out.append(static_cast<std::size_t>(std::count(credential.begin(), credential.end(), '\n')), '\n');
}

class Scanner {
 public:
  Scanner(std::string_view text, std::string& out, bool has_secrets, bool by_lines, Unpacking& unpacking)
      : text_(text),
        out_(out),
        has_secrets_(has_secrets),
        by_lines_(by_lines),
        has_web_key_(text.find("\"kty\"") != std::string_view::npos),
        values_(text),
        shaped_(text),
        encoded_(text, unpacking) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (!told_.empty() && at_ >= told_.front().from)
        announced();
      else if (is_name(c))
        word();
      else if (c == '$' || c == '{')
        hash();
      else if (c == ':' && text_.substr(at_).starts_with("://"))
        url();
      else if (c == ':' && text_.substr(at_).starts_with(kOracle))
        oracle();
      else if (c == '@' && (text_.substr(at_).starts_with("@tcp(") || text_.substr(at_).starts_with("@unix(")))
        data_source();
      else
        ++at_;
    }
    out_.append(text_.substr(copied_));
  }

 private:
  void redact(std::size_t from, std::size_t to) {
    out_.append(text_.substr(copied_, from - copied_));
    append_redacted(out_, text_.substr(from, to - from), by_lines_);
    copied_ = at_ = to;
  }

  void word() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && is_name(text_[end])) ++end;
    if (const std::size_t stop = encoded_.end_of(begin); stop > begin) return redact(begin, stop);
    const std::string_view name = text_.substr(begin, end - begin);
    for (std::size_t at = begin; at < end; ++at) {
      if (at > begin && is_word(text_[at - 1])) continue;
      if (std::size_t stop = shaped_.end_of(at); stop > at) return redact(at, stop);
    }
    if (is_shaped_word(name)) return redact(begin, end);
    if (values_.peek(end) == ':' && name.size() <= 10 && is_digit(name.front())) {
      std::size_t stop = end + 1;
      while (is_word(values_.peek(stop)) || values_.peek(stop) == '-' || values_.peek(stop) == '_') ++stop;
      if (is_bot_secret(name, text_.substr(end + 1, stop - end - 1))) return redact(end + 1, stop);
    }
    if (after_scheme(name, end)) return;
    if (auto start = values_.start_of_sql(begin, end); start && value("password", begin, *start)) return;
    if (auto start = values_.start_of(begin, end)) {
      const bool of_web_key = has_web_key_ && is_of_web_key(name) && is_quote(values_.peek(end));
      if (of_web_key || names_a_credential(name) || is_secret_variable(name, end, *start)) {
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
    while (values_.peek(start) == '\\' || is_quote(values_.peek(start))) ++start;
    const std::size_t end = values_.bare_end(start, false);
    const auto secret = secret_of_pair(name, text_.substr(start, end - start));
    if (!secret) return false;
    redact(start + *secret, end);
    return true;
  }

  // NAME=value and "NAME": "value" as environments are written; in `NAME: some words` it may be prose.
  bool is_secret_variable(std::string_view name, std::size_t end, std::size_t start) {
    if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string_view::npos) return false;
    if (!may_name_a_credential(name)) {
      const std::size_t from = start + (is_quote(values_.peek(start)) ? 1 : 0);
      return belies_its_name(name, text_.substr(from, token_end(text_, from) - from));
    }
    if (text_.substr(end, start - end).find('=') != std::string_view::npos || is_quote(values_.peek(start)) ||
        values_.peek(start) == '\\')
      return true;
    const std::size_t stop = values_.bare_end(start, false);
    const std::string_view value = text_.substr(start, stop - start);
    const bool counts = std::all_of(value.begin(), value.end(), is_digit);  // INVALID_KEY: 5
    return !counts && !is_blank(values_.peek(stop));
  }

  // "auth": "dXNlcjpwdw==", as Docker's and npm's configurations hold user and password.
  bool encoded_pair(std::string_view name, std::size_t start) {
    if (name.size() < 4 || !equal_ignoring_case(name.substr(name.size() - 4), "auth")) return false;
    while (values_.peek(start) == '\\' || is_quote(values_.peek(start))) ++start;
    std::size_t end = start;
    while (is_word(values_.peek(end)) || values_.peek(end) == '+' || values_.peek(end) == '/') ++end;
    for (int padding = 0; padding < 2 && values_.peek(end) == '='; ++padding) ++end;
    if (!is_encoded_pair(text_.substr(start, end - start))) return false;
    redact(start, end);
    return true;
  }

  // data and stringData of a Secret that somebody printed.
  bool manifest(std::string_view name, std::size_t name_begin, std::size_t start) {
    if (name != "stringData" && !(has_secrets_ && name == "data")) return false;
    std::optional<TextSpan> members;
    if (values_.peek(start) == '{')
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
    const std::size_t start = values_.skip_blanks(end);
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

  bool value(std::string_view name, std::size_t name_begin, std::size_t start) {
    std::size_t from = start, escapes = 0;
    if (values_.peek(from) == '(' && is_quote(values_.peek(from + 1))) ++from;
    while (values_.peek(from) == '\\' && escapes < 16) ++from, ++escapes;
    const bool quoted = is_quote(values_.peek(from));
    if (quoted)
      ++from;
    else
      from = start;
    const bool xml = name_begin > 0 && text_[name_begin - 1] == '<';
    if (xml && !quoted) {
      std::size_t section = from;
      while (is_break(values_.peek(section)) && section < from + 128) ++section;
      constexpr std::string_view begin = "<![CDATA[";
      const std::size_t close = text_.substr(0, section + 1024).find("]]>", section);
      if (text_.substr(section, begin.size()) == begin && close != std::string_view::npos) {
        redact(section + begin.size(), close);
        return true;
      }
    }
    const bool brackets = !quoted && (values_.is_structure(from) || is_list(from));
    if (brackets && structure(name, from)) return true;
    if (!quoted && values_.is_structure(from)) return false;
    if (!quoted && start > 0 && text_[start - 1] != '=') {
      if (auto list = list_of_words(text_, name_begin, from)) {
        redact(list->from, list->to);
        return true;
      }
      const bool scalar = values_.peek(from) == '|' || values_.peek(from) == '>';
      if (names_credentials(name) && redact_each(values_below(text_, name_begin, from))) return true;
      auto block = indented_block(text_, name_begin, from, scalar ? std::string_view::npos : 2);
      if (block && (scalar || is_one_word(*block))) {
        redact(block->from, block->to);
        return true;
      }
    }
    if (!quoted && values_.peek(from) == '[') {
      ++from;
      std::size_t to = text_.substr(0, from + 256).find_first_of("]{\n", from);
      if (to == std::string_view::npos || text_[to] != ']' || to == from) return false;
      redact(from, to);
      return true;
    }
    std::size_t to = quoted ? values_.literals_end(from, text_[from - 1], escapes) : values_.bare_end(from, xml);
    const bool reference = !quoted && values_.peek(from) == '$' && (values_.peek(to) == ')' || values_.peek(to) == '}');
    std::string_view text = text_.substr(from, to + (reference ? 1 : 0) - from);
    if (is_harmless_value(name, text) || (!quoted && values_.is_other(name, name_begin, start, text))) return false;
    if (is_header(name) && !quoted)
      to = values_.header_end(to);
    else if (!quoted && is_scheme(text) && values_.skip_blanks(to) > to)
      to = values_.bare_end(values_.skip_blanks(to), xml);
    else if (!quoted && !xml && is_blank(text_[start - 1]))
      to = plain_scalar_end(text_, name_begin, to);
    redact(from, to);
    return true;
  }

  // A list of more than words, or over several lines.
  bool is_list(std::size_t at) const {
    if (values_.peek(at) != '[') return false;
    const std::size_t other = text_.substr(0, at + 256).find_first_of("]{\n", at);
    return other != std::string_view::npos && text_[other] != ']';
  }

  // An object or a list whose values are credentials.
  bool structure(std::string_view name, std::size_t at) {
    if (at < structures_end_ || !names_credentials(name)) return false;
    return redact_each(values_in_brackets(text_, at, structures_end_));
  }

  bool redact_each(const std::vector<TextSpan>& values) {
    for (const TextSpan& value : values) redact(value.from, value.to);
    return !values.empty();
  }

  // A value in the line below its name, perhaps as the only item of a list, rather than members or prose.
  bool is_one_word(const TextSpan& block) const {
    std::string_view text = text_.substr(block.from, block.to - block.from);
    if (text.starts_with("- ")) text.remove_prefix(2);
    return text.find_first_of(" \t\n:{[") == std::string_view::npos;
  }

  // What crypt() makes of a password, and what directories keep: $6$salt$hash, {SSHA}hash.
  void hash() {
    constexpr auto begins = std::to_array<std::string_view>({"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$7$", "$y$",
                                                             "$gy$", "$apr1$", "$argon2", "$scrypt$", "$pbkdf2",
                                                             "{SHA}", "{SSHA}", "{SSHA256}", "{SSHA512}", "{CRYPT}"});
    constexpr std::size_t shortest = 20;
    for (std::string_view begin : begins) {
      if (!text_.substr(at_, begin.size()).starts_with(begin)) continue;
      std::size_t end = at_ + begin.size();
      while (is_token(values_.peek(end)) || values_.peek(end) == '$' || values_.peek(end) == ',') ++end;
      if (end - at_ >= shortest) return redact(at_, end);
    }
    ++at_;
  }

  void url() {
    const auto secret = secret_of_url(text_, at_);
    if (secret)
      redact(secret->from, secret->to);
    else
      at_ += 3;
  }

  // jdbc:oracle:thin:user/password@host
  void oracle() {
    if (const auto secret = secret_of_oracle(text_, at_ + kOracle.size()))
      redact(secret->from, secret->to);
    else
      at_ += kOracle.size();
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
  bool has_secrets_, by_lines_, has_web_key_;
  Values values_;
  ShapedCredentials shaped_;
  EncodedCredentials encoded_;
  std::vector<TextSpan> told_;  // in order; each lies a bounded way behind its word, so they are few
  std::size_t at_ = 0;
  std::size_t structures_end_ = 0;  // the last one that was looked into
  std::size_t copied_ = 0;          // what is before this is in `out_`
};

std::string redacted(std::string_view text, bool by_lines, Unpacking& unpacking) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  const bool has_secrets = holds_a_secret(text);
  for (const TextSpan& key : private_keys(text)) {
    Scanner(text.substr(at, key.from - at), out, has_secrets, by_lines, unpacking).run();
    append_redacted(out, text.substr(key.from, key.to - key.from), by_lines);
    at = key.to;
  }
  Scanner(text.substr(at), out, has_secrets, by_lines, unpacking).run();
  return redact_commands(redact_rows(std::move(out)));
}

// "pass\u0077ord": letters that JSON need not have escaped.
std::string without_escapes(std::string text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find("\\u00"); at != std::string::npos; at = text.find("\\u00", at + 1)) {
    const std::string_view digits = std::string_view(text).substr(at + 4, 2);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2 || value > 0x7F ||
        !is_word(static_cast<char>(value)) || (at > 0 && text[at - 1] == '\\'))
      continue;
    out.append(text, copied, at - copied);
    out += static_cast<char>(value);
    copied = at + 6;
  }
  if (copied == 0) return text;
  out.append(text, copied);
  return out;
}

std::string clean(std::string_view text, bool by_lines, Unpacking& unpacking) {
  auto is_plain = [](char c) { return c != '\x1b' && static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_plain) && text.find("\\u00") == std::string_view::npos)
    return redacted(text, by_lines, unpacking);
  // Where nothing hides behind the decoration, it stays, to be shown escaped.
  const std::string plain = without_escapes(without_decoration(text));
  std::string clean = redacted(plain, by_lines, unpacking);
  return clean == plain ? redacted(text, by_lines, unpacking) : clean;
}

}  // namespace

std::string text(std::string_view text) {
  Unpacking unpacking = unpacking_of(text);
  return clean(text, false, unpacking);
}
std::string text_by_lines(std::string_view text) {
  Unpacking unpacking = unpacking_of(text);
  return clean(text, true, unpacking);
}
bool holds_a_credential(std::string_view text, Unpacking& unpacking) { return clean(text, false, unpacking) != text; }

}  // namespace fairlead::redact
