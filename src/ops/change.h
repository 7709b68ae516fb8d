// How an operation changes a cluster: it makes a plan, the gate has it approved and journaled, its requests are sent as
// they stand, and the outcome is looked at. Only the gate drives this.
#pragma once

#include <vector>

#include "ops/diff.h"
#include "ops/operation.h"
#include "ops/plan.h"

namespace fairlead::ops {

// As whom the fields that we write are marked in an object's managedFields.
inline constexpr std::string_view kFieldManager = "fairlead";

// What the server answered to each write that was sent, in their order: the object as it is then; null where there is
// none any more.
using Answers = std::vector<json::value>;

struct Verification {
  bool reached = false;       // the cluster has become what was asked
  bool contradicted = false;  // and never will: something else was decided since
  std::string state;          // "5 of 5 replicas are ready"
};

// What makes an operation one that changes things. Plain functions: all state is in the call and the plan.
struct ChangeSteps {
  // Reads what is there and decides. Errors as of any read; invalid_request and conflict where the change makes no
  // sense.
  awaitable<Result<Plan>> (*plan)(Call&) = nullptr;
  // The answer of the operation. With a dry run `answers` are what the server would have made of it. No answers: there
  // was nothing to change, or by somebody else it was so when the request came; the plan may have no writes then.
  Result<Reply> (*finish)(const Call&, const Plan&, const Answers&) = nullptr;
  // One look at whether it has come to be. Null: verify_plan.
  awaitable<Result<Verification>> (*verify)(Call&, const Plan&, const Answers&) = nullptr;
  int patience_seconds = 0;  // that it waits for itself, where the call does not say
  // What speaks against the plan though it may be made. Asked, and told, only where the policy lets it be. May be null.
  Result<void> (*check)(const Call&, const Plan&) = nullptr;
};

// The object that a write is about, as it is now; null: it is not there.
awaitable<Result<json::value>> read_now(Call& call, const ObjectRef& object);

// A Scale of 0 says nothing of its replicas: then it does.
void tell_zero(const ObjectRef& object, json::value& value);

// Sends one write; with `dry_run` the server keeps nothing. An object that is to be evicted and has gone is success
// (null); of one that is to be removed that is not_found: somebody else has done it. rate_limited where a disruption
// budget forbids an eviction, or the server has too much to do: refused is not done, and it may be sent again.
awaitable<Result<json::value>> send_write(Call& call, const Write& write, bool dry_run);

// Tries each write on the server and fills in `expected`. One that cannot be tried because an earlier one of the plan
// is missing (an object in a namespace that the plan creates) stays unknown.
awaitable<Result<void>> rehearse(Call& call, Plan& plan);

// A creation of the same object that stands in nobody's way, to be tried alone.
Write under_another_name(Write write);

// A plan that was approved is about to be sent, perhaps much later: binds each write to the object as it is now.
// conflict when the object is another one (uid) or a field that was shown has changed since, naming it.
awaitable<Result<void>> rebind(Call& call, Plan& plan);

// After a crash: whether a write that was about to be sent has reached the cluster.
enum class Landed {
  yes,
  not_yet,  // the request may still be on its way; later on: no
  unclear,
};
struct Settled {
  Landed landed = Landed::unclear;
  json::value after;  // the object as the write left it, or would have, without what others did to it since; null:
                      // gone, or not known
};
// What somebody else may have done as well is unclear.
awaitable<Result<Settled>> settle(Call& call, const Write& write);

// Looks once whether what a plan asked for has come to be, by the kinds of its objects: rollouts are complete, what was
// deleted has gone, a node is as it was set, and everything still holds what was asked for.
awaitable<Result<Verification>> verify_plan(Call& call, const Plan& plan, const Answers& answers);

// One write that was sent, with what came of it.
struct Written {
  Write write;
  json::value after;     // as the server answered, or would have
  bool is_known = true;  // else nobody knows whether it was this write that made things so
};
struct UndoOptions {
  bool force = false;
  // Objects in words that an earlier attempt at the same had put back: where one has gone since, somebody wants it so.
  std::vector<std::string> put_back;
  // What of the change is not taken back now, a sentence each.
  std::vector<std::string> left;
};
// The plan that takes these back, the last one first: fields that a patch changed get their values again, what was
// created is deleted, what was deleted is created anew. conflict when something holds no longer what the change left
// there, with a three-way list in `foreign`; with `force` it is overwritten, which the plan's `reach` then says, and
// what is left as it is stands in its `left`. What others have put into a Namespace, a kind or a volume that was
// created counts as changed since. Rights that somebody has revoked since are never granted again; a role or binding
// that was deleted comes back with `force` alone.
awaitable<Result<Plan>> plan_undo(Call& call, std::vector<Written> written, std::string summary, UndoOptions options);

// What has come into an object since it was created that would go with it: of a Namespace its objects, of a
// CustomResourceDefinition those of its kind, of a claim its volume, of a volume its claim. `own`: uids that go in any
// case.
struct Contents {
  std::vector<std::string> lines;    // sentences' ends, without any name: "holds 2 of kind ConfigMap by now"
  std::vector<std::string> uids;     // of the objects that they count
  std::vector<std::string> unknown;  // as `lines`: what could not be looked at
};
awaitable<Contents> contents_of(Call& call, const ObjectRef& object, const json::value& created, const json::value& now,
                                std::vector<std::string> own);

// Fills in what the plan `loses`: volume claims that go with the pods of a StatefulSet. Reads what it has to; what may
// not be read is not known.
awaitable<Result<void>> look_for_losses(Call& call, Plan& plan);

// Why what a plan does could not be taken back so; empty: it can. A clause, as Plan::no_undo.
std::string no_way_back(const Plan& plan);

// Nothing of what deleted Secrets hold is to be kept: takes their values out of the plan, which then says that it
// cannot be taken back.
void forget_deleted_secrets(Plan& plan);

// ---- for plans of operations

// A patch of the object that was read, bound to its resourceVersion, unless that is what it already is (nothing). Of a
// Secret there is always one.
std::optional<Write> patch_of(ObjectRef object, const json::value& before, std::string_view content_type,
                              json::object patch);
// Whether an object is what such a patch (a merge patch, a strategic one, a JSON Patch, an applied object) would make
// of it already. A JSON Patch is looked at without the resourceVersion that it is bound to.
bool holds_patch(const json::value& object, std::string_view content_type, const json::value& patch);
// What was asked for as the server keeps it: what a Secret says as text (stringData) is in base64.
json::value as_kept(const ObjectRef& object, json::value asked);
// A Secret without what it holds, also where kubectl apply has copied it to.
void forget_values(json::object& secret);
Write removal_of(ObjectRef object, const json::value& before);
// `object` as it was read, made ready to be created again: without what the server gave it, and what it gave a Job to
// tell its pods by.
json::value as_new(const json::value& object);
// `object` after a JSON Patch of add, replace, remove and test (RFC 6902), its resourceVersion left as it is. Nothing:
// it cannot be applied, or asks for more.
std::optional<json::value> patched(json::value object, const json::array& patch);

// Of a workload's template, as kubectl rollout restart writes it: its pods are replaced one after another.
json::object restart_patch(std::string_view time);
// Why that would replace none of them; empty: it does. A clause: "is paused, so a restart would not happen".
std::string_view why_no_restart(const json::value& workload);

// Reads the object and names it: `object.uid` is filled in. server_error when it is of another kind.
awaitable<Result<json::value>> read_for_change(Call& call, ObjectRef& object);

// Whether an apply was refused because other managers hold fields that it sets.
bool is_of_field_managers(const Error& error);

// Whether a write was refused because somebody else has written its object since it was planned.
bool is_overtaken(const Error& error);

// Whether nothing of the plan was done because somebody else wrote in between, so that it may be made anew: not where
// other managers hold the fields.
bool may_plan_anew(const Plan& plan, std::size_t done, const Error& error);
inline constexpr int kPlanAttempts = 6;

}  // namespace fairlead::ops
