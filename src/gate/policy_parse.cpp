#include <fmt/format.h>

#include "base/text.h"
#include "base/yaml.h"
#include "gate/policy_reader.h"

namespace fairlead::gate {
namespace {

constexpr std::string_view kStep = "read the policy";
constexpr std::size_t kBytes = 256 << 10, kKind = 253;

class Reader final : public PolicyReader {
 public:
  explicit Reader(PolicyRules& out) : out_(out) {}

  bool file(const json::value& value) {
    const json::object* top = object(value, "the file");
    if (!top || !known(*top, "the file",
                       {"version", "protected_namespaces", "roles", "freezes", "rules", "defaults", "reveal",
                        "audit_reads", "keep_deleted_secrets"}))
      return false;
    const json::value* version = top->if_contains("version");
    if (!version || !version->is_int64() || version->get_int64() != 1)
      return refuse("version", "is not 1", "Write 'version: 1' at the beginning");
    return protected_namespaces(*top) && roles(*top) && freezes(*top) && rules(*top) && defaults(*top) &&
           reveal(*top) && flag(*top, "audit_reads", out_.audit_reads) &&
           flag(*top, "keep_deleted_secrets", out_.keep_deleted_secrets);
  }

 private:
  bool who(const json::object& of, const std::string& place, std::vector<std::string>& who,
           std::vector<std::string>& roles) {
    if (!words(of, "who", place, Words::identity, "[\"mcp:*\"]", who) ||
        !words(of, "roles", place, Words::role, "[oncall]", roles))
      return false;
    if (!who.empty() && !roles.empty())
      return refuse(place, "has both who and roles, which could mean either or both",
                    "Put the identities into a role, or write one rule for each");
    for (const auto& role : roles)
      if (!out_.roles.count(role))
        return refuse(place, "names a role that is not declared: " + role,
                      "Add it to roles; an empty list there stands for whoever's identity brings it along");
    return true;
  }

  bool reason(const json::object& of, const std::string& place, Decision decision, bool& out) {
    const json::value* value = of.if_contains("reason");
    if (!value) return true;
    if (!value->is_string() || value->get_string() != "required")
      return refuse(place + ".reason", "is not 'required'", "Write 'reason: required', or leave it out");
    if (decision == Decision::deny)
      return refuse(place + ".reason", "says nothing where the decision is deny", "Leave it out");
    out = true;
    return true;
  }

  bool protected_namespaces(const json::object& top) {
    const json::value* value = top.if_contains("protected_namespaces");
    if (!value) {
      out_.protected_namespaces = {"kube-system"};
      return true;
    }
    if (value->is_array() && value->get_array().empty()) return true;  // said in so many words: none
    return words(*value, "protected_namespaces", Words::ns, "[kube-system]", out_.protected_namespaces);
  }

  bool roles(const json::object& top) {
    const json::value* value = top.if_contains("roles");
    if (!value) return true;
    const json::object* all = object(*value, "roles");
    if (!all) return false;
    for (const auto& member : *all) {
      const std::string role(member.key()), place = "roles." + plain_word(role);
      if (!is_policy_name(role)) return refuse(place, "is not a name", "Letters, digits, '-', '_' and '.', at most 63");
      auto& members = out_.roles[role];
      if (member.value().is_array() && member.value().get_array().empty()) continue;
      if (!words(member.value(), place, Words::identity, "[\"cli:alice\", \"oidc:*@example.com\"]", members))
        return false;
    }
    return true;
  }

  bool moment(const json::object& of, std::string_view key, const std::string& place, std::int64_t& out) {
    std::string written;
    constexpr std::string_view such = "2026-12-20T00:00:00Z";
    if (!text(of, key, place, such, written)) return false;
    const auto parsed = parse_rfc3339(written);
    if (!parsed)
      return refuse(fmt::format("{}.{}", place, key), "is not a time of RFC 3339",
                    fmt::format("Write it such as {}", such));
    if (written.find('.') != std::string::npos)
      return refuse(fmt::format("{}.{}", place, key), "has a fraction of a second", "Give whole seconds");
    out = *parsed;
    return true;
  }

