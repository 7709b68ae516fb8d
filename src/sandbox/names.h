// What names may look like (RFC 1123, as the API server checks them). Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::sandbox {

// Nothing when it is fine, else what is wrong with it, in the API server's words.
std::string subdomain_problem(std::string_view name);                // pods, deployments, nodes, …
std::string wildcard_problem(std::string_view name);                 // hosts of an ingress: *.example.com
std::vector<std::string> label_problems(std::string_view name);      // namespaces, services; all that is wrong
std::vector<std::string> port_name_problems(std::string_view name);  // RFC 6335; all that is wrong
std::string path_segment_problem(std::string_view name);             // roles and bindings
std::string config_key_problem(std::string_view key);
std::string environment_name_problem(std::string_view name);

// Five characters as the API server appends them for generateName, from any number.
std::string name_suffix(std::uint64_t random, int length = 5);

// What labels are made of. A key is [prefix/]name.
bool is_label_value(std::string_view text);
bool has_label_form(std::string_view text);  // whatever its length
// All that is wrong, in the API server's words.
std::vector<std::string> label_key_problems(std::string_view text);
std::vector<std::string> label_value_problems(std::string_view text);
// Several problems as one text.
std::string as_one(const std::vector<std::string>& problems, std::string_view between);

}  // namespace fairlead::sandbox
