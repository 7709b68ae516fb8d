// On a real PostgreSQL, whose URL is in FAIRLEAD_TEST_POSTGRES (tests/support/with-postgres); skipped without.
#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "store/postgres_connection.h"
#include "store/postgres_error.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::store {
namespace {

using testing::add;
using testing::ask;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::notes;
using testing::patience;
using testing::write;

Environment no_environment() {
  return [](std::string_view) { return std::optional<std::string>(); };
}

TEST(PostgresText, QuestionMarksAreNumbered) {
  EXPECT_EQ(numbered("SELECT a FROM b WHERE c = ? AND d = ?"), "SELECT a FROM b WHERE c = $1 AND d = $2");
  EXPECT_EQ(numbered("UPDATE a SET b = ?2 WHERE c = ?1"), "UPDATE a SET b = $2 WHERE c = $1");
  EXPECT_EQ(numbered("SELECT '?', \"?\" WHERE a = ?"), "SELECT '?', \"?\" WHERE a = $1");
  EXPECT_EQ(numbered("SELECT 'it''s ?' WHERE a = ?"), "SELECT 'it''s ?' WHERE a = $1");
  EXPECT_EQ(numbered(""), "");
}

TEST(PostgresText, AUrlTellsWhereAndNeverThePassword) {
  auto read = read_postgres_url(Secret("postgres://me:hunter2%40@db.example.com:5433/books"), no_environment());
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(read->step, "use the database books at db.example.com");
  std::map<std::string, std::string> set;
  for (const auto& [name, value] : read->parameters) set[name] = value.reveal();
  EXPECT_EQ(set["password"], "hunter2@");
  EXPECT_EQ(set["sslmode"], "require");
  for (const char* url :
       {"postgres://me:hunter2%@db/x", "postgres://me:hunter2@[db/x", "mysql://me:hunter2@db/x", "hunter2"}) {
    auto wrong = read_postgres_url(Secret(url), no_environment());
    ASSERT_FALSE(wrong) << url;
    EXPECT_EQ(wrong.error().code, ErrorCode::invalid_request);
    EXPECT_THAT(wrong.error().sentence() + wrong.error().foreign, ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST(PostgresText, TlsIsAskedForButOnThisMachine) {
  const auto mode = [](std::string url, Environment environment) {
    auto read = read_postgres_url(Secret(std::move(url)), environment);
    EXPECT_TRUE(read);
    for (const auto& [name, value] : read->parameters)
      if (name == "sslmode") return std::string(value.reveal());
    return std::string("default");
  };
  EXPECT_EQ(mode("postgres://localhost/a", no_environment()), "default");
  EXPECT_EQ(mode("host=/run/postgresql dbname=a", no_environment()), "default");
  EXPECT_EQ(mode("postgres://db/a?sslmode=verify-full", no_environment()), "verify-full");
  EXPECT_EQ(mode("host=localhost hostaddr=10.0.0.1", no_environment()), "require");
  const Environment elsewhere = [](std::string_view name) {
    return name == "PGHOST" ? std::optional<std::string>("db") : std::nullopt;
  };
  EXPECT_EQ(mode("dbname=a", elsewhere), "require");
}

TEST(PostgresText, EachStateHasASentence) {
  EXPECT_THAT(explain_postgres("28P01", "s", "m").cause, HasSubstr("password"));
  EXPECT_THAT(explain_postgres("57P03", "s", "m").cause, HasSubstr("starts"));
  EXPECT_THAT(explain_postgres("", "s", "m").cause, HasSubstr("does not answer"));
  EXPECT_EQ(explain_postgres("23505", "s", "m").code, ErrorCode::conflict);
  EXPECT_EQ(explain_postgres("42601", "s", "m").code, ErrorCode::internal);
  EXPECT_EQ(explain_postgres("42601", "s", "theirs").foreign, "theirs");
}

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* url = std::getenv("FAIRLEAD_TEST_POSTGRES");
    if (!url) GTEST_SKIP() << "no FAIRLEAD_TEST_POSTGRES: tests/support/with-postgres has one";
    url_ = url;
    // A schema of the test's own.
    schema_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    auto database = open_postgres(options({}));
    ASSERT_TRUE(write(*database, [name = schema_](Session& session) -> Result<void> {
      for (const char* verb : {"DROP SCHEMA IF EXISTS", "CREATE SCHEMA"})
        if (auto done = session.execute(verb + (" \"" + name + "\"") + (*verb == 'D' ? " CASCADE" : "")); !done)
          return fail(done.error());
      return {};
    }));
  }
  PostgresOptions options(Migrations migrations) {
    auto read = read_postgres_url(Secret(url_), no_environment());
    if (!read) throw std::runtime_error(read.error().sentence());
    read->migrations = std::move(migrations);
    read->parameters.emplace_back("options", Secret("-c search_path=\\\"" + schema_ + "\\\""));
    return std::move(*read);
  }
  std::unique_ptr<Database> open(
      Migrations migrations = {"CREATE TABLE note (id BIGINT GENERATED ALWAYS AS IDENTITY, text TEXT NOT NULL)"}) {
    return open_postgres(options(std::move(migrations)));
  }
  std::string url_, schema_;
};

TEST_F(Postgres, KeepsEachTypeOfValue) {
  auto database = open({"CREATE TABLE cell (i BIGINT, t TEXT, b BYTEA, n TEXT)"});
  const std::string text = "a\xc3\xa9'\"\\", bytes("\0\xff'", 3);
  std::vector<Row> rows;
  ASSERT_TRUE(write(*database, [&](Session& session) -> Result<void> {
    auto added =
        session.execute("INSERT INTO cell VALUES (?, ?, ?, ?)", {INT64_MIN, text, Blob{bytes}, std::monostate()});
    if (!added) return fail(added.error());
    EXPECT_EQ(*added, 1u);
    auto more =
        session.execute("INSERT INTO cell VALUES (?, ?, ?, ?)", {INT64_MAX, std::string(), Blob{}, std::string("n")});
    if (!more) return fail(more.error());
    auto found = session.query("SELECT i, t, b, n, i < ? FROM cell ORDER BY i", {std::int64_t{0}});
    if (!found) return fail(found.error());
    rows = std::move(*found);
    return {};
  }));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].integer(0), INT64_MIN);
  EXPECT_EQ(rows[0].text(1), text);
  EXPECT_EQ(rows[0].bytes(2), bytes);
  EXPECT_TRUE(rows[0].is_null(3));
  EXPECT_EQ(rows[0].integer(4), 1);
  EXPECT_EQ(rows[1].integer(0), INT64_MAX);
  EXPECT_FALSE(rows[1].is_null(1));
  EXPECT_FALSE(rows[1].is_null(2));
}

