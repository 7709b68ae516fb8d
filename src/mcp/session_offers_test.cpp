// Prompts and resources: what is offered, asked and refused.
#include "mcp/session.h"
#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;
using ::testing::HasSubstr;

PromptSet make_prompts() {
  auto text = [](const PromptArguments& arguments) -> tl::expected<std::string, std::string> {
    if (arguments.at("name") == "bad") return tl::unexpected<std::string>("\"name\" is bad");
    return "Look at " + arguments.at("name") + (arguments.contains("where") ? " in " + arguments.at("where") : "");
  };
  Prompt look{"look", "Look", "Looks", {{"name", "What", true}, {"where", "Where", false}}, text};
  Prompt plain{"plain", "", "", {}, [](const PromptArguments&) { return std::string("Say it"); }};
  return PromptSet::make({std::move(look), std::move(plain)}).value();
}

class OffersTest : public SessionTest {
 protected:
  void SetUp() override {
    resources.resources = {{"a://b", "b", "B", "A thing", "text/plain"}};
    resources.templates = {{"a://{id}", "any", "", "", ""}};
  }
  json::value ask(std::string_view method, std::string_view params, std::string_view id = "1") {
    return only_message(offering.on_message(line(method, params, id)));
  }
  static std::string line(std::string_view method, std::string_view params, std::string_view id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")" + std::string(method) + R"(","params":)" +
           std::string(params) + "}";
  }
  json::value start(std::string_view revision = "2025-11-25") {
    return only_message(offering.on_message(initialize_line(revision)));
  }
  StartRead only_read(const Actions& actions) {
    EXPECT_EQ(actions.size(), 1U);
    if (actions.size() == 1 && std::holds_alternative<StartRead>(actions[0])) return std::get<StartRead>(actions[0]);
    ADD_FAILURE() << "not one read";
    return {};
  }

  PromptSet prompts = make_prompts();
  ResourceSet resources;
  ServerSession offering{options, tools, &prompts, &resources};
};

