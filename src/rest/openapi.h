// The API as an OpenAPI 3.1 document: of the table of routes and of the catalog, each operation a path of its own.
#pragma once

#include "base/json.h"
#include "ops/catalog.h"

namespace fairlead::rest {

json::object openapi(const ops::Catalog& catalog, std::string_view version);

}  // namespace fairlead::rest
