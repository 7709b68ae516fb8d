#include "ops/writes.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "ops/clip.h"
#include "ops/exec.h"
#include "ops/managed_fields.h"
#include "ops/planning.h"
#include "ops/read.h"
#include "ops/shown.h"

namespace fairlead::ops {
namespace {

// Everything but which moment of the object it is bound to.
void bind_to(Write& write, const json::value& now) {
  const std::string version(text_at(now, {"metadata", "resourceVersion"}));
  if (write.verb == Write::Verb::remove) {
    if (json::value* bound = write.body.get_object().if_contains("preconditions"); bound && bound->is_object())
      if (bound->get_object().contains("resourceVersion")) bound->get_object()["resourceVersion"] = version;
    return;
  }
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

// The server's words may quote what was sent or what is there: of a Secret nothing of them is shown but which fields
// they are about, of others not the stretch of the document that could not be read.
void hide_request(Error& error, bool is_secret) {
  if (!error.status) return;
  constexpr std::string_view quoted = "error found in #";
  const std::size_t at = error.foreign.find(quoted);
  if (!is_secret && at == std::string::npos) return;
  const json::value said = *error.status;
  json::object status = *error.status;
  std::string fields;
  json::array causes;
  for (const auto& cause : array_at(said, {"details", "causes"})) {
    const std::string field(text_at(cause, {"field"}));
    if (!field.empty()) fields += (fields.empty() ? " about " : ", ") + field;
    causes.push_back(json::object{{"reason", text_at(cause, {"reason"})}, {"field", field}});
  }
  if (is_secret)
    error.foreign = std::string(text_at(said, {"reason"})) + fields +
                    " (the server's words are not shown, for they may hold what is in the Secret)";
  else
    error.foreign.resize(at);
  status["message"] = error.foreign;
  if (json::value* details = status.if_contains("details"); details && details->is_object())
    details->get_object()["causes"] = is_secret ? std::move(causes) : json::array();
  error.status = std::make_shared<const json::object>(std::move(status));
}

// An eviction that a PodDisruptionBudget forbids now. Other refusals have its code too: of a server with too much to
// do.
bool is_of_budget(const Error& error) {
  if (error.code != ErrorCode::rate_limited || !error.status) return false;
  const json::value status = *error.status;
  const json::array& causes = array_at(status, {"details", "causes"});
  return std::any_of(causes.begin(), causes.end(),
                     [](const json::value& cause) { return text_at(cause, {"reason"}) == "DisruptionBudget"; });
}

// Of fields that nobody else holds than we ourselves, with requests that were no apply.
bool is_own_conflict(const Error& error) {
  if (!is_of_field_managers(error)) return false;
  const json::value status = *error.status;
  const json::array& causes = array_at(status, {"details", "causes"});
  const std::string own = "conflict with \"" + std::string(kFieldManager) + "\"";
  return std::all_of(causes.begin(), causes.end(), [&](const json::value& cause) {
    const std::string_view message = text_at(cause, {"message"});
    return message == own || message.starts_with(own + " ");
  });
}

constexpr const char* kNotTried =
    " could not be tried on the server: what it is in, or what it is, comes to be by this change alone";

bool same_changes(const std::vector<FieldChange>& a, const std::vector<FieldChange>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const FieldChange& x, const FieldChange& y) {
    return x.path == y.path && x.before == y.before && x.after == y.after;
  });
}

// What is applied has a name of its own: one that nobody has, as nothing is kept.
Write applied_beside(Write write) {
  constexpr std::size_t longest = 50;
  std::string name = write.object.name.substr(0, longest);
  while (name.ends_with('.') || name.ends_with('-')) name.pop_back();
  write.object.name = name + "-anew";
  json::object& metadata = write.body.as_object()["metadata"].as_object();
  metadata["name"] = write.object.name;
  for (std::string_view bound : {"uid", "resourceVersion"}) metadata.erase(bound);
  return write;
}

// Of a repeatable plan again and again as long as that may help: a single request that is lost is no reason to give up.
awaitable<Result<json::value>> try_write(Call& call, bool repeatable, Write write) {
  constexpr Duration longest = std::chrono::seconds(5);
  for (Duration pause = std::chrono::milliseconds(200);; pause = std::min(pause * 2, longest)) {
    auto answer = co_await send_write(call, write, true);
    if (answer || !repeatable || !may_pass_later(answer.error()) || call.deadline.left() <= pause) co_return answer;
    auto slept = co_await net::sleep_for(pause);
    if (!slept) co_return answer;
  }
}

}  // namespace

