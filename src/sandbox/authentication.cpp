#include "sandbox/authentication.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view account_prefix = "system:serviceaccount:";
constexpr std::string_view invalid_token = "invalid bearer token";
constexpr std::int64_t leeway_seconds = 60;  // for clocks that differ

// Equal in a time that does not tell where they differ.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return difference == 0;
}

json::array strings(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& entry : list) out.emplace_back(entry);
  return out;
}

std::string quoted_list(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& entry : list) out += (out.empty() ? "" : " ") + compact(json::value(json::string(entry)));
  return "[" + out + "]";
}

// The bearer token of a request; nothing when it shows none.
std::optional<std::string_view> bearer_token(const net::HttpRequest& request) {
  std::string_view header = trim(request.header("Authorization"));
  std::size_t space = header.find(' ');
  if (space == header.npos || !equal_ignoring_case(header.substr(0, space), "bearer")) return std::nullopt;
  std::string_view token = trim(header.substr(space + 1));
  token = token.substr(0, token.find(' '));
  if (token.empty()) return std::nullopt;
  return token;
}

void add_authenticated(User* user) {
  if (!user->in_group(authenticated_group) && !user->in_group(unauthenticated_group))
    user->groups.emplace_back(authenticated_group);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return out;
}

// Go's %v of the ObjectReference by which the API server passes it on.
std::string shown(const Impersonation& wanted) {
  std::string version = wanted.kind == "UserExtra" || wanted.kind == "UID" ? "authentication.k8s.io/v1" : "";
  return "{" + wanted.kind + " " + wanted.namespace_name + " " + wanted.name + "  " + version + "  " + wanted.key + "}";
}

}  // namespace

