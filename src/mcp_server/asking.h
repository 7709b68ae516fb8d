// Inside mcp_server/ only: the person behind an MCP client, asked to approve a change.
#pragma once

#include "gate/approval.h"
#include "mcp/serve.h"

namespace fairlead::mcp_server {

// Asks by elicitation. Nobody is there where the client cannot be asked, closes the question without a decision, or the
// question is too long to be shown whole: then the change waits for 'fairlead changes approve'.
// Only what the client's form brings back counts, never an argument of the call; a change that is DESTRUCTIVE wants the
// name of its object typed.
class ClientApprover final : public gate::Approver {
 public:
  // `elicitor` may be null and must outlive it; `who` names the person in the journal.
  ClientApprover(mcp::Elicitor* elicitor, std::string who) : elicitor_(elicitor), who_(std::move(who)) {}
  net::awaitable<gate::Answer> ask(gate::Question question) override;

 private:
  mcp::Elicitor* elicitor_;
  std::string who_;
};

}  // namespace fairlead::mcp_server
