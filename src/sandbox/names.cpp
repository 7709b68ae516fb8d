#include "sandbox/names.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphanumeric(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  std::vector<std::string_view> labels = split(text, '.');
  return std::all_of(labels.begin(), labels.end(), is_label);
}

}  // namespace

std::string subdomain_problem(std::string_view name) {
  if (name.size() > 253) return "must be no more than 253 characters";
  if (is_subdomain(name)) return {};
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
         "start and end with an "
         "alphanumeric character (e.g. 'example.com', regex used for validation is "
         "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

std::vector<std::string> label_problems(std::string_view name) {
  std::vector<std::string> out;
  if (name.size() > 63) out.emplace_back("must be no more than 63 characters");
  if (is_label(name)) return out;
  out.emplace_back(
      is_subdomain(name)
          ? "must not contain dots"
          : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
            "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  return out;
}

std::string wildcard_problem(std::string_view name) {
  if (name.starts_with("*.") && subdomain_problem(name.substr(2)).empty()) return {};
  return "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
         "lower case alphanumeric "
         "characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for "
         "validation is "
         "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

std::vector<std::string> port_name_problems(std::string_view name) {
  std::vector<std::string> out;
  if (name.size() > 15) out.emplace_back("must be no more than 15 characters");
  if (!std::all_of(name.begin(), name.end(), [](char c) { return alphanumeric(c) || c == '-'; })) {
    out.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    out.emplace_back("must contain at least one letter (a-z)");
  if (name.find("--") != name.npos) out.emplace_back("must not contain consecutive hyphens");
  if (name.starts_with('-') || name.ends_with('-')) out.emplace_back("must not begin or end with a hyphen");
  return out;
}

std::string path_segment_problem(std::string_view name) {
  if (name == "." || name == "..") return "may not be '" + std::string(name) + "'";
  for (std::string_view c : {"/", "%"}) {
    if (name.find(c) != name.npos) return "may not contain '" + std::string(c) + "'";
  }
  return {};
}

namespace {

bool all_in(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return alphanumeric(c) || (c >= 'A' && c <= 'Z') || others.find(c) != others.npos;
  });
}

std::string dots_problem(std::string_view text) {
  if (text == "." || text == "..") return "must not be '" + std::string(text) + "'";
  return text.starts_with("..") ? "must not start with '..'" : "";
}

}  // namespace

std::string config_key_problem(std::string_view key) {
  if (key.size() > 253) return "must be no more than 253 characters";
  if (key.empty() || !all_in(key, "-._")) {
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
           "'KEY_NAME',  or 'key-name', regex used "
           "for validation is '[-._a-zA-Z0-9]+')";
  }
  return dots_problem(key);
}

std::string environment_name_problem(std::string_view name) {
  if (name.empty()) return "environment variable name must be non-empty";
  bool fine = std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; });
  return fine ? "" : "a valid environment variable name must consist only of printable ASCII characters other than '='";
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

std::vector<std::string> label_key_problems(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash != text.npos && text.find('/', slash + 1) != text.npos) {
    return {
        "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character "
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
        "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
  }
  std::vector<std::string> out;
  if (slash != text.npos) {
    std::string problem = subdomain_problem(text.substr(0, slash));
    if (slash == 0) problem = "must be non-empty";
    if (slash > 253) problem = "must be no more than 253 bytes";  // of a name they are characters
    if (!problem.empty()) out.push_back("prefix part " + problem);
    text = text.substr(slash + 1);
  }
  if (text.empty()) out.emplace_back("name part must be non-empty");
  if (text.size() > 63) out.emplace_back("name part must be no more than 63 bytes");
  if (text.empty() || !has_label_form(text)) {
    out.emplace_back(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character (e.g. "
        "'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
  }
  return out;
}

std::vector<std::string> label_value_problems(std::string_view text) {
  std::vector<std::string> out;
  if (text.size() > 63) out.emplace_back("must be no more than 63 bytes");
  if (!has_label_form(text)) {
    out.emplace_back(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
  }
  return out;
}

std::string as_one(const std::vector<std::string>& problems, std::string_view between) {
  std::string out;
  for (const std::string& problem : problems) {
    if (!out.empty()) out += between;
    out += problem;
  }
  return out;
}

bool is_label_value(std::string_view text) { return text.size() <= 63 && has_label_form(text); }

bool has_label_form(std::string_view text) {
  auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (text.empty()) return true;
  if (!alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace fairlead::sandbox
