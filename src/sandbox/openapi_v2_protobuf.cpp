// openapi.v2.Document of gnostic, which kubectl of a few years ago asks for: the same document in messages whose fields
// are numbered as its OpenAPIv2.proto numbers them. Extensions are YAML inside, for which JSON will do.
#include <cstring>

#include "base/text.h"
#include "sandbox/openapi.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void put_text(std::string& out, std::uint32_t field, const json::value& value) {
  if (value.is_string()) wire::put_bytes(out, field, value.get_string());
}

void put_texts(std::string& out, std::uint32_t field, const json::value& value) {
  if (!value.is_array()) return put_text(out, field, value);
  for (const json::value& item : value.get_array()) put_text(out, field, item);
}

void put_flag(std::string& out, std::uint32_t field, const json::value& value) {
  if (value.is_bool() && value.get_bool()) wire::put_integer(out, field, 1);
}

void put_number(std::string& out, std::uint32_t field, const json::value& value) {
  if (!value.is_number()) return;
  double number = value.to_number<double>();
  std::uint64_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  wire::put_varint(out, (std::uint64_t{field} << 3) | 1);
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
}

void put_integer(std::string& out, std::uint32_t field, const json::value& value) {
  if (value.is_int64()) wire::put_integer(out, field, static_cast<std::uint64_t>(value.get_int64()));
}

// Any
void put_any(std::string& out, std::uint32_t field, const json::value& value) {
  std::size_t mark = wire::begin_message(out, field);
  wire::put_bytes(out, 2, compact(value) + "\n");
  wire::end_message(out, mark);
}

// NamedAny, of a member whose name begins with x-.
void put_extension(std::string& out, std::uint32_t field, View name, const json::value& value) {
  if (!name.starts_with("x-")) return;
  std::size_t mark = wire::begin_message(out, field);
  wire::put_bytes(out, 1, name);
  put_any(out, 2, value);
  wire::end_message(out, mark);
}

void put_schema(std::string& out, const json::value& schema);

// NamedSchema for each member.
void put_schemas(std::string& out, std::uint32_t field, const json::value& schemas) {
  if (!schemas.is_object()) return;
  for (const auto& member : schemas.get_object()) {
    std::size_t mark = wire::begin_message(out, field);
    wire::put_bytes(out, 1, member.key());
    std::size_t inner = wire::begin_message(out, 2);
    put_schema(out, member.value());
    wire::end_message(out, inner);
    wire::end_message(out, mark);
  }
}

void put_schema(std::string& out, const json::value& schema) {
  if (!schema.is_object()) return;
  for (const auto& member : schema.get_object()) {
    View name = member.key();
    const json::value& value = member.value();
    auto nested = [&](std::uint32_t field, auto&& write) {
      std::size_t mark = wire::begin_message(out, field);
      write();
      wire::end_message(out, mark);
    };
    if (name == "$ref") put_text(out, 1, value);
    if (name == "format") put_text(out, 2, value);
    if (name == "title") put_text(out, 3, value);
    if (name == "description") put_text(out, 4, value);
    if (name == "default") put_any(out, 5, value);
    if (name == "maximum") put_number(out, 7, value);
    if (name == "exclusiveMaximum") put_flag(out, 8, value);
    if (name == "minimum") put_number(out, 9, value);
    if (name == "exclusiveMinimum") put_flag(out, 10, value);
    if (name == "maxLength") put_integer(out, 11, value);
    if (name == "minLength") put_integer(out, 12, value);
    if (name == "pattern") put_text(out, 13, value);
    if (name == "maxItems") put_integer(out, 14, value);
    if (name == "minItems") put_integer(out, 15, value);
    if (name == "uniqueItems") put_flag(out, 16, value);
    if (name == "maxProperties") put_integer(out, 17, value);
    if (name == "minProperties") put_integer(out, 18, value);
    if (name == "required") put_texts(out, 19, value);
    if (name == "enum" && value.is_array()) {
      for (const json::value& choice : value.get_array()) put_any(out, 20, choice);
    }
    if (name == "multipleOf") put_number(out, 6, value);
    if (name == "additionalProperties") {
      nested(21, [&] {
        if (value.is_bool()) return wire::put_integer(out, 2, value.get_bool());
        std::size_t mark = wire::begin_message(out, 1);
        put_schema(out, value);
        wire::end_message(out, mark);
      });
    }
    if (name == "type") nested(22, [&] { put_texts(out, 1, value); });
    if (name == "items") {
      nested(23, [&] {
        std::size_t mark = wire::begin_message(out, 1);
        put_schema(out, value);
        wire::end_message(out, mark);
      });
    }
    if (name == "properties") nested(25, [&] { put_schemas(out, 1, value); });
    put_extension(out, 31, name, value);
  }
}

