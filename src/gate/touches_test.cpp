#include "gate/touches.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::gate {
namespace {

using ops::Trust;
using testing::Contains;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

kube::ApiResource kind_of(std::string group, std::string plural, bool namespaced) {
  kube::ApiResource out;
  out.group = std::move(group);
  out.plural = std::move(plural);
  out.namespaced = namespaced;
  return out;
}
const kube::ApiResource kSecrets = kind_of("", "secrets", true), kNodes = kind_of("", "nodes", false),
                        kNamespaces = kind_of("", "namespaces", false),
                        kVolumes = kind_of("", "persistentvolumes", false),
                        kClasses = kind_of("storage.k8s.io", "storageclasses", false),
                        kIssuers = kind_of("cert-manager.io", "clusterissuers", false);

std::string text(const Touch& touch) {
  return touch.resource + (touch.group.empty() ? "" : "." + touch.group) + " in " +
         (touch.ns.empty() ? "-" : touch.ns) + (touch.name.empty() ? "" : " " + touch.name);
}

class TouchesTest : public testing::Test {
 protected:
  std::vector<Touch> touches(const ops::Operation& operation, json::object arguments,
                             const std::optional<kube::ApiResource>& kind = std::nullopt,
                             DefaultNamespaces defaults = {"own", ""}) {
    auto valid = ops::Arguments::validate(arguments, operation.parameters, operation.name);
    if (!valid) {
      ADD_FAILURE() << valid.error().sentence();
      return {};
    }
    return touches_of(operation, *valid, defaults, kind);
  }
  std::vector<std::string> of(std::string_view operation, json::object arguments,
                              const std::optional<kube::ApiResource>& kind = std::nullopt,
                              DefaultNamespaces defaults = {"own", ""}) {
    std::vector<std::string> out;
    for (const auto& touch : touches(*catalog.find(operation), std::move(arguments), kind, defaults))
      out.push_back(text(touch));
    return out;
  }
  // What a rule says that denies reads and changes in namespace prod to everybody.
  Decision under_no_prod(std::string_view operation, json::object arguments,
                         const std::optional<kube::ApiResource>& kind = std::nullopt) {
    static const Policy policy =
        Policy::parse(
            "version: 1\nprotected_namespaces: []\nrules:\n- {name: no-prod, namespaces: [prod], decision: deny}\n"
            "- {name: rest, decision: allow}\n")
            .value();
    const ops::Operation& called = *catalog.find(operation);
    return policy
        .decide({{"mcp:bot", {}},
                 "c",
                 std::string(operation),
                 called.trust,
                 touches(called, std::move(arguments), kind),
                 0})
        .decision;
  }
  static ops::Operation any_kind(Trust trust, std::vector<std::string_view> verbs) {
    ops::Operation out = *ops::kubernetes_catalog().find("get_resource");
    out.trust = trust;
    out.access = {{"*", "*", std::move(verbs)}};
    return out;
  }

