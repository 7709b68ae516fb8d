#include "redact/blocks.h"

#include <algorithm>

#include "redact/phrases.h"

namespace fairlead::redact {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The size of the line break at `at`, 0 when there is none.
std::size_t break_size(std::string_view text, std::size_t at) {
  for (std::string_view line_break : {"\n", "\r\n", "\\n", "\\r\\n"})
    if (text.substr(at, line_break.size()) == line_break) return line_break.size();
  return 0;
}

// Whether only what may stand before a key of YAML or JSON stands before it in its line.
bool begins_line(std::string_view text, std::size_t name) {
  while (name > 0 && (is_blank(text[name - 1]) || text[name - 1] == '-' || text[name - 1] == '"')) --name;
  return name == 0 || text[name - 1] == '\n' || (name > 1 && text[name - 1] == 'n' && text[name - 2] == '\\');
}

bool has_chosen_word(std::string_view line) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    if (looks_chosen(word) && word.find_first_of("0123456789") != std::string_view::npos &&
        word.find_first_of(".:/()[]") == std::string_view::npos)  // no place in a program
      return true;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return false;
}

// Lines have to be indented deeper than the name; behind another text (a time, a prefix) by anything at all.
std::size_t indentation_of(std::string_view text, std::size_t name) {
  std::size_t column = 0;
  while (name > column) {
    const char before = text[name - column - 1];
    if (before == '\n') return column;
    if (before == 'n' && name - column >= 2 && text[name - column - 2] == '\\') return column;
    if (!is_blank(before) && before != '-' && before != '"' && before != '\'') return 0;
    ++column;
  }
  return column;
}

}  // namespace

std::optional<TextSpan> indented_block(std::string_view text, std::size_t name, std::size_t at, std::size_t lines) {
  if (at < text.size() && (text[at] == '|' || text[at] == '>')) {
    ++at;
    while (at < text.size() && (text[at] == '+' || text[at] == '-' || (text[at] >= '0' && text[at] <= '9'))) ++at;
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at < text.size() && text[at] == '#') at = std::min(text.find('\n', at), text.size());
  }
  if (break_size(text, at) == 0) return std::nullopt;
  const bool escaped = text[at] == '\\';
  const std::size_t indentation = indentation_of(text, name);
  std::optional<TextSpan> block;
  while (const std::size_t size = break_size(text, at)) {
    if (escaped != (text[at] == '\\')) break;
    const std::size_t line = at + size;
    std::size_t first = line;
    while (first < text.size() && is_blank(text[first])) ++first;
    if (first == text.size()) break;
    if (break_size(text, first) > 0) {  // an empty line
      at = first;
      continue;
    }
    if (first - line <= indentation) break;
    std::size_t end = first;
    while (end < text.size() && text[end] != '\n' && text[end] != '\r' &&
           !(escaped && (text[end] == '"' || break_size(text, end) > 0)))
      ++end;
    if (!block) block = TextSpan{first, end};
    block->to = end;
    if (--lines == 0) break;
    at = end;
  }
  return block;
}

std::size_t plain_scalar_end(std::string_view text, std::size_t name, std::size_t at) {
  constexpr std::size_t most = 16;
  const std::size_t indentation = indentation_of(text, name);
  const bool key = begins_line(text, name);
  std::size_t scalar = at;
  if (at > 2 && break_size(text, at) == 0 && text.substr(at - 2, 2) == "\\n") at -= 2;
  for (std::size_t lines = 0; lines < most; ++lines) {
    while (at < text.size() && is_blank(text[at])) ++at;
    const std::size_t size = break_size(text, at);
    if (size == 0) break;
    const bool escaped = text[at] == '\\';
    std::size_t first = at + size;
    while (first < text.size() && is_blank(text[first])) ++first;
    if (first - at - size <= indentation || first == text.size() || break_size(text, first) > 0) break;
    std::size_t end = first;
    while (end < text.size() && text[end] != '\n' && text[end] != '\r' &&
           !(escaped && (text[end] == '"' || break_size(text, end) > 0)))
      ++end;
    const std::string_view line = text.substr(first, end - first);
    const bool member = line.find(": ") != std::string_view::npos || line.back() == ':' ||
                        std::string_view("-#\\\"'{}[]:").find(line.front()) != std::string_view::npos ||
                        line.substr(0, line.find_last_not_of('=') + 1).find('=') != std::string_view::npos;
    const bool word = line.find_first_of(" \t") == std::string_view::npos;
    if (member || !(key ? word || has_chosen_word(line) : word && looks_chosen(line))) break;
    scalar = at = end;
  }
  return scalar;
}

std::optional<TextSpan> list_of_words(std::string_view text, std::size_t name, std::size_t at) {
  constexpr std::size_t most = 64;  // lines: all that follow are looked at for each name
  if (break_size(text, at) == 0) return std::nullopt;
  const bool escaped = text[at] == '\\';
  const std::size_t indentation = indentation_of(text, name);
  std::optional<TextSpan> list;
  std::size_t column = 0;
  for (std::size_t lines = 0; lines < most; ++lines) {
    const std::size_t size = break_size(text, at);
    if (size == 0 || escaped != (text[at] == '\\')) break;
    std::size_t first = at + size;
    while (first < text.size() && is_blank(text[first])) ++first;
    const std::size_t here = first - at - size;
    if (text.substr(first, 2) != "- " || here < indentation || (list && here != column)) break;
    first += 2;
    std::size_t end = first;
    while (end < text.size() && !is_blank(text[end]) && break_size(text, end) == 0 && text[end] != ':') ++end;
    if (end == first || (end < text.size() && break_size(text, end) == 0)) return std::nullopt;
    column = here;
    if (!list) list = TextSpan{first, end};
    list->to = end;
    at = end;
  }
  return list;
}

std::size_t flat_object_end(std::string_view text, std::size_t at) {
  constexpr std::size_t most = 64 << 10;
  const std::size_t limit = std::min(text.size(), at + most);
  std::optional<std::size_t> escapes;  // backslashes before a quote that begins or ends a text
  bool inside = false;
  std::size_t slashes = 0;
  for (; at < limit; ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++slashes;
      continue;
    }
    if (c == '"') {
      if (!escapes) escapes = slashes;
      if (slashes == *escapes) inside = !inside;
    } else if (c == '}' && !inside) {
      return at;
    }
    slashes = 0;
  }
  return at;
}

bool holds_a_secret(std::string_view text) {
  constexpr std::string_view kind = "kind", secret = "Secret";
  for (std::size_t at = text.find(kind); at != std::string_view::npos; at = text.find(kind, at + 1)) {
    std::size_t value = at + kind.size();
    bool separated = false;
    for (const std::size_t limit = value + 16; value < limit && value < text.size(); ++value) {
      const char c = text[value];
      separated = separated || c == ':' || c == '=';
      if (!is_blank(c) && c != ':' && c != '=' && c != '"' && c != '\'' && c != '\\') break;
    }
    if (!separated || text.substr(value, secret.size()) != secret) continue;
    const char next = value + secret.size() < text.size() ? text[value + secret.size()] : ' ';
    const bool word = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');  // SecretStore, SecretList
    if (!word || text.substr(value, 10) == "SecretList") return true;
  }
  return false;
}

}  // namespace fairlead::redact
