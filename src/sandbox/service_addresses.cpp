#include "sandbox/service_addresses.h"

#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t first_port = 30'000, last_port = 32'767;

bool needs_ports(std::string_view type, const json::object& spec) {
  if (type == "NodePort") return true;
  auto allocate = spec.find("allocateLoadBalancerNodePorts");
  return type == "LoadBalancer" && (allocate == spec.end() || allocate->value() != false);
}

bool in_range(std::string_view address) { return ip_problem(address).empty() && address.starts_with("10.96."); }

std::string key_of(const json::value& service) {
  return std::string(text_at(service, {"metadata", "namespace"})) + "/" +
         std::string(text_at(service, {"metadata", "name"}));
}

}  // namespace

ServiceAddresses::ServiceAddresses(const Resources& resources, Store& store) : taken_(std::make_shared<Taken>()) {
  const Resource* services = &resources.get("", "services");
  auto follow = [taken = taken_](const Object& object, bool there) {
    auto service = decode(*object.resource->message, object.body);
    if (!service) return;
    std::string key = key_of(*service);
    auto note = [&](auto& list, auto what) {
      if (there) list[what] = key;
      if (auto found = list.find(what); !there && found != list.end() && found->second == key) list.erase(found);
    };
    if (std::string address(text_at(*service, {"spec", "clusterIP"})); !address.empty() && address != "None")
      note(taken->addresses, address);
    for (const json::value& port : array_at(*service, {"spec", "ports"})) {
      if (std::int64_t number = integer_at(port, {"nodePort"}); number != 0) note(taken->ports, number);
    }
    if (std::int64_t number = integer_at(*service, {"spec", "healthCheckNodePort"}); number != 0)
      note(taken->ports, number);
  };
  for (const ObjectPtr& service : store.list(*services, "")) follow(*service, true);
  store.observe([services, follow](const Change& change) {
    if (change.object->resource != services) return;
    if (change.previous) follow(*change.previous, false);
    if (change.type != Change::Type::deleted) follow(*change.object, true);
  });
}

bool ServiceAddresses::port_taken(std::int64_t port, const std::string& key) const {
  auto found = taken_->ports.find(port);
  return found != taken_->ports.end() && found->second != key;
}

std::int64_t ServiceAddresses::free_port(const std::set<std::int64_t>& besides,
                                         const std::function<std::uint64_t()>& random) const {
  constexpr std::int64_t count = last_port - first_port + 1;
  std::int64_t start = static_cast<std::int64_t>(random() % count);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t port = first_port + (start + i) % count;
    if (!taken_->ports.contains(port) && !besides.contains(port)) return port;
  }
  return 0;
}

