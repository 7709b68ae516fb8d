// How long a PostgreSQL database may take. A database has one thread, so that what is written waits behind a read: no
// read may take so long that others take its process for dead (gate/lease.h).
#pragma once

#include <chrono>

namespace fairlead::store {

inline constexpr std::chrono::milliseconds kLongestRead{10'000}, kLongestBeat{5'000};  // of one statement

}  // namespace fairlead::store
