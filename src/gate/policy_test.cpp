#include "gate/policy.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "base/yaml.h"

namespace fairlead::gate {
namespace {

using ops::Trust;
using testing::HasSubstr;

Policy parsed(const std::string& text) {
  auto policy = Policy::parse(text);
  if (!policy) ADD_FAILURE() << policy.error().sentence();
  return policy ? *policy : Policy::built_in();
}

Policy with_rules(const std::string& rules) { return parsed("version: 1\nrules:\n" + rules); }

struct Ask {
  Trust trust = Trust::read;
  std::vector<Touch> touches;
  std::string operation = "list_pods", who = "mcp:bot", cluster = "prod";
  std::vector<std::string> roles;
  std::string at = "2026-03-04T12:00:00Z";  // a Wednesday
};

Verdict decide(const Policy& policy, const Ask& ask) {
  return policy.decide(
      {{ask.who, ask.roles}, ask.cluster, ask.operation, ask.trust, ask.touches, *parse_rfc3339(ask.at)});
}

std::string shown(const Policy& policy, const Ask& ask) {
  const Verdict verdict = decide(policy, ask);
  return std::string(to_string(verdict.decision)) + " by " + verdict.rule +
         (verdict.reason_required ? " with reason" : "");
}

Touch pods_in(std::string ns) { return {"", "pods", std::move(ns), ""}; }

TEST(Policy, BuiltIn) {
  const Policy policy = Policy::built_in();
  EXPECT_EQ(shown(policy, {Trust::read, {pods_in("shop")}}), "allow by default");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("shop")}}), "approve by default");
  EXPECT_EQ(shown(policy, {Trust::destructive, {pods_in("shop")}}), "approve by default with reason");
  EXPECT_EQ(shown(policy, {Trust::destructive, {}}), "approve by default with reason");
  EXPECT_TRUE(decide(policy, {Trust::read, {pods_in("shop")}}).by_default);
  EXPECT_EQ(decide(policy, {Trust::write, {pods_in("shop")}}).why,
            "no rule is about WRITE of pods in namespace shop, and the default for WRITE is approval");
  EXPECT_EQ(policy.digest().size(), 64u);
  EXPECT_EQ(
      to_yaml(policy.document()),
      "version: 1\nprotected_namespaces:\n- kube-system\ndefaults:\n  read: allow\n  write: approve\n"
      "  destructive:\n    decision: approve\n    reason: required\naudit_reads: true\nkeep_deleted_secrets: false\n");
}

TEST(Policy, ProtectedNamespacesCannotBeChangedWhateverARuleSays) {
  const Policy policy = with_rules("- {name: all, decision: allow}\n");
  for (Trust trust : {Trust::write, Trust::destructive}) {
    EXPECT_EQ(shown(policy, {trust, {pods_in("shop")}}), "allow by all");
    EXPECT_EQ(shown(policy, {trust, {pods_in("shop"), pods_in("kube-system")}}),
              "deny by protected namespace kube-system");
    EXPECT_EQ(shown(policy, {trust, {pods_in("*")}}), "deny by protected namespace kube-system");
    EXPECT_EQ(shown(policy, {trust, {{"", "nodes", "", "n1"}}}), "allow by all");
  }
  EXPECT_EQ(shown(policy, {Trust::read, {pods_in("kube-system"), pods_in("*")}}), "allow by all");
  const Policy own =
      parsed("version: 1\nprotected_namespaces: [\"kube-*\", vault]\nrules: [{name: all, decision: allow}]\n");
  EXPECT_EQ(shown(own, {Trust::write, {pods_in("kube-public")}}), "deny by protected namespace kube-*");
  EXPECT_EQ(shown(own, {Trust::write, {pods_in("vault")}}), "deny by protected namespace vault");
  const Policy none = parsed("version: 1\nprotected_namespaces: []\nrules: [{name: all, decision: allow}]\n");
  EXPECT_EQ(shown(none, {Trust::write, {pods_in("*"), pods_in("kube-system")}}), "allow by all");
}

