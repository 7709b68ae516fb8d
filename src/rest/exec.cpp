// Commands in containers with their streams as they are, over a WebSocket. docs/exec.md describes the protocol.
#include <algorithm>
#include <deque>

#include "base/text.h"
#include "kube/remote_session.h"
#include "net/websocket_connection.h"
#include "rest/api.h"
#include "rest/stream_watch.h"

namespace fairlead::rest {
namespace {

constexpr std::string_view kProtocol = "fairlead.exec.v1";
constexpr std::size_t kMessage = 1 << 20, kMostWaiting = 256 << 10, kMostItems = 1024;
constexpr Duration kLook = std::chrono::milliseconds(400), kPing = std::chrono::seconds(15),
                   kFarewell = std::chrono::seconds(1), kEnd = std::chrono::seconds(10);

// The client's end of a session.
class ClientStreams final : public ops::Progress, public kube::RemoteStreams {
 public:
  ClientStreams(net::Executor executor, net::WebSocketConnection& socket, bool takes_input, Duration idle)
      : socket_(socket),
        takes_input_(takes_input),
        idle_(idle),
        given_(executor),
        taken_(executor),
        wake_(std::move(executor)) {}

  void report(double, std::optional<double>, std::string) override {}
  kube::RemoteStreams* streams() override { return this; }

  awaitable<Result<void>> begun(bool input_can_end) override {
    has_begun_ = true;
    const std::string text = compact(json::object{{"begun", true}, {"input_can_end", input_can_end}});
    auto sent = co_await socket_.send(net::WebSocketOpcode::text, text);
    co_return unless_left(std::move(sent));
  }
  awaitable<Result<kube::RemoteInput>> input() override {
    while (inputs_.empty()) {
      if (has_left()) co_return fail(ErrorCode::cancelled, "", why_);
      given_.reset();
      auto given = co_await given_.wait();
      if (!given) co_return fail(std::move(given.error()));
    }
    kube::RemoteInput out = std::move(inputs_.front());
    inputs_.pop_front();
    waiting_ -= out.bytes.size();
    taken_.set();
    co_return out;
  }
  awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) override {
    if (has_left()) co_return fail(ErrorCode::cancelled, "", why_);
    const std::string message =
        kube::channel_message(is_error_output ? kube::Channel::error_output : kube::Channel::output, bytes);
    auto sent = co_await socket_.send(net::WebSocketOpcode::binary, message);
    co_return unless_left(std::move(sent));
  }
  Duration idle_limit() const override { return idle_; }

  // Takes what the client sends, until it goes.
  awaitable<void> receive() {
    while (!has_left()) {
      auto message = co_await socket_.next();
      if (!message) {
        const bool broken = message.error().code == ErrorCode::invalid_request;
        leave(broken ? 1002 : 1001,
              broken ? "the client broke the protocol: " + message.error().cause : std::string("the client has gone"));
        co_return;
      }
      if (message->opcode == net::WebSocketOpcode::close) {
        leave(1000, "the client closed it");
        co_return;
      }
      if (message->opcode == net::WebSocketOpcode::binary && takes_input_) take(message->payload);
      while ((waiting_ > kMostWaiting || inputs_.size() > kMostItems) && !has_left()) {
        is_full_ = true;
        taken_.reset();
        auto taken = co_await taken_.wait();
        if (!taken) co_return;
      }
      is_full_ = false;
    }
  }

  // Whatever it is in the middle of ends.
  void leave(std::uint16_t code, std::string why) {
    if (has_left()) return;
    code_ = code;
    why_ = std::move(why);
    for (net::Event* event : {&given_, &taken_, &wake_}) event->set();
  }
  bool has_left() const { return code_ != 0; }
  std::uint16_t code() const { return code_; }
  const std::string& why() const { return why_; }
  bool has_begun() const { return has_begun_; }
  bool is_full() const { return is_full_; }  // so that the client's leaving is not seen by reading
  net::Event& wake() { return wake_; }

 private:
  Result<void> unless_left(Result<void> sent) const {
    if (sent) return sent;
    return fail(ErrorCode::cancelled, "", has_left() ? why_ : "the client has gone");
  }
  void take(std::string_view message) {
    const auto said = kube::read_channel_message(message);
    if (!said) return;
    if (said->channel == kube::Channel::input && !said->bytes.empty() && !has_ended_) {
      inputs_.push_back({std::string(said->bytes), false, {}});
      waiting_ += said->bytes.size();
    } else if (said->channel == kube::Channel::close && kube::ends_input(said->bytes) && !has_ended_) {
      inputs_.push_back({"", true, {}});
      has_ended_ = true;
    } else if (const auto size = kube::read_resize(said->bytes); said->channel == kube::Channel::resize && size) {
      const bool follows_another = !inputs_.empty() && inputs_.back().size;
      if (follows_another)
        inputs_.back().size = size;
      else
        inputs_.push_back({"", false, size});
    }
    given_.set();
  }

