// What the scheduler knows of nodes, and why one cannot take a pod, in the scheduler's own words. Not thread-safe: one
// loop.
#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "sandbox/controller.h"

namespace fairlead::sandbox {

// Thousandths of cores and bytes; of other resources, of their units.
struct Amounts {
  std::int64_t cpu = 0, memory = 0;
  std::vector<std::pair<std::string, std::int64_t>> others;

  void add(std::string_view resource, std::int64_t amount);
  void add(const Amounts& more, int sign);
  std::int64_t of(std::string_view resource) const;
};
// What a pod's containers request together, init containers counted as they run. Read from the stored bytes.
Amounts requests_of(const Object& pod);

// A port of a node that a pod takes; an empty address is every one.
struct HostPort {
  std::int64_t port = 0;
  std::string protocol, address;
  bool collides(const HostPort& other) const;
};

struct NodeInfo {
  std::string name;
  json::value value;  // labels, taints, unschedulable
  Amounts allocatable, used;
  std::int64_t most_pods = 0, pods = 0;
  std::map<std::string, std::vector<HostPort>> ports;  // by the uid of the pod that has them
};

// Nodes with what is used of them, kept up with changes at a cost that does not grow with their number.
class NodeLedger {
 public:
  explicit NodeLedger(Work& work) : work_(work) {}
  void adopt();
  void changed(const Change& change);
  const std::map<std::string, NodeInfo, std::less<>>& nodes() const { return nodes_; }

 private:
  struct Charge {
    std::string node;
    Amounts amounts;
  };
  void learn(const Object& node);
  void charge(const Object& pod);
  void discharge(const std::string& uid);

  Work& work_;
  std::map<std::string, NodeInfo, std::less<>> nodes_;
  std::unordered_map<std::string, Charge> charges_;  // by the pod's uid
};

struct Verdict {
  std::vector<std::string> reasons;  // empty: the node can take it
  bool final = false;                // taking pods away would not help
};

bool tolerates(const json::value& pod, const json::value& taint);
// nodeSelector and the required part of the node affinity.
bool selects_node(const json::value& pod, const NodeInfo& node);
// nodeSelector terms, as they stand in node affinities and PersistentVolumes.
bool matches_terms(const json::array& terms, const json::value& node);

// What does not depend on other pods but by what they use.
Verdict fits(const json::value& pod, const Amounts& requests, const NodeInfo& node);

// Required pod affinity and anti-affinity against the pods of its namespaces: for a pod that has none, nothing is
// looked at.
class PodAffinity {
 public:
  PodAffinity(Work& work, const json::value& pod, const NodeLedger& ledger);
  std::string obstacle(const NodeInfo& node) const;  // empty: none

 private:
  struct Term {
    std::string topology;
    bool anti = false, first_of_its_kind = false;
    std::set<std::string> taken;  // values of the topology label where such pods are
  };
  std::vector<Term> terms_;
};

}  // namespace fairlead::sandbox
