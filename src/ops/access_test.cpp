// can_i and who_can over an API server that answers what the test says.
#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::list;
using testing::Message;
using testing::meta;
using ::testing::Not;
using testing::refusal;
using testing::World;

const std::string kApi = "/apis/authorization.k8s.io/v1/";
const std::string kRbac = "/apis/rbac.authorization.k8s.io/v1/";

Answer json_answer(std::string body) { return {.body = std::move(body)}; }

std::vector<std::pair<std::string, Answer>> with_discovery(std::vector<std::pair<std::string, Answer>> answers) {
  answers.emplace_back("GET /api", json_answer(R"({"kind":"APIVersions","versions":["v1"]})"));
  answers.emplace_back("GET /apis", json_answer(R"({"kind":"APIGroupList","groups":[
      {"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],
       "preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]})"));
  answers.emplace_back("GET /api/v1", json_answer(R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
      {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","delete"],
       "shortNames":["po"]},
      {"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]},
      {"name":"namespaces","singularName":"","namespaced":false,"kind":"Namespace","verbs":["get","list","delete"]},
      {"name":"nodes","singularName":"","namespaced":false,"kind":"Node","verbs":["get","list"]}]})"));
  answers.emplace_back("GET /apis/apps/v1",
                       json_answer(R"({"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
      {"name":"deployments","singularName":"","namespaced":true,"kind":"Deployment","verbs":["get"],
       "shortNames":["deploy"]},
      {"name":"deployments/scale","singularName":"","namespaced":true,"kind":"Scale","verbs":["get","patch"]}]})"));
  return answers;
}

Answer allowed(bool yes, std::string reason = "") {
  const std::string text = yes ? "true" : "false";
  return json_answer(R"({"kind":"SelfSubjectAccessReview","status":{"allowed":)" + text + R"(,"reason":")" + reason +
                     R"("}})");
}

std::string last_body(World& world) { return world.api.requests.back().body; }

TEST(CanI, AsksTheServer) {
  World world(with_discovery({{"POST " + kApi + "selfsubjectaccessreviews", allowed(true, "RBAC: allowed by x")}}));
  EXPECT_EQ(
      world.text("can_i", R"({"verb":"get","resource":"po/log","namespace":"shop","name":"web-0"})"),
      "verb: get\nresource: pods/log\nnamespace: shop\nname: web-0\nallowed: true\nreason: \"RBAC: allowed by x\"\n");
  EXPECT_EQ(last_body(world),
            R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":)"
            R"({"verb":"get","resource":"pods","subresource":"log","namespace":"shop","name":"web-0"}}})");
}

TEST(CanI, WithoutANamespaceTellsOfBoth) {
  World world(with_discovery({{"POST " + kApi + "selfsubjectaccessreviews", allowed(true)},
                              {"POST " + kApi + "selfsubjectaccessreviews", allowed(false)}}));
  EXPECT_EQ(world.text("can_i", R"({"verb":"patch","resource":"deployments/scale.apps"})"),
            "verb: patch\nresource: deployments/scale.apps\nnamespace: default\nallowed: true\n"
            "in_all_namespaces: false\n");
  EXPECT_THAT(last_body(world), Not(HasSubstr("namespace")));
}

TEST(CanI, KindsThatAreInNoNamespaceAndPaths) {
  World world(with_discovery({{"POST " + kApi + "selfsubjectaccessreviews", allowed(false)}}));
  EXPECT_EQ(world.text("can_i", R"({"verb":"list","resource":"nodes"})"),
            "verb: list\nresource: nodes\nallowed: false\n");
  EXPECT_EQ(world.text("can_i", R"({"verb":"get","resource":"/metrics"})"),
            "verb: get\nresource: /metrics\nallowed: false\n");
  EXPECT_THAT(last_body(world), HasSubstr(R"("nonResourceAttributes":{"verb":"get","path":"/metrics"})"));
  world.text("can_i", R"({"verb":"get","resource":"namespaces","name":"shop"})");
  EXPECT_THAT(last_body(world), HasSubstr(R"("namespace":"shop","name":"shop")"))
      << "for the API server a request for a namespace is one in it";
  world.text("can_i", R"({"verb":"*","resource":"*"})");
  EXPECT_THAT(last_body(world), HasSubstr(R"({"verb":"*","resource":"*","group":"*"})"));
}

TEST(CanI, AGroupSparesTheLookUp) {
  World world({{"POST " + kApi + "selfsubjectaccessreviews", allowed(true)}});
  EXPECT_EQ(world.text("can_i", R"({"verb":"impersonate","resource":"users","group":"core"})"),
            "verb: impersonate\nresource: users\nallowed: true\n");
  world.text("can_i", R"({"verb":"get","resource":"deployments/scale","group":"apps","namespace":"shop"})");
  EXPECT_THAT(last_body(world), HasSubstr(R"("resource":"deployments","group":"apps","subresource":"scale",)"));
  EXPECT_EQ(world.api.requests.size(), 2u);
}

