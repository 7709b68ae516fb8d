// Which processes that share a PostgreSQL database still live, on whatever machine they run: each says so every few
// seconds, in the table `instances`, by the database's clock. Called on the database's thread, in a transaction that
// may write. instance.h is for processes that share a directory.
#pragma once

#include <string>
#include <vector>

#include "store/database.h"

namespace fairlead::gate {

inline constexpr Duration kBeat = std::chrono::seconds(5);
// Whoever has said nothing for so long has ended. One that comes back to life after that finds its changes interrupted,
// and sends nothing more of them (Journal::answered).
inline constexpr std::int64_t kLeaseSeconds = 25;

// I live. Forgets those that ended a day ago.
Result<void> renew_lease(store::Session& session, const std::string& instance);
// Unknown ones have ended.
Result<bool> holds_lease(store::Session& session, const std::string& instance);
// The names of all that live.
Result<std::vector<std::string>> lease_holders(store::Session& session);
// I end, and leave nothing in the middle.
Result<void> end_lease(store::Session& session, const std::string& instance);

}  // namespace fairlead::gate
