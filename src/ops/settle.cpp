// After a crash: what became of a write that was about to be sent.
//
// What has come true is ours where the server remembers that this program wrote those very fields last, and since the
// change began: whoever else gives a field another value takes it over (managedFields), and each write that changes
// something renews its writer's time. Other changes of ours are told apart by the journal.
#include <algorithm>

#include "base/text.h"
#include "ops/change.h"
#include "ops/diff.h"
#include "ops/managed_fields.h"
#include "ops/shown.h"

namespace fairlead::ops {
namespace {

// Two clocks differ a little. Of a Scale API servers leave the time out.
bool is_since(const json::value& mark, std::int64_t since) {
  constexpr std::int64_t slack = 2;
  return !find(mark, "time") || parse_rfc3339(text_at(mark, {"time"})).value_or(0) + slack >= since;
}

// What this program has written, as the server remembers it.
std::vector<json::value> own_marks(const json::value& object) {
  std::vector<json::value> out;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"}))
    if (text_at(entry, {"manager"}) == kFieldManager) out.push_back(entry);
  return out;
}

// Whether we wrote these fields of `holder` last. What a change only takes away leaves no mark of its own: then we have
// written it at all since, and had not before.
bool wrote(const json::value& holder, const json::value& before, const std::vector<FieldChange>& changes,
           std::int64_t since) {
  auto marks = own_marks(holder);
  std::erase_if(marks, [&](const json::value& mark) { return !is_since(mark, since); });
  bool sets = false;
  for (const auto& change : changes) {
    if (!change.after) continue;
    sets = true;
    const bool owned = std::any_of(marks.begin(), marks.end(), [&](const json::value& mark) {
      const json::value* fields = find(mark, "fieldsV1");
      return fields && has_field(*fields, change.path);
    });
    if (!owned) return false;
  }
  // Others who take something away make our marks smaller, and leave their times.
  const auto then = own_marks(before);
  return sets || std::any_of(marks.begin(), marks.end(), [&](const json::value& mark) {
           return std::none_of(then.begin(), then.end(), [&](const json::value& earlier) {
             return text_at(earlier, {"time"}) == text_at(mark, {"time"});
           });
         });
}

// Whether an object that was not there before is ours: written by us since, and nothing that was asked for by somebody
// else.
bool made(const json::value& now, const json::value& asked, std::int64_t since) {
  const auto fields = leaves(asked);
  return holds(now, asked) && wrote(now, nullptr, {}, since) &&
         std::none_of(fields.begin(), fields.end(),
                      [&](const FieldChange& field) { return holder_of(now, field.path) == Holder::others; });
}

// What the patch makes of the object as it was. `is_held`: the object is by now what the patch would make of it.
// Nothing: it cannot be told.
std::optional<std::vector<FieldChange>> wanted_changes(const Write& write, const json::value& asked,
                                                       const json::value& now, bool is_held) {
  if (asked.is_array()) {
    auto after = patched(write.before, asked.get_array());
    if (!after) return std::nullopt;
    return diff(write.before, *after);
  }
  if (!is_held) return std::nullopt;
  auto changes = diff(write.before, now);
  std::erase_if(changes, [&](const FieldChange& change) { return !speaks_of(asked, change.path); });
  return changes;
}

json::value asked_by(const Write& write) {
  json::value asked = as_kept(write.object, write.body);
  if (json::value* metadata = asked.is_object() ? asked.get_object().if_contains("metadata") : nullptr)
    if (metadata->is_object()) metadata->get_object().erase("resourceVersion");
  return asked;
}

// A server words some values its own way ("1000m" of cpu as "1"): where they are not there as they were asked for, it
// is asked whether the patch would still change anything.
awaitable<bool> is_held(Call& call, const Write& write, const json::value& now) {
  Write again = write;
  again.body = asked_by(write);
  if (!again.body.is_object()) co_return false;
  if (holds_patch(now, again.content_type, again.body)) co_return true;
  auto tried = co_await send_write(call, again, true);
  co_return tried&& diff(now, *tried).empty();
}

// `holder` is what the marks are on: the workload, of a Scale.
Settled settle_patch(const Write& write, const json::value& now, const json::value& holder, std::int64_t since,
                     bool is_held) {
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
  const json::value asked = asked_by(write);
  if (is_new) {
    if (!made(now, asked, since)) return out;
    out.landed = Landed::yes;
    out.after = now;
    return out;
  }
  auto changes = wanted_changes(write, asked, now, is_held);
  if (!changes) return out;
  for (const auto& change : *changes) {
    const json::value* is = at(now, change.path);
    if (change.after ? !is || *is != *change.after : is != nullptr) return out;
  }
  std::vector<FieldChange> marked = *changes;
  if (write.object.subresource == "scale") marked = {{{"spec", "replicas"}, std::nullopt, json::value(0), {}, false}};
  out.after = with(write.before, *changes);
  if (wrote(holder, write.before, marked, since)) out.landed = Landed::yes;
  return out;
}

}  // namespace

awaitable<Result<Settled>> settle(Call& call, const Write& write, std::int64_t since) {
  Settled out;
  if (write.verb == Write::Verb::exec) co_return out;
  auto read = co_await read_now(call, write.object);
  if (!read) co_return fail(std::move(read.error()));
  const json::value now = std::move(*read);
  const bool there = !now.is_null();
  const bool same = there && text_at(now, {"metadata", "uid"}) == write.object.uid;
  switch (write.verb) {
    case Write::Verb::create: {
      const json::value asked = as_kept(write.object, write.body);
      const bool ours = there && made(now, asked, since);
      out.landed = !there ? Landed::not_yet : ours ? Landed::yes : Landed::unclear;
      out.after = now;
      break;
    }
    case Write::Verb::exec: break;
    case Write::Verb::remove:
    case Write::Verb::evict:
      // Whoever else may have deleted it leaves no mark.
      out.landed = same && text_at(now, {"metadata", "deletionTimestamp"}).empty() ? Landed::not_yet : Landed::unclear;
      break;
    case Write::Verb::patch: {
      json::value holder = now;
      if (write.object.subresource == "scale") {
        ObjectRef workload = write.object;
        workload.subresource.clear();
        auto whole = co_await read_now(call, workload);
        if (!whole) co_return fail(std::move(whole.error()));
        holder = std::move(*whole);
      }
      const bool held = there && !write.before.is_null() && co_await is_held(call, write, now);
      out = settle_patch(write, now, holder, since, held);
      break;
    }
  }
  co_return out;
}

}  // namespace fairlead::ops
