#include "ops/undo.h"

#include <algorithm>
#include <array>
#include <set>

#include "ops/clip.h"
#include "ops/contents.h"
#include "ops/managed_fields.h"
#include "ops/object_document.h"
#include "ops/planning.h"
#include "ops/shown.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

struct Undoing {
  Plan plan;
  struct Conflict {
    std::string line;      // for readers
    bool is_lost = false;  // it cannot be put back, whoever forces it
  };
  std::vector<Conflict> conflicts;
};

void tell(Undoing& to, const ObjectRef& object, const std::string& what, bool is_lost = false) {
  to.conflicts.push_back({object.words() + " " + what, is_lost});
}

// The keys of a Secret that a request sets or removes.
std::set<std::string> keys_of(const Write& write) {
  constexpr std::string_view below = "/data/";
  std::set<std::string> out;
  const json::value asked = as_kept(write.object, write.body);
  for (const auto& [key, unused] : object_at(asked, {"data"})) out.emplace(key);
  for (const auto& step : array_at(asked, {}))
    if (const std::string_view path = text_at(step, {"path"}); path.starts_with(below))
      out.emplace(path.substr(below.size()));  // keys of a Secret hold neither "/" nor "~"
  return out;
}

// The keys of it that the change may have given other values: those that it named, and those that went or came with it.
std::set<std::string> touched_keys(const Written& written) {
  std::set<std::string> out = keys_of(written.write);
  const json::object &had = object_at(written.write.before, {"data"}), &left = object_at(written.after, {"data"});
  for (const auto* one : {&had, &left})
    for (const auto& [key, value] : *one) {
      const json::value *before = had.if_contains(key), *after = left.if_contains(key);
      if (!before || !after || *before != *after) out.emplace(key);
    }
  return out;
}

// Each of them, whether the Secret holds another value now or not: the difference would tell.
void take_back_keys(Undoing& to, json::array& patch, const Written& written, const json::value& now) {
  json::array rest;
  for (auto& step : patch)
    if (!text_at(step, {"path"}).starts_with("/data")) rest.push_back(std::move(step));
  patch = std::move(rest);
  const auto keys = touched_keys(written);
  if (keys.empty()) return;
  const json::object &had = object_at(written.write.before, {"data"}), &left = object_at(written.after, {"data"}),
                     &has = object_at(now, {"data"});
  const json::value* data = find(now, "data");
  if (!data || !data->is_object())
    patch.push_back(json::object{{"op", "add"}, {"path", "/data"}, {"value", json::object()}});
  for (const auto& key : keys) {
    const json::value *value = had.if_contains(key), *then = left.if_contains(key), *is = has.if_contains(key);
    // The same to be seen whatever the values are.
    if (then ? !is || *is != *then : is != nullptr)
      tell(to, written.write.object, "data." + key + " holds no longer what the change left there");
    if (value)
      patch.push_back(json::object{{"op", "add"}, {"path", "/data/" + key}, {"value", *value}});
    else if (is)
      patch.push_back(json::object{{"op", "remove"}, {"path", "/data/" + key}});
  }
}

bool grants_rights(const ObjectRef& object) { return object.group == "rbac.authorization.k8s.io"; }

// Also those whose mere existence gives rights: what names an account is good again, and so is its old token.
bool is_grant(const ObjectRef& object, const json::value& state) {
  return grants_rights(object) || object.is("", "serviceaccounts") ||
         (object.is_secret() && text_at(state, {"type"}) == "kubernetes.io/service-account-token");
}

// Whether this would give any rights that are not there now. Aggregation makes rights of a ClusterRole's labels,
// whether they are there or not.
bool gives_rights(const ObjectRef& object, const json::array& patch, const json::value& now) {
  if (!grants_rights(object)) return false;
  constexpr std::array<std::string_view, 4> rights{"subjects", "rules", "roleRef", "aggregationRule"};
  return std::any_of(patch.begin(), patch.end(), [&](const json::value& step) {
    std::string_view path = text_at(step, {"path"});
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    const std::string_view field = path.substr(0, path.find('/')), op = text_at(step, {"op"});
    if (op == "test") return false;
    if (object.plural == "clusterroles" && (path.starts_with("metadata/labels") || path == "metadata")) return true;
    if (std::find(rights.begin(), rights.end(), field) == rights.end() || op == "remove") return false;
    const json::value* value = find(step, "value");
    const json::array& there = array_at(now, {field});
    if (path != field || !value || !value->is_array()) return true;
    return std::any_of(value->get_array().begin(), value->get_array().end(), [&](const json::value& one) {
      return std::find(there.begin(), there.end(), one) == there.end();
    });
  });
}

// Whatever it holds: it may hold the same again.
bool is_written_since(const Written& written, const json::value& now) {
  const std::string_view left = text_at(written.after, {"metadata", "resourceVersion"});
  return left.empty() || text_at(now, {"metadata", "resourceVersion"}) != left;
}

