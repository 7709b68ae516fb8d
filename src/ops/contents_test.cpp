// What would go with an object that is deleted because a change made it.
#include "ops/contents.h"

#include <gmock/gmock.h>

#include "ops/objects_testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::parsed;

const ObjectRef kNamespace{"", "v1", "namespaces", "Namespace", "", "shop", {}, "u-1"},
    kDefinition{"apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions",
                "CustomResourceDefinition",
                "",
                "dogs.a.b",
                {},
                "u-1"},
    kClaim{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "shop", "d", {}, "u-1"},
    kVolume{"", "v1", "persistentvolumes", "PersistentVolume", "", "pv", {}, "u-1"};

class ContentsOf : public ::testing::Test {
 protected:
  ContentsOf() {
    answer("/api", R"({"kind":"APIVersions","versions":["v1"]})");
    answer("/apis", R"({"kind":"APIGroupList","groups":[)" + group("apps") + "," + group("events.k8s.io") + "," +
                        group("metrics.k8s.io") + "," + group("discovery.k8s.io") + "]}");
    answer("/api/v1",
           resources("v1", {resource("configmaps", "ConfigMap"), resource("secrets", "Secret"),
                            resource("serviceaccounts", "ServiceAccount"), resource("pods", "Pod"),
                            resource("events", "Event"), resource("endpoints", "Endpoints"),
                            resource("nodes", "Node", false), resource("bindings", "Binding", true, "create")}));
    answer("/apis/apps/v1",
           resources("apps/v1", {resource("deployments", "Deployment"), resource("replicasets", "ReplicaSet")}));
    answer("/apis/events.k8s.io/v1", resources("events.k8s.io/v1", {resource("events", "Event")}));
    answer("/apis/metrics.k8s.io/v1", resources("metrics.k8s.io/v1", {resource("pods", "PodMetrics")}));
    answer("/apis/discovery.k8s.io/v1",
           resources("discovery.k8s.io/v1", {resource("endpointslices", "EndpointSlice")}));
    const std::vector<std::string> core{"configmaps", "secrets", "serviceaccounts", "pods"};
    for (const auto& plural : core) holds("/api/v1/namespaces/shop/" + plural, "");
    holds("/apis/apps/v1/namespaces/shop/deployments", "");
    holds("/apis/apps/v1/namespaces/shop/replicasets", "");
  }
  static std::string group(const std::string& name) {
    return R"({"name":")" + name + R"(","versions":[{"groupVersion":")" + name +
           R"(/v1","version":"v1"}],"preferredVersion":{"groupVersion":")" + name + R"(/v1","version":"v1"}})";
  }
  static std::string resource(const std::string& plural, const std::string& kind, bool namespaced = true,
                              const std::string& verb = "list") {
    return R"({"name":")" + plural + R"(","singularName":"","kind":")" + kind + R"(","namespaced":)" +
           (namespaced ? "true" : "false") + R"(,"verbs":[")" + verb + R"("]})";
  }
  static std::string resources(const std::string& version, const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += (out.empty() ? "" : ",") + one;
    return R"({"kind":"APIResourceList","groupVersion":")" + version + R"(","resources":[)" + out + "]}";
  }
  void answer(const std::string& path, std::string body) { server.refused["GET " + path] = {.body = std::move(body)}; }
  void holds(const std::string& path, const std::string& items, const std::string& next = "") {
    answer(path, R"({"kind":"List","metadata":{"continue":")" + next + R"("},"items":[)" + items + "]}");
  }
  void fails(const std::string& path, int status, std::string reason) {
    server.refused["GET " + path] = testing::refusal(status, std::move(reason), "no");
  }
  static std::string item(const std::string& name, const std::string& owner = "", const std::string& more = "") {
    return R"({"metadata":{"name":")" + name + R"(","uid":"uid-)" + name + "\"" +
           (owner.empty() ? "" : R"(,"ownerReferences":[{"uid":"uid-)" + owner + R"("}])") + more + "}}";
  }
  Contents of(const ObjectRef& object, std::string_view created = "{}", std::string_view now = "{}",
              std::vector<std::string> own = {}) {
    const json::value then = parsed(created), is = parsed(now);
    return testing::in_call(server.api,
                            [&](Call& call) { return contents_of(call, object, then, is, std::move(own)); });
  }
  const std::string core = "/api/v1/namespaces/shop/", apps = "/apis/apps/v1/namespaces/shop/";
  testing::ObjectServer server;
};

