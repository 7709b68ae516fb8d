#include "sandbox/rbac.h"

#include <algorithm>
#include <unordered_map>

#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr View rbac_group = "rbac.authorization.k8s.io";
constexpr std::size_t most_remembered = 10'000;  // users, and namespaces; requests may make them up

std::string quoted(View text) { return compact(json::value(json::string(text))); }

std::vector<std::string> texts_at(const json::value& object, View key) {
  std::vector<std::string> out;
  for (const json::value& entry : array_at(object, {key})) {
    if (entry.is_string()) out.emplace_back(entry.get_string());
  }
  return out;
}

bool has(const std::vector<std::string>& list, View text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_combined(View text, const Attributes& of) {
  if (of.subresource.empty()) return text == of.resource;
  return text.size() == of.resource.size() + 1 + of.subresource.size() && text.starts_with(of.resource) &&
         text[of.resource.size()] == '/' && text.ends_with(of.subresource);
}

bool resource_matches(View rule, const Attributes& of) {
  if (rule == "*" || is_combined(rule, of)) return true;
  return !of.subresource.empty() && rule.starts_with("*/") && rule.substr(2) == of.subresource;
}

bool url_matches(View rule, View path) {
  if (rule == "*" || rule == path) return true;
  if (!rule.ends_with('*')) return false;
  while (rule.ends_with('*')) rule.remove_suffix(1);
  return path.starts_with(rule);
}

struct Subject {
  std::string kind, name, namespace_name;
  std::string user;  // of a ServiceAccount: the user that it is

  bool is(const User& who) const {
    if (kind == "User") return name == who.name;
    if (kind == "Group") return who.in_group(name);
    return kind == "ServiceAccount" && !namespace_name.empty() && user == who.name;
  }
  std::string text() const {
    return kind + " " + quoted(kind == "ServiceAccount" ? name + "/" + namespace_name : name);
  }
};

struct Binding {
  std::string kind, name, namespace_name;
  RoleReference role;
  std::vector<Subject> subjects;

  const Subject* of(const User& who) const {
    auto found =
        std::find_if(subjects.begin(), subjects.end(), [&](const Subject& subject) { return subject.is(who); });
    return found == subjects.end() ? nullptr : &*found;
  }
  std::string text(const Subject& subject) const {
    std::string shown = namespace_name.empty() ? name : name + "/" + namespace_name;
    return kind + " " + quoted(shown) + " of " + role.kind + " " + quoted(role.name) + " to " + subject.text();
  }
};

Binding read_binding(const Objects& objects, const Object& object) {
  json::value value = objects.load_brief(object);
  Binding out{object.resource->kind, object.name, object.namespace_name, RoleReference::from(value), {}};
  for (const json::value& entry : array_at(value, {"subjects"})) {
    Subject subject{std::string(text_at(entry, {"kind"})),
                    std::string(text_at(entry, {"name"})),
                    std::string(text_at(entry, {"namespace"})),
                    {}};
    if (subject.namespace_name.empty()) subject.namespace_name = object.namespace_name;
    if (subject.kind == "ServiceAccount") subject.user = service_account_user(subject.namespace_name, subject.name);
    out.subjects.push_back(std::move(subject));
  }
  return out;
}

using Bindings = std::vector<Binding>;

// Each part after its length: names come from requests and may hold anything.
std::string user_key(const User& user, View namespace_name) {
  std::string key;
  auto add = [&](View text) { key.append(std::to_string(text.size())).append(1, ':').append(text); };
  add(namespace_name);
  add(user.name);
  for (const std::string& group : user.groups) add(group);
  return key;
}

std::string role_key(View namespace_name, View name) { return std::string(namespace_name) + "/" + std::string(name); }

}  // namespace

PolicyRule PolicyRule::from(const json::value& object) {
  return {texts_at(object, "verbs"), texts_at(object, "apiGroups"), texts_at(object, "resources"),
          texts_at(object, "resourceNames"), texts_at(object, "nonResourceURLs")};
}

json::object PolicyRule::object() const {
  json::object out;
  auto add = [&](View key, const std::vector<std::string>& list) {
    if (list.empty() && key != "verbs") return;
    json::array texts;
    for (const std::string& text : list) texts.emplace_back(text);
    out[key] = std::move(texts);
  };
  add("verbs", verbs);
  add("apiGroups", groups);
  add("resources", resources);
  add("resourceNames", resource_names);
  add("nonResourceURLs", urls);
  return out;
}

bool PolicyRule::allows(const Attributes& of) const {
  if (!has(verbs, "*") && !has(verbs, of.verb)) return false;
  if (!of.is_resource)
    return std::any_of(urls.begin(), urls.end(), [&](View url) { return url_matches(url, of.path); });
  if (!has(groups, "*") && !has(groups, of.group)) return false;
  if (!std::any_of(resources.begin(), resources.end(), [&](View rule) { return resource_matches(rule, of); }))
    return false;
  return resource_names.empty() || has(resource_names, of.name);
}

RoleReference RoleReference::from(const json::value& binding) {
  return {std::string(text_at(binding, {"roleRef", "kind"})), std::string(text_at(binding, {"roleRef", "name"}))};
}

struct Authorizer::Grant {
  const Binding* binding;
  const Subject* subject;
  std::shared_ptr<const Rules> rules;
};

