// Who may do what: service accounts, roles and their bindings.
#include <fmt/format.h>

#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

std::string joined(const json::value& rule, std::string_view key) {
  std::string out;
  for (const auto& word : array_at(rule, {key}))
    if (word.is_string()) out += (out.empty() ? "" : ",") + std::string(word.get_string());
  return out;
}

// "get,list pods,services", "* *.apps", "get /metrics", "get secrets [db]"
std::string rule_text(const json::value& rule) {
  std::string out = joined(rule, "verbs");
  for (const auto& url : array_at(rule, {"nonResourceURLs"}))
    if (url.is_string()) out += " " + std::string(url.get_string());
  std::string groups;
  for (const auto& group : array_at(rule, {"apiGroups"}))
    if (group.is_string() && !group.get_string().empty())
      groups += (groups.empty() ? "" : ",") + std::string(group.get_string());
  if (std::string resources = joined(rule, "resources"); !resources.empty())
    out += " " + resources + (groups.empty() ? "" : " of " + groups);
  if (std::string names = joined(rule, "resourceNames"); !names.empty()) out += " [" + names + "]";
  return out;
}

// "User alice", "ServiceAccount shop/web"
std::string subject_text(const json::value& subject) {
  const std::string_view ns = text_at(subject, {"namespace"});
  return fmt::format("{} {}{}{}", text_at(subject, {"kind"}), ns, ns.empty() ? "" : "/", text_at(subject, {"name"}));
}

void add_service_account(Rows& rows, const json::value& account, std::int64_t) {
  rows.begin_row();
  add_name(rows, account);
  add_created(rows, account);
  for (auto key : {"secrets", "imagePullSecrets"}) {
    rows.begin_list();
    for (const auto& secret : array_at(account, {key})) rows.list_item(text_at(secret, {"name"}));
  }
}

template <bool namespaced>
void add_role(Rows& rows, const json::value& role, std::int64_t) {
  const json::array& rules = array_at(role, {"rules"});
  rows.begin_row();
  add_name(rows, role, namespaced);
  rows.integer(static_cast<std::int64_t>(rules.size()));
  if (!namespaced) rows.flag(find(role, "aggregationRule") != nullptr);
  add_created(rows, role);
  rows.begin_list();
  for (const auto& rule : rules) rows.list_item(rule_text(rule));
}

template <bool namespaced>
void add_binding(Rows& rows, const json::value& binding, std::int64_t) {
  rows.begin_row();
  add_name(rows, binding, namespaced);
  rows.text(text_at(binding, {"roleRef", "kind"}), "/", text_at(binding, {"roleRef", "name"}));
  rows.begin_list();
  for (const auto& subject : array_at(binding, {"subjects"})) rows.list_item(subject_text(subject));
  add_created(rows, binding);
}

json::object role_document(const json::value& role, std::int64_t now) {
  json::object out = metadata_document(role, now);
  put(out, "annotations", short_annotations(role));
  json::array rules, selectors;
  for (const auto& rule : array_at(role, {"rules"})) rules.emplace_back(rule_text(rule));
  out["rules"] = std::move(rules);
  for (const auto& selector : array_at(role, {"aggregationRule", "clusterRoleSelectors"}))
    selectors.emplace_back(selector_text(&selector));
  put(out, "aggregates_roles_with", std::move(selectors));
  return out;
}

json::object binding_document(const json::value& binding, std::int64_t now) {
  json::object out = metadata_document(binding, now);
  put(out, "annotations", short_annotations(binding));
  out["role"] = fmt::format("{}/{}", text_at(binding, {"roleRef", "kind"}), text_at(binding, {"roleRef", "name"}));
  json::array subjects;
  for (const auto& subject : array_at(binding, {"subjects"})) subjects.emplace_back(subject_text(subject));
  out["subjects"] = std::move(subjects);
  return out;
}

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";
constexpr Column kRuleCount{"rules", CellType::integer, false, "How many"};
constexpr Column kGrants{"grants", CellType::list, true, "Each rule: verbs, resources, groups, names"};
constexpr Column kRole{"role", CellType::text, false, "Kind/name of what it grants"};
constexpr Column kSubjects{"subjects", CellType::list, false, "To whom: User, Group or ServiceAccount"};

}  // namespace

