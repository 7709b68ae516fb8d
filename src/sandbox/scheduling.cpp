#include "sandbox/scheduling.h"

#include <algorithm>

#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t most_milli = 4'000'000'000'000'000;  // more than any node has, and few enough to add up

Amounts container_requests(std::string_view container) {
  Amounts out;
  wire::Reader resources(wire::at(container, {8}).value_or(""));
  while (auto value = resources.next()) {
    if (value->field != 2) continue;  // requests
    out.add(wire::at(value->bytes, {1}).value_or(""),
            std::min(most_milli, quantity_milli(wire::at(value->bytes, {2, 1}).value_or(""))));
  }
  return out;
}

void raise_to(Amounts& amounts, const Amounts& least) {
  amounts.cpu = std::max(amounts.cpu, least.cpu);
  amounts.memory = std::max(amounts.memory, least.memory);
  for (const auto& [name, amount] : least.others) {
    if (std::int64_t lacking = amount - amounts.of(name); lacking > 0) amounts.add(name, lacking);
  }
}

HostPort host_port(std::int64_t port, std::string_view protocol, std::string_view address) {
  return {port, std::string(protocol.empty() ? "TCP" : protocol), std::string(address == "0.0.0.0" ? "" : address)};
}

// Those of the containers that run all the time.
std::vector<HostPort> ports_of(const Object& pod) {
  std::vector<HostPort> out;
  wire::Reader spec(wire::at(pod.body, {2}).value_or(""));
  while (auto container = spec.next()) {
    bool sidecar = container->field == 20 && wire::at(container->bytes, {24}) == "Always";
    if (container->field != 2 && !sidecar) continue;
    wire::Reader members(container->bytes);
    while (auto member = members.next()) {
      if (member->field != 6) continue;  // a port: hostPort is 2, protocol 4, hostIP 5
      std::int64_t number = 0;
      wire::Reader port(member->bytes);
      while (auto value = port.next()) {
        if (value->field == 2) number = static_cast<std::int64_t>(value->integer);
      }
      if (number <= 0) continue;
      out.push_back(
          host_port(number, wire::at(member->bytes, {4}).value_or(""), wire::at(member->bytes, {5}).value_or("")));
    }
  }
  return out;
}

bool ports_taken(const json::value& pod, const NodeInfo& node) {
  if (node.ports.empty()) return false;
  for (std::string_view list : {"containers", "initContainers"}) {
    for (const json::value& container : array_at(pod, {"spec", list})) {
      if (list == "initContainers" && text_at(container, {"restartPolicy"}) != "Always") continue;
      for (const json::value& port : array_at(container, {"ports"})) {
        std::int64_t number = integer_at(port, {"hostPort"});
        if (number <= 0) continue;
        HostPort wanted = host_port(number, text_at(port, {"protocol"}), text_at(port, {"hostIP"}));
        for (const auto& [uid, taken] : node.ports) {
          if (std::any_of(taken.begin(), taken.end(), [&](const HostPort& one) { return one.collides(wanted); }))
            return true;
        }
      }
    }
  }
  return false;
}

bool taint_counts(const json::value& taint) {
  std::string_view effect = text_at(taint, {"effect"});
  return effect == "NoSchedule" || effect == "NoExecute";
}

std::string label_at(const json::value& node, std::string_view key) {
  return std::string(text_at(node, {"metadata", "labels", key}));
}

bool matches_requirement(const json::value& requirement, const json::value& have) {
  std::string_view op = text_at(requirement, {"operator"});
  const json::array& values = array_at(requirement, {"values"});
  bool present = have.is_string();
  bool listed = present && std::find(values.begin(), values.end(), have) != values.end();
  if (op == "In") return listed;
  if (op == "NotIn") return !listed;
  if (op == "Exists") return present;
  if (op == "DoesNotExist") return !present;
  if (!present || values.size() != 1 || !values.front().is_string()) return false;
  std::int64_t left = std::atoll(have.get_string().c_str()), right = std::atoll(values.front().get_string().c_str());
  return op == "Gt" ? left > right : op == "Lt" && left < right;
}

}  // namespace

void Amounts::add(std::string_view resource, std::int64_t amount) {
  if (resource == "cpu") {
    cpu += amount;
  } else if (resource == "memory") {
    memory += amount;
  } else if (auto found =
                 std::find_if(others.begin(), others.end(), [&](const auto& entry) { return entry.first == resource; });
             found != others.end()) {
    found->second += amount;
  } else {
    others.emplace_back(resource, amount);
  }
}

void Amounts::add(const Amounts& more, int sign) {
  cpu += sign * more.cpu;
  memory += sign * more.memory;
  for (const auto& [name, amount] : more.others) add(name, sign * amount);
}

