// The keeper of agents (gate/keeper.h): where an agent is, what its operations do there, and what the books say after.
// Use on one executor; calls may overlap.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "fleet/registry.h"
#include "gate/keeper.h"
#include "runtimes/book.h"
#include "runtimes/profile.h"

namespace fairlead::runtimes {

struct KeeperOptions {
  Profiles profiles;
  std::string backend_url;                // where agents reach their control plane; empty: they are told none
  std::function<std::uint64_t()> random;  // unpredictable bits
};

class AgentKeeper final : public gate::Keeper {
 public:
  // All that is referred to must outlive it.
  AgentKeeper(store::Database& database, gate::Journal& journal, fleet::Registry& registry, KeeperOptions options);

  awaitable<Result<Place>> place(const ops::Operation& operation, std::string cluster, json::object arguments,
                                 MaySee may_see, Deadline deadline) override;
  awaitable<Result<ops::Reply>> answer(const ops::Operation& operation, const ops::Arguments& arguments, MaySee may_see,
                                       Deadline deadline) override;
  awaitable<Result<ops::Reply>> read(ops::Call& call) override;
  awaitable<Result<ops::Plan>> plan(ops::Call& call, std::string cluster) override;
  awaitable<Result<ops::Verification>> verify(ops::Call& call, const ops::Plan& plan,
                                              const ops::Answers& answers) override;
  gate::Journal::Recorded ended() const override { return note_ended; }

 private:
  awaitable<Result<Place>> place_new(std::string cluster, json::object arguments, Deadline deadline);
  awaitable<Result<ops::Plan>> plan_new(ops::Call& call, std::string cluster);
  // Of an agent that there is: redeploy_agent, rollback_agent, repair_agent.
  awaitable<Result<ops::Plan>> plan_spec(ops::Call& call, AgentRow row, Facts& facts);
  // keeper_read.cpp: get_agent, check_agent.
  awaitable<Result<ops::Reply>> show(ops::Call& call, AgentRow row);
  awaitable<Result<ops::Reply>> check(ops::Call& call, AgentRow row);
  awaitable<Result<fleet::ClusterRow>> cluster_row(std::string target, Deadline deadline);
  Result<const Profile*> profile_of(const AgentPlace& place) const;
  std::string random_hex(std::size_t bytes) const;
  // The one of that name, not_found where the caller may not see it either.
  awaitable<Result<AgentRow>> find(std::string name, MaySee may_see, Deadline deadline);

  fleet::Registry& registry_;
  AgentBook book_;
  KeeperOptions options_;
};

}  // namespace fairlead::runtimes
