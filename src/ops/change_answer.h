// What the answers of changing operations have in common.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// "scaled deployment shop/web …", or "dry run: would have scaled …"
std::string did_or_would(const Call& call, std::string_view done);

// The first answer, or what was read where there was nothing to change.
const json::value& outcome(const Plan& plan, const Answers& answers);

Reply change_reply(json::object result, std::string note);

// The server's answer is not what it should be, and something may have been changed.
tl::unexpected<Error> strange_answer(const Call& call, std::string cause);

}  // namespace fairlead::ops
