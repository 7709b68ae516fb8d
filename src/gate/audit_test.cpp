#include "gate/audit.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/test_database.h"
#include "store/test_disk.h"

namespace fairlead::gate {
namespace {

using store::testing::await_on;
using store::testing::patience;
using store::testing::TemporaryDirectory;
using store::testing::TestDisk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<store::Database> open(const std::string& path) {
  store::SqliteOptions options;
  options.path = path;
  options.migrations = store::sqlite_schema();
  return store::open_sqlite(options);
}

AuditRecord record(std::string operation = "scale_deployment", std::string who = "cli:alice") {
  AuditRecord out;
  out.time = 1'790'000'000'123;
  out.who = std::move(who);
  out.cluster = "prod";
  out.operation = std::move(operation);
  out.trust = "write";
  out.arguments = {{"replicas", 5}, {"name", "web"}, {"labels", {{"z", 1}, {"a", {{"y", 2.5}, {"b", nullptr}}}}}};
  out.decision = "allow";
  out.rule = "default";
  out.outcome = "done";
  out.milliseconds = 12;
  return out;
}

struct Log {
  explicit Log(const std::string& path) : database(open(path)), log(*database) {}

  Result<void> append(AuditRecord record, Deadline deadline = patience()) {
    net::Loop loop;
    return await_on(loop, log.append_and_wait(std::move(record), {}, deadline));
  }
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    net::Loop loop;
    auto each = [&](std::string_view line) {
      out.emplace_back(line);
      return true;
    };
    auto done = await_on(loop, log.export_lines(each, patience()));
    EXPECT_TRUE(done.has_value()) << done.error().sentence();
    return out;
  }
  std::vector<std::string> read(AuditLog::Filter filter, std::int64_t before = 0, std::size_t limit = 100) {
    net::Loop loop;
    auto found = await_on(loop, log.read(std::move(filter), before, limit, patience()));
    std::vector<std::string> out;
    for (auto& each : found.value()) out.push_back(std::to_string(integer_at(each, {"seq"})));
    return out;
  }
  AuditHead head() {
    net::Loop loop;
    return await_on(loop, log.head(patience())).value();
  }
  std::vector<std::string> verify(std::vector<AuditHead> heads = {}) {
    net::Loop loop;
    AuditVerifier verifier(std::move(heads));
    auto done = await_on(loop, log.verify(verifier, patience()));
    EXPECT_TRUE(done.has_value()) << done.error().sentence();
    std::vector<std::string> out;
    for (auto& problem : verifier.finish()) out.push_back(problem.what);
    return out;
  }

