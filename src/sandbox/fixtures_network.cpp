// Services with what is behind them, and what leads to them.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::size_t slice_size = 100, most_in_endpoints = 1000;
constexpr std::string_view service_label = "kubernetes.io/service-name",
                           manager_label = "endpointslice.kubernetes.io/managed-by";

json::object pod_reference(const Backend& one, std::string_view space) {
  return {{"kind", "Pod"}, {"name", one.pod}, {"namespace", space}, {"uid", one.uid}};
}

json::object service_port(std::string_view name, std::int64_t port, json::value target,
                          std::string_view protocol = "TCP") {
  return {{"name", name}, {"protocol", protocol}, {"port", port}, {"targetPort", std::move(target)}};
}

json::object labels_of_app(std::string_view name) { return {{"app.kubernetes.io/name", name}}; }

}  // namespace

std::string FixtureBuilder::free_address(std::string_view name) {
  for (std::uint64_t i = stable_hash(name);; ++i) {
    std::string address = "10.96." + std::to_string(i % 250) + "." + std::to_string(20 + i / 250 % 230);
    if (addresses_.insert(address).second) return address;
  }
}

ObjectPtr FixtureBuilder::add_service(const ServiceShape& shape) {
  std::string address = shape.address.empty() ? free_address(shape.namespace_name + "/" + shape.name) : shape.address;
  bool balanced = shape.type == "LoadBalancer";
  json::object metadata = stamp(shape.namespace_name, shape.name, now_ - 41 * day);
  metadata["labels"] =
      shape.selector.empty() ? json::object{{"component", "apiserver"}, {"provider", "kubernetes"}} : shape.selector;
  json::object spec{{"ports", shape.ports},
                    {"clusterIP", address},
                    {"clusterIPs", json::array{address}},
                    {"type", shape.type},
                    {"sessionAffinity", "None"},
                    {"ipFamilies", json::array{"IPv4"}},
                    {"ipFamilyPolicy", "SingleStack"},
                    {"internalTrafficPolicy", "Cluster"}};
  if (!shape.selector.empty()) spec["selector"] = shape.selector;
  json::object status{{"loadBalancer", json::object()}};
  if (shape.type != "ClusterIP") spec["externalTrafficPolicy"] = "Cluster";
  if (balanced) {
    spec["allocateLoadBalancerNodePorts"] = true;
    metadata["finalizers"] = json::array{"service.kubernetes.io/load-balancer-cleanup"};
    status["loadBalancer"] =
        json::object{{"ingress", json::array{json::object{{"ip", "203.0.113.10"}, {"ipMode", "VIP"}}}}};
  }
  json::object service{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}, {"status", std::move(status)}};
  return objects_.insert(resource("", "services"), std::move(service));
}

void FixtureBuilder::add_service(const App& app) {
  ServiceShape shape;
  shape.namespace_name = app.namespace_name;
  shape.name = app.service.empty() ? app.name : app.service;
  shape.selector = labels_of_app(app.name);
  json::array ports{service_port("http", 80, app.port)};
  if (shape.name == "kube-dns") {
    shape.address = "10.96.0.10";
    ports = json::array{service_port("dns", 53, 53, "UDP"), service_port("dns-tcp", 53, 53),
                        service_port("metrics", 9153, 9153)};
  }
  if (app.namespace_name == "shop" && app.name == "frontend") {
    shape.type = "LoadBalancer";
    ports[0].get_object()["nodePort"] = 31'080;
  }
  shape.ports = ports;
  ObjectPtr stored = add_service(shape);
  if (!stored) return;
  for (json::value& port : ports) {
    json::object& one = port.get_object();
    one["port"] = json::value(one["targetPort"]);
    one.erase("targetPort");
    one.erase("nodePort");
  }
  add_endpoints(*stored, objects_.load(*stored), std::move(ports));
}

