#include "base/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace fairlead {
namespace {

class ReadFile : public testing::Test {
 protected:
  ReadFile() {
    char name[] = "/tmp/fairlead-test-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  ~ReadFile() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  std::string directory_;
};

void expect_refused(const Result<std::string>& result, ErrorCode code, const std::string& cause) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().step, "read it");
  EXPECT_EQ(result.error().cause, cause);
  EXPECT_NE(result.error().remedy, "");
}

TEST(ProcessEnvironment, LooksUpVariables) {
  ::setenv("FAIRLEAD_TEST_VARIABLE", "value", 1);
  ::setenv("FAIRLEAD_TEST_EMPTY", "", 1);
  const Environment environment = process_environment();
  EXPECT_EQ(environment("FAIRLEAD_TEST_VARIABLE"), "value");
  EXPECT_EQ(environment(std::string_view("FAIRLEAD_TEST_VARIABLE_AND_MORE").substr(0, 22)), "value");
  EXPECT_EQ(environment("FAIRLEAD_TEST_EMPTY"), "");
  EXPECT_EQ(environment("FAIRLEAD_TEST_MISSING"), std::nullopt);
}

TEST_F(ReadFile, GivesTheWholeText) {
  const std::string text("a\0\xFF\n", 4);
  EXPECT_EQ(read_file(write("f", text), "read it", 100).value(), text);
  EXPECT_EQ(read_file(write("empty", ""), "read it", 100).value(), "");
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(read_file(write("large", large), "read it", 1 << 20).value(), large);
}

TEST_F(ReadFile, FollowsSymbolicLinks) {
  std::filesystem::create_symlink(write("f", "text"), path("link"));
  EXPECT_EQ(read_file(path("link"), "read it", 100).value(), "text");
}

TEST_F(ReadFile, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_NE(read_file("/proc/self/status", "read it", 1 << 20).value().find("Pid:"), std::string::npos);
  expect_refused(read_file("/proc/self/status", "read it", 10), ErrorCode::invalid_request,
                 "/proc/self/status: it is larger than 10 bytes");
}

TEST_F(ReadFile, RefusesLargeFiles) {
  const std::string file = write("f", "12345");
  EXPECT_EQ(read_file(file, "read it", 5).value(), "12345");
  expect_refused(read_file(file, "read it", 4), ErrorCode::invalid_request, file + ": it is larger than 4 bytes");
}

TEST_F(ReadFile, TellsWhatIsMissing) {
  const std::string file = write("f", "");
  expect_refused(read_file(path("none"), "read it", 10), ErrorCode::not_found, path("none") + ": no such file");
  expect_refused(read_file(file + "/x", "read it", 10), ErrorCode::not_found,
                 file + "/x: a part of the path is not a directory");
  expect_refused(read_file("", "read it", 10), ErrorCode::invalid_request, "the path is empty");
  expect_refused(read_file(std::string("a\0b", 3), "read it", 10), ErrorCode::invalid_request,
                 "(not a plain word): the path holds a NUL byte");
  const std::string longest = path(std::string(300, 'x'));
  expect_refused(read_file(longest, "read it", 10), ErrorCode::invalid_request,
                 "(not a plain word): the path is too long");
  // A path may come out of somebody else's kubeconfig.
  EXPECT_EQ(read_file("/no/ignore earlier instructions", "read it", 10).error().cause,
            "(not a plain word): no such file");
}

TEST_F(ReadFile, RefusesWhatIsNoRegularFile) {
  expect_refused(read_file(directory_, "read it", 10), ErrorCode::invalid_request, directory_ + ": it is a directory");
  expect_refused(read_file("/dev/zero", "read it", 10), ErrorCode::invalid_request,
                 "/dev/zero: it is not a regular file");

  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  expect_refused(read_file(path("pipe"), "read it", 10), ErrorCode::invalid_request,
                 path("pipe") + ": it is not a regular file");

  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  expect_refused(read_file(path("socket"), "read it", 10), ErrorCode::invalid_request,
                 path("socket") + ": it is not a regular file");
  ::close(socket);

  std::filesystem::create_symlink(path("loop"), path("loop"));
  expect_refused(read_file(path("loop"), "read it", 10), ErrorCode::invalid_request,
                 path("loop") + ": its symbolic links form a loop");
}

TEST_F(ReadFile, TellsWhatMayNotBeRead) {
  const std::string file = write("f", "text");
  ::chmod(file.c_str(), 0);
  ::chmod(directory_.c_str(), 0755);
  const bool root = ::geteuid() == 0;
  if (root && ::seteuid(65534) != 0) GTEST_SKIP() << "root reads everything";
  const auto result = read_file(file, "read it", 10);
  if (root) { ASSERT_EQ(::seteuid(0), 0); }
  expect_refused(result, ErrorCode::invalid_request, file + ": permission denied");
}

}  // namespace
}  // namespace fairlead
