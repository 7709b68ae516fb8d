#include <gmock/gmock.h>

#include "gate/policy.h"

namespace fairlead::gate {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::string& text) {
  auto policy = Policy::parse(text);
  if (policy) return "accepted";
  EXPECT_EQ(policy.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(policy.error().step, "read the policy");
  EXPECT_NE(policy.error().remedy, "");
  return policy.error().cause + ". " + policy.error().remedy;
}

std::string of(const std::string& more) { return refusal("version: 1\n" + more); }
std::string of_rule(const std::string& keys) { return of("rules: [{name: r, " + keys + "}]"); }
std::string of_freeze(const std::string& keys) { return of("freezes: [{name: f, " + keys + "}]"); }
std::string of_window(const std::string& keys) { return of_freeze("weekly: [{" + keys + "}]"); }

TEST(PolicyParse, TheFile) {
  EXPECT_EQ(refusal("version: 1"), "accepted");
  for (const char* text : {"", "version: 2", "version: '1'", "version: 1.5", "rules: []", "{}"})
    EXPECT_THAT(refusal(text), Not("accepted")) << text;
  EXPECT_EQ(refusal("[]"), "the file is not a mapping of keys. docs/policy.md shows what stands there");
  EXPECT_EQ(refusal("version: 2"), "version is not 1. Write 'version: 1' at the beginning");
  EXPECT_EQ(of("rule: []"), "the file has a key that it does not take: rule. Did you mean rules?");
  EXPECT_THAT(of("version: 1"), HasSubstr("is there twice"));
  EXPECT_THAT(of("---\nrules: []"), HasSubstr("a second document"));
  EXPECT_THAT(refusal(std::string(300 << 10, '#')), Not("accepted"));
}

TEST(PolicyParse, Lists) {
  for (const char* key : {"who", "roles", "clusters", "namespaces", "kinds", "operations", "trust"}) {
    const std::string name(key);
    EXPECT_EQ(of_rule("decision: deny, " + name + ": []").substr(0, 12), "rules[0] (r)") << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": []"),
                HasSubstr("is an empty list, which could mean all or nothing"));
    EXPECT_THAT(of_rule("decision: deny, " + name + ": x"), HasSubstr("is not a list")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": {a: b}"), HasSubstr("is not a list")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": [1]"), Not("accepted")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": [null]"), Not("accepted")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": ['']"), Not("accepted")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": ['a b']"), Not("accepted")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": [\"a\\u200bb\"]"), Not("accepted")) << key;
    EXPECT_THAT(of_rule("decision: deny, " + name + ": null"), Not("accepted")) << key;
  }
  EXPECT_THAT(of("rules: []"), HasSubstr("rules is an empty list"));
  EXPECT_THAT(of("freezes: []"), HasSubstr("freezes is an empty list"));
  EXPECT_EQ(of("protected_namespaces: []"), "accepted");
  EXPECT_THAT(of("protected_namespaces: kube-system"), HasSubstr("is not a list"));
  // yes and no are no names in YAML 1.1.
  EXPECT_EQ(of_rule("decision: deny, namespaces: [no]"),
            "rules[0] (r).namespaces[0] is not a text. Write it such as [shop, \"staging-*\"]; quote what reads as "
            "something else");
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "a,";
  EXPECT_THAT(of_rule("decision: deny, namespaces: [" + many + "]"), HasSubstr("at most 1000 entries"));
}

