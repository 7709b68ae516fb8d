// The reference in docs/operations.md, made from the catalog. Pure.
#pragma once

#include <string>

#include "ops/catalog.h"

namespace fairlead::ops {

// Markdown: what to call for what, what operations share, a table of contents for each family, then each operation.
std::string catalog_markdown(const Catalog& catalog);
// One operation's part of it, with every parameter.
std::string operation_markdown(const Operation& operation);

}  // namespace fairlead::ops