TEST_F(ContentsOf, AnEmptyNamespaceHoldsNothing) {
  const Contents out = of(kNamespace);
  EXPECT_THAT(out.lines, IsEmpty());
  EXPECT_THAT(out.unknown, IsEmpty());
  EXPECT_THAT(out.uids, IsEmpty());
}

TEST_F(ContentsOf, ANamespaceIsCountedByKindWithoutAnyName) {
  holds(core + "configmaps", item("secret-plan") + "," + item("b"));
  holds(core + "pods", item("p"));
  const Contents out = of(kNamespace);
  EXPECT_THAT(out.lines, ElementsAre("holds 2 of kind ConfigMap by now, which would go with it",
                                     "holds 1 of kind Pod by now, which would go with it"));
  EXPECT_THAT(out.uids, ::testing::UnorderedElementsAre("uid-secret-plan", "uid-b", "uid-p"));
}

TEST_F(ContentsOf, WhatTheChangeMadeItselfGoesInAnyCaseAndWithItWhatItOwns) {
  holds(apps + "deployments", item("web"));
  holds(apps + "replicasets", item("web-1", "web"));
  holds(core + "pods", item("web-1-a", "web-1") + "," + item("theirs"));
  EXPECT_THAT(of(kNamespace, "{}", "{}", {"uid-web"}).lines,
              ElementsAre("holds 1 of kind Pod by now, which would go with it"));
  EXPECT_THAT(of(kNamespace).lines, ElementsAre("holds 1 of kind Deployment by now, which would go with it",
                                                "holds 1 of kind Pod by now, which would go with it"))
      << "what it owns is told by it";
  holds(core + "pods", item("web-1-a", "somewhere-else"));
  EXPECT_THAT(of(kNamespace, "{}", "{}", {"uid-web"}).lines, ElementsAre(HasSubstr("1 of kind Pod")));
}

TEST_F(ContentsOf, WhatComesByItselfIsNobodys) {
  holds(core + "serviceaccounts", item("default"));
  holds(core + "configmaps", item("kube-root-ca.crt"));
  holds(core + "secrets",
        R"({"type":"kubernetes.io/service-account-token","metadata":{"name":"default-token-x","uid":"u",
            "annotations":{"kubernetes.io/service-account.name":"default"}}})");
  EXPECT_THAT(of(kNamespace).lines, IsEmpty());
  holds(core + "serviceaccounts", item("default") + "," + item("builder"));
  holds(core + "secrets",
        R"({"type":"kubernetes.io/service-account-token","metadata":{"name":"builder-token-x","uid":"u",
            "annotations":{"kubernetes.io/service-account.name":"builder"}}},
           {"type":"Opaque","metadata":{"name":"s","uid":"s","annotations":{"kubernetes.io/service-account.name":"default"}}})");
  EXPECT_THAT(of(kNamespace).lines, ElementsAre(HasSubstr("2 of kind Secret"), HasSubstr("1 of kind ServiceAccount")));
}

TEST_F(ContentsOf, WhatIsDerivedAndWhatIsInNoNamespaceIsNotAskedFor) {
  of(kNamespace);
  for (const auto& line : server.api.lines())
    for (const char* not_asked :
         {"/namespaces/shop/events", "/endpoints", "/metrics.k8s.io/v1/namespaces", "/nodes", "/bindings"})
      EXPECT_THAT(line, ::testing::Not(HasSubstr(not_asked)));
}

TEST_F(ContentsOf, WhatCannotBeLookedAtIsSaidAndWhatIsNoKindAnyMoreIsNot) {
  fails(core + "secrets", 403, "Forbidden");
  fails(core + "configmaps", 500, "InternalError");
  fails(apps + "deployments", 404, "NotFound");
  const Contents out = of(kNamespace);
  EXPECT_THAT(out.unknown,
              ElementsAre("may hold objects of kind ConfigMap, which cannot be looked at (server_error)",
                          "may hold objects of kind Secret, which cannot be looked at (permission_denied)"));
  EXPECT_THAT(out.lines, IsEmpty());
}