TEST(PolicyParse, Rules) {
  EXPECT_EQ(of_rule("decision: deny"), "accepted");
  EXPECT_EQ(of("rules: [{decision: deny}]"), "rules[0].name is missing. Write it such as name: agents-in-staging");
  EXPECT_EQ(of_rule("trust: [READ]"), "rules[0] (r).decision is missing. It is one of allow, approve, deny");
  for (const char* word : {"Deny", "DENY", "yes", "no", "true", "[deny]", "forbid", "''", "null"})
    EXPECT_EQ(of_rule("decision: " + std::string(word)),
              "rules[0] (r).decision is no decision. It is one of allow, approve, deny");
  EXPECT_EQ(of("rules: [{name: a, decision: deny}, {name: a, decision: allow}]"),
            "rules[1].name is there twice: a. Give each a name of its own");
  for (const char* name : {"default", "a b", "'freeze: x'", "''", "1", "a/b"})
    EXPECT_THAT(of("rules: [{name: " + std::string(name) + ", decision: deny}]"), HasSubstr("rules[0].name is not a"));
  EXPECT_EQ(of_rule("decision: deny, namespace: [shop]"),
            "rules[0] (r) has a key that it does not take: namespace. Did you mean namespaces?");
  EXPECT_EQ(of_rule("decision: approve, reason: required"), "accepted");
  EXPECT_THAT(of_rule("decision: approve, reason: true"), HasSubstr("is not 'required'"));
  EXPECT_THAT(of_rule("decision: deny, reason: required"), HasSubstr("says nothing where the decision is deny"));
  EXPECT_THAT(of_rule("decision: deny, trust: [READ, NONE]"), HasSubstr("They are READ, WRITE, DESTRUCTIVE"));
  EXPECT_THAT(of_rule("decision: deny, namespaces: [Shop]"), HasSubstr("small letters"));
  EXPECT_THAT(of_rule("decision: deny, namespaces: [shop/web]"), HasSubstr("small letters"));
  EXPECT_THAT(of_rule("decision: deny, namespaces: ['shop?']"), HasSubstr("small letters"));
  EXPECT_THAT(of_rule("decision: deny, namespaces: ['**']"), HasSubstr("One '*'"));
  EXPECT_THAT(of_rule("decision: deny, operations: [list-pods]"), HasSubstr("fairlead ops"));
}

TEST(PolicyParse, Roles) {
  EXPECT_EQ(of("roles: {a: ['cli:x'], b: []}\nrules: [{name: r, roles: [a, b], decision: deny}]"), "accepted");
  EXPECT_EQ(of_rule("decision: deny, roles: [oncal]"),
            "rules[0] (r) names a role that is not declared: oncal. Add it to roles; an empty list there stands for "
            "whoever's identity brings it along");
  EXPECT_THAT(of("roles: {a: ['cli:x']}\nrules: [{name: r, roles: [a], who: ['cli:y'], decision: deny}]"),
              HasSubstr("has both who and roles"));
  EXPECT_THAT(of("roles: {'a*': ['cli:x']}"), HasSubstr("is not a name"));
  EXPECT_THAT(of("roles: {a: cli:x}"), HasSubstr("roles.a is not a list"));
}

TEST(PolicyParse, Kinds) {
  for (const char* kind : {"pods", "deployments.apps", "pods.core", "pods/log", "*", "*.apps", "*/exec", "pods/*",
                           "*.*", "certificates.cert-manager.io", "deployments.apps/scale", "pod*", "endpoints"})
    EXPECT_EQ(of_rule("decision: deny, kinds: ['" + std::string(kind) + "']"), "accepted") << kind;
  const std::pair<const char*, const char*> wrong[]{
      {"pod", "Kinds are written in the plural: pods"},
      {"secret", "Kinds are written in the plural: secrets"},
      {"deploy", "Kinds are written in the plural: deployments"},
      {"deployment.apps", "Kinds are written in the plural: deployments"},
      {"secerts", "Did you mean secrets?"},
      {"Secret", "in lower case"},
      {"certificates", "with their group"},
      {"certificate.cert-manager.io", "in the plural"},
      {"secret/name", "in the plural: secrets"},
      {"pods/", "Such as"},
      {"/log", "Such as"},
      {"pods.", "Such as"},
      {"pods/log/x", "Such as"},
      {"pods/log.core", "Such as"},
      {"apps/v1/deployments", "Such as"},
  };
  for (const auto& [kind, remedy] : wrong) {
    const std::string said = of_rule("decision: deny, kinds: [pods, '" + std::string(kind) + "']");
    EXPECT_THAT(said, HasSubstr("rules[0] (r).kinds[1] is not a kind")) << kind;
    EXPECT_THAT(said, HasSubstr(remedy)) << kind;
  }
}