std::int64_t Amounts::of(std::string_view resource) const {
  if (resource == "cpu") return cpu;
  if (resource == "memory") return memory;
  for (const auto& [name, amount] : others) {
    if (name == resource) return amount;
  }
  return 0;
}

Amounts requests_of(const Object& pod) {
  Amounts together, sidecars, peak;
  wire::Reader spec(wire::at(pod.body, {2}).value_or(""));
  while (auto value = spec.next()) {
    if (value->field == 2) together.add(container_requests(value->bytes), 1);
    if (value->field != 20) continue;
    Amounts one = container_requests(value->bytes);
    if (wire::at(value->bytes, {24}) == "Always") {
      sidecars.add(one, 1);
      raise_to(peak, sidecars);
    } else {
      one.add(sidecars, 1);
      raise_to(peak, one);
    }
  }
  together.add(sidecars, 1);
  raise_to(together, peak);
  return together;
}

bool HostPort::collides(const HostPort& other) const {
  if (port != other.port || protocol != other.protocol) return false;
  return address.empty() || other.address.empty() || address == other.address;
}

void NodeLedger::learn(const Object& node) {
  NodeInfo& info = nodes_[node.name];
  info.name = node.name;
  info.value = work_.objects.load_brief(node);
  info.allocatable = {};
  for (const auto& amount : object_at(info.value, {"status", "allocatable"})) {
    if (!amount.value().is_string()) continue;
    if (amount.key() == "pods")
      info.most_pods = quantity_milli(amount.value().get_string()) / 1000;
    else
      info.allocatable.add(amount.key(), quantity_milli(amount.value().get_string()));
  }
  info.value.get_object().erase("status");
}

void NodeLedger::charge(const Object& pod) {
  std::string node = field_of(pod, "spec.nodeName");
  auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  Charge made{std::move(node), requests_of(pod)};
  found->second.used.add(made.amounts, 1);
  ++found->second.pods;
  if (auto ports = ports_of(pod); !ports.empty()) found->second.ports[pod.uid] = std::move(ports);
  charges_.emplace(pod.uid, std::move(made));
}

void NodeLedger::discharge(const std::string& uid) {
  auto found = charges_.find(uid);
  if (found == charges_.end()) return;
  if (auto node = nodes_.find(found->second.node); node != nodes_.end()) {
    node->second.used.add(found->second.amounts, -1);
    --node->second.pods;
    node->second.ports.erase(uid);
  }
  charges_.erase(found);
}

void NodeLedger::adopt() {
  for (const ObjectPtr& node : work_.store.list(work_.nodes, "")) learn(*node);
  for (const ObjectPtr& pod : work_.store.list(work_.pods, "")) {
    PodFacts facts = facts_of(pod);
    if (facts.assigned && !facts.over()) charge(*pod);
  }
}

void NodeLedger::changed(const Change& change) {
  const Object& object = *change.object;
  bool gone = change.type == Change::Type::deleted;
  if (object.resource == &work_.nodes) {
    if (gone) {
      nodes_.erase(object.name);
    } else {
      learn(object);
      // Pods that were there before their node was known.
      if (change.type != Change::Type::added) return;
      for (const ObjectPtr& pod : work_.store.list(work_.pods, "")) {
        if (field_of(*pod, "spec.nodeName") == object.name && !charges_.contains(pod->uid) && !facts_of(pod).over())
          charge(*pod);
      }
    }
    return;
  }
  PodFacts facts = facts_of(change.object);
  if (gone || facts.over()) return discharge(object.uid);
  if (facts.assigned && !charges_.contains(object.uid)) charge(object);
}

bool tolerates(const json::value& pod, const json::value& taint) {
  for (const json::value& toleration : array_at(pod, {"spec", "tolerations"})) {
    std::string_view key = text_at(toleration, {"key"}), effect = text_at(toleration, {"effect"});
    bool exists = text_at(toleration, {"operator"}) == "Exists";
    bool keys = key.empty() ? exists : key == text_at(taint, {"key"});
    bool values = exists || text_at(toleration, {"value"}) == text_at(taint, {"value"});
    if (keys && values && (effect.empty() || effect == text_at(taint, {"effect"}))) return true;
  }
  return false;
}

bool matches_terms(const json::array& terms, const json::value& node) {
  for (const json::value& term : terms) {
    const json::array& expressions = array_at(term, {"matchExpressions"});
    const json::array& fields = array_at(term, {"matchFields"});
    if (expressions.empty() && fields.empty()) continue;
    bool matches = true;
    for (const json::value& requirement : expressions) {
      const json::value* have = find(node, "metadata", "labels", text_at(requirement, {"key"}));
      matches = matches && matches_requirement(requirement, have ? *have : json::value());
    }
    for (const json::value& requirement : fields) {
      const json::value* have =
          text_at(requirement, {"key"}) == "metadata.name" ? find(node, "metadata", "name") : nullptr;
      matches = matches && matches_requirement(requirement, have ? *have : json::value());
    }
    if (matches) return true;
  }
  return false;
}

