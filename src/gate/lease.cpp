#include "gate/lease.h"

#include "store/limits.h"

namespace fairlead::gate {
namespace {

const std::string kNow = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)";
// One beat may fail, and the next one still be in time.
static_assert(store::kLongestRead + 2 * kBeat < std::chrono::seconds(kLeaseSeconds));
static_assert(store::kLongestBeat + 2 * kBeat < std::chrono::seconds(kLeaseSeconds));

constexpr std::int64_t kForgotten = 86400;  // seconds after its last beat

Result<void> done(Result<std::uint64_t> executed) {
  if (!executed) return fail(std::move(executed.error()));
  return {};
}

}  // namespace

Result<void> renew_lease(store::Session& session, const std::string& instance) {
  auto set = session.execute("INSERT INTO instances (name, seen) VALUES (?, " + kNow +
                                 ") ON CONFLICT (name) DO UPDATE SET seen = EXCLUDED.seen",
                             {instance});
  if (!set) return done(std::move(set));
  return done(session.execute("DELETE FROM instances WHERE seen < " + kNow + " - ?", {kForgotten}));
}

Result<bool> holds_lease(store::Session& session, const std::string& instance) {
  auto rows =
      session.query("SELECT 1 FROM instances WHERE name = ? AND seen > " + kNow + " - ?", {instance, kLeaseSeconds});
  if (!rows) return fail(std::move(rows.error()));
  return !rows->empty();
}

Result<std::vector<std::string>> lease_holders(store::Session& session) {
  auto rows = session.query("SELECT name FROM instances WHERE seen > " + kNow + " - ? ORDER BY name", {kLeaseSeconds});
  if (!rows) return fail(std::move(rows.error()));
  std::vector<std::string> out;
  for (const auto& row : *rows) out.push_back(row.text(0));
  return out;
}

Result<void> end_lease(store::Session& session, const std::string& instance) {
  return done(session.execute("DELETE FROM instances WHERE name = ?", {instance}));
}

}  // namespace fairlead::gate
