// From protobuf to JSON text without a value in between.
#include <cstring>

#include "base/text.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

// Bytes that may stand in a JSON text as they are: printable ASCII but quote and backslash.
bool plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void put_text(std::string& out, std::string_view text) {
  for (unsigned char c : text) {
    if (plain(c)) continue;
    out += compact(json::value(json::string(text)));
    return;
  }
  out.push_back('"');
  out.append(text);
  out.push_back('"');
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  // Members without braces. `first` tells, and learns, whether a comma is due.
  void members(const Message& message, std::string_view bytes, bool* first) {
    wire::Reader reader(bytes);
    const Field* open = nullptr;  // a list or map whose entries are being written
    while (auto value = reader.next()) {
      const Field* field = message.by_number(value->field);
      if (!field) continue;
      if (open && open != field) close(&open);
      if (field->inlined) {
        members(*field->message, value->bytes, first);
        continue;
      }
      if (field->others) {
        if (!*first) out_.push_back(',');
        *first = false;
        out_.append(value->bytes.substr(1, value->bytes.size() - 2));
        continue;
      }
      bool many = field->map || field->repeated;
      if (open == field) {
        out_.push_back(',');
      } else {
        if (!*first) out_.push_back(',');
        *first = false;
        out_.push_back('"');
        out_.append(field->name);
        out_.append("\":");
        if (many) {
          out_.push_back(field->map ? '{' : '[');
          open = field;
        }
      }
      if (field->map) {
        entry(*field, value->bytes);
      } else {
        single(*field, *value);
      }
    }
    close(&open);
    for (const Field* list : message.never_absent) {
      if (wire::at(bytes, {list->number})) continue;
      out_.append(*first ? "\"" : ",\"");
      *first = false;
      out_.append(list->name);
      out_.append("\":null");
    }
  }

  void object(const Message& message, std::string_view bytes) {
    out_.push_back('{');
    bool first = true;
    members(message, bytes, &first);
    out_.push_back('}');
  }

 private:
  void close(const Field** open) {
    if (*open) out_.push_back((*open)->map ? '}' : ']');
    *open = nullptr;
  }

  void entry(const Field& field, std::string_view bytes) {
    wire::Reader reader(bytes);
    std::string_view key;
    wire::Value content;
    while (auto value = reader.next()) {
      if (value->field == 1) key = value->bytes;
      if (value->field == 2) content = *value;
    }
    put_text(out_, key);
    out_.push_back(':');
    single(field, content);
  }

  void single(const Field& field, const wire::Value& value) {
    switch (field.type) {
      case FieldType::text: return put_text(out_, value.bytes);
      case FieldType::boolean: out_.append(value.integer ? "true" : "false"); return;
      case FieldType::int32:
      case FieldType::int64: out_.append(std::to_string(static_cast<std::int64_t>(value.integer))); return;
      case FieldType::number: {
        double number;
        std::memcpy(&number, &value.integer, sizeof number);
        out_.append(compact(json::value(number)));
        return;
      }
      case FieldType::bytes: return put_text(out_, base64_encode(value.bytes));
      case FieldType::message:
        if (field.typed) return typed(*field.message, value.bytes);
        return message(*field.message, value.bytes);
    }
  }

  void typed(const Message& message, std::string_view bytes) {
    out_.append(R"({"kind":")").append(message.name).append(R"(","apiVersion":"v1")");
    bool first = false;
    members(message, bytes, &first);
    out_.push_back('}');
  }

  void message(const Message& message, std::string_view bytes) {
    if (message.form == Message::Form::object) return object(message, bytes);
    if (message.form == Message::Form::quantity) return put_text(out_, wire::at(bytes, {1}).value_or("0"));
    // What the encoder put there is one compact JSON value.
    if (message.form == Message::Form::fields_v1 || message.form == Message::Form::raw) {
      out_.append(wire::at(bytes, {1}).value_or("{}"));
      return;
    }
    if (message.form == Message::Form::either) return either(message, bytes);
    auto scalar = decode_scalar(message, bytes);
    out_.append(scalar ? compact(*scalar) : "null");
  }

  void either(const Message& message, std::string_view bytes) {
    wire::Reader reader(bytes);
    bool list = false, any = false;
    while (auto value = reader.next()) {
      const Field* field = message.by_number(value->field);
      if (!field) continue;
      if (any) out_.push_back(',');
      if (field->repeated && !any) {
        out_.push_back('[');
        list = true;
      }
      single(*field, *value);
      any = true;
    }
    if (list) out_.push_back(']');
    if (!any) out_.append("[]");
  }

  std::string& out_;
};

}  // namespace

void append_json(std::string& out, const Message& message, std::string_view bytes) {
  Writer(out).object(message, bytes);
}

void append_members(std::string& out, const Message& message, std::string_view bytes) {
  bool first = out.empty() || out.back() == '{';
  Writer(out).members(message, bytes, &first);
}

}  // namespace fairlead::sandbox
