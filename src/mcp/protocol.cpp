#include "mcp/protocol.h"

#include <array>

namespace fairlead::mcp {
namespace {

constexpr std::array<std::string_view, 4> names{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

}  // namespace

std::string_view to_string(Revision revision) { return names[static_cast<std::size_t>(revision)]; }

std::optional<Revision> parse_revision(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Revision>(i);
  return std::nullopt;
}

Revision negotiate(std::string_view requested) { return parse_revision(requested).value_or(latest_revision); }

json::object to_json(const Implementation& implementation, Revision revision) {
  json::object out;
  const auto add = [&](std::string_view key, const std::string& text, Revision since) {
    if (!text.empty() && revision >= since) out.emplace(key, text);
  };
  out.emplace("name", implementation.name);
  add("title", implementation.title, Revision::v2025_06_18);
  out.emplace("version", implementation.version);
  add("description", implementation.description, Revision::v2025_11_25);
  add("websiteUrl", implementation.website_url, Revision::v2025_11_25);
  return out;
}

}  // namespace fairlead::mcp
