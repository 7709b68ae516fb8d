#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

namespace fairlead {
namespace {

constexpr std::size_t longest_simple_key = 500;  // libyaml allows 1024; an escape may take twice a character's bytes

// Hidden characters, and the two that YAML does not allow unescaped.
bool needs_escape(CodePoint point) {
  return !point.valid || is_hidden(point.value) || point.value == 0xFFFE || point.value == 0xFFFF;
}

bool all_visible(std::string_view text, std::string_view besides) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = next_code_point(text.substr(at));
    if (needs_escape(point) && besides.find(text[at]) == std::string_view::npos) return false;
    at += point.size;
  }
  return true;
}

// Dates, times, base 60 and whatever else other YAML readers take for a number, but not 10.0.0.1.
bool looks_like_number(std::string_view text) {
  if (text.find_first_not_of("0123456789.") == std::string_view::npos)
    return std::count(text.begin(), text.end(), '.') < 2;
  return (text[0] == '.' || text[0] == '+' || text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
         text.find_first_not_of("0123456789_:.+-eETtZz ") == std::string_view::npos;
}

bool can_be_plain(std::string_view text) {
  if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
  const char first = text[0];
  const bool letter =
      (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9');
  if (!letter && static_cast<signed char>(first) >= 0 &&
      std::string_view("_/.$(+-<^;").find(first) == std::string_view::npos)
    return false;
  if (first == '-' && (text.size() == 1 || text[1] == ' ')) return false;
  if (text.starts_with("---") || text.starts_with("...") || text.starts_with("<<")) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return all_visible(text, "") && !looks_like_number(text) && resolve_plain_scalar(text).is_string();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = next_code_point(text.substr(at));
    const auto value = static_cast<std::uint32_t>(point.value);
    const auto hex = [&](std::string_view format) {
      fmt::format_to(std::back_inserter(out), fmt::runtime(format), value);
    };
    if (!point.valid)
      out += "\xEF\xBF\xBD";
    else if (value == '"' || value == '\\')
      (out += '\\') += static_cast<char>(value);
    else if (value == '\n')
      out += "\\n";
    else if (value == '\t')
      out += "\\t";
    else if (value == '\r')
      out += "\\r";
    else if (!needs_escape(point))
      out.append(text, at, point.size);
    else if (value <= 0xFF)
      hex("\\x{:02X}");
    else if (value <= 0xFFFF)
      hex("\\u{:04X}");
    else
      hex("\\U{:08X}");
    at += point.size;
  }
  return out += '"';
}

bool can_be_literal(std::string_view text) {
  return text.find('\n') != std::string_view::npos && text.find_first_not_of(" \t\n") != std::string_view::npos &&
         all_visible(text, "\n\t");
}

void write_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  const std::string_view text(digits,
                              static_cast<std::size_t>(std::to_chars(digits, std::end(digits), number).ptr - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

// A collection's entries start at column `indent`, and text blocks in it two columns further.
class Writer {
 public:
  std::string take() { return std::move(out_); }

  // The rest of the line after "key:" or "-", or a whole document.
  void scalar(const json::value& value, std::size_t indent, std::string_view before) {
    out_ += before;
    switch (value.kind()) {
      case json::kind::null: out_ += "null"; break;
      case json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; break;
      case json::kind::int64: fmt::format_to(std::back_inserter(out_), "{}", value.get_int64()); break;
      case json::kind::uint64: fmt::format_to(std::back_inserter(out_), "{}", value.get_uint64()); break;
      case json::kind::double_: write_number(out_, value.get_double()); break;
      case json::kind::string: return text(value.get_string(), indent);
      case json::kind::array: out_ += "[]"; break;
      case json::kind::object: out_ += "{}"; break;
    }
    out_ += '\n';
  }

  // The first entry goes on where the line is, the others on lines of their own.
  void collection(const json::value& value, std::size_t indent) {
    bool first = true;
    const auto start_line = [&] {
      if (!std::exchange(first, false)) out_.append(indent, ' ');
    };
    if (const json::object* object = value.if_object()) {
      for (const auto& member : *object) {
        start_line();
        key(member.key(), indent);
        member_value(member.value(), indent);
      }
      return;
    }
    for (const json::value& item : value.get_array()) {
      start_line();
      if (!is_filled(item)) {
        scalar(item, indent + 2, "- ");
      } else {
        out_ += "- ";
        collection(item, indent + 2);
      }
    }
  }

  static bool is_filled(const json::value& value) {
    return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
  }

 private:
  void key(std::string_view name, std::size_t indent) {
    const std::string shown = can_be_plain(name) ? std::string(name) : quoted(name);
    if (shown.size() > longest_simple_key) {
      out_.append("? ").append(shown).append(1, '\n').append(indent, ' ').append(":");
    } else {
      out_.append(shown).append(":");
    }
  }

  void member_value(const json::value& value, std::size_t indent) {
    if (!is_filled(value)) return scalar(value, indent + 2, " ");
    const std::size_t inner = value.is_object() ? indent + 2 : indent;
    out_.append(1, '\n').append(inner, ' ');
    collection(value, inner);
  }

  void text(std::string_view text, std::size_t indent) {
    if (!can_be_literal(text)) {
      out_ += can_be_plain(text) ? std::string(text) : quoted(text);
      out_ += '\n';
      return;
    }
    out_ += '|';
    if (text[0] == ' ' || text[0] == '\t' || text[0] == '\n') out_ += '2';
    if (text.back() != '\n')
      out_ += '-';
    else if (text.ends_with("\n\n"))
      out_ += '+';
    out_ += '\n';
    if (text.back() == '\n') text.remove_suffix(1);
    for (std::size_t end = 0; end != std::string_view::npos;) {
      end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      if (!line.empty()) out_.append(indent, ' ').append(line);
      out_ += '\n';
      if (end != std::string_view::npos) text.remove_prefix(end + 1);
    }
  }

  std::string out_;
};

}  // namespace

std::string to_yaml(const json::value& value) {
  Writer writer;
  if (Writer::is_filled(value))
    writer.collection(value, 0);
  else
    writer.scalar(value, 2, "");
  return writer.take();
}

}  // namespace fairlead
