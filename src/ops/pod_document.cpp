#include "ops/pod_document.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "base/text.h"
#include "ops/object_document.h"
#include "ops/pod_view.h"

namespace fairlead::ops {
namespace {

std::string text(const json::value& value, std::initializer_list<std::string_view> path) {
  return std::string(text_at(value, path));
}

std::string describe_state(const json::value& state, std::int64_t now) {
  if (const auto* waiting = find(state, "waiting")) {
    std::string out = "waiting: " + text(*waiting, {"reason"});
    if (auto message = text_at(*waiting, {"message"}); !message.empty()) out += fmt::format(" ({})", message);
    return out;
  }
  if (const auto* running = find(state, "running"))
    return "running since " + moment(text_at(*running, {"startedAt"}), now);
  if (const auto* ended = find(state, "terminated")) {
    std::string out =
        fmt::format("terminated: {}, exit code {}", text_at(*ended, {"reason"}), integer_at(*ended, {"exitCode"}));
    if (auto signal = integer_at(*ended, {"signal"}); signal != 0) out += fmt::format(", signal {}", signal);
    if (auto at = text_at(*ended, {"finishedAt"}); !at.empty()) out += ", at " + moment(at, now);
    if (auto message = text_at(*ended, {"message"}); !message.empty()) out += fmt::format(" ({})", message);
    return out;
  }
  return "";
}

// " (read-only, sub path conf)"; nothing where there is nothing to add.
std::string in_brackets(const std::vector<std::string>& parts) {
  return parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, ", "));
}

std::string or_not(const json::value& reference) { return flag_at(reference, {"optional"}) ? " (optional)" : ""; }

json::object resource_map(const json::value& container) {
  json::object out;
  for (auto kind : {"requests", "limits"}) {
    std::string line;
    for (const auto& entry : object_at(container, {"resources", kind}))
      if (entry.value().is_string())
        line += fmt::format("{}{}={}", line.empty() ? "" : " ", std::string_view(entry.key()),
                            std::string_view(entry.value().get_string()));
    put(out, kind, line);
  }
  return out;
}

std::string probe(const json::value& value) {
  std::string how = "grpc";
  if (find(value, "exec")) {
    how = "exec";
    for (const auto& word : array_at(value, {"exec", "command"}))
      if (word.is_string()) how += " " + std::string(word.get_string());
  } else if (const auto* http = find(value, "httpGet")) {
    const json::value* port = find(*http, "port");
    const std::string_view host = text_at(*http, {"host"});
    how = fmt::format("GET {}{}{}{} on {}", text_at(*http, {"path"}), host.empty() ? "" : " of host ", host,
                      text_at(*http, {"scheme"}) == "HTTPS" ? " by TLS" : "", port ? compact(*port) : "");
  } else if (const auto* tcp = find(value, "tcpSocket")) {
    const json::value* port = find(*tcp, "port");
    how = fmt::format("tcp {}", port ? compact(*port) : "");
  }
  if (const auto delay = integer_at(value, {"initialDelaySeconds"}); delay > 0)
    how += fmt::format(", begins after {}s", delay);
  how += fmt::format(", every {}s, timeout {}s, fails after {}", integer_at(value, {"periodSeconds"}, 10),
                     integer_at(value, {"timeoutSeconds"}, 1), integer_at(value, {"failureThreshold"}, 3));
  if (const auto successes = integer_at(value, {"successThreshold"}, 1); successes > 1)
    how += fmt::format(", good after {}", successes);
  return how;
}

std::string env_source(const json::value& variable) {
  const json::value* from = find(variable, "valueFrom");
  if (!from) return text(variable, {"value"});
  for (auto [kind, word] : {std::pair{"secretKeyRef", "secret"}, std::pair{"configMapKeyRef", "configmap"}})
    if (const auto* ref = find(*from, kind))
      return fmt::format("from {} {} key {}{}", word, text_at(*ref, {"name"}), text_at(*ref, {"key"}), or_not(*ref));
  if (const auto* ref = find(*from, "fieldRef")) return "from field " + text(*ref, {"fieldPath"});
  if (const auto* ref = find(*from, "resourceFieldRef")) return "from resource " + text(*ref, {"resource"});
  return "from elsewhere";
}

