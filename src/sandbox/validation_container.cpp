// Containers of a pod: names, images, probes, ports, environment, mounts, resources.
#include <algorithm>
#include <map>
#include <set>

#include "sandbox/names.h"
#include "sandbox/quantity.h"
#include "sandbox/selector.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr std::string_view handlers[] = {"exec", "httpGet", "tcpSocket", "grpc", "sleep"};

bool is_header_name(View text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return c < 128 && (std::isalnum(c) != 0 || c == '-'); });
}

void check_http(const Place& http, Findings& out) {
  if (http["path"].text().empty()) out.required(http["path"]);
  out.port_number_or_name(http["port"]);
  if (!http["scheme"].is("HTTP") && !http["scheme"].is("HTTPS")) out.not_supported(http["scheme"], {"HTTP", "HTTPS"});
  for (const Place& header : http["httpHeaders"].items()) {
    View name = header["name"].text();
    if (is_header_name(name)) continue;
    out.invalid(http["httpHeaders"], json::string(name),
                "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used "
                "for validation is '[-A-Za-z0-9]+')");
  }
}

void check_handler(const Place& handler, Findings& out) {
  int found = 0;
  for (View name : handlers) {
    Place one = handler[name];
    if (!one.given()) continue;
    if (found++ > 0) {
      out.forbidden(one, "may not specify more than 1 handler type");
    } else if (name == "exec") {
      if (one["command"].items().empty()) out.required(one["command"]);
    } else if (name == "httpGet") {
      check_http(one, out);
    } else if (name == "tcpSocket") {
      out.port_number_or_name(one["port"]);
    } else if (name == "grpc") {
      out.port(one["port"]);
    }
  }
  if (found == 0) out.required(handler, "must specify a handler type");
}

