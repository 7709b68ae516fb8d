// cordon_node, uncordon_node, drain_node.
#include <fmt/format.h>

#include "base/text.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/planning.h"
#include "ops/verify.h"

namespace fairlead::ops {
namespace {

ObjectRef node_of(const Call& call) { return {"", "v1", "nodes", "Node", {}, call.arguments.text("name"), {}, {}}; }

// Nothing where it already is so.
std::optional<Write> set_unschedulable(ObjectRef node, const json::value& before, bool unschedulable) {
  if (flag_at(before, {"spec", "unschedulable"}) == unschedulable) return std::nullopt;
  json::object spec;
  spec["unschedulable"] = unschedulable ? json::value(true) : json::value(nullptr);
  json::object patch;
  patch["spec"] = std::move(spec);
  return patch_of(std::move(node), before, kube::Patch::merge, std::move(patch));
}

template <bool unschedulable>
awaitable<Result<Plan>> plan_cordon(Call& call) {
  ObjectRef node = node_of(call);
  auto before = co_await read_for_change(call, node);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = (unschedulable ? "cordon node " : "uncordon node ") + node.name;
  plan.facts.as_object()["before"] = flag_at(*before, {"spec", "unschedulable"});
  auto write = set_unschedulable(std::move(node), *before, unschedulable);
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

template <bool unschedulable>
Result<Reply> finish_cordon(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string name = call.arguments.text("name");
  const bool was = flag_at(plan.facts, {"before"});
  json::object result{{"node", name},
                      {"unschedulable", unschedulable},
                      {"before", was},
                      {"changed", !answers.empty() && !call.dry_run}};
  if (answers.empty())
    return change_reply(std::move(result),
                        "node " + name + (was ? " was already cordoned" : " was not cordoned") + ": nothing changed");
  return change_reply(std::move(result), did_or_would(call, unschedulable ? "cordoned" : "uncordoned") + " node " +
                                             name +
                                             (unschedulable ? ": no new pods will be scheduled there; running ones stay"
                                                            : ": new pods may be scheduled there"));
}

// Why a pod stays where it is; empty: it is evicted.
std::string_view stays(const json::value& pod) {
  if (find(pod, "metadata", "annotations", "kubernetes.io/config.mirror")) return "static pod";
  const std::string_view phase = text_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return "finished";
  if (!text_at(pod, {"metadata", "deletionTimestamp"}).empty()) return "ending already";
  const json::value* owner = controller_reference(pod);
  if (owner && text_at(*owner, {"kind"}) == "DaemonSet") return "of a DaemonSet";
  return "";
}

bool has_empty_dir(const json::value& pod) {
  for (const auto& volume : array_at(pod, {"spec", "volumes"}))
    if (find(volume, "emptyDir")) return true;
  return false;
}

std::string place(const json::value& pod) {
  return escape_untrusted(
      std::string(text_at(pod, {"metadata", "namespace"})) + "/" + std::string(text_at(pod, {"metadata", "name"})),
      Newlines::escape);
}

// policy/v1 where the server has it (1.22), else v1beta1: what evictions are written as.
awaitable<std::string> eviction_version(Call& call) {
  auto group = co_await call.client.get("/apis/policy", call.deadline);
  if (group)
    for (const auto& version : array_at(*group, {"versions"}))
      if (text_at(version, {"version"}) == "v1") co_return "policy/v1";
  co_return "policy/v1beta1";
}

Write eviction(const json::value& pod, const std::string& api_version, const Call& call) {
  Write write;
  write.verb = Write::Verb::evict;
  write.object = {"",
                  "v1",
                  "pods",
                  "Pod",
                  std::string(text_at(pod, {"metadata", "namespace"})),
                  std::string(text_at(pod, {"metadata", "name"})),
                  {},
                  std::string(text_at(pod, {"metadata", "uid"}))};
  json::object options{{"preconditions", {{"uid", write.object.uid}}}};
  if (call.arguments.has("grace_period_seconds"))
    options["gracePeriodSeconds"] = call.arguments.integer("grace_period_seconds");
  write.body = json::object{{"apiVersion", api_version},
                            {"kind", "Eviction"},
                            {"metadata", {{"name", write.object.name}, {"namespace", write.object.ns}}},
                            {"deleteOptions", std::move(options)}};
  write.before = pod;
  return write;
}

// Of the node that the call names, whatever they are.
awaitable<Result<json::value>> pods_on_node(Call& call) {
  std::string target = "/api/v1/pods";
  kube::add_query(target, "fieldSelector", "spec.nodeName=" + call.arguments.text("name"));
  co_return co_await call.client.get(target, call.deadline);
}

awaitable<Result<Plan>> plan_drain(Call& call) {
  ObjectRef node = node_of(call);
  auto before = co_await read_for_change(call, node);
  if (!before) co_return fail(std::move(before.error()));
  auto pods = co_await pods_on_node(call);
  if (!pods) co_return fail(std::move(pods.error()));
  Plan plan;
  plan.summary = "drain node " + node.name;
  auto cordon = set_unschedulable(node, *before, true);
  if (cordon) plan.writes.push_back(std::move(*cordon));
  const std::string version = co_await eviction_version(call);
  json::array evicted, left;
  std::vector<std::string> alone, with_data;
  for (const auto& pod : array_at(*pods, {"items"})) {
    if (const auto why = stays(pod); !why.empty()) {
      if (why != "finished") left.push_back(json::value(place(pod) + " (" + std::string(why) + ")"));
      continue;
    }
    if (!controller_reference(pod)) alone.push_back(place(pod));
    if (has_empty_dir(pod)) with_data.push_back(place(pod));
    evicted.push_back(json::value(place(pod)));
    plan.writes.push_back(eviction(pod, version, call));
  }
  if (!with_data.empty())
    plan.reach.push_back(fmt::format("{} of the pods lose what is in their emptyDir volumes", with_data.size()));
  if (!alone.empty())
    plan.reach.push_back(fmt::format("{} pods have no controller, and nothing recreates them", alone.size()));
  if (!cordon) plan.no_undo = "the node was unschedulable already, and pods that were evicted do not come back to it";
  json::array lonely;
  for (const auto& pod : alone) lonely.push_back(json::value(pod));
  plan.facts.as_object()["alone"] = std::move(lonely);
  plan.facts.as_object()["before"] = flag_at(*before, {"spec", "unschedulable"});
  plan.facts.as_object()["evicted"] = std::move(evicted);
  plan.facts.as_object()["left"] = std::move(left);
  co_return plan;
}

Result<void> check_drain(const Call& call, const Plan& plan) {
  const json::array& alone = array_at(plan.facts, {"alone"});
  if (alone.empty() || call.arguments.flag("force")) return {};
  std::string names;
  for (const auto& pod : alone) names += (names.empty() ? "" : "\n") + std::string(pod.get_string());
  return fail_with(std::move(names), ErrorCode::conflict, "drain_node",
                   fmt::format("{} pods there have no controller, so nothing would recreate them", alone.size()),
                   "Look at them, and set force to evict them too");
}

Result<Reply> finish_drain(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string name = call.arguments.text("name");
  const std::size_t evicted = array_at(plan.facts, {"evicted"}).size();
  json::object result{{"node", name},
                      {"unschedulable", true},
                      {"before", flag_at(plan.facts, {"before"})},
                      {"evicted", array_at(plan.facts, {"evicted"})},
                      {"left", array_at(plan.facts, {"left"})},
                      {"changed", !answers.empty() && !call.dry_run}};
  return change_reply(std::move(result),
                      did_or_would(call, "drained") +
                          fmt::format(" node {}: {} pods evicted. {}", name, evicted,
                                      plan.no_undo.empty()
                                          ? "A rollback makes it schedulable again; evicted pods do not come back to it"
                                          : "It was unschedulable before, so there is nothing to take back"));
}

template <bool unschedulable>
constexpr ChangeSteps kCordon{plan_cordon<unschedulable>, finish_cordon<unschedulable>, nullptr};
// A pod may have come to the node after the plan was made.
awaitable<Result<Verification>> verify_drain(Call& call, const Plan& plan, const Answers& answers) {
  auto out = co_await verify_plan(call, plan, answers);
  if (!out || !out->reached) co_return out;
  auto pods = co_await pods_on_node(call);
  if (!pods) co_return fail(std::move(pods.error()));
  std::vector<std::string> late;
  for (const auto& pod : array_at(*pods, {"items"}))
    if (stays(pod).empty()) late.push_back(place(pod));
  if (!late.empty()) {
    out->reached = false;
    out->state = fmt::format("{} pods have come to the node since: {}. Drain it again", late.size(), some_of(late, 5));
  }
  co_return out;
}

constexpr ChangeSteps kDrain{plan_drain, finish_drain, verify_drain, 0, check_drain};

Operation cordon(std::string_view name, std::string_view summary, const ChangeSteps& steps) {
  return {
      .name = name,
      .family = "nodes",
      .trust = Trust::write,
      .summary = summary,
      .parameters = change_parameters(false),
      .access = {{"", "nodes", {"get", "patch"}, Reach::cluster}, {"", "pods", {"list"}, Reach::all_namespaces, true}},
      .example = "--name node-2",
      .change = &steps};
}

}  // namespace

std::vector<Operation> node_change_operations() {
  return {
      cordon("cordon_node", "Mark a node as unschedulable; its running pods are not affected", kCordon<true>),
      cordon("uncordon_node", "Mark a node as schedulable again", kCordon<false>),
      {.name = "drain_node",
       .family = "nodes",
       .trust = Trust::destructive,
       .summary = "Cordon a node and evict its pods; disruption budgets are respected, and waited for until the call's "
                  "time is over",
       .parameters = change_parameters(
           false,
           {{.name = "force", .type = ParameterType::boolean, .meaning = "Evict pods too that no controller recreates"},
            {.name = "grace_period_seconds",
             .type = ParameterType::integer,
             .meaning = "How long each pod may take to end; left out: as long as it asks for itself",
             .minimum = 0,
             .maximum = 86400}}),
       .access = {{"", "nodes", {"get", "patch"}, Reach::cluster},
                  {"", "pods", {"get", "list"}, Reach::all_namespaces},
                  {"", "pods/eviction", {"create"}, Reach::all_namespaces}},
       .example = "--name node-2",
       .change = &kDrain},
  };
}

}  // namespace fairlead::ops
