#include "mcp/serve.h"

#include <chrono>
#include <deque>
#include <map>

namespace fairlead::mcp {
namespace {

// Reader, writer and calls share one thread, so that none of this needs a lock.
class Connection {
 public:
  Connection(net::Executor executor, net::Stream& stream, ToolHost& host, const ServeOptions& options)
      : stream_(stream),
        host_(host),
        options_(options),
        session_(options.session, host.tools(), host.prompts(), host.resources()),
        calls_(executor),
        writer_(executor),
        idle_(executor),
        pending_(executor),
        drained_(executor),
        written_(executor) {
    idle_.set();
  }

  awaitable<Result<void>> run();
  void report(CallKey key, double progress, std::optional<double> total, std::string_view message);
  bool can_elicit() const { return session_.can_elicit(); }
  awaitable<Result<Elicited>> elicit(CallKey key, Elicitation question, Deadline deadline);

 private:
  awaitable<Result<void>> read();
  awaitable<void> write();
  awaitable<void> call(StartCall start);
  awaitable<void> read_resource(StartRead start);
  awaitable<void> flush();

  void perform(Actions actions);
  void send(std::string text);
  void start(StartCall call);
  void start(StartRead read);
  void cancel(const CancelCall& call);
  void deliver(Answered answer);
  void break_off(Error why);
  bool congested() const { return queued_ > options_.outgoing_bytes; }

  net::Stream& stream_;
  ToolHost& host_;
  const ServeOptions& options_;
  ServerSession session_;
  net::TaskGroup calls_, writer_;
  struct Running {
    net::TaskGroup::Id task;
    bool changes;  // its tool is not read-only
  };
  std::map<CallKey, Running> running_;
  struct Asking {
    net::Event answered;
    std::optional<ElicitResult> result;
  };
  std::map<CallKey, Asking*> asking_;  // each lives in its elicit()
  net::Event idle_;                    // no call runs
  net::Event pending_;                 // something to write, or nothing will come any more
  net::Event drained_;                 // not congested
  net::Event written_;                 // the writer has ended
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;  // bytes in the queue and in the write that is under way
  bool closing_ = false;
  std::optional<Error> broken_;
};

class CallProgress final : public Progress {
 public:
  CallProgress(Connection& connection, CallKey key, bool wanted)
      : connection_(connection), key_(key), wanted_(wanted) {}
  bool wanted() const override { return wanted_; }
  void report(double progress, std::optional<double> total, std::string message) override {
    if (wanted_) connection_.report(key_, progress, total, message);
  }

 private:
  Connection& connection_;
  CallKey key_;
  bool wanted_;
};

class CallElicitor final : public Elicitor {
 public:
  CallElicitor(Connection& connection, CallKey key) : connection_(connection), key_(key) {}
  bool can_elicit() const override { return connection_.can_elicit(); }
  awaitable<Result<Elicited>> elicit(Elicitation question, Deadline deadline) override {
    co_return co_await connection_.elicit(key_, std::move(question), deadline);
  }