TEST_F(Postgres, AnErrorUndoesItsPieceAlone) {
  auto database = open();
  database->post(add("one"), {});
  std::promise<Error> failed;
  database->post(
      [](Session& session) -> Result<void> {
        if (auto added = session.execute("INSERT INTO note (text) VALUES (?)", {std::string("lost")}); !added)
          return fail(added.error());
        auto wrong = session.execute("INSERT INTO nowhere VALUES (1)");
        return fail(wrong ? Error{} : wrong.error());
      },
      [&](const Error& error) { failed.set_value(error); });
  ASSERT_TRUE(write(*database, add("two")));
  EXPECT_EQ(failed.get_future().get().code, ErrorCode::internal);
  EXPECT_THAT(notes(*database), ElementsAre("one", "two"));
}

TEST_F(Postgres, WorkThatHeedsNoErrorIsNotTakenForDone) {
  auto database = open();
  auto done = write(*database, [](Session& session) -> Result<void> {
    auto wrong = session.execute("INSERT INTO nowhere VALUES (1)");
    EXPECT_FALSE(wrong);
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::internal);
}

TEST_F(Postgres, AReadMayNotWriteAndSeesOneMoment) {
  auto one = open(), two = open();
  ASSERT_TRUE(write(*one, add("one")));
  EXPECT_THAT(notes(*two), ElementsAre("one"));
  net::Loop loop;
  auto done = testing::await_on(loop, two->read(
                                          [&](Session& session) -> Result<void> {
                                            auto before = session.query("SELECT text FROM note");
                                            EXPECT_TRUE(write(*one, add("two")));
                                            auto after = session.query("SELECT text FROM note");
                                            if (!before || !after) return fail(ErrorCode::internal, "", "");
                                            EXPECT_EQ(before->size(), after->size());
                                            return add("never")(session);
                                          },
                                          patience()));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().cause, HasSubstr("may only be read"));
  EXPECT_THAT(notes(*two), ElementsAre("one", "two"));
}

