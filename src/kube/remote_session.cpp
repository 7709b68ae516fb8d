#include "kube/remote_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/status.h"
#include "net/websocket_client.h"
#include "net/websocket_connection.h"

namespace fairlead::kube {
namespace {

constexpr std::size_t kMessage = 1 << 20;  // servers send at most 32 KiB at once
constexpr std::size_t kPiece = 32 << 10;   // and so do we
constexpr Duration kGoodbye = std::chrono::seconds(1), kPing = std::chrono::seconds(20);

std::string words_of(Duration span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds % 60 == 0 && seconds > 0) return fmt::format("{} minute{}", seconds / 60, seconds == 60 ? "" : "s");
  return fmt::format("{} second{}", seconds, seconds == 1 ? "" : "s");
}

class Exchange {
 public:
  Exchange(net::Executor executor, net::Upgraded connection, StreamsOptions options, RemoteStreams& streams)
      : options_(std::move(options)),
        streams_(streams),
        socket_(executor, std::move(connection.stream), std::move(connection.received),
                net::websocket_client_codec(kMessage)),
        over_(executor),
        executor_(executor) {}

  awaitable<Result<StreamsEnd>> run(Deadline deadline) {
    net::TaskGroup group(executor_);
    group.spawn(socket_.pump());
    group.spawn(receive());
    if (options_.input) group.spawn(give());
    group.spawn(look_after());
    auto over = co_await over_.wait(deadline);
    if (!over && !end_) {
      const bool is_late = over.error().code == ErrorCode::timeout;
      finish(fail(over.error().code, "", is_late ? "the command had not ended in time" : "the call was given up"));
    }
    co_await socket_.close(1000, "", Deadline::after(kGoodbye));
    group.cancel_all();
    co_await group.join();
    Result<StreamsEnd> end = std::move(*end_);
    if (!end) {
      end.error().step = options_.step;
      end = fail(net::with_unknown_outcome(std::move(end.error())));
    }
    co_return end;
  }

 private:
  void finish(Result<StreamsEnd> end) {
    if (!end_) end_ = std::move(end);
    over_.set();
  }
  void leave(const Error& why) { finish(StreamsEnd{std::nullopt, why.cause}); }
  void touch() { last_ = std::chrono::steady_clock::now(); }

  awaitable<void> receive() {
    while (true) {
      auto message = co_await socket_.next();
      if (!message) {
        Error error = std::move(message.error());
        if (error.code == ErrorCode::invalid_request) error.code = ErrorCode::server_error;
        finish(fail(std::move(error)));
        co_return;
      }
      if (message->opcode == net::WebSocketOpcode::close) {
        finish(fail(ErrorCode::unreachable, "",
                    message->payload.empty() ? "the server ended the connection before it told how the command ended"
                                             : "the server ended the connection: " + message->payload));
        co_return;
      }
      if (message->opcode == net::WebSocketOpcode::text) {
        streams_.told(message->payload);
        continue;
      }
      const auto said = read_channel_message(message->payload);
      if (!said) continue;
      if (said->channel == Channel::status) {
        auto finished = co_await streams_.finished();
        if (!finished) {
          leave(finished.error());
          co_return;
        }
        finish(StreamsEnd{std::string(said->bytes), ""});
        co_return;
      }
      const bool is_error_output = said->channel == Channel::error_output;
      if ((said->channel != Channel::output && !is_error_output) || said->bytes.empty()) continue;  // later versions'
      touch();
      auto taken = co_await streams_.output(is_error_output, said->bytes);
      if (!taken) {
        leave(taken.error());
        co_return;
      }
      touch();
    }
  }

