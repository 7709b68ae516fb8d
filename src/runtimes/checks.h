// The readiness checks of a runtime family, made through the API server's proxy to the agent's Service, so that they
// reach it in every mode of exposure. Of what an agent answers nothing but the status is taken.
#pragma once

#include "ops/operation.h"
#include "runtimes/agent.h"

namespace fairlead::runtimes {

using net::awaitable;

struct CheckOutcome {
  std::string port, path;
  int status = 0;  // HTTP; 0: there was none
  bool accepted = false;
  std::int64_t attempts = 0;  // that were made
  std::string cause;          // why it is not accepted, a sentence without a full stop
};

// Each check once, or `attempts` times. With `wait_seconds` as often as the profile says, with its pauses, and for so
// long at most, where `attempts` does not say otherwise.
struct CheckLimits {
  std::optional<std::int64_t> attempts, wait_seconds;
};
awaitable<Result<std::vector<CheckOutcome>>> run_checks(ops::Call& call, AgentPlace place, const Profile& profile,
                                                        CheckLimits limits);

json::object shown(const CheckOutcome& outcome);

}  // namespace fairlead::runtimes
