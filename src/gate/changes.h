// Carrying out changes: plan, approval, journal, sending, verifying, taking back.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gate/approval.h"
#include "gate/audit.h"
#include "gate/journal.h"
#include "gate/policy.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"

namespace fairlead::gate {

// What a rollback is called in the audit log.
inline constexpr std::string_view kRollback = "rollback";

// One call that changes something, its operation not denied.
struct ChangeCall {
  Identity who;
  std::string cluster;  // its id
  std::string reason;
  std::function<std::string()> policy;  // digest of the one in force; empty: it cannot be read
  // Its word on what a plan touches, now.
  std::function<Verdict(const ops::Plan&)> decide;
  Approver* approver = nullptr;  // may be null: nobody can be asked here
  // What writes the audit record of a person's answer. May be empty.
  std::function<Journal::Recorded(const Answer&)> recorded;
  // And that of what has become of it: done, or an error's code. May be empty.
  std::function<Journal::Recorded(const std::string& outcome)> outcome_recorded;
  // Whether the caller may read objects of that kind and namespace. May be empty: all of them.
  ops::MaySee may_see;
  // Of a rollback, or an operation that a keeper plans, instead of its ChangeSteps. May be empty, as the next two.
  std::function<awaitable<Result<ops::Plan>>(ops::Call&)> plan;
  std::function<awaitable<Result<ops::Verification>>(ops::Call&, const ops::Plan&, const ops::Answers&)> verify;
  Journal::Recorded ended;          // a keeper's (gate/keeper.h)
  std::int64_t undo_of = 0;         // the change that this one takes back
  kube::ClusterIdentity undone_on;  // where that was made
  bool force = false;               // whatever somebody else has changed since
  bool keeps_secrets = false;       // deleted ones, sealed, so that they can be had again
};

// What became of a call, for the audit log.
struct ChangeOutcome {
  std::string decision, rule, trust;
  std::string reason;      // that an approval was given for, though the call may word it anew
  std::string error_code;  // of a change that was answered, and failed: others have undone it at once
  std::string result;      // of a command that was run: how it ended, in a few words
  std::int64_t change = 0;
  bool is_recorded = false;  // what has become of the change, in the audit log, in the transaction that made it so
};

// The audit record of a change, with what became of it; its time is now.
AuditRecord record_of(const Change& change, std::string outcome, const ops::Catalog& catalog, const Clock& clock);

// For a Journal whose database holds an audit log too: a change's beginning is recorded there before its first request,
// in one transaction, so that no crash and no full disk leaves a change without a record. The catalog must outlive it.
Journal::Begun record_begun(const ops::Catalog& catalog, std::shared_ptr<const Clock> clock);

// What each write would change, as it was rehearsed: ops::diff_lines.
std::vector<std::string> fields_of(const ops::Plan& plan);
// ", but for the pods that are evicted": what a rollback leaves. Empty: nothing.
std::string_view undo_limit(const ops::Plan& plan);

// What a person is asked about a change that waits.
Question question_of(const Change& change);

class Changes {
 public:
  // The journal must outlive it.
  Changes(Journal& journal, const Clock& clock) : journal_(journal), clock_(clock) {}

  // To be run inside Cluster::work. A dry run is answered with the fields that would change, and is not journaled. What
  // needs an approval that nobody can give here waits in the journal: approval_required with its id; the same call
  // again carries it out once it was approved, within the hour, if the cluster still is as it was shown.
  awaitable<Result<ops::Reply>> run(ops::Call& call, const ops::ChangeSteps& steps, ChangeCall what,
                                    ChangeOutcome& outcome);

  // The steps of a rollback: its plan comes with the ChangeCall.
  static const ops::ChangeSteps& rollback_steps();

  // Looks at what became of the writes of a change whose process has gone, and finishes it in the journal.
  // `recorded` hears of it where it is over then. Others may look at the same time.
  awaitable<Result<void>> settle(ops::Call& call, const Change& change, Journal::Recorded recorded);

  // Carries a repeatable change on whose process has gone: sends what was not sent or not answered, verifies, and ends
  // it. Nothing where somebody else is quicker, or it is interrupted no more. `what`: its ends and its verification.
  awaitable<Result<void>> carry_on(ops::Call& call, const ops::ChangeSteps& steps, Change change, ChangeCall what);

  struct Running;  // inside gate/ only: changes_running.h

 private:
  static awaitable<Result<ops::Plan>> plan(Running& running);
  // What is known of a plan only once it is there: what stands behind its objects.
  static void complete(const Running& running, ops::Plan& plan);
  // Tries a plan on the server; one that somebody else's write has overtaken is made anew.
  static awaitable<Result<void>> rehearse(Running& running, ops::Plan& plan);
  static awaitable<Result<ops::Reply>> answer_dry_run(Running& running, ops::Plan plan, Verdict verdict);
  void describe(Running& running, ops::Plan plan);
  // Afterwards the change is this process's to carry out.
  awaitable<Result<void>> approve(Running& running);
  // Of one that waits: puts it into the journal, or finds it there, and has it decided by a person who is there.
  awaitable<Result<void>> ask(Running& running, const std::string& key);
  // Of one that was approved: that still holds.
  awaitable<Result<void>> confirm(Running& running);
  awaitable<Result<ops::Reply>> execute(Running& running);
  awaitable<Result<std::optional<ops::Answers>>> send(Running& running);
  // One write: of a repeatable plan again and again as long as that may help, and the deadline allows it.
  awaitable<Result<json::value>> send_one(Running& running, const ops::Write& write);
  // `was_answered`: the server refused the write, so that what became of it is known, whatever the error is.
  awaitable<Result<void>> fail_write(Running& running, std::size_t position, const Error& error,
                                     bool was_answered = false);
  awaitable<Result<json::value>> send_again(Running& running, std::size_t position, Error overtaken);
  // Binds what was shown to what is there now (ops::rebind). conflict also where by now it would destroy what was not
  // shown, or could no longer be taken back.
  static awaitable<Result<void>> rebind(Running& running);
  awaitable<Result<void>> bind_again(Running& running);
  awaitable<Result<void>> plan_again(Running& running);
  // It is over, and its audit record says so.
  awaitable<Result<void>> end_with(Running& running, Journal::End end);
  awaitable<Result<ops::Reply>> conclude(Running& running, const ops::Answers& answers);
  awaitable<Result<ops::Reply>> conclude_unneeded(Running& running);
  static awaitable<Result<kube::ClusterIdentity>> identify(Running& running);
  awaitable<ops::Verification> verify(Running& running, const ops::Answers& answers);

  Journal& journal_;
  const Clock& clock_;
};

}  // namespace fairlead::gate
