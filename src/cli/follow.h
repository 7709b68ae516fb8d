// Inside cli/ only: calls that go on.
#pragma once

#include "cli/cli.h"
#include "gate/gate.h"

namespace fairlead::cli {

// What is followed, on `out` as it comes, and what is said about it.
class Followed final : public ops::Follower {
 public:
  explicit Followed(World& world) : world_(world) {}
  bool lines(std::string_view text) override;
  void note(std::string_view text) override;

 private:
  World& world_;
};

// Makes the call and writes lines on `out` as they come, until what is followed ends or a signal ends us. Answers the
// exit status: 0 for both, since following ends when whoever follows has seen enough.
net::awaitable<int> follow(World& world, gate::Gate& gate, gate::Request request);

}  // namespace fairlead::cli