  net::WebSocketConnection& socket_;
  const bool takes_input_;
  const Duration idle_;
  std::deque<kube::RemoteInput> inputs_;
  std::size_t waiting_ = 0;  // bytes of them
  bool has_ended_ = false, has_begun_ = false, is_full_ = false;
  std::uint16_t code_ = 0;
  std::string why_;
  net::Event given_, taken_, wake_;
};

tl::unexpected<Error> wrong(std::string cause, std::string remedy = "docs/exec.md describes it") {
  return fail(ErrorCode::invalid_request, "open the session", std::move(cause), std::move(remedy));
}

Result<bool> flag_of(const Request& request, std::string_view key) {
  const auto found = request.query.find(std::string(key));
  if (found == request.query.end() || found->second == "false" || found->second == "0") return false;
  if (found->second == "true" || found->second == "1") return true;
  return wrong(std::string(key) + " must be true or false");
}

Result<gate::Request> call_of(const Request& request) {
  const auto terminal = flag_of(request, "tty"), input = flag_of(request, "stdin");
  if (!terminal || !input) return fail(std::move(!terminal ? terminal.error() : input.error()));
  gate::Request call;
  call.who = request.who;
  call.operation = "exec_in_pod";
  call.cluster = request.arguments[0].starts_with("k8s:") ? request.arguments[0] : "k8s:" + request.arguments[0];
  call.arguments = {{"namespace", request.arguments[1]},
                    {"name", request.arguments[2]},
                    {"command", json::array(request.command.begin(), request.command.end())},
                    {"session", *terminal ? "terminal"
                                : *input  ? "input"
                                          : "output"}};
  for (const char* key : {"container", "reason"})
    if (const auto found = request.query.find(key); found != request.query.end()) call.arguments[key] = found->second;
  call.deadline = Deadline::never();
  return call;
}

// Until there is a reply, or the session has to end before.
awaitable<void> attend(ClientStreams& client, net::WebSocketConnection& socket,
                       const std::optional<Result<ops::Reply>>& reply) {
  TimePoint pinged = std::chrono::steady_clock::now();
  while (!reply && !client.has_left()) {
    client.wake().reset();
    auto woken = co_await client.wake().wait(Deadline::after(kLook));
    if (reply || client.has_left()) break;
    if (!woken && woken.error().code == ErrorCode::cancelled) client.leave(1001, "this server is about to end");
    const TimePoint now = std::chrono::steady_clock::now();
    if (!client.is_full() && now - pinged < kPing) continue;
    socket.ping();
    pinged = now;
  }
}

awaitable<void> guard(StreamWatch* watch, ClientStreams* client) {
  auto why = co_await watch->until_it_must_end();
  if (why.code == ErrorCode::cancelled) co_return;
  client->leave(why.code == ErrorCode::unreachable ? 1001 : 1008, why.cause);
}

}  // namespace

awaitable<Result<Response>> Api::exec_in_pod(Request&) {
  co_return wrong("this is for a WebSocket", "Ask for an upgrade, with the subprotocol " + std::string(kProtocol));
}

awaitable<std::optional<Response>> Api::open_session(Request& request, const net::HttpRequest& http,
                                                     net::ResponseWriter& writer) {
  if (!net::is_same_origin(http)) {
    Error foreign{
        ErrorCode::policy_denied, "open the session", "the page that asks is of another site", "", nullptr, {}};
    co_return problem(foreign);
  }
  const auto offered = net::websocket_protocols(http);
  if (std::find(offered.begin(), offered.end(), kProtocol) == offered.end())
    co_return problem(wrong("the client does not offer the subprotocol " + std::string(kProtocol)).value());
  auto call = call_of(request);
  if (!call) co_return problem(call.error());
  auto headers = net::accept_websocket(http, kProtocol);
  if (!headers) co_return problem(headers.error());
  auto executor = co_await net::current_executor();
  StreamWatch watch(parts_, streams_, draining_, executor,
                    {request.token, call->operation, {call->cluster}, call->arguments, true});
  co_await watch.begin();
  auto stream = co_await writer.upgrade(std::move(*headers));
  if (!stream) co_return std::nullopt;
  net::WebSocketConnection socket(executor, std::move(*stream), "",
                                  net::WebSocketCodec(net::WebSocketRole::server, kMessage));
  const json::string& session = call->arguments["session"].get_string();
  ClientStreams client(executor, socket, session != "output", parts_.session_idle);
  call->progress = &client;
  call->change = &request.change;
  net::TaskGroup group(executor);
  group.spawn(socket.pump());
  group.spawn(client.receive());
  std::optional<Result<ops::Reply>> reply;
  auto run = [](gate::Gate* gate, gate::Request what, std::optional<Result<ops::Reply>>* to,
                net::Event* wake) -> awaitable<void> {
    auto answered = co_await gate->call(std::move(what));
    to->emplace(std::move(answered));
    wake->set();
  };
  const auto calling = group.spawn(run(&parts_.gate, std::move(*call), &reply, &client.wake()));
  group.spawn(guard(&watch, &client));
  co_await attend(client, socket, reply);
  const bool may_not_go_on = client.has_left();
  if (!reply || may_not_go_on) {  // the session ends by itself, so that what became of it is written down
    const Deadline farewell = Deadline::after(kFarewell);
    co_await socket.close(client.code(), client.why(), farewell);
    if (farewell.passed()) writer.abort();  // whoever does not read gets no more of it
    if (!client.has_begun()) group.cancel(calling);
    const Deadline until = Deadline::after(kEnd);
    while (!reply) {
      client.wake().reset();
      auto ended = co_await client.wake().wait(until);
      if (!ended) break;
    }
  } else {
    std::string last = *reply ? answer(**reply, ops::Format::json, parts_.clock.unix_seconds())->body
                              : problem(reply->error(), request.change).body;
    last = kube::channel_message(kube::Channel::status, trim(last));
    auto sent = co_await socket.send(net::WebSocketOpcode::binary, last);
    static_cast<void>(sent);  // the client has gone
    co_await socket.close(1000, "", Deadline::after(kEnd));
  }
  group.cancel_all();
  co_await group.join();
  metrics_.call("exec_in_pod", !reply ? "cancelled" : *reply ? "done" : to_string(reply->error().code));
  co_return std::nullopt;
}

}  // namespace fairlead::rest
