// The catalog told to people and to programs. Pure.
#pragma once

#include <string>

#include "ops/catalog.h"

namespace fairlead::ops {

// One line an operation: trust, name, summary.
std::string catalog_text(const Catalog& catalog);
// Parameters with type, bounds and defaults, columns, API access, an example.
std::string operation_text(const Operation& operation);

// "fairlead call delete_pod --namespace shop --name web-0 --allow destructive": the example, as it is typed.
std::string example_command(const Operation& operation);

// "list pods, get deployments/scale.apps": what it cannot run without, on one line; empty: nothing.
std::string access_text(const Operation& operation);
// "integer 1..500, default 100"
std::string type_word(const Parameter& parameter);
std::string_view type_word(CellType type);

// JSON Schema of its arguments; the columns that it has are named.
json::object input_schema(const Operation& operation);

// {"operations":[…]}: stable.
json::value catalog_json(const Catalog& catalog);
// name, family, trust, idempotent, summary, parameters (JSON Schema), columns, access, example.
json::value operation_json(const Operation& operation);

}  // namespace fairlead::ops
