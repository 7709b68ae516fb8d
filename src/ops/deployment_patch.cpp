// patch_deployment: image, replicas and environment variables of a Deployment.
#include <fmt/format.h>

#include <algorithm>

#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "ops/planning.h"
#include "ops/shown.h"

namespace fairlead::ops {
namespace {

tl::unexpected<Error> refuse(std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, "patch_deployment", std::move(cause), std::move(remedy));
}

bool is_variable(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

Result<json::array> environment_patch(const json::object& given) {
  json::array out;
  for (const auto& [name, value] : given) {
    if (!is_variable(name))
      return refuse("an environment variable has letters, digits, '_', '.' and '-', and does not begin with a digit",
                    "Correct its name");
    json::object item{{"name", name}};
    if (value.is_null()) {
      item["$patch"] = "delete";
    } else {
      item["value"] = value;
      item["valueFrom"] = nullptr;  // a variable has one or the other
    }
    out.push_back(std::move(item));
  }
  return out;
}

// The container that image and env are meant for: the one that is named, or the only one.
Result<std::string> container_of(const Call& call, const json::value& deployment) {
  std::vector<std::string> names;
  for (const auto& one : array_at(deployment, {"spec", "template", "spec", "containers"}))
    names.emplace_back(text_at(one, {"name"}));
  const std::string asked = call.arguments.text("container");
  if (!asked.empty() && std::find(names.begin(), names.end(), asked) != names.end()) return asked;
  if (asked.empty() && names.size() == 1) return names[0];
  return refuse(asked.empty() ? fmt::format("it has {} containers", names.size()) : "it has no container " + asked,
                fmt::format("Say which with container: {}", fmt::join(names, ", ")));
}

awaitable<Result<Plan>> plan_patch(Call& call) {
  ObjectRef object{"apps", "v1", "deployments", "Deployment", call.object_namespace(), call.arguments.text("name"),
                   {},     {}};
  const std::string image = call.arguments.text("image");
  const json::object given = call.arguments.map("env");
  if (image.empty() && given.empty() && !call.arguments.has("replicas"))
    co_return refuse("nothing is to be changed", "Give image, env or replicas");
  auto env = environment_patch(given);
  if (!env) co_return fail(std::move(env.error()));
  auto before = co_await read_for_change(call, object);
  if (!before) co_return fail(std::move(before.error()));
  json::object spec;
  if (call.arguments.has("replicas")) spec["replicas"] = call.arguments.integer("replicas");
  if (!image.empty() || !env->empty()) {
    auto container = container_of(call, *before);
    if (!container) co_return fail(std::move(container.error()));
    json::object one{{"name", *container}};
    if (!image.empty()) one["image"] = image;
    if (!env->empty()) one["env"] = std::move(*env);
    json::object pod;
    pod["containers"] = json::array{std::move(one)};
    spec["template"] = json::object{{"spec", std::move(pod)}};
  }
  Plan plan;
  plan.summary = "patch deployment " + object.ns + "/" + object.name + ":";
  if (call.arguments.has("replicas")) plan.summary += fmt::format(" replicas {}", call.arguments.integer("replicas"));
  if (!image.empty()) plan.summary += " image " + image;
  for (const auto& one : given) plan.summary += " env " + std::string(one.key());
  json::object patch;
  patch["spec"] = std::move(spec);
  auto write = patch_of(object, *before, kube::Patch::strategic, std::move(patch));
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

Result<Reply> finish_patch(const Call& call, const Plan& plan, const Answers& answers) {
  const json::value& after = outcome(plan, answers);
  json::object result{{"namespace", call.object_namespace()},
                      {"deployment", call.arguments.text("name")},
                      {"changed", !answers.empty() && !call.dry_run}};
  const std::string which = "deployment " + call.object_namespace() + "/" + call.arguments.text("name");
  if (answers.empty()) return change_reply(std::move(result), which + " is so already: nothing changed");
  if (integer_at(after, {"metadata", "generation"}) == 0) return strange_answer(call, "the answer is no Deployment");
  result["generation"] = integer_at(after, {"metadata", "generation"});
  json::array lines;
  for (const auto& line : brief(diff_lines(plan.writes.front(), after))) lines.push_back(json::value(line));
  result["fields"] = std::move(lines);
  return change_reply(std::move(result), did_or_would(call, "patched ") + which);
}

constexpr ChangeSteps kPatch{plan_patch, finish_patch, nullptr};

}  // namespace

std::vector<Operation> deployment_patch_operations() {
  return {{
      .name = "patch_deployment",
      .family = "workloads",
      .trust = Trust::write,
      .summary = "Change the image, the environment variables or the replica count of a deployment",
      .parameters = change_parameters(true, {{.name = "image", .meaning = "The new image of the container"},
                                             {.name = "env",
                                              .type = ParameterType::map,
                                              .meaning = "Environment variables to set; null removes one",
                                              .secret = true},
                                             {.name = "container",
                                              .type = ParameterType::container,
                                              .meaning = "Which container; left out: the only one"},
                                             {.name = "replicas",
                                              .type = ParameterType::integer,
                                              .meaning = "How many pods it shall have",
                                              .minimum = 0,
                                              .maximum = 100000}}),
      .access = change_access({"apps", "deployments", {"get", "patch"}}),
      .example = "--namespace shop --name cart --image registry.example/cart:2.1",
      .change = &kPatch,
  }};
}

}  // namespace fairlead::ops
