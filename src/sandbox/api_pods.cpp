// What can be asked of a pod besides reading and changing it: to be bound to a node, and to be evicted.
#include <algorithm>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_disrupted = 2000;

json::object created_status() {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"code", 201}};
}

StatusError budget_refusal(std::string message, int retry_after_seconds) {
  StatusError error =
      too_many_requests("Cannot evict pod as it would violate the pod's disruption budget.", retry_after_seconds);
  if (retry_after_seconds == 0) error.details.erase("retryAfterSeconds");
  error.details["causes"] = json::array{json::object{{"reason", "DisruptionBudget"}, {"message", std::move(message)}}};
  return error;
}

}  // namespace

// Of a pod, or of the pod that the Binding names.
ApiResult<Answer> Api::bind(const Call& asked) {
  auto sent = request_object(asked, *Schema::builtin().message("Binding"), "Binding", "v1");
  if (!sent) return refuse(std::move(sent.error()));
  std::string_view name = text_at(*sent, {"metadata", "name"}), space = text_at(*sent, {"metadata", "namespace"});
  Call call = asked;
  if (call.path.name.empty()) {
    if (!space.empty() && space != call.path.namespace_name)
      return refuse(
          bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    call.path.resource = &objects_.resources().get("", "pods");
    call.path.name = name;
  }
  if (!name.empty() && name != call.path.name)
    return refuse(bad_request("name in URL does not match name in Binding object"));
  std::vector<Cause> causes;
  std::string_view kind = text_at(*sent, {"target", "kind"}), node = text_at(*sent, {"target", "name"});
  if (!kind.empty() && kind != "Node")
    causes.push_back(unsupported_value("target.kind", kind, "\"Node\", \"<empty>\""));
  if (node.empty()) causes.push_back(required("target.name", ""));
  if (!causes.empty()) {
    // An error without a kind of its own: all that is wrong, as one text.
    std::string all;
    for (const Cause& cause : causes) all += (all.empty() ? "" : ", ") + cause.field + ": " + cause.message;
    return refuse(plain_error(causes.size() == 1 ? all : "[" + all + "]"));
  }
  auto pod = existing(call);
  if (!pod) return refuse(std::move(pod.error()));
  json::value value = objects_.load(**pod);
  auto refused = [&](std::string why) { return refuse(conflict("", "pods/binding", call.path.name, std::move(why))); };
  if (is_dying(**pod)) return refused("pod " + call.path.name + " is being deleted, cannot be assigned to a host");
  if (std::string_view have = text_at(value, {"spec", "nodeName"}); !have.empty()) {
    return refused("pod " + call.path.name + " is already assigned to node \"" + std::string(have) + "\"");
  }
  if (!array_at(value, {"spec", "schedulingGates"}).empty())
    return refused("pod " + call.path.name + " has non-empty .spec.schedulingGates");
  object_in(value, {"spec"})["nodeName"] = node;
  for (const auto& annotation : object_at(*sent, {"metadata", "annotations"}))
    object_in(value, {"metadata", "annotations"})[annotation.key()] = annotation.value();
  set_condition(value, "PodScheduled", "True", "", "", objects_.now());
  auto updated = objects_.update(*pod, std::move(value), Part::whole, call.dry_run);
  if (!updated) return refuse(std::move(updated.error()));
  return answer_value(call, 201, created_status(), "Status");
}

ApiResult<void> Api::spend_budget(const Object& pod, bool dry_run) {
  const Resource& budgets = objects_.resources().get("policy", "poddisruptionbudgets");
  ObjectPtr budget;
  json::value value;
  for (const ObjectPtr& one : objects_.store().list(budgets, pod.namespace_name)) {
    json::value loaded = objects_.load(*one);
    const json::value* selector = find(loaded, "spec", "selector");
    if (!selector || !LabelSelector::from_object(*selector).matches(labels_of(pod))) continue;
    if (budget)
      return refuse(internal_error(
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
    budget = one;
    value = std::move(loaded);
  }
  if (!budget) return {};
  auto number = [&](std::string_view field) { return integer_at(value, {"status", field}); };
  PodFacts facts = facts_of(objects_.store().find_uid(pod.uid));
  // A pod that is not ready is no loss, as long as there are enough others or the budget says that it never is one.
  if (!facts.ready) {
    if (text_at(value, {"spec", "unhealthyPodEvictionPolicy"}) == "AlwaysAllow") return {};
    if (number("currentHealthy") >= number("desiredHealthy") && number("desiredHealthy") > 0) return {};
  }
  if (number("observedGeneration") < integer_at(value, {"metadata", "generation"})) {
    return refuse(
        budget_refusal("The disruption budget " + budget->name + " is still being processed by the server.", 10));
  }
  if (object_at(value, {"status", "disruptedPods"}).size() > most_disrupted) {
    return refuse(forbidden("policy", "poddisruptionbudgets", budget->name,
                            "DisruptedPods map too big - too many evictions not confirmed by PDB controller"));
  }
  if (number("disruptionsAllowed") <= 0) {
    return refuse(budget_refusal("The disruption budget " + budget->name + " needs " +
                                     std::to_string(number("desiredHealthy")) + " healthy pods and has " +
                                     std::to_string(number("currentHealthy")) + " currently",
                                 0));
  }
  if (dry_run) return {};
  std::int64_t left = number("disruptionsAllowed") - 1;
  json::object& status = object_in(value, {"status"});
  status["disruptionsAllowed"] = left;
  object_in(value, {"status", "disruptedPods"})[pod.name] = objects_.now_text();
  if (left == 0) set_condition(value, "DisruptionAllowed", "False", "InsufficientPods", "", objects_.now());
  auto updated = objects_.update(budget, std::move(value), Part::status);
  if (!updated) return refuse(std::move(updated.error()));
  return {};
}

ApiResult<Answer> Api::evict(const Call& call) {
  // kubectl before 1.22 writes the older one.
  auto sent = request_object(call, *Schema::builtin().message("Eviction"), "Eviction", "policy/v1", "policy/v1beta1");
  if (!sent) return refuse(std::move(sent.error()));
  std::string_view name = text_at(*sent, {"metadata", "name"});
  if (!name.empty() && name != call.path.name)
    return refuse(bad_request("name in URL does not match name in Eviction object"));
  auto pod = existing(call);
  if (!pod) return refuse(std::move(pod.error()));
  DeleteRequest request;
  request.dry_run = call.dry_run;
  for (const json::value& mode : array_at(*sent, {"deleteOptions", "dryRun"}))
    request.dry_run = request.dry_run || mode == "All";
  if (const json::value* grace = find(*sent, "deleteOptions", "gracePeriodSeconds"); grace && grace->is_int64()) {
    request.grace_seconds = std::max<std::int64_t>(0, grace->get_int64());
  }
  request.uid = text_at(*sent, {"deleteOptions", "preconditions", "uid"});
  request.resource_version = text_at(*sent, {"deleteOptions", "preconditions", "resourceVersion"});
  PodFacts facts = facts_of(*pod);
  ObjectPtr current = *pod;
  if (!facts.over() && !facts.dying && facts.phase != "Pending") {
    if (auto spent = spend_budget(**pod, request.dry_run); !spent) return refuse(std::move(spent.error()));
    if (!request.dry_run && request.uid.empty() && request.resource_version.empty()) {
      json::value value = objects_.load(**pod);
      set_condition(value, "DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting",
                    objects_.now());
      if (auto marked = objects_.update(*pod, std::move(value), Part::status)) current = *marked;
    }
  }
  auto deleted = objects_.remove(current, request);
  if (!deleted) return refuse(std::move(deleted.error()));
  return answer_value(call, 201, created_status(), "Status");
}

}  // namespace fairlead::sandbox
