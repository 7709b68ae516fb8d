#include "ops/pod_resources.h"

#include <gtest/gtest.h>

#include <limits>

namespace fairlead::ops {
namespace {

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

TEST(PodAmount, ContainersTogetherOrTheLargestInitContainer) {
  PodAmount small;
  small.init_container(3, false);
  small.container(2);
  small.container(2);
  EXPECT_EQ(small.total(), 4);
  PodAmount large;
  large.init_container(9, false);
  large.container(2);
  EXPECT_EQ(large.total(), 9);
}

TEST(PodAmount, AnInitContainerRunsBesideTheSidecarsBeforeIt) {
  PodAmount before, after;
  before.init_container(4, true);
  before.init_container(5, false);
  before.container(1);
  EXPECT_EQ(before.total(), 9);
  after.init_container(5, false);
  after.init_container(4, true);
  after.container(1);
  EXPECT_EQ(after.total(), 5);
}

TEST(PodAmount, WhatIsTooLargeStaysTheLargest) {
  PodAmount amount;
  for (int i = 0; i < 2; ++i) {
    amount.container(amount_of("memory", "8Ei"));
    amount.init_container(amount_of("memory", "8Ei"), true);
  }
  EXPECT_EQ(amount.total(), kMost);
}

TEST(AmountOf, CpuInThousandths) {
  EXPECT_EQ(amount_of("cpu", "1500m"), 1500);
  EXPECT_EQ(amount_of("memory", "1Ki"), 1024);
  EXPECT_EQ(amount_of("example.com/gpu", "2"), 2);
  EXPECT_EQ(amount_of("memory", "-1"), 0);
  EXPECT_EQ(amount_of("memory", "much"), 0);
}

}  // namespace
}  // namespace fairlead::ops
