// Lists of any kind.
#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using testing::World;

Answer events(std::string_view first, std::string_view second) {
  return {.body = R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":[
            {"name":"Last Seen","type":"string"},{"name":"Message","type":"string"},
            {"name":"Name","type":"string","format":"name","priority":1}],
            "rows":[{"cells":[")" +
                  std::string(first) + R"(","pulled","web.1"],"object":{}},{"cells":[")" + std::string(second) +
                  R"(","started","web.2"],"object":{}}]})"};
}

TEST(ListResources, AWalkByAnAgeVisitsEachOnce) {
  const std::string path = "GET /api/v1/namespaces/shop/events";
  World world({{"GET /api", {.body = R"({"kind":"APIVersions","versions":["v1"]})"}},
               {"GET /apis", {.body = R"({"kind":"APIGroupList","groups":[]})"}},
               {"GET /api/v1", {.body = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
                  {"name":"events","singularName":"event","namespaced":true,"kind":"Event","verbs":["get","list"]}]})"}},
               {path, events("59s", "59s")},
               {path, events("2m", "60s")}});  // a minute later
  auto first = world.call("list_resources", R"({"kind":"events","namespace":"shop","limit":1})");
  ASSERT_TRUE(first);
  const std::string cursor = std::get<Table>(first->body).continuation;
  EXPECT_EQ(std::get<Table>(first->body).rows.cell(std::get<Table>(first->body).order[0], 1), "web.1");
  EXPECT_EQ(
      world.text("list_resources", R"({"kind":"events","namespace":"shop","limit":1,"cursor":")" + cursor + "\"}"),
      "LAST-SEEN MESSAGE\n60s started\n");
}

}  // namespace
}  // namespace fairlead::ops
