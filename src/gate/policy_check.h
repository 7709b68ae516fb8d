// What the gate decides about a call, as far as that can be told without the call's cluster. Pure.
#pragma once

#include "gate/policy.h"

namespace fairlead::gate {

// As the policy says, within the roles of whoever has bindings: each touch by the roles that count where it is.
Verdict decide_as(const Policy& policy, PolicyRequest request);

struct CheckedCall {
  Verdict verdict;
  std::vector<Finding> findings;   // what it was chosen from; never empty
  std::vector<std::string> notes;  // what could not be told, sentences
};

// Whose call, on which cluster (empty: whichever, and the strictest counts), and when.
struct CallToCheck {
  Identity who;
  std::string cluster;
  std::int64_t now = 0;
};
// invalid_request for arguments that are wrong.
Result<CheckedCall> check_call(const Policy& policy, const ops::Catalog& catalog, const ops::Operation& operation,
                               const json::object& arguments, CallToCheck call);
json::object to_json(const Policy& policy, const CheckedCall& checked);

}  // namespace fairlead::gate
