// Inside cli/ only: agents (runtimes/), and the words that `fairlead agents` has for their operations.
#pragma once

#include <memory>

#include "cli/books.h"
#include "cli/fleet.h"
#include "runtimes/keeper.h"
#include "runtimes/operations.h"

namespace fairlead::cli {

// --runtimes DIR, else FAIRLEAD_RUNTIMES: further families of runtimes. --backend-url, else FAIRLEAD_BACKEND_URL: where
// agents reach their control plane.
struct AgentsOption {
  std::string runtimes, backend_url;
  void add_to(CLI::App& app);
  Result<runtimes::KeeperOptions> read(const World& world) const;
};

// What a gate needs for agents; without an option only the built-in families are known. All else must outlive it.
Result<std::unique_ptr<runtimes::AgentKeeper>> make_keeper(const World& world, Books& books, fleet::Registry& registry,
                                                           const AgentsOption& option);

// "agents stop NAME …" as "call stop_agent NAME …"; everything else as it is.
std::vector<std::string> as_call(std::vector<std::string> arguments);

}  // namespace fairlead::cli
