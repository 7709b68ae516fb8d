#include "gate/role.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "gate/policy.h"

namespace fairlead::gate {
namespace {

constexpr std::array<std::string_view, 5> kRoles{"viewer", "agent", "operator", "approver", "admin"};
constexpr std::size_t kMostNames = 100;

bool allows(Role role, Deed deed) {
  switch (deed) {
    case Deed::read: return true;
    case Deed::change: return role == Role::agent || role == Role::operator_ || role == Role::admin;
    case Deed::take_back: return role == Role::operator_ || role == Role::admin;
    case Deed::decide: return role == Role::approver || role == Role::admin;
    case Deed::administer: return role == Role::admin;
  }
  return false;
}

std::string_view words(Deed deed) {
  switch (deed) {
    case Deed::read: return "READ";
    case Deed::change: return "changes";
    case Deed::take_back: return "taking changes back";
    case Deed::decide: return "deciding about changes";
    case Deed::administer: return "administration";
  }
  return "that";
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_of_cluster(const Binding& binding, const std::string& cluster) {
  return binding.clusters.empty() || (!cluster.empty() && has(binding.clusters, cluster));
}

bool is_of_namespace(const Binding& binding, const std::string& ns) {
  return binding.namespaces.empty() || (!ns.empty() && ns != "*" && has(binding.namespaces, ns));
}

// As registered ones are called, and contexts of a kubeconfig mostly.
bool is_cluster(std::string_view id) {
  return !id.empty() && id.size() <= 253 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) || c == ':' || c == '.' || c == '_' || c == '-';
  });
}

tl::unexpected<Error> wrong(std::string cause) {
  return fail(ErrorCode::invalid_request, "read the role", std::move(cause),
              "Such as viewer, operator@k8s:prod or agent@k8s:prod/shop,web; roles: viewer, agent, operator, approver, "
              "admin");
}

}  // namespace

Result<void> check_binding(const Binding& binding) {
  if (binding.clusters.size() > kMostNames || binding.namespaces.size() > kMostNames)
    return wrong(fmt::format("at most {} clusters and namespaces are taken", kMostNames));
  for (const auto& cluster : binding.clusters)
    if (!is_cluster(cluster)) return wrong("a cluster's id is wrong: such as k8s:prod");
  for (const auto& ns : binding.namespaces)
    if (const auto why = ops::why_not_label(ns)) return wrong("a namespace is wrong: " + *why);
  if (binding.role == Role::admin && !(binding.clusters.empty() && binding.namespaces.empty()))
    return wrong("an admin is one of everything");
  return {};
}

namespace {

Result<std::vector<std::string>> names_at(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  const json::value* list = object.if_contains(key);
  if (!list || list->is_null()) return out;
  if (!list->is_array()) return wrong(std::string(key) + " is no list");
  if (list->get_array().empty()) return wrong(std::string(key) + " is an empty list: leave it out where all are meant");
  for (const auto& name : list->get_array()) {
    if (!name.is_string()) return wrong(std::string(key) + " is no list of texts");
    out.emplace_back(name.get_string());
  }
  return out;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> out;
  for (const auto part : split(text, ',')) out.emplace_back(part);
  return out;
}

}  // namespace

std::string_view to_string(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  const auto found = std::find(kRoles.begin(), kRoles.end(), text);
  if (found == kRoles.end()) return std::nullopt;
  return static_cast<Role>(found - kRoles.begin());
}

Result<Binding> binding_from_json(const json::value& value) {
  if (!value.is_object()) return wrong("it is no object");
  const json::object& object = value.get_object();
  for (const auto& [key, unused] : object)
    if (key != "role" && key != "clusters" && key != "namespaces") return wrong("it has a member that is not known");
  const auto role = parse_role(text_at(value, {"role"}));
  if (!role) return wrong("it has no role that is known");
  Binding out;
  out.role = *role;
  auto clusters = names_at(object, "clusters");
  if (!clusters) return fail(std::move(clusters.error()));
  auto namespaces = names_at(object, "namespaces");
  if (!namespaces) return fail(std::move(namespaces.error()));
  out.clusters = std::move(*clusters);
  out.namespaces = std::move(*namespaces);
  if (auto checked = check_binding(out); !checked) return fail(std::move(checked.error()));
  return out;
}

json::object to_json(const Binding& binding) {
  json::object out{{"role", to_string(binding.role)}};
  if (!binding.clusters.empty()) out["clusters"] = json::array(binding.clusters.begin(), binding.clusters.end());
  if (!binding.namespaces.empty())
    out["namespaces"] = json::array(binding.namespaces.begin(), binding.namespaces.end());
  return out;
}

Result<Binding> parse_binding(std::string_view text) {
  const std::size_t at = text.find('@');
  const auto role = parse_role(text.substr(0, at));
  if (!role) return wrong("there is no such role");
  Binding out;
  out.role = *role;
  if (at != std::string_view::npos) {
    const std::string_view where = text.substr(at + 1);
    const std::size_t slash = where.find('/');
    const std::string_view clusters = where.substr(0, slash);
    if (clusters != "*") out.clusters = split_names(clusters);
    if (slash != std::string_view::npos) out.namespaces = split_names(where.substr(slash + 1));
  }
  if (auto checked = check_binding(out); !checked) return fail(std::move(checked.error()));
  return out;
}

std::string to_string(const Binding& binding) {
  std::string out(to_string(binding.role));
  if (binding.clusters.empty() && binding.namespaces.empty()) return out;
  out += "@" + (binding.clusters.empty() ? "*" : fmt::format("{}", fmt::join(binding.clusters, ",")));
  if (!binding.namespaces.empty()) out += fmt::format("/{}", fmt::join(binding.namespaces, ","));
  return out;
}

std::optional<std::string> why_not(const Bindings& bindings, Deed deed, const std::string& cluster,
                                   const std::vector<Touch>& touches) {
  std::vector<const Binding*> fit;
  for (const auto& binding : bindings)
    if (allows(binding.role, deed) && is_of_cluster(binding, cluster)) fit.push_back(&binding);
  if (fit.empty())
    return fmt::format("no role of this credential allows {} on {}", words(deed),
                       cluster.empty() ? "whichever cluster" : "cluster " + cluster);
  for (const auto& touch : touches) {
    const bool covered = std::any_of(fit.begin(), fit.end(),
                                     [&](const Binding* binding) { return is_of_namespace(*binding, touch.ns); });
    if (covered) continue;
    const std::string where = touch.ns == "*"    ? "in all namespaces: name one"
                              : touch.ns.empty() ? "beyond namespaces"
                                                 : "in namespace " + touch.ns;
    return fmt::format("no role of this credential allows {} {}", words(deed), where);
  }
  return std::nullopt;
}

bool covers_cluster(const Bindings& bindings, const std::string& cluster) {
  return std::any_of(bindings.begin(), bindings.end(),
                     [&](const Binding& binding) { return is_of_cluster(binding, cluster); });
}

std::vector<std::string> roles_at(const Bindings& bindings, const std::string& cluster, const Touch* touch) {
  std::vector<std::string> out;
  for (const auto& binding : bindings) {
    if (!is_of_cluster(binding, cluster) || !is_of_namespace(binding, touch ? touch->ns : "")) continue;
    std::string role(to_string(binding.role));
    if (!has(out, role)) out.push_back(std::move(role));
  }
  return out;
}

bool may_somewhere(const Bindings& bindings, Deed deed) {
  return std::any_of(bindings.begin(), bindings.end(),
                     [&](const Binding& binding) { return allows(binding.role, deed); });
}

}  // namespace fairlead::gate
