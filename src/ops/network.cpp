// Services, Ingresses and NetworkPolicies.
#include <fmt/format.h>

#include "base/text.h"
#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/endpoints.h"
#include "ops/kind.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"
#include "ops/service_document.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

void add_service(Rows& rows, const json::value& service, std::int64_t) {
  const auto external = external_addresses(service);
  const bool pending = external.size() == 1 && external[0] == kPendingAddress;
  rows.begin_row(pending ? 0 : 1);
  add_name(rows, service);
  rows.text(text_at(service, {"spec", "type"}));
  rows.text(text_at(service, {"spec", "clusterIP"}));
  rows.begin_list();
  for (const auto& address : external) rows.list_item(address);
  rows.begin_list();
  for (const auto& port : array_at(service, {"spec", "ports"})) rows.list_item(service_port(port));
  add_created(rows, service);
  rows.text(map_selector_text(object_at(service, {"spec", "selector"})));
}

std::string backend_text(const json::value& backend) {
  const json::value* service = find(backend, "service");
  if (!service) {
    if (const json::value* resource = find(backend, "resource"))
      return fmt::format("{}/{}", text_at(*resource, {"kind"}), text_at(*resource, {"name"}));
    const json::value* port = find(backend, "servicePort");  // of v1beta1
    return fmt::format("{}:{}", text_at(backend, {"serviceName"}),
                       !port               ? ""
                       : port->is_string() ? std::string(port->get_string())
                                           : compact(*port));
  }
  const std::string_view name = text_at(*service, {"port", "name"});
  return fmt::format("{}:{}", text_at(*service, {"name"}),
                     name.empty() ? std::to_string(integer_at(*service, {"port", "number"})) : std::string(name));
}

// "shop.example.com/cart -> cart:80"; with types: "shop.example.com/cart (Prefix) -> cart:80"
std::vector<std::string> ingress_rules(const json::value& ingress, bool types) {
  std::vector<std::string> out;
  if (const json::value* backend = find(ingress, "spec", "defaultBackend"))
    out.push_back("* -> " + backend_text(*backend));
  if (const json::value* backend = find(ingress, "spec", "backend"))  // of v1beta1
    out.push_back("* -> " + backend_text(*backend));
  for (const auto& rule : array_at(ingress, {"spec", "rules"})) {
    const std::string_view host = text_at(rule, {"host"});
    for (const auto& path : array_at(rule, {"http", "paths"})) {
      const json::value* backend = find(path, "backend");
      const std::string_view type = text_at(path, {"pathType"});
      out.push_back(fmt::format("{}{}{} -> {}", host.empty() ? "*" : host, text_at(path, {"path"}),
                                types && !type.empty() ? fmt::format(" ({})", type) : "",
                                backend ? backend_text(*backend) : ""));
    }
  }
  return out;
}

std::string_view ingress_class(const json::value& ingress) {
  const std::string_view name = text_at(ingress, {"spec", "ingressClassName"});
  return name.empty() ? text_at(ingress, {"metadata", "annotations", "kubernetes.io/ingress.class"}) : name;
}

void add_ingress(Rows& rows, const json::value& ingress, std::int64_t) {
  const auto addresses = load_balancer_addresses(ingress);
  rows.begin_row(addresses.empty() ? 0 : 1);
  add_name(rows, ingress);
  rows.text(ingress_class(ingress));
  rows.begin_list();
  for (const auto& rule : array_at(ingress, {"spec", "rules"})) {
    const std::string_view host = text_at(rule, {"host"});
    rows.list_item(host.empty() ? "*" : host);
  }
  rows.begin_list();
  for (const auto& address : addresses) rows.list_item(address);
  rows.begin_list();
  for (const auto& rule : ingress_rules(ingress, false)) rows.list_item(rule);
  add_created(rows, ingress);
  rows.begin_list();
  for (const auto& tls : array_at(ingress, {"spec", "tls"})) rows.list_item(text_at(tls, {"secretName"}));
}

