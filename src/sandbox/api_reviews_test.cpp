#include <gtest/gtest.h>

#include "sandbox/access_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string authorization = "/apis/authorization.k8s.io/v1";
const std::string token_reviews = "/apis/authentication.k8s.io/v1/tokenreviews";

std::string asking(std::string_view verb, std::string_view group, std::string_view resource, std::string_view space,
                   std::string_view more = "") {
  return R"({"verb":")" + std::string(verb) + R"(","group":")" + std::string(group) + R"(","resource":")" +
         std::string(resource) + R"(","namespace":")" + std::string(space) + "\"" + std::string(more) + "}";
}

TEST(Reviews, AreDiscoveredAndOnlyCreated) {
  AccessCluster cluster;
  json::value list = cluster.get(authorization).value();
  EXPECT_EQ(array_at(list, {"resources"}).size(), 4u);
  EXPECT_EQ(compact(*find(array_at(list, {"resources"})[0], "verbs")), R"(["create"])");
  for (std::string path : {authorization + "/selfsubjectaccessreviews", token_reviews}) {
    for (std::string method : {"GET", "PUT", "PATCH", "DELETE"})
      EXPECT_EQ(cluster.ask(method, path, "{}").status, 405) << method << path;
    EXPECT_EQ(cluster.get(path + "/x").status, 404);
    EXPECT_EQ(cluster.get(path + "?watch=1").status, 405);
  }
  EXPECT_EQ(cluster.ask("POST", authorization + "/localsubjectaccessreviews", "{}").status, 404);
}

TEST(Reviews, TellWhatOneMayDo) {
  AccessCluster cluster;
  cluster.bind("alice", "ClusterRole", "view", AccessCluster::user_subject("alice"));
  auto self = [&](const std::string& on) {
    return cluster.as("alice", "POST", authorization + "/selfsubjectaccessreviews",
                      R"({"spec":{"resourceAttributes":)" + on + "}}");
  };
  Reply yes = self(asking("list", "", "pods", "shop"));
  EXPECT_EQ(yes.status, 201);
  EXPECT_EQ(
      yes.body,
      R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{"resourceAttributes":{"verb":"list","resource":"pods","namespace":"shop"}},)"
      R"("status":{"allowed":true,"reason":"RBAC: allowed by RoleBinding \"alice/shop\" of ClusterRole \"view\" to User \"alice\""}})"
      "\n");
  EXPECT_FALSE(flag_at(self(asking("list", "", "secrets", "shop")).value(), {"status", "allowed"}));
  EXPECT_FALSE(flag_at(self(asking("list", "", "pods", "")).value(), {"status", "allowed"}));
  EXPECT_FALSE(flag_at(self(asking("*", "", "pods", "shop")).value(), {"status", "allowed"}));
  EXPECT_TRUE(flag_at(self(asking("get", "", "pods", "shop", R"(,"subresource":"log","name":"x")")).value(),
                      {"status", "allowed"}));
  json::value path = cluster
                         .as("alice", "POST", authorization + "/selfsubjectaccessreviews",
                             R"({"spec":{"nonResourceAttributes":{"path":"/apis/x","verb":"get"}}})")
                         .value();
  EXPECT_TRUE(flag_at(path, {"status", "allowed"}));
  // Whatever the answer is, others may not ask about others.
  const std::string about_bob = R"({"spec":{"user":"bob","groups":["system:masters"],"resourceAttributes":)" +
                                asking("get", "", "pods", "shop") + "}}";
  EXPECT_EQ(cluster.as("alice", "POST", authorization + "/subjectaccessreviews", about_bob).status, 403);
  EXPECT_TRUE(
      flag_at(cluster.ask("POST", authorization + "/subjectaccessreviews", about_bob).value(), {"status", "allowed"}));
  const std::string local = authorization + "/namespaces/shop/localsubjectaccessreviews";
  const std::string about_alice =
      R"({"spec":{"user":"alice","resourceAttributes":)" + asking("get", "", "pods", "shop") + "}}";
  EXPECT_TRUE(flag_at(cluster.ask("POST", local, about_alice).value(), {"status", "allowed"}));
}

