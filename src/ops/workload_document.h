// Workloads (Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs) for readers. From JSON; pure.
#pragma once

#include "base/json.h"

namespace fairlead::ops {

// Replicas, strategy, conditions and the pod template, from an object that is already redacted.
json::object workload_document(const json::value& object, std::int64_t now);

// What keeps a Deployment's rollout from being complete, in one word; empty when nothing does.
std::string_view rollout_word(const json::value& deployment);

// As kubectl prints them: "Running", "Complete", "Failed", "Suspended", …; and "1/3", "0/1 of 4".
std::string job_status(const json::value& job);
std::string job_completions(const json::value& job);

}  // namespace fairlead::ops