void check_probe(const Place& probe, bool one_success, Findings& out) {
  if (!probe.given()) return;
  check_handler(probe, out);
  for (View member : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"})
    out.not_negative(probe[member]);
  if (one_success && probe["successThreshold"].number(1) != 1) out.invalid(probe["successThreshold"], "must be 1");
}

void check_ports(const Place& ports, Findings& out) {
  std::set<View> names;
  for (const Place& port : ports.items()) {
    if (Place name = port["name"]; !name.text().empty()) {
      if (!port_name_problems(name.text()).empty()) {
        out.port_name(name);
      } else if (!names.insert(name.text()).second) {
        out.duplicate(name);
      }
    }
    if (port["containerPort"].number() == 0) {
      out.required(port["containerPort"]);
    } else {
      out.port(port["containerPort"]);
    }
    if (port["hostPort"].number() != 0) out.port(port["hostPort"]);
    out.one_of(port["protocol"], {"SCTP", "TCP", "UDP"});
  }
}

void check_key_reference(const Place& reference, Findings& out) {
  out.subdomain(reference["name"]);
  if (Place key = reference["key"]; key.text().empty()) {
    out.required(key);
  } else {
    out.config_key(key, key.text());
  }
}

void check_field_reference(const Place& reference, Findings& out) {
  constexpr std::string_view known[] = {
      "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
      "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
  Place path = reference["fieldPath"];
  if (path.text().empty()) return out.required(path);
  View text = path.text();
  if (text.ends_with("']") && (text.starts_with("metadata.annotations['") || text.starts_with("metadata.labels['")))
    return;
  if (std::find(std::begin(known), std::end(known), text) != std::end(known)) return;
  if (text == "metadata.annotations" || text == "metadata.labels" || text == "status.phase") {
    return out.not_supported(
        path, {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
               "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"});
  }
  out.invalid(path, "error converting fieldPath: field label not supported: " + std::string(text));
}

void check_resource_reference(const Place& reference, Findings& out) {
  Place resource = reference["resource"];
  if (resource.text().empty()) return out.required(resource);
  View text = resource.text();
  if (text.starts_with("requests.hugepages-") || text.starts_with("limits.hugepages-")) return;
  out.one_of(resource, {"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
                        "requests.ephemeral-storage", "requests.memory"});
}

void check_environment(const Place& container, Findings& out) {
  const json::value empty = json::string();
  for (const Place& variable : container["env"].items()) {
    if (Place name = variable["name"]; name.text().empty()) {
      out.required(name);
    } else if (std::string problem = environment_name_problem(name.text()); !problem.empty()) {
      out.invalid(name, problem);
    }
    Place from = variable["valueFrom"];
    if (!from.given()) continue;
    int sources = 0;
    for (View source : {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"}) {
      Place one = from[source];
      if (!one.given()) continue;
      ++sources;
      if (source == "fieldRef") check_field_reference(one, out);
      if (source == "resourceFieldRef") check_resource_reference(one, out);
      if (source == "configMapKeyRef" || source == "secretKeyRef") check_key_reference(one, out);
    }
    if (sources == 0) {
      out.invalid(from, empty,
                  "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                  "`fileKeyRef`");
    } else if (!variable["value"].text().empty()) {
      out.invalid(from, empty, "may not be specified when `value` is not empty");
    } else if (sources > 1) {
      out.invalid(from, empty, "may not have more than one field specified at a time");
    }
  }
  for (const Place& source : container["envFrom"].items()) {
    int sources = source["configMapRef"].given() + source["secretRef"].given();
    if (Place prefix = source["prefix"]; !prefix.text().empty()) {
      if (std::string problem = environment_name_problem(prefix.text()); !problem.empty()) out.invalid(prefix, problem);
    }
    for (View kind : {"configMapRef", "secretRef"}) {
      if (!source[kind].given()) continue;
      if (source[kind]["name"].text().empty()) {
        out.required(source[kind]["name"]);
      } else {
        out.subdomain(source[kind]["name"]);
      }
    }
    if (sources == 0) out.invalid(container["envFrom"], empty, "must specify one of: `configMapRef` or `secretRef`");
    if (sources > 1) out.invalid(container["envFrom"], empty, "may not have more than one field specified at a time");
  }
}

// A path inside a volume must not lead out of it.
// The server names it without the mount's number.
void check_inner_path(const Place& inner, const std::string& mounts, std::string_view member, Findings& out) {
  Place path(&inner.value(), mounts + "." + std::string(member));
  View text = path.text();
  if (text.starts_with('/')) out.invalid(path, "must be a relative path");
  std::string around = "/" + std::string(text) + "/";
  if (around.find("/../") != around.npos) out.invalid(path, "must not contain '..'");
}

void check_mounts(const Place& container, const std::map<std::string, bool, std::less<>>& volumes, Findings& out) {
  std::set<View> paths;
  for (const Place& mount : container["volumeMounts"].items()) {
    Place name = mount["name"], path = mount["mountPath"];
    if (name.text().empty()) out.required(name);
    if (!volumes.contains(name.text())) out.not_found(name);
    if (path.text().empty()) {
      out.required(path);
    } else if (!paths.insert(path.text()).second) {
      out.invalid(path, "must be unique");
    }
    if (!mount["subPath"].text().empty())
      check_inner_path(mount["subPath"], container["volumeMounts"].path(), "subPath", out);
    if (Place expression = mount["subPathExpr"]; !expression.text().empty()) {
      if (!mount["subPath"].text().empty()) out.invalid(expression, "subPathExpr and subPath are mutually exclusive");
      check_inner_path(expression, container["volumeMounts"].path(), "subPathExpr", out);
    }
  }
  for (const Place& device : container["volumeDevices"].items()) {
    Place name = device["name"];
    auto found = volumes.find(name.text());
    if (name.text().empty()) {
      out.required(name);
    } else if (found == volumes.end()) {
      out.not_found(name);
    } else if (!found->second) {
      out.invalid(name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    }
    if (device["devicePath"].text().empty()) out.required(device["devicePath"]);
  }
}

bool standard_resource(View name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

bool overcommitted(View name) { return !is_qualified(name) && !name.starts_with("hugepages-"); }

void check_resource_name(const Place& place, View name, Findings& out) {
  if (std::vector<std::string> problems = label_key_problems(name); !problems.empty())
    return out.invalid(place, json::string(name), problems);
  if (is_qualified(name)) {
    if (name.find("kubernetes.io/") != name.npos || name.starts_with("requests."))
      out.invalid(place, json::string(name), "doesn't follow extended resource name standard");
    return;
  }
  if (!standard_resource(name)) {
    out.invalid(place, json::string(name), "must be a standard resource type or fully qualified");
    out.invalid(place, json::string(name), "must be a standard resource for containers");
  }
}

void check_container(const Place& container, Findings& out, const std::map<std::string, bool, std::less<>>& volumes,
                     bool init) {
  bool sidecar = init && container["restartPolicy"].is("Always");
  if (container["image"].text().empty()) out.required(container["image"]);
  if (init && !sidecar) {
    for (View member : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      if (container[member].given())
        out.forbidden(container[member], "may not be set for init containers without restartPolicy=Always");
    }
  } else {
    for (View hook : {"postStart", "preStop"}) {
      Place handler = container[{"lifecycle", hook}];
      if (handler.given()) check_handler(handler, out);
    }
    check_probe(container["livenessProbe"], true, out);
    check_probe(container["readinessProbe"], false, out);
    check_probe(container["startupProbe"], true, out);
  }
  if (Place policy = container["terminationMessagePolicy"]; !policy.is("File") && !policy.is("FallbackToLogsOnError")) {
    out.not_supported(policy, {"File", "FallbackToLogsOnError"});
  }
  check_ports(container["ports"], out);
  check_environment(container, out);
  check_mounts(container, volumes, out);
  out.one_of(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"});
  check_resources(container["resources"], out);
  Place security = container["securityContext"];
  for (View member : {"runAsUser", "runAsGroup"}) {
    if (Place id = security[member]; id.given() && (id.number() < 0 || id.number() > INT32_MAX))
      out.invalid(id, "must be between 0 and 2147483647, inclusive");
  }
  if (security["allowPrivilegeEscalation"].given() && !security["allowPrivilegeEscalation"].flag() &&
      security["privileged"].flag()) {
    out.invalid(security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  }
}

void check_host_ports(const std::vector<Place>& containers, Findings& out) {
  std::set<std::string> taken;
  for (const Place& container : containers) {
    for (const Place& port : container["ports"].items()) {
      if (port["hostPort"].number() <= 0) continue;
      std::string key = std::string(port["protocol"].text()) + "/" + std::string(port["hostIP"].text()) + "/" +
                        std::to_string(port["hostPort"].number());
      if (taken.insert(key).second) continue;
      json::value shown = json::string(key);
      out.duplicate(Place(&shown, port["hostPort"].path()));
    }
  }
}

}  // namespace

void check_resources(const Place& resources, Findings& out) {
  Place limits = resources["limits"], requests = resources["requests"];
  auto each = [&](const Place& list, auto then) {
    if (!list.value().is_object()) return;
    for (const auto& entry : list.value().get_object()) {
      View name = entry.key();
      Place place = list.entry(name);
      check_resource_name(place, name, out);
      out.amount(place, name);
      if (auto quantity = Quantity::parse(place.text())) then(name, *quantity);
    }
  };
  each(limits, [](View, const Quantity&) {});
  each(requests, [&](View name, const Quantity& wanted) {
    auto limit = Quantity::parse(limits.entry(name).text());
    json::value shown = json::string(wanted.text());
    if (!limit) {
      if (!overcommitted(name)) out.required(limits, "Limit must be set for non overcommitable resources");
    } else if (wanted != *limit && !overcommitted(name)) {
      out.invalid(requests, shown, "must be equal to " + std::string(name) + " limit of " + limit->text());
    } else if (wanted > *limit) {
      out.invalid(requests, shown, "must be less than or equal to " + std::string(name) + " limit of " + limit->text());
    }
  });
}

void check_containers(const Place& spec, Findings& out) {
  std::map<std::string, bool, std::less<>> volumes;  // and whether they can be a device
  for (const Place& volume : spec["volumes"].items()) {
    volumes.emplace(volume["name"].text(), volume["persistentVolumeClaim"].given() || volume["ephemeral"].given());
  }
  std::set<View> names;
  auto all = [&](View list, bool init) {
    for (const Place& container : spec[list].items()) {
      Place name = container["name"];
      if (name.text().empty()) {
        out.required(name);
      } else {
        out.label(name);
        if (!names.insert(name.text()).second) out.duplicate(name);
      }
      check_container(container, out, volumes, init);
    }
  };
  if (spec["containers"].items().empty()) out.required(spec["containers"]);
  all("containers", false);
  check_host_ports(spec["containers"].items(), out);
  all("initContainers", true);
}

}  // namespace fairlead::sandbox
