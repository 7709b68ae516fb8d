#include "kube/discovery.h"

#include <gmock/gmock.h>

#include <map>

#include "kube/fake_api.h"

namespace fairlead::kube {
namespace {

using net::testing::patience;
using testing::Answer;
using ::testing::ElementsAre;
using testing::FakeApi;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::refusal;

FakeApi::Handler documents(std::map<std::string, Answer> by_target) {
  return [by_target = std::move(by_target)](const net::HttpRequest& request) {
    auto found = by_target.find(request.target);
    return found == by_target.end() ? refusal(404, "NotFound", "the server could not find the requested resource")
                                    : found->second;
  };
}

Result<Discovery> discovered(FakeApi& api) { return api.run(discover(api.client(), patience())); }

std::vector<std::string> names(const Discovery& discovery) {
  std::vector<std::string> out;
  for (const auto& resource : discovery.resources) out.push_back(resource.group_version() + " " + resource.plural);
  return out;
}

std::string aggregated(std::string version, std::string items) {
  return R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/)" + version +
         R"(","metadata":{},"items":[)" + items + "]}";
}

const std::string kCore =
    R"({"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[{"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["get","list"],"shortNames":["po"],"subresources":[{"subresource":"log","verbs":["get"]}]},{"resource":"nodes","responseKind":{"kind":"Node"},"scope":"Cluster","verbs":["list"]}]}]})";
const std::string kApps =
    R"({"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[{"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced","verbs":[]}]},{"version":"v1beta1","freshness":"Stale"}]})";

TEST(Discovery, Aggregated) {
  for (std::string version : {"v2", "v2beta1"}) {
    FakeApi api(
        documents({{"/api", {.body = aggregated(version, kCore)}}, {"/apis", {.body = aggregated(version, kApps)}}}));
    auto discovery = discovered(api);
    ASSERT_TRUE(discovery) << discovery.error().sentence();
    EXPECT_THAT(names(*discovery), ElementsAre("v1 pods", "v1 nodes", "apps/v1 deployments"));
    EXPECT_THAT(discovery->unavailable, ElementsAre(HasSubstr("apps/v1beta1: ")));
    const auto& pods = discovery->resources[0];
    EXPECT_EQ(pods.kind, "Pod");
    EXPECT_EQ(pods.singular, "pod");
    EXPECT_TRUE(pods.namespaced);
    EXPECT_FALSE(discovery->resources[1].namespaced);
    EXPECT_THAT(pods.verbs, ElementsAre("get", "list"));
    EXPECT_THAT(pods.short_names, ElementsAre("po"));
    EXPECT_THAT(api.lines(), ElementsAre("GET /api", "GET /apis"));
    EXPECT_THAT(api.requests[0].header("Accept"), HasSubstr("g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
  }
}

const Answer kVersions{.body = R"({"kind":"APIVersions","versions":["v1"]})"};
const Answer kGroups{.body = R"({"kind":"APIGroupList","groups":[
  {"name":"autoscaling","versions":[{"groupVersion":"autoscaling/v1"},{"groupVersion":"autoscaling/v2"}],"preferredVersion":{"groupVersion":"autoscaling/v2"}},
  {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1"}],"preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1"}}]})"};
Answer resource_list(std::string group_version, std::string plural) {
  return {.body = R"({"kind":"APIResourceList","groupVersion":")" + group_version + R"(","resources":[{"name":")" +
                  plural + R"(","kind":"K","namespaced":true,"verbs":["get"]},{"name":")" + plural +
                  R"(/status","kind":"K"}]})"};
}

