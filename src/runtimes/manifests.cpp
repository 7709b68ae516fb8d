#include "runtimes/manifests.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "runtimes/fields.h"

namespace fairlead::runtimes {
namespace {

using fleet::Exposure;
constexpr std::string_view kBootstrapKey = "bootstrap.sh";
constexpr std::int64_t kBootstrapMode = 0555;
constexpr std::int64_t kGraceSeconds = 30;
// Beside the time that the startup probe gives: to pull the image, and to wait for a node and for the volume.
constexpr std::int64_t kProgressSeconds = 600;

class Maker {
 public:
  Maker(const Profile& profile, const AgentPlace& place, const AgentSpec& spec)
      : profile_(profile), place_(place), spec_(spec) {}

  json::object config_map() const {
    json::object out = head("v1", "ConfigMap", place_.config_map());
    out["data"] = {{kBootstrapKey, profile_.bootstrap}};
    return out;
  }

  json::object secret() const {
    json::object out = head("v1", "Secret", place_.secret()), data;
    out["type"] = "Opaque";
    for (const auto& one : spec_.environment)
      if (one.sensitive) data[one.name] = base64_encode(one.secret.reveal());
    if (!data.empty()) out["data"] = std::move(data);
    return out;
  }

  json::object volume_claim() const {
    json::object out = head("v1", "PersistentVolumeClaim", place_.volume_claim());
    json::object spec{{"accessModes", {"ReadWriteOnce"}},
                      {"resources", {{"requests", {{"storage", canonical_quantity(spec_.storage)}}}}}};
    if (!spec_.storage_class.empty()) spec["storageClassName"] = spec_.storage_class;
    out["spec"] = std::move(spec);
    return out;
  }

  json::object service() const {
    const auto& exposure = spec_.exposure;
    json::object out = head("v1", "Service", place_.object);
    if (!exposure.annotations.empty()) out["metadata"].get_object()["annotations"] = exposure.annotations;
    json::object spec{{"selector", selector()}, {"ports", service_ports()}};
    switch (exposure.mode) {
      case Exposure::cluster_ip: spec["type"] = "ClusterIP"; break;
      case Exposure::node_port: spec["type"] = "NodePort"; break;
      case Exposure::load_balancer:
        spec["type"] = "LoadBalancer";
        spec["externalTrafficPolicy"] = "Local";
        if (!exposure.source_ranges.empty()) spec["loadBalancerSourceRanges"] = texts(exposure.source_ranges);
        if (!exposure.load_balancer_class.empty()) spec["loadBalancerClass"] = exposure.load_balancer_class;
        break;
    }
    out["spec"] = std::move(spec);
    return out;
  }

  json::object network_policy() const {
    json::object out = head("networking.k8s.io/v1", "NetworkPolicy", place_.object);
    json::array from, ports;
    for (const auto& range : spec_.exposure.source_ranges)
      from.push_back(json::object{{"ipBlock", json::object{{"cidr", range}}}});
    for (const Port& port : profile_.ports) ports.push_back({{"protocol", "TCP"}, {"port", port.number}});
    json::array ingress;
    // An empty `from` would be everybody.
    if (!from.empty()) ingress.push_back({{"from", std::move(from)}, {"ports", std::move(ports)}});
    json::object spec{{"podSelector", {{"matchLabels", selector()}}}, {"policyTypes", {"Ingress"}}};
    if (!ingress.empty()) spec["ingress"] = std::move(ingress);
    out["spec"] = std::move(spec);
    return out;
  }

  json::object deployment(std::int64_t revision, int replicas) const {
    const std::string revision_text = std::to_string(revision);
    json::object out = head("apps/v1", "Deployment", place_.object);
    out["metadata"].get_object()["annotations"] = {{kRevisionAnnotation, revision_text}};
    json::object pod{
        {"labels", labels()},
        {"annotations", {{kRevisionAnnotation, revision_text}, {kContentAnnotation, content_digest(spec_, profile_)}}}};
    out["spec"] = {
        {"replicas", replicas},
        {"revisionHistoryLimit", 2},
        {"progressDeadlineSeconds", profile_.startup.period_seconds * profile_.startup.failures + kProgressSeconds},
        {"strategy", {{"type", "Recreate"}}},
        {"selector", {{"matchLabels", selector()}}},
        {"template", {{"metadata", std::move(pod)}, {"spec", pod_spec()}}}};
    return out;
  }

 private:
  static json::array texts(const std::vector<std::string>& all) {
    json::array out;
    for (const auto& one : all) out.push_back(json::value(one));
    return out;
  }

  // By which the Service and the Deployment know the pods. It cannot be changed.
  json::object selector() const { return {{"app.kubernetes.io/instance", place_.object}, {kAgentIdLabel, place_.id}}; }
  json::object labels() const {
    return {{"app.kubernetes.io/name", profile_.name},
            {"app.kubernetes.io/instance", place_.object},
            {"app.kubernetes.io/managed-by", kManagedBy},
            {"fairlead.dev/agent", place_.name},
            {kAgentIdLabel, place_.id}};
  }
  json::object head(std::string_view version, std::string_view kind, const std::string& name) const {
    return {{"apiVersion", version},
            {"kind", kind},
            {"metadata", {{"name", name}, {"namespace", place_.ns}, {"labels", labels()}}}};
  }

  json::array service_ports() const {
    json::array out;
    for (const Port& port : profile_.ports) {
      json::object one{{"name", port.name}, {"port", port.number}, {"protocol", "TCP"}, {"targetPort", port.name}};
      std::int64_t fixed = 0;
      if (port.node_port == Port::NodePort::runtime) fixed = spec_.exposure.runtime_node_port;
      if (port.node_port == Port::NodePort::gateway) fixed = spec_.exposure.gateway_node_port;
      if (spec_.exposure.mode == Exposure::node_port && fixed != 0) one["nodePort"] = fixed;
      out.push_back(std::move(one));
    }
    return out;
  }

