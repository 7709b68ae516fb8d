#include "redact/rows.h"

#include <algorithm>
#include <vector>

#include "redact/private_keys.h"
#include "redact/redact.h"
#include "redact/shapes.h"
#include "redact/values.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

TextSpan trimmed(std::string_view text, TextSpan span, bool quotes) {
  while (span.from < span.to && is_blank(text[span.from])) ++span.from;
  while (span.from < span.to && is_blank(text[span.to - 1])) --span.to;
  if (quotes && span.to - span.from > 1 && is_quote(text[span.from]) && text[span.to - 1] == text[span.from])
    ++span.from, --span.to;
  return span;
}

// The fields of a line; a separator inside double quotes is none.
std::vector<TextSpan> fields_of(std::string_view text, TextSpan line, char separator) {
  std::vector<TextSpan> fields;
  bool quoted = false;
  std::size_t from = line.from;
  for (std::size_t at = line.from; at <= line.to; ++at) {
    if (at < line.to && text[at] == '"') quoted = !quoted;
    if (at < line.to && (quoted || text[at] != separator)) continue;
    fields.push_back(trimmed(text, {from, at}, true));
    from = at + 1;
  }
  return fields;
}

// A table's head: each field is a name, and one says credential.
struct Head {
  char separator = '\0';
  std::size_t fields = 0;
  std::vector<std::pair<std::size_t, std::string_view>> secret;  // which of them, and its name
};

Head head_of(std::string_view text, TextSpan line) {
  constexpr std::size_t longest = 1024;
  Head head;
  if (line.to - line.from > longest) return head;
  for (const char separator : {',', ';', '\t', '|'}) {
    if (text.substr(line.from, line.to - line.from).find(separator) == std::string_view::npos) continue;
    const auto fields = fields_of(text, line, separator);
    bool names = fields.size() > 1;
    head.secret.clear();
    for (std::size_t i = 0; names && i < fields.size(); ++i) {
      const std::string_view name = text.substr(fields[i].from, fields[i].to - fields[i].from);
      const bool edge = separator == '|' && (i == 0 || i + 1 == fields.size());  // | name | password |
      names = name.empty() ? edge : std::all_of(name.begin(), name.end(), is_name);
      if (names && names_a_credential(name)) head.secret.emplace_back(i, name);
    }
    if (!names || head.secret.empty()) continue;
    head.separator = separator;
    head.fields = fields.size();
    break;
  }
  return head;
}

bool is_rule(std::string_view line) {
  return !line.empty() && line.find_first_not_of("-+| \t\r") == std::string_view::npos;
}

class Scan {
 public:
  explicit Scan(std::string text) : text_(std::move(text)) {}

  std::string run() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      line({at, end});
      at = end + 1;
    }
    if (copied_ == 0) return std::move(text_);
    out_.append(text_, copied_);
    return std::move(out_);
  }

 private:
  void line(TextSpan line) {
    const TextSpan inner = trimmed(text_, line, false);
    const std::string_view said = std::string_view(text_).substr(inner.from, inner.to - inner.from);
    if (!delimiter_.empty()) return account(inner, said);
    if (form_ != Form::none) return form(inner, said);
    if (head_.fields > 0) {
      if (is_rule(said)) return;
      if (row(line)) return;
      head_ = Head();
    }
    if (said.find("form-data") != std::string_view::npos) return disposition(said);
    if (said.find("<<") != std::string_view::npos) return reader(inner, said);
    head_ = head_of(text_, line);
  }

  bool row(TextSpan line) {
    const auto fields = fields_of(text_, line, head_.separator);
    if (fields.size() != head_.fields) return false;
    for (const auto& [field, name] : head_.secret) redact(name, fields[field]);
    return true;
  }

  // Content-Disposition: form-data; name="password", headers, an empty line, and the value up to a line "--boundary".
  void disposition(std::string_view said) {
    constexpr std::string_view mark = "name=\"";
    const std::size_t at = said.find(mark);
    if (at == std::string_view::npos || (at > 0 && is_name(said[at - 1]))) return;
    const std::string_view rest = said.substr(at + mark.size());
    const std::string_view name = rest.substr(0, rest.find('"'));
    if (!names_a_credential(name)) return;
    form_ = Form::headers;
    lines_ = 0;
  }

  void form(TextSpan inner, std::string_view said) {
    constexpr std::size_t most = 64;
    if (said.starts_with("--") || ++lines_ > most) {
      form_ = Form::none;
    } else if (form_ == Form::headers) {
      if (said.empty()) form_ = Form::value;
    } else {
      redact("password", inner);
    }
  }

  // chpasswd <<EOF, and chpasswd <<< "user:password" in the line itself.
  void reader(TextSpan inner, std::string_view said) {
    if (said.find("chpasswd") == std::string_view::npos && said.find("newusers") == std::string_view::npos) return;
    const std::size_t mark = said.find("<<");
    std::size_t at = mark + 2;
    const bool here = at < said.size() && said[at] == '<';
    while (at < said.size() &&
           (is_blank(said[at]) || is_quote(said[at]) || said[at] == '<' || said[at] == '-' || said[at] == '\\'))
      ++at;
    std::size_t end = at;
    if (here) {
      const char quote = at > 0 && is_quote(said[at - 1]) ? said[at - 1] : '\0';
      while (end < said.size() && (quote != '\0' ? said[end] != quote : !is_blank(said[end]))) ++end;
      return account({inner.from + at, inner.from + end}, said.substr(at, end - at));
    }
    while (end < said.size() && (is_word(said[end]) || said[end] == '_')) ++end;
    delimiter_ = said.substr(at, end - at);
  }

  void account(TextSpan inner, std::string_view said) {
    const std::size_t colon = said.find(':');
    if (!delimiter_.empty() && said == delimiter_)
      delimiter_.clear();
    else if (colon != std::string_view::npos)
      redact("password", {inner.from + colon + 1, inner.to});
  }

  void redact(std::string_view name, TextSpan value) {
    const std::string_view text = std::string_view(text_).substr(value.from, value.to - value.from);
    if (text.empty() || text.find(kRedacted) != std::string_view::npos || is_harmless_value(name, text)) return;
    out_.append(text_, copied_, value.from - copied_);
    out_.append(kRedacted);
    copied_ = value.to;
  }

  enum class Form { none, headers, value };
  std::string text_, out_, delimiter_;
  std::size_t copied_ = 0, lines_ = 0;
  Head head_;
  Form form_ = Form::none;
};

}  // namespace

std::string redact_rows(std::string text) { return Scan(std::move(text)).run(); }

}  // namespace fairlead::redact
