// describe_deployment: its conditions, the ReplicaSets of its history, its pods and events.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kube/pod_status.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"
#include "ops/workload_document.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

struct History {
  struct Set {
    std::int64_t revision = 0;
    std::string line;
  };
  std::vector<Set> sets;
  std::set<std::string> names;
};

void add_set(History& history, const json::value& set, std::string_view owner_uid) {
  const auto& owners = array_at(set, {"metadata", "ownerReferences"});
  const bool ours = std::any_of(owners.begin(), owners.end(), [&](const json::value& owner) {
    return flag_at(owner, {"controller"}) && text_at(owner, {"uid"}) == owner_uid;
  });
  if (!ours) return;
  const std::string_view revision = text_at(set, {"metadata", "annotations", "deployment.kubernetes.io/revision"});
  std::string images;
  for (const auto& container : array_at(set, {"spec", "template", "spec", "containers"}))
    images += (images.empty() ? "" : ",") + std::string(text_at(container, {"image"}));
  const std::string name(text_at(set, {"metadata", "name"}));
  history.names.insert(name);
  history.sets.push_back(
      {std::atoll(std::string(revision).c_str()),
       fmt::format("revision {}: {} {}/{} ready, {}", revision, name, integer_at(set, {"status", "readyReplicas"}),
                   integer_at(set, {"spec", "replicas"}, 1), images)});
}

awaitable<Result<Reply>> describe_deployment(Call& call) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  const std::string target = kube::ResourcePath{"apps", "v1", "deployments", ns, name, {}}.text();
  auto deployment = co_await read_object(call, target, "Deployment");
  if (!deployment) co_return fail(std::move(deployment.error()));
  redact::object(*deployment);
  const std::int64_t now = call.clock.unix_seconds();
  Reply reply;
  json::object brief = workload_document(*deployment, now);
  brief["rollout"] = rollout_word(*deployment).empty() ? "complete" : rollout_word(*deployment);
  const std::string selector = selector_text(find(*deployment, "spec", "selector"));
  const std::string uid(text_at(*deployment, {"metadata", "uid"}));
  History history;
  auto sets = co_await read_kind(
      call, kReplicaSets, ns, selector, "", [&history] { history = {}; },
      [&](const json::value& set) { add_set(history, set, uid); });
  if (!sets) reply.notes.push_back("its ReplicaSets could not be read: " + std::string(to_string(sets.error().code)));
  std::sort(history.sets.begin(), history.sets.end(),
            [](const auto& a, const auto& b) { return a.revision > b.revision; });
  json::array revisions;
  for (const auto& set : history.sets) revisions.emplace_back(set.line);
  put(brief, "history", std::move(revisions));

  struct Pod {
    kube::PodRank rank;
    std::string line;
  };
  std::vector<Pod> pods;
  kube::PodStatus status;
  auto each = [&](const kube::PodView& pod) {
    if (sets && !history.names.contains(std::string(pod.meta.controller_name))) return;
    kube::pod_status(pod, status);
    pods.push_back({kube::pod_rank(pod, status, now),
                    fmt::format("{} {}/{} {}, {} restarts, on {}", pod.meta.name, status.ready, status.containers,
                                status.word, status.restarts, pod.node_name.empty() ? "no node" : pod.node_name)});
  };
  std::string pods_target = kube::ResourcePath{"", "v1", "pods", ns, {}, {}}.text();
  kube::add_query(pods_target, "labelSelector", selector);
  auto read = co_await read_objects<kube::PodView>(
      call, pods_target, "PodList", [&pods] { pods.clear(); }, each);
  if (!read) {
    reply.notes.push_back("its pods could not be read: " + std::string(to_string(read.error().code)));
    brief["pods"] = nullptr;
  } else {
    constexpr std::size_t most = 20;
    std::stable_sort(pods.begin(), pods.end(), [](const Pod& a, const Pod& b) { return a.rank < b.rank; });
    json::array lines;
    for (std::size_t i = 0; i < std::min(pods.size(), most); ++i) lines.emplace_back(pods[i].line);
    brief["pods"] = std::move(lines);
    if (pods.size() > most)
      reply.notes.push_back(
          fmt::format("{} more pods: list_pods with label_selector {} shows them", pods.size() - most, selector));
  }
  reply.body = co_await with_events(call, brief, brief, ns, "Deployment", name, reply.notes);
  co_return reply;
}

}  // namespace

std::vector<Operation> deployment_describe_operations() {
  return {{
      .name = "describe_deployment",
      .family = "workloads",
      .summary =
          "Comprehensive deployment information including rollout, ReplicaSet history, pods, conditions and events",
      .parameters = object_parameters(true),
      .access = {{"apps", "deployments", {"get"}},
                 {"apps", "replicasets", {"list"}, Reach::call_namespace, true},
                 {"", "pods", {"list"}, Reach::call_namespace, true},
                 event_lookup()},
      .columns = {},
      .run = describe_deployment,
      .example = "--namespace shop --name cart",
  }};
}

}  // namespace fairlead::ops
