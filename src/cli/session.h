// Inside cli/ only: a command in a container with our standard streams as its own.
#pragma once

#include "cli/cli.h"
#include "cli/raw_terminal.h"
#include "kube/remote_session.h"
#include "net/signal_watch.h"
#include "net/stream.h"
#include "ops/operation.h"

namespace fairlead::cli {

class OwnStreams final : public kube::RemoteStreams, public ops::Progress {
 public:
  OwnStreams(World& world, net::Executor executor, bool terminal, Duration idle);
  // To be called when the session is over; the terminal is as it was long before.
  net::awaitable<void> stop();

  void report(double, std::optional<double>, std::string) override {}
  kube::RemoteStreams* streams() override { return this; }
  net::awaitable<Result<void>> begun(bool input_can_end) override;
  net::awaitable<Result<kube::RemoteInput>> input() override;
  net::awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) override;
  net::awaitable<Result<void>> finished() override;
  void told(std::string_view text) override;
  Duration idle_limit() const override { return idle_; }

 private:
  void begin(bool input_can_end);
  net::awaitable<void> read();
  net::awaitable<void> watch_size();

  World& world_;
  const bool terminal_;
  const Duration idle_;
  std::unique_ptr<net::Stream> own_;
  RawTerminal raw_;
  std::string waiting_;
  std::optional<kube::TerminalSize> size_;
  bool has_begun_ = false, input_can_end_ = true, has_ended_ = false, end_is_told_ = false;
  net::Event given_, taken_;
  net::SignalWatch resized_;
  net::TaskGroup tasks_;
};

// The exit status for what a session has come to, {"exit_code", "left", ...}: the command's own, as kubectl does; 1
// where the session ended before the command, and then says why.
int session_status(World& world, const json::value& result);

}  // namespace fairlead::cli