const Kind kServiceAccounts{
    .name = "ServiceAccount",
    .group = "",
    .plural = "serviceaccounts",
    .versions = {"v1"},
    .noun = "service accounts",
    .message = &kube::messages::service_account,
    .columns = {kNamespace,
                kName,
                kCreated,
                {"secrets", CellType::list, false, "Names of its token Secrets"},
                {"pull_secrets", CellType::list, false, "Names of Secrets for pulling images"}},
    .add_row = add_service_account,
};

const Kind kRoles{
    .name = "Role",
    .group = kGroup,
    .plural = "roles",
    .versions = {"v1"},
    .name_type = ParameterType::any_name,
    .noun = "roles",
    .message = &kube::messages::role,
    .columns = {kNamespace, kName, kRuleCount, kCreated, kGrants},
    .add_row = add_role<true>,
    .document = role_document,
};

const Kind kClusterRoles{
    .name = "ClusterRole",
    .group = kGroup,
    .plural = "clusterroles",
    .versions = {"v1"},
    .namespaced = false,
    .name_type = ParameterType::any_name,
    .noun = "cluster roles",
    .message = &kube::messages::role,
    .columns = {kName,
                kRuleCount,
                {"aggregated", CellType::flag, false, "Whether its rules come from other roles"},
                kCreated,
                kGrants},
    .add_row = add_role<false>,
    .document = role_document,
};

const Kind kRoleBindings{
    .name = "RoleBinding",
    .group = kGroup,
    .plural = "rolebindings",
    .versions = {"v1"},
    .name_type = ParameterType::any_name,
    .noun = "role bindings",
    .message = &kube::messages::role_binding,
    .columns = {kNamespace, kName, kRole, kSubjects, kCreated},
    .add_row = add_binding<true>,
    .document = binding_document,
};

const Kind kClusterRoleBindings{
    .name = "ClusterRoleBinding",
    .group = kGroup,
    .plural = "clusterrolebindings",
    .versions = {"v1"},
    .namespaced = false,
    .name_type = ParameterType::any_name,
    .noun = "cluster role bindings",
    .message = &kube::messages::role_binding,
    .columns = {kName, kRole, kSubjects, kCreated},
    .add_row = add_binding<false>,
    .document = binding_document,
};

std::vector<Operation> identity_operations() {
  return kind_operations(
      {KindOperations{
           kServiceAccounts,
           "identity",
           {"list_service_accounts", "List all ServiceAccounts with the names of their Secrets", "--namespace shop"},
           {"get_service_account", "ServiceAccount details, without any token", "--namespace shop --name default"}},
       KindOperations{kRoles,
                      "identity",
                      {"list_roles", "List all Roles with what they grant", "--namespace shop"},
                      {"get_role", "Role details: each rule in a line", "--namespace shop --name config-reader"}},
       KindOperations{
           kRoleBindings,
           "identity",
           {"list_role_bindings", "List all RoleBindings: which role, to whom", "--namespace shop"},
           {"get_role_binding", "RoleBinding details: which role, to whom", "--namespace shop --name viewers"}},
       KindOperations{kClusterRoles,
                      "identity",
                      {"list_cluster_roles", "List all ClusterRoles with what they grant", ""},
                      {"get_cluster_role", "ClusterRole details: each rule in a line", "--name view"}},
       KindOperations{
           kClusterRoleBindings,
           "identity",
           {"list_cluster_role_bindings", "List all ClusterRoleBindings: which role, to whom", ""},
           {"get_cluster_role_binding", "ClusterRoleBinding details: which role, to whom", "--name cluster-admin"}}});
}

}  // namespace fairlead::ops