// As the controllers write them, so that they find them in order. `ports` are those of the pods.
void FixtureBuilder::add_endpoints(const Object& service, const json::value& value, json::array ports) {
  std::int64_t born = now_ - 41 * day;
  bool headless = text_at(value, {"spec", "clusterIP"}) == "None";
  std::vector<Backend> by_address = backends_, by_name = backends_;
  std::sort(by_address.begin(), by_address.end(),
            [](const Backend& a, const Backend& b) { return a.address < b.address; });
  std::sort(by_name.begin(), by_name.end(), [](const Backend& a, const Backend& b) { return a.pod < b.pod; });
  json::object subset;
  for (std::size_t i = 0; i < std::min(by_address.size(), most_in_endpoints); ++i) {
    const Backend& one = by_address[i];
    json::object address{
        {"ip", one.address}, {"nodeName", one.node}, {"targetRef", pod_reference(one, service.namespace_name)}};
    array_in(subset, one.ready ? "addresses" : "notReadyAddresses").push_back(std::move(address));
  }
  json::array subsets;
  if (!subset.empty()) {
    subset["ports"] = ports;
    subsets.push_back(std::move(subset));
  }
  json::object labels = object_at(value, {"metadata", "labels"});
  if (headless) labels["service.kubernetes.io/headless"] = "";
  json::object slice_labels = labels;
  labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
  json::object metadata = stamp(service.namespace_name, service.name, born);
  metadata["labels"] = std::move(labels);
  objects_.insert(resource("", "endpoints"),
                  json::object{{"metadata", std::move(metadata)}, {"subsets", std::move(subsets)}});

  slice_labels[service_label] = service.name;
  slice_labels[manager_label] = "endpointslice-controller.k8s.io";
  json::object owner{{"apiVersion", "v1"}, {"kind", "Service"},  {"name", service.name},
                     {"uid", service.uid}, {"controller", true}, {"blockOwnerDeletion", true}};
  for (std::size_t first = 0; first == 0 || first < by_name.size(); first += slice_size) {
    json::array endpoints;
    for (std::size_t i = first; i < std::min(by_name.size(), first + slice_size); ++i) {
      const Backend& one = by_name[i];
      json::object endpoint{
          {"addresses", json::array{one.address}},
          {"conditions", json::object{{"ready", one.ready}, {"serving", one.ready}, {"terminating", false}}},
          {"targetRef", pod_reference(one, service.namespace_name)},
          {"nodeName", one.node}};
      if (auto zone = zones_.find(one.node); zone != zones_.end()) endpoint["zone"] = zone->second;
      endpoints.push_back(std::move(endpoint));
    }
    json::object slice =
        stamp(service.namespace_name, service.name + "-" + name_suffix(stable_hash(service.uid, first)), born);
    slice["generateName"] = service.name + "-";
    slice["generation"] = 1;
    slice["labels"] = slice_labels;
    slice["ownerReferences"] = json::array{owner};
    objects_.insert(resource("discovery.k8s.io", "endpointslices"), json::object{{"metadata", std::move(slice)},
                                                                                 {"addressType", "IPv4"},
                                                                                 {"endpoints", std::move(endpoints)},
                                                                                 {"ports", ports}});
  }
}

