// Who wrote a field of an object last, as the server remembers it: metadata.managedFields. Pure.
#pragma once

#include <string_view>

#include "ops/diff.h"

namespace fairlead::ops {

// Whether a set of fields (FieldsV1) has that one. Below what it does not name further it has all.
bool has_field(const json::value& fields, const FieldPath& path);

// Whether the entry of `object`'s managedFields holds the field itself. Where it holds something as one, what others
// hold below that by name is theirs: our own mark of a map stays when they have taken over all that is in it.
bool holds_field(const json::value& object, const json::value& entry, const FieldPath& path);

enum class Holder {
  nobody,      // or the server does not say
  controller,  // of Kubernetes itself alone
  others,      // somebody else than this program holds it, perhaps beside a controller
};
// Who but this program holds the field; what is written by way of the status is left out.
Holder holder_of(const json::value& object, const FieldPath& path);

// The names of all others that hold it, in no order.
std::vector<std::string> other_managers(const json::value& object, const FieldPath& path);

}  // namespace fairlead::ops
