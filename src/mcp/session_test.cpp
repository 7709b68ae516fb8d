#include "mcp/session.h"

#include <limits>

#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;
using ::testing::HasSubstr;

// ---- lifecycle

TEST_F(SessionTest, InitializeAnswersWhatTheServerIs) {
  options.instructions = "Ask gently.";
  const json::value answer = ask(initialize_line());
  EXPECT_EQ(answer, parsed(R"({"jsonrpc":"2.0","id":0,"result":{
    "protocolVersion":"2025-11-25","capabilities":{"tools":{}},
    "serverInfo":{"name":"anchor","title":"Anchor","version":"1.2.3","description":"Holds",
                  "websiteUrl":"https://anchor.example"},
    "instructions":"Ask gently."}})"));
  ASSERT_TRUE(session.initialized());
  EXPECT_EQ(session.client_info()->name, "probe");
  EXPECT_EQ(session.client_info()->version, "0.1");
}

TEST_F(SessionTest, InitializeAgreesOnTheRevisionThatWasAskedFor) {
  for (std::string_view revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    ServerSession fresh(options, tools);
    const json::value answer = only_message(fresh.on_message(initialize_line(revision)));
    EXPECT_EQ(text_at(answer, {"result", "protocolVersion"}), revision);
    EXPECT_EQ(to_string(fresh.revision()), revision);
  }
}

TEST_F(SessionTest, InitializeOffersTheLatestForOneThatIsNotKnown) {
  for (std::string_view revision : {"2099-01-01", "1.0.0", ""}) {
    ServerSession fresh(options, tools);
    const json::value answer = only_message(fresh.on_message(initialize_line(revision)));
    EXPECT_EQ(text_at(answer, {"result", "protocolVersion"}), "2025-11-25");
  }
}

TEST_F(SessionTest, OlderRevisionsGetOnlyTheMembersTheyKnow) {
  const json::value answer = ask(initialize_line("2025-03-26"));
  EXPECT_EQ(*find(answer, "result", "serverInfo"), parsed(R"({"name":"anchor","version":"1.2.3"})"));
  const json::value list = ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  const json::value& tool = array_at(list, {"result", "tools"}).at(0);
  EXPECT_EQ(find(tool, "title"), nullptr);
  EXPECT_EQ(text_at(tool, {"annotations", "title"}), "Title of alpha");
}

TEST_F(SessionTest, OnlyPingIsAnsweredBeforeInitialize) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":"p","method":"ping"})"), parsed(R"({"jsonrpc":"2.0","id":"p","result":{}})"));
  for (std::string line : {std::string(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"), call_line("2", "alpha")}) {
    const json::value refused = ask(line);
    EXPECT_EQ(error_code(refused), -32600);
    EXPECT_THAT(error_text(refused), HasSubstr("send \"initialize\" before"));
  }
  // A client that probes for another era gets to know that the method does not exist.
  EXPECT_EQ(error_code(ask(R"({"jsonrpc":"2.0","id":3,"method":"server/discover"})")), -32601);
  EXPECT_TRUE(session.on_message(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").empty());
  EXPECT_FALSE(session.initialized());
}

TEST_F(SessionTest, InitializeHappensOnceButAFailedOneCanBeRepeated) {
  EXPECT_EQ(error_code(ask(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})")), -32602);
  EXPECT_FALSE(session.initialized());
  initialize("2025-06-18");
  const json::value again = ask(initialize_line("2025-11-25"));
  EXPECT_EQ(error_code(again), -32600);
  EXPECT_EQ(session.revision(), Revision::v2025_06_18);
}

TEST_F(SessionTest, InitializeNeedsItsParams) {
  const auto refused = [&](std::string_view params) {
    const json::value answer =
        ask(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)" + std::string(params) + "}");
    EXPECT_EQ(error_code(answer), -32602) << params;
    return error_text(answer);
  };
  EXPECT_THAT(refused(R"({"capabilities":{},"clientInfo":{"name":"a","version":"1"}})"), HasSubstr("protocolVersion"));
  EXPECT_THAT(refused(R"({"protocolVersion":1,"capabilities":{},"clientInfo":{}})"), HasSubstr("protocolVersion"));
  EXPECT_THAT(refused(R"({"protocolVersion":"2025-11-25","clientInfo":{}})"), HasSubstr("capabilities"));
  EXPECT_THAT(refused(R"({"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":{}})"),
              HasSubstr("capabilities"));
  EXPECT_THAT(refused(R"({"protocolVersion":"2025-11-25","capabilities":{}})"), HasSubstr("clientInfo"));
  EXPECT_THAT(refused(R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"version":"1"}})"),
              HasSubstr("clientInfo.name"));
  EXPECT_THAT(refused(R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":2}})"),
              HasSubstr("clientInfo.version"));
}

// ---- tools/list

TEST_F(SessionTest, ListShowsToolsInTheOrderOfTheirDeclaration) {
  initialize();
  const json::value list = ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})");
  std::vector<std::string> names;
  for (const json::value& tool : array_at(list, {"result", "tools"})) names.emplace_back(text_at(tool, {"name"}));
  EXPECT_THAT(names, ::testing::ElementsAre("alpha", "gamma", "beta", "delta"));
  EXPECT_EQ(find(list, "result", "nextCursor"), nullptr);
}

