#include "base/confined_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace fairlead {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class ConfinedFile : public ::testing::Test {
 protected:
  ConfinedFile() {
    std::string name = fs::temp_directory_path() / "confined_XXXXXX";
    root = ::mkdtemp(name.data());
    fs::create_directories(root / "configs/deep");
    fs::create_directories(root / "configs-other");
    write("configs/a", "inside");
    write("configs-other/b", "outside");
  }
  ~ConfinedFile() override { fs::remove_all(root); }
  void write(const std::string& name, const std::string& text) { std::ofstream(root / name) << text; }
  Result<std::string> read(const std::string& path) { return read_file_below(root / "configs", path, "read it", 1000); }

  fs::path root;
};

TEST_F(ConfinedFile, ReadsWhatLiesBelow) {
  EXPECT_EQ(read("a").value(), "inside");
  EXPECT_EQ(read(root / "configs/a").value(), "inside");
  EXPECT_EQ(read("deep/../a").value(), "inside");
  fs::create_symlink("../a", root / "configs/deep/link");  // as mounted Secrets have them
  EXPECT_EQ(read("deep/link").value(), "inside");
  fs::create_directory_symlink(root / "configs", root / "alias");
  EXPECT_EQ(read_file_below(root / "alias", "a", "read it", 1000).value(), "inside");
}

TEST_F(ConfinedFile, RefusesWhatDoesNot) {
  fs::create_symlink(root / "configs-other/b", root / "configs/out");
  fs::create_directory_symlink("/etc", root / "configs/etc");
  for (const std::string& path :
       {std::string("../configs-other/b"), (root / "configs-other/b").string(), std::string("out"),
        std::string("etc/passwd"), std::string("/etc/passwd"), std::string("/etc/not-there"),
        std::string("../../../../etc/passwd"), std::string("/proc/self/environ"), std::string("a\0b", 3)}) {
    auto text = read(path);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, ErrorCode::policy_denied) << path;
    EXPECT_THAT(text.error().cause, HasSubstr("does not lie below"));
  }
}

TEST_F(ConfinedFile, TellsWhatIsWrongInside) {
  EXPECT_EQ(read("missing").error().code, ErrorCode::not_found);
  EXPECT_THAT(read("missing").error().cause, HasSubstr("configs/missing"));
  EXPECT_THAT(read("deep").error().cause, HasSubstr("configs/deep: it is a directory"));
  write("configs/large", std::string(2000, 'x'));
  EXPECT_THAT(read("large").error().cause, HasSubstr("configs/large: it is larger than"));
  ::mkfifo((root / "configs/pipe").c_str(), 0600);
  EXPECT_THAT(read("pipe").error().cause, HasSubstr("not a regular file"));
  EXPECT_THAT(read_file_below("", "a", "read it", 10).error().cause, HasSubstr("no directory is configured"));
  EXPECT_THAT(read_file_below(root / "nowhere", "a", "read it", 10).error().cause, HasSubstr("no such directory"));
}

}  // namespace
}  // namespace fairlead
