#include "runtimes/plans.h"

#include <fmt/format.h>

#include <array>

#include "ops/writes.h"
#include "runtimes/drift.h"

namespace fairlead::runtimes {
namespace {

using ops::ObjectRef;
using ops::Plan;
using ops::Write;

// What an object of which nothing was seen is deleted by: nothing has this uid.
constexpr std::string_view kNoUid = "00000000-0000-0000-0000-000000000000";

enum class Part { config_map, secret, volume_claim, service, network_policy, deployment };
// In the order in which they are applied; they go the other way round.
constexpr std::array kParts{Part::volume_claim,   Part::secret,  Part::config_map,
                            Part::network_policy, Part::service, Part::deployment};

ObjectRef ref(const AgentPlace& place, Part part) {
  const auto make = [&](std::string group, std::string plural, std::string kind, std::string name) {
    return ObjectRef{std::move(group), "v1", std::move(plural), std::move(kind), place.ns, std::move(name), {}, {}};
  };
  switch (part) {
    case Part::config_map: return make("", "configmaps", "ConfigMap", place.config_map());
    case Part::secret: return make("", "secrets", "Secret", place.secret());
    case Part::volume_claim: return make("", "persistentvolumeclaims", "PersistentVolumeClaim", place.volume_claim());
    case Part::service: return make("", "services", "Service", place.object);
    case Part::network_policy: return make("networking.k8s.io", "networkpolicies", "NetworkPolicy", place.object);
    case Part::deployment: break;
  }
  return make("apps", "deployments", "Deployment", place.object);
}

// Null: the revision has no such object.
const json::object* object_of(const AgentObjects& objects, Part part) {
  switch (part) {
    case Part::config_map: return &objects.config_map;
    case Part::secret: return &objects.secret;
    case Part::volume_claim: return &objects.volume_claim;
    case Part::service: return &objects.service;
    case Part::network_policy: return objects.network_policy ? &*objects.network_policy : nullptr;
    case Part::deployment: break;
  }
  return &objects.deployment;
}

Write apply(ObjectRef object, const json::object& body, json::value before) {
  Write write;
  object.uid = text_at(before, {"metadata", "uid"});
  write.object = std::move(object);
  write.content_type = kube::Patch::apply;
  write.body = body;
  write.force = true;  // what others have changed of the agent's own objects is set back
  write.before = std::move(before);
  return write;
}

Write removal(ObjectRef object, json::value before) {
  Write write;
  write.verb = Write::Verb::remove;
  object.uid = text_at(before, {"metadata", "uid"});
  write.body =
      json::object{{"apiVersion", "v1"},
                   {"kind", "DeleteOptions"},
                   {"propagationPolicy", "Foreground"},
                   {"preconditions", json::object{{"uid", object.uid.empty() ? std::string(kNoUid) : object.uid}}}};
  write.object = std::move(object);
  write.until_gone = true;
  write.before = std::move(before);
  return write;
}

tl::unexpected<Error> of_another(const ops::Call& call, const ObjectRef& object) {
  return fail(ErrorCode::conflict, std::string(call.operation.name),
              object.words() + " is there, and does not belong to this agent",
              "Look at it; Fairlead changes nothing of another owner");
}

// The agent's own object as it is now; null: there is none.
awaitable<Result<json::value>> own(ops::Call& call, const AgentPlace& place, Part part) {
  const ObjectRef object = ref(place, part);
  auto now = co_await ops::read_now(call, object);
  if (!now) co_return fail(std::move(now.error()));
  if (!now->is_null() && !belongs_to(*now, place)) co_return of_another(call, object);
  co_return std::move(*now);
}

Plan empty_plan() {
  Plan plan;
  plan.repeatable = true;
  plan.no_undo = "agents go back by their revisions instead, with 'fairlead agents rollback'";
  return plan;
}

// The namespace, where it has to be made. Who may not look at it may still deploy into it.
awaitable<Result<void>> add_namespace(ops::Call& call, Plan& plan, const std::string& ns) {
  ObjectRef object{"", "v1", "namespaces", "Namespace", {}, ns, {}, {}};
  auto now = co_await ops::read_now(call, object);
  if (!now && now.error().code == ErrorCode::permission_denied) co_return Result<void>{};
  if (!now) co_return fail(std::move(now.error()));
  if (now->is_null()) plan.writes.push_back(apply(std::move(object), namespace_object(ns), nullptr));
  co_return Result<void>{};
}

Write uid_patch(ObjectRef object, json::value before, json::object patch) {
  Write write;
  object.uid = text_at(before, {"metadata", "uid"});
  patch["metadata"] = json::object{{"uid", object.uid}};
  write.object = std::move(object);
  write.content_type = kube::Patch::merge;
  write.body = std::move(patch);
  write.before = std::move(before);
  return write;
}

awaitable<Result<json::value>> own_deployment(ops::Call& call, const AgentPlace& place) {
  auto now = co_await own(call, place, Part::deployment);
  if (now && now->is_null())
    co_return fail(ErrorCode::not_found, std::string(call.operation.name),
                   "agent " + place.name + " has no Deployment on the cluster",
                   "'fairlead agents repair' makes it again");
  co_return now;
}

}  // namespace

awaitable<Result<Plan>> plan_deploy(ops::Call& call, Wanted wanted) {
  Plan plan = empty_plan();
  plan.summary =
      fmt::format("deploy agent {} as Deployment {}/{}", wanted.place.name, wanted.place.ns, wanted.place.object);
  if (auto made = co_await add_namespace(call, plan, wanted.place.ns); !made) co_return fail(std::move(made.error()));
  for (const Part part : kParts)
    if (const json::object* object = object_of(wanted.objects, part))
      plan.writes.push_back(apply(ref(wanted.place, part), *object, nullptr));
  co_return plan;
}

awaitable<Result<Plan>> plan_redeploy(ops::Call& call, Wanted wanted) {
  Plan plan = empty_plan();
  const AgentPlace& place = wanted.place;
  plan.summary = fmt::format("deploy agent {} anew: its Deployment, Service and ConfigMap {}/{} are replaced",
                             place.name, place.ns, place.object);
  if (auto made = co_await add_namespace(call, plan, place.ns); !made) co_return fail(std::move(made.error()));
  std::vector<Write> applied;
  for (auto at = kParts.rbegin(); at != kParts.rend(); ++at) {
    const Part part = *at;
    auto now = co_await own(call, place, part);
    if (!now) co_return fail(std::move(now.error()));
    const json::object* object = object_of(wanted.objects, part);
    const bool stays = part == Part::secret || part == Part::volume_claim;
    if (!stays && !now->is_null()) {
      plan.writes.push_back(removal(ref(place, part), std::move(*now)));
      now = json::value(nullptr);
    }
    if (object) applied.push_back(apply(ref(place, part), *object, std::move(*now)));
  }
  for (auto write = applied.rbegin(); write != applied.rend(); ++write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

awaitable<Result<Plan>> plan_repair(ops::Call& call, Wanted wanted) {
  Plan plan = empty_plan();
  const AgentPlace& place = wanted.place;
  if (auto made = co_await add_namespace(call, plan, place.ns); !made) co_return fail(std::move(made.error()));
  std::string what;
  for (const Part part : kParts) {
    auto now = co_await own(call, place, part);
    if (!now) co_return fail(std::move(now.error()));
    const json::object* object = object_of(wanted.objects, part);
    if (!object && now->is_null()) continue;
    const ObjectRef where = ref(place, part);
    if (!object) {
      plan.writes.push_back(removal(where, std::move(*now)));
    } else {
      Write write = apply(where, *object, *now);
      if (!now->is_null() && differs(json::value(*object), *now).empty()) continue;
      plan.writes.push_back(std::move(write));
    }
    what += (what.empty() ? "" : ", ") + where.words();
  }
  plan.summary = fmt::format("repair agent {}: {}", place.name, what.empty() ? "nothing differs" : what);
  co_return plan;
}

awaitable<Result<Plan>> plan_scale(ops::Call& call, AgentPlace place, std::int64_t replicas) {
  auto now = co_await own_deployment(call, place);
  if (!now) co_return fail(std::move(now.error()));
  Plan plan = empty_plan();
  const std::int64_t was = integer_at(*now, {"spec", "replicas"}, 1);
  plan.summary = fmt::format("scale Deployment {}/{} of agent {} from {} to {}", place.ns, place.object, place.name,
                             was, replicas);
  if (was != replicas)
    plan.writes.push_back(uid_patch(ref(place, Part::deployment), std::move(*now),
                                    json::object{{"spec", json::object{{"replicas", replicas}}}}));
  co_return plan;
}

awaitable<Result<Plan>> plan_restart(ops::Call& call, AgentPlace place, std::string time) {
  auto now = co_await own_deployment(call, place);
  if (!now) co_return fail(std::move(now.error()));
  if (integer_at(*now, {"spec", "replicas"}, 1) == 0)
    co_return fail(ErrorCode::invalid_request, std::string(call.operation.name),
                   "agent " + place.name + " is stopped, so there is nothing to restart",
                   "'fairlead agents start' starts it");
  Plan plan = empty_plan();
  plan.summary =
      fmt::format("restart agent {}: the pods of Deployment {}/{} are replaced", place.name, place.ns, place.object);
  json::object annotations{{"kubectl.kubernetes.io/restartedAt", time}};
  json::object metadata{{"annotations", std::move(annotations)}};
  json::object pod{{"metadata", std::move(metadata)}};
  json::object spec{{"template", std::move(pod)}};
  plan.writes.push_back(
      uid_patch(ref(place, Part::deployment), std::move(*now), json::object{{"spec", std::move(spec)}}));
  co_return plan;
}

awaitable<Result<Plan>> plan_remove(ops::Call& call, AgentPlace place, bool keeps_state) {
  Plan plan = empty_plan();
  plan.no_undo = keeps_state ? "it would have to be deployed anew" : "its state is deleted with it";
  plan.summary = fmt::format("delete agent {}: Deployment, Service, ConfigMap and Secret of {}/{}{}", place.name,
                             place.ns, place.object, keeps_state ? "; its state volume is kept" : ", and its state");
  for (auto at = kParts.rbegin(); at != kParts.rend(); ++at) {
    const Part part = *at;
    if (part == Part::volume_claim && keeps_state) continue;
    auto now = co_await own(call, place, part);
    if (!now) co_return fail(std::move(now.error()));
    if (!now->is_null() || part == Part::deployment) plan.writes.push_back(removal(ref(place, part), std::move(*now)));
  }
  co_return plan;
}

awaitable<Result<json::array>> read_pods(ops::Call& call, AgentPlace place) {
  std::string target = kube::ResourcePath{"", "v1", "pods", place.ns, {}, {}}.text();
  kube::add_query(target, "labelSelector", fmt::format("{}={}", kAgentIdLabel, place.id));
  auto list = co_await call.client.get(std::move(target), call.deadline);
  if (!list) co_return fail(std::move(list.error()));
  json::array pods = array_at(*list, {"items"});
  co_return pods;
}

awaitable<Result<Seen>> look(ops::Call& call, AgentPlace place) {
  Seen seen;
  seen.now = call.clock.unix_seconds();
  auto deployment = co_await own(call, place, Part::deployment);
  if (!deployment) co_return fail(std::move(deployment.error()));
  seen.deployment = std::move(*deployment);
  auto pods = co_await read_pods(call, place);
  if (!pods) co_return fail(std::move(pods.error()));
  seen.pods = std::move(*pods);
  co_return seen;
}

}  // namespace fairlead::runtimes
