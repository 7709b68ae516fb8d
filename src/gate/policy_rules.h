// Inside the policy only: what a file of rules becomes, and whether a part of it matches.
#pragma once

#include <array>
#include <map>

#include "gate/policy.h"

namespace fairlead::gate {

// Whole-word match; '*' stands for any run of characters, and for none.
bool matches(std::string_view pattern, std::string_view text);
bool matches_any(const std::vector<std::string>& patterns, std::string_view text);

// Stands in a text for what '*' may stand for and no pattern spells out.
inline constexpr char kOther = '\x01';
// The pattern with kOther for '*': what matches this matches all that the pattern matches.
std::string witness_of(std::string_view pattern);

struct KindPattern {
  std::string plural;                      // "*": any, with any subresource where nothing else is said
  std::optional<std::string> group;        // nothing: in any group
  std::optional<std::string> subresource;  // nothing: the kind itself
  bool is_all() const { return plural == "*" && !group && !subresource; }
};
// "pods", "deployments.apps", "pods.core", "pods/log", "*.example.com", "*". Nothing where it is none, and then `why`
// says what to write.
std::optional<KindPattern> parse_kind_pattern(std::string_view text, std::string& why);

// `restrictive`: of a rule that denies or wants approval, which covers the subresources of a kind as well.
bool matches(const KindPattern& pattern, bool restrictive, std::string_view group, std::string_view plural,
             std::string_view subresource);

// Objects of some kinds are served by two groups, and a pattern that names one of them means them in both. The plurals
// of those of that group ("*": of any) which the pattern matches.
std::vector<std::string> shared_kinds(const KindPattern& pattern, std::string_view group);

// Each weekday on which it begins; `until` at or before `from`: on the next day.
struct WeeklyWindow {
  std::array<bool, 7> days{};  // Sunday first
  int from = 0, until = 0;     // minutes of the day, until 1440
  int offset = 0;              // of the local time from UTC, minutes
};
bool is_open(const WeeklyWindow& window, std::int64_t now);
std::optional<int> parse_clock(std::string_view text, int most);  // "18:00", at most so many minutes
std::optional<int> parse_offset(std::string_view text);           // "+02:00", "Z": minutes
std::optional<int> parse_weekday(std::string_view text);          // "sun" is 0

struct Freeze {
  std::string name;
  std::optional<std::pair<std::int64_t, std::int64_t>> span;  // unix seconds, the second no longer in it
  std::vector<WeeklyWindow> weekly;
  std::vector<std::string> clusters, except_who, except_roles;
  Decision decision = Decision::deny;
};
bool holds(const Freeze& freeze, std::int64_t now);

struct Rule {
  std::string name;
  std::vector<std::string> who, roles, clusters, namespaces, operations;  // empty: whatever it is
  std::vector<KindPattern> kinds;
  std::vector<ops::Trust> trust;
  Decision decision = Decision::deny;
  bool reason = false;
  bool restrictive() const { return decision != Decision::allow; }
};

// Whose calls may show the values of Secrets, where.
struct Reveal {
  std::vector<std::string> who, roles, clusters, namespaces;
};

struct PolicyRules {
  struct Default {
    Decision decision;
    bool reason;
    bool of_the_file;
  };
  std::vector<std::string> protected_namespaces;
  std::map<std::string, std::vector<std::string>, std::less<>> roles;
  std::vector<Freeze> freezes;
  std::vector<Rule> rules;
  std::array<Default, 3> defaults{};  // by trust
  std::vector<Reveal> reveal;
  bool audit_reads = true;
  bool keep_deleted_secrets = false;
  json::object document;
};

Result<PolicyRules> parse_policy(std::string_view yaml);

}  // namespace fairlead::gate