struct Authorizer::Grants {
  std::vector<std::shared_ptr<const Bindings>> kept;  // what the grants point into
  std::vector<Grant> list;
  std::vector<std::string> missing;
};

struct Authorizer::Cache {
  std::unordered_map<std::string, std::shared_ptr<const Rules>>
      roles;  // by namespace/name; a ClusterRole has no namespace
  std::unordered_map<std::string, std::shared_ptr<const Bindings>>
      bindings;                                                           // by namespace; cluster-wide ones under ""
  std::unordered_map<std::string, std::shared_ptr<const Grants>> grants;  // by namespace, user and groups

  void forget(const Object& changed) {
    if (changed.resource->group != rbac_group) return;
    View kind = changed.resource->kind;
    if (kind == "Role" || kind == "ClusterRole") roles.erase(role_key(changed.namespace_name, changed.name));
    if (kind == "RoleBinding" || kind == "ClusterRoleBinding") bindings.erase(changed.namespace_name);
    grants.clear();
  }
};

Authorizer::Authorizer(Objects& objects) : objects_(objects), cache_(std::make_shared<Cache>()) {
  objects_.store().observe([cache = std::weak_ptr<Cache>(cache_)](const Change& change) {
    if (auto held = cache.lock()) held->forget(*change.object);
  });
}

Authorizer::~Authorizer() = default;

std::shared_ptr<const Rules> Authorizer::rules_of(const RoleReference& role, View namespace_name) const {
  bool cluster_wide = role.kind == "ClusterRole";
  View where = cluster_wide ? View() : namespace_name;
  std::string key = role_key(where, role.name);
  if (auto found = cache_->roles.find(key); found != cache_->roles.end()) return found->second;
  ObjectPtr object =
      role.kind == "Role" || cluster_wide
          ? objects_.store().find(objects_.resources().get(rbac_group, cluster_wide ? "clusterroles" : "roles"), where,
                                  role.name)
          : nullptr;
  if (!object) return nullptr;
  Rules rules;
  json::value value = objects_.load_brief(*object);
  for (const json::value& rule : array_at(value, {"rules"})) rules.push_back(PolicyRule::from(rule));
  return cache_->roles.emplace(std::move(key), std::make_shared<const Rules>(std::move(rules))).first->second;
}

std::shared_ptr<const Authorizer::Grants> Authorizer::grants_of(const User& user, View namespace_name) const {
  std::string key = user_key(user, namespace_name);
  if (auto found = cache_->grants.find(key); found != cache_->grants.end()) return found->second;
  auto made = std::make_shared<Grants>();
  auto add = [&](View where) {
    std::shared_ptr<const Bindings>& bindings = cache_->bindings[std::string(where)];
    if (!bindings) {
      Bindings read;
      const Resource& resource =
          objects_.resources().get(rbac_group, where.empty() ? "clusterrolebindings" : "rolebindings");
      for (const ObjectPtr& object : objects_.store().list(resource, where))
        read.push_back(read_binding(objects_, *object));
      bindings = std::make_shared<const Bindings>(std::move(read));
    }
    made->kept.push_back(bindings);
    for (const Binding& binding : *bindings) {
      const Subject* subject = binding.of(user);
      if (!subject) continue;
      auto rules = rules_of(binding.role, where);
      if (rules) {
        made->list.push_back({&binding, subject, std::move(rules)});
        continue;
      }
      std::string missing =
          not_found(rbac_group, binding.role.kind == "Role" ? "role" : "clusterrole", binding.role.name).message;
      if (!has(made->missing, missing)) made->missing.push_back(std::move(missing));
    }
  };
  add("");
  if (!namespace_name.empty()) add(namespace_name);
  if (cache_->grants.size() >= most_remembered) cache_->grants.clear();
  if (cache_->bindings.size() >= most_remembered) cache_->bindings.clear();
  cache_->grants.emplace(std::move(key), made);
  return made;
}

bool Authorizer::allows(const User& user, const Attributes& attributes) const {
  if (user.in_group(masters_group)) return true;
  auto grants = grants_of(user, attributes.namespace_name);
  return std::any_of(grants->list.begin(), grants->list.end(), [&](const Grant& grant) {
    return std::any_of(grant.rules->begin(), grant.rules->end(),
                       [&](const PolicyRule& rule) { return rule.allows(attributes); });
  });
}

Authorizer::Decision Authorizer::decide(const User& user, const Attributes& attributes) const {
  if (user.in_group(masters_group)) return {true, {}};
  auto grants = grants_of(user, attributes.namespace_name);
  for (const Grant& grant : grants->list) {
    for (const PolicyRule& rule : *grant.rules) {
      if (rule.allows(attributes)) return {true, "RBAC: allowed by " + grant.binding->text(*grant.subject)};
    }
  }
  if (grants->missing.empty()) return {};
  std::string all;
  for (const std::string& one : grants->missing) all += (all.empty() ? "" : ", ") + one;
  return {false, "RBAC: " + (grants->missing.size() > 1 ? "[" + all + "]" : all)};
}

Authorizer::Granted Authorizer::granted(const User& user, View namespace_name) const {
  auto grants = grants_of(user, namespace_name);
  Granted out;
  for (const Grant& grant : grants->list) out.rules.insert(out.rules.end(), grant.rules->begin(), grant.rules->end());
  out.missing = grants->missing;
  return out;
}

}  // namespace fairlead::sandbox
