// The single door to every cluster. Each call from each face goes through Gate::call, in this order: the operation
// exists, the arguments are valid, the cluster is known, the policy allows it; a READ then runs; a change is planned,
// approved where the policy wants that, journaled, carried out and verified (gate/changes.h). What was called and what
// became of it goes into the audit log. Faces may hide what would be refused, but only the gate decides.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gate/approval.h"
#include "gate/audit.h"
#include "gate/changes.h"
#include "gate/keeper.h"
#include "gate/policy.h"
#include "gate/touches.h"
#include "ops/catalog.h"

namespace fairlead::gate {

using net::awaitable;

// What whoever started a face consents to: changes up to this level need no approval where no rule of a policy says
// otherwise. Every level includes those below it.
struct Grant {
  ops::Trust allow = ops::Trust::read;
};

struct Request {
  Identity who;
  std::string cluster;                // empty: the default one; "*": all that may be chosen
  std::vector<std::string> clusters;  // several, instead of `cluster`
  std::string operation;
  json::object arguments;
  Deadline deadline;
  ops::Progress* progress = nullptr;  // may be null; must outlive the call; with a follower the call follows
  Approver* approver = nullptr;       // may be null: nobody can be asked; must outlive the call
  std::int64_t* change = nullptr;     // may be null; gets the id of the change that the call became, however it ends
};

// Which change to take back, and how.
struct Rollback {
  std::int64_t change = 0;
  bool force = false;    // whatever somebody has changed since
  bool dry_run = false;  // only shows what it would do
  std::string reason;
};

// Something that can run an operation: a kubeconfig's context, a registered cluster, the far end of a relay.
class Cluster {
 public:
  using Work = std::function<awaitable<Result<ops::Reply>>(ops::Call&)>;
  virtual ~Cluster() = default;
  virtual std::string id() const = 0;  // what it is found by
  // Arguments are validated and permitted by now. Only the gate calls these.
  virtual awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments,
                                            Deadline deadline, ops::Progress* progress) = 0;
  // Hands `work` what it needs to plan a change, to make it and to look at it. Refused where nothing can be changed.
  virtual awaitable<Result<ops::Reply>> work(const ops::Operation& operation, ops::Arguments arguments,
                                             Deadline deadline, ops::Progress* progress, Work work);
  virtual DefaultNamespaces default_namespaces() const { return {}; }
};

// What may be told of a cluster: nothing of the credentials for it.
struct KnownCluster {
  std::string id;
  std::string server;  // host and port
  bool current = false;
};

// Turns an id into a cluster.
class Clusters {
 public:
  virtual ~Clusters() = default;
  // Those that may be chosen here. Nothing is connected to.
  virtual awaitable<Result<std::vector<KnownCluster>>> list() = 0;
  // not_found with the ids that exist, or whatever stands in the way of making the connection. May be called again and
  // again: connections are kept. `caller`: whose calls it is for (Identity::name), where clusters tell callers apart.
  virtual awaitable<Result<std::shared_ptr<Cluster>>> find(std::string id, std::string caller) = 0;
};

// What a gate decides by and keeps its books in. What is pointed to must outlive it.
struct Books {
  PolicySource policy;                             // empty: the built-in one
  Journal* journal = nullptr;                      // null: nothing can be changed here
  AuditLog* audit = nullptr;                       // null: none is kept
  std::function<void(const Error&)> audit_failed;  // of reads, which go on without; may be called on any thread
  Journal::IsAlive is_alive;                       // empty: nobody looks after what other processes left behind
  Keeper* agents = nullptr;                        // of the operations of family "agents"; null: refused here
  const Clock* clock = nullptr;
};

// Use on one executor; calls may overlap.
class Gate {
 public:
  Gate(const ops::Catalog& catalog, Clusters& clusters, Grant grant, Books books = {});

  // policy_denied and approval_required by the policy; invalid_request for an unknown operation or wrong arguments. A
  // READ of several clusters asks them side by side and answers as one (gate/fan_out.h); a change is of one cluster.
  awaitable<Result<ops::Reply>> call(Request request);

  // Takes a change back, with today's policy and today's rights. `request` says who, and with what deadline and
  // approver; its cluster must be that of the change or empty. conflict where somebody has changed since what the
  // change left there, unless forced.
  awaitable<Result<ops::Reply>> roll_back(Request request, Rollback what);

  // A person's word on a change that waits: journaled, and recorded in the audit log. Errors as of Journal::decide.
  awaitable<Result<void>> answer(std::int64_t change, Answer answer, Deadline deadline);

  // An interrupted change is given up, and that is recorded. Errors as of Journal::close; invalid_request without a
  // reason.
  awaitable<Result<void>> close(std::int64_t change, std::string who, std::string reason, Deadline deadline);

  // ---- for callers with roles (Identity::bindings), as those allow; others as the policy does

  // A change that they may see, which needs READ of every object that it touches: not_found else, as where there is
  // none.
  awaitable<Result<Change>> read_change(Identity who, std::int64_t id, Deadline deadline);
  // The newest first, as Journal::list, those that they may see: perhaps fewer than the limit, or none, though more
  // follow. `next`: Filter::before for those, 0: nothing.
  struct ChangeList {
    std::vector<Change> changes;
    std::int64_t next = 0;
  };
  awaitable<Result<ChangeList>> list_changes(Identity who, Journal::Filter filter, Deadline deadline);
  // Their word on a change that waits. Nobody approves their own. `typed`: what Question::type_back asks for.
  awaitable<Result<void>> decide_change(Identity who, std::int64_t id, bool approve, std::string typed,
                                        Deadline deadline);
  awaitable<Result<void>> close_change(Identity who, std::int64_t id, std::string reason, Deadline deadline);

