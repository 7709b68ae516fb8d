// The real policy gate against the naive one of policy_reference.h on random policies and requests: 50,000 pairs, or as
// many as FAIRLEAD_POLICY_PAIRS says.
#include "gate/policy_reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/json.h"
#include "base/text.h"

namespace fairlead::gate {
namespace {

using namespace reference;

const Words kSpacePatterns{"shop", "shop-*", "*-prod", "prod", "kube-system", "kube-*", "a*b", "*"};
const Words kClusterPatterns{"prod-*", "prod-1", "staging", "*"};
const Words kKindPatterns{"pods",
                          "pods/log",
                          "pods/*",
                          "pods.core",
                          "pods.metrics.k8s.io",
                          "deployments.apps",
                          "*.apps",
                          "*/exec",
                          "*",
                          "*.*",
                          "secrets",
                          "s*",
                          "deployments.apps/scale",
                          "*.*/log",
                          "deployments.extensions",
                          "*.ext*"};
const Words kOperations{"list_pods", "get_secret", "scale_deployment", "delete_pod"};
const Words kOperationPatterns{"list_*", "get_secret", "scale_deployment", "*_pod*", "*"};
const Words kPeople{"cli:alice", "mcp:bot", "oidc:bob@example.com", "oidc:eve@evil.com"};
const Words kPeoplePatterns{"cli:alice", "mcp:*", "oidc:*@example.com", "*", "*bot"};
const Words kRoles{"oncall", "night", "agents"};

// ---- random policies and requests

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  const std::string& of(const Words& words) {
    return words[static_cast<std::size_t>(below(static_cast<int>(words.size())))];
  }
  Words some(const Words& words) {
    Words out;
    for (int i = 0, n = 1 + below(2); i < n; ++i) out.push_back(of(words));
    return out;
  }
  Words maybe(const Words& words, int in) { return one_in(in) ? some(words) : Words{}; }

