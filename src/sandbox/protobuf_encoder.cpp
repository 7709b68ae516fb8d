#include "sandbox/protobuf_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/quantity.h"
#include "sandbox/stored_form.h"

namespace fairlead::sandbox {
namespace {

using namespace std::string_view_literals;

// With the package of its type, which is v1 for nearly all.
std::string go_type(const Message& message) { return "v1." + std::string(message.name); }

std::string go_type(const Field& field) {
  switch (field.type) {
    case FieldType::text: return "string";
    case FieldType::boolean: return "bool";
    case FieldType::int32: return "int32";
    case FieldType::int64: return "int64";
    case FieldType::bytes: return "[]uint8";
    case FieldType::number: return "float64";
    case FieldType::message: return go_type(*field.message);
  }
  return "";
}

// `digits` of a fraction of a second ("…:05.123456Z") as nanoseconds.
std::int64_t nanoseconds_of(std::string_view text) {
  std::size_t dot = text.find('.');
  if (dot == text.npos) return 0;
  std::int64_t value = 0;
  int digits = 0;
  for (std::size_t i = dot + 1; i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 9; ++i, ++digits) {
    value = value * 10 + (text[i] - '0');
  }
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

bool is_quantity(std::string_view text) {
  std::size_t i = 0;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  std::size_t digits = 0;
  while (i < text.size() && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.')) ++i, ++digits;
  while (i < text.size() && "eEinumkKMGTP"sv.find(text[i]) != "eEinumkKMGTP"sv.npos) ++i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  return digits > 0 && i == text.size();
}

// With the keys of objects in order, so that equal values have equal texts.
json::value ordered(const json::value& value) {
  if (value.is_object()) {
    std::vector<std::string_view> keys;
    for (const auto& member : value.get_object()) keys.push_back(member.key());
    std::sort(keys.begin(), keys.end());
    json::object out;
    for (std::string_view key : keys) out[key] = ordered(value.get_object().at(key));
    return out;
  }
  if (!value.is_array()) return value;
  json::array out;
  for (const json::value& item : value.get_array()) out.push_back(ordered(item));
  return out;
}

class Encoder {
 public:
  explicit Encoder(EncodeOptions options) : options_(options) {}

  bool object(const Message& message, const json::value& value) {
    if (!value.is_object()) return mismatch(value, go_type(message));
    const json::object& members = value.get_object();
    for (const Field& field : message.fields) {
      if (field.inlined) {
        std::size_t mark = wire::begin_message(out, field.number);
        if (!object(*field.message, value)) return false;
        wire::end_message(out, mark);
        continue;
      }
      if (field.others) {
        put_others(message, field, members);
        continue;
      }
      auto found = members.find(field.name);
      if (found == members.end() || found->value().is_null()) {
        if (field.absent == Field::Absent::zero && !zero(field)) return false;
        continue;
      }
      if (is_left_out(field, found->value())) continue;
      owner_ = message.name;
      path_.push_back(field.name);
      if (!member(field, found->value())) return false;
      path_.pop_back();
    }
    return true;
  }

  std::string out;
  std::string error;

 private:
  void put_others(const Message& message, const Field& field, const json::object& members) {
    json::object rest;
    for (const auto& member : members) {
      if (member.key() != "apiVersion" && member.key() != "kind" && !message.by_name(member.key()))
        rest[member.key()] = member.value();
    }
    if (!rest.empty()) put(compact(ordered(rest)), field.number);
  }

  bool zero(const Field& field) {
    static const json::value nothing = json::object();
    if (field.repeated || field.map) return true;  // decode() shows them
    if (field.is_time()) return put("", field.number);
    if (field.type == FieldType::message && field.message->form == Message::Form::object)
      return single(field, field.number, nothing);
    const json::value value = zero_of(field);
    return value.is_null() || single(field, field.number, value);
  }

  // What is known by the type of the value alone.
  bool either(const Message& message, const json::value& value) {
    for (const Field& field : message.fields) {
      bool fits = field.repeated                     ? value.is_array()
                  : field.type == FieldType::boolean ? value.is_bool()
                                                     : value.is_object();
      if (fits) return member(field, value);
    }
    return mismatch(value, go_type(message));
  }

  bool member(const Field& field, const json::value& value) {
    if (field.repeated) {
      if (!value.is_array()) return mismatch(value, "[]" + go_type(field));
      for (const json::value& item : value.get_array()) {
        if (!single(field, field.number, item)) return false;
      }
      return true;
    }
    if (field.map) {
      if (!value.is_object()) return mismatch(value, "map[string]" + go_type(field));
      std::vector<const json::key_value_pair*> entries;
      for (const auto& entry : value.get_object()) entries.push_back(&entry);
      std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
      for (const auto* entry : entries) {
        std::size_t mark = wire::begin_message(out, field.number);
        wire::put_bytes(out, 1, entry->key());
        if (!single(field, 2, entry->value())) return false;
        wire::end_message(out, mark);
      }
      return true;
    }
    return single(field, field.number, value);
  }

  bool single(const Field& field, std::uint32_t number, const json::value& value) {
    switch (field.type) {
      case FieldType::text:
        if (value.is_null()) return put("", number);
        if (!value.is_string()) return mismatch(value, "string");
        return put(value.get_string(), number);
      case FieldType::boolean:
        if (!value.is_bool() && !value.is_null()) return mismatch(value, "bool");
        wire::put_integer(out, number, value.is_bool() && value.get_bool());
        return true;
      case FieldType::int32:
      case FieldType::int64: {
        std::int64_t integer = 0;
        if (!value.is_null() && !integer_of(value, field.type == FieldType::int32, &integer)) {
          if (!value.is_number()) return mismatch(value, go_type(field));
          return mismatch_text("number " + shown_number(value), go_type(field));
        }
        wire::put_integer(out, number, static_cast<std::uint64_t>(integer));
        return true;
      }
      case FieldType::number: {
        if (!value.is_number()) return mismatch(value, "float64");
        double number_value = value.to_number<double>();
        std::uint64_t bits;
        std::memcpy(&bits, &number_value, sizeof bits);
        wire::put_varint(out, (std::uint64_t{number} << 3) | 1);
        for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
        return true;
      }
      case FieldType::bytes: {
        if (value.is_null()) return put("", number);
        if (!value.is_string()) return mismatch(value, "[]uint8");
        auto bytes = base64_decode(value.get_string());
        if (!bytes) return give_up("illegal base64 data at input byte 0");
        return put(*bytes, number);
      }
      case FieldType::message: {
        std::size_t mark = wire::begin_message(out, number);
        if (!message(*field.message, value)) return false;
        wire::end_message(out, mark);
        return true;
      }
    }
    return false;
  }

  bool message(const Message& message, const json::value& value) {
    if (value.is_null() && message.form != Message::Form::raw) return true;
    switch (message.form) {
      case Message::Form::object: return object(message, value);
      case Message::Form::either: return either(message, value);
      case Message::Form::quantity: {
        std::string text = value.is_string()   ? std::string(value.get_string())
                           : value.is_number() ? compact(value)
                                               : "";
        if (!is_quantity(text)) {
          return give_up("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
        auto quantity = Quantity::parse(text);
        if (!quantity) return give_up("unable to parse quantity's suffix");
        return put(quantity->text(), 1);
      }
      case Message::Form::time:
      case Message::Form::micro_time: {
        if (!value.is_string()) return mismatch(value, "string");
        std::string_view text = value.get_string();
        auto seconds = parse_rfc3339(text);
        if (!seconds) {
          return give_up("parsing time \"" + std::string(text) +
                         "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" + std::string(text) + "\" as \"2006\"");
        }
        wire::put_integer(out, 1, static_cast<std::uint64_t>(*seconds));
        bool micro = message.form == Message::Form::micro_time;
        wire::put_integer(out, 2, micro ? static_cast<std::uint64_t>(nanoseconds_of(text) / 1000 * 1000) : 0);
        return true;
      }
      case Message::Form::int_or_string: {
        std::int64_t integer = 0;
        bool text = value.is_string();
        if (!text && !integer_of(value, true, &integer)) return mismatch(value, "int32");
        wire::put_integer(out, 1, text);
        wire::put_integer(out, 2, static_cast<std::uint64_t>(integer));
        return put(text ? std::string_view(value.get_string()) : std::string_view(), 3);
      }
      case Message::Form::fields_v1: return put(compact(value), 1);
      case Message::Form::raw: return put(compact(ordered(value)), 1);
      case Message::Form::texts: {
        if (!value.is_array()) return mismatch(value, "v1.ExtraValue");
        for (const json::value& text : value.get_array()) {
          if (!text.is_string()) return mismatch(text, "string");
          put(text.get_string(), 1);
        }
        return true;
      }
      case Message::Form::duration: {
        auto span = value.is_string() ? parse_human_duration(value.get_string()) : std::nullopt;
        if (!span) return give_up("time: invalid duration");
        wire::put_integer(out, 1, static_cast<std::uint64_t>(span->count() * 1'000'000'000));
        return true;
      }
    }
    return false;
  }

  static std::string shown_number(const json::value& value) {
    std::string text = compact(value);
    bool whole = value.is_double() && text.find_first_of(".e") == text.npos && text.size() < 20;
    return whole ? text + ".0" : text;
  }

  bool integer_of(const json::value& value, bool narrow, std::int64_t* out) const {
    if (value.is_int64()) {
      *out = value.get_int64();
    } else if (value.is_uint64()) {
      if (value.get_uint64() > INT64_MAX) return false;
      *out = static_cast<std::int64_t>(value.get_uint64());
    } else if (value.is_double() && !options_.strict_integers) {
      double number = value.get_double();
      if (number != std::floor(number) || std::abs(number) > 9e15) return false;
      *out = static_cast<std::int64_t>(number);
    } else {
      return false;
    }
    return !narrow || (*out >= INT32_MIN && *out <= INT32_MAX);
  }

  bool put(std::string_view bytes, std::uint32_t number) {
    wire::put_bytes(out, number, bytes);
    return true;
  }

  bool mismatch(const json::value& value, std::string_view wanted) { return mismatch_text(json_type(value), wanted); }

  bool mismatch_text(std::string_view got, std::string_view wanted) {
    std::string place;
    if (!path_.empty()) {
      place = "Go struct field " + std::string(owner_);
      for (std::string_view step : path_) place += "." + std::string(step);
      place += " of type ";
    } else {
      place = "Go value of type ";
    }
    return give_up("json: cannot unmarshal " + std::string(got) + " into " + place + std::string(wanted));
  }

  bool give_up(std::string text) {
    if (error.empty()) error = std::move(text);
    return false;
  }

  EncodeOptions options_;
  std::string_view owner_;
  std::vector<std::string_view> path_;
};

}  // namespace

tl::expected<std::string, std::string> encode(const Message& message, const json::value& value, EncodeOptions options) {
  Encoder encoder(options);
  encoder.out.reserve(4096);
  if (!encoder.object(message, value)) return tl::unexpected(std::move(encoder.error));
  return std::move(encoder.out);
}

std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw) {
  std::string type;
  wire::put_bytes(type, 1, api_version);
  wire::put_bytes(type, 2, kind);
  std::string out("k8s\0", 4);
  out.reserve(raw.size() + 64);
  wire::put_bytes(out, 1, type);
  wire::put_bytes(out, 2, raw);
  wire::put_bytes(out, 3, "");
  wire::put_bytes(out, 4, "");
  return out;
}

std::optional<Unwrapped> unwrap(std::string_view body) {
  if (!body.starts_with("k8s\0"sv)) return std::nullopt;
  wire::Reader reader(body.substr(4));
  Unwrapped out;
  while (auto value = reader.next()) {
    if (value->field == 1) {
      out.api_version = wire::at(value->bytes, {1}).value_or("");
      out.kind = wire::at(value->bytes, {2}).value_or("");
    } else if (value->field == 2) {
      out.raw = value->bytes;
    }
  }
  if (reader.broken()) return std::nullopt;
  return out;
}

}  // namespace fairlead::sandbox
