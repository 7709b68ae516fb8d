#include "mcp/serve.h"

#include "mcp/fake_stream.h"
#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Host final : public ToolHost {
 public:
  const ToolSet& tools() const override { return tools_; }
  awaitable<ToolResult> call(CallRequest request, Progress& progress) override {
    ++running;
    most_running = std::max(most_running, running);
    started.push_back(request.tool.name);
    client = request.client.name;
    const json::value arguments(request.arguments);
    const std::int64_t number = integer_at(arguments, {"n"});
    ToolResult result = ToolResult::text(std::string(text_at(arguments, {"text"})));
    if (request.tool.name == "sleep") {
      Result<void> slept = co_await net::sleep_for(milliseconds(number));
      if (!slept) {
        ++cancelled;
        result = ToolResult::error("cancelled");
      }
    } else if (request.tool.name == "steps") {
      for (std::int64_t i = 1; i <= number; ++i) progress.report(static_cast<double>(i), number, "step");
    } else if (request.tool.name == "ask") {
      Elicitation question{"Really?", {{"type", "object"}, {"properties", json::object{}}}};
      const Deadline deadline = number ? Deadline::after(milliseconds(number)) : Deadline();
      auto elicited = co_await request.elicitor->elicit(std::move(question), deadline);
      result = ToolResult::text(!elicited ? std::string(to_string(elicited.error().code))
                                : elicited->action == Elicited::Action::accept ? "accepted"
                                                                               : "not accepted");
    } else if (request.tool.name == "big") {
      result = ToolResult::text(std::string(static_cast<std::size_t>(number), 'x'));
    }
    --running;
    co_return result;
  }

  int running = 0, most_running = 0, cancelled = 0;
  std::vector<std::string> started;
  std::string client;

 private:
  ToolSet tools_ = make_tools({"echo", "sleep", "steps", "big", "ask"});
};

class ServeTest : public ::testing::Test {
 public:
  using Script = awaitable<void> (*)(ServeTest& test);

  ServeTest() : stream(loop.executor()), group(loop.executor()) {
    options.session = make_options();
    options.grace = seconds(3);
  }

  // Serves the stream while the script plays the client; returns when both have ended.
  Result<void> play(Script script) {
    serving = group.spawn(keep(*this));
    group.spawn(script(*this));
    loop.run();
    EXPECT_EQ(host.running, 0);
    EXPECT_TRUE(ended.has_value());
    return ended ? *ended : fail(ErrorCode::internal, "", "serve() did not return");
  }

  static awaitable<void> keep(ServeTest& test) {
    test.stream.feed_line(test.hello);
    Result<void> result = co_await serve(test.stream, test.host, test.options);
    test.ended_after = std::chrono::steady_clock::now() - test.began;
    test.ended = std::move(result);
  }

  // All lines that were written after the answer to initialize, parsed.
  std::vector<json::value> answers() const {
    std::vector<json::value> out;
    std::string_view rest = stream.output();
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      EXPECT_NE(end, std::string::npos);
      out.push_back(parsed(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    if (!out.empty()) out.erase(out.begin());
    return out;
  }

  std::string hello = initialize_line();
  net::Loop loop;
  FakeStream stream;
  Host host;
  ServeOptions options;
  net::TaskGroup group;
  net::TaskGroup::Id serving = 0;
  std::optional<Result<void>> ended;
  TimePoint began = std::chrono::steady_clock::now();
  Duration ended_after{};
  std::size_t seen = 0;
};

TEST_F(ServeTest, AnswersCallsUntilTheInputEnds) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    EXPECT_EQ(text_at(hello, {"result", "serverInfo", "name"}), "anchor");
    test.stream.feed_line(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    test.stream.feed_line(call_line("1", "echo", R"({"text":"ahoy"})"));
    json::value answer = co_await test.stream.next_message();
    EXPECT_EQ(answer, parsed(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"ahoy"}]}})"));
    test.stream.end();
  });
  EXPECT_TRUE(result) << result.error().sentence();
  EXPECT_EQ(host.client, "probe");
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, AsksThePersonWhileTheCallRuns) {
  hello = initialize_line();
  hello.replace(hello.find(R"("capabilities":{})"), 17, R"("capabilities":{"elicitation":{}})");
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.feed_line(call_line("1", "ask"));
    json::value question = co_await test.stream.next_message();
    EXPECT_EQ(text_at(question, {"method"}), "elicitation/create");
    test.stream.feed_line(R"({"jsonrpc":"2.0","id":)" + compact(*find(question, "id")) +
                          R"(,"result":{"action":"accept","content":{}}})");
    json::value answer = co_await test.stream.next_message();
    EXPECT_THAT(compact(answer), HasSubstr(R"("id":1,"result":{"content":[{"type":"text","text":"accepted"}]})"));

    test.stream.feed_line(call_line("2", "ask", R"({"n":20})"));  // nobody answers in time
    question = co_await test.stream.next_message();
    json::value withdrawn = co_await test.stream.next_message();
    EXPECT_EQ(text_at(withdrawn, {"method"}), "notifications/cancelled");
    EXPECT_EQ(find(withdrawn, "params")->at("requestId"), *find(question, "id"));
    answer = co_await test.stream.next_message();
    EXPECT_THAT(compact(answer), HasSubstr(R"("text":"timeout")"));

    test.stream.feed_line(call_line("3", "ask"));
    question = co_await test.stream.next_message();
    test.stream.end();  // the client goes while the question is open
  });
  EXPECT_TRUE(result);
  EXPECT_THAT(compact(answers().back()), HasSubstr(R"("text":"cancelled")"));
}