  std::unique_ptr<store::Database> database;
  AuditLog log;
};

// Somebody with the file in their hands.
void tamper(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const std::string all =
      "DROP TRIGGER IF EXISTS audit_is_never_updated; DROP TRIGGER IF EXISTS audit_is_never_deleted; " + sql;
  EXPECT_EQ(sqlite3_exec(database, all.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST(Audit, ARecordIsALineOfSortedJson) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  ASSERT_TRUE(log.append(record()));
  EXPECT_THAT(
      log.lines(),
      ElementsAre(R"({"hash":"72514b373ff980b9e62209cce32e5a617d34eb4e3b0383d689eac08b53727432","arguments":{"labels":)"
                  R"({"a":{"b":null,"y":2.5},"z":1},"name":"web","replicas":5},"change":"","cluster":"prod",)"
                  R"("decision":"allow","milliseconds":12,"operation":"scale_deployment","outcome":"done",)"
                  R"("rule":"default","seq":1,"time":"2026-09-21T14:13:20.123Z","trust":"write","who":"cli:alice"})"));
}

TEST(Audit, AnEmptyLogHasAHead) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  EXPECT_EQ(log.head().sequence, 0);
  EXPECT_EQ(log.head().hash, std::string(64, '0'));
  EXPECT_THAT(log.verify({log.head()}), IsEmpty());
}

TEST(Audit, IsReadByFilters) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  for (int i = 1; i <= 10; ++i) {
    AuditRecord one = record(i % 2 != 0 ? "scale_deployment" : "list_pods", i % 3 != 0 ? "cli:alice" : "mcp:bob");
    one.time = i * 60'000;
    if (i == 4) one.change = "chg-1";
    if (i == 7) one.outcome = "policy_denied";
    ASSERT_TRUE(log.append(std::move(one)));
  }
  EXPECT_THAT(log.read({}, 0, 3), ElementsAre("8", "9", "10"));
  EXPECT_THAT(log.read({}, 8, 3), ElementsAre("5", "6", "7"));
  EXPECT_THAT(log.read({.who = "mcp:bob"}), ElementsAre("3", "6", "9"));
  EXPECT_THAT(log.read({.who = "mcp:bob", .operation = "list_pods"}), ElementsAre("6"));
  EXPECT_THAT(log.read({.change = "chg-1"}), ElementsAre("4"));
  EXPECT_THAT(log.read({.outcome = "policy_denied"}), ElementsAre("7"));
  EXPECT_THAT(log.read({.since = 9 * 60}), ElementsAre("9", "10"));
  EXPECT_THAT(log.read({.who = "nobody' OR 1=1 --"}), IsEmpty());
  EXPECT_THAT(log.verify({log.head()}), IsEmpty());
}

TEST(Audit, WhatIsPostedIsThereAfterAFlush) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  for (int i = 0; i < 2500; ++i)
    log.log.append(record(), [](const Error& error) { ADD_FAILURE() << error.sentence(); });
  ASSERT_TRUE(store::testing::flush(*log.database));
  EXPECT_EQ(log.head().sequence, 2500);
  EXPECT_EQ(log.lines().size(), 2500u);
  EXPECT_THAT(log.verify({log.head()}), IsEmpty());
}

TEST(Audit, ExportEndsWhenItsReaderHasEnough) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(log.append(record()));
  int seen = 0;
  auto each = [&](std::string_view) { return ++seen < 2; };
  net::Loop loop;
  EXPECT_TRUE(await_on(loop, log.log.export_lines(each, patience())));
  EXPECT_EQ(seen, 2);
}

TEST(Audit, WhatIsNoUtf8IsFoundAllTheSame) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  ASSERT_TRUE(log.append(record("list_pods", "oidc:\xff\xe2\x80\x8b\x00z")));
  EXPECT_THAT(log.verify(), IsEmpty());
  EXPECT_THAT(log.lines().front(), HasSubstr("\"who\":\"oidc:"));
}

TEST(Audit, TheTableIsAppendOnly) {
  TemporaryDirectory directory;
  Log log(directory / "data.db");
  ASSERT_TRUE(log.append(record()));
  for (std::string sql : {"UPDATE audit SET who = 'x'", "DELETE FROM audit"}) {
    auto written = store::testing::write(*log.database, [sql](store::Session& session) -> Result<void> {
      auto done = session.execute(sql);
      if (!done) return fail(done.error());
      return {};
    });
    ASSERT_FALSE(written) << sql;
    EXPECT_THAT(written.error().foreign, HasSubstr("the audit log is append-only"));
  }
}

