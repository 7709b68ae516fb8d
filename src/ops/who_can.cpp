// Who may do something: subjects, and the bindings and roles that let them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "ops/access_question.h"
#include "ops/catalog.h"
#include "ops/clip.h"
#include "ops/kind.h"
#include "ops/list.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

struct Policies {
  std::vector<PolicyRole> roles;
  std::vector<PolicyBinding> bindings;
};

// What could not be read, so that the answer is not taken for the whole.
struct Gaps {
  std::vector<std::string> notes;
  std::size_t read = 0;
  std::optional<Error> first;
};

awaitable<Result<void>> read_roles(Call& call, const Kind& kind, std::string ns, std::vector<PolicyRole>& to) {
  std::vector<PolicyRole> all;
  auto restart = [&all] { all.clear(); };
  auto each = [&all](const json::value& role) { all.push_back(PolicyRole::from(role)); };
  auto read = co_await read_kind(call, kind, std::move(ns), "", "", restart, each);
  if (!read) co_return fail(std::move(read.error()));
  std::move(all.begin(), all.end(), std::back_inserter(to));
  co_return Result<void>();
}

awaitable<Result<void>> read_bindings(Call& call, const Kind& kind, std::string ns, std::vector<PolicyBinding>& to) {
  std::vector<PolicyBinding> all;
  auto restart = [&all] { all.clear(); };
  auto each = [&all](const json::value& binding) { all.push_back(PolicyBinding::from(binding)); };
  auto read = co_await read_kind(call, kind, std::move(ns), "", "", restart, each);
  if (!read) co_return fail(std::move(read.error()));
  std::move(all.begin(), all.end(), std::back_inserter(to));
  co_return Result<void>();
}

awaitable<Result<Policies>> read_namespace(Call* call, std::string ns) {
  Policies out;
  auto bindings = co_await read_bindings(*call, kRoleBindings, ns, out.bindings);
  if (!bindings) co_return fail(std::move(bindings.error()));
  auto roles = co_await read_roles(*call, kRoles, ns, out.roles);
  if (!roles) co_return fail(std::move(roles.error()));
  co_return out;
}

bool is_forbidden(const Error& error) { return error.code == ErrorCode::permission_denied; }

// An error that ends the whole, or a gap.
Result<void> mind(Gaps& gaps, Result<void> read, std::string what) {
  if (read) {
    ++gaps.read;
    return {};
  }
  if (!is_forbidden(read.error())) return fail(std::move(read.error()));
  if (!gaps.first) gaps.first = std::move(read.error());
  gaps.notes.push_back(std::move(what));
  return {};
}

// Each namespace by itself, where all at once is not permitted.
awaitable<Result<void>> read_namespaces(Call& call, Policies& to, Gaps& gaps) {
  constexpr std::size_t at_once = 8;
  auto listed = co_await read_namespace_names(call);
  if (!listed) {
    if (!is_forbidden(listed.error())) co_return fail(std::move(listed.error()));
    gaps.notes.push_back(
        "Roles and RoleBindings cannot be read in all namespaces: who may do it by those is not here; a namespace that "
        "is named may be readable");
    co_return Result<void>();
  }
  std::vector<std::string> names = std::move(*listed), closed;
  std::function<awaitable<Result<Policies>>(std::size_t)> start = [&](std::size_t i) {
    return read_namespace(&call, names[i]);
  };
  auto ends_all = [](const Error& error) { return !is_forbidden(error); };
  auto some = co_await net::gather_bounded<Policies>(names.size(), at_once, start, ends_all);
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& one = some[i];
    if (!one && !is_forbidden(one.error())) co_return fail(std::move(one.error()));
    if (!one) {
      closed.push_back(std::move(names[i]));
      continue;
    }
    ++gaps.read;
    std::move(one->roles.begin(), one->roles.end(), std::back_inserter(to.roles));
    std::move(one->bindings.begin(), one->bindings.end(), std::back_inserter(to.bindings));
  }
  if (!closed.empty())
    gaps.notes.push_back(
        fmt::format("Roles of {} namespaces cannot be read: {}; who may do it there by those is not "
                    "here",
                    closed.size(), some_of(closed)));
  co_return Result<void>();
}

awaitable<Result<Policies>> read_policies(Call& call, bool namespaced, std::string ns, Gaps& gaps) {
  Policies out;
  auto roles = co_await read_roles(call, kClusterRoles, "", out.roles);
  auto minded = mind(gaps, std::move(roles), "ClusterRoles cannot be read: who may do it by one of those is not here");
  if (!minded) co_return fail(std::move(minded.error()));
  auto bindings = co_await read_bindings(call, kClusterRoleBindings, "", out.bindings);
  minded = mind(gaps, std::move(bindings),
                "ClusterRoleBindings cannot be read: who may do it in the whole cluster is not here");
  if (!minded) co_return fail(std::move(minded.error()));
  if (!namespaced) co_return out;
  auto inside = co_await read_namespace(&call, ns);
  if (inside) {
    ++gaps.read;
    std::move(inside->roles.begin(), inside->roles.end(), std::back_inserter(out.roles));
    std::move(inside->bindings.begin(), inside->bindings.end(), std::back_inserter(out.bindings));
  } else if (!is_forbidden(inside.error())) {
    co_return fail(std::move(inside.error()));
  } else if (!ns.empty()) {
    if (!gaps.first) gaps.first = std::move(inside.error());
    gaps.notes.push_back("Roles of namespace " + ns + " cannot be read: who may do it there by those is not here");
  } else {
    if (!gaps.first) gaps.first = std::move(inside.error());
    auto each = co_await read_namespaces(call, out, gaps);
    if (!each) co_return fail(std::move(each.error()));
  }
  co_return out;
}

