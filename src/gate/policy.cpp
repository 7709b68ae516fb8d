#include "gate/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/digest.h"
#include "base/similar.h"
#include "base/text.h"
#include "gate/policy_rules.h"

namespace fairlead::gate {
namespace {

constexpr std::string_view kBuiltIn = "version: 1\n";
constexpr std::string_view kDefault = "default", kAll = "*";

bool is_all(const std::vector<std::string>& patterns) {
  return patterns.empty() || std::find(patterns.begin(), patterns.end(), kAll) != patterns.end();
}

// Roles of the identity and of the file together.
std::vector<std::string> roles_of(const PolicyRules& policy, const Identity& who) {
  std::vector<std::string> out = who.roles;
  for (const auto& [role, members] : policy.roles)
    if (matches_any(members, who.name)) out.push_back(role);
  return out;
}

bool is_one_of(const std::vector<std::string>& names, const std::vector<std::string>& roles, const Identity& who,
               const std::vector<std::string>& all_roles) {
  if (matches_any(names, who.name)) return true;
  return std::any_of(all_roles.begin(), all_roles.end(), [&](const std::string& role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  });
}

// One single thing that a call reaches: a touch without any "*".
struct Place {
  std::string cluster, group, plural, subresource, ns;
};

bool matches_cluster(const Rule& rule, const std::string& cluster) {
  return rule.clusters.empty() || matches_any(rule.clusters, cluster);
}

// What is in no namespace is no namespace's: an allow does not stretch to it.
bool matches_namespace(const Rule& rule, const std::string& ns) {
  if (rule.namespaces.empty()) return true;
  return ns.empty() ? rule.restrictive() && is_all(rule.namespaces) : matches_any(rule.namespaces, ns);
}

// group, plural and subresource
using PlaceKind = std::array<std::string, 3>;
bool matches_kind(const Rule& rule, const PlaceKind& kind) {
  return rule.kinds.empty() || std::any_of(rule.kinds.begin(), rule.kinds.end(), [&](const KindPattern& one) {
           return matches(one, rule.restrictive(), kind[0], kind[1], kind[2]);
         });
}

// One side of places, and the rules that it alone lets be about them. Of those that no rule tells apart one is enough.
template <class Value>
struct Side {
  Value value;
  std::vector<bool> rules;
};
template <class Values, class Matches>
auto sides_of(const Values& values, const std::vector<const Rule*>& rules, const Matches& matches) {
  std::vector<Side<typename Values::value_type>> out;
  std::set<std::vector<bool>> known;
  for (const auto& value : values) {
    std::vector<bool> about(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) about[i] = matches(*rules[i], value);
    if (known.insert(about).second) out.push_back({value, std::move(about)});
  }
  return out;
}

// Matches a call that reaches nothing of a cluster.
bool matches_nothing(const Rule& rule, const std::string& cluster) {
  if (!matches_cluster(rule, cluster)) return false;
  const bool any_kind = rule.kinds.empty() || std::any_of(rule.kinds.begin(), rule.kinds.end(),
                                                          [](const KindPattern& kind) { return kind.is_all(); });
  return any_kind && (rule.namespaces.empty() || (rule.restrictive() && is_all(rule.namespaces)));
}

// A call under the rules that can be about it. What stands for all of something is decided by single places that
// together meet every first match that there can be: for each pattern of a rule its witness, and one for what no
// pattern spells out. An earlier rule that matches a pattern's witness matches all that the pattern does.
class Decider {
 public:
  Decider(const PolicyRules& policy, const PolicyRequest& request) : policy_(policy), request_(request) {
    roles_ = roles_of(policy, request.who);
    for (const auto& rule : policy.rules) {
      const bool person =
          (rule.who.empty() && rule.roles.empty()) || is_one_of(rule.who, rule.roles, request.who, roles_);
      const bool trust =
          rule.trust.empty() || std::find(rule.trust.begin(), rule.trust.end(), request.trust) != rule.trust.end();
      const bool operation = rule.operations.empty() || matches_any(rule.operations, request.operation);
      if (person && trust && operation) rules_.push_back(&rule);
    }
  }

