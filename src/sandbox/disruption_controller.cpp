// PodDisruptionBudgets: how many of their pods are healthy, and how many may be taken away.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "controllermanager";
constexpr std::int64_t disrupted_for = 120;  // seconds, until an eviction that was allowed has to have happened

class DisruptionController final : public Controller {
 public:
  explicit DisruptionController(Work& work) : Controller(work), budgets_(resource("policy", "poddisruptionbudgets")) {}

  std::vector<const Resource*> watched() const override {
    return {&budgets_,
            &work_.pods,
            &work_.replicasets,
            &resource("apps", "deployments"),
            &resource("apps", "statefulsets"),
            &resource("", "replicationcontrollers")};
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    bool gone = change.type == Change::Type::deleted;
    if (object.resource == &budgets_) {
      if (!gone) wake(object);
      return;
    }
    bool is_pod = object.resource == &work_.pods;
    if (is_pod && change.type == Change::Type::modified) {
      PodFacts now = facts_of(change.object), before = facts_of(change.previous);
      if (now.ready == before.ready && now.dying == before.dying && now.phase == before.phase &&
          labels_of(object) == labels_of(*change.previous))
        return;
    }
    for (const ObjectPtr& budget : store_.list(budgets_, object.namespace_name)) wake(*budget, is_pod ? 0 : 10);
  }

  void reconcile(const Key& key) override {
    ObjectPtr budget = store_.find(budgets_, key.namespace_name, key.name);
    if (!budget || is_dying(*budget)) return;
    json::value value = objects_.load(*budget);
    const json::value* given = find(value, "spec", "selector");
    LabelSelector selector = given ? LabelSelector::from_object(*given) : LabelSelector();
    json::object disrupted = object_at(value, {"status", "disruptedPods"});
    std::int64_t healthy = 0, count = 0, scales = 0;
    std::set<std::string> counted;
    std::set<std::string> there;
    for (const ObjectPtr& pod : store_.list(work_.pods, budget->namespace_name)) {
      if (!given || !selector.matches(labels_of(*pod))) continue;
      PodFacts facts = facts_of(pod);
      if (facts.over()) continue;
      ++count;
      if (std::string owner(controller_uid(*pod)); owner.empty()) {
        ++scales;
      } else if (counted.insert(owner).second) {
        scales += scale_of(owner, counted);
      }
      if (!facts.dying) there.insert(pod->name);
      if (facts.ready && !facts.dying && !still_disrupted(disrupted, pod->name)) ++healthy;
    }
    for (auto entry = disrupted.begin(); entry != disrupted.end();) {
      bool keep = there.contains(std::string(entry->key())) && still_disrupted(disrupted, entry->key());
      entry = keep ? entry + 1 : disrupted.erase(entry);
    }
    if (!disrupted.empty()) wake(*budget, disrupted_for * 1000);
    if (count == 0) work_.note(*budget, component, "Normal", "NoPods", "No matching pods found");
    std::int64_t expected = count, desired = 0;
    if (const json::value* most = find(value, "spec", "maxUnavailable")) {
      expected = scales;
      desired = std::max<std::int64_t>(0, expected - scaled_value(most, expected, true, 0));
    } else if (const json::value* least = find(value, "spec", "minAvailable")) {
      if (!least->is_int64()) expected = scales;
      desired = scaled_value(least, expected, true, 0);
    }
    std::int64_t allowed = expected > 0 ? std::max<std::int64_t>(0, healthy - desired) : 0;
    json::object& status = object_in(value, {"status"});
    status["currentHealthy"] = healthy;
    status["desiredHealthy"] = desired;
    status["expectedPods"] = expected;
    status["disruptionsAllowed"] = allowed;
    status["observedGeneration"] = integer_at(value, {"metadata", "generation"});
    status.erase("disruptedPods");
    if (!disrupted.empty()) status["disruptedPods"] = std::move(disrupted);
    set_condition(value, "DisruptionAllowed", allowed > 0 ? "True" : "False",
                  allowed > 0 ? "SufficientPods" : "InsufficientPods", "", work_.now());
    json::object& condition = *condition_in(array_in(object_in(value, {"status"}), "conditions"), "DisruptionAllowed");
    condition["message"] = "";
    condition["observedGeneration"] = integer_at(value, {"metadata", "generation"});
    (void)objects_.update(budget, std::move(value), Part::status);
  }

 private:
  bool still_disrupted(const json::object& disrupted, std::string_view pod) const {
    auto since = parse_rfc3339(text_in(disrupted, pod));
    return since && *since + disrupted_for > work_.now();
  }

  // What the pods' controller, or its own, wants; 0 for one that was counted.
  std::int64_t scale_of(const std::string& uid, std::set<std::string>& counted) const {
    ObjectPtr owner = store_.find_uid(uid);
    if (!owner) return 0;
    if (std::string above(controller_uid(*owner)); owner->resource == &work_.replicasets && !above.empty()) {
      if (!counted.insert(above).second) return 0;
      if (ObjectPtr deployment = store_.find_uid(above)) owner = deployment;
    }
    return integer_at(objects_.load_brief(*owner), {"spec", "replicas"}, 1);
  }

  const Resource& budgets_;
};

}  // namespace

std::unique_ptr<Controller> disruption_controller(Work& work) { return std::make_unique<DisruptionController>(work); }

}  // namespace fairlead::sandbox