TEST(Discovery, LegacyWithOneGroupUnavailable) {
  FakeApi api(
      documents({{"/api", kVersions},
                 {"/apis", kGroups},
                 {"/api/v1", resource_list("v1", "pods")},
                 {"/apis/autoscaling/v1", resource_list("autoscaling/v1", "hpas")},
                 {"/apis/autoscaling/v2", resource_list("autoscaling/v2", "hpas")},
                 {"/apis/metrics.k8s.io/v1beta1",
                  refusal(503, "ServiceUnavailable", "the server is currently unable to handle the request")}}));
  auto discovery = discovered(api);
  ASSERT_TRUE(discovery) << discovery.error().sentence();
  EXPECT_THAT(names(*discovery), ElementsAre("v1 pods", "autoscaling/v2 hpas", "autoscaling/v1 hpas"));
  EXPECT_THAT(discovery->unavailable, ElementsAre("metrics.k8s.io/v1beta1: the server answered 503"));
}

// Nothing that a server names leads a request with our credentials elsewhere on it.
TEST(Discovery, NamesThatAreNoneAreNotAskedFor) {
  const Answer versions{.body = R"({"kind":"APIVersions","versions":["../v2","v1"]})"};
  const Answer groups{.body = R"({"kind":"APIGroupList","groups":[
    {"name":"a","versions":[{"groupVersion":"../../x/v1"},{"groupVersion":"a/v1?x=y"},{"groupVersion":"a/b/c"},{"groupVersion":"a/.."}],"preferredVersion":{"groupVersion":"a/v1#"}},
    {"name":"b","versions":[{"groupVersion":"b/v1"}],"preferredVersion":{"groupVersion":"b/v1"}}]})"};
  FakeApi api(documents({{"/api", versions},
                         {"/apis", groups},
                         {"/api/v1", resource_list("v1", "po ds")},
                         {"/apis/b/v1", resource_list("b/v1", "things")}}));
  auto discovery = discovered(api);
  ASSERT_TRUE(discovery);
  EXPECT_THAT(names(*discovery), ElementsAre("b/v1 things"));
  EXPECT_THAT(api.lines(), ::testing::UnorderedElementsAre("GET /api", "GET /apis", "GET /api/v1", "GET /apis/b/v1"));
}

TEST(Discovery, HalfAggregated) {
  FakeApi api(documents({{"/api", {.body = aggregated("v2", kCore)}},
                         {"/apis", kGroups},
                         {"/apis/autoscaling/v2", resource_list("autoscaling/v2", "hpas")}}));
  auto discovery = discovered(api);
  ASSERT_TRUE(discovery);
  EXPECT_THAT(names(*discovery), ElementsAre("v1 pods", "v1 nodes", "autoscaling/v2 hpas"));
  EXPECT_EQ(discovery->unavailable.size(), 2u);
}

TEST(Discovery, ServersThatAreNone) {
  FakeApi other(documents({{"/api", {}}, {"/apis", {}}}));
  EXPECT_EQ(discovered(other).error().code, ErrorCode::server_error);
  FakeApi denied(documents({{"/api", refusal(403, "Forbidden", "no")}}));
  EXPECT_EQ(discovered(denied).error().code, ErrorCode::permission_denied);
  std::string groups;
  for (int i = 0; i < 2000; ++i)
    groups +=
        (i ? "," : "") + std::string(R"({"preferredVersion":{"groupVersion":"g)") + std::to_string(i) + R"(/v1"}})";
  FakeApi endless(documents({{"/api", kVersions}, {"/apis", {.body = R"({"groups":[)" + groups + "]}"}}}));
  EXPECT_EQ(discovered(endless).error().code, ErrorCode::server_error);
  EXPECT_EQ(endless.requests.size(), 2u);
}

TEST(Discovery, DocumentsOfAnyShape) {
  for (std::string_view text : {"null", "5", "[]", "{}", R"({"kind":"APIGroupDiscoveryList","items":5})",
                                R"({"kind":"APIGroupDiscoveryList","items":[5,{"versions":[5,{"resources":[5,{}]}]}]})",
                                R"({"kind":"APIResourceList","groupVersion":5,"resources":[5,{},{"name":5}]})"}) {
    Discovery discovery;
    json::value document = parse_json(text, "test").value();
    add_aggregated(document, discovery);
    add_resource_list(document, discovery);
    EXPECT_THAT(discovery.resources, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace fairlead::kube
