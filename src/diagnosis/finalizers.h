// Who would have to remove a finalizer, and what keeps it from that.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

// A workload that seems to be the one, and by what.
struct Controller {
  std::string kind, ns, name;
  int score = 0;
  std::vector<std::string> because;
};

// The words of a finalizer that can name its controller: "backup.example.com/upload" gives backup, example, upload.
// Pure.
std::vector<std::string> words_of(std::string_view finalizer);
// Managers that wrote that finalizer, by the object's managed fields; people's tools are left out. Pure.
std::vector<std::string> managers_of(const json::value& object, std::string_view finalizer);

// The likeliest, by its name, by who wrote the finalizer, or by what its log says; nothing when none is likely. Sets
// `all_seen` to whether all workloads, and the logs of all that might be it, could be looked at.
awaitable<std::optional<Controller>> find_controller(Trail trail, Terminating item, std::string finalizer,
                                                     bool* all_seen);

// Adds the cause for an object that waits for a finalizer which no rule of Kubernetes itself explains.
awaitable<void> explain_finalizer(Trail trail, Terminating item, std::string finalizer);

std::string kind_text(const Terminating& item);  // "ConfigMap shop/web"
Ref ref_to(const Terminating& item);
std::string group_of(const Terminating& item);

}  // namespace fairlead::diagnosis
