#include "ops/pages.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using testing::World;

TEST(Pages, AreFollowedToTheLast) {
  Pages pages("/api/v1/pods?limit=2");
  EXPECT_TRUE(pages.begin_attempt());
  ASSERT_TRUE(pages.count(10));
  ASSERT_TRUE(pages.begin_attempt()) << "the first page broke off: all is forgotten";
  EXPECT_EQ(pages.objects(), 0U);
  ASSERT_TRUE(pages.count(10));
  EXPECT_TRUE(pages.next("a b").value());
  EXPECT_EQ(pages.target(), "/api/v1/pods?limit=2&continue=a%20b");
  EXPECT_FALSE(pages.begin_attempt());
  ASSERT_TRUE(pages.count(10));
  EXPECT_EQ(pages.objects(), 2U);
  EXPECT_FALSE(pages.next("").value());
}

TEST(Pages, ThatDoNotEndAreRefused) {
  Pages empty("/x");
  empty.begin_attempt();
  ASSERT_TRUE(empty.next("a").value()) << "a first page may be empty: selectors are applied after the paging";
  empty.begin_attempt();
  EXPECT_EQ(empty.next("b").error().code, ErrorCode::server_error);
  Pages same("/x");
  for (bool more : {true, false}) {
    same.begin_attempt();
    ASSERT_TRUE(same.count(1));
    EXPECT_EQ(same.next("a").has_value(), more);
  }
}

TEST(Pages, ThatBreakOffAndComeTwiceAreAnError) {
  Pages pages("/x");
  pages.begin_attempt();
  ASSERT_TRUE(pages.count(1));
  ASSERT_TRUE(pages.next("a").value());
  pages.begin_attempt();
  ASSERT_TRUE(pages.count(1));
  EXPECT_FALSE(pages.begin_attempt());
  EXPECT_EQ(pages.next("").error().code, ErrorCode::unreachable);
}

TEST(Pages, TooMuchIsRefused) {
  Pages pages("/x");
  pages.begin_attempt();
  ASSERT_TRUE(pages.count(std::size_t{2} << 30));
  EXPECT_EQ(pages.count(1).error().code, ErrorCode::server_error);
}

// Aggregated API servers choose their pages themselves.
TEST(ListResources, FollowsPagesThatNobodyAskedFor) {
  auto page = [](std::string_view token, std::string_view name) {
    return Answer{
        .body =
            R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"continue":")" + std::string(token) +
            R"("},"columnDefinitions":[{"name":"Name","type":"string"},{"name":"Age","type":"string"}],"rows":[{"cells":[")" +
            std::string(name) + R"(","3d"],"object":{"metadata":{"name":"x","namespace":"shop"}}}]})"};
  };
  World world({{"GET /api", {.body = R"({"kind":"APIVersions","versions":["v1"]})"}},
               {"GET /apis", {.body = R"({"kind":"APIGroupList","groups":[]})"}},
               {"GET /api/v1", {.body = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
                   {"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["get","list"]}]})"}},
               {"GET /api/v1/widgets?includeObject=Metadata", page("two", "a")},
               {"GET /api/v1/widgets?includeObject=Metadata&continue=two", page("", "b")}});
  EXPECT_EQ(world.text("list_resources", R"({"kind":"widgets","format":"json","columns":["name"]})"),
            "{\"items\":[\n{\"name\":\"a\"},\n{\"name\":\"b\"}],\n\"total\":2,\"continue\":null}\n");
}

}  // namespace
}  // namespace fairlead::ops
