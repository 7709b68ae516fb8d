// Nodes, and events, which are about them and other objects.
#include <set>

#include "sandbox/names.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

// The server says of taints that they are in the metadata.
void check_taints(const Place& given, Findings& out) {
  Place taints(&given.value(), "metadata.taints");
  std::set<std::pair<View, View>> seen;
  for (const Place& taint : taints.items()) {
    Place key = taint["key"], value = taint["value"], effect = taint["effect"];
    out.label_key(key);
    if (std::vector<std::string> problems = label_value_problems(value.text()); !problems.empty())
      out.invalid(value, as_one(problems, ";"));
    out.one_of(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (seen.emplace(key.text(), effect.text()).second) continue;
    out.add(Cause{"FieldValueDuplicate",
                  "Duplicate value: " + compact(taint.value()) + ": taints must be unique by key and effect pair",
                  taint.path()});
  }
}

void check_node(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"];
  check_taints(spec["taints"], out);
  for (View list : {"capacity", "allocatable"}) {
    Place amounts = object["status"][list];
    if (!amounts.value().is_object()) continue;
    for (const auto& amount : amounts.value().get_object()) out.amount(amounts[amount.key()], amount.key());
  }
  for (const Place& cidr : spec["podCIDRs"].items()) {
    if (std::string problem = cidr_problem(cidr.text()); !problem.empty()) out.invalid(cidr, problem);
  }
}

// What has no namespace is told of in the default one.
void check_event(const Place& object, const Place*, Findings& out) {
  Place about = object["involvedObject"]["namespace"];
  View space = object["metadata"]["namespace"].text();
  bool agrees = about.text() == space || (about.text().empty() && space == "default");
  if (!agrees) out.invalid(about, json::string(about.text()), "does not match event.namespace");
}

}  // namespace

Check node_check(std::string_view kind) {
  if (kind == "Node") return check_node;
  return kind == "Event" ? check_event : nullptr;
}

}  // namespace fairlead::sandbox