void FixtureBuilder::add_network() {
  // The API server's own, which it keeps up itself.
  ServiceShape api{"default",   "kubernetes", "ClusterIP",
                   "10.96.0.1", {},           json::array{service_port("https", 443, 6443)}};
  json::array api_port{json::object{{"name", "https"}, {"port", 6443}, {"protocol", "TCP"}}};
  add_service(api);
  std::string first = nodes_.empty() ? "10.0.0.10" : nodes_.front().second;
  json::object endpoints = stamp("default", "kubernetes", now_ - 83 * day),
               slice = stamp("default", "kubernetes", now_ - 83 * day);
  endpoints["labels"] = json::object{{"endpointslice.kubernetes.io/skip-mirror", "true"}};
  slice["labels"] = json::object{{service_label, "kubernetes"}};
  slice["generation"] = 1;
  objects_.insert(
      resource("", "endpoints"),
      json::object{{"metadata", std::move(endpoints)},
                   {"subsets", json::array{json::object{{"addresses", json::array{json::object{{"ip", first}}}},
                                                        {"ports", api_port}}}}});
  objects_.insert(
      resource("discovery.k8s.io", "endpointslices"),
      json::object{{"metadata", std::move(slice)},
                   {"addressType", "IPv4"},
                   {"ports", api_port},
                   {"endpoints", json::array{json::object{{"addresses", json::array{first}},
                                                          {"conditions", json::object{{"ready", true}}}}}}});

  // Nothing has these labels since the app was taken over by checkout.
  backends_.clear();
  ServiceShape legacy{"shop", "legacy-orders",         "ClusterIP",
                      "",     labels_of_app("orders"), json::array{service_port("http", 80, 8080)}};
  if (ObjectPtr stored = add_service(legacy)) {
    add_endpoints(*stored, objects_.load(*stored),
                  json::array{json::object{{"name", "http"}, {"port", 8080}, {"protocol", "TCP"}}});
  }

  json::object ingress_class = stamp("", "nginx", now_ - 80 * day);
  ingress_class["generation"] = 1;
  ingress_class["annotations"] = json::object{{"ingressclass.kubernetes.io/is-default-class", "true"}};
  objects_.insert(resource("networking.k8s.io", "ingressclasses"),
                  json::object{{"metadata", std::move(ingress_class)},
                               {"spec", json::object{{"controller", "k8s.io/ingress-nginx"}}}});
  auto path = [](std::string_view where, std::string_view service) {
    json::object backend{{"service", json::object{{"name", service}, {"port", json::object{{"number", 80}}}}}};
    return json::object{{"path", where}, {"pathType", "Prefix"}, {"backend", std::move(backend)}};
  };
  json::object rule{
      {"host", "shop.example.com"},
      {"http", json::object{{"paths", json::array{path("/checkout", "checkout"), path("/", "frontend")}}}}};
  json::object ingress = stamp("shop", "shop", now_ - 40 * day);
  ingress["generation"] = 1;
  objects_.insert(
      resource("networking.k8s.io", "ingresses"),
      json::object{
          {"metadata", std::move(ingress)},
          {"spec", json::object{{"ingressClassName", "nginx"},
                                {"rules", json::array{std::move(rule)}},
                                {"tls", json::array{json::object{{"hosts", json::array{"shop.example.com"}},
                                                                 {"secretName", "shop-tls"}}}}}},
          {"status", json::object{{"loadBalancer",
                                   json::object{{"ingress", json::array{json::object{{"ip", "203.0.113.20"}}}}}}}}});

  auto policy = [&](std::string_view space, std::string_view name, json::object spec) {
    json::object metadata = stamp(space, name, now_ - 39 * day);
    metadata["generation"] = 1;
    spec["policyTypes"] = json::array{"Ingress"};
    objects_.insert(resource("networking.k8s.io", "networkpolicies"),
                    json::object{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}});
  };
  auto selects = [](json::object labels) { return json::object{{"matchLabels", std::move(labels)}}; };
  policy("shop", "default-deny", {{"podSelector", json::object()}});
  json::object from_frontend{{"from", json::array{json::object{{"podSelector", selects(labels_of_app("frontend"))}}}},
                             {"ports", json::array{json::object{{"protocol", "TCP"}, {"port", 8080}}}}};
  policy("shop", "frontend-to-cart",
         {{"podSelector", selects(labels_of_app("cart"))}, {"ingress", json::array{std::move(from_frontend)}}});
  json::object from_anywhere{
      {"from",
       json::array{json::object{{"namespaceSelector", selects({{"kubernetes.io/metadata.name", "monitoring"}})}}}}};
  policy("shop", "scrape-metrics",
         {{"podSelector", json::object()}, {"ingress", json::array{std::move(from_anywhere)}}});
}

}  // namespace fairlead::sandbox
