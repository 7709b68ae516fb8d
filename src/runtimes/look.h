// Reads what a cluster shows of an agent: its objects, each once, and events only where something is wrong. What may
// not be read, or cannot, is told and never taken for absent.
#pragma once

#include "ops/endpoints.h"
#include "ops/operation.h"
#include "runtimes/manifests.h"
#include "runtimes/status.h"

namespace fairlead::runtimes {

using net::awaitable;

struct Sight {
  Observed observed;
  json::value service;                             // null: there is none, or it was not read
  std::optional<ops::ServiceEndpoints> endpoints;  // nothing: not read
  std::vector<std::string> differences;            // a line each: drift
  bool compared = false;                           // whether differences were looked for
  std::vector<std::string> unread;                 // a sentence each: what was not read, and why
};
// `wanted`: what the newest revision wants; null: no differences are looked for. The Secret is not read: whoever may
// look at agents need not be allowed to read Secrets.
awaitable<Result<Sight>> look_closely(ops::Call& call, AgentPlace place, const AgentObjects* wanted,
                                      std::int64_t load_balancer_timeout_ms);

// What look_closely reads.
std::vector<ops::Access> sight_access();

}  // namespace fairlead::runtimes
