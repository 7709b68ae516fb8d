// Inside rest/ only: what routes take as their bodies, as parameters: checked by them, and told by them in the OpenAPI
// document.
#pragma once

#include <vector>

#include "ops/arguments.h"

namespace fairlead::rest {

const std::vector<ops::Parameter>& call_body();
const std::vector<ops::Parameter>& approval_body();
const std::vector<ops::Parameter>& rollback_body();
const std::vector<ops::Parameter>& close_body();
const std::vector<ops::Parameter>& token_body();
const std::vector<ops::Parameter>& test_body();
const std::vector<ops::Parameter>& policy_check_body();

}  // namespace fairlead::rest
