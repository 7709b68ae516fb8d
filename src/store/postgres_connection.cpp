#include "store/postgres_connection.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "store/limits.h"
#include "store/postgres_error.h"

namespace fairlead::store {
namespace {

// "FrLd": the advisory lock that whoever writes holds, and no other program's.
constexpr std::int64_t kLock = 0x46724c64;
constexpr std::size_t kStatements = 200;
// How long one attempt to get a turn at writing waits: reads are served in between.
constexpr int kTurnMilliseconds = 200;

constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23;  // of pg_type.dat

std::string text_of(std::int64_t number) { return std::to_string(number); }

}  // namespace

std::string numbered(std::string_view sql) {
  std::string out;
  int count = 0;
  char quote = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '?') {
      out += '$';
      if (i + 1 >= sql.size() || sql[i + 1] < '0' || sql[i + 1] > '9') out += std::to_string(++count);
      continue;
    }
    out += c;
  }
  return out;
}

PostgresConnection::~PostgresConnection() {
  if (connection_) library_.finish(connection_);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(std::shared_ptr<const PostgresOptions> options) {
  auto library = Libpq::load();
  if (!library) return fail(std::move(library.error()));
  std::unique_ptr<PostgresConnection> out(new PostgresConnection(**library, std::move(options)));
  if (auto connected = out->connect(); !connected) return fail(std::move(connected.error()));
  if (auto migrated = out->migrate(); !migrated) return fail(std::move(migrated.error()));
  return out;
}

Result<void> PostgresConnection::connect() {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : options_->parameters) {
    names.push_back(name.c_str());
    values.push_back(value.reveal().data());  // of a std::string: with its end
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = library_.connect(names.data(), values.data(), 0);
  if (!connection_) return fail(ErrorCode::internal, options_->step, "there is no memory left for it");
  if (library_.status(connection_) != CONNECTION_OK) {
    const std::string message = library_.error_message(connection_);
    // The library keeps no SQLSTATE of a connection that failed.
    std::string_view state;
    if (message.find("password") != std::string::npos) state = "28P01";
    if (message.find("pg_hba.conf") != std::string::npos || message.find("role \"") != std::string::npos)
      state = "28000";
    if (message.find("database \"") != std::string::npos) state = "3D000";
    if (message.find("too many") != std::string::npos ||
        message.find("remaining connection slots") != std::string::npos)
      state = "53300";
    if (message.find("starting up") != std::string::npos || message.find("shutting down") != std::string::npos)
      state = "57P03";
    return fail(explain_postgres(state, options_->step, message));
  }
  library_.set_notice_processor(
      connection_, [](void*, const char*) {}, nullptr);
  // A commit is answered when it is on the disk, and a process that hangs does not keep the others from writing.
  return command(
      "SET idle_in_transaction_session_timeout = '15s'; SET statement_timeout = '30s'; SELECT "
      "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE "
      "current_setting('synchronous_commit') END, false)");
}

Result<void> PostgresConnection::migrate() {
  const auto newest = static_cast<std::int64_t>(options_->migrations.size());
  for (bool writing : {false, true}) {
    auto begun = writing ? command(("BEGIN; SELECT pg_advisory_xact_lock(" + text_of(kLock) + ")").c_str())
                         : command("BEGIN READ ONLY");
    if (!begun) return begun;
    auto there = query(
        "SELECT 1 FROM pg_catalog.pg_tables WHERE tablename = 'fairlead_schema' AND schemaname = ANY "
        "(current_schemas(false))");
    if (!there) return fail(std::move(there.error()));
    std::int64_t version = 0;
    if (!there->empty()) {
      auto rows = query("SELECT version FROM fairlead_schema");
      if (!rows) return fail(std::move(rows.error()));
      version = rows->empty() ? 0 : rows->front().integer(0);
    }
    if (version > newest) {
      roll_back();
      return fail(ErrorCode::server_error, options_->step,
                  fmt::format("it was written by a newer Fairlead (version {} of the tables, this one knows {})",
                              version, newest),
                  "Use that one, or another database");
    }
    if (version == newest || !writing) {
      roll_back();
      if (version == newest) return {};
      continue;
    }
    std::string sql;
    if (there->empty())
      sql = "CREATE TABLE fairlead_schema (version BIGINT NOT NULL); INSERT INTO fairlead_schema VALUES (0);";
    for (std::int64_t step = version; step < newest; ++step) {
      sql += options_->migrations[static_cast<std::size_t>(step)];
      sql += ";\n";
    }
    sql += "UPDATE fairlead_schema SET version = " + text_of(newest);
    auto done = command(sql.c_str());
    if (done) done = commit();
    if (!done) {
      roll_back();
      return done;
    }
  }
  return {};
}

Result<PostgresConnection::Answer> PostgresConnection::checked(PGresult* result) {
  Answer answer(result, Clear{&library_});
  const auto status = result ? library_.result_status(result) : PGRES_FATAL_ERROR;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return answer;
  const char* field = result ? library_.error_field(result, PG_DIAG_SQLSTATE) : nullptr;
  const std::string_view state = field ? field : "";
  is_busy_ = state == "55P03";
  is_full_ = state == "53100";
  const char* primary = result ? library_.error_field(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  return fail(explain_postgres(state, options_->step, primary ? primary : library_.error_message(connection_)));
}

Result<void> PostgresConnection::command(const char* sql) {
  auto done = checked(library_.exec(connection_, sql));
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<PostgresConnection::Answer> PostgresConnection::run(std::string_view sql, const std::vector<Value>& values) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    if (statements_.size() >= kStatements) {
      if (auto freed = command("DEALLOCATE ALL"); !freed) return fail(std::move(freed.error()));
      statements_.clear();
    }
    std::string name = "s" + std::to_string(statements_.size());
    // What the values are is told by what they are compared with, or go into.
    auto made = checked(library_.prepare(connection_, name.c_str(), numbered(sql).c_str(), 0, nullptr));
    if (!made) return made;
    found = statements_.emplace(std::string(sql), std::move(name)).first;
  }
  std::vector<std::string> numbers;
  numbers.reserve(values.size());
  std::vector<const char*> bytes;
  std::vector<int> lengths, formats;
  for (const Value& value : values) {
    const char* at = nullptr;
    int length = 0, is_binary = 0;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      at = numbers.emplace_back(text_of(*number)).c_str();
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      if (text->find('\0') != std::string::npos) return fail(explain_postgres("22021", options_->step, {}));
      at = text->c_str();
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      at = blob->bytes.data();
      length = static_cast<int>(blob->bytes.size());
      is_binary = 1;
    }
    bytes.push_back(at);
    lengths.push_back(length);
    formats.push_back(is_binary);
  }
  return checked(library_.exec_prepared(connection_, found->second.c_str(), static_cast<int>(values.size()),
                                        bytes.data(), lengths.data(), formats.data(), 0));
}

