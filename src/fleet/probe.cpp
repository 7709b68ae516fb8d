#include "fleet/probe.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "base/text.h"
#include "fleet/grant.h"
#include "fleet/known_as.h"
#include "ops/explain.h"
#include "redact/redact.h"

namespace fairlead::fleet {
namespace {

constexpr std::size_t kAtOnce = 8;
awaitable<Result<bool>> may(kube::Client& client, Right right, Deadline deadline) {
  const auto slash = right.resource.find('/');
  json::object attributes{{"verb", right.verb}, {"group", right.group}, {"resource", right.resource.substr(0, slash)}};
  if (slash != std::string_view::npos) attributes["subresource"] = right.resource.substr(slash + 1);
  if (!right.ns.empty()) attributes["namespace"] = right.ns;
  if (!right.name.empty()) attributes["name"] = right.name;
  json::object review{{"apiVersion", "authorization.k8s.io/v1"},
                      {"kind", "SelfSubjectAccessReview"},
                      {"spec", {{"resourceAttributes", std::move(attributes)}}}};
  auto answer = co_await client.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "",
                                     compact(review), deadline);
  if (!answer) co_return fail(std::move(answer.error()));
  co_return flag_at(*answer, {"status", "allowed"});
}

// Servers ask it of each header. Whose values hold a caller's name, any value may come.
std::vector<Right> rights_to_impersonate(const Impersonation& impersonation) {
  constexpr std::string_view extras = "authentication.k8s.io";
  const auto fixed = [](std::string_view value) { return is_template(value) ? std::string() : std::string(value); };
  std::vector<Right> out{{"", "users", "impersonate", "", ""}};
  for (const auto& group : impersonation.groups) out.push_back({"", "groups", "impersonate", "", fixed(group)});
  for (const auto& [key, value] : impersonation.extra)
    out.push_back({std::string(extras), "userextras/" + std::string(key), "impersonate", "",
                   value.is_string() ? fixed(std::string_view(value.get_string())) : ""});
  return out;
}

// What is asked of the identity that is stored for it: of one that only asks for callers' tokens, nothing else, for
// their own accounts do the rest.
std::vector<Right> rights_for(const ClusterRow& row) {
  std::vector<Right> rights;
  if (row.accounts.are_used()) {
    for (auto& account : tokens_of(row.accounts))
      rights.push_back({"", "serviceaccounts/token", "create", std::move(account.ns), std::move(account.name)});
    return rights;
  }
  if (!row.impersonation.user.empty()) return rights_to_impersonate(row.impersonation);
  std::set<std::string> namespaces{row.namespaces.fallback};
  for (const auto* ns : {&row.namespaces.openclaw, &row.namespaces.hermes})
    if (!ns->empty()) namespaces.insert(*ns);
  return needs_of_agents({namespaces.begin(), namespaces.end()});
}

std::string_view name_of_roles(const ClusterRow& row) {
  if (row.accounts.are_used()) return "fairlead-tokens";
  return row.impersonation.user.empty() ? "fairlead-agents" : "fairlead-impersonates";
}

// Which of the namespaces have to be made before there can be a role in them.
awaitable<void> look_for_namespaces(kube::Client& client, Grant& grant, Deadline deadline) {
  std::set<std::string> namespaces;
  for (const auto& right : grant.rights)
    if (!right.ns.empty() && right.ns != "default" && !right.ns.starts_with("kube-")) namespaces.insert(right.ns);
  for (const auto& ns : namespaces) {
    auto there = co_await client.get("/api/v1/namespaces/" + net::percent_encode(ns), deadline);
    if (there) continue;
    auto& list = there.error().code == ErrorCode::not_found ? grant.missing : grant.perhaps_missing;
    list.push_back(ns);
  }
}

// Adds what grants the rights, or why there is nothing to apply.
awaitable<void> add_manifest(kube::Client& client, const ClusterRow& row, const KnownAs& who, std::vector<Right> rights,
                             Deadline deadline, ProbeReport& out) {
  std::string why = who.why_unknown;
  if (who.name == "system:anonymous") why = "the server does not know who calls, and rights would be everybody's";
  if (!why.empty()) {
    out.lines.push_back({ProbeLine::Outcome::unknown, "say what grants the missing rights",
                         "there is no manifest, since it would grant nobody anything: " + why +
                             "; bind a role with these rights to whom the cluster knows it as"});
    co_return;
  }
  Grant grant{std::string(name_of_roles(row)), row.id, who.name, std::move(rights), {}, {}};
  co_await look_for_namespaces(client, grant, deadline);
  if (row.accounts.are_used()) grant.perhaps_missing.clear();  // somebody has made the accounts that are in it
  out.manifest = manifest_of(grant);
}

std::string said_of(const ClusterRow& row, std::string_view server, std::size_t rights) {
  if (row.accounts.are_used())
    return fmt::format("Kubernetes {}; tokens of callers' service accounts may be asked for", server);
  if (!row.impersonation.user.empty())
    return fmt::format("Kubernetes {}; callers may be impersonated, and what each of them may do was not asked",
                       server);
  return fmt::format("Kubernetes {}, all {} rights", server, rights);
}

}  // namespace

