#include "runtimes/keeper.h"

#include <fmt/format.h>

#include "base/text.h"
#include "fleet/registered_clusters.h"
#include "ops/list.h"
#include "runtimes/plans.h"
#include "runtimes/status.h"

namespace fairlead::runtimes {
namespace {

constexpr std::size_t kPage = 500;

tl::unexpected<Error> refuse(std::string_view operation, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, std::string(operation), std::move(cause), std::move(remedy));
}

ops::Reply document(json::value value) { return {ops::Document{std::move(value), nullptr}, {}}; }

}  // namespace

AgentKeeper::AgentKeeper(store::Database& database, gate::Journal& journal, fleet::Registry& registry,
                         KeeperOptions options)
    : registry_(registry), book_(database, journal), options_(std::move(options)) {}

std::string AgentKeeper::random_hex(std::size_t bytes) const {
  std::string out;
  while (out.size() < bytes * 2) out += fmt::format("{:016x}", options_.random());
  out.resize(bytes * 2);
  return out;
}

awaitable<Result<AgentRow>> AgentKeeper::find(std::string name, MaySee may_see, Deadline deadline) {
  auto row = co_await book_.read(name, deadline);
  if (!row) co_return fail(std::move(row.error()));
  if (may_see(row->place.cluster, row->place.ns)) co_return row;
  co_return no_such_agent(name);
}

awaitable<Result<fleet::ClusterRow>> AgentKeeper::cluster_row(std::string target, Deadline deadline) {
  if (!target.starts_with(fleet::kTargetPrefix))
    co_return refuse("deploy_agent",
                     target.empty() ? "it does not say on which cluster"
                                    : "agents are deployed to registered clusters, and '" + target + "' is none",
                     "Name one as k8s:ID; 'fairlead clusters list' shows them");
  co_return co_await registry_.read(target.substr(fleet::kTargetPrefix.size()), deadline);
}

Result<const Profile*> AgentKeeper::profile_of(const AgentPlace& place) const {
  const Profile* found = options_.profiles.find(place.runtime);
  if (!found) return fail(options_.profiles.unknown(place.runtime));
  return found;
}

awaitable<Result<AgentKeeper::Place>> AgentKeeper::place_new(std::string cluster, json::object arguments,
                                                             Deadline deadline) {
  const json::value given = arguments;
  const std::string runtime(text_at(given, {"runtime"}));
  const Profile* profile = options_.profiles.find(runtime);
  if (!profile) co_return fail(options_.profiles.unknown(runtime));
  auto row = co_await cluster_row(cluster, deadline);
  if (!row) co_return fail(std::move(row.error()));
  if (const auto reasons = row->unavailable(); !reasons.empty())
    co_return fail(ErrorCode::conflict, "deploy_agent",
                   fmt::format("{} is no target for deploys: {}", cluster, fmt::join(reasons, " ")),
                   "'fairlead clusters test " + row->id + "' tests it; an operator enables it");
  if (text_at(given, {"namespace"}).empty()) arguments["namespace"] = namespace_of(*profile, *row);
  Place out{std::move(cluster), std::move(arguments)};
  co_return out;
}

awaitable<Result<AgentKeeper::Place>> AgentKeeper::place(const ops::Operation& operation, std::string cluster,
                                                         json::object arguments, MaySee may_see, Deadline deadline) {
  if (operation.name == "deploy_agent")
    co_return co_await place_new(std::move(cluster), std::move(arguments), deadline);
  const json::value given = arguments;
  const std::string name(text_at(given, {"name"})), ns(text_at(given, {"namespace"}));
  auto row = co_await find(name, may_see, deadline);
  if (!row) co_return fail(std::move(row.error()));
  const AgentPlace& place = row->place;
  if (!cluster.empty() && cluster != place.cluster)
    co_return refuse(operation.name, "agent " + place.name + " is on " + place.cluster, "Leave the cluster out");
  if (!ns.empty() && ns != place.ns)
    co_return refuse(operation.name, "agent " + place.name + " is in namespace " + place.ns, "Leave the namespace out");
  arguments["namespace"] = place.ns;
  Place out{place.cluster, std::move(arguments)};
  co_return out;
}

