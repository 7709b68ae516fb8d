#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::refusal;
using testing::World;

const std::string kNamespace = "GET /api/v1/namespaces/shop";

TEST(GetNamespace, WithWhatBoundsIt) {
  World world(
      {{kNamespace, {.body = R"({"kind":"Namespace","metadata":{"name":"shop"},"status":{"phase":"Active"}})"}},
       {kNamespace + "/resourcequotas",
        {.body =
             R"({"items":[{"metadata":{"name":"most"},"status":{"hard":{"cpu":"4","pods":"10"},"used":{"cpu":"2"}}}]})"}},
       {kNamespace + "/limitranges",
        {.body =
             R"({"items":[{"metadata":{"name":"usual"},"spec":{"limits":[{"type":"Container","min":{"cpu":"10m"},"default":{"cpu":"1","memory":"1Gi"}}]}}]})"}}});
  EXPECT_EQ(world.text("get_namespace", R"({"name":"shop"})"), R"(name: shop
status:
  phase: Active
quotas:
  most:
    cpu: 2 of 4 used
    pods: 0 of 10 used
limit_ranges:
  usual:
    Container cpu: min 10m, default 1
    Container memory: default 1Gi
)");
  World refused({{kNamespace, {.body = R"({"kind":"Namespace","metadata":{"name":"shop"}})"}},
                 {kNamespace + "/resourcequotas", refusal(403, "Forbidden", "no")},
                 {kNamespace + "/limitranges", {.body = R"({"items":[]})"}}});
  auto reply = refused.call("get_namespace", R"({"name":"shop"})");
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->notes, ::testing::ElementsAre("resourcequotas could not be read: permission_denied"));
}

}  // namespace
}  // namespace fairlead::ops
