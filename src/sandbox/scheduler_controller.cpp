// The scheduler: a node for each pod that has none.
#include <algorithm>

#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/scheduling.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "default-scheduler";
constexpr std::string_view selected_node = "volume.kubernetes.io/selected-node";
constexpr std::size_t enough_candidates = 100;
constexpr std::size_t most_siblings = 500;
constexpr std::int64_t retry_ms =
    3000;  // what did not fit is tried again after something changed, many changes at once

struct Candidate {
  const NodeInfo* node;
  std::int64_t siblings = 0;
  double load = 0;
};

class Scheduler final : public Controller {
 public:
  explicit Scheduler(Work& work) : Controller(work), ledger_(work) {}

  std::vector<const Resource*> watched() const override { return {&work_.pods, &work_.nodes, &work_.claims}; }

  void adopt() override {
    ledger_.adopt();
    for (const ObjectPtr& pod : store_.list(work_.pods, "")) {
      if (PodFacts facts = facts_of(pod); !facts.assigned && !facts.over() && !facts.dying)
        waiting_.insert({pod->namespace_name, pod->name});
    }
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &work_.claims) return retry_all(0);
    ledger_.changed(change);
    if (object.resource == &work_.nodes) {
      if (change.type != Change::Type::modified || makes_room(change)) retry_all(0);
      return;
    }
    PodFacts facts = facts_of(change.object);
    bool gone = change.type == Change::Type::deleted;
    if (gone) decided_.erase(object.uid);
    if (gone || facts.assigned || facts.over()) waiting_.erase({object.namespace_name, object.name});
    if (facts.assigned && (gone || facts.over())) retry_all(retry_ms);
    if (!gone && !facts.assigned && !writing_) wake(object);
  }

  void reconcile(const Key& key) override {
    ObjectPtr pod = store_.find(work_.pods, key.namespace_name, key.name);
    if (!pod) return;
    PodFacts facts = facts_of(pod);
    if (facts.assigned || facts.dying || facts.over()) return;
    json::value value = objects_.load(*pod);
    if (text_at(value, {"spec", "schedulerName"}) != component) return;
    if (!array_at(value, {"spec", "schedulingGates"}).empty())
      return refuse(pod, std::move(value), "SchedulingGated",
                    "Scheduling is blocked due to non-empty scheduling gates");
    std::size_t count = ledger_.nodes().size();
    if (count == 0) return refuse(pod, std::move(value), "Unschedulable", "no nodes available to schedule pods");
    Volumes volumes = look_at_volumes(value);
    if (auto decided = decided_.find(pod->uid); decided != decided_.end()) volumes.wanted_node = decided->second;
    std::string total = "0/" + std::to_string(count) + " nodes are available: ";
    if (!volumes.obstacle.empty()) {
      return refuse(pod, std::move(value), "Unschedulable",
                    total + volumes.obstacle + ". preemption: " + total + std::to_string(count) +
                        " Preemption is not helpful for scheduling.");
    }
    std::map<std::string, int> obstacles, preemption;
    const NodeInfo* chosen = choose(*pod, value, volumes, &obstacles, &preemption);
    if (!chosen) {
      std::string after = text_at(value, {"spec", "preemptionPolicy"}) == "Never"
                              ? "not eligible due to preemptionPolicy=Never."
                              : total + listed(preemption) + ".";
      return refuse(pod, std::move(value), "Unschedulable", total + listed(obstacles) + ". preemption: " + after);
    }
    if (!volumes.unbound.empty()) return select_node(volumes, chosen->name, *pod);
    bind(pod, std::move(value), chosen->name);
  }

 private:
  struct Volumes {
    std::string obstacle;
    std::vector<ObjectPtr> unbound;  // that wait for their first consumer
    std::vector<json::value> bound;  // PersistentVolumes
    std::string wanted_node;
  };

  // "1 Insufficient cpu, 2 node(s) were unschedulable"
  static std::string listed(const std::map<std::string, int>& reasons) {
    std::vector<std::string> all;
    for (const auto& [why, count] : reasons) all.push_back(std::to_string(count) + " " + why);
    std::sort(all.begin(), all.end());
    std::string out;
    for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
    return out;
  }

  // Heartbeats change nodes often, and make no room.
  bool makes_room(const Change& change) const {
    json::value now = objects_.load_brief(*change.object), before = objects_.load_brief(*change.previous);
    auto part = [](const json::value& node, auto... path) {
      const json::value* found = find(node, path...);
      return found ? *found : json::value();
    };
    return part(now, "spec") != part(before, "spec") ||
           part(now, "metadata", "labels") != part(before, "metadata", "labels") ||
           part(now, "status", "allocatable") != part(before, "status", "allocatable");
  }

  void retry_all(std::int64_t delay_ms) {
    for (const auto& [space, name] : waiting_) work_.wake(*this, Key{space, name}, delay_ms);
  }

  Volumes look_at_volumes(const json::value& pod) const {
    Volumes out;
    std::string_view space = text_at(pod, {"metadata", "namespace"});
    for (const json::value& volume : array_at(pod, {"spec", "volumes"})) {
      std::string name(text_at(volume, {"persistentVolumeClaim", "claimName"}));
      if (name.empty()) continue;
      std::string quoted = "persistentvolumeclaim \"" + name + "\"";
      ObjectPtr claim = store_.find(work_.claims, space, name);
      if (!claim) out.obstacle = quoted + " not found";
      if (claim && is_dying(*claim)) out.obstacle = quoted + " is being deleted";
      if (!out.obstacle.empty()) return out;
      json::value value = objects_.load_brief(*claim);
      std::string_view volume_name = text_at(value, {"spec", "volumeName"});
      if (text_at(value, {"status", "phase"}) == "Lost") {
        out.obstacle = quoted + " bound to non-existent persistentvolume \"" + std::string(volume_name) + "\"";
        return out;
      }
      if (text_at(value, {"status", "phase"}) == "Bound") {
        if (ObjectPtr bound = store_.find(resource("", "persistentvolumes"), "", volume_name))
          out.bound.push_back(objects_.load_brief(*bound));
        continue;
      }
      ObjectPtr storage_class =
          store_.find(resource("storage.k8s.io", "storageclasses"), "", text_at(value, {"spec", "storageClassName"}));
      bool waits = storage_class &&
                   text_at(objects_.load_brief(*storage_class), {"volumeBindingMode"}) == "WaitForFirstConsumer";
      if (!waits) {
        out.obstacle = "pod has unbound immediate PersistentVolumeClaims";
        return out;
      }
      out.unbound.push_back(claim);
    }
    return out;
  }

  static bool reaches(const Volumes& volumes, const NodeInfo& node) {
    for (const json::value& volume : volumes.bound) {
      const json::array& terms = array_at(volume, {"spec", "nodeAffinity", "required", "nodeSelectorTerms"});
      if (!terms.empty() && !matches_terms(terms, node.value)) return false;
    }
    return volumes.wanted_node.empty() || volumes.wanted_node == node.name;
  }

  const NodeInfo* choose(const Object& pod, const json::value& value, const Volumes& volumes,
                         std::map<std::string, int>* obstacles, std::map<std::string, int>* preemption) {
    Amounts requests = requests_of(pod);
    PodAffinity affinity(work_, value, ledger_);
    std::vector<Candidate> candidates;
    const auto& nodes = ledger_.nodes();
    auto next = nodes.upper_bound(last_node_);
    for (std::size_t i = 0; i < nodes.size() && candidates.size() < enough_candidates; ++i, ++next) {
      if (next == nodes.end()) next = nodes.begin();
      const NodeInfo& node = next->second;
      Verdict verdict = fits(value, requests, node);
      if (verdict.reasons.empty() && !reaches(volumes, node))
        verdict = {{"node(s) didn't match PersistentVolume's node affinity"}, true};
      if (verdict.reasons.empty()) {
        if (std::string why = affinity.obstacle(node); !why.empty()) verdict.reasons.push_back(std::move(why));
      }
      if (verdict.reasons.empty()) {
        auto share = [](std::int64_t used, std::int64_t all) {
          return all > 0 ? static_cast<double>(used) / static_cast<double>(all) : 1.0;
        };
        candidates.push_back({&node, 0,
                              share(node.used.cpu + requests.cpu, node.allocatable.cpu) +
                                  share(node.used.memory + requests.memory, node.allocatable.memory)});
        continue;
      }
      for (const std::string& why : verdict.reasons) ++(*obstacles)[why];
      ++(*preemption)[verdict.final ? "Preemption is not helpful for scheduling"
                                    : "No preemption victims found for incoming pod"];
    }
    if (candidates.empty()) return nullptr;
    count_siblings(pod, candidates);
    // Of equal ones the first after the last that was chosen.
    auto best = std::min_element(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.siblings != b.siblings ? a.siblings < b.siblings : a.load < b.load - 1e-9;
    });
    last_node_ = best->node->name;
    return best->node;
  }

  void count_siblings(const Object& pod, std::vector<Candidate>& candidates) const {
    std::string_view owner = controller_uid(pod);
    if (owner.empty()) return;
    std::vector<ObjectPtr> siblings = store_.owned_by(owner);
    if (siblings.size() > most_siblings) return;
    std::map<std::string, std::int64_t> counts;
    for (const ObjectPtr& sibling : siblings) {
      if (sibling->resource == &work_.pods) ++counts[field_of(*sibling, "spec.nodeName")];
    }
    for (Candidate& candidate : candidates) {
      auto found = counts.find(candidate.node->name);
      candidate.siblings = found == counts.end() ? 0 : found->second;
    }
  }

  void select_node(const Volumes& volumes, const std::string& node, const Object& pod) {
    waiting_.insert({pod.namespace_name, pod.name});
    decided_[pod.uid] = node;
    for (const ObjectPtr& claim : volumes.unbound) {
      if (annotation_of(*claim, selected_node) == node) continue;
      json::value value = objects_.load(*claim);
      object_in(value, {"metadata", "annotations"})[selected_node] = node;
      (void)objects_.update(claim, std::move(value), Part::whole);
    }
  }

  void bind(const ObjectPtr& pod, json::value value, const std::string& node) {
    decided_.erase(pod->uid);
    object_in(value, {"spec"})["nodeName"] = node;
    set_condition(value, "PodScheduled", "True", "", "", work_.now());
    if (!objects_.update(pod, std::move(value), Part::whole)) return;
    work_.note(*pod, component, "Normal", "Scheduled",
               "Successfully assigned " + pod->namespace_name + "/" + pod->name + " to " + node);
  }

  void refuse(const ObjectPtr& pod, json::value value, std::string_view reason, const std::string& message) {
    if (decided_.erase(pod->uid) > 0) wake(*pod);  // not that node any more
    waiting_.insert({pod->namespace_name, pod->name});
    for (const json::value& condition : array_at(value, {"status", "conditions"})) {
      if (text_at(condition, {"type"}) == "PodScheduled" && text_at(condition, {"message"}) == message) return;
    }
    tell_unschedulable(value, message, work_.now());
    set_condition(value, "PodScheduled", "False", reason, message, work_.now());
    writing_ = true;
    (void)objects_.update(pod, std::move(value), Part::whole);
    writing_ = false;
    if (reason == "Unschedulable") work_.note(*pod, component, "Warning", "FailedScheduling", message);
  }

  NodeLedger ledger_;
  std::set<std::pair<std::string, std::string>> waiting_;  // pods that no node can take
  std::map<std::string, std::string> decided_;             // by uid: the node of a pod whose volumes are made first
  std::string last_node_;
  bool writing_ = false;
};

}  // namespace

std::unique_ptr<Controller> scheduler(Work& work) { return std::make_unique<Scheduler>(work); }

}  // namespace fairlead::sandbox
