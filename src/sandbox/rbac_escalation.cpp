#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "sandbox/json_edit.h"
#include "sandbox/rbac.h"

namespace fairlead::sandbox {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view rbac_group = "rbac.authorization.k8s.io";
constexpr std::size_t most_pieces = 20'000;  // that the rules of one role are taken apart into; admin's are 600

bool has(const Texts& list, std::string_view text) { return std::find(list.begin(), list.end(), text) != list.end(); }

bool has_all(const Texts& list, const Texts& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& text) { return has(list, text); });
}

std::string quoted_list(const Texts& list) {
  std::string out;
  for (const std::string& text : list) out += (out.empty() ? "" : " ") + compact(json::value(json::string(text)));
  return "[" + out + "]";
}

bool resource_covered(const Texts& held, const std::string& wanted) {
  if (has(held, "*") || has(held, wanted)) return true;
  std::size_t slash = wanted.find('/');
  return slash != wanted.npos && has(held, "*" + wanted.substr(slash));
}

bool url_covered(const Texts& held, std::string_view wanted) {
  return std::any_of(held.begin(), held.end(), [&](std::string_view url) {
    if (url == "*" || url == wanted) return true;
    return url.ends_with('*') && wanted.starts_with(url.substr(0, url.find_last_not_of('*') + 1));
  });
}

// `piece` has one of each.
bool covers(const PolicyRule& held, const PolicyRule& piece) {
  if (!has(held.verbs, "*") && !has_all(held.verbs, piece.verbs)) return false;
  if (!piece.urls.empty()) return url_covered(held.urls, piece.urls.front());
  if (!has(held.groups, "*") && !has_all(held.groups, piece.groups)) return false;
  if (!resource_covered(held.resources, piece.resources.front())) return false;
  if (held.resource_names.empty()) return true;
  return !piece.resource_names.empty() && has_all(held.resource_names, piece.resource_names);
}

// Rules as rules of one verb on one thing each; nothing when those would be too many.
std::optional<Rules> taken_apart(const Rules& rules) {
  Rules out;
  auto add = [&](PolicyRule piece) {
    out.push_back(std::move(piece));
    return out.size() <= most_pieces;
  };
  for (const PolicyRule& rule : rules) {
    for (const std::string& verb : rule.verbs) {
      for (const std::string& group : rule.groups) {
        for (const std::string& resource : rule.resources) {
          if (rule.resource_names.empty() && !add({{verb}, {group}, {resource}, {}, {}})) return std::nullopt;
          for (const std::string& name : rule.resource_names) {
            if (!add({{verb}, {group}, {resource}, {name}, {}})) return std::nullopt;
          }
        }
      }
      for (const std::string& url : rule.urls) {
        if (!add({{verb}, {}, {}, {}, {url}})) return std::nullopt;
      }
    }
  }
  return out;
}

std::string text_of(const PolicyRule& rule) {
  std::string out;
  auto add = [&](std::string_view name, const Texts& list) {
    if (!list.empty()) out += (out.empty() ? "" : ", ") + std::string(name) + ":" + quoted_list(list);
  };
  add("APIGroups", rule.groups);
  add("Resources", rule.resources);
  add("NonResourceURLs", rule.urls);
  add("ResourceNames", rule.resource_names);
  add("Verbs", rule.verbs);
  return "{" + out + "}";
}

// Whether only owner references and finalizers change, which the garbage collector may do.
bool only_for_deletion(const json::value& object, const json::value& before) {
  auto rest = [](json::value value) {
    json::object& metadata = object_in(value, {"metadata"});
    for (std::string_view field : {"ownerReferences", "finalizers", "managedFields", "resourceVersion", "uid",
                                   "creationTimestamp", "name", "namespace"})
      metadata.erase(field);
    value.get_object().erase("kind");
    value.get_object().erase("apiVersion");
    return value;
  };
  return rest(object) == rest(before);
}

bool aggregates(const json::value* role) {
  return role && find(*role, "aggregationRule") && find(*role, "aggregationRule")->is_object();
}

}  // namespace