// The next number is one more than the greatest, whoever else counts at the same time.
TEST_F(Postgres, WritersTakeTurns) {
  constexpr int kEach = 100, kWriters = 4;
  const Migrations table{"CREATE TABLE count (n BIGINT PRIMARY KEY)"};
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i)
    threads.emplace_back([&] {
      auto database = open(table);
      for (int n = 0; n < kEach; ++n) {
        auto done = write(*database, [](Session& session) -> Result<void> {
          auto last = session.query("SELECT COALESCE(MAX(n), 0) FROM count");
          if (!last) return fail(last.error());
          auto added = session.execute("INSERT INTO count VALUES (?)", {last->front().integer(0) + 1});
          if (!added) return fail(added.error());
          return {};
        });
        EXPECT_TRUE(done) << done.error().sentence() << done.error().foreign;
      }
    });
  for (auto& thread : threads) thread.join();
  auto database = open(table);
  auto most = ask(*database, "SELECT CAST(MAX(n) AS TEXT) FROM count");
  ASSERT_TRUE(most);
  EXPECT_THAT(*most, ElementsAre(std::to_string(kEach * kWriters)));
}

TEST_F(Postgres, AnotherProcessThatHoldsItIsToldOf) {
  auto options = this->options(postgres_schema());
  options.busy_timeout = std::chrono::milliseconds(300);
  auto impatient = open_postgres(std::move(options));
  auto holder = open(postgres_schema());
  ASSERT_TRUE(write(*impatient, [](Session&) -> Result<void> { return {}; }));
  ASSERT_TRUE(write(*holder, [&](Session&) -> Result<void> {
    auto done = write(*impatient, [](Session&) -> Result<void> { return {}; });
    EXPECT_FALSE(done);
    if (!done) { EXPECT_THAT(done.error().cause, HasSubstr("another process holds it")); }
    EXPECT_TRUE(ask(*impatient, "SELECT id FROM clusters"));  // reads go on
    return {};
  }));
  EXPECT_TRUE(write(*impatient, [](Session&) -> Result<void> { return {}; }));
}

TEST_F(Postgres, TextThatItCannotHoldIsRefused) {
  auto database = open();
  for (const std::string& text : {std::string("a\0b", 3), std::string("a\xff")}) {
    auto done = write(*database, add(text));
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().cause, HasSubstr("no UTF-8"));
  }
}

TEST_F(Postgres, GoesOnAfterItsConnectionWasCut) {
  auto database = open(), other = open();
  ASSERT_TRUE(write(*database, add("one")));
  ASSERT_TRUE(ask(*other,
                  "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity WHERE datname = "
                  "current_database() AND pid <> pg_backend_pid()"));
  auto cut = write(*database, add("lost"));
  EXPECT_FALSE(cut);
  ASSERT_TRUE(write(*database, add("two")));
  EXPECT_THAT(notes(*database), ElementsAre("one", "two"));
}

TEST_F(Postgres, ANewerOneIsRefused) {
  auto newer = open({"CREATE TABLE a (b BIGINT)", "CREATE TABLE c (d BIGINT)"});
  ASSERT_TRUE(ask(*newer, "SELECT CAST(b AS TEXT) FROM a"));
  auto older = open({"CREATE TABLE a (b BIGINT)"});
  auto asked = ask(*older, "SELECT CAST(b AS TEXT) FROM a");
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().cause, HasSubstr("newer Fairlead"));
  auto again = open({"CREATE TABLE a (b BIGINT)", "CREATE TABLE c (d BIGINT)", "CREATE TABLE e (f BIGINT)"});
  EXPECT_TRUE(ask(*again, "SELECT CAST(f AS TEXT) FROM e"));
}

TEST_F(Postgres, TheAuditLogIsAppendOnly) {
  auto database = open(postgres_schema());
  ASSERT_TRUE(write(*database, [](Session& session) -> Result<void> {
    auto added = session.execute("INSERT INTO audit VALUES (1, 2, '', '', '', '', '', '')");
    if (!added) return fail(added.error());
    return {};
  }));
  for (const char* sql : {"DELETE FROM audit", "UPDATE audit SET who = 'x'", "TRUNCATE audit"}) {
    auto done = write(*database, [sql](Session& session) -> Result<void> {
      auto changed = session.execute(sql);
      if (!changed) return fail(changed.error());
      return {};
    });
    ASSERT_FALSE(done) << sql;
    EXPECT_THAT(done.error().foreign, HasSubstr("append-only"));
  }
}

