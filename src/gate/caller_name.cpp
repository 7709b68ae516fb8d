#include "gate/caller_name.h"

#include <algorithm>

namespace fairlead::gate {

bool is_caller_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos) return false;
  return !name.empty() && name.size() <= 63 && plain(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace fairlead::gate
