// The form in which a Go server holds objects and shows them: zeros that its JSON leaves out are gone, zeros and
// structs that its JSON always has are there. encode() writes it, so that what is decoded from storage has it. Pure and
// thread-safe.
#pragma once

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// The value in that form. Members that the schema does not know are gone. Custom objects are as they are.
json::value as_stored(const Message& message, const json::value& value);

// What Go's decoder makes of a value that a client wrote, for fields of the right types: null and the zeros that are
// left out are gone, null in lists and maps is a zero, amounts are texts in their canonical form, whole objects inside
// say their kind. Members that the schema does not know are gone. Custom objects are as they are but for their
// metadata.
json::value as_decoded(const Message& message, const json::value& value);

// Whether a field's value is the zero that is left out.
bool is_left_out(const Field& field, const json::value& value);

// What stands for a field that is shown although nobody has set it; null for times, lists and maps.
json::value zero_of(const Field& field);

}  // namespace fairlead::sandbox
