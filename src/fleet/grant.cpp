#include "fleet/grant.h"

#include <map>
#include <optional>
#include <tuple>

#include "base/digest.h"
#include "base/text.h"
#include "base/yaml.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::size_t kLongestName = 253, kDigits = 16;

struct Account {
  std::string_view ns, name;
};
std::optional<Account> account_in(std::string_view user) {
  constexpr std::string_view account = "system:serviceaccount:";
  if (!user.starts_with(account)) return std::nullopt;
  const auto parts = split(user.substr(account.size()), ':');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return std::nullopt;
  return Account{parts[0], parts[1]};
}

json::object subject_of(std::string_view user) {
  if (const auto account = account_in(user))
    return {{"kind", "ServiceAccount"}, {"namespace", account->ns}, {"name", account->name}};
  return {{"kind", "User"}, {"apiGroup", kRbac}, {"name", user}};
}

// Rules that grant these: one a resource, or an object where it is one's alone.
json::array rules_of(const std::vector<Right>& rights) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, json::array> verbs;
  for (const auto& right : rights) verbs[{right.group, right.resource, right.name}].push_back(json::value(right.verb));
  json::array rules;
  for (auto& [what, list] : verbs) {
    const auto& [group, resource, name] = what;
    json::object rule{{"apiGroups", json::array{json::value(group)}},
                      {"resources", json::array{json::value(resource)}}};
    if (!name.empty()) rule["resourceNames"] = json::array{json::value(name)};
    rule["verbs"] = std::move(list);
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::string document(const json::object& object) { return to_yaml(json::value(object)); }

std::string new_namespace(const std::string& name) {
  return document({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}});
}

}  // namespace

std::string role_name(const Grant& grant) {
  std::string out = grant.what + ":" + grant.cluster + ":";
  if (const auto account = account_in(grant.user)) {
    out.append(account->ns).append(":").append(account->name);
    if (out.size() <= kLongestName) return out;
  } else {
    out += "user=";  // which no namespace is called
    for (const char c : grant.user) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                         c == '_' || c == '.' || c == ':' || c == '@';
      out += plain ? c : '-';
    }
  }
  out.resize(std::min(out.size(), kLongestName - kDigits - 1));
  return out + "-" + sha256_hex(grant.user).substr(0, kDigits);
}

std::string manifest_of(const Grant& grant) {
  std::vector<std::string> documents;
  for (const auto& ns : grant.missing) documents.push_back(new_namespace(ns));
  for (const auto& ns : grant.perhaps_missing)
    documents.push_back(
        "# This identity may not see whether it is there. One that is stays as it is when this is applied;\n"
        "# leave it out of what you delete.\n" +
        new_namespace(ns));
  const std::string name = role_name(grant);
  std::map<std::string, std::vector<Right>> by_namespace;
  for (const auto& right : grant.rights) by_namespace[right.ns].push_back(right);
  for (const auto& [ns, rights] : by_namespace) {
    const std::string_view kind = ns.empty() ? "ClusterRole" : "Role";
    json::object metadata{{"name", name}};
    if (!ns.empty()) metadata["namespace"] = ns;
    documents.push_back(document({{"apiVersion", std::string(kRbac) + "/v1"},
                                  {"kind", kind},
                                  {"metadata", metadata},
                                  {"rules", rules_of(rights)}}));
    documents.push_back(document({{"apiVersion", std::string(kRbac) + "/v1"},
                                  {"kind", std::string(kind) + "Binding"},
                                  {"metadata", std::move(metadata)},
                                  {"roleRef", {{"apiGroup", kRbac}, {"kind", kind}, {"name", name}}},
                                  {"subjects", json::array{subject_of(grant.user)}}}));
  }
  std::string out;
  for (const auto& one : documents) out += (out.empty() ? "" : "---\n") + one;
  return out;
}

}  // namespace fairlead::fleet