TEST(Audit, FindsWhatWasDoneToTheDatabase) {
  auto after = [](const std::string& sql, bool with_head = false) {
    TemporaryDirectory directory;
    const std::string path = directory / "data.db";
    Log log(path);
    for (int i = 0; i < 300; ++i) log.log.append(record("op" + std::to_string(i)), {});
    EXPECT_TRUE(store::testing::flush(*log.database));
    AuditHead head = log.head();
    EXPECT_THAT(log.verify({head}), IsEmpty());
    tamper(path, sql);
    return log.verify(with_head ? std::vector<AuditHead>{head} : std::vector<AuditHead>{});
  };
  EXPECT_THAT(after("UPDATE audit SET record = replace(record, '\"replicas\":5', '\"replicas\":6') WHERE seq = 150"),
              ElementsAre("record 150 does not follow from what stands before it: it was altered, or the one before it "
                          "was"));
  EXPECT_THAT(after("DELETE FROM audit WHERE seq BETWEEN 100 AND 102"),
              ElementsAre("records 100 to 102 are missing before line 100"));
  EXPECT_THAT(after("DELETE FROM audit WHERE seq = 1"), ElementsAre("record 1 is missing before line 1"));
  EXPECT_THAT(after("UPDATE audit SET who = 'mcp:bob' WHERE seq = 7"),
              ElementsAre("the columns of record 7 contradict it: searches do not find it as it is"));
  EXPECT_FALSE(after("UPDATE audit SET record = '' WHERE seq = 7").empty());
  EXPECT_FALSE(after("UPDATE audit SET hash = '' WHERE seq = 300").empty());
  EXPECT_FALSE(after("UPDATE audit SET time = 9223372036854775807 WHERE seq = 7").empty());
  EXPECT_FALSE(after("UPDATE audit SET seq = 1000 WHERE seq = 7").empty());
  EXPECT_THAT(after("DELETE FROM audit WHERE seq > 298"), IsEmpty());
  EXPECT_THAT(after("DELETE FROM audit WHERE seq > 298", true),
              ElementsAre(HasSubstr("the log ends with record 298, but at 1970-01-01T00:00:00Z there was record 300: "
                                    "records 299 to 300 were cut off")));
}

TEST(Audit, AForkIsFoundAgainstAHead) {
  TemporaryDirectory directory;
  AuditHead head;
  {
    Log log(directory / "data.db");
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.append(record("op" + std::to_string(i))));
    head = log.head();
  }
  tamper(directory / "data.db", "DELETE FROM audit WHERE seq > 3");
  Log log(directory / "data.db");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.append(record("other")));
  EXPECT_THAT(log.verify(), IsEmpty());
  EXPECT_THAT(log.verify({head}), ElementsAre(HasSubstr("record 5 is not the one that was signed at ")));
}

TEST(Audit, AFullDiskRefusesChangesAndSaysWhy) {
  TemporaryDirectory directory;
  TestDisk disk;
  Log log(directory / "data.db");
  ASSERT_TRUE(log.append(record()));
  disk.fail_write = SQLITE_FULL;
  auto refused = log.append(record());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().sentence(), HasSubstr("the disk is full. Make room on its file system"));
  auto heard = std::make_shared<std::vector<std::string>>();
  log.log.append(record("list_pods"), [heard](const Error& error) { heard->push_back(error.cause); });
  store::testing::flush(*log.database);
  EXPECT_THAT(*heard, ElementsAre("the disk is full"));
  disk.fail_write = 0;
  ASSERT_TRUE(log.append(record()));
  EXPECT_EQ(log.head().sequence, 2);
  EXPECT_THAT(log.verify({log.head()}), IsEmpty());
}

// ---- two processes

TEST(AuditChild, DISABLED_Appends) {
  const char* path = ::getenv("FAIRLEAD_TEST_DATABASE");
  if (!path) return;
  Log log(path);
  for (int i = 0; i < 60; ++i) {
    log.log.append(record("posted", "cli:child"), {});
    if (!log.append(record("waited", "cli:child"))) ::_exit(1);
  }
}

TEST(Audit, SeveralProcessesAppendToOneChain) {
  TemporaryDirectory directory;
  const std::string path = "FAIRLEAD_TEST_DATABASE=" + directory / "data.db";
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    pid_t child = ::fork();
    if (child == 0) {
      const char* arguments[] = {"gate_test", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                                 "--gtest_filter=AuditChild.DISABLED_Appends", nullptr};
      const char* environment[] = {path.c_str(), nullptr};
      ::execve("/proc/self/exe", const_cast<char**>(arguments), const_cast<char**>(environment));
      ::_exit(127);
    }
    children.push_back(child);
  }
  Log log(directory / "data.db");
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(log.append(record("waited", "cli:parent")));
  for (pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(log.head().sequence, 300);
  EXPECT_EQ(log.read({.who = "cli:child"}, 0, 1000).size(), 240u);
  EXPECT_THAT(log.verify({log.head()}), IsEmpty());
}

}  // namespace
}  // namespace fairlead::gate
