#include "ops/endpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

const Kind kSlices{
    .name = "EndpointSlice",
    .group = "discovery.k8s.io",
    .plural = "endpointslices",
    .versions = {"v1", "v1beta1"},
    .noun = "endpoint slices",
    .message = &kube::messages::endpoint_slice,
    .columns = {},
};
const Kind kEndpoints{
    .name = "Endpoints",
    .group = "",
    .plural = "endpoints",
    .versions = {"v1"},
    .noun = "endpoints",
    .message = &kube::messages::endpoints,
    .columns = {},
};

constexpr std::string_view kServiceLabel = "kubernetes.io/service-name";
constexpr std::string_view kManagerLabel = "endpointslice.kubernetes.io/managed-by";
constexpr std::string_view kMirroring = "endpointslicemirroring-controller.k8s.io";

std::string address_text(const EndpointAddress& address) {
  return address.pod.empty() ? address.address : fmt::format("{}={}", address.pod, address.address);
}

awaitable<Result<Reply>> list_endpoints(Call& call) {
  constexpr std::size_t shown = 3;
  EndpointQuery query;
  query.ns = call.list_namespace();
  query.label_selector = call.arguments.text("label_selector");
  query.field_selector = call.arguments.text("field_selector");
  query.most_addresses = shown;
  auto all = co_await read_endpoints(call, std::move(query));
  if (!all) co_return fail(std::move(all.error()));
  Rows rows;
  for (const auto& [service, endpoints] : *all) {
    rows.begin_row(endpoints.ready == 0 ? 0 : endpoints.not_ready > 0 ? 1 : 2);
    rows.text(service.first);
    rows.text(service.second);
    rows.integer(static_cast<std::int64_t>(endpoints.ready));
    rows.integer(static_cast<std::int64_t>(endpoints.not_ready));
    rows.begin_list();
    for (const auto& address : endpoints.addresses) rows.list_item(address_text(address));
    if (const auto more = endpoints.ready + endpoints.not_ready - endpoints.addresses.size(); more > 0)
      rows.list_item(fmt::format("+{} more", more));
    rows.begin_list();
    for (const auto& port : endpoints.ports) rows.list_item(port);
  }
  auto notes = co_await explain_empty(call, rows.size());
  co_return arrange(call, std::move(rows), "endpoints", std::move(notes));
}

awaitable<Result<Reply>> get_endpoints(Call& call) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  EndpointQuery query;
  query.ns = ns;
  query.service = name;
  query.most_addresses = 10000;
  auto all = co_await read_endpoints(call, std::move(query));
  if (!all) co_return fail(std::move(all.error()));
  std::vector<std::string> notes;
  if (all->empty()) {
    auto service = co_await read_object(call, kube::ResourcePath{"", "v1", "services", ns, name, {}}.text(), "Service");
    if (!service) co_return fail(std::move(service.error()));
    notes.push_back("the service has no endpoints: no pod matches its selector, or it has none");
  }
  const ServiceEndpoints endpoints = all->empty() ? ServiceEndpoints() : all->begin()->second;
  if (const auto more = endpoints.ready + endpoints.not_ready - endpoints.addresses.size(); more > 0)
    notes.push_back(fmt::format("{} more addresses are left out", more));
  co_return Reply{Document{endpoints_document(ns, name, endpoints), nullptr}, std::move(notes)};
}

}  // namespace

json::object endpoints_document(std::string_view ns, std::string_view name, const ServiceEndpoints& endpoints) {
  json::array ready, not_ready, ports;
  for (const auto& address : endpoints.addresses) {
    json::object one{{"address", address.address}};
    put(one, "pod", address.pod);
    put(one, "node", address.node);
    (address.ready ? ready : not_ready).push_back(std::move(one));
  }
  for (const auto& port : endpoints.ports) ports.emplace_back(port);
  return {{"namespace", ns},
          {"name", name},
          {"ports", std::move(ports)},
          {"ready", std::move(ready)},
          {"not_ready", std::move(not_ready)}};
}

std::string_view service_of(const json::value& slice) { return text_at(slice, {"metadata", "labels", kServiceLabel}); }

void ServiceEndpoints::add_ports(const json::array& from) {
  for (const auto& port : from) {
    const std::string_view name = text_at(port, {"name"}), protocol = text_at(port, {"protocol"});
    std::string text = fmt::format("{}{}{}/{}", name, name.empty() ? "" : " ", integer_at(port, {"port"}),
                                   protocol.empty() ? "TCP" : protocol);
    if (std::find(ports.begin(), ports.end(), text) == ports.end()) ports.push_back(std::move(text));
    served_.emplace(name);
  }
}

bool ServiceEndpoints::serve(const json::value& service_port) const {
  return served_.contains(std::string(text_at(service_port, {"name"})));
}

void ServiceEndpoints::add(std::string_view address, const json::value& endpoint, bool is_ready, std::size_t most) {
  const auto [known, fresh] = known_.emplace(address, is_ready);
  if (fresh) {
    ++(is_ready ? ready : not_ready);
    if (addresses.size() >= most) return;
    const bool pod = text_at(endpoint, {"targetRef", "kind"}) == "Pod";
    addresses.push_back({std::string(address), std::string(pod ? text_at(endpoint, {"targetRef", "name"}) : ""),
                         std::string(text_at(endpoint, {"nodeName"})), is_ready});
  } else if (is_ready && !known->second) {
    known->second = true;
    ++ready;
    --not_ready;
    for (auto& one : addresses)
      if (one.address == address) one.ready = true;
  }
}

