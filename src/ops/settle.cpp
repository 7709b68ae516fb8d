// After a crash: what became of a write that was about to be sent.
//
// What has come true is ours where the server remembers that this program wrote those very fields last: whoever else
// gives a field another value takes it over (managedFields), so what has another value than before, and is ours, was
// given it by us. Other changes of ours are told apart by the journal. No clock is asked: the server's is another one.
#include "ops/settle.h"

#include <algorithm>

#include "base/text.h"
#include "ops/diff.h"
#include "ops/json_patch.h"
#include "ops/managed_fields.h"
#include "ops/planning.h"
#include "ops/shown.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

// What this program has written, as the server remembers it.
std::vector<json::value> own_marks(const json::value& object) {
  std::vector<json::value> out;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"}))
    if (text_at(entry, {"manager"}) == kFieldManager) out.push_back(entry);
  return out;
}

// Whether we wrote these fields of `holder` last. What a change only takes away leaves no mark of its own: then we have
// written it at all since it was `before`.
bool wrote(const json::value& holder, const json::value& before, const std::vector<FieldChange>& changes) {
  const auto marks = own_marks(holder), then = own_marks(before);
  bool sets = false;
  for (const auto& change : changes) {
    if (!change.after) continue;
    sets = true;
    // Before 1.22 whoever scales leaves no mark, and does not take ours away.
    const bool may_be_scaled = change.path == FieldPath{"spec", "replicas"};
    const bool owned = std::any_of(marks.begin(), marks.end(), [&](const json::value& mark) {
      const bool is_old = may_be_scaled && text_at(mark, {"subresource"}).empty() &&
                          std::find(then.begin(), then.end(), mark) != then.end();
      return !is_old && holds_field(holder, mark, change.path);
    });
    if (!owned) return false;
  }
  // Others who take something away make our marks smaller, and leave their times.
  return sets || std::any_of(marks.begin(), marks.end(), [&](const json::value& mark) {
           return std::none_of(then.begin(), then.end(), [&](const json::value& earlier) {
             return text_at(earlier, {"time"}) == text_at(mark, {"time"});
           });
         });
}

// Whether an object that was not there before is ours: written by us, and nothing that was asked for by somebody else.
bool made(const json::value& now, const json::value& asked) {
  const auto fields = leaves(asked);
  return wrote(now, nullptr, {}) && std::none_of(fields.begin(), fields.end(), [&](const FieldChange& field) {
           return holder_of(now, field.path) == Holder::others;
         });
}

// What a patch has to say of a field: also where it replaces a list, or was applied before with more than now.
bool is_about(const Write& write, const json::value& asked, const FieldPath& path) {
  if (speaks_of(asked, path)) return true;
  if (write.content_type == kube::Patch::merge) {
    const json::value* here = &asked;
    for (const auto& step : path) {
      if (here->is_array()) return true;  // it stands for all of the list
      here = at(*here, {step});
      if (!here) return false;
    }
  }
  // What others hold as well an apply does not take away.
  if (write.content_type != kube::Patch::apply || holder_of(write.before, path) != Holder::nobody) return false;
  const auto marks = own_marks(write.before);
  return std::any_of(marks.begin(), marks.end(), [&](const json::value& mark) {
    return text_at(mark, {"operation"}) == "Apply" && holds_field(write.before, mark, path);
  });
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
  std::erase_if(changes, [&](const FieldChange& change) { return !is_about(write, asked, change.path); });
  return changes;
}

json::value asked_by(const Write& write) {
  json::value asked = as_kept(write.object, write.body);
  if (json::value* metadata = asked.is_object() ? asked.get_object().if_contains("metadata") : nullptr)
    if (metadata->is_object()) metadata->get_object().erase("resourceVersion");
  return asked;
}

// The server has looked at it: another time it would say the same.
bool is_refusal(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_request:
    case ErrorCode::conflict:
    case ErrorCode::not_found:
    case ErrorCode::permission_denied: return true;
    default: return false;
  }
}