std::vector<std::string> uncovered(const Rules& held, const Rules& wanted) {
  auto pieces = taken_apart(wanted);
  if (!pieces) return {"more than " + std::to_string(most_pieces) + " combinations of verbs and resources"};
  Rules others;
  // Those that differ only in the verb are told together.
  std::map<std::array<std::string, 3>, PolicyRule> together;
  for (const PolicyRule& piece : *pieces) {
    if (std::any_of(held.begin(), held.end(), [&](const PolicyRule& rule) { return covers(rule, piece); })) continue;
    if (!piece.urls.empty()) {
      others.push_back(piece);
      continue;
    }
    std::string name = piece.resource_names.empty() ? std::string() : "=" + piece.resource_names.front();
    auto [found, added] = together.try_emplace({piece.groups.front(), piece.resources.front(), std::move(name)}, piece);
    if (!added) found->second.verbs.push_back(piece.verbs.front());
  }
  std::set<std::string> texts;
  for (const auto& [key, rule] : together) texts.insert(text_of(rule));
  for (const PolicyRule& rule : others) texts.insert(text_of(rule));
  return {texts.begin(), texts.end()};
}

ApiResult<void> check_escalation(const Authorizer& authorizer, const User& user, const Attributes& attributes,
                                 const json::value& object, const json::value* before) {
  if (attributes.group != rbac_group || !attributes.subresource.empty() || user.in_group(masters_group)) return {};
  if (before && only_for_deletion(object, *before)) return {};
  std::string_view name = before ? std::string_view(attributes.name) : text_at(object, {"metadata", "name"});
  auto refused = [&](const std::string& why) { return refuse(forbidden(rbac_group, attributes.resource, name, why)); };
  auto may = [&](std::string_view verb, std::string_view resource, std::string_view named) {
    Attributes asked;
    asked.verb = verb;
    asked.is_resource = true;
    asked.group = rbac_group;
    asked.resource = resource;
    asked.name = named;
    asked.namespace_name = attributes.namespace_name;
    return authorizer.allows(user, asked);
  };
  auto confirm = [&](const Rules& wanted) -> std::string {
    Authorizer::Granted held = authorizer.granted(user, attributes.namespace_name);
    std::vector<std::string> missing = uncovered(held.rules, wanted);
    if (missing.empty()) return {};
    std::string out = "user " + compact(json::value(json::string(user.name))) + " (groups=" + quoted_list(user.groups) +
                      ") is attempting to grant RBAC permissions not currently held:";
    for (const std::string& one : missing) out += "\n" + one;
    if (held.missing.empty()) return out;
    std::string errors;
    for (const std::string& one : held.missing) errors += (errors.empty() ? "" : ", ") + one;
    return out + "; resolution errors: [" + (held.missing.size() > 1 ? "[" + errors + "]" : errors) + "]";
  };
  if (attributes.resource == "roles" || attributes.resource == "clusterroles") {
    if (may("escalate", attributes.resource, attributes.name)) return {};
    Rules wanted;
    for (const json::value& rule : array_at(object, {"rules"})) wanted.push_back(PolicyRule::from(rule));
    if (std::string why = confirm(wanted); !why.empty()) return refused(why);
    if (attributes.resource == "clusterroles" && (aggregates(&object) || aggregates(before))) {
      const Rules everything{{{"*"}, {"*"}, {"*"}, {}, {}}, {{"*"}, {}, {}, {}, {"*"}}};
      if (!confirm(everything).empty()) return refused("must have cluster-admin privileges to use the aggregationRule");
    }
    return {};
  }
  RoleReference role = RoleReference::from(object);
  if (role.kind != "Role" && role.kind != "ClusterRole") {
    StatusError error{500, "", "unsupported role reference kind: " + compact(json::value(json::string(role.kind))), {}};
    error.bare = true;
    return refuse(std::move(error));
  }
  std::string_view plural = role.kind == "Role" ? "roles" : "clusterroles";
  if (may("bind", plural, role.name)) return {};
  auto wanted = authorizer.rules_of(role, attributes.namespace_name);
  if (!wanted) return refuse(not_found(rbac_group, plural, role.name));
  if (std::string why = confirm(*wanted); !why.empty()) return refused(why);
  return {};
}

}  // namespace fairlead::sandbox
