// Objects between their two representations: JSON values and protobuf messages, driven by the schema's tables.
// Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// The message's bytes, fields in the order of their numbers, maps by key: equal values give equal bytes. Members that
// the schema does not know are left out, as the API server prunes them; null is the same as absent.
// The error is a sentence as Go's decoder words it: "json: cannot unmarshal string into Go struct field ...".
tl::expected<std::string, std::string> encode(const Message& message, const json::value& value);

struct DecodeOptions {
  bool managed_fields = true;  // false: metadata.managedFields is left out, which is most of an object's bytes
};

// The inverse. The error says what is broken in the bytes.
tl::expected<json::value, std::string> decode(const Message& message, std::string_view bytes, DecodeOptions options = {},
                                              json::storage_ptr storage = {});

// application/vnd.kubernetes.protobuf: "k8s\0" and a runtime.Unknown with type and raw object.
std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw);
struct Unwrapped {
  std::string_view api_version, kind, raw;
};
// Nothing when it is not one.
std::optional<Unwrapped> unwrap(std::string_view body);

}  // namespace fairlead::sandbox
