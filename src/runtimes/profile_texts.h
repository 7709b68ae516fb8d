// Inside runtimes/ only: the texts of profiles/*.yaml, made by the build.
#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::runtimes {

struct ProfileText {
  std::string_view name, yaml;
};
extern const ProfileText profile_texts[];
extern const std::size_t profile_count;

}  // namespace fairlead::runtimes
