#include "gate/instance.h"

#include <gtest/gtest.h>

#include "store/test_database.h"

namespace fairlead::gate {
namespace {

TEST(Instance, LivesAsLongAsItsProcess) {
  store::testing::TemporaryDirectory directory;
  auto me = Instance::enter(directory.path(), "abc1");
  ASSERT_TRUE(me);
  EXPECT_TRUE(Instance::is_alive(directory.path(), "abc1"));
  EXPECT_FALSE(Instance::is_alive(directory.path(), "abc2"));
  EXPECT_FALSE(Instance::is_alive(directory.path(), "../abc1"));
  me->reset();
  EXPECT_FALSE(Instance::is_alive(directory.path(), "abc1"));
}

}  // namespace
}  // namespace fairlead::gate
