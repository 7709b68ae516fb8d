#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"

namespace fairlead {
namespace {

constexpr std::size_t depth_ceiling = 1000;  // the parser and the destructor of json::value recurse

// Builds the value as Boost.JSON's own handler does, and besides counts values, sees duplicate keys and reads
// doubles to the last bit.
class Handler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  using Code = json::error_code;
  using Text = json::string_view;

  explicit Handler(JsonLimits limits) : limits_(limits) { stack_.reset(); }

  json::value release() { return stack_.release(); }
  const std::string& refusal() const { return refusal_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code& code) { return count(code); }
  bool on_array_end(std::size_t n, Code&) { return stack_.push_array(n), true; }
  bool on_object_begin(Code& code) {
    if (!limits_.duplicate_keys) open_.push_back(keys_.size());
    return count(code);
  }
  bool on_object_end(std::size_t n, Code& code) {
    if (!limits_.duplicate_keys) {
      const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(open_.back());
      std::sort(first, keys_.end());
      const auto twice = std::adjacent_find(first, keys_.end());
      if (twice != keys_.end()) {
        return refuse(code, fmt::format("the key \"{}\" is there twice in one object",
                                        plain_word(std::string_view(*twice).substr(0, 100))));
      }
      keys_.erase(first, keys_.end());
      open_.pop_back();
    }
    return stack_.push_object(n), true;
  }
  bool on_string_part(Text s, std::size_t, Code&) { return stack_.push_chars(s), true; }
  bool on_string(Text s, std::size_t, Code& code) { return stack_.push_string(s), count(code); }
  bool on_key_part(Text s, std::size_t, Code&) {
    if (!limits_.duplicate_keys) key_.append(s.data(), s.size());
    return stack_.push_chars(s), true;
  }
  bool on_key(Text s, std::size_t, Code&) {
    if (!limits_.duplicate_keys) {
      key_.append(s.data(), s.size());
      keys_.push_back(std::exchange(key_, {}));
    }
    return stack_.push_key(s), true;
  }
  bool on_number_part(Text, Code&) { return true; }  // the text comes in one piece, and so does a number
  bool on_int64(std::int64_t i, Text, Code& code) { return stack_.push_int64(i), count(code); }
  bool on_uint64(std::uint64_t u, Text, Code& code) { return stack_.push_uint64(u), count(code); }
  bool on_double(double approximate, Text s, Code& code) {
    double exact = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), exact);
    if (error == std::errc::result_out_of_range) {
      if (!(std::abs(approximate) < 1)) return refuse(code, "a number is too large");
      exact = std::copysign(0.0, approximate);
    }
    return stack_.push_double(exact), count(code);
  }
  bool on_bool(bool b, Code& code) { return stack_.push_bool(b), count(code); }
  bool on_null(Code& code) { return stack_.push_null(), count(code); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

 private:
  bool count(Code& code) {
    if (++nodes_ <= limits_.nodes) return true;
    return refuse(code, fmt::format("it holds more than {} values", limits_.nodes));
  }
  bool refuse(Code& code, std::string why) {
    refusal_ = std::move(why);
    code = json::error::exception;
    return false;
  }

  JsonLimits limits_;
  json::value_stack stack_;
  std::size_t nodes_ = 0;
  std::vector<std::string> keys_;  // of all open objects, one after the other
  std::vector<std::size_t> open_;  // where each open object's keys start
  std::string key_;
  std::string refusal_;
};

std::string explain(json::error_code code, std::size_t depth) {
  using json::error;
  if (code == error::incomplete) return "it ends too early";
  if (code == error::extra_data) return "there is text after the value";
  if (code == error::too_deep) return fmt::format("it is nested more than {} levels deep", depth);
  if (code == error::exponent_overflow) return "a number is too large";
  if (code == error::illegal_leading_surrogate || code == error::illegal_trailing_surrogate ||
      code == error::expected_utf16_escape)
    return "a \\u escape is half of a surrogate pair";
  if (code == error::expected_hex_digit) return "a \\u escape is not four hexadecimal digits";
  return "this is not JSON";
}

// The number of bytes before the first that is not UTF-8, or of all.
std::size_t valid_length(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = next_code_point(text.substr(at));
    if (!point.valid) return at;
    at += point.size;
  }
  return text.size();
}

const json::value* at_path(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* at = &value;
  for (std::string_view key : path)
    if (!(at = find(*at, key))) return nullptr;
  return at;
}

void write_double(std::string& out, double d) {
  if (!std::isfinite(d)) {
    out += "null";
    return;
  }
  const double size = std::abs(d);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  char digits[40];
  const auto end =
      std::to_chars(digits, std::end(digits), d, plain ? std::chars_format::fixed : std::chars_format::scientific).ptr;
  out.append(digits, end);
  // Go has no leading zero in a negative exponent.
  if (const auto length = out.size(); !plain && out.compare(length - 4, 3, "e-0") == 0) out.erase(length - 2, 1);
}

