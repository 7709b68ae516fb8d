#include <algorithm>
#include <map>

#include "sandbox/structured_merge.h"

namespace fairlead::sandbox {

MergeType MergeType::of(const Message* message) {
  MergeType out;
  out.kind_ = message ? Kind::structure : Kind::deduced;
  out.message_ = message;
  return out;
}

MergeType MergeType::of_single(const Field& field) {
  MergeType out;
  out.field_ = &field;
  out.single_ = true;
  if (field.type != FieldType::message) return out;
  if (field.message->form == Message::Form::raw || field.message->form == Message::Form::fields_v1)
    out.kind_ = Kind::deduced;
  if (field.message->form != Message::Form::object) return out;
  out.message_ = field.message;
  if (!field.message->atomic) out.kind_ = Kind::structure;
  return out;
}

MergeType MergeType::of_field(const Field& field) {
  MergeType out;
  out.field_ = &field;
  if (field.repeated) {
    if (field.set) out.kind_ = Kind::set;
    if (!field.list_keys.empty()) out.kind_ = Kind::keyed;
  } else if (field.map) {
    out.kind_ = Kind::map;
  } else {
    out = of_single(field);
  }
  if (field.atomic) out.kind_ = Kind::leaf;
  return out;
}

bool MergeType::names(std::string_view member) const { return message_ && find_member(*message_, member); }

MergeType MergeType::member(std::string_view name) const {
  if (kind_ == Kind::deduced) return *this;
  if (field_ && field_->map && !single_) return of_single(*field_);
  const Field* found = message_ ? find_member(*message_, name) : nullptr;
  return found ? of_field(*found) : MergeType();
}

bool MergeType::is_list() const { return field_ && field_->repeated && !single_; }
bool MergeType::is_object() const { return message_ || (field_ && field_->map && !single_); }

MergeType MergeType::element() const { return is_list() ? of_single(*field_) : MergeType(); }

std::optional<std::string> MergeType::element_of(const json::value& item) const {
  if (kind_ == Kind::set) {
    if (item.is_structured() || item.is_null()) return std::nullopt;
    return "v:" + compact(item);
  }
  if (kind_ != Kind::keyed || !item.is_object()) return std::nullopt;
  json::object key;
  std::vector<std::string_view> names = field_->list_keys;
  std::sort(names.begin(), names.end());
  for (std::string_view name : names) {
    if (const json::value* value = item.get_object().if_contains(name)) {
      key[name] = *value;
    } else if (name == "protocol") {
      key[name] = "TCP";  // the one key that the API's schemas give a default
    }
  }
  if (key.empty()) return std::nullopt;
  return "k:" + compact(key);
}

namespace {

bool is_zero(const Field& field, const json::value& value) {
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

json::value stored_single(const Field& field, const json::value& value) {
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
      if (!field.omits_zero || !is_zero(field, *given)) (*out)[field.name] = stored_single(field, *given);
    } else if (field.absent != Field::Absent::omitted) {
      (*out)[field.name] = field.absent == Field::Absent::null ? json::value() : zero_of(field);
    }
  }
}

}  // namespace

json::value as_stored(const Message& message, const json::value& value) {
  json::object out;
  store_members(message, value, &out);
  return out;
}

}  // namespace fairlead::sandbox
