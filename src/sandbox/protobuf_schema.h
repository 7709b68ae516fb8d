// What the Kubernetes API's messages look like: for each its fields by JSON name, protobuf number and type, and how a
// strategic merge patch treats their lists. Taken from the generated.proto files (make_schema.py), as data, so that
// every field that a client sends is kept, in both representations. Immutable once made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"

namespace fairlead::sandbox {

struct Message;

enum class FieldType : std::uint8_t { text, boolean, int32, int64, bytes, number, message };

struct Field {
  std::string_view name;  // as in JSON
  std::uint32_t number = 0;
  FieldType type = FieldType::text;
  const Message* message = nullptr;
  bool repeated = false;
  bool map = false;            // from text to `type`
  bool inlined = false;        // a message whose members stand in the parent's JSON object
  bool others = false;         // all members that no other field has (but apiVersion and kind), as one JSON text
  bool merges = false;         // patchStrategy=merge
  bool retains_keys = false;   // patchStrategy=retainKeys
  bool omits_zero = false;     // a scalar that Go leaves out of JSON when it is zero, but not out of protobuf
  bool required = false;       // in the API's documents
  std::string_view merge_key;  // patchMergeKey; empty for a merged list of plain values
  // Whole objects stand in it: JSON shows their kind (the message's name) and apiVersion (v1), which protobuf has not.
  bool typed = false;
  // How server-side apply sees it: a list is one value unless it is a set or keyed, a map or a message is its members
  // unless it is atomic.
  bool atomic = false, set = false;
  std::vector<std::string_view> list_keys;  // listMapKey
  // Of custom resources: what stands for this field where it is a list's key and is not there; null: nothing does.
  const json::value* key_default = nullptr;
  // What JSON that Go wrote has where the field is not set: nothing, a zero or an empty struct, null.
  enum class Absent : std::uint8_t { omitted, zero, null } absent = Absent::omitted;

  bool is_time() const;
};

struct Message {
  // How it is written in JSON: as an object, or as a scalar (or list of texts) that the encoder knows. `either` is the
  // value of one of its fields alone: of the flag, the message or the list.
  enum class Form : std::uint8_t {
    object,
    quantity,
    time,
    micro_time,
    int_or_string,
    fields_v1,
    duration,
    raw,
    texts,
    either
  };

  std::string_view name;
  Form form = Form::object;
  bool atomic = false;                     // structType=atomic
  bool custom = false;                     // of a custom resource (custom_fields.h): its objects are kept as they are
  bool open = false;                       // members that have no field may be there too, as they are
  std::vector<Field> fields;               // by number
  std::vector<const Field*> never_absent;  // JSON shows them as null when they are not set

  const Field* by_name(std::string_view name) const;  // members of inlined messages are not found here
  const Field* by_number(std::uint32_t number) const;
  void index();  // once the fields are complete, before anything is looked up
  // The field of the members that have none of their own; null when those are not kept.
  const Field* others() const { return others_ < 0 ? nullptr : &fields[static_cast<std::size_t>(others_)]; }

 private:
  friend class Schema;
  std::int16_t others_ = -1;
  std::vector<std::int16_t> by_number_;
  std::unordered_map<std::string_view, std::int16_t> by_name_;
};

inline bool Field::is_time() const {
  return message && (message->form == Message::Form::time || message->form == Message::Form::micro_time);
}

class Schema {
 public:
  // "Pod", "Container"; messages of events.k8s.io are called "events.Event", that of all custom resources
  // "CustomObject". Null when there is none.
  const Message* message(std::string_view name) const;

  // The one that is built in; made at the first call. Thread-safe.
  static const Schema& builtin();

 private:
  void read(std::string_view text);
  void read_zeros(std::string_view text);
  void link();
  Message& declare(std::string_view name);

  std::unordered_map<std::string_view, std::unique_ptr<Message>> messages_;
};

// The field that a JSON member of that name belongs to; inlined messages are looked into.
const Field* find_member(const Message& message, std::string_view name);

extern const char schema_core[];
extern const char schema_other[];
extern const char schema_definitions[];
extern const char schema_zeros[];

}  // namespace fairlead::sandbox
