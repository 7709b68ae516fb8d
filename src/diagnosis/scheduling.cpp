// Why no node takes a pod: worked out from the nodes themselves, with the scheduler's message as a witness.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/scheduler_words.h"
#include "kube/quantity.h"
#include "ops/object_document.h"
#include "ops/pod_resources.h"

namespace fairlead::diagnosis {
namespace {

using Need = std::map<std::string, std::int64_t, std::less<>>;  // by resource, as ops::amount_of

std::int64_t amount_in(const Need& need, std::string_view resource) {
  const auto found = need.find(resource);
  return found == need.end() ? 0 : found->second;
}

// What a pod takes of a node.
Need need_of(const json::value& pod) {
  std::map<std::string, ops::PodAmount> amounts;
  const auto each = [&](const json::value& container, auto add) {
    for (const auto& request : object_at(container, {"resources", "requests"}))
      if (const auto* text = request.value().if_string())
        add(amounts[std::string(request.key())], ops::amount_of(request.key(), *text));
  };
  for (const auto& container : array_at(pod, {"spec", "containers"}))
    each(container, [](ops::PodAmount& of, std::int64_t amount) { of.container(amount); });
  for (const auto& container : array_at(pod, {"spec", "initContainers"})) {
    const bool sidecar = text_at(container, {"restartPolicy"}) == "Always";
    each(container, [&](ops::PodAmount& of, std::int64_t amount) { of.init_container(amount, sidecar); });
  }
  Need out;
  for (const auto& [resource, amount] : amounts) out[resource] = amount.total();
  return out;
}

bool term_meets(const json::value& term, const json::value& node) {
  const auto& expressions = array_at(term, {"matchExpressions"});
  const auto& fields = array_at(term, {"matchFields"});
  const bool named = std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
    const auto& values = array_at(field, {"values"});
    return text_at(field, {"key"}) != "metadata.name" ||
           std::any_of(values.begin(), values.end(), [&](const auto& value) {
             return value.is_string() && value.as_string() == text_at(node, {"metadata", "name"});
           });
  });
  return (!expressions.empty() || !fields.empty()) && named &&
         std::all_of(expressions.begin(), expressions.end(), [&](const json::value& expression) {
           return meets(expression, object_at(node, {"metadata", "labels"}));
         });
}

