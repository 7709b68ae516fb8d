#include "kube/turns.h"

#include <gmock/gmock.h>

#include "net/test_support.h"

namespace fairlead::kube {
namespace {

using ::testing::ElementsAre;

TEST(Turns, AreTakenInTheOrderInWhichTheyAreAskedFor) {
  std::vector<int> begun;
  std::size_t under_way = 0, most = 0;
  net::run_until_done([&](net::Executor executor) -> awaitable<void> {
    Turns turns(executor, 2);
    net::TaskGroup group(executor);
    for (int i = 0; i < 6; ++i)
      group.spawn([](Turns* of, int mine, std::vector<int>* to, std::size_t* now, std::size_t* top) -> awaitable<void> {
        auto turn = co_await of->take({});
        EXPECT_TRUE(turn);
        to->push_back(mine);
        *top = std::max(*top, ++*now);
        auto slept = co_await net::sleep_for(std::chrono::milliseconds(1));
        EXPECT_TRUE(slept);
        --*now;
      }(&turns, i, &begun, &under_way, &most));
    co_await group.join();
  });
  EXPECT_THAT(begun, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(most, 2u);
}

TEST(Turns, WhoGivesUpTakesNone) {
  net::run_until_done([](net::Executor executor) -> awaitable<void> {
    Turns turns(executor, 1);
    net::TaskGroup group(executor);
    {
      auto held = co_await turns.take({});
      EXPECT_TRUE(held);
      auto late = co_await turns.take(Deadline::after(std::chrono::milliseconds(5)));
      EXPECT_FALSE(late);
      EXPECT_EQ(late ? ErrorCode::internal : late.error().code, ErrorCode::timeout);
      const auto id = group.spawn([](Turns* of) -> awaitable<void> {
        auto none = co_await of->take({});
        EXPECT_FALSE(none);
      }(&turns));
      auto slept = co_await net::sleep_for(std::chrono::milliseconds(5));
      EXPECT_TRUE(slept);
      group.cancel(id);
      co_await group.join();
    }
    auto free = co_await turns.take(Deadline::after(std::chrono::milliseconds(5)));
    EXPECT_TRUE(free);
  });
}

}  // namespace
}  // namespace fairlead::kube
