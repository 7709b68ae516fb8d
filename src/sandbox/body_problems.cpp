#include "sandbox/body_problems.h"

#include <algorithm>
#include <cstdlib>

#include "sandbox/json_edit.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {
namespace {

constexpr int deepest = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Stops at the first byte that cannot stand where it does.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  std::string problem() {
    if (value(0)) {
      skip_blanks();
      if (at_ < text_.size()) (void)unexpected("after top-level value");
    }
    return std::move(problem_);
  }

 private:
  bool ended() {
    problem_ = "unexpected end of JSON input";
    return false;
  }

  bool unexpected(std::string_view where) {
    if (at_ >= text_.size()) return ended();
    char c = text_[at_];
    std::string shown = c == '\'' ? "\\'" : c == '"' ? "\"" : quoted_as_go(text_.substr(at_, 1));
    if (c != '\'' && c != '"') shown = shown.substr(1, shown.size() - 2);
    problem_ = "invalid character '" + shown + "' " + std::string(where);
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(char mark) {
    if (at_ >= text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  bool value(int depth) {
    if (depth > deepest) {
      problem_ = "exceeded max depth";
      return false;
    }
    skip_blanks();
    if (at_ >= text_.size()) return ended();
    switch (text_[at_]) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': return string();
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      default: return number();
    }
  }

  bool object(int depth) {
    ++at_;
    skip_blanks();
    if (take('}')) return true;
    while (true) {
      skip_blanks();
      if (at_ >= text_.size() || text_[at_] != '"') return unexpected("looking for beginning of object key string");
      if (!string()) return false;
      skip_blanks();
      if (!take(':')) return unexpected("after object key");
      if (!value(depth + 1)) return false;
      skip_blanks();
      if (take('}')) return true;
      if (!take(',')) return unexpected("after object key:value pair");
    }
  }

  bool array(int depth) {
    ++at_;
    skip_blanks();
    if (take(']')) return true;
    while (true) {
      if (!value(depth + 1)) return false;
      skip_blanks();
      if (take(']')) return true;
      if (!take(',')) return unexpected("after array element");
    }
  }

  bool string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < ' ') return unexpected("in string literal");
      if (text_[at_++] != '\\') continue;
      if (at_ >= text_.size()) return ended();
      if (std::string_view("\"\\/bfnrtu").find(text_[at_]) == std::string_view::npos)
        return unexpected("in string escape code");
      if (text_[at_++] != 'u') continue;
      for (int i = 0; i < 4; ++i, ++at_) {
        if (at_ >= text_.size() || !is_hex(text_[at_])) return unexpected("in \\u hexadecimal character escape");
      }
    }
    return take('"') || ended();
  }

  bool literal(std::string_view word) {
    for (char c : word) {
      if (take(c)) continue;
      return unexpected("in literal " + std::string(word) + " (expecting '" + c + "')");
    }
    return true;
  }

  bool digits(std::string_view where) {
    if (at_ >= text_.size() || !is_digit(text_[at_])) return unexpected(where);
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return true;
  }

  bool number() {
    bool negative = take('-');
    if (!negative && !is_digit(text_[at_])) return unexpected("looking for beginning of value");
    if (!take('0') && !digits("in numeric literal")) return false;
    if (take('.') && !digits("after decimal point in numeric literal")) return false;
    if (take('e') || take('E')) {
      if (!take('+')) (void)take('-');
      return digits("in exponent of numeric literal");
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

std::string json_problem(std::string_view body) { return JsonScanner(body).problem(); }

std::string without_lone_surrogates(std::string_view json) {
  auto unit_at = [&](std::size_t at) -> unsigned long {  // of an escape that stands there; 0: none
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return 0;
    std::string digits(json.substr(at + 2, 4));
    return std::all_of(digits.begin(), digits.end(), is_hex) ? std::strtoul(digits.c_str(), nullptr, 16) : 0;
  };
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    unsigned long unit = unit_at(at);
    bool high = unit >= 0xd800 && unit < 0xdc00, low = unit >= 0xdc00 && unit < 0xe000;
    std::size_t length = 1;
    if (unit != 0) {
      length = 6;
    } else if (json[at] == '\\') {
      length = std::min<std::size_t>(2, json.size() - at);
    }
    if (high) {
      unsigned long next = unit_at(at + 6);
      if (next >= 0xdc00 && next < 0xe000) {
        high = false;
        length = 12;
      }
    }
    out += high || low ? std::string_view("\\ufffd") : json.substr(at, length);
    at += length;
  }
  return out;
}

std::string operations_problem(const json::array& operations, bool lax) {
  for (const json::value& operation : operations) {
    if (operation.is_null()) continue;
    if (!operation.is_object()) {
      return std::string(lax ? "" : "error decoding patch: ") + "json: cannot unmarshal " +
             std::string(json_type(operation)) + " into Go value of type " +
             (lax ? "jsonpatch.Operation" : "handlers.jsonPatchOp");
    }
    if (lax) continue;
    for (std::string_view member : {"op", "from", "path"}) {
      const json::value* given = find(operation, member);
      if (!given || given->is_string() || given->is_null()) continue;
      return "error decoding patch: json: cannot unmarshal " + std::string(json_type(*given)) +
             " into Go struct field jsonPatchOp." + std::string(member) + " of type string";
    }
  }
  return {};
}

std::string yaml_problem(std::string_view cause) {
  std::size_t colon = cause.find(": ");
  if (!cause.starts_with("line ") || colon == cause.npos) return "yaml: " + std::string(cause);
  int line = std::atoi(std::string(cause.substr(5, colon - 5)).c_str());
  std::string_view why = cause.substr(colon + 2);
  // The library counts lines from 0, adds one to its scanner's alone, and does not mention the line 0.
  bool parser = false;
  for (std::string_view what :
       {"<document start>", "node content", "key", "'-' indicator", "',' or ']'", "',' or '}'"}) {
    parser = parser || why == "did not find expected " + std::string(what);
  }
  if (line <= 1) return "yaml: " + std::string(why);
  return "yaml: line " + std::to_string(parser ? line - 1 : line) + ": " + std::string(why);
}

std::string shown_body(std::string_view body) {
  if (body.empty()) return "<empty>";
  if (body.starts_with('{')) return std::string(body.substr(0, 30)) + (body.size() > 30 ? " ..." : "");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned char c : body.substr(0, 30)) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  if (body.size() > 30) out += " ...";
  return out;
}

}  // namespace fairlead::sandbox