// What one list of tables has, the other has.
TEST_F(Postgres, BothSchemasHaveTheSameColumns) {
  testing::TemporaryDirectory directory;
  auto sqlite = open_sqlite({.path = directory / "data.db", .migrations = sqlite_schema()});
  auto postgres = open(postgres_schema());
  auto ours = ask(*sqlite,
                  "SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" FROM sqlite_schema t, "
                  "pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk = 0 ORDER BY 1");
  auto theirs =
      ask(*postgres,
          "SELECT c.table_name || '.' || c.column_name || ' ' || CASE c.data_type WHEN 'bigint' THEN "
          "'INTEGER' WHEN 'bytea' THEN 'BLOB' ELSE upper(c.data_type) END || ' ' || CASE c.is_nullable WHEN "
          "'NO' THEN 1 ELSE 0 END FROM information_schema.columns c WHERE c.table_schema = current_schema() AND "
          "c.table_name NOT IN ('fairlead_schema', 'instances') AND NOT EXISTS (SELECT 1 FROM "
          "information_schema.key_column_usage k JOIN information_schema.table_constraints p USING "
          "(constraint_name) WHERE p.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name AND "
          "k.column_name = c.column_name) ORDER BY (c.table_name || '.' || c.column_name) COLLATE \"C\"");
  ASSERT_TRUE(ours && theirs) << (ours ? theirs : ours).error().sentence();
  std::sort(ours->begin(), ours->end());
  std::sort(theirs->begin(), theirs->end());
  EXPECT_EQ(*ours, *theirs);
  EXPECT_GT(ours->size(), 40u);
}

TEST_F(Postgres, ABeatGoesOnWhateverElseThereIs) {
  auto options = this->options({"CREATE TABLE note (id BIGINT GENERATED ALWAYS AS IDENTITY, text TEXT NOT NULL)"});
  std::promise<void> third;
  options.beat = [count = std::make_shared<int>(0), &third](Session& session) {
    if (++*count == 3) third.set_value();
    return add("beat")(session);
  };
  options.beat_every = std::chrono::milliseconds(20);
  auto database = open_postgres(std::move(options));
  ASSERT_TRUE(write(*database, add("first")));
  EXPECT_EQ(third.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(Postgres, ABeatWaitsBehindNoReadAndNoWriter) {
  auto options = this->options(postgres_schema());
  auto count = std::make_shared<std::atomic<int>>(0);
  options.beat = [count](Session& session) -> Result<void> {
    ++*count;
    auto set = session.execute("INSERT INTO instances (name, seen) VALUES ('me', 1) ON CONFLICT (name) DO NOTHING");
    if (!set) return fail(set.error());
    return {};
  };
  options.beat_every = std::chrono::milliseconds(20);
  auto database = open_postgres(std::move(options));
  auto holder = open(postgres_schema());
  ASSERT_TRUE(write(*holder, [&](Session&) -> Result<void> {  // its turn to write lasts
    const int before = *count;
    EXPECT_TRUE(ask(*database, "SELECT CAST(pg_sleep(1) AS TEXT)"));
    EXPECT_GE(*count - before, 5);
    return {};
  }));
  auto there = ask(*database, "SELECT name FROM instances");
  ASSERT_TRUE(there);
  EXPECT_THAT(*there, ElementsAre("me"));
}

TEST_F(Postgres, AReadThatTakesTooLongIsGivenUp) {
  auto database = open();
  net::Loop loop;
  const TimePoint begun = std::chrono::steady_clock::now();
  auto done = testing::await_on(loop, database->read(
                                          [](Session& session) -> Result<void> {
                                            auto slept = session.query("SELECT CAST(pg_sleep(20) AS TEXT)");
                                            if (!slept) return fail(slept.error());
                                            return {};
                                          },
                                          Deadline::after(std::chrono::seconds(19))));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().cause, HasSubstr("did not answer in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
  EXPECT_TRUE(ask(*database, "SELECT text FROM note"));
}

}  // namespace
}  // namespace fairlead::store
