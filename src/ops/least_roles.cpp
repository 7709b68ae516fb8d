#include "ops/least_roles.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace fairlead::ops {
namespace {

constexpr std::string_view kReadsSecrets =
    "they read Secrets, whose values whoever holds the token gets then: name them with --operations if that is wanted";
constexpr std::string_view kNeedsKinds =
    "they are for any kind: give the kinds that are wanted, such as --kinds poddisruptionbudgets.policy";
constexpr std::string_view kNeedsCluster =
    "they read all namespaces: give --cluster-wide, or name them with --operations";

// (group, resource, verb)
using Rights = std::set<std::tuple<std::string, std::string, std::string>>;

void add(Rights& rights, std::string_view group, std::string_view resource, const Access& access) {
  for (const auto verb : access.verbs) rights.emplace(group, resource, verb);
}

std::vector<RoleRule> merged(const Rights& rights) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> verbs;  // by group and resource
  for (const auto& [group, resource, verb] : rights) verbs[{group, resource}].push_back(verb);
  std::map<std::pair<std::string, std::vector<std::string>>, std::vector<std::string>> rules;
  for (const auto& [where, verbs_there] : verbs) rules[{where.first, verbs_there}].push_back(where.second);
  std::vector<RoleRule> out;
  for (const auto& [key, resources] : rules) out.push_back({key.first, resources, key.second});
  return out;
}

bool is_secrets(std::string_view group, std::string_view resource) { return group.empty() && resource == "secrets"; }

struct KindName {
  std::string group, resource;
};

KindName kind_name(std::string_view text) {
  const std::size_t dot = text.find('.');
  return {std::string(dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1)),
          std::string(text.substr(0, dot))};
}

class Maker {
 public:
  Maker(const Catalog& catalog, const RoleRequest& request) : request_(request) {
    for (const auto& operation : catalog.operations())
      for (const auto& access : operation.access)
        if (access.reach == Reach::cluster) cluster_kinds_.emplace(access.group, access.resource);
  }

  LeastRoles make() {
    for (const Operation* operation : request_.operations) add_operation(*operation);
    // What is given in the whole cluster need not be given in a namespace too.
    for (const auto& right : cluster_) namespaced_.erase(right);
    out_.in_namespaces = merged(namespaced_);
    out_.in_cluster = merged(cluster_);
    for (const auto& [operation, untold] : untold_)
      out_.warnings.push_back(std::string(operation) + " will tell no " + untold +
                              ": it would read those of all namespaces, which --cluster-wide gives");
    if (!secrets_.empty())
      out_.warnings.push_back(
          "whoever holds the token of this account can read the values of Secrets, whatever Fairlead "
          "shows of them: needed for " +
          secrets_);
    return std::move(out_);
  }

 private:
  bool whole_cluster() const { return request_.namespaces.empty(); }

  void leave_out(const Operation& operation, std::string_view why) {
    for (auto& group : out_.left_out)
      if (group.why == why) return group.operations.push_back(operation.name);
    out_.left_out.push_back({why, {operation.name}});
  }

  // Empty: it can be covered.
  std::string_view why_not(const Operation& operation) const {
    for (const auto& access : operation.access) {
      if (is_any_kind(access) && request_.kinds.empty()) return kNeedsKinds;
      if (!request_.by_trust || access.optional) continue;
      if (is_secrets(access.group, access.resource)) return kReadsSecrets;
      if (access.reach == Reach::all_namespaces && !whole_cluster()) return kNeedsCluster;
    }
    return {};
  }

  void add_operation(const Operation& operation) {
    if (const auto why = why_not(operation); !why.empty()) return leave_out(operation, why);
    out_.covered.push_back(&operation);
    for (const auto& access : operation.access) {
      if (!is_any_kind(access)) {
        add_access(operation, access, access.group, access.resource);
        continue;
      }
      for (const auto& text : request_.kinds) {
        const KindName kind = kind_name(text);
        Access one = access;
        if (cluster_kinds_.contains({kind.group, kind.resource})) one.reach = Reach::cluster;
        add_access(operation, one, kind.group, kind.resource);
      }
    }
  }

  void add_access(const Operation& operation, const Access& access, std::string_view group, std::string_view resource) {
    const bool secrets = is_secrets(group, resource);
    if (access.optional && request_.by_trust && secrets) return;
    if (access.optional && access.reach == Reach::all_namespaces && !whole_cluster()) {
      std::string& untold = untold_[operation.name];
      untold += (untold.empty() ? "" : " and no ") + std::string(resource);
      return;
    }
    if (secrets) secrets_ += (secrets_.empty() ? "" : ", ") + std::string(operation.name);
    const bool in_cluster = whole_cluster() || access.reach != Reach::call_namespace;
    add(in_cluster ? cluster_ : namespaced_, group, resource, access);
  }

  const RoleRequest& request_;
  std::set<std::pair<std::string, std::string>> cluster_kinds_;
  Rights namespaced_, cluster_;
  std::string secrets_;
  std::map<std::string_view, std::string> untold_;  // by operation
  LeastRoles out_;
};

}  // namespace

LeastRoles least_roles(const Catalog& catalog, const RoleRequest& request) { return Maker(catalog, request).make(); }

std::optional<std::string> why_not_kind(std::string_view text) {
  if (text.find('*') != std::string_view::npos) return "no rule is made for *: name each kind";
  if (text.find('/') != std::string_view::npos) return "a subresource is no kind";
  for (char c : text)
    if (c >= 'A' && c <= 'Z')
      return "a kind is named by its plural in lower case, with its group, as in certificates.cert-manager.io";
  return why_not_subdomain(text);
}

}  // namespace fairlead::ops
