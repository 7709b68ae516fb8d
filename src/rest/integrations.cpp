// Kubeconfigs of agents: they go in, and no route gives one back.
#include "fleet/integrations.h"

#include "rest/api.h"

namespace fairlead::rest {
namespace {

Response answer_row(int status, const fleet::Integration& row) {
  Response out = answer(status, fleet::shown(row));
  out.headers.push_back({"ETag", "\"" + row.etag() + "\""});
  return out;
}

// RFC 9110: what If-Match asks for is held to in the same transaction; another version is 412, with the ETag of today.
awaitable<Result<Response>> refused(fleet::Integrations& integrations, const Request& request, Error error) {
  if (!request.if_match || error.code != ErrorCode::conflict) co_return fail(std::move(error));
  Response out = problem_with_status(412, error);
  auto row = co_await integrations.read(request.arguments[0], request.deadline);
  if (row) out.headers.push_back({"ETag", "\"" + row->etag() + "\""});
  co_return out;
}

}  // namespace

awaitable<Result<Response>> Api::list_integrations(Request& request) {
  auto limit = number_of(request, "limit", 100, 1, 1000);
  if (!limit) co_return fail(std::move(limit.error()));
  auto rows =
      co_await parts_.integrations.list(request.query["after"], static_cast<std::size_t>(*limit), request.deadline);
  if (!rows) co_return fail(std::move(rows.error()));
  json::array items;
  for (const auto& row : *rows) items.push_back(fleet::shown(row));
  const bool full = rows->size() == static_cast<std::size_t>(*limit);
  json::value next = full ? json::value(rows->back().agent) : json::value(nullptr);
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::show_integration(Request& request) {
  auto row = co_await parts_.integrations.read(request.arguments[0], request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  co_return answer_row(200, *row);
}

awaitable<Result<Response>> Api::put_integration(Request& request) {
  auto put = co_await parts_.integrations.put(request.arguments[0], request.body, parts_.live.connect.allow_link_local,
                                              request.if_match, request.who.name, request.deadline);
  if (!put) co_return co_await refused(parts_.integrations, request, std::move(put.error()));
  co_return answer_row(put->is_new ? 201 : 200, put->row);
}

awaitable<Result<Response>> Api::remove_integration(Request& request) {
  auto removed =
      co_await parts_.integrations.remove(request.arguments[0], request.if_match, request.who.name, request.deadline);
  if (!removed) co_return co_await refused(parts_.integrations, request, std::move(removed.error()));
  Response out;
  out.status = 204;
  co_return out;
}

awaitable<Result<Response>> Api::test_integration(Request& request) {
  auto row = co_await parts_.integrations.test(request.arguments[0], parts_.live.connect.allow_link_local,
                                               request.who.name, request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  co_return answer_row(200, *row);
}

}  // namespace fairlead::rest