  bool window(const json::value& value, const std::string& place, WeeklyWindow& out) {
    const json::object* of = object(value, place);
    if (!of || !known(*of, place, {"days", "from", "until", "timezone_offset"})) return false;
    constexpr std::string_view such = "[fri, sat, sun]";
    const json::value* given = of->if_contains("days");
    if (!given) return refuse(place + ".days", "is missing", fmt::format("Write it such as {}", such));
    const json::array* days = list(*given, place + ".days", such);
    if (!days) return false;
    for (const auto& day : *days) {
      const auto number = day.is_string() ? parse_weekday(day.get_string()) : std::nullopt;
      if (!number)
        return refuse(place + ".days", "has an entry that is no day", "Days are mon, tue, wed, thu, fri, sat, sun");
      out.days[static_cast<std::size_t>(*number)] = true;
    }
    std::string from, until, offset;
    if (!text(*of, "from", place, "\"18:00\", in quotes", from) ||
        !text(*of, "until", place, "\"24:00\", in quotes", until) ||
        !text(*of, "timezone_offset", place, "\"+02:00\" or Z", offset))
      return false;
    const auto first = parse_clock(from, 24 * 60 - 1), last = parse_clock(until, 24 * 60), zone = parse_offset(offset);
    if (!first) return refuse(place + ".from", "is no time of day", "From \"00:00\" to \"23:59\", in quotes");
    if (!last) return refuse(place + ".until", "is no time of day", "From \"00:00\" to \"24:00\", in quotes");
    if (!zone) return refuse(place + ".timezone_offset", "is no offset from UTC", "Such as \"+02:00\", or Z");
    if (*first == *last)
      return refuse(place, "begins when it ends, which could mean all day or never",
                    "For a whole day write 00:00 to 24:00");
    out.from = *first;
    out.until = *last;
    out.offset = *zone;
    return true;
  }

  bool freeze(const json::object& of, std::string place, std::vector<std::string>& taken, Freeze& out) {
    if (!name(of, place, taken, out.name) ||
        !known(of, place, {"name", "from", "until", "weekly", "clusters", "except", "decision"}))
      return false;
    const bool once = of.contains("from") || of.contains("until");
    const json::value* weekly = of.if_contains("weekly");
    if (once == (weekly != nullptr))
      return refuse(place, once ? "has both a span and weekly windows" : "does not say when it holds",
                    "Give from and until, or weekly");
    if (once) {
      out.span.emplace(0, 0);
      if (!moment(of, "from", place, out.span->first) || !moment(of, "until", place, out.span->second)) return false;
      if (out.span->second <= out.span->first)
        return refuse(place + ".until", "is not after from", "Give a later time");
    } else {
      const json::array* all = list(*weekly, place + ".weekly",
                                    "[{days: [sat, sun], from: \"00:00\", until: \"24:00\", timezone_offset: Z}]");
      if (!all) return false;
      for (const auto& one : *all) {
        const std::string here = fmt::format("{}.weekly[{}]", place, out.weekly.size());
        if (!count(here) || !window(one, here, out.weekly.emplace_back())) return false;
      }
    }
    if (!words(of, "clusters", place, Words::cluster, "[\"prod-*\"]", out.clusters)) return false;
    if (const json::value* except = of.if_contains("except")) {
      const std::string here = place + ".except";
      const json::object* whom = object(*except, here);
      if (!whom || !known(*whom, here, {"who", "roles"}) || !who(*whom, here, out.except_who, out.except_roles))
        return false;
      if (whom->empty()) return refuse(here, "is empty", "Give who or roles, or leave it out");
    }
    const json::value* said = of.if_contains("decision");
    if (said && !decision(*said, place + ".decision", out.decision)) return false;
    if (out.decision == Decision::allow)
      return refuse(place + ".decision", "is allow, and a freeze holds back", "It is deny, or approve");
    return true;
  }