TEST(CanI, Refuses) {
  World world(with_discovery({}));
  const auto refused = [&](std::string_view arguments) { return world.text("can_i", arguments); };
  EXPECT_THAT(
      refused(R"({"verb":"lst","resource":"pods"})"),
      HasSubstr("invalid_request: can_i: pods have no verb 'lst'. Did you mean list? They have get, list, delete"));
  EXPECT_THAT(refused(R"({"verb":"list","resource":"pods/log"})"),
              HasSubstr("pods/log have no verb 'list'. They have get"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"pods/logs"})"),
              HasSubstr("not_found: can_i: pods have no subresource 'logs'. They have pods/log"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"nodes/proxy"})"), HasSubstr("They have none"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"podz"})"), HasSubstr("not_found"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"pods/log/x"})"), HasSubstr("there is no resource 'pods/log/x'"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"pods/../x"})"), HasSubstr("there is no resource"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"pods\u202e"})"), HasSubstr("there is no resource"));
  EXPECT_THAT(refused(R"({"verb":"g t","resource":"pods"})"), HasSubstr("there is no verb 'g t'"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"nodes","namespace":"shop"})"),
              HasSubstr("nodes are in no namespace"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"/metrics","namespace":"shop"})"),
              HasSubstr("a path is in no namespace"));
  EXPECT_THAT(refused(R"({"verb":"get","resource":"/metrics?x=1"})"), HasSubstr("there is no path"));
  EXPECT_THAT(refused(R"({"verb":"get"})"), HasSubstr("verb is given without resource"));
  EXPECT_THAT(refused(R"({"resource":"pods"})"), HasSubstr("resource is given without verb"));
  EXPECT_THAT(refused(R"({"name":"web"})"), HasSubstr("name and group say nothing"));
}

