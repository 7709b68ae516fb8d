// The revisions of the Model Context Protocol that are spoken here, and who speaks them.
// Specification: https://modelcontextprotocol.io/specification/2025-11-25 (and the other revisions at their dates).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::mcp {

// Ordered by age, so that `revision >= Revision::v2025_06_18` reads as "since".
enum class Revision { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25 };

inline constexpr Revision latest_revision = Revision::v2025_11_25;

std::string_view to_string(Revision revision);  // "2025-11-25"
std::optional<Revision> parse_revision(std::string_view text);

// basic/lifecycle, Version Negotiation: the revision that was asked for if it is known, else the latest.
Revision negotiate(std::string_view requested);

// The specification's `Implementation`: the serverInfo or the clientInfo of `initialize`. Empty texts are left out.
struct Implementation {
  std::string name;
  std::string title;  // since 2025-06-18
  std::string version;
  std::string description;  // since 2025-11-25
  std::string website_url;  // since 2025-11-25
};

// With the members that the revision knows.
json::object to_json(const Implementation& implementation, Revision revision);

}  // namespace fairlead::mcp
