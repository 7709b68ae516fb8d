// Protobuf messages read as the JSON that the API server would send for them, by a declaration of the fields that are
// wanted: for kinds whose lists are shorter than those of pods, where one way to read protobuf, JSON and custom
// resources is worth more than the last microsecond (2 to 5 of them an object).
//
// Follows the generated.proto files in the Kubernetes source; messages.h holds the declarations. Fields that are not
// declared are skipped, so newer servers are read too. As in JSON, a text that is empty is left out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace fairlead::kube {

struct Message;

struct MessageField {
  enum class Type {
    text,
    integer,
    flag,
    time,           // RFC 3339 in whole seconds
    quantity,       // its text
    int_or_string,  // a number or a text
    message,
    text_map,
    quantity_map,
    sizes,  // of a map's values, which are not read: {"key": bytes}
  };
  std::uint32_t number;
  std::string_view name;  // in JSON
  Type type;
  bool repeated = false;  // an array
  const Message* message = nullptr;
  bool inlined = false;  // its fields stand in the JSON of the message around it
};

struct Message {
  std::string_view name;  // of the kind, for errors
  std::span<const MessageField> fields;
};

// server_error when the bytes are not well-formed. Pure and thread-safe; texts are copied into `storage`.
Result<json::value> read_message(std::string_view bytes, const Message& message, json::storage_ptr storage = {});

// For declarations.
namespace field {
using Type = MessageField::Type;
constexpr MessageField text(std::uint32_t number, std::string_view name) { return {number, name, Type::text}; }
constexpr MessageField texts(std::uint32_t number, std::string_view name) { return {number, name, Type::text, true}; }
constexpr MessageField integer(std::uint32_t number, std::string_view name) { return {number, name, Type::integer}; }
constexpr MessageField flag(std::uint32_t number, std::string_view name) { return {number, name, Type::flag}; }
constexpr MessageField time(std::uint32_t number, std::string_view name) { return {number, name, Type::time}; }
constexpr MessageField quantities(std::uint32_t number, std::string_view name) {
  return {number, name, Type::quantity_map};
}
constexpr MessageField map(std::uint32_t number, std::string_view name) { return {number, name, Type::text_map}; }
constexpr MessageField sizes(std::uint32_t number, std::string_view name) { return {number, name, Type::sizes}; }
constexpr MessageField int_or_string(std::uint32_t number, std::string_view name) {
  return {number, name, Type::int_or_string};
}
constexpr MessageField one(std::uint32_t number, std::string_view name, const Message& message) {
  return {number, name, Type::message, false, &message};
}
constexpr MessageField many(std::uint32_t number, std::string_view name, const Message& message) {
  return {number, name, Type::message, true, &message};
}
constexpr MessageField inlined(std::uint32_t number, const Message& message) {
  return {number, "", Type::message, false, &message, true};
}
}  // namespace field

}  // namespace fairlead::kube
