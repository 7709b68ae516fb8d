#include "sandbox/shell_parser.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

std::string error_of(std::string_view text) {
  auto parsed = parse_shell(text);
  return parsed ? "" : parsed.error().message + (parsed.error().incomplete ? " …" : "");
}

TEST(ShellParser, ReadsNothingAsNothing) {
  for (std::string_view text : {"", " \n\n", "# a comment", "\\\n"}) {
    auto parsed = parse_shell(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, nullptr) << text;
  }
}

TEST(ShellParser, WordsErrorsAsBusyboxDoes) {
  EXPECT_EQ(error_of("echo a &&"), "syntax error: unexpected end of file …");
  EXPECT_EQ(error_of("echo a && && b"), "syntax error: unexpected \"&&\"");
  EXPECT_EQ(error_of("if true; then echo a"), "syntax error: unexpected end of file (expecting \"fi\") …");
  EXPECT_EQ(error_of("echo \"a"), "syntax error: unterminated quoted string …");
  EXPECT_EQ(error_of("echo 'a"), "syntax error: unterminated quoted string …");
  EXPECT_EQ(error_of(")"), "syntax error: unexpected \")\"");
  EXPECT_EQ(error_of("done"), "syntax error: unexpected \"done\"");
  EXPECT_EQ(error_of("; a"), "syntax error: unexpected \";\"");
  EXPECT_EQ(error_of("echo ${a"), "syntax error: missing '}' …");
  EXPECT_EQ(error_of("cat <<E\na\n"), "syntax error: unexpected end of file …");
}

TEST(ShellParser, BoundsNesting) {
  for (std::string_view open : {"( ", "$(", "{ ", "${a:-", "if "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    EXPECT_FALSE(parse_shell(text)) << open;
  }
  EXPECT_TRUE(parse_shell("( ( ( ( ( ( ( ( ( ( a ) ) ) ) ) ) ) ) ) )"));
}

TEST(ShellParser, TakesAnythingInTime) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "a=b c 'd' | e && ";
  text += "f";
  EXPECT_TRUE(parse_shell(text));
}

}  // namespace
}  // namespace fairlead::sandbox