TEST_F(SessionTest, ListComesInPages) {
  options.page_size = 3;
  initialize();
  const json::value first = ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  EXPECT_EQ(array_at(first, {"result", "tools"}).size(), 3U);
  const std::string cursor(text_at(first, {"result", "nextCursor"}));
  ASSERT_FALSE(cursor.empty());
  const std::string next = R"({"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":")" + cursor + R"("}})";
  const json::value second = ask(next);
  ASSERT_EQ(array_at(second, {"result", "tools"}).size(), 1U);
  EXPECT_EQ(text_at(array_at(second, {"result", "tools"}).at(0), {"name"}), "delta");
  EXPECT_EQ(find(second, "result", "nextCursor"), nullptr);
  EXPECT_EQ(ask(next), second);
}

TEST_F(SessionTest, ListRefusesACursorItDidNotGive) {
  initialize();
  for (std::string_view cursor : {"\"\"", "\"3\"", "\"bm8=\"", "\"!!\"", "7", "null"}) {
    const json::value answer =
        ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":)" + std::string(cursor) + "}}");
    EXPECT_EQ(error_code(answer), -32602) << cursor;
  }
}

// ---- tools/call

TEST_F(SessionTest, CallStartsAndIsAnsweredWhenItEnds) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("\"c-1\"", "beta", R"({"text":"ahoy"})")));
  EXPECT_EQ(call.tool, tools.find("beta"));
  EXPECT_EQ(call.arguments, parsed(R"({"text":"ahoy"})").as_object());
  EXPECT_FALSE(call.wants_progress);
  EXPECT_EQ(session.running_calls(), 1U);
  const json::value answer = only_message(session.finish_call(call.key, ToolResult::text("line 1\nline 2")));
  EXPECT_EQ(answer,
            parsed(R"({"jsonrpc":"2.0","id":"c-1","result":{"content":[{"type":"text","text":"line 1\nline 2"}]}})"));
  EXPECT_EQ(session.running_calls(), 0U);
  EXPECT_TRUE(session.finish_call(call.key, ToolResult::text("again")).empty());
}

TEST_F(SessionTest, AFailureIsAResultForTheModel) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "beta")));
  const json::value answer = only_message(session.finish_call(call.key, ToolResult::error("no such pod")));
  EXPECT_EQ(*find(answer, "result"), parsed(R"({"content":[{"type":"text","text":"no such pod"}],"isError":true})"));
}

TEST_F(SessionTest, CallMayLeaveOutItsArguments) {
  initialize();
  const StartCall call =
      only_call(session.on_message(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha"}})"));
  EXPECT_TRUE(call.arguments.empty());
}

