#include "fleet/impersonation.h"

#include <algorithm>

namespace fairlead::fleet {
namespace {

constexpr std::string_view kName = "{name}", kSystem = "system:";
constexpr std::size_t kLongest = 256, kMost = 32;

tl::unexpected<Error> wrong(std::string_view field, std::string cause) {
  return fail(ErrorCode::invalid_request, "check the cluster's fields", std::string(field) + ": " + std::move(cause),
              "'fairlead clusters add --help' shows every field");
}

bool can_be_sent(std::string_view text) {
  return !text.empty() && text.size() <= kLongest && text.front() != ' ' && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Of an extra: what client-go sends as it is.
bool is_plain_key(std::string_view key) {
  return !key.empty() && key.size() <= 63 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::string filled_in(std::string_view pattern, std::string_view name) {
  std::string out(pattern);
  for (std::size_t at = 0; (at = out.find(kName, at)) != std::string::npos; at += name.size())
    out.replace(at, kName.size(), name);
  return out;
}

}  // namespace

bool is_template(std::string_view text) { return text.find(kName) != std::string_view::npos; }

Result<void> check(const Impersonation& impersonation) {
  if (impersonation.user.empty()) {
    if (!impersonation.groups.empty() || !impersonation.extra.empty())
      return wrong("impersonate_user", "it is missing: groups and extras are those of a user");
    return {};
  }
  if (!can_be_sent(impersonation.user)) return wrong("impersonate_user", "it holds what no HTTP header can");
  if (!is_template(impersonation.user))
    return wrong("impersonate_user", "it has no {name}, so that all callers would be one to the cluster");
  if (impersonation.user.starts_with(kSystem) || impersonation.user.starts_with(kName))
    return wrong("impersonate_user", "it begins with a word of its own, such as fairlead:, and not with system:");
  if (impersonation.groups.size() > kMost || impersonation.extra.size() > kMost)
    return wrong("impersonate_groups", "there are more than 32");
  for (const auto& group : impersonation.groups) {
    if (!can_be_sent(group)) return wrong("impersonate_groups", "one holds what no HTTP header can");
    if (group.starts_with(kSystem))
      return wrong("impersonate_groups", "'" + group + "' is the system's own: nobody is put into it");
    if (group.starts_with(kName))
      return wrong("impersonate_groups", "one with {name} begins with a word of its own, such as fairlead:");
  }
  for (const auto& [key, value] : impersonation.extra) {
    if (!is_plain_key(key)) return wrong("impersonate_extra", "a name holds small letters, digits, '-', '_' and '.'");
    if (!value.is_string() || !can_be_sent(std::string_view(value.get_string())))
      return wrong("impersonate_extra", "a value holds what no HTTP header can");
  }
  return {};
}

Result<std::vector<net::HttpHeader>> headers_of(const Impersonation& impersonation, std::string_view caller) {
  std::vector<net::HttpHeader> out;
  if (impersonation.user.empty()) return out;
  if (!can_be_sent(caller))
    return fail(ErrorCode::invalid_request, "call the cluster as who calls", "the caller's name is none for a cluster",
                "Give the caller a name of plain letters");
  out.push_back({"Impersonate-User", filled_in(impersonation.user, caller)});
  for (const auto& group : impersonation.groups) out.push_back({"Impersonate-Group", filled_in(group, caller)});
  for (const auto& header : out)  // whatever a row holds that was not checked
    if (header.value.starts_with(kSystem))
      return fail(ErrorCode::policy_denied, "call the cluster as who calls", "nobody is made one of the system's own",
                  "Change the cluster's impersonate_user and impersonate_groups");
  for (const auto& [key, value] : impersonation.extra)
    out.push_back({"Impersonate-Extra-" + std::string(key), filled_in(std::string_view(value.get_string()), caller)});
  return out;
}

}  // namespace fairlead::fleet