TEST(Policy, ValuesOfSecretsAreShownToWhomItNamesWhereItSays) {
  const Policy policy = parsed(
      "version: 1\nroles: {oncall: [\"cli:bob\"]}\nreveal:\n- {who: [\"cli:alice\"], namespaces: [shop]}\n"
      "- {roles: [oncall], clusters: [\"prod-*\"], namespaces: [\"*\"]}\nrules: [{name: all, decision: allow}]\n");
  EXPECT_TRUE(policy.may_reveal({"cli:alice", {}}, "x", "shop"));
  EXPECT_FALSE(policy.may_reveal({"cli:alice", {}}, "x", "bank"));
  EXPECT_FALSE(policy.may_reveal({"cli:alicex", {}}, "x", "shop"));
  EXPECT_TRUE(policy.may_reveal({"cli:bob", {}}, "prod-1", "bank"));
  EXPECT_FALSE(policy.may_reveal({"cli:bob", {}}, "staging", "bank"));
  EXPECT_TRUE(policy.may_reveal({"oidc:eve", {"oncall"}}, "prod-1", "bank"));
  EXPECT_FALSE(Policy::built_in().may_reveal({"cli:alice", {}}, "x", "shop"));
  EXPECT_TRUE(Policy::built_in().audit_reads());
  EXPECT_FALSE(parsed("version: 1\naudit_reads: false\n").audit_reads());
  EXPECT_FALSE(Policy::built_in().keep_deleted_secrets());
  EXPECT_TRUE(parsed("version: 1\nkeep_deleted_secrets: true\n").keep_deleted_secrets());
}

TEST(Policy, APersonDecidesAboutEvictionsFromProtectedNamespaces) {
  const Touch evicted{"", "pods/eviction", "kube-system", "coredns-1"};
  const Policy policy = with_rules("- {name: all, decision: allow}\n");
  const Verdict verdict = decide(policy, {Trust::destructive, {evicted}});
  EXPECT_EQ(verdict.decision, Decision::approve);
  EXPECT_TRUE(verdict.reason_required);
  EXPECT_FALSE(verdict.by_default);  // no --allow stands for the approval
  EXPECT_EQ(shown(policy, {Trust::destructive, {evicted, pods_in("kube-system")}}),
            "deny by protected namespace kube-system");
  EXPECT_EQ(shown(policy, {Trust::destructive, {{"metrics.k8s.io", "pods/eviction", "kube-system", ""}}}),
            "deny by protected namespace kube-system");
  const Policy denied = with_rules("- {name: none, kinds: [pods], decision: deny}\n");
  EXPECT_EQ(shown(denied, {Trust::destructive, {evicted}}), "deny by none");
}

TEST(Policy, TheFirstRuleThatMatchesDecides) {
  const Policy policy = with_rules(
      "- {name: alice, who: [\"cli:alice\"], decision: allow}\n"
      "- {name: shop, namespaces: [shop, \"shop-*\"], operations: [\"scale_*\"], decision: approve, reason: required}\n"
      "- {name: writes, trust: [write, DESTRUCTIVE], clusters: [\"prod*\"], decision: deny}\n");
  EXPECT_EQ(shown(policy, {Trust::destructive, {pods_in("shop")}, "delete_pod", "cli:alice"}), "allow by alice");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("shop-a")}, "scale_deployment"}), "approve by shop with reason");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("shopping")}, "scale_deployment"}), "deny by writes");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("pay")}, "scale_deployment", "mcp:bot", "staging"}),
            "approve by default");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("shop")}, "scale_deployment", "xcli:alice"}),
            "approve by shop with reason");
  EXPECT_EQ(decide(policy, {Trust::write, {pods_in("shop")}, "scale_deployment"}).why,
            "rule 2 (shop) wants approval for WRITE of pods in namespace shop");
}

TEST(Policy, TheStrictestOfAllTouchesCounts) {
  const Policy policy = with_rules(
      "- {name: no-prod, namespaces: [prod], decision: deny}\n"
      "- {name: ask, namespaces: [shop], decision: approve}\n"
      "- {name: rest, decision: allow, reason: required}\n");
  EXPECT_EQ(shown(policy, {Trust::read, {pods_in("pay"), pods_in("shop")}}), "approve by ask with reason");
  EXPECT_EQ(shown(policy, {Trust::read, {pods_in("pay"), pods_in("shop"), pods_in("prod")}}), "deny by no-prod");
  EXPECT_EQ(
      policy.explain({{"cli:a", {}}, "c", "x", Trust::read, {pods_in("a"), pods_in("b"), pods_in("a")}, 0}).size(), 2u);
}