  const ops::Catalog catalog = ops::kubernetes_catalog();
};

TEST_F(TouchesTest, NamespacesOfACall) {
  EXPECT_THAT(of("get_pod", {{"name", "web"}}), UnorderedElementsAre("pods in own web", "events in own"));
  EXPECT_THAT(of("get_pod", {{"name", "web"}}, {}, {"", ""}), Contains("pods in default web"));
  EXPECT_THAT(of("get_pod_logs", {{"name", "web"}, {"namespace", "shop"}}),
              UnorderedElementsAre("pods/log in shop web", "pods in shop"));
  EXPECT_THAT(of("list_secrets", {}), UnorderedElementsAre("secrets in *", "namespaces in *"));
  EXPECT_THAT(of("list_secrets", {{"namespace", "shop"}}),
              UnorderedElementsAre("secrets in shop", "namespaces in shop shop"));
  EXPECT_THAT(of("list_secrets", {}, {}, {"own", "team"}),
              UnorderedElementsAre("secrets in team", "namespaces in team team"));
  EXPECT_THAT(of("scale_deployment", {{"name", "web"}, {"replicas", 2}, {"namespace", "shop"}}),
              UnorderedElementsAre("deployments/scale.apps in shop web"));
  EXPECT_THAT(of("delete_pod", {{"name", "web"}}), UnorderedElementsAre("pods in own web"));
  EXPECT_THAT(of("list_clusters", {}), IsEmpty());
  EXPECT_THAT(of("list_api_resources", {}), IsEmpty());
  EXPECT_THAT(of("explain", {{"kind", "pods"}}), IsEmpty());
  EXPECT_THAT(of("can_i", {{"namespace", "shop"}}), UnorderedElementsAre("namespaces in shop shop"));
}

TEST_F(TouchesTest, ANamespaceIsInItself) {
  EXPECT_THAT(of("get_namespace", {{"name", "prod"}}),
              UnorderedElementsAre("namespaces in prod prod", "resourcequotas in prod", "limitranges in prod"));
  EXPECT_THAT(of("list_namespaces", {}), UnorderedElementsAre("namespaces in *"));
  EXPECT_THAT(of("get_resource", {{"kind", "ns"}, {"name", "prod"}}, kNamespaces),
              UnorderedElementsAre("namespaces in prod prod"));
  EXPECT_THAT(of("list_resources", {{"kind", "ns"}}, kNamespaces), UnorderedElementsAre("namespaces in *"));
  EXPECT_EQ(under_no_prod("get_namespace", {{"name", "prod"}}), Decision::deny);
  EXPECT_EQ(under_no_prod("get_namespace", {{"name", "shop"}}), Decision::allow);
}

// Deleting one deletes all that is in it.
TEST_F(TouchesTest, WhatADeletionTakesAlong) {
  const auto deleted = [&](const kube::ApiResource& kind, std::string name) {
    std::vector<std::string> out;
    for (const auto& touch :
         touches(any_kind(Trust::destructive, {"get", "delete"}), {{"kind", "x"}, {"name", name}}, kind))
      out.push_back(text(touch));
    return out;
  };
  EXPECT_THAT(deleted(kNamespaces, "prod"), UnorderedElementsAre("namespaces in prod prod", "*.* in prod"));
  EXPECT_THAT(deleted(kSecrets, "s"), UnorderedElementsAre("secrets in own s"));
  // What an object of the cluster owns may be in any namespace.
  EXPECT_THAT(deleted(kClasses, "fast"), UnorderedElementsAre("storageclasses.storage.k8s.io in - fast", "*.* in *"));
  EXPECT_THAT(deleted(kIssuers, "ca"), UnorderedElementsAre("clusterissuers.cert-manager.io in - ca",
                                                            "clusterissuers.cert-manager.io in *", "*.* in *"));
}

TEST_F(TouchesTest, ChangesOfWhatGovernsNamespaces) {
  const auto changed = [](std::string group, std::string plural) {
    std::vector<std::string> out;
    for (const auto& touch : touches_of(Trust::write, Target{std::move(group), std::move(plural), false, "", "x"}))
      out.push_back(text(touch));
    return out;
  };
  EXPECT_THAT(changed("", "nodes"), UnorderedElementsAre("nodes in - x", "nodes in *"));
  EXPECT_THAT(changed("rbac.authorization.k8s.io", "clusterroles"),
              Contains("clusterroles.rbac.authorization.k8s.io in *"));
  EXPECT_THAT(changed("kyverno.io", "clusterpolicies"), Contains("clusterpolicies.kyverno.io in *"));
  EXPECT_THAT(changed("storage.k8s.io", "storageclasses"),
              UnorderedElementsAre("storageclasses.storage.k8s.io in - x"));
  EXPECT_THAT(changed("", "namespaces"), UnorderedElementsAre("namespaces in x x"));
  // An operation that says what it does is taken at its word.
  EXPECT_THAT(of("cordon_node", {{"name", "n1"}}), UnorderedElementsAre("nodes in - n1"));
}

TEST_F(TouchesTest, WhatLooksBeyondItsNamespace) {
  EXPECT_THAT(of("describe_node", {{"name", "n1"}}),
              testing::IsSupersetOf({"nodes in - n1", "pods in *", "events in *"}));
  EXPECT_THAT(of("top_pods", {}), UnorderedElementsAre("pods.metrics.k8s.io in *", "pods in *"));
  const std::pair<const char*, json::object> calls[]{{"describe_node", {{"name", "n1"}}},
                                                     {"get_node", {{"name", "n1"}}},
                                                     {"list_pods", {}},
                                                     {"top_pods", {}},
                                                     {"list_events", {}},
                                                     {"who_can", {{"verb", "get"}, {"resource", "pods"}}},
                                                     {"list_namespaces", {}}};
  for (const auto& [operation, arguments] : calls)
    EXPECT_EQ(under_no_prod(operation, arguments), Decision::deny) << operation;
  const std::pair<const char*, json::object> others[]{{"list_pods", {{"namespace", "shop"}}},
                                                      {"list_nodes", {}},
                                                      {"top_nodes", {}},
                                                      {"get_cluster_info", {}},
                                                      {"list_storageclasses", {}}};
  for (const auto& [operation, arguments] : others)
    EXPECT_EQ(under_no_prod(operation, arguments), Decision::allow) << operation;
}

// It may read what lies anywhere: its trail leads there.
TEST_F(TouchesTest, ADiagnosisTouchesEachNamespace) {
  ops::Operation diagnosis = *catalog.find("get_pod");
  diagnosis.family = "diagnosis";
  EXPECT_THAT(touches(diagnosis, {{"name", "web"}, {"namespace", "shop"}}), Contains(Touch{"", "pods", "*", "web"}));
}

// Objects of the cluster that hold data of namespaces.
TEST_F(TouchesTest, WhatClusterKindsTellOfNamespaces) {
  EXPECT_THAT(of("list_pvs", {}), UnorderedElementsAre("persistentvolumes in -", "persistentvolumeclaims in *"));
  EXPECT_THAT(of("get_pv", {{"name", "v"}}),
              UnorderedElementsAre("persistentvolumes in - v", "persistentvolumeclaims in *"));
  EXPECT_THAT(of("get_resource", {{"kind", "pv"}, {"name", "v"}}, kVolumes), Contains("persistentvolumeclaims in *"));
  EXPECT_THAT(of("list_resources", {{"kind", "pv"}}, kVolumes),
              UnorderedElementsAre("persistentvolumes in -", "persistentvolumeclaims in *"));
  EXPECT_THAT(of("list_cluster_role_bindings", {}), Contains("serviceaccounts in *"));
  EXPECT_THAT(of("get_node", {{"name", "n1"}}), UnorderedElementsAre("nodes in - n1", "pods in *"));
  EXPECT_THAT(of("list_resources", {{"kind", "nodes"}}, kNodes), UnorderedElementsAre("nodes in -"));
  EXPECT_THAT(of("get_resource", {{"kind", "nodes"}, {"name", "n1"}}, kNodes),
              UnorderedElementsAre("nodes in - n1", "pods in *"));
  EXPECT_THAT(of("list_resources", {{"kind", "clusterissuers"}}, kIssuers),
              UnorderedElementsAre("clusterissuers.cert-manager.io in -", "clusterissuers.cert-manager.io in *"));
  EXPECT_THAT(of("get_storageclass", {{"name", "fast"}}),
              UnorderedElementsAre("storageclasses.storage.k8s.io in - fast"));
  EXPECT_EQ(under_no_prod("list_pvs", {}), Decision::deny);
}

// By whatever name a kind is asked for, its rule is the same; without knowing it, it may be any.
TEST_F(TouchesTest, AKindByAnotherName) {
  for (const char* written : {"secrets", "Secret", "SECRETS", "secrets.core"})
    EXPECT_THAT(of("get_resource", {{"kind", written}, {"name", "tls"}, {"namespace", "prod"}}, kSecrets),
                UnorderedElementsAre("secrets in prod tls"));
  EXPECT_THAT(of("get_resource", {{"kind", "secrets"}, {"name", "tls"}, {"namespace", "prod"}}),
              UnorderedElementsAre("*.* in * tls", "*.* in - tls"));
  for (const char* written : {"secret/tls", "secrets/tls", "../secrets", "secrets%2Ftls"})
    EXPECT_FALSE(ops::Arguments::validate(json::object{{"kind", written}, {"name", "tls"}},
                                          catalog.find("get_resource")->parameters, "get_resource"))
        << written;
  for (const char* name : {"secret/tls", "../../prod/secrets/tls", "tls%2F.."})
    for (const char* operation : {"get_resource", "get_secret", "get_pod"}) {
      json::object arguments{{"name", name}};
      if (std::string_view(operation) == "get_resource") arguments["kind"] = "secrets";
      EXPECT_FALSE(ops::Arguments::validate(arguments, catalog.find(operation)->parameters, operation)) << name;
    }
  EXPECT_THAT(of("get_events_for_resource", {{"kind", "node"}, {"name", "n1"}}, kNodes),
              UnorderedElementsAre("events in *"));
  EXPECT_TRUE(needs_kind(*catalog.find("get_resource")));
  EXPECT_TRUE(needs_kind(*catalog.find("get_events_for_resource")));
  EXPECT_FALSE(needs_kind(*catalog.find("list_events")));
  EXPECT_FALSE(needs_kind(*catalog.find("explain")));
}

TEST_F(TouchesTest, EveryOperationThatAsksAClusterTouchesSomething) {
  for (const auto& operation : catalog.operations()) {
    const json::object arguments = ops::testing::least_arguments(operation);
    EXPECT_EQ(touches(operation, arguments).empty(), operation.access.empty() && !ops::takes_namespace(operation))
        << operation.name;
  }
}

// Without its finalizers, or with an owner that is not there, an object is deleted by somebody else.
TEST(TrustOf, WhatLetsAnObjectGoIsDestructive) {
  const auto parsed = [](std::string_view text) { return parse_json(text, "test").value(); };
  const std::string held =
      R"({"metadata":{"finalizers":["a/b"],"managedFields":[{"manager":"fairlead","operation":"Apply","fieldsV1":{"f:metadata":{"f:finalizers":{}}}}]}})";
  const auto trust = [&](std::string_view before, std::string_view body, std::string type) {
    ops::Plan plan;
    ops::Write write;
    write.before = parsed(before);
    write.body = parsed(body);
    write.content_type = std::move(type);
    plan.writes.push_back(std::move(write));
    return trust_of(plan, Trust::write);
  };
  const auto json = [&](std::string_view body) { return trust(held, body, std::string(kube::Patch::json)); };
  const auto merge = [&](std::string_view body) { return trust(held, body, std::string(kube::Patch::merge)); };
  const auto apply = [&](std::string_view before, std::string_view body) {
    return trust(before, body, std::string(kube::Patch::apply));
  };
  EXPECT_EQ(json(R"([{"op":"remove","path":"/metadata/finalizers/0"}])"), Trust::destructive);
  EXPECT_EQ(json(R"([{"op":"add","path":"/metadata/ownerReferences","value":[]}])"), Trust::destructive);
  EXPECT_EQ(json(R"([{"op":"remove","path":"/metadata"}])"), Trust::destructive);
  EXPECT_EQ(json(R"([{"op":"move","from":"/metadata/finalizers","path":"/metadata/x"}])"), Trust::destructive);
  EXPECT_EQ(json(R"([{"op":"replace","path":"/spec/replicas","value":1},{"op":"test","path":"/metadata/finalizers"}])"),
            Trust::write);
  EXPECT_EQ(merge(R"({"metadata":{"finalizers":null}})"), Trust::destructive);
  EXPECT_EQ(merge(R"({"metadata":{"labels":{"a":"b"}}})"), Trust::write);
  EXPECT_EQ(apply(held, R"({"metadata":{}})"), Trust::destructive) << "what is left out is taken away";
  EXPECT_EQ(apply(held, R"({"metadata":{"finalizers":["a/b"]}})"), Trust::write);
  EXPECT_EQ(apply(R"({"metadata":{"finalizers":["a/b"]}})", R"({"metadata":{}})"), Trust::write) << "it is another's";
}

}  // namespace
}  // namespace fairlead::gate