bool affinity_meets(const json::value& pod, const json::value& node) {
  const auto* required =
      ::fairlead::find(pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  if (!required) return true;
  const auto& terms = array_at(*required, {"nodeSelectorTerms"});
  return std::any_of(terms.begin(), terms.end(), [&](const auto& term) { return term_meets(term, node); });
}

bool tolerates(const json::value& pod, const json::value& taint) {
  if (text_at(taint, {"effect"}) == "PreferNoSchedule") return true;
  const auto& all = array_at(pod, {"spec", "tolerations"});
  return std::any_of(all.begin(), all.end(), [&](const auto& toleration) {
    const auto key = text_at(toleration, {"key"}), effect = text_at(toleration, {"effect"});
    if (!effect.empty() && effect != text_at(taint, {"effect"})) return false;
    if (key.empty()) return text_at(toleration, {"operator"}) == "Exists";
    if (key != text_at(taint, {"key"})) return false;
    return text_at(toleration, {"operator"}) == "Exists" || text_at(toleration, {"value"}) == text_at(taint, {"value"});
  });
}

std::string taint_text(const json::value& taint) {
  const auto value = text_at(taint, {"value"});
  return fmt::format("{}{}:{}", text_at(taint, {"key"}), value.empty() ? "" : "=" + std::string(value),
                     text_at(taint, {"effect"}));
}

std::string list_text(const std::set<std::string>& all, std::size_t most = 5) {
  std::string out;
  std::size_t count = 0;
  for (const auto& one : all) {
    if (count++ == most) return out + fmt::format(" and {} more", all.size() - most);
    out += (out.empty() ? "" : ", ") + one;
  }
  return out;
}

std::string wanted_affinity(const json::value& pod) {
  const auto* required =
      ::fairlead::find(pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  return required ? node_terms(*required) : "";
}

// The labels that no node has as they are wanted, and what nodes have instead.
std::string selector_trouble(const json::object& selector, std::span<const json::value> nodes) {
  std::string out;
  for (const auto& wanted : selector) {
    if (!wanted.value().is_string()) continue;
    std::set<std::string> have;
    bool met = false;
    for (const auto& node : nodes) {
      const auto* label = object_at(node, {"metadata", "labels"}).if_contains(wanted.key());
      if (!label || !label->is_string()) continue;
      met = met || *label == wanted.value();
      have.insert(std::string(label->as_string()));
    }
    if (met) continue;
    out += fmt::format("{}no node has {}={}{}", out.empty() ? "" : "; ", std::string_view(wanted.key()),
                       std::string_view(wanted.value().as_string()),
                       have.empty() ? "" : fmt::format(" (nodes have {})", list_text(have)));
  }
  return out.empty() ? "no node has all of these labels" : out;
}

struct Candidates {
  std::vector<const json::value*> nodes;
  std::string names() const {
    std::set<std::string> all;
    for (const auto* node : nodes) all.emplace(text_at(*node, {"metadata", "name"}));
    return list_text(all);
  }
  template <class Keep>
  Candidates filtered(Keep keep) const {
    Candidates out;
    for (const auto* node : nodes)
      if (keep(*node)) out.nodes.push_back(node);
    return out;
  }
};

class Scheduling {
 public:
  Scheduling(Trail trail, const json::value& pod) : trail_(std::move(trail)), pod_(pod), ref_(ref_of("Pod", pod)) {}

  void add(std::string code, Certainty certainty, std::string sentence, std::string next,
           std::vector<std::string> more = {}) {
    if (!message_.empty()) more.push_back("the scheduler: " + message_);
    trail_.findings.add({.code = std::move(code),
                         .certainty = certainty,
                         .sentence = std::move(sentence),
                         .at = workload_of(pod_),
                         .evidence = std::move(more),
                         .next = std::move(next),
                         .affects = {ref_}});
  }

  awaitable<void> run() {
    const auto* condition = ops::condition_of(pod_, "PodScheduled");
    if (condition) message_ = std::string(text_at(*condition, {"message"}));
    if (message_.empty()) {
      const auto events = co_await events_about(trail_, ref_, "FailedScheduling");
      if (!events.empty()) message_ = events[0].message;
    }
    if (const auto& gates = array_at(pod_, {"spec", "schedulingGates"}); !gates.empty()) {
      add("scheduling_gate", Certainty::proven,
          fmt::format("It is held back by its scheduling gate {}", text_at(gates[0], {"name"})),
          "Whoever set the gate has to take it away");
      co_return;
    }
    if (message_.empty()) {
      co_await nobody_schedules();
      co_return;
    }
    const ListSeen* nodes = co_await trail_.source.list(kinds::nodes, "");
    if (nodes->seen() && !nodes->items.empty())
      co_await compare(nodes->items);
    else
      co_await by_message();
  }

 private:
  // A scheduler that has chosen a node, and waits for a volume there, says nothing of it either.
  awaitable<bool> waits_for_volume() {
    for (const auto& volume : array_at(pod_, {"spec", "volumes"})) {
      const std::string name(text_at(volume, {"persistentVolumeClaim", "claimName"}));
      if (name.empty()) continue;
      const ObjectSeen* claim = co_await look(trail_, "PersistentVolumeClaim", ref_.ns, name);
      if (text_at(claim->value, {"status", "phase"}) != "Bound" &&
          !text_at(claim->value, {"metadata", "annotations", "volume.kubernetes.io/selected-node"}).empty())
        co_return true;
    }
    co_return false;
  }

  // Whether its scheduler has bound another pod since this one was made.
  awaitable<bool> others_are_scheduled(std::string scheduler, std::int64_t created) {
    const ListSeen* pods = co_await trail_.source.list(kinds::pods, "");
    const ListSeen* here = pods->seen() ? pods : co_await trail_.source.list(kinds::pods, ref_.ns);
    for (const auto& pod : here->items) {
      const auto* scheduled = ops::condition_of(pod, "PodScheduled");
      const bool same = or_default(text_at(pod, {"spec", "schedulerName"})) == or_default(scheduler);
      if (same && scheduled && text_at(*scheduled, {"status"}) == "True" &&
          ops::time_at(*scheduled, {"lastTransitionTime"}).value_or(0) > created)
        co_return true;
    }
    co_return false;
  }

  static std::string_view or_default(std::string_view scheduler) {
    return scheduler.empty() ? std::string_view("default-scheduler") : scheduler;
  }

  awaitable<void> nobody_schedules() {
    const auto created = ops::time_at(pod_, {"metadata", "creationTimestamp"}).value_or(trail_.now());
    if (created + 30 > trail_.now()) co_return;
    const std::string scheduler(text_at(pod_, {"spec", "schedulerName"}));
    const bool waits = co_await waits_for_volume();
    if (waits) co_return;
    const bool works = co_await others_are_scheduled(scheduler, created);
    if (works) co_return;
    if (scheduler.empty() || scheduler == "default-scheduler")
      add("scheduler_silent", Certainty::inferred, "No scheduler has looked at it: kube-scheduler seems not to work",
          "cluster_health looks at the control plane");
    else
      add("scheduler_absent", Certainty::inferred,
          fmt::format("It asks for the scheduler \"{}\", and none of that name has looked at it", scheduler),
          "Start that scheduler, or leave out schedulerName");
  }

  // Where the nodes may not be seen.
  awaitable<void> by_message() {
    struct Said {
      std::string_view words, code, sentence;
    };
    for (const Said& said :
         {Said{"Insufficient", "insufficient_resources", "No node has as much free as it asks for"},
          Said{"node selector", "node_selector_unmatched", "No node has the labels that it asks for"},
          Said{"Pod's node affinity", "node_affinity_unmatched", "No node fits its affinity"},
          Said{"taint", "taint_untolerated", "Nodes have taints that it does not tolerate"},
          Said{"unschedulable", "nodes_cordoned", "Nodes are cordoned"}})
      if (message_.find(said.words) != std::string::npos) {
        add(std::string(said.code), Certainty::told, std::string(said.sentence), "list_nodes shows the nodes");
        co_return;
      }
    co_await by_rest(true);
  }

  awaitable<void> compare(std::span<const json::value> all) {
    Candidates left;
    for (const auto& node : all) left.nodes.push_back(&node);
    const auto& selector = object_at(pod_, {"spec", "nodeSelector"});
    const auto selected = left.filtered([&](const json::value& node) {
      return (selector.empty() || selects_map(selector, object_at(node, {"metadata", "labels"})));
    });
    if (selected.nodes.empty()) {
      add("node_selector_unmatched", Certainty::proven,
          fmt::format("Its nodeSelector {} fits none of the {} nodes: {}", ops::map_selector_text(selector), all.size(),
                      selector_trouble(selector, all)),
          "Correct nodeSelector in the pod template, or label a node");
      co_return;
    }
    const auto fitting = selected.filtered([&](const json::value& node) { return affinity_meets(pod_, node); });
    if (fitting.nodes.empty()) {
      add("node_affinity_unmatched", Certainty::proven,
          fmt::format("Its required node affinity ({}) fits none of the {} nodes", wanted_affinity(pod_),
                      selected.nodes.size()),
          "Correct the affinity in the pod template, or label a node");
      co_return;
    }
    std::set<std::string> taints;
    const auto open = fitting.filtered([&](const json::value& node) {
      bool free = true;
      for (const auto& taint : array_at(node, {"spec", "taints"})) {
        if (tolerates(pod_, taint)) continue;
        free = false;
        taints.insert(taint_text(taint));
      }
      return free;
    });
    if (open.nodes.empty()) {
      const std::string only = fitting.nodes.size() < all.size()
                                   ? fmt::format("Of {} nodes only {} fit, and they have", all.size(), fitting.names())
                                   : fmt::format("All {} nodes have", all.size());
      co_await explain_taints(fitting, taints, only);
      co_return;
    }
    co_await compare_resources(open, all.size());
  }

  // Some taints only say that a node is ill or cordoned.
  awaitable<void> explain_taints(const Candidates& nodes, std::set<std::string> taints, std::string only) {
    bool ill = false;
    for (const auto* node : nodes.nodes)
      for (const auto& taint : array_at(*node, {"spec", "taints"})) {
        const auto key = text_at(taint, {"key"});
        ill = ill || (key.starts_with("node.kubernetes.io/") && key != "node.kubernetes.io/unschedulable");
      }
    Findings reasons;
    if (ill)
      for (const auto* node : nodes.nodes) co_await explain_node(trail_.behind(reasons), *node);
    if (reasons.explains()) trail_.findings.add_reasons(reasons, ref_, "no other node can take " + ref_.text());
    const bool cordoned = taints.size() == 1 && taints.begin()->starts_with("node.kubernetes.io/unschedulable");
    add(cordoned ? "nodes_cordoned" : "taint_untolerated", reasons.explains() ? Certainty::told : Certainty::proven,
        cordoned ? fmt::format("The nodes that it could run on are cordoned: {}", nodes.names())
                 : fmt::format("{} taints that it does not tolerate: {}", only, list_text(taints)),
        cordoned ? "uncordon_node makes a node take pods again"
                 : "Add a toleration to the pod template, or take the taint away");
  }

  awaitable<void> compare_resources(const Candidates& open, std::size_t all) {
    const Need need = need_of(pod_);
    const ListSeen* pods = co_await trail_.source.list(kinds::pods, "");
    std::map<std::string, Need, std::less<>> used;  // by node
    for (const auto& pod : pods->items) {
      if (is_finished(pod)) continue;
      Need& sum = used[std::string(text_at(pod, {"spec", "nodeName"}))];
      for (const auto& [resource, amount] : need_of(pod)) ops::add_to(sum[resource], amount);
    }
    struct Resource {
      std::string name;
      std::int64_t asked = 0, largest = 0, most_free = std::numeric_limits<std::int64_t>::min();
    };
    std::vector<Resource> short_of;
    for (const auto& [name, asked] : need) {
      Resource resource{name, asked};
      for (const auto* node : open.nodes) {
        const std::int64_t whole = ops::amount_of(name, text_at(*node, {"status", "allocatable", name}));
        const auto taken = used.find(text_at(*node, {"metadata", "name"}));
        resource.largest = std::max(resource.largest, whole);
        resource.most_free =
            std::max(resource.most_free, whole - (taken == used.end() ? 0 : amount_in(taken->second, name)));
      }
      if (asked > 0 && asked > resource.most_free) short_of.push_back(resource);
    }
    const auto shown = [](const Resource& resource, std::int64_t amount) {
      amount = std::max<std::int64_t>(amount, 0);
      return resource.name == "cpu"                                              ? kube::format_cpu(amount)
             : resource.name == "memory" || resource.name == "ephemeral-storage" ? kube::format_bytes(amount)
                                                                                 : std::to_string(amount);
    };
    for (const auto& resource : short_of) {
      const std::string where =
          open.nodes.size() < all ? fmt::format(" of the {} that fit ({})", open.nodes.size(), open.names()) : "";
      const bool too_big = resource.asked > resource.largest;
      add("insufficient_resources", pods->seen() || too_big ? Certainty::proven : Certainty::told,
          too_big
              ? fmt::format("It asks for {} {}, and no node{} is that large: the largest has {}",
                            shown(resource, resource.asked), resource.name, where, shown(resource, resource.largest))
              : fmt::format("It asks for {} {}, and no node{} has that much left: the most is {} of {}",
                            shown(resource, resource.asked), resource.name, where, shown(resource, resource.most_free),
                            shown(resource, resource.largest)),
          too_big ? "Lower resources.requests in the pod template, or add a larger node"
                  : "Lower requests, remove other pods, or add a node; describe_node shows what takes the room");
    }
    if (short_of.empty()) co_await by_rest(!trail_.findings.explains());
  }

  // What only the scheduler knows.
  awaitable<void> by_rest(bool certain) {
    const auto said = co_await read_scheduler(trail_, pod_, message_);
    if (said) {
      if (said->code != "claim_unbound" || !trail_.findings.explains())
        add(said->code, Certainty::told, said->sentence, said->next, said->evidence);
    } else if (certain) {
      add("unschedulable", Certainty::symptom, "No node takes it: " + message_, "list_nodes shows the nodes");
    }
  }

  Trail trail_;
  const json::value& pod_;
  Ref ref_;
  std::string message_;
};

}  // namespace

awaitable<void> explain_scheduling(Trail trail, const json::value& pod) {
  Scheduling scheduling(std::move(trail), pod);
  co_await scheduling.run();
}

}  // namespace fairlead::diagnosis
