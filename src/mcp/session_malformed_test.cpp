// What a peer must not send, and that the session goes on after it.
#include "mcp/session.h"
#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;
using ::testing::HasSubstr;

class MalformedTest : public SessionTest {
 protected:
  void SetUp() override { initialize(); }
  void TearDown() override {
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":99,"method":"ping"})"), parsed(R"({"jsonrpc":"2.0","id":99,"result":{}})"));
  }
  // Answered with this code and no id.
  std::string refused(std::string_view text, int code) {
    const json::value answer = ask(text);
    EXPECT_EQ(error_code(answer), code) << text.substr(0, 200);
    EXPECT_EQ(find(answer, "id"), nullptr) << text.substr(0, 200);
    EXPECT_EQ(text_at(answer, {"jsonrpc"}), "2.0");
    EXPECT_LT(error_text(answer).size(), 300U);
    return error_text(answer);
  }
  // Answered with this code and the id 1.
  std::string refused_1(std::string_view text, int code) {
    const json::value answer = ask(text);
    EXPECT_EQ(error_code(answer), code) << text.substr(0, 200);
    EXPECT_EQ(integer_at(answer, {"id"}), 1) << text.substr(0, 200);
    return error_text(answer);
  }
};

TEST_F(MalformedTest, WhatIsNotJson) {
  for (std::string_view text : {"{", "nonsense", "{\"jsonrpc\":\"2.0\",}", "{'a':1}", "\"open", "{} {}", "NaN",
                                "\xEF\xBB\xBF{}", R"({"jsonrpc":"2.0","id":1,"method":"ping"} x)"}) {
    EXPECT_THAT(refused(text, -32700), HasSubstr("Parse error: ")) << text;
  }
  using namespace std::string_view_literals;
  refused("\0"sv, -32700);
  refused("{\"a\":\"\0\"}"sv, -32700);
}

TEST_F(MalformedTest, WhatIsNotUtf8) {
  EXPECT_THAT(refused("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\xFFng\"}", -32700), HasSubstr("not UTF-8"));
  refused("{\"method\":\"\xC0\xAF\"}", -32700);
  refused("{\"method\":\"\xED\xA0\x80\"}", -32700);
  refused("{\"method\":\"\\ud800\"}", -32700);
  refused("\xFF\xFE{\0}\0", -32700);
}

TEST_F(MalformedTest, WhatIsNestedTooDeep) {
  EXPECT_THAT(refused(std::string(100000, '['), -32700), HasSubstr("nested"));
  refused(std::string(100000, '[') + std::string(100000, ']'), -32700);
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  refused(objects, -32700);
  refused(call_line("1", "alpha", R"({"text":)" + std::string(1000, '[') + std::string(1000, ']') + "}"), -32700);
}

TEST_F(MalformedTest, WhatIsTooLong) {
  const std::string text = call_line("1", "alpha", R"({"text":")" + std::string(64 << 20, 'x') + "\"}");
  EXPECT_THAT(refused(text, -32600), HasSubstr("longer than 4194304 bytes"));
  const json::value answer = only_message(session.on_oversized_message());
  EXPECT_EQ(error_code(answer), -32600);
  // One within the limit that would become many values.
  std::string many = "[";
  for (int i = 0; i < 1000000; ++i) many += "[],";
  refused(many + "1]", -32700);
}

