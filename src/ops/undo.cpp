// The plan that takes a change back.
#include "ops/change.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

struct Undoing {
  Plan plan;
  std::vector<std::string> conflicts;  // lines for readers
};

std::string value_text(const ObjectRef& object, const std::optional<json::value>& value) {
  if (!value) return "(none)";
  return object.is_secret() ? std::string(redact::kRedacted) : redact::text(compact(*value));
}

void tell(Undoing& to, const ObjectRef& object, const std::string& what) {
  to.conflicts.push_back(object.words() + " " + what);
}

void take_back_patch(Undoing& to, const Written& written, const json::value& now) {
  const ObjectRef& object = written.write.object;
  if (now.is_null() || (!object.uid.empty() && text_at(now, {"metadata", "uid"}) != object.uid)) {
    tell(to, object,
         now.is_null() ? "is not there any more" : "is another object of the same name by now (its uid differs)");
    return;
  }
  Reverse back = reverse(diff(written.write.before, written.after), now);
  for (const auto& conflict : back.conflicts)
    tell(to, object,
         to_text(conflict.path) + ": it was " + value_text(object, conflict.before) + ", the change left " +
             value_text(object, conflict.left) + ", and it is " + value_text(object, conflict.now) + " now");
  if (back.patch.empty()) return;
  Write write;
  write.verb = Write::Verb::patch;
  write.object = object;
  write.content_type = kube::Patch::json;
  back.patch.insert(back.patch.begin(), json::object{{"op", "replace"},
                                                     {"path", "/metadata/resourceVersion"},
                                                     {"value", text_at(now, {"metadata", "resourceVersion"})}});
  write.body = std::move(back.patch);
  write.before = now;
  to.plan.writes.push_back(std::move(write));
}

void take_back_creation(Undoing& to, const Written& written, const json::value& now) {
  ObjectRef object = written.write.object;
  if (now.is_null()) return;  // gone already
  object.uid = text_at(written.after, {"metadata", "uid"});
  if (text_at(now, {"metadata", "uid"}) != object.uid) {
    tell(to, object, "is another object of the same name by now (its uid differs)");
    return;
  }
  // Controllers add to what was made; what was asked for must still hold.
  for (const auto& change : diff(written.after, now)) {
    if (!at(written.write.body, change.path)) continue;
    tell(to, object,
         to_text(change.path) + ": the change left " + value_text(object, change.before) + ", and it is " +
             value_text(object, change.after) + " now");
  }
  to.plan.writes.push_back(removal_of(std::move(object), now));
}

void take_back_removal(Undoing& to, const Written& written, const json::value& now) {
  ObjectRef object = written.write.object;
  if (!now.is_null()) {
    const bool still = text_at(now, {"metadata", "uid"}) == object.uid;
    tell(to, object, still ? "is still being deleted" : "is there again, made by somebody else");
    return;
  }
  object.uid.clear();
  Write write;
  write.verb = Write::Verb::create;
  write.object = std::move(object);
  write.body = as_new(written.write.before);
  to.plan.writes.push_back(std::move(write));
}

}  // namespace

awaitable<Result<Plan>> plan_undo(Call& call, std::vector<Written> written, std::string summary, bool force) {
  Undoing undoing;
  undoing.plan.summary = std::move(summary);
  for (auto one = written.rbegin(); one != written.rend(); ++one) {
    if (one->write.verb == Write::Verb::evict) continue;
    auto now = co_await read_now(call, one->write.object);
    if (!now) co_return fail(std::move(now.error()));
    const bool created = one->write.before.is_null();
    if (one->write.verb == Write::Verb::remove)
      take_back_removal(undoing, *one, *now);
    else if (created)
      take_back_creation(undoing, *one, *now);
    else
      take_back_patch(undoing, *one, *now);
  }
  std::string lines;
  for (const auto& line : undoing.conflicts) lines += (lines.empty() ? "" : "\n") + line;
  const std::size_t count = undoing.conflicts.size();
  if (count > 0 && (!force || undoing.plan.writes.empty()))
    co_return fail_with(
        std::move(lines), ErrorCode::conflict, "take the change back",
        std::to_string(count) + (count == 1 ? " thing holds" : " things hold") +
            " no longer what the change left there",
        force ? "There is nothing left to take back" : "Look at them; --force overwrites them, and is recorded");
  for (auto& line : undoing.conflicts) undoing.plan.reach.push_back("overwritten: " + line);
  co_return std::move(undoing.plan);
}

}  // namespace fairlead::ops