// ParametersItem
void put_parameter(std::string& out, std::uint32_t field, const json::value& parameter) {
  View in = text_at(parameter, {"in"});
  bool body = in == "body";
  std::size_t item = wire::begin_message(out, field), choice = wire::begin_message(out, 1),
              kind = wire::begin_message(out, body ? 1 : 2);
  if (body) {
    wire::put_bytes(out, 2, text_at(parameter, {"name"}));
    wire::put_bytes(out, 3, in);
    wire::put_integer(out, 4, flag_at(parameter, {"required"}));
    std::size_t schema = wire::begin_message(out, 5);
    if (const json::value* value = find(parameter, "schema")) put_schema(out, *value);
    wire::end_message(out, schema);
  } else {
    // Of a query's parameter there is one field more than of a path's.
    bool query = in == "query";
    std::size_t mark = wire::begin_message(out, query ? 3 : 4);
    wire::put_integer(out, 1, flag_at(parameter, {"required"}));
    wire::put_bytes(out, 2, in);
    wire::put_bytes(out, 4, text_at(parameter, {"name"}));
    wire::put_bytes(out, query ? 6 : 5, text_at(parameter, {"type"}));
    wire::put_integer(out, query ? 20 : 19, flag_at(parameter, {"uniqueItems"}));
    wire::end_message(out, mark);
  }
  wire::end_message(out, kind);
  wire::end_message(out, choice);
  wire::end_message(out, item);
}

void put_parameters(std::string& out, std::uint32_t field, const json::value& parameters) {
  if (!parameters.is_array()) return;
  for (const json::value& parameter : parameters.get_array()) put_parameter(out, field, parameter);
}

// Responses: NamedResponseValue for each, a ResponseValue's first choice, a Response.
void put_responses(std::string& out, const json::value& responses) {
  for (const auto& member : responses.get_object()) {
    std::size_t named = wire::begin_message(out, 1);
    wire::put_bytes(out, 1, member.key());
    std::size_t value = wire::begin_message(out, 2), response = wire::begin_message(out, 1);
    wire::put_bytes(out, 1, text_at(member.value(), {"description"}));
    if (const json::value* schema = find(member.value(), "schema")) {
      std::size_t item = wire::begin_message(out, 2), inner = wire::begin_message(out, 1);
      put_schema(out, *schema);
      wire::end_message(out, inner);
      wire::end_message(out, item);
    }
    wire::end_message(out, response);
    wire::end_message(out, value);
    wire::end_message(out, named);
  }
}

void put_operation(std::string& out, std::uint32_t field, const json::value& operation) {
  std::size_t mark = wire::begin_message(out, field);
  for (const auto& member : operation.get_object()) {
    View name = member.key();
    const json::value& value = member.value();
    if (name == "tags") put_texts(out, 1, value);
    if (name == "description") put_text(out, 3, value);
    if (name == "operationId") put_text(out, 5, value);
    if (name == "produces") put_texts(out, 6, value);
    if (name == "consumes") put_texts(out, 7, value);
    if (name == "parameters") put_parameters(out, 8, value);
    if (name == "schemes") put_texts(out, 10, value);
    if (name == "responses" && value.is_object()) {
      std::size_t responses = wire::begin_message(out, 9);
      put_responses(out, value);
      wire::end_message(out, responses);
    }
    put_extension(out, 13, name, value);
  }
  wire::end_message(out, mark);
}

void put_path(std::string& out, View path, const json::value& item) {
  std::size_t named = wire::begin_message(out, 2);
  wire::put_bytes(out, 1, path);
  std::size_t mark = wire::begin_message(out, 2);
  constexpr std::pair<View, std::uint32_t> methods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  for (auto [method, field] : methods) {
    if (const json::value* operation = find(item, method)) put_operation(out, field, *operation);
  }
  if (const json::value* parameters = find(item, "parameters")) put_parameters(out, 9, *parameters);
  wire::end_message(out, mark);
  wire::end_message(out, named);
}

}  // namespace

std::string openapi_v2_protobuf(const json::object& document) {
  std::string out;
  wire::put_bytes(out, 1, "2.0");
  std::size_t info = wire::begin_message(out, 2);
  put_text(out, 1, document.at("info").at("title"));
  put_text(out, 2, document.at("info").at("version"));
  wire::end_message(out, info);
  std::size_t paths = wire::begin_message(out, 8);
  for (const auto& path : document.at("paths").get_object()) put_path(out, path.key(), path.value());
  wire::end_message(out, paths);
  std::size_t definitions = wire::begin_message(out, 9);
  put_schemas(out, 1, document.at("definitions"));
  wire::end_message(out, definitions);
  return out;
}

}  // namespace fairlead::sandbox
