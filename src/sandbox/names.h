// What names may look like (RFC 1123, as the API server checks them). Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::sandbox {

// Nothing when it is fine, else what is wrong with it, in the API server's words.
std::string subdomain_problem(std::string_view name);  // pods, deployments, nodes, …
std::string label_problem(std::string_view name);      // namespaces

// Five characters as the API server appends them for generateName, from any number.
std::string name_suffix(std::uint64_t random, int length = 5);

}  // namespace fairlead::sandbox