Write under_another_name(Write write) {
  json::value& metadata = write.body.as_object()["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  metadata.get_object().erase("name");
  std::string prefix = write.object.name.substr(0, 200);
  while (prefix.ends_with('.') || prefix.ends_with('-')) prefix.pop_back();
  metadata.get_object()["generateName"] = prefix + "-";
  return write;
}

void tell_zero(const ObjectRef& object, json::value& value) {
  if (object.subresource != "scale" || !value.is_object()) return;
  json::value& spec = value.get_object()["spec"];
  if (!spec.is_object()) spec = json::object();
  spec.get_object().emplace("replicas", 0);
}

awaitable<Result<json::value>> read_now(Call& call, const ObjectRef& object) {
  auto found = co_await call.client.get(object.target(), call.deadline);
  if (!found && found.error().code == ErrorCode::not_found) co_return json::value(nullptr);
  if (found) tell_zero(object, *found);
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
  // Our mark, by which what became of it is found after a crash. Without it the server takes the program's name from
  // the User-Agent, which a proxy may drop.
  if (write.verb == Write::Verb::create || write.verb == Write::Verb::patch)
    kube::add_query(target, "fieldManager", kFieldManager);
  // Of a Secret the server tells of no conflict: one comes up only where the value is another one. Who holds its
  // fields was looked at before (plan_apply).
  bool forced = write.content_type == kube::Patch::apply &&
                (write.force || (write.object.is_secret() && !write.before.is_null()));
  if (forced) kube::add_query(target, "force", "true");
  const std::string text = compact(body);
  while (true) {
    auto answer = co_await call.client.send(method, target, content_type, text, call.deadline);
    const bool goes = write.verb == Write::Verb::remove || write.verb == Write::Verb::evict;
    if (answer && goes) co_return json::value(nullptr);
    if (answer) {
      tell_zero(write.object, *answer);
      co_return std::move(*answer);
    }
    // Fields that we have written ourselves, by a patch or by taking something back, are no other manager's.
    if (write.content_type == kube::Patch::apply && !forced && is_own_conflict(answer.error())) {
      kube::add_query(target, "force", "true");
      forced = true;
      continue;
    }
    const bool has_gone = goes && !dry_run && answer.error().code == ErrorCode::not_found;
    if (has_gone && write.verb == Write::Verb::evict) co_return json::value(nullptr);
    if (has_gone) answer.error().cause = "somebody else had deleted " + write.object.words() + " already";
    Error error = std::move(answer.error());
    const bool of_budget = is_of_budget(error);
    hide_request(error, write.object.is_secret());
    if (of_budget) {
      error.cause = "a disruption budget forbids the eviction of " + write.object.words();
      error.remedy = "Wait until more of its pods are ready, or look at its PodDisruptionBudget";
    } else if (is_of_field_managers(error))
      error.remedy = "Leave those fields out, or take them over with force";
    else if (error.code == ErrorCode::conflict && write.verb == Write::Verb::create)
      error.remedy = "It is there already: apply_manifest or patch_resource changes it";
    co_return fail(std::move(error));
  }
}

awaitable<Result<void>> wait_until_gone(Call& call, const ObjectRef& object) {
  constexpr Duration longest = std::chrono::seconds(2);
  for (Duration pause = std::chrono::milliseconds(100);; pause = std::min(pause * 2, longest)) {
    auto now = co_await read_now(call, object);
    if (!now) co_return fail(std::move(now.error()));
    if (now->is_null() || text_at(*now, {"metadata", "uid"}) != object.uid) co_return Result<void>{};
    if (call.deadline.left() <= pause)
      co_return fail(ErrorCode::timeout, std::string(call.operation.name),
                     object.words() + " is being deleted, and still there", "Look at what holds it: its finalizers");
    if (call.progress) call.progress->report(0, std::nullopt, object.words() + " is being deleted");
    auto slept = co_await net::sleep_for(pause);
    if (!slept) co_return slept;
  }
}

bool may_pass_later(const Error& error) {
  return error.outcome_unknown || error.code == ErrorCode::rate_limited || error.code == ErrorCode::unreachable ||
         error.code == ErrorCode::timeout || is_overtaken(error) ||
         (error.status && integer_at(json::value(*error.status), {"code"}) >= 500);
}

awaitable<Result<void>> rehearse(Call& call, Plan& plan) {
  std::set<std::string> made;     // namespaces, and kinds
  std::optional<Error> conflict;  // of a set each object's is told, and not only the first one's
  std::set<std::string> removed;  // what is there only because nothing is done yet
  for (auto& write : plan.writes) {
    if (write.verb == Write::Verb::remove) removed.insert(write.object.target());
    if (write.verb == Write::Verb::create && removed.contains(write.object.target())) {
      auto beside = co_await try_write(call, plan.repeatable, under_another_name(write));
      if (!beside) co_return fail(std::move(beside.error()));
      continue;
    }
    if (write.content_type == kube::Patch::apply && removed.contains(write.object.target())) {
      auto beside = co_await try_write(call, plan.repeatable, applied_beside(write));
      if (!beside) co_return fail(std::move(beside.error()));
      continue;
    }
    auto answer = co_await try_write(call, plan.repeatable, write);
    // What has gone already is what a repeatable removal is content with.
    if (!answer && plan.repeatable && write.verb == Write::Verb::remove &&
        (answer.error().code == ErrorCode::not_found || write.before.is_null()))
      continue;
    const bool may_be_for_want_of_another =
        !answer && answer.error().code == ErrorCode::not_found &&
        (made.contains(write.object.ns) || made.contains(write.object.plural + "." + write.object.group));
    // A budget that forbids an eviction now may allow it later: the eviction itself waits for that.
    const bool waits = !answer && is_of_budget(answer.error());
    if (!answer && is_of_field_managers(answer.error())) {
      Error error = std::move(answer.error());
      if (plan.writes.size() > 1) error.foreign.insert(0, write.object.words() + ": ");
      if (conflict)
        conflict->foreign += "; " + error.foreign;
      else
        conflict = std::move(error);
      continue;
    }
    if (!answer && !may_be_for_want_of_another && !waits) co_return fail(std::move(answer.error()));
    if (may_be_for_want_of_another) {
      std::string line = write.object.words() + kNotTried;
      if (std::find(plan.reach.begin(), plan.reach.end(), line) == plan.reach.end())
        plan.reach.push_back(std::move(line));
    }
    write.expected = answer ? std::move(*answer) : json::value(nullptr);
    if (write.before.is_null() &&
        (write.object.is("", "namespaces") || write.object.is("apiextensions.k8s.io", "customresourcedefinitions")))
      made.insert(write.object.name);
  }
  if (conflict) co_return fail(std::move(*conflict));
  co_return Result<void>{};
}

namespace {

awaitable<Result<void>> rebind_once(Call& call, Plan& plan) {
  std::set<std::string> removed;  // before what is created in its place
  std::set<std::string> gone;     // pods that need no eviction any more
  for (auto& write : plan.writes) {
    if (write.verb == Write::Verb::remove) removed.insert(write.object.target());
    auto now = co_await read_now(call, write.object);
    if (!now) co_return fail(std::move(now.error()));
    if (write.before.is_null()) {
      if (!now->is_null() && !removed.contains(write.object.target()))
        co_return changed(call, write, "is there by now, and was not when this was approved");
      continue;
    }
    if (write.verb == Write::Verb::evict &&
        (now->is_null() || text_at(*now, {"metadata", "uid"}) != write.object.uid)) {
      gone.insert(write.object.uid);
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
      // What controllers write all the time does not keep an object from being deleted.
      if (all && (write.object.group == "coordination.k8s.io" || holder_of(*now, change.path) == Holder::controller))
        continue;
      std::string values;
      if (!all) {  // who deletes an object need not be one who may read it
        const std::string was = clip(Shown(write.object, write.before).text(change.path), kLongValue);
        const std::string now_is = clip(Shown(write.object, *now).text(change.path), kLongValue);
        values = "it was " + was + " and is " + now_is;
      }
      co_return changed(call, write, "has changed since this was approved: " + shown_path(change.path),
                        std::move(values));
    }
    bind_to(write, *now);
    if (write.verb == Write::Verb::patch && !write.expected.is_null()) {
      // What was not shown may have changed, and the same request may do more to it: a list that is replaced whole, an
      // item that another one stands in the place of.
      auto would = co_await send_write(call, write, true);
      if (!would) co_return fail(std::move(would.error()));
      if (!same_changes(differences(write.before, write.expected), differences(*now, *would)))
        co_return changed(call, write,
                          "has changed since this was approved, so that more or something else would be changed");
      write.expected = std::move(*would);
    }
    write.before = std::move(*now);
  }
  if (!gone.empty() && gone.size() == plan.writes.size())
    co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                   "all that was to be evicted has gone since this was approved", "There is nothing left to do");
  std::erase_if(plan.writes, [&](const Write& write) {
    return write.verb == Write::Verb::evict && gone.contains(write.object.uid);
  });
  co_return Result<void>{};
}

}  // namespace

