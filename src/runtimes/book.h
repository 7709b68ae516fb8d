// Which agents there are: what is wanted of each, and its revisions. Rows are written in the transactions in which the
// journal begins and ends a change (gate/keeper.h), and by nothing else; what a revision says stands, sealed, in the
// plan of the change that made it. Use on one executor; calls may overlap, also with other processes on the same
// database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gate/journal.h"
#include "runtimes/agent.h"
#include "store/database.h"

namespace fairlead::runtimes {

using net::awaitable;

// What a change does to an agent: the facts of its plan say so.
enum class Deed { deploy, redeploy, start, stop, restart, repair, remove };
std::string_view to_string(Deed deed);

enum class Desired { running, stopped, removed };
std::string_view to_string(Desired desired);  // "running", "stopped", "deleted"

struct AgentRow {
  AgentPlace place;
  Desired desired = Desired::running;
  std::int64_t revision = 0;  // the newest, which is meant to run
  std::int64_t change = 0;    // the latest one about it
  bool is_busy = false;       // that has not ended
  bool keeps_state = true;    // of one that is to be deleted
  std::int64_t created = 0, updated = 0;
};

struct Revision {
  std::int64_t number = 0;
  std::int64_t change = 0;  // whose plan says what it is: spec_of()
  std::string who;
  std::string summary;  // what is new in it, or where it comes from
  std::int64_t created = 0;
};

// The facts of an agent's plan.
struct Facts {
  Deed deed = Deed::deploy;
  AgentPlace place;
  std::int64_t revision = 0;      // that is meant to run when it is done
  std::optional<AgentSpec> spec;  // of a new revision
  std::string summary;            // of a new revision
  bool keeps_state = true;        // of a removal
};
json::object to_json(const Facts& facts);
Result<Facts> facts_of(const ops::Plan& plan);  // server_error where it is no agent's

// For the journal, as gate::Keeper says. conflict where a name is taken, another change of the agent is under way, or
// somebody has made the same revision.
Result<void> note_begun(store::Session& session, const gate::Change& change);
Result<void> note_ended(store::Session& session, const gate::Change& change);

// not_found, in the same words whether there is none or it may not be seen.
tl::unexpected<Error> no_such_agent(const std::string& name);

class AgentBook {
 public:
  // Both must outlive it.
  AgentBook(store::Database& database, gate::Journal& journal) : database_(database), journal_(journal) {}

  // not_found where there is none of that name.
  awaitable<Result<AgentRow>> read(std::string name, Deadline deadline);
  // In the order of their names, those after `after`; at most `limit`.
  awaitable<Result<std::vector<AgentRow>>> list(std::string after, std::size_t limit, Deadline deadline);
  // The newest first.
  awaitable<Result<std::vector<Revision>>> revisions(AgentRow row, Deadline deadline);
  // What the revision says. not_found where the agent has none of that number.
  awaitable<Result<AgentSpec>> spec_of(AgentRow row, std::int64_t number, Deadline deadline);

 private:
  store::Database& database_;
  gate::Journal& journal_;
};

}  // namespace fairlead::runtimes
