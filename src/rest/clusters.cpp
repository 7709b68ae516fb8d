// The registry of clusters.
#include "fleet/mounted.h"
#include "fleet/probe.h"
#include "rest/api.h"
#include "rest/bodies.h"

namespace fairlead::rest {
namespace {

constexpr Duration kAfterwards = std::chrono::seconds(10);  // to keep what was found

std::string etag(const fleet::ClusterRow& row) { return "\"" + row.etag() + "\""; }

Response answer_row(int status, const fleet::ClusterRow& row) {
  Response out = answer(status, fleet::shown(row));
  out.headers.push_back({"ETag", etag(row)});
  return out;
}

bool sees(const gate::Identity& who, const fleet::ClusterRow& row) {
  return !who.bindings || gate::covers_cluster(*who.bindings, row.target());
}

// Who may not see it is told what who asks for one that is not there is told.
awaitable<Result<fleet::ClusterRow>> read_visible(fleet::Registry& registry, const Request& request) {
  auto row = co_await registry.read(request.arguments[0], request.deadline);
  if (!row && row.error().code != ErrorCode::not_found) co_return fail(std::move(row.error()));
  if (row && sees(request.who, *row)) co_return row;
  co_return fail(ErrorCode::not_found, "find the cluster",
                 "no cluster '" + request.arguments[0] + "' is registered, or none that you may see",
                 "GET /api/v1/clusters lists them");
}

// RFC 9110: with If-Match only that version of the row is touched, to which the registry holds, too.
awaitable<Result<std::optional<Response>>> check_precondition(fleet::Registry& registry, const Request& request) {
  if (!request.if_match) co_return std::nullopt;
  auto row = co_await registry.read(request.arguments[0], request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  if (etag(*row) == "\"" + *request.if_match + "\"") co_return std::nullopt;
  Response out = problem_with_status(
      412,
      {ErrorCode::conflict, "change the cluster", "it was changed since it was read", "Read it again", nullptr, {}});
  out.headers.push_back({"ETag", etag(*row)});
  co_return out;
}

}  // namespace

awaitable<Result<Response>> Api::list_clusters(Request& request) {
  auto limit = number_of(request, "limit", 100, 1, 1000);
  if (!limit) co_return fail(std::move(limit.error()));
  std::string after = request.query["after"];
  json::array items;
  json::value next = nullptr;
  while (items.size() < static_cast<std::size_t>(*limit)) {
    auto rows = co_await parts_.registry.list(after, static_cast<std::size_t>(*limit), request.deadline);
    if (!rows) co_return fail(std::move(rows.error()));
    for (auto& row : *rows) {
      if (items.size() == static_cast<std::size_t>(*limit)) break;
      after = row.id;
      if (!sees(request.who, row)) continue;
      fleet::forget_test_of_other_files(row, parts_.live.connect);
      items.push_back(fleet::shown(row));
    }
    if (rows->size() < static_cast<std::size_t>(*limit)) break;
    next = after;
  }
  if (items.size() < static_cast<std::size_t>(*limit)) next = nullptr;
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::add_cluster(Request& request) {
  auto row = co_await parts_.registry.add(request.body, request.who.name, request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  Response out = answer_row(201, *row);
  out.headers.push_back({"Location", "/api/v1/clusters/" + row->id});
  co_return out;
}

awaitable<Result<Response>> Api::show_cluster(Request& request) {
  auto row = co_await read_visible(parts_.registry, request);
  if (!row) co_return fail(std::move(row.error()));
  fleet::forget_test_of_other_files(*row, parts_.live.connect);
  co_return answer_row(200, *row);
}

awaitable<Result<Response>> Api::change_cluster(Request& request) {
  auto failed = co_await check_precondition(parts_.registry, request);
  if (!failed) co_return fail(std::move(failed.error()));
  if (*failed) co_return std::move(**failed);
  auto row = co_await parts_.registry.change(request.arguments[0], request.body, request.if_match, request.who.name,
                                             request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  parts_.clusters.forget(row->id);
  fleet::forget_test_of_other_files(*row, parts_.live.connect);
  co_return answer_row(200, *row);
}

awaitable<Result<Response>> Api::remove_cluster(Request& request) {
  auto failed = co_await check_precondition(parts_.registry, request);
  if (!failed) co_return fail(std::move(failed.error()));
  if (*failed) co_return std::move(**failed);
  auto removed =
      co_await parts_.registry.remove(request.arguments[0], request.if_match, request.who.name, request.deadline);
  if (!removed) co_return fail(std::move(removed.error()));
  parts_.clusters.forget(request.arguments[0]);
  Response out;
  out.status = 204;
  co_return out;
}

awaitable<Result<Response>> Api::test_cluster(Request& request) {
  auto body = ops::Arguments::validate(request.body, test_body(), "test the cluster");
  if (!body) co_return fail(std::move(body.error()));
  auto row = co_await read_visible(parts_.registry, request);
  if (!row) co_return fail(std::move(row.error()));
  const std::vector<gate::Touch> whole{{}};  // it tells of rights everywhere
  if (request.who.bindings)
    if (auto why = gate::why_not(*request.who.bindings, gate::Deed::take_back, row->target(), whole))
      co_return fail(ErrorCode::policy_denied, "test the cluster", "no role of this credential allows it there",
                     "Operators of the cluster and admins may");
  const Deadline deadline = Deadline::after(std::chrono::seconds(body->integer("timeout_seconds", 30)));
  const std::string files = fleet::files_digest(*row, parts_.live.connect);
  auto client = co_await fleet::make_client(parts_.registry, *row, parts_.live, "", deadline);
  fleet::ProbeReport report;
  if (client)
    report = co_await fleet::probe(**client, *row, deadline);
  else
    report = fleet::failed_probe(client.error());
  fleet::LastTest last{report.ok, report.message, parts_.clock.unix_seconds(), files};
  request.deadline = Deadline::after(kAfterwards);
  request.body = {};  // nothing that the audit log would name
  auto kept = co_await parts_.registry.keep_test(*row, std::move(last), request.deadline);
  if (!kept) co_return fail(std::move(kept.error()));
  co_await note(request, "test_cluster", row->target());
  json::object out = fleet::to_json(report);
  out["kept"] = *kept;  // not where somebody has changed its connection meanwhile
  co_return answer(200, out);
}

}  // namespace fairlead::rest
