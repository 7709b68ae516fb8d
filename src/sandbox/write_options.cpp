#include "sandbox/write_options.h"

#include "base/utf8.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t longest_manager = 128;

std::string code_point_name(char32_t c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hex;
  for (; c != 0 || hex.size() < 4; c >>= 4) hex.insert(hex.begin(), digits[c & 15]);
  return "U+" + hex;
}

bool is_dry_run(std::string_view value) { return value == "All"; }

}  // namespace

std::vector<Cause> option_problems(const Query& query, std::string_view patch_type) {
  std::vector<Cause> out;
  std::string_view manager = query.get("fieldManager");
  if (patch_type == "application/apply-patch+yaml") {
    if (manager.empty()) out.push_back(required("fieldManager", "is required for apply patch"));
  } else if (!patch_type.empty() && query.has("force")) {
    out.push_back(field_forbidden("force", "may not be specified for non-apply patch"));
  }
  if (manager.size() > longest_manager)
    out.push_back(Cause{"FieldValueTooLong", "Too long: may not be more than 128 bytes", "fieldManager"});
  for (std::size_t at = 0; at < manager.size();) {
    CodePoint point = next_code_point(manager.substr(at));
    if (!point.valid || is_hidden(point.value)) {
      out.push_back(invalid_value(
          "fieldManager", json::string(manager),
          "invalid character " + code_point_name(point.value) + " (at position " + std::to_string(at) + ")"));
      break;
    }
    at += point.size;
  }
  json::array modes;
  bool known = true;
  for (std::string_view mode : query.all("dryRun")) {
    modes.push_back(json::string(mode));
    known = known && is_dry_run(mode);
  }
  if (!known) out.push_back(unknown_dry_run(modes));
  std::string_view validation = query.get("fieldValidation");
  if (!validation.empty() && validation != "Ignore" && validation != "Warn" && validation != "Strict") {
    out.push_back(unsupported_value("fieldValidation", validation, "\"\", \"Ignore\", \"Strict\", \"Warn\""));
  }
  return out;
}

Cause unknown_dry_run(const json::array& modes) {
  return Cause{"FieldValueNotSupported", "Unsupported value: " + compact(modes) + ": supported values: \"All\"",
               "dryRun"};
}

std::string field_manager(const Query& query, std::string_view user_agent) {
  if (std::string_view manager = query.get("fieldManager"); !manager.empty()) return std::string(manager);
  std::string_view word = user_agent.substr(0, user_agent.find('/'));
  std::string out;
  while (!word.empty()) {
    CodePoint point = next_code_point(word);
    if (point.valid && !is_hidden(point.value)) {
      if (out.size() + point.size > longest_manager) break;
      out += word.substr(0, point.size);
    }
    word.remove_prefix(point.size);
  }
  return out.empty() ? "unknown" : out;
}

FieldValidation field_validation(const Query& query) {
  std::string_view value = query.get("fieldValidation");
  return value == "Ignore"   ? FieldValidation::ignore
         : value == "Strict" ? FieldValidation::strict
                             : FieldValidation::warn;
}

}  // namespace fairlead::sandbox
