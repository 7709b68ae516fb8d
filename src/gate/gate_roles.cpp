// What callers with roles see of changes, and decide about them.
#include "gate/passing.h"

namespace fairlead::gate {
namespace {

constexpr std::size_t kOpenedAtOnce = 500;  // changes, for one list: others wait for the database meanwhile

std::vector<Touch> objects_of(const Change& change) {
  std::vector<Touch> out;
  for (const auto& write : change.plan.writes)
    out.push_back({write.object.group, write.object.plural, write.object.ns, write.object.name});
  if (out.empty()) out.push_back({});  // nobody knows what it is about: beyond namespaces
  return out;
}

std::optional<std::string> why_not(const Identity& who, Deed deed, const Change& change) {
  if (!who.bindings) return std::nullopt;
  return gate::why_not(*who.bindings, deed, change.cluster, objects_of(change));
}

// The same words as where there is none: who may not see it learns nothing.
tl::unexpected<Error> no_change(std::int64_t id) {
  return fail(ErrorCode::not_found, "read the journal", "there is no change " + std::to_string(id),
              "Those that you may see are listed");
}

tl::unexpected<Error> denied(std::string action, std::string why) {
  return fail(ErrorCode::policy_denied, std::move(action), std::move(why),
              "Somebody with the role can do it; an admin gives roles");
}

}  // namespace

bool Gate::sees(const Identity& who, const Change& change) const {
  return decide(who, change.cluster, "get_resource", ops::Trust::read, objects_of(change)).decision == Decision::allow;
}

awaitable<Result<Change>> Gate::read_change(Identity who, std::int64_t id, Deadline deadline) {
  if (!books_.journal) co_return no_journal("read the change");
  auto change = co_await books_.journal->read(id, deadline);
  if (!change && change.error().code == ErrorCode::not_found && who.bindings) co_return no_change(id);
  if (!change) co_return fail(std::move(change.error()));
  if (who.bindings && !sees(who, *change)) co_return no_change(id);
  lapse(*change, books_.clock->unix_seconds());
  co_return change;
}

awaitable<Result<Gate::ChangeList>> Gate::list_changes(Identity who, Journal::Filter filter, Deadline deadline) {
  if (!books_.journal) co_return no_journal("list the changes");
  filter.now = books_.clock->unix_seconds();
  ChangeList out;
  std::size_t opened = 0;
  while (out.changes.size() < filter.limit) {
    Journal::Filter part = filter;
    auto found = co_await books_.journal->list(std::move(part), deadline);
    if (!found) co_return fail(std::move(found.error()));
    if (found->empty()) co_return out;
    for (auto& head : *found) {
      if (out.changes.size() == filter.limit) break;
      filter.before = head.id;
      if (!who.bindings) {
        out.changes.push_back(std::move(head));
        continue;
      }
      if (!covers_cluster(*who.bindings, head.cluster)) continue;
      // Which objects it touches is in its plan. One that cannot be opened is seen by nobody whose roles are asked.
      auto whole = co_await books_.journal->read(head.id, deadline);
      if (!whole && (whole.error().code == ErrorCode::timeout || whole.error().code == ErrorCode::cancelled))
        co_return fail(std::move(whole.error()));
      if (whole && sees(who, *whole)) out.changes.push_back(std::move(head));
      if (++opened == kOpenedAtOnce) {
        out.next = filter.before > 1 ? filter.before : 0;
        co_return out;
      }
    }
  }
  out.next = filter.before > 1 ? filter.before : 0;
  co_return out;
}

awaitable<Result<void>> Gate::decide_change(Identity who, std::int64_t id, bool approve, std::string typed,
                                            Deadline deadline) {
  const std::string word = approve ? "approve the change" : "reject the change";
  auto change = co_await read_change(who, id, deadline);
  if (!change) co_return fail(std::move(change.error()));
  auto refuse = [&](const Error& error) {
    record_refused(approve ? "approve" : "reject", who.name, id, change->cluster, error.code);
    return fail(error);
  };
  const bool own = change->who == who.name;
  // Whoever has asked for it may think better of it.
  if (approve || !own)
    if (auto why = why_not(who, Deed::decide, *change)) co_return refuse(denied(word, std::move(*why)).value());
  if (approve && own) co_return refuse(denied(word, "nobody approves their own changes").value());
  if (approve && who.bindings)
    for (const auto& binding : *who.bindings)
      if (binding.role == Role::agent) co_return refuse(denied(word, "an agent approves nothing").value());
  Answer answer{approve ? Answer::Kind::approved : Answer::Kind::rejected, who.name, std::move(typed)};
  co_return co_await this->answer(id, std::move(answer), deadline);
}

awaitable<Result<void>> Gate::close_change(Identity who, std::int64_t id, std::string reason, Deadline deadline) {
  auto change = co_await read_change(who, id, deadline);
  if (!change) co_return fail(std::move(change.error()));
  if (auto why = why_not(who, Deed::take_back, *change)) {
    record_refused("close", who.name, id, change->cluster, ErrorCode::policy_denied);
    co_return denied("close the change", std::move(*why));
  }
  co_return co_await close(id, who.name, std::move(reason), deadline);
}

Result<void> Gate::may_take_back(const Identity& who, const Change& change) const {
  if (!who.bindings) return {};
  if (!sees(who, change)) return no_change(change.id);
  const Deed deed = change.who == who.name ? Deed::change : Deed::take_back;
  if (auto why = why_not(who, deed, change)) return denied("roll the change back", std::move(*why));
  return {};
}

}  // namespace fairlead::gate
