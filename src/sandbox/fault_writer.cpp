#include "sandbox/fault_writer.h"

#include "sandbox/api_send.h"
#include "sandbox/request.h"

namespace fairlead::sandbox {
namespace {

// Passes on so many bytes of the answer's body and then drops the connection.
class TearingWriter final : public net::ResponseWriter {
 public:
  TearingWriter(net::ResponseWriter& below, std::int64_t bytes)
      : below_(below), left_(static_cast<std::size_t>(bytes)) {}

  net::awaitable<Result<void>> send(int status, std::vector<net::HttpHeader> headers, std::string body) override {
    if (body.size() <= left_) co_return co_await below_.send(status, std::move(headers), std::move(body));
    // Only a streamed answer can break off.
    auto started = co_await below_.start(status, std::move(headers));
    if (!started) co_return started;
    co_return co_await write(body);
  }
  net::awaitable<Result<void>> start(int status, std::vector<net::HttpHeader> headers) override {
    co_return co_await below_.start(status, std::move(headers));
  }
  net::awaitable<Result<void>> write(std::string_view bytes) override {
    if (bytes.size() <= left_) {
      left_ -= bytes.size();
      co_return co_await below_.write(bytes);
    }
    auto written = co_await below_.write(bytes.substr(0, left_));
    left_ = 0;
    below_.abort();
    if (!written) co_return written;
    co_return fail(ErrorCode::unreachable, "answer", "a fault tore it");
  }
  net::awaitable<Result<void>> finish() override { co_return co_await below_.finish(); }
  void abort() override { below_.abort(); }
  bool gone() const override { return below_.gone(); }

 private:
  net::ResponseWriter& below_;
  std::size_t left_;
};

}  // namespace

net::awaitable<void> serve_with_faults(Faults& faults, net::HttpHandler& handler, net::ServerRequest request,
                                       net::ResponseWriter& writer) {
  auto target = parse_target(request.http.target);
  FaultEffect effect;
  if (target && !target->path.starts_with("/sandbox")) {
    effect =
        faults.hit(request.http.method, target->path, target->query.flag("watch"), request.http.header("User-Agent"));
  }
  if (effect.delay_ms > 0) {
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(effect.delay_ms));
    if (!slept) co_return;
  }
  if (effect.drop) {
    writer.abort();
  } else if (effect.error) {
    Answer answer = error_answer(*effect.error, Format::json);
    bool said = false;
    for (const net::HttpHeader& header : answer.headers) said = said || header.name == "Retry-After";
    if (effect.retry_after > 0 && !said) answer.headers.push_back({"Retry-After", std::to_string(effect.retry_after)});
    co_await send_answer(&writer, std::move(answer));
  } else if (effect.tear_after >= 0) {
    TearingWriter torn(writer, effect.tear_after);
    co_await handler(std::move(request), torn);
  } else {
    co_await handler(std::move(request), writer);
  }
}

}  // namespace fairlead::sandbox
