#include "runtimes/book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fairlead::runtimes {
namespace {

constexpr std::array<std::string_view, 7> kDeeds{"deploy", "redeploy", "start", "stop", "restart", "repair", "delete"};
constexpr std::array<std::string_view, 3> kDesired{"running", "stopped", "deleted"};

constexpr std::string_view kColumns =
    "name, id, runtime, cluster, namespace, object, desired, revision, change, busy, keeps_state, created, updated";

template <class Enum, std::size_t size>
std::optional<Enum> parse(const std::array<std::string_view, size>& words, std::string_view text) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

std::int64_t number(bool value) { return value ? 1 : 0; }

AgentRow row_of(const store::Row& row) {
  AgentRow out;
  out.place = {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)};
  out.desired = parse<Desired>(kDesired, row.text(6)).value_or(Desired::running);
  out.revision = row.integer(7);
  out.change = row.integer(8);
  out.is_busy = row.integer(9) != 0;
  out.keeps_state = row.integer(10) != 0;
  out.created = row.integer(11);
  out.updated = row.integer(12);
  return out;
}

Result<std::optional<AgentRow>> find(store::Session& session, std::string_view column, const std::string& value) {
  auto rows = session.query(fmt::format("SELECT {} FROM agents WHERE {} = ?", kColumns, column), {value});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return std::optional<AgentRow>();
  return std::optional<AgentRow>(row_of(rows->front()));
}

tl::unexpected<Error> refuse(const Facts& facts, std::string cause, std::string remedy) {
  return fail(ErrorCode::conflict, fmt::format("{} agent {}", to_string(facts.deed), facts.place.name),
              std::move(cause), std::move(remedy));
}

Desired wanted_by(const Facts& facts, Desired now) {
  switch (facts.deed) {
    case Deed::deploy:
    case Deed::redeploy:
    case Deed::start: return Desired::running;
    case Deed::stop: return Desired::stopped;
    case Deed::remove: return Desired::removed;
    case Deed::restart:
    case Deed::repair: break;
  }
  return now;
}

Result<void> add(store::Session& session, const Facts& facts, const gate::Change& change) {
  const AgentPlace& place = facts.place;
  auto there = find(session, "name", place.name);
  if (!there) return fail(std::move(there.error()));
  if (*there)
    return refuse(facts, "there is an agent of that name already, on " + (*there)->place.cluster,
                  "Choose another name; 'fairlead agents redeploy' makes that one anew");
  auto added = session.execute(fmt::format("INSERT INTO agents ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", kColumns),
                               {place.name, place.id, place.runtime, place.cluster, place.ns, place.object,
                                std::string(to_string(Desired::running)), facts.revision, change.id, std::int64_t{1},
                                std::int64_t{1}, change.created, change.created});
  if (!added) return fail(std::move(added.error()));
  return {};
}

Result<void> change_row(store::Session& session, const AgentRow& row, const Facts& facts, const gate::Change& change) {
  if (row.is_busy && row.change != change.id)
    return refuse(facts, fmt::format("change {} of it is under way", row.change),
                  fmt::format("Wait for its end: 'fairlead changes show {}'", row.change));
  const bool is_new = facts.spec.has_value();
  const bool is_repeated = row.change == change.id;
  if (!is_repeated && facts.revision != row.revision + (is_new ? 1 : 0))
    return refuse(facts, fmt::format("it is at revision {} by now", row.revision), "Look at it, and call again");
  auto done = session.execute(
      "UPDATE agents SET desired = ?, revision = ?, change = ?, busy = 1, keeps_state = ?, updated = ? WHERE id = ?",
      {std::string(to_string(wanted_by(facts, row.desired))), facts.revision, change.id, number(facts.keeps_state),
       change.created, row.place.id});
  if (!done) return fail(std::move(done.error()));
  return {};
}

}  // namespace

std::string_view to_string(Deed deed) { return kDeeds[static_cast<std::size_t>(deed)]; }
std::string_view to_string(Desired desired) { return kDesired[static_cast<std::size_t>(desired)]; }

json::object to_json(const Facts& facts) {
  const AgentPlace& place = facts.place;
  json::object out{{"deed", to_string(facts.deed)},
                   {"agent", json::object{{"name", place.name},
                                          {"id", place.id},
                                          {"runtime", place.runtime},
                                          {"cluster", place.cluster},
                                          {"namespace", place.ns},
                                          {"object", place.object}}},
                   {"revision", facts.revision},
                   {"keeps_state", facts.keeps_state}};
  if (facts.spec) {
    out["spec"] = serialised(*facts.spec).reveal();
    out["summary"] = facts.summary;
  }
  return out;
}

Result<Facts> facts_of(const ops::Plan& plan) {
  const auto damaged = [](std::string cause) {
    return fail(ErrorCode::server_error, "read the plan of an agent's change", std::move(cause),
                "Use the version of Fairlead that made it");
  };
  const auto deed = parse<Deed>(kDeeds, text_at(plan.facts, {"deed"}));
  if (!deed) return damaged("it does not say what it does");
  Facts out;
  out.deed = *deed;
  const auto text = [&](std::string_view name) { return std::string(text_at(plan.facts, {"agent", name})); };
  out.place = {text("name"), text("id"), text("runtime"), text("cluster"), text("namespace"), text("object")};
  out.revision = integer_at(plan.facts, {"revision"});
  out.keeps_state = flag_at(plan.facts, {"keeps_state"});
  out.summary = text_at(plan.facts, {"summary"});
  if (const std::string_view spec = text_at(plan.facts, {"spec"}); !spec.empty()) {
    auto parsed = parsed_spec(Secret(std::string(spec)));
    if (!parsed) return fail(std::move(parsed.error()));
    out.spec = std::move(*parsed);
  }
  return out;
}

