// Inside Changes: a change on its way.
#pragma once

#include "gate/changes.h"

namespace fairlead::gate {

inline constexpr Duration kAfterwards = std::chrono::seconds(10);  // to write down what happened, whatever the deadline

struct Changes::Running {
  ops::Call& call;
  const ops::ChangeSteps& steps;
  ChangeCall& what;
  ChangeOutcome& outcome;
  Change change;               // its plan is what will be sent
  std::size_t last = 0;        // the request that was answered last, by its place in the plan
  bool fresh = true;           // it was not approved as it stands, so it may be planned anew
  bool last_had_gone = false;  // the object of the last request, before it arrived
  bool is_unneeded = false;    // it had gone, or was so already, when the only request came
  bool last_attempt = false;
  std::vector<std::string> behind = {};  // what stands behind the objects, which is read once
  Journal::Hold hold = std::make_shared<const char>();
};

// Whether what is decided of the next plan is no stricter than what was decided of this one.
bool is_no_stricter(const Changes::Running& running, const ops::Plan& plan, const ops::Plan& next);

// Notes in the plan what the server, which was asked, would leave out of its objects.
void tell_what_is_not_kept(ops::Plan& plan);

}  // namespace fairlead::gate
