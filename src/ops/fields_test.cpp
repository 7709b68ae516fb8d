#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

// Whoever defines a kind writes what explain says of it.
TEST(Explain, ShowsNoCredentials) {
  World world({{"GET /api", {.body = R"({"kind":"APIVersions","versions":["v1"]})"}},
               {"GET /apis", {.body = R"({"kind":"APIGroupList","groups":[]})"}},
               {"GET /api/v1", {.body = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
                   {"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["get"]}]})"}},
               {"GET /openapi/v3/api/v1", {.body = R"({"components":{"schemas":{"Widget":{
                   "x-kubernetes-group-version-kind":[{"group":"","version":"v1","kind":"Widget"}],"type":"object",
                   "description":"use password: Hunter2Abc9x to log in",
                   "properties":{"password":{"type":"string","description":"such as token=Hunter2Abc9x. And more",
                       "enum":["a","https://u:Hunter2Abc9x@h/"]}}}}}})"}}});
  EXPECT_THAT(world.text("explain", R"({"kind":"widgets"})"),
              AllOf(Not(HasSubstr("Hunter2")), HasSubstr("to log in"), HasSubstr("string: such as token=<redacted>")));
  EXPECT_THAT(world.text("explain", R"({"kind":"widgets","field":"password"})"),
              AllOf(Not(HasSubstr("Hunter2")), HasSubstr("https://u:<redacted>@h/")));
}

}  // namespace
}  // namespace fairlead::ops
