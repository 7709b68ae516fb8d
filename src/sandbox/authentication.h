// Who sends a request: a client certificate's name, the sandbox's own token, a ServiceAccount's token, or nobody
// (system:anonymous); and what the impersonation headers ask for. Not thread-safe: one loop.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.h"
#include "sandbox/objects.h"
#include "sandbox/service_account_tokens.h"

namespace fairlead::sandbox {

struct User {
  std::string name, uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool in_group(std::string_view group) const;
  // As authentication.k8s.io's UserInfo.
  json::object info() const;
};

constexpr std::string_view masters_group = "system:masters";
constexpr std::string_view authenticated_group = "system:authenticated",
                           unauthenticated_group = "system:unauthenticated";
constexpr std::string_view anonymous_name = "system:anonymous";

// "system:serviceaccount:shop:default".
std::string service_account_user(std::string_view namespace_name, std::string_view name);
struct AccountName {
  std::string namespace_name, name;
};
// The inverse; nothing for other users.
std::optional<AccountName> service_account_of(std::string_view user);
std::vector<std::string> service_account_groups(std::string_view namespace_name);

class Authenticator {
 public:
  // `admin_token`: the bearer token of a member of system:masters; empty: there is none. `tokens` may be null: then
  // ServiceAccounts have none.
  Authenticator(const Objects& objects, std::string admin_token, std::shared_ptr<const ServiceAccountTokens> tokens);

  // Nothing when the credentials that were shown are wrong (401). Without any: system:anonymous. A certificate's name
  // counts before a token.
  std::optional<User> authenticate(const net::ServerRequest& request) const;

  struct Holder {
    User user;
    std::vector<std::string> audiences;  // those asked for that the token is meant for
  };
  // Whose token it is, now: signature, times, audience, and that the account (and what the token is bound to) is still
  // there with the same uid. `audiences` empty: the API server's own. The error is a sentence for TokenReview.
  tl::expected<Holder, std::string> holder_of(std::string_view token,
                                              const std::vector<std::string>& audiences = {}) const;

 private:
  tl::expected<void, std::string> check_bound(const TokenClaims& claims, std::string_view token) const;

  const Objects& objects_;
  std::string admin_token_;
  std::shared_ptr<const ServiceAccountTokens> tokens_;
};

// One thing that the headers ask to act as; each needs the verb `impersonate` on it.
struct Impersonation {
  std::string kind;  // ServiceAccount, User, Group, UserExtra, UID
  std::string namespace_name, name;
  std::string key;  // of UserExtra
};
// From Impersonate-User, -Group, -Uid and -Extra-KEY. The error: groups, uid or extras without a user.
tl::expected<std::vector<Impersonation>, std::string> impersonations(const std::vector<net::HttpHeader>& headers);
// The user that they make up, with the groups that every user has.
User impersonated_user(const std::vector<Impersonation>& wanted);

}  // namespace fairlead::sandbox
