// The main process of a container whose command is run: the shell on the time that its owner tells, with a log instead
// of a client. It runs until it waits for something, and never waits itself. Not thread-safe: one loop.
#pragma once

#include <deque>
#include <memory>

#include "sandbox/recorded_log.h"
#include "sandbox/shell.h"

namespace fairlead::sandbox {

// What clients that are attached give to a main process.
struct MainInput {
  std::deque<std::string> pieces;
  std::size_t bytes = 0;
  bool ended = false;
  std::function<void()> changed;
};

class MainProcess final : public ProcessIo {
 public:
  // It runs on that loop, which nobody else runs meanwhile. Log times are its own plus `epoch_ms`.
  MainProcess(net::Loop& loop, Containers& containers, Objects& objects, std::shared_ptr<Container> container,
              std::shared_ptr<RecordedLog> log, std::int64_t now_ms, std::int64_t epoch_ms);
  ~MainProcess() override;

  static constexpr std::int64_t never = INT64_MAX;
  // When it wants to go on; never: when it has ended, or waits for input or for nothing.
  std::int64_t due_ms() const { return due_ms_; }
  // Goes on, to the next time that it waits.
  void resume(std::int64_t now_ms);
  void kill();
  std::optional<int> exit_code() const { return exit_code_; }
  const std::shared_ptr<Container>& container() const { return container_; }

  net::awaitable<std::string> read() override;
  net::awaitable<bool> write(bool error, std::string_view bytes) override;
  net::awaitable<bool> pause(Duration span) override;
  bool terminal() const override { return false; }
  bool take_interrupt() override { return false; }
  bool ended() const override { return killed_; }
  net::awaitable<std::optional<int>> run_unknown(const std::vector<std::string>* args) override;

 private:
  net::awaitable<void> run();
  net::awaitable<void> wait_until(std::int64_t at_ms);

  net::Loop& loop_;
  net::Event woken_;
  net::TaskGroup task_;
  std::shared_ptr<Container> container_;
  Machine machine_;
  std::shared_ptr<RecordedLog> log_;
  std::int64_t now_ms_, epoch_ms_, due_ms_;
  int slices_ = 0;
  bool started_ = false, killed_ = false;
  std::optional<int> exit_code_;
};

}  // namespace fairlead::sandbox
