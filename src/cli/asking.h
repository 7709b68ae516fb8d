// Inside cli/ only: asking the person at the terminal to approve a change.
#pragma once

#include "cli/cli.h"
#include "gate/approval.h"

namespace fairlead::cli {

// Writes the question to `err` and reads one line from standard input, which holds the loop up. Nobody is there unless
// both are terminals: a program that calls this one cannot answer for a person.
class TerminalApprover final : public gate::Approver {
 public:
  explicit TerminalApprover(World& world) : world_(world) {}
  net::awaitable<gate::Answer> ask(gate::Question question) override;

 private:
  World& world_;
};

}  // namespace fairlead::cli
