// Fairlead's operations as MCP tools, made from the catalog, with prompts and resources beside them; every call goes
// through the gate.
#pragma once

#include <functional>

#include "gate/gate.h"
#include "mcp/serve.h"

namespace fairlead::mcp_server {

struct Options {
  std::size_t reply_bytes = 32 << 10;                // of one answer's data
  Duration call_timeout = std::chrono::seconds(50);  // many clients give up after 60
  std::string default_namespace;                     // --namespace: where a call names none, lists too
  // The person behind the client, as the journal names who approved; empty: they are not asked.
  std::string person;
  std::function<std::uint64_t()> random;  // unpredictable bits, for the marks around untrusted data
};

// One operation as a tool. Its schema is that of the catalog with `cluster` added; its hints come from trust:
// READ is readOnly, DESTRUCTIVE is destructive, WRITE is neither. A default namespace is told in the schema.
mcp::Tool make_tool(const ops::Operation& operation, std::string_view default_namespace = {});

// All operations of the catalog: one that the grant does not reach is shown with its trust level and refused by the
// gate, with a sentence that says how a person can allow it.
class OperationTools final : public mcp::ToolHost {
 public:
  // The gate and the clock must outlive it.
  static Result<std::unique_ptr<OperationTools>> make(gate::Gate& gate, const Clock& clock, gate::Identity who,
                                                      Options options);

  const mcp::ToolSet& tools() const override { return tools_; }
  const mcp::PromptSet* prompts() const override { return &prompts_; }
  const mcp::ResourceSet* resources() const override { return &resources_; }
  mcp::awaitable<mcp::ToolResult> call(mcp::CallRequest request, mcp::Progress& progress) override;
  mcp::awaitable<mcp::ReadResult> read(mcp::ReadRequest request, mcp::Progress& progress) override;

 private:
  OperationTools(gate::Gate& gate, const Clock& clock, gate::Identity who, Options options)
      : gate_(gate), clock_(clock), who_(std::move(who)), options_(std::move(options)) {}

  gate::Gate& gate_;
  const Clock& clock_;
  gate::Identity who_;
  Options options_;
  mcp::ToolSet tools_;
  mcp::PromptSet prompts_;
  mcp::ResourceSet resources_;
};

// What the server tells a model about itself.
std::string instructions(const gate::Gate& gate);

}  // namespace fairlead::mcp_server
