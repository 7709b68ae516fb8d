#include "gate/audit.h"

#include <algorithm>

#include "base/text.h"
#include "gate/audit_text.h"

namespace fairlead::gate {
namespace {

using store::Row;
using store::Session;
using store::Value;

constexpr std::int64_t kPage = 100;  // records that are in memory at a time
constexpr std::string_view kLast = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";

// As JSON has it, so that a column tells what the record tells.
void clean(std::string& text) {
  if (is_valid_utf8(text)) return;
  if (auto value = parse_json(compact(json::value(text)), {}); value && value->is_string()) text = value->get_string();
}

store::Work appending(AuditRecord record) {
  auto kept = std::make_shared<const AuditRecord>(std::move(record));
  return [kept](Session& session) { return append_record(session, *kept); };
}

awaitable<Result<std::vector<Row>>> rows_of(store::Database& database, std::string sql, std::vector<Value> values,
                                            Deadline deadline) {
  auto rows = std::make_shared<std::vector<Row>>();
  auto work = [rows, sql = std::move(sql), values = std::move(values)](Session& session) -> Result<void> {
    auto found = session.query(sql, values);
    if (!found) return fail(std::move(found.error()));
    *rows = std::move(*found);
    return {};
  };
  auto done = co_await database.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*rows);
}

std::string line_of(const Row& row) { return with_member("hash", row.text(2), row.text(1)); }

// What is looked for by columns is found only if they tell what the record tells.
bool columns_agree(const Row& row) {
  auto record = parse_json(row.text(1), "read the record");
  return record && row.integer(0) == integer_at(*record, {"seq"}) &&
         audit_time(row.integer(3)) == text_at(*record, {"time"}) && row.text(4) == text_at(*record, {"who"}) &&
         row.text(5) == text_at(*record, {"operation"}) && row.text(6) == text_at(*record, {"outcome"}) &&
         row.text(7) == text_at(*record, {"change"});
}

constexpr std::string_view kColumns = "SELECT seq, record, hash, time, who, operation, outcome, change FROM audit ";

// All records after `last` in order, until `each` answers false.
awaitable<Result<void>> walk(store::Database& database, std::function<bool(const Row&)> each, Deadline deadline,
                             std::int64_t last = INT64_MIN) {
  while (true) {
    std::vector<Value> values{last, kPage};
    std::string sql = std::string(kColumns) + "WHERE seq > ? ORDER BY seq LIMIT ?";
    auto rows = co_await rows_of(database, std::move(sql), std::move(values), deadline);
    if (!rows) co_return fail(std::move(rows.error()));
    for (const Row& row : *rows)
      if (!each(row)) co_return Result<void>{};
    if (static_cast<std::int64_t>(rows->size()) < kPage) co_return Result<void>{};
    last = rows->back().integer(0);
  }
}

}  // namespace

AuditProblem contradicted(std::int64_t sequence) {
  return {sequence,
          "the columns of record " + std::to_string(sequence) + " contradict it: searches do not find it as it is"};
}

Result<void> append_record(Session& session, AuditRecord record) {
  for (std::string* column : {&record.who, &record.operation, &record.outcome, &record.change}) clean(*column);
  // Inside the transaction: other processes append as well.
  auto last = session.query(kLast);
  if (!last) return fail(std::move(last.error()));
  const std::int64_t sequence = last->empty() ? 1 : last->front().integer(0) + 1;
  std::string text = audit_text(sequence, record);
  std::string hash = audit_hash(last->empty() ? kNoHash : last->front().text(1), text);
  auto added = session.execute(
      "INSERT INTO audit (seq, time, who, operation, outcome, change, record, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {sequence, record.time, record.who, record.operation, record.outcome, record.change, std::move(text),
       std::move(hash)});
  if (!added) return fail(std::move(added.error()));
  return {};
}

void AuditLog::append(AuditRecord record, std::function<void(const Error&)> failed) {
  if (database_.post(appending(std::move(record)), failed) || !failed) return;
  failed(Error{ErrorCode::server_error,
               "write the audit log",
               "too many records wait for the disk",
               "Look at the disk and the system's log (dmesg)",
               nullptr,
               {}});
}

