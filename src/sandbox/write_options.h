// The options of a write that come in its query: who writes, what to do with fields that are not known. Pure.
#pragma once

#include <string>
#include <vector>

#include "sandbox/request.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

// What is wrong with fieldManager, force, dryRun and fieldValidation; `patch_type` is the media type of a PATCH, else
// empty.
std::vector<Cause> option_problems(const Query& query, std::string_view patch_type);

// Some of these values of dryRun are none.
Cause unknown_dry_run(const json::array& modes);

// The manager of metadata.managedFields: fieldManager, else the client's first word about itself.
std::string field_manager(const Query& query, std::string_view user_agent);

enum class FieldValidation { ignore, warn, strict };
FieldValidation field_validation(const Query& query);

// What a strict decoder says about a JSON text: `unknown field "spec.foo"`, `duplicate field "spec.a"`, in the order of
// the text, at most a hundred. Without a message only duplicates are looked for. The text must be valid JSON.
std::vector<std::string> strict_problems(std::string_view json, const Message* message);

}  // namespace fairlead::sandbox
