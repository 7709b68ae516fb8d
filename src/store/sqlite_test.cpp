#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <future>

#include "net/task.h"
#include "store/test_database.h"
#include "store/test_disk.h"

namespace fairlead::store {
namespace {

using testing::add;
using testing::ask;
using testing::await_on;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::notes;
using testing::open;
using testing::patience;
using testing::TemporaryDirectory;
using testing::TestDisk;
using testing::write;

unsigned mode(const std::string& path) {
  struct stat seen {};
  return ::stat(path.c_str(), &seen) == 0 ? seen.st_mode & 0777 : 0;
}

TEST(Sqlite, NothingIsMadeBeforeTheFirstUse) {
  TemporaryDirectory directory;
  auto database = open(directory / "a/b/data.db");
  EXPECT_FALSE(std::filesystem::exists(directory / "a"));
}

TEST(Sqlite, MakesDirectoriesAndFilesForItsUserAlone) {
  TemporaryDirectory directory;
  const auto before = ::umask(0);
  auto database = open(directory / "a/b/data.db");
  ASSERT_TRUE(write(*database, add("one")));
  ::umask(before);
  EXPECT_EQ(mode(directory / "a"), 0700u);
  EXPECT_EQ(mode(directory / "a/b"), 0700u);
  EXPECT_EQ(mode(directory / "a/b/data.db"), 0600u);
  EXPECT_EQ(mode(directory / "a/b/data.db-wal"), 0600u);
}

TEST(Sqlite, KeepsEachTypeOfValue) {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "data.db";
  options.migrations = {"CREATE TABLE cell (i INTEGER, t TEXT, b BLOB, n TEXT) STRICT"};
  auto database = open_sqlite(options);
  const std::string text("a\0b\xc3\xa9", 5), bytes("\0\xff", 2);
  std::vector<Row> rows;
  ASSERT_TRUE(write(*database, [&](Session& session) -> Result<void> {
    auto added = session.execute("INSERT INTO cell VALUES (?, ?, ?, ?)", {INT64_MIN, text, Blob{bytes}, {}});
    EXPECT_EQ(added, 1u);
    rows = session.query("SELECT * FROM cell").value();
    EXPECT_EQ(session.execute("UPDATE cell SET i = 1 WHERE i = 2"), 0u);
    return {};
  }));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].size(), 4u);
  EXPECT_EQ(rows[0].integer(0), INT64_MIN);
  EXPECT_EQ(rows[0].text(1), text);
  EXPECT_EQ(rows[0].bytes(2), bytes);
  EXPECT_TRUE(rows[0].is_null(3));
  EXPECT_EQ(rows[0].text(0), "");
  EXPECT_EQ(rows[0].integer(9), 0);
  // STRICT: what is no number is refused.
  auto wrong = write(*database, [](Session& session) -> Result<void> {
    auto added = session.execute("INSERT INTO cell (i) VALUES (?)", {"word"});
    if (!added) return fail(added.error());
    return {};
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::conflict);
}

TEST(Sqlite, WhatIsThereIsFoundAgain) {
  TemporaryDirectory directory;
  ASSERT_TRUE(write(*open(directory / "data.db"), add("one")));
  EXPECT_THAT(notes(*open(directory / "data.db")), ElementsAre("one"));
}

TEST(Sqlite, WritesInTheOrderInWhichTheyCame) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(std::to_string(i));
    EXPECT_TRUE(database->post(add(expected.back()), {}));
  }
  EXPECT_EQ(notes(*database).size() % 1000, 0u);  // a read sees whole groups
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_EQ(notes(*database), expected);
}

