// An exec or attach while it lasts: the process on one side, the client's channels on the other, over an upgraded
// connection. Not thread-safe: one loop.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "net/stream.h"
#include "sandbox/remote_channels.h"
#include "sandbox/shell.h"
#include "sandbox/terminal.h"

namespace fairlead::sandbox {

class RemoteSession final : public ProcessIo {
 public:
  // Answers the Status object that ends the session.
  using Process = std::function<net::awaitable<json::object>(ProcessIo& io)>;

  RemoteSession(net::Executor executor, std::unique_ptr<RemoteChannels> channels, bool tty);

  // Starts the process when all streams are there, and returns when the client knows how it ended or has gone.
  // `alive` is asked now and then; when it says no, the process is killed.
  net::awaitable<void> serve(net::Stream* stream, Process process, std::function<bool()> alive);

  net::awaitable<std::string> read() override;
  net::awaitable<bool> write(bool error, std::string_view bytes) override;
  net::awaitable<bool> pause(Duration span) override;
  bool terminal() const override { return tty_; }
  bool take_interrupt() override;
  bool ended() const override { return ended_; }

 private:
  net::awaitable<void> receive(net::Stream* stream);
  net::awaitable<void> send(net::Stream* stream);
  net::awaitable<void> run(Process process);
  net::awaitable<void> look_after(std::function<bool()> alive);
  void take(std::vector<RemoteInput> inputs);
  void put(std::string bytes);
  void end();

  std::unique_ptr<RemoteChannels> channels_;
  bool tty_;
  Terminal terminal_;
  std::deque<std::string> input_;
  std::size_t input_bytes_ = 0;
  bool input_ended_ = false, interrupted_ = false, ended_ = false, finished_ = false;
  std::string outbox_;
  net::Event ready_, input_changed_, input_taken_, woken_, outbox_changed_, outbox_sent_, received_all_, sent_all_;
};

}  // namespace fairlead::sandbox
