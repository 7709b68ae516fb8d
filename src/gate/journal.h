// What is known of each change: written before the cluster is touched, so that whatever happens to this process, the
// journal tells of every request that may have reached a cluster, and never that something was done that was not.
//
// What a change holds of objects (its arguments, plan and answers) is sealed with the vault's key. Several processes
// may share one database. Use on one executor; calls may overlap.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kube/cluster_identity.h"
#include "ops/change.h"
#include "store/database.h"
#include "vault/vault.h"

namespace fairlead::gate {

using net::awaitable;

enum class ChangeState {
  awaiting_approval,
  approved,
  executing,
  verifying,
  completed,
  failed,       // with the error; what was sent before it stands in the writes
  rolled_back,  // it was completed, and another change has taken it back
  rejected,     // by a person, or because nobody approved in time
  interrupted,  // the process that executed it is gone: what became of the write that was under way is not known yet
};
std::string_view to_string(ChangeState state);
std::optional<ChangeState> parse_change_state(std::string_view text);

enum class WriteState { planned, sent, done, failed, unknown };
std::string_view to_string(WriteState state);

struct JournaledWrite {
  WriteState state = WriteState::planned;
  json::value answer;  // of a done one: the object as the server left it; null: it is gone. Of an unknown one: as it
                       // would be by it; null: that is not known
};

struct Change {
  std::int64_t id = 0;
  std::int64_t created = 0,
               updated = 0;  // unix seconds; of one whose process is gone nothing was sent after the second
  std::int64_t begun = 0;    // unix seconds: nothing was sent before; 0: nothing was sent
  std::string who, cluster, operation, trust, reason, summary;
  kube::ClusterIdentity identity;  // of the cluster, which `cluster` only names
  ChangeState state = ChangeState::executing;
  std::string rule;          // of the policy, that decided
  std::string policy;        // its digest
  std::string approver;      // empty: it needed none, or has none yet
  std::int64_t expires = 0;  // an approval that is waited for or was given; 0: never
  std::string key;           // what an approval is bound to, as Journal::mark; empty: it needed none
  std::string error_code, error;
  std::string verification;
  std::int64_t undo_of = 0, undone_by = 0;
  bool forced = false;
  json::object arguments;
  ops::Plan plan;
  std::vector<JournaledWrite> writes;  // as plan.writes
};

// Seconds after which a request whose answer nobody has heard can arrive no more.
inline constexpr std::int64_t kMayStillLand = 60;

inline constexpr std::string_view kLapsed = "nobody approved it, or it was not carried out, in time";
// As it is at that time: what waits longer than an approval holds is rejected, though nobody has written that down.
void lapse(Change& change, std::int64_t now);

// conflict: why change `id` cannot be taken back once more.
tl::unexpected<Error> was_rolled_back(std::int64_t id, std::int64_t by);

class Journal {
 public:
  // Before the first write, in a transaction that writes: sees to it that `instance`, which names this process among
  // those that share the database (instance.h, lease.h), is known to live. May be called again, and owns all that it
  // refers to; what it fails with fails the call. May be empty.
  using Enter = std::function<Result<void>(store::Session&)>;
  // Whether a process of that name lives; on the database's thread, in a transaction.
  using IsAlive = std::function<Result<bool>(store::Session&, const std::string& instance)>;
  // `begun` is called inside the transaction after which a change's first request is sent, on the database's thread:
  // what it writes is durable with it, and what it fails with keeps the change from being made.
  using Begun = std::function<Result<void>(store::Session&, const Change&)>;
  // Runs inside the transaction that writes down what has become of a change, on the database's thread, with the change
  // as it is then: for its audit record. It owns all that it refers to, and what it fails with undoes both.
  using Recorded = std::function<Result<void>(store::Session&, const Change&)>;
  // The database has the tables of store/schema.h, and must outlive this.
  Journal(store::Database& database, std::shared_ptr<vault::Vault> vault, std::string instance, Enter enter = {},
          Begun begun = {});

  // What is being carried out, as long as that lives: of this process, what is under way and has none was left in the
  // middle (find_interrupted).
  using Hold = std::shared_ptr<const void>;

  // Durable when it answers, as all of these. `change.id` is what the journal makes of it; where one of the same key
  // and policy waits for an approval already, that is the answer. conflict where it takes back what another one has
  // taken back, or is about to. `hold` may be null where it is not carried out now.
  awaitable<Result<std::int64_t>> add(Change change, Hold hold, Deadline deadline);

  // What stands in the journal for a text, and tells nothing of it to who has not the key: for Change::key.
  awaitable<Result<std::string>> mark(std::string text, Deadline deadline);

  // One approved change of this key and cluster, made the caller's own: executing from now on, and nobody else gets it.
  // Nothing where there is none; conflict as of add(). `now`: unix seconds; one whose approval has expired is rejected
  // instead.
  awaitable<Result<std::optional<Change>>> claim(std::string key, Hold hold, std::int64_t now, Deadline deadline);
  // One of this key that still waits, and was asked for under this policy (its digest).
  awaitable<Result<std::optional<Change>>> waiting(std::string key, std::string policy, std::int64_t now,
                                                   Deadline deadline);

