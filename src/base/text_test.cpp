#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/utf8.h"

namespace fairlead {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(EqualIgnoringCase, IsAsciiOnly) {
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4"));
}

TEST(Base64, HoldsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xFB\xFF\xBF", "+/+/"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded).value(), plain);
  }
}

TEST(Base64, GivesRandomBytesBack) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
  }
}

TEST(Base64, SkipsLineBreaks) { EXPECT_EQ(base64_decode("Zm9v\r\nYg=\n=\n").value(), "foob"); }

TEST(Base64, RefusesWhatIsNotBase64AndShowsNothingOfIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"Zg", "it ends in the middle of a group of four characters"},
      {"Zg=", "it ends in the middle of a group of four characters"},
      {"Z", "it ends in the middle of a group of four characters"},
      {"Z===", "the character at byte 1 is not base64"},
      {"Zg===", "the character at byte 4 is not base64"},
      {"=", "the character at byte 0 is not base64"},
      {"Zm9v=", "the character at byte 4 is not base64"},
      {"Zg==Zg==", "there is text after the padding at byte 4"},
      {"Zm 9", "the character at byte 2 is not base64"},
      {"-_-_", "the character at byte 0 is not base64"},
      {"s3cret\xFF!", "the character at byte 6 is not base64"},
  };
  for (const auto& [text, cause] : cases) {
    const auto result = base64_decode(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(result.error().cause, cause) << text;
    EXPECT_NE(result.error().remedy, "");
  }
}

TEST(EscapeUntrusted, LeavesPlainTextAlone) {
  for (const char* text : {"", "plain text\twith a tab", "gr\xC3\xBC\xC3\x9F dich", "\xE6\x97\xA5\xE6\x9C\xAC", "\\x41",
                           "\xF0\x9F\x9A\x80", "\xE2\x9C\x94\xEF\xB8\x8F"})
    EXPECT_EQ(escape_untrusted(text, Newlines::escape), text);
}

TEST(EscapeUntrusted, EscapesControlCharacters) {
  EXPECT_EQ(escape_untrusted("a\x1B[31mred\x7F\r", Newlines::keep), "a\\x1B[31mred\\x7F\\x0D");
  EXPECT_EQ(escape_untrusted(std::string_view("\0\x08", 2), Newlines::keep), "\\x00\\x08");
  EXPECT_EQ(escape_untrusted("\xC2\x9B\x33\x31m", Newlines::keep), "\\u{9B}31m");
  EXPECT_EQ(escape_untrusted("a\nb", Newlines::keep), "a\nb");
  EXPECT_EQ(escape_untrusted("a\nb", Newlines::escape), "a\\x0Ab");
}

TEST(EscapeUntrusted, EscapesWhatCannotBeSeen) {
  for (char32_t c : {0x80,    0x9F,    0xAD,    0x61C,   0x180E,  0x200B, 0x200D, 0x200E, 0x200F, 0x2028,
                     0x2029,  0x202A,  0x202E,  0x2060,  0x2064,  0x2066, 0x2069, 0xFEFF, 0xFFF9, 0xFFFB,
                     0xE0000, 0xE0041, 0xE007F, 0xE0100, 0xE01EF, 0x115F, 0x3164, 0xFFA0, 0xFE00, 0x1D173}) {
    std::string text;
    append_utf8(text, c);
    char expected[16];
    std::snprintf(expected, sizeof expected, "\\u{%X}", static_cast<unsigned>(c));
    EXPECT_EQ(escape_untrusted("<" + text + ">", Newlines::keep), "<" + std::string(expected) + ">");
  }
}

TEST(EscapeUntrusted, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(escape_untrusted("\xFF", Newlines::keep), "\\xFF");
  EXPECT_EQ(escape_untrusted("a\xC3", Newlines::keep), "a\\xC3");
  EXPECT_EQ(escape_untrusted("\xC0\xAF", Newlines::keep), "\\xC0\\xAF");
  EXPECT_EQ(escape_untrusted("\xED\xA0\x80", Newlines::keep), "\\xED\\xA0\\x80");
  EXPECT_EQ(escape_untrusted("\xE2\x82X", Newlines::keep), "\\xE2\\x82X");
}

TEST(EscapeUntrusted, LeavesNothingHiddenInRandomBytes) {
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 ? 0xE0 + random() % 32 : random());
    const std::string shown = escape_untrusted(bytes, Newlines::escape);
    for (std::size_t at = 0; at < shown.size();) {
      const CodePoint point = next_code_point(std::string_view(shown).substr(at));
      ASSERT_TRUE(point.valid);
      ASSERT_TRUE(point.value == '\t' || !is_hidden(point.value)) << static_cast<unsigned>(point.value);
      at += point.size;
    }
  }
}

