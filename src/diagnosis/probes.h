// Probes that fail: what they ask, and why nobody answers as they wish.
#pragma once

#include "diagnosis/containers.h"
#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

// "GET http://:8080/healthz", "TCP 8080", "exec [cat /tmp/ok]"
std::string probe_text(const json::value& probe, const json::value& container);

// When a liveness or startup probe has the container killed, adds why; false: it was not that.
awaitable<bool> explain_killing_probe(Trail trail, const json::value& pod, ContainerSeen container);

}  // namespace fairlead::diagnosis
