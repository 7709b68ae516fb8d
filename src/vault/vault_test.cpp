#include "vault/vault.h"

#include <gmock/gmock.h>

#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::vault {
namespace {

using store::testing::await_on;
using store::testing::patience;
using ::testing::HasSubstr;

class VaultTest : public ::testing::Test {
 protected:
  VaultTest()
      : database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()})) {}

  // A process that knows keys of these bytes.
  static std::shared_ptr<Vault> vault(std::shared_ptr<std::string> bytes) {
    return std::make_shared<Vault>([bytes](bool) -> Result<Sealer> {
      std::vector<Secret> keys;
      for (const char byte : *bytes) keys.emplace_back(std::string(32, byte));
      return Sealer::with_keys(std::move(keys));
    });
  }
  static std::shared_ptr<Vault> vault(std::string bytes) {
    return vault(std::make_shared<std::string>(std::move(bytes)));
  }
  static KeyId id(char byte) { return Sealer::with_key(Secret(std::string(32, byte))).value().key_id(); }

  template <typename T>
  Result<T> inside(std::function<Result<T>(store::Session&)> body, bool fails = false) {
    Result<T> out = fail(ErrorCode::internal, "", "was not run");
    store::Work work = [&](store::Session& session) -> Result<void> {
      out = body(session);
      if (fails) return fail(ErrorCode::internal, "", "taken back");
      return {};
    };
    auto done = await_on(loop, database->write(std::move(work), patience()));
    if (!done && !fails) return fail(std::move(done.error()));
    return out;
  }
  Result<KeyId> seals(const std::shared_ptr<Vault>& vault, Use use = Use::write) {
    return inside<KeyId>([&](store::Session& session) -> Result<KeyId> {
      auto sealer = vault->sealer(session, use);
      if (!sealer) return fail(std::move(sealer.error()));
      return (*sealer)->key_id();
    });
  }
  Result<std::string> mark(const std::shared_ptr<Vault>& vault, std::string text, bool fails = false) {
    return inside<std::string>([&](store::Session& session) { return vault->mark(session, text); }, fails);
  }
  Result<KeyId> switch_to(const std::shared_ptr<Vault>& vault, char byte) {
    return inside<KeyId>([&](store::Session& session) { return vault->seal_with(session, id(byte)); });
  }

  store::testing::TemporaryDirectory directory;
  net::Loop loop;
  std::unique_ptr<store::Database> database;
};

TEST_F(VaultTest, WhoComesFirstDecidesAndTheOthersFollow) {
  EXPECT_EQ(seals(vault("a")).value(), id('a'));
  EXPECT_EQ(seals(vault("ba")).value(), id('a')) << "the database says which, not the order of the keys";
  const auto other = seals(vault("b"));
  EXPECT_EQ(other.error().code, ErrorCode::server_error);
  EXPECT_THAT(other.error().cause, HasSubstr("encrypted with another key"));
}

TEST_F(VaultTest, AKeyIsChangedWhileOthersWork) {
  auto keys = std::make_shared<std::string>("a");
  const auto server = vault(keys), rotating = vault("ba");
  EXPECT_EQ(seals(server).value(), id('a'));
  *keys = "ba";  // its file has both by now
  EXPECT_EQ(switch_to(rotating, 'b').value(), id('a'));
  EXPECT_EQ(seals(server).value(), id('b'));
  EXPECT_EQ(seals(rotating).value(), id('b'));
  EXPECT_EQ(switch_to(rotating, 'b').value(), id('b')) << "done again it changes nothing";
  EXPECT_THAT(switch_to(rotating, 'c').error().cause, HasSubstr("another key"));
  EXPECT_EQ(seals(rotating).value(), id('b'));
}

TEST_F(VaultTest, MarksStayAndTellNothingToOthers) {
  const auto one = vault("ba");
  const std::string before = mark(one, "text").value();
  EXPECT_EQ(before.size(), 64u);
  EXPECT_NE(mark(one, "texu").value(), before);
  ASSERT_TRUE(switch_to(one, 'b'));
  EXPECT_EQ(mark(one, "text").value(), before);
  EXPECT_EQ(mark(vault("b"), "text").value(), before);
  EXPECT_FALSE(mark(vault("a"), "text"));
}

TEST_F(VaultTest, WhatWasTakenBackCountsNot) {
  const auto one = vault("a");
  const std::string lost = mark(one, "text", true).value();
  const std::string kept = mark(vault("a"), "text").value();
  EXPECT_NE(kept, lost);
  EXPECT_EQ(mark(one, "text").value(), kept);
}

TEST_F(VaultTest, WhatWasSealedBeforeThereWasTheTableIsKnownByItsKey) {
  const std::string sealed = Sealer::with_key(Secret(std::string(32, 'a'))).value().seal("plan", "change 1").value();
  auto added = inside<std::uint64_t>([&](store::Session& session) {
    return session.execute("INSERT INTO clusters VALUES ('c', '{}', '', 0, 0, 1, 1, 1, ?)",
                           {store::Blob{"\x02" + sealed}});
  });
  ASSERT_TRUE(added) << added.error().sentence();
  EXPECT_THAT(seals(vault("b")).error().cause, HasSubstr("another key"));
  EXPECT_EQ(seals(vault("ba"), Use::read).value(), id('a'));
  EXPECT_EQ(seals(vault("ba")).value(), id('a'));
}

}  // namespace
}  // namespace fairlead::vault
