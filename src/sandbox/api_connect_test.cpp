// Exec, attach and port-forward through the API, over an upgraded connection without sockets.
#include "net/websocket.h"
#include "sandbox/api_test_support.h"
#include "sandbox/spdy.h"

namespace fairlead::sandbox {
namespace {

// The client's side of an upgraded connection: what it sends is there from the start, and it leaves when the server has
// closed its WebSocket, or with `leave`.
class ScriptedStream final : public net::Stream {
 public:
  ScriptedStream(net::Executor executor, std::string sent, std::string* got, bool leave)
      : done_(executor), sent_(std::move(sent)), got_(got), leave_(leave) {}
  net::awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    if (sent_.empty() && !leave_) (void)co_await done_.wait(Deadline::after(std::chrono::seconds(20)));
    std::size_t count = sent_.copy(into.data(), into.size());
    sent_.erase(0, count);
    co_return count;
  }
  net::awaitable<Result<void>> write(std::string_view bytes) override {
    *got_ += bytes;
    if (got_->find(std::string("\x88\x02\x03\xE8", 4)) != got_->npos) done_.set();
    co_return Result<void>{};
  }
  void close() override { done_.set(); }

 private:
  net::Event done_;
  std::string sent_;
  std::string* got_;
  bool leave_;
};

class UpgradingWriter final : public net::ResponseWriter {
 public:
  net::awaitable<Result<void>> send(int code, std::vector<net::HttpHeader>, std::string text) override {
    status = code;
    body = std::move(text);
    co_return Result<void>{};
  }
  net::awaitable<Result<void>> start(int, std::vector<net::HttpHeader>) override { co_return Result<void>{}; }
  net::awaitable<Result<void>> write(std::string_view) override { co_return Result<void>{}; }
  net::awaitable<Result<void>> finish() override { co_return Result<void>{}; }
  net::awaitable<Result<std::unique_ptr<net::Stream>>> upgrade(std::vector<net::HttpHeader> all) override {
    status = 101;
    headers = std::move(all);
    net::Executor executor = co_await net::current_executor();
    co_return std::make_unique<ScriptedStream>(executor, to_send, &body, leave);
  }
  void abort() override {}
  bool gone() const override { return false; }

  std::string to_send, body;
  bool leave = false;
  int status = 0;
  std::vector<net::HttpHeader> headers;
};

struct Connected {
  explicit Connected(std::string_view app = "frontend") : pod(cluster.pods_of(app).front()) {}

  // The messages that came back; the status and text of a refusal in `writer`.
  std::vector<net::WebSocketMessage> ask(std::string path, std::vector<std::string> messages = {},
                                         std::string protocol = "v5.channel.k8s.io", bool leave = false) {
    net::WebSocketCodec codec(net::WebSocketRole::client, 1 << 20, [] { return 3u; });
    writer = UpgradingWriter();
    writer.leave = leave;
    for (const std::string& one : messages) writer.to_send += codec.message(net::WebSocketOpcode::binary, one);
    net::ServerRequest request;
    request.http.target = "/api/v1/namespaces/shop/pods/" + path;
    request.http.headers = {{"Authorization", "Bearer the-token"},
                            {"Connection", "Upgrade"},
                            {"Upgrade", "websocket"},
                            {"Sec-WebSocket-Version", "13"},
                            {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                            {"Sec-WebSocket-Protocol", std::move(protocol)}};
    net::run_until_done([&](net::Executor) { return cluster.api.handle(std::move(request), writer); });
    if (writer.status != 101) return {};
    auto got = codec.feed(writer.body);
    EXPECT_TRUE(got);
    return got ? *got : std::vector<net::WebSocketMessage>();
  }
  std::string on(const std::vector<net::WebSocketMessage>& all, char channel) {
    std::string out;
    for (const auto& one : all) {
      if (one.opcode == net::WebSocketOpcode::binary && one.payload[0] == channel) out += one.payload.substr(1);
    }
    return out;
  }

  Cluster cluster;
  std::string pod;
  UpgradingWriter writer;
};

TEST(Connect, RunsACommand) {
  Connected c;
  auto got = c.ask(c.pod + "/exec?command=sh&command=-c&command=echo+out%3B+echo+err+%3E%262&stdout=true&stderr=true");
  EXPECT_EQ(c.on(got, 1), "out\n");
  EXPECT_EQ(c.on(got, 2), "err\n");
  EXPECT_EQ(c.on(got, 3), R"({"metadata":{},"status":"Success"})");
  EXPECT_EQ(got.back().code, 1000);
}

TEST(Connect, TellsHowACommandEnded) {
  Connected c;
  auto got = c.ask(c.pod + "/exec?command=sh&command=-c&command=exit+3&stdout=true&stderr=true");
  EXPECT_EQ(
      c.on(got, 3),
      R"({"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3",)"
      R"("reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}})");
  got = c.ask(c.pod + "/exec?command=nosuch&stdout=true");
  auto status = parse_json(c.on(got, 3), "test");
  ASSERT_TRUE(status);
  EXPECT_EQ(text_at(*status, {"reason"}), "InternalError");
  EXPECT_EQ(integer_at(*status, {"code"}), 500);
  EXPECT_TRUE(text_at(*status, {"message"})
                  .starts_with("Internal error occurred: error executing command in container: failed to exec in "
                               "container: failed to start exec \""));
  EXPECT_TRUE(text_at(*status, {"message"}).ends_with("exec: \"nosuch\": executable file not found in $PATH: unknown"));
}

