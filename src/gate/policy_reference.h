// For tests: a second, naive policy gate, written from docs/policy.md alone. It shares no code with the real one. What
// stands for all of something is tried one by one in a small world, in which every pattern of the test has an instance
// that no other pattern matches unless it matches all that the first one does.
#pragma once

#include <chrono>
#include <map>
#include <set>

#include "gate/policy.h"

namespace fairlead::gate::reference {

using Words = std::vector<std::string>;

// ---- the small world

inline const Words kSpaces{"shop", "shop-a", "x-prod", "prod", "kube-system", "kube-x", "axb", "other"};
inline const Words kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
inline const Words kClusters{"prod-1", "prod-2", "staging", "lab"};
inline const Words kGroups{"", "apps", "extensions", "extra.io", "metrics.k8s.io", "other.io"};
inline const Words kPlurals{"pods", "deployments", "daemonsets", "secrets", "sets", "others"};
inline const Words kSubresources{"", "log", "exec", "scale", "eviction", "other"};

// ---- the policy as a person reads it

struct Window {
  Words days;
  int from, until, offset;  // minutes
};
struct PlainFreeze {
  std::string name;
  std::int64_t from = 0, until = 0;
  std::vector<Window> weekly;
  Words clusters, except_who, except_roles;
  std::string decision;  // empty: left out
};
struct PlainRule {
  std::string name;
  Words who, roles, clusters, namespaces, kinds, operations, trust;
  std::string decision;
  bool reason = false;
};
struct PlainPolicy {
  bool says_protected = false;
  Words protected_namespaces;
  std::map<std::string, Words> roles;
  std::vector<PlainFreeze> freezes;
  std::vector<PlainRule> rules;
  std::map<std::string, std::pair<std::string, bool>> defaults;
};

struct Answer {
  int decision = 0;  // 0 allow, 1 approve, 2 deny
  bool reason = false;
  std::set<std::string> authors;  // of the strictest
  bool operator<(const Answer& other) const { return decision < other.decision; }
};

inline std::map<std::string_view, int> seen;  // what was met, by feature

inline bool glob(const char* pattern, const char* text) {
  if (*pattern == 0) return *text == 0;
  if (*pattern == '*') return glob(pattern + 1, text) || (*text != 0 && glob(pattern, text + 1));
  return *pattern == *text && glob(pattern + 1, text + 1);
}
inline bool any_of(const Words& patterns, const std::string& text) {
  for (const auto& one : patterns)
    if (glob(one.c_str(), text.c_str())) return true;
  return false;
}
inline bool has(const Words& words, const std::string& word) {
  for (const auto& one : words)
    if (one == word) return true;
  return false;
}

inline int level(const std::string& word) { return word == "allow" ? 0 : word == "approve" ? 1 : 2; }

inline bool person_has_role(const PlainPolicy& policy, const Identity& who, const Words& wanted) {
  for (const auto& role : wanted) {
    if (has(who.roles, role)) return ++seen["role brought along"], true;
    const auto found = policy.roles.find(role);
    if (found != policy.roles.end() && any_of(found->second, who.name)) return ++seen["role of the file"], true;
  }
  return false;
}

// docs/policy.md, "Kinds".
inline bool kind_matches(const std::string& written, bool denies_or_asks, const std::string& group,
                         const std::string& plural, const std::string& sub) {
  if (written == "*") return true;
  std::string kind = written, subresource;
  const bool names_subresource = written.find('/') != std::string::npos;
  if (names_subresource) {
    kind = written.substr(0, written.find('/'));
    subresource = written.substr(written.find('/') + 1);
  }
  const bool names_group = kind.find('.') != std::string::npos;
  if (names_group) {
    std::string wanted = kind.substr(kind.find('.') + 1);
    kind = kind.substr(0, kind.find('.'));
    if (wanted == "core") wanted = "";
    bool here = glob(wanted.c_str(), group.c_str());
    // The same object is served by both.
    const bool shared = plural == "deployments" || plural == "daemonsets";
    if (!here && shared && (group == "apps" || group == "extensions")) {
      here = glob(wanted.c_str(), group == "apps" ? "extensions" : "apps");
      if (here) ++seen["another group of the same kind"];
    }
    if (!here) return false;
  }
  if (!glob(kind.c_str(), plural.c_str())) return false;
  if (names_subresource) return sub != "" && glob(subresource.c_str(), sub.c_str());
  if (sub == "") return true;
  ++seen[denies_or_asks ? "subresource of a kind, strict" : "subresource of a kind, allowed"];
  return denies_or_asks;
}

inline std::string trust_word(ops::Trust trust) {
  return trust == ops::Trust::read ? "READ" : trust == ops::Trust::write ? "WRITE" : "DESTRUCTIVE";
}

inline bool call_matches(const PlainPolicy& policy, const PlainRule& rule, const PolicyRequest& request,
                         const std::string& cluster) {
  if (!rule.who.empty() && !any_of(rule.who, request.who.name)) return ++seen["other who"], false;
  if (!rule.roles.empty() && !person_has_role(policy, request.who, rule.roles)) return ++seen["other role"], false;
  if (!rule.clusters.empty() && !any_of(rule.clusters, cluster)) return ++seen["other cluster"], false;
  if (!rule.operations.empty() && !any_of(rule.operations, request.operation)) return ++seen["other operation"], false;
  if (!rule.trust.empty() && !has(rule.trust, trust_word(request.trust))) return ++seen["other trust"], false;
  return true;
}

inline Answer by_default(const PlainPolicy& policy, ops::Trust trust) {
  static const std::map<std::string, std::pair<std::string, bool>> built_in{
      {"READ", {"allow", false}}, {"WRITE", {"approve", false}}, {"DESTRUCTIVE", {"approve", true}}};
  const auto given = policy.defaults.find(trust_word(trust));
  const auto& [decision, reason] = given == policy.defaults.end() ? built_in.at(trust_word(trust)) : given->second;
  ++seen[given == policy.defaults.end() ? "built-in default" : "default of the file"];
  return {level(decision), reason, {given == policy.defaults.end() ? "built in" : "default"}};
}

inline Answer of_rule(const PlainRule& rule) {
  ++seen[rule.decision == "allow" ? "rule: allow" : rule.decision == "deny" ? "rule: deny" : "rule: approve"];
  return {level(rule.decision), rule.reason, {rule.name}};
}

// One kind in one namespace of one cluster.
inline Answer single(const PlainPolicy& policy, const PolicyRequest& request, const std::string& cluster,
                     const std::string& group, const std::string& plural, const std::string& sub,
                     const std::string& ns) {
  for (const auto& rule : policy.rules) {
    const bool strict = rule.decision != "allow";
    if (!call_matches(policy, rule, request, cluster)) continue;
    if (!rule.namespaces.empty()) {
      if (ns == "" && !(strict && has(rule.namespaces, "*"))) {
        ++seen["of no namespace"];
        continue;
      }
      if (ns != "" && !any_of(rule.namespaces, ns)) {
        ++seen["other namespace"];
        continue;
      }
    }
    bool kind = rule.kinds.empty();
    for (const auto& one : rule.kinds) kind = kind || kind_matches(one, strict, group, plural, sub);
    if (!kind) {
      ++seen["other kind"];
      continue;
    }
    return of_rule(rule);
  }
  return by_default(policy, request.trust);
}

inline void stricter(Answer& all, const Answer& one) {
  const bool reason = all.reason || one.reason;
  if (all.authors.empty() || one.decision > all.decision)
    all = one;
  else if (one.decision == all.decision)
    all.authors.insert(one.authors.begin(), one.authors.end());
  all.reason = reason;
}

inline bool in_window(const Window& window, std::int64_t now) {
  using namespace std::chrono;
  const std::int64_t local = now + window.offset * 60;
  for (std::int64_t back = 0; back <= 1; ++back) {
    const sys_days day = floor<days>(sys_seconds(seconds(local))) - days(back);
    if (!has(window.days, kDays[weekday(day).c_encoding()])) continue;
    const std::int64_t midnight = sys_seconds(day).time_since_epoch().count();
    const std::int64_t begin = midnight + window.from * 60;
    const std::int64_t end = midnight + window.until * 60 + (window.until < window.from ? 86400 : 0);
    if (local >= begin && local < end) return ++seen[back ? "window of yesterday" : "window of today"], true;
  }
  return false;
}

inline Answer decide(const PlainPolicy& policy, const PolicyRequest& request) {
  Answer all;
  const bool change = request.trust != ops::Trust::read;
  for (const auto& freeze : policy.freezes) {
    bool now = freeze.weekly.empty() && request.now >= freeze.from && request.now < freeze.until;
    for (const auto& window : freeze.weekly) now = now || in_window(window, request.now);
    if (!change || !now) continue;
    if (!freeze.clusters.empty() && request.cluster != "" && !any_of(freeze.clusters, request.cluster)) continue;
    if (any_of(freeze.except_who, request.who.name) || person_has_role(policy, request.who, freeze.except_roles)) {
      ++seen["excepted from a freeze"];
      continue;
    }
    ++seen[freeze.weekly.empty() ? "freeze by a span" : "freeze by weekdays"];
    stricter(all, {freeze.decision == "approve" ? 1 : 2, false, {"freeze: " + freeze.name}});
  }
  if (request.touches.empty()) {
    ++seen["touches nothing"];
    bool decided = false;
    for (const auto& rule : policy.rules) {
      if (decided || !call_matches(policy, rule, request, request.cluster)) continue;
      if (!rule.kinds.empty() && !has(rule.kinds, "*")) continue;
      if (!rule.namespaces.empty() && !(rule.decision != "allow" && has(rule.namespaces, "*"))) continue;
      stricter(all, of_rule(rule));
      decided = true;
    }
    if (!decided) stricter(all, by_default(policy, request.trust));
  }
  const Words protected_ones = policy.says_protected ? policy.protected_namespaces : Words{"kube-system"};
  for (const auto& touch : request.touches) {
    if (change && touch.ns != "")
      for (const auto& one : protected_ones)
        if (touch.ns == "*" || glob(one.c_str(), touch.ns.c_str())) {
          ++seen[touch.ns == "*" ? "protected, by each namespace" : "protected"];
          const bool moves = touch.group == "" && touch.resource == "pods/eviction";
          if (moves) ++seen["eviction from a protected namespace"];
          stricter(all, {moves ? 1 : 2, moves, {"protected namespace " + one}});
        }
    const std::string plural = touch.resource.substr(0, touch.resource.find('/'));
    const std::string sub = plural == touch.resource ? "" : touch.resource.substr(touch.resource.find('/') + 1);
    if (touch.ns == "*") ++seen["each namespace"];
    if (touch.resource == "*") ++seen["any kind"];
    if (request.cluster == "") ++seen["any cluster"];
    const bool any_kind = touch.resource == "*";
    for (const auto& cluster : request.cluster == "" ? kClusters : Words{request.cluster})
      for (const auto& ns : touch.ns == "*" ? kSpaces : Words{touch.ns})
        for (const auto& group : touch.group == "*" ? kGroups : Words{touch.group})
          for (const auto& kind : any_kind ? kPlurals : Words{plural})
            for (const auto& below : any_kind ? kSubresources : Words{sub})
              stricter(all, single(policy, request, cluster, group, kind, below, ns));
  }
  if (all.decision == 2) all.reason = false;
  return all;
}

}  // namespace fairlead::gate::reference