json::object ingress_document(const json::value& ingress, std::int64_t now) {
  json::object out = metadata_document(ingress, now);
  put(out, "class", ingress_class(ingress));
  json::array rules, addresses, tls;
  for (auto& rule : ingress_rules(ingress, true)) rules.emplace_back(std::move(rule));
  for (auto& address : load_balancer_addresses(ingress)) addresses.emplace_back(std::move(address));
  for (const auto& one : array_at(ingress, {"spec", "tls"})) {
    std::string hosts;
    for (const auto& host : array_at(one, {"hosts"}))
      if (host.is_string()) hosts += (hosts.empty() ? "" : ",") + std::string(host.get_string());
    tls.emplace_back(fmt::format("{} with secret {}", hosts, text_at(one, {"secretName"})));
  }
  out["rules"] = std::move(rules);
  out["addresses"] = std::move(addresses);
  put(out, "tls", std::move(tls));
  put(out, "annotations", short_annotations(ingress));
  return out;
}

void add_network_policy(Rows& rows, const json::value& policy, std::int64_t) {
  rows.begin_row();
  add_name(rows, policy);
  const std::string selector = selector_text(find(policy, "spec", "podSelector"));
  rows.text(selector.empty() ? "(all pods)" : selector);
  rows.begin_list();
  for (const auto& type : array_at(policy, {"spec", "policyTypes"}))
    if (type.is_string()) rows.list_item(std::string_view(type.get_string()));
  rows.integer(static_cast<std::int64_t>(array_at(policy, {"spec", "ingress"}).size()));
  rows.integer(static_cast<std::int64_t>(array_at(policy, {"spec", "egress"}).size()));
  add_created(rows, policy);
}

}  // namespace

const Kind kServices{
    .name = "Service",
    .group = "",
    .plural = "services",
    .versions = {"v1"},
    .noun = "services",
    .message = &kube::messages::service,
    .columns = {kNamespace,
                kName,
                {"type", CellType::text, false, "ClusterIP, NodePort, LoadBalancer, ExternalName"},
                {"cluster_ip", CellType::text, false, ""},
                {"external", CellType::list, false, "Addresses outside; <pending>: none has been given yet"},
                {"ports", CellType::list, false, "port:nodePort/protocol"},
                kCreated,
                {"selector", CellType::text, true, "Which pods it sends traffic to"}},
    .add_row = add_service,
    .document = service_document,
};

const Kind kIngresses{
    .name = "Ingress",
    .group = "networking.k8s.io",
    .plural = "ingresses",
    .versions = {"v1", "v1beta1"},
    .noun = "ingresses",
    .message = &kube::messages::ingress,
    .columns = {kNamespace,
                kName,
                {"class", CellType::text, false, "Which controller serves it"},
                {"hosts", CellType::list, false, ""},
                {"addresses", CellType::list, false, "Where it is reached"},
                {"rules", CellType::list, false, "host/path -> service:port"},
                kCreated,
                {"tls", CellType::list, true, "Names of the Secrets with certificates"}},
    .add_row = add_ingress,
    .document = ingress_document,
};

const Kind kNetworkPolicies{
    .name = "NetworkPolicy",
    .group = "networking.k8s.io",
    .plural = "networkpolicies",
    .versions = {"v1"},
    .noun = "network policies",
    .message = &kube::messages::network_policy,
    .columns = {kNamespace,
                kName,
                {"pods", CellType::text, false, "The selector of the pods that it is about"},
                {"types", CellType::list, false, "Ingress, Egress"},
                {"ingress_rules", CellType::integer, false, "How many; none: nothing may come in"},
                {"egress_rules", CellType::integer, false,
                 "How many; none: nothing may go out, where it is about that"},
                kCreated},
    .add_row = add_network_policy,
};

