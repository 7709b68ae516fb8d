// Commands in containers by a server: `call exec_in_pod -i --server`.
#include "base/text.h"
#include "cli/call.h"
#include "cli/remote_answer.h"
#include "cli/session.h"
#include "net/websocket_client.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr std::string_view kProtocol = "fairlead.exec.v1";

std::string path_of(const CallOptions& options, const json::object& arguments) {
  const auto text = [&](std::string_view key) {
    const json::value* value = arguments.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  std::string cluster = options.cluster;
  if (cluster.starts_with("k8s:")) cluster.erase(0, 4);
  std::string path = "/clusters/" + net::percent_encode(cluster) + "/namespaces/" +
                     net::percent_encode(text("namespace")) + "/pods/" + net::percent_encode(text("name")) + "/exec?";
  path += text("session") == "terminal" ? "tty=true" : "stdin=true";
  for (const char* key : {"container", "reason"})
    if (const std::string value = text(key); !value.empty())
      path += std::string("&") + key + "=" + net::percent_encode(value);
  if (const json::value* words = arguments.if_contains("command"))
    for (const auto& word : words->as_array()) path += "&command=" + net::percent_encode(word.as_string());
  return path;
}

}  // namespace

awaitable<Result<std::string>> Remote::open_session(std::string path, bool input, kube::RemoteStreams& streams,
                                                    Deadline deadline) {
  const net::WebSocketOffer offer({std::string(kProtocol)});
  net::HttpRequest asked = request("GET", path, nullptr);
  for (auto& header : offer.headers()) asked.headers.push_back(std::move(header));
  auto upgraded = co_await http_->upgrade(std::move(asked), deadline);
  if (!upgraded) {
    if (upgraded.error().code == ErrorCode::unreachable)
      upgraded.error().remedy = "Check the URL of --server, and that 'fairlead serve' runs there";
    co_return fail(std::move(upgraded.error()));
  }
  if (!upgraded->stream) co_return fail(error_of_answer(upgraded->head, upgraded->body));
  if (!offer.accepted(upgraded->head)) co_return fail(no_fairlead(upgraded->head.status, ""));
  kube::StreamsOptions options{input, true, "run the command"};
  auto end = co_await kube::exchange_streams(std::move(*upgraded), std::move(options), streams, deadline);
  if (!end) {
    end.error().remedy = "It is not known what became of it: 'fairlead changes list' and the server's audit log tell";
    co_return fail(std::move(end.error()));
  }
  if (!end->status)
    co_return compact(json::object{{"notes", json::array()}, {"result", json::object{{"left", end->why}}}});
  auto document = parse_json(*end->status, "read the server's answer");
  if (document && !find(*document, "result")) co_return fail(error_from(200, "application/problem+json", *end->status));
  co_return std::move(*end->status);
}

int open_server_session(World& world, const CallOptions& options, json::object arguments) {
  auto run = [&](Remote& remote) -> awaitable<Result<int>> {
    if (options.cluster.empty())
      co_return fail(ErrorCode::invalid_request, "run the command", "a session is of one cluster, and none is named",
                     "Give --cluster k8s:ID");
    if (!arguments.contains("namespace"))
      co_return fail(ErrorCode::invalid_request, "run the command", "a session of a server names its namespace",
                     "Give -n NAMESPACE");
    auto executor = co_await net::current_executor();
    const Deadline deadline = options.timeout_given ? Deadline::after(seconds(options.timeout)) : Deadline::never();
    // The server looks after idle ones.
    OwnStreams streams(world, executor, session_of(world, options) == "terminal", Duration::max());
    std::string path = path_of(options, arguments);
    auto text = co_await remote.open_session(std::move(path), true, streams, deadline);
    co_await streams.stop();
    if (!text) co_return fail(std::move(text.error()));
    auto answer = parse_json(*text, "read the server's answer");
    if (!answer) co_return fail(std::move(answer.error()));
    const json::value* result = find(*answer, "result");
    co_return session_status(world, result ? *result : json::value());
  };
  return with_server(world, options.server, run);
}

}  // namespace fairlead::cli
