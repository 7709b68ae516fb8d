// Services.
#include <set>

#include "base/text.h"
#include "sandbox/names.h"
#include "sandbox/selector.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void check_port(const Place& port, bool named, std::set<View>& names, Findings& out) {
  if (Place name = port["name"]; name.text().empty()) {
    if (named) out.required(name);
  } else {
    out.label(name);
    if (!names.insert(name.text()).second) out.duplicate(name);
  }
  out.port(port["port"]);
  out.one_of(port["protocol"], {"SCTP", "TCP", "UDP"});
  out.port_number_or_name(port["targetPort"]);
  if (Place protocol = port["appProtocol"]; !protocol.text().empty()) out.label_key(protocol);
}

void check_ports(const Place& spec, bool headless, Findings& out) {
  std::vector<Place> ports = spec["ports"].items();
  if (ports.empty() && !headless && !spec["type"].is("ExternalName")) out.required(spec["ports"]);
  if (spec["type"].is("LoadBalancer")) {
    for (const Place& port : ports) {
      if (port["port"].number() == 10'250)
        out.invalid(port, port["port"].value(), "may not expose port 10250 externally since it is used by kubelet");
    }
  }
  std::set<View> names;
  for (const Place& port : ports) check_port(port, ports.size() > 1, names, out);
}

void check_unique_ports(const Place& spec, Findings& out) {
  std::set<std::pair<View, std::int64_t>> node_ports, numbers;
  for (const Place& port : spec["ports"].items()) {
    Place node_port = port["nodePort"];
    if (node_port.number() != 0 && spec["type"].is("ClusterIP"))
      out.forbidden(node_port, "may not be used when `type` is 'ClusterIP'");
    if (node_port.number() != 0 && !node_ports.emplace(port["protocol"].text(), node_port.number()).second)
      out.duplicate(node_port);
  }
  for (const Place& port : spec["ports"].items()) {
    if (numbers.emplace(port["protocol"].text(), port["port"].number()).second) continue;
    json::value key = json::object{{"Name", ""},
                                   {"Protocol", port["protocol"].text()},
                                   {"AppProtocol", nullptr},
                                   {"Port", port["port"].number()},
                                   {"TargetPort", 0},
                                   {"NodePort", 0}};
    out.duplicate(Place(&key, port.path()));
  }
}

void check_affinity(const Place& spec, Findings& out) {
  Place affinity = spec["sessionAffinity"], config = spec["sessionAffinityConfig"];
  out.one_of(affinity, {"ClientIP", "None"});
  if (affinity.is("None") && config.given()) out.forbidden(config, "must not be set when session affinity is None");
  if (!affinity.is("ClientIP")) return;
  Place seconds = config["clientIP"]["timeoutSeconds"];
  if (!seconds.given()) return out.required(seconds, "when session affinity type is ClientIP");
  if (seconds.number() <= 0 || seconds.number() > 86'400)
    out.invalid(seconds, "must be greater than 0 and less than 86400");
}

void check_addresses(const Place& spec, bool headless, Findings& out) {
  Place type = spec["type"];
  if (headless && (type.is("NodePort") || type.is("LoadBalancer"))) {
    out.invalid(spec["clusterIPs"].items().empty() ? spec["clusterIP"] : spec["clusterIPs"].items()[0],
                json::string("None"), "may not be set to 'None' for " + std::string(type.text()) + " services");
  }
  if (type.is("ExternalName")) {
    if (spec["clusterIPs"].given()) out.forbidden(spec["clusterIPs"], "may not be set for ExternalName services");
    if (spec["ipFamilies"].given()) out.forbidden(spec["ipFamilies"], "may not be set for ExternalName services");
    if (spec["ipFamilyPolicy"].given())
      out.forbidden(spec["ipFamilyPolicy"], "may not be set for ExternalName services");
    Place name = spec["externalName"];
    View host = name.text();
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty()) {
      out.required(name);
    } else if (std::string problem = subdomain_problem(host); !problem.empty()) {
      out.invalid(name, json::string(host), problem);
    }
  }
  for (const Place& address : spec["clusterIPs"].items()) {
    if (!headless && !ip_problem(address.text()).empty()) out.invalid(address, ip_problem(address.text()));
  }
  for (const Place& address : spec["externalIPs"].items()) {
    if (std::string problem = ip_problem(address.text()); !problem.empty()) {
      out.invalid(address, problem);
    } else if (View text = address.text(); text == "0.0.0.0" || text == "::") {
      out.invalid(address, "may not be unspecified (" + std::string(text) + ")");
    } else if (text.starts_with("127.") || text == "::1") {
      out.invalid(address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    } else if (text.starts_with("169.254.")) {
      out.invalid(address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    }
  }
}

void check_balancer(const Place& spec, Findings& out) {
  Place ranges = spec["loadBalancerSourceRanges"];
  bool balanced = spec["type"].is("LoadBalancer");
  Place reported(&ranges.value(), "spec.LoadBalancerSourceRanges");
  if (!ranges.items().empty() && !balanced) out.forbidden(reported, "may only be used when `type` is 'LoadBalancer'");
  for (const Place& range : reported.items()) {
    if (!cidr_problem(trim(range.text())).empty()) out.invalid(range, cidr_problem(range.text()));
  }
  if (spec["allocateLoadBalancerNodePorts"].given() && !balanced) {
    out.forbidden(spec["allocateLoadBalancerNodePorts"], "may only be used when `type` is 'LoadBalancer'");
  }
  if (Place name = spec["loadBalancerClass"]; name.given()) {
    if (!balanced) out.forbidden(name, "may only be used when `type` is 'LoadBalancer'");
    out.label_key(name);
  }
  Place policy = spec["externalTrafficPolicy"];
  bool external = balanced || spec["type"].is("NodePort") || !spec["externalIPs"].items().empty();
  if (policy.given()) {
    if (!external) {
      out.invalid(policy, "may only be set for externally-accessible services");
    } else if (!policy.is("Cluster") && !policy.is("Local")) {
      out.not_supported(policy, {"Cluster", "Local"});
    }
  }
  if (Place check = spec["healthCheckNodePort"]; check.number() != 0 && !(balanced && policy.is("Local"))) {
    out.invalid(check, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  } else if (check.number() < 0) {
    out.invalid(check, "HealthCheckNodePort must be not less than 0");
  }
  if (Place internal = spec["internalTrafficPolicy"]; internal.given()) out.one_of(internal, {"Cluster", "Local"});
  if (Place family = spec["ipFamilyPolicy"]; family.given())
    out.one_of(family, {"PreferDualStack", "RequireDualStack", "SingleStack"});
  for (const Place& family : spec["ipFamilies"].items()) out.one_of(family, {"IPv4", "IPv6"});
}

void check_service(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"];
  bool headless = spec["clusterIP"].is("None");
  check_ports(spec, headless, out);
  out.labels(spec["selector"]);
  check_affinity(spec, out);
  check_addresses(spec, headless, out);
  out.one_of(spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  check_unique_ports(spec, out);
  check_balancer(spec, out);
  if (!before) return;
  Place old = (*before)["spec"];
  if (spec["type"].is("ExternalName") || old["type"].is("ExternalName")) return;
  if (old["clusterIP"].text().empty() || old["clusterIP"].text() == spec["clusterIP"].text()) return;
  Place first(&spec["clusterIPs"].value(), "spec.clusterIPs[0]");
  out.invalid(first, "may not change once set");
}

}  // namespace

Check service_check(std::string_view kind) { return kind == "Service" ? check_service : nullptr; }

}  // namespace fairlead::sandbox
