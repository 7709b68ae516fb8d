// Ingresses and their classes, network policies, endpoints.
#include <algorithm>
#include <set>

#include "sandbox/names.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void check_host(const Place& host, Findings& out) {
  View text = host.text();
  if (text.empty()) return;
  if (ip_problem(text).empty()) out.invalid(host, "must be a DNS name, not an IP address");
  std::string problem = text.find('*') != text.npos ? wildcard_problem(text) : subdomain_problem(text);
  if (!problem.empty()) out.invalid(host, problem);
}

void check_backend(const Place& backend, Findings& out) {
  const json::value nothing = json::string();
  Place service = backend["service"], resource = backend["resource"];
  if (service.given() && resource.given())
    return out.invalid(backend, nothing, "cannot set both resource and service backends");
  if (resource.given()) {
    if (resource["kind"].text().empty()) out.required(resource["kind"]);
    if (resource["name"].text().empty()) out.required(resource["name"]);
    return;
  }
  if (!service.given()) return out.invalid(backend, nothing, "resource or service backend is required");
  if (Place name = service["name"]; name.text().empty()) {
    out.required(name);
  } else {
    out.label(name);
  }
  Place name = service["port"]["name"], number = service["port"]["number"];
  if (!name.text().empty() && number.number() != 0) {
    out.invalid(backend, nothing, "cannot set both port name & port number");
  } else if (!name.text().empty()) {
    out.port_name(name);
  } else if (number.number() != 0) {
    out.port(number);
  } else {
    out.required(backend, "port name or number is required");
  }
}

void check_path(const Place& path, Findings& out) {
  Place type = path["pathType"], where = path["path"];
  View text = where.text();
  const json::value shown = json::string(text);
  if (!type.given()) return out.required(type, "pathType must be specified");
  if (type.is("Exact") || type.is("Prefix")) {
    if (!text.starts_with('/')) out.invalid(where, shown, "must be an absolute path");
    for (View sequence : {"//", "/./", "/../", "%2f", "%2F"}) {
      if (text.find(sequence) != text.npos)
        out.invalid(where, shown, "must not contain '" + std::string(sequence) + "'");
    }
    for (View suffix : {"/..", "/."}) {
      if (text.ends_with(suffix)) out.invalid(where, shown, "cannot end with '" + std::string(suffix) + "'");
    }
  } else if (type.is("ImplementationSpecific")) {
    if (!text.empty() && !text.starts_with('/')) out.invalid(where, shown, "must be an absolute path");
  } else {
    out.not_supported(type, {"Exact", "ImplementationSpecific", "Prefix"});
  }
  check_backend(path["backend"], out);
}

void check_ingress(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], rules = spec["rules"];
  if (rules.items().empty() && !spec["defaultBackend"].given()) {
    out.invalid(spec, rules.given() ? rules.value() : json::value(nullptr),
                "either `defaultBackend` or `rules` must be specified");
  }
  if (spec["defaultBackend"].given()) check_backend(spec["defaultBackend"], out);
  for (const Place& rule : rules.items()) {
    check_host(rule["host"], out);
    if (!rule["http"].given()) continue;
    Place paths = rule["http"]["paths"];
    if (paths.items().empty()) out.required(paths);
    for (const Place& path : paths.items()) check_path(path, out);
  }
  for (const Place& tls : spec["tls"].items()) {
    for (const Place& host : tls["hosts"].items()) {
      std::string problem =
          host.text().find('*') != View::npos ? wildcard_problem(host.text()) : subdomain_problem(host.text());
      if (!problem.empty()) out.invalid(host, problem);
    }
    if (!tls["secretName"].text().empty()) out.subdomain(tls["secretName"]);
  }
  if (spec["ingressClassName"].given()) out.subdomain(spec["ingressClassName"]);
  Place old_class = object["metadata"]["annotations"]["kubernetes.io/ingress.class"];
  if (!before && old_class.given() && spec["ingressClassName"].given()) {
    out.invalid(Place(&old_class.value(), "annotations.kubernetes.io/ingress.class"),
                "can not be set when the class field is also set");
  }
}

