#include "sandbox/custom_fields.h"

#include <algorithm>

namespace fairlead::sandbox {
namespace {

const Message* anything() { return Schema::builtin().message("RawExtension"); }

bool is_structure(const CustomSchema& schema) { return !schema.properties.empty() || schema.embedded; }

}  // namespace

CustomFields::CustomFields(std::shared_ptr<const CustomSchema> schema)
    : schema_(std::move(schema)), root_(structure(*schema_, true)) {}

const Message* CustomFields::structure(const CustomSchema& schema, bool root) {
  Message& out = messages_.emplace_back();
  out.custom = true;
  out.open = schema.preserves_unknown;
  auto add = [&out](Field made) {
    made.number = static_cast<std::uint32_t>(out.fields.size() + 1);
    out.fields.push_back(std::move(made));
  };
  const bool whole = root || schema.embedded;
  for (const auto& [name, property] : schema.properties) {
    if (whole && (name == "metadata" || name == "apiVersion" || name == "kind")) continue;
    add(field(name, *property));
  }
  if (whole) {
    Field metadata;
    metadata.name = "metadata";
    metadata.type = FieldType::message;
    metadata.message = Schema::builtin().message("ObjectMeta");
    add(metadata);
  }
  if (whole && !root) {
    for (std::string_view name : {"apiVersion", "kind"}) {
      Field text;
      text.name = name;
      add(text);
    }
  }
  out.index();
  return &out;
}

Field CustomFields::field(std::string_view name, const CustomSchema& schema) {
  Field out;
  out.name = name;
  static const json::value none;
  out.key_default = schema.fallback ? &*schema.fallback : &none;
  out.atomic = schema.map_type == "atomic" || schema.list_type == "atomic";
  const std::string_view type = schema.types.size() == 1 ? std::string_view(schema.types[0]) : std::string_view();
  if (type == "array") {
    out.repeated = true;
    out.set = schema.list_type == "set";
    if (schema.list_type == "map") out.list_keys.assign(schema.list_keys.begin(), schema.list_keys.end());
    take_element(schema.items.get(), &out);
  } else if (type == "object" && !is_structure(schema) && schema.additional) {
    out.map = true;
    take_element(schema.additional.get(), &out);
  } else {
    take_element(&schema, &out);
  }
  return out;
}

void CustomFields::take_element(const CustomSchema* schema, Field* field) {
  const std::string_view type =
      schema && schema->types.size() == 1 ? std::string_view(schema->types[0]) : std::string_view();
  if (type == "string") {
    field->type = FieldType::text;
  } else if (type == "boolean") {
    field->type = FieldType::boolean;
  } else if (type == "integer") {
    field->type = FieldType::int64;
  } else if (type == "number") {
    field->type = FieldType::number;
  } else {
    field->type = FieldType::message;
    field->message = type == "object" && is_structure(*schema) ? structure(*schema, false) : anything();
    if (schema && schema->types.size() == 2) field->message = Schema::builtin().message("IntOrString");
  }
}

}  // namespace fairlead::sandbox
