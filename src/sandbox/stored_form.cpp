#include "sandbox/stored_form.h"

#include <map>

#include "sandbox/quantity.h"

namespace fairlead::sandbox {
namespace {

void store_members(const Message& message, const json::value& value, json::object* out);

json::value stored_single(const Field& field, const json::value& value) {
  if (field.typed && value.is_object()) {
    json::object whole{{"kind", field.message->name}, {"apiVersion", "v1"}};
    store_members(*field.message, value, &whole);
    return whole;
  }
  if (field.type == FieldType::message && field.message->form == Message::Form::object && value.is_object())
    return as_stored(*field.message, value);
  return value;
}

void store_members(const Message& message, const json::value& value, json::object* out) {
  for (const Field& field : message.fields) {
    if (field.inlined) {
      store_members(*field.message, value, out);
      continue;
    }
    const json::value* given = find(value, field.name);
    if (given && given->is_null()) given = nullptr;
    if (field.repeated || field.map) {
      bool filled = given && ((given->is_array() && !given->get_array().empty()) ||
                              (given->is_object() && !given->get_object().empty()));
      if (!filled) {
        // Without omitempty an empty list is not the same as none.
        if (field.absent != Field::Absent::omitted) (*out)[field.name] = given ? *given : json::value();
      } else if (given->is_array()) {
        json::array items;
        for (const json::value& item : given->get_array()) items.push_back(stored_single(field, item));
        (*out)[field.name] = std::move(items);
      } else {
        json::object entries;
        std::map<std::string_view, const json::value*> sorted;  // as Go shows them
        for (const auto& entry : given->get_object()) sorted.emplace(entry.key(), &entry.value());
        for (const auto& [key, entry] : sorted) entries[key] = stored_single(field, *entry);
        (*out)[field.name] = std::move(entries);
      }
    } else if (given) {
      if (!is_left_out(field, *given)) (*out)[field.name] = stored_single(field, *given);
    } else if (field.absent != Field::Absent::omitted) {
      (*out)[field.name] = field.absent == Field::Absent::null ? json::value() : zero_of(field);
    }
  }
}

void decode_members(const Message& message, const json::value& value, json::object* out);

json::value decoded_single(const Field& field, const json::value& value) {
  if (field.type != FieldType::message) {
    if (!value.is_null()) return value;
    Field one = field;
    one.repeated = one.map = false;
    json::value zero = zero_of(one);
    return field.type == FieldType::bytes ? json::value("") : zero;
  }
  const Message::Form form = field.message->form;
  if (form == Message::Form::quantity && (value.is_null() || value.is_number()))
    return json::string(canonical_quantity(value.is_null() ? "0" : compact(value)));
  if (form == Message::Form::quantity && value.is_string()) return json::string(canonical_quantity(value.get_string()));
  if (form == Message::Form::int_or_string && value.is_null()) return 0;
  if (form != Message::Form::object) return value;
  json::object whole;
  if (field.typed) whole = {{"kind", field.message->name}, {"apiVersion", "v1"}};
  decode_members(*field.message, value, &whole);
  return whole;
}

json::value decoded_member(const Field& field, const json::value& value) {
  if (field.repeated && value.is_array()) {
    json::array items;
    for (const json::value& item : value.get_array()) items.push_back(decoded_single(field, item));
    return items;
  }
  if (field.map && value.is_object()) {
    json::object entries;
    for (const auto& entry : value.get_object()) entries[entry.key()] = decoded_single(field, entry.value());
    return entries;
  }
  return decoded_single(field, value);
}

void decode_members(const Message& message, const json::value& value, json::object* out) {
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    const Field* field = find_member(message, member.key());
    if (!field || member.value().is_null() || is_left_out(*field, member.value())) continue;
    (*out)[field->name] = decoded_member(*field, member.value());
  }
}

}  // namespace

json::value as_decoded(const Message& message, const json::value& value) {
  if (!value.is_object()) return value;
  if (!message.others()) {
    json::object out;
    decode_members(message, value, &out);
    return out;
  }
  json::value out = value;
  const Field* metadata = message.by_name("metadata");
  json::value* given = out.get_object().if_contains("metadata");
  if (metadata && given && given->is_object()) *given = decoded_member(*metadata, *given);
  return out;
}

bool is_left_out(const Field& field, const json::value& value) {
  if (!field.omits_zero) return false;
  switch (field.type) {
    case FieldType::text:
    case FieldType::bytes: return value.is_string() && value.get_string().empty();
    case FieldType::boolean: return value.is_bool() && !value.get_bool();
    case FieldType::int32:
    case FieldType::int64:
    case FieldType::number: return value.is_number() && value.to_number<double>() == 0;
    case FieldType::message: return false;
  }
  return false;
}

json::value zero_of(const Field& field) {
  if (field.repeated || field.map) return nullptr;
  switch (field.type) {
    case FieldType::text: return "";
    case FieldType::boolean: return false;
    case FieldType::int32:
    case FieldType::int64:
    case FieldType::number: return 0;
    case FieldType::bytes: return nullptr;
    case FieldType::message: break;
  }
  switch (field.message->form) {
    case Message::Form::object: return as_stored(*field.message, json::object());
    case Message::Form::quantity: return "0";
    case Message::Form::int_or_string: return 0;
    case Message::Form::duration: return "0s";
    default: return nullptr;
  }
}

json::value as_stored(const Message& message, const json::value& value) {
  if (message.custom) return value;
  json::object out;
  store_members(message, value, &out);
  return out;
}

}  // namespace fairlead::sandbox
