// Tests only: a directory of one's own, and a database in it that is asked in plain words.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "net/test_support.h"
#include "store/database.h"

namespace fairlead::store::testing {

using net::testing::await_on;
using net::testing::patience;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "fairlead_test_XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Migrations one_table() { return {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"}; }

inline std::unique_ptr<Database> open(const std::string& path, Duration busy_timeout = std::chrono::seconds(5)) {
  SqliteOptions options;
  options.path = path;
  options.migrations = one_table();
  options.busy_timeout = busy_timeout;
  return open_sqlite(options);
}

inline Work add(std::string text) {
  return [text = std::move(text)](Session& session) -> Result<void> {
    auto added = session.execute("INSERT INTO note (text) VALUES (?)", {text});
    if (!added) return fail(added.error());
    return {};
  };
}

inline Result<void> write(Database& database, Work work, Deadline deadline = patience()) {
  net::Loop loop;
  return await_on(loop, database.write(std::move(work), deadline));
}
inline Result<void> flush(Database& database, Deadline deadline = patience()) {
  net::Loop loop;
  return await_on(loop, database.flush(deadline));
}

// The first column of all rows.
inline Result<std::vector<std::string>> ask(Database& database, std::string sql, Deadline deadline = patience()) {
  auto texts = std::make_shared<std::vector<std::string>>();
  net::Loop loop;
  auto done = await_on(loop, database.read(
                                 [texts, sql](Session& session) -> Result<void> {
                                   auto rows = session.query(sql);
                                   if (!rows) return fail(rows.error());
                                   for (auto& row : *rows) texts->push_back(row.text(0));
                                   return {};
                                 },
                                 deadline));
  if (!done) return fail(done.error());
  return *texts;
}
inline std::vector<std::string> notes(Database& database) {
  auto found = ask(database, "SELECT text FROM note ORDER BY id");
  EXPECT_TRUE(found.has_value()) << found.error().sentence();
  return found ? *found : std::vector<std::string>{};
}

}  // namespace fairlead::store::testing