TEST(CanI, ListsAllThatMayBeDone) {
  World world({{"POST " + kApi + "selfsubjectrulesreviews", json_answer(R"({"kind":"SelfSubjectRulesReview","status":{
      "incomplete":true,"resourceRules":[
        {"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]},
        {"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]},
        {"verbs":["get"],"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["web"]},
        {"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],
      "nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz"]}]}})")}});
  EXPECT_EQ(world.text("can_i", R"({"namespace":"shop"})"),
            "RESOURCES VERBS NAMES URLS\n*.* *\ndeployments.apps get web\npods,pods/log get,list\n"
            "- get - /healthz\n# what may be done in namespace shop, cluster-wide rights included\n"
            "# the list is incomplete: not every authorizer of this cluster can tell its rules\n");
  EXPECT_THAT(last_body(world), HasSubstr(R"("spec":{"namespace":"shop"})"));
}

Message rule(std::string_view verb, std::string_view resource, std::string_view name = "") {
  Message out = Message().text(1, verb).text(2, "").text(3, resource);
  return name.empty() ? std::move(out) : std::move(out).text(4, name);
}
Message role(std::string_view ns, std::string_view name, const Message& one_rule) {
  return Message().message(1, meta(ns, name)).message(2, one_rule);
}
Message subject(std::string_view kind, std::string_view name, std::string_view ns = "") {
  return Message().text(1, kind).text(3, name).text(4, ns);
}
Message binding(std::string_view ns, std::string_view name, std::string_view kind, std::string_view to,
                const Message& who) {
  return Message().message(1, meta(ns, name)).message(2, who).message(3, Message().text(2, kind).text(3, to));
}

Answer roles(std::string_view kind, const std::vector<Message>& items) {
  return list("rbac.authorization.k8s.io/v1", kind, items);
}
Answer forbidden() { return refusal(403, "Forbidden", "no"); }

using Answers = std::vector<std::pair<std::string, Answer>>;

Answers cluster_roles() {
  return {{"GET " + kRbac + "clusterroles",
           roles("ClusterRoleList", {role("", "killer", rule("delete", "pods")), role("", "admin", rule("*", "*"))})},
          {"GET " + kRbac + "clusterrolebindings",
           roles("ClusterRoleBindingList",
                 {binding("", "everybody", "ClusterRole", "killer", subject("Group", "system:authenticated"))})}};
}

TEST(WhoCan, TellsBindingsRolesAndNames) {
  Answers answers = cluster_roles();
  answers.push_back({"GET " + kRbac + "namespaces/shop/roles",
                     roles("RoleList", {role("shop", "one", rule("delete", "pods", "web-0"))})});
  answers.push_back({"GET " + kRbac + "namespaces/shop/rolebindings",
                     roles("RoleBindingList",
                           {binding("shop", "b", "Role", "one", subject("User", "alice")),
                            binding("shop", "c", "ClusterRole", "admin", subject("ServiceAccount", "web", "other"))})});
  World world(with_discovery(answers));
  const std::string text = world.text("who_can", R"({"verb":"delete","resource":"pods","namespace":"shop"})");
  EXPECT_EQ(text,
            "KIND SUBJECT SUBJECT-NAMESPACE SCOPE BINDING ROLE NAMES\n"
            "Group system:authenticated - cluster ClusterRoleBinding/everybody ClusterRole/killer -\n"
            "ServiceAccount web other namespace/shop RoleBinding/c ClusterRole/admin -\n"
            "User alice - namespace/shop RoleBinding/b Role/one web-0\n"
            "Group system:masters - cluster - - -\n"
            "# 2 Groups, 1 ServiceAccount, 1 User: a Group stands for all its members, whom the API does not name; "
            "system:masters may do everything, without any role\n"
            "# whoever is logged in may do it, every ServiceAccount too\n");
}

TEST(WhoCan, KindsThatAreInNoNamespaceNeedNoRoles) {
  World world(with_discovery(cluster_roles()));
  const std::string text = world.text("who_can", R"({"verb":"get","resource":"nodes"})");
  EXPECT_THAT(text, HasSubstr("Group system:masters"));
  for (const auto& line : world.api.lines()) EXPECT_THAT(line, Not(HasSubstr("/roles")));
  EXPECT_THAT(world.text("who_can", R"({"verb":"get","resource":"nodes","namespace":"shop"})"),
              HasSubstr("nodes are in no namespace"));
}

TEST(WhoCan, SaysWhichNamespacesAreClosed) {
  Answers answers = cluster_roles();
  answers.push_back({"GET " + kRbac + "rolebindings", forbidden()});
  answers.push_back(
      {"GET /api/v1/namespaces",
       list("v1", "NamespaceList", {Message().message(1, meta("", "shop")), Message().message(1, meta("", "pay"))})});
  answers.push_back(
      {"GET " + kRbac + "namespaces/shop/roles", roles("RoleList", {role("shop", "one", rule("delete", "pods"))})});
  answers.push_back({"GET " + kRbac + "namespaces/shop/rolebindings",
                     roles("RoleBindingList", {binding("shop", "b", "Role", "one", subject("User", "alice"))})});
  answers.push_back({"GET " + kRbac + "namespaces/pay/rolebindings", forbidden()});
  World world(with_discovery(answers));
  const std::string text = world.text("who_can", R"({"verb":"delete","resource":"pods"})");
  EXPECT_THAT(text, HasSubstr("User alice"));
  EXPECT_THAT(text, HasSubstr("# Roles of 1 namespaces cannot be read: pay; who may do it there by those is not here"));
}

TEST(WhoCan, SaysWhatElseIsClosed) {
  const std::string arguments = R"({"verb":"delete","resource":"pods","namespace":"shop"})";
  World closed(with_discovery({{"GET " + kRbac + "clusterroles", forbidden()},
                               {"GET " + kRbac + "clusterrolebindings", forbidden()},
                               {"GET " + kRbac + "namespaces/shop/rolebindings", forbidden()}}));
  EXPECT_THAT(closed.text("who_can", arguments), HasSubstr("permission_denied"));

  Answers some = cluster_roles();
  some.push_back({"GET " + kRbac + "namespaces/shop/rolebindings", forbidden()});
  EXPECT_THAT(World(with_discovery(some)).text("who_can", arguments),
              HasSubstr("Roles of namespace shop cannot be read"));

  Answers no_bindings = cluster_roles();
  no_bindings[1].second = forbidden();
  no_bindings.push_back({"GET " + kRbac + "namespaces/shop/roles", roles("RoleList", {})});
  no_bindings.push_back({"GET " + kRbac + "namespaces/shop/rolebindings", roles("RoleBindingList", {})});
  EXPECT_THAT(World(with_discovery(no_bindings)).text("who_can", arguments),
              HasSubstr("ClusterRoleBindings cannot be read: who may do it in the whole cluster is not here"));
  no_bindings[0].second = forbidden();
  EXPECT_THAT(World(with_discovery(no_bindings)).text("who_can", arguments), HasSubstr("ClusterRoles cannot be read"));

  Answers no_names = cluster_roles();
  no_names.push_back({"GET " + kRbac + "rolebindings", forbidden()});
  no_names.push_back({"GET /api/v1/namespaces", forbidden()});
  EXPECT_THAT(World(with_discovery(no_names)).text("who_can", R"({"verb":"delete","resource":"pods"})"),
              HasSubstr("Roles and RoleBindings cannot be read in all namespaces"));

  Answers broken = cluster_roles();
  broken.push_back({"GET " + kRbac + "namespaces/shop/rolebindings", refusal(404, "NotFound", "gone")});
  EXPECT_THAT(World(with_discovery(broken)).text("who_can", arguments), HasSubstr("not_found"));
}

}  // namespace
}  // namespace fairlead::ops