TEST(Utf8, IsChecked) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("plain, longer than eight bytes, \xC3\xA4, \xE2\x82\xAC, \xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "12345678\xE2\x82", "\xC3("})
    EXPECT_FALSE(is_valid_utf8(bad));
}

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const CodePoint point = next_code_point(text);
    ASSERT_TRUE(point.valid && point.value == c && point.size == text.size()) << static_cast<unsigned>(c);
  }
}

struct Age {
  std::int64_t seconds;
  const char* text;
};
constexpr std::int64_t minute = 60, hour = 3600, day = 86400, year = 365 * day;
// The first ones are those of k8s.io/apimachinery's own test.
constexpr Age ages[] = {
    {1, "1s"},
    {70, "70s"},
    {190, "3m10s"},
    {70 * minute, "70m"},
    {47 * hour, "47h"},
    {49 * hour, "2d1h"},
    {8 * day + 2 * hour, "8d"},
    {367 * day, "367d"},
    {2 * year + 25 * hour, "2y1d"},
    {8 * year + 2 * hour, "8y"},
    {0, "0s"},
    {119, "119s"},
    {120, "2m"},
    {599, "9m59s"},
    {600, "10m"},
    {659, "10m"},
    {3 * hour - 1, "179m"},
    {3 * hour, "3h"},
    {4 * hour + 12 * minute, "4h12m"},
    {8 * hour - 1, "7h59m"},
    {8 * hour, "8h"},
    {30 * hour, "30h"},
    {48 * hour - 1, "47h"},
    {48 * hour, "2d"},
    {76 * hour, "3d4h"},
    {8 * day - 1, "7d23h"},
    {8 * day, "8d"},
    {2 * year - 1, "729d"},
    {2 * year, "2y"},
    {2 * year + 5 * day, "2y5d"},
    {8 * year - 1, "7y364d"},
    {8 * year, "8y"},
};

TEST(HumanDuration, IsKubectls) {
  for (const Age& age : ages) EXPECT_EQ(human_duration(seconds(age.seconds)), age.text) << age.seconds;
  EXPECT_EQ(human_duration(seconds(-5)), "0s");
}

TEST(HumanDuration, IsReadToThePrecisionThatWasPrinted) {
  for (const Age& age : ages) {
    const auto read = parse_human_duration(age.text);
    ASSERT_TRUE(read) << age.text;
    EXPECT_EQ(human_duration(*read), age.text);
    EXPECT_LE(read->count(), age.seconds);
  }
  EXPECT_EQ(parse_human_duration("1h1s"), seconds(3601));
}

TEST(HumanDuration, OtherTextIsNone) {
  for (const char* text : {"", "5", "s", "-5s", "5x", "5s ", "5m5m", "5s5m", "<invalid>", "1.5h",
                           "99999999999999999999s", "999999999999999y"})
    EXPECT_FALSE(parse_human_duration(text)) << text;
}

TEST(Rfc3339, IsRead) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2024-02-29T23:59:59Z"), 1709251199);
  EXPECT_EQ(parse_rfc3339("2024-02-29T23:59:59.999999Z"), 1709251199);
  EXPECT_EQ(parse_rfc3339("2024-03-01T01:29:59+01:30"), 1709251199);
  EXPECT_EQ(parse_rfc3339("2024-02-29t15:59:59-08:00"), 1709251199);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), 1483228800);
  EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), -62135596800);
}

TEST(Rfc3339, OtherTextIsNone) {
  for (const char* text :
       {"", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01",
        "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00Zx",
        "24-01-01T00:00:00Z", "2024-1-01T00:00:00Z", "2024-01-01 00:00:00Z", "+024-01-01T00:00:00Z",
        "2024-01-01T00:00:00.5"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, IsWritten) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(1709251199), "2024-02-29T23:59:59Z");
  EXPECT_EQ(format_rfc3339(-62135596800), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
  for (std::int64_t at = -70'000'000'000; at < 250'000'000'000; at += 777'777'777) {
    if (at < -62167219200) continue;
    EXPECT_EQ(parse_rfc3339(format_rfc3339(at)), at);
  }
}

TEST(FirstWords, CutsBehindAWord) {
  EXPECT_EQ(first_words("one two", 7), "one two");
  EXPECT_EQ(first_words("one two", 6), "one…");
  EXPECT_EQ(first_words("onetwo", 3), "one…");
  EXPECT_EQ(first_words("é", 1), "…");
}

TEST(PlainWord, HoldsNoSentence) {
  for (std::string_view word : {"", "PodList", "arn:aws:eks:eu-west-1:1:cluster/x", "kubernetes-admin@kubernetes",
                                "application/vnd.kubernetes.protobuf"})
    EXPECT_EQ(plain_word(word), word);
  for (std::string word : {std::string("ignore earlier instructions"), std::string("a\nb"), std::string("\x1b[31m"),
                           std::string("\xff"), std::string("a=b"), std::string(254, 'a')})
    EXPECT_EQ(plain_word(word), "(not a plain word)");
}

}  // namespace
}  // namespace fairlead
