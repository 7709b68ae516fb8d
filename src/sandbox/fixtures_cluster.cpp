#include "base/text.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t cluster_age = 83 * day;

json::object managed(std::string_view manager, std::string_view version, std::string_view at, json::object fields,
                     std::string_view subresource = {}) {
  json::object out{{"manager", manager}, {"operation", "Update"},    {"apiVersion", version},
                   {"time", at},         {"fieldsType", "FieldsV1"}, {"fieldsV1", std::move(fields)}};
  if (!subresource.empty()) out["subresource"] = subresource;
  return out;
}

json::object node_condition(std::string_view type, bool holds, std::string_view reason, std::string_view message,
                            std::string_view seen, std::string_view since) {
  return {{"type", type},
          {"status", holds ? "True" : "False"},
          {"lastHeartbeatTime", seen},
          {"lastTransitionTime", since},
          {"reason", reason},
          {"message", message}};
}

json::array node_images() {
  json::array out;
  constexpr std::pair<std::string_view, std::int64_t> images[] = {
      {"registry.k8s.io/etcd:3.6.4-0", 74'311'308},
      {"registry.k8s.io/kube-apiserver:v1.36.0", 27'066'504},
      {"registry.k8s.io/kube-proxy:v1.36.0", 25'963'701},
      {"registry.k8s.io/coredns/coredns:v1.12.1", 22'384'805},
      {"registry.example.com/shop/frontend:4.2.1", 58'112'930},
      {"registry.example.com/shop/cart:2.17.0", 41'730'112},
      {"quay.io/prometheus/prometheus:v3.5.0", 128'455'021},
      {"registry.k8s.io/pause:3.10.1", 320'448},
  };
  for (auto [name, size] : images) {
    std::string repository(name.substr(0, name.rfind(':')));
    out.push_back(json::object{{"names", json::array{repository + "@sha256:" + hex_digest(stable_hash(name)), name}},
                               {"sizeBytes", size}});
  }
  return out;
}

}  // namespace

json::object FixtureBuilder::stamp(std::string_view namespace_name, std::string_view name, std::int64_t born) {
  json::object out{{"name", name}, {"uid", objects_.make_uid()}, {"creationTimestamp", format_rfc3339(born)}};
  if (!namespace_name.empty()) out["namespace"] = namespace_name;
  return out;
}

void FixtureBuilder::add_config(std::string_view namespace_name, std::string_view name, json::object data) {
  json::object metadata = stamp(namespace_name, name, now_ - cluster_age);
  objects_.insert(resource("", "configmaps"),
                  json::object{{"metadata", std::move(metadata)}, {"data", std::move(data)}});
}

void FixtureBuilder::add_namespace(std::string_view name) {
  if (objects_.store().find(resource("", "namespaces"), "", name)) return;
  json::object metadata = stamp("", name, now_ - cluster_age);
  metadata["labels"] = json::object{{"kubernetes.io/metadata.name", name}};
  metadata["managedFields"] = json::array{managed(
      "kube-apiserver", "v1", format_rfc3339(now_ - cluster_age),
      {{"f:metadata", json::object{{"f:labels", json::object{{".", json::object()},
                                                             {"f:kubernetes.io/metadata.name", json::object()}}}}}})};
  objects_.insert(resource("", "namespaces"),
                  json::object{{"metadata", std::move(metadata)},
                               {"spec", json::object{{"finalizers", json::array{"kubernetes"}}}},
                               {"status", json::object{{"phase", "Active"}}}});
  objects_.insert(resource("", "serviceaccounts"),
                  json::object{{"metadata", stamp(name, "default", now_ - cluster_age)}});
  add_config(name, "kube-root-ca.crt",
             {{"ca.crt", "-----BEGIN CERTIFICATE-----\n(the cluster's certificate)\n-----END CERTIFICATE-----\n"}});
}