TEST_F(MalformedTest, DuplicateKeys) {
  EXPECT_THAT(refused(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", -32700),
              HasSubstr("\"id\" is there twice"));
  refused(R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"})", -32700);
  refused(R"({"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"})", -32700);
  refused(call_line("1", "alpha", R"({"text":"a","text":"b"})"), -32700);
}

TEST_F(MalformedTest, WhatIsNoMessage) {
  for (std::string_view text : {"1", "null", "true", "\"ping\"", "1.5"}) refused(text, -32600);
  refused("{}", -32600);
  refused(R"({"jsonrpc":"2.0"})", -32600);
}

TEST_F(MalformedTest, BatchesAreNotPartOfTheseRevisions) {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  for (std::string text : {"[" + ping + "]", "[" + ping + "," + ping + "]", std::string("[]"), std::string("[1,2,3]")})
    EXPECT_THAT(refused(text, -32600), HasSubstr("batch"));
}

TEST_F(MalformedTest, WrongProtocol) {
  for (std::string_view version : {"\"1.0\"", "\"2\"", "2.0", "2", "null", "[\"2.0\"]"}) {
    EXPECT_THAT(refused_1(R"({"jsonrpc":)" + std::string(version) + R"(,"id":1,"method":"ping"})", -32600),
                HasSubstr("jsonrpc"));
  }
  refused_1(R"({"id":1,"method":"ping"})", -32600);
  refused(R"({"method":"ping"})", -32600);
}

TEST_F(MalformedTest, WrongIds) {
  for (std::string_view id :
       {"null", "1.5", "1.0", "1e3", "true", "false", "{}", "[]", "[1]", "99999999999999999999", "-1e400"}) {
    const std::string text = R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"ping"})";
    refused(text, id == "-1e400" ? -32700 : -32600);
  }
  refused(R"({"jsonrpc":"2.0","id":")" + std::string(1025, 'i') + R"(","method":"ping"})", -32600);
}

TEST_F(MalformedTest, IdsComeBackAsTheyWere) {
  for (std::string_view id : {"0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "\"\"",
                              "\"1\"", "\"\xF0\x9F\x9A\xA2\"", "\"a\\nb\""}) {
    const json::value answer = ask(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"ping"})");
    EXPECT_EQ(*find(answer, "id"), parsed(id));
  }
  const std::string longest(1024, 'i');
  EXPECT_EQ(text_at(ask(R"({"jsonrpc":"2.0","id":")" + longest + R"(","method":"ping"})"), {"id"}), longest);
}

TEST_F(MalformedTest, WrongMethods) {
  refused_1(R"({"jsonrpc":"2.0","id":1})", -32600);
  for (std::string_view method : {"1", "null", "{}", "[\"ping\"]", "true"})
    refused_1(R"({"jsonrpc":"2.0","id":1,"method":)" + std::string(method) + "}", -32600);
  refused(R"({"jsonrpc":"2.0","method":1})", -32600);
  refused_1(R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})", -32600);
  refused_1(R"({"jsonrpc":"2.0","id":1,"method":"ping","error":{}})", -32600);
  for (std::string_view method :
       {"", "nothing", "Ping", "ping ", "tools/List", "resources/list", "prompts/list", "logging/setLevel",
        "completion/complete", "tasks/get", "rpc.discover", "notifications/initialized", "server/discover"}) {
    const std::string why = refused_1(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + R"("})", -32601);
    EXPECT_EQ(why, "Method not found: " + std::string(method));
  }
}

TEST_F(MalformedTest, WrongParams) {
  for (std::string_view method : {"ping", "tools/list", "tools/call"}) {
    const std::string start = R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + R"(","params":)";
    refused_1(start + "[]}", -32602);
    for (std::string_view params : {"null", "1", "\"text\"", "true"})
      refused_1(start + std::string(params) + "}", -32600);
  }
  const auto call = [&](std::string_view params) {
    return refused_1(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)" + std::string(params) + "}", -32602);
  };
  refused_1(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})", -32602);
  EXPECT_THAT(call("{}"), HasSubstr("name"));
  EXPECT_THAT(call(R"({"name":1})"), HasSubstr("name"));
  EXPECT_THAT(call(R"({"name":null,"arguments":{}})"), HasSubstr("name"));
  EXPECT_THAT(call(R"({"Name":"alpha"})"), HasSubstr("name"));
  EXPECT_THAT(call(R"({"name":""})"), HasSubstr("Unknown tool"));
  for (std::string_view arguments : {"null", "[]", "\"x\"", "1"})
    EXPECT_THAT(call(R"({"name":"alpha","arguments":)" + std::string(arguments) + "}"), HasSubstr("arguments"));
  EXPECT_THAT(call(R"({"name":"alpha","_meta":[]})"), HasSubstr("_meta"));
  EXPECT_THAT(call(R"({"name":"alpha","_meta":{"progressToken":")" + std::string(1025, 't') + "\"}}"),
              HasSubstr("progressToken"));
  EXPECT_EQ(session.running_calls(), 0U);
}