// A touch of each namespace gets what the strictest of them gets.
TEST(Policy, ATouchOfEachNamespace) {
  const Policy deny = with_rules("- {name: no-prod, namespaces: [\"prod-*\"], decision: deny}\n");
  EXPECT_EQ(shown(deny, {Trust::read, {pods_in("*")}}), "deny by no-prod");
  EXPECT_EQ(decide(deny, {Trust::read, {pods_in("*")}}).why,
            "rule 1 (no-prod) denies READ of pods in namespace prod-*, and it reaches every namespace");
  const Policy allow = parsed(
      "version: 1\nprotected_namespaces: []\nrules: [{name: shop, namespaces: [shop], decision: allow}]\n"
      "defaults: {read: deny}\n");
  EXPECT_EQ(shown(allow, {Trust::read, {pods_in("shop")}}), "allow by shop");
  EXPECT_EQ(shown(allow, {Trust::read, {pods_in("*")}}), "deny by default");
  EXPECT_FALSE(decide(allow, {Trust::read, {pods_in("*")}}).by_default);
  const Policy first = with_rules(
      "- {name: bot, who: [\"mcp:*\"], namespaces: [prod], decision: allow}\n"
      "- {name: no-prod, namespaces: [prod], decision: deny}\n");
  EXPECT_EQ(shown(first, {Trust::read, {pods_in("*")}}), "allow by bot");
  EXPECT_EQ(shown(first, {Trust::read, {pods_in("*")}, "list_pods", "cli:x"}), "deny by no-prod");
  // An approval for one namespace does not stand for the others.
  const Policy both = with_rules(
      "- {name: ask, namespaces: [shop], decision: approve}\n"
      "- {name: rest, decision: deny}\n");
  EXPECT_EQ(shown(both, {Trust::read, {pods_in("*")}}), "deny by rest");
  const Policy all =
      with_rules("- {name: all, namespaces: [\"*\"], decision: allow}\n- {name: rest, decision: deny}\n");
  EXPECT_EQ(shown(all, {Trust::read, {pods_in("*")}}), "allow by all");
}

TEST(Policy, WhatIsInNoNamespace) {
  const Touch node{"", "nodes", "", "n1"};
  EXPECT_EQ(shown(with_rules("- {name: a, namespaces: [\"*\"], decision: allow}\n"), {Trust::write, {node}}),
            "approve by default");
  EXPECT_EQ(shown(with_rules("- {name: a, namespaces: [\"*\"], decision: deny}\n"), {Trust::write, {node}}),
            "deny by a");
  EXPECT_EQ(shown(with_rules("- {name: a, namespaces: [\"s*\"], decision: deny}\n"), {Trust::write, {node}}),
            "approve by default");
  EXPECT_EQ(shown(with_rules("- {name: a, kinds: [nodes], decision: allow}\n"), {Trust::write, {node}}), "allow by a");
}

TEST(Policy, WhatReachesNothingOfACluster) {
  EXPECT_EQ(shown(with_rules("- {name: a, kinds: [pods], decision: deny}\n"), {}), "allow by default");
  EXPECT_EQ(shown(with_rules("- {name: a, namespaces: [shop], decision: deny}\n"), {}), "allow by default");
  EXPECT_EQ(shown(with_rules("- {name: a, namespaces: [\"*\"], kinds: [\"*\"], decision: deny}\n"), {}), "deny by a");
  EXPECT_EQ(shown(with_rules("- {name: a, operations: [list_pods], decision: deny}\n"), {}), "deny by a");
  EXPECT_EQ(shown(with_rules("- {name: a, clusters: [prod], decision: deny}\n"), {}), "deny by a");
  EXPECT_EQ(shown(with_rules("- {name: a, clusters: [prod], decision: deny}\n"), {.cluster = ""}), "allow by default");
}