void take_back_patch(Undoing& to, const Written& written, const json::value& now) {
  const ObjectRef& object = written.write.object;
  if (now.is_null() || (!object.uid.empty() && text_at(now, {"metadata", "uid"}) != object.uid)) {
    tell(to, object,
         now.is_null() ? "is not there any more" : "is another object of the same name by now (its uid differs)", true);
    return;
  }
  if (!written.is_known) {
    tell(to, object, "may be as it is by somebody else: it is not known whether this change arrived",
         grants_rights(object));
    if (grants_rights(object)) return;
  }
  Reverse back = reverse(diff(written.write.before, written.after), now);
  const Shown was(object, written.write.before), left(object, written.after), is(object, now);
  const auto is_of_data = [&](const FieldConflict& conflict) {
    const auto* first = conflict.path.empty() ? nullptr : std::get_if<std::string>(&conflict.path[0]);
    return object.is_secret() && first && *first == "data";
  };
  // Rights that somebody may have revoked are not given back, whoever forces it; they may always be taken away.
  const bool is_revoked = gives_rights(object, back.patch, now) && is_written_since(written, now);
  for (const auto& conflict : back.conflicts)
    if (!is_of_data(conflict))
      tell(to, object,
           shown_path(conflict.path) + ": it was " + clip(was.text(conflict.path), kLongValue) + ", the change left " +
               clip(left.text(conflict.path), kLongValue) + ", and it is " + clip(is.text(conflict.path), kLongValue) +
               " now",
           conflict.is_lost || is_revoked);
  if (is_revoked && back.conflicts.empty())
    tell(to, object, "grants rights, and was written since: whether somebody wants them gone cannot be told", true);
  if (is_revoked) return;
  if (object.is_secret()) take_back_keys(to, back.patch, written, now);
  if (back.patch.empty()) return;
  Write write;
  write.verb = Write::Verb::patch;
  write.object = object;
  write.content_type = kube::Patch::json;
  back.patch.insert(back.patch.begin(), json::object{{"op", "replace"},
                                                     {"path", "/metadata/resourceVersion"},
                                                     {"value", text_at(now, {"metadata", "resourceVersion"})}});
  if (object.subresource == "scale")  // a Scale of 0 has no field to replace, and adding one replaces it where it is
    for (auto& step : back.patch)
      if (text_at(step, {"path"}) == "/spec/replicas") step.as_object()["op"] = "add";
  write.body = std::move(back.patch);
  write.before = now;
  to.plan.writes.push_back(std::move(write));
}

// Controllers add to what was made. Who has written a field is told by the server; where it does not, annotations and
// fields of the spec that nobody asked for are a controller's, and the rest is people's: what was asked for, further
// items of its lists, and all of an object that has no spec.
bool is_of_people(const json::value& asked, const FieldPath& path, const json::value& now) {
  switch (holder_of(now, path)) {
    case Holder::others: return true;
    case Holder::controller: return false;
    case Holder::nobody: break;
  }
  if (at(asked, path)) return true;
  const auto* first = path.empty() ? nullptr : std::get_if<std::string>(&path[0]);
  const bool in_metadata = first && *first == "metadata";
  if (!in_metadata && !find(asked, "spec")) return true;
  for (std::size_t i = 1; i < path.size(); ++i)
    if (std::holds_alternative<ItemKey>(path[i]) &&
        at(asked, FieldPath(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i))))
      return !in_metadata;
  return false;
}

// An apply merges into what somebody else has made in the same moment.
bool is_made_by_others_too(const Written& written) {
  const auto fields = leaves(written.after);
  return std::any_of(fields.begin(), fields.end(),
                     [&](const FieldChange& field) { return holder_of(written.after, field.path) == Holder::others; });
}

void take_back_creation(Undoing& to, const Written& written, const json::value& now, const Contents& contents) {
  ObjectRef object = written.write.object;
  if (now.is_null()) return;  // gone already
  object.uid = text_at(written.after, {"metadata", "uid"});
  if (text_at(now, {"metadata", "uid"}) != object.uid) {
    tell(to, object, "is another object of the same name by now (its uid differs)", true);
    return;
  }
  if (!written.is_known)
    tell(to, object, "may have been made by somebody else: it is not known whether this change arrived");
  if (written.write.content_type == kube::Patch::apply && is_made_by_others_too(written)) {
    tell(to, object, "was made by somebody else in the same moment", true);
    return;
  }
  const json::value asked = as_kept(object, written.write.body);
  const Shown left(object, written.after), is(object, now);
  for (const auto& change : diff(written.after, now)) {
    if (!is_of_people(asked, change.path, now)) continue;
    tell(to, object,
         shown_path(change.path) + ": the change left " + clip(left.text(change.path), kLongValue) + ", and it is " +
             clip(is.text(change.path), kLongValue) + " now");
  }
  for (const auto* lines : {&contents.unknown, &contents.lines})
    for (const auto& line : *lines) tell(to, object, line);
  Write write = removal_of(std::move(object), now);
  write.body.as_object()["propagationPolicy"] = "Background";  // a Job's pods would stay
  to.plan.writes.push_back(std::move(write));
}