  std::vector<Finding> findings() const {
    std::vector<Finding> out;
    if (request_.trust != ops::Trust::read)
      for (const auto& freeze : policy_.freezes) add_freeze(freeze, out);
    if (request_.touches.empty()) out.push_back({std::nullopt, about_nothing()});
    for (std::size_t i = 0; i < request_.touches.size(); ++i) {
      const Touch& touch = request_.touches[i];
      const auto begin = request_.touches.begin(), here = begin + static_cast<std::ptrdiff_t>(i);
      if (std::find(begin, here, touch) == here) out.push_back({touch, about(touch)});
    }
    return out;
  }

 private:
  std::string_view trust() const { return ops::to_string(request_.trust); }

  void add_freeze(const Freeze& freeze, std::vector<Finding>& out) const {
    const bool here =
        request_.cluster.empty() || freeze.clusters.empty() || matches_any(freeze.clusters, request_.cluster);
    if (!here || !holds(freeze, request_.now) ||
        is_one_of(freeze.except_who, freeze.except_roles, request_.who, roles_))
      return;
    const std::string until = freeze.span ? " until " + format_rfc3339(freeze.span->second) : " now";
    out.push_back({std::nullopt,
                   {freeze.decision, false, false, "freeze: " + freeze.name,
                    fmt::format("the freeze {} {} changes{}", freeze.name,
                                freeze.decision == Decision::deny ? "denies" : "wants approval for", until)}});
  }

  Verdict about_nothing() const {
    for (const Rule* rule : rules_)
      if (matches_nothing(*rule, request_.cluster)) return of_rule(*rule, std::string(trust()));
    return of_default(std::string(trust()));
  }

  Verdict about(const Touch& touch) const {
    const std::optional<Verdict> protection = protection_of(touch);
    if (protection && protection->decision == Decision::deny) return *protection;
    const auto clusters =
        sides_of(witnesses(request_.cluster, request_.cluster.empty(), &Rule::clusters), rules_, matches_cluster);
    const auto namespaces =
        sides_of(witnesses(touch.ns, touch.ns == kAll, &Rule::namespaces), rules_, matches_namespace);
    const auto all_kinds = sides_of(kinds(touch), rules_, matches_kind);
    std::optional<Place> strictest;
    const Rule* its_rule = nullptr;
    bool reason = false, by_rule = false;
    for (const auto& cluster : clusters)
      for (const auto& ns : namespaces)
        for (const auto& kind : all_kinds) {
          const Rule* rule = nullptr;  // the first one; none: the default holds
          for (std::size_t i = 0; i < rules_.size() && !rule; ++i)
            if (cluster.rules[i] && ns.rules[i] && kind.rules[i]) rule = rules_[i];
          reason |= wants_reason(rule);
          by_rule |= rule && wants_reason(rule);
          const bool stricter = !strictest || decision_of(rule) > decision_of(its_rule) ||
                                (decision_of(rule) == decision_of(its_rule) && rule && !its_rule);
          if (!stricter) continue;
          strictest = Place{cluster.value, kind.value[0], kind.value[1], kind.value[2], ns.value};
          its_rule = rule;
        }
    Verdict verdict = its_rule ? of_rule(*its_rule, what(*strictest, touch)) : of_default(what(*strictest, touch));
    if (protection && verdict.decision != Decision::deny) return *protection;
    verdict.reason_required = reason && verdict.decision != Decision::deny;
    verdict.reason_by_file = verdict.reason_required && (by_rule || !verdict.by_default);
    return verdict;
  }

