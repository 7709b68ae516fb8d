// What goes wrong with a disk and a file, what is said about it, and that it goes on once it is mended.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "store/test_database.h"
#include "store/test_disk.h"

namespace fairlead::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::add;
using testing::ask;
using testing::await_on;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::notes;
using testing::open;
using testing::TemporaryDirectory;
using testing::TestDisk;
using testing::write;

void expect_cause(const Result<void>& result, std::string_view cause) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::server_error);
  EXPECT_THAT(result.error().cause, HasSubstr(cause));
  EXPECT_THAT(result.error().step, HasSubstr("data.db"));
  EXPECT_NE(result.error().remedy, "");
}

// A connection beside the database under test.
struct Other {
  explicit Other(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) throw std::runtime_error("cannot open");
  }
  ~Other() { sqlite3_close(database); }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  void run(const char* sql) { EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql; }
  sqlite3* database = nullptr;
};

TEST(SqliteFaults, ADirectoryThatIsAFile) {
  TemporaryDirectory directory;
  std::ofstream(directory / "file") << "x";
  auto database = open(directory / "file/data.db");
  expect_cause(write(*database, add("x")), "what should be its directory is a file");
  std::filesystem::remove(directory / "file");
  EXPECT_TRUE(write(*database, add("x")));
}

TEST(SqliteFaults, ADirectoryThatCannotBeMade) {
  auto database = open("/proc/fairlead/data.db");
  expect_cause(write(*database, add("x")), "its directory is not there");
}

TEST(SqliteFaults, ADirectoryOfSomebodyElse) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  TemporaryDirectory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0500));
  auto database = open(directory / "data.db");
  expect_cause(write(*database, add("x")), "this user may not open it");
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0700));
  EXPECT_TRUE(write(*database, add("x")));
}

TEST(SqliteFaults, AFileThatMayOnlyBeReadIsRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  TemporaryDirectory directory;
  ASSERT_TRUE(write(*open(directory / "data.db"), add("x")));
  std::filesystem::permissions(directory / "data.db", std::filesystem::perms(0400));
  auto database = open(directory / "data.db");
  EXPECT_THAT(notes(*database), ElementsAre("x"));
  expect_cause(write(*database, add("x")), "it may only be read");
}

TEST(SqliteFaults, NoDatabase) {
  TemporaryDirectory directory;
  std::ofstream(directory / "data.db") << std::string(5000, 'x');
  auto database = open(directory / "data.db");
  expect_cause(write(*database, add("x")), "the file is no SQLite database");
  std::filesystem::remove(directory / "data.db");
  EXPECT_TRUE(write(*database, add("x")));
}

TEST(SqliteFaults, AnotherProgramsDatabase) {
  TemporaryDirectory directory;
  Other(directory / "data.db").run("CREATE TABLE theirs (x)");
  expect_cause(write(*open(directory / "data.db"), add("x")), "another program's database");
}

TEST(SqliteFaults, ADamagedDatabase) {
  TemporaryDirectory directory;
  {
    auto database = open(directory / "data.db");
    for (int i = 0; i < 3000; ++i) database->post(add(std::string(100, 'x')), {});
    ASSERT_TRUE(testing::flush(*database));
  }
  {
    std::fstream file(directory / "data.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(60 * 4096, '\xa5');
  }
  auto database = open(directory / "data.db");
  auto found = ask(*database, "SELECT text FROM note");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().cause, HasSubstr("it is damaged"));
  expect_cause(write(*database, add("x")), "it is damaged");
}

TEST(SqliteFaults, AFileThatIsDeletedIsMadeAnew) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("old")));
  for (std::string name : {"data.db", "data.db-wal", "data.db-shm"}) std::filesystem::remove(directory / name);
  ASSERT_TRUE(write(*database, add("new")));
  EXPECT_THAT(notes(*open(directory / "data.db")), ElementsAre("new"));
}

TEST(SqliteFaults, AFullDisk) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  disk.fail_write = SQLITE_FULL;
  expect_cause(write(*database, add("lost")), "the disk is full");
  expect_cause(write(*database, add("lost")), "the disk is full");
  EXPECT_THAT(notes(*database), ElementsAre("before"));
  disk.fail_write = 0;
  EXPECT_TRUE(write(*database, add("behind")));
  EXPECT_THAT(notes(*database), ElementsAre("before", "behind"));
}

