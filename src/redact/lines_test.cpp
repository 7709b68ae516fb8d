#include "redact/lines.h"

#include <gmock/gmock.h>

#include "redact/redact.h"

namespace fairlead::redact {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(Lines& lines, std::string_view text) {
  std::string out;
  lines.next(text, [&](std::size_t, std::string_view line) { out += std::string(line) + "\n"; });
  return out;
}

constexpr std::string_view kKey =
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAq1\nkeybyteskeybyteskey\n-----END RSA PRIVATE KEY-----\n";

TEST(TextByLines, EveryLineKeepsItsPlace) {
  const std::string log = "one\n" + std::string(kKey) + "two\npassword:\n  hunter2x\nthree";
  EXPECT_EQ(text_by_lines(log), "one\n<redacted>\n\n\n\ntwo\npassword:\n  <redacted>\nthree");
  EXPECT_EQ(text_by_lines("plain\n\x1b[1mtext\n"), "plain\n\x1b[1mtext\n");
  EXPECT_EQ(text_by_lines("privateKey: |\n  AAAAAAAAAAAA\n  BBBBBBBBBBBB\nport: 1\n"),
            "privateKey: |\n  <redacted>\n\nport: 1\n");
}

TEST(Lines, SayWhichLineTheyAre) {
  Lines lines;
  std::vector<std::pair<std::size_t, std::string>> seen;
  lines.next("a\n\n" + std::string(kKey) + "b",
             [&](std::size_t line, std::string_view text) { seen.emplace_back(line, text); });
  EXPECT_THAT(
      seen, ::testing::ElementsAre(std::pair(0, "a"), std::pair(1, ""), std::pair(2, "<redacted>"), std::pair(6, "b")));
}

// However a log is cut into parts, nothing of a credential is shown, and nothing else is lost.
TEST(Lines, ACredentialOverSeveralParts) {
  const std::string log = "start\n" + std::string(kKey) +
                          "password:\n  hunter2x\n{\n  \"token\":\n    \"hunter2y\"\n}\n" +
                          "deploy --password \\\n  hunter2z --now\nend\n";
  Lines whole;
  const std::string expected = shown(whole, log);
  for (std::string_view secret : {"keybytes", "MIIEow", "hunter2"}) EXPECT_THAT(expected, Not(HasSubstr(secret)));
  EXPECT_THAT(expected, HasSubstr("start\n<redacted>\npassword:\n  <redacted>\n"));
  EXPECT_THAT(expected, HasSubstr("end\n"));
  std::size_t first = 0;
  while (first < log.size()) {
    first = log.find('\n', first) + 1;
    Lines two;
    std::string both = shown(two, std::string_view(log).substr(0, first));
    both += shown(two, std::string_view(log).substr(first));
    EXPECT_EQ(both, expected) << "cut at " << first;
  }
  Lines each;
  std::string one_by_one;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = log.find('\n', at) + 1;
    one_by_one += shown(each, std::string_view(log).substr(at, end - at));
    at = end;
  }
  EXPECT_EQ(one_by_one, expected);
}

TEST(Lines, AKeyAfterALongLogIsStillOne) {
  Lines lines;
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(shown(lines, "line " + std::to_string(i) + "\n"), "line " + std::to_string(i) + "\n");
  EXPECT_EQ(shown(lines, kKey.substr(0, 32)), "<redacted>\n");
  for (int i = 0; i < 60; ++i) EXPECT_EQ(shown(lines, std::string(64, 'A') + "\n"), "");
  EXPECT_EQ(shown(lines, "-----END RSA PRIVATE KEY-----\nafter\n"), "after\n");
  const std::string large(100'000, 'x');
  EXPECT_EQ(shown(lines, large + "\n"), large + "\n");
  EXPECT_EQ(shown(lines, "password:\n"), "password:\n");
  EXPECT_EQ(shown(lines, "  hunter2x\n"), "  <redacted>\n");
  EXPECT_EQ(shown(lines, ""), "");
}

}  // namespace
}  // namespace fairlead::redact
