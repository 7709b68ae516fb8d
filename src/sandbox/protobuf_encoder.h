// Objects between their two representations: JSON values and protobuf messages, driven by the schema's tables.
// Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

struct EncodeOptions {
  bool strict_integers = false;  // of JSON text that a client wrote: 1.0 and 1e3 are no integers
};

// The message's bytes in the form of stored_form.h, fields in the order of their numbers, maps by key: equal values
// give equal bytes. Members that the schema does not know are left out, as the API server prunes them; null is the same
// as absent. The error is a sentence as Go's decoder words it: "json: cannot unmarshal string into Go struct field
// ...".
tl::expected<std::string, std::string> encode(const Message& message, const json::value& value,
                                              EncodeOptions options = {});

struct DecodeOptions {
  bool managed_fields = true;  // false: metadata.managedFields is left out, which is most of an object's bytes
  bool from_go = false;        // bytes of a Go client: zeros that its JSON would not have are left out
};

// The inverse. The error says what is broken in the bytes.
tl::expected<json::value, std::string> decode(const Message& message, std::string_view bytes,
                                              DecodeOptions options = {}, json::storage_ptr storage = {});

// The JSON text of bytes that encode() made, and only of those; much faster than by way of a value. append_members
// writes the object's members without braces, with a comma before them unless `out` ends with an opening brace.
void append_json(std::string& out, const Message& message, std::string_view bytes);
void append_members(std::string& out, const Message& message, std::string_view bytes);

// The JSON of a message that is no object there: a time, IntOrString, Duration.
tl::expected<json::value, std::string> decode_scalar(const Message& message, std::string_view bytes);

// application/vnd.kubernetes.protobuf: "k8s\0" and a runtime.Unknown with type and raw object.
std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw);
struct Unwrapped {
  std::string_view api_version, kind, raw;
};
// Nothing when it is not one.
std::optional<Unwrapped> unwrap(std::string_view body);

}  // namespace fairlead::sandbox
