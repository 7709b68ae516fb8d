#include "diagnosis/rights.h"

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

bool holds(const json::array& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const json::value& one) {
    return one.is_string() && (one.get_string() == word || one.get_string() == "*");
  });
}

// Whether a subject is that service account, or a group that it belongs to.
bool is_account(const json::value& subject, const Wish& wish, std::string_view binding_ns) {
  const std::string_view kind = text_at(subject, {"kind"}), name = text_at(subject, {"name"});
  std::string_view ns = text_at(subject, {"namespace"});
  if (ns.empty()) ns = binding_ns;
  if (kind == "ServiceAccount") return name == wish.account && ns == wish.account_ns;
  if (kind == "User") return name == "system:serviceaccount:" + wish.account_ns + ":" + wish.account;
  return kind == "Group" && (name == "system:serviceaccounts" || name == "system:authenticated" ||
                             name == "system:serviceaccounts:" + wish.account_ns);
}

class Judge {
 public:
  Judge(Trail trail, Wish wish) : trail_(trail), wish_(std::move(wish)) {}

  awaitable<Rights> run() {
    co_await read_bindings("ClusterRoleBinding", "");
    if (!wish_.ns.empty()) co_await read_bindings("RoleBinding", wish_.ns);
    Rights out;
    if (readable_) out.may = allowed_;
    if (allowed_) co_return out;
    out.missing = std::move(faults_);
    if (!named_ && readable_)
      out.missing.push_back(fmt::format("no binding names ServiceAccount {}/{}", wish_.account_ns, wish_.account));
    for (auto& line : near_) out.missing.push_back(std::move(line));
    if (readable_ && !named_) co_await find_unbound(out);
    co_return out;
  }

 private:
  awaitable<void> read_bindings(std::string kind, std::string ns) {
    const ListSeen* bindings = co_await trail_.source.list(kinds::of(kind), ns);
    if (!bindings->seen()) readable_ = false;
    for (const auto& binding : bindings->items) {
      const std::string name(text_at(binding, {"metadata", "name"}));
      bool names_it = false, by_name = false;
      for (const auto& subject : array_at(binding, {"subjects"})) {
        if (is_account(subject, wish_, ns)) {
          names_it = true;
          by_name = by_name || text_at(subject, {"kind"}) == "ServiceAccount";
        } else if (text_at(subject, {"kind"}) == "ServiceAccount" && text_at(subject, {"name"}) == wish_.account) {
          near_.push_back(fmt::format("{} {} names ServiceAccount {}/{}, which is another one", kind, name,
                                      text_at(subject, {"namespace"}), wish_.account));
        }
      }
      if (!names_it) continue;
      named_ = named_ || by_name;
      const std::string role_kind(text_at(binding, {"roleRef", "kind"})), role(text_at(binding, {"roleRef", "name"}));
      co_await read_role(kind, name, ns, role_kind, role, by_name);
    }
  }

  awaitable<void> read_role(std::string kind, std::string binding, std::string ns, std::string role_kind,
                            std::string role, bool by_name) {
    std::string role_ns = ns;
    if (role_kind == "ClusterRole") role_ns.clear();
    const ObjectSeen* seen = co_await look(trail_, role_kind, role_ns, role);
    if (seen->sight == Sight::unreadable) readable_ = false;
    if (seen->absent() && by_name)
      faults_.push_back(
          fmt::format("{} {} binds it to {} {}, which does not exist", kind, binding, role_kind, quoted(role)));
    if (!seen->seen()) co_return;
    if (allows(seen->value, wish_)) {
      allowed_ = true;
    } else if (by_name) {
      const std::string has = verbs_for(seen->value);
      faults_.push_back(fmt::format("{} {}, which {} {} binds it to, allows {} on {}, not {}", role_kind, quoted(role),
                                    kind, binding, has.empty() ? "nothing" : has, wish_.resource, wish_.verb));
    }
  }

  std::string verbs_for(const json::value& role) const {
    std::vector<std::string> out;
    for (const auto& rule : array_at(role, {"rules"})) {
      if (!holds(array_at(rule, {"apiGroups"}), wish_.group) || !holds(array_at(rule, {"resources"}), wish_.resource))
        continue;
      for (const auto& verb : texts_of(array_at(rule, {"verbs"})))
        if (std::find(out.begin(), out.end(), verb) == out.end()) out.push_back(verb);
    }
    return listed(out, 8);
  }

  // A role that looks as if it had been made for the account and is bound to nobody, by its name.
  awaitable<void> find_unbound(Rights& out) {
    for (const std::string_view kind : {"ClusterRole", "Role"}) {
      if (kind == "Role" && wish_.ns.empty()) continue;
      std::string ns = wish_.ns;
      if (kind == "ClusterRole") ns.clear();
      const ListSeen* roles = co_await trail_.source.list(kinds::of(kind), ns);
      for (const auto& role : roles->items) {
        const std::string name(text_at(role, {"metadata", "name"}));
        if (name.find(wish_.account) == name.npos || !allows(role, wish_)) continue;
        out.missing.push_back(
            fmt::format("{} {} would allow it, but nothing binds it to that account", kind, quoted(name)));
      }
    }
  }

  Trail trail_;
  Wish wish_;
  bool readable_ = true, named_ = false, allowed_ = false;
  std::vector<std::string> faults_, near_;
};

}  // namespace

std::string Wish::text() const {
  return fmt::format("{} {}{}{}", verb, resource, group.empty() ? "" : "." + group,
                     ns.empty() ? "" : " in namespace " + ns);
}

bool allows(const json::value& role, const Wish& wish) {
  const auto& rules = array_at(role, {"rules"});
  return std::any_of(rules.begin(), rules.end(), [&](const json::value& rule) {
    return holds(array_at(rule, {"verbs"}), wish.verb) && holds(array_at(rule, {"apiGroups"}), wish.group) &&
           holds(array_at(rule, {"resources"}), wish.resource) && array_at(rule, {"resourceNames"}).empty();
  });
}

awaitable<Rights> rights_of(Trail trail, Wish wish) {
  const auto asked =
      co_await trail.source.may(wish.account_ns, wish.account, wish.verb, wish.group, wish.resource, wish.ns);
  Rights out;
  if (asked && *asked) {
    out.may = true;
    co_return out;
  }
  Judge judge(trail, wish);
  out = co_await judge.run();
  if (asked) out.may = asked;
  co_return out;
}

}  // namespace fairlead::diagnosis
