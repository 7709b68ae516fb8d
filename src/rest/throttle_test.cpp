#include "rest/throttle.h"

#include <gtest/gtest.h>

#include <thread>

namespace fairlead::rest {
namespace {

TEST(Throttle, TenWithinASecondFromOneSource) {
  Throttle throttle;
  for (int i = 0; i < Throttle::kMost; ++i) {
    EXPECT_FALSE(throttle.is_over("10.0.0.1")) << i;
    throttle.count("10.0.0.1");
  }
  EXPECT_TRUE(throttle.is_over("10.0.0.1"));
  EXPECT_FALSE(throttle.is_over("10.0.0.2"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1050));
  EXPECT_FALSE(throttle.is_over("10.0.0.1"));
  throttle.count("10.0.0.1");
  EXPECT_FALSE(throttle.is_over("10.0.0.1")) << "a new second";
}

}  // namespace
}  // namespace fairlead::rest
