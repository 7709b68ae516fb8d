#include "fleet/accounts.h"

#include <algorithm>
#include <map>
#include <optional>

#include "ops/arguments.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kName = "{name}";
constexpr std::size_t kMost = 256;
constexpr std::size_t kLongestCaller = 256;

tl::unexpected<Error> wrong(std::string_view field, std::string cause) {
  return fail(ErrorCode::invalid_request, "check the cluster's fields", std::string(field) + ": " + std::move(cause),
              "'fairlead clusters add --help' shows every field");
}

struct Parts {
  std::string_view ns, name;
};
std::optional<Parts> parts_of(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, slash), text.substr(slash + 1)};
}

std::optional<std::string> why_not_account(std::string_view ns, std::string_view name) {
  if (auto why = ops::why_not_label(ns)) return "the namespace: " + *why;
  if (ns.starts_with("kube-")) return "accounts in " + std::string(ns) + " are the cluster's own";
  if (auto why = ops::why_not_subdomain(name)) return "the name: " + *why;
  return std::nullopt;
}

// Whose names are told by a credential, a provider or the system, and by nobody themselves.
bool is_kind(std::string_view word) { return word == "api" || word == "oidc" || word == "cli" || word == "mcp"; }

// Of a pattern that was checked. Nothing: that caller's name makes none.
std::optional<Account> by_pattern(std::string_view pattern, std::string_view caller) {
  const auto colon = caller.find(':');
  if (pattern.empty() || colon == std::string_view::npos || !is_kind(caller.substr(0, colon))) return std::nullopt;
  const auto parts = parts_of(pattern);
  const auto at = parts->name.find(kName);
  Account out{std::string(parts->ns), std::string(parts->name.substr(0, at))};
  out.name.append(caller.substr(0, colon)).append("-").append(caller.substr(colon + 1));
  out.name.append(parts->name.substr(at + kName.size()));
  if (ops::why_not_subdomain(out.name)) return std::nullopt;
  return out;
}

// Whose account it is by the pattern; nothing: nobody's.
std::optional<std::string> owner_of(std::string_view pattern, const Account& account) {
  if (pattern.empty()) return std::nullopt;
  const auto parts = parts_of(pattern);
  const auto at = parts->name.find(kName);
  const std::string_view before = parts->name.substr(0, at), after = parts->name.substr(at + kName.size());
  std::string_view middle = account.name;
  if (!middle.starts_with(before)) return std::nullopt;
  middle.remove_prefix(before.size());
  if (!middle.ends_with(after)) return std::nullopt;
  middle.remove_suffix(after.size());
  const auto dash = middle.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::string caller = std::string(middle.substr(0, dash)) + ":" + std::string(middle.substr(dash + 1));
  return by_pattern(pattern, caller) == account ? std::optional(std::move(caller)) : std::nullopt;
}

Result<void> check_pattern(std::string_view pattern) {
  const auto parts = parts_of(pattern);
  if (!parts) return wrong("service_account", "it is NAMESPACE/NAME, such as agents/{name}");
  const auto at = parts->name.find(kName);
  if (at == std::string_view::npos)
    return wrong("service_account", "its name has no {name}, so that all callers would be one to the cluster");
  std::string example(parts->name);
  example.replace(at, kName.size(), "api-bot");
  if (auto why = why_not_account(parts->ns, example)) return wrong("service_account", *why);
  return {};
}

Result<void> check_named(const Accounts& accounts) {
  if (accounts.by_caller.size() > kMost) return wrong("service_accounts", "there are more than 256");
  std::map<Account, std::string> owners;
  for (const auto& [key, value] : accounts.by_caller) {
    const std::string caller(key);
    const std::string of = "of '" + caller + "': ";
    const bool is_plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!is_plain || caller.size() > kLongestCaller || !is_kind(std::string_view(caller).substr(0, caller.find(':'))) ||
        caller.find(':') == std::string::npos)
      return wrong("service_accounts", "a caller's whole name is such as api:deploy-bot, as the audit log has it");
    const auto parts = value.is_string() ? parts_of(std::string_view(value.get_string())) : std::nullopt;
    if (!parts) return wrong("service_accounts", of + "an account is NAMESPACE/NAME, such as agents/bot");
    if (auto why = why_not_account(parts->ns, parts->name)) return wrong("service_accounts", of + *why);
    Account account{std::string(parts->ns), std::string(parts->name)};
    const auto [there, is_new] = owners.emplace(account, caller);
    const auto owner = is_new ? owner_of(accounts.pattern, account) : there->second;
    if (owner && *owner != caller)
      return wrong("service_accounts", of + account.text() + " is the account of '" + *owner + "'");
  }
  return {};
}

}  // namespace

Result<void> check(const Accounts& accounts) {
  if (accounts.seconds < kShortestToken || accounts.seconds > kLongestToken)
    return wrong("service_account_seconds", "a token lives 600 to 86400 seconds");
  if (!accounts.pattern.empty())
    if (auto good = check_pattern(accounts.pattern); !good) return good;
  return check_named(accounts);
}

Result<Account> account_of(const Accounts& accounts, std::string_view caller) {
  if (const json::value* named = accounts.by_caller.if_contains(caller); named && named->is_string())
    if (const auto parts = parts_of(std::string_view(named->get_string())))
      return Account{std::string(parts->ns), std::string(parts->name)};
  auto out = by_pattern(accounts.pattern, caller);
  if (out) return std::move(*out);
  return fail(ErrorCode::policy_denied, "call the cluster as who calls",
              accounts.pattern.empty()
                  ? "this caller has no service account there"
                  : "this caller's name makes no service account's: of small letters, digits, '-' and '.', as it is",
              "An admin can give it one by its whole name, in the cluster's service_accounts");
}

std::vector<Account> tokens_of(const Accounts& accounts) {
  std::vector<Account> out;
  if (!accounts.pattern.empty()) out.push_back({std::string(parts_of(accounts.pattern)->ns), ""});
  for (const auto& [caller, value] : accounts.by_caller) {
    const auto parts = value.is_string() ? parts_of(std::string_view(value.get_string())) : std::nullopt;
    if (parts && (out.empty() || !out.front().name.empty() || out.front().ns != parts->ns))
      out.push_back({std::string(parts->ns), std::string(parts->name)});
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace fairlead::fleet