void FixtureBuilder::add_nodes() {
  for (int i = 0; i < options_.nodes; ++i) {
    std::string name = "node-" + std::to_string(i + 1);
    std::string address = "10.0." + std::to_string(i / 250) + "." + std::to_string(10 + i % 240);
    nodes_.emplace_back(name, address);
    std::string zone = std::string("europe-west3-") + "abc"[i % 3];
    zones_[name] = zone;
    std::int64_t born = now_ - cluster_age + i * 41;
    std::string seen = format_rfc3339(now_ - static_cast<std::int64_t>(stable_hash(name) % 240)),
                since = format_rfc3339(born + 22);
    json::object metadata = stamp("", name, born);
    json::object labels{{"beta.kubernetes.io/arch", "amd64"},
                        {"beta.kubernetes.io/os", "linux"},
                        {"kubernetes.io/arch", "amd64"},
                        {"kubernetes.io/hostname", name},
                        {"kubernetes.io/os", "linux"},
                        {"node.kubernetes.io/instance-type", "e2-standard-8"},
                        {"topology.kubernetes.io/region", "europe-west3"},
                        {"topology.kubernetes.io/zone", zone}};
    json::object spec{{"podCIDR", "10.244." + std::to_string(i % 250) + ".0/24"},
                      {"providerID", "gce://fairlead-sandbox/" + zone + "/" + name}};
    spec["podCIDRs"] = json::array{spec["podCIDR"]};
    if (i == 0 && options_.nodes > 1) {
      labels["node-role.kubernetes.io/control-plane"] = "";
      spec["taints"] =
          json::array{json::object{{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}}};
    }
    metadata["labels"] = labels;
    metadata["annotations"] = json::object{{"node.alpha.kubernetes.io/ttl", "0"},
                                           {"volumes.kubernetes.io/controller-managed-attach-detach", "true"}};
    json::object label_fields{{".", json::object()}};
    for (const auto& label : labels) label_fields["f:" + std::string(label.key())] = json::object();
    metadata["managedFields"] = json::array{
        managed("kubelet", "v1", since, {{"f:metadata", json::object{{"f:labels", label_fields}}}}),
        managed("kube-controller-manager", "v1", since, {{"f:spec", json::object{{"f:podCIDR", json::object()}}}})};
    json::object capacity{{"cpu", "8"},
                          {"ephemeral-storage", "98831908Ki"},
                          {"hugepages-1Gi", "0"},
                          {"hugepages-2Mi", "0"},
                          {"memory", "32861980Ki"},
                          {"pods", "110"}};
    json::object allocatable{{"cpu", "7910m"},         {"ephemeral-storage", "91083486262"},
                             {"hugepages-1Gi", "0"},   {"hugepages-2Mi", "0"},
                             {"memory", "30145308Ki"}, {"pods", "110"}};
    json::array conditions{
        node_condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available",
                       seen, since),
        node_condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", seen, since),
        node_condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", seen,
                       since),
        node_condition("Ready", true, "KubeletReady", "kubelet is posting ready status", seen, since)};
    json::object info{{"machineID", hex_digest(stable_hash(name)).substr(0, 32)},
                      {"systemUUID", objects_.make_uid()},
                      {"bootID", objects_.make_uid()},
                      {"kernelVersion", "6.12.38+deb13-cloud-amd64"},
                      {"osImage", "Debian GNU/Linux 13 (trixie)"},
                      {"containerRuntimeVersion", "containerd://2.1.4"},
                      {"kubeletVersion", "v1.36.0"},
                      {"kubeProxyVersion", ""},
                      {"operatingSystem", "linux"},
                      {"architecture", "amd64"}};
    json::object status{{"capacity", capacity},
                        {"allocatable", allocatable},
                        {"conditions", conditions},
                        {"addresses", json::array{json::object{{"type", "InternalIP"}, {"address", address}},
                                                  json::object{{"type", "Hostname"}, {"address", name}}}},
                        {"daemonEndpoints", json::object{{"kubeletEndpoint", json::object{{"Port", 10250}}}}},
                        {"nodeInfo", info},
                        {"images", node_images()}};
    objects_.insert(
        resource("", "nodes"),
        json::object{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}, {"status", std::move(status)}});
  }
}

void FixtureBuilder::add_secret(std::string_view namespace_name, std::string_view name, std::string_view type,
                                json::object data) {
  json::object metadata = stamp(namespace_name, name, now_ - cluster_age);
  objects_.insert(resource("", "secrets"),
                  json::object{{"metadata", std::move(metadata)}, {"type", type}, {"data", std::move(data)}});
}

void FixtureBuilder::add_plain_objects() {
  for (std::string_view name : {"default", "kube-node-lease", "kube-public", "kube-system", "monitoring", "shop"})
    add_namespace(name);
  add_config(
      "shop", "payments-config",
      {{"config.yaml", "log:\n  level: info\ndatabase:\n  host: payments-db.shop.svc.cluster.local\n  port: 5432\n"}});
  add_config("shop", "frontend-config", {{"FEATURE_NEW_CHECKOUT", "true"}, {"LOG_LEVEL", "info"}});
  add_config("kube-system", "coredns",
             {{"Corefile",
               ".:53 {\n    errors\n    health\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n    forward . "
               "/etc/resolv.conf\n    cache 30\n}\n"}});
  std::string password = "sandbox-" + hex_digest(objects_.random()).substr(0, 12);
  add_secret("shop", "payments-db", "Opaque",
             {{"username", base64_encode("payments")}, {"password", base64_encode(password)}});
  add_secret(
      "shop", "shop-tls", "kubernetes.io/tls",
      {{"tls.crt", base64_encode("-----BEGIN CERTIFICATE-----\n(shop.example.com)\n-----END CERTIFICATE-----\n")},
       {"tls.key",
        base64_encode("-----BEGIN PRIVATE KEY-----\n(none: this is a sandbox)\n-----END PRIVATE KEY-----\n")}});
}

}  // namespace fairlead::sandbox
