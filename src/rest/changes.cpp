// Changes: what was done, what waits, and people's word on it.
#include <charconv>

#include "gate/change_document.h"
#include "rest/api.h"
#include "rest/bodies.h"

namespace fairlead::rest {
namespace {

Result<std::int64_t> id_of(const Request& request) {
  const std::string& text = request.arguments[0];
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0)
    return fail(ErrorCode::invalid_request, "find the change", "its number is none", "GET /api/v1/changes lists them");
  return id;
}

}  // namespace

awaitable<Result<Response>> Api::list_changes(Request& request) {
  auto limit = number_of(request, "limit", 50, 1, 500);
  auto before = number_of(request, "before", 0, 1, std::numeric_limits<std::int64_t>::max());
  if (!limit || !before) co_return fail(std::move(!limit ? limit.error() : before.error()));
  gate::Journal::Filter filter;
  filter.limit = static_cast<std::size_t>(*limit);
  filter.before = *before;
  filter.who = request.query["who"];
  filter.operation = request.query["operation"];
  if (const std::string state = request.query["state"]; !state.empty()) {
    filter.state = gate::parse_change_state(state);
    if (!filter.state)
      co_return fail(ErrorCode::invalid_request, "list the changes", "there is no such state",
                     "States: awaiting_approval, approved, executing, verifying, completed, failed, rolled_back, "
                     "rejected, interrupted");
  }
  auto found = co_await parts_.gate.list_changes(request.who, std::move(filter), request.deadline);
  if (!found) co_return fail(std::move(found.error()));
  json::array items;
  for (const auto& change : found->changes) items.push_back(gate::summary_of(change));
  json::value next = found->next ? json::value(found->next) : json::value(nullptr);
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::show_change(Request& request) {
  auto id = id_of(request);
  if (!id) co_return fail(std::move(id.error()));
  auto change = co_await parts_.gate.read_change(request.who, *id, request.deadline);
  if (!change) co_return fail(std::move(change.error()));
  co_return answer(200, gate::document_of(*change, parts_.gate.catalog().find(change->operation)));
}

awaitable<Result<Response>> Api::decide(Request& request, bool approve, std::string typed) {
  auto id = id_of(request);
  if (!id) co_return fail(std::move(id.error()));
  auto decided = co_await parts_.gate.decide_change(request.who, *id, approve, std::move(typed), request.deadline);
  if (!decided) co_return fail(std::move(decided.error()));
  co_return co_await show_change(request);
}

awaitable<Result<Response>> Api::approve_change(Request& request) {
  auto body = ops::Arguments::validate(request.body, approval_body(), "approve");
  if (!body) co_return fail(std::move(body.error()));
  co_return co_await decide(request, true, body->text("typed"));
}

awaitable<Result<Response>> Api::reject_change(Request& request) { co_return co_await decide(request, false, ""); }

awaitable<Result<Response>> Api::close_change(Request& request) {
  auto id = id_of(request);
  if (!id) co_return fail(std::move(id.error()));
  auto body = ops::Arguments::validate(request.body, close_body(), "close");
  if (!body) co_return fail(std::move(body.error()));
  auto closed = co_await parts_.gate.close_change(request.who, *id, body->text("reason"), request.deadline);
  if (!closed) co_return fail(std::move(closed.error()));
  co_return co_await show_change(request);
}

awaitable<Result<Response>> Api::roll_back_change(Request& request) {
  auto id = id_of(request);
  if (!id) co_return fail(std::move(id.error()));
  auto body = ops::Arguments::validate(request.body, rollback_body(), "rollback");
  if (!body) co_return fail(std::move(body.error()));
  gate::Request call;
  call.who = request.who;
  call.change = &request.change;
  call.deadline = Deadline::after(std::chrono::seconds(body->integer("timeout_seconds", 50)));
  gate::Rollback what{*id, body->flag("force"), body->flag("dry_run"), body->text("reason")};
  auto reply = co_await parts_.gate.roll_back(std::move(call), std::move(what));
  metrics_.call("rollback", reply ? std::string_view("done") : to_string(reply.error().code));
  if (!reply) co_return fail(std::move(reply.error()));
  co_return answer(*reply, *ops::parse_format(body->text("format")), parts_.clock.unix_seconds());
}

}  // namespace fairlead::rest
