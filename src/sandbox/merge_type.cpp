#include <algorithm>

#include "sandbox/stored_form.h"
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

bool MergeType::names(std::string_view member) const {
  if (field_ && field_->typed && (member == "kind" || member == "apiVersion")) return true;
  return message_ && find_member(*message_, member);
}

MergeType MergeType::member(std::string_view name) const {
  if (kind_ == Kind::deduced) return *this;
  if (field_ && field_->map && !single_) return of_single(*field_);
  const Field* found = message_ ? find_member(*message_, name) : nullptr;
  if (!found && message_ && message_->open) return of(nullptr);
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
      continue;
    }
    const Field* field = field_->message ? find_member(*field_->message, name) : nullptr;
    if (field && field->key_default) {
      if (field->key_default->is_null()) return std::nullopt;
      key[name] = *field->key_default;
    } else if (name == "protocol") {
      key[name] = "TCP";  // the one key that the API's types give a default
    } else if (field) {
      key[name] = zero_of(*field);  // keys are required or have a default, and the schema's default is the zero
    }
  }
  return "k:" + compact(key);
}

}  // namespace fairlead::sandbox