// What a client leaves out of an update stays; what the new type has no use for goes, unless the client asks for it
// anew.
void ServiceAddresses::keep(json::object& spec, const json::value& before) const {
  std::string type(text_in(spec, "type")), old_type(text_at(before, {"spec", "type"}));
  const json::object& old = object_at(before, {"spec"});
  auto drop_if_same = [&](std::string_view member) {
    auto now = spec.find(member);
    auto was = old.find(member);
    if (now != spec.end() && was != old.end() && now->value() == was->value()) spec.erase(member);
  };
  bool addressed = type != "ExternalName", was_addressed = old_type != "ExternalName";
  if (addressed && was_addressed) {
    for (std::string_view member : {"clusterIP", "clusterIPs"}) {
      if (old.contains(member)) set_default(spec, member, old.at(member));
    }
    if (text_in(spec, "clusterIP").empty() && old.contains("clusterIP")) spec["clusterIP"] = old.at("clusterIP");
  }
  if (!addressed && was_addressed) {
    for (std::string_view member : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"})
      drop_if_same(member);
  }
  bool ports = needs_ports(type, spec), had_ports = needs_ports(old_type, old);
  if (spec["ports"].is_array()) {
    for (json::value& port : spec["ports"].get_array()) {
      if (!port.is_object()) continue;
      for (const json::value& was : array_at(before, {"spec", "ports"})) {
        bool same = integer_at(was, {"port"}) == integer_at(port, {"port"}) &&
                    text_at(was, {"protocol"}) == text_at(port, {"protocol"});
        if (!same || !find(was, "nodePort")) continue;
        if (ports && had_ports) set_default(port.get_object(), "nodePort", *find(was, "nodePort"));
        if (!ports && type != "LoadBalancer" && integer_at(port, {"nodePort"}) == integer_at(was, {"nodePort"}))
          port.get_object().erase("nodePort");
      }
    }
  }
  if (type != "LoadBalancer") {
    for (std::string_view member : {"allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"})
      drop_if_same(member);
    if (type != "NodePort") drop_if_same("externalTrafficPolicy");
  } else if (old.contains("healthCheckNodePort") && text_in(spec, "externalTrafficPolicy") == "Local") {
    set_default(spec, "healthCheckNodePort", old.at("healthCheckNodePort"));
  } else {
    drop_if_same("healthCheckNodePort");
  }
}

std::vector<Cause> ServiceAddresses::address(json::object& spec, const std::string& key,
                                             const std::function<std::uint64_t()>& random) const {
  std::string wanted(text_in(spec, "clusterIP"));
  if (wanted.empty() && spec.contains("clusterIPs") && spec["clusterIPs"].is_array() &&
      !spec["clusterIPs"].get_array().empty() && spec["clusterIPs"].get_array()[0].is_string()) {
    wanted = spec["clusterIPs"].get_array()[0].get_string();
  }
  if (wanted.empty()) {
    constexpr std::uint64_t count = 254 * 256;
    std::uint64_t start = random() % count;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t index = (start + i) % count;
      std::string candidate = "10.96." + std::to_string(index / 254) + "." + std::to_string(1 + index % 254);
      if (taken_->addresses.contains(candidate)) continue;
      wanted = std::move(candidate);
      break;
    }
  } else if (wanted != "None" && ip_problem(wanted).empty()) {
    std::string problem;
    auto found = taken_->addresses.find(wanted);
    if (!in_range(wanted)) {
      problem = "the provided network does not match the current range";
    } else if (found != taken_->addresses.end() && found->second != key) {
      problem = "provided IP is already allocated";
    }
    if (!problem.empty())
      return {
          invalid_value("spec.clusterIPs", json::array{wanted}, "failed to allocate IP " + wanted + ": " + problem)};
  }
  spec["clusterIP"] = wanted;
  spec["clusterIPs"] = json::array{wanted};
  return {};
}

std::vector<Cause> ServiceAddresses::node_ports(json::value& service, const std::string& key,
                                                const std::function<std::uint64_t()>& random) const {
  std::vector<Cause> causes;
  json::object& spec = object_in(service, {"spec"});
  std::set<std::int64_t> mine;
  std::map<std::int64_t, std::int64_t> by_port;  // TCP and UDP of one port share a node port
  if (!spec.contains("ports") || !spec["ports"].is_array()) return causes;
  json::array& ports = spec["ports"].get_array();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    std::int64_t wanted = integer_at(ports[i], {"nodePort"});
    if (wanted == 0) continue;
    mine.insert(wanted);
    by_port[integer_at(ports[i], {"port"})] = wanted;
    std::string problem;
    if (wanted < first_port || wanted > last_port) {
      problem = "provided port is not in the valid range. The range of valid ports is 30000-32767";
    } else if (port_taken(wanted, key)) {
      problem = "provided port is already allocated";
    }
    if (!problem.empty())
      causes.push_back(invalid_value("spec.ports[" + std::to_string(i) + "].nodePort", wanted, problem));
  }
  for (json::value& port : ports) {
    if (!port.is_object() || integer_at(port, {"nodePort"}) != 0) continue;
    auto same = by_port.find(integer_at(port, {"port"}));
    std::int64_t given = same == by_port.end() ? free_port(mine, random) : same->second;
    mine.insert(given);
    by_port[integer_at(port, {"port"})] = given;
    if (given != 0) port.get_object()["nodePort"] = given;
  }
  bool checked = text_in(spec, "type") == "LoadBalancer" && text_in(spec, "externalTrafficPolicy") == "Local";
  if (checked && integer_at(service, {"spec", "healthCheckNodePort"}) == 0)
    spec["healthCheckNodePort"] = free_port(mine, random);
  return causes;
}

std::vector<Cause> ServiceAddresses::assign(json::value& service, const json::value* before,
                                            const std::function<std::uint64_t()>& random) const {
  json::object& spec = object_in(service, {"spec"});
  std::string type(text_in(spec, "type")), key = key_of(service);
  if (before) keep(spec, *before);
  std::vector<Cause> causes;
  if (type == "ClusterIP" || type == "NodePort" || type == "LoadBalancer") causes = address(spec, key, random);
  if (causes.empty() && needs_ports(type, spec)) causes = node_ports(service, key, random);
  return causes;
}

}  // namespace fairlead::sandbox