  // An eviction moves a pod as its budget allows, and every node that is drained has some of kube-system: a person
  // decides. Anything else in a protected namespace is denied.
  std::optional<Verdict> protection_of(const Touch& touch) const {
    if (request_.trust == ops::Trust::read || touch.ns.empty()) return std::nullopt;
    const auto& all = policy_.protected_namespaces;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& ns) { return touch.ns == kAll || matches(ns, touch.ns); });
    if (found == all.end()) return std::nullopt;
    const std::string_view how = touch.ns == kAll ? "it reaches every namespace, and " : "";
    const std::string ns = touch.ns == kAll ? *found : plain_word(touch.ns), rule = "protected namespace " + *found;
    if (touch.group.empty() && touch.resource == "pods/eviction")
      return Verdict{Decision::approve, true, false, rule,
                     fmt::format("{}pods of namespace {}, which is protected, are moved only with an approval and a "
                                 "reason",
                                 how, ns)};
    return Verdict{Decision::deny, false, false, rule,
                   fmt::format("{}namespace {} is protected from changes", how, ns)};
  }

  const PolicyRules::Default& default_rule() const {
    return policy_.defaults[static_cast<std::size_t>(request_.trust)];
  }
  Decision decision_of(const Rule* rule) const { return rule ? rule->decision : default_rule().decision; }
  bool wants_reason(const Rule* rule) const { return rule ? rule->reason : default_rule().reason; }

  Verdict of_rule(const Rule& rule, const std::string& what) const {
    const auto number = &rule - policy_.rules.data() + 1;
    const std::string_view verb = rule.decision == Decision::allow  ? "allows"
                                  : rule.decision == Decision::deny ? "denies"
                                                                    : "wants approval for";
    return {rule.decision, rule.reason, false, rule.name,
            fmt::format("rule {} ({}) {} {}", number, rule.name, verb, what)};
  }

  Verdict of_default(const std::string& what) const {
    const auto& one = default_rule();
    const std::string_view word = one.decision == Decision::approve ? "approval" : to_string(one.decision);
    return {one.decision, one.reason, !one.of_the_file, std::string(kDefault),
            fmt::format("no rule is about {}, and the default for {} is {}{}", what, trust(), word,
                        one.reason ? " with a reason" : "")};
  }

  // "READ of pods.metrics.k8s.io in namespace prod, of which it reaches every one"
  std::string what(const Place& place, const Touch& touch) const {
    const auto shown = [](std::string_view witness) {
      std::string out(witness);
      std::replace(out.begin(), out.end(), kOther, '*');
      return plain_word(out);
    };
    std::string out =
        fmt::format("{} of {}", trust(), place.plural == std::string(1, kOther) ? "any kind" : shown(place.plural));
    if (!place.group.empty() && place.group != std::string(1, kOther)) out += "." + shown(place.group);
    if (!place.subresource.empty()) out += "/" + shown(place.subresource);
    if (place.ns == std::string(1, kOther))
      out += " in any namespace";
    else if (!place.ns.empty())
      out += " in namespace " + shown(place.ns) + (touch.ns == kAll ? ", and it reaches every namespace" : "");
    if (request_.cluster.empty() && place.cluster != std::string(1, kOther))
      out += " of cluster " + shown(place.cluster);
    return out;
  }

  std::vector<std::string> witnesses(const std::string& given, bool is_any,
                                     std::vector<std::string> Rule::*patterns) const {
    if (!is_any) return {given};
    std::set<std::string> out{std::string(1, kOther)};
    for (const Rule* rule : rules_)
      for (const auto& pattern : rule->*patterns) out.insert(witness_of(pattern));
    return {out.begin(), out.end()};
  }

  using Kinds = std::set<PlaceKind>;
  Kinds kinds(const Touch& touch) const {
    const bool any_group = touch.group == kAll, any_kind = touch.resource == kAll;
    const std::size_t slash = std::min(touch.resource.find('/'), touch.resource.size());
    const std::string other(1, kOther), plural = touch.resource.substr(0, slash),
                                        sub = touch.resource.substr(std::min(slash + 1, touch.resource.size()));
    Kinds out;
    const auto add = [&](const std::string& group, const std::string& kind, const std::string& subresource) {
      out.insert({any_group ? group : touch.group, any_kind ? kind : plural, any_kind ? subresource : sub});
    };
    add(other, other, "");
    add(other, other, other);
    if (!any_group && !any_kind) return out;
    for (const Rule* rule : rules_) {
      for (const auto& kind : rule->kinds) {
        const std::string group = kind.group ? witness_of(*kind.group) : other;
        std::vector<std::string> names = any_kind ? shared_kinds(kind, touch.group) : std::vector<std::string>();
        names.push_back(witness_of(kind.plural));
        for (const auto& named : names) {
          if (kind.subresource) {
            add(group, named, witness_of(*kind.subresource));
            continue;
          }
          add(group, named, "");
          add(group, named, other);
        }
      }
    }
    return out;
  }

