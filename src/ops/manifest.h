// Manifests as people and models give them: YAML or JSON, one object or many, Lists taken apart.
#pragma once

#include <vector>

#include "base/json.h"

namespace fairlead::ops {

// The objects, each with apiVersion, kind and metadata.name, in their order; `items` of a List (kind ending in "List")
// stand for themselves. invalid_request with the number of the document and what is wrong: a key that is there twice,
// more than 200 objects, no name. Pure.
Result<std::vector<json::object>> read_manifest(const json::value& given, std::string_view operation);

}  // namespace fairlead::ops
