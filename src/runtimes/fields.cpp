#include "runtimes/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"

namespace fairlead::runtimes {
namespace {

constexpr std::size_t kCommandBytes = 16 << 10;  // it may travel in a URL
constexpr std::string_view kDocs = "docs/runtimes.md shows every field";

}  // namespace

void Fields::Problem::refuse(const std::string& path, std::string what, std::string remedy) {
  if (error) return;
  error = Error{ErrorCode::invalid_request,
                "read the profile",
                (path.empty() ? "the profile" : path) + " " + what,
                remedy.empty() ? std::string(kDocs) : std::move(remedy),
                {}};
}

Fields::Fields(const json::value& value, std::string path, std::initializer_list<std::string_view> known,
               Problem& problem)
    : path_(std::move(path)), problem_(&problem) {
  if (!value.is_object()) {
    problem.refuse(path_, "is not a mapping of fields");
    return;
  }
  of_ = &value.get_object();
  for (const auto& member : *of_) {
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) != known.end()) continue;
    const auto near = similar_names(member.key(), std::vector<std::string>(known.begin(), known.end()));
    problem.refuse(path_, "has a field that it does not take: " + plain_word(member.key()),
                   near.empty() ? fmt::format("It takes {}", fmt::join(known, ", ")) : "Did you mean " + near[0] + "?");
  }
}

std::string Fields::path(std::string_view field) const {
  return fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", field);
}

void Fields::refuse(std::string_view field, std::string what, std::string remedy) const {
  problem_->refuse(path(field), std::move(what), std::move(remedy));
}

// What is there but null counts as left out, as in Kubernetes.
const json::value* Fields::find(std::string_view field) const {
  const json::value* value = of_ ? of_->if_contains(field) : nullptr;
  return value && !value->is_null() ? value : nullptr;
}
bool Fields::has(std::string_view field) const { return find(field) != nullptr; }

std::string Fields::text(std::string_view field, const WhyNot& why_not, std::optional<std::string> otherwise) const {
  const json::value* value = find(field);
  if (!value) {
    if (!otherwise) refuse(field, "is missing");
    return otherwise.value_or("");
  }
  if (!value->is_string()) {
    refuse(field, "is not a text", "Put it in quotes where it reads as something else");
    return "";
  }
  const std::string_view text = value->get_string();
  if (auto why = why_not(text)) {
    refuse(field, "is not valid: " + *why);
    return "";
  }
  return std::string(text);
}

std::string Fields::quantity(std::string_view field, const WhyNot& why_not) const {
  const json::value* value = find(field);
  if (!value || !value->is_int64()) return text(field, why_not);
  std::string number = std::to_string(value->get_int64());
  if (auto why = why_not(number)) refuse(field, "is not valid: " + *why);
  return number;
}

std::int64_t Fields::integer(std::string_view field, std::int64_t minimum, std::int64_t maximum,
                             std::optional<std::int64_t> otherwise) const {
  const json::value* value = find(field);
  if (!value) {
    if (!otherwise) refuse(field, "is missing");
    return otherwise.value_or(minimum);
  }
  if (value->is_int64() && value->get_int64() >= minimum && value->get_int64() <= maximum) return value->get_int64();
  refuse(field, fmt::format("is not a whole number from {} to {}", minimum, maximum));
  return minimum;
}

bool Fields::flag(std::string_view field) const {
  const json::value* value = find(field);
  if (value && !value->is_bool()) refuse(field, "is neither true nor false");
  return value && value->is_bool() && value->get_bool();
}

std::size_t Fields::choice(std::string_view field, std::initializer_list<std::string_view> words) const {
  const json::value* value = find(field);
  if (!value) return 0;
  const auto* found = words.end();
  if (value->is_string()) found = std::find(words.begin(), words.end(), std::string_view(value->get_string()));
  if (found == words.end()) {
    refuse(field, fmt::format("is not one of {}", fmt::join(words, ", ")));
    return 0;
  }
  return static_cast<std::size_t>(found - words.begin());
}