  bool freezes(const json::object& top) {
    const json::value* value = top.if_contains("freezes");
    if (!value) return true;
    const json::array* all = list(*value, "freezes", "[{name: holidays, from: …, until: …}]");
    if (!all) return false;
    std::vector<std::string> taken;
    for (const auto& one : *all) {
      const std::string place = fmt::format("freezes[{}]", out_.freezes.size());
      const json::object* of = object(one, place);
      if (!of || !count(place) || !freeze(*of, place, taken, out_.freezes.emplace_back())) return false;
    }
    return true;
  }

  bool kinds(const json::object& of, const std::string& place, std::vector<KindPattern>& out) {
    const json::value* value = of.if_contains("kinds");
    if (!value) return true;
    const json::array* all = list(*value, place + ".kinds", "[pods, deployments.apps]");
    if (!all) return false;
    for (const auto& one : *all) {
      const std::string here = fmt::format("{}.kinds[{}]", place, out.size());
      if (!one.is_string()) return refuse(here, "is not a text", "Write it such as deployments.apps");
      std::string why;
      const std::string_view word = one.get_string();
      auto pattern = word.size() <= kKind ? parse_kind_pattern(word, why) : std::nullopt;
      if (!pattern) return refuse(here, "is not a kind: " + plain_word(word), why);
      if (!count(here)) return false;
      out.push_back(std::move(*pattern));
    }
    return true;
  }

  bool trust(const json::object& of, const std::string& place, std::vector<ops::Trust>& out) {
    const json::value* value = of.if_contains("trust");
    if (!value) return true;
    const json::array* all = list(*value, place + ".trust", "[READ]");
    if (!all) return false;
    for (const auto& one : *all) {
      const auto level = one.is_string() ? ops::parse_trust(one.get_string()) : std::nullopt;
      if (!level)
        return refuse(place + ".trust", "has an entry that is no trust level", "They are READ, WRITE, DESTRUCTIVE");
      out.push_back(*level);
    }
    return true;
  }

  bool rule(const json::object& of, std::string place, std::vector<std::string>& taken, Rule& out) {
    if (!name(of, place, taken, out.name) ||
        !known(
            of, place,
            {"name", "who", "roles", "clusters", "namespaces", "kinds", "operations", "trust", "decision", "reason"}) ||
        !who(of, place, out.who, out.roles) ||
        !words(of, "clusters", place, Words::cluster, "[\"prod-*\"]", out.clusters) ||
        !words(of, "namespaces", place, Words::ns, "[shop, \"staging-*\"]", out.namespaces) ||
        !kinds(of, place, out.kinds) ||
        !words(of, "operations", place, Words::operation, "[scale_deployment, \"list_*\"]", out.operations) ||
        !trust(of, place, out.trust))
      return false;
    const json::value* said = of.if_contains("decision");
    if (!said) return refuse(place + ".decision", "is missing", "It is one of allow, approve, deny");
    return decision(*said, place + ".decision", out.decision) && reason(of, place, out.decision, out.reason);
  }

  bool rules(const json::object& top) {
    const json::value* value = top.if_contains("rules");
    if (!value) return true;
    const json::array* all = list(*value, "rules", "[{name: readers, trust: [READ], decision: allow}]");
    if (!all) return false;
    std::vector<std::string> taken;
    for (const auto& one : *all) {
      const std::string place = fmt::format("rules[{}]", out_.rules.size());
      const json::object* of = object(one, place);
      if (!of || !count(place) || !rule(*of, place, taken, out_.rules.emplace_back())) return false;
    }
    return true;
  }