TEST(Sqlite, WhatWaitsTogetherIsCommittedTogether) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("first")));
  const int before = disk.syncs;
  net::Loop loop;
  auto one = [&]() -> net::awaitable<void> {
    auto done = co_await database->write(add("x"), patience());
    EXPECT_TRUE(done.has_value());
  };
  auto all = [&]() -> net::awaitable<void> {
    net::TaskGroup group(loop.executor());
    for (int i = 0; i < 500; ++i) group.spawn(one());
    co_await group.join();
  };
  await_on(loop, all());
  EXPECT_EQ(notes(*database).size(), 501u);
  EXPECT_LT(disk.syncs - before, 100);
}

TEST(Sqlite, AnErrorUndoesItsOwnPieceAlone) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  std::vector<std::string> failures;
  disk.hang();
  database->post(add("while the next wait"), {});
  disk.wait_until_it_hangs();
  database->post(add("before"), {});
  database->post(
      [](Session& session) -> Result<void> {
        if (auto added = session.execute("INSERT INTO note (text) VALUES ('half')"); !added) return fail(added.error());
        return fail(ErrorCode::policy_denied, "", "no");
      },
      [&](const Error& error) { failures.push_back(error.cause); });
  database->post(add("behind"), {});
  disk.release();
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_THAT(failures, ElementsAre("no"));
  EXPECT_THAT(notes(*database), ElementsAre("while the next wait", "before", "behind"));
  // Alone in its group as well.
  EXPECT_FALSE(write(*database, [](Session& session) -> Result<void> {
    session.execute("INSERT INTO note (text) VALUES ('half')").value();
    return fail(ErrorCode::policy_denied, "", "no");
  }));
  EXPECT_EQ(notes(*database).size(), 3u);
}

TEST(Sqlite, AReadMayNotWrite) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  auto asked = ask(*database, "INSERT INTO note (text) VALUES ('x') RETURNING text");
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::internal);
  EXPECT_TRUE(notes(*database).empty());
}

TEST(Sqlite, OneStatementAtATimeWithAsManyValuesAsItHasPlaces) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  for (std::string sql : {"SELECT 1; SELECT 2", "SELECT ?", "", "SELEKT 1"}) {
    auto asked = ask(*database, sql);
    ASSERT_FALSE(asked) << sql;
    EXPECT_EQ(asked.error().code, ErrorCode::internal) << sql;
  }
}

TEST(Sqlite, MigratesFromEachVersion) {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "data.db";
  options.migrations = testing::one_table();
  ASSERT_TRUE(write(*open_sqlite(options), add("old")));
  options.migrations.push_back(
      "ALTER TABLE note ADD COLUMN who TEXT; UPDATE note SET who = 'me'; CREATE INDEX note_who ON note (who)");
  EXPECT_THAT(ask(*open_sqlite(options), "SELECT who FROM note").value(), ElementsAre("me"));
  EXPECT_THAT(notes(*open_sqlite(options)), ElementsAre("old"));

  options.migrations.pop_back();
  auto newer = ask(*open_sqlite(options), "SELECT text FROM note");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::server_error);
  EXPECT_THAT(newer.error().cause, HasSubstr("newer Fairlead (version 2 of the tables, this one knows 1)"));
}

TEST(Sqlite, AMigrationThatFailsLeavesNothingBehind) {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "data.db";
  options.migrations = {"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT; CREATE TABEL x (y)"};
  EXPECT_FALSE(ask(*open_sqlite(options), "SELECT 1"));
  EXPECT_TRUE(notes(*open(directory / "data.db")).empty());
}

TEST(Sqlite, TwoDatabasesOnOneFile) {
  TemporaryDirectory directory;
  auto a = open(directory / "data.db"), b = open(directory / "data.db");
  for (int i = 0; i < 500; ++i) {
    a->post(add("a"), [](const Error& error) { ADD_FAILURE() << error.sentence(); });
    b->post(add("b"), [](const Error& error) { ADD_FAILURE() << error.sentence(); });
  }
  ASSERT_TRUE(testing::flush(*a));
  ASSERT_TRUE(testing::flush(*b));
  EXPECT_EQ(notes(*a).size(), 1000u);
  EXPECT_EQ(notes(*b).size(), 1000u);
}

