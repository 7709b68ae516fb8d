#include "diagnosis/rights.h"

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

using ops::PolicyBinding;
using ops::PolicyRole;
using ops::PolicyRule;
using ops::PolicySubject;

// Whether a subject is that service account, or a group that it belongs to.
bool is_account(const PolicySubject& subject, const Wish& wish) {
  const std::string& name = subject.name;
  if (subject.kind == "ServiceAccount") return name == wish.account && subject.ns == wish.account_ns;
  if (subject.kind == "User") return name == "system:serviceaccount:" + wish.account_ns + ":" + wish.account;
  return name == "system:serviceaccounts" || name == "system:authenticated" ||
         name == "system:serviceaccounts:" + wish.account_ns;
}

bool allows(const PolicyRule& rule, const Wish& wish) {
  const auto& names = rule.names;
  return rule.covers(wish.right) &&
         (names.empty() || std::find(names.begin(), names.end(), wish.right.name) != names.end());
}

bool allows(const PolicyRole& role, const Wish& wish) {
  return std::any_of(role.rules.begin(), role.rules.end(), [&](const auto& rule) { return allows(rule, wish); });
}

class Judge {
 public:
  Judge(Trail trail, Wish wish) : trail_(trail), wish_(std::move(wish)) {}

  awaitable<Rights> run() {
    co_await read_bindings("ClusterRoleBinding", "");
    if (!wish_.ns.empty()) co_await read_bindings("RoleBinding", wish_.ns);
    Rights out;
    if (readable_ || allowed_) out.may = allowed_;  // one role that allows it is enough
    if (allowed_) co_return out;
    out.had_some = had_some_;
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
    for (const auto& object : bindings->items) {
      const PolicyBinding binding = PolicyBinding::from(object);
      bool names_it = false, by_name = false;
      for (const auto& subject : binding.subjects) {
        const bool account = subject.kind == "ServiceAccount";
        if (is_account(subject, wish_)) {
          names_it = true;
          by_name = by_name || account;
        } else if (account && subject.name == wish_.account) {
          near_.push_back(fmt::format("{} {} names ServiceAccount {}/{}, which is another one", kind, binding.name,
                                      subject.ns, wish_.account));
        }
      }
      if (!names_it) continue;
      named_ = named_ || by_name;
      co_await read_role(kind, binding, by_name);
    }
  }

  awaitable<void> read_role(std::string kind, PolicyBinding binding, bool by_name) {
    const bool of_cluster = binding.role_kind == "ClusterRole";
    // Other bindings give nothing.
    if (!of_cluster && (binding.role_kind != "Role" || binding.ns.empty())) co_return;
    std::string ns = binding.ns;
    if (of_cluster) ns.clear();
    const ObjectSeen* seen = co_await look(trail_, binding.role_kind, ns, binding.role_name);
    if (seen->sight == Sight::unreadable) readable_ = false;
    if (seen->absent() && by_name) {
      had_some_ = true;
      faults_.push_back(fmt::format("{} {} binds it to {} {}, which does not exist", kind, binding.name,
                                    binding.role_kind, quoted(binding.role_name)));
    }
    if (!seen->seen()) co_return;
    const PolicyRole role = PolicyRole::from(seen->value);
    if (allows(role, wish_)) {
      allowed_ = true;
    } else if (by_name) {
      const std::string has = verbs_of(role);
      had_some_ = had_some_ || !has.empty();
      faults_.push_back(fmt::format("{} {}, which {} {} binds it to, allows {} on {}, not {}", binding.role_kind,
                                    quoted(binding.role_name), kind, binding.name, has.empty() ? "nothing" : has,
                                    ops::resource_text("", wish_.right.resource, wish_.right.subresource),
                                    wish_.right.verb));
    }
  }

  // What a role allows on the same resource: "get, list and update (only of \"a\")".
  std::string verbs_of(const PolicyRole& role) const {
    std::vector<std::string> out;
    for (const auto& rule : role.rules) {
      std::vector<std::string> names;
      for (const auto& name : rule.names) names.push_back(quoted(name));
      const std::string only = names.empty() ? "" : " (only of " + listed(names) + ")";
      for (const auto& verb : rule.verbs) {
        ops::Right right = wish_.right;
        right.verb = verb;
        if (rule.covers(right) && std::find(out.begin(), out.end(), verb + only) == out.end())
          out.push_back(verb + only);
      }
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
      for (const auto& object : roles->items) {
        const PolicyRole role = PolicyRole::from(object);
        if (role.name.find(wish_.account) == role.name.npos || !allows(role, wish_)) continue;
        out.missing.push_back(
            fmt::format("{} {} would allow it, but nothing binds it to that account", kind, quoted(role.name)));
      }
    }
  }

  Trail trail_;
  Wish wish_;
  bool readable_ = true, named_ = false, allowed_ = false, had_some_ = false;
  std::vector<std::string> faults_, near_;
};

}  // namespace

std::string Wish::text() const { return ops::right_text(right) + (ns.empty() ? "" : " in namespace " + ns); }

awaitable<Rights> rights_of(Trail trail, Wish wish) {
  const auto asked = co_await trail.source.may(wish.account_ns, wish.account, wish.right, wish.ns);
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