void take_back_removal(Undoing& to, const Written& written, const json::value& now,
                       const std::vector<std::string>& put_back) {
  ObjectRef object = written.write.object;
  if (text_at(now, {"metadata", "uid"}) == object.uid && !now.is_null()) {
    tell(to, object, "is still being deleted", true);
    return;
  }
  const json::value again = as_new(written.write.before);
  if (!now.is_null()) {  // by somebody, or by a rollback that came no further
    if (!diff(again, as_new(now)).empty()) tell(to, object, "is there again, and is not what it was", true);
    return;
  }
  if (!text_at(written.write.before, {"metadata", "deletionTimestamp"}).empty()) {
    tell(to, object, "was being deleted by somebody else already", true);
    return;
  }
  const bool grants = is_grant(object, written.write.before);
  if (!written.is_known)
    tell(to, object, "has gone, and it is not known whether it was this change that deleted it", grants);
  const bool was_back = std::find(put_back.begin(), put_back.end(), object.words()) != put_back.end();
  if (was_back) tell(to, object, "was put back by an earlier attempt, and somebody has deleted it since", grants);
  if (grants && (was_back || !written.is_known)) return;
  // What has gone does not show whether somebody made it anew meanwhile, and revoked it for good.
  if (grants) tell(to, object, "grants rights, and whether somebody wants them gone since cannot be told");
  object.uid.clear();
  if (!object.is_secret()) to.plan.shows.push_back(object);  // as it was, whole
  Write write;
  write.verb = Write::Verb::create;
  write.copied = true;
  write.object = std::move(object);
  write.body = again;
  to.plan.writes.push_back(std::move(write));
}

}  // namespace

awaitable<Result<Plan>> plan_undo(Call& call, std::vector<Written> written, std::string summary, UndoOptions options) {
  Undoing undoing;
  undoing.plan.summary = std::move(summary);
  std::vector<std::string> own;
  for (const auto& one : written)
    if (one.write.before.is_null()) own.emplace_back(text_at(one.after, {"metadata", "uid"}));
  std::reverse(written.begin(), written.end());
  // Pods that start anew meanwhile find what they read as it was.
  std::stable_partition(written.begin(), written.end(), [](const Written& one) {
    const ObjectRef& object = one.write.object;
    return one.write.verb == Write::Verb::patch && !one.write.before.is_null() && object.group.empty() &&
           (object.plural == "secrets" || object.plural == "configmaps");
  });
  for (auto one = written.begin(); one != written.end(); ++one) {
    if (one->write.verb == Write::Verb::evict) continue;
    auto now = co_await read_now(call, one->write.object);
    if (!now) co_return fail(std::move(now.error()));
    if (one->write.verb == Write::Verb::remove) {
      take_back_removal(undoing, *one, *now, options.put_back);
    } else if (one->write.before.is_null()) {
      Contents contents;
      if (!now->is_null()) contents = co_await contents_of(call, one->write.object, one->after, *now, own);
      take_back_creation(undoing, *one, *now, contents);
    } else {
      take_back_patch(undoing, *one, *now);
    }
  }
  std::string lines;
  for (const auto& one : undoing.conflicts) lines += (lines.empty() ? "" : "\n") + one.line;
  const std::size_t known = undoing.conflicts.size(),
                    count = known + (undoing.plan.writes.empty() ? options.left.size() : 0);
  if (undoing.plan.writes.empty())
    for (const auto& line : options.left) lines += (lines.empty() ? "" : "\n") + line;
  if (count > 0 && ((known > 0 && !options.force) || undoing.plan.writes.empty()))
    co_return fail_with(std::move(lines), ErrorCode::conflict, "take the change back",
                        std::to_string(count) + (count == 1 ? " thing holds" : " things hold") +
                            " no longer what the change left there",
                        options.force ? "There is nothing left to take back"
                                      : "Look at them; --force overwrites them, and is recorded");
  for (auto& line : options.left) {
    undoing.plan.reach.push_back("left as it is: " + line);
    undoing.plan.left.push_back(line);
  }
  for (auto& one : undoing.conflicts) {
    undoing.plan.reach.push_back((one.is_lost ? "left as it is: " : "overwritten: ") + one.line);
    if (one.is_lost) undoing.plan.left.push_back(one.line);
  }
  co_return std::move(undoing.plan);
}

}  // namespace fairlead::ops
