// Nodes: whether they are heard of, the taints that say so, and the pods that have to leave.
// Heartbeats are not written: a kubelet here is heard of unless the annotation sandbox.fairlead.dev/lost is "true", and
// neither leases nor heartbeat times are renewed, for with thousands of nodes that would be most of all writes.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/scheduling.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "node-controller";
constexpr std::int64_t grace_ms = 40'000;  // of a node that is not heard of, and of the pods of one that was deleted
constexpr std::string_view stopped = "NodeStatusUnknown";

struct Rule {
  std::string_view condition, status, key;
  bool evicts;
};
constexpr Rule rules[] = {
    {"Ready", "False", "node.kubernetes.io/not-ready", true},
    {"Ready", "Unknown", "node.kubernetes.io/unreachable", true},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure", false},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure", false},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure", false},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable", false},
};

class NodeController final : public Controller {
 public:
  using Controller::Controller;

  std::vector<const Resource*> watched() const override { return {&work_.nodes, &work_.pods}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &work_.nodes) return wake(object, change.type == Change::Type::deleted ? grace_ms : 0);
    if (change.type == Change::Type::deleted || emptying_.empty()) return;
    std::string node = field_of(object, "spec.nodeName");
    if (emptying_.contains(node)) work_.wake(*this, Key{"", std::move(node)});
  }

  void reconcile(const Key& key) override {
    ObjectPtr node = store_.find(work_.nodes, "", key.name);
    if (!node) {
      lost_since_.erase(key.name);
      emptying_.erase(key.name);
      for (const ObjectPtr& pod : pods_on(key.name)) objects_.erase(pod);
      return;
    }
    json::value value = objects_.load(*node);
    bool changed = hear(*node, value);
    changed = taint(*node, value) || changed;
    if (changed) {
      auto updated = objects_.update(node, value, Part::whole);
      if (!updated) return;
      node = *updated;
    }
    evict(*node, value);
  }

 private:
  std::vector<ObjectPtr> pods_on(std::string_view node) const {
    std::vector<ObjectPtr> out;
    for (const ObjectPtr& pod : store_.list(work_.pods, "")) {
      if (field_of(*pod, "spec.nodeName") == node) out.push_back(pod);
    }
    return out;
  }

  void set_node_condition(json::value& node, std::string_view type, std::string_view status, std::string_view reason,
                          std::string_view message) {
    set_condition(node, type, status, reason, message, work_.now());
    if (status != "Unknown")
      (*condition_in(array_in(object_in(node, {"status"}), "conditions"), type))["lastHeartbeatTime"] =
          format_rfc3339(work_.now());
  }

  // Whether its conditions have to say something else now.
  bool hear(const Object& node, json::value& value) {
    bool unknown = condition_status(value, "Ready") == "Unknown";
    if (text_at(value, {"metadata", "annotations", "sandbox.fairlead.dev/lost"}) == "true") {
      if (unknown) return false;
      std::int64_t since = lost_since_.try_emplace(node.name, work_.now_ms()).first->second;
      if (std::int64_t left = since + grace_ms - work_.now_ms(); left > 0) {
        wake(node, left);
        return false;
      }
      for (std::string_view type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
        set_node_condition(value, type, "Unknown", stopped, "Kubelet stopped posting node status.");
      }
      work_.note(node, component, "Normal", "NodeNotReady", "Node " + node.name + " status is now: NodeNotReady");
      for (const ObjectPtr& pod : pods_on(node.name)) mark_not_ready(pod);
      return true;
    }
    lost_since_.erase(node.name);
    bool ours = false;
    for (const json::value& condition : array_at(value, {"status", "conditions"})) {
      ours = ours || (text_at(condition, {"type"}) == "Ready" && text_at(condition, {"reason"}) == stopped);
    }
    if (!unknown || !ours) return false;
    set_node_condition(value, "MemoryPressure", "False", "KubeletHasSufficientMemory",
                       "kubelet has sufficient memory available");
    set_node_condition(value, "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
    set_node_condition(value, "PIDPressure", "False", "KubeletHasSufficientPID",
                       "kubelet has sufficient PID available");
    set_node_condition(value, "Ready", "True", "KubeletReady", "kubelet is posting ready status");
    work_.recorder.record(
        node, {"Normal", "NodeReady", "Node " + node.name + " status is now: NodeReady", "kubelet", node.name, ""});
    return true;
  }

  void mark_not_ready(const ObjectPtr& pod) {
    if (!facts_of(pod).ready) return;
    json::value value = objects_.load(*pod);
    set_condition(value, "Ready", "False", "", "", work_.now());
    (void)objects_.update(pod, std::move(value), Part::whole);
    work_.note(*pod, component, "Warning", "NodeNotReady", "Node is not ready");
  }

  bool taint(const Object& node, json::value& value) {
    json::array wanted;
    auto want = [&](std::string_view key, std::string_view effect) {
      wanted.push_back(json::object{{"key", key}, {"effect", effect}});
    };
    if (flag_at(value, {"spec", "unschedulable"})) want("node.kubernetes.io/unschedulable", "NoSchedule");
    for (const Rule& rule : rules) {
      if (condition_status(value, rule.condition) != rule.status) continue;
      want(rule.key, "NoSchedule");
      if (rule.evicts) want(rule.key, "NoExecute");
    }
    auto same = [](const json::value& a, const json::value& b) {
      return text_at(a, {"key"}) == text_at(b, {"key"}) && text_at(a, {"effect"}) == text_at(b, {"effect"});
    };
    auto ours = [](const json::value& taint) {
      std::string_view key = text_at(taint, {"key"});
      return key == "node.kubernetes.io/unschedulable" ||
             std::any_of(std::begin(rules), std::end(rules), [&](const Rule& rule) { return rule.key == key; });
    };
    json::array kept;
    bool changed = false;
    for (const json::value& there : array_at(value, {"spec", "taints"})) {
      auto found = std::find_if(wanted.begin(), wanted.end(), [&](const json::value& one) { return same(one, there); });
      if (ours(there) && found == wanted.end()) {
        changed = true;
        continue;
      }
      if (found != wanted.end()) wanted.erase(found);
      kept.push_back(there);
    }
    for (json::value& added : wanted) {
      added.get_object()["timeAdded"] = format_rfc3339(work_.now());
      kept.push_back(std::move(added));
      changed = true;
    }
    if (!changed) return false;
    note_cordon(node, value, kept);
    if (kept.empty()) {
      object_in(value, {"spec"}).erase("taints");
    } else {
      object_in(value, {"spec"})["taints"] = std::move(kept);
    }
    return true;
  }

  void note_cordon(const Object& node, const json::value& value, const json::array& now) {
    auto cordoned = [](const json::array& taints) {
      return std::any_of(taints.begin(), taints.end(), [](const json::value& one) {
        return text_at(one, {"key"}) == "node.kubernetes.io/unschedulable";
      });
    };
    bool after = cordoned(now);
    if (after == cordoned(array_at(value, {"spec", "taints"}))) return;
    std::string what = after ? "NodeNotSchedulable" : "NodeSchedulable";
    work_.recorder.record(node,
                          {"Normal", what, "Node " + node.name + " status is now: " + what, "kubelet", node.name, ""});
  }

  // How long the pod may stay in spite of the taint: nothing, when for ever.
  static std::optional<std::int64_t> patience(const json::value& pod, const json::value& taint) {
    if (!tolerates(pod, taint)) return 0;
    std::optional<std::int64_t> least;
    for (const json::value& toleration : array_at(pod, {"spec", "tolerations"})) {
      json::value alone = json::object{{"spec", json::object{{"tolerations", json::array{toleration}}}}};
      if (!tolerates(alone, taint)) continue;
      const json::value* seconds = find(toleration, "tolerationSeconds");
      if (!seconds) continue;
      std::int64_t value = bounded_seconds(seconds, 0);
      least = least ? std::min(*least, value) : value;
    }
    return least;
  }

  void evict(const Object& node, const json::value& value) {
    json::array taints;
    for (const json::value& taint : array_at(value, {"spec", "taints"})) {
      if (text_at(taint, {"effect"}) == "NoExecute") taints.push_back(taint);
    }
    if (taints.empty()) {
      emptying_.erase(node.name);
      return;
    }
    auto& since = emptying_[node.name];
    std::optional<std::int64_t> next;
    for (const ObjectPtr& pod : pods_on(node.name)) {
      if (is_dying(*pod) || facts_of(pod).over()) continue;
      json::value loaded = objects_.load_brief(*pod);
      for (const json::value& taint : taints) {
        std::string key(text_at(taint, {"key"}));
        std::int64_t added = parse_rfc3339(text_at(taint, {"timeAdded"})).value_or(0);
        if (added == 0) added = since.try_emplace(key, work_.now()).first->second;
        auto seconds = patience(loaded, taint);
        if (!seconds) continue;
        std::int64_t left = added + *seconds - work_.now();
        if (left > 0) {
          next = std::min(next.value_or(left), left);
          continue;
        }
        work_.note(*pod, "taint-eviction-controller", "Normal", "TaintManagerEviction",
                   "Marking for deletion Pod " + pod->namespace_name + "/" + pod->name);
        (void)objects_.remove(pod, {});
        break;
      }
    }
    if (next) wake(node, *next * 1000);
  }

  std::map<std::string, std::int64_t, std::less<>> lost_since_;
  // Nodes with a taint that evicts; for taints without a time of their own, when they were first seen.
  std::map<std::string, std::map<std::string, std::int64_t>, std::less<>> emptying_;
};

}  // namespace

std::unique_ptr<Controller> node_controller(Work& work) { return std::make_unique<NodeController>(work); }

}  // namespace fairlead::sandbox