TEST_F(ServeTest, AClientThatCannotAskIsNotAsked) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "ask"));
    test.stream.end();
    co_return;
  });
  EXPECT_TRUE(result);
  EXPECT_THAT(compact(answers().back()), HasSubstr(R"("text":"invalid_request")"));
}

TEST_F(ServeTest, AnswersWhatWasPipedInAtOnce) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60})"));
    test.stream.feed_line(call_line("2", "echo", R"({"text":"b"})") + "\r");
    test.stream.feed("\n\n");
    test.stream.feed_line("nonsense");
    test.stream.feed(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");  // without a line end
    test.stream.end();
    co_return;
  });
  EXPECT_TRUE(result);
  ASSERT_EQ(answers().size(), 4U);
  EXPECT_EQ(integer_at(answers()[3], {"id"}), 1);  // the slowest comes last
  EXPECT_EQ(host.cancelled, 0);
}

TEST_F(ServeTest, CallsRunAtOnceUpToTheLimit) {
  options.session.max_running_calls = 3;
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    for (int i = 1; i <= 4; ++i) test.stream.feed_line(call_line(std::to_string(i), "sleep", R"({"n":50})"));
    test.stream.end();
    co_return;
  });
  EXPECT_TRUE(result);
  EXPECT_EQ(host.most_running, 3);
  ASSERT_EQ(answers().size(), 4U);
  EXPECT_EQ(error_code(answers()[0]), -32000);
  EXPECT_EQ(integer_at(answers()[0], {"id"}), 4);
}

TEST_F(ServeTest, CancellationStopsTheCallAndLeavesItUnanswered) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    test.stream.feed_line(call_line("2", "sleep", R"({"n":60000})"));
    Result<void> waited = co_await net::sleep_for(milliseconds(20));
    EXPECT_EQ(test.host.running, 2);
    test.stream.feed_line(cancel_line("1"));
    waited = co_await net::sleep_for(milliseconds(20));
    EXPECT_EQ(test.host.running, 1);
    // Started and cancelled within one turn of the loop, and an id that was used before.
    test.stream.feed(call_line("1", "sleep", R"({"n":60000})") + "\n" + cancel_line("1") + "\n" + cancel_line("2") +
                     "\n");
    test.stream.end();
  });
  EXPECT_TRUE(result);
  EXPECT_TRUE(answers().empty());
  EXPECT_EQ(host.cancelled, 3);
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, CallsThatOutliveTheGraceAreCancelled) {
  options.grace = milliseconds(50);
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    test.stream.end();
    co_return;
  });
  EXPECT_TRUE(result);
  EXPECT_EQ(host.cancelled, 1);
  ASSERT_EQ(answers().size(), 1U);  // the client did not cancel it, so it gets an answer
  EXPECT_TRUE(flag_at(answers()[0], {"result", "isError"}));
  EXPECT_GE(ended_after, milliseconds(50));
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, ProgressComesBeforeTheAnswer) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "steps", R"({"n":3})", "\"t\""));
    test.stream.feed_line(call_line("2", "steps", R"({"n":3})"));
    test.stream.end();
    co_return;
  });
  EXPECT_TRUE(result);
  std::vector<std::int64_t> steps;
  for (const json::value& message : answers()) {
    steps.push_back(integer_at(message, {"params", "progress"}, -integer_at(message, {"id"})));
    if (find(message, "params")) { EXPECT_EQ(text_at(message, {"params", "progressToken"}), "t"); }
  }
  EXPECT_THAT(steps, ElementsAre(1, 2, 3, -1, -2));
}