  awaitable<void> give() {
    while (true) {
      auto input = co_await streams_.input();
      if (!input) {
        leave(input.error());
        co_return;
      }
      touch();
      std::vector<std::string> messages;
      if (input->size) messages.push_back(resize_message(*input->size));
      for (std::string_view rest = input->bytes; !rest.empty(); rest.remove_prefix(std::min(kPiece, rest.size())))
        messages.push_back(channel_message(Channel::input, rest.substr(0, kPiece)));
      if (input->end && options_.input_can_end) messages.push_back(end_of_input_message());
      for (const auto& message : messages) {
        auto sent = co_await socket_.send(net::WebSocketOpcode::binary, message);
        if (!sent) co_return;  // reading tells why
        touch();
      }
    }
  }

  awaitable<void> look_after() {
    const Duration limit = streams_.idle_limit();
    while (true) {
      const Duration idle = std::chrono::steady_clock::now() - last_;
      if (idle >= limit) {
        finish(StreamsEnd{std::nullopt, "no byte came from either side for " + words_of(limit)});
        co_return;
      }
      auto slept = co_await net::sleep_for(std::min(kPing, limit - idle));
      if (!slept) co_return;
      socket_.ping();
    }
  }

  StreamsOptions options_;
  RemoteStreams& streams_;
  net::WebSocketConnection socket_;
  net::Event over_;
  net::Executor executor_;
  std::optional<Result<StreamsEnd>> end_;
  TimePoint last_ = std::chrono::steady_clock::now();
};

Error not_run(std::string_view text, const json::value& status, const std::string& step) {
  net::HttpHead head;
  const std::int64_t code = integer_at(status, {"code"});
  head.status = code >= 400 && code < 600 ? static_cast<int>(code) : 500;
  Error error = error_from_answer(head, text, step);
  error.cause = "the command could not be run";
  error.remedy = "Check that the program exists in the container's image, and that the container runs";
  return error;
}

}  // namespace

awaitable<Result<StreamsEnd>> exchange_streams(net::Upgraded connection, StreamsOptions options, RemoteStreams& streams,
                                               Deadline deadline) {
  auto executor = co_await net::current_executor();
  Exchange exchange(executor, std::move(connection), std::move(options), streams);
  co_return co_await exchange.run(deadline);
}

awaitable<Result<SessionEnd>> run_session(Client& client, RemoteSession session, RemoteStreams& streams,
                                          Deadline deadline) {
  std::string target = ResourcePath{"", "v1", "pods", session.ns, session.pod, "exec"}.text();
  const std::string step = "GET " + target;
  for (const auto& word : session.command)
    target += (target.find('?') == std::string::npos ? "?" : "&") + std::string("command=") + net::percent_encode(word);
  add_query(target, "container", session.container);
  add_query(target, "stdout", "true");
  if (!session.terminal) add_query(target, "stderr", "true");
  if (session.input) add_query(target, "stdin", "true");
  if (session.terminal) add_query(target, "tty", "true");
  const net::WebSocketOffer offer({std::string(kChannelsV5), std::string(kChannelsV4)});
  auto upgraded = co_await client.upgrade(std::move(target), offer.headers(), deadline);
  if (!upgraded) co_return fail(std::move(upgraded.error()));
  auto protocol = offer.accepted(upgraded->head);
  if (!protocol) {
    protocol.error().step = step;
    co_return fail(net::with_unknown_outcome(std::move(protocol.error())));
  }
  StreamsOptions options{session.input, *protocol == kChannelsV5, step};
  auto begun = co_await streams.begun(options.input_can_end);
  if (!begun) co_return SessionEnd{std::nullopt, begun.error().cause};
  auto end = co_await exchange_streams(std::move(*upgraded), std::move(options), streams, deadline);
  if (!end) co_return fail(std::move(end.error()));
  if (!end->status) co_return SessionEnd{std::nullopt, std::move(end->why)};
  const auto status = parse_json(*end->status, step);
  if (!status) {
    Error untold{ErrorCode::server_error, step, "how the command ended is not told as a Status", "", nullptr, {}};
    co_return fail(net::with_unknown_outcome(std::move(untold)));
  }
  const auto code = exit_code_of(*status);
  if (!code) co_return fail(not_run(*end->status, *status, step));
  co_return SessionEnd{code, ""};
}

}  // namespace fairlead::kube
