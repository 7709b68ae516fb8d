#include "store/sqlite_connection.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "base/new_file.h"
#include "store/sqlite_error.h"

namespace fairlead::store {
namespace {

constexpr std::int64_t kApplication = 0x46724c64;  // "FrLd": tells our files from other programs'
constexpr std::size_t kStatements = 200;

int milliseconds(Duration span) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

// errno, 0 when it is there by now.
int make_directories(const std::filesystem::path& path) {
  struct stat seen {};
  if (path.empty() || ::stat(path.c_str(), &seen) == 0) return path.empty() || S_ISDIR(seen.st_mode) ? 0 : ENOTDIR;
  if (errno != ENOENT) return errno;
  if (int error = make_directories(path.parent_path()); error != 0) return error;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno;
  sync_directory(path.parent_path().string());
  return 0;
}

Error refused(const std::string& path, std::string cause, std::string remedy) {
  return Error{ErrorCode::server_error, "use the database " + path, std::move(cause), std::move(remedy), nullptr, {}};
}

// What is wrong with writing it, and not with the file.
bool may_be_read(int code) {
  code &= 0xff;
  return code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY || code == SQLITE_CANTOPEN ||
         code == SQLITE_PERM;
}

std::string uri_of(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const SqliteOptions& options) {
  const Deadline deadline = Deadline::after(options.busy_timeout);
  while (true) {
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(options.path));
    auto done = connection->prepare_file();
    if (done) done = connection->configure(options);
    if (done) done = connection->migrate(options.migrations);
    if (done) return connection;
    // Two that make the same file get into each other's way, and SQLite does not wait there.
    if (connection->is_busy() && !deadline.passed()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    if (may_be_read(connection->last_)) {
      connection.reset();
      if (auto reading = open_to_read(options, done.error())) return reading;
    }
    return fail(std::move(done.error()));
  }
}

// Without making a file. What is still in the log can be read with its index alone, or by whoever has the file to
// itself; where there is no log, the file is all that there is.
std::unique_ptr<SqliteConnection> SqliteConnection::open_to_read(const SqliteOptions& options, const Error& why) {
  struct stat log {};
  const bool has_log = ::stat((options.path + "-wal").c_str(), &log) == 0 && log.st_size > 0;
  struct Way {
    std::string name;
    int flags;
    std::string_view first;
  };
  std::vector<Way> ways;
  if (!has_log) ways.push_back({uri_of(options.path) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, ""});
  if (has_log) ways.push_back({options.path, SQLITE_OPEN_READONLY, ""});
  if (has_log) ways.push_back({options.path, SQLITE_OPEN_READWRITE, "PRAGMA locking_mode = EXCLUSIVE"});
  for (const auto& way : ways) {
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(options.path));
    connection->unwritable_ = why;
    connection->busy_timeout_ = options.busy_timeout;
    auto done = connection->connect(way.name, way.flags);
    if (done && !way.first.empty()) {
      if (auto set = connection->query(way.first); !set) done = fail(std::move(set.error()));
    }
    if (done) done = connection->migrate(options.migrations);
    if (done) return connection;
  }
  return nullptr;
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Result<void> SqliteConnection::prepare_file() {
  const auto directory = std::filesystem::path(path_).parent_path();
  int error = make_directories(directory);
  // Made, not opened: closing a descriptor of the file would let go of every lock that this process has on it.
  if (error == 0 && ::mknod(path_.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST) error = errno;
  struct stat seen {};
  if (error == 0 && ::stat(path_.c_str(), &seen) != 0) error = errno;
  if (error != 0) return fail(explain_sqlite(SQLITE_CANTOPEN, error, path_, {}));
  device_ = seen.st_dev;
  inode_ = seen.st_ino;
  return {};
}

Result<void> SqliteConnection::connect(const std::string& name, int flags) {
  // This object is used by one thread: the library needs no locks for it.
  last_ = sqlite3_open_v2(name.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (last_ != SQLITE_OK) return failed();
  sqlite3_busy_timeout(database_, milliseconds(busy_timeout_));
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  return {};
}

Result<void> SqliteConnection::configure(const SqliteOptions& options) {
  busy_timeout_ = options.busy_timeout;
  if (auto connected = connect(path_, SQLITE_OPEN_READWRITE); !connected) return connected;
  // A commit is answered when it is on the disk.
  for (std::string_view sql : {"PRAGMA synchronous = FULL", "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY",
                               "PRAGMA journal_size_limit = 67108864"}) {
    if (auto set = query(sql); !set) return fail(std::move(set.error()));
  }
  auto mode = query("PRAGMA journal_mode = WAL");
  if (!mode) return fail(std::move(mode.error()));
  if (mode->empty() || mode->front().text(0) != "wal")
    return fail(refused(path_, "its file system does not carry a write-ahead log", "Keep it on a local disk"));
  return {};
}

Result<std::int64_t> SqliteConnection::pragma(std::string_view sql) {
  auto rows = query(sql);
  if (!rows) return fail(std::move(rows.error()));
  return rows->empty() ? 0 : rows->front().integer(0);
}

Result<void> SqliteConnection::migrate(const Migrations& migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  for (bool writing : {false, true}) {  // looked at first, so that a file that may only be read is read
    if (auto begun = query(writing ? "BEGIN IMMEDIATE" : "BEGIN"); !begun) return fail(std::move(begun.error()));
    auto version = pragma("PRAGMA user_version");
    auto application = pragma("PRAGMA application_id");
    auto tables = pragma("SELECT count(*) FROM sqlite_schema");
    if (!version || !application || !tables) {
      roll_back();
      return fail(std::move((!version ? version : !application ? application : tables).error()));
    }
    if (*application != kApplication && (*version != 0 || *tables != 0)) {
      roll_back();
      return fail(refused(path_, "it is another program's database", "Choose another directory"));
    }
    if (*version > newest) {
      roll_back();
      return fail(refused(path_,
                          "it was written by a newer Fairlead (version " + std::to_string(*version) +
                              " of the tables, this one knows " + std::to_string(newest) + ")",
                          "Use that one, or another directory"));
    }
    if (*version == newest && *application == kApplication) {
      roll_back();
      return {};
    }
    if (!writing) {
      roll_back();
      continue;
    }
    std::string sql = "PRAGMA application_id = " + std::to_string(kApplication) + ";";
    for (std::int64_t step = *version; step < newest; ++step) {
      sql += migrations[static_cast<std::size_t>(step)];
      sql += ";\n";
    }
    sql += "PRAGMA user_version = " + std::to_string(newest) + "; COMMIT";
    last_ = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    if (last_ != SQLITE_OK) {
      auto error = failed();
      roll_back();
      return error;
    }
    statements_.clear();
  }
  return {};
}

tl::unexpected<Error> SqliteConnection::failed() {
  const int code = last_ & 0xff;
  int system = database_ ? sqlite3_system_errno(database_) : 0;
  // Of a commit that fails SQLite does not keep it.
  if (system == 0 && code == SQLITE_IOERR && (errno == EFBIG || errno == EDQUOT || errno == EIO)) system = errno;
  full_ = means_full(last_, system);
  spent_ = spent_ || code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CANTOPEN ||
           code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_NOMEM || code == SQLITE_PROTOCOL;
  return fail(explain_sqlite(last_, system, path_, database_ ? sqlite3_errmsg(database_) : ""));
}

bool SqliteConnection::is_spent() const {
  struct stat seen {};
  return spent_ || unwritable_ || ::stat(path_.c_str(), &seen) != 0 || seen.st_ino != inode_ || seen.st_dev != device_;
}

Result<sqlite3_stmt*> SqliteConnection::statement(std::string_view sql, const std::vector<Value>& values) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    last_ = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made,
                               &rest);
    Statement owned(made);
    if (last_ != SQLITE_OK) return failed();
    if (!made || rest != sql.data() + sql.size())
      return fail(ErrorCode::internal, "use the database " + path_, "it takes one statement at a time");
    if (statements_.size() >= kStatements) statements_.clear();
    found = statements_.emplace(std::string(sql), std::move(owned)).first;
  }
  sqlite3_stmt* statement = found->second.get();
  if (reading_ && sqlite3_stmt_readonly(statement) == 0)
    return fail(ErrorCode::internal, "use the database " + path_, "a statement in a read would write");
  if (static_cast<int>(values.size()) != sqlite3_bind_parameter_count(statement))
    return fail(ErrorCode::internal, "use the database " + path_, "a statement has more or fewer values than ?");
  // They are bound by reference: whoever calls keeps them until the statement is reset.
  for (int i = 0; const Value& value : values) {
    ++i;
    if (const auto* number = std::get_if<std::int64_t>(&value))
      last_ = sqlite3_bind_int64(statement, i, *number);
    else if (const auto* text = std::get_if<std::string>(&value))
      last_ = sqlite3_bind_text64(statement, i, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    else if (const auto* blob = std::get_if<Blob>(&value))
      last_ = sqlite3_bind_blob64(statement, i, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
    else
      last_ = sqlite3_bind_null(statement, i);
    if (last_ != SQLITE_OK) return failed();
  }
  return statement;
}

Result<std::vector<Row>> SqliteConnection::query(std::string_view sql, std::vector<Value> values) {
  auto ready = statement(sql, values);
  if (!ready) return fail(std::move(ready.error()));
  std::vector<Row> rows;
  errno = 0;
  while ((last_ = sqlite3_step(*ready)) == SQLITE_ROW) {
    std::vector<Value> row(static_cast<std::size_t>(sqlite3_column_count(*ready)));
    for (int i = 0; Value & cell : row) {
      const int type = sqlite3_column_type(*ready, i);
      if (type == SQLITE_INTEGER) {
        cell = static_cast<std::int64_t>(sqlite3_column_int64(*ready, i));
      } else if (type != SQLITE_NULL) {
        const auto* bytes =
            static_cast<const char*>(type == SQLITE_BLOB ? sqlite3_column_blob(*ready, i)
                                                         : static_cast<const void*>(sqlite3_column_text(*ready, i)));
        std::string content(bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(*ready, i)));
        if (type == SQLITE_BLOB)
          cell = Blob{std::move(content)};
        else
          cell = std::move(content);
      }
      ++i;
    }
    rows.emplace_back(std::move(row));
  }
  const bool done = last_ == SQLITE_DONE;
  tl::unexpected<Error> error = done ? tl::unexpected<Error>(Error{}) : failed();
  sqlite3_reset(*ready);
  sqlite3_clear_bindings(*ready);
  if (!done) return error;
  return rows;
}

Result<std::uint64_t> SqliteConnection::execute(std::string_view sql, std::vector<Value> values) {
  const auto before = sqlite3_total_changes64(database_);
  auto done = query(sql, std::move(values));
  if (!done) return fail(std::move(done.error()));
  // Those that a trigger changed do not count.
  return sqlite3_total_changes64(database_) == before ? 0 : static_cast<std::uint64_t>(sqlite3_changes64(database_));
}

Result<void> SqliteConnection::begin_write() {
  if (unwritable_) {
    last_ = SQLITE_READONLY;
    return fail(*unwritable_);
  }
  sqlite3_busy_timeout(database_, 0);
  auto begun = query("BEGIN IMMEDIATE");
  sqlite3_busy_timeout(database_, milliseconds(busy_timeout_));
  if (!begun) return fail(std::move(begun.error()));
  return {};
}

Result<void> SqliteConnection::begin_read() {
  auto begun = query("BEGIN");
  if (!begun) return fail(std::move(begun.error()));
  reading_ = true;
  return {};
}

Result<void> SqliteConnection::commit() {
  reading_ = false;
  auto done = query("COMMIT");
  if (!done) return fail(std::move(done.error()));
  return {};
}

void SqliteConnection::roll_back() {
  reading_ = false;
  if (!in_transaction()) return;
  const int last = last_;
  query("ROLLBACK");
  last_ = last;  // the reason is of more interest
}

}  // namespace fairlead::store