TEST(Policy, KindsHoweverTheyAreWritten) {
  const auto denies = [](const std::string& kind, const Touch& touch) {
    return shown(with_rules("- {name: a, kinds: [\"" + kind + "\"], decision: deny}\n"), {Trust::read, {touch}}) ==
           "deny by a";
  };
  const auto allows = [](const std::string& kind, const Touch& touch) {
    return shown(with_rules("- {name: a, kinds: [\"" + kind + "\"], decision: allow}\n"), {Trust::write, {touch}}) ==
           "allow by a";
  };
  const Touch pods{"", "pods", "shop", ""}, log{"", "pods/log", "shop", ""}, exec{"", "pods/exec", "shop", ""},
      usage{"metrics.k8s.io", "pods", "shop", ""}, scale{"apps", "deployments/scale", "shop", ""},
      deployments{"apps", "deployments", "shop", ""}, any{"*", "*", "shop", ""}, of_apps{"apps", "*", "shop", ""};
  for (const auto& touch : {pods, log, exec, usage, any}) EXPECT_TRUE(denies("pods", touch)) << touch.resource;
  EXPECT_FALSE(denies("pods", deployments));
  EXPECT_FALSE(denies("pods.core", usage));
  EXPECT_TRUE(denies("pods.core", log));
  EXPECT_TRUE(denies("pods/log", log));
  EXPECT_TRUE(denies("pods/log", any));
  EXPECT_FALSE(denies("pods/log", pods));
  EXPECT_FALSE(denies("pods/log", exec));
  EXPECT_TRUE(denies("*/exec", exec));
  EXPECT_TRUE(denies("pods/*", exec));
  EXPECT_FALSE(denies("pods/*", pods));
  EXPECT_TRUE(denies("deployments.apps", scale));
  EXPECT_TRUE(denies("*.apps", of_apps));
  EXPECT_FALSE(denies("deployments.batch", of_apps));
  EXPECT_TRUE(denies("*", scale));
  // One and the same object is served by two groups.
  const Touch old_ingress{"extensions", "ingresses", "shop", ""},
      new_ingress{"networking.k8s.io", "ingresses", "shop", ""}, new_event{"events.k8s.io", "events", "shop", ""},
      event{"", "events", "shop", ""};
  for (const auto& touch : {old_ingress, new_ingress})
    for (const auto* kind : {"ingresses", "ingresses.networking.k8s.io", "ingresses.extensions", "*.extensions"})
      EXPECT_TRUE(denies(kind, touch)) << kind << touch.group;
  EXPECT_TRUE(denies("events.core", new_event));
  EXPECT_TRUE(denies("events.events.k8s.io", event));
  EXPECT_TRUE(denies("*.apps", Touch{"extensions", "*", "shop", ""})) << "Deployments are among them";
  EXPECT_TRUE(denies("*.apps/scale", Touch{"extensions", "*", "shop", ""}));
  EXPECT_FALSE(denies("*.extensions", pods));
  // What gives more has to be named.
  EXPECT_TRUE(allows("pods", pods));
  EXPECT_FALSE(allows("pods", exec));
  EXPECT_TRUE(allows("pods/*", exec));
  EXPECT_TRUE(allows("deployments/scale", scale));
  EXPECT_FALSE(allows("*.apps", scale));
  EXPECT_FALSE(allows("*.apps", of_apps));
  EXPECT_TRUE(allows("*", any));
  EXPECT_FALSE(allows("pods", any));
  EXPECT_FALSE(allows("*.*", any));
}

TEST(Policy, WhicheverClusterIsTheStrictestOfThem) {
  const Policy policy = with_rules("- {name: no-prod, clusters: [prod], decision: deny}\n");
  EXPECT_EQ(shown(policy, {.touches = {pods_in("shop")}, .cluster = "staging"}), "allow by default");
  EXPECT_EQ(shown(policy, {.touches = {pods_in("shop")}, .cluster = ""}), "deny by no-prod");
}

TEST(Policy, Roles) {
  const Policy policy = parsed(
      "version: 1\nroles: {oncall: [\"cli:alice\", \"oidc:*@example.com\"], night: []}\n"
      "rules:\n- {name: oncall, roles: [oncall, night], decision: allow}\n- {name: rest, decision: deny}\n");
  const auto who = [&](std::string name, std::vector<std::string> roles = {}) {
    return shown(policy, {.touches = {pods_in("shop")}, .who = std::move(name), .roles = std::move(roles)});
  };
  EXPECT_EQ(who("cli:alice"), "allow by oncall");
  EXPECT_EQ(who("oidc:bob@example.com"), "allow by oncall");
  EXPECT_EQ(who("oidc:bob@example.com.evil"), "deny by rest");
  EXPECT_EQ(who("mcp:alice"), "deny by rest");
  EXPECT_EQ(who("cli:alic"), "deny by rest");
  EXPECT_EQ(who("mcp:x", {"night"}), "allow by oncall");
  EXPECT_EQ(who("mcp:x", {"nigh", "*"}), "deny by rest");
}