namespace {

awaitable<Result<Reply>> list_services(Call& call) {
  const bool only_without = call.arguments.flag("only_without_endpoints");
  std::map<ServiceName, ServiceEndpoints> endpoints;
  if (only_without) {
    EndpointQuery query;
    query.ns = call.list_namespace();
    query.most_addresses = 0;
    auto read = co_await read_endpoints(call, std::move(query));
    if (!read) co_return fail(std::move(read.error()));
    endpoints = std::move(*read);
  }
  Rows rows;
  const std::int64_t now = call.clock.unix_seconds();
  auto each = [&](const json::value& service) {
    if (only_without) {
      if (text_at(service, {"spec", "type"}) == "ExternalName") return;  // a name, with nothing behind it
      auto found = endpoints.find({std::string(text_at(service, {"metadata", "namespace"})),
                                   std::string(text_at(service, {"metadata", "name"}))});
      if (found != endpoints.end() && found->second.ready > 0) return;
    }
    add_service(rows, service, now);
  };
  auto read = co_await read_kind(
      call, kServices, call.list_namespace(), call.arguments.text("label_selector"),
      call.arguments.text("field_selector"), [&rows] { rows = {}; }, each);
  if (!read) co_return fail(std::move(read.error()));
  auto notes = co_await explain_empty(call, rows.size());
  co_return arrange(call, std::move(rows), only_without ? "services without ready endpoints" : "services",
                    std::move(notes));
}

// What kubectl describe service says, with the pods behind it.
awaitable<Result<Reply>> describe_service(Call& call) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  auto service = co_await read_one(call, kServices, ns, name);
  if (!service) co_return fail(std::move(service.error()));
  redact::object(*service);
  const std::int64_t now = call.clock.unix_seconds();
  Reply reply;
  json::object brief = service_document(*service, now);
  EndpointQuery query;
  query.ns = ns;
  query.service = name;
  query.most_addresses = 100;
  auto read = co_await read_endpoints(call, std::move(query));
  if (!read) {
    reply.notes.push_back("endpoints could not be read: " + std::string(to_string(read.error().code)));
    brief["endpoints"] = nullptr;
  } else {
    const ServiceEndpoints endpoints = read->empty() ? ServiceEndpoints() : read->begin()->second;
    json::object document = endpoints_document(ns, name, endpoints);
    document.erase("namespace");
    document.erase("name");
    brief["endpoints"] = std::move(document);
    if (endpoints.ready == 0 && text_at(*service, {"spec", "type"}) != "ExternalName")
      reply.notes.push_back("no ready endpoint: what is sent to this service reaches nothing");
    // A target that is a name stands for no port of pods that call none so.
    for (const auto& port : array_at(*service, {"spec", "ports"}))
      if (endpoints.ready > 0 && !endpoints.serve(port))
        reply.notes.push_back(fmt::format("no endpoint serves port {}: its pods have no port named {}",
                                          integer_at(port, {"port"}), plain_word(text_at(port, {"targetPort"}))));
  }
  reply.body = co_await with_events(call, brief, brief, ns, "Service", name, reply.notes);
  co_return reply;
}

}  // namespace

std::vector<Operation> network_operations() {
  auto all = kind_operations(
      {{kServices,
        "network",
        {"list_services", "List all services with type, cluster IP, external IP, and ports", "--namespace shop"},
        {"get_service", "Service details including cluster IP, ports, and selectors",
         "--namespace shop --name cart"}}});
  Operation& services = all[0];
  services.parameters = list_parameters(true, {{.name = "only_without_endpoints",
                                                .type = ParameterType::boolean,
                                                .meaning = "Only services that no ready pod stands behind"}});
  // For only_without_endpoints.
  services.access.push_back({"discovery.k8s.io", "endpointslices", {"list"}, Reach::call_namespace, true});
  services.access.push_back({"", "endpoints", {"list"}, Reach::call_namespace, true});
  services.run = list_services;
  all.push_back({
      .name = "describe_service",
      .family = "network",
      .summary = "Comprehensive service information including endpoints and events",
      .parameters = object_parameters(true),
      .access = {{"", "services", {"get"}},
                 {"discovery.k8s.io", "endpointslices", {"list"}, Reach::call_namespace, true},
                 {"", "endpoints", {"list"}, Reach::call_namespace, true},
                 event_lookup()},
      .columns = {},
      .run = describe_service,
      .example = "--namespace shop --name cart",
  });
  auto others = kind_operations(
      {KindOperations{
           kIngresses,
           "network",
           {"list_ingresses", "List all ingresses with class, hosts, addresses and backends", "--namespace shop"},
           {"get_ingress", "Ingress details including hosts, paths, and backends", "--namespace shop --name shop"}},
       KindOperations{
           kNetworkPolicies,
           "network",
           {"list_network_policies", "List all NetworkPolicies with the pods that they are about", "--namespace shop"},
           {"get_network_policy", "NetworkPolicy details including ingress and egress rules",
            "--namespace shop --name default-deny"}}});
  std::move(others.begin(), others.end(), std::back_inserter(all));
  return all;
}

}  // namespace fairlead::ops
