// "Did you mean": the candidates nearest to a mistyped name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

// At most three, nearest first: those within a third of the name's length in edits, or that contain it. Pure.
std::vector<std::string> similar_names(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace fairlead
