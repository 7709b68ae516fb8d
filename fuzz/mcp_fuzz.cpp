// MCP framing and dispatch: the input is a stream of lines; whatever it holds, the session answers with valid messages.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <set>

#include "mcp/session.h"

namespace {

using namespace fairlead;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Fixture {
  mcp::SessionOptions options;
  mcp::ToolSet tools;
  mcp::PromptSet prompts;
  mcp::ResourceSet resources;

  Fixture() {
    options.server_info = {"fuzz", "", "1", "", ""};
    options.max_running_calls = 4;
    options.page_size = 2;
    options.limits.bytes = 4096;
    std::vector<mcp::Tool> all;
    for (const char* name : {"a", "b", "c"}) {
      mcp::Tool tool;
      tool.name = name;
      tool.input_schema.emplace("type", "object");
      all.push_back(std::move(tool));
    }
    tools = mcp::ToolSet::make(std::move(all)).value();
    mcp::Prompt prompt{"p", "", "", {{"x", "", false}}, [](const mcp::PromptArguments& arguments) {
                         return arguments.contains("x") ? arguments.at("x") : std::string();
                       }};
    prompts = mcp::PromptSet::make({std::move(prompt)}).value();
    resources.resources = {{"a://b", "b", "", "", ""}};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  mcp::ServerSession session(fixture.options, fixture.tools, &fixture.prompts, &fixture.resources);
  std::deque<mcp::CallKey> running;
  std::set<mcp::CallKey> reads;
  const auto finish = [&](mcp::CallKey key, std::string text) {
    return reads.erase(key) > 0 ? session.finish_read(key, mcp::ResourceText{"", std::move(text)})
                                : session.finish_call(key, mcp::ToolResult::text(std::move(text)));
  };
  const auto perform = [&](const mcp::Actions& actions) {
    for (const mcp::Action& action : actions) {
      if (const auto* message = std::get_if<mcp::SendMessage>(&action)) {
        require(message->text.find_first_of("\r\n") == std::string::npos);
        require(parse_json(message->text, "check", JsonLimits{}).has_value());
      } else if (const auto* call = std::get_if<mcp::StartCall>(&action)) {
        require(call->tool != nullptr && call->key != 0);
        running.push_back(call->key);
      } else if (const auto* read = std::get_if<mcp::StartRead>(&action)) {
        require(read->key != 0);
        running.push_back(read->key);
        reads.insert(read->key);
      }
    }
    require(session.running_calls() == running.size() && running.size() <= fixture.options.max_running_calls);
  };

  std::string_view rest(reinterpret_cast<const char*>(data), size);
  double progress = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    perform(session.on_message(line));
    if (running.empty()) continue;
    perform(session.report_progress(running.back(), ++progress, 10, "step", TimePoint()));
    if (line.size() % 2 == 0) continue;  // so that some calls stay open for cancellation and duplicate ids
    const mcp::CallKey key = running.front();
    running.pop_front();
    perform(finish(key, std::string(line)));
  }
  while (!running.empty()) {
    const mcp::CallKey key = running.front();
    running.pop_front();
    perform(finish(key, "end"));
  }
  return 0;
}
