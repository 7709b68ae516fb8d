#include "base/new_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace fairlead {
namespace {

namespace fs = std::filesystem;

class NewFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "fairlead-new-file-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(directory_)) out.push_back(entry.path().filename());
    return out;
  }
  static std::string content(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path directory_;
};

TEST_F(NewFile, IsWholeWithItsModeAndAlone) {
  const std::string path = directory_ / "key";
  EXPECT_EQ(write_new_file(path, "secret\n", 0600), 0);
  EXPECT_EQ(content(path), "secret\n");
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_THAT(names(), ::testing::ElementsAre("key"));
}

TEST_F(NewFile, NeverTakesThePlaceOfAnother) {
  const std::string path = directory_ / "key";
  ASSERT_EQ(write_new_file(path, "first", 0600), 0);
  EXPECT_EQ(write_new_file(path, "second", 0600), EEXIST);
  EXPECT_EQ(content(path), "first");
  EXPECT_THAT(names(), ::testing::ElementsAre("key"));
}

TEST_F(NewFile, OneOfManyWins) {
  const std::string path = directory_ / "key";
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        const int error = write_new_file(path, std::string(1000, static_cast<char>('a' + i)), 0600);
        if (error == 0) ++won;
        EXPECT_TRUE(error == 0 || error == EEXIST) << error;
      });
  }
  EXPECT_EQ(won, 1);
  const std::string text = content(path);
  EXPECT_EQ(text, std::string(1000, text.at(0)));
}

TEST_F(NewFile, SaysWhyItCannot) {
  EXPECT_EQ(write_new_file(directory_ / "missing" / "key", "x", 0600), ENOENT);
  std::ofstream(directory_ / "file");
  EXPECT_EQ(write_new_file(directory_ / "file" / "key", "x", 0600), ENOTDIR);
}

TEST_F(NewFile, DraftsOfThoseWhoWereKilledAreTakenAway) {
  const std::string path = directory_ / "key";
  for (const char* name :
       {"key.123.draft", "key.4294967295.draft", "key.1x.draft", "key.123", "key..draft", "other.1.draft", "key.lock"})
    std::ofstream(directory_ / name) << "x";
  fs::create_symlink(directory_ / "key.lock", directory_ / "key.7.draft");
  const int held = ::open((directory_ / "key.4294967295.draft").c_str(), O_RDONLY);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  remove_drafts(path);
  EXPECT_THAT(names(), ::testing::UnorderedElementsAre("key.4294967295.draft", "key.1x.draft", "key.123", "key..draft",
                                                       "other.1.draft", "key.lock", "key.7.draft"))
      << "what is being written, backups and links stay";
  ::close(held);
  remove_drafts(path);
  EXPECT_FALSE(fs::exists(directory_ / "key.4294967295.draft"));
  remove_drafts(directory_ / "nowhere" / "key");
}

TEST_F(NewFile, NobodysDraftIsTakenFromUnderThem) {
  const std::string path = directory_ / "key";
  std::atomic<bool> ends = false;
  std::thread remover([&] {
    while (!ends) remove_drafts(path);
  });
  for (int i = 0; i < 300; ++i) EXPECT_EQ(replace_file(path, std::to_string(i), 0600), 0);
  ends = true;
  remover.join();
  EXPECT_EQ(content(path), "299");
}

}  // namespace
}  // namespace fairlead
