#include "store/sqlite_connection.h"
#include "store/worker.h"

namespace fairlead::store {
namespace {

Error late(Phase phase, const std::string& path) {
  const auto error = [&](std::string cause, std::string remedy) {
    return Error{ErrorCode::timeout, "use the database " + path, std::move(cause), std::move(remedy), nullptr, {}};
  };
  if (phase == Phase::locked)
    return error("another process holds it",
                 "Look which one it is (fuser -v " + path + "), and end a transaction that was left open");
  if (phase == Phase::committing || phase == Phase::opening)
    return error("the disk did not answer in time", "Look at the disk and the system's log (dmesg)");
  return error("it did not answer in time", "Try again later");
}

}  // namespace

std::unique_ptr<Database> open_sqlite(SqliteOptions options) {
  WorkerOptions worker;
  worker.step = "use the database " + options.path;
  worker.busy_timeout = options.busy_timeout;
  worker.backlog = options.backlog;
  worker.late = [path = options.path](Phase phase) { return late(phase, path); };
  worker.connect = [options = std::move(options)]() -> Result<std::unique_ptr<Connection>> {
    auto opened = SqliteConnection::open(options);
    if (!opened) return fail(std::move(opened.error()));
    return std::unique_ptr<Connection>(std::move(*opened));
  };
  return work_through(std::move(worker));
}

}  // namespace fairlead::store