  json::object pod_spec() const {
    json::object out{{"automountServiceAccountToken", false},
                     {"enableServiceLinks", false},
                     {"terminationGracePeriodSeconds", kGraceSeconds},
                     {"securityContext", {{"seccompProfile", {{"type", "RuntimeDefault"}}}}}};
    if (!spec_.image_pull_secrets.empty()) {
      json::array secrets;
      for (const auto& name : spec_.image_pull_secrets) secrets.push_back(json::object{{"name", name}});
      out["imagePullSecrets"] = std::move(secrets);
    }
    out["containers"] = json::array{container()};
    out["volumes"] = {
        {{"name", "bootstrap"}, {"configMap", {{"name", place_.config_map()}, {"defaultMode", kBootstrapMode}}}},
        {{"name", "state"}, {"persistentVolumeClaim", {{"claimName", place_.volume_claim()}}}}};
    return out;
  }

  json::object container() const {
    json::object capabilities{{"drop", {"ALL"}}};
    if (!profile_.capabilities.empty()) capabilities["add"] = texts(profile_.capabilities);
    const json::object amounts{{"cpu", canonical_quantity(spec_.cpu)}, {"memory", canonical_quantity(spec_.memory)}};
    json::array command = texts(profile_.command), ports;
    if (command.empty()) command.push_back(json::value(profile_.bootstrap_path + "/" + std::string(kBootstrapKey)));
    for (const Port& port : profile_.ports)
      ports.push_back({{"name", port.name}, {"containerPort", port.number}, {"protocol", "TCP"}});
    json::object out{{"name", kContainer}, {"image", spec_.image}, {"command", std::move(command)}};
    if (json::array all = environment(); !all.empty()) out["env"] = std::move(all);
    out["ports"] = std::move(ports);
    out["resources"] = {{"requests", amounts}, {"limits", amounts}};
    out["securityContext"] = {{"allowPrivilegeEscalation", false}, {"capabilities", std::move(capabilities)}};
    // So that the pod's status says why it ended, to whoever may not read logs too.
    out["terminationMessagePolicy"] = "FallbackToLogsOnError";
    out["startupProbe"] = probe(profile_.startup);
    out["readinessProbe"] = probe(profile_.readiness);
    out["livenessProbe"] = probe(profile_.liveness);
    out["volumeMounts"] = {{{"name", "bootstrap"}, {"mountPath", profile_.bootstrap_path}, {"readOnly", true}},
                           {{"name", "state"}, {"mountPath", profile_.state_path}}};
    return out;
  }

  // Kubernetes reads $(NAME) in a value as that variable, and $$ as $: each $ is doubled, so that it comes as it is.
  static std::string literal(std::string_view value) {
    std::string out;
    for (char c : value) out.append(c == '$' ? 2 : 1, c);
    return out;
  }
  json::array environment() const {
    json::array out;
    for (const auto& one : spec_.environment) {
      json::object entry{{"name", one.name}};
      if (one.sensitive)
        entry["valueFrom"] = {{"secretKeyRef", {{"name", place_.secret()}, {"key", one.name}}}};
      else if (!one.value.empty())
        entry["value"] = literal(one.value);
      out.push_back(std::move(entry));
    }
    return out;
  }
  static json::object probe(const Probe& probe) {
    return {{"tcpSocket", {{"port", probe.port}}},
            {"periodSeconds", probe.period_seconds},
            {"failureThreshold", probe.failures}};
  }

  const Profile& profile_;
  const AgentPlace& place_;
  const AgentSpec& spec_;
};

// With its length, so that what is beside it cannot pass into it.
void add(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace

std::vector<const json::object*> AgentObjects::in_order() const {
  std::vector<const json::object*> out{&config_map, &secret, &volume_claim, &service};
  if (network_policy) out.push_back(&*network_policy);
  out.push_back(&deployment);
  return out;
}

AgentObjects make_objects(const Profile& profile, const AgentPlace& place, const AgentSpec& spec, std::int64_t revision,
                          int replicas) {
  const Maker maker(profile, place, spec);
  AgentObjects out;
  out.config_map = maker.config_map();
  out.secret = maker.secret();
  out.volume_claim = maker.volume_claim();
  out.service = maker.service();
  if (spec.network_policy) out.network_policy = maker.network_policy();
  out.deployment = maker.deployment(revision, replicas);
  return out;
}

json::object namespace_object(std::string_view name) {
  return {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata", {{"name", name}, {"labels", {{"app.kubernetes.io/managed-by", kManagedBy}}}}}};
}

bool belongs_to(const json::value& object, const AgentPlace& place) {
  const json::value* labels = find(object, "metadata", "labels");
  if (!labels || place.id.empty()) return false;
  return text_at(object, {"metadata", "namespace"}) == place.ns &&
         text_at(*labels, {"app.kubernetes.io/managed-by"}) == kManagedBy &&
         text_at(*labels, {"app.kubernetes.io/instance"}) == place.object &&
         text_at(*labels, {kAgentIdLabel}) == place.id;
}

std::string content_digest(const AgentSpec& spec, const Profile& profile) {
  std::string content;
  add(content, profile.bootstrap);
  for (const auto& part : profile.command) add(content, part);
  for (const auto& one : spec.environment) {
    add(content, one.name);
    add(content, one.sensitive ? one.secret.reveal() : std::string_view(one.value));
  }
  const Secret wiped(std::move(content));
  const std::string_view key = spec.digest_key.reveal(), text = wiped.reveal();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
            text.size(), digest.data(), &length))
    return "";
  return to_hex({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace fairlead::runtimes
