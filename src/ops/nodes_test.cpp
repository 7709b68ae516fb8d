#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using ::testing::HasSubstr;
using testing::list;
using testing::Message;
using testing::meta;

TEST(DescribeNode, WhatIsTakenOfItIsNotRoundedUp) {
  Message requests = Message()
                         .quantity(2, "cpu", "3999m")
                         .quantity(2, "memory", "8589934591")
                         .quantity(2, "ephemeral-storage", "10Gi");
  Message container = Message().text(1, "app").message(8, requests);
  testing::World world(
      {{"GET /api/v1/nodes/node-1",
        {.body =
             R"({"kind":"Node","metadata":{"name":"node-1"},"status":{"allocatable":{"cpu":"4","memory":"8Gi","ephemeral-storage":"100Gi","pods":"110"}}})"}},
       {"GET /api/v1/pods",
        list("v1", "PodList",
             {Message().message(1, meta("shop", "web-0")).message(2, Message().message(2, container))})},
       {"GET /api/v1/events", list("v1", "EventList", {})}});
  const std::string shown = world.text("describe_node", R"({"name":"node-1"})");
  EXPECT_THAT(shown, HasSubstr("cpu_requests: 3999m of 4 (99%)"));
  EXPECT_THAT(shown, HasSubstr("memory_requests: 7.9Gi of 8Gi (99%)"));
  EXPECT_THAT(shown, HasSubstr("ephemeral_storage_requests: 10Gi of 100Gi (10%)"));
  EXPECT_THAT(shown, HasSubstr(" ephemeral_storage_request=10Gi"));
}

}  // namespace
}  // namespace fairlead::ops
