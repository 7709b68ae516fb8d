#include "store/beat.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "store/limits.h"

namespace fairlead::store {
namespace {

constexpr Duration kLastWait = std::chrono::milliseconds(500);

// Takes no turn at writing: what it writes is its own, and must not wait for others.
Result<void> do_once(Connection& connection, const Work& work) {
  auto begun = connection.query("BEGIN");
  if (!begun) return fail(std::move(begun.error()));
  auto limited = connection.query("SET LOCAL statement_timeout = " + std::to_string(kLongestBeat.count()));
  Result<void> done;
  if (!limited) done = fail(std::move(limited.error()));
  if (done) done = work(connection);
  if (done) done = connection.commit();
  connection.roll_back();
  return done;
}

}  // namespace

struct Beat::Shared {
  Connect connect;
  Work work;
  Duration every{};
  std::mutex mutex;
  std::condition_variable changed;
  std::thread thread;
  bool stopping = false, has_ended = false;
};

Beat::Beat(Connect connect, Work work, Duration every) : shared_(std::make_shared<Shared>()) {
  shared_->connect = std::move(connect);
  shared_->work = std::move(work);
  shared_->every = every;
}

Beat::~Beat() {
  std::unique_lock lock(shared_->mutex);
  if (!shared_->thread.joinable()) return;
  shared_->stopping = true;
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, kLastWait, [&] { return shared_->has_ended; });
  std::thread thread = std::move(shared_->thread);
  const bool ended = shared_->has_ended;
  lock.unlock();
  ended ? thread.join() : thread.detach();
}

void Beat::start() {
  std::lock_guard lock(shared_->mutex);
  if (shared_->thread.joinable()) return;
  try {
    shared_->thread = std::thread(run, shared_);
  } catch (const std::system_error&) {
    return;  // with the next use; until then others see no beat
  }
}

void Beat::run(std::shared_ptr<Shared> shared) {
  std::unique_ptr<Connection> connection;
  std::unique_lock lock(shared->mutex);
  while (!shared->changed.wait_for(lock, shared->every, [&] { return shared->stopping; })) {
    lock.unlock();
    if (connection && connection->is_spent()) connection.reset();
    if (!connection) {
      auto opened = shared->connect();
      if (opened) connection = std::move(*opened);
    }
    if (connection) {
      auto done = do_once(*connection, shared->work);
      static_cast<void>(done);  // again with the next one
    }
    lock.lock();
  }
  lock.unlock();
  connection.reset();
  lock.lock();
  shared->has_ended = true;
  shared->changed.notify_all();
}

}  // namespace fairlead::store