 private:
  std::mt19937_64 engine_;
};

constexpr std::int64_t kNow = 1'772'600'000;  // about 2026-03-04

PlainPolicy random_policy(Random& random) {
  PlainPolicy out;
  if (random.one_in(3)) {
    out.says_protected = true;
    if (!random.one_in(3)) out.protected_namespaces = random.some({"prod", "kube-*", "shop"});
  }
  for (const auto& role : kRoles)
    out.roles[role] = random.one_in(3) ? Words{} : random.some({"cli:alice", "mcp:*", "oidc:*@example.com"});
  if (random.one_in(3)) {
    for (int i = 0, n = 1 + random.below(2); i < n; ++i) {
      PlainFreeze freeze;
      freeze.name = "f" + std::to_string(i);
      if (random.one_in(2)) {
        freeze.from = kNow + random.below(14 * 86400) - 7 * 86400;
        freeze.until = freeze.from + 1 + random.below(10 * 86400);
      } else {
        for (int w = 0, count = 1 + random.below(2); w < count; ++w) {
          Window window{random.some(kDays), random.below(1440), random.below(1441), (random.below(57) - 28) * 30};
          if (window.from == window.until) window.until = window.from + 1;
          freeze.weekly.push_back(window);
        }
      }
      freeze.clusters = random.maybe(kClusterPatterns, 4);
      if (random.one_in(4))
        (random.one_in(2) ? freeze.except_who = random.some(kPeoplePatterns)
                          : freeze.except_roles = random.some(kRoles));
      if (random.one_in(2)) freeze.decision = random.of({"deny", "approve"});
      out.freezes.push_back(std::move(freeze));
    }
  }
  for (int i = 0, n = random.below(7); i < n; ++i) {
    PlainRule rule;
    rule.name = "r" + std::to_string(i);
    if (random.one_in(2))
      (random.one_in(2) ? rule.who = random.some(kPeoplePatterns) : rule.roles = random.some(kRoles));
    rule.clusters = random.maybe(kClusterPatterns, 5);
    rule.namespaces = random.maybe(kSpacePatterns, 2);
    rule.kinds = random.maybe(kKindPatterns, 2);
    rule.operations = random.maybe(kOperationPatterns, 5);
    rule.trust = random.maybe({"READ", "WRITE", "DESTRUCTIVE"}, 4);
    rule.decision = random.of({"allow", "approve", "deny"});
    rule.reason = rule.decision != "deny" && random.one_in(4);
    out.rules.push_back(std::move(rule));
  }
  for (const char* trust : {"READ", "WRITE", "DESTRUCTIVE"}) {
    if (!random.one_in(4)) continue;
    const std::string decision = random.of({"allow", "approve", "deny"});
    out.defaults[trust] = {decision, decision != "deny" && random.one_in(2)};
  }
  return out;
}

PolicyRequest random_request(Random& random) {
  PolicyRequest out;
  out.who.name = random.of(kPeople);
  out.who.roles = random.maybe(kRoles, 3);
  out.cluster = random.one_in(8) ? "" : random.of(kClusters);
  out.operation = random.of(kOperations);
  out.trust = static_cast<ops::Trust>(random.below(3));
  out.now = kNow + random.below(14 * 86400) - 7 * 86400;
  if (random.one_in(4)) out.now -= out.now % 1800;
  for (int i = 0, n = random.below(4); i < n; ++i) {
    Touch touch{random.of(kGroups), random.of(kPlurals), random.of(kSpaces), ""};
    if (const auto sub = random.of(kSubresources); !sub.empty() && random.one_in(2)) touch.resource += "/" + sub;
    if (random.one_in(10)) touch = {"", "pods/eviction", random.one_in(2) ? "kube-system" : random.of(kSpaces), ""};
    if (random.one_in(4)) touch.ns = "*";
    if (random.one_in(6)) touch.ns = "";
    if (random.one_in(20)) touch.group = "*";
    if (random.one_in(20)) touch.resource = "*";
    out.touches.push_back(std::move(touch));
  }
  return out;
}

json::array list(const Words& words) { return json::array(words.begin(), words.end()); }
void put(json::object& object, const char* key, const Words& words) {
  if (!words.empty()) object[key] = list(words);
}
std::string clock(int minutes) {
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

// JSON is YAML.
std::string file_of(const PlainPolicy& policy) {
  json::object out{{"version", 1}};
  if (policy.says_protected) out["protected_namespaces"] = list(policy.protected_namespaces);
  json::object roles, defaults;
  for (const auto& [role, members] : policy.roles) roles[role] = list(members);
  out["roles"] = roles;
  json::array freezes, rules;
  for (const auto& freeze : policy.freezes) {
    json::object one{{"name", freeze.name}};
    json::array weekly;
    for (const auto& window : freeze.weekly)
      weekly.push_back(
          json::object{{"days", list(window.days)},
                       {"from", clock(window.from)},
                       {"until", clock(window.until)},
                       {"timezone_offset", (window.offset < 0 ? "-" : "+") + clock(std::abs(window.offset))}});
    if (weekly.empty()) {
      one["from"] = format_rfc3339(freeze.from);
      one["until"] = format_rfc3339(freeze.until);
    } else {
      one["weekly"] = weekly;
    }
    put(one, "clusters", freeze.clusters);
    json::object except;
    put(except, "who", freeze.except_who);
    put(except, "roles", freeze.except_roles);
    if (!except.empty()) one["except"] = except;
    if (!freeze.decision.empty()) one["decision"] = freeze.decision;
    freezes.push_back(one);
  }
  if (!freezes.empty()) out["freezes"] = freezes;
  for (const auto& rule : policy.rules) {
    json::object one{{"name", rule.name}, {"decision", rule.decision}};
    put(one, "who", rule.who);
    put(one, "roles", rule.roles);
    put(one, "clusters", rule.clusters);
    put(one, "namespaces", rule.namespaces);
    put(one, "kinds", rule.kinds);
    put(one, "operations", rule.operations);
    put(one, "trust", rule.trust);
    if (rule.reason) one["reason"] = "required";
    rules.push_back(one);
  }
  if (!rules.empty()) out["rules"] = rules;
  for (const auto& [trust, one] : policy.defaults) {
    json::value said(one.first);
    if (one.second) said = json::object{{"decision", one.first}, {"reason", "required"}};
    defaults[trust == "READ" ? "read" : trust == "WRITE" ? "write" : "destructive"] = said;
  }
  if (!defaults.empty()) out["defaults"] = defaults;
  return compact(out);
}

std::string text(const PolicyRequest& request) {
  std::string out = request.who.name + " on '" + request.cluster + "' " + request.operation + " " +
                    trust_word(request.trust) + " at " + format_rfc3339(request.now);
  for (const auto& role : request.who.roles) out += " +" + role;
  for (const auto& touch : request.touches) out += " [" + touch.group + " " + touch.resource + " " + touch.ns + "]";
  return out;
}

// Where they differ: in what; empty: nowhere.
std::string difference(const Verdict& verdict, const Answer& answer) {
  if (static_cast<int>(verdict.decision) != answer.decision) return "decision";
  if (verdict.reason_required != answer.reason) return "reason";
  const bool only_built_in = answer.authors == std::set<std::string>{"built in"};
  if (verdict.by_default != only_built_in) return "by_default";
  if (!only_built_in && !answer.authors.count(verdict.rule)) return "rule";
  return "";
}

TEST(PolicyReference, AgreesWithTheRealOne) {
  const char* given = std::getenv("FAIRLEAD_POLICY_PAIRS");
  const long pairs = given ? std::atol(given) : 50'000;
  constexpr int requests = 10;
  seen.clear();
  for (long i = 0; i < pairs / requests; ++i) {
    Random random(static_cast<std::uint64_t>(i));
    const PlainPolicy plain = random_policy(random);
    const std::string file = file_of(plain);
    auto policy = Policy::parse(file);
    ASSERT_TRUE(policy) << policy.error().sentence() << "\n" << file;
    for (int j = 0; j < requests; ++j) {
      const PolicyRequest request = random_request(random);
      const Verdict verdict = policy->decide(request);
      const Answer answer = reference::decide(plain, request);
      const std::string differs = difference(verdict, answer);
      ASSERT_EQ(differs, "") << "seed " << i << ": " << to_string(verdict.decision) << " by " << verdict.rule << " ("
                             << verdict.why << "), expected " << answer.decision << "\n"
                             << file << "\n"
                             << text(request);
      ++seen[verdict.decision == Decision::allow  ? "answer allow"
             : verdict.decision == Decision::deny ? "answer deny"
                                                  : "answer approve"];
      if (verdict.reason_required) ++seen["answer with a reason"];
    }
  }
  for (const char* feature : {"answer allow",
                              "answer approve",
                              "answer deny",
                              "answer with a reason",
                              "another group of the same kind",
                              "role brought along",
                              "role of the file",
                              "other who",
                              "other role",
                              "other cluster",
                              "other operation",
                              "other trust",
                              "other namespace",
                              "other kind",
                              "of no namespace",
                              "subresource of a kind, strict",
                              "subresource of a kind, allowed",
                              "built-in default",
                              "default of the file",
                              "rule: allow",
                              "rule: approve",
                              "rule: deny",
                              "window of today",
                              "window of yesterday",
                              "freeze by a span",
                              "freeze by weekdays",
                              "excepted from a freeze",
                              "touches nothing",
                              "protected",
                              "protected, by each namespace",
                              "eviction from a protected namespace",
                              "each namespace",
                              "any kind",
                              "any cluster"})
    EXPECT_GE(seen[feature], pairs / 1000) << feature;
}

}  // namespace
}  // namespace fairlead::gate
