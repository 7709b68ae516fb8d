#include "sandbox/field_set.h"

namespace fairlead::sandbox {
namespace {

json::value of_member(const Field& field, const json::value& value) {
  if (field.map && value.is_object()) {
    json::object out{{".", json::object()}};
    for (const auto& entry : value.get_object()) out["f:" + std::string(entry.key())] = json::object();
    return out;
  }
  if (field.repeated && field.merges && value.is_array() && !field.merge_key.empty()) {
    json::object out{{".", json::object()}};
    for (const json::value& item : value.get_array()) {
      json::object key;
      if (const json::value* id = find(item, field.merge_key)) key[field.merge_key] = *id;
      if (field.merge_key == "containerPort") key["protocol"] = text_at(item, {"protocol"});
      json::object inner{{".", json::object()}};
      for (auto& entry : field_set(*field.message, item)) inner[entry.key()] = entry.value();
      out["k:" + compact(key)] = std::move(inner);
    }
    return out;
  }
  if (!field.repeated && field.type == FieldType::message && field.message->form == Message::Form::object && value.is_object()) {
    return field_set(*field.message, value);
  }
  return json::object();
}

}  // namespace

json::object field_set(const Message& message, const json::value& value) {
  json::object out;
  if (!value.is_object()) return out;
  for (const auto& member : value.get_object()) {
    const Field* field = find_member(message, member.key());
    if (field && !member.value().is_null()) out["f:" + std::string(member.key())] = of_member(*field, member.value());
  }
  return out;
}

}  // namespace fairlead::sandbox
