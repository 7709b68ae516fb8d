#include "diagnosis/operations.h"

#include <fmt/format.h>

#include "base/similar.h"
#include "base/text.h"
#include "diagnosis/api_source.h"
#include "diagnosis/containers.h"
#include "diagnosis/health.h"
#include "net/task.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"

namespace fairlead::diagnosis {
namespace {

using ops::Call;
using ops::Reply;

// Tried in this order where a call does not say of which kind its name is.
constexpr std::string_view kKinds[]{"Deployment", "StatefulSet",
                                    "DaemonSet",  "Job",
                                    "CronJob",    "ReplicaSet",
                                    "Service",    "PersistentVolumeClaim",
                                    "Ingress",    "HorizontalPodAutoscaler"};

// What most rules ask for, at once instead of one after the other.
awaitable<void> read_ahead(Source& source, std::string ns) {
  std::vector<awaitable<int>> reads;
  const auto one = [](Source* from, const Kind* kind, std::string where) -> awaitable<int> {
    co_await from->list(*kind, where);
    co_return 0;
  };
  for (auto name : {"Pod", "Event", "ReplicaSet", "Service"}) reads.push_back(one(&source, &kinds::of(name), ns));
  co_await net::gather(std::move(reads));
}

// "Deployment", "deployments", "deploy", in any letter case.
bool names_kind(std::string_view given, std::string_view kind) {
  static constexpr std::pair<std::string_view, std::string_view> shorts[]{{"deploy", "Deployment"},
                                                                          {"sts", "StatefulSet"},
                                                                          {"ds", "DaemonSet"},
                                                                          {"rs", "ReplicaSet"},
                                                                          {"cj", "CronJob"},
                                                                          {"svc", "Service"},
                                                                          {"ing", "Ingress"},
                                                                          {"hpa", "HorizontalPodAutoscaler"},
                                                                          {"pvc", "PersistentVolumeClaim"}};
  if (equal_ignoring_case(given, kind) || equal_ignoring_case(given, kinds::of(kind).plural)) return true;
  for (const auto& [brief, whole] : shorts)
    if (whole == kind && equal_ignoring_case(given, brief)) return true;
  return false;
}

std::string all_kinds() {
  std::string out;
  for (auto kind : kKinds) out += (out.empty() ? "" : ", ") + std::string(kind);
  return out;
}

// 404 with the names that come near.
awaitable<Result<Reply>> not_there(Call& call, Source& source, std::vector<std::string_view> of, std::string ns,
                                   std::string name) {
  std::vector<std::string> names;
  for (auto kind : of) {
    const ListSeen* all = co_await source.list(kinds::of(kind), ns);
    for (const auto& one : all->items) names.emplace_back(text_at(one, {"metadata", "name"}));
  }
  const auto near = similar_names(name, names);
  const std::string noun = of.size() == 1 ? "no " + std::string(of[0]) : "no workload";
  co_return fail(ErrorCode::not_found, std::string(call.operation.name),
                 fmt::format("there is {} {} in namespace {}", noun, name, ns),
                 near.empty() ? fmt::format("cluster_health namespace={} shows what is wrong there", ns)
                              : fmt::format("Did you mean {}?", near[0]));
}

Reply answer(const Findings& findings, const std::string& subject, Order order, const Source& source,
             json::object more = {}) {
  json::object document = findings_document(findings, subject, order, source.unreadable());
  for (auto& member : more) document.emplace(member.key(), member.value());
  return {ops::Document{document, document}, {}};
}

// Why something could not be read that must be.
Error unreadable(const Call& call, std::string what, std::optional<ErrorCode> why) {
  const bool forbidden = why == ErrorCode::permission_denied;
  const Unread unread{std::move(what) + " could not be read", "", why};
  return {forbidden ? ErrorCode::permission_denied : ErrorCode::server_error, std::string(call.operation.name),
          unread.text(),
          forbidden ? "Ask in a namespace where you may, or ask the cluster's administrators for a role that allows it"
                    : "Try again",
          nullptr};
}

awaitable<Result<Reply>> diagnose_pod(Call& call) {
  ApiSource source(call);
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  co_await read_ahead(source, ns);
  const ObjectSeen* pod = co_await source.get(kinds::pods, ns, name);
  if (pod->absent()) {
    const std::vector<std::string_view> only{"Pod"};
    co_return co_await not_there(call, source, only, ns, name);
  }
  if (!pod->seen()) co_return fail(unreadable(call, "the pod", pod->why));
  Findings findings;
  Trail trail{source, findings};
  co_await explain_pod(trail, pod->value);
  json::object more{{"state", pod_line(pod->value)}};
  const Ref owner = workload_of(pod->value);
  if (owner.kind != "Pod") more["made_by"] = owner.text();
  co_return answer(findings, ref_of("Pod", pod->value).text(), Order::certainty, source, std::move(more));
}

awaitable<Result<Reply>> diagnose_workload(Call& call) {
  ApiSource source(call);
  const std::string ns = call.object_namespace(), name = call.arguments.text("name"),
                    given = call.arguments.text("kind");
  std::vector<std::string_view> tried;
  for (auto kind : kKinds)
    if (given.empty() || names_kind(given, kind)) tried.push_back(kind);
  if (tried.empty())
    co_return fail(ErrorCode::invalid_request, std::string(call.operation.name),
                   "kind " + given + " has no diagnosis of its own", "It takes one of " + all_kinds());
  co_await read_ahead(source, ns);
  std::optional<ErrorCode> why;
  for (auto kind : tried) {
    const ObjectSeen* object = co_await source.get(kinds::of(kind), ns, name);
    if (object->sight == Sight::unreadable) why = object->why;
    if (!object->seen()) continue;
    Findings findings;
    Trail trail{source, findings};
    const std::string found(kind);
    co_await explain_workload(trail, found, ns, name);
    json::object more;
    if (::fairlead::find(object->value, "spec", "replicas") && integer_at(object->value, {"spec", "replicas"}) == 0)
      more["state"] = "scaled to 0: it is to run no pods";
    co_return answer(findings, Ref{found, ns, name}.text(), Order::certainty, source, std::move(more));
  }
  if (why) co_return fail(unreadable(call, "the workload", why));
  co_return co_await not_there(call, source, tried, ns, name);
}

// Where pods of all namespaces may not be listed: of each by itself, as far as that is permitted. Nothing: nowhere.
awaitable<Result<std::optional<Reply>>> health_where_permitted(Call& call) {
  auto names = co_await ops::read_namespace_names(call);
  if (!names && names.error().code != ErrorCode::permission_denied) co_return fail(std::move(names.error()));
  std::vector<std::string> tried, closed;
  if (names)
    tried = std::move(*names);
  else
    tried.push_back(call.object_namespace());
  constexpr std::size_t most = 50;  // each is a hundred requests
  ApiSource source(call);
  Findings findings;
  json::object seen;
  std::size_t left = 0;
  for (const auto& ns : tried) {
    if (seen.size() == most) {
      ++left;
      continue;
    }
    const ListSeen* pods = co_await source.list(kinds::pods, ns);
    if (pods->sight == Sight::unreadable)
      closed.push_back(ns);
    else
      seen[ns] = co_await look_around(source, findings, ns);
  }
  if (seen.empty()) co_return std::nullopt;
  std::string note = fmt::format("only {} of {} namespaces: you may not list pods {}", seen.size(), tried.size(),
                                 closed.empty() ? "in all at once" : "in " + ops::some_of(closed));
  if (left > 0) note += fmt::format("; {} more were not looked at: ask for one of them by namespace", left);
  if (!names)
    note = fmt::format(
        "only namespace {}, the connection's own: you may neither list pods in all namespaces nor ask "
        "which ones there are",
        tried[0]);
  const std::string subject = fmt::format("{} namespaces", seen.size());
  json::object more{{"looked_at", std::move(seen)}};
  Reply reply = answer(findings, subject, Order::reach, source, std::move(more));
  if (!names || !closed.empty() || left > 0) reply.notes.push_back(std::move(note));
  co_return reply;
}

awaitable<Result<Reply>> cluster_health(Call& call) {
  ApiSource source(call);
  const std::string ns = call.list_namespace();
  if (!ns.empty()) {
    const ObjectSeen* there = co_await source.get(kinds::of("Namespace"), "", ns);
    if (there->absent())
      co_return fail(ErrorCode::not_found, std::string(call.operation.name), "namespace " + ns + " does not exist",
                     "list_namespaces shows those that do");
  }
  Findings findings;
  json::object seen = co_await look_around(source, findings, ns);
  const ListSeen* pods = co_await source.list(kinds::pods, ns);
  if (ns.empty() && pods->why == ErrorCode::permission_denied) {
    auto permitted = co_await health_where_permitted(call);
    if (!permitted) co_return fail(std::move(permitted.error()));
    if (*permitted) co_return std::move(**permitted);
  }
  if (pods->sight == Sight::unreadable) co_return fail(unreadable(call, "pods", pods->why));
  json::object more{{"looked_at", std::move(seen)}};
  co_return answer(findings, ns.empty() ? "the cluster" : "namespace " + ns, Order::reach, source, std::move(more));
}

// What it cannot read it says, and goes on without. Secrets are not asked for here: whoever may read one can use it.
// Where the right is there all the same, a Secret that a pod names and that is not there is found by it. So it is with
// the sweep for what does not go: it lists the metadata of whatever kinds a cluster has, those of its own included, as
// far as the caller may; no role can name them beforehand.
std::vector<ops::Access> diagnosis_access() {
  using ops::Reach;
  std::vector<ops::Access> all;
  for (const Kind* kind : kinds::all())
    if (kind->name != "Secret")
      all.push_back({kind->group,
                     kind->plural,
                     {"get", "list"},
                     kind->namespaced ? Reach::call_namespace : Reach::cluster,
                     kind != &kinds::pods});
  all.push_back({"", "pods/log", {"get"}, Reach::call_namespace, true});
  // Whether a controller's account may what it needs to; without it roles and bindings are read.
  all.push_back({"authorization.k8s.io", "subjectaccessreviews", {"create"}, Reach::cluster, true});
  return all;
}

}  // namespace

std::vector<ops::Operation> operations() {
  std::vector<ops::Parameter> kind{{.name = "kind",
                                    .type = ops::ParameterType::word,
                                    .meaning = "Such as Deployment, StatefulSet, Job, Service, PersistentVolumeClaim, "
                                               "Ingress; left out: whichever there is of that name"}};
  std::vector<ops::Parameter> health{
      {.name = "namespace", .type = ops::ParameterType::ns, .meaning = "Left out: the whole cluster"},
      ops::format_parameter()};
  return {
      {.name = "diagnose_pod",
       .family = "diagnosis",
       .summary =
           "Why a pod does not start, crashes or is not ready: likely causes in order, with the evidence for each",
       .parameters = ops::object_parameters(true),
       .access = diagnosis_access(),
       .columns = {},
       .run = diagnose_pod,
       .example = "--namespace shop payments-zhlgtdgxf6-96bt7"},
      {.name = "diagnose_workload",
       .family = "diagnosis",
       .summary =
           "Why a Deployment, StatefulSet, Job, Service, claim, … does not work: likely causes in order, with evidence",
       .parameters = ops::object_parameters(true, kind),
       .access = diagnosis_access(),
       .columns = {},
       .run = diagnose_workload,
       .example = "--namespace shop payments"},
      {.name = "cluster_health",
       .family = "diagnosis",
       .summary =
           "What is wrong in a namespace or the whole cluster, and why: causes in order of how much suffers from them",
       .parameters = health,
       .access = diagnosis_access(),
       .columns = {},
       .run = cluster_health,
       .example = "--namespace shop"},
  };
}

}  // namespace fairlead::diagnosis
