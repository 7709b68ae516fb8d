#include "ops/grep.h"

#include <gtest/gtest.h>

namespace fairlead::ops {
namespace {

std::string found(std::string_view text, std::string_view pattern, std::size_t context = 0) {
  return grep(text, Pattern(pattern), context).text;
}

TEST(Grep, LinesWithThoseAround) {
  constexpr std::string_view text = "1\n2\nerror a\n4\n5\n6\n7\nerror b\n9";
  EXPECT_EQ(found(text, "error"), "error a\nerror b\n");
  EXPECT_EQ(found(text, "error", 1), "2\nerror a\n4\n--\n7\nerror b\n9\n");
  EXPECT_EQ(found(text, "error", 2), "1\n2\nerror a\n4\n5\n6\n7\nerror b\n9\n");
  EXPECT_EQ(found(text, "error", 9), std::string(text) + "\n");
  EXPECT_EQ(found(text, "^9$", 1), "error b\n9\n");
  EXPECT_EQ(found(text, "(?i)ERROR B"), "error b\n");
  EXPECT_EQ(found(text, "nothing", 3), "");
  EXPECT_EQ(found("", "x", 3), "");
  EXPECT_EQ(grep(text, Pattern("error"), 4).matches, 2u);
}

TEST(Grep, WhatIsNoExpressionIsSaid) {
  EXPECT_FALSE(Pattern::why_not("a.*b|[0-9]+"));
  EXPECT_EQ(Pattern::why_not("(a"), "a parenthesis is not closed");
  EXPECT_EQ(Pattern::why_not("[a"), "a bracket is not closed");
  EXPECT_EQ(Pattern::why_not("*"), "there is nothing that could be repeated");
  EXPECT_TRUE(Pattern::why_not("((a{100}){100}){100}"));
  EXPECT_TRUE(Pattern::why_not("(?=a)"));
  EXPECT_TRUE(Pattern::why_not("\xff"));
}

}  // namespace
}  // namespace fairlead::ops
