// The test of a registered cluster's connection: can it be reached, who are we there, what version is it, and may we do
// what the enabled features need.
#pragma once

#include <string>
#include <vector>

#include "fleet/cluster_row.h"
#include "kube/client.h"
#include "net/task.h"

namespace fairlead::fleet {

using net::awaitable;

struct ProbeLine {
  enum class Outcome { ok, failed, unknown };
  Outcome outcome = Outcome::ok;
  std::string what;    // "reach the API server", "create deployments.apps in agents"
  std::string detail;  // the version, the identity, what is wrong; may be empty
};
std::string_view to_string(ProbeLine::Outcome outcome);

struct ProbeReport {
  bool ok = false;
  std::string message;  // one sentence: for ClusterRow::last_test
  std::vector<ProbeLine> lines;
  std::string manifest;  // YAML that grants what is missing; empty: nothing is
};

// Never fails: what went wrong is in the report. Nothing in the cluster is changed.
awaitable<ProbeReport> probe(kube::Client& client, const ClusterRow& row, Deadline deadline);
// Of one that could not even be connected to.
ProbeReport failed_probe(const Error& error);

json::object to_json(const ProbeReport& report);

}  // namespace fairlead::fleet
