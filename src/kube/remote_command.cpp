#include "kube/remote_command.h"

#include <charconv>
#include <optional>

#include "kube/status.h"
#include "net/websocket_client.h"

namespace fairlead::kube {
namespace {

enum Channel : unsigned char { standard_output = 1, standard_error = 2, final_status = 3 };
constexpr std::size_t kMessage = 1 << 20;  // servers send at most 32 KiB at once
constexpr Duration kGoodbye = std::chrono::seconds(1);

void append(CommandOutput& output, std::string_view bytes, std::size_t most) {
  output.bytes += bytes.size();
  output.text.append(bytes.substr(0, most - output.text.size()));
}

// The exit code that a Status tells; nothing where it tells that the command did not run.
std::optional<int> exit_code(const json::value& status) {
  if (text_at(status, {"status"}) == "Success") return 0;
  if (text_at(status, {"reason"}) != "NonZeroExitCode") return std::nullopt;
  for (const auto& cause : array_at(status, {"details", "causes"})) {
    if (text_at(cause, {"reason"}) != "ExitCode") continue;
    const std::string text(text_at(cause, {"message"}));
    int code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error == std::errc() && end == text.data() + text.size() && code != 0) return code;
  }
  return std::nullopt;
}

tl::unexpected<Error> not_run(std::string_view text, const json::value& status, const std::string& step) {
  net::HttpHead head;
  const std::int64_t code = integer_at(status, {"code"});
  head.status = code >= 400 && code < 600 ? static_cast<int>(code) : 500;
  Error error = error_from_answer(head, text, step);
  error.cause = "the command could not be run";
  error.remedy = "Check that the program exists in the container's image, and that the container runs";
  return fail(std::move(error));
}

}  // namespace

awaitable<Result<CommandOutcome>> run_command(Client& client, RemoteCommand command, Deadline deadline) {
  std::string target = ResourcePath{"", "v1", "pods", command.ns, command.pod, "exec"}.text();
  const std::string step = "GET " + target;
  for (const auto& word : command.command)
    target += (target.find('?') == std::string::npos ? "?" : "&") + std::string("command=") + net::percent_encode(word);
  add_query(target, "container", command.container);
  add_query(target, "stdout", "true");
  add_query(target, "stderr", "true");
  const net::WebSocketOffer offer({"v5.channel.k8s.io", "v4.channel.k8s.io"});
  auto upgraded = co_await client.upgrade(std::move(target), offer.headers(), deadline);
  if (!upgraded) co_return fail(std::move(upgraded.error()));
  const auto lost = [&step](Error error) {
    error.step = step;
    return fail(net::with_unknown_outcome(std::move(error)));
  };
  if (auto accepted = offer.accepted(upgraded->head); !accepted) co_return lost(std::move(accepted.error()));
  net::WebSocketClient socket(co_await net::current_executor(), std::move(*upgraded), kMessage);
  CommandOutcome out;
  while (true) {
    auto message = co_await socket.next(deadline);
    if (!message) co_return lost(std::move(message.error()));
    if (message->opcode == net::WebSocketOpcode::close)
      co_return lost({ErrorCode::unreachable,
                      step,
                      "the server ended the connection before it told how the command ended",
                      "",
                      nullptr,
                      {}});
    if (message->payload.empty()) continue;
    const std::string_view bytes = std::string_view(message->payload).substr(1);
    switch (static_cast<unsigned char>(message->payload[0])) {
      case standard_output: append(out.out, bytes, command.most_bytes); break;
      case standard_error: append(out.err, bytes, command.most_bytes); break;
      case final_status: {
        const auto status = parse_json(bytes, step);
        co_await socket.close(Deadline::after(kGoodbye));
        if (!status)
          co_return lost(
              {ErrorCode::server_error, step, "how the command ended is not told as a Status", "", nullptr, {}});
        const auto code = exit_code(*status);
        if (!code) co_return not_run(bytes, *status, step);
        out.exit_code = *code;
        co_return out;
      }
      default: break;  // of a later version
    }
  }
}

}  // namespace fairlead::kube
