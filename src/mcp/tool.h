// Tools as a server declares them, and what a call of one answers. Specification: server/tools.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "mcp/protocol.h"

namespace fairlead::mcp {

// Hints for the client; none of them is enforced by the protocol. One that is not set is left out.
struct ToolAnnotations {
  std::optional<bool> read_only_hint;    // changes nothing
  std::optional<bool> destructive_hint;  // may destroy something rather than only add to it
  std::optional<bool> idempotent_hint;   // a second call with the same arguments has no further effect
  std::optional<bool> open_world_hint;   // meets things that its server does not own
};

struct Tool {
  std::string name;   // 1 to 128 of A-Z a-z 0-9 _ - .
  std::string title;  // for people; may be empty
  std::string description;
  json::object input_schema;                  // JSON Schema 2020-12 with "type": "object"
  std::optional<json::object> output_schema;  // likewise; every success must then have structured content
  ToolAnnotations annotations;
};

struct TextContent {
  std::string text;  // bytes that are not UTF-8 are sent as U+FFFD
};

// A tool that fails answers this too, with is_error: the model reads it and can do better. Protocol errors are for
// requests that no tool could have got.
struct ToolResult {
  std::vector<TextContent> content;
  std::optional<json::object> structured_content;  // since 2025-06-18
  bool is_error = false;

  static ToolResult text(std::string text) { return {{{std::move(text)}}, {}, false}; }
  static ToolResult error(std::string text) { return {{{std::move(text)}}, {}, true}; }
};

// The tools that are offered, in the order in which tools/list shows them. Immutable, so it may be shared by sessions
// and threads. Pointers to its tools live as long as it, and survive its being moved.
class ToolSet {
 public:
  ToolSet() = default;
  // ErrorCode::internal for a name that is not allowed or there twice, or a schema that is not an object's.
  static Result<ToolSet> make(std::vector<Tool> tools);

  const std::vector<Tool>& all() const { return tools_; }
  const Tool* find(std::string_view name) const;
  std::vector<std::string> similar_names(std::string_view name) const;

 private:
  std::vector<Tool> tools_;
  std::vector<std::uint32_t> by_name_;
};

// With the members that the revision knows.
json::object to_json(const Tool& tool, Revision revision);
json::object to_json(ToolResult result, Revision revision);

}  // namespace fairlead::mcp