// Whether the object is what was asked for. A server words some values its own way ("1000m" of cpu as "1"): where they
// are not there as they were asked for, it is asked whether the patch would still change anything, or how it would word
// the object.
awaitable<Result<bool>> is_held(Call& call, const Write& write, const json::value& now) {
  Write again = write;
  again.body = asked_by(write);
  if (!again.body.is_object()) co_return false;
  const bool creates = write.verb == Write::Verb::create;
  if (!creates && holds_patch(now, again.content_type, again.body)) co_return true;
  if (creates) again = under_another_name(std::move(again));
  auto worded = co_await send_write(call, again, true);
  if (!worded && !is_refusal(worded.error())) co_return fail(std::move(worded.error()));
  if (!worded) co_return false;
  auto differences = diff(*worded, now);
  if (creates)
    std::erase_if(differences, [&](const FieldChange& difference) {
      static const FieldPath name{"metadata", "name"}, prefix{"metadata", "generateName"};
      if (difference.path == name || difference.path == prefix) return true;
      // What nobody asked for and bears our mark was made by another Fairlead.
      const auto marks = own_marks(now);
      const bool is_marked = std::any_of(
          marks.begin(), marks.end(), [&](const json::value& mark) { return holds_field(now, mark, difference.path); });
      return !is_marked && !speaks_of(again.body, difference.path);
    });
  co_return differences.empty();
}

// What the object would be by the patch alone, as far as it can be told; null: it cannot.
json::value intended(const Write& write, const json::value& asked) {
  if (write.before.is_null()) return nullptr;
  if (asked.is_array()) return patched(write.before, asked.get_array()).value_or(nullptr);
  return write.content_type == kube::Patch::merge ? merged(write.before, asked) : write.expected;
}

// `holder` is what the marks are on: the workload, of a Scale.
Settled settle_patch(const Write& write, const json::value& now, const json::value& holder, bool is_held) {
  Settled out;
  const bool is_new = write.before.is_null();
  const json::value asked = asked_by(write);
  out.after = intended(write, asked);
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
  if (is_new) {
    out.after = now;
    if (is_held && made(now, asked)) out.landed = Landed::yes;
    return out;
  }
  auto changes = wanted_changes(write, asked, now, is_held);
  if (!changes) return out;
  if (changes->empty()) {  // whoever has written it: there is nothing in it to take back
    out.after = write.before;
    return out;
  }
  for (const auto& change : *changes) {
    const json::value* is = at(now, change.path);
    if (change.after ? !is || *is != *change.after : is != nullptr) return out;
  }
  std::vector<FieldChange> marked = *changes;
  if (write.object.subresource == "scale") marked = {{{"spec", "replicas"}, std::nullopt, json::value(0), {}, false}};
  out.after = with(write.before, *changes);
  const auto own = own_marks(holder);
  const bool leaves_marks =
      write.object.subresource != "scale" || std::any_of(own.begin(), own.end(), [](const json::value& mark) {
        return text_at(mark, {"subresource"}) == "scale";
      });
  if (leaves_marks && wrote(holder, write.before, marked)) out.landed = Landed::yes;
  return out;
}

}  // namespace

awaitable<Result<Settled>> settle(Call& call, const Write& write) {
  Settled out;
  if (write.verb == Write::Verb::exec) co_return out;
  auto read = co_await read_now(call, write.object);
  if (!read) co_return fail(std::move(read.error()));
  const json::value now = std::move(*read);
  const bool there = !now.is_null();
  const bool same = there && text_at(now, {"metadata", "uid"}) == write.object.uid;
  switch (write.verb) {
    case Write::Verb::create: {
      bool ours = there && made(now, asked_by(write));
      if (ours) {
        auto held = co_await is_held(call, write, now);
        if (!held) co_return fail(std::move(held.error()));
        ours = *held;
      }
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
      Result<bool> held = false;
      if (there) held = co_await is_held(call, write, now);
      if (!held) co_return fail(std::move(held.error()));
      out = settle_patch(write, now, holder, *held);
      break;
    }
  }
  co_return out;
}

}  // namespace fairlead::ops
