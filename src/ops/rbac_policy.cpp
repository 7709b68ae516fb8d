#include "ops/rbac_policy.h"

#include <algorithm>
#include <set>

namespace fairlead::ops {
namespace {

std::vector<std::string> texts(const json::value& object, std::string_view key) {
  std::vector<std::string> out;
  for (const auto& item : array_at(object, {key}))
    if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

std::string text(const json::value& object, std::initializer_list<std::string_view> path) {
  return std::string(text_at(object, path));
}

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool covers_resource(std::string_view rule, const Right& right) {
  if (rule == "*") return true;
  if (right.subresource.empty()) return rule == right.resource;
  return rule == right.resource + "/" + right.subresource || rule == "*/" + right.subresource;
}

bool covers_url(std::string_view rule, std::string_view url) {
  if (rule == "*" || rule == url) return true;
  if (!rule.ends_with('*')) return false;
  while (rule.ends_with('*')) rule.remove_suffix(1);
  return url.starts_with(rule);
}

// Which of a role's rules give the right: nothing, objects with some names, or all.
struct Given {
  bool anything = false, all = false;
  std::set<std::string> names;
};

Given given(const std::vector<PolicyRule>& rules, const Right& right) {
  Given out;
  for (const auto& rule : rules) {
    if (!rule.covers(right)) continue;
    if (rule.names.empty()) {
      out.anything = out.all = true;
      continue;
    }
    if (!right.name.empty() && !has(rule.names, right.name)) continue;
    out.anything = true;
    if (right.name.empty())
      out.names.insert(rule.names.begin(), rule.names.end());
    else
      out.names.insert(right.name);
  }
  return out;
}

}  // namespace

std::string resource_text(std::string_view group, std::string_view resource, std::string_view subresource) {
  std::string out(resource);
  if (!subresource.empty()) out += "/" + std::string(subresource);
  if (!group.empty()) out += "." + std::string(group);
  return out;
}

std::string right_text(const Right& right) {
  return right.verb + " " +
         (right.url.empty() ? resource_text(right.group, right.resource, right.subresource) : right.url);
}

PolicyRule PolicyRule::from(const json::value& rule) {
  return {texts(rule, "verbs"), texts(rule, "apiGroups"), texts(rule, "resources"), texts(rule, "resourceNames"),
          texts(rule, "nonResourceURLs")};
}

bool PolicyRule::covers(const Right& right) const {
  if (!has(verbs, "*") && !has(verbs, right.verb)) return false;
  if (!right.url.empty())
    return std::any_of(urls.begin(), urls.end(), [&](const std::string& url) { return covers_url(url, right.url); });
  if (!has(groups, "*") && !has(groups, right.group)) return false;
  return std::any_of(resources.begin(), resources.end(),
                     [&](const std::string& resource) { return covers_resource(resource, right); });
}

PolicyRole PolicyRole::from(const json::value& role) {
  PolicyRole out{text(role, {"metadata", "namespace"}), text(role, {"metadata", "name"}), {}};
  for (const auto& rule : array_at(role, {"rules"})) out.rules.push_back(PolicyRule::from(rule));
  return out;
}

PolicyBinding PolicyBinding::from(const json::value& binding) {
  PolicyBinding out{text(binding, {"metadata", "namespace"}),
                    text(binding, {"metadata", "name"}),
                    text(binding, {"roleRef", "kind"}),
                    text(binding, {"roleRef", "name"}),
                    {}};
  std::set<PolicySubject> seen;
  for (const auto& entry : array_at(binding, {"subjects"})) {
    PolicySubject subject{text(entry, {"kind"}), text(entry, {"name"}), {}};
    if (subject.kind == "ServiceAccount") {
      subject.ns = text(entry, {"namespace"});
      if (subject.ns.empty()) subject.ns = out.ns;
      if (subject.ns.empty()) continue;
    } else if (subject.kind != "User" && subject.kind != "Group") {
      continue;
    }
    if (seen.insert(subject).second) out.subjects.push_back(std::move(subject));
  }
  return out;
}

void RbacPolicy::add(PolicyRole role) { roles_[{std::move(role.ns), std::move(role.name)}] = std::move(role.rules); }
void RbacPolicy::add(PolicyBinding binding) { bindings_.push_back(std::move(binding)); }

std::vector<Holder> RbacPolicy::holders(const Right& right) const {
  std::vector<Holder> out;
  for (const auto& binding : bindings_) {
    if (!right.url.empty() && !binding.ns.empty()) continue;  // paths are in no namespace
    auto role = roles_.find({binding.role_kind == "ClusterRole" ? std::string() : binding.ns, binding.role_name});
    if (role == roles_.end() || (binding.role_kind != "ClusterRole" && binding.ns.empty())) continue;
    Given by_rules = given(role->second, right);
    if (!by_rules.anything) continue;
    std::vector<std::string> names;
    if (!by_rules.all) names.assign(by_rules.names.begin(), by_rules.names.end());
    for (const auto& subject : binding.subjects)
      out.push_back({subject, binding.ns, (binding.ns.empty() ? "ClusterRoleBinding/" : "RoleBinding/") + binding.name,
                     binding.role_kind + "/" + binding.role_name, names});
  }
  return out;
}

}  // namespace fairlead::ops