Result<std::vector<Row>> PostgresConnection::query(std::string_view sql, std::vector<Value> values) {
  auto answer = run(sql, values);
  if (!answer) return fail(std::move(answer.error()));
  const PGresult* result = answer->get();
  std::vector<Row> rows;
  for (int i = 0; i < library_.row_count(result); ++i) {
    std::vector<Value> row(static_cast<std::size_t>(library_.column_count(result)));
    for (int column = 0; Value & cell : row) {
      const Oid type = library_.column_type(result, column);
      const char* bytes = library_.value(result, i, column);
      const auto length = static_cast<std::size_t>(library_.length(result, i, column));
      if (library_.is_null(result, i, column) != 0) {
        cell = std::monostate();
      } else if (type == kInt8 || type == kInt4 || type == kInt2) {
        std::int64_t number = 0;
        std::from_chars(bytes, bytes + length, number);
        cell = number;
      } else if (type == kBool) {
        cell = static_cast<std::int64_t>(length > 0 && *bytes == 't');
      } else if (type == kBytea) {
        std::size_t size = 0;
        unsigned char* plain = library_.unescape_bytea(reinterpret_cast<const unsigned char*>(bytes), &size);
        if (!plain) return fail(ErrorCode::internal, options_->step, "there is no memory left for it");
        cell = Blob{std::string(reinterpret_cast<const char*>(plain), size)};
        library_.free_memory(plain);
      } else {
        cell = std::string(bytes, length);
      }
      ++column;
    }
    rows.emplace_back(std::move(row));
  }
  return rows;
}

Result<std::uint64_t> PostgresConnection::execute(std::string_view sql, std::vector<Value> values) {
  auto answer = run(sql, values);
  if (!answer) return fail(std::move(answer.error()));
  const std::string_view count = library_.command_tuples(answer->get());
  std::uint64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

Result<void> PostgresConnection::begin_write() {
  is_busy_ = is_full_ = false;
  // Each statement sees what was committed before it began, and nobody else commits from here on.
  auto begun = command(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = {}; "
                                   "SELECT pg_advisory_xact_lock({})",
                                   kTurnMilliseconds, kLock)
                           .c_str());
  if (!begun) roll_back();
  return begun;
}

Result<void> PostgresConnection::begin_read() {
  return command(fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}",
                             kLongestRead.count())
                     .c_str());
}

Result<void> PostgresConnection::commit() {
  auto done = checked(library_.exec(connection_, "COMMIT"));
  if (!done) return fail(std::move(done.error()));
  // Of a transaction in which a statement has failed, COMMIT makes a ROLLBACK.
  if (std::strcmp(library_.command_status(done->get()), "COMMIT") != 0)
    return fail(ErrorCode::internal, options_->step, "work did not heed an error");
  return {};
}

void PostgresConnection::roll_back() {
  if (!in_transaction()) return;
  const bool busy = is_busy_, full = is_full_;
  auto undone = command("ROLLBACK");
  static_cast<void>(undone);  // the connection is spent then
  is_busy_ = busy;            // the reason is of more interest
  is_full_ = full;
}

bool PostgresConnection::in_transaction() const {
  const auto status = library_.transaction_status(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PostgresConnection::is_spent() const { return library_.status(connection_) != CONNECTION_OK; }

}  // namespace fairlead::store
