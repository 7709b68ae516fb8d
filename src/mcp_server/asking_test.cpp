#include "mcp_server/asking.h"

#include <gmock/gmock.h>

#include "net/test_support.h"

namespace fairlead::mcp_server {
namespace {

using gate::Answer;
using testing::HasSubstr;
using Action = mcp::Elicited::Action;

class Client final : public mcp::Elicitor {
 public:
  bool can_elicit() const override { return can; }
  net::awaitable<Result<mcp::Elicited>> elicit(mcp::Elicitation question, Deadline) override {
    ++asked;
    last = std::move(question);
    Result<mcp::Elicited> out = answer;
    co_return out;
  }
  bool can = true;
  int asked = 0;
  mcp::Elicitation last;
  Result<mcp::Elicited> answer = mcp::Elicited{};
};

class ClientApproverTest : public testing::Test {
 protected:
  ClientApproverTest() { question.summary = "scale deployment shop/web from 3 to 5"; }
  Answer ask() {
    ClientApprover approver(&client, "person:alice");
    return net::testing::await_on(loop, approver.ask(question));
  }
  Answer::Kind ask(Action action, json::object content) {
    client.answer = mcp::Elicited{action, std::move(content)};
    return ask().kind;
  }
  net::Loop loop;
  Client client;
  gate::Question question;
};

TEST_F(ClientApproverTest, ApprovedByTheFormAlone) {
  EXPECT_EQ(ask(Action::accept, {{"approve", true}}), Answer::Kind::approved);
  EXPECT_EQ(ask().who, "person:alice");
  EXPECT_THAT(client.last.message, HasSubstr("scale deployment shop/web from 3 to 5"));
  EXPECT_EQ(text_at(json::value(client.last.requested_schema), {"properties", "approve", "type"}), "boolean");
}

TEST_F(ClientApproverTest, NothingElseIsAYes) {
  for (const json::object& content :
       {json::object{}, json::object{{"approve", false}}, json::object{{"approve", "true"}},
        json::object{{"approve", 1}}, json::object{{"approve", nullptr}}, json::object{{"Approve", true}}})
    EXPECT_EQ(ask(Action::accept, content), Answer::Kind::rejected) << compact(json::value(content));
  EXPECT_EQ(ask(Action::decline, {{"approve", true}}), Answer::Kind::rejected);
}

TEST_F(ClientApproverTest, WhatIsDestructiveWantsItsNameTyped) {
  question.type_back = "web-0";
  EXPECT_EQ(ask(Action::accept, {{"approve", true}}), Answer::Kind::rejected);
  EXPECT_EQ(ask(Action::accept, {{"approve", "web"}}), Answer::Kind::rejected);
  EXPECT_EQ(ask(Action::accept, {{"approve", "web-0"}}), Answer::Kind::approved);
  EXPECT_THAT(std::string(text_at(json::value(client.last.requested_schema), {"properties", "approve", "description"})),
              HasSubstr("Type web-0"));
}

TEST_F(ClientApproverTest, NobodyIsThere) {
  EXPECT_EQ(ask(Action::cancel, {}), Answer::Kind::nobody);  // closed without a decision
  client.answer = fail(ErrorCode::server_error, "ask", "it could not");
  EXPECT_EQ(ask().kind, Answer::Kind::nobody);
  EXPECT_EQ(client.asked, 2);
  question.fields.assign(3000, "Deployment shop/web spec.x: 1 -> 2");  // cannot be shown whole
  client.answer = mcp::Elicited{Action::accept, {{"approve", true}}};
  EXPECT_EQ(ask().kind, Answer::Kind::nobody);
  question.fields.clear();
  client.can = false;
  EXPECT_EQ(ask().kind, Answer::Kind::nobody);
  EXPECT_EQ(client.asked, 2);
}

}  // namespace
}  // namespace fairlead::mcp_server