// Everybody first, those that belong to Kubernetes itself last.
int rank_of(const PolicySubject& subject) {
  static constexpr std::string_view everybody[] = {"system:anonymous", "system:unauthenticated", "system:authenticated",
                                                   "system:serviceaccounts"};
  if (std::find(std::begin(everybody), std::end(everybody), subject.name) != std::end(everybody)) return 0;
  const bool own = subject.kind == "ServiceAccount" ? subject.ns == "kube-system" : subject.name.starts_with("system:");
  return own ? 2 : 1;
}

void add_holder(Rows& rows, const Holder& holder) {
  rows.begin_row(rank_of(holder.subject), fnv1a(holder.binding + "\n" + holder.ns + "\n" + holder.subject.ns));
  rows.text(holder.subject.kind);
  rows.text(holder.subject.name);
  rows.text(holder.subject.ns);
  holder.ns.empty() ? rows.text("cluster") : rows.text("namespace/", holder.ns, "");
  rows.text(holder.binding);
  rows.text(holder.role);
  rows.begin_list();
  for (const auto& name : holder.names) rows.list_item(name);
}

std::string counted(const std::vector<Holder>& holders) {
  std::map<std::string_view, std::set<PolicySubject>> by_kind;
  for (const auto& holder : holders) by_kind[holder.subject.kind].insert(holder.subject);
  std::string out;
  for (const auto& [kind, subjects] : by_kind)
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", subjects.size(), kind, subjects.size() == 1 ? "" : "s");
  return out;
}

std::vector<std::string> notes_on(const std::vector<Holder>& holders) {
  std::vector<std::string> notes{counted(holders) +
                                 ": a Group stands for all its members, whom the API does not name; system:masters may "
                                 "do everything, without any role"};
  auto granted_to = [&](std::string_view name) {
    return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
      return holder.subject.kind != "ServiceAccount" && holder.subject.name == name;
    });
  };
  if (granted_to("system:unauthenticated") || granted_to("system:anonymous"))
    notes.push_back("whoever reaches the API server may do it, without logging in");
  if (granted_to("system:authenticated")) notes.push_back("whoever is logged in may do it, every ServiceAccount too");
  if (granted_to("system:serviceaccounts")) notes.push_back("every ServiceAccount may do it");
  return notes;
}

awaitable<Result<Reply>> who_can(Call& call) {
  auto question = co_await read_question(call);
  if (!question) co_return fail(std::move(question.error()));
  std::string ns = question->ns;
  if (ns.empty() && question->namespaced && question->right.resource != "namespaces") ns = call.list_namespace();
  Gaps gaps;
  auto policies = co_await read_policies(call, question->namespaced, ns, gaps);
  if (!policies) co_return fail(std::move(policies.error()));
  if (gaps.read == 0 && gaps.first) co_return fail(std::move(*gaps.first));
  RbacPolicy policy;
  for (auto& role : policies->roles) policy.add(std::move(role));
  for (auto& binding : policies->bindings) policy.add(std::move(binding));
  std::vector<Holder> holders = policy.holders(question->right);
  holders.push_back({{"Group", "system:masters", ""}, "", "", "", {}});
  Rows rows;
  for (const auto& holder : holders) add_holder(rows, holder);
  std::vector<std::string> notes = std::move(gaps.notes);
  for (auto& note : notes_on(holders)) notes.push_back(std::move(note));
  co_return arrange(call, std::move(rows), "grants", std::move(notes));
}

}  // namespace

std::vector<Operation> who_can_operations() {
  std::vector<Parameter> parameters = list_parameters(
      false, question_parameters(true, "Only what counts in this namespace; left out: in any, each with its own name"));
  std::erase_if(parameters, [](const Parameter& p) { return p.type == ParameterType::selector; });
  constexpr std::string_view group = "rbac.authorization.k8s.io";
  return {{
      .name = "who_can",
      .family = "identity",
      .summary =
          "List who may do something by RBAC: each user, group and service account, through which binding and role",
      .parameters = std::move(parameters),
      .access = {{group, "clusterroles", {"list"}, Reach::cluster},
                 {group, "clusterrolebindings", {"list"}, Reach::cluster},
                 {group, "roles", {"list"}},
                 {group, "rolebindings", {"list"}},
                 {"", "namespaces", {"list"}, Reach::cluster, true}},
      .columns = {{"kind", CellType::text, false, "User, Group or ServiceAccount"},
                  {"subject", CellType::text, false, "Its name"},
                  {"subject_namespace", CellType::text, false, "Of a ServiceAccount"},
                  {"scope", CellType::text, false, "cluster, or namespace/NAME"},
                  {"binding", CellType::text, false, "Kind/name; none: by being in system:masters"},
                  {"role", CellType::text, false, "Kind/name"},
                  {"names", CellType::list, false, "Only objects with these names"}},
      .run = who_can,
      .example = "--verb delete --resource pods --namespace shop",
  }};
}

}  // namespace fairlead::ops