awaitable<Result<void>> rebind(Call& call, Plan& plan) {
  for (int attempt = 1;; ++attempt) {
    Plan next = plan;
    auto bound = co_await rebind_once(call, next);
    if (bound) plan = std::move(next);
    // A controller may have written between the look and the try, which the server says, and that is no change of what
    // was shown.
    if (bound || attempt == kPlanAttempts || !bound.error().status || !is_overtaken(bound.error())) co_return bound;
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!slept) co_return slept;
  }
}

bool is_of_field_managers(const Error& error) {
  const json::value status = error.status ? json::value(*error.status) : json::value(nullptr);
  const json::array& causes = array_at(status, {"details", "causes"});
  return std::any_of(causes.begin(), causes.end(),
                     [](const auto& cause) { return text_at(cause, {"reason"}) == "FieldManagerConflict"; });
}

bool is_overtaken(const Error& error) { return error.code == ErrorCode::conflict && !is_of_field_managers(error); }

bool may_plan_anew(const Plan& plan, std::size_t done, const Error& error) {
  const Write& first = plan.writes.front();
  const bool is_bound = first.verb == Write::Verb::patch ||
                        (first.verb == Write::Verb::remove && find(first.body, "preconditions", "resourceVersion"));
  return done == 0 && is_bound && is_overtaken(error);
}

}  // namespace fairlead::ops
