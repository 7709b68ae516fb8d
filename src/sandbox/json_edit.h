// Shorthands for building and changing JSON objects.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/json.h"

namespace fairlead::sandbox {

// The member, made (null) where there is none. Unlike operator[], it never moves the others when it is there, so that
// references to them stay good.
inline json::value& member_in(json::object& object, std::string_view key) {
  auto found = object.find(key);
  return found == object.end() ? object[key] : found->value();
}

// The object at that path, made (and what is in the way replaced) where there is none.
inline json::object& object_in(json::value& value, std::initializer_list<std::string_view> path) {
  json::value* at = &value;
  if (!at->is_object()) at->emplace_object();
  for (std::string_view step : path) {
    at = &member_in(at->get_object(), step);
    if (!at->is_object()) at->emplace_object();
  }
  return at->get_object();
}

inline json::array& array_in(json::object& object, std::string_view key) {
  json::value& value = member_in(object, key);
  if (!value.is_array()) value.emplace_array();
  return value.get_array();
}

// The text of a member; empty where it is missing or no text. (text_at takes values, and would copy an object.)
inline std::string_view text_in(const json::object& object, std::string_view key) {
  auto found = object.find(key);
  if (found == object.end() || !found->value().is_string()) return {};
  return found->value().get_string();
}

// Only where the member is missing or null.
inline void set_default(json::object& object, std::string_view key, json::value value) {
  json::value& slot = member_in(object, key);
  if (slot.is_null()) slot = std::move(value);
}

// The condition of that type in a list of conditions; null when there is none.
inline json::object* condition_in(json::array& conditions, std::string_view type) {
  for (json::value& condition : conditions) {
    if (condition.is_object() && text_at(condition, {"type"}) == type) return &condition.get_object();
  }
  return nullptr;
}

inline std::string_view condition_status(const json::value& object, std::string_view type) {
  for (const json::value& condition : array_at(object, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == type) return text_at(condition, {"status"});
  }
  return {};
}

// As Go's decoder names what it did not expect.
inline std::string_view json_type(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: return "object";
    case json::kind::array: return "array";
    case json::kind::string: return "string";
    case json::kind::bool_: return "bool";
    case json::kind::null: return "null";
    default: return "number";
  }
}

}  // namespace fairlead::sandbox
