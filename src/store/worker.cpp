#include "store/worker.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "net/thread_event.h"

namespace fairlead::store {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kGroup = 1000;  // pieces that are committed together at most
constexpr Duration kLastWait = std::chrono::seconds(2);

struct Job {
  enum class Kind { write, read, barrier } kind = Kind::write;
  Work work;
  std::function<void()> done;                // of who waits; empty: posted
  std::function<void(const Error&)> failed;  // posted
  Result<void> result;                       // written by the thread before done()
  std::atomic<bool> abandoned = false;
};
using JobPointer = std::shared_ptr<Job>;
using Jobs = std::vector<JobPointer>;

// What the database and its thread share; whoever goes last takes it along.
struct Queue {
  explicit Queue(WorkerOptions o) : options(std::move(o)) {}

  const WorkerOptions options;
  std::mutex mutex;
  std::condition_variable changed, ended;
  std::deque<JobPointer> waiting;
  std::size_t posted = 0;  // of those that wait
  bool stopping = false;   // when nothing waits any more
  bool leaving = false;    // whatever still waits
  bool has_ended = false;
  std::atomic<Phase> phase = Phase::idle;
};

void answer(Job& job, Result<void> result) {
  if (!job.done) {
    if (!result && job.failed) job.failed(result.error());
    return;
  }
  job.result = std::move(result);
  job.done();
}

// The thread's own.
class Runner {
 public:
  explicit Runner(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}

  void run() {
    while (take()) {
      if (!writes_.empty()) write_group(std::exchange(writes_, {}));
      read_all();
      queue_->phase = Phase::idle;
      if (connection_ && connection_->is_spent()) connection_.reset();
    }
    connection_.reset();
  }

 private:
  // False: the end.
  bool take() {
    std::unique_lock lock(queue_->mutex);
    const auto is_wanted = [&] { return queue_->stopping || !queue_->waiting.empty(); };
    queue_->changed.wait(lock, is_wanted);
    if (queue_->leaving) return false;
    while (!queue_->waiting.empty() && writes_.size() < kGroup) {
      JobPointer job = std::move(queue_->waiting.front());
      queue_->waiting.pop_front();
      if (!job->done) --queue_->posted;
      (job->kind == Job::Kind::read ? reads_ : writes_).push_back(std::move(job));
    }
    return !writes_.empty() || !reads_.empty();
  }

  Result<void> open() {
    if (connection_) return {};
    queue_->phase = Phase::opening;
    auto opened = queue_->options.connect();
    if (!opened) return fail(std::move(opened.error()));
    connection_ = std::move(*opened);
    return {};
  }

  // Waits until no other process writes. Reads go on meanwhile.
  Result<void> begin(const Jobs& group) {
    if (connection_ && connection_->is_spent()) connection_.reset();
    if (auto opened = open(); !opened) return opened;
    const Deadline deadline = Deadline::after(queue_->options.busy_timeout);
    for (Duration pause = milliseconds(1);; pause = std::min<Duration>(2 * pause, milliseconds(20))) {
      auto begun = connection_->begin_write();
      if (begun || !connection_->is_busy() || deadline.passed()) return begun;
      if (std::all_of(group.begin(), group.end(), [](const auto& job) { return job->abandoned.load(); })) return begun;
      queue_->phase = Phase::locked;
      read_all();
      queue_->phase = Phase::locked;
      std::unique_lock lock(queue_->mutex);
      if (queue_->leaving) return begun;
      queue_->changed.wait_for(lock, pause, [&] { return take_reads(); });
    }
  }

  // Those that came behind writes that wait. With the lock held.
  bool take_reads() {
    auto later = std::stable_partition(queue_->waiting.begin(), queue_->waiting.end(),
                                       [](const auto& job) { return job->kind != Job::Kind::read; });
    reads_.insert(reads_.end(), std::make_move_iterator(later), std::make_move_iterator(queue_->waiting.end()));
    queue_->waiting.erase(later, queue_->waiting.end());
    return !reads_.empty() || queue_->leaving;
  }

  // False: the database cannot be written at all now.
  bool write_group(Jobs group) {
    std::erase_if(group, [](const auto& job) { return job->abandoned.load(); });
    const bool only_barriers =
        std::all_of(group.begin(), group.end(), [](const auto& job) { return job->kind == Job::Kind::barrier; });
    auto begun = only_barriers ? Result<void>{} : begin(group);
    if (only_barriers || !begun) {
      for (auto& job : group) answer(*job, begun);
      return begun.has_value();
    }
    queue_->phase = Phase::working;
    std::vector<Result<void>> results;
    for (auto& job : group) {
      results.push_back(run_piece(*job, group.size() > 1));
      if (!connection_->in_transaction()) break;  // all of it was given up, or the only piece failed
    }
    queue_->phase = Phase::committing;
    Result<void> committed = connection_->in_transaction() ? connection_->commit() : results.back();
    connection_->roll_back();
    if (!committed && group.size() > 1 && connection_->is_full()) {
      // One may be too large where the others have room.
      for (std::size_t i = 0; i < group.size(); ++i) {
        if (write_group({group[i]})) continue;
        for (++i; i < group.size(); ++i) answer(*group[i], committed);
      }
      return true;
    }
    for (std::size_t i = 0; i < group.size(); ++i)
      answer(*group[i], committed && i < results.size() ? std::move(results[i]) : committed);
    return true;
  }

