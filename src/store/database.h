// What must survive a restart, in SQL. One interface; SQLite is the embedded default, PostgreSQL that of several
// replicas. Statements are of the part of SQL that both share, with ? for values.
//
// All work is done by one thread of the database's own, so a disk that hangs holds nobody up but those who wait for it,
// and they have deadlines. Writes are done in the order in which they were handed over, and of all processes one at a
// time: work sees what was committed before it, and nobody else writes until its end. What waits together is committed
// together (group commit): each piece of work is atomic by itself, and durable when its answer arrives. The database is
// connected to and migrated at the first use, by that thread; after an error the next use tries again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/secret.h"
#include "net/task.h"

namespace fairlead::store {

using net::awaitable;

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};
using Value = std::variant<std::monostate, std::int64_t, std::string, Blob>;

class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  std::size_t size() const { return values_.size(); }
  // The default (0, "") where it is null or of another type.
  std::int64_t integer(std::size_t column) const;
  std::string text(std::size_t column) const;   // text
  std::string bytes(std::size_t column) const;  // a blob
  bool is_null(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

// Inside one piece of work. Not to be kept.
class Session {
 public:
  virtual ~Session() = default;
  // Rows that it changed.
  virtual Result<std::uint64_t> execute(std::string_view sql, std::vector<Value> values = {}) = 0;
  virtual Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> values = {}) = 0;
};

// Runs on the database's thread, perhaps after its caller has given up: it owns all that it refers to. An error undoes
// what it wrote, and it alone. It may run twice: when a commit was refused for another one's sake. Work whose caller
// gave up before it began is not done.
using Work = std::function<Result<void>(Session&)>;

// Step N brings version N - 1 to version N. Never changed once released.
using Migrations = std::vector<std::string_view>;

class Database {
 public:
  virtual ~Database() = default;

  // Errors: timeout when the deadline passes first (the work may still be done), or what was wrong: server_error with
  // the cause in our words (the disk is full, the file is damaged, it is read-only, another process holds it) and what
  // to do about it.
  virtual awaitable<Result<void>> write(Work work, Deadline deadline) = 0;
  // Sees what was written through this object before, at the least, but for writes that wait for another process: a
  // read does not wait with them.
  virtual awaitable<Result<void>> read(Work work, Deadline deadline) = 0;

  // Handed over and not waited for: durable soon. `failed` is called on the database's thread and owns all that it
  // refers to. Refused (false) when more than `backlog` of them wait.
  virtual bool post(Work work, std::function<void(const Error&)> failed) = 0;
  // All that was posted before is durable, or has failed.
  virtual awaitable<Result<void>> flush(Deadline deadline) = 0;
};

struct SqliteOptions {
  std::string path;
  Migrations migrations;
  Duration busy_timeout = std::chrono::seconds(5);  // for other processes' writes
  std::size_t backlog = 100'000;                    // posted pieces that may wait
};
// WAL, synchronous=FULL. The file is made with mode 0600, its directory 0700. A database of a newer version, or of
// another program, is refused. Use from any executor; posting is thread-safe. The destructor waits for what was posted,
// at most two seconds; what hangs then is left behind.
std::unique_ptr<Database> open_sqlite(SqliteOptions options);

struct PostgresOptions {
  std::string step;                                        // "use the database fairlead at db.example.com"
  std::vector<std::pair<std::string, Secret>> parameters;  // of libpq
  Migrations migrations;
  Duration busy_timeout = std::chrono::seconds(5);  // for other processes' writes
  std::size_t backlog = 100'000;                    // posted pieces that may wait
  Work beat;  // done every `beat_every` from the first use on, on a connection of its own; may be empty
  Duration beat_every{};
};
// Of a URL (postgres://USER:PASSWORD@HOST/NAME?sslmode=...) or libpq's key=value form; what it does not say is libpq's
// default (PGPASSFILE and the like), but for TLS, which every host but this one is asked for. invalid_request without
// any word of it; server_error where libpq is not installed.
Result<PostgresOptions> read_postgres_url(const Secret& url, const Environment& environment);
// synchronous_commit, unless that is set to more. A commit whose answer is lost has failed, though it may be there. Its
// errors are those of a file, and server_error where the server does not answer or lets nobody in. Use as the other.
std::unique_ptr<Database> open_postgres(PostgresOptions options);

}  // namespace fairlead::store