  bool defaults(const json::object& top) {
    out_.defaults = {
        {{Decision::allow, false, false}, {Decision::approve, false, false}, {Decision::approve, true, false}}};
    const json::value* value = top.if_contains("defaults");
    if (!value) return true;
    const json::object* all = object(*value, "defaults");
    constexpr std::string_view keys[]{"read", "write", "destructive"};
    if (!all || !known(*all, "defaults", {keys[0], keys[1], keys[2]})) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      const json::value* given = all->if_contains(keys[i]);
      if (!given) continue;
      const std::string place = fmt::format("defaults.{}", keys[i]);
      auto& out = out_.defaults[i];
      out = {Decision::deny, false, true};
      if (!given->is_object()) {
        if (!decision(*given, place, out.decision)) return false;
        continue;
      }
      const json::object& of = given->get_object();
      const json::value* said = of.if_contains("decision");
      if (!known(of, place, {"decision", "reason"})) return false;
      if (!decision(said ? *said : json::value(), place + ".decision", out.decision) ||
          !reason(of, place, out.decision, out.reason))
        return false;
    }
    return true;
  }

  bool reveal(const json::object& top) {
    const json::value* value = top.if_contains("reveal");
    if (!value) return true;
    const json::array* all = list(*value, "reveal", "[{who: [\"cli:alice\"], namespaces: [shop]}]");
    if (!all) return false;
    for (const auto& one : *all) {
      const std::string place = fmt::format("reveal[{}]", out_.reveal.size());
      const json::object* of = object(one, place);
      Reveal& out = out_.reveal.emplace_back();
      if (!of || !count(place) || !known(*of, place, {"who", "roles", "clusters", "namespaces"}) ||
          !who(*of, place, out.who, out.roles) ||
          !words(*of, "clusters", place, Words::cluster, "[\"prod-*\"]", out.clusters) ||
          !words(*of, "namespaces", place, Words::ns, "[shop, \"staging-*\"]", out.namespaces))
        return false;
      if (out.who.empty() && out.roles.empty())
        return refuse(place, "says nobody's name",
                      "Give who or roles: values of Secrets are shown to nobody by default");
      if (out.namespaces.empty())
        return refuse(place, "has no namespaces", "Name those whose Secrets may be shown; [\"*\"] is all of them");
    }
    return true;
  }

  // `out` holds what it is where it is left out.
  bool flag(const json::object& top, const std::string& key, bool& out) {
    const json::value* value = top.if_contains(key);
    if (!value) return true;
    if (!value->is_bool())
      return refuse(key, "is not true or false", std::string("Left out it is ") + (out ? "true" : "false"));
    out = value->get_bool();
    return true;
  }

  PolicyRules& out_;
};

// The file with what it leaves to us.
json::object whole(const json::object& given, const PolicyRules& rules) {
  json::object out{{"version", 1}};
  json::array namespaces(rules.protected_namespaces.begin(), rules.protected_namespaces.end());
  out["protected_namespaces"] = std::move(namespaces);
  for (const char* key : {"roles", "freezes", "rules", "reveal"})
    if (const json::value* value = given.if_contains(key)) out[key] = *value;
  json::object defaults;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& one = rules.defaults[i];
    json::value decision(to_string(one.decision));
    if (one.reason) decision = json::object{{"decision", to_string(one.decision)}, {"reason", "required"}};
    defaults[i == 0 ? "read" : i == 1 ? "write" : "destructive"] = std::move(decision);
  }
  out["defaults"] = std::move(defaults);
  out["audit_reads"] = rules.audit_reads;
  out["keep_deleted_secrets"] = rules.keep_deleted_secrets;
  return out;
}

}  // namespace

Result<PolicyRules> parse_policy(std::string_view yaml) {
  auto value = parse_yaml(yaml, kStep, {.bytes = kBytes, .depth = 8, .nodes = 20'000, .documents = false});
  if (!value) return fail(std::move(value.error()));
  PolicyRules rules;
  Reader reader(rules);
  if (!reader.file(*value)) return fail(*reader.error());
  rules.document = whole(value->get_object(), rules);
  return rules;
}

}  // namespace fairlead::gate
