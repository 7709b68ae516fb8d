// The words of the journal's states.
#include <algorithm>
#include <array>

#include "gate/journal.h"

namespace fairlead::gate {
namespace {

constexpr std::array<std::string_view, 9> kStates{"awaiting_approval", "approved",  "executing",
                                                  "verifying",         "completed", "failed",
                                                  "rolled_back",       "rejected",  "interrupted"};

}  // namespace

std::string_view to_string(ChangeState state) { return kStates[static_cast<std::size_t>(state)]; }

std::optional<ChangeState> parse_change_state(std::string_view text) {
  const auto found = std::find(kStates.begin(), kStates.end(), text);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<ChangeState>(found - kStates.begin());
}

void lapse(Change& change, std::int64_t now) {
  const bool waits = change.state == ChangeState::awaiting_approval || change.state == ChangeState::approved;
  if (!waits || change.expires == 0 || change.expires > now) return;
  change.state = ChangeState::rejected;
  change.error_code = to_string(ErrorCode::approval_required);
  change.error = kLapsed;
}

}  // namespace fairlead::gate
