// Which fields an object sets, in the form of metadata.managedFields' fieldsV1. Pure and thread-safe.
#pragma once

#include "base/json.h"
#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

// {"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{}…
json::object field_set(const Message& message, const json::value& value);

}  // namespace fairlead::sandbox
