// Sending the requests of a plan, and looking at what became of them.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "ops/change.h"
#include "ops/clip.h"
#include "ops/exec.h"
#include "ops/read.h"
#include "ops/shown.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kManager = "fairlead";

// Everything but which moment of the object it is bound to.
void bind_to(Write& write, const json::value& now) {
  const std::string version(text_at(now, {"metadata", "resourceVersion"}));
  if (write.body.is_array()) {
    for (auto& op : write.body.get_array())
      if (text_at(op, {"path"}) == "/metadata/resourceVersion") op.get_object()["value"] = version;
    return;
  }
  if (json::value* metadata = write.body.is_object() ? write.body.get_object().if_contains("metadata") : nullptr)
    if (metadata->is_object() && metadata->get_object().contains("resourceVersion"))
      metadata->get_object()["resourceVersion"] = version;
}

tl::unexpected<Error> changed(const Call& call, const Write& write, std::string what, std::string foreign = {}) {
  return fail_with(std::move(foreign), ErrorCode::conflict, std::string(call.operation.name),
                   write.object.words() + " " + what,
                   "Look at it, and ask anew: what was approved is not there any more");
}

// What this program has written, as the server remembers it. Null: the server does not say.
json::value own_marks(const json::value& object) {
  json::value out;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"}))
    if (text_at(entry, {"manager"}) == kManager) {
      if (out.is_null()) out = json::array();
      out.get_array().push_back(entry);
    }
  return out;
}

Settled settle_patch(const Write& write, const json::value& now) {
  Settled out;
  const bool is_new = write.before.is_null();
  if (now.is_null()) {
    if (is_new) out.landed = Landed::not_yet;
    return out;
  }
  if (!is_new && !write.object.uid.empty() && text_at(now, {"metadata", "uid"}) != write.object.uid) return out;
  if (!is_new &&
      text_at(now, {"metadata", "resourceVersion"}) == text_at(write.before, {"metadata", "resourceVersion"})) {
    out.landed = Landed::not_yet;
    return out;
  }
  json::value asked = as_kept(write.object, write.body);
  if (json::value* metadata = asked.is_object() ? asked.get_object().if_contains("metadata") : nullptr)
    if (metadata->is_object()) metadata->get_object().erase("resourceVersion");
  if (holds_patch(now, write.content_type, asked)) {
    out.landed = Landed::yes;
    out.after = now;
    if (is_new || asked.is_array()) return out;
    auto changes = diff(write.before, now);
    std::erase_if(changes, [&](const FieldChange& change) { return !speaks_of(asked, change.path); });
    out.after = with(write.before, changes);
    return out;
  }
  // The server may have written down in other words what was asked for ("0.5" CPUs are "500m"). Then it has marked the
  // object anew as ours.
  out.landed = own_marks(now) == own_marks(write.before) ? Landed::no : Landed::unclear;
  return out;
}

}  // namespace

awaitable<Result<json::value>> read_now(Call& call, const ObjectRef& object) {
  auto found = co_await call.client.get(object.target(), call.deadline);
  if (!found && found.error().code == ErrorCode::not_found) co_return json::value(nullptr);
  co_return found;
}

awaitable<Result<json::value>> send_write(Call& call, const Write& write, bool dry_run) {
  std::string method = "POST", target = write.object.target(), content_type = write.content_type;
  json::value body = write.body;
  switch (write.verb) {
    case Write::Verb::create: target = write.object.collection(); break;
    case Write::Verb::patch: method = "PATCH"; break;
    case Write::Verb::remove: method = "DELETE"; break;
    case Write::Verb::evict: target += "/eviction"; break;
    case Write::Verb::exec: co_return co_await send_command(call, write, dry_run);
  }
  if (dry_run && write.verb == Write::Verb::remove) body.as_object()["dryRun"] = json::array{"All"};
  if (dry_run && write.verb != Write::Verb::remove) kube::add_query(target, "dryRun", "All");
  if (write.content_type == kube::Patch::apply) {
    kube::add_query(target, "fieldManager", kManager);
    if (write.force) kube::add_query(target, "force", "true");
  }
  const std::string text = compact(body);
  while (true) {
    auto answer = co_await call.client.send(method, target, content_type, text, call.deadline);
    const bool goes = write.verb == Write::Verb::remove || write.verb == Write::Verb::evict;
    if (answer) co_return goes ? json::value(nullptr) : std::move(*answer);
    if (goes && !dry_run && answer.error().code == ErrorCode::not_found) co_return json::value(nullptr);
    const bool again = write.verb == Write::Verb::evict && !dry_run && answer.error().code == ErrorCode::rate_limited;
    if (!again || call.deadline.left() < std::chrono::seconds(2)) {
      Error error = std::move(answer.error());
      if (is_of_field_managers(error))
        error.remedy = "Leave those fields out, or take them over with force";
      else if (error.code == ErrorCode::conflict && write.verb == Write::Verb::create)
        error.remedy = "It is there already: apply_manifest or patch_resource changes it";
      co_return fail(std::move(error));
    }
    if (call.progress)
      call.progress->report(0, std::nullopt, write.object.words() + ": a disruption budget forbids it for now");
    auto slept = co_await net::sleep_for(std::chrono::seconds(1));
    if (!slept) co_return fail(std::move(slept.error()));
  }
}

