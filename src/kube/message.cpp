#include "kube/message.h"

#include "base/text.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace {

using Type = MessageField::Type;

const MessageField* find_field(const Message& message, std::uint32_t number) {
  for (const auto& field : message.fields)
    if (field.number == number) return &field;
  return nullptr;
}

protozero::pbf_wire_type wire_type(Type type) {
  return type == Type::integer || type == Type::flag ? protozero::pbf_wire_type::varint
                                                     : protozero::pbf_wire_type::length_delimited;
}

std::string_view read_quantity(std::string_view bytes) {
  std::string_view text;
  auto reader = wire::open(bytes);
  while (reader.next()) {
    if (reader.tag_and_type() == wire::quantity::string)
      text = wire::text(reader);
    else
      reader.skip();
  }
  return text;
}

json::value read_int_or_string(std::string_view bytes, const json::storage_ptr& storage) {
  bool is_text = false;
  std::int64_t number = 0;
  std::string_view text;
  auto reader = wire::open(bytes);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case wire::int_or_string::type: is_text = reader.get_int64() == 1; break;
      case wire::int_or_string::int_val: number = reader.get_int32(); break;
      case wire::int_or_string::str_val: text = wire::text(reader); break;
      default: reader.skip();
    }
  }
  return is_text ? json::value(text, storage) : json::value(number, storage);
}

void read_entry(std::string_view bytes, Type type, json::object& map) {
  std::string_view key, value;
  auto reader = wire::open(bytes);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case wire::map_entry::key: key = wire::text(reader); break;
      case wire::map_entry::value: value = wire::text(reader); break;
      default: reader.skip();
    }
  }
  if (type == Type::sizes)
    map[key] = static_cast<std::int64_t>(value.size());
  else
    map[key] = type == Type::quantity_map ? read_quantity(value) : value;
}

json::object& member_object(json::object& in, std::string_view name) {
  json::value& value = in[name];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

void read_fields(std::string_view bytes, const Message& message, json::object& out);

json::value read_value(wire::pbf_reader& reader, const MessageField& field, const json::storage_ptr& storage) {
  switch (field.type) {
    case Type::integer: return json::value(reader.get_int64(), storage);
    case Type::flag: return json::value(wire::flag(reader), storage);
    case Type::quantity: return json::value(read_quantity(wire::text(reader)), storage);
    case Type::int_or_string: return read_int_or_string(wire::text(reader), storage);
    case Type::time: {
      auto seconds = wire::read_time(wire::text(reader));
      return seconds ? json::value(format_rfc3339(*seconds), storage) : json::value(nullptr, storage);
    }
    case Type::message: {
      json::object object(storage);
      read_fields(wire::text(reader), *field.message, object);
      return json::value(std::move(object));
    }
    default: return json::value(wire::text(reader), storage);
  }
}

void read_field(wire::pbf_reader& reader, const MessageField& field, json::object& out) {
  if (field.inlined) return read_fields(wire::text(reader), *field.message, out);
  if (field.type == Type::text_map || field.type == Type::quantity_map || field.type == Type::sizes)
    return read_entry(wire::text(reader), field.type, member_object(out, field.name));
  json::value value = read_value(reader, field, out.storage());
  if (field.repeated) {
    json::value& list = out[field.name];
    (list.is_array() ? list.get_array() : list.emplace_array()).push_back(std::move(value));
  } else if (!value.is_null() && !(value.is_string() && value.get_string().empty())) {
    out[field.name] = std::move(value);
  }
}

void read_fields(std::string_view bytes, const Message& message, json::object& out) {
  auto reader = wire::open(bytes);
  while (reader.next()) {
    const MessageField* field = find_field(message, reader.tag());
    if (field && reader.wire_type() == wire_type(field->type))
      read_field(reader, *field, out);
    else
      reader.skip();
  }
}

}  // namespace

Result<json::value> read_message(std::string_view bytes, const Message& message, json::storage_ptr storage) {
  json::object out(std::move(storage));
  auto done = wire::guarded(message.name, [&] { read_fields(bytes, message, out); });
  if (!done) return fail(std::move(done.error()));
  return json::value(std::move(out));
}

}  // namespace fairlead::kube
