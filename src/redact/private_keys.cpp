#include "redact/private_keys.h"

#include <algorithm>

namespace fairlead::redact {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::size_t kKeyBytes = 64 << 10;
constexpr std::size_t kTitle = 64;

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}
bool ends_word(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' || c == '\''; }

bool is_private(std::string_view text, std::size_t at, std::size_t marker) {
  std::string_view title = text.substr(at + marker, kTitle);
  title = title.substr(0, title.find("-----"));
  return title.find("PRIVATE KEY") != std::string_view::npos;
}

// A line of a key's body, perhaps with a time or another prefix before it.
bool is_body(std::string_view line, std::size_t least) {
  while (!line.empty() && ends_word(line.back())) line.remove_suffix(1);
  std::size_t size = 0;
  while (size < line.size() && is_base64(line[line.size() - 1 - size])) ++size;
  return size >= least && (size == line.size() || ends_word(line[line.size() - 1 - size]));
}

std::size_t line_end(std::string_view text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }

// Where the body that stands before `at` begins, not before `floor`.
std::size_t body_start(std::string_view text, std::size_t at, std::size_t floor) {
  while (at > floor && !ends_word(text[at - 1])) --at;  // the body on the same line, line breaks written as \n
  std::size_t start = at;
  std::size_t line = at;
  while (line > floor && text[line - 1] != '\n') --line;
  for (std::size_t least = 1; line > floor; least = 16) {
    const std::size_t end = line - 1;
    std::size_t begin = end;
    while (begin > floor && text[begin - 1] != '\n') --begin;
    if (!is_body(text.substr(begin, end - begin), least)) break;
    start = line = begin;
  }
  return start;
}

std::size_t body_end(std::string_view text, std::size_t at) {
  std::size_t end = line_end(text, at);
  while (end < text.size()) {
    const std::size_t next = line_end(text, end + 1);
    if (!is_body(text.substr(end + 1, next - end - 1), 16)) break;
    end = next;
  }
  return end;
}

// PuTTY's, whose head says how many lines follow, and those of SSH2 (RFC 4716), which are found by their marks.
std::vector<TextSpan> keys_of_ssh(std::string_view text) {
  constexpr std::string_view lines = "Private-Lines: ", begin = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
                             end = "---- END SSH2";
  std::vector<TextSpan> keys;
  for (std::size_t at = text.find(lines); at != std::string_view::npos; at = text.find(lines, at + 1)) {
    std::size_t last = line_end(text, at);
    const std::size_t first = last + 1;
    while (last < text.size()) {
      const std::size_t next = line_end(text, last + 1);
      std::string_view line = text.substr(last + 1, next - last - 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() || !std::all_of(line.begin(), line.end(), is_base64)) break;
      last = next;
    }
    if (first < last) keys.push_back({first, last});
    at = last;
  }
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
    const std::size_t stop = text.substr(0, at + kKeyBytes).find(end, at);
    keys.push_back({at, stop == std::string_view::npos ? body_end(text, at) : line_end(text, stop)});
    at = keys.back().to;
  }
  return keys;
}

// In order, and the first of those that overlap.
void add(std::vector<TextSpan>& keys, const std::vector<TextSpan>& others) {
  if (others.empty()) return;
  keys.insert(keys.end(), others.begin(), others.end());
  std::sort(keys.begin(), keys.end(), [](const TextSpan& a, const TextSpan& b) { return a.from < b.from; });
  std::vector<TextSpan> apart;
  for (const TextSpan& key : keys)
    if (apart.empty() || key.from >= apart.back().to) apart.push_back(key);
  keys = std::move(apart);
}

}  // namespace

std::vector<TextSpan> private_keys(std::string_view text) {
  std::vector<TextSpan> keys;
  auto close = [&](std::size_t at) {  // behind "-----END … KEY-----"
    std::size_t dashes =
        text.substr(0, std::min(text.size(), at + kEnd.size() + kTitle + 5)).find("-----", at + kEnd.size());
    return dashes == std::string_view::npos ? line_end(text, at) : dashes + 5;
  };
  std::size_t at = 0;
  std::size_t begin = text.find(kBegin), end = text.find(kEnd);
  while (begin != std::string_view::npos || end != std::string_view::npos) {
    if (begin != std::string_view::npos && begin < at) begin = text.find(kBegin, at);
    if (end != std::string_view::npos && end < at) end = text.find(kEnd, at);
    if (end < begin) {  // an end without a begin
      const std::size_t after = close(end);
      if (is_private(text, end, kEnd.size()))
        keys.push_back({body_start(text, end, keys.empty() ? 0 : keys.back().to), after});
      at = std::max(after, end + 1);
    } else if (begin != std::string_view::npos) {
      if (!is_private(text, begin, kBegin.size())) {
        at = begin + kBegin.size();
        continue;
      }
      const bool whole = end != std::string_view::npos && end - begin <= kKeyBytes;
      at = whole ? close(end) : body_end(text, begin);
      keys.push_back({begin, at});
    }
  }
  add(keys, keys_of_ssh(text));
  return keys;
}

}  // namespace fairlead::redact
