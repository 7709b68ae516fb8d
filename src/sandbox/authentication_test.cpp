#include "sandbox/authentication.h"

#include <gtest/gtest.h>

#include "sandbox/access_test_support.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view who_path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

std::string who(const Reply& reply) {
  json::value value = reply.value();
  const json::value* user = find(value, "status", "userInfo");
  return user ? compact(*user) : reply.message();
}

TEST(Authentication, KnowsCertificatesTokensAndNobody) {
  AccessCluster cluster;
  EXPECT_EQ(who(cluster.as("alice", "POST", std::string(who_path), "{}", {"dev", "ops"})),
            R"({"username":"alice","groups":["dev","ops","system:authenticated"]})");
  EXPECT_EQ(who(cluster.ask("POST", std::string(who_path), "{}")),
            R"({"username":"sandbox-token","groups":["system:masters","system:authenticated"]})");
  std::string token = cluster.token_of("default");
  json::value robot =
      cluster.ask_with("POST", std::string(who_path), {{"Authorization", "bEaReR " + token}}, "{}").value();
  EXPECT_EQ(text_at(robot, {"status", "userInfo", "username"}), "system:serviceaccount:default:default");
  EXPECT_EQ(compact(*find(robot, "status", "userInfo", "groups")),
            R"(["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"])");
  EXPECT_TRUE(array_at(robot, {"status", "userInfo", "extra", "authentication.kubernetes.io/credential-id"})[0]
                  .get_string()
                  .starts_with("JTI="));
  // Nobody may ask who they are; a certificate counts before a token.
  Reply nobody = cluster.ask_with("POST", std::string(who_path), {}, "{}");
  EXPECT_EQ(nobody.status, 403);
  EXPECT_EQ(nobody.message(),
            "selfsubjectreviews.authentication.k8s.io is forbidden: User \"system:anonymous\" cannot create resource "
            "\"selfsubjectreviews\" in API group "
            "\"authentication.k8s.io\" at the cluster scope");
  EXPECT_EQ(cluster.ask_with("GET", "/api", {{"Authorization", "Bearer wrong"}}, "", {"alice", {}}).status, 200);
}

TEST(Authentication, LetsNobodySeeHealthAndVersionOnly) {
  AccessCluster cluster;
  for (std::string path : {"/healthz", "/livez", "/readyz", "/version", "/version/"})
    EXPECT_EQ(cluster.ask_with("GET", path, {}).status, 200) << path;
  for (std::string path : {"/", "/api", "/apis", "/api/v1", "/nope", "/HEALTHZ", "/healthz/../api", "/livez/ping",
                           "/metrics", "//healthz", "/version/x"}) {
    Reply reply = cluster.ask_with("GET", path, {});
    EXPECT_EQ(reply.status, 403) << path;
    EXPECT_EQ(reply.message(), "forbidden: User \"system:anonymous\" cannot get path \"" + path + "\"");
  }
  EXPECT_EQ(cluster.ask_with("POST", "/version", {}).message(),
            R"(forbidden: User "system:anonymous" cannot post path "/version")");
  EXPECT_EQ(
      cluster.ask_with("GET", "/api", {}).body,
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"forbidden: User \"system:anonymous\" cannot get path \"/api\"","reason":"Forbidden","details":{},"code":403})"
      "\n");
}