TEST(SqliteFaults, AFileSizeLimitCountsAsAFullDisk) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 100'000;
  ::setrlimit(RLIMIT_FSIZE, &tight);
  auto written = write(*database, add(std::string(200'000, 'x')));
  ::setrlimit(RLIMIT_FSIZE, &before);
  expect_cause(written, "the disk is full (File too large)");
  EXPECT_TRUE(write(*database, add("behind")));
  EXPECT_THAT(notes(*database), ElementsAre("before", "behind"));
}

TEST(SqliteFaults, OneThatFindsNoRoomTakesNoOthersAlong) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  std::vector<std::string> failures;
  disk.hang();
  database->post(add("first"), {});
  disk.wait_until_it_hangs();
  database->post(add("small"), {});
  database->post(add(std::string(500'000, 'x')), [&](const Error& error) { failures.push_back(error.cause); });
  database->post(add("small too"), {});
  disk.largest_write = 200'000;
  disk.release();
  testing::flush(*database);
  EXPECT_THAT(failures, ElementsAre("the disk is full"));
  EXPECT_THAT(notes(*database), ElementsAre("before", "first", "small", "small too"));
}

TEST(SqliteFaults, ADiskThatAnswersErrors) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  disk.fail_sync = SQLITE_IOERR_FSYNC;
  expect_cause(write(*database, add("lost")), "the disk answered an error");
  disk.fail_sync = 0;
  EXPECT_TRUE(write(*database, add("behind")));
  EXPECT_THAT(notes(*database), ElementsAre("before", "behind"));
  database.reset();
  EXPECT_THAT(notes(*open(directory / "data.db")), ElementsAre("before", "behind"));
}

TEST(SqliteFaults, ADiskThatHangs) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  disk.hang();
  auto late = write(*database, add("at work by then"), Deadline::after(milliseconds(50)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::timeout);
  EXPECT_EQ(late.error().cause, "the disk did not answer in time");
  EXPECT_FALSE(write(*database, add("given up before it began"), Deadline::after(milliseconds(20))));
  EXPECT_FALSE(ask(*database, "SELECT 1", Deadline::after(milliseconds(20))));
  EXPECT_TRUE(database->post(add("posted"), {}));
  disk.release();
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_THAT(notes(*database), ElementsAre("before", "at work by then", "posted"));
}

TEST(SqliteFaults, TheDestructorLeavesAHangingDiskBehind) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  disk.hang();
  database->post(add("at work by then"), {});
  disk.wait_until_it_hangs();
  database->post(add("never"), {});
  net::testing::Stopwatch watch;
  database.reset();
  EXPECT_FALSE(watch.under(milliseconds(1900)));
  EXPECT_TRUE(watch.under(seconds(20)));
  disk.release();
  while (notes(*open(directory / "data.db")).size() < 2) ::usleep(1000);
  // The thread that was left behind closes its files by itself.
  while (std::filesystem::exists(directory / "data.db-wal")) {
    ::usleep(10'000);
    notes(*open(directory / "data.db"));
  }
}

TEST(SqliteFaults, TheCallerGivesUp) {
  TemporaryDirectory directory;
  TestDisk disk;
  auto database = open(directory / "data.db");
  ASSERT_TRUE(write(*database, add("before")));
  disk.hang();
  database->post(add("at work by then"), {});
  disk.wait_until_it_hangs();
  net::Loop loop;
  std::optional<ErrorCode> code;
  auto doomed = [&]() -> net::awaitable<void> {
    auto done = co_await database->write(add("given up"), {});
    if (!done) code = done.error().code;
  };
  auto body = [&]() -> net::awaitable<void> {
    net::TaskGroup group(loop.executor());
    group.spawn(doomed());
    co_await net::sleep_for(milliseconds(5));
    group.cancel_all();
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(code, ErrorCode::cancelled);
  disk.release();
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_THAT(notes(*database), ElementsAre("before", "at work by then"));
}

TEST(SqliteFaults, AnotherProcessThatHoldsIt) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db", milliseconds(150));
  ASSERT_TRUE(write(*database, add("before")));
  Other other(directory / "data.db");
  other.run("BEGIN IMMEDIATE");
  expect_cause(write(*database, add("lost")), "another process holds it");
  other.run("ROLLBACK");
  EXPECT_TRUE(write(*database, add("behind")));
  EXPECT_THAT(notes(*database), ElementsAre("before", "behind"));
}

TEST(SqliteFaults, ReadsDoNotWaitForAnotherProcess) {
  TemporaryDirectory directory;
  auto database = open(directory / "data.db", seconds(60));
  ASSERT_TRUE(write(*database, add("before")));
  Other other(directory / "data.db");
  other.run("BEGIN IMMEDIATE");
  other.run("INSERT INTO note (text) VALUES ('theirs')");
  database->post(add("behind"), {});
  net::testing::Stopwatch watch;
  EXPECT_THAT(notes(*database), ElementsAre("before"));
  EXPECT_TRUE(watch.under(seconds(5)));
  auto late = write(*database, add("late"), Deadline::after(milliseconds(30)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::timeout);
  EXPECT_EQ(late.error().cause, "another process holds it");
  other.run("COMMIT");
  ASSERT_TRUE(testing::flush(*database));
  EXPECT_THAT(notes(*database), ElementsAre("before", "theirs", "behind"));
}

}  // namespace
}  // namespace fairlead::store