TEST(Sqlite, SeveralThatMakeTheFileAtOnce) {
  for (int round = 0; round < 20; ++round) {
    TemporaryDirectory directory;
    std::vector<std::unique_ptr<Database>> all;
    for (int i = 0; i < 4; ++i) {
      all.push_back(open(directory / "new/data.db"));
      all.back()->post(add("x"), [](const Error& error) { ADD_FAILURE() << error.sentence(); });
    }
    for (auto& database : all) ASSERT_TRUE(testing::flush(*database));
    EXPECT_EQ(notes(*all.front()).size(), 4u);
  }
}

TEST(Sqlite, MoreThanTheBacklogIsRefused) {
  TemporaryDirectory directory;
  TestDisk disk;
  SqliteOptions options;
  options.path = directory / "data.db";
  options.migrations = testing::one_table();
  options.backlog = 3;
  auto database = open_sqlite(options);
  disk.hang();
  EXPECT_TRUE(database->post(add("1"), {}));
  disk.wait_until_it_hangs();
  EXPECT_TRUE(database->post(add("2"), {}));
  EXPECT_TRUE(database->post(add("3"), {}));
  EXPECT_TRUE(database->post(add("4"), {}));
  EXPECT_FALSE(database->post(add("5"), {}));
  disk.release();
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_TRUE(database->post(add("6"), {}));
  database = open(directory / "data.db");  // the destructor waits
  EXPECT_THAT(notes(*database), ElementsAre("1", "2", "3", "4", "6"));
}

TEST(Sqlite, MayBeUsedFromSeveralLoops) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(write(*database, add("x")));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(notes(*database).size(), 200u);
}

// ---- a process that is killed

// The child: says each number once it is durable, until it is killed.
TEST(SqliteChild, DISABLED_Writes) {
  const char* path = ::getenv("FAIRLEAD_TEST_DATABASE");
  if (!path) return;
  auto database = open(path);
  for (int i = 0;; ++i) {
    for (int j = 0; j < i % 7; ++j) database->post(add("posted"), {});
    if (!write(*database, add(std::to_string(i)))) return;
    std::string line = std::to_string(i) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
  }
}

TEST(Sqlite, WhatWasAnsweredSurvivesKill) {
  for (int round = 0; round < 3; ++round) {
    TemporaryDirectory directory;
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string path = "FAIRLEAD_TEST_DATABASE=" + directory / "data.db";
    pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      const char* arguments[] = {"store_test", "--gtest_also_run_disabled_tests",
                                 "--gtest_filter=SqliteChild.DISABLED_Writes", nullptr};
      const char* environment[] = {path.c_str(), nullptr};
      ::execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(environment));
      ::_exit(127);
    }
    ::close(ends[1]);
    std::string said;
    char bytes[512];
    for (ssize_t count; said.size() < 400u + 150u * round && (count = ::read(ends[0], bytes, sizeof bytes)) > 0;)
      said.append(bytes, static_cast<std::size_t>(count));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (ssize_t count; (count = ::read(ends[0], bytes, sizeof bytes)) > 0;)
      said.append(bytes, static_cast<std::size_t>(count));
    ::close(ends[0]);
    const std::size_t end = said.rfind('\n');
    ASSERT_NE(end, std::string::npos);
    const std::size_t begin = said.rfind('\n', end - 1);
    const int last = std::stoi(said.substr(begin + 1, end - begin - 1));
    auto database = open(directory / "data.db");
    auto found = ask(*database, "SELECT text FROM note WHERE text <> 'posted' ORDER BY id").value();
    ASSERT_GT(found.size(), static_cast<std::size_t>(last));
    for (int i = 0; i <= last; ++i) ASSERT_EQ(found[i], std::to_string(i));
    EXPECT_THAT(ask(*database, "PRAGMA integrity_check").value(), ElementsAre("ok"));
  }
}

}  // namespace
}  // namespace fairlead::store