TEST_F(SessionTest, ToolTextIsAlwaysSentAsUtf8OnOneLine) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "beta")));
  const json::value answer = only_message(session.finish_call(call.key, ToolResult::text("a\xFF\r\n\x1B[31m")));
  EXPECT_EQ(text_at(array_at(answer, {"result", "content"}).at(0), {"text"}), "a\xEF\xBF\xBD\r\n\x1B[31m");
}

TEST_F(SessionTest, UnknownToolsAreRefusedWithTheNearestNames) {
  initialize();
  const json::value answer = ask(call_line("1", "alfa"));
  EXPECT_EQ(error_code(answer), -32602);
  EXPECT_EQ(error_text(answer), "Unknown tool: alfa; did you mean alpha?");
  const std::string hostile = error_text(ask(call_line("1", "\\u001b[2J" + std::string(5000, 'x'))));
  EXPECT_EQ(hostile.find('\x1B'), std::string::npos);
  EXPECT_LT(hostile.size(), 200U);
  EXPECT_EQ(error_code(ask(call_line("1", "Alpha"))), -32602);
}

TEST_F(SessionTest, StructuredContentIsSentAndOwedWhereASchemaPromisesIt) {
  Tool tool = make_tool("measure");
  tool.output_schema = parsed(R"({"type":"object"})").as_object();
  tools = ToolSet::make({std::move(tool)}).value();
  initialize();
  ToolResult result = ToolResult::text("{}");
  result.structured_content = json::object({{"knots", 12}});
  StartCall call = only_call(session.on_message(call_line("1", "measure")));
  const json::value answer = only_message(session.finish_call(call.key, std::move(result)));
  EXPECT_EQ(integer_at(answer, {"result", "structuredContent", "knots"}), 12);

  call = only_call(session.on_message(call_line("2", "measure")));
  EXPECT_EQ(error_code(only_message(session.finish_call(call.key, ToolResult::text("12")))), -32603);
  call = only_call(session.on_message(call_line("3", "measure")));
  EXPECT_TRUE(flag_at(only_message(session.finish_call(call.key, ToolResult::error("calm"))), {"result", "isError"}));
}

TEST_F(SessionTest, CallsThatRunAtOnceAreLimited) {
  options.max_running_calls = 2;
  initialize();
  const StartCall first = only_call(session.on_message(call_line("1", "alpha")));
  only_call(session.on_message(call_line("2", "alpha")));
  const json::value refused = ask(call_line("3", "alpha"));
  EXPECT_EQ(error_code(refused), -32000);
  EXPECT_THAT(error_text(refused), HasSubstr("2 calls are running"));
  EXPECT_EQ(integer_at(refused, {"error", "data", "limit"}), 2);
  // A cancelled call counts until it has ended.
  EXPECT_EQ(session.on_message(cancel_line("1")).size(), 1U);
  EXPECT_EQ(error_code(ask(call_line("3", "alpha"))), -32000);
  EXPECT_TRUE(session.finish_call(first.key, ToolResult::text("")).empty());
  only_call(session.on_message(call_line("3", "alpha")));
}

TEST_F(SessionTest, AnIdThatIsStillRunningIsRefused) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("7", "alpha")));
  for (std::string line : {call_line("7", "beta"), std::string(R"({"jsonrpc":"2.0","id":7,"method":"ping"})")}) {
    const json::value refused = ask(line);
    EXPECT_EQ(error_code(refused), -32600);
    EXPECT_THAT(error_text(refused), HasSubstr("still running"));
  }
  only_call(session.on_message(call_line("\"7\"", "beta")));  // another id
  only_message(session.finish_call(call.key, ToolResult::text("")));
  only_call(session.on_message(call_line("7", "beta")));
}

// ---- cancellation

