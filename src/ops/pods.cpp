#include <fmt/format.h>

#include <algorithm>

#include "kube/pod_status.h"
#include "kube/quantity.h"
#include "ops/catalog.h"
#include "ops/fold.h"
#include "ops/list.h"
#include "ops/pod_document.h"
#include "ops/pod_resources.h"
#include "ops/read.h"
#include "ops/usage.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

void add_requests(Rows& rows, const kube::PodView& pod) {
  const PodResources resources = pod_resources(pod);
  resources.cpu_request > 0 ? rows.text(kube::format_cpu(resources.cpu_request)) : rows.empty();
  resources.memory_request > 0 ? rows.text(kube::format_bytes(resources.memory_request)) : rows.empty();
}

void add_pod(Rows& rows, const kube::PodView& pod, const kube::PodStatus& status, kube::PodRank rank) {
  rows.begin_row(static_cast<int>(rank));
  rows.text(pod.meta.ns);
  rows.text(pod.meta.name);
  rows.ratio(status.ready, status.containers);
  rows.text(status.word);
  rows.integer(status.restarts);
  rows.time_or_empty(status.last_restart);
  rows.time_or_empty(pod.meta.created);
  pod.node_name.empty() ? rows.empty() : rows.text(pod.node_name);
  pod.pod_ip.empty() ? rows.empty() : rows.text(pod.pod_ip);
  if (pod.meta.controller_kind.empty()) {
    rows.empty();
  } else {
    rows.text(pod.meta.controller_kind, "/", pod.meta.controller_name);
  }
  rows.begin_list();
  for (const auto& container : pod.containers) rows.list_item(container.name);
  add_requests(rows, pod);
  // All containers are ready and the pod is not: a gate, or a node that is not heard of.
  const bool odd = rank == kube::PodRank::not_ready && status.ready == status.containers;
  odd ? rows.text("pod is not ready") : rows.empty();
}

awaitable<Result<Reply>> list_pods(Call& call) {
  std::string target = list_target(call, "", "v1", "pods");
  Rows rows;
  kube::PodStatus status;
  const bool only_problems = call.arguments.flag("only_problems");
  const std::int64_t now = call.clock.unix_seconds();
  auto each = [&](const kube::PodView& pod) {
    kube::pod_status(pod, status);
    kube::PodRank rank = kube::pod_rank(pod, status, now);
    if (!only_problems || kube::is_problem(rank)) add_pod(rows, pod, status, rank);
  };
  std::function<void()> restart = [&rows] { rows = {}; };
  auto reading = read_objects<kube::PodView>(call, std::move(target), "PodList", std::move(restart), each);
  auto measuring = pods_usage(call, call.list_namespace(), call.arguments.text("label_selector"));
  UsageKey key = [](const Rows& of, std::size_t row) {
    return std::string(of.cell(row, 0)).append("/").append(of.cell(row, 1));
  };
  std::vector<std::string> notes;
  auto measured = co_await read_with_usage(call, std::move(reading), std::move(measuring), rows, std::move(key), notes);
  if (!measured) co_return fail(std::move(measured.error()));
  auto empty = co_await explain_empty(call, rows.size());
  notes.insert(notes.begin(), empty.begin(), empty.end());
  // Who asks for certain columns, for so many rows or as a program gets every pod.
  constexpr std::size_t a_long_list = 40;
  std::string noun = only_problems ? "problem pods" : "pods";
  const bool for_readers =
      call.arguments.text("format") == "table" && !call.arguments.has("columns") && !call.arguments.has("limit");
  if (for_readers && !only_problems && !wants_usage(call) && rows.size() > a_long_list) {
    Folded folded = fold_pods(rows, static_cast<int>(kube::PodRank::healthy));
    if (folded.pods > 0) {
      notes.push_back(
          fmt::format("{} pods in all; {} healthy ones stand in one row for each owner ({} rows): name "
                      "columns to see each",
                      rows.size(), folded.pods, folded.groups));
      noun = "rows of pods";
    }
    rows = std::move(folded.rows);
  }
  auto reply = arrange(call, std::move(rows), std::move(noun), std::move(notes));
  if (!reply) co_return reply;
  Table& table = std::get<Table>(reply->body);
  table.quiet_from = static_cast<int>(kube::PodRank::healthy);
  settle_usage(table, *measured);
  co_return reply;
}