// "http 80/TCP, host port 8080"
std::string port_text(const json::value& port) {
  const std::string_view name = text_at(port, {"name"}), protocol = text_at(port, {"protocol"}),
                         address = text_at(port, {"hostIP"});
  std::string out = fmt::format("{}{}{}/{}", name, name.empty() ? "" : " ", integer_at(port, {"containerPort"}),
                                protocol.empty() ? "TCP" : protocol);
  if (const auto host = integer_at(port, {"hostPort"}); host > 0)
    out += fmt::format(", host port {}{}{}", address, address.empty() ? "" : ":", host);
  return out;
}

std::string env_from_text(const json::value& source) {
  for (auto [kind, word] : {std::pair{"configMapRef", "configmap"}, std::pair{"secretRef", "secret"}}) {
    const auto* ref = find(source, kind);
    if (!ref) continue;
    std::vector<std::string> more;
    if (const auto prefix = text_at(source, {"prefix"}); !prefix.empty())
      more.push_back("with prefix " + std::string(prefix));
    if (flag_at(*ref, {"optional"})) more.emplace_back("optional");
    return fmt::format("{} {}{}", word, text_at(*ref, {"name"}), in_brackets(more));
  }
  return "unknown";
}

std::string mount_text(const json::value& mount) {
  std::vector<std::string> more;
  if (flag_at(mount, {"readOnly"})) more.emplace_back("read-only");
  for (auto key : {"subPath", "subPathExpr"})
    if (const auto path = text_at(mount, {key}); !path.empty()) more.push_back("sub path " + std::string(path));
  return text(mount, {"name"}) + in_brackets(more);
}

json::object container_document(const json::value& container, const json::array& statuses, std::int64_t now) {
  json::object out;
  put(out, "image", text_at(container, {"image"}));
  for (const auto& status : statuses) {
    if (text_at(status, {"name"}) != text_at(container, {"name"})) continue;
    if (const auto* state = find(status, "state")) put(out, "state", describe_state(*state, now));
    if (const auto* last = find(status, "lastState")) put(out, "last_state", describe_state(*last, now));
    out["ready"] = flag_at(status, {"ready"});
    if (auto restarts = integer_at(status, {"restartCount"}); restarts > 0) out["restarts"] = restarts;
  }
  json::array ports;
  for (const auto& port : array_at(container, {"ports"})) ports.emplace_back(port_text(port));
  put(out, "ports", std::move(ports));
  for (auto key : {"command", "args"})
    if (const auto* words = find(container, key)) put(out, key, *words);
  json::object resources = resource_map(container);
  for (auto& entry : resources) out[entry.key()] = entry.value();
  for (auto [key, name] : {std::pair{"livenessProbe", "liveness"}, std::pair{"readinessProbe", "readiness"},
                           std::pair{"startupProbe", "startup"}})
    if (const auto* value = find(container, key)) put(out, name, probe(*value));
  json::object env;
  for (const auto& variable : array_at(container, {"env"})) env[text_at(variable, {"name"})] = env_source(variable);
  put(out, "env", std::move(env));
  json::array env_from;
  for (const auto& source : array_at(container, {"envFrom"})) env_from.emplace_back(env_from_text(source));
  put(out, "env_from", std::move(env_from));
  json::object mounts;
  for (const auto& mount : array_at(container, {"volumeMounts"}))
    mounts[text_at(mount, {"mountPath"})] = mount_text(mount);
  put(out, "mounts", std::move(mounts));
  return out;
}

// "projected: token, configmap kube-root-ca.crt, downward API"
std::string projected(const json::value& volume) {
  std::vector<std::string> sources;
  for (const auto& source : array_at(volume, {"sources"})) {
    if (const auto* map = find(source, "configMap"))
      sources.push_back("configmap " + text(*map, {"name"}) + or_not(*map));
    if (const auto* secret = find(source, "secret"))
      sources.push_back("secret " + text(*secret, {"name"}) + or_not(*secret));
    if (find(source, "downwardAPI")) sources.emplace_back("downward API");
    if (const auto* token = find(source, "serviceAccountToken")) {
      const auto audience = text_at(*token, {"audience"});
      sources.push_back(audience.empty() ? "token" : "token for " + std::string(audience));
    }
  }
  return fmt::format("projected: {}", fmt::join(sources, ", "));
}