const json::array* Fields::list(std::string_view field, std::size_t most) const {
  const json::value* value = find(field);
  if (!value) return nullptr;
  if (!value->is_array()) {
    refuse(field, "is not a list");
  } else if (value->get_array().size() > most) {
    refuse(field, fmt::format("has more than {} entries", most));
  } else {
    return &value->get_array();
  }
  return nullptr;
}

std::vector<std::string> Fields::texts(std::string_view field, std::size_t most, const WhyNot& why_not) const {
  std::vector<std::string> out;
  const json::array* all = list(field, most);
  for (std::size_t i = 0; all && i < all->size(); ++i) {
    const json::value& one = (*all)[i];
    if (!one.is_string()) {
      refuse(fmt::format("{}[{}]", field, i), "is not a text", "Put it in quotes where it reads as something else");
    } else if (auto why = why_not(one.get_string())) {
      refuse(fmt::format("{}[{}]", field, i), "is not valid: " + *why);
    } else if (std::find(out.begin(), out.end(), std::string_view(one.get_string())) != out.end()) {
      refuse(fmt::format("{}[{}]", field, i), "is there twice");
    } else {
      out.emplace_back(std::string_view(one.get_string()));
    }
  }
  return out;
}

std::vector<int> Fields::integers(std::string_view field, std::size_t most, int minimum, int maximum) const {
  std::vector<int> out;
  const json::array* all = list(field, most);
  for (std::size_t i = 0; all && i < all->size(); ++i) {
    const json::value& one = (*all)[i];
    if (one.is_int64() && one.get_int64() >= minimum && one.get_int64() <= maximum)
      out.push_back(static_cast<int>(one.get_int64()));
    else
      refuse(fmt::format("{}[{}]", field, i), fmt::format("is not a whole number from {} to {}", minimum, maximum));
  }
  return out;
}

std::map<int, std::string> Fields::words_by_number(std::string_view field, std::size_t most,
                                                   const WhyNot& why_not) const {
  std::map<int, std::string> out;
  const json::value* value = find(field);
  if (!value) return out;
  if (!value->is_object() || value->get_object().size() > most) {
    refuse(field, fmt::format("is not a mapping of at most {} exit statuses to words", most));
    return out;
  }
  for (const auto& [key, word] : value->get_object()) {
    const std::string_view digits = key;
    const bool is_number = !digits.empty() && digits.size() <= 3 && digits.front() != '0' &&
                           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    const int status = is_number ? std::stoi(std::string(digits)) : 0;
    if (status < 1 || status > 255)
      refuse(field, "has a key that is no exit status from 1 to 255: " + plain_word(digits));
    else if (!word.is_string() || why_not(word.get_string()))
      refuse(fmt::format("{}.{}", field, status), "is no word such as already-running");
    else
      out[status] = word.get_string();
  }
  return out;
}

std::vector<std::string> Fields::command(std::string_view field) const {
  std::vector<std::string> out;
  const json::array* all = list(field, 256);
  if (!all) return out;
  std::size_t bytes = 0;
  for (const auto& one : *all) {
    if (!one.is_string() || one.get_string().find('\0') != json::string::npos) {
      refuse(fmt::format("{}[{}]", field, out.size()), "is not a text without NUL");
      return {};
    }
    bytes += one.get_string().size() + 1;
    out.emplace_back(std::string_view(one.get_string()));
  }
  if (bytes > kCommandBytes) refuse(field, "is longer than 16 KiB");
  if (out.empty() || out.front().empty()) refuse(field, "names no program");
  return out;
}

Fields Fields::mapping(std::string_view field, std::initializer_list<std::string_view> known) const {
  const json::value* value = find(field);
  if (value) return Fields(*value, path(field), known, *problem_);
  refuse(field, "is missing");
  Fields nothing = *this;
  nothing.of_ = nullptr;
  return nothing;
}

std::vector<Fields> Fields::mappings(std::string_view field, std::size_t most,
                                     std::initializer_list<std::string_view> known) const {
  std::vector<Fields> out;
  const json::array* all = list(field, most);
  for (std::size_t i = 0; all && i < all->size(); ++i)
    out.emplace_back((*all)[i], fmt::format("{}[{}]", path(field), i), known, *problem_);
  return out;
}

}  // namespace fairlead::runtimes