std::string pod_target(const Call& call) {
  std::string ns = call.object_namespace();
  std::string name = call.arguments.text("name");
  return kube::ResourcePath{"", "v1", "pods", ns, name, {}}.text();
}

awaitable<Result<Reply>> get_pod(Call& call) {
  auto reading = read_object(call, pod_target(call), "Pod");
  if (call.arguments.text("format") != "table") {  // the object alone
    auto pod = co_await std::move(reading);
    if (!pod) co_return fail(std::move(pod.error()));
    redact::object(*pod);
    co_return Reply{Document{std::move(*pod), nullptr}, {}};
  }
  std::string note;
  auto telling = read_events(call, call.object_namespace(), "Pod", call.arguments.text("name"), &note);
  auto [pod, events] = co_await net::both(std::move(reading), std::move(telling));
  if (!pod) co_return fail(std::move(pod.error()));
  redact::object(*pod);
  const std::int64_t now = call.clock.unix_seconds();
  json::object brief = pod_document(*pod, now);
  brief["events"] = events ? json::value(event_lines(*events, now)) : json::value(nullptr);
  if (!events) note = "events could not be read: " + std::string(to_string(events.error().code));
  Reply reply{Document{std::move(*pod), std::move(brief)}, {}};
  if (!note.empty()) reply.notes.push_back(std::move(note));
  co_return reply;
}

awaitable<Result<Reply>> describe_pod(Call& call) {
  auto pod = co_await read_object(call, pod_target(call), "Pod");
  if (!pod) co_return fail(std::move(pod.error()));
  redact::object(*pod);
  Reply reply;
  const json::object brief = pod_document(*pod, call.clock.unix_seconds());
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  reply.body = co_await with_events(call, brief, brief, ns, "Pod", name, reply.notes);
  co_return reply;
}

}  // namespace

std::vector<Operation> pod_operations() {
  return {
      {
          .name = "list_pods",
          .family = "pods",
          .summary = "List all pods in a namespace or across all namespaces with status, restarts, node placement, "
                     "containers, IPs, resource requests and live usage; problems first",
          .parameters = list_parameters(
              true,
              {{.name = "only_problems",
                .type = ParameterType::boolean,
                .meaning = "Only pods that are failed, crashing, pending, not ready or restarted within the last hour"},
               usage_parameter()},
              "Such as spec.nodeName=worker-1"),
          .access = {{"", "pods", {"list"}},
                     namespace_lookup(),
                     {"metrics.k8s.io", "pods", {"list"}, Reach::call_namespace, true}},
          .columns = {{"namespace", CellType::text, false, ""},
                      {"name", CellType::text, false, ""},
                      {"ready", CellType::text, false, "Ready containers of all", Quiet::when_complete},
                      {"status", CellType::text, false,
                       "As kubectl computes it: Running, CrashLoopBackOff, Init:1/2, Terminating, …"},
                      {"restarts", CellType::integer, false, "Of all its containers", Quiet::when_zero},
                      {"restarted", CellType::time, false, "When the last restart was", Quiet::when_empty},
                      {"created", CellType::time, false, "When it was created"},
                      {"node", CellType::text, false, "Where it runs"},
                      {"ip", CellType::text, true, ""},
                      {"owner", CellType::text, true, "Kind/name of its controller"},
                      {"containers", CellType::list, true, "Names"},
                      {"cpu_request", CellType::text, true, "In cores or millicores"},
                      {"memory_request", CellType::text, true, ""},
                      {"condition", CellType::text, false, "What is wrong where status and ready do not tell",
                       Quiet::when_empty},
                      kCpuUsage,
                      kMemoryUsage},
          .run = list_pods,
          .example = "--namespace shop",
      },
      {
          .name = "get_pod",
          .family = "pods",
          .summary =
              "Get detailed pod information including status, containers, volumes, conditions and events; format json "
              "or yaml gives the whole object",
          .parameters = object_parameters(true),
          .access = {{"", "pods", {"get"}}, event_lookup()},
          .run = get_pod,
          .example = "--namespace monitoring --name prometheus-0",
      },
      {
          .name = "describe_pod",
          .family = "pods",
          .summary =
              "Comprehensive pod information including events, conditions, and volumes (like kubectl describe pod)",
          .parameters = object_parameters(true),
          .access = {{"", "pods", {"get"}}, event_lookup()},
          .run = describe_pod,
          .example = "--namespace monitoring --name prometheus-0",
      },
  };
}

}  // namespace fairlead::ops