TEST(Reviews, AreValidated) {
  AccessCluster cluster;
  auto ask = [&](const std::string& resource, const std::string& body) {
    return cluster.ask("POST", authorization + "/" + resource, body).message();
  };
  EXPECT_EQ(
      ask("selfsubjectaccessreviews", "{}"),
      R"(.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified)");
  EXPECT_EQ(ask("selfsubjectaccessreviews",
                R"({"metadata":{"name":"x"},"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}})"),
            R"(.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty)");
  EXPECT_EQ(
      ask("subjectaccessreviews", R"({"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}})"),
      R"(.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified)");
  EXPECT_EQ(
      ask("namespaces/shop/localsubjectaccessreviews",
          R"({"spec":{"user":"a","resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}})"),
      R"(.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace)");
  EXPECT_EQ(ask("selfsubjectrulesreviews", "{}"), "no namespace on request");
  EXPECT_EQ(
      cluster.ask("POST", authorization + "/selfsubjectaccessreviews", R"({"kind":"Pod","apiVersion":"v1"})").status,
      400);
  EXPECT_EQ(cluster.ask("POST", authorization + "/selfsubjectaccessreviews", R"({"spec":[]})").status, 400);
}

TEST(Reviews, ListRules) {
  AccessCluster cluster;
  cluster.bind("alice", "ClusterRole", "view", AccessCluster::user_subject("alice"));
  cluster.bind("broken", "Role", "none", AccessCluster::user_subject("alice"));
  auto rules = [&](std::string_view space) {
    return cluster
        .as("alice", "POST", authorization + "/selfsubjectrulesreviews",
            R"({"spec":{"namespace":")" + std::string(space) + R"("}})")
        .value();
  };
  json::value here = rules("shop"), there = rules("default");
  EXPECT_GT(array_at(here, {"status", "resourceRules"}).size(), array_at(there, {"status", "resourceRules"}).size());
  EXPECT_EQ(
      compact(array_at(there, {"status", "resourceRules"})),
      R"([{"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]},)"
      R"({"verbs":["create"],"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"]}])");
  EXPECT_EQ(array_at(there, {"status", "nonResourceRules"}).size(), 2u);
  EXPECT_EQ(text_at(here, {"status", "evaluationError"}), R"(role.rbac.authorization.k8s.io "none" not found)");
}

TEST(Reviews, TellWhoseTokenItIs) {
  AccessCluster cluster;
  auto review = [&](const std::string& token, const std::string& audiences = "[]") {
    return cluster.ask("POST", token_reviews, R"({"spec":{"token":")" + token + R"(","audiences":)" + audiences + "}}")
        .value();
  };
  json::value good = review(cluster.token_of("default"));
  EXPECT_TRUE(flag_at(good, {"status", "authenticated"}));
  EXPECT_EQ(text_at(good, {"status", "user", "username"}), "system:serviceaccount:default:default");
  EXPECT_EQ(compact(array_at(good, {"status", "audiences"})), R"(["https://kubernetes.default.svc.cluster.local"])");
  // Go's clients ask in protobuf.
  const Message& message = *Schema::builtin().message("SelfSubjectReview");
  Reply who = cluster.ask_with("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                               {{"Authorization", "Bearer " + cluster.token_of("default")},
                                {"Content-Type", "application/vnd.kubernetes.protobuf"},
                                {"Accept", "application/vnd.kubernetes.protobuf,application/json"}},
                               envelope("authentication.k8s.io/v1", "SelfSubjectReview", ""));
  auto decoded = decode(message, unwrap(who.body).value().raw);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(array_at(*decoded, {"status", "userInfo", "extra", "authentication.kubernetes.io/credential-id"}).size(),
            1u);
  EXPECT_EQ(encode(message, *decoded).value(), unwrap(who.body)->raw);
  EXPECT_EQ(cluster
                .ask("POST", authorization + "/subjectaccessreviews",
                     R"({"spec":{"user":"a","extra":{"b":["c"]},"nonResourceAttributes":{"path":"/"}}})")
                .status,
            201);
  EXPECT_EQ(cluster
                .ask("POST", authorization + "/subjectaccessreviews",
                     R"({"spec":{"user":"a","extra":{"b":[1]},"nonResourceAttributes":{"path":"/"}}})")
                .status,
            400);
  json::value bad = review("wrong");
  EXPECT_FALSE(flag_at(bad, {"status", "authenticated"}));
  EXPECT_EQ(text_at(bad, {"status", "error"}), "invalid bearer token");
  std::string vault = cluster.token_of("default", R"({"audiences":["vault","x"]})");
  EXPECT_FALSE(flag_at(review(vault), {"status", "authenticated"}));
  EXPECT_EQ(compact(array_at(review(vault, R"(["y","vault"])"), {"status", "audiences"})), R"(["vault"])");
  EXPECT_TRUE(flag_at(review("the-token"), {"status", "authenticated"}));
  EXPECT_EQ(cluster.ask("POST", token_reviews, "{}").status, 400);
}

}  // namespace
}  // namespace fairlead::sandbox
