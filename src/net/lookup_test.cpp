#include "net/lookup.h"

#include <gtest/gtest.h>

#include <future>

#include "net/test_support.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::await_on;
using testing::patience;
using Found = Result<std::vector<boost::asio::ip::address>>;

Addresses none(const std::string&) { return {{}, "it is gone"}; }

TEST(LookUp, AnswersAddressesAsTheyAre) {
  Loop loop;
  for (std::string host : {"127.0.0.1", "::1", "fe80::1"}) {
    Found found = await_on(loop, look_up(host, patience(), none));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().to_string(), host);
  }
}

TEST(LookUp, AsksTheSystem) {
  Loop loop;
  Found found = await_on(loop, look_up("localhost", patience()));
  ASSERT_TRUE(found) << found.error().sentence();
  EXPECT_TRUE(found->front().is_loopback());
}

TEST(LookUp, AnUnknownName) {
  Loop loop;
  Found found = await_on(loop, look_up("cluster.example", patience(), none));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::unreachable);
  EXPECT_EQ(found.error().sentence(),
            "look up cluster.example: no such host (it is gone). Check the server's name and this machine's DNS.");
}

// A name server that hangs until the test lets it go.
struct Hanging {
  std::shared_ptr<std::promise<void>> release = std::make_shared<std::promise<void>>();
  std::shared_future<void> released = release->get_future().share();
  BlockingLookup lookup() const {
    return [wait = released](const std::string&) {
      wait.wait();
      return Addresses{};
    };
  }
  ~Hanging() { release->set_value(); }
};

TEST(LookUp, AHangingNameServerHoldsUpNobody) {
  Hanging name_server;
  testing::Stopwatch watch;
  Loop loop;
  Found late = await_on(loop, look_up("slow.example", Deadline::after(milliseconds(50)), name_server.lookup()));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().sentence(),
            "look up slow.example: the name was not resolved in time. Check the server's name and this machine's DNS.");
  EXPECT_EQ(late.error().code, ErrorCode::timeout);

  std::optional<Found> cancelled;
  auto ask = [&]() -> awaitable<void> {
    cancelled = co_await look_up("slow.example", patience(), name_server.lookup());
  };
  auto body = [&]() -> awaitable<bool> {
    TaskGroup group(loop.executor());
    auto id = group.spawn(ask());
    Found other = co_await look_up("localhost", patience());
    group.cancel(id);
    co_await group.join();
    co_return other.has_value();
  };
  EXPECT_TRUE(await_on(loop, body()));
  ASSERT_TRUE(cancelled && !*cancelled);
  EXPECT_EQ(cancelled->error().code, ErrorCode::cancelled);
  EXPECT_TRUE(watch.under(seconds(10)));
}

}  // namespace
}  // namespace fairlead::net
