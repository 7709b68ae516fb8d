// One list out of several: of several clusters, or of the namespaces of one. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/operation.h"

namespace fairlead::ops {

// What one of the places answered: a Table, of a call with part_arguments().
struct Part {
  std::string place;
  Reply reply;
};

// The arguments for each place: those of the whole without cursor and limit, which are the whole's.
Result<Arguments> part_arguments(const Operation& operation, const Arguments& whole);

// Table::keys of a list with a column that says where each row is from.
inline constexpr std::size_t kPlaceKeys = 3;

// Rows of all parts, problems first over all, with the cursor, the limit and the columns that `whole` asks for. With
// `place_column` a first column of that name says where each row is from. A note that not all parts have is shown with
// the places that it is of.
Result<Reply> merge_lists(const Operation& operation, const Arguments& whole, std::vector<Part> parts,
                          std::string_view place_column = {});

// The notes alone, in the same way.
std::vector<std::string> merge_notes(const std::vector<Part>& parts);

}  // namespace fairlead::ops
