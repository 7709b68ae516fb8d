// delete_pod.
#include <algorithm>

#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

// "ReplicaSet/web-7d4f", in words that whoever made the pod cannot choose freely; empty: nothing recreates it.
std::string recreated_by(const json::value& pod) {
  const json::value* owner = controller_reference(pod);
  if (!owner) return "";
  std::string kind(text_at(*owner, {"kind"})), name(text_at(*owner, {"name"}));
  const bool plain = kind.size() <= 63 && std::all_of(kind.begin(), kind.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                     });
  return plain && !why_not_subdomain(name) ? kind + "/" + name : "a controller of an odd name";
}

awaitable<Result<Plan>> plan_delete(Call& call) {
  ObjectRef pod{"", "v1", "pods", "Pod", call.object_namespace(), call.arguments.text("name"), {}, {}};
  auto before = co_await read_for_change(call, pod);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = "delete pod " + pod.ns + "/" + pod.name;
  const std::string controller = recreated_by(*before);
  plan.facts.as_object()["controller"] = controller;
  if (!controller.empty()) plan.no_undo = controller + " recreates it by itself";
  plan.shows.push_back(pod);  // by whom it is recreated
  Write write = removal_of(std::move(pod), *before);
  if (call.arguments.has("grace_period_seconds"))
    write.body.as_object()["gracePeriodSeconds"] = call.arguments.integer("grace_period_seconds");
  plan.writes.push_back(std::move(write));
  co_return plan;
}

Result<Reply> finish_delete(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  const std::string controller(text_at(plan.facts, {"controller"}));
  json::object result{{"namespace", ns},
                      {"pod", name},
                      {"deleted", !call.dry_run},
                      {"controller", controller.empty() ? json::value(nullptr) : json::value(controller)}};
  if (answers.empty()) {
    result["deleted"] = false;
    return change_reply(std::move(result), "pod " + ns + "/" + name + " had gone already");
  }
  std::string note = (call.dry_run ? "dry run: would have deleted pod " : "deleting pod ") + ns + "/" + name;
  note += controller.empty() ? "; nothing recreates it" : "; " + controller + " recreates it";
  return change_reply(std::move(result), std::move(note));
}

constexpr ChangeSteps kDelete{plan_delete, finish_delete, nullptr};

}  // namespace

std::vector<Operation> pod_change_operations() {
  return {{
      .name = "delete_pod",
      .family = "pods",
      .trust = Trust::destructive,
      .idempotent = false,  // a StatefulSet's next pod has the same name
      .summary = "Delete a pod (recreated if managed by a controller)",
      .parameters = change_parameters(true, {{.name = "grace_period_seconds",
                                              .type = ParameterType::integer,
                                              .meaning = "How long it may take to end; 0 kills at once; left "
                                                         "out: as long as the pod itself asks for, mostly 30",
                                              .minimum = 0,
                                              .maximum = 86400}}),
      .access = change_access({"", "pods", {"get", "delete"}}),
      .example = "--namespace monitoring --name prometheus-0",
      .change = &kDelete,
  }};
}

}  // namespace fairlead::ops
