// Inside store/ only: the thread of a database, which works through what is handed over. What waits together is
// committed together; a piece that fails is undone alone.
#pragma once

#include "store/connection.h"

namespace fairlead::store {

// What the thread is at, for the sentence of those who gave up waiting.
enum class Phase { idle, opening, locked, working, committing };

struct WorkerOptions {
  std::string step;  // "use the database /var/lib/fairlead/fairlead.db"
  std::function<Result<std::unique_ptr<Connection>>()> connect;
  std::function<Error(Phase)> late;  // why it did not answer in time
  Duration busy_timeout{};           // for other processes' writes
  std::size_t backlog = 0;           // posted pieces that may wait
};

// A Database as database.h has it, on whatever it is connected to.
std::unique_ptr<Database> work_through(WorkerOptions options);

}  // namespace fairlead::store
