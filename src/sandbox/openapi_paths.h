// The paths of an OpenAPI document: every resource's requests with their parameters, as clients look them up (whether
// PATCH takes dryRun, what a path's kind is). Pure.
#pragma once

#include "sandbox/openapi_schemas.h"

namespace fairlead::sandbox {

// Adds the paths of a resource to `paths`, and what their bodies and answers hold to `schemas`.
void add_paths(const Resource& resource, OpenApi version, OpenApiSchemas& schemas, json::object& paths);

}  // namespace fairlead::sandbox
