// JSON from outside, bounded, and JSON to show or to send. Boost.JSON's own default depth (32) is too small for
// Kubernetes objects, its parser may be off by the last bit of a double, and it writes 2.0 as 2E0, which the API
// server does not take for an integer: so parsing and writing go through here.
// All functions are pure and thread-safe.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fairlead {

namespace json = boost::json;

struct JsonLimits {
  std::size_t bytes = 64 << 20;
  std::size_t depth = 128;     // of nested arrays and objects; never more than 1000
  bool duplicate_keys = true;  // false: an object with the same key twice is refused; true: the last one counts
  std::size_t nodes = std::numeric_limits<std::size_t>::max();  // values, those in arrays and objects counted
};

// RFC 8259, in UTF-8, one value and nothing after it. Numbers that are no 64-bit integers become the nearest double;
// those beyond the doubles are refused. The code is always invalid_request; the cause names the byte where it went
// wrong and holds nothing of the text but the name of a duplicate key.
// `step` names what is being parsed in the error: "parse the answer of GET /api".
Result<json::value> parse_json(std::string_view text, std::string_view step, JsonLimits limits = {});

// Walks object members: find(value, "metadata", "name"). Null when a step is missing or not an object.
const json::value* find(const json::value& value, std::string_view key);
template <class... Keys>
const json::value* find(const json::value& value, std::string_view key, Keys... rest) {
  const json::value* next = find(value, key);
  return next ? find(*next, rest...) : nullptr;
}
// The text, number, flag or list at that path; the default (empty text, 0, false) where it is missing or of another
// type.
std::string_view text_at(const json::value& value, std::initializer_list<std::string_view> path);
std::int64_t integer_at(const json::value& value, std::initializer_list<std::string_view> path,
                        std::int64_t otherwise = 0);
bool flag_at(const json::value& value, std::initializer_list<std::string_view> path);
const json::array& array_at(const json::value& value, std::initializer_list<std::string_view> path);
const json::object& object_at(const json::value& value, std::initializer_list<std::string_view> path);
// Out of a temporary, which is gone at the end of the expression, they are taken by value.
json::array array_at(json::value&& value, std::initializer_list<std::string_view> path);
json::object object_at(json::value&& value, std::initializer_list<std::string_view> path);

// Keys in their order, numbers in Go's notation (2.0 as 2, no exponent below 1e21), infinities as null. What a reader
// cannot see (is_hidden, utf8.h) is written as \u escapes, so that the text is safe to show; bytes that are not UTF-8
// become U+FFFD.
std::string compact(const json::value& value);  // on one line, without blanks
std::string pretty(const json::value& value);   // two spaces an indent, without a newline at the end

}  // namespace fairlead
