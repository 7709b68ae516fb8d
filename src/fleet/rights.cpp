#include "fleet/rights.h"

#include <algorithm>
#include <array>

#include "ops/catalog.h"

namespace fairlead::fleet {
namespace {

struct Need {
  std::string_view group, resource, verb;
  bool operator==(const Need&) const = default;
};

void add(std::vector<Need>& to, Need need) {
  if (std::find(to.begin(), to.end(), need) == to.end()) to.push_back(need);
}

std::vector<Need> make_needs() {
  const std::vector<ops::Access> deploying{
      {"apps", "deployments", {"create", "get", "patch", "delete"}},
      {"", "services", {"create", "get", "delete"}},
      {"", "configmaps", {"create", "get", "update", "delete"}},
      {"", "secrets", {"create", "get", "update", "delete"}},
      {"", "persistentvolumeclaims", {"create", "get", "delete"}},
  };
  std::vector<Need> out;
  for (const auto& access : deploying)
    for (const auto verb : access.verbs) add(out, {access.group, access.resource, verb});
  // What runs in an agent's pod is looked at and sent into by these.
  constexpr std::array<std::string_view, 3> keeping{"list_pods", "get_pod_logs", "exec_in_pod"};
  constexpr std::array families{ops::pod_operations, ops::pod_log_operations, ops::exec_operations};
  for (const auto family : families)
    for (const auto& operation : family()) {
      if (std::find(keeping.begin(), keeping.end(), operation.name) == keeping.end()) continue;
      for (const auto& access : operation.access)
        if (!access.optional && access.reach == ops::Reach::call_namespace)
          for (const auto verb : access.verbs) add(out, {access.group, access.resource, verb});
    }
  return out;
}

}  // namespace

std::string text_of(const Right& right) {
  std::string out = right.verb + " " + right.resource;
  if (!right.group.empty()) out += "." + right.group;
  if (!right.name.empty()) out += " of " + right.name;
  return right.ns.empty() ? out : out + " in " + right.ns;
}

std::vector<Right> needs_of_agents(const std::vector<std::string>& namespaces) {
  static const std::vector<Need> needs = make_needs();
  std::vector<Right> out;
  for (const char* verb : {"get", "list", "create"}) out.push_back({"", "namespaces", verb, "", ""});
  for (const auto& ns : namespaces)
    for (const auto& need : needs)
      out.push_back({std::string(need.group), std::string(need.resource), std::string(need.verb), ns, ""});
  return out;
}

}  // namespace fairlead::fleet
