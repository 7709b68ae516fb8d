// scale_deployment and scale_statefulset, through the subresource that both have for it.
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

// What a Scale asks for. Nothing when it is no Scale, or says nonsense.
std::optional<std::int64_t> replicas_of(const json::value& scale) {
  if (text_at(scale, {"kind"}) != "Scale") return std::nullopt;
  const json::value* replicas = find(scale, "spec", "replicas");
  if (!replicas || !replicas->is_int64() || replicas->get_int64() < 0) return std::nullopt;
  return replicas->get_int64();
}

struct Scalable {
  std::string_view kind, plural, word;
};
constexpr Scalable kDeployment{"Deployment", "deployments", "deployment"};
constexpr Scalable kStatefulSet{"StatefulSet", "statefulsets", "statefulset"};

template <const Scalable& what>
awaitable<Result<Plan>> plan_scale(Call& call) {
  const std::int64_t replicas = call.arguments.integer("replicas");
  ObjectRef object{"apps",
                   "v1",
                   std::string(what.plural),
                   std::string(what.kind),
                   call.object_namespace(),
                   call.arguments.text("name"),
                   "scale",
                   {}};
  auto before = co_await read_for_change(call, object);
  if (!before) co_return fail(std::move(before.error()));
  const auto was = replicas_of(*before);
  if (!was)
    co_return fail(ErrorCode::server_error, std::string(call.operation.name),
                   "the server does not say how many replicas there are",
                   "Look at the workload with describe_deployment or list_statefulsets");
  Plan plan;
  plan.facts.as_object()["before"] = *was;
  plan.summary = "scale " + std::string(what.word) + " " + object.ns + "/" + object.name + " from " +
                 std::to_string(*was) + " to " + std::to_string(replicas);
  if (*was == replicas) co_return plan;
  json::object patch;
  patch["spec"] = json::object{{"replicas", replicas}};
  auto write = patch_of(object, *before, kube::Patch::merge, std::move(patch));
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

template <const Scalable& what>
Result<Reply> finish_scale(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  const std::int64_t was = integer_at(plan.facts, {"before"}), asked = call.arguments.integer("replicas");
  // What holds is what the server made of it: an admission webhook may have had a say.
  const auto now = answers.empty() ? std::optional(was) : replicas_of(answers.front());
  if (!now) return strange_answer(call, "the answer is no Scale");
  json::object result{{"namespace", ns},
                      {what.word, name},
                      {"replicas", *now},
                      {"before", was},
                      {"changed", *now != was && !call.dry_run}};
  const std::string which = std::string(what.word) + " " + ns + "/" + name;
  if (answers.empty())
    return change_reply(std::move(result),
                        which + " already had " + std::to_string(was) + " replicas: nothing changed");
  std::string note =
      did_or_would(call, "scaled ") + which + " from " + std::to_string(was) + " to " + std::to_string(*now);
  if (*now != asked)
    note += ", not to " + std::to_string(asked) + ": something in the cluster decided otherwise, such as a webhook";
  return change_reply(std::move(result), std::move(note));
}

template <const Scalable& what>
constexpr ChangeSteps kScale{plan_scale<what>, finish_scale<what>, nullptr};

Operation scale(std::string_view name, std::string_view summary, std::string_view plural, std::string_view resource,
                const ChangeSteps& steps) {
  return {.name = name,
          .family = "workloads",
          .trust = Trust::write,
          .summary = summary,
          .parameters = change_parameters(true, {{.name = "replicas",
                                                  .type = ParameterType::integer,
                                                  .meaning = "How many pods it shall have",
                                                  .required = true,
                                                  .minimum = 0,
                                                  .maximum = 100000}}),
          .access = change_access(
              {{"apps", resource, {"get", "patch"}}, {"apps", plural, {"get"}, Reach::call_namespace, true}}),
          .example = "--namespace shop --name cart --replicas 5",
          .change = &steps};
}

}  // namespace

std::vector<Operation> scale_operations() {
  return {scale("scale_deployment", "Scale a deployment to a specific number of replicas", "deployments",
                "deployments/scale", kScale<kDeployment>),
          scale("scale_statefulset", "Scale a StatefulSet to a specific number of replicas", "statefulsets",
                "statefulsets/scale", kScale<kStatefulSet>)};
}

}  // namespace fairlead::ops
