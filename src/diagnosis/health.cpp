#include "diagnosis/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "diagnosis/containers.h"
#include "diagnosis/lookup.h"
#include "net/task.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::size_t kTogether = 8;        // rules that run at once
constexpr std::size_t kMostWorkloads = 40;  // that are looked into; the rest is counted

awaitable<int> read_ahead(Source* source, const Kind* kind, std::string ns) {
  co_await source->list(*kind, ns);
  co_return 0;
}

// One rule with findings of its own: they are added in order, so that the answer is the same each time.
struct Look {
  std::string kind, ns, name;
};

awaitable<Result<Findings>> look_at(Source* source, Look look) {
  Findings findings;
  Trail trail{*source, findings, {}, true};
  co_await explain_workload(trail, look.kind, look.ns, look.name);
  co_return findings;
}

class Round {
 public:
  Round(Source& source, Findings& findings, std::string ns)
      : source_(source), findings_(findings), ns_(std::move(ns)) {}

  awaitable<json::object> run() {
    co_await read_all();
    if (ns_.empty()) co_await nodes();
    co_await pods();
    co_await workloads();
    co_await others();
    co_await look_into();
    Trail trail{source_, findings_};
    co_await explain_terminating(trail, ns_);
    if (ns_.empty()) co_await explain_control_plane(trail);
    co_return std::move(seen_);
  }

 private:
  awaitable<void> read_all() {
    std::vector<awaitable<int>> reads;
    for (auto name : {"Pod", "Event", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob",
                      "Service", "Ingress", "PersistentVolumeClaim", "HorizontalPodAutoscaler", "Node"})
      reads.push_back(read_ahead(&source_, &kinds::of(name), ns_));
    co_await net::gather(std::move(reads));
  }

  awaitable<void> nodes() {
    const ListSeen* all = co_await source_.list(kinds::nodes, "");
    if (!all->seen()) co_return;
    std::size_t ready = 0;
    for (const auto& node : all->items) {
      ready += is_ready(node) ? 1 : 0;
      Findings found;
      Trail trail{source_, found};
      co_await explain_node(trail, node);
      if (found.explains() || !is_ready(node))
        findings_.symptom(fmt::format("Node {}: {}", text_at(node, {"metadata", "name"}),
                                      is_ready(node) ? "ready, with problems" : "not ready"));
      add(found);
    }
    seen_["nodes"] = fmt::format("{} of {} ready", ready, all->items.size());
  }

  // Troubled pods by what they were made from: the workload is looked into, and its pods through it.
  awaitable<void> pods() {
    const ListSeen* all = co_await source_.list(kinds::pods, ns_);
    if (!all->seen()) co_return;
    std::size_t troubled = 0;
    for (const auto& pod : all->items) {
      const auto due = ops::time_at(pod, {"metadata", "deletionTimestamp"});
      const bool stuck = due && *due + 60 < source_.now();
      if (!deserves_a_look(pod, source_.now()) && !stuck) continue;
      const Ref owner = workload_of(pod);
      const bool known = owner.kind != "Pod" && kinds::find(owner.kind);
      bool history = false;
      if (known && !stuck) history = co_await is_history(pod, owner);
      if (history) continue;
      ++troubled;
      const Ref self = ref_of("Pod", pod);
      wanted_[known && !stuck ? owner : self] += 1;
    }
    seen_["pods"] = troubled == 0 ? std::to_string(all->items.size())
                                  : fmt::format("{}, {} of them not as they should be", all->items.size(), troubled);
  }

  // A failed pod whose place others have taken, or of a Job whose CronJob has done its work since.
  awaitable<bool> is_history(const json::value& pod, Ref owner) {
    if (text_at(pod, {"status", "phase"}) != "Failed") co_return false;
    const ObjectSeen* controller = co_await source_.get(kinds::of(owner.kind), owner.ns, owner.name);
    if (!controller->seen()) co_return false;
    const std::string cron = owner_of(controller->value, "CronJob");
    if (owner.kind != "Job" || cron.empty()) co_return is_leftover(pod, owner.kind, controller->value);
    const auto created = ops::time_at(controller->value, {"metadata", "creationTimestamp"});
    const ListSeen* jobs = co_await source_.list(kinds::of("Job"), owner.ns);
    co_return std::any_of(jobs->items.begin(), jobs->items.end(), [&](const json::value& job) {
      return owner_of(job, "CronJob") == cron && condition_holds(job, "Complete") &&
             ops::time_at(job, {"metadata", "creationTimestamp"}) > created;
    });
  }

