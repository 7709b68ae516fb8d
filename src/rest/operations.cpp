// Operations: what there is, and calling them.
#include <algorithm>

#include "ops/describe.h"
#include "rest/api.h"
#include "rest/bodies.h"
#include "rest/stream_watch.h"

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

// A caller that is to hear why, and does not read, is not waited for.
constexpr Duration kFarewell = std::chrono::milliseconds(300), kQuiet = std::chrono::seconds(5);

awaitable<void> abort_later(net::ResponseWriter* writer) {
  auto slept = co_await net::sleep_for(kFarewell);
  if (slept) writer->abort();
}

StreamWatch::Opened opened_by(const Request& request, bool follows) {
  StreamWatch::Opened out{request.token, request.arguments[0], {}, {}, follows};
  if (const json::value* one = request.body.if_contains("cluster"); one && one->is_string())
    out.clusters.emplace_back(one->get_string());
  if (const json::value* several = request.body.if_contains("clusters"); several && several->is_array())
    for (const auto& one : several->get_array())
      if (one.is_string()) out.clusters.emplace_back(one.get_string());
  if (const json::value* given = request.body.if_contains("arguments"); given && given->is_object())
    out.arguments = given->get_object();
  return out;
}

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

// The watch runs beside the writing: whoever does not read is cut off as well.
awaitable<void> Api::stream_call(Request& request, net::ResponseWriter& writer) {
  auto executor = co_await net::current_executor();
  const bool follows = wants_to_follow(request);
  StreamWatch watch(parts_, streams_, draining_, executor, opened_by(request, follows));
  co_await watch.begin();
  std::vector<net::HttpHeader> headers{{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}};
  auto started = co_await writer.start(200, std::move(headers));
  if (!started) co_return;
  EventProgress progress(executor, follows);
  std::optional<Result<Response>> result;
  std::optional<Error> forbidden;
  bool is_writing = false;
  net::TaskGroup work(executor), watching(executor);
  auto run = [](Api* self, Request* of, EventProgress* told, std::optional<Result<Response>>* to) -> awaitable<void> {
    auto answered = co_await self->perform(*of, told);
    to->emplace(std::move(answered));
    told->wake();
  };
  work.spawn(run(this, &request, &progress, &result));
  auto guard = [](StreamWatch* by, std::optional<Error>* to, const bool* is_held_up, net::ResponseWriter* out,
                  EventProgress* told) -> awaitable<void> {
    auto why = co_await by->until_it_must_end();
    if (why.code == ErrorCode::cancelled) co_return;
    to->emplace(std::move(why));
    if (*is_held_up) out->abort();
    told->wake();
  };
  watching.spawn(guard(&watch, &forbidden, &is_writing, &writer, &progress));
  auto write = [&](std::string bytes) -> awaitable<bool> {
    is_writing = true;
    auto written = co_await writer.write(bytes);
    is_writing = false;
    co_return written.has_value();
  };
  TimePoint told = std::chrono::steady_clock::now();
  while (!result && !forbidden && !writer.gone()) {
    auto waited = co_await progress.wait(StreamWatch::kLook);
    if (!waited && waited.error().code == ErrorCode::cancelled) break;
    if (result || forbidden) break;
    const TimePoint now = std::chrono::steady_clock::now();
    std::string steps = progress.take();
    if (steps.empty() && now - told > kQuiet) steps = ": still waiting\n\n";
    if (steps.empty()) continue;
    told = now;
    const bool written = co_await write(std::move(steps));
    if (!written) break;
  }
  if (result && !forbidden && !writer.gone()) {
    std::string last = progress.take();
    last +=
        *result ? event("result", (*result)->body) : event("problem", problem(result->error(), request.change).body);
    const bool written = co_await write(std::move(last));
    is_writing = true;
    if (written && !forbidden) {
      auto finished = co_await writer.finish();
      static_cast<void>(finished);
    }
  } else if (forbidden && !writer.gone()) {  // nothing of what came since
    net::TaskGroup aborting(executor);
    aborting.spawn(abort_later(&writer));
    const std::string last = event("problem", problem(*forbidden, request.change).body);
    auto written = co_await writer.write(last);
    if (written) written = co_await writer.finish();
    writer.abort();  // what it has opened it shall not go on with
    aborting.cancel_all();
    co_await aborting.join();
  }
  watching.cancel_all();
  if (!result) work.cancel_all();
  co_await work.join();
  co_await watching.join();
}

}  // namespace fairlead::rest