  const PolicyRules& policy_;
  const PolicyRequest& request_;
  std::vector<std::string> roles_;
  std::vector<const Rule*> rules_;
};

}  // namespace

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::allow: return "allow";
    case Decision::approve: return "approve";
    case Decision::deny: return "deny";
  }
  return "deny";
}

Policy Policy::built_in() { return parse(kBuiltIn).value(); }

Result<Policy> Policy::parse(std::string_view yaml) {
  auto rules = parse_policy(yaml);
  if (!rules) return fail(std::move(rules.error()));
  Policy policy;
  policy.rules_ = std::make_shared<const PolicyRules>(std::move(*rules));
  policy.digest_ = sha256_hex(yaml);
  return policy;
}

std::vector<Finding> Policy::explain(const PolicyRequest& request) const {
  return Decider(*rules_, request).findings();
}

Verdict Policy::decide(const PolicyRequest& request) const {
  std::vector<Finding> all = explain(request);
  const auto rank = [](const Verdict& one) {  // of equal ones, what somebody has written tells more
    const int author = one.by_default ? 0 : one.rule == kDefault ? 1 : one.rule.starts_with("protected ") ? 3 : 2;
    return std::pair(one.decision, author);
  };
  Verdict strictest = all[0].verdict;
  bool reason = false, by_file = false;
  for (const auto& finding : all) {
    reason |= finding.verdict.reason_required;
    by_file |= finding.verdict.reason_required && (finding.verdict.reason_by_file || !finding.verdict.by_default);
    if (rank(finding.verdict) > rank(strictest)) strictest = finding.verdict;
  }
  strictest.reason_required = reason && strictest.decision != Decision::deny;
  strictest.reason_by_file = by_file && strictest.reason_required;
  return strictest;
}

Result<void> Policy::check_operations(const ops::Catalog& catalog) const {
  for (std::size_t i = 0; i < rules_->rules.size(); ++i) {
    const Rule& rule = rules_->rules[i];
    for (const auto& pattern : rule.operations) {
      const auto& all = catalog.operations();
      if (std::any_of(all.begin(), all.end(), [&](const auto& one) { return matches(pattern, one.name); })) continue;
      std::vector<std::string> names;
      for (const auto& one : all) names.emplace_back(one.name);
      const auto near = similar_names(pattern, names);
      return fail(ErrorCode::invalid_request, "read the policy",
                  fmt::format("rules[{}] ({}) names an operation that there is not: {}", i, rule.name, pattern),
                  near.empty() ? "'fairlead ops' lists them" : "Did you mean " + near[0] + "?");
    }
  }
  return {};
}

bool Policy::may_reveal(const Identity& who, const std::string& cluster, std::string_view ns) const {
  const std::vector<std::string> roles = roles_of(*rules_, who);
  return std::any_of(rules_->reveal.begin(), rules_->reveal.end(), [&](const Reveal& one) {
    return is_one_of(one.who, one.roles, who, roles) && (one.clusters.empty() || matches_any(one.clusters, cluster)) &&
           matches_any(one.namespaces, ns);
  });
}

bool Policy::audit_reads() const { return rules_->audit_reads; }
bool Policy::keep_deleted_secrets() const { return rules_->keep_deleted_secrets; }

const json::object& Policy::document() const { return rules_->document; }

Verdict unseen(Verdict of_read) {
  of_read.decision = Decision::deny;
  of_read.why = "it would show what may not be read: " + of_read.why;
  return of_read;
}

}  // namespace fairlead::gate
