// A patched object that does not fit its type, in the words of the API server's converter.
#include "sandbox/patch.h"

namespace fairlead::sandbox {
namespace {

std::string_view kind_of(const json::value& value) {
  if (value.is_object()) return "map";
  if (value.is_array()) return "slice";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  return value.is_double() ? "float64" : "int64";
}

std::string_view type_of(const json::value& value) {
  if (value.is_object()) return "map[string]interface {}";
  return value.is_array() ? "[]interface {}" : kind_of(value);
}

std::string single_problem(const Field& field, const json::value& value) {
  auto cannot = [&](std::string_view type) {
    return "cannot convert " + std::string(type_of(value)) + " to " + std::string(type);
  };
  if (value.is_null()) return {};
  switch (field.type) {
    case FieldType::text: return value.is_string() ? "" : cannot("string");
    case FieldType::boolean: return value.is_bool() ? "" : cannot("bool");
    case FieldType::int32: return value.is_number() ? "" : cannot("int32");
    case FieldType::int64: return value.is_number() ? "" : cannot("int64");
    case FieldType::number: return value.is_number() ? "" : cannot("float64");
    case FieldType::bytes: return value.is_string() ? "" : "cannot restore slice from " + std::string(kind_of(value));
    case FieldType::message: break;
  }
  if (field.message->form != Message::Form::object) return {};  // these read their own JSON
  if (!value.is_object()) return "cannot restore struct from: " + std::string(kind_of(value));
  return conversion_problem(*field.message, value);
}

std::string field_problem(const Field& field, const json::value& value) {
  if (value.is_null()) return {};
  if (field.repeated) {
    if (!value.is_array()) return "cannot restore slice from " + std::string(kind_of(value));
    for (const json::value& item : value.get_array()) {
      if (std::string problem = single_problem(field, item); !problem.empty()) return problem;
    }
    return {};
  }
  if (!field.map) return single_problem(field, value);
  if (!value.is_object()) return "cannot restore map from " + std::string(kind_of(value));
  for (const auto& entry : value.get_object()) {
    if (std::string problem = single_problem(field, entry.value()); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string conversion_problem(const Message& message, const json::value& value) {
  for (const Field& field : message.fields) {
    if (field.others) continue;
    std::string problem;
    if (field.inlined) {
      problem = conversion_problem(*field.message, value);
    } else if (const json::value* member = find(value, field.name)) {
      problem = field_problem(field, *member);
    }
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace fairlead::sandbox
