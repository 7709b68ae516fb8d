#include <cstring>

#include "base/text.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr int deepest = 128;  // no less than what a body may nest

class Decoder {
 public:
  Decoder(DecodeOptions options, json::storage_ptr storage) : options_(options), storage_(std::move(storage)) {}

  bool object(const Message& message, std::string_view bytes, json::object& out, int depth) {
    if (depth > deepest) return give_up("nested too deeply");
    wire::Reader reader(bytes);
    while (auto value = reader.next()) {
      const Field* field = message.by_number(value->field);
      if (!field) continue;
      if (!options_.managed_fields && field->number == 17 && field->name == "managedFields") continue;
      if (field->others) {
        auto rest = parse_json(value->bytes, "read raw JSON");
        if (!rest || !rest->is_object()) return give_up("raw JSON inside is broken");
        for (auto& member : rest->get_object()) out[member.key()] = std::move(member.value());
      } else if (field->inlined) {
        if (value->type != 2) return give_up("wrong wire type");
        if (!object(*field->message, value->bytes, out, depth + 1)) return false;
      } else if (field->map) {
        if (value->type != 2) return give_up("wrong wire type");
        if (!entry(*field, value->bytes, slot<json::object>(out, field->name), depth + 1)) return false;
      } else if (field->repeated) {
        json::array& items = slot<json::array>(out, field->name);
        items.emplace_back(nullptr);
        if (field->typed) items.back() = json::value({{"kind", field->message->name}, {"apiVersion", "v1"}}, storage_);
        if (!single(*field, *value, items.back(), depth + 1)) return false;
      } else if (options_.from_go && field->omits_zero && value->integer == 0 && value->bytes.empty()) {
        continue;
      } else {
        json::value& member = out[field->name];
        if (!single(*field, *value, member, depth + 1)) return false;
      }
    }
    if (reader.broken()) return give_up("unexpected EOF");
    for (const Field* list : message.never_absent) {
      if (!out.contains(list->name)) out[list->name] = nullptr;
    }
    return true;
  }

