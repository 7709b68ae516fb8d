#include "sandbox/main_process.h"

#include "base/text.h"
#include "sandbox/behaviour.h"

namespace fairlead::sandbox {
namespace {

constexpr int most_slices = 16;  // of some steps each, until the others have their turn

}  // namespace

MainProcess::MainProcess(net::Loop& loop, Containers& containers, Objects& objects,
                         std::shared_ptr<Container> container, std::shared_ptr<RecordedLog> log, std::int64_t now_ms,
                         std::int64_t epoch_ms)
    : loop_(loop),
      woken_(loop.executor()),
      task_(loop.executor()),
      container_(std::move(container)),
      machine_(containers, objects, container_),
      log_(std::move(log)),
      now_ms_(now_ms),
      epoch_ms_(epoch_ms),
      due_ms_(now_ms) {}

MainProcess::~MainProcess() { kill(); }

void MainProcess::resume(std::int64_t now_ms) {
  if (exit_code_) return;
  now_ms_ = std::max(now_ms_, now_ms);
  due_ms_ = never;
  // Wherever the process waits, and where it ends, it stops the loop. Nothing of another one is on the loop meanwhile:
  // it would run in place of this one.
  if (!std::exchange(started_, true)) task_.spawn(run());
  woken_.set();
  loop_.run();
}

void MainProcess::kill() {
  killed_ = true;
  while (!exit_code_) resume(now_ms_);
}

net::awaitable<void> MainProcess::run() {
  ProcessEnd end;
  {
    Shell shell(machine_, *this);
    std::vector<std::string> command = main_command(container_->spec);
    for (std::string& word : command) word = expand_references(word, container_->environment);
    end = co_await shell.execute(std::move(command));
  }
  log_->end(epoch_ms_ + now_ms_);
  exit_code_ = end.start_error.empty() ? end.exit_code : 128;
  due_ms_ = never;
  loop_.stop();
}

net::awaitable<void> MainProcess::wait_until(std::int64_t at_ms) {
  if (killed_) co_return;
  due_ms_ = at_ms;
  woken_.reset();
  loop_.stop();
  (void)co_await woken_.wait();
}

net::awaitable<std::string> MainProcess::read() {
  MainInput* input = container_->input.get();
  while (input && !killed_) {
    if (!input->pieces.empty()) {
      std::string out = std::move(input->pieces.front());
      input->pieces.pop_front();
      input->bytes -= out.size();
      co_return out;
    }
    if (input->ended) break;
    co_await wait_until(never);
  }
  co_return "";
}

net::awaitable<bool> MainProcess::write(bool error, std::string_view bytes) {
  if (!killed_) log_->write(error, bytes, epoch_ms_ + now_ms_);
  co_return !killed_;
}

net::awaitable<bool> MainProcess::pause(Duration span) {
  auto span_ms = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  if (span_ms > 0) {
    slices_ = 0;
    co_await wait_until(now_ms_ + span_ms);
  } else if (++slices_ > most_slices) {
    slices_ = 0;
    co_await wait_until(now_ms_);
  }
  co_return !killed_;
}

net::awaitable<std::optional<int>> MainProcess::run_unknown(const std::vector<std::string>* args) {
  CommandEffect effect = effect_of(*args);
  if (effect.ends) {
    if (effect.runs_ms > 0) co_await wait_until(now_ms_ + effect.runs_ms);
    co_return static_cast<int>(effect.exit_code);
  }
  log_->hand_over(epoch_ms_ + now_ms_);
  while (!killed_) co_await wait_until(never);
  co_return 137;
}

}  // namespace fairlead::sandbox
