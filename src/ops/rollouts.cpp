// Restarts and rollouts: what kubectl rollout does.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kRevision = "deployment.kubernetes.io/revision";

struct Workload {
  std::string_view kind, plural, word;
};
constexpr Workload kDeployment{"Deployment", "deployments", "deployment"};
constexpr Workload kStatefulSet{"StatefulSet", "statefulsets", "statefulset"};
constexpr Workload kDaemonSet{"DaemonSet", "daemonsets", "daemonset"};

ObjectRef named(const Call& call, const Workload& what) {
  return {"apps",
          "v1",
          std::string(what.plural),
          std::string(what.kind),
          call.object_namespace(),
          call.arguments.text("name"),
          {},
          {}};
}

std::string which(const Call& call, const Workload& what) {
  return std::string(what.word) + " " + call.object_namespace() + "/" + call.arguments.text("name");
}

json::object subject(const Call& call, const Workload& what) {
  return {{"namespace", call.object_namespace()}, {what.word, call.arguments.text("name")}};
}

template <const Workload& what>
awaitable<Result<Plan>> plan_restart(Call& call) {
  ObjectRef object = named(call, what);
  auto before = co_await read_for_change(call, object);
  if (!before) co_return fail(std::move(before.error()));
  if (const std::string_view why = why_no_restart(*before); !why.empty())
    co_return fail(ErrorCode::conflict, std::string(call.operation.name), which(call, what) + " " + std::string(why),
                   flag_at(*before, {"spec", "paused"}) ? "Resume its rollout first, with resume_rollout"
                                                        : "Delete its pods one after another, with delete_pod");
  const std::string now = format_rfc3339(call.clock.unix_seconds());
  Plan plan;
  plan.facts.as_object()["restarted_at"] = now;
  plan.summary = "restart " + which(call, what);
  plan.no_undo = "pods that were replaced do not come back";
  auto write = patch_of(object, *before, kube::Patch::merge, restart_patch(now));
  if (!write)
    co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                   which(call, what) + " was not changed: it was restarted within this very second",
                   "Look at its rollout before you repeat it");
  plan.writes.push_back(std::move(*write));
  co_return plan;
}

template <const Workload& what>
Result<Reply> finish_restart(const Call& call, const Plan& plan, const Answers& answers) {
  const json::value& after = outcome(plan, answers);
  if (integer_at(after, {"metadata", "generation"}) == 0)
    return strange_answer(call, "the answer is no " + std::string(what.kind));
  json::object result = subject(call, what);
  result["restarted_at"] = text_at(plan.facts, {"restarted_at"});
  result["generation"] = integer_at(after, {"metadata", "generation"});
  return change_reply(std::move(result), (call.dry_run ? "dry run: would have restarted " : "restarting ") +
                                             which(call, what) +
                                             ": its pods are replaced one after another. A restart cannot be undone");
}

template <bool paused>
awaitable<Result<Plan>> plan_pause(Call& call) {
  ObjectRef object = named(call, kDeployment);
  auto before = co_await read_for_change(call, object);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = (paused ? "pause the rollout of " : "resume the rollout of ") + which(call, kDeployment);
  if (flag_at(*before, {"spec", "paused"}) == paused) co_return plan;
  json::object spec;
  spec["paused"] = paused ? json::value(true) : json::value(nullptr);
  json::object patch;
  patch["spec"] = std::move(spec);
  auto write = patch_of(object, *before, kube::Patch::merge, std::move(patch));
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

template <bool paused>
Result<Reply> finish_pause(const Call& call, const Plan&, const Answers& answers) {
  json::object result = subject(call, kDeployment);
  result["paused"] = paused;
  result["changed"] = !answers.empty() && !call.dry_run;
  const std::string word = paused ? "paused" : "resumed";
  if (answers.empty())
    return change_reply(std::move(result), "the rollout of " + which(call, kDeployment) +
                                               (paused ? " was already paused" : " was not paused") +
                                               ": nothing changed");
  return change_reply(std::move(result), did_or_would(call, word) + " the rollout of " + which(call, kDeployment));
}

std::int64_t revision_of(const json::value& object) {
  const std::string_view text = text_at(object, {"metadata", "annotations", kRevision});
  std::int64_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || number > 1'000'000'000) return 0;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool owned_by(const json::value& object, std::string_view uid) {
  for (const auto& owner : array_at(object, {"metadata", "ownerReferences"}))
    if (flag_at(owner, {"controller"}) && text_at(owner, {"uid"}) == uid) return true;
  return false;
}

// The ReplicaSet of the revision asked for, or of the one before the present one.
Result<json::value> find_revision(const Call& call, const json::value& deployment, const json::value& sets) {
  const std::int64_t present = revision_of(deployment), asked = call.arguments.integer("to_revision");
  const json::value* found = nullptr;
  std::vector<std::int64_t> known;
  for (const auto& set : array_at(sets, {"items"})) {
    if (!owned_by(set, text_at(deployment, {"metadata", "uid"}))) continue;
    const std::int64_t revision = revision_of(set);
    if (revision == 0) continue;
    known.push_back(revision);
    const bool wanted =
        asked > 0 ? revision == asked : revision < present && (!found || revision > revision_of(*found));
    if (wanted) found = &set;
  }
  if (found) return *found;
  std::sort(known.begin(), known.end());
  return fail(ErrorCode::not_found, std::string(call.operation.name),
              asked > 0 ? fmt::format("there is no revision {}", asked)
                        : std::string("there is no revision before the present one"),
              known.empty() ? std::string("Its history is empty: revisionHistoryLimit may be 0")
                            : fmt::format("Revisions that are kept: {}", fmt::join(known, ", ")));
}

awaitable<Result<Plan>> plan_rollout_undo(Call& call) {
  ObjectRef object = named(call, kDeployment);
  auto before = co_await read_for_change(call, object);
  if (!before) co_return fail(std::move(before.error()));
  if (flag_at(*before, {"spec", "paused"}))
    co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                   which(call, kDeployment) + " is paused, so it would not be rolled back",
                   "Resume its rollout first, with resume_rollout");
  auto sets = co_await call.client.get(kube::ResourcePath{"apps", "v1", "replicasets", object.ns, {}, {}}.text(),
                                       call.deadline);
  if (!sets) co_return fail(std::move(sets.error()));
  auto set = find_revision(call, *before, *sets);
  if (!set) co_return fail(std::move(set.error()));
  const json::value* kept = find(*set, "spec", "template");
  if (!kept || !kept->is_object())
    co_return fail(ErrorCode::server_error, std::string(call.operation.name),
                   "the ReplicaSet of that revision has no pod template", "Look at it with get_replicaset");
  json::value wanted = *kept;
  if (json::value* labels = find(wanted, "metadata", "labels") ? &wanted.at("metadata").at("labels") : nullptr;
      labels && labels->is_object())
    labels->get_object().erase("pod-template-hash");
  Plan plan;
  plan.facts.as_object()["from"] = revision_of(*before);
  plan.facts.as_object()["to"] = revision_of(*set);
  plan.summary = fmt::format("roll {} back from revision {} to {}", which(call, kDeployment), revision_of(*before),
                             revision_of(*set));
  const json::value* present = find(*before, "spec", "template");
  if (present && *present == wanted) co_return plan;
  Write write;
  write.object = object;
  write.content_type = kube::Patch::json;
  write.before = *before;
  write.body = json::array{json::object{{"op", "replace"},
                                        {"path", "/metadata/resourceVersion"},
                                        {"value", text_at(*before, {"metadata", "resourceVersion"})}},
                           json::object{{"op", "replace"}, {"path", "/spec/template"}, {"value", std::move(wanted)}}};
  plan.writes.push_back(std::move(write));
  co_return plan;
}