bool selects_node(const json::value& pod, const NodeInfo& node) {
  const json::object& labels = object_at(node.value, {"metadata", "labels"});
  for (const auto& wanted : object_at(pod, {"spec", "nodeSelector"})) {
    auto have = labels.find(wanted.key());
    if (have == labels.end() || have->value() != wanted.value()) return false;
  }
  const json::value* required = find(pod, "spec", "affinity", "nodeAffinity");
  required = required ? find(*required, "requiredDuringSchedulingIgnoredDuringExecution") : nullptr;
  return !required || matches_terms(array_at(*required, {"nodeSelectorTerms"}), node.value);
}

Verdict fits(const json::value& pod, const Amounts& requests, const NodeInfo& node) {
  auto refused = [](std::string why) { return Verdict{{std::move(why)}, true}; };
  if (flag_at(node.value, {"spec", "unschedulable"}) &&
      !tolerates(pod, json::object{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}})) {
    return refused("node(s) were unschedulable");
  }
  for (const json::value& taint : array_at(node.value, {"spec", "taints"})) {
    if (!taint_counts(taint) || tolerates(pod, taint)) continue;
    return refused("node(s) had untolerated taint {" + std::string(text_at(taint, {"key"})) + ": " +
                   std::string(text_at(taint, {"value"})) + "}");
  }
  if (!selects_node(pod, node)) return refused("node(s) didn't match Pod's node affinity/selector");
  if (ports_taken(pod, node)) return Verdict{{"node(s) didn't have free ports for the requested pod ports"}, false};
  Verdict out;
  if (node.pods + 1 > node.most_pods) out.reasons.emplace_back("Too many pods");
  bool beyond = false;
  auto check = [&](std::string_view resource, std::int64_t amount) {
    if (amount == 0) return;
    std::int64_t there = node.allocatable.of(resource);
    if (amount <= there - node.used.of(resource)) return;
    out.reasons.push_back("Insufficient " + std::string(resource));
    beyond = beyond || amount > there;
  };
  check("cpu", requests.cpu);
  check("memory", requests.memory);
  for (const auto& [name, amount] : requests.others) check(name, amount);
  out.final = beyond;
  return out;
}

PodAffinity::PodAffinity(Work& work, const json::value& pod, const NodeLedger& ledger) {
  if (!find(pod, "spec", "affinity")) return;
  std::string_view own_space = text_at(pod, {"metadata", "namespace"});
  Labels own_labels;
  for (const auto& label : object_at(pod, {"metadata", "labels"})) {
    if (label.value().is_string()) own_labels.emplace_back(label.key(), label.value().get_string());
  }
  for (bool anti : {false, true}) {
    for (const json::value& wanted : array_at(pod, {"spec", "affinity", anti ? "podAntiAffinity" : "podAffinity",
                                                    "requiredDuringSchedulingIgnoredDuringExecution"})) {
      Term term{std::string(text_at(wanted, {"topologyKey"})), anti, false, {}};
      const json::value* given = find(wanted, "labelSelector");
      LabelSelector selector = given ? LabelSelector::from_object(*given) : LabelSelector();
      std::set<std::string> spaces;
      for (const json::value& space : array_at(wanted, {"namespaces"})) {
        if (space.is_string()) spaces.emplace(space.get_string());
      }
      if (spaces.empty()) spaces.emplace(own_space);
      bool any = false;
      for (const std::string& space : spaces) {
        for (const ObjectPtr& other : work.store.list(work.pods, space)) {
          PodFacts facts = facts_of(other);
          if (!given || !facts.assigned || facts.over() || !selector.matches(labels_of(*other))) continue;
          any = true;
          auto node = ledger.nodes().find(field_of(*other, "spec.nodeName"));
          if (node != ledger.nodes().end()) term.taken.insert(label_at(node->second.value, term.topology));
        }
      }
      // The first of a group that wants to be together may be anywhere.
      term.first_of_its_kind = !anti && !any && given && selector.matches(own_labels);
      terms_.push_back(std::move(term));
    }
  }
}

std::string PodAffinity::obstacle(const NodeInfo& node) const {
  for (const Term& term : terms_) {
    const json::value* label = find(node.value, "metadata", "labels", term.topology);
    bool there = label && term.taken.contains(std::string(label_at(node.value, term.topology)));
    if (term.anti && there) return "node(s) didn't match pod anti-affinity rules";
    if (!term.anti && (!label || (!there && !term.first_of_its_kind))) return "node(s) didn't match pod affinity rules";
  }
  return {};
}

}  // namespace fairlead::sandbox