void write_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const CodePoint point = next_code_point(text.substr(at));
    const bool escaped = c == '"' || c == '\\' || !point.valid || is_hidden(point.value);
    if (escaped) {
      out.append(text, written, at - written);
      written = at + point.size;
      const auto unit = [&](std::uint32_t u) { fmt::format_to(std::back_inserter(out), "\\u{:04x}", u); };
      const auto value = static_cast<std::uint32_t>(point.value);
      if (!point.valid)
        out += "\xEF\xBF\xBD";
      else if (c == '"' || c == '\\')
        (out += '\\') += c;
      else if (c == '\n')
        out += "\\n";
      else if (c == '\r')
        out += "\\r";
      else if (c == '\t')
        out += "\\t";
      else if (value < 0x10000)
        unit(value);
      else
        unit(0xD7C0 + (value >> 10)), unit(0xDC00 | (value & 0x3FF));
    }
    at += point.size;
  }
  out.append(text, written);
  out += '"';
}

// An indent below zero writes all on one line.
void write(std::string& out, const json::value& value, int indent) {
  const auto line = [&](int level) {
    if (indent >= 0) out.append(1, '\n').append(static_cast<std::size_t>(level) * 2, ' ');
  };
  const int inner = indent < 0 ? indent : indent + 1;
  const auto list = [&](const auto& items, char open, char close, auto write_item) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out += ',';
      line(inner);
      write_item(item);
    }
    if (!first) line(indent);
    out += close;
  };
  switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: fmt::format_to(std::back_inserter(out), "{}", value.get_int64()); break;
    case json::kind::uint64: fmt::format_to(std::back_inserter(out), "{}", value.get_uint64()); break;
    case json::kind::double_: write_double(out, value.get_double()); break;
    case json::kind::string: write_string(out, value.get_string()); break;
    case json::kind::array:
      list(value.get_array(), '[', ']', [&](const json::value& item) { write(out, item, inner); });
      break;
    case json::kind::object:
      list(value.get_object(), '{', '}', [&](const json::key_value_pair& member) {
        write_string(out, member.key());
        out += indent < 0 ? ":" : ": ";
        write(out, member.value(), inner);
      });
      break;
  }
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view step, JsonLimits limits) {
  const auto refuse = [&](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, std::string(step), std::move(cause), std::move(remedy));
  };
  if (text.size() > limits.bytes) {
    return refuse(fmt::format("the JSON is {} bytes long, and at most {} are read", text.size(), limits.bytes),
                  "Ask for less at a time");
  }
  const std::string remedy = "Give one complete JSON value in UTF-8";
  if (trim(text).empty()) return refuse("the JSON is empty", remedy);

  json::parse_options options;
  options.max_depth = std::min(limits.depth, depth_ceiling);
  json::basic_parser<Handler> parser(options, limits);
  json::error_code code;
  std::size_t at = parser.write_some(false, text.data(), text.size(), code);
  if (!code && at < text.size()) code = json::error::extra_data;
  if (!code) return parser.handler().release();

  std::string why = parser.handler().refusal();
  if (why.empty()) {
    why = explain(code, options.max_depth);
    if (const std::size_t valid = valid_length(text); code == json::error::syntax && valid < text.size() && valid <= at)
      at = valid, why = "this byte is not UTF-8";
  }
  return refuse(fmt::format("at byte {}: {}", at, why), remedy);
}

const json::value* find(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  return object ? object->if_contains(key) : nullptr;
}

std::string_view text_at(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* at = at_path(value, path);
  const json::string* text = at ? at->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

std::int64_t integer_at(const json::value& value, std::initializer_list<std::string_view> path,
                        std::int64_t otherwise) {
  const json::value* at = at_path(value, path);
  if (!at || !at->is_number()) return otherwise;
  json::error_code code;
  const auto number = at->to_number<std::int64_t>(code);  // refuses what is out of range or has a fraction
  return code ? otherwise : number;
}

bool flag_at(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* at = at_path(value, path);
  const bool* flag = at ? at->if_bool() : nullptr;
  return flag && *flag;
}

const json::array& array_at(const json::value& value, std::initializer_list<std::string_view> path) {
  static const json::array none;
  const json::value* at = at_path(value, path);
  const json::array* array = at ? at->if_array() : nullptr;
  return array ? *array : none;
}

const json::object& object_at(const json::value& value, std::initializer_list<std::string_view> path) {
  static const json::object none;
  const json::value* at = at_path(value, path);
  const json::object* object = at ? at->if_object() : nullptr;
  return object ? *object : none;
}
json::array array_at(json::value&& value, std::initializer_list<std::string_view> path) {
  return array_at(std::as_const(value), path);
}
json::object object_at(json::value&& value, std::initializer_list<std::string_view> path) {
  return object_at(std::as_const(value), path);
}

std::string compact(const json::value& value) {
  std::string out;
  write(out, value, -1);
  return out;
}

std::string pretty(const json::value& value) {
  std::string out;
  write(out, value, 0);
  return out;
}

}  // namespace fairlead