std::string volume_source(const json::value& volume) {
  if (const auto* source = find(volume, "persistentVolumeClaim"))
    return "claim " + text(*source, {"claimName"}) + (flag_at(*source, {"readOnly"}) ? " (read-only)" : "");
  if (const auto* source = find(volume, "configMap")) return "configmap " + text(*source, {"name"}) + or_not(*source);
  if (const auto* source = find(volume, "secret")) return "secret " + text(*source, {"secretName"}) + or_not(*source);
  if (const auto* source = find(volume, "hostPath")) return "host path " + text(*source, {"path"});
  if (const auto* source = find(volume, "projected")) return projected(*source);
  if (const auto* source = find(volume, "emptyDir")) {
    std::vector<std::string> more;
    if (const auto medium = text_at(*source, {"medium"}); !medium.empty()) more.push_back("in " + std::string(medium));
    if (const auto size = text_at(*source, {"sizeLimit"}); !size.empty())
      more.push_back("at most " + std::string(size));
    return "emptyDir" + in_brackets(more);
  }
  for (const auto& entry : volume.get_object())
    if (entry.key() != "name") return std::string(entry.key());
  return "unknown";
}

json::value toleration(const json::value& value) {
  std::string out = text(value, {"key"});
  if (auto equal = text_at(value, {"value"}); !equal.empty()) out += "=" + std::string(equal);
  if (out.empty()) out = "everything";
  if (auto effect = text_at(value, {"effect"}); !effect.empty()) out += ":" + std::string(effect);
  if (const auto* seconds = find(value, "tolerationSeconds")) out += " for " + compact(*seconds) + "s";
  return json::value(out);
}

}  // namespace

json::object pod_spec_document(const json::value& spec, const json::value* status, std::int64_t now) {
  json::object out;
  struct Group {
    const char *spec, *status, *key;
  };
  for (const auto& group :
       std::array<Group, 3>{{{"initContainers", "initContainerStatuses", "init_containers"},
                             {"containers", "containerStatuses", "containers"},
                             {"ephemeralContainers", "ephemeralContainerStatuses", "ephemeral_containers"}}}) {
    json::object containers;
    for (const auto& container : array_at(spec, {group.spec}))
      containers[text_at(container, {"name"})] =
          container_document(container, status ? array_at(*status, {group.status}) : json::array(), now);
    put(out, group.key, std::move(containers));
  }
  json::object volumes;
  for (const auto& volume : array_at(spec, {"volumes"}))
    if (volume.is_object()) volumes[text_at(volume, {"name"})] = volume_source(volume);
  put(out, "volumes", std::move(volumes));
  put(out, "node_selector", object_at(spec, {"nodeSelector"}));
  json::array tolerations;
  for (const auto& value : array_at(spec, {"tolerations"})) tolerations.push_back(toleration(value));
  put(out, "tolerations", std::move(tolerations));
  return out;
}

json::object pod_document(const json::value& pod, std::int64_t now) {
  kube::PodView view;
  view_pod(pod, view);
  kube::PodStatus status = kube::pod_status(view);
  json::object out;
  out["name"] = text(pod, {"metadata", "name"});
  out["namespace"] = text(pod, {"metadata", "namespace"});
  out["status"] = status.word;
  out["ready"] = fmt::format("{}/{}", status.ready, status.containers);
  if (status.restarts > 0) out["restarts"] = status.restarts;
  put(out, "reason", text_at(pod, {"status", "reason"}));
  put(out, "message", text_at(pod, {"status", "message"}));
  put(out, "node", text_at(pod, {"spec", "nodeName"}));
  put(out, "ip", text_at(pod, {"status", "podIP"}));
  out["created"] = moment(text_at(pod, {"metadata", "creationTimestamp"}), now);
  if (auto deleted = text_at(pod, {"metadata", "deletionTimestamp"}); !deleted.empty())
    out["deletion"] = std::string(deleted);
  put(out, "controlled_by", controller_of(pod));
  put(out, "labels", object_at(pod, {"metadata", "labels"}));
  put(out, "service_account", text_at(pod, {"spec", "serviceAccountName"}));
  put(out, "priority_class", text_at(pod, {"spec", "priorityClassName"}));
  put(out, "qos", text_at(pod, {"status", "qosClass"}));
  put(out, "conditions", condition_lines(array_at(pod, {"status", "conditions"}), now));
  if (const json::value* spec = find(pod, "spec"))
    for (auto& entry : pod_spec_document(*spec, find(pod, "status"), now)) out[entry.key()] = std::move(entry.value());
  put(out, "annotations", short_annotations(pod));
  return out;
}

}  // namespace fairlead::ops
