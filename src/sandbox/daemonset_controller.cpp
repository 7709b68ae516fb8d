// DaemonSets: a pod on each node that their pods may run on.
#include <algorithm>
#include <map>

#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/revisions.h"
#include "sandbox/scheduling.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "daemonset-controller";
constexpr std::string_view hash_label = "controller-revision-hash";
constexpr std::size_t most_at_once = 250;

void add_tolerations(json::value& pod) {
  json::array& tolerations = array_in(object_in(pod, {"spec"}), "tolerations");
  auto add = [&](std::string_view key, std::string_view effect) {
    json::value made = json::object{{"key", key}, {"operator", "Exists"}, {"effect", effect}};
    if (std::find(tolerations.begin(), tolerations.end(), made) == tolerations.end())
      tolerations.push_back(std::move(made));
  };
  add("node.kubernetes.io/not-ready", "NoExecute");
  add("node.kubernetes.io/unreachable", "NoExecute");
  for (std::string_view key : {"node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure",
                               "node.kubernetes.io/pid-pressure", "node.kubernetes.io/unschedulable"}) {
    add(key, "NoSchedule");
  }
  if (flag_at(pod, {"spec", "hostNetwork"})) add("node.kubernetes.io/network-unavailable", "NoSchedule");
}

// Binds the pod to one node by an affinity that the scheduler then fulfils.
void pin(json::value& pod, const std::string& node) {
  json::object term{{"matchFields", json::array{json::object{
                                        {"key", "metadata.name"}, {"operator", "In"}, {"values", json::array{node}}}}}};
  json::object& required =
      object_in(pod, {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"});
  required["nodeSelectorTerms"] = json::array{std::move(term)};
}

std::string pinned_to(const json::value& pod) {
  if (std::string_view node = text_at(pod, {"spec", "nodeName"}); !node.empty()) return std::string(node);
  const json::array& terms = array_at(
      pod, {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
  for (const json::value& term : terms) {
    for (const json::value& field : array_at(term, {"matchFields"})) {
      const json::array& values = array_at(field, {"values"});
      if (values.size() == 1 && values.front().is_string()) return std::string(values.front().get_string());
    }
  }
  return {};
}

struct Placement {
  bool should_run = false, may_stay = false;
};

Placement placement(const json::value& pod, const NodeInfo& node) {
  if (!selects_node(pod, node)) return {};
  Placement out{true, true};
  for (const json::value& taint : array_at(node.value, {"spec", "taints"})) {
    std::string_view effect = text_at(taint, {"effect"});
    if (effect == "PreferNoSchedule" || tolerates(pod, taint)) continue;
    out.should_run = false;
    if (effect == "NoExecute") out.may_stay = false;
  }
  return out;
}

class DaemonSetController final : public Controller {
 public:
  explicit DaemonSetController(Work& work) : Controller(work), sets_(resource("apps", "daemonsets")) {}

  std::vector<const Resource*> watched() const override { return {&sets_, &work_.pods, &work_.nodes}; }

  void adopt() override {
    for (const ObjectPtr& node : store_.list(work_.nodes, "")) learn(*node);
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &sets_) return wake(object);
    if (object.resource == &work_.nodes) {
      bool matters = true;
      if (change.type == Change::Type::deleted) {
        nodes_.erase(object.name);
      } else {
        matters = learn(object);
      }
      if (!matters) return;
      for (const ObjectPtr& set : store_.list(sets_, "")) wake(*set);
      return;
    }
    // With many nodes the changes of many pods are looked at together.
    for (const std::string& uid : object.owners) {
      ObjectPtr set = store_.find_uid(uid);
      if (set && set->resource == &sets_) wake(*set, static_cast<std::int64_t>(nodes_.size() / 20));
    }
    if (change.type == Change::Type::deleted || !object.owners.empty()) return;
    for (const ObjectPtr& set : store_.list(sets_, object.namespace_name)) wake(*set);
  }

  void reconcile(const Key& key) override {
    ObjectPtr set = store_.find(sets_, key.namespace_name, key.name);
    if (!set) return;
    json::value value = objects_.load(*set);
    const json::value* selector = find(value, "spec", "selector");
    std::map<std::string, std::vector<PodFacts>> by_node;
    for (const ObjectPtr& pod :
         claim(work_, *set, work_.pods, selector ? LabelSelector::from_object(*selector) : LabelSelector())) {
      std::string node = field_of(*pod, "spec.nodeName");
      by_node[node.empty() ? pinned_to(objects_.load_brief(*pod)) : node].push_back(facts_of(pod));
    }
    if (is_dying(*set)) return;
    ObjectPtr revision = newest_revision(work_, *set, value, hash_label);
    if (!revision) return wake(*set, 5000);
    std::string hash(label_of(*revision, hash_label));
    const json::value* pod_template = find(value, "spec", "template");
    json::value pod = pod_from_template(pod_template ? *pod_template : json::value(json::object()), *set);
    add_tolerations(pod);
    object_in(pod, {"metadata", "labels"})[hash_label] = hash;
    std::string_view generation =
        text_at(value, {"metadata", "annotations", "deprecated.daemonset.template.generation"});
    if (!generation.empty()) object_in(pod, {"metadata", "labels"})["pod-template-generation"] = generation;
    object_in(pod, {"metadata"})["generateName"] = set->name + "-";
    place(*set, value, pod, hash, by_node);
    tell(*set, value, pod, hash);
    std::set<std::string, std::less<>> in_use{revision->name};
    for (const auto& [node, pods] : by_node) {
      for (const PodFacts& one : pods) in_use.insert(set->name + "-" + std::string(label_of(*one.object, hash_label)));
    }
    forget_revisions(work_, *set, integer_at(value, {"spec", "revisionHistoryLimit"}, 10), in_use);
  }

 private:
  bool learn(const Object& node) {
    json::value value = objects_.load_brief(node);
    value.get_object().erase("status");
    for (std::string_view field : {"resourceVersion", "annotations"}) object_in(value, {"metadata"}).erase(field);
    NodeInfo& info = nodes_[node.name];
    if (info.value == value) return false;
    info.name = node.name;
    info.value = std::move(value);
    return true;
  }

  // Makes, deletes and replaces pods.
  void place(const Object& set, const json::value& value, const json::value& pod, const std::string& hash,
             std::map<std::string, std::vector<PodFacts>>& by_node) {
    std::vector<const Object*> doomed;
    std::vector<std::string> bare;
    std::vector<std::pair<const PodFacts*, bool>> old;  // of another template, and whether it is available
    std::int64_t desired = 0, unavailable = 0, minimum = integer_at(value, {"spec", "minReadySeconds"});
    for (auto& [name, node] : nodes_) {
      Placement where = placement(pod, node);
      std::vector<PodFacts>& there = by_node[name];
      bool broken = false;
      std::vector<const PodFacts*> alive;
      for (const PodFacts& one : there) {
        if (one.dying) {
          broken = true;  // its successor waits until it is gone
        } else if (one.over() && where.may_stay) {
          if (one.phase == "Failed") {
            work_.note(set, component, "Warning", "FailedDaemonPod",
                       "Found failed daemon pod " + one.object->namespace_name + "/" + one.object->name + " on node " +
                           name + ", will try to kill it");
          }
          doomed.push_back(one.object.get());
          broken = true;
        } else {
          alive.push_back(&one);
        }
      }
      if (!where.may_stay || (!where.should_run && alive.empty())) {
        for (const PodFacts* one : alive) doomed.push_back(one->object.get());
        continue;
      }
      if (where.should_run) ++desired;
      if (alive.empty()) {
        if (where.should_run) ++unavailable;
        if (!broken) bare.push_back(name);
        continue;
      }
      std::sort(alive.begin(), alive.end(), [](const PodFacts* a, const PodFacts* b) {
        return a->created != b->created ? a->created < b->created : a->object->name < b->object->name;
      });
      for (std::size_t i = 1; i < alive.size(); ++i) doomed.push_back(alive[i]->object.get());
      bool available = alive.front()->available(minimum, work_.now());
      if (!available) {
        ++unavailable;
        if (alive.front()->ready) wake(set, 1000);
      }
      if (label_of(*alive.front()->object, hash_label) != hash) old.emplace_back(alive.front(), available);
    }
    for (auto& [name, pods] : by_node) {
      if (nodes_.contains(name)) continue;
      for (const PodFacts& one : pods) doomed.push_back(one.object.get());
    }
    if (text_at(value, {"spec", "updateStrategy", "type"}) != "OnDelete") {
      const json::value* given = find(value, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable");
      std::int64_t allowed = std::max<std::int64_t>(1, scaled_value(given, desired, true, 1));
      for (const auto& [one, available] : old) {
        if (available && unavailable >= allowed) continue;
        if (available) ++unavailable;
        doomed.push_back(one->object.get());
      }
    }
    for (const Object* one : doomed) delete_pod(work_, set, component, *one);
    for (std::size_t i = 0; i < bare.size(); ++i) {
      if (i == most_at_once) return wake(set);
      json::value made = pod;
      pin(made, bare[i]);
      if (!create_pod(work_, set, component, std::move(made))) return wake(set, 5000);
    }
  }

  void tell(const Object& set, const json::value& before, const json::value& pod, const std::string& hash) {
    ObjectPtr latest = store_.find_uid(set.uid);
    if (!latest) return;
    std::map<std::string, std::vector<PodFacts>> by_node;
    for (const ObjectPtr& child : store_.owned_by(set.uid)) {
      if (child->resource != &work_.pods) continue;
      std::string node = field_of(*child, "spec.nodeName");
      by_node[node.empty() ? pinned_to(objects_.load_brief(*child)) : node].push_back(facts_of(child));
    }
    std::int64_t desired = 0, current = 0, astray = 0, ready = 0, usable = 0, updated = 0,
                 minimum = integer_at(before, {"spec", "minReadySeconds"});
    for (auto& [name, node] : nodes_) {
      std::vector<PodFacts>& there = by_node[name];
      if (!placement(pod, node).should_run) {
        astray += !there.empty();
        continue;
      }
      ++desired;
      if (there.empty()) continue;
      ++current;
      const PodFacts& one = *std::min_element(there.begin(), there.end(), [](const PodFacts& a, const PodFacts& b) {
        return a.created != b.created ? a.created < b.created : a.object->name < b.object->name;
      });
      ready += one.ready;
      usable += one.available(minimum, work_.now());
      updated += label_of(*one.object, hash_label) == hash;
    }
    json::value value = objects_.load(*latest);
    json::object& status = object_in(value, {"status"});
    status["observedGeneration"] = integer_at(before, {"metadata", "generation"});
    status["desiredNumberScheduled"] = desired;
    status["currentNumberScheduled"] = current;
    status["numberMisscheduled"] = astray;
    status["numberReady"] = ready;
    set_count(status, "updatedNumberScheduled", updated);
    set_count(status, "numberAvailable", usable);
    set_count(status, "numberUnavailable", desired - usable);
    (void)objects_.update(latest, std::move(value), Part::status);
  }

  const Resource& sets_;
  std::map<std::string, NodeInfo> nodes_;  // without what is used of them
};

}  // namespace

std::unique_ptr<Controller> daemonset_controller(Work& work) { return std::make_unique<DaemonSetController>(work); }

}  // namespace fairlead::sandbox