Result<Reply> finish_rollout_undo(const Call& call, const Plan& plan, const Answers& answers) {
  json::object result = subject(call, kDeployment);
  result["from_revision"] = integer_at(plan.facts, {"from"});
  result["to_revision"] = integer_at(plan.facts, {"to"});
  result["changed"] = !answers.empty() && !call.dry_run;
  if (answers.empty())
    return change_reply(std::move(result),
                        which(call, kDeployment) + " has the template of that revision already: nothing changed");
  return change_reply(std::move(result),
                      did_or_would(call, fmt::format("rolled {} back to the template of revision {}",
                                                     which(call, kDeployment), integer_at(plan.facts, {"to"}))));
}

template <const Workload& what>
constexpr ChangeSteps kRestart{plan_restart<what>, finish_restart<what>, nullptr};
template <bool paused>
constexpr ChangeSteps kPause{plan_pause<paused>, finish_pause<paused>, nullptr};
constexpr ChangeSteps kRolloutUndo{plan_rollout_undo, finish_rollout_undo, nullptr};

Operation restart(std::string_view name, std::string_view summary, std::string_view plural, const ChangeSteps& steps) {
  return {.name = name,
          .family = "workloads",
          .trust = Trust::write,
          .idempotent = false,
          .summary = summary,
          .parameters = change_parameters(true),
          .access = change_access({"apps", plural, {"get", "patch"}}),
          .example = "--namespace shop --name cart",
          .change = &steps};
}

Operation rollout(std::string_view name, std::string_view summary, std::vector<Parameter> own,
                  std::vector<Access> access, const ChangeSteps& steps) {
  return {.name = name,
          .family = "workloads",
          .trust = Trust::write,
          .summary = summary,
          .parameters = change_parameters(true, std::move(own)),
          .access = change_access(std::move(access)),
          .example = "--namespace shop --name cart",
          .change = &steps};
}

}  // namespace

std::vector<Operation> rollout_operations() {
  const Access deployments{"apps", "deployments", {"get", "patch"}};
  std::vector<Operation> all{
      restart("restart_deployment", "Trigger a rolling restart of all pods in a deployment; it cannot be undone",
              "deployments", kRestart<kDeployment>),
      restart("restart_statefulset", "Trigger a rolling restart of all pods in a StatefulSet; it cannot be undone",
              "statefulsets", kRestart<kStatefulSet>),
      restart("restart_daemonset", "Trigger a rolling restart of all pods in a DaemonSet; it cannot be undone",
              "daemonsets", kRestart<kDaemonSet>),
      rollout("rollout_undo", "Roll a deployment back to an earlier revision of its pod template",
              {{.name = "to_revision",
                .type = ParameterType::integer,
                .meaning = "Which revision; left out: the one before the present one",
                .minimum = 1,
                .maximum = 1'000'000'000}},
              {deployments, {"apps", "replicasets", {"list"}}}, kRolloutUndo),
      rollout("pause_rollout", "Pause the rollout of a deployment: changes of its template wait", {}, {deployments},
              kPause<true>),
      rollout("resume_rollout", "Resume the rollout of a paused deployment", {}, {deployments}, kPause<false>),
  };
  all[3].idempotent = false;
  return all;
}

}  // namespace fairlead::ops
