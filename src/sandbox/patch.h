// The three kinds of patch that the API takes besides server-side apply. Pure and thread-safe; documents that come out
// are as bounded as those that go in (depth, and the bytes that "copy" may multiply).
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// RFC 7386.
void merge_patch(json::value& target, const json::value& patch);

// RFC 6902.
struct JsonPatchError {
  bool malformed = false;  // the patch is none; otherwise it does not fit the document
  std::string message;
};
tl::expected<json::value, JsonPatchError> json_patch(json::value document, const json::value& patch);

// Why the object cannot be held by a value of that type; empty where it can, as far as this looks.
std::string conversion_problem(const Message& message, const json::value& value);

// A value as Go's %v shows it: map[a:1 b:[x y]].
std::string go_text(const json::value& value);

// Kubernetes' strategic merge: lists merged by the keys that the schema names, with the directives $patch,
// $deleteFromPrimitiveList, $setElementOrder and $retainKeys. Elements that are new to a list come before the others.
struct StrategicError {
  bool malformed = false;  // a directive has a shape that it cannot have; otherwise its content does not fit
  std::string message;
};
tl::expected<json::value, StrategicError> strategic_merge(const Message& message, json::value document,
                                                          const json::value& patch);

}  // namespace fairlead::sandbox
