// Inside the gate only: a call on its way.
#pragma once

#include "gate/gate.h"

namespace fairlead::gate {

struct Gate::Passed {
  const ops::Operation* operation = nullptr;
  json::object arguments;  // that may be kept
  std::string cluster;
  ChangeOutcome outcome;
  TimePoint begun = std::chrono::steady_clock::now();
  bool reveals = false;  // values of a Secret: nothing is shown that was not recorded
};

// Both hold. Of equal ones what somebody has written: no --allow stands for that.
inline Verdict stricter(Verdict a, Verdict b) {
  const bool wants_reason = a.reason_required || b.reason_required, by_file = a.reason_by_file || b.reason_by_file;
  const bool takes_b = b.decision > a.decision || (b.decision == a.decision && a.by_default && !b.by_default);
  Verdict out = takes_b ? std::move(b) : std::move(a);
  out.reason_required = wants_reason;
  out.reason_by_file = by_file;
  return out;
}

inline tl::unexpected<Error> refused(const ops::Operation& operation, const Verdict& verdict) {
  return fail(ErrorCode::policy_denied, std::string(operation.name), verdict.why,
              "A person can change the policy; 'fairlead policy check' explains it");
}

inline tl::unexpected<Error> no_journal(std::string action) {
  return fail(ErrorCode::policy_denied, std::move(action), "no journal is kept here, so nothing is changed",
              "Start Fairlead with a data directory, --data-dir");
}

// Below the gate nobody knows what was called.
void complete_remedy(Error& error, const ops::Operation& operation);

}  // namespace fairlead::gate
