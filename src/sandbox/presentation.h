// Stored objects as answers: in the view that was asked for (views.h), as JSON, YAML, protobuf, a Table row or
// only their metadata. Pure; needs the loop's thread only as far as its arguments do.
#pragma once

#include <optional>
#include <string>

#include "sandbox/objects.h"
#include "sandbox/request.h"

namespace fairlead::sandbox {

// What a request shows of objects, and how.
struct Presentation {
  const Resource* view = nullptr;
  Representation representation;
  std::string include_object = "Metadata";  // of Tables: None, Metadata, Object
  std::int64_t now = 0;
};

// The object as the view has it, without apiVersion and kind.
json::value view_value(const Objects& objects, const Resource& view, const Object& object);
// The same as the message of the view; `buffer` is used only where the stored bytes are not it.
std::string_view view_bytes(const Objects& objects, const Resource& view, const Object& object, std::string* buffer);

// A whole answer's body that holds one object.
std::string present_object(const Objects& objects, const Presentation& presentation, const Object& object);
// Any object that has its own apiVersion and kind (Status, Scale): `message` is for protobuf.
std::string present_value(const json::object& value, Format format, const Message* message);

// A row of a Table, as JSON.
std::string table_row(const Objects& objects, const Presentation& presentation, const Object& object);
// {"kind":"Table",… up to "rows":[ ; `metadata` is the list's.
std::string table_head(const Presentation& presentation, const json::object& metadata, bool with_columns = true);

// One object of a list, without a separator: JSON members, a YAML list entry, or the message's bytes.
std::string item_text(const Objects& objects, const Presentation& presentation, const Object& object);

}  // namespace fairlead::sandbox
