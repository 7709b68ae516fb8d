// Why a pod has no node, where only the scheduler knows it: its words, and what of the pod they mean.
#pragma once

#include <optional>

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

struct SchedulerSaid {
  std::string code, sentence, next;
  std::vector<std::string> evidence = {};
};
// Of a message since Kubernetes 1.20; nothing where its words are none of those known.
awaitable<std::optional<SchedulerSaid>> read_scheduler(Trail trail, const json::value& pod, std::string message);

// A NodeSelector: "disk in (nvme) or zone in (a, b)".
std::string node_terms(const json::value& node_selector);

}  // namespace fairlead::diagnosis
