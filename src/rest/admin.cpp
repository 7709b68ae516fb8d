// Who is who: tokens; and the audit log.
#include <algorithm>

#include "base/text.h"
#include "rest/api.h"
#include "rest/bodies.h"

namespace fairlead::rest {
namespace {

constexpr Duration kRecorded = std::chrono::seconds(5);

}  // namespace

awaitable<void> Api::note(const Request& request, std::string word, std::string cluster) {
  gate::AuditRecord record;
  record.time = parts_.clock.unix_milliseconds();
  record.who = request.who.name;
  record.cluster = std::move(cluster);
  record.operation = std::move(word);
  json::array fields;  // which, and nothing of what was sent
  for (const auto& [key, value] : request.body) fields.push_back(json::value(key));
  if (!fields.empty()) record.arguments["fields"] = std::move(fields);
  record.outcome = "done";
  auto kept = co_await parts_.audit.append_and_wait(
      std::move(record), [](const Error&) {}, request.deadline);
  static_cast<void>(kept);
}

awaitable<void> Api::note_refusal(const net::ServerRequest& request, std::string_view route, std::string who,
                                  ErrorCode code) {
  const bool is_known = !who.empty();
  const Refusal refusal{std::move(who), request.remote, request.http.method, route, code};
  auto record = refusals_.note(refusal, parts_.clock.unix_milliseconds());
  if (!record) co_return;
  auto failed = [](const Error&) {};  // it is refused whether or not it can be recorded
  if (!is_known) {
    parts_.audit.append(std::move(*record), failed);
    co_return;
  }
  auto kept = co_await parts_.audit.append_and_wait(std::move(*record), failed, Deadline::after(kRecorded));
  static_cast<void>(kept);
}

awaitable<void> Api::record_refusals() {
  while (true) {
    auto slept = co_await net::sleep_for(std::chrono::seconds(1));
    if (!slept) co_return;
    for (auto& record : refusals_.take(parts_.clock.unix_milliseconds()))
      parts_.audit.append(std::move(record), [](const Error&) {});
  }
}

awaitable<Result<Response>> Api::who_am_i(Request& request) {
  json::array roles;
  for (const auto& binding : *request.who.bindings) roles.push_back(gate::to_json(binding));
  co_return answer(200, json::object{{"name", request.who.name}, {"roles", std::move(roles)}});
}

awaitable<Result<Response>> Api::list_tokens(Request& request) {
  auto limit = number_of(request, "limit", 100, 1, 1000);
  if (!limit) co_return fail(std::move(limit.error()));
  auto rows = co_await parts_.tokens.list(request.query["after"], static_cast<std::size_t>(*limit), request.deadline);
  if (!rows) co_return fail(std::move(rows.error()));
  json::array items;
  for (const auto& row : *rows) items.push_back(identity::to_json(row));
  const bool full = rows->size() == static_cast<std::size_t>(*limit);
  json::value next = full ? json::value(rows->back().name) : json::value(nullptr);
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::add_token(Request& request) {
  auto body = ops::Arguments::validate(request.body, token_body(), "make a token");
  if (!body) co_return fail(std::move(body.error()));
  gate::Bindings bindings;
  for (const auto& text : body->list("roles")) {
    auto binding = gate::parse_binding(text);
    if (!binding) co_return fail(std::move(binding.error()));
    bindings.push_back(std::move(*binding));
  }
  std::int64_t expires = 0;  // never; a time that is none of ours has passed
  if (body->has("expires")) expires = std::max<std::int64_t>(1, parse_rfc3339(body->text("expires")).value_or(1));
  auto made = co_await parts_.tokens.create(body->text("name"), std::move(bindings), expires, request.who.name,
                                            request.deadline);
  if (!made) co_return fail(std::move(made.error()));
  json::object out = identity::to_json(made->row);
  out["token"] = made->text.reveal();  // this once
  Response answered = answer(201, out);
  answered.headers.push_back({"Location", "/api/v1/tokens/" + made->row.id});
  co_return answered;
}

awaitable<Result<Response>> Api::revoke_token(Request& request) {
  auto row = co_await parts_.tokens.revoke(request.arguments[0], request.who.name, request.deadline);
  if (!row) co_return fail(std::move(row.error()));
  parts_.clusters.forget_caller(identity::identity_of(*row).name);
  co_return answer(200, identity::to_json(*row));
}

awaitable<Result<Response>> Api::list_audit(Request& request) {
  auto limit = number_of(request, "limit", 100, 1, 1000);
  auto before = number_of(request, "before", 0, 1, std::numeric_limits<std::int64_t>::max());
  if (!limit || !before) co_return fail(std::move(!limit ? limit.error() : before.error()));
  gate::AuditLog::Filter filter;
  filter.who = request.query["who"];
  filter.operation = request.query["operation"];
  filter.outcome = request.query["outcome"];
  filter.change = request.query["change"];
  if (const std::string since = request.query["since"]; !since.empty()) {
    const auto moment = parse_rfc3339(since);
    if (!moment)
      co_return fail(ErrorCode::invalid_request, "read the request", "since is no time of RFC 3339",
                     "Such as 2026-09-21T13:00:00Z");
    filter.since = *moment;
  }
  auto records =
      co_await parts_.audit.read(std::move(filter), *before, static_cast<std::size_t>(*limit), request.deadline);
  if (!records) co_return fail(std::move(records.error()));
  const std::int64_t first = records->empty() ? 0 : integer_at(records->front(), {"seq"});
  json::array items;
  for (auto& record : *records) items.push_back(std::move(record));
  json::value next = first > 1 ? json::value(first) : json::value(nullptr);
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::list_audit_lines(Request& request) {
  auto limit = number_of(request, "limit", 100, 1, 1000);
  auto after = number_of(request, "after", 0, 0, std::numeric_limits<std::int64_t>::max());
  if (!limit || !after) co_return fail(std::move(!limit ? limit.error() : after.error()));
  // From the very first on, which may be one that somebody has put before record 1.
  const std::int64_t from = request.query.contains("after") ? *after : std::numeric_limits<std::int64_t>::min();
  auto lines = co_await parts_.audit.lines(from, static_cast<std::size_t>(*limit), request.deadline);
  if (!lines) co_return fail(std::move(lines.error()));
  json::array items;
  for (const auto& line : *lines)
    items.push_back(json::object{{"seq", line.sequence}, {"line", line.text}, {"columns_agree", line.columns_agree}});
  const bool full = lines->size() == static_cast<std::size_t>(*limit);
  json::value next = full ? json::value(std::max<std::int64_t>(0, lines->back().sequence)) : json::value(nullptr);
  co_return answer(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

awaitable<Result<Response>> Api::show_audit_head(Request& request) {
  auto head = co_await parts_.audit.head(request.deadline);
  if (!head) co_return fail(std::move(head.error()));
  co_return answer(200, json::object{{"seq", head->sequence}, {"hash", head->hash}});
}

}  // namespace fairlead::rest