TEST(Connect, GivesInputAndItsEnd) {
  Connected c;
  std::string in(1, '\0');
  auto got =
      c.ask(c.pod + "/exec?command=cat&stdin=true&stdout=true", {in + "a\n", in + "b\n", std::string("\xFF\0", 2)});
  EXPECT_EQ(c.on(got, 1), "a\nb\n");
  EXPECT_EQ(c.on(got, 3), R"({"metadata":{},"status":"Success"})");
}

TEST(Connect, IsATerminal) {
  Connected c;
  std::string in(1, '\0');
  auto got =
      c.ask(c.pod + "/exec?command=sh&stdin=true&stdout=true&tty=true", {in + "echo hix\x7F\r", in + "exit 7\r"});
  std::string shown = c.on(got, 1);
  EXPECT_TRUE(shown.starts_with("/ $ ") || shown.starts_with("echo hix\b \b\r\n")) << shown;
  EXPECT_NE(shown.find("hi\r\n/ $ "), std::string::npos) << shown;
  EXPECT_NE(c.on(got, 3).find("\"message\":\"7\""), std::string::npos) << c.on(got, 3);
  // ^C drops what was typed ahead.
  got = c.ask(c.pod + "/exec?command=sh&stdin=true&stdout=true&tty=true",
              {in + "sleep 100\r", in + "\x03", in + "exit 8\r"});
  EXPECT_NE(c.on(got, 3).find("\"message\":\"8\""), std::string::npos) << c.on(got, 3);
}

TEST(Connect, EndsWithItsClientAndItsContainer) {
  Connected c;
  c.ask(c.pod + "/exec?command=sleep&command=1000&stdout=true", {}, "v5.channel.k8s.io", true);
  EXPECT_EQ(c.writer.status, 101);  // and it came back
  auto got = c.ask(c.pod + "/exec?command=sh&command=-c&command=kill+1%3B+sleep+100&stdout=true");
  EXPECT_NE(c.on(got, 3).find("exit code 137"), std::string::npos) << c.on(got, 3);
}

TEST(Connect, RefusesAsTheApiServerAndTheKubeletDo) {
  Connected c;
  auto refusal = [&](std::string path) {
    c.ask(std::move(path));
    auto value = parse_json(c.writer.body, "test");
    return std::to_string(c.writer.status) + " " + (value ? std::string(text_at(*value, {"message"})) : c.writer.body);
  };
  EXPECT_EQ(refusal("nopod/exec?command=ls&stdout=true"), "404 pods \"nopod\" not found");
  EXPECT_EQ(refusal(c.pod + "/exec?container=x&command=ls&stdout=true"),
            "400 container x is not valid for pod " + c.pod);
  EXPECT_EQ(refusal(c.pod + "/exec?command=ls"), "400 you must specify at least 1 of stdin, stdout, stderr");
  std::string crashing = c.cluster.pods_of("payments").front();
  EXPECT_EQ(refusal(crashing + "/exec?container=payments&command=ls&stdout=true"),
            "500 container not found (\"payments\")");
  EXPECT_EQ(refusal(crashing + "/attach?container=payments&stdout=true"),
            "500 container payments not found in pod " + crashing + "_shop");
  std::string pending = c.cluster.pods_of("model-trainer").front();
  EXPECT_EQ(refusal(pending + "/exec?command=ls&stdout=true"), "400 pod " + pending + " does not have a host assigned");
  EXPECT_EQ(c.cluster.get("/api/v1/namespaces/shop/pods/" + c.pod + "/exec?command=ls").message(),
            "Upgrade request required");
  EXPECT_EQ(c.cluster.ask("DELETE", "/api/v1/namespaces/shop/pods/" + c.pod + "/exec").status, 405);
}

TEST(Connect, ForwardsPorts) {
  Connected c;
  json::value pod = c.cluster.get("/api/v1/namespaces/shop/pods/" + c.pod).value();
  std::string port = std::to_string(
      integer_at(array_at(array_at(pod, {"spec", "containers"}).front(), {"ports"}).front(), {"containerPort"}));
  std::string in(1, '\0');
  auto got =
      c.ask(c.pod + "/portforward?ports=" + port + "&ports=9", {in + "GET / HTTP/1.0\r\n\r\n"}, "v4.channel.k8s.io");
  EXPECT_NE(c.on(got, 0).find("pod: " + c.pod + "\n"), std::string::npos);
  EXPECT_NE(c.on(got, 3).find("error forwarding port 9 to pod "), std::string::npos);
  EXPECT_EQ(got.back().opcode, net::WebSocketOpcode::close);
}

}  // namespace
}  // namespace fairlead::sandbox