TEST(Impersonation, TakesUsersGroupsAccountsUidsAndExtras) {
  AccessCluster cluster;
  auto acting = [&](std::vector<net::HttpHeader> headers) {
    return who(cluster.acting(std::move(headers), "POST", std::string(who_path), "{}"));
  };
  EXPECT_EQ(acting({{"Impersonate-User", "bob"}}), R"({"username":"bob","groups":["system:authenticated"]})");
  EXPECT_EQ(acting({{"impersonate-user", "bob"}, {"IMPERSONATE-GROUP", "a"}, {"Impersonate-Group", "b"}}),
            R"({"username":"bob","groups":["a","b","system:authenticated"]})");
  EXPECT_EQ(
      acting({{"Impersonate-User", "system:serviceaccount:shop:default"}}),
      R"({"username":"system:serviceaccount:shop:default","groups":["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"]})");
  EXPECT_EQ(acting({{"Impersonate-User", "bob"},
                    {"Impersonate-Uid", "7"},
                    {"Impersonate-Extra-Acme%2ftEam", "x"},
                    {"Impersonate-Extra-acme%2Fteam", "y"}}),
            R"({"username":"bob","uid":"7","groups":["system:authenticated"],"extra":{"acme/team":["x","y"]}})");
  // As nobody, one is nobody.
  Reply nobody = cluster.acting({{"Impersonate-User", "system:anonymous"}}, "GET", "/api");
  EXPECT_EQ(nobody.message(), R"(forbidden: User "system:anonymous" cannot get path "/api")");
  Reply headless = cluster.acting({{"Impersonate-Group", "system:masters"}}, "GET", "/api");
  EXPECT_EQ(headless.status, 500);
  EXPECT_EQ(headless.body,
            "Internal Server Error: \"/api\": requested [{Group  system:masters    }] without impersonating a user\n");
}

TEST(Impersonation, NeedsTheRight) {
  AccessCluster cluster;
  auto try_as = [&](std::vector<net::HttpHeader> headers) {
    return cluster.ask_with("GET", "/api/v1/namespaces/shop/pods", std::move(headers), "", {"alice", {}});
  };
  Reply refused = try_as({{"Impersonate-User", "bob"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      refused.message(),
      R"(users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope)");
  cluster.role("actor", R"([{"verbs":["impersonate"],"apiGroups":[""],"resources":["users"],"resourceNames":["bob"]}])",
               "");
  cluster.bind("actor", "ClusterRole", "actor", AccessCluster::user_subject("alice"), "");
  EXPECT_EQ(try_as({{"Impersonate-User", "bob"}}).message(),
            R"(pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "shop")");
  EXPECT_EQ(
      try_as({{"Impersonate-User", "carol"}}).message(),
      R"(users "carol" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope)");
  EXPECT_EQ(
      try_as({{"Impersonate-User", "bob"}, {"Impersonate-Group", "system:masters"}}).message(),
      R"(groups "system:masters" is forbidden: User "alice" cannot impersonate resource "groups" in API group "" at the cluster scope)");
  EXPECT_EQ(try_as({{"Impersonate-User", "bob"}, {"Impersonate-Extra-Scopes", "all"}}).message(),
            "userextras.authentication.k8s.io \"all\" is forbidden: User \"alice\" cannot impersonate resource "
            "\"userextras/scopes\" in API group "
            "\"authentication.k8s.io\" at the cluster scope");
  EXPECT_EQ(try_as({{"Impersonate-User", "bob"}, {"Impersonate-Uid", "1"}}).message(),
            "uids.authentication.k8s.io \"1\" is forbidden: User \"alice\" cannot impersonate resource \"uids\" in API "
            "group \"authentication.k8s.io\" at the cluster scope");
  EXPECT_EQ(try_as({{"Impersonate-User", "system:serviceaccount:shop:default"}}).message(),
            "serviceaccounts \"default\" is forbidden: User \"alice\" cannot impersonate resource \"serviceaccounts\" "
            "in API group \"\" in the namespace \"shop\"");
  // Wrong credentials are no way to impersonation.
  EXPECT_EQ(cluster.ask_with("GET", "/api", {{"Authorization", "Bearer wrong"}, {"Impersonate-User", "bob"}}).status,
            401);
  EXPECT_EQ(
      cluster.ask_with("GET", "/api", {{"Impersonate-User", "bob"}}).message(),
      R"(users "bob" is forbidden: User "system:anonymous" cannot impersonate resource "users" in API group "" at the cluster scope)");
}

}  // namespace
}  // namespace fairlead::sandbox
