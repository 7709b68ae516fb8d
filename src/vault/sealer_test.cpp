#include "vault/sealer.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fairlead::vault {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Sealer sealer(char fill) { return Sealer::with_key(Secret(std::string(32, fill))).value(); }

TEST(Sealer, GivesBackWhatItSealed) {
  const Sealer one = sealer('k');
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(100'000, 'a'), std::string("\0\x01", 2)}) {
    const std::string sealed = one.seal(text, "change 7").value();
    EXPECT_EQ(one.open(sealed, "change 7").value(), text);
    if (text.size() > 3) { EXPECT_THAT(sealed, Not(HasSubstr(text.substr(0, 8)))); }
    EXPECT_NE(one.seal(text, "change 7").value(), sealed) << "a nonce is used once";
  }
}

TEST(Sealer, WhateverIsAlteredIsFound) {
  const Sealer one = sealer('k');
  const std::string sealed = one.seal("replicas: 3", "change 7").value();
  EXPECT_FALSE(one.open(sealed, "change 8"));
  EXPECT_THAT(sealer('x').open(sealed, "change 7").error().cause, HasSubstr("another key"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string other = sealed;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(one.open(other, "change 7")) << i;
    EXPECT_FALSE(one.open(sealed.substr(0, i), "change 7")) << i;
  }
}

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/fairlead-key-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    path = directory + "/vault.key";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::string directory, path;
  Environment none = [](std::string_view) { return std::optional<std::string>(); };
};

TEST_F(KeyFile, IsMadeOnceAndPrivate) {
  const std::string sealed = Sealer::from(none, path, true).value().seal("x", "c").value();
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_THAT(Sealer::from(none, path + "2", false).error().cause,
              HasSubstr("is not there, and what is kept was sealed"));
  EXPECT_EQ(Sealer::from(none, path, true).value().open(sealed, "c").value(), "x");
}

TEST_F(KeyFile, BadOnesAreRefused) {
  std::ofstream(path) << "no key\n";
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(Sealer::from(none, path, true).error().code, ErrorCode::invalid_request);
  std::ofstream(path) << std::string(64, 'a');
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(Sealer::from(none, path, true).error().cause, HasSubstr("read by others"));
  EXPECT_THAT(Sealer::from(none, directory + "/no/where", true).error().cause, HasSubstr("No such file"));
  Environment given = [](std::string_view name) {
    return name == "ENCRYPTION_KEY" ? std::optional<std::string>("abc") : std::nullopt;
  };
  EXPECT_THAT(Sealer::from(given, path, true).error().sentence(), Not(HasSubstr("abc")));
}

TEST(Sealer, AMarkIsFoundAgainAndTellsNothingWithoutTheKey) {
  const Sealer one = Sealer::with_key(Secret(std::string(32, 'a'))).value(),
               other = Sealer::with_key(Secret(std::string(32, 'b'))).value();
  EXPECT_EQ(one.mark("text").size(), 64u);
  EXPECT_EQ(one.mark("text"), one.mark("text"));
  EXPECT_NE(one.mark("text"), one.mark("texu"));
  EXPECT_NE(one.mark("text"), other.mark("text"));
}

}  // namespace
}  // namespace fairlead::vault
