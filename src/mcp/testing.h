// For this module's tests: tools to declare and a session to talk to.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mcp/session.h"

namespace fairlead::mcp::testing {

inline json::value parsed(std::string_view text) {
  Result<json::value> value = parse_json(text, "test");
  if (!value) ADD_FAILURE() << value.error().sentence() << "\n" << text;
  return value ? std::move(*value) : json::value();
}

inline Tool make_tool(std::string name) {
  Tool tool;
  tool.name = std::move(name);
  tool.title = "Title of " + tool.name;
  tool.description = "Does " + tool.name;
  tool.input_schema = parsed(R"({"type":"object","properties":{"text":{"type":"string"}}})").as_object();
  tool.annotations.read_only_hint = true;
  return tool;
}

inline ToolSet make_tools(const std::vector<std::string>& names) {
  std::vector<Tool> tools;
  for (const std::string& name : names) tools.push_back(make_tool(name));
  return ToolSet::make(std::move(tools)).value();
}

inline SessionOptions make_options() {
  SessionOptions options;
  options.server_info = {"anchor", "Anchor", "1.2.3", "Holds", "https://anchor.example"};
  options.progress_interval = Duration::zero();
  return options;
}

inline std::string initialize_line(std::string_view revision = "2025-11-25") {
  return R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" + std::string(revision) +
         R"(","capabilities":{},"clientInfo":{"name":"probe","version":"0.1"}}})";
}

inline std::string call_line(std::string_view id, std::string_view tool, std::string_view arguments = "{}",
                             std::string_view token = "") {
  std::string meta = token.empty() ? "" : R"(,"_meta":{"progressToken":)" + std::string(token) + "}";
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"tools/call","params":{"name":")" +
         std::string(tool) + R"(","arguments":)" + std::string(arguments) + meta + "}}";
}

inline std::string cancel_line(std::string_view id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + std::string(id) +
         R"(,"reason":"enough"}})";
}

// The one message among the actions, parsed; null and a failure when there is another number of actions.
inline json::value only_message(const Actions& actions) {
  EXPECT_EQ(actions.size(), 1U);
  if (actions.size() != 1 || !std::holds_alternative<SendMessage>(actions[0])) {
    ADD_FAILURE() << "not one message";
    return nullptr;
  }
  const std::string& text = std::get<SendMessage>(actions[0]).text;
  EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos);
  return parsed(text);
}

inline StartCall only_call(Actions actions) {
  EXPECT_EQ(actions.size(), 1U);
  if (actions.size() == 1 && std::holds_alternative<StartCall>(actions[0])) return std::get<StartCall>(actions[0]);
  ADD_FAILURE() << "not one call";
  return {};
}

inline std::int64_t error_code(const json::value& message) { return integer_at(message, {"error", "code"}); }
inline std::string error_text(const json::value& message) {
  return std::string(text_at(message, {"error", "message"}));
}

// A session with the tools alpha, beta, gamma and delta.
class SessionTest : public ::testing::Test {
 protected:
  SessionOptions options = make_options();
  ToolSet tools = make_tools({"alpha", "gamma", "beta", "delta"});
  ServerSession session{options, tools};

  void initialize(std::string_view revision = "2025-11-25") {
    const json::value answer = only_message(session.on_message(initialize_line(revision)));
    ASSERT_EQ(text_at(answer, {"result", "protocolVersion"}), revision);
    ASSERT_TRUE(session.on_message(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").empty());
  }
  json::value ask(std::string_view text) { return only_message(session.on_message(text)); }
};

}  // namespace fairlead::mcp::testing
