#include "ops/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/clip.h"
#include "ops/managed_fields.h"
#include "ops/planning.h"
#include "ops/shown.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

// How far a workload's rollout is; nothing: the kind has none.
std::optional<Verification> rollout(const ObjectRef& object, const json::value& now) {
  if (object.group != "apps") return std::nullopt;
  const auto status = [&](std::string_view key) { return integer_at(now, {"status", key}); };
  const bool observed = status("observedGeneration") >= integer_at(now, {"metadata", "generation"});
  // Its pods become new when somebody deletes them.
  const bool is_by_hand = text_at(now, {"spec", "updateStrategy", "type"}) == "OnDelete";
  std::int64_t wanted = integer_at(now, {"spec", "replicas"}, 1), ready = status("readyReplicas"),
               updated = status("updatedReplicas"), kept = 0;  // as they were
  bool settled = true;
  if (object.plural == "deployments") {
    if (flag_at(now, {"spec", "paused"})) return Verification{observed, false, "its rollout is paused"};
    ready = status("availableReplicas");
    settled = status("replicas") == wanted;
  } else if (object.plural == "daemonsets") {
    wanted = status("desiredNumberScheduled");
    ready = status("numberReady");
    updated = status("updatedNumberScheduled");
    if (is_by_hand) kept = wanted;
  } else if (object.plural == "statefulsets") {
    settled = status("replicas") == wanted;
    // By their numbers, which the server keeps in 32 bits.
    const auto number = [](std::int64_t value) { return std::clamp<std::int64_t>(value, 0, INT32_MAX); };
    kept = number(integer_at(now, {"spec", "updateStrategy", "rollingUpdate", "partition"})) -
           number(integer_at(now, {"spec", "ordinals", "start"}));
    if (is_by_hand) kept = wanted;
  } else {
    return std::nullopt;
  }
  Verification out;
  const bool is_new = updated >= wanted - std::max<std::int64_t>(kept, 0);
  out.reached = observed && settled && ready == wanted && is_new;
  out.state = fmt::format("{} of {} replicas are up to date, {} ready", updated, wanted, ready);
  if (!observed) out.state = "its controller has not seen it yet";
  return out;
}

std::string being_deleted(const json::value& now) {
  std::string held;
  for (const auto& finalizer : array_at(now, {"metadata", "finalizers"}))
    if (const auto* name = finalizer.if_string())
      held += (held.empty() ? "" : ", ") + clip(std::string_view(*name), kLongValue);
  return "it is being deleted" + (held.empty() ? "" : ", and waits for what its finalizers name: " + held);
}

// What the write left there must still be there, whoever wrote since.
bool still_holds(const Write& write, const json::value& answer, const json::value& now) {
  if (write.object.subresource == "scale")
    return integer_at(answer, {"spec", "replicas"}) == integer_at(now, {"spec", "replicas"});
  if (write.before.is_null()) {
    const json::value asked = as_kept(write.object, write.body);
    if (holds(now, asked)) return true;
    const auto since = diff(answer, now);  // the server words some of it otherwise
    return std::none_of(since.begin(), since.end(), [&](const FieldChange& field) {
      return speaks_of(asked, field.path) && holder_of(now, field.path) != Holder::controller;  // theirs to count
    });
  }
  for (const auto& change : diff(write.before, answer)) {
    const json::value *left = at(answer, change.path), *is = at(now, change.path);
    if ((left == nullptr) != (is == nullptr) || (left && *left != *is)) return false;
  }
  return true;
}

}  // namespace

awaitable<Result<Verification>> verify_plan(Call& call, const Plan& plan, const Answers& answers) {
  Verification all{true, false, {}};
  for (std::size_t i = 0; i < plan.writes.size() && i < answers.size(); ++i) {
    const Write& write = plan.writes[i];
    ObjectRef object = write.object;
    object.subresource.clear();
    auto now = co_await read_now(call, object);
    if (!now) co_return fail(std::move(now.error()));
    Verification one;
    const bool goes = write.verb == Write::Verb::remove || write.verb == Write::Verb::evict;
    if (goes) {
      one.reached = now->is_null() || text_at(*now, {"metadata", "uid"}) != object.uid;
      one.state = one.reached ? "it has gone" : being_deleted(*now);
    } else if (now->is_null() && !text_at(write.before, {"metadata", "deletionTimestamp"}).empty()) {
      one = {true, false, "it has gone: it was being deleted, and nothing held it any more"};
    } else if (now->is_null()) {
      one = {false, true, "it is not there"};
    } else if (!still_holds(write, answers[i], *now)) {
      one = {false, true, "it does not hold what was asked for any more: somebody else has changed it since"};
    } else if (auto progress = rollout(object, *now)) {
      one = std::move(*progress);
    } else {
      one = {true, false, "it is as it was asked for"};
    }
    const bool worse = (one.contradicted && !all.contradicted) || (!one.reached && all.reached) || all.state.empty();
    if (worse) all.state = object.words() + ": " + one.state;
    all.reached = all.reached && one.reached;
    all.contradicted = all.contradicted || one.contradicted;
  }
  if (plan.writes.size() > 1 && all.reached)
    all.state = fmt::format("all {} objects are as they were asked for", plan.writes.size());
  co_return all;
}

}  // namespace fairlead::ops