  // What processes left behind that are gone: looked at on their clusters (or on that one alone), and finished in the
  // journal.
  awaitable<Result<void>> settle_interrupted(Deadline deadline, std::string cluster = {});

  // Whether a call of this operation could pass without an approval. For faces that want to say so.
  bool permits(const ops::Operation& operation) const { return operation.trust <= grant_.allow; }
  // Whether it can be called here at all: agents only where books of them are kept.
  bool offers(const ops::Operation& operation) const { return !is_of_agents(operation) || books_.agents; }
  const ops::Catalog& catalog() const { return catalog_; }

 private:
  struct Passed;  // a call on its way
  awaitable<Result<ops::Reply>> pass(Request& request, Passed& passed);
  awaitable<Result<ops::Reply>> run_on(std::string id, Request& request, const ops::Arguments& arguments,
                                       ops::Progress* progress, Passed& passed);
  awaitable<Result<ops::Reply>> run_on_several(std::vector<std::string> ids, Request& request,
                                               const ops::Arguments& arguments, Passed& passed);
  awaitable<Result<ops::Reply>> change_on(std::shared_ptr<Cluster> cluster, std::string id, Request& request,
                                          const ops::Arguments& arguments, Passed& passed);
  awaitable<Result<ops::Reply>> take_back(Request& request, const Rollback& what, Passed& passed);
  awaitable<Result<void>> settle(const Change& change, Deadline deadline);
  // Hands `work` the call of a change that was made before, as whoever made it.
  awaitable<Result<void>> on_its_cluster(const Change& change, Deadline deadline,
                                         std::function<awaitable<Result<void>>(ops::Call&)> work);
  Journal::Recorded record_of_end() const;  // the audit record of a change, as the journal says it ended; may be empty
  // gate_keeper.cpp
  static bool is_of_agents(const ops::Operation& operation) { return operation.family == kAgentFamily; }
  // Of an operation that a keeper answers for; null: of all others.
  Keeper* keeper_of(const ops::Operation& operation) const;
  // Where the call goes, by the keeper's books; the arguments that it completes are the call's. Of others nothing.
  awaitable<Result<void>> place(Request& request, ops::Arguments& arguments, const Passed& passed);
  Keeper::MaySee may_see(const Identity& who) const;
  void add_keeper(ChangeCall& what, const ops::Operation& operation) const;
  awaitable<Result<void>> carry_on(const Change& change, Deadline deadline);
  awaitable<void> leave_interrupted(const Change& change, const Error& why, Deadline deadline);
  // As their roles go; not_found where they may not even see it.
  Result<void> may_take_back(const Identity& who, const Change& change) const;
  bool sees(const Identity& who, const Change& change) const;
  Result<Policy> policy() const;
  std::string policy_digest() const;  // of the policy in force; empty: it cannot be read
  Verdict decide(const Identity& who, const std::string& cluster, std::string_view operation, ops::Trust trust,
                 std::vector<Touch> touches) const;
  Verdict decide_plan(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                      ops::Trust trust, const ops::Plan& plan) const;
  // Deny where the fields that a change alters may not be read by them as they are: an answer, a dry run and a conflict
  // show them. Secrets show none. `taken_back`: as what is there is told by a rollback, of what was created too.
  Verdict decide_shown(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                       const ops::Plan& plan, bool taken_back = false) const;
  // Of both: what there is to know before anything is read. What is there must not be guessed from how a plan fails.
  Verdict decide_first(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                       const ops::Arguments& arguments, const DefaultNamespaces& defaults,
                       const std::optional<kube::ApiResource>& kind) const;
  // What every change needs of the gate.
  ChangeCall change_call(const Request& request, const std::string& cluster, const Passed& passed) const;
  // A rollback needs the right to the operation that it takes back, and where it creates or deletes an object also that
  // to create_resource or delete_resource: who may revoke may not grant by taking that back.
  Verdict decide_undo(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                      const ops::Plan& plan) const;
  Result<void> check_reveal(const Request& request, const std::string& cluster, const std::string& ns) const;
  AuditRecord record_of(const Request& request, const Passed& passed, const Result<ops::Reply>& reply) const;
  AuditRecord record_of(const Request& request, const Passed& passed, std::string outcome) const;
  // Of what is no READ durable when it answers: whoever has its answer finds it in the log, whatever ends this process.
  awaitable<void> record(const Request& request, const Passed& passed, const Result<ops::Reply>& reply);
  Journal::Recorded recorder(const Answer& answer) const;  // of a person's answer
  void record_refused(std::string word, std::string who, std::int64_t id, std::string cluster, ErrorCode code);
  awaitable<Result<void>> settle_one(std::int64_t id, std::string cluster, Deadline deadline);

  const ops::Catalog& catalog_;
  Clusters& clusters_;
  Grant grant_;
  Books books_;
};

}  // namespace fairlead::gate