awaitable<Result<ops::Reply>> AgentKeeper::answer(const ops::Operation& operation, const ops::Arguments& arguments,
                                                  MaySee may_see, Deadline deadline) {
  ops::Rows rows;
  std::string after;
  const std::string ns = arguments.text("namespace");
  while (true) {
    auto page = co_await book_.list(after, kPage, deadline);
    if (!page) co_return fail(std::move(page.error()));
    for (const auto& row : *page) {
      if ((!ns.empty() && ns != row.place.ns) || !may_see(row.place.cluster, row.place.ns)) continue;
      rows.begin_row(row.is_busy ? 0 : 1);
      rows.text(row.place.name);
      rows.text(row.place.runtime);
      rows.text(row.place.cluster);
      rows.text(row.place.ns);
      rows.text(to_string(row.desired));
      rows.integer(row.revision);
      rows.flag(row.is_busy);
      rows.text(row.place.object);
      rows.integer(row.change);
      rows.time(row.created);
    }
    if (page->size() < kPage) break;
    after = page->back().place.name;
  }
  co_return ops::arrange(operation, arguments, "", std::move(rows), "agents");
}

awaitable<Result<ops::Reply>> AgentKeeper::read(ops::Call& call) {
  auto row = co_await book_.read(call.arguments.text("name"), call.deadline);
  if (!row) co_return fail(std::move(row.error()));
  if (call.operation.name == "compare_agent_revisions") {
    auto from = co_await book_.spec_of(*row, call.arguments.integer("from"), call.deadline);
    if (!from) co_return fail(std::move(from.error()));
    auto to = co_await book_.spec_of(*row, call.arguments.integer("to", row->revision), call.deadline);
    if (!to) co_return fail(std::move(to.error()));
    json::array lines;
    for (const auto& line : differences(*from, *to)) lines.push_back(json::value(line));
    co_return document(json::object{{"agent", row->place.name},
                                    {"from", call.arguments.integer("from")},
                                    {"to", call.arguments.integer("to", row->revision)},
                                    {"differences", std::move(lines)}});
  }
  if (call.operation.name == "check_agent") co_return co_await check(call, *row);
  co_return co_await show(call, *row);
}

awaitable<Result<ops::Plan>> AgentKeeper::plan_new(ops::Call& call, std::string cluster) {
  Facts facts;
  facts.deed = Deed::deploy;
  facts.revision = 1;
  facts.summary = "first deploy";
  AgentPlace& place = facts.place;
  place = {
      call.arguments.text("name"), random_hex(4), call.arguments.text("runtime"), cluster, call.object_namespace(), ""};
  auto profile = profile_of(place);
  if (!profile) co_return fail(std::move(profile.error()));
  place.object = object_name((*profile)->prefix, place.name, place.id);
  auto there = co_await book_.read(place.name, call.deadline);
  if (there)
    co_return fail(ErrorCode::conflict, "deploy_agent",
                   "there is an agent '" + place.name + "' already, on " + there->place.cluster,
                   "Choose another name; 'fairlead agents redeploy' makes that one anew");
  if (there.error().code != ErrorCode::not_found) co_return fail(std::move(there.error()));
  auto row = co_await cluster_row(cluster, call.deadline);
  if (!row) co_return fail(std::move(row.error()));
  const SpecSources sources{**profile,
                            place,
                            *row,
                            nullptr,
                            options_.backend_url,
                            [this](std::size_t bytes) { return Secret(random_hex(bytes)); }};
  auto spec = make_spec(call.arguments, sources);
  if (!spec) co_return fail(std::move(spec.error()));
  Wanted wanted{place, make_objects(**profile, place, *spec, facts.revision, 1)};
  facts.spec = std::move(*spec);
  auto plan = co_await plan_deploy(call, std::move(wanted));
  if (plan) plan->facts = to_json(facts);
  co_return plan;
}