TEST_F(ServeTest, AClientThatDoesNotReadIsNotReadFrom) {
  options.outgoing_bytes = 10000;
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.stop_reading_answers();
    std::string pings;
    for (int i = 0; i < 5000; ++i)
      pings += R"({"jsonrpc":"2.0","id":)" + std::to_string(i) + R"(,"method":"ping"})" + "\n";
    test.stream.feed(pings);
    Result<void> waited = co_await net::sleep_for(milliseconds(50));
    EXPECT_GT(test.stream.left_to_read(), pings.size() / 2);
    test.stream.read_answers();
    test.stream.end();
  });
  EXPECT_TRUE(result);
  EXPECT_EQ(answers().size(), 5000U);
}

TEST_F(ServeTest, ProgressDoesNotPileUpBeforeASlowClient) {
  options.outgoing_bytes = 1000;
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.stop_reading_answers();
    test.stream.feed_line(call_line("1", "steps", R"({"n":100000})", "1"));
    Result<void> waited = co_await net::sleep_for(milliseconds(50));
    test.stream.read_answers();
    test.stream.end();
  });
  EXPECT_TRUE(result);
  EXPECT_LT(answers().size(), 20U);
  EXPECT_EQ(integer_at(answers().back(), {"id"}), 1);
}

TEST_F(ServeTest, AClientThatNeverReadsAgainIsGivenUp) {
  options.grace = milliseconds(50);
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.stop_reading_answers();
    test.stream.feed_line(call_line("1", "big", R"({"n":100000})"));
    test.stream.end();
    co_return;
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unreachable);
  EXPECT_TRUE(stream.closed());
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, ADisconnectCancelsTheCallsAtOnce) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    Result<void> waited = co_await net::sleep_for(milliseconds(20));
    test.stream.break_reading();
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unreachable);
  EXPECT_EQ(host.cancelled, 1);
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, AWriteThatFailsEndsTheSessionWhileItReads) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    Result<void> waited = co_await net::sleep_for(milliseconds(20));
    test.stream.break_writing();
    test.stream.feed_line(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unreachable);
  EXPECT_THAT(result.error().cause, HasSubstr("broken pipe"));
  EXPECT_EQ(host.cancelled, 1);
}

TEST_F(ServeTest, AWriteThatFailsAfterTheInputEndedCutsTheGraceShort) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    test.stream.feed_line(call_line("2", "sleep", R"({"n":20})"));
    test.stream.break_writing();
    test.stream.end();
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unreachable);
  EXPECT_EQ(host.cancelled, 1);
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, BeingCancelledCancelsTheCalls) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    Result<void> waited = co_await net::sleep_for(milliseconds(20));
    test.group.cancel(test.serving);
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_EQ(host.cancelled, 1);
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, BeingCancelledWhileACallHasItsGraceCancelsIt) {
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    test.stream.feed_line(call_line("1", "sleep", R"({"n":60000})"));
    test.stream.end();
    Result<void> waited = co_await net::sleep_for(milliseconds(20));
    test.group.cancel(test.serving);
  });
  EXPECT_EQ(host.cancelled, 1);
  EXPECT_LT(ended_after, seconds(2));
}

TEST_F(ServeTest, ALineThatIsTooLongIsAnsweredAndSkipped) {
  options.session.limits.bytes = 100000;
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    test.stream.feed_line(std::string(64 << 20, 'x'));
    json::value refused = co_await test.stream.next_message();
    EXPECT_EQ(error_code(refused), -32600);
    EXPECT_THAT(error_text(refused), HasSubstr("longer than 100000 bytes"));
    test.stream.feed_line(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
    json::value pong = co_await test.stream.next_message();
    EXPECT_EQ(integer_at(pong, {"id"}), 2);
    test.stream.end();
  });
  EXPECT_TRUE(result);
}

TEST_F(ServeTest, ManyCallsAreAllAnswered) {
  options.outgoing_bytes = 20000;
  const Result<void> result = play([](ServeTest& test) -> awaitable<void> {
    json::value hello = co_await test.stream.next_message();
    for (int round = 0; round < 200; ++round) {
      for (int i = 0; i < 20; ++i)
        test.stream.feed_line(call_line(std::to_string(round * 20 + i), "big", R"({"n":2000})"));
      for (int i = 0; i < 20; ++i) {
        json::value answer = co_await test.stream.next_message();
        if (find(answer, "result")) ++test.seen;
      }
    }
    test.stream.end();
  });
  EXPECT_TRUE(result);
  EXPECT_EQ(seen, 4000U);
}

}  // namespace
}  // namespace fairlead::mcp