  // Workloads that lack pods, which nobody sees in a list of pods.
  awaitable<void> workloads() {
    for (auto kind : {"Deployment", "StatefulSet", "DaemonSet"}) {
      const ListSeen* all = co_await source_.list(kinds::of(kind), ns_);
      for (const auto& one : all->items) {
        const bool daemon = std::string_view(kind) == "DaemonSet";
        const auto want =
            daemon ? integer_at(one, {"status", "desiredNumberScheduled"}) : integer_at(one, {"spec", "replicas"}, 1);
        const auto ready = integer_at(one, {"status", daemon ? "numberReady" : "readyReplicas"});
        const auto updated = integer_at(one, {"status", daemon ? "updatedNumberScheduled" : "updatedReplicas"});
        const bool silent =
            integer_at(one, {"status", "observedGeneration"}) < integer_at(one, {"metadata", "generation"});
        const bool unfinished = std::string_view(kind) == "Deployment" && updated < want;
        if (ready < want || unfinished || silent) wanted_[ref_of(kind, one)] += 1;
      }
      if (all->seen()) count(kind, all->items.size());
    }
    for (auto kind : {"Job", "CronJob"}) {
      const ListSeen* all = co_await source_.list(kinds::of(kind), ns_);
      for (const auto& one : all->items) {
        // A CronJob's jobs are told with it.
        if (ops::controller_of(one).starts_with("CronJob/")) continue;
        wanted_[ref_of(kind, one)] += 1;
      }
    }
  }

  awaitable<void> others() {
    for (auto kind : {"Service", "Ingress", "PersistentVolumeClaim", "HorizontalPodAutoscaler"}) {
      const ListSeen* all = co_await source_.list(kinds::of(kind), ns_);
      for (const auto& one : all->items)
        if (std::string_view(kind) != "PersistentVolumeClaim" || text_at(one, {"status", "phase"}) != "Bound")
          later_.push_back({kind, std::string(text_at(one, {"metadata", "namespace"})),
                            std::string(text_at(one, {"metadata", "name"}))});
      if (all->seen()) count(kind, all->items.size());
    }
  }

  awaitable<void> look_into() {
    // Those with the most troubled pods first: they are what is looked into when there are many.
    std::vector<std::pair<Ref, std::size_t>> order(wanted_.begin(), wanted_.end());
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<Look> looks;
    std::size_t left_out = 0;
    for (const auto& [ref, pods] : order) {
      const bool cheap = ref.kind == "Job" || ref.kind == "CronJob";
      if (!cheap && looks.size() >= kMostWorkloads) {
        ++left_out;
        continue;
      }
      looks.push_back({ref.kind, ref.ns, ref.name});
    }
    looks.insert(looks.end(), later_.begin(), later_.end());
    std::function<awaitable<Result<Findings>>(std::size_t)> start = [&](std::size_t i) {
      return look_at(&source_, looks[i]);
    };
    const auto found = co_await net::gather_bounded<Findings>(looks.size(), kTogether, start);
    for (const auto& one : found)
      if (one) add(*one);
    if (left_out > 0)
      seen_["not_looked_into"] =
          fmt::format("{} more workloads with troubled pods: ask cluster_health for one namespace", left_out);
  }

  void count(std::string_view kind, std::size_t number) {
    std::string key = lower(kind);
    if (number > 0) seen_[key + (key.ends_with("s") ? "es" : "s")] = number;
  }

  void add(const Findings& found) {
    for (const auto& cause : found.ranked()) findings_.add(cause);
    for (const auto& line : found.symptoms()) findings_.symptom(line);
  }

  Source& source_;
  Findings& findings_;
  const std::string ns_;
  json::object seen_;
  std::map<Ref, std::size_t> wanted_;
  std::vector<Look> later_;
};

}  // namespace

awaitable<json::object> look_around(Source& source, Findings& findings, std::string ns) {
  Round round(source, findings, std::move(ns));
  co_return co_await round.run();
}

}  // namespace fairlead::diagnosis
