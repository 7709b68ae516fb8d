#include "ops/resolve.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using testing::World;

Answer groups(std::string_view kind) {
  return {.body = R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[{"version":
      "v1","resources":[{"resource":")" +
                  std::string(kind) + R"(s","singularResource":")" + std::string(kind) +
                  R"(","responseKind":{"kind":"X"},"scope":"Cluster","verbs":["get"]}]}]}]})"};
}

TEST(ResolveKind, AsksAnewOnlyForWhatIsNotKnown) {
  const Answer core{.body = R"({"kind":"APIGroupDiscoveryList","items":[]})"};
  World world({{"GET /api", core}, {"GET /apis", groups("ship")}, {"GET /apis", groups("boat")}});
  kube::Client& client = world.api.client();
  const Operation* operation = world.catalog.find("get_resource");
  auto ask = [&](std::string_view kind) {
    auto arguments = Arguments::validate({{"kind", kind}, {"name", "x"}}, operation->parameters, operation->name);
    Call call{*operation, client, *arguments, world.clock, net::testing::patience(), "default", ""};
    auto found = world.api.run(resolve_kind(call, std::string(kind)));
    return found ? found->plural : std::string(to_string(found.error().code));
  };
  EXPECT_EQ(ask("ship"), "ships");
  EXPECT_EQ(ask("ships"), "ships");
  EXPECT_EQ(world.api.requests.size(), 2u);
  EXPECT_EQ(ask("boat"), "boats") << "a kind that was defined since";
  EXPECT_EQ(world.api.requests.size(), 4u);
  EXPECT_EQ(ask("ship"), "not_found");
  EXPECT_EQ(world.api.requests.size(), 6u);
  EXPECT_EQ(ask("boat"), "boats");
  EXPECT_EQ(world.api.requests.size(), 6u);
}

// A kind may be gone, or be served in another version.
TEST(ResolveKind, ForgetsWhatDoesNotAnswer) {
  const Answer core{.body = R"({"kind":"APIGroupDiscoveryList","items":[]})"};
  World world({{"GET /api", core}, {"GET /apis", groups("ship")}});
  kube::Client& client = world.api.client();
  const Operation* operation = world.catalog.find("get_resource");
  auto arguments = Arguments::validate({{"kind", "ship"}, {"name", "x"}}, operation->parameters, operation->name);
  for (std::size_t requests : {3u, 6u}) {
    Call call{*operation, client, *arguments, world.clock, net::testing::patience(), "default", ""};
    auto reply = world.api.run(operation->run(call));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::not_found);
    EXPECT_EQ(world.api.requests.size(), requests);
  }
}

}  // namespace
}  // namespace fairlead::ops
