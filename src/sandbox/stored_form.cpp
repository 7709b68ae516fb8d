#include "sandbox/stored_form.h"

#include <map>

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

}  // namespace

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
