#include "identity/tokens.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <thread>

#include "gate/audit.h"
#include "identity/token.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::identity {
namespace {

using store::testing::await_on;
using store::testing::patience;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z
constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kSecretAt = 21;  // in a token's text

gate::Bindings bound(const std::vector<std::string>& texts) {
  gate::Bindings out;
  for (const auto& text : texts) out.push_back(gate::parse_binding(text).value());
  return out;
}

// The whole sentence, where nobody was let in as it should be.
std::string refusal(const Result<gate::Identity>& who) {
  if (who) return "let in: " + who->name;
  EXPECT_EQ(who.error().code, ErrorCode::authentication_failed);
  return who.error().sentence();
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "done" : std::string(to_string(result.error().code));
}

class TokensTest : public ::testing::Test {
 protected:
  TokensTest() : database(open()), tokens(*database, clock) {}

  std::unique_ptr<store::Database> open() {
    return store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()});
  }
  Result<NewToken> create(std::string name, gate::Bindings bindings = bound({"viewer"}), std::int64_t expires = 0) {
    return await_on(loop, tokens.create(std::move(name), std::move(bindings), expires, "cli:alice", patience()));
  }
  std::string text_of_new(std::string name, std::int64_t expires = 0) {
    const NewToken made = create(std::move(name), bound({"viewer"}), expires).value();
    return std::string(made.text.reveal());
  }
  Result<gate::Identity> authenticate(Tokens& by, const std::string& text) {
    return await_on(loop, by.authenticate(Secret(text), patience()));
  }
  Result<gate::Identity> authenticate(const std::string& text) { return authenticate(tokens, text); }
  Result<TokenRow> revoke(std::string id_or_name, std::string by = "cli:bob") {
    return await_on(loop, tokens.revoke(std::move(id_or_name), std::move(by), patience()));
  }
  Result<TokenRow> read(std::string id_or_name) {
    return await_on(loop, tokens.read(std::move(id_or_name), patience()));
  }
  Result<std::optional<NewToken>> first() { return await_on(loop, tokens.first(patience())); }
  std::vector<std::string> names(std::string after, std::size_t limit) {
    std::vector<std::string> out;
    const auto rows = await_on(loop, tokens.list(std::move(after), limit, patience())).value();
    for (const auto& row : rows) out.push_back(row.name);
    return out;
  }
  std::vector<json::value> records() {
    std::vector<json::value> out;
    gate::AuditLog log(*database);
    gate::AuditLog::Filter all;
    auto found = await_on(loop, log.read(std::move(all), 0, 100, patience()));
    for (auto& record : found.value()) out.push_back(std::move(record));
    return out;
  }
  std::vector<std::string> recorded() {
    std::vector<std::string> out;
    for (const auto& record : records())
      out.push_back(std::string(text_at(record, {"operation"})) + " " +
                    std::string(text_at(record, {"arguments", "token"})));
    return out;
  }
  Result<void> execute(std::string sql) {
    return await_on(loop, database->write(
                              [sql](store::Session& session) -> Result<void> {
                                auto done = session.execute(sql);
                                if (!done) return fail(std::move(done.error()));
                                return {};
                              },
                              patience()));
  }
  Result<void> flush() { return await_on(loop, database->flush(patience())); }

  store::testing::TemporaryDirectory directory;
  net::Loop loop;
  FixedClock clock{kNow};
  std::unique_ptr<store::Database> database;
  Tokens tokens;
};

TEST_F(TokensTest, WhoHasTheTextIsLetInUnderItsName) {
  const NewToken made = create("ci-deployer", bound({"operator@k8s:a/shop", "operator@k8s:b", "viewer"})).value();
  EXPECT_EQ(token_id(made.text.reveal()), made.row.id);
  EXPECT_EQ(made.row.name, "ci-deployer");
  EXPECT_EQ(made.row.created_by, "cli:alice");
  EXPECT_EQ(made.row.created, kNow);
  EXPECT_EQ(made.row.expires, 0);
  EXPECT_EQ(made.row.revoked, 0);
  EXPECT_EQ(made.row.last_used, 0);
  for (int i = 0; i < 2; ++i) {
    const gate::Identity who = authenticate(std::string(made.text.reveal())).value();
    EXPECT_EQ(who.name, "api:ci-deployer");
    EXPECT_THAT(who.roles, ElementsAre()) << "they count where they are bound";
    ASSERT_TRUE(who.bindings.has_value());
    EXPECT_TRUE(*who.bindings == bound({"operator@k8s:a/shop", "operator@k8s:b", "viewer"}));
  }
  for (const std::string& key : {made.row.id, made.row.name}) {
    const TokenRow row = read(key).value();
    EXPECT_EQ(row.id, made.row.id);
    EXPECT_TRUE(row.bindings == made.row.bindings);
  }
  EXPECT_EQ(read("other").error().code, ErrorCode::not_found);
  EXPECT_EQ(read("").error().code, ErrorCode::not_found);
}

