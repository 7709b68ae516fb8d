// suspend_cronjob, resume_cronjob, create_job_from_cronjob.
#include <fmt/format.h>

#include <algorithm>

#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "ops/planning.h"
#include "ops/resolve.h"

namespace fairlead::ops {
namespace {

// batch/v1 since Kubernetes 1.21, v1beta1 before.
awaitable<Result<ObjectRef>> cronjob_of(Call& call) {
  auto kind = co_await resolve_kind(call, "cronjobs.batch");
  if (!kind) co_return fail(std::move(kind.error()));
  co_return ObjectRef{
      kind->group, kind->version, kind->plural, "CronJob", call.object_namespace(), call.arguments.text("name"), {},
      {}};
}

std::string which(const Call& call) { return "CronJob " + call.object_namespace() + "/" + call.arguments.text("name"); }

template <bool suspended>
awaitable<Result<Plan>> plan_suspend(Call& call) {
  auto object = co_await cronjob_of(call);
  if (!object) co_return fail(std::move(object.error()));
  auto before = co_await read_for_change(call, *object);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = (suspended ? "suspend " : "resume ") + which(call);
  if (flag_at(*before, {"spec", "suspend"}) == suspended) co_return plan;
  json::object patch;
  patch["spec"] = json::object{{"suspend", suspended}};
  auto write = patch_of(*object, *before, kube::Patch::merge, std::move(patch));
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

template <bool suspended>
Result<Reply> finish_suspend(const Call& call, const Plan&, const Answers& answers) {
  json::object result{{"namespace", call.object_namespace()},
                      {"cronjob", call.arguments.text("name")},
                      {"suspended", suspended},
                      {"changed", !answers.empty() && !call.dry_run}};
  if (answers.empty())
    return change_reply(std::move(result), which(call) + (suspended ? " was already suspended" : " was not suspended") +
                                               ": nothing changed");
  return change_reply(std::move(result), did_or_would(call, suspended ? "suspended " : "resumed ") + which(call));
}

// Of a name, that another word may follow: a Job's is at most 63 long.
std::string beginning(std::string name) {
  constexpr std::size_t most = 40;
  name.resize(std::min(name.size(), most));
  while (name.ends_with('-') || name.ends_with('.')) name.pop_back();
  return name;
}

awaitable<Result<Plan>> plan_job(Call& call) {
  auto object = co_await cronjob_of(call);
  if (!object) co_return fail(std::move(object.error()));
  auto cron = co_await read_for_change(call, *object);
  if (!cron) co_return fail(std::move(cron.error()));
  std::string name = call.arguments.text("job_name");
  if (name.empty())
    name = fmt::format("{}-manual-{}", beginning(object->name), call.clock.unix_seconds() % 1'000'000'000);
  if (auto wrong = why_not_subdomain(name))
    co_return fail(ErrorCode::invalid_request, "create_job_from_cronjob", "job_name: " + *wrong, "Choose another name");
  const json::value* template_ = find(*cron, "spec", "jobTemplate");
  if (!template_ || !find(*template_, "spec"))
    co_return fail(ErrorCode::server_error, "create_job_from_cronjob", "the CronJob has no job template",
                   "Look at it with get_cronjob");
  json::object annotations = object_at(*template_, {"metadata", "annotations"});
  annotations["cronjob.kubernetes.io/instantiate"] = "manual";
  json::object owner{{"apiVersion", object->group + "/" + object->version},
                     {"kind", "CronJob"},
                     {"name", object->name},
                     {"uid", object->uid},
                     {"controller", true}};
  json::object metadata{{"name", name},
                        {"namespace", object->ns},
                        {"annotations", std::move(annotations)},
                        {"labels", object_at(*template_, {"metadata", "labels"})},
                        {"ownerReferences", json::array{std::move(owner)}}};
  Write write;
  write.verb = Write::Verb::create;
  write.copied = true;
  write.object = {"batch", "v1", "jobs", "Job", object->ns, name, {}, {}};
  write.body = json::object{{"apiVersion", "batch/v1"},
                            {"kind", "Job"},
                            {"metadata", std::move(metadata)},
                            {"spec", *find(*template_, "spec")}};
  Plan plan;
  plan.summary = "create Job " + object->ns + "/" + name + " from " + which(call);
  plan.facts.as_object()["job"] = name;
  plan.shows.push_back(*object);
  plan.writes.push_back(std::move(write));
  co_return plan;
}

Result<Reply> finish_job(const Call& call, const Plan& plan, const Answers&) {
  const std::string name(text_at(plan.facts, {"job"}));
  json::object result{{"namespace", call.object_namespace()},
                      {"cronjob", call.arguments.text("name")},
                      {"job", name},
                      {"created", !call.dry_run}};
  return change_reply(std::move(result),
                      did_or_would(call, "created") + " Job " + call.object_namespace() + "/" + name);
}

template <bool suspended>
constexpr ChangeSteps kSuspend{plan_suspend<suspended>, finish_suspend<suspended>, nullptr};
constexpr ChangeSteps kJob{plan_job, finish_job, nullptr};

Operation suspend(std::string_view name, std::string_view summary, const ChangeSteps& steps) {
  return {.name = name,
          .family = "workloads",
          .trust = Trust::write,
          .summary = summary,
          .parameters = change_parameters(true),
          .access = {{"batch", "cronjobs", {"get", "patch"}}},
          .example = "--namespace shop --name nightly-report",
          .change = &steps};
}

}  // namespace

std::vector<Operation> cronjob_change_operations() {
  return {
      suspend("suspend_cronjob", "Stop a CronJob from starting Jobs; those that run go on", kSuspend<true>),
      suspend("resume_cronjob", "Let a suspended CronJob start Jobs again", kSuspend<false>),
      {.name = "create_job_from_cronjob",
       .family = "workloads",
       .trust = Trust::write,
       .idempotent = false,
       .summary = "Run a CronJob now: create a Job from its template",
       .parameters = change_parameters(
           true, {{.name = "job_name", .meaning = "Name of the Job; left out: made from the CronJob's"}}),
       .access = {{"batch", "cronjobs", {"get"}}, {"batch", "jobs", {"get", "create"}}},
       .example = "--namespace shop --name nightly-report",
       .change = &kJob},
  };
}

}  // namespace fairlead::ops