std::string_view to_string(ProbeLine::Outcome outcome) {
  constexpr std::array<std::string_view, 3> words{"ok", "failed", "unknown"};
  return words[static_cast<std::size_t>(outcome)];
}

ProbeReport failed_probe(const Error& error) {
  ProbeReport out;
  out.message = ops::explain(error).ours;
  out.lines.push_back({ProbeLine::Outcome::failed, "connect", out.message});
  return out;
}

awaitable<ProbeReport> probe(kube::Client& client, const ClusterRow& row, Deadline deadline) {
  ProbeReport out;
  auto version = co_await client.get("/version", deadline);
  if (!version) {
    out = failed_probe(version.error());
    out.lines.front().what = "reach the API server";
    co_return out;
  }
  const std::string server = escape_untrusted(redact::text(text_at(*version, {"gitVersion"})), Newlines::escape);
  out.lines.push_back({ProbeLine::Outcome::ok, "reach the API server", server});
  if (!client.connection().tls.verify)
    out.lines.push_back({ProbeLine::Outcome::unknown, "verify the API server's certificate",
                         "insecure-skip-tls-verify is set: whoever is on the way can read everything"});
  if (!row.impersonation.user.empty() && client.connection().impersonates) {
    out.message =
        "the kubeconfig impersonates somebody itself (as), so that nobody who calls can be; leave 'as' out of it";
    out.lines.push_back({ProbeLine::Outcome::failed, "impersonate callers", out.message});
    co_return out;
  }
  auto who = co_await known_as(client, deadline);
  if (!who) {
    out.message = ops::explain(who.error()).ours;
    out.lines.push_back({ProbeLine::Outcome::failed, "be known to it", out.message});
    co_return out;
  }
  const std::string name = escape_untrusted(who->name, Newlines::escape);
  out.lines.push_back({who->says_server ? ProbeLine::Outcome::ok : ProbeLine::Outcome::unknown, "be known to it",
                       who->says_server ? name
                       : name.empty()   ? "the server does not tell as whom"
                                        : name + ", as its credentials say; the server does not tell"});

  const std::vector<Right> rights = rights_for(row);
  std::function<awaitable<Result<bool>>(std::size_t)> start = [&](std::size_t i) {
    return may(client, rights[i], deadline);
  };
  auto ends_all = [](const Error&) { return true; };
  auto answers = co_await net::gather_bounded<bool>(rights.size(), kAtOnce, start, ends_all);
  std::vector<Right> missing;
  for (std::size_t i = 0; i < rights.size(); ++i) {
    if (!answers[i] && answers[i].error().code == ErrorCode::cancelled) continue;  // after one that failed
    if (!answers[i]) {
      out.message = ops::explain(answers[i].error()).ours;
      out.lines.push_back({ProbeLine::Outcome::failed, text_of(rights[i]), out.message});
    } else if (!*answers[i]) {
      out.lines.push_back({ProbeLine::Outcome::failed, text_of(rights[i]), "not permitted"});
      missing.push_back(rights[i]);
    } else {
      out.lines.push_back({ProbeLine::Outcome::ok, text_of(rights[i]), ""});
    }
  }
  if (!out.message.empty()) co_return out;
  if (!missing.empty()) {
    out.message = fmt::format("it is reached, and {} of {} rights are missing, such as to {}", missing.size(),
                              rights.size(), text_of(missing.front()));
    co_await add_manifest(client, row, *who, rights, deadline, out);
    co_return out;
  }
  out.ok = true;
  out.message = said_of(row, server, rights.size());
  co_return out;
}

json::object to_json(const ProbeReport& report) {
  json::array lines;
  for (const auto& line : report.lines)
    lines.push_back(json::object{{"status", to_string(line.outcome)}, {"check", line.what}, {"detail", line.detail}});
  json::object out{{"status", report.ok ? "ok" : "failed"}, {"message", report.message}, {"checks", std::move(lines)}};
  if (!report.manifest.empty()) out["manifest"] = report.manifest;
  return out;
}

}  // namespace fairlead::fleet
