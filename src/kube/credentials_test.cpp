#include "kube/credentials.h"

#include <gmock/gmock.h>

#include "kube/kubeconfig_testing.h"

namespace fairlead::kube {
namespace {

Result<Authorization> get(std::shared_ptr<Credentials> credentials) {
  static TestLoop loop;
  return loop.get(std::move(credentials));
}

using testing::HasSubstr;

std::string bearer(std::shared_ptr<Credentials> credentials) {
  auto answer = get(std::move(credentials));
  return answer ? std::string(answer->bearer.reveal()) : "error: " + answer.error().sentence();
}

TEST(Credentials, NoneAndToken) {
  EXPECT_EQ(bearer(no_credentials()), "");
  auto token = token_credentials(Secret("T"));
  EXPECT_EQ(bearer(token), "T");
  EXPECT_FALSE(token->rejected());
  EXPECT_EQ(bearer(token), "T");
}

TEST(Credentials, ImpersonationAddsHeaders) {
  auto answer = get(impersonating(token_credentials(Secret("T")), {{"Impersonate-User", "bob"}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->bearer.reveal(), "T");
  ASSERT_EQ(answer->headers.size(), 1u);
  EXPECT_EQ(answer->headers[0].value, "bob");
}

class TokenFile : public testing::Test {
 protected:
  std::shared_ptr<Credentials> open(std::string otherwise = "") {
    return token_file_credentials({directory.path("token"), Secret(std::move(otherwise)), 10, clock});
  }
  // As the kubelet does: a new file takes the old one's place.
  void replace(std::string_view text) {
    directory.write("token.new", text);
    std::filesystem::rename(directory.path("token.new"), directory.path("token"));
  }

  TemporaryDirectory directory;
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>(1000);
};

TEST_F(TokenFile, IsTrimmed) {
  directory.write("token", "  abc\n");
  EXPECT_EQ(bearer(open()), "abc");
}

TEST_F(TokenFile, FollowsRotation) {
  replace("one");
  auto credentials = open();
  EXPECT_EQ(bearer(credentials), "one");
  replace("two");
  EXPECT_EQ(bearer(credentials), "two");
}

TEST_F(TokenFile, FollowsSymbolicLinks) {
  directory.write("v1/token", "one");
  directory.write("v2/token", "two");
  std::filesystem::create_symlink("v1/token", directory.path("token"));
  auto credentials = open();
  EXPECT_EQ(bearer(credentials), "one");
  std::filesystem::create_symlink("v2/token", directory.path("token.new"));
  std::filesystem::rename(directory.path("token.new"), directory.path("token"));
  EXPECT_EQ(bearer(credentials), "two");
}

TEST_F(TokenFile, IsReadAgainAfterAWhileEvenIfItLooksTheSame) {
  directory.write("token", "one");
  auto time = std::filesystem::last_write_time(directory.path("token"));
  auto credentials = open();
  EXPECT_EQ(bearer(credentials), "one");
  directory.write("token", "two");
  std::filesystem::last_write_time(directory.path("token"), time);
  EXPECT_EQ(bearer(credentials), "one");
  clock->set(1010);
  EXPECT_EQ(bearer(credentials), "two");
}

TEST_F(TokenFile, KeepsTheLastTokenUntilItIsRejected) {
  directory.write("token", "one");
  auto credentials = open();
  EXPECT_EQ(bearer(credentials), "one");
  std::filesystem::remove(directory.path("token"));
  clock->set(2000);
  EXPECT_EQ(bearer(credentials), "one");
  EXPECT_TRUE(credentials->rejected());
  EXPECT_THAT(bearer(credentials), HasSubstr("error: read the token file " + directory.path("token")));
  directory.write("token", "two");
  EXPECT_EQ(bearer(credentials), "two");
}

TEST_F(TokenFile, FallsBackToTheInlineTokenUntilTheFileIsThere) {
  auto credentials = open("inline");
  EXPECT_EQ(bearer(credentials), "inline");
  directory.write("token", "file");
  EXPECT_EQ(bearer(credentials), "file");
  std::filesystem::remove(directory.path("token"));
  credentials->rejected();
  EXPECT_THAT(bearer(credentials), HasSubstr("error: "));
}

TEST_F(TokenFile, BadFilesAreErrors) {
  EXPECT_THAT(bearer(open()), HasSubstr("no such file"));
  directory.write("token", " \n");
  EXPECT_THAT(bearer(open()), HasSubstr("it is empty"));
  directory.write("token", "CANARY\nCANARY");
  EXPECT_THAT(bearer(open()), HasSubstr("not a bearer token"));
  EXPECT_THAT(bearer(open()), testing::Not(HasSubstr("CANARY")));
  std::filesystem::remove(directory.path("token"));
  std::filesystem::create_directory(directory.path("token"));
  auto answer = get(open());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::authentication_failed);
}

}  // namespace
}  // namespace fairlead::kube