TEST_F(TokensTest, WrongOnesAreNotMade) {
  for (const std::string& name :
       {std::string(), std::string("Ci"), std::string("-ci"), std::string(".ci"), std::string("_ci"),
        std::string("ci deployer"), std::string("ci/deployer"), std::string("ci:deployer"), std::string("ci\n"),
        std::string("c\0i", 3), std::string("\xC3\xA4"), std::string("ci\x1b[31m"), std::string(64, 'a')})
    EXPECT_EQ(code_of(create(name)), "invalid_request") << name;
  EXPECT_EQ(code_of(create("none", {})), "invalid_request");
  EXPECT_EQ(code_of(create("many", gate::Bindings(51))), "invalid_request");
  for (const std::int64_t expires : {kNow, kNow - 1, std::int64_t{1}, std::int64_t{-1}})
    EXPECT_EQ(code_of(create("late", bound({"viewer"}), expires)), "invalid_request") << expires;
  EXPECT_THAT(names("", 100), IsEmpty());
  EXPECT_THAT(records(), IsEmpty());
  for (const std::string& name : {std::string("0"), std::string("a._-"), std::string(63, 'a')})
    EXPECT_EQ(code_of(create(name)), "done") << name;
  EXPECT_EQ(code_of(create("many", gate::Bindings(50))), "done");
  EXPECT_EQ(code_of(create("late", bound({"viewer"}), kNow + 1)), "done");
}

TEST_F(TokensTest, ANameIsGivenOnce) {
  const NewToken made = create("ci").value();
  EXPECT_EQ(code_of(create("ci")), "conflict");
  EXPECT_EQ(code_of(create(made.row.id)), "invalid_request") << "what looks like an id is no name";
  ASSERT_TRUE(revoke("ci"));
  EXPECT_EQ(code_of(create("ci")), "conflict");
  clock.set(kNow + 1000 * kDay);
  EXPECT_EQ(code_of(create("ci")), "conflict");
  EXPECT_EQ(code_of(create("ci2")), "done");
  EXPECT_THAT(names("", 100), ElementsAre("ci", "ci2"));
  EXPECT_THAT(recorded(), ElementsAre("create_token ci", "revoke_token ci", "create_token ci2"));
}

TEST_F(TokensTest, ExpiresByTheClock) {
  const std::string text = text_of_new("ci", kNow + 60);
  EXPECT_TRUE(authenticate(text));
  clock.set(kNow + 59);
  EXPECT_TRUE(authenticate(text));
  clock.set(kNow + 60);
  EXPECT_THAT(refusal(authenticate(text)), HasSubstr("has expired"));
  Tokens other(*database, clock);
  EXPECT_THAT(refusal(authenticate(other, text)), HasSubstr("has expired"));
}

TEST_F(TokensTest, RevokedHereItLetsNobodyInAnyMore) {
  const NewToken made = create("one").value();
  const std::string one(made.text.reveal()), two = text_of_new("two"), three = text_of_new("three");
  for (const auto& text : {one, two, three}) ASSERT_TRUE(authenticate(text));
  clock.set(kNow + 5);
  EXPECT_EQ(revoke(made.row.id)->revoked, kNow + 5);
  EXPECT_EQ(revoke("two")->name, "two");
  EXPECT_THAT(refusal(authenticate(one)), HasSubstr("was revoked"));
  EXPECT_THAT(refusal(authenticate(two)), HasSubstr("was revoked"));
  EXPECT_TRUE(authenticate(three));
  clock.set(kNow + 10);
  EXPECT_EQ(revoke("one")->revoked, kNow + 5) << "done again, it changes nothing";
  EXPECT_EQ(read("one")->revoked, kNow + 5);
  EXPECT_EQ(revoke("four").error().code, ErrorCode::not_found);
  EXPECT_EQ(revoke("").error().code, ErrorCode::not_found);
  EXPECT_EQ(revoke("%").error().code, ErrorCode::not_found);
}