awaitable<Result<ops::Plan>> AgentKeeper::plan_spec(ops::Call& call, AgentRow row, Facts& facts) {
  auto profile = profile_of(row.place);
  if (!profile) co_return fail(std::move(profile.error()));
  const bool goes_back = call.operation.name == "rollback_agent", repairs = facts.deed == Deed::repair;
  const std::int64_t from = goes_back ? call.arguments.integer("revision") : row.revision;
  auto before = co_await book_.spec_of(row, from, call.deadline);
  if (!before) co_return fail(std::move(before.error()));
  AgentSpec spec = std::move(*before);
  if (!goes_back && !repairs) {
    auto cluster = co_await cluster_row(row.place.cluster, call.deadline);
    if (!cluster) co_return fail(std::move(cluster.error()));
    const AgentSpec was = spec;
    const SpecSources sources{**profile, row.place, *cluster, &was, options_.backend_url, [this](std::size_t bytes) {
                                return Secret(random_hex(bytes));
                              }};
    auto made = make_spec(call.arguments, sources);
    if (!made) co_return fail(std::move(made.error()));
    spec = std::move(*made);
    facts.summary = fmt::format("{}", fmt::join(differences(was, spec), "; "));
    if (facts.summary.empty()) facts.summary = "as revision " + std::to_string(row.revision);
  }
  if (goes_back) facts.summary = "as revision " + std::to_string(from);
  if (!repairs) {
    facts.revision = row.revision + 1;
    facts.spec = spec;
  }
  const int replicas = repairs && row.desired == Desired::stopped ? 0 : 1;
  Wanted wanted{row.place, make_objects(**profile, row.place, spec, facts.revision, replicas)};
  auto make = repairs ? plan_repair(call, std::move(wanted)) : plan_redeploy(call, std::move(wanted));
  co_return co_await std::move(make);
}

awaitable<Result<ops::Plan>> AgentKeeper::plan(ops::Call& call, std::string cluster) {
  if (call.operation.name == "deploy_agent") co_return co_await plan_new(call, std::move(cluster));
  auto row = co_await book_.read(call.arguments.text("name"), call.deadline);
  if (!row) co_return fail(std::move(row.error()));
  if (row->is_busy)
    co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                   fmt::format("change {} of agent {} is under way", row->change, row->place.name),
                   fmt::format("Wait for its end: 'fairlead changes show {}'", row->change));
  Facts facts;
  facts.place = row->place;
  facts.revision = row->revision;
  const std::string_view name = call.operation.name;
  auto plan = [&]() -> awaitable<Result<ops::Plan>> {
    if (name == "start_agent" || name == "stop_agent") {
      facts.deed = name == "start_agent" ? Deed::start : Deed::stop;
      return plan_scale(call, row->place, facts.deed == Deed::start ? 1 : 0);
    }
    if (name == "restart_agent") {
      facts.deed = Deed::restart;
      return plan_restart(call, row->place, format_rfc3339(call.clock.unix_seconds()));
    }
    if (name == "delete_agent") {
      facts.deed = Deed::remove;
      facts.keeps_state = !call.arguments.flag("delete_state");
      return plan_remove(call, row->place, facts.keeps_state);
    }
    facts.deed = name == "repair_agent" ? Deed::repair : Deed::redeploy;
    return plan_spec(call, *row, facts);
  };
  auto made = co_await plan();
  if (made) made->facts = to_json(facts);
  co_return made;
}

awaitable<Result<ops::Verification>> AgentKeeper::verify(ops::Call& call, const ops::Plan& plan, const ops::Answers&) {
  auto facts = facts_of(plan);
  if (!facts) co_return fail(std::move(facts.error()));
  auto seen = co_await look(call, facts->place);
  if (!seen) co_return fail(std::move(seen.error()));
  const Observed observed = observe(*seen);
  ops::Verification out;
  out.state = words(observed);
  switch (facts->deed) {
    case Deed::stop: out.reached = observed.phase == Phase::stopped; break;
    case Deed::remove:
      out.reached = observed.phase == Phase::absent && observed.pods.empty();
      if (out.reached) out.state = "its objects have gone";
      break;
    case Deed::repair: out.reached = observed.phase == Phase::stopped || observed.phase == Phase::running; break;
    default: out.reached = observed.phase == Phase::running; break;
  }
  co_return out;
}

}  // namespace fairlead::runtimes
