#include "sandbox/time.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

TEST(Time, RunsAtItsSpeed) {
  std::int64_t real = 5'000;
  Time time(1'000, [&] { return real; });
  EXPECT_EQ(time.milliseconds(), 0);
  real += 1'500;
  EXPECT_EQ(time.milliseconds(), 1'500);
  EXPECT_EQ(time.unix_seconds(), 1'001);
  time.set_speed(60);
  EXPECT_EQ(time.milliseconds(), 1'500);
  real += 1'000;
  EXPECT_EQ(time.milliseconds(), 61'500);
  EXPECT_EQ(time.real_until(121'500), 1'000);
  EXPECT_EQ(time.real_until(121'501), 1'001);
  EXPECT_EQ(time.real_until(61'500), 0);
}

TEST(Time, StandsStillAndIsStepped) {
  std::int64_t real = 0;
  Time time(0, [&] { return real; });
  time.set_speed(0);
  real += 10'000;
  EXPECT_EQ(time.milliseconds(), 0);
  EXPECT_FALSE(time.real_until(1));
  EXPECT_EQ(time.real_until(0), 0);
  time.advance(90'000);
  EXPECT_EQ(time.unix_seconds(), 90);
  time.advance(-5);
  EXPECT_EQ(time.milliseconds(), 90'000);
}

TEST(Time, NeverGoesBack) {
  std::int64_t real = 1'000;
  Time time(0, [&] { return real; });
  real = 500;
  EXPECT_EQ(time.milliseconds(), 0);
  time.set_speed(-3);
  EXPECT_EQ(time.speed(), 0);
  time.set_speed(1e9);
  EXPECT_EQ(time.speed(), 1000);
}

}  // namespace
}  // namespace fairlead::sandbox
