// `call` with --server.
#include <cmath>

#include "base/text.h"
#include "cli/call.h"
#include "cli/follow.h"
#include "cli/remote_answer.h"
#include "cli/rendered.h"
#include "cli/waiting.h"

namespace fairlead::cli {
namespace {

using net::awaitable;

constexpr Duration kAnswer = std::chrono::seconds(10);  // for the way, beyond what the server gives itself

json::object body_of(const CallOptions& options, json::object arguments) {
  json::object body{{"arguments", std::move(arguments)}, {"format", options.output}};
  const auto clusters = split(options.cluster, ',');
  if (clusters.size() > 1) {
    json::array all;
    for (const auto id : clusters) all.push_back(json::value(id));
    body["clusters"] = std::move(all);
  } else if (!options.cluster.empty()) {
    body["cluster"] = options.cluster;
  }
  if (!options.follow || options.timeout_given)
    body["timeout_seconds"] = static_cast<std::int64_t>(std::ceil(options.timeout));
  if (options.follow) body["follow"] = true;
  return body;
}

}  // namespace

int call_server(World& world, const CallOptions& options, json::object arguments) {
  auto run = [&](Remote& remote) -> awaitable<Result<int>> {
    auto executor = co_await net::current_executor();
    const bool endless = options.follow && !options.timeout_given;
    const Deadline deadline = endless ? Deadline::never() : Deadline::after(seconds(options.timeout) + kAnswer);
    json::object body = body_of(options, std::move(arguments));
    Followed followed(world);
    Remote::OnEvent on_event = [&](std::string_view name, std::string_view data) {
      auto text = parse_json(data, "read the server's answer");
      if (!text || !text->is_string()) return true;
      if (name == "lines") return followed.lines(text->get_string());
      if (name == "note") followed.note(text->get_string());
      return true;
    };
    std::optional<Waiting> waiting;
    if (!options.follow) waiting.emplace(world, executor, options.operation->name);
    const bool reads = options.operation->trust == ops::Trust::read;
    std::string path = "/operations/" + std::string(options.operation->name);
    auto text = co_await remote.stream(std::move(path), std::move(body), reads, on_event, deadline);
    if (waiting) co_await waiting->stop();
    if (!text && options.follow && text.error().code == ErrorCode::cancelled) co_return 0;  // seen enough
    if (!text) co_return fail(std::move(text.error()));
    auto answer = read_call_answer(*text, options.output == "json" && !options.follow);
    if (!answer) co_return fail(std::move(answer.error()));
    print(world, options.follow ? "" : answer->text, answer->notes);
    co_return 0;
  };
  return with_server(world, options.server, run);
}

}  // namespace fairlead::cli
