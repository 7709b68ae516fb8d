// Which service account of a cluster is a caller's, where calls go with a token of it (fleet/account_tokens.h): the
// cluster's own RBAC and audit log then know who acts, and the stored identity may do nothing but ask for such tokens.
//
// No two callers have one account, whatever names they choose for themselves. A caller's name is KIND:NAME, and its
// kind (api, oidc, cli, mcp; no other has accounts) is Fairlead's word: an account is made of both, "api:bot" has
// agents/api-bot and "oidc:bot" agents/oidc-bot. A kind holds no '-', so that the first one ends it and the account
// tells whose it is. What cannot stand in a service account's name as it is (capitals, '_', '@', a second ':') is
// refused and never altered. An account that a caller has by its whole name is nobody else's. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace fairlead::fleet {

inline constexpr std::int64_t kShortestToken = 600, kLongestToken = 86'400;  // seconds; the first is the API server's

struct Accounts {
  std::string pattern;     // "agents/{name}"; empty: only those that are named have one
  json::object by_caller;  // "api:deploy-bot": "agents/deploy", before the pattern
  std::int64_t seconds = kShortestToken;

  bool are_used() const { return !pattern.empty() || !by_caller.empty(); }
  bool operator==(const Accounts&) const = default;
};

struct Account {
  std::string ns, name;
  std::string text() const { return ns + "/" + name; }
  auto operator<=>(const Account&) const = default;
};

// invalid_request with the field's name: without {name} all callers would be one; an account that the pattern gives to
// somebody else; one of the cluster's own (kube-system).
Result<void> check(const Accounts& accounts);

// policy_denied where the caller has none.
Result<Account> account_of(const Accounts& accounts, std::string_view caller);

// What the stored identity is to be given: the right to tokens of each account in a namespace (with an empty name), or
// of that one alone.
std::vector<Account> tokens_of(const Accounts& accounts);

}  // namespace fairlead::fleet
