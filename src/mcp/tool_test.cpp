#include "mcp/tool.h"

#include "mcp/testing.h"

namespace fairlead::mcp {
namespace {

using namespace fairlead::mcp::testing;
using ::testing::HasSubstr;

std::string refused(std::vector<Tool> tools) {
  const Result<ToolSet> set = ToolSet::make(std::move(tools));
  return set ? "accepted" : set.error().sentence();
}

TEST(ToolSet, FindsToolsByTheirExactName) {
  const ToolSet tools = make_tools({"zulu", "alpha", "mike"});
  EXPECT_EQ(tools.find("alpha"), &tools.all()[1]);
  EXPECT_EQ(tools.find("zulu"), &tools.all()[0]);
  for (std::string_view name : {"", "a", "alphaa", "Alpha", "zz"}) EXPECT_EQ(tools.find(name), nullptr) << name;
  EXPECT_EQ(ToolSet().find("alpha"), nullptr);
}

TEST(ToolSet, KeepsPointersWhenItMoves) {
  ToolSet tools = make_tools({"zulu", "alpha"});
  const Tool* alpha = tools.find("alpha");
  const ToolSet moved = std::move(tools);
  EXPECT_EQ(moved.find("alpha"), alpha);
}

TEST(ToolSet, RefusesBadDeclarations) {
  EXPECT_THAT(refused({make_tool("twin"), make_tool("other"), make_tool("twin")}), HasSubstr("the same name"));
  for (std::string name :
       {std::string(), std::string("a b"), std::string("a/b"), std::string("\xC3\xA4"), std::string(129, 'a')})
    EXPECT_THAT(refused({make_tool(name)}), HasSubstr("its name")) << name;
  EXPECT_EQ(refused({make_tool(std::string(128, 'a')), make_tool("a.B-c_9")}), "accepted");
  Tool tool = make_tool("a");
  tool.input_schema = json::object();
  EXPECT_THAT(refused({tool}), HasSubstr("input schema"));
  tool = make_tool("a");
  tool.output_schema = json::object({{"type", "array"}});
  EXPECT_THAT(refused({tool}), HasSubstr("output schema"));
}

TEST(ToolToJson, HasTheMembersOfTheSpecification) {
  Tool tool = make_tool("scale");
  tool.output_schema = json::object({{"type", "object"}});
  tool.annotations = {false, true, false, true};
  EXPECT_EQ(json::value(to_json(tool, Revision::v2025_11_25)), parsed(R"({
      "name":"scale","title":"Title of scale","description":"Does scale",
      "inputSchema":{"type":"object","properties":{"text":{"type":"string"}}},"outputSchema":{"type":"object"},
      "annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true}})"));
  EXPECT_EQ(to_json(tool, Revision::v2025_06_18), to_json(tool, Revision::v2025_11_25));
  EXPECT_EQ(json::value(to_json(tool, Revision::v2024_11_05)), parsed(R"({
      "name":"scale","description":"Does scale",
      "inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}})"));
}

TEST(ToolToJson, LeavesOutWhatIsNotSet) {
  Tool tool;
  tool.name = "bare";
  tool.input_schema = json::object({{"type", "object"}});
  EXPECT_EQ(json::value(to_json(tool, latest_revision)), parsed(R"({"name":"bare","inputSchema":{"type":"object"}})"));
}

}  // namespace
}  // namespace fairlead::mcp