  // awaiting_approval -> approved or rejected; approved -> rejected. conflict where it is in another state by now, or
  // has expired. `recorded` may be empty, as everywhere.
  awaitable<Result<void>> decide(std::int64_t id, bool approve, std::string who, Recorded recorded, std::int64_t now,
                                 Deadline deadline);

  // The plan as it will be sent now, instead of the one before it, and its first write about to be sent. conflict where
  // others have taken this process for dead meanwhile, as of the next two: nothing more may be sent then.
  awaitable<Result<void>> begin(std::int64_t id, ops::Plan plan, std::int64_t now, Deadline deadline);
  // The plan as it will be sent now, in the middle of it: the write that is about to be sent is bound anew.
  awaitable<Result<void>> rebound(std::int64_t id, ops::Plan plan, Deadline deadline);
  // Write `refused` was refused for now, and nothing of it was done; `next` is about to be sent.
  awaitable<Result<void>> put_off(std::int64_t id, std::size_t refused, std::size_t next, Deadline deadline);
  // Write `position` was answered, done or failed; `next` is about to be sent.
  awaitable<Result<void>> answered(std::int64_t id, std::size_t position, WriteState state, json::value answer,
                                   std::size_t next, std::int64_t now, Deadline deadline);
  struct End {
    ChangeState state = ChangeState::completed;
    std::string error_code, error, verification;
    std::optional<std::pair<std::size_t, json::value>> answer;  // of the last write, where it was answered
    std::optional<std::size_t> failed_write;                    // with its state
    WriteState failed_as = WriteState::failed;
    json::value may_have_left;      // of an unknown one: the object as it would be by it; null: that is not known
    std::int64_t undoes = 0;        // that change is rolled back with it
    bool only_interrupted = false;  // nothing where it is in another state by now
    Recorded recorded = {};         // where something was written
  };
  // `now`: unix seconds; nothing of it was sent after that. Done again, it changes nothing. conflict where others have
  // taken this process for dead meanwhile: what they found stands.
  awaitable<Result<void>> finish(std::int64_t id, End end, std::int64_t now, Deadline deadline);

  // interrupted -> failed, by a person who knows what became of it, or that nobody ever will. conflict where it is in
  // another state. `recorded` is told of its head alone: what was sealed may be lost.
  awaitable<Result<void>> close(std::int64_t id, std::string who, std::string reason, Recorded recorded,
                                std::int64_t now, Deadline deadline);

  // The change that has put back last what a rollback of this one had taken back; 0: there is none.
  awaitable<Result<std::int64_t>> redone_by(std::int64_t id, Deadline deadline);

  // not_found where there is no such one.
  awaitable<Result<Change>> read(std::int64_t id, Deadline deadline);
  struct Filter {
    std::string who, operation;
    std::optional<ChangeState> state;
    std::size_t limit = 50;
    std::int64_t before = 0;  // only those with a smaller id; 0: all
    std::int64_t now = 0;     // unix seconds: what waits for an approval longer than it holds is shown as rejected
  };
  // Objects in words ("Role shop/deployer") that changes which take `id` back have created, whatever became of them.
  awaitable<Result<std::vector<std::string>>> put_back(std::int64_t id, Deadline deadline);
  // Whether another change than `id` may have written one of that name on the same cluster since it began.
  awaitable<Result<bool>> is_written_since(const Change& change, std::string object, Deadline deadline);
  // Without arguments, plan and answers, which may be sealed with another key, or damaged.
  awaitable<Result<Change>> head(std::int64_t id, Deadline deadline);
  // The newest first, as head().
  awaitable<Result<std::vector<Change>>> list(Filter filter, Deadline deadline);
  // Those that were being executed by processes that `is_alive` does not know any more, or by this one without a hold,
  // become interrupted; ids of all that are. `now` is when that was found: its last request may have been sent until
  // then. Only reads where there is none.
  awaitable<Result<std::vector<std::int64_t>>> find_interrupted(IsAlive is_alive, std::int64_t now, Deadline deadline);

  // interrupted -> executing, of this process from now on; false where it is interrupted no more. Its first write that
  // is not done may be sent at once.
  awaitable<Result<bool>> take_over(std::int64_t id, Hold hold, std::int64_t now, Deadline deadline);

  // Seals with the key of today what others have sealed. In many small transactions: whoever else works on the journal
  // goes on.
  awaitable<Result<vault::Resealed>> reseal(Deadline deadline);

 private:
  awaitable<Result<void>> enter(Deadline deadline);
  // Where the caller is cancelled meanwhile it is handed over: what has happened must be told. `work` may run twice.
  awaitable<Result<void>> write_in_any_case(store::Work work, Deadline deadline);

  store::Database& database_;
  std::shared_ptr<vault::Vault> vault_;
  Enter enter_;
  bool entered_ = false;
  struct Held;  // holds by the ids of their changes
  std::shared_ptr<Held> held_;
  std::string instance_;
  Begun begun_;
};

}  // namespace fairlead::gate
