#include "redact/structures.h"

#include <algorithm>

#include "base/text.h"
#include "redact/redact.h"
#include "redact/shapes.h"
#include "redact/values.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

// Values as they are found, until it is known what they belong to.
class Found {
 public:
  explicit Found(std::string_view text) : text_(text) {}

  void add(std::string_view member, std::size_t from, std::size_t to) {
    const std::string_view value = text_.substr(from, to - from);
    for (std::string_view type : {"string", "object", "array", "integer", "number", "boolean"})
      schema_ = schema_ || (member == "type" && value == type);
    named_ = named_ || member.ends_with("name") || member.ends_with("Name");
    other_ = other_ || is_value_of_pair(member);
    if (from == to || value.starts_with(kRedacted) || says_about_a_credential(member) ||
        is_harmless_value(names_a_credential(member) ? member : "s", value))  // counts: tokens: {prompt: 5}
      return;
    if (member == "key")
      keys_.push_back({from, to});
    else
      values_.push_back({from, to});
  }
  void reference() { reference_ = true; }

  // {name, key} says where one lies; {key: x} alone is one.
  std::vector<TextSpan> take() {
    if (reference_ || (schema_ && !other_)) return {};
    if (!named_) values_.insert(values_.end(), keys_.begin(), keys_.end());
    std::sort(values_.begin(), values_.end(), [](const TextSpan& a, const TextSpan& b) { return a.from < b.from; });
    return std::move(values_);
  }

 private:
  std::string_view text_;
  bool schema_ = false, named_ = false, other_ = false, reference_ = false;
  std::vector<TextSpan> values_, keys_;
};

bool is_reference_member(std::string_view member) {
  return member == "valueFrom" || member.ends_with("Ref") || member == "properties" || member == "$ref";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (is_space(text.back()) || text.back() == '\\')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<TextSpan> values_in_brackets(std::string_view text, std::size_t at, std::size_t& end) {
  constexpr std::size_t most = 4096, deepest = 16;
  const std::size_t limit = std::min(text.size(), at + most);
  const Values scan(text.substr(0, limit));
  Found found(text);
  std::vector<std::string_view> members;  // one for each bracket that is open
  bool prose = false;
  while (at < limit) {
    const char c = text[at];
    if (c == '{' || c == '[') {
      if (members.size() == deepest) break;
      members.push_back(members.empty() ? std::string_view() : members.back());
      ++at;
    } else if (c == '}' || c == ']') {
      members.pop_back();
      ++at;
      if (members.empty()) {
        end = at;
        return prose ? std::vector<TextSpan>() : found.take();
      }
    } else if (is_space(c) || c == ',' || c == ':' || c == '\\') {
      if (c == '\\') {
        std::size_t quote = at;
        while (quote < limit && text[quote] == '\\') ++quote;
        if (quote < limit && is_quote(text[quote])) {
          const std::size_t escapes = quote - at, from = quote + 1;
          const std::size_t to = scan.quoted_end(from, text[quote], escapes);
          std::size_t next = std::min(to + escapes + 1, limit);
          while (next < limit && is_blank(text[next])) ++next;
          if (next < limit && text[next] == ':')
            members.back() = text.substr(from, to - from);
          else
            found.add(members.back(), from, to);
          at = std::max(next, at + 1);
          continue;
        }
      }
      ++at;
    } else {
      const bool quoted = is_quote(c);
      const std::size_t from = at + (quoted ? 1 : 0);
      std::size_t to = from;
      if (quoted)
        to = scan.quoted_end(from, c, 0);
      else
        while (to < limit && text[to] != ',' && text[to] != '}' && text[to] != ']' && text[to] != '\n' &&
               !(text[to] == ':' && to + 1 < limit && (is_space(text[to + 1]) || text[to + 1] == '{')))
          ++to;
      to = quoted ? to : from + trimmed(text.substr(from, to - from)).size();
      std::size_t next = std::min(to + (quoted ? 1 : 0), limit);
      while (next < limit && is_blank(text[next])) ++next;
      const std::string_view word = text.substr(from, to - from);
      if (next < limit && text[next] == ':') {
        members.back() = word;
        if (is_reference_member(word)) found.reference();
      } else {
        prose = prose || (!quoted && word.find(' ') != std::string_view::npos);
        found.add(members.back(), from, to);
      }
      at = std::max(next, at + 1);
    }
  }
  end = at;
  return prose ? std::vector<TextSpan>() : found.take();
}

std::vector<TextSpan> values_below(std::string_view text, std::size_t name, std::size_t at) {
  constexpr std::size_t most = 64;
  while (at < text.size() && (is_blank(text[at]) || text[at] == '\r')) ++at;
  if (at >= text.size() || text[at] != '\n') return {};
  std::size_t begin = name;
  while (begin > 0 && (is_blank(text[begin - 1]) || text[begin - 1] == '-' || is_quote(text[begin - 1]))) --begin;
  if (begin > 0 && text[begin - 1] != '\n') return {};  // a word of prose
  const std::size_t indentation = name - begin;
  Found found(text);
  std::size_t lines = 0;
  for (; lines < most && at < text.size(); ++lines) {
    const std::size_t line = at + 1;
    std::size_t first = line;
    while (first < text.size() && is_blank(text[first])) ++first;
    const std::size_t stop = std::min(text.find('\n', first), text.size());
    const bool item = text.substr(first, 2) == "- ";
    const std::size_t column = first - line;
    if (first == stop || column < indentation || (column == indentation && !item)) break;
    while (text.substr(first, 2) == "- ") first += 2;
    std::string_view rest = trimmed(text.substr(first, stop - first));
    std::size_t colon = 0;
    while (colon < rest.size() && (is_name(rest[colon]) || is_quote(rest[colon]))) ++colon;
    const bool member = colon > 0 && colon < rest.size() && rest[colon] == ':' &&
                        (colon + 1 == rest.size() || is_blank(rest[colon + 1]));
    if (!member && (!item || rest.find(' ') != std::string_view::npos)) return {};
    std::string_view key = member ? rest.substr(0, colon) : std::string_view();
    if (!key.empty() && is_quote(key.front()) && key.size() > 1) key = key.substr(1, key.size() - 2);
    if (is_reference_member(key)) found.reference();
    std::size_t from = member ? first + colon + 1 : first;
    while (from < stop && is_blank(text[from])) ++from;
    std::size_t to = first + rest.size();
    if (const std::size_t comment = text.substr(0, to).find(" #", from); comment < to) to = comment;
    if (to > from + 1 && is_quote(text[from]) && text[to - 1] == text[from]) ++from, --to;
    const bool opens = from < to && std::string_view("|>{[&*").find(text[from]) != std::string_view::npos;
    if (from < to && !opens) found.add(key, from, to);
    at = stop;
  }
  return lines == 0 ? std::vector<TextSpan>() : found.take();
}

}  // namespace fairlead::redact