TEST_F(OffersTest, CapabilitiesSayWhatIsServed) {
  EXPECT_EQ(*find(start(), "result", "capabilities"), parsed(R"({"tools":{},"prompts":{},"resources":{}})"));
  initialize();
  for (std::string_view method : {"prompts/list", "prompts/get", "resources/list", "resources/read",
                                  "resources/templates/list", "resources/subscribe", "completion/complete"})
    EXPECT_EQ(error_code(SessionTest::ask(line(method, "{}"))), -32601) << method;
  EXPECT_EQ(error_code(ask("resources/subscribe", R"({"uri":"a://b"})")), -32601);
}

TEST_F(OffersTest, NothingBeforeInitialize) {
  for (std::string_view method : {"prompts/list", "prompts/get", "resources/list", "resources/read"})
    EXPECT_EQ(error_code(ask(method, "{}")), -32600) << method;
}

TEST_F(OffersTest, ListsAreOfTheRevision) {
  start();
  EXPECT_EQ(*find(ask("prompts/list", "{}"), "result"), parsed(R"({"prompts":[
    {"name":"look","title":"Look","description":"Looks","arguments":[
      {"name":"name","description":"What","required":true},{"name":"where","description":"Where","required":false}]},
    {"name":"plain"}]})"));
  EXPECT_EQ(*find(ask("resources/list", "{}"), "result"), parsed(R"({"resources":[
    {"uri":"a://b","name":"b","title":"B","description":"A thing","mimeType":"text/plain"}]})"));
  EXPECT_EQ(*find(ask("resources/templates/list", "{}"), "result"),
            parsed(R"({"resourceTemplates":[{"uriTemplate":"a://{id}","name":"any"}]})"));
  ServerSession older(options, tools, &prompts, &resources);
  only_message(older.on_message(initialize_line("2025-03-26")));
  const json::value list = only_message(older.on_message(line("prompts/list", "{}")));
  EXPECT_EQ(find(array_at(list, {"result", "prompts"}).at(0), "title"), nullptr);
  for (std::string_view method : {"prompts/list", "resources/list", "resources/templates/list"})
    for (std::string_view cursor : {"\"x\"", "5", "null"})
      EXPECT_EQ(error_code(ask(method, R"({"cursor":)" + std::string(cursor) + "}")), -32602) << method << cursor;
}

TEST_F(OffersTest, APromptIsFilledIn) {
  start();
  EXPECT_EQ(
      *find(ask("prompts/get", R"({"name":"look","arguments":{"name":"x","where":""}})"), "result"),
      parsed(R"({"description":"Looks","messages":[{"role":"user","content":{"type":"text","text":"Look at x"}}]})"));
  EXPECT_EQ(*find(ask("prompts/get", R"({"name":"plain"})"), "result"),
            parsed(R"({"messages":[{"role":"user","content":{"type":"text","text":"Say it"}}]})"));
  for (auto [params, why] : std::vector<std::pair<std::string_view, std::string_view>>{
           {R"({})", "\"name\" must be a string"},
           {R"({"name":5})", "\"name\" must be a string"},
           {R"({"name":"nothing"})", "there is no prompt nothing"},
           {R"({"name":"look"})", "argument \"name\" is required"},
           {R"({"name":"look","arguments":{"name":""}})", "argument \"name\" is required"},
           {R"({"name":"look","arguments":[]})", "\"arguments\" must be an object"},
           {R"({"name":"look","arguments":{"name":5}})", "argument \"name\" must be a string"},
           {R"({"name":"look","arguments":{"name":"x","nam\u001be":"y"}})", R"(no argument "nam\x1Be")"},
           {R"({"name":"look","arguments":{"name":"bad"}})", "\"name\" is bad"}}) {
    const json::value answer = ask("prompts/get", params);
    EXPECT_EQ(error_code(answer), -32602) << params;
    EXPECT_THAT(error_text(answer), HasSubstr(std::string(why)));
  }
}

TEST_F(OffersTest, AReadIsACall) {
  start();
  const StartRead read =
      only_read(offering.on_message(line("resources/read", R"({"uri":"a://c","_meta":{"progressToken":"t"}})", "7")));
  EXPECT_EQ(read.uri, "a://c");
  EXPECT_TRUE(read.wants_progress);
  EXPECT_EQ(offering.running_calls(), 1U);
  EXPECT_EQ(text_at(only_message(offering.report_progress(read.key, 1, std::nullopt, "half", TimePoint())), {"method"}),
            "notifications/progress");
  EXPECT_EQ(only_message(offering.finish_read(read.key, ResourceText{"text/plain", "what \xff it says"})), parsed(R"(
    {"jsonrpc":"2.0","id":7,"result":{"contents":[{"uri":"a://c","mimeType":"text/plain","text":"what \uFFFD it says"}]}})"));
  EXPECT_EQ(offering.running_calls(), 0U);
  EXPECT_TRUE(offering.finish_read(read.key, ResourceText{}).empty());
}

TEST_F(OffersTest, AnUnknownResource) {
  start();
  const StartRead read = only_read(offering.on_message(line("resources/read", R"({"uri":"a://nothing"})")));
  RpcError error{RpcErrorCode::resource_not_found, "Resource not found: it is gone", nullptr};
  const json::value answer = only_message(offering.finish_read(read.key, tl::unexpected<RpcError>(error)));
  EXPECT_EQ(*find(answer, "error"),
            parsed(R"({"code":-32002,"message":"Resource not found: it is gone","data":{"uri":"a://nothing"}})"));
  for (std::string params : {std::string("{}"), std::string(R"({"uri":5})"), std::string(R"({"uri":null})"),
                             R"({"uri":")" + std::string(5000, 'x') + "\"}",
                             std::string(R"({"uri":"a://b","_meta":{"progressToken":1.5}})")})
    EXPECT_EQ(error_code(ask("resources/read", params)), -32602) << params.substr(0, 60);
}

TEST_F(OffersTest, AReadIsCancelledAndLimited) {
  options.max_running_calls = 1;
  start();
  const StartRead read = only_read(offering.on_message(line("resources/read", R"({"uri":"a://b"})", "\"r\"")));
  EXPECT_EQ(error_code(ask("resources/read", R"({"uri":"a://b"})", "2")), -32000);
  const Actions cancelled = offering.on_message(cancel_line("\"r\""));
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(std::get<CancelCall>(cancelled[0]).key, read.key);
  EXPECT_TRUE(offering.finish_read(read.key, ResourceText{"", "late"}).empty()) << "no answer to what was cancelled";
  only_read(offering.on_message(line("resources/read", R"({"uri":"a://b"})", "3")));
}

TEST_F(OffersTest, InABatch) {
  start("2025-03-26");
  const Actions actions = offering.on_message("[" + line("prompts/get", R"({"name":"plain"})", "1") + "," +
                                              line("resources/read", R"({"uri":"a://b"})", "2") + "]");
  const StartRead read = only_read(actions);
  const json::value answers = only_message(offering.finish_read(read.key, ResourceText{"", "x"}));
  EXPECT_EQ(answers.as_array().size(), 2U);
}

TEST(PromptSet, RefusesWhatIsNone) {
  auto text = [](const PromptArguments&) { return std::string("x"); };
  EXPECT_FALSE(PromptSet::make({{"", "", "", {}, text}}));
  EXPECT_FALSE(PromptSet::make({{"a", "", "", {}, nullptr}}));
  EXPECT_FALSE(PromptSet::make({{"a", "", "", {}, text}, {"a", "", "", {}, text}}));
}

}  // namespace
}  // namespace fairlead::mcp