TEST_F(TokensTest, RevokedElsewhereItLetsNobodyInAfterASecond) {
  const std::string text = text_of_new("ci");
  const auto same_file = open();
  Tokens other(*same_file, clock);
  ASSERT_TRUE(authenticate(other, text));
  ASSERT_TRUE(revoke("ci"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_THAT(refusal(authenticate(other, text)), HasSubstr("was revoked"));
  const auto again = await_on(loop, other.create("ci", bound({"viewer"}), 0, "cli:eve", patience()));
  EXPECT_EQ(code_of(again), "conflict");
}

TEST_F(TokensTest, WhateverIsWrongTheWordsAreTheSame) {
  const std::string good = text_of_new("good"), expired = text_of_new("expired", kNow + 1),
                    revoked = text_of_new("revoked");
  clock.set(kNow + 1);
  ASSERT_TRUE(revoke("revoked"));
  const TokenText unknown = make_token().value();
  std::string last_changed = good;
  last_changed.back() = last_changed.back() == 'A' ? 'E' : 'A';
  std::set<std::string> said;
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(unknown.text.reveal()), good.substr(0, good.size() - 1),
        good + "A", " " + good, good.substr(1), "FLT" + good.substr(3), std::string("token:good"),
        good.substr(0, kSecretAt) + revoked.substr(kSecretAt), last_changed, expired, revoked})
    for (int i = 0; i < 2; ++i) said.insert(refusal(authenticate(text)));
  EXPECT_EQ(said.size(), 1u) << ::testing::PrintToString(said);
  EXPECT_TRUE(authenticate(good));
  EXPECT_EQ(refusal(authenticate(last_changed)), *said.begin()) << "what is known of the good one does not help it";
}

TEST_F(TokensTest, TheFirstIsAnAdminsForADay) {
  const auto made = first().value();
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->row.bindings == bound({"admin"}));
  EXPECT_EQ(made->row.expires, kNow + kDay);
  const std::string text(made->text.reveal());
  EXPECT_EQ(gate::to_string(authenticate(text)->bindings->at(0)), "admin");
  EXPECT_TRUE(gate::may_somewhere(authenticate(text)->bindings.value(), gate::Deed::administer));
  clock.set(kNow + kDay - 1);
  EXPECT_TRUE(authenticate(text));
  EXPECT_FALSE(first().value().has_value());
  clock.set(kNow + kDay);
  EXPECT_THAT(refusal(authenticate(text)), HasSubstr("has expired"));
  EXPECT_FALSE(first().value().has_value()) << "never again, also when it has expired";
  ASSERT_TRUE(revoke(made->row.id));
  EXPECT_FALSE(first().value().has_value()) << "nor when it was revoked";
  Tokens other(*database, clock);
  const auto elsewhere = await_on(loop, other.first(patience()));
  EXPECT_FALSE(elsewhere.value().has_value());
  EXPECT_EQ(names("", 100).size(), 1u);
  EXPECT_EQ(records().size(), 2u);
}

TEST_F(TokensTest, ThereIsNoFirstWhereThereIsOne) {
  ASSERT_TRUE(create("ci"));
  EXPECT_FALSE(first().value().has_value());
  EXPECT_THAT(names("", 100), ElementsAre("ci"));
}

TEST_F(TokensTest, AreListedInPages) {
  EXPECT_THAT(names("", 2), IsEmpty());
  for (const char* name : {"d", "b", "a-2", "c", "a"}) ASSERT_TRUE(create(name));
  ASSERT_TRUE(revoke("c"));
  EXPECT_THAT(names("", 2), ElementsAre("a", "a-2"));
  EXPECT_THAT(names("a-2", 2), ElementsAre("b", "c"));
  EXPECT_THAT(names("c", 2), ElementsAre("d"));
  EXPECT_THAT(names("d", 2), IsEmpty());
  EXPECT_THAT(names("bb", 100), ElementsAre("c", "d"));
}

TEST_F(TokensTest, LastUseIsNotedToTheMinute) {
  const std::string text = text_of_new("ci");
  std::string wrong = text;
  wrong[kSecretAt] = wrong[kSecretAt] == 'A' ? 'B' : 'A';
  ASSERT_FALSE(authenticate(wrong));
  ASSERT_TRUE(flush());
  EXPECT_EQ(read("ci")->last_used, 0);
  for (const auto& [at, noted] : {std::pair(kNow, kNow), std::pair(kNow + 59, kNow), std::pair(kNow + 61, kNow + 61)}) {
    clock.set(at);
    ASSERT_TRUE(authenticate(text));
    ASSERT_TRUE(flush());
    EXPECT_EQ(read("ci")->last_used, noted) << at - kNow;
  }
}

