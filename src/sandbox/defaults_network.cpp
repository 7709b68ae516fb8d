#include "sandbox/defaults.h"

namespace fairlead::sandbox {
namespace {

void default_protocols(json::object& holder, std::string_view list) {
  auto ports = holder.find(list);
  if (ports == holder.end() || !ports->value().is_array()) return;
  for (json::value& port : ports->value().get_array()) {
    if (port.is_object()) set_default(port.get_object(), "protocol", "TCP");
  }
}

void default_service(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  if (text_in(spec, "sessionAffinity") == "None") spec.erase("sessionAffinityConfig");
  if (text_in(spec, "sessionAffinity") == "ClientIP")
    set_default(object_in(object, {"spec", "sessionAffinityConfig", "clientIP"}), "timeoutSeconds", 10'800);
  default_protocols(spec, "ports");
  if (auto ports = spec.find("ports"); ports != spec.end() && ports->value().is_array()) {
    for (json::value& port : ports->value().get_array()) {
      const json::value* target = find(port, "targetPort");
      bool open = !target || *target == 0 || (target->is_string() && target->get_string().empty());
      if (open && find(port, "port")) port.get_object()["targetPort"] = json::value(*find(port, "port"));
    }
  }
  std::string type(text_in(spec, "type"));
  if (type == "ExternalName") return;
  set_default(spec, "internalTrafficPolicy", "Cluster");
  bool external = !array_at(object, {"spec", "externalIPs"}).empty();
  if (type == "NodePort" || type == "LoadBalancer" || external) set_default(spec, "externalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") set_default(spec, "allocateLoadBalancerNodePorts", true);
  // Where nobody selects the endpoints, they may be of any family.
  bool open = text_in(spec, "clusterIP") == "None" && object_at(object, {"spec", "selector"}).empty();
  set_default(spec, "ipFamilyPolicy", open ? "RequireDualStack" : "SingleStack");
  set_default(spec, "ipFamilies", open ? json::array{"IPv4", "IPv6"} : json::array{"IPv4"});
}

void default_network_policy(json::value& object) {
  bool outward = !array_at(object, {"spec", "egress"}).empty();
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "policyTypes", outward ? json::array{"Ingress", "Egress"} : json::array{"Ingress"});
  for (std::string_view direction : {"ingress", "egress"}) {
    auto rules = spec.find(direction);
    if (rules == spec.end() || !rules->value().is_array()) continue;
    for (json::value& rule : rules->value().get_array()) {
      if (rule.is_object()) default_protocols(rule.get_object(), "ports");
    }
  }
}

void default_endpoint_slice(json::value& object) {
  json::object& slice = object.get_object();
  default_protocols(slice, "ports");
  auto ports = slice.find("ports");
  if (ports == slice.end() || !ports->value().is_array()) return;
  for (json::value& port : ports->value().get_array()) {
    if (port.is_object()) set_default(port.get_object(), "name", "");
  }
}

}  // namespace

void default_network(std::string_view kind, json::value& object) {
  if (kind == "Service") default_service(object);
  if (kind == "NetworkPolicy") default_network_policy(object);
  if (kind == "EndpointSlice") default_endpoint_slice(object);
  if (kind == "IngressClass" && find(object, "spec", "parameters"))
    set_default(object_in(object, {"spec", "parameters"}), "scope", "Cluster");
  if (kind == "Endpoints" && find(object, "subsets")) {
    for (json::value& subset : array_in(object.get_object(), "subsets")) {
      if (subset.is_object()) default_protocols(subset.get_object(), "ports");
    }
  }
}

}  // namespace fairlead::sandbox
