// Structured merge, the algebra under server-side apply: which fields a value sets, how two values differ, how one is
// laid over the other, and a value without some of its fields; each as the schema says that lists, maps and structs
// are to be taken apart. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/json.h"
#include "sandbox/field_set.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// How a value at some place is taken apart.
class MergeType {
 public:
  enum class Kind {
    leaf,       // as a whole
    structure,  // into the members that the schema names
    map,        // into its entries
    keyed,      // a list, into items that some of their members tell apart
    set,        // a list, into plain values
    deduced,    // by the value: objects into their entries, all else as a whole
  };

  // Null: an object that no schema describes.
  static MergeType of(const Message* message);

  Kind kind() const { return kind_; }
  bool names(std::string_view member) const;  // the schema has a member of that name
  MergeType member(std::string_view name) const;
  MergeType element() const;  // of a list
  // The path element of a list's item; nothing for an item that has none.
  std::optional<std::string> element_of(const json::value& item) const;

  // What the schema says that the value is, taken apart or not. A value that no schema describes is neither.
  bool is_list() const;
  bool is_object() const;
  const Message* message() const { return message_; }
  const Field* field() const { return field_; }  // null: the whole object, or a deduced value

 private:
  static MergeType of_field(const Field& field);
  static MergeType of_single(const Field& field);

  Kind kind_ = Kind::leaf;
  const Message* message_ = nullptr;
  const Field* field_ = nullptr;
  bool single_ = false;  // one item of the field's list, one entry of its map
};

struct Comparison {
  FieldSet added, removed, modified;
};
Comparison compare(const MergeType& type, const json::value& before, const json::value& after);

// The fields that an applied configuration sets.
FieldSet fields_of(const MergeType& type, const json::value& value);

// `over` laid over `base`; items of lists that both have come in the order of `over`. Neither is changed.
json::value merge(const MergeType& type, const json::value& base, const json::value& over);

// Without those fields and items; objects and lists that this leaves empty are gone too.
json::value without(const MergeType& type, const json::value& value, const FieldSet& fields);

// With the structs' fields that have members below them as members themselves.
FieldSet with_named_fields(const MergeType& type, const FieldSet& fields);

// What keeps a value from being of that type: `.spec.foo: field not declared in schema`; empty when nothing does.
// Several problems are on lines of their own.
std::string type_problem(const MergeType& type, const json::value& value);

}  // namespace fairlead::sandbox