TEST(PolicyParse, Freezes) {
  const std::string span = "from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00Z";
  EXPECT_EQ(of_freeze(span), "accepted");
  EXPECT_EQ(of_freeze(span + ", decision: approve, clusters: [prod], except: {who: ['cli:*']}"), "accepted");
  EXPECT_THAT(of_freeze(span + ", decision: allow"), HasSubstr("a freeze holds back"));
  EXPECT_THAT(of_freeze(span + ", except: {}"), HasSubstr("except is empty"));
  EXPECT_THAT(of("roles: {z: []}\nfreezes: [{name: f, except: {who: ['x'], roles: [z]}, " + span + "}]"),
              HasSubstr("both who and roles"));
  EXPECT_THAT(of_freeze(span + ", except: {clusters: [x]}"), HasSubstr("does not take"));
  EXPECT_THAT(of_freeze("decision: deny"), HasSubstr("does not say when"));
  EXPECT_THAT(of_freeze("from: 2026-01-01T00:00:00Z"), HasSubstr("until is missing"));
  EXPECT_THAT(of_freeze("from: 2026-01-01, until: 2026-01-02"), HasSubstr("RFC 3339"));
  EXPECT_THAT(of_freeze("from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00.5Z"), HasSubstr("fraction"));
  EXPECT_THAT(of_freeze("from: 2026-01-02T00:00:00Z, until: 2026-01-02T00:00:00Z"), HasSubstr("is not after from"));
  const std::string weekly = "days: [mon], from: '08:00', until: '24:00', timezone_offset: '-05:30'";
  EXPECT_EQ(of_window(weekly), "accepted");
  EXPECT_THAT(of_freeze("weekly: [{" + weekly + "}], " + span), HasSubstr("both a span and weekly"));
  EXPECT_THAT(of_window("from: '08:00', until: '09:00', timezone_offset: Z"), HasSubstr("days is missing"));
  EXPECT_THAT(of_window("days: [monday], from: '08:00', until: '09:00', timezone_offset: Z"), HasSubstr("no day"));
  EXPECT_THAT(of_window("days: [mon], from: '08:00', until: '09:00'"), HasSubstr("timezone_offset is missing"));
  EXPECT_THAT(of_window("days: [mon], from: '08:00', until: '08:00', timezone_offset: Z"),
              HasSubstr("all day or never"));
  for (const char* time : {"'8:00'", "'24:00'", "'23:60'", "800", "'08:00:00'", "'-8:00'"})
    EXPECT_THAT(of_window("days: [mon], from: " + std::string(time) + ", until: '09:00', timezone_offset: Z"),
                HasSubstr("weekly[0].from is no"))
        << time;
  for (const char* offset : {"'02:00'", "'+2:00'", "'+14:01'", "CET", "2"})
    EXPECT_THAT(of_window("days: [mon], from: '08:00', until: '09:00', timezone_offset: " + std::string(offset)),
                HasSubstr("timezone_offset is no"))
        << offset;
}

TEST(PolicyParse, Defaults) {
  EXPECT_EQ(of("defaults: {read: deny, write: {decision: approve, reason: required}, destructive: deny}"), "accepted");
  EXPECT_THAT(of("defaults: {reads: deny}"), HasSubstr("Did you mean read?"));
  EXPECT_THAT(of("defaults: {read: maybe}"), HasSubstr("defaults.read is no decision"));
  EXPECT_THAT(of("defaults: {read: {reason: required}}"), HasSubstr("defaults.read.decision is no decision"));
  EXPECT_THAT(of("defaults: {read: {decision: deny, reason: required}}"), HasSubstr("says nothing"));
  EXPECT_THAT(of("defaults: [read]"), HasSubstr("not a mapping"));
}

}  // namespace
}  // namespace fairlead::gate