void check_ingress_class(const Place& object, const Place* before, Findings& out) {
  Place controller = object["spec"]["controller"], parameters = object["spec"]["parameters"];
  if (controller.text().empty()) {
    out.required(controller);
  } else {
    if (controller.text().size() > 250) out.too_long(controller, 250);
    std::size_t slash = controller.text().find('/');
    if (slash == View::npos || slash == 0 || slash + 1 == controller.text().size()) {
      out.invalid(controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    }
  }
  if (parameters.given()) {
    if (parameters["kind"].text().empty()) out.required(parameters["kind"], "kind is required");
    if (parameters["name"].text().empty()) out.required(parameters["name"], "name is required");
    Place scope = parameters["scope"], space = parameters["namespace"];
    if (!scope.is("Cluster") && !scope.is("Namespace")) out.not_supported(scope, {"Cluster", "Namespace"});
    if (scope.is("Namespace") && space.text().empty()) out.required(space, "`parameters.scope` is set to 'Namespace'");
    if (scope.is("Cluster") && space.given()) out.forbidden(space, "`parameters.scope` is set to 'Cluster'");
  }
  if (before) out.unchanged(controller, (*before)["spec"]["controller"]);
}

void check_policy_port(const Place& port, Findings& out) {
  if (Place protocol = port["protocol"];
      protocol.given() && !protocol.is("TCP") && !protocol.is("UDP") && !protocol.is("SCTP")) {
    out.not_supported(protocol, {"TCP", "UDP", "SCTP"});
  }
  Place number = port["port"], end = port["endPort"];
  if (number.given()) out.port_number_or_name(number);
  if (!end.given()) return;
  if (!number.given()) {
    out.required(end, "must be specified when `endPort` is specified");
  } else if (number.value().is_string()) {
    out.invalid(end, "may not be specified when `port` is non-numeric");
  } else {
    if (end.number() < number.number()) out.invalid(end, "must be greater than or equal to `port`");
    out.port(end);
  }
}

void check_block(const Place& block, Findings& out) {
  Place cidr = block["cidr"];
  if (cidr.text().empty()) return out.required(cidr);
  if (std::string problem = cidr_problem(cidr.text()); !problem.empty()) return out.invalid(cidr, problem);
  for (const Place& except : block["except"].items()) {
    if (std::string problem = cidr_problem(except.text()); !problem.empty()) return out.invalid(except, problem);
    if (!is_strict_subset(except.text(), cidr.text())) out.invalid(except, "must be a strict subset of `cidr`");
  }
}

void check_peer(const Place& peer, Findings& out) {
  bool pods = peer["podSelector"].given(), spaces = peer["namespaceSelector"].given(), block = peer["ipBlock"].given();
  if (pods) out.label_selector(peer["podSelector"]);
  if (spaces) out.label_selector(peer["namespaceSelector"]);
  if (block) check_block(peer["ipBlock"], out);
  if (!pods && !spaces && !block) out.required(peer, "must specify a peer");
  if (block && (pods || spaces)) out.forbidden(peer, "may not specify both ipBlock and another peer");
}

void check_network_policy(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"];
  out.label_selector(spec["podSelector"]);
  for (auto [direction, peers] : {std::pair<View, View>{"ingress", "from"}, {"egress", "to"}}) {
    for (const Place& rule : spec[direction].items()) {
      for (const Place& port : rule["ports"].items()) check_policy_port(port, out);
      for (const Place& peer : rule[peers].items()) check_peer(peer, out);
    }
  }
  std::vector<Place> types = spec["policyTypes"].items();
  if (types.size() > 2) return out.invalid(spec["policyTypes"], "may not specify more than two policyTypes");
  for (const Place& type : types) {
    if (!type.is("Ingress") && !type.is("Egress")) out.not_supported(type, {"Ingress", "Egress"});
  }
}

void check_endpoint_port(const Place& port, bool named, Findings& out) {
  if (Place name = port["name"]; !name.text().empty()) {
    out.label(name);
  } else if (named) {
    out.required(name);
  }
  out.port(port["port"]);
  out.one_of(port["protocol"], {"SCTP", "TCP", "UDP"});
}

void check_address(const Place& address, Findings& out) {
  if (std::string problem = ip_problem(address.text()); !problem.empty()) {
    out.invalid(address, json::string(address.text()), problem);
    out.invalid(address, json::string(address.text()),
                "must be a valid IP address");  // that it is no special one is looked at by itself
  } else if (address.text().starts_with("127.") || address.is("::1")) {
    out.invalid(address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  }
}

void check_endpoints(const Place& object, const Place*, Findings& out) {
  for (const Place& subset : object["subsets"].items()) {
    if (subset["addresses"].items().empty() && subset["notReadyAddresses"].items().empty())
      out.required(subset, "must specify `addresses` or `notReadyAddresses`");
    for (View list : {"addresses", "notReadyAddresses"}) {
      for (const Place& address : subset[list].items()) {
        check_address(address["ip"], out);
        if (!address["hostname"].text().empty()) out.label(address["hostname"]);
      }
    }
    std::vector<Place> ports = subset["ports"].items();
    for (const Place& port : ports) check_endpoint_port(port, ports.size() > 1, out);
  }
}

void check_endpoint_slice(const Place& object, const Place* before, Findings& out) {
  Place type = object["addressType"];
  out.one_of(type, {"FQDN", "IPv4", "IPv6"});
  for (const Place& endpoint : object["endpoints"].items()) {
    Place addresses = endpoint["addresses"];
    if (addresses.items().empty()) out.required(addresses, "must contain at least 1 address");
    for (const Place& address : addresses.items()) {
      if (type.is("FQDN")) {
        out.subdomain(address);
      } else {
        check_address(address, out);
        if (type.is("IPv4") && ip_problem(address.text()).empty() && address.text().find(':') != View::npos)
          out.invalid(address, "must be an IPv4 address");
        if (type.is("IPv6") && ip_problem(address.text()).empty() && address.text().find(':') == View::npos)
          out.invalid(address, "must be an IPv6 address");
      }
    }
  }
  std::set<View> names;
  for (const Place& port : object["ports"].items()) {
    if (!port["name"].text().empty()) out.label(port["name"]);
    if (!names.insert(port["name"].text()).second) out.duplicate(port["name"]);
    out.one_of(port["protocol"], {"SCTP", "TCP", "UDP"});
    if (port["port"].given()) out.port(port["port"]);
  }
  if (before) out.unchanged(type, (*before)["addressType"]);
}

}  // namespace

Check network_check(std::string_view kind) {
  if (kind == "Ingress") return check_ingress;
  if (kind == "IngressClass") return check_ingress_class;
  if (kind == "NetworkPolicy") return check_network_policy;
  if (kind == "Endpoints") return check_endpoints;
  return kind == "EndpointSlice" ? check_endpoint_slice : nullptr;
}

}  // namespace fairlead::sandbox