Result<void> note_begun(store::Session& session, const gate::Change& change) {
  if (!change.plan.facts.is_object() || !change.plan.facts.get_object().contains("agent")) return {};
  auto facts = facts_of(change.plan);
  if (!facts) return fail(std::move(facts.error()));
  auto row = find(session, "id", facts->place.id);
  if (!row) return fail(std::move(row.error()));
  if (!*row && facts->deed != Deed::deploy)
    return refuse(*facts, "it has been deleted meanwhile", "'fairlead agents list' shows those that there are");
  auto done = *row ? change_row(session, **row, *facts, change) : add(session, *facts, change);
  if (!done || !facts->spec) return done;
  auto forgotten = session.execute("DELETE FROM agent_revisions WHERE agent_id = ? AND number = ?",
                                   {facts->place.id, facts->revision});
  if (!forgotten) return fail(std::move(forgotten.error()));
  auto added = session.execute(
      "INSERT INTO agent_revisions (agent_id, number, change, who, summary, created) VALUES (?,?,?,?,?,?)",
      {facts->place.id, facts->revision, change.id, change.who, facts->summary, change.created});
  if (!added) return fail(std::move(added.error()));
  return {};
}

Result<void> note_ended(store::Session& session, const gate::Change& change) {
  // Its number is enough: of one that is given up nothing else may be known.
  auto rows = session.query(fmt::format("SELECT {} FROM agents WHERE change = ? AND busy = 1", kColumns), {change.id});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return {};
  const AgentRow row = row_of(rows->front());
  if (row.desired == Desired::removed && change.state == gate::ChangeState::completed) {
    for (const char* statement : {"DELETE FROM agent_revisions WHERE agent_id = ?", "DELETE FROM agents WHERE id = ?"})
      if (auto done = session.execute(statement, {row.place.id}); !done) return fail(std::move(done.error()));
    return {};
  }
  auto done = session.execute("UPDATE agents SET busy = 0 WHERE id = ?", {row.place.id});
  if (!done) return fail(std::move(done.error()));
  return {};
}

tl::unexpected<Error> no_such_agent(const std::string& name) {
  return fail(ErrorCode::not_found, "find the agent", "there is no agent '" + name + "'",
              "'fairlead agents list' shows those that there are");
}

awaitable<Result<AgentRow>> AgentBook::read(std::string name, Deadline deadline) {
  auto found = std::make_shared<std::optional<AgentRow>>();
  store::Work work = [name, found](store::Session& session) -> Result<void> {
    auto row = find(session, "name", name);
    if (!row) return fail(std::move(row.error()));
    *found = std::move(*row);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (!*found) co_return no_such_agent(name);
  co_return std::move(**found);
}

awaitable<Result<std::vector<AgentRow>>> AgentBook::list(std::string after, std::size_t limit, Deadline deadline) {
  auto found = std::make_shared<std::vector<AgentRow>>();
  store::Work work = [after, limit, found](store::Session& session) -> Result<void> {
    auto rows = session.query(fmt::format("SELECT {} FROM agents WHERE name > ? ORDER BY name LIMIT ?", kColumns),
                              {after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(std::move(rows.error()));
    found->clear();
    for (const auto& row : *rows) found->push_back(row_of(row));
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<std::vector<Revision>>> AgentBook::revisions(AgentRow row, Deadline deadline) {
  auto found = std::make_shared<std::vector<Revision>>();
  store::Work work = [id = row.place.id, found](store::Session& session) -> Result<void> {
    auto rows = session.query(
        "SELECT number, change, who, summary, created FROM agent_revisions WHERE agent_id = ? ORDER BY number DESC",
        {id});
    if (!rows) return fail(std::move(rows.error()));
    found->clear();
    for (const auto& one : *rows)
      found->push_back({one.integer(0), one.integer(1), one.text(2), one.text(3), one.integer(4)});
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<AgentSpec>> AgentBook::spec_of(AgentRow row, std::int64_t number, Deadline deadline) {
  auto made_by = std::make_shared<std::optional<std::int64_t>>();
  store::Work work = [id = row.place.id, number, made_by](store::Session& session) -> Result<void> {
    auto rows = session.query("SELECT change FROM agent_revisions WHERE agent_id = ? AND number = ?", {id, number});
    if (!rows) return fail(std::move(rows.error()));
    if (!rows->empty()) *made_by = rows->front().integer(0);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (!*made_by)
    co_return fail(ErrorCode::not_found, "find the revision",
                   fmt::format("agent {} has no revision {}", row.place.name, number),
                   "'fairlead agents show' tells those that there are");
  auto change = co_await journal_.read(**made_by, deadline);
  if (!change) co_return fail(std::move(change.error()));
  auto facts = facts_of(change->plan);
  if (!facts) co_return fail(std::move(facts.error()));
  if (!facts->spec)
    co_return fail(ErrorCode::server_error, "find the revision", "its change does not hold what it says",
                   "Use the version of Fairlead that made it");
  co_return std::move(*facts->spec);
}

}  // namespace fairlead::runtimes