 private:
  Connection& connection_;
  CallKey key_;
};

awaitable<Result<void>> Connection::run() {
  writer_.spawn(write());
  Result<void> ended = co_await read();
  if (ended) {
    // Who closes the input has gone, or has piped its questions in: those are answered, but nothing is changed any more
    // for somebody who may not be there. Calls that are still running afterwards are cancelled, too.
    for (const auto& [key, call] : running_) {
      if (call.changes) calls_.cancel(call.task);
    }
    Result<void> finished = co_await idle_.wait(Deadline::after(options_.grace));
    (void)finished;
  }
  calls_.cancel_all();
  co_await calls_.join();
  closing_ = true;
  pending_.set();
  if (ended) co_await flush();
  if (!written_.is_set()) {
    writer_.cancel_all();
    stream_.close();
  }
  co_await writer_.join();
  if (ended && broken_) co_return fail(*broken_);
  co_return ended;
}

awaitable<void> Connection::flush() {
  Result<void> done = co_await written_.wait(Deadline::after(options_.grace));
  if (!done && !broken_) {
    broken_ =
        done.error().code == ErrorCode::timeout
            ? Error{ErrorCode::unreachable, "write the last answers", "the client does not read them", {}, nullptr}
            : done.error();
  }
}

awaitable<Result<void>> Connection::read() {
  net::LineReader lines(stream_, options_.session.limits.bytes);
  while (true) {
    while (congested() && !broken_) {
      drained_.reset();
      Result<void> drained = co_await drained_.wait();
      if (!drained) co_return drained;
    }
    if (broken_) co_return fail(*broken_);
    Result<std::string> line = co_await lines.next();
    if (broken_) co_return fail(*broken_);
    if (lines.end()) co_return Result<void>{};
    if (line) {
      perform(session_.on_message(*line));
    } else if (line.error().code == ErrorCode::invalid_request) {
      perform(session_.on_oversized_message());
    } else {
      co_return fail(std::move(line.error()));
    }
  }
}

awaitable<void> Connection::write() {
  constexpr std::size_t enough = 64 << 10;  // for one write
  while (true) {
    if (queue_.empty()) {
      if (closing_) break;
      pending_.reset();
      Result<void> woken = co_await pending_.wait();
      if (!woken) break;
      continue;
    }
    std::string bytes = std::move(queue_.front());
    queue_.pop_front();
    while (!queue_.empty() && bytes.size() + queue_.front().size() <= enough) {
      bytes += queue_.front();
      queue_.pop_front();
    }
    Result<void> written = co_await stream_.write(bytes);
    if (!written) {
      break_off(std::move(written.error()));
      break;
    }
    queued_ -= bytes.size();
    if (!congested()) drained_.set();
  }
  written_.set();
}

// The other side is gone: nobody waits for answers, and nothing it still sends is of use.
void Connection::break_off(Error why) {
  if (!broken_) broken_ = std::move(why);
  queue_.clear();
  queued_ = 0;
  calls_.cancel_all();
  drained_.set();
  stream_.close();
}

void Connection::perform(Actions actions) {
  for (Action& action : actions) {
    if (auto* message = std::get_if<SendMessage>(&action))
      send(std::move(message->text));
    else if (auto* wanted = std::get_if<StartCall>(&action))
      start(std::move(*wanted));
    else if (auto* reading = std::get_if<StartRead>(&action))
      start(std::move(*reading));
    else if (auto* unwanted = std::get_if<CancelCall>(&action))
      cancel(*unwanted);
    else if (auto* answer = std::get_if<Answered>(&action))
      deliver(std::move(*answer));
  }
}

void Connection::send(std::string text) {
  if (broken_) return;
  text += '\n';
  queued_ += text.size();
  queue_.push_back(std::move(text));
  pending_.set();
}

void Connection::start(StartCall wanted) {
  const CallKey key = wanted.key;
  idle_.reset();
  const bool changes = !wanted.tool->annotations.read_only_hint.value_or(false);
  running_[key] = {calls_.spawn(call(std::move(wanted))), changes};
}

void Connection::start(StartRead wanted) {
  const CallKey key = wanted.key;
  idle_.reset();
  running_[key] = {calls_.spawn(read_resource(std::move(wanted))), false};
}

void Connection::cancel(const CancelCall& unwanted) {
  const auto found = running_.find(unwanted.key);
  if (found != running_.end()) calls_.cancel(found->second.task);
}

void Connection::deliver(Answered answer) {
  const auto found = asking_.find(answer.key);
  if (found == asking_.end()) return;
  found->second->result = std::move(answer.result);
  found->second->answered.set();
}

awaitable<Result<Elicited>> Connection::elicit(CallKey key, Elicitation question, Deadline deadline) {
  constexpr const char* step = "ask the person behind the client";
  net::Executor executor = co_await net::current_executor();
  Actions asking = session_.elicit(key, std::move(question));
  if (asking.empty())
    co_return fail(ErrorCode::invalid_request, step, "the client cannot be asked, or a question is open already");
  Asking open{net::Event(executor), std::nullopt};
  asking_[key] = &open;
  perform(std::move(asking));
  Result<void> answered = co_await open.answered.wait(deadline);
  asking_.erase(key);
  if (!answered) {
    perform(session_.withdraw(key));
    co_return fail(std::move(answered.error()));
  }
  if (!*open.result) co_return fail(ErrorCode::server_error, step, std::move(open.result->error().message));
  co_return std::move(**open.result);
}

awaitable<void> Connection::call(StartCall start) {
  CallProgress progress(*this, start.key, start.wants_progress);
  CallElicitor elicitor(*this, start.key);
  CallRequest request{*start.tool, *session_.client_info(), std::move(start.arguments), &elicitor};
  ToolResult result = co_await host_.call(std::move(request), progress);
  running_.erase(start.key);
  perform(session_.finish_call(start.key, std::move(result)));
  if (session_.running_calls() == 0) idle_.set();
}

awaitable<void> Connection::read_resource(StartRead start) {
  CallProgress progress(*this, start.key, start.wants_progress);
  ReadRequest request{*session_.client_info(), std::move(start.uri)};
  ReadResult result = co_await host_.read(std::move(request), progress);
  running_.erase(start.key);
  perform(session_.finish_read(start.key, std::move(result)));
  if (session_.running_calls() == 0) idle_.set();
}

void Connection::report(CallKey key, double progress, std::optional<double> total, std::string_view message) {
  if (congested()) return;
  perform(session_.report_progress(key, progress, total, message, std::chrono::steady_clock::now()));
}

}  // namespace

awaitable<ReadResult> ToolHost::read(ReadRequest, Progress&) {
  RpcError error{RpcErrorCode::resource_not_found, "Resource not found", nullptr};
  co_return tl::unexpected<RpcError>(std::move(error));
}

awaitable<Result<void>> serve(net::Stream& stream, ToolHost& host, ServeOptions options) {
  net::Executor executor = co_await net::current_executor();
  Connection connection(executor, stream, host, options);
  Result<void> ended = co_await connection.run();
  co_return ended;
}

}  // namespace fairlead::mcp