  bool scalar(const Message& message, std::string_view bytes, json::value& out) {
    if (message.form == Message::Form::texts) return texts(bytes, out.emplace_array());
    std::uint64_t first = 0, second = 0;
    std::string_view third;
    wire::Reader reader(bytes);
    while (auto value = reader.next()) {
      if (value->field == 1) first = value->integer;
      if (value->field == 2) second = value->integer;
      if (value->field == 3) third = value->bytes;
    }
    if (reader.broken()) return give_up("unexpected EOF");
    switch (message.form) {
      case Message::Form::int_or_string:
        if (first == 1) {
          out = json::string(third, storage_);
        } else {
          out = static_cast<std::int64_t>(static_cast<std::int32_t>(second));
        }
        return true;
      case Message::Form::duration:
        out = json::string(std::to_string(static_cast<std::int64_t>(first) / 1'000'000'000) + "s", storage_);
        return true;
      case Message::Form::micro_time:
      case Message::Form::time: {
        if (bytes.empty()) {
          out = nullptr;
          return true;
        }
        // Years 1 to 9999, which is what RFC 3339 can say.
        auto seconds = static_cast<std::int64_t>(first);
        if (seconds < -62135596800 || seconds > 253402300799) return give_up("a time that is out of range");
        std::string text = format_rfc3339(seconds);
        if (message.form == Message::Form::micro_time) {
          std::string digits = std::to_string(second / 1000 % 1'000'000);
          text.insert(text.size() - 1, "." + std::string(6 - digits.size(), '0') + digits);
        }
        out = json::string(text, storage_);
        return true;
      }
      default: return give_up("unknown form");
    }
  }

  std::string error;

 private:
  bool texts(std::string_view bytes, json::array& out) {
    wire::Reader reader(bytes);
    while (auto value = reader.next()) {
      if (value->field == 1) out.emplace_back(json::string(value->bytes, storage_));
    }
    return !reader.broken() || give_up("unexpected EOF");
  }

  template <class T>
  T& slot(json::object& out, std::string_view name) {
    json::value& value = out[name];
    if constexpr (std::is_same_v<T, json::object>) {
      if (!value.is_object()) value.emplace_object();
      return value.get_object();
    } else {
      if (!value.is_array()) value.emplace_array();
      return value.get_array();
    }
  }

  bool entry(const Field& field, std::string_view bytes, json::object& out, int depth) {
    wire::Reader reader(bytes);
    std::string_view key;
    wire::Value content;
    content.type =
        field.type == FieldType::boolean || field.type == FieldType::int32 || field.type == FieldType::int64 ? 0 : 2;
    while (auto value = reader.next()) {
      if (value->field == 1) key = value->bytes;
      if (value->field == 2) content = *value;
    }
    if (reader.broken()) return give_up("unexpected EOF");
    return single(field, content, out[key], depth);
  }

  bool single(const Field& field, const wire::Value& value, json::value& out, int depth) {
    std::uint32_t wanted = 2;
    if (field.type == FieldType::boolean || field.type == FieldType::int32 || field.type == FieldType::int64)
      wanted = 0;
    if (field.type == FieldType::number) wanted = 1;
    if (value.type != wanted) return give_up("wrong wire type");
    switch (field.type) {
      case FieldType::text: out = json::string(value.bytes, storage_); return true;
      case FieldType::boolean: out = value.integer != 0; return true;
      case FieldType::int32: out = static_cast<std::int64_t>(static_cast<std::int32_t>(value.integer)); return true;
      case FieldType::int64: out = static_cast<std::int64_t>(value.integer); return true;
      case FieldType::number: {
        double number;
        std::memcpy(&number, &value.integer, sizeof number);
        out = number;
        return true;
      }
      case FieldType::bytes: out = json::string(base64_encode(value.bytes), storage_); return true;
      case FieldType::message: return message(*field.message, value.bytes, out, depth);
    }
    return false;
  }

  bool message(const Message& message, std::string_view bytes, json::value& out, int depth) {
    switch (message.form) {
      case Message::Form::object:
        if (!out.is_object()) out.emplace_object();
        return object(message, bytes, out.get_object(), depth);
      case Message::Form::either: return either(message, bytes, out, depth);
      case Message::Form::quantity: out = json::string(wire::at(bytes, {1}).value_or("0"), storage_); return true;
      case Message::Form::fields_v1:
      case Message::Form::raw: {
        auto parsed = parse_json(wire::at(bytes, {1}).value_or("{}"), "read raw JSON");
        if (!parsed) return give_up("raw JSON inside is broken");
        out = std::move(*parsed);
        return true;
      }
      default: return scalar(message, bytes, out);
    }
  }

  // Go writes the flag beside the schema that counts.
  bool either(const Message& message, std::string_view bytes, json::value& out, int depth) {
    wire::Reader reader(bytes);
    while (auto value = reader.next()) {
      const Field* field = message.by_number(value->field);
      if (!field || (field->type == FieldType::boolean && !out.is_null())) continue;
      if (!field->repeated) {
        if (out.is_bool()) out = nullptr;
        if (!single(*field, *value, out, depth + 1)) return false;
        continue;
      }
      if (!out.is_array()) out.emplace_array();
      out.get_array().emplace_back(nullptr);
      if (!single(*field, *value, out.get_array().back(), depth + 1)) return false;
    }
    return !reader.broken() || give_up("unexpected EOF");
  }

  bool give_up(std::string text) {
    if (error.empty()) error = std::move(text);
    return false;
  }

  DecodeOptions options_;
  json::storage_ptr storage_;
};

}  // namespace

tl::expected<json::value, std::string> decode(const Message& message, std::string_view bytes, DecodeOptions options,
                                              json::storage_ptr storage) {
  Decoder decoder(options, storage);
  json::value out(json::object_kind, storage);
  if (!decoder.object(message, bytes, out.get_object(), 0)) return tl::unexpected(std::move(decoder.error));
  return out;
}

tl::expected<json::value, std::string> decode_scalar(const Message& message, std::string_view bytes) {
  Decoder decoder({}, {});
  json::value out;
  if (!decoder.scalar(message, bytes, out)) return tl::unexpected(std::move(decoder.error));
  return out;
}

}  // namespace fairlead::sandbox