// Posted, so that it is written once, whether or not the caller waits for the end.
awaitable<Result<void>> AuditLog::append_and_wait(AuditRecord record, std::function<void(const Error&)> failed,
                                                  Deadline deadline) {
  auto failure = std::make_shared<std::optional<Error>>();  // written before the flush is answered
  append(std::move(record), [failure, failed = std::move(failed)](const Error& error) {
    *failure = error;
    if (failed) failed(error);
  });
  auto flushed = co_await database_.flush(deadline);
  if (!flushed) co_return fail(std::move(flushed.error()));
  if (*failure) co_return fail(std::move(**failure));
  co_return Result<void>();
}

awaitable<Result<std::vector<json::object>>> AuditLog::read(Filter filter, std::int64_t before, std::size_t limit,
                                                            Deadline deadline) {
  std::string sql(kColumns);
  sql += "WHERE seq < ?";
  std::vector<Value> values{before > 0 ? before : INT64_MAX};
  auto must = [&](std::string_view condition, Value value) {
    sql += condition;
    values.push_back(std::move(value));
  };
  if (filter.since > 0) must(" AND time >= ?", filter.since * 1000);
  if (!filter.who.empty()) must(" AND who = ?", std::move(filter.who));
  if (!filter.operation.empty()) must(" AND operation = ?", std::move(filter.operation));
  if (!filter.outcome.empty()) must(" AND outcome = ?", std::move(filter.outcome));
  if (!filter.change.empty()) must(" AND change <> '' AND change = ?", std::move(filter.change));
  must(" ORDER BY seq DESC LIMIT ?", static_cast<std::int64_t>(limit));
  auto rows = co_await rows_of(database_, std::move(sql), std::move(values), deadline);
  if (!rows) co_return fail(std::move(rows.error()));
  std::vector<json::object> out;
  out.reserve(rows->size());
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    auto record = parse_json(line_of(*row), "read record " + std::to_string(row->integer(0)) + " of the audit log");
    if (!record) {
      Error error = std::move(record.error());
      error.remedy = "It was altered: 'fairlead audit verify' tells more";
      co_return fail(std::move(error));
    }
    out.push_back(record->is_object() ? std::move(record->get_object()) : json::object{});
  }
  co_return out;
}

awaitable<Result<void>> AuditLog::export_lines(std::function<bool(std::string_view line)> line, Deadline deadline) {
  auto each = [line = std::move(line)](const Row& row) { return line(line_of(row)); };
  co_return co_await walk(database_, std::move(each), deadline);
}

awaitable<Result<std::vector<AuditLog::Line>>> AuditLog::lines(std::int64_t after, std::size_t limit,
                                                               Deadline deadline) {
  std::vector<Line> out;
  auto each = [&out, limit](const Row& row) {
    out.push_back({row.integer(0), line_of(row), columns_agree(row)});
    return out.size() < limit;
  };
  auto walked = co_await walk(database_, each, deadline, after);
  if (!walked) co_return fail(std::move(walked.error()));
  co_return out;
}

awaitable<Result<void>> AuditLog::verify(AuditVerifier& verifier, Deadline deadline) {
  auto each = [&verifier](const Row& row) {
    verifier.line(line_of(row));
    if (!columns_agree(row)) verifier.found(contradicted(row.integer(0)));
    return true;
  };
  co_return co_await walk(database_, std::move(each), deadline);
}

awaitable<Result<AuditHead>> AuditLog::head(Deadline deadline) {
  std::vector<Value> none;
  auto rows = co_await rows_of(database_, std::string(kLast), none, deadline);
  if (!rows) co_return fail(std::move(rows.error()));
  AuditHead head;
  head.hash = kNoHash;
  if (!rows->empty()) {
    head.sequence = rows->front().integer(0);
    head.hash = rows->front().text(1);
  }
  co_return head;
}

}  // namespace fairlead::gate
