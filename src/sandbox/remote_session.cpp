#include "sandbox/remote_session.h"

#include <array>

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_pending = 256 << 10;  // bytes in one direction before the other side has to wait
constexpr auto streams_timeout = std::chrono::seconds(30);
constexpr auto idle_timeout = std::chrono::hours(4);
constexpr auto farewell = std::chrono::seconds(3);
constexpr auto look_every = std::chrono::milliseconds(250);

}  // namespace

RemoteSession::RemoteSession(net::Executor executor, std::unique_ptr<RemoteChannels> channels, bool tty)
    : channels_(std::move(channels)),
      tty_(tty),
      ready_(executor),
      input_changed_(executor),
      input_taken_(executor),
      woken_(executor),
      outbox_changed_(executor),
      outbox_sent_(executor),
      received_all_(executor),
      sent_all_(executor) {}

net::awaitable<void> RemoteSession::serve(net::Stream* stream, Process process, std::function<bool()> alive) {
  net::Executor executor = co_await net::current_executor();
  net::TaskGroup group(executor);
  put(channels_->greeting());
  if (channels_->ready()) ready_.set();
  group.spawn(receive(stream));
  group.spawn(send(stream));
  group.spawn(look_after(std::move(alive)));
  auto conclude = [](RemoteSession* self, Process body, net::TaskGroup* tasks) -> net::awaitable<void> {
    co_await self->run(std::move(body));
    // What was sent must arrive: the client closes when it has read all; a connection that is closed with something
    // unread could lose it.
    auto sent = co_await self->sent_all_.wait(Deadline::after(std::chrono::seconds(30)));
    if (sent) (void)co_await self->received_all_.wait(Deadline::after(farewell));
    tasks->cancel_all();
  };
  group.spawn(conclude(this, std::move(process), &group));
  co_await group.join();
}

net::awaitable<void> RemoteSession::run(Process process) {
  auto started = co_await ready_.wait(Deadline::after(streams_timeout));
  if (started && !ended_) {
    json::object status = co_await process(*this);
    put(channels_->finish(status));
  }
  finished_ = true;
  outbox_changed_.set();
}

net::awaitable<void> RemoteSession::receive(net::Stream* stream) {
  std::array<char, 16 << 10> bytes;
  while (true) {
    auto count = co_await stream->read_some(bytes);
    if (!count || *count == 0) break;
    auto inputs = channels_->feed(std::string_view(bytes.data(), *count));
    put(channels_->take_replies());
    if (!inputs) break;
    take(std::move(*inputs));
    if (channels_->ready()) ready_.set();
    while (input_bytes_ > most_pending && !finished_ && !ended_) {
      input_taken_.reset();
      auto taken = co_await input_taken_.wait();
      if (!taken) break;
    }
    while (outbox_.size() > 2 * most_pending && !ended_) {  // replies and echoes that it does not read
      outbox_sent_.reset();
      auto sent = co_await outbox_sent_.wait();
      if (!sent) break;
    }
  }
  end();
  received_all_.set();
}

void RemoteSession::take(std::vector<RemoteInput> inputs) {
  for (RemoteInput& one : inputs) {
    switch (one.kind) {
      case RemoteInput::Kind::bytes:
        if (finished_) break;
        if (!tty_) {
          input_bytes_ += one.bytes.size();
          input_.push_back(std::move(one.bytes));
          break;
        }
        put(channels_->output(false, terminal_.feed(one.bytes)));
        if (terminal_.take_interrupt()) {
          input_.clear();
          input_bytes_ = 0;
          interrupted_ = true;
          woken_.set();
        }
        for (std::string& line : terminal_.lines()) {
          input_bytes_ += line.size();
          input_.push_back(std::move(line));
        }
        terminal_.lines().clear();
        break;
      case RemoteInput::Kind::end: input_ended_ = true; break;
      case RemoteInput::Kind::gone: end(); break;
      case RemoteInput::Kind::resize: break;  // nothing here draws
    }
  }
  input_changed_.set();
}

net::awaitable<void> RemoteSession::send(net::Stream* stream) {
  while (true) {
    while (outbox_.empty() && !finished_) {
      outbox_changed_.reset();
      auto changed = co_await outbox_changed_.wait();
      if (!changed) co_return;
    }
    if (outbox_.empty()) break;
    std::string bytes = std::exchange(outbox_, "");
    outbox_sent_.set();
    auto written = co_await stream->write(bytes);
    if (!written) {
      end();
      break;
    }
  }
  sent_all_.set();
}

net::awaitable<void> RemoteSession::look_after(std::function<bool()> alive) {
  Deadline last = Deadline::after(idle_timeout);
  while (!ended_ && !last.passed()) {
    if (!alive()) break;
    auto slept = co_await net::sleep_for(look_every);
    if (!slept) break;
  }
  end();
}

void RemoteSession::put(std::string bytes) {
  if (bytes.empty()) return;
  outbox_ += bytes;
  outbox_changed_.set();
}

// Wakes whoever waits; none of them goes on.
void RemoteSession::end() {
  ended_ = true;
  for (net::Event* event : {&ready_, &input_changed_, &input_taken_, &woken_, &outbox_sent_}) event->set();
}

net::awaitable<std::string> RemoteSession::read() {
  while (true) {
    if (ended_ || interrupted_) co_return "";
    if (!input_.empty()) {
      std::string out = std::move(input_.front());
      input_.pop_front();
      input_bytes_ -= out.size();
      input_taken_.set();
      co_return out;
    }
    if (input_ended_) co_return "";
    input_changed_.reset();
    auto changed = co_await input_changed_.wait();
    if (!changed) end();
  }
}

net::awaitable<bool> RemoteSession::write(bool error, std::string_view bytes) {
  std::string shown = tty_ ? Terminal::shown(bytes) : std::string(bytes);
  while (outbox_.size() > most_pending && !ended_) {
    outbox_sent_.reset();
    auto sent = co_await outbox_sent_.wait();
    if (!sent) end();
  }
  if (ended_) co_return false;
  put(channels_->output(error && !tty_, shown));
  co_return true;
}

net::awaitable<bool> RemoteSession::pause(Duration span) {
  if (span == Duration::zero()) {
    auto turned = co_await net::sleep_for(span);
    co_return turned && !ended_;
  }
  if (ended_ || interrupted_) co_return false;
  woken_.reset();
  auto woken = co_await woken_.wait(Deadline::after(span));
  if (!woken && woken.error().code == ErrorCode::cancelled) end();
  co_return !woken && !ended_ && !interrupted_;
}

bool RemoteSession::take_interrupt() { return std::exchange(interrupted_, false); }

}  // namespace fairlead::sandbox
