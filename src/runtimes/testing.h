// Tests only: a small profile that has every field.
#pragma once

#include <string>

namespace fairlead::runtimes {

inline std::string small_profile() {
  return R"(name: small
title: Small
prefix: agent-small
namespace: fallback
image: registry.example/small:1
ports:
- {name: http, port: 8080, node_port: runtime}
- {name: admin, port: 8081, node_port: gateway}
probes:
  startup: {port: http, period_seconds: 1, failures: 30}
  readiness: {port: http, period_seconds: 1, failures: 3}
  liveness: {port: http, period_seconds: 1, failures: 4}
environment:
- {name: PORT, value: "{{port.http}}"}
- {name: SMALL_TOKEN, generate: hex_16}
- {name: WHO, value: "{{agent.name}}/{{agent.id}} in {{state}}"}
- {name: BACKEND, value: "{{backend_url}}/api", optional: true}
capabilities: [CHOWN]
state: {path: /state}
resources: {cpu: 1, memory: 64Mi, storage: 1Gi}
checks:
- {port: http, path: /health, accepted: [200]}
recoveries:
- port: admin
  probe: [/bin/check]
  outcomes: {3: already-running}
  start: [/bin/again]
bootstrap:
  path: /opt/fairlead
  script: |
    #!/bin/sh
    exec /server
)";
}

}  // namespace fairlead::runtimes
