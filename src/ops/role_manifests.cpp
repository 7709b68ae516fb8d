#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "ops/least_roles.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

// A comment in lines of at most 118 characters.
std::string comment(std::string_view text) {
  constexpr std::size_t width = 116;
  std::string out, line;
  for (const auto word : split(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      out += "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  return out + "# " + line + "\n";
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& text : list) out.emplace_back(text);
  return out;
}

json::object head(std::string_view api_version, std::string_view kind, std::string_view name, std::string_view ns) {
  json::object metadata{{"name", name}};
  if (!ns.empty()) metadata["namespace"] = ns;
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", std::move(metadata)}};
}

std::string rbac_version() { return std::string(kGroup) + "/v1"; }

std::string role(std::string_view kind, std::string_view name, std::string_view ns,
                 const std::vector<RoleRule>& rules) {
  json::object out = head(rbac_version(), kind, name, ns);
  json::array list;
  for (const auto& rule : rules)
    list.push_back(json::object{
        {"apiGroups", json::array{rule.group}}, {"resources", texts(rule.resources)}, {"verbs", texts(rule.verbs)}});
  out["rules"] = std::move(list);
  return to_yaml(out);
}

std::string binding(std::string_view role_kind, const ManifestNames& names, std::string_view ns) {
  json::object out = head(rbac_version(), std::string(role_kind) + "Binding", names.roles, ns);
  out["roleRef"] = json::object{{"apiGroup", kGroup}, {"kind", role_kind}, {"name", names.roles}};
  out["subjects"] = json::array{
      json::object{{"kind", "ServiceAccount"}, {"name", names.account}, {"namespace", names.account_namespace}}};
  return to_yaml(out);
}

std::string operation_names(const std::vector<const Operation*>& operations) {
  std::string out;
  for (const auto* operation : operations) out += (out.empty() ? "" : ", ") + std::string(operation->name);
  return out;
}

std::string resources(const std::vector<RoleRule>& rules) {
  std::set<std::string_view> all;
  for (const auto& rule : rules) all.insert(rule.resources.begin(), rule.resources.end());
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string heading(const LeastRoles& roles, const RoleRequest& request, const ManifestNames& names) {
  std::string where = "in the whole cluster";
  if (!request.namespaces.empty())
    where = fmt::format("in namespace{} {}", request.namespaces.size() == 1 ? "" : "s",
                        fmt::join(request.namespaces, ", "));
  std::string out = comment(fmt::format("What service account {}/{} needs to run these operations {}, and no more: {}.",
                                        names.account_namespace, names.account, where, operation_names(roles.covered)));
  for (const auto& group : roles.left_out)
    out += "#\n" + comment(fmt::format("Left out: {}: {}.", fmt::join(group.operations, ", "), group.why));
  for (const auto& warning : roles.warnings) out += "#\n" + comment("Note: " + warning + ".");
  if (roles.in_namespaces.empty() && roles.in_cluster.empty())
    out += "#\n" + comment("No role is needed: every authenticated identity may do what they do.");
  return out;
}

}  // namespace

std::string role_manifests(const LeastRoles& roles, const RoleRequest& request, const ManifestNames& names) {
  std::string out = heading(roles, request, names);
  out += to_yaml(head("v1", "ServiceAccount", names.account, names.account_namespace));
  if (!roles.in_cluster.empty()) {
    out += "---\n";
    if (!request.namespaces.empty())
      out += comment(
          "Of the whole cluster, since they are not things of one namespace: " + resources(roles.in_cluster) + ".");
    out += role("ClusterRole", names.roles, "", roles.in_cluster) + "---\n" + binding("ClusterRole", names, "");
  }
  if (roles.in_namespaces.empty()) return out;
  for (const auto& ns : request.namespaces)
    out += "---\n" + role("Role", names.roles, ns, roles.in_namespaces) + "---\n" + binding("Role", names, ns);
  return out;
}

}  // namespace fairlead::ops
