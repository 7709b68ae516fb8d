#include "runtimes/look.h"

#include <fmt/format.h>

#include <array>

#include "ops/explain.h"
#include "ops/read.h"
#include "ops/writes.h"
#include "runtimes/causes.h"
#include "runtimes/drift.h"
#include "runtimes/plans.h"

namespace fairlead::runtimes {
namespace {

using ops::Access;
using ops::Reach;

class Reader {
 public:
  Reader(ops::Call& call, const AgentPlace& place) : call_(call), place_(place) {}
  Sight sight;
  Seen seen;

  void not_read(std::string_view verb, std::string_view resource, const Error& error) {
    sight.unread.push_back(
        error.code == ErrorCode::permission_denied
            ? fmt::format("an RBAC rule is missing: the cluster does not let this identity {} {} in {}", verb, resource,
                          place_.ns)
            : fmt::format("{} cannot be read: {}", resource, ops::explain_in_a_line(error)));
  }

  // False: nothing more is to be learned from this cluster.
  awaitable<bool> deployment() {
    ops::ObjectRef where{"apps", "v1", "deployments", "Deployment", place_.ns, place_.object, {}, {}};
    auto now = co_await own(std::move(where));
    if (!now) {
      sight.observed.phase = Phase::unknown;
      if (!sight.unread.empty()) sight.observed.cause = sight.unread.back();
      co_return false;
    }
    seen.deployment = std::move(*now);
    co_return true;
  }

  awaitable<void> pods() {
    auto pods = co_await read_pods(call_, place_);
    seen.pods_read = pods.has_value();
    if (pods)
      seen.pods = std::move(*pods);
    else
      not_read("list", "pods", pods.error());
  }

  // The object as it is; null: there is none, or it is another owner's; nothing: it was not read.
  awaitable<std::optional<json::value>> own(ops::ObjectRef object) {
    auto now = co_await ops::read_now(call_, object);
    if (!now) {
      not_read("get", object.plural, now.error());
      co_return std::nullopt;
    }
    if (!now->is_null() && !belongs_to(*now, place_)) {
      sight.differences.push_back(object.words() + " is another owner's, and not this agent's");
      co_return json::value(nullptr);
    }
    co_return std::move(*now);
  }

  awaitable<void> compare(const json::object& wanted) {
    const ops::ObjectRef where = reference(wanted);
    std::optional<json::value> live;
    if (where.kind == "Deployment")
      live = seen.deployment;
    else if (where.kind == "Service")
      live = seen.service;
    else if (where.kind == "PersistentVolumeClaim")
      live = seen.volume_claim;
    else
      live = co_await own(where);
    if (!live) co_return;
    if (live->is_null()) {
      sight.differences.push_back(where.words() + " is missing");
      co_return;
    }
    for (auto& line : difference_lines(wanted, *live)) sight.differences.push_back(std::move(line));
  }

  awaitable<void> events() {
    for (const EventsOf& about : events_that_tell(seen)) {
      const bool begins = about.kind == "ReplicaSet";
      std::string fields = "involvedObject.kind=" + about.kind;
      fields += begins ? ",reason=FailedCreate" : ",involvedObject.name=" + ops::selector_value(about.name);
      std::string target = kube::ResourcePath{"", "v1", "events", place_.ns, {}, {}}.text();
      kube::add_query(target, "fieldSelector", fields);
      std::vector<SeenEvent> found;
      auto each = [&](const kube::EventView& event) {
        constexpr std::size_t most = 200;
        if (found.size() >= most || !event.involved.name.starts_with(about.name)) return;
        found.push_back({about.kind, std::string(event.involved.name), std::string(event.reason),
                         std::string(event.message.substr(0, 4096)), event.type == "Warning",
                         event.last_seen().value_or(0)});
      };
      auto read = co_await ops::read_objects<kube::EventView>(
          call_, std::move(target), "EventList", [&found] { found.clear(); }, each);
      if (!read) {
        not_read("list", "events", read.error());
        co_return;
      }
      seen.events.insert(seen.events.end(), std::make_move_iterator(found.begin()),
                         std::make_move_iterator(found.end()));
    }
  }

  awaitable<void> endpoints() {
    if (!seen.service || !seen.service->is_object()) co_return;
    ops::EndpointQuery query;
    query.ns = place_.ns;
    query.service = place_.object;
    auto all = co_await ops::read_endpoints(call_, std::move(query));
    if (!all) {
      not_read("list", "endpointslices", all.error());
      co_return;
    }
    sight.endpoints = all->empty() ? ops::ServiceEndpoints() : all->begin()->second;
  }

 private:
  ops::Call& call_;
  const AgentPlace& place_;
};

}  // namespace

awaitable<Result<Sight>> look_closely(ops::Call& call, AgentPlace place, const AgentObjects* wanted,
                                      std::int64_t load_balancer_timeout_ms) {
  Reader reader(call, place);
  Seen& seen = reader.seen;
  Sight& sight = reader.sight;
  seen.now = call.clock.unix_seconds();
  seen.load_balancer_timeout_seconds = load_balancer_timeout_ms / 1000;
  const bool may_look = co_await reader.deployment();
  if (!may_look) co_return std::move(sight);
  co_await reader.pods();
  ops::ObjectRef service{"", "v1", "services", "Service", place.ns, place.object, {}, {}};
  seen.service = co_await reader.own(std::move(service));
  ops::ObjectRef claim{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", place.ns, place.volume_claim(),
                       {}, {}};
  seen.volume_claim = co_await reader.own(std::move(claim));
  if (wanted) {
    sight.compared = true;
    const std::array<const json::object*, 4> compared{&wanted->config_map, &wanted->volume_claim, &wanted->service,
                                                      &wanted->deployment};
    for (const json::object* one : compared) co_await reader.compare(*one);
    if (wanted->network_policy) co_await reader.compare(*wanted->network_policy);
  }
  co_await reader.endpoints();
  co_await reader.events();
  sight.observed = observe(seen);
  if (seen.service) sight.service = std::move(*seen.service);
  co_return std::move(sight);
}

std::vector<Access> sight_access() {
  return {{"apps", "deployments", {"get"}},
          {"", "pods", {"list"}, Reach::call_namespace, true},
          {"", "services", {"get"}, Reach::call_namespace, true},
          {"", "persistentvolumeclaims", {"get"}, Reach::call_namespace, true},
          {"", "configmaps", {"get"}, Reach::call_namespace, true},
          {"networking.k8s.io", "networkpolicies", {"get"}, Reach::call_namespace, true},
          {"discovery.k8s.io", "endpointslices", {"list"}, Reach::call_namespace, true},
          {"", "endpoints", {"list"}, Reach::call_namespace, true},
          {"", "events", {"list"}, Reach::call_namespace, true}};
}

}  // namespace fairlead::runtimes
