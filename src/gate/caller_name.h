// What callers and agents are called where Fairlead itself names them: API tokens, and the agents that hold them.
#pragma once

#include <string_view>

namespace fairlead::gate {

// ^[a-z0-9][a-z0-9._-]{0,62}$, and not 16 hexadecimal digits, which are the id of a token.
bool is_caller_name(std::string_view name);

}  // namespace fairlead::gate