TEST_F(ContentsOf, WithoutKnowingTheKindsNothingIsKnown) {
  fails("/api", 403, "Forbidden");
  fails("/apis", 403, "Forbidden");
  const Contents out = of(kNamespace);
  EXPECT_THAT(out.unknown, ElementsAre("may hold objects: what kinds there are is not known (permission_denied)"));
}

// One whose server is away lists nothing, and may hold anything.
TEST_F(ContentsOf, AGroupThatDoesNotAnswerIsSaid) {
  fails("/apis/apps/v1", 503, "ServiceUnavailable");
  EXPECT_THAT(of(kNamespace).unknown, ElementsAre(HasSubstr("apps/v1")));
}

TEST_F(ContentsOf, AllPagesAreCountedUpToAnEnd) {
  std::string items;
  for (int i = 0; i < 2500; ++i) items += (i ? "," : "") + item("c" + std::to_string(i));
  holds(core + "configmaps", items, "more");  // always one more
  const Contents out = of(kNamespace);
  EXPECT_THAT(out.lines, ElementsAre("holds 5000 of kind ConfigMap by now, which would go with it"));
  EXPECT_THAT(out.unknown, ElementsAre("holds more objects of kind ConfigMap than are looked at"));
  const auto lines = server.api.lines();
  EXPECT_THAT(lines, ::testing::Contains("GET " + core + "configmaps?limit=500&continue=more"));
}

TEST_F(ContentsOf, AKindHoldsItsObjectsOfAllNamespaces) {
  const std::string_view definition =
      R"({"spec":{"group":"a.b","names":{"plural":"dogs","kind":"Dog"},"versions":[{"name":"v1beta1","served":false},{"name":"v1","served":true},{"name":"v2","served":true}]}})";
  holds("/apis/a.b/v1/dogs", item("rex"));
  EXPECT_THAT(of(kDefinition, definition, definition).lines,
              ElementsAre("holds 1 of kind Dog by now, which would go with it"));
  EXPECT_THAT(of(kDefinition, definition, definition, {"uid-rex"}).lines, IsEmpty());
  fails("/apis/a.b/v1/dogs", 404, "NotFound");
  EXPECT_THAT(of(kDefinition, definition, definition).unknown, IsEmpty()) << "it was never established";
  fails("/apis/a.b/v1/dogs", 403, "Forbidden");
  EXPECT_THAT(of(kDefinition, definition, definition).unknown, ElementsAre(HasSubstr("kind Dog")));
}

TEST_F(ContentsOf, AClaimHoldsTheVolumeThatItWasBoundTo) {
  EXPECT_THAT(of(kClaim, R"({"spec":{}})", R"({"spec":{}})").lines, IsEmpty());
  EXPECT_THAT(of(kClaim, R"({"spec":{}})", R"({"spec":{"volumeName":"pv-1"}})").lines,
              ElementsAre("is bound to the volume pv-1 by now, and what is on that may go with it"));
  EXPECT_THAT(of(kClaim, R"({"spec":{"volumeName":"pv-1"}})", R"({"spec":{"volumeName":"pv-1"}})").lines, IsEmpty())
      << "it was asked for";
}

TEST_F(ContentsOf, AVolumeHoldsAClaim) {
  constexpr std::string_view claimed = R"({"spec":{"claimRef":{"name":"d"}}})";
  EXPECT_THAT(of(kVolume, R"({"spec":{}})", claimed).lines,
              ElementsAre("is bound to a claim by now, and what is on it may go with it"));
  EXPECT_THAT(of(kVolume, claimed, claimed).lines, IsEmpty());
}

TEST_F(ContentsOf, OtherKindsHoldNothingAndNothingIsRead) {
  const Contents out = of({"", "v1", "configmaps", "ConfigMap", "shop", "c", {}, "u-1"});
  EXPECT_THAT(out.lines, IsEmpty());
  EXPECT_THAT(out.unknown, IsEmpty());
  EXPECT_THAT(server.api.requests, IsEmpty());
}

}  // namespace
}  // namespace fairlead::ops
