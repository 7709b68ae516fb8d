// Questions to the person behind the client: client/elicitation.
#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;

Elicitation question() { return {"Really?", {{"type", "object"}, {"properties", json::object{}}}}; }

class SessionElicitationTest : public SessionTest {
 protected:
  CallKey begin(std::string_view capabilities, std::string_view revision = "2025-11-25") {
    std::string line = initialize_line(revision);
    line.replace(line.find(R"("capabilities":{})"), 17, R"("capabilities":)" + std::string(capabilities));
    only_message(session.on_message(line));
    return only_call(session.on_message(call_line("7", "alpha"))).key;
  }
  Answered answered(std::string_view text) {
    Actions actions = session.on_message(text);
    if (actions.size() == 1 && std::holds_alternative<Answered>(actions[0])) return std::get<Answered>(actions[0]);
    ADD_FAILURE() << "not one answer: " << text;
    return {};
  }
  // The answer of the peer to the question `asked`.
  std::string reply(const json::value& asked, std::string_view outcome) {
    return R"({"jsonrpc":"2.0","id":)" + compact(*find(asked, "id")) + "," + std::string(outcome) + "}";
  }
};

TEST_F(SessionElicitationTest, AsksAndHearsTheAnswerOnce) {
  const CallKey key = begin(R"({"elicitation":{}})");
  const json::value asked = only_message(session.elicit(key, question()));
  EXPECT_EQ(text_at(asked, {"method"}), "elicitation/create");
  EXPECT_EQ(text_at(asked, {"params", "mode"}), "form");
  EXPECT_EQ(text_at(asked, {"params", "message"}), "Really?");
  EXPECT_EQ(text_at(asked, {"params", "requestedSchema", "type"}), "object");
  EXPECT_TRUE(session.elicit(key, question()).empty());  // one at a time
  const std::string line = reply(asked, R"("result":{"action":"accept","content":{"approve":true}})");
  const Answered answer = answered(line);
  EXPECT_EQ(answer.key, key);
  ASSERT_TRUE(answer.result);
  EXPECT_EQ(answer.result->action, Elicited::Action::accept);
  EXPECT_TRUE(answer.result->content.at("approve").as_bool());
  EXPECT_TRUE(session.on_message(line).empty());
  EXPECT_FALSE(session.elicit(key, question()).empty());  // another may be asked now
}

TEST_F(SessionElicitationTest, EveryKindOfAnswer) {
  const CallKey key = begin(R"({"elicitation":{"form":{}}})");
  const auto ask_and = [&](std::string_view outcome) {
    const json::value asked = only_message(session.elicit(key, question()));
    return answered(reply(asked, outcome)).result;
  };
  EXPECT_EQ(ask_and(R"("result":{"action":"decline"})")->action, Elicited::Action::decline);
  EXPECT_EQ(ask_and(R"("result":{"action":"cancel"})")->action, Elicited::Action::cancel);
  EXPECT_TRUE(ask_and(R"("result":{"action":"accept"})")->content.empty());
  EXPECT_TRUE(ask_and(R"("result":{"action":"accept","content":[1]})")->content.empty());
  for (const char* nonsense : {R"("result":{"action":"ACCEPT"})", R"("result":{})", R"("result":true)",
                               R"("error":{"code":-32601,"message":"no\nway"})", R"("error":7)"})
    EXPECT_FALSE(ask_and(nonsense)) << nonsense;
  const auto refused = ask_and(R"("error":{"code":-32601,"message":"no\nway"})");
  EXPECT_EQ(refused.error().message, "the client could not ask: no\\x0Away");
}

TEST_F(SessionElicitationTest, OnlyWhereTheClientCan) { EXPECT_TRUE(session.elicit(begin("{}"), question()).empty()); }
TEST_F(SessionElicitationTest, AClientThatOnlyOpensPagesHasNoForms) {
  EXPECT_TRUE(session.elicit(begin(R"({"elicitation":{"url":{}}})"), question()).empty());
}
TEST_F(SessionElicitationTest, NotBeforeTheRevisionThatBroughtIt) {
  EXPECT_TRUE(session.elicit(begin(R"({"elicitation":{}})", "2025-03-26"), question()).empty());
}
TEST_F(SessionElicitationTest, TheModeIsSaidSinceThereAreTwo) {
  const json::value asked = only_message(session.elicit(begin(R"({"elicitation":{}})", "2025-06-18"), question()));
  EXPECT_EQ(find(asked, "params")->get_object().contains("mode"), false);
}

TEST_F(SessionElicitationTest, AnswersThatNobodyAskedForAreForgotten) {
  const CallKey key = begin(R"({"elicitation":{}})");
  const json::value asked = only_message(session.elicit(key, question()));
  const std::string yes = R"("result":{"action":"accept","content":{"approve":true}})";
  for (const char* id : {"99", "\"7\"", "7", "null"})
    EXPECT_TRUE(session.on_message(R"({"jsonrpc":"2.0","id":)" + std::string(id) + "," + yes + "}").empty()) << id;
  EXPECT_TRUE(answered(reply(asked, yes)).result);
}

TEST_F(SessionElicitationTest, AQuestionEndsWithItsCall) {
  const CallKey key = begin(R"({"elicitation":{}})");
  const json::value asked = only_message(session.elicit(key, question()));
  Actions ended = session.finish_call(key, ToolResult::text("done"));
  ASSERT_EQ(ended.size(), 2U);
  const json::value withdrawn = parsed(std::get<SendMessage>(ended[0]).text);
  EXPECT_EQ(text_at(withdrawn, {"method"}), "notifications/cancelled");
  EXPECT_EQ(*find(withdrawn, "params")->get_object().if_contains("requestId"), *find(asked, "id"));
  EXPECT_TRUE(session.on_message(reply(asked, R"("result":{"action":"accept"})")).empty());
}

TEST_F(SessionElicitationTest, AQuestionEndsWhenItsCallIsCancelledOrItIsWithdrawn) {
  const CallKey key = begin(R"({"elicitation":{}})");
  only_message(session.elicit(key, question()));
  EXPECT_EQ(text_at(only_message(session.withdraw(key)), {"method"}), "notifications/cancelled");
  EXPECT_TRUE(session.withdraw(key).empty());
  only_message(session.elicit(key, question()));
  const Actions cancelled = session.on_message(cancel_line("7"));
  ASSERT_EQ(cancelled.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<SendMessage>(cancelled[0]));
  EXPECT_TRUE(std::holds_alternative<CancelCall>(cancelled[1]));
  EXPECT_TRUE(session.elicit(key, question()).empty());
}

}  // namespace
}  // namespace fairlead::mcp
