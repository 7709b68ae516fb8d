// Inside cli/ only: an answer on standard output, and the notes on it on standard error.
#pragma once

#include "cli/cli.h"
#include "ops/reply.h"

namespace fairlead::cli {

// `output` is what -o takes. 0, the exit status; an error where the answer is not of that format.
Result<int> show(World& world, const ops::Reply& reply, std::string_view output);

// What was rendered already, by this Fairlead or by another one.
void print(World& world, std::string_view text, const std::vector<std::string>& notes);

}  // namespace fairlead::cli