awaitable<Result<void>> rehearse(Call& call, Plan& plan) {
  bool creates = false;
  std::set<std::string> removed;  // what is there only because nothing is done yet
  for (auto& write : plan.writes) {
    if (write.verb == Write::Verb::remove) removed.insert(write.object.target());
    if (write.verb == Write::Verb::create && removed.contains(write.object.target())) continue;
    auto answer = co_await send_write(call, write, true);
    const bool may_be_for_want_of_another = creates && !answer && answer.error().code == ErrorCode::not_found;
    // A budget that forbids an eviction now may allow it later: the eviction itself waits for that.
    const bool waits = write.verb == Write::Verb::evict && !answer && answer.error().code == ErrorCode::rate_limited;
    if (!answer && !may_be_for_want_of_another && !waits) co_return fail(std::move(answer.error()));
    write.expected = answer ? std::move(*answer) : json::value(nullptr);
    creates = creates || write.before.is_null();
  }
  co_return Result<void>{};
}

awaitable<Result<void>> rebind(Call& call, Plan& plan) {
  for (auto& write : plan.writes) {
    auto now = co_await read_now(call, write.object);
    if (!now) co_return fail(std::move(now.error()));
    if (write.before.is_null()) {
      if (!now->is_null()) co_return changed(call, write, "is there by now, and was not when this was approved");
      continue;
    }
    if (now->is_null()) co_return changed(call, write, "has gone since this was approved");
    if (!write.object.uid.empty() && text_at(*now, {"metadata", "uid"}) != write.object.uid)
      co_return changed(call, write, "is another object of the same name by now (its uid differs)");
    if (write.verb == Write::Verb::evict) continue;
    if (write.verb == Write::Verb::exec) {
      const json::value *then = find(write.before, "spec"), *is = find(*now, "spec");
      if (!then || !is || *then != *is) co_return changed(call, write, "has changed since this was approved");
      continue;
    }
    // What a patch touches, or all of what is to be deleted, as it was shown.
    const bool all = write.verb == Write::Verb::remove;
    // Nothing that was not kept was shown.
    if (all && write.object.is_secret() && !find(write.before, "data") && now->is_object())
      forget_values(now->get_object());
    for (const auto& change : all ? diff(write.before, *now) : diff(write.before, write.expected)) {
      const json::value *then = at(write.before, change.path), *is = at(*now, change.path);
      if (then == is || (then && is && *then == *is)) continue;
      const std::string was = clip(Shown(write.object, write.before).text(change.path), kLongValue);
      const std::string now_is = clip(Shown(write.object, *now).text(change.path), kLongValue);
      co_return changed(call, write, "has changed since this was approved: " + shown_path(change.path),
                        "it was " + was + " and is " + now_is);
    }
    bind_to(write, *now);
    write.before = std::move(*now);
  }
  co_return Result<void>{};
}

awaitable<Result<Settled>> settle(Call& call, const Write& write) {
  auto read = co_await read_now(call, write.object);
  if (!read) co_return fail(std::move(read.error()));
  const json::value now = std::move(*read);
  Settled out;
  if (write.verb == Write::Verb::exec) co_return out;
  const bool there = !now.is_null();
  const bool same = there && text_at(now, {"metadata", "uid"}) == write.object.uid;
  switch (write.verb) {
    case Write::Verb::create:
      out.landed = !there                                          ? Landed::not_yet
                   : holds(now, as_kept(write.object, write.body)) ? Landed::yes
                                                                   : Landed::unclear;
      out.after = now;
      break;
    case Write::Verb::exec: break;
    case Write::Verb::remove:
    case Write::Verb::evict:
      out.landed = !same || !text_at(now, {"metadata", "deletionTimestamp"}).empty() ? Landed::yes : Landed::not_yet;
      break;
    case Write::Verb::patch: out = settle_patch(write, now); break;
  }
  co_return out;
}

}  // namespace fairlead::ops
