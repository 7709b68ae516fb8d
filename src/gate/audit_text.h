// Inside gate/ only: how records and heads are written and hashed.
#pragma once

#include <optional>
#include <string>

#include "gate/audit.h"

namespace fairlead::gate {

inline constexpr std::string_view kNoHash = "0000000000000000000000000000000000000000000000000000000000000000";

// With the members of objects in order of their names, all the way down.
json::value sorted(const json::value& value);

std::string audit_text(std::int64_t sequence, const AuditRecord& record);
std::string audit_hash(std::string_view before, std::string_view text);
std::string audit_time(std::int64_t unix_milliseconds);

// {"NAME":"VALUE", and the text without its brace: what is signed or hashed stands in the line byte by byte.
std::string with_member(std::string_view name, std::string_view value, std::string_view text);
struct Parted {
  std::string_view value;
  std::string text;
};
// Nothing when the line is not of that form or the value is not of that length.
std::optional<Parted> part_member(std::string_view name, std::size_t size, std::string_view line);

}  // namespace fairlead::gate
