#include "base/text.h"
#include "ops/catalog.h"
#include "ops/change.h"
#include "ops/list.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

// What a Scale asks for; 0 is left out of it. Nothing when it is no Scale, or says nonsense.
std::optional<std::int64_t> replicas_of(const json::value& scale) {
  if (text_at(scale, {"kind"}) != "Scale") return std::nullopt;
  const json::value* replicas = find(scale, "spec", "replicas");
  if (!replicas) return 0;
  if (!replicas->is_int64() || replicas->get_int64() < 0) return std::nullopt;
  return replicas->get_int64();
}

awaitable<Result<Reply>> scale_deployment(Call& call) {
  std::string ns = call.object_namespace();
  std::string name = call.arguments.text("name");
  std::int64_t replicas = call.arguments.integer("replicas");
  std::string target = kube::ResourcePath{"apps", "v1", "deployments", ns, name, "scale"}.text();
  auto plan = [replicas](const json::value& before) -> std::optional<json::object> {
    const auto now = replicas_of(before);
    if (!now || *now == replicas) return std::nullopt;  // nothing is planned on nonsense
    return json::object{{"spec", {{"replicas", replicas}}}};
  };
  auto change = co_await change_object(call, std::move(target), "Scale", plan);
  if (!change) co_return fail(std::move(change.error()));
  const auto before = replicas_of(change->before);
  if (!before)
    co_return fail(ErrorCode::server_error, "scale_deployment", "the server does not say how many replicas there are",
                   "Look at the deployment with list_deployments");
  const std::int64_t was = *before, asked = replicas;
  // What holds is what the server made of it: an admission webhook may have had a say.
  const auto after = change->after ? replicas_of(*change->after) : std::optional(was);
  if (!after)
    co_return fail(ErrorCode::server_error, "scale_deployment", "the answer is no Scale",
                   std::string(net::kUnknownOutcome));
  replicas = *after;
  json::object result{{"namespace", ns},
                      {"deployment", name},
                      {"replicas", replicas},
                      {"before", was},
                      {"changed", change->after.has_value() && !call.dry_run}};
  std::string which = "deployment " + ns + "/" + name;
  std::string note = change->after ? (call.dry_run ? "dry run: would have scaled " : "scaled ") + which + " from " +
                                         std::to_string(was) + " to " + std::to_string(replicas)
                                   : which + " already had " + std::to_string(was) + " replicas: nothing changed";
  if (replicas != asked)
    note += ", not to " + std::to_string(asked) + ": something in the cluster decided otherwise, such as a webhook";
  co_return Reply{Document{std::move(result), nullptr}, {std::move(note)}};
}

awaitable<Result<Reply>> restart_deployment(Call& call) {
  std::string ns = call.object_namespace();
  std::string name = call.arguments.text("name");
  std::string target = kube::ResourcePath{"apps", "v1", "deployments", ns, name, {}}.text();
  auto before = co_await read_object(call, target, "Deployment");
  if (!before) co_return fail(std::move(before.error()));
  if (flag_at(*before, {"spec", "paused"}))
    co_return fail(ErrorCode::conflict, "restart_deployment",
                   "deployment " + ns + "/" + name + " is paused, so a restart would not happen",
                   "Resume its rollout first");
  std::string now = format_rfc3339(call.clock.unix_seconds());
  if (call.dry_run) kube::add_query(target, "dryRun", "All");
  json::object patch{
      {"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", now}}}}}}}}}};
  auto after =
      co_await call.client.send("PATCH", target, std::string(kube::Patch::strategic), compact(patch), call.deadline);
  if (!after) co_return fail(std::move(after.error()));
  const std::int64_t generation = integer_at(*after, {"metadata", "generation"});
  if (generation == 0)
    co_return fail(ErrorCode::server_error, "restart_deployment", "the answer is no Deployment",
                   std::string(net::kUnknownOutcome));
  if (!call.dry_run && generation == integer_at(*before, {"metadata", "generation"}))
    co_return fail(ErrorCode::conflict, "restart_deployment",
                   "deployment " + ns + "/" + name + " was not changed: it was restarted within this very second",
                   "Look at its rollout with list_deployments before you repeat it");
  json::object result{{"namespace", ns}, {"deployment", name}, {"restarted_at", now}, {"generation", generation}};
  std::vector<std::string> notes{
      (call.dry_run ? "dry run: would have restarted deployment " : "restarting deployment ") + ns + "/" + name +
      ": its pods are replaced one after another; list_deployments shows the rollout. A restart cannot be undone"};
  co_return Reply{Document{std::move(result), nullptr}, std::move(notes)};
}

}  // namespace

std::vector<Operation> deployment_operations() {
  return {
      {
          .name = "scale_deployment",
          .family = "workloads",
          .trust = Trust::write,
          .summary = "Scale a deployment to a specific number of replicas",
          .parameters = change_parameters(true, {{.name = "replicas",
                                                  .type = ParameterType::integer,
                                                  .meaning = "How many pods it shall have",
                                                  .required = true,
                                                  .minimum = 0,
                                                  .maximum = 100000}}),
          .access = {{"apps", "deployments/scale", {"get", "patch"}}},
          .run = scale_deployment,
          .example = "--namespace shop --name web --replicas 5",
      },
      {
          .name = "restart_deployment",
          .family = "workloads",
          .trust = Trust::write,
          .idempotent = false,
          .summary = "Trigger a rolling restart of all pods in a deployment; it cannot be undone",
          .parameters = change_parameters(true),
          .access = {{"apps", "deployments", {"get", "patch"}}},
          .run = restart_deployment,
          .example = "--namespace shop --name web",
      },
  };
}

}  // namespace fairlead::ops