  // An error undoes this piece and no other.
  Result<void> run_piece(Job& job, bool among_others) {
    if (job.kind == Job::Kind::barrier || job.abandoned) return {};
    if (among_others) {
      if (auto set = connection_->query("SAVEPOINT piece"); !set) return fail(std::move(set.error()));
    }
    auto done = job.work(*connection_);
    if (!connection_->in_transaction()) {
      if (!done) return done;
      return fail(ErrorCode::internal, queue_->options.step, "work did not heed an error");
    }
    if (!among_others) {
      if (!done) connection_->roll_back();
      return done;
    }
    if (!done) {
      if (auto undone = connection_->query("ROLLBACK TO piece"); !undone) connection_->roll_back();
    }
    if (connection_->in_transaction()) {
      if (auto released = connection_->query("RELEASE piece"); !released) return fail(std::move(released.error()));
    }
    return done;
  }

  void read_all() {
    for (auto& job : std::exchange(reads_, {})) {
      if (job->abandoned) continue;
      auto done = open();
      queue_->phase = Phase::working;
      if (done) done = connection_->begin_read();
      if (done) {
        done = job->work(*connection_);
        if (auto ended = connection_->commit(); !ended) {
          connection_->roll_back();
          if (done) done = std::move(ended);
        }
      }
      answer(*job, std::move(done));
    }
  }

  std::shared_ptr<Queue> queue_;
  std::unique_ptr<Connection> connection_;
  Jobs writes_, reads_;
};

// A coroutine that is destroyed while it waits gives up as well.
struct GivesUp {
  explicit GivesUp(Job& j) : job(j) {}
  ~GivesUp() { job.abandoned = true; }
  GivesUp(const GivesUp&) = delete;
  GivesUp& operator=(const GivesUp&) = delete;
  Job& job;
};

class Worker final : public Database {
 public:
  explicit Worker(WorkerOptions options) : queue_(std::make_shared<Queue>(std::move(options))) {}

  ~Worker() override {
    if (!thread_.joinable()) return;
    std::unique_lock lock(queue_->mutex);
    queue_->stopping = true;
    queue_->changed.notify_all();
    queue_->ended.wait_for(lock, kLastWait, [&] { return queue_->has_ended; });
    queue_->leaving = true;
    const bool ended = queue_->has_ended;
    lock.unlock();
    queue_->changed.notify_all();
    ended ? thread_.join() : thread_.detach();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  awaitable<Result<void>> write(Work work, Deadline deadline) override {
    return hand_over(Job::Kind::write, std::move(work), deadline);
  }
  awaitable<Result<void>> read(Work work, Deadline deadline) override {
    return hand_over(Job::Kind::read, std::move(work), deadline);
  }
  awaitable<Result<void>> flush(Deadline deadline) override { return hand_over(Job::Kind::barrier, {}, deadline); }

  bool post(Work work, std::function<void(const Error&)> failed) override {
    auto job = std::make_shared<Job>();
    job->work = std::move(work);
    job->failed = std::move(failed);
    return enqueue(std::move(job));
  }

 private:
  awaitable<Result<void>> hand_over(Job::Kind kind, Work work, Deadline deadline) {
    net::Executor executor = co_await net::current_executor();
    net::ThreadEvent done(executor);
    auto job = std::make_shared<Job>();
    job->kind = kind;
    job->work = std::move(work);
    job->done = done.setter();
    GivesUp gives_up(*job);
    auto queue = queue_;
    enqueue(job);
    auto waited = co_await done.wait(deadline);
    if (waited) co_return std::move(job->result);
    if (waited.error().code != ErrorCode::timeout) co_return waited;
    co_return fail(queue->options.late(queue->phase));
  }

  bool enqueue(JobPointer job) {
    std::unique_lock lock(queue_->mutex);
    if (!job->done && queue_->posted >= queue_->options.backlog) return false;
    try {
      if (!thread_.joinable()) thread_ = std::thread(run, queue_);
    } catch (const std::system_error& error) {
      lock.unlock();
      answer(*job, fail(ErrorCode::internal, queue_->options.step,
                        "no thread could be started (" + error.code().message() + ")"));
      return true;
    }
    if (!job->done) ++queue_->posted;
    queue_->waiting.push_back(std::move(job));
    queue_->changed.notify_one();
    return true;
  }

  static void run(std::shared_ptr<Queue> queue) {
    Runner(queue).run();
    std::lock_guard lock(queue->mutex);
    queue->has_ended = true;
    queue->ended.notify_all();
  }

  std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Database> work_through(WorkerOptions options) { return std::make_unique<Worker>(std::move(options)); }

}  // namespace fairlead::store
