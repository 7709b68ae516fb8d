#include "net/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <map>

#include "net/asio.h"

namespace fairlead::net {

// ---- Loop

struct Loop::Impl {
  asio::io_context context{1};
  std::unique_ptr<asio::signal_set> signals;
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;
Executor Loop::executor() { return impl_->context.get_executor(); }
void Loop::run() {
  impl_->context.run();
  impl_->context.restart();  // so that run() may be called again
}
void Loop::stop() { impl_->context.stop(); }
void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

std::shared_ptr<void> Loop::hold() {
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;
  return std::make_shared<Guard>(asio::make_work_guard(impl_->context));
}

void Loop::on_interrupt(std::function<void(int)> handler) {
  impl_->signals = std::make_unique<asio::signal_set>(impl_->context, SIGINT, SIGTERM);
  struct sigaction hangup {};
  // Of a terminal that is closed; nohup has it ignored.
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) impl_->signals->add(SIGHUP);
  impl_->signals->async_wait([impl = impl_.get(), handler = std::move(handler)](error_code error, int signal) {
    impl->context.get_executor().on_work_started();
    if (error) return;
    impl->signals->clear();  // a second signal ends the program
    handler(signal);
  });
  // Waiting for a signal is no work that keeps run() from returning.
  impl_->context.get_executor().on_work_finished();
  if (impl_->context.stopped()) impl_->context.restart();  // there is no other work yet
}

void run_until_done(std::function<awaitable<void>(Executor)> body) {
  Loop loop;
  TaskGroup group(loop.executor());
  loop.on_interrupt([&group](int) { group.cancel_all(); });
  auto run = [](Loop& loop, std::function<awaitable<void>(Executor)> body) -> awaitable<void> {
    co_await body(loop.executor());
    loop.stop();
  };
  group.spawn(run(loop, std::move(body)));
  loop.run();
}

void run_until_asked(std::function<awaitable<void>(Executor, Event&)> body) {
  Loop loop;
  TaskGroup group(loop.executor());
  Event asked(loop.executor());
  loop.on_interrupt([&asked](int) { asked.set(); });
  auto run = [](Loop& loop, Event& asked, std::function<awaitable<void>(Executor, Event&)> body) -> awaitable<void> {
    co_await body(loop.executor(), asked);
    loop.stop();
  };
  group.spawn(run(loop, asked, std::move(body)));
  loop.run();
}

// ---- TaskGroup

struct TaskGroup::Impl : std::enable_shared_from_this<TaskGroup::Impl> {
  explicit Impl(Executor e) : executor(std::move(e)), changed(executor) { changed.expires_at(TimePoint::max()); }

  struct Task {
    asio::cancellation_signal signal;
    bool cancelled = false;
    bool started = false;
  };

  static awaitable<void> run(std::shared_ptr<Task> entry, awaitable<void> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    entry->started = true;
    if (entry->cancelled) entry->signal.emit(asio::cancellation_type::terminal);  // its first operation ends at once
    co_await std::move(task);
  }

  void start(TaskGroup::Id id, awaitable<void> task) {
    auto entry = tasks.at(id);
    auto done = [self = shared_from_this(), id, entry](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      self->tasks.erase(id);
      if (self->tasks.empty()) self->changed.cancel();
      asio::post(self->executor, [entry] {});  // the signal must outlive this handler
    };
    asio::co_spawn(executor, run(entry, std::move(task)),
                   asio::bind_cancellation_slot(entry->signal.slot(), std::move(done)));
  }

  void cancel(Task& task) {
    task.cancelled = true;
    if (task.started) task.signal.emit(asio::cancellation_type::terminal);
  }

  void cancel_all() {
    std::vector<std::shared_ptr<Task>> all;
    for (auto& [id, task] : tasks) all.push_back(task);
    for (auto& task : all) cancel(*task);
  }

  Executor executor;
  asio::steady_timer changed;
  std::map<TaskGroup::Id, std::shared_ptr<Task>> tasks;
  TaskGroup::Id last = 0;
};

TaskGroup::TaskGroup(Executor executor) : impl_(std::make_shared<Impl>(std::move(executor))) {}
TaskGroup::~TaskGroup() { cancel_all(); }

TaskGroup::Id TaskGroup::spawn(awaitable<void> task) {
  Id id = ++impl_->last;
  impl_->tasks.emplace(id, std::make_shared<Impl::Task>());
  asio::post(impl_->executor,
             [impl = impl_, id, task = std::move(task)]() mutable { impl->start(id, std::move(task)); });
  return id;
}

void TaskGroup::cancel(Id id) {
  auto found = impl_->tasks.find(id);
  if (found == impl_->tasks.end()) return;
  auto task = found->second;
  impl_->cancel(*task);
}

void TaskGroup::cancel_all() { impl_->cancel_all(); }

std::size_t TaskGroup::running() const { return impl_->tasks.size(); }

awaitable<void> TaskGroup::join() {
  auto impl = impl_;
  bool passed_on = false;
  while (!impl->tasks.empty()) {
    bool asked = co_await cancelled();
    if (asked && !passed_on) {
      passed_on = true;
      impl->cancel_all();
    }
    // Our own cancellation does not end the waiting: the tasks may refer to our caller's frame.
    auto [error] = co_await impl->changed.async_wait(as_values);
    (void)error;
  }
}

// ---- sleeping and events

awaitable<Result<void>> sleep_for(Duration span) {
  if (co_await cancelled()) co_return cancelled_error("wait");
  Executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  timer.expires_after(span);
  auto [error] = co_await timer.async_wait(as_values);
  if (error) co_return cancelled_error("wait");
  co_return Result<void>{};
}

struct Event::Impl {
  explicit Impl(Executor e) : executor(std::move(e)) {}
  Executor executor;
  std::vector<asio::steady_timer*> waiters;
};

namespace {

// One coroutine's place in the list; it leaves the list with the coroutine's frame, however that ends.
struct Waiter {
  Waiter(Executor executor, std::vector<asio::steady_timer*>& list) : timer(std::move(executor)), waiters(list) {
    waiters.push_back(&timer);
  }
  ~Waiter() { leave(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  bool leave() { return std::erase(waiters, &timer) > 0; }

  asio::steady_timer timer;
  std::vector<asio::steady_timer*>& waiters;
};

}  // namespace

Event::Event(Executor executor) : impl_(std::make_shared<Impl>(std::move(executor))) {}
Event::~Event() { set(); }

void Event::set() {
  set_ = true;
  auto waiters = std::exchange(impl_->waiters, {});
  for (auto* timer : waiters) timer->cancel();
}

void Event::reset() { set_ = false; }

awaitable<Result<void>> Event::wait(Deadline deadline) {
  if (set_) co_return Result<void>{};
  if (co_await cancelled()) co_return cancelled_error("wait");
  auto impl = impl_;
  Waiter waiter(impl->executor, impl->waiters);
  waiter.timer.expires_at(deadline.at());
  auto [error] = co_await waiter.timer.async_wait(as_values);
  bool woken = !waiter.leave();
  if (woken) co_return Result<void>{};
  if (!error) co_return fail(ErrorCode::timeout, "wait", "the deadline passed");
  co_return cancelled_error("wait");
}

awaitable<Executor> current_executor() { co_return co_await asio::this_coro::executor; }

}  // namespace fairlead::net