TEST_F(TokensTest, WhatIsDoneWithThemIsAudited) {
  const NewToken made = create("ci", bound({"agent@k8s:a/shop", "viewer"}), kNow + kDay).value();
  clock.set(kNow + 60);
  ASSERT_TRUE(authenticate(std::string(made.text.reveal())));
  ASSERT_TRUE(revoke("ci"));
  ASSERT_TRUE(revoke("ci"));
  EXPECT_FALSE(revoke("other"));
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(text_at(all[0], {"operation"}), "create_token");
  EXPECT_EQ(text_at(all[0], {"who"}), "cli:alice");
  EXPECT_EQ(text_at(all[0], {"time"}), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(text_at(all[1], {"operation"}), "revoke_token");
  EXPECT_EQ(text_at(all[1], {"who"}), "cli:bob");
  EXPECT_EQ(text_at(all[1], {"time"}), "2027-01-15T08:01:00.000Z");
  const std::string text(made.text.reveal());
  for (const auto& record : all) {
    EXPECT_EQ(text_at(record, {"outcome"}), "done");
    EXPECT_EQ(text_at(record, {"arguments", "token"}), "ci");
    EXPECT_EQ(text_at(record, {"arguments", "id"}), made.row.id);
    EXPECT_EQ(text_at(record, {"arguments", "expires"}), "2027-01-16T08:00:00Z");
    EXPECT_EQ(compact(array_at(record, {"arguments", "roles"})), R"(["agent@k8s:a/shop","viewer"])");
    for (const std::string& hidden : {text, text.substr(kSecretAt), token_digest(text)})
      EXPECT_THAT(compact(record), Not(HasSubstr(hidden)));
  }
  gate::AuditLog log(*database);
  gate::AuditVerifier verifier;
  ASSERT_TRUE(await_on(loop, log.verify(verifier, patience())));
  EXPECT_TRUE(verifier.finish().empty());
}

TEST_F(TokensTest, TheirTextsAreKeptNowhere) {
  const NewToken made = create("ci").value();
  const std::string text(made.text.reveal());
  ASSERT_TRUE(authenticate(text));
  ASSERT_TRUE(flush());
  const auto rows = store::testing::ask(
      *database, "SELECT id || ' ' || name || ' ' || digest || ' ' || bindings || ' ' || created_by FROM tokens");
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, ElementsAre(made.row.id + " ci " + token_digest(text) + R"( [{"role":"viewer"}] cli:alice)"));
  std::string file;
  for (const char* name : {"fairlead.db", "fairlead.db-wal"}) {
    std::ifstream in(directory / name, std::ios::binary);
    file.append(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_THAT(file, HasSubstr(made.row.id));
  EXPECT_THAT(file, Not(HasSubstr(text.substr(kSecretAt))));
  EXPECT_THAT(compact(to_json(read("ci").value())), Not(HasSubstr(token_digest(text))));
}

TEST_F(TokensTest, DamagedRolesLetNobodyInAndCanBeRevoked) {
  const std::string text = text_of_new("ci");
  for (const char* damaged : {"", "{}", "[{\"role\":\"root\"}]", "[1]"}) {
    ASSERT_TRUE(execute("UPDATE tokens SET bindings = '" + std::string(damaged) + "'"));
    Tokens other(*database, clock);
    EXPECT_FALSE(authenticate(other, text)) << damaged;
  }
  EXPECT_TRUE(revoke("ci"));
  EXPECT_THAT(recorded(), ElementsAre("create_token ci", "revoke_token ci"));
}

TEST(TokenRow, IsShownWithItsTimes) {
  TokenRow row{"0123456789abcdef", "ci", bound({"agent@k8s:a/shop", "viewer"}), "cli:alice", kNow};
  EXPECT_EQ(compact(to_json(row)),
            R"({"id":"0123456789abcdef","name":"ci","roles":[{"role":"agent","clusters":["k8s:a"],)"
            R"("namespaces":["shop"]},{"role":"viewer"}],"created":"2027-01-15T08:00:00Z","created_by":"cli:alice",)"
            R"("expires":null,"revoked":null,"last_used":null})");
  row.expires = row.revoked = row.last_used = kNow + kDay;
  for (const char* key : {"expires", "revoked", "last_used"})
    EXPECT_EQ(text_at(json::value(to_json(row)), {key}), "2027-01-16T08:00:00Z") << key;
}

TEST(TokenRow, IsGoodUntilItExpiresOrIsRevoked) {
  TokenRow row;
  EXPECT_TRUE(row.is_good(kNow));
  row.expires = kNow + 1;
  EXPECT_TRUE(row.is_good(kNow));
  EXPECT_FALSE(row.is_good(kNow + 1));
  row.expires = 0;
  row.revoked = kNow + 1;
  EXPECT_FALSE(row.is_good(kNow)) << "whatever the clock says";
}

}  // namespace
}  // namespace fairlead::identity
