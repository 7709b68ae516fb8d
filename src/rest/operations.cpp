// Operations: what there is, and calling them.
#include <algorithm>

#include "ops/describe.h"
#include "rest/api.h"
#include "rest/bodies.h"

namespace fairlead::rest {
namespace {

std::string_view outcome_of(const Result<ops::Reply>& reply) {
  return reply ? std::string_view("done") : to_string(reply.error().code);
}

std::string event(std::string_view name, std::string_view data) {
  std::string out = "event: " + std::string(name) + "\n";
  for (std::size_t begin = 0; begin <= data.size();) {
    const std::size_t end = std::min(data.find('\n', begin), data.size());
    if (end > begin || begin == 0) out += "data: " + std::string(data.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return out + "\n";
}

// Steps of a call, until they are written.
class EventProgress final : public ops::Progress, private ops::Follower {
 public:
  EventProgress(net::Executor executor, bool follows) : wake_(std::move(executor)), follows_(follows) {}
  void report(double done, std::optional<double> total, std::string message) override {
    if (waiting_.size() > kMost) return;  // a client that does not read
    json::object step{{"done", done}, {"message", std::move(message)}};
    if (total) step["total"] = *total;
    waiting_ += event("progress", compact(step));
    wake_.set();
  }
  ops::Follower* follower() override { return follows_ ? this : nullptr; }
  void wake() { wake_.set(); }
  std::string take() {
    wake_.reset();
    return std::exchange(waiting_, {});
  }
  awaitable<Result<void>> wait(Duration span) { co_return co_await wake_.wait(Deadline::after(span)); }

 private:
  static constexpr std::size_t kMost = 64 << 10, kMostLines = 8 << 20;
  bool lines(std::string_view text) override {
    if (waiting_.size() > kMostLines) {
      note("it was followed no longer: whoever reads it is slower than what is written");
      return false;
    }
    waiting_ += event("lines", compact(json::value(text)));
    wake_.set();
    return true;
  }
  void note(std::string_view text) override {
    waiting_ += event("note", compact(json::value(text)));
    wake_.set();
  }

  std::string waiting_;
  net::Event wake_;
  const bool follows_;
};

bool wants_to_follow(const Request& request) {
  const json::value* follow = request.body.if_contains("follow");
  return follow && *follow == json::value(true);
}

}  // namespace

awaitable<Result<Response>> Api::list_operations(Request&) {
  co_return answer(200, ops::catalog_json(parts_.gate.catalog()));
}

awaitable<Result<Response>> Api::show_operation(Request& request) {
  const ops::Operation* operation = parts_.gate.catalog().find(request.arguments[0]);
  if (!operation) {
    Error none = parts_.gate.catalog().unknown(request.arguments[0]);
    none.code = ErrorCode::not_found;
    co_return fail(std::move(none));
  }
  co_return answer(200, ops::operation_json(*operation));
}

awaitable<Result<Response>> Api::perform(Request& request, ops::Progress* progress) {
  gate::Request call;
  if (json::value* given = request.body.if_contains("arguments")) {
    if (!given->is_object())
      co_return fail(ErrorCode::invalid_request, "read the call", "'arguments' is no object",
                     "Send {} where there are none");
    call.arguments = std::move(given->get_object());
    request.body.erase("arguments");
  }
  const bool endless = wants_to_follow(request) && !request.body.contains("timeout_seconds");
  auto body = ops::Arguments::validate(request.body, call_body(), "the call");
  if (!body) co_return fail(std::move(body.error()));
  if (body->flag("follow") && !progress)
    co_return fail(ErrorCode::invalid_request, "read the call", "what is followed comes as events",
                   "Send 'Accept: text/event-stream' with it");
  call.who = request.who;
  call.operation = request.arguments[0];
  call.cluster = body->text("cluster");
  call.clusters = body->list("clusters");
  if (!call.cluster.empty() && !call.clusters.empty())
    co_return fail(ErrorCode::invalid_request, "read the call", "both 'cluster' and 'clusters' are given",
                   "Give one of them");
  call.deadline =
      endless ? Deadline::never() : Deadline::after(std::chrono::seconds(body->integer("timeout_seconds", 50)));
  call.progress = progress;
  call.change = &request.change;
  const ops::Operation* operation = parts_.gate.catalog().find(call.operation);
  auto reply = co_await parts_.gate.call(std::move(call));
  metrics_.call(operation ? operation->name : "unknown", outcome_of(reply));
  if (!reply) {
    Error error = std::move(reply.error());
    if (!operation) error.code = ErrorCode::not_found;
    co_return fail(std::move(error));
  }
  co_return answer(*reply, *ops::parse_format(body->text("format")), parts_.clock.unix_seconds());
}

awaitable<Result<Response>> Api::call_operation(Request& request) { co_return co_await perform(request, nullptr); }

awaitable<void> Api::stream_call(Request& request, net::ResponseWriter& writer) {
  std::vector<net::HttpHeader> headers{{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}};
  auto started = co_await writer.start(200, std::move(headers));
  if (!started) co_return;
  auto executor = co_await net::current_executor();
  EventProgress progress(executor, wants_to_follow(request));
  std::optional<Result<Response>> result;
  net::TaskGroup work(executor);
  auto run = [](Api* self, Request* of, EventProgress* told, std::optional<Result<Response>>* to) -> awaitable<void> {
    auto answered = co_await self->perform(*of, told);
    to->emplace(std::move(answered));
    told->wake();
  };
  work.spawn(run(this, &request, &progress, &result));
  constexpr Duration quiet = std::chrono::seconds(5), look = std::chrono::milliseconds(400);
  TimePoint checked = std::chrono::steady_clock::now(), told = checked;
  while (!result && !writer.gone()) {
    auto waited = co_await progress.wait(look);
    if (!waited && waited.error().code == ErrorCode::cancelled) break;
    const TimePoint now = std::chrono::steady_clock::now();
    if (result) break;
    std::string steps = progress.take();
    if (steps.empty() && now - told > quiet) steps = ": still waiting\n\n";
    if (!steps.empty()) {
      told = now;
      auto written = co_await writer.write(steps);
      if (!written) break;
    }
    if (now - checked < look) continue;
    checked = now;  // a token that was revoked, or has expired, ends what it has opened
    auto still = co_await authenticate(parts_, request.token, Deadline::after(quiet));
    if (!still && still.error().code == ErrorCode::authentication_failed) break;
  }
  if (!result) work.cancel_all();
  co_await work.join();
  if (!result || writer.gone()) co_return;
  std::string last = progress.take();
  last += *result ? event("result", (*result)->body) : event("problem", problem(result->error(), request.change).body);
  auto sent = co_await writer.write(last);
  auto finished = co_await writer.finish();
  static_cast<void>(sent), static_cast<void>(finished);
}

}  // namespace fairlead::rest
