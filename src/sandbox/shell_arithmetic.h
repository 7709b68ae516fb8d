// $((…)) of the containers' shell: whole numbers of 64 bits, with C's operators. Pure; nesting is bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace fairlead::sandbox {

struct ArithmeticVariables {
  std::function<std::string(std::string_view name)> get;
  std::function<void(std::string_view name, std::string value)> set;
};

// The error is what the shell says: "arithmetic syntax error", "divide by zero".
tl::expected<std::int64_t, std::string> evaluate_arithmetic(std::string_view text,
                                                            const ArithmeticVariables& variables);

}  // namespace fairlead::sandbox