TEST(Policy, FreezesHoldBackChanges) {
  const Policy policy = parsed(
      "version: 1\nroles: {oncall: [\"cli:alice\"]}\nfreezes:\n"
      "- {name: holidays, from: 2026-12-20T00:00:00+01:00, until: 2027-01-02T00:00:00Z, except: {roles: [oncall]}}\n"
      "- {name: weekend, decision: approve, clusters: [prod], weekly: [{days: [fri], from: '18:00', until: '06:00', "
      "timezone_offset: '+02:00'},"
      " {days: [sun], from: '00:00', until: '24:00', timezone_offset: Z}]}\n"
      "rules: [{name: all, decision: allow}, {name: never, decision: deny}]\n");
  const auto at = [&](std::string time, Trust trust = Trust::write, std::string who = "mcp:bot",
                      std::string cluster = "prod") {
    return shown(policy, {.trust = trust, .touches = {pods_in("shop")}, .who = who, .cluster = cluster, .at = time});
  };
  EXPECT_EQ(at("2026-12-19T22:59:59Z"), "allow by all");  // a Saturday
  EXPECT_EQ(at("2026-12-19T23:00:00Z"), "deny by freeze: holidays");
  EXPECT_EQ(at("2027-01-01T23:59:59Z"), "deny by freeze: holidays");
  EXPECT_EQ(at("2026-12-25T00:00:00Z", Trust::read), "allow by all");
  EXPECT_EQ(at("2026-12-25T00:00:00Z", Trust::destructive), "deny by freeze: holidays");
  EXPECT_EQ(at("2026-12-25T00:00:00Z", Trust::write, "cli:alice"), "allow by all");
  // Friday 18:00 to Saturday 06:00 at +02:00
  EXPECT_EQ(at("2026-03-06T15:59:59Z"), "allow by all");
  EXPECT_EQ(at("2026-03-06T16:00:00Z"), "approve by freeze: weekend");
  EXPECT_EQ(at("2026-03-06T16:00:00Z", Trust::write, "mcp:bot", "staging"), "allow by all");
  EXPECT_EQ(at("2026-03-06T16:00:00Z", Trust::write, "mcp:bot", ""), "approve by freeze: weekend");
  EXPECT_EQ(at("2026-03-07T03:59:59Z"), "approve by freeze: weekend");
  EXPECT_EQ(at("2026-03-07T04:00:00Z"), "allow by all");
  EXPECT_EQ(at("2026-03-07T23:59:59Z"), "allow by all");
  EXPECT_EQ(at("2026-03-08T00:00:00Z"), "approve by freeze: weekend");
  EXPECT_EQ(at("2026-03-08T23:59:59Z"), "approve by freeze: weekend");
  EXPECT_EQ(at("2026-03-09T00:00:00Z"), "allow by all");
  // A freeze that asks does not soften a rule that denies.
  const Policy strict = parsed(
      "version: 1\nfreezes: [{name: f, decision: approve, from: 2026-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z}]\n"
      "rules: [{name: never, decision: deny}]\n");
  EXPECT_EQ(shown(strict, {Trust::write, {pods_in("shop")}}), "deny by never");
  EXPECT_EQ(decide(policy, {.trust = Trust::write, .touches = {}, .at = "2026-12-25T00:00:00Z"}).why,
            "the freeze holidays denies changes until 2027-01-02T00:00:00Z");
}

TEST(Policy, DefaultsOfTheFile) {
  const Policy policy = parsed("version: 1\ndefaults: {write: deny, destructive: {decision: approve}}\n");
  EXPECT_EQ(shown(policy, {Trust::read, {pods_in("shop")}}), "allow by default");
  EXPECT_EQ(shown(policy, {Trust::write, {pods_in("shop")}}), "deny by default");
  EXPECT_EQ(shown(policy, {Trust::destructive, {pods_in("shop")}}), "approve by default");
  EXPECT_TRUE(decide(policy, {Trust::read, {}}).by_default);
  EXPECT_FALSE(decide(policy, {Trust::write, {}}).by_default);
}

TEST(Policy, DocumentDecidesTheSame) {
  const Policy policy = parsed(
      "version: 1\nroles: {a: [\"x:*\"]}\nfreezes: [{name: f, from: 2026-01-01T00:00:00Z, until: "
      "2027-01-01T00:00:00Z}]\n"
      "rules: [{name: r, roles: [a], kinds: [pods/log], decision: allow}]\n");
  const Policy again = parsed(to_yaml(policy.document()));
  EXPECT_EQ(again.document(), policy.document());
}

TEST(Policy, OperationsThatTheCatalogDoesNotHave) {
  const ops::Catalog catalog = ops::kubernetes_catalog();
  EXPECT_TRUE(
      with_rules("- {name: a, operations: [list_pods, \"scale_*\"], decision: deny}\n").check_operations(catalog));
  const auto wrong =
      with_rules("- {name: a, operations: [list_pods, list_pod], decision: deny}\n").check_operations(catalog);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().sentence(),
            "read the policy: rules[0] (a) names an operation that there is not: list_pod. Did you mean list_pods?");
  EXPECT_FALSE(with_rules("- {name: a, operations: [\"zzz*\"], decision: deny}\n").check_operations(catalog));
}

}  // namespace
}  // namespace fairlead::gate
