// Inside store/ only: one connection to a SQLite file. Of one thread; blocks.
#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "store/connection.h"

namespace fairlead::store {

class SqliteConnection final : public Connection {
 public:
  // Makes what is not there: directories (0700), the file (0600), the tables. A file that cannot be opened to be
  // written (its disk is full, its file system read-only) is opened to be read, as it was last committed, where that
  // can be: begin_write() fails with the cause then, and the connection is spent.
  static Result<std::unique_ptr<SqliteConnection>> open(const SqliteOptions& options);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Result<std::uint64_t> execute(std::string_view sql, std::vector<Value> values = {}) override;
  Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> values = {}) override;

  // At once, whatever the busy timeout: whether another process writes is told by is_busy().
  Result<void> begin_write() override;
  Result<void> begin_read() override;
  Result<void> commit() override;
  void roll_back() override;
  bool in_transaction() const override { return sqlite3_get_autocommit(database_) == 0; }

  // Of the last statement that failed.
  bool is_busy() const override { return (last_ & 0xff) == SQLITE_BUSY; }
  bool is_full() const override { return full_; }
  // To be opened anew: the file is another one by now, or what was wrong may have been mended under it. A disk that is
  // full or answered an error is none of these: what of a commit did not reach the disk is written again by this
  // connection alone.
  bool is_spent() const override;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  // Null where it cannot.
  static std::unique_ptr<SqliteConnection> open_to_read(const SqliteOptions& options, const Error& why);
  explicit SqliteConnection(const std::string& path) : path_(path) {}
  Result<void> prepare_file();
  Result<void> configure(const SqliteOptions& options);
  Result<void> connect(const std::string& name, int flags);
  Result<void> migrate(const Migrations& migrations);
  Result<std::int64_t> pragma(std::string_view sql);
  Result<sqlite3_stmt*> statement(std::string_view sql, const std::vector<Value>& values);
  tl::unexpected<Error> failed();

  std::string path_;
  sqlite3* database_ = nullptr;
  std::map<std::string, Statement, std::less<>> statements_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  Duration busy_timeout_{};
  int last_ = SQLITE_OK;
  bool full_ = false;
  bool spent_ = false;
  bool reading_ = false;
  std::optional<Error> unwritable_;  // why it is only read
};

}  // namespace fairlead::store
