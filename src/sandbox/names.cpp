#include "sandbox/names.h"

#include <algorithm>

namespace fairlead::sandbox {
namespace {

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-'; });
}

}  // namespace

std::string subdomain_problem(std::string_view name) {
  if (name.size() > 253) return "must be no more than 253 bytes";
  bool fine = true;
  std::size_t start = 0;
  while (fine) {
    std::size_t dot = name.find('.', start);
    fine = is_label(name.substr(start, dot == name.npos ? name.npos : dot - start));
    if (dot == name.npos) break;
    start = dot + 1;
  }
  if (fine) return {};
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
         "alphanumeric character (e.g. 'example.com', regex used for validation is "
         "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

std::string label_problem(std::string_view name) {
  if (name.size() > 63) return "must be no more than 63 bytes";
  if (is_label(name)) return {};
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
         "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
}

std::string name_suffix(std::uint64_t random, int length) {
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string out;
  for (int i = 0; i < length; ++i) {
    out += letters[random % letters.size()];
    random /= letters.size();
  }
  return out;
}

}  // namespace fairlead::sandbox
