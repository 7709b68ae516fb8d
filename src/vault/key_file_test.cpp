#include "vault/key_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fairlead::vault {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/fairlead-key-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    path = directory + "/vault.key";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  Sealer keys() { return read_keys(none, path, false).value(); }
  static Environment given(std::string text) {
    return [text](std::string_view name) { return name == "ENCRYPTION_KEY" ? std::optional(text) : std::nullopt; };
  }
  std::string directory, path;
  Environment none = [](std::string_view) { return std::optional<std::string>(); };
};

TEST_F(KeyFile, ADraftThatACrashHasLeftIsNoKeyAndIsTakenAway) {
  const std::string draft = path + ".1234567890.draft";
  std::ofstream(draft) << std::string(30, 'a');
  EXPECT_FALSE(read_keys(none, path, false)) << "it is no key";
  std::ofstream(draft) << std::string(64, 'a') << "\n";
  const Sealer made = read_keys(none, path, true).value();
  EXPECT_FALSE(std::filesystem::exists(draft));
  EXPECT_NE(made.key_id(), read_keys(given(std::string(64, 'a')), path, false).value().key_id())
      << "what was never in place has sealed nothing";
  std::ofstream(draft) << std::string(64, 'a') << "\n";
  EXPECT_EQ(keys().key_id(), made.key_id());
  EXPECT_FALSE(std::filesystem::exists(draft));
}

TEST_F(KeyFile, IsMadeOnceAndPrivate) {
  const std::string sealed = read_keys(none, path, true).value().seal("x", "c").value();
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_THAT(read_keys(none, path + "2", false).error().cause, HasSubstr("is not there, and what is kept was sealed"));
  EXPECT_EQ(read_keys(none, path, true).value().open(sealed, "c").value(), "x");
}

TEST_F(KeyFile, BadOnesAreRefused) {
  std::ofstream(path) << "no key\n";
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(read_keys(none, path, true).error().code, ErrorCode::invalid_request);
  std::ofstream(path) << std::string(64, 'a');
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(read_keys(none, path, true).error().cause, HasSubstr("read by others"));
  EXPECT_THAT(read_keys(none, directory + "/no/where", true).error().cause, HasSubstr("No such file"));
  EXPECT_THAT(read_keys(given("abc"), path, true).error().sentence(), Not(HasSubstr("abc")));
  const std::string key(64, 'a');
  EXPECT_THAT(read_keys(given(key + "," + key), path, true).error().cause, HasSubstr("given twice"));
  EXPECT_EQ(read_keys(given(key + ","), path, true).error().code, ErrorCode::invalid_request);
}

TEST_F(KeyFile, SeveralKeysOpenAndTheFirstOneSeals) {
  const std::string a(64, 'a'), b(64, 'b');
  const std::string by_a = read_keys(given(a), path, true).value().seal("x", "c").value();
  const Sealer both = read_keys(given(b + "," + a), path, true).value();
  EXPECT_EQ(both.open(by_a, "c").value(), "x");
  const std::string by_b = both.seal("y", "c").value();
  EXPECT_EQ(read_keys(given(b), path, true).value().open(by_b, "c").value(), "y");
  EXPECT_FALSE(read_keys(given(b), path, true).value().open(by_a, "c"));
}

TEST_F(KeyFile, AKeyIsAddedBeforeTheOthersAndKeptAlone) {
  const std::string sealed = read_keys(none, path, true).value().seal("x", "c").value();
  const KeyId first = keys().key_id();
  {
    auto lock = KeyFileLock::take(path);
    ASSERT_TRUE(lock);
    EXPECT_EQ(KeyFileLock::take(path).error().code, ErrorCode::conflict);
    ASSERT_TRUE(add_key(path, *lock));
    EXPECT_NE(keys().key_id(), first);
    EXPECT_EQ(keys().key_ids().at(1), first);
    EXPECT_EQ(keys().open(sealed, "c").value(), "x");
    const KeyId second = keys().key_id();
    EXPECT_FALSE(keep_key(path, "none", *lock));
    ASSERT_TRUE(keep_key(path, second, *lock));
    EXPECT_EQ(keys().key_ids(), std::vector{second});
    EXPECT_FALSE(keys().open(sealed, "c"));
  }
  EXPECT_TRUE(KeyFileLock::take(path)) << "it ends with who took it";
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

}  // namespace
}  // namespace fairlead::vault
