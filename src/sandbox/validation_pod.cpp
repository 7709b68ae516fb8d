// Pods: their specs as a whole, templates of them, and what may change once they are there.
#include <algorithm>
#include <set>

#include "sandbox/names.h"
#include "sandbox/selector.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void check_toleration(const Place& toleration, Findings& out) {
  Place key = toleration["key"], op = toleration["operator"], value = toleration["value"],
        effect = toleration["effect"];
  if (!key.text().empty()) out.label_key(key);
  if (key.text().empty() && !op.is("Exists")) {
    out.invalid(op, json::string(op.text()),
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
  }
  if (toleration["tolerationSeconds"].given() && !effect.is("NoExecute")) {
    out.invalid(effect, json::string(effect.text()), "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (op.text().empty() || op.is("Equal")) {
    if (std::vector<std::string> problems = label_value_problems(value.text()); !problems.empty())
      out.invalid(op, json::string(value.text()), as_one(problems, ";"));
  } else if (op.is("Exists")) {
    if (!value.text().empty())
      out.invalid(op, json::string(value.text()), "value must be empty when `operator` is 'Exists'");
  } else {
    out.not_supported(op, {"Equal", "Exists"});
  }
  if (!effect.text().empty()) out.one_of(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void check_node_term(const Place& term, Findings& out) {
  for (const Place& expression : term["matchExpressions"].items()) {
    Place op = expression["operator"], values = expression["values"];
    std::size_t count = values.items().size();
    if (op.is("In") || op.is("NotIn")) {
      if (count == 0) out.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op.is("Exists") || op.is("DoesNotExist")) {
      if (count > 0) out.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (op.is("Gt") || op.is("Lt")) {
      if (count != 1) out.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
      out.invalid(op, json::string(op.text()), "not a valid selector operator");
    }
    out.label_key(expression["key"]);
  }
}

void check_pod_term(const Place& term, Findings& out) {
  out.label_selector(term["labelSelector"]);
  out.label_selector(term["namespaceSelector"]);
  Place key = term["topologyKey"];
  if (key.text().empty()) out.required(key, "can not be empty");
  out.label_key(key);
}

void check_weight(const Place& weight, Findings& out) {
  if (weight.number() < 1 || weight.number() > 100)
    out.invalid(weight, weight.given() ? weight.value() : json::value(0), "must be in the range 1-100");
}

void check_affinity(const Place& affinity, Findings& out) {
  constexpr View required = "requiredDuringSchedulingIgnoredDuringExecution",
                 preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  Place node = affinity["nodeAffinity"];
  if (node[required].given()) check_node_selector(node[required], out);
  for (const Place& term : node[preferred].items()) {
    check_weight(term["weight"], out);
    check_node_term(term["preference"], out);
  }
  for (View kind : {"podAffinity", "podAntiAffinity"}) {
    for (const Place& term : affinity[kind][required].items()) check_pod_term(term, out);
    for (const Place& term : affinity[kind][preferred].items()) {
      check_weight(term["weight"], out);
      check_pod_term(term["podAffinityTerm"], out);
    }
  }
}

void check_spread(const Place& constraint, Findings& out) {
  if (Place skew = constraint["maxSkew"]; skew.number() <= 0)
    out.invalid(skew, skew.given() ? skew.value() : json::value(0), "must be greater than zero");
  if (Place key = constraint["topologyKey"]; key.text().empty()) out.required(key, "can not be empty");
  if (Place action = constraint["whenUnsatisfiable"]; !action.is("DoNotSchedule") && !action.is("ScheduleAnyway")) {
    out.not_supported(action, {"DoNotSchedule", "ScheduleAnyway"});
  }
  out.label_selector(constraint["labelSelector"]);
}

void check_dns(const Place& spec, Findings& out) {
  out.one_of(spec["dnsPolicy"], {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  Place servers = spec[{"dnsConfig", "nameservers"}];
  if (spec["dnsPolicy"].is("None") && servers.items().empty()) {
    if (!spec["dnsConfig"].given()) {
      out.required(spec["dnsConfig"], "must provide `dnsConfig` when `dnsPolicy` is None");
    } else {
      out.required(servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
  }
  for (const Place& server : servers.items()) {
    if (std::string problem = ip_problem(server.text()); !problem.empty()) out.invalid(server, problem);
  }
  for (const Place& search : spec[{"dnsConfig", "searches"}].items()) {
    std::string text(search.text());
    if (text == ".") continue;
    if (text.ends_with('.')) text.pop_back();
    std::replace(text.begin(), text.end(), '_', 'x');  // which may stand anywhere
    if (std::string problem = subdomain_problem(text); !problem.empty()) out.invalid(search, problem);
  }
  for (const Place& option : spec[{"dnsConfig", "options"}].items()) {
    if (option["name"].text().empty()) out.required(option, "must not be empty");
  }
}

bool is_sysctl_name(View text) {
  auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.size() > 253) return false;
  for (std::size_t start = 0; start <= text.size();) {
    std::size_t end = std::min(text.find_first_of("./", start), text.size());
    View part = text.substr(start, end - start);
    if (part.empty() || !inner(part.front()) || !inner(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return inner(c) || c == '-' || c == '_'; })) return false;
    start = end + 1;
  }
  return true;
}

void check_sysctls(const Place& sysctls, Findings& out) {
  std::set<View> names;
  for (const Place& sysctl : sysctls.items()) {
    Place name = sysctl["name"];
    if (name.text().empty()) {
      out.required(name);
    } else if (!is_sysctl_name(name.text())) {
      out.invalid(name,
                  "must have at most 253 characters and match regex "
                  "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");
    } else if (!names.insert(name.text()).second) {
      out.duplicate(name);
    }
  }
}

// Everything of a pod's spec but what may change.
json::value frozen_part(const Place& pod) {
  json::value out = pod["spec"].given() ? pod["spec"].value() : json::value(json::object());
  if (!out.is_object()) return out;
  for (View list : {"containers", "initContainers"}) {
    auto containers = out.get_object().find(list);
    if (containers == out.get_object().end() || !containers->value().is_array()) continue;
    for (json::value& container : containers->value().get_array()) {
      if (container.is_object()) container.get_object().erase("image");
    }
  }
  for (View field : {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) out.get_object().erase(field);
  return out;
}

json::value without_seconds(const json::value& toleration) {
  json::value out = toleration;
  if (out.is_object()) out.get_object().erase("tolerationSeconds");
  return out;
}

void check_pod_update(const Place& pod, const Place& before, Findings& out) {
  Place spec = pod["spec"], old = before["spec"];
  for (View list : {"containers", "initContainers"}) {
    if (spec[list].items().size() == old[list].items().size()) continue;
    out.forbidden(spec[list], "pod updates may not add or remove containers");
    return;
  }
  for (View list : {"initContainers", "containers"}) {
    for (const Place& container : spec[list].items()) {
      if (container["image"].text().empty()) out.required(container["image"]);
    }
  }
  if (Place deadline = spec["activeDeadlineSeconds"], was = old["activeDeadlineSeconds"]; was.given()) {
    if (!deadline.given()) out.invalid(deadline, "must not update from a positive integer to nil value");
    if (deadline.number() > was.number()) return out.invalid(deadline, "must be less than or equal to previous value");
  }
  std::vector<Place> tolerations = spec["tolerations"].items();
  for (const Place& toleration : old["tolerations"].items()) {
    json::value wanted = without_seconds(toleration.value());
    if (std::any_of(tolerations.begin(), tolerations.end(),
                    [&](const Place& now) { return without_seconds(now.value()) == wanted; }))
      continue;
    out.forbidden(spec["tolerations"], "existing toleration can not be modified except its tolerationSeconds");
    break;
  }
  if (frozen_part(pod) != frozen_part(before)) {
    out.forbidden(spec,
                  "pod updates may not change fields other than "
                  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                  "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
                  "(allow it to be set to 1 if it was "
                  "previously negative)");
  }
}

void check_pod(const Place& pod, const Place* before, Findings& out) {
  check_pod_spec(pod["spec"], PodUse::pod, out);
  if (before) return check_pod_update(pod, *before, out);
  if (!pod[{"spec", "ephemeralContainers"}].items().empty())
    out.forbidden(pod[{"spec", "ephemeralContainers"}], "cannot be set on create");
}

void check_pod_template_object(const Place& object, const Place*, Findings& out) {
  check_pod_template(object["template"], out);
}

}  // namespace

void check_node_selector(const Place& selector, Findings& out) {
  Place terms = selector["nodeSelectorTerms"];
  if (terms.items().empty()) out.required(terms, "must have at least one node selector term");
  for (const Place& term : terms.items()) check_node_term(term, out);
}

void check_pod_spec(const Place& spec, PodUse use, Findings& out) {
  check_volumes(spec["volumes"], out);
  check_containers(spec, out);
  out.one_of(spec["restartPolicy"], {"Always", "OnFailure", "Never"});
  check_dns(spec, out);
  out.labels(spec["nodeSelector"]);
  for (View member : {"runAsUser", "runAsGroup", "fsGroup"}) {
    if (Place id = spec["securityContext"][member]; id.given() && (id.number() < 0 || id.number() > INT32_MAX)) {
      out.invalid(id, "must be between 0 and 2147483647, inclusive");
    }
  }
  check_sysctls(spec["securityContext"]["sysctls"], out);
  check_affinity(spec["affinity"], out);
  for (const Place& gate : spec["readinessGates"].items()) out.label_key(gate["conditionType"]);
  for (const Place& constraint : spec["topologySpreadConstraints"].items()) check_spread(constraint, out);
  for (View member : {"serviceAccountName", "nodeName"}) {
    if (!spec[member].text().empty()) out.subdomain(spec[member]);
  }
  if (Place deadline = spec["activeDeadlineSeconds"];
      deadline.given() && (deadline.number() < 1 || deadline.number() > INT32_MAX)) {
    out.invalid(deadline, "must be between 1 and 2147483647, inclusive");
  }
  for (View member : {"hostname", "subdomain"}) {
    if (!spec[member].text().empty()) out.label(spec[member]);
  }
  for (const Place& toleration : spec["tolerations"].items()) check_toleration(toleration, out);
  for (const Place& alias : spec["hostAliases"].items()) {
    if (std::string problem = ip_problem(alias["ip"].text()); !problem.empty())
      out.invalid(alias["ip"], json::string(alias["ip"].text()), problem);
    for (const Place& name : alias["hostnames"].items()) out.subdomain(name);
  }
  if (!spec["priorityClassName"].text().empty()) out.subdomain(spec["priorityClassName"]);
  if (use == PodUse::pod) {
    for (const Place& container : spec["containers"].items()) {
      View image = container["image"].text();
      if (!image.empty() && (std::isspace(static_cast<unsigned char>(image.front())) ||
                             std::isspace(static_cast<unsigned char>(image.back())))) {
        out.invalid(container["image"], "must not have leading or trailing whitespace");
      }
    }
  }
}

void check_pod_template(const Place& pod_template, Findings& out) {
  out.labels(Place(&pod_template[{"metadata", "labels"}].value(),
                   pod_template["labels"].path()));  // the server's name for them
  check_pod_spec(pod_template["spec"], PodUse::pod_template, out);
}

Check pod_check(std::string_view kind) {
  if (kind == "Pod") return check_pod;
  return kind == "PodTemplate" ? check_pod_template_object : nullptr;
}

}  // namespace fairlead::sandbox
