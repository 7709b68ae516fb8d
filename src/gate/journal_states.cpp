// The words of the journal's states, and its tables.
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

store::Migrations journal_migrations() {
  return {R"(
CREATE TABLE changes (
  id INTEGER PRIMARY KEY, created INTEGER NOT NULL, updated INTEGER NOT NULL, who TEXT NOT NULL, cluster TEXT NOT NULL,
  operation TEXT NOT NULL, trust TEXT NOT NULL, reason TEXT NOT NULL, summary TEXT NOT NULL, state TEXT NOT NULL,
  rule TEXT NOT NULL, policy TEXT NOT NULL, approver TEXT NOT NULL, expires INTEGER NOT NULL, key TEXT NOT NULL,
  error_code TEXT NOT NULL, error TEXT NOT NULL, verification TEXT NOT NULL, undo_of INTEGER NOT NULL,
  undone_by INTEGER NOT NULL, forced INTEGER NOT NULL, instance TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX changes_by_state ON changes (state);
CREATE INDEX changes_by_key ON changes (key);
CREATE TABLE writes (
  change_id INTEGER NOT NULL, position INTEGER NOT NULL, object TEXT NOT NULL, state TEXT NOT NULL, answer BLOB,
  PRIMARY KEY (change_id, position)
) STRICT;
)",
          R"(
ALTER TABLE changes ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN cluster_uid TEXT NOT NULL DEFAULT '';
)"};
}

}  // namespace fairlead::gate