TEST_F(MalformedTest, NotificationsAreNeverAnswered) {
  for (std::string_view text : {R"({"jsonrpc":"2.0","method":"nothing"})", R"({"jsonrpc":"2.0","method":"ping"})",
                                R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"alpha"}})",
                                R"({"jsonrpc":"2.0","method":"initialize","params":7})",
                                R"({"jsonrpc":"2.0","method":"notifications/progress","params":[]})",
                                R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})"}) {
    EXPECT_TRUE(session.on_message(text).empty()) << text;
  }
}

TEST_F(MalformedTest, ResponsesAreNeverAnswered) {
  for (std::string_view text : {R"({"jsonrpc":"2.0","id":1,"result":{}})",
                                R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}})",
                                R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}})", R"({"id":1,"result":1})",
                                R"({"result":1,"error":2})"}) {
    EXPECT_TRUE(session.on_message(text).empty()) << text;
  }
}

TEST_F(MalformedTest, BlankLinesAreNoMessages) {
  for (std::string_view text : {"", " ", "\r", "\t \r\n"}) EXPECT_TRUE(session.on_message(text).empty());
}

TEST_F(MalformedTest, MembersThatNobodyKnowsAreIgnored) {
  const json::value answer =
      ask(R"({"jsonrpc":"2.0","id":1,"method":"ping","x":1,"params":{"y":2,"_meta":{"z/z":3}}})");
  EXPECT_EQ(*find(answer, "result"), json::object());
}

TEST_F(SessionTest, OlderRevisionsGetANullIdWhereNoneCanBeRead) {
  initialize("2025-06-18");
  const json::value answer = ask("nonsense");
  EXPECT_EQ(error_code(answer), -32700);
  ASSERT_NE(find(answer, "id"), nullptr);
  EXPECT_TRUE(find(answer, "id")->is_null());
}

// ---- batches, where they are allowed

class BatchTest : public SessionTest {
 protected:
  void SetUp() override { initialize("2025-03-26"); }
};

TEST_F(BatchTest, IsAnsweredByOneArrayOnceAllIsAnswered) {
  const Actions actions =
      session.on_message("[" + call_line("1", "alpha") + R"(,{"jsonrpc":"2.0","id":2,"method":"ping"},
      {"jsonrpc":"2.0","method":"notifications/initialized"}, 5, [],)" +
                         call_line("3", "beta") + "]");
  ASSERT_EQ(actions.size(), 2U);
  const CallKey first = std::get<StartCall>(actions[0]).key, second = std::get<StartCall>(actions[1]).key;
  EXPECT_TRUE(session.finish_call(second, ToolResult::text("b")).empty());
  const json::value answer = only_message(session.finish_call(first, ToolResult::text("a")));
  const json::array& responses = answer.as_array();
  ASSERT_EQ(responses.size(), 5U);
  EXPECT_EQ(integer_at(responses[0], {"id"}), 2);
  EXPECT_EQ(error_code(responses[1]), -32600);
  EXPECT_EQ(error_code(responses[2]), -32600);
  EXPECT_EQ(integer_at(responses[3], {"id"}), 3);
  EXPECT_EQ(integer_at(responses[4], {"id"}), 1);
}

TEST_F(BatchTest, ACancelledCallIsLeftOutOfTheAnswer) {
  Actions actions = session.on_message("[" + call_line("1", "alpha") + "," + call_line("2", "beta") + "]");
  ASSERT_EQ(actions.size(), 2U);
  const CallKey first = std::get<StartCall>(actions[0]).key, second = std::get<StartCall>(actions[1]).key;
  EXPECT_TRUE(session.finish_call(first, ToolResult::text("a")).empty());
  actions = session.on_message(cancel_line("2"));
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(std::get<CancelCall>(actions[0]).key, second);
  EXPECT_EQ(parsed(std::get<SendMessage>(actions[1]).text).as_array().size(), 1U);
  EXPECT_TRUE(session.finish_call(second, ToolResult::text("b")).empty());
}

TEST_F(BatchTest, OfNotificationsIsNotAnswered) {
  EXPECT_TRUE(session.on_message(R"([{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}])").empty());
}

TEST_F(BatchTest, IsLimited) {
  EXPECT_EQ(error_code(ask("[]")), -32600);
  std::string many = "[0";
  for (int i = 0; i < 100; ++i) many += ",0";
  EXPECT_EQ(error_code(ask(many + "]")), -32600);
}

}  // namespace
}  // namespace fairlead::mcp
