#include "diagnosis/containers.h"

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/rules.h"
#include "redact/redact.h"

namespace fairlead::diagnosis {
namespace {

const json::value* state_of(const json::value* status, std::string_view state, std::string_view kind) {
  return status ? find(*status, state, kind) : nullptr;
}

const json::value* member_named(const json::array& all, std::string_view name) {
  for (const auto& one : all)
    if (text_at(one, {"name"}) == name) return &one;
  return nullptr;
}

// A variable's value, for readers: what comes from elsewhere by where it comes from.
std::string value_of(const json::value& variable) {
  if (const auto* from = find(variable, "valueFrom")) {
    for (auto source : {"configMapKeyRef", "secretKeyRef"})
      if (const auto* reference = find(*from, source))
        return fmt::format("(key {} of {} {})", text_at(*reference, {"key"}),
                           std::string_view(source) == "secretKeyRef" ? "Secret" : "ConfigMap",
                           text_at(*reference, {"name"}));
    return "(from the pod)";
  }
  const std::string_view name = text_at(variable, {"name"}), value = text_at(variable, {"value"});
  if (redact::may_name_a_credential(name) && !redact::is_harmless_value(name, value))
    return std::string(redact::kRedacted);
  return redact::text(value);
}

}  // namespace

std::string_view ContainerSeen::waiting() const {
  const auto* state = state_of(status, "state", "waiting");
  if (!state) return {};
  const auto reason = text_at(*state, {"reason"});
  return reason.empty() ? "waiting" : reason;
}
std::string_view ContainerSeen::waiting_message() const {
  const auto* state = state_of(status, "state", "waiting");
  return state ? text_at(*state, {"message"}) : std::string_view();
}
const json::value* ContainerSeen::ended() const {
  if (const auto* now = state_of(status, "state", "terminated")) return now;
  return state_of(status, "lastState", "terminated");
}
bool ContainerSeen::running() const { return state_of(status, "state", "running"); }
bool ContainerSeen::ready() const { return status && flag_at(*status, {"ready"}); }
std::int64_t ContainerSeen::restarts() const { return status ? integer_at(*status, {"restartCount"}) : 0; }

std::vector<ContainerSeen> containers_of(const json::value& pod) {
  std::vector<ContainerSeen> out;
  for (bool init : {true, false}) {
    const auto& statuses = array_at(pod, {"status", init ? "initContainerStatuses" : "containerStatuses"});
    for (const auto& spec : array_at(pod, {"spec", init ? "initContainers" : "containers"})) {
      const auto name = text_at(spec, {"name"});
      out.push_back({std::string(name), init, &spec, member_named(statuses, name)});
    }
  }
  return out;
}

std::vector<SetTwice> set_twice(const json::value& pod_spec) {
  std::vector<SetTwice> out;
  for (auto list : {"initContainers", "containers"}) {
    for (const auto& container : array_at(pod_spec, {list})) {
      const auto& variables = array_at(container, {"env"});
      for (std::size_t i = 0; i < variables.size(); ++i) {
        const auto name = text_at(variables[i], {"name"});
        SetTwice twice{std::string(text_at(container, {"name"})), std::string(name), {value_of(variables[i])}};
        bool first = true, differs = false;
        for (std::size_t j = 0; j < variables.size(); ++j) {
          if (j == i || text_at(variables[j], {"name"}) != name) continue;
          first = first && j > i;
          // Two credentials look alike once they are redacted.
          differs = differs || variables[j] != variables[i];
          twice.values.push_back(value_of(variables[j]));
        }
        // PATH=/x:$(PATH) builds on what came before.
        const bool builds_on_it =
            text_at(variables[i], {"name"}).size() > 0 &&
            std::any_of(variables.begin(), variables.end(), [&](const auto& other) {
              return text_at(other, {"name"}) == name &&
                     text_at(other, {"value"}).find("$(" + std::string(name) + ")") != std::string_view::npos;
            });
        if (first && differs && !builds_on_it && twice.values.size() > 1) out.push_back(std::move(twice));
      }
    }
  }
  return out;
}

std::optional<std::int64_t> probe_port(const json::value& probe, const json::value& container) {
  for (auto kind : {"httpGet", "tcpSocket", "grpc"}) {
    const auto* port = find(probe, kind, "port");
    if (!port) continue;
    if (port->is_int64()) return port->as_int64();
    if (!port->is_string()) return std::nullopt;
    for (const auto& declared : array_at(container, {"ports"}))
      if (text_at(declared, {"name"}) == std::string_view(port->as_string()))
        return integer_at(declared, {"containerPort"});
  }
  return std::nullopt;
}

std::string declared_ports(const json::value& container) {
  std::string out;
  for (const auto& port : array_at(container, {"ports"})) {
    const auto name = text_at(port, {"name"});
    out += fmt::format("{}{}{}", out.empty() ? "" : ", ", integer_at(port, {"containerPort"}),
                       name.empty() ? "" : fmt::format(" ({})", name));
  }
  return out;
}

bool declares_port(const json::value& container, std::int64_t port) {
  const auto& ports = array_at(container, {"ports"});
  return std::any_of(ports.begin(), ports.end(),
                     [&](const auto& declared) { return integer_at(declared, {"containerPort"}) == port; });
}

void explain_template(const Trail& trail, const Ref& owner, const json::value& spec) {
  for (const auto& twice : set_twice(spec)) {
    std::string values;
    for (const auto& value : twice.values) values += (values.empty() ? "" : ", then ") + ("\"" + value + "\"");
    trail.findings.add(
        {.code = "env_set_twice",
         .certainty = Certainty::suspicious,
         .sentence = fmt::format("Container {} sets the environment variable {} {} times, and the last value counts",
                                 twice.container, twice.name, twice.values.size()),
         .at = owner,
         .evidence = {fmt::format("{} is {}", twice.name, values)},
         .next = "Keep one of them in the pod template"});
  }
}

}  // namespace fairlead::diagnosis
