#include "kube/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace fairlead::kube {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

TEST(Quantity, ReadsEveryForm) {
  struct Case {
    const char* text;
    std::int64_t units;
    std::int64_t milli;
  };
  const Case cases[] = {
      {"0", 0, 0},
      {"1", 1, 1000},
      {"007", 7, 7000},
      {"+5", 5, 5000},
      {"-5", -5, -5000},
      {"250m", 1, 250},
      {"-250m", -1, -250},
      {"1500m", 2, 1500},
      {"0.5", 1, 500},
      {".5", 1, 500},
      {"1.", 1, 1000},
      {"1.5Gi", 1610612736, 1610612736000},
      {"128Mi", 134217728, 134217728000},
      {"1Ki", 1024, 1024000},
      {"16263204Ki", 16653520896, 16653520896000},
      {"1k", 1000, 1000000},
      {"2M", 2000000, 2000000000},
      {"3G", 3000000000, 3000000000000},
      {"1T", 1000000000000, 1000000000000000},
      {"1P", 1000000000000000, 1000000000000000000},
      {"1e3", 1000, 1000000},
      {"1E3", 1000, 1000000},
      {"1.5e-3", 1, 2},
      {"12e-1", 2, 1200},
      {"100u", 1, 1},
      {"1n", 1, 1},
      {"0.1m", 1, 1},
      {"0n", 0, 0},
      {"1Ei", 1152921504606846976, most},
      {"1E", 1000000000000000000, most},
      {"9223372036854775807", most, most},
      {"9223372036854775808", most, most},
      {"-9223372036854775808", least, least},
      {"-99Ei", least, least},
      {"1e99999999999", most, most},
      {"1e-99999999999", 1, 1},
      {"0e99999999999", 0, 0},
      {"0.000000000000000000000000000000000001", 1, 1},
      {"1.0000000000000000000000000000000000001", 2, 1001},
      {"123456789012345678901234567890", most, most},
      {"100000000000000000000e-19", 10, 10000},
  };
  for (const auto& example : cases) {
    EXPECT_EQ(parse_quantity(example.text), example.units) << example.text;
    EXPECT_EQ(parse_quantity_milli(example.text), example.milli) << example.text;
  }
}

TEST(Quantity, RefusesOtherText) {
  for (const char* text : {"",   "-",   ".",    "+.",    "m",    "Ki",   "1ki", "1i",  "1K",  "1 Gi", " 1", "1.2.3",
                           "1e", "1e+", "1ee3", "1e1.5", "0x10", "1Gib", "--1", "1m1", "inf", "nan",  "1?"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
    EXPECT_FALSE(parse_quantity_milli(text)) << text;
  }
}

TEST(Quantity, WritesCpu) {
  EXPECT_EQ(format_cpu(0), "0");
  EXPECT_EQ(format_cpu(250), "250m");
  EXPECT_EQ(format_cpu(4000), "4");
  EXPECT_EQ(format_cpu(1500), "1500m");
  EXPECT_EQ(format_cpu(-250), "-250m");
}

TEST(Quantity, WritesBytes) {
  const std::int64_t ki = 1024;
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(512), "512");
  EXPECT_EQ(format_bytes(1023), "1023");
  EXPECT_EQ(format_bytes(ki), "1Ki");
  EXPECT_EQ(format_bytes(1536), "1.5Ki");
  EXPECT_EQ(format_bytes(128 * ki * ki), "128Mi");
  EXPECT_EQ(format_bytes(1610612736), "1.5Gi");
  EXPECT_EQ(format_bytes(16263204 * ki), "15.5Gi");
  EXPECT_EQ(format_bytes(ki * ki - 1), "1023Ki");
  EXPECT_EQ(format_bytes(ki * ki * ki - 1), "1023Mi");
  EXPECT_EQ(format_bytes(999 * ki + 512), "999Ki");
  EXPECT_EQ(format_bytes(102 * ki + 410), "102Ki");
  EXPECT_EQ(format_bytes(-1536), "-1.5Ki");
  EXPECT_EQ(format_bytes(most), "7.9Ei");
  EXPECT_EQ(format_bytes(least), "-8Ei");
}

}  // namespace
}  // namespace fairlead::kube
