// What the keeper tells of one agent: as it stands in the books, and as its cluster shows it.
#include <fmt/format.h>

#include "base/text.h"
#include "ops/object_document.h"
#include "runtimes/checks.h"
#include "runtimes/keeper.h"
#include "runtimes/look.h"
#include "runtimes/reach.h"

namespace fairlead::runtimes {
namespace {

json::object shown(const AgentRow& row) {
  return {{"name", row.place.name},          {"id", row.place.id},
          {"runtime", row.place.runtime},    {"cluster", row.place.cluster},
          {"namespace", row.place.ns},       {"deployment", row.place.object},
          {"service", row.place.object},     {"desired", to_string(row.desired)},
          {"revision", row.revision},        {"change", row.change},
          {"change_under_way", row.is_busy}, {"created", format_rfc3339(row.created)}};
}

json::object shown(const Revision& revision) {
  return {{"revision", revision.number},
          {"change", revision.change},
          {"who", revision.who},
          {"summary", revision.summary},
          {"created", format_rfc3339(revision.created)}};
}

json::array texts(const std::vector<std::string>& all) {
  json::array out;
  for (const auto& one : all) out.push_back(json::value(one));
  return out;
}

json::value service_of(const Sight& sight, std::string_view host) {
  if (!sight.service.is_object()) return nullptr;
  json::object out = runtimes::shown(reach_of(sight.service, host));
  if (sight.endpoints)
    out["endpoints"] = json::object{{"ready", sight.endpoints->ready}, {"not_ready", sight.endpoints->not_ready}};
  else
    out["endpoints"] = nullptr;
  return out;
}

}  // namespace

awaitable<Result<ops::Reply>> AgentKeeper::show(ops::Call& call, AgentRow row) {
  json::object out = shown(row);
  auto revisions = co_await book_.revisions(row, call.deadline);
  if (!revisions) co_return fail(std::move(revisions.error()));
  auto spec = co_await book_.spec_of(row, row.revision, call.deadline);
  if (!spec) co_return fail(std::move(spec.error()));
  // As the row is now: who corrects a host need not deploy anew.
  fleet::ClusterRow::Exposing exposure = spec->exposure;
  auto cluster = co_await cluster_row(row.place.cluster, call.deadline);
  if (cluster) exposure.runtime_host = cluster->exposure.runtime_host;
  // While a change is under way, what differs is what it is about.
  const Profile* profile = options_.profiles.find(row.place.runtime);
  std::optional<AgentObjects> wanted;
  if (profile && !row.is_busy)
    wanted = make_objects(*profile, row.place, *spec, row.revision, row.desired == Desired::stopped ? 0 : 1);
  auto sight = co_await look_closely(call, row.place, wanted ? &*wanted : nullptr, exposure.load_balancer_timeout_ms);
  if (!sight) co_return fail(std::move(sight.error()));
  out["status"] = runtimes::shown(sight->observed);
  out["service"] = row.place.object;
  out["exposure"] = service_of(*sight, exposure.runtime_host);
  out["drift"] = sight->compared ? json::value(texts(sight->differences)) : json::value(nullptr);
  if (!sight->unread.empty()) out["unread"] = texts(sight->unread);
  json::array all;
  for (const auto& revision : *revisions) all.push_back(shown(revision));
  out["revisions"] = std::move(all);
  out["spec"] = runtimes::shown(*spec);
  ops::Reply reply{ops::Document{std::move(out), nullptr}, {}};
  if (sight->observed.phase == Phase::failing)
    reply.notes.push_back(
        fmt::format("diagnose_workload tells more: 'fairlead call diagnose_workload {} -n {} --cluster {}'",
                    row.place.object, row.place.ns, row.place.cluster));
  if (!sight->differences.empty() && sight->compared)
    reply.notes.push_back("its objects differ from its newest revision: 'fairlead agents repair " + row.place.name +
                          "' sets them back");
  co_return reply;
}

awaitable<Result<ops::Reply>> AgentKeeper::check(ops::Call& call, AgentRow row) {
  auto profile = profile_of(row.place);
  if (!profile) co_return fail(std::move(profile.error()));
  CheckLimits limits;
  if (call.arguments.has("attempts")) limits.attempts = call.arguments.integer("attempts");
  if (call.arguments.has("wait_seconds")) limits.wait_seconds = call.arguments.integer("wait_seconds");
  auto outcomes = co_await run_checks(call, row.place, **profile, limits);
  if (!outcomes) co_return fail(std::move(outcomes.error()));
  json::array lines;
  bool all = true;
  for (const auto& one : *outcomes) {
    lines.push_back(runtimes::shown(one));
    all = all && one.accepted;
  }
  ops::Reply reply{
      ops::Document{json::object{{"agent", row.place.name}, {"accepted", all}, {"checks", std::move(lines)}}, nullptr},
      {}};
  if (outcomes->empty()) reply.notes.push_back("its family " + row.place.runtime + " has no checks");
  if (!all) reply.notes.push_back("'fairlead agents show " + row.place.name + "' tells whether it runs, and why not");
  co_return reply;
}

}  // namespace fairlead::runtimes