void ServiceEndpoints::add_slice(const json::value& slice, std::size_t most) {
  for (const auto& endpoint : array_at(slice, {"endpoints"})) {
    const json::array& all = array_at(endpoint, {"addresses"});
    if (all.empty() || !all[0].is_string()) continue;
    const json::value* said = find(endpoint, "conditions", "ready");  // left out: it is
    add(all[0].get_string(), endpoint, !said || !said->is_bool() || said->get_bool(), most);
  }
  if (!array_at(slice, {"endpoints"}).empty()) add_ports(array_at(slice, {"ports"}));
}

void ServiceEndpoints::add_subsets(const json::value& endpoints, std::size_t most) {
  for (const auto& subset : array_at(endpoints, {"subsets"})) {
    for (const auto& address : array_at(subset, {"addresses"})) add(text_at(address, {"ip"}), address, true, most);
    for (const auto& address : array_at(subset, {"notReadyAddresses"}))
      add(text_at(address, {"ip"}), address, false, most);
    add_ports(array_at(subset, {"ports"}));
  }
}

namespace {

using ByService = std::map<ServiceName, ServiceEndpoints>;

ServiceName name_of(const json::value& object, std::string_view name) {
  return {std::string(text_at(object, {"metadata", "namespace"})), std::string(name)};
}

// Of `only`, where that is given.
awaitable<Result<kube::ListMeta>> read_endpoints_objects(Call& call, const EndpointQuery& query, std::string labels,
                                                         const std::set<ServiceName>* only, ByService& all) {
  std::string fields = only ? std::string() : query.field_selector;
  if (!query.service.empty()) fields += (fields.empty() ? "" : ",") + std::string("metadata.name=") + query.service;
  auto each = [&](const json::value& endpoints) {
    ServiceName name = name_of(endpoints, text_at(endpoints, {"metadata", "name"}));
    if (!only || only->contains(name)) all[std::move(name)].add_subsets(endpoints, query.most_addresses);
  };
  co_return co_await read_kind(
      call, kEndpoints, query.ns, std::move(labels), std::move(fields), [&all] { all.clear(); }, each);
}

}  // namespace

awaitable<Result<std::map<ServiceName, ServiceEndpoints>>> read_endpoints(Call& call, EndpointQuery query) {
  ByService all;
  std::set<ServiceName> mirrored;  // those whose slices were made from Endpoints that somebody wrote
  std::string labels = query.label_selector;
  if (!query.service.empty()) labels += (labels.empty() ? "" : ",") + std::string(kServiceLabel) + "=" + query.service;
  auto restart = [&] {
    all.clear();
    mirrored.clear();
  };
  auto each = [&](const json::value& slice) {
    const auto service = service_of(slice);
    if (service.empty()) return;
    ServiceName name = name_of(slice, service);
    if (text_at(slice, {"metadata", "labels", kManagerLabel}) == kMirroring) mirrored.insert(name);
    all[std::move(name)].add_slice(slice, query.most_addresses);
  };
  auto read = co_await read_kind(call, kSlices, query.ns, labels, query.field_selector, restart, each);
  // Servers of 1.20 mirror addresses that are not ready as ready ones. What was written counts, as for kubectl.
  if (read && !mirrored.empty()) {
    ByService written;
    auto known = co_await read_endpoints_objects(call, query, "", &mirrored, written);
    if (known)
      for (auto& [name, endpoints] : written) all[name] = std::move(endpoints);
  }
  // An old server, or rights for Endpoints only, as roles written long ago give.
  if (!read && (read.error().code == ErrorCode::not_found || read.error().code == ErrorCode::permission_denied))
    read = co_await read_endpoints_objects(call, query, query.label_selector, nullptr, all);
  if (!read) co_return fail(std::move(read.error()));
  co_return all;
}

std::vector<Operation> endpoint_operations() {
  return {
      {
          .name = "list_endpoints",
          .family = "network",
          .summary = "List all endpoints (shows which pods back a service); services without ready ones first",
          .parameters = list_parameters(true),
          .access = {{"discovery.k8s.io", "endpointslices", {"list"}},
                     {"", "endpoints", {"list"}, Reach::call_namespace, true},  // where there are no slices
                     namespace_lookup()},
          .columns = {{"namespace", CellType::text, false, ""},
                      {"name", CellType::text, false, "The service's"},
                      {"ready", CellType::integer, false, "Addresses that get traffic"},
                      {"not_ready", CellType::integer, false, "Addresses that do not"},
                      {"addresses", CellType::list, false, "The first three, as pod=address"},
                      {"ports", CellType::list, false, ""}},
          .run = list_endpoints,
          .example = "--namespace shop",
      },
      {
          .name = "get_endpoints",
          .family = "network",
          .summary = "Endpoints for a specific service with ready and not ready addresses and the pods behind them",
          .parameters = object_parameters(true),
          .access = {{"discovery.k8s.io", "endpointslices", {"list"}},
                     {"", "endpoints", {"list"}, Reach::call_namespace, true},
                     {"", "services", {"get"}}},
          .run = get_endpoints,
          .example = "--namespace shop --name cart",
      },
  };
}

}  // namespace fairlead::ops