bool User::in_group(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

json::object User::info() const {
  json::object out;
  if (!name.empty()) out["username"] = name;
  if (!uid.empty()) out["uid"] = uid;
  if (!groups.empty()) out["groups"] = strings(groups);
  if (extra.empty()) return out;
  json::object members;
  for (const auto& [key, values] : extra) members[key] = strings(values);
  out["extra"] = std::move(members);
  return out;
}

std::string service_account_user(std::string_view namespace_name, std::string_view name) {
  return std::string(account_prefix) + std::string(namespace_name) + ":" + std::string(name);
}

std::optional<AccountName> service_account_of(std::string_view user) {
  if (!user.starts_with(account_prefix)) return std::nullopt;
  std::vector<std::string_view> parts = split(user.substr(account_prefix.size()), ':');
  if (parts.size() != 2 || !label_problems(parts[0]).empty() || !subdomain_problem(parts[1]).empty())
    return std::nullopt;
  return AccountName{std::string(parts[0]), std::string(parts[1])};
}

std::vector<std::string> service_account_groups(std::string_view namespace_name) {
  return {"system:serviceaccounts", "system:serviceaccounts:" + std::string(namespace_name)};
}

Authenticator::Authenticator(const Objects& objects, std::string admin_token,
                             std::shared_ptr<const ServiceAccountTokens> tokens)
    : objects_(objects), admin_token_(std::move(admin_token)), tokens_(std::move(tokens)) {}

std::optional<User> Authenticator::authenticate(const net::ServerRequest& request) const {
  if (!request.peer.common_name.empty()) {
    User user{request.peer.common_name, {}, request.peer.organizations, {}};
    add_authenticated(&user);
    return user;
  }
  auto token = bearer_token(request.http);
  if (!token) return User{std::string(anonymous_name), {}, {std::string(unauthenticated_group)}, {}};
  auto holder = holder_of(*token);
  if (!holder) return std::nullopt;
  return std::move(holder->user);
}

tl::expected<Authenticator::Holder, std::string> Authenticator::holder_of(
    std::string_view token, const std::vector<std::string>& audiences) const {
  const std::vector<std::string> own{std::string(ServiceAccountTokens::issuer)};
  const std::vector<std::string>& wanted = audiences.empty() ? own : audiences;
  auto meant_for = [&](const std::vector<std::string>& given) {
    std::vector<std::string> out;
    for (const std::string& audience : given) {
      if (std::find(wanted.begin(), wanted.end(), audience) != wanted.end()) out.push_back(audience);
    }
    return out;
  };
  if (!admin_token_.empty() && same_secret(token, admin_token_)) {
    if (meant_for(own).empty()) return tl::unexpected(std::string(invalid_token));
    User user{"sandbox-token", {}, {std::string(masters_group), std::string(authenticated_group)}, {}};
    return Holder{std::move(user), meant_for(own)};
  }
  if (!tokens_) return tl::unexpected(std::string(invalid_token));
  auto claims = tokens_->verify(token);
  auto refused = [](const std::string& why) {
    return tl::unexpected("[" + std::string(invalid_token) + ", " + why + "]");
  };
  if (!claims) return claims.error().empty() ? tl::unexpected(std::string(invalid_token)) : refused(claims.error());
  std::vector<std::string> fitting = meant_for(claims->audiences);
  if (fitting.empty())
    return refused("token audiences " + quoted_list(claims->audiences) + " is invalid for the target audiences " +
                   quoted_list(wanted));
  if (auto bound = check_bound(*claims, token); !bound) return refused(bound.error());
  User user{service_account_user(claims->namespace_name, claims->account.name),
            claims->account.uid,
            service_account_groups(claims->namespace_name),
            {}};
  add_authenticated(&user);
  auto tell = [&](std::string_view key, std::string value) {
    user.extra["authentication.kubernetes.io/" + std::string(key)] = {std::move(value)};
  };
  if (!claims->id.empty()) tell("credential-id", "JTI=" + claims->id);
  if (!claims->pod.name.empty()) {
    tell("pod-name", claims->pod.name);
    tell("pod-uid", claims->pod.uid);
  }
  if (!claims->node.name.empty()) {
    tell("node-name", claims->node.name);
    tell("node-uid", claims->node.uid);
  }
  return Holder{std::move(user), std::move(fitting)};
}

tl::expected<void, std::string> Authenticator::check_bound(const TokenClaims& claims, std::string_view token) const {
  auto refused = [](std::string why) { return tl::unexpected(std::move(why)); };
  const std::int64_t now = objects_.now();
  if (!claims.of_secret) {
    if (now - leeway_seconds > claims.expires_at) return refused("service account token has expired");
    if (now + leeway_seconds < claims.issued_at) return refused("service account token is not valid yet");
  }
  auto stored = [&](std::string_view plural, std::string_view name, bool namespaced = true) {
    return objects_.store().find(objects_.resources().get("", plural),
                                 namespaced ? std::string_view(claims.namespace_name) : std::string_view(), name);
  };
  // What waits for its finalizers or its grace period counts as gone a minute after its deletion.
  auto gone = [&](const ObjectPtr& object) {
    if (!object) return true;
    if (!wire::at(object->body, {1, 9})) return false;  // without a deletionTimestamp, as nearly all are
    auto deleted = parse_rfc3339(text_at(objects_.load_brief(*object), {"metadata", "deletionTimestamp"}));
    return deleted && *deleted < now - leeway_seconds;
  };
  ObjectPtr account = stored("serviceaccounts", claims.account.name);
  if (!account) return refused("serviceaccounts \"" + claims.account.name + "\" not found");
  if (gone(account))
    return refused("service account " + claims.namespace_name + "/" + claims.account.name + " has been deleted");
  if (account->uid != claims.account.uid) {
    return refused("service account UID (" + account->uid + ") does not match claim (" + claims.account.uid + ")");
  }
  if (!claims.secret.name.empty()) {
    ObjectPtr secret = stored("secrets", claims.secret.name);
    if (gone(secret)) return refused("service account token has been invalidated");
    if (claims.of_secret) {
      auto copy = base64_decode(text_at(objects_.load_brief(*secret), {"data", "token"}));
      if (!copy || !same_secret(*copy, token)) return refused("service account token does not match server's copy");
    } else if (secret->uid != claims.secret.uid) {
      return refused("secret UID (" + secret->uid + ") does not match service account secret ref claim (" +
                     claims.secret.uid + ")");
    }
  }
  if (!claims.pod.name.empty()) {
    ObjectPtr pod = stored("pods", claims.pod.name);
    if (gone(pod)) return refused("service account token has been invalidated");
    if (pod->uid != claims.pod.uid)
      return refused("pod UID (" + pod->uid + ") does not match service account pod ref claim (" + claims.pod.uid +
                     ")");
  } else if (!claims.node.name.empty()) {
    ObjectPtr node = stored("nodes", claims.node.name, false);
    if (gone(node)) return refused("service account token has been invalidated");
    if (node->uid != claims.node.uid)
      return refused("node UID (" + node->uid + ") does not match service account node ref claim (" + claims.node.uid +
                     ")");
  }
  return {};
}

tl::expected<std::vector<Impersonation>, std::string> impersonations(const std::vector<net::HttpHeader>& headers) {
  constexpr std::string_view extra_prefix = "impersonate-extra-";
  std::vector<Impersonation> users, groups, extras, uids;
  for (const net::HttpHeader& header : headers) {
    std::string name = lower(header.name);
    if (name == "impersonate-user") {
      if (header.value.empty() || !users.empty()) continue;
      auto account = service_account_of(header.value);
      users.push_back(account ? Impersonation{"ServiceAccount", account->namespace_name, account->name, {}}
                              : Impersonation{"User", {}, header.value, {}});
    } else if (name == "impersonate-group") {
      groups.push_back({"Group", {}, header.value, {}});
    } else if (name == "impersonate-uid") {
      if (!header.value.empty() && uids.empty()) uids.push_back({"UID", {}, header.value, {}});
    } else if (name.starts_with(extra_prefix)) {
      auto key = net::percent_decode(std::string_view(name).substr(extra_prefix.size()));
      extras.push_back({"UserExtra", {}, header.value, key ? std::move(*key) : name.substr(extra_prefix.size())});
    }
  }
  std::vector<Impersonation> out = users;
  for (auto* list : {&groups, &extras, &uids}) out.insert(out.end(), list->begin(), list->end());
  if (!out.empty() && users.empty()) {
    std::string all;
    for (const Impersonation& wanted : out) all += (all.empty() ? "" : " ") + shown(wanted);
    return tl::unexpected("requested [" + all + "] without impersonating a user");
  }
  return out;
}

User impersonated_user(const std::vector<Impersonation>& wanted) {
  User out;
  bool groups_given =
      std::any_of(wanted.begin(), wanted.end(), [](const Impersonation& one) { return one.kind == "Group"; });
  for (const Impersonation& one : wanted) {
    if (one.kind == "User") out.name = one.name;
    if (one.kind == "UID") out.uid = one.name;
    if (one.kind == "Group") out.groups.push_back(one.name);
    if (one.kind == "UserExtra") out.extra[one.key].push_back(one.name);
    if (one.kind == "ServiceAccount") {
      out.name = service_account_user(one.namespace_name, one.name);
      if (!groups_given) out.groups = service_account_groups(one.namespace_name);
    }
  }
  if (out.name != anonymous_name) {
    add_authenticated(&out);
  } else if (!out.in_group(unauthenticated_group)) {
    out.groups.emplace_back(unauthenticated_group);
  }
  return out;
}

}  // namespace fairlead::sandbox
