#include "sandbox/protobuf_schema.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

// Objects whose schema is not known here: metadata in the field where every object has it, status apart from the rest
// because changes of it count for nothing.
constexpr std::string_view schema_custom = "CustomObject metadata=1:ObjectMeta others=2& status=3:RawExtension\n";

// One word of the tables: name=number[*|%][:Type][@mergeKey][~][?][^keys][$][+][!|&]
//   *  repeated      %  map from text      :i int32  :l int64  :b bool  :B bytes  :d double  :Name message, else text
//   @  merged by strategic merge           ~  patchStrategy=retainKeys            !  inlined, & others
//   ?  left out of JSON when zero          ^  a set for server-side apply, with keys a keyed list
//   $  atomic for server-side apply (after a message's name too)                  +  required
Field read_field(std::string_view word, std::string_view* type_name) {
  Field field;
  if (word.ends_with('&')) {
    field.others = true;
    word.remove_suffix(1);
  }
  if (word.ends_with('!')) {
    field.inlined = true;
    word.remove_suffix(1);
  }
  if (word.ends_with('+')) {
    field.required = true;
    word.remove_suffix(1);
  }
  if (word.ends_with('$')) {
    field.atomic = true;
    word.remove_suffix(1);
  }
  if (std::size_t keys = word.find('^'); keys != word.npos) {
    field.set = keys + 1 == word.size();
    if (!field.set) field.list_keys = split(word.substr(keys + 1), ',');
    word = word.substr(0, keys);
  }
  if (word.ends_with('?')) {
    field.omits_zero = true;
    word.remove_suffix(1);
  }
  if (word.ends_with('~')) {
    field.retains_keys = true;
    word.remove_suffix(1);
  }
  if (std::size_t at = word.find('@'); at != word.npos) {
    field.merges = true;
    field.merge_key = word.substr(at + 1);
    word = word.substr(0, at);
  }
  std::size_t equals = word.find('=');
  field.name = word.substr(0, equals);
  const char* end = word.data() + word.size();
  const char* next = std::from_chars(word.data() + equals + 1, end, field.number).ptr;
  if (next != end && *next == '*') {
    field.repeated = true;
    ++next;
  } else if (next != end && *next == '%') {
    field.map = true;
    ++next;
  }
  if (next != end && *next == ':') {
    std::string_view type(next + 1, static_cast<std::size_t>(end - next - 1));
    if (type == "i") {
      field.type = FieldType::int32;
    } else if (type == "l") {
      field.type = FieldType::int64;
    } else if (type == "b") {
      field.type = FieldType::boolean;
    } else if (type == "B") {
      field.type = FieldType::bytes;
    } else if (type == "d") {
      field.type = FieldType::number;
    } else {
      field.type = FieldType::message;
      *type_name = type;
    }
  }
  return field;
}

}  // namespace

const Field* Message::by_name(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &fields[static_cast<std::size_t>(found->second)];
}

const Field* Message::by_number(std::uint32_t number) const {
  if (number >= by_number_.size() || by_number_[number] < 0) return nullptr;
  return &fields[static_cast<std::size_t>(by_number_[number])];
}

Message& Schema::declare(std::string_view name) {
  auto& slot = messages_[name];
  if (!slot) {
    slot = std::make_unique<Message>();
    slot->name = name;
  }
  return *slot;
}

void Schema::read(std::string_view text) {
  Message* current = nullptr;
  for (std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    bool continued = line.front() == ' ';
    for (std::string_view word : split(line, ' ')) {
      if (word.empty()) continue;
      if (!continued) {
        bool atomic = word.ends_with('$');
        if (atomic) word.remove_suffix(1);
        current = &declare(word);
        current->atomic = atomic;
        continued = true;
        continue;
      }
      std::string_view type_name;
      Field field = read_field(word, &type_name);
      if (field.type == FieldType::message) field.message = &declare(type_name);
      current->fields.push_back(field);
    }
  }
}

// Each message with its fields that are always there; those with a minus are null.
void Schema::read_zeros(std::string_view text) {
  Message* current = nullptr;
  for (std::string_view line : split(text, '\n')) {
    bool continued = line.starts_with(' ');
    for (std::string_view word : split(line, ' ')) {
      if (word.empty()) continue;
      if (!continued) {
        current = &declare(word);
        continued = true;
        continue;
      }
      bool null = word.ends_with('-');
      if (null) word.remove_suffix(1);
      auto field =
          std::find_if(current->fields.begin(), current->fields.end(), [&](const Field& f) { return f.name == word; });
      if (field != current->fields.end()) field->absent = null ? Field::Absent::null : Field::Absent::zero;
    }
  }
}

void Schema::link() {
  constexpr std::pair<std::string_view, Message::Form> forms[] = {
      {"Quantity", Message::Form::quantity},
      {"Time", Message::Form::time},
      {"MicroTime", Message::Form::micro_time},
      {"IntOrString", Message::Form::int_or_string},
      {"FieldsV1", Message::Form::fields_v1},
      {"Duration", Message::Form::duration},
      {"RawExtension", Message::Form::raw},
      {"ExtraValue", Message::Form::texts},
      {"Verbs", Message::Form::texts},
      {"JSON", Message::Form::raw},
      {"JSONSchemaPropsOrBool", Message::Form::either},
      {"JSONSchemaPropsOrArray", Message::Form::either},
      {"JSONSchemaPropsOrStringArray", Message::Form::either},
  };
  for (auto [name, form] : forms) declare(name).form = form;
  for (Field& field : declare("StatefulSetSpec").fields) field.typed = field.name == "volumeClaimTemplates";
  for (auto& [name, message] : messages_) message->index();
}

void Message::index() {
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (by_number_.size() <= field.number) by_number_.resize(field.number + 1, -1);
    by_number_[field.number] = static_cast<std::int16_t>(i);
    if (field.others) others_ = static_cast<std::int16_t>(i);
    const bool raw = field.message && field.message->form == Form::raw;
    const bool pointer = field.message && field.absent == Field::Absent::null;
    if (field.absent != Field::Absent::omitted && (field.repeated || field.map || raw || pointer))
      never_absent.push_back(&field);
    if (!field.inlined && !field.others) by_name_[field.name] = static_cast<std::int16_t>(i);
  }
}

const Message* Schema::message(std::string_view name) const {
  auto found = messages_.find(name);
  return found == messages_.end() ? nullptr : found->second.get();
}

const Schema& Schema::builtin() {
  static const Schema schema = [] {
    Schema made;
    made.read(schema_core);
    made.read(schema_other);
    made.read(schema_definitions);
    made.read(schema_custom);
    made.read_zeros(schema_zeros);
    made.link();
    return made;
  }();
  return schema;
}

const Field* find_member(const Message& message, std::string_view name) {
  if (const Field* field = message.by_name(name)) return field;
  for (const Field& field : message.fields) {
    if (!field.inlined) continue;
    if (const Field* inner = find_member(*field.message, name)) return inner;
  }
  return nullptr;
}

}  // namespace fairlead::sandbox
