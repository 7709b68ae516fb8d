#include "sandbox/quantity.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

TEST(Quantity, HasOneFormForAnAmount) {
  std::pair<std::string_view, std::string_view> forms[] = {{"0", "0"},
                                                           {"0.0", "0"},
                                                           {"1", "1"},
                                                           {"+1", "1"},
                                                           {"-1", "-1"},
                                                           {"0.5", "500m"},
                                                           {"1.5", "1500m"},
                                                           {"1000m", "1"},
                                                           {"100m", "100m"},
                                                           {"0.1", "100m"},
                                                           {"1024Mi", "1Gi"},
                                                           {"1536Mi", "1536Mi"},
                                                           {"1024", "1024"},
                                                           {"1000", "1k"},
                                                           {"1500", "1500"},
                                                           {"1.5Gi", "1536Mi"},
                                                           {"0.5Ki", "512"},
                                                           {"1e3", "1e3"},
                                                           {"1E3", "1e3"},
                                                           {"10e3", "10e3"},
                                                           {"1e-3", "1e-3"},
                                                           {"12e6", "12e6"},
                                                           {"1G", "1G"},
                                                           {"30145308Ki", "30145308Ki"},
                                                           {".5", "500m"},
                                                           {"5.", "5"},
                                                           {"1n", "1n"},
                                                           {"0.1n", "1n"},
                                                           {"0.0000000001", "1n"},
                                                           {"999999999999999999999999", "9223372036854775807"},
                                                           {"1Ei", "1Ei"},
                                                           {"0.3Ki", "307200m"}};
  for (auto [given, wanted] : forms) EXPECT_EQ(canonical_quantity(given), wanted) << given;
  for (std::string_view bad : {"", "-", ".", "1x", "1 Gi", "Gi", "1Kii", "1e", "1e99999", "1.2.3", "0x10", "1m1"})
    EXPECT_FALSE(Quantity::parse(bad)) << bad;
}

TEST(Quantity, AddsAndCompares) {
  auto of = [](std::string_view text) { return *Quantity::parse(text); };
  EXPECT_LT(of("999m"), of("1"));
  EXPECT_EQ(of("1Gi"), of("1024Mi"));
  Quantity sum;
  sum += of("100m");
  sum += of("900m");
  EXPECT_EQ(sum.text(), "1");
  Quantity memory;
  memory += of("512Mi");
  memory += of("512Mi");
  EXPECT_EQ(memory.text(), "1Gi");
  memory -= of("2Gi");
  EXPECT_TRUE(memory.negative());
  EXPECT_EQ(memory.text(), "-1Gi");
  EXPECT_FALSE(of("1500m").whole());
}

}  // namespace
}  // namespace fairlead::sandbox