TEST_F(SessionTest, ACancelledCallIsNotAnswered) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "alpha", "{}", "\"t\"")));
  const Actions actions = session.on_message(cancel_line("1"));
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(std::get<CancelCall>(actions[0]).key, call.key);
  EXPECT_EQ(std::get<CancelCall>(actions[0]).reason, "enough");
  EXPECT_TRUE(session.on_message(cancel_line("1")).empty());
  EXPECT_TRUE(session.report_progress(call.key, 1, {}, "", TimePoint()).empty());
  // The id is free again, and the end of the old call does not answer the new one.
  const StartCall next = only_call(session.on_message(call_line("1", "beta")));
  EXPECT_NE(next.key, call.key);
  EXPECT_TRUE(session.finish_call(call.key, ToolResult::text("late")).empty());
  EXPECT_EQ(integer_at(only_message(session.finish_call(next.key, ToolResult::text("new"))), {"id"}), 1);
}

TEST_F(SessionTest, CancellingWhatDoesNotRunIsIgnored) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "alpha")));
  for (std::string_view id : {"0", "2", "\"1\"", "1.0", "null", "[1]", "true"}) {
    EXPECT_TRUE(session.on_message(cancel_line(id)).empty()) << id;
  }
  EXPECT_TRUE(session.on_message(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})").empty());
  EXPECT_TRUE(session.on_message(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]})").empty());
  only_message(session.finish_call(call.key, ToolResult::text("")));
  EXPECT_TRUE(session.on_message(cancel_line("1")).empty());
}

// ---- progress

TEST_F(SessionTest, ProgressCarriesTheTokenAndOnlyGrows) {
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "alpha", "{}", "\"t-9\"")));
  EXPECT_TRUE(call.wants_progress);
  const auto report = [&](double value, std::optional<double> total = {}, std::string_view message = "") {
    return session.report_progress(call.key, value, total, message, TimePoint());
  };
  EXPECT_EQ(only_message(report(0.5, 3, "one of three")), parsed(R"({"jsonrpc":"2.0","method":"notifications/progress",
                       "params":{"progressToken":"t-9","progress":0.5,"total":3,"message":"one of three"}})"));
  EXPECT_TRUE(report(0.5).empty());
  EXPECT_TRUE(report(0.4).empty());
  EXPECT_TRUE(report(std::numeric_limits<double>::quiet_NaN()).empty());
  EXPECT_TRUE(report(std::numeric_limits<double>::infinity()).empty());
  EXPECT_EQ(*find(only_message(report(2)), "params"), parsed(R"({"progressToken":"t-9","progress":2})"));
  only_message(session.finish_call(call.key, ToolResult::text("")));
  EXPECT_TRUE(report(3).empty());
}

TEST_F(SessionTest, ProgressNeedsAToken) {
  initialize();
  const StartCall silent = only_call(session.on_message(call_line("1", "alpha")));
  EXPECT_TRUE(session.report_progress(silent.key, 1, {}, "", TimePoint()).empty());
  const StartCall numbered = only_call(session.on_message(call_line("2", "alpha", "{}", "0")));
  EXPECT_EQ(integer_at(only_message(session.report_progress(numbered.key, 1, {}, "", TimePoint())),
                       {"params", "progressToken"}, -1),
            0);
  for (std::string_view token : {"null", "1.5", "true", "{}", "[]"}) {
    EXPECT_EQ(error_code(ask(call_line("3", "alpha", "{}", token))), -32602) << token;
  }
}

TEST_F(SessionTest, ProgressThatComesTooFastIsLeftOut) {
  options.progress_interval = std::chrono::milliseconds(20);
  initialize();
  const StartCall call = only_call(session.on_message(call_line("1", "alpha", "{}", "1")));
  const TimePoint start{std::chrono::seconds(100)};
  const auto sent = [&](double value, int milliseconds) {
    return session.report_progress(call.key, value, {}, "", start + std::chrono::milliseconds(milliseconds)).size();
  };
  EXPECT_EQ(sent(1, 0), 1U);
  EXPECT_EQ(sent(2, 19), 0U);
  EXPECT_EQ(sent(2, 20), 1U);
  EXPECT_EQ(sent(3, 30), 0U);
  EXPECT_EQ(sent(4, 41), 1U);
}

}  // namespace
}  // namespace fairlead::mcp
