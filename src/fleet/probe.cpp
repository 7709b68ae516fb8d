#include "fleet/probe.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "base/yaml.h"
#include "ops/explain.h"
#include "redact/redact.h"

namespace fairlead::fleet {
namespace {

constexpr std::size_t kAtOnce = 8;
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

// What deploying agents and keeping them needs (docs/clusters.md).
struct Need {
  std::string_view group, resource;
  std::vector<std::string_view> verbs;
};
const std::vector<Need>& needs_in_namespace() {
  static const std::vector<Need> all{
      {"apps", "deployments", {"create", "get", "patch", "delete"}},
      {"", "services", {"create", "get", "delete"}},
      {"", "configmaps", {"create", "get", "update", "delete"}},
      {"", "secrets", {"create", "get", "update", "delete"}},
      {"", "persistentvolumeclaims", {"create", "get", "delete"}},
      {"", "pods", {"list"}},
      {"", "pods/log", {"get"}},
      {"", "pods/exec", {"create"}},
  };
  return all;
}
const std::vector<Need>& needs_in_cluster() {
  static const std::vector<Need> all{{"", "namespaces", {"get", "list", "create"}}};
  return all;
}

struct Right {
  std::string_view group, resource, verb;
  std::string ns;    // empty: in the cluster
  std::string name;  // empty: of all
};

std::string text_of(const Right& right) {
  std::string out = std::string(right.verb) + " " + std::string(right.resource);
  if (!right.group.empty()) out += "." + std::string(right.group);
  if (!right.name.empty()) out += " of " + right.name;
  return right.ns.empty() ? out : out + " in " + right.ns;
}

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

// "system:serviceaccount:agents:nora"; empty: the server does not say, as those before 1.28.
awaitable<Result<std::string>> who_am_i(kube::Client& client, Deadline deadline) {
  json::object review{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}};
  auto answer =
      co_await client.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "", compact(review), deadline);
  if (!answer && answer.error().code == ErrorCode::not_found) co_return std::string();
  if (!answer) co_return fail(std::move(answer.error()));
  co_return std::string(text_at(*answer, {"status", "userInfo", "username"}));
}

json::object subject_of(const std::string& user) {
  constexpr std::string_view account = "system:serviceaccount:";
  if (user.starts_with(account)) {
    const auto parts = split(std::string_view(user).substr(account.size()), ':');
    if (parts.size() == 2) return {{"kind", "ServiceAccount"}, {"namespace", parts[0]}, {"name", parts[1]}};
  }
  return {{"kind", "User"}, {"apiGroup", kRbac}, {"name", user.empty() ? "THE-IDENTITY-OF-THE-KUBECONFIG" : user}};
}

// Rules that grant these, one a resource, or an object where it is one's alone.
json::array rules_of(const std::vector<Right>& rights) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, json::array> verbs;
  for (const auto& right : rights) verbs[{right.group, right.resource, right.name}].push_back(json::value(right.verb));
  json::array rules;
  for (auto& [what, list] : verbs) {
    const auto& [group, resource, name] = what;
    json::object rule{{"apiGroups", json::array{json::value(group)}},
                      {"resources", json::array{json::value(resource)}}};
    if (!name.empty()) rule["resourceNames"] = json::array{json::value(name)};
    rule["verbs"] = std::move(list);
    rules.push_back(std::move(rule));
  }
  return rules;
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
  for (const auto& need : needs_in_cluster())
    for (const auto verb : need.verbs) rights.push_back({need.group, need.resource, verb, "", ""});
  std::set<std::string> namespaces{row.namespaces.fallback};
  for (const auto* ns : {&row.namespaces.openclaw, &row.namespaces.hermes})
    if (!ns->empty()) namespaces.insert(*ns);
  for (const auto& ns : namespaces)
    for (const auto& need : needs_in_namespace())
      for (const auto verb : need.verbs) rights.push_back({need.group, need.resource, verb, ns, ""});
  return rights;
}

std::string manifest_of(const std::vector<Right>& missing, const std::string& user, std::string_view role_name) {
  std::map<std::string, std::vector<Right>> by_namespace;
  for (const auto& right : missing) by_namespace[right.ns].push_back(right);
  std::string out;
  for (const auto& [ns, rights] : by_namespace) {
    const std::string_view kind = ns.empty() ? "ClusterRole" : "Role";
    json::object metadata{{"name", role_name}};
    if (!ns.empty()) metadata["namespace"] = ns;
    json::object role{{"apiVersion", std::string(kRbac) + "/v1"},
                      {"kind", kind},
                      {"metadata", metadata},
                      {"rules", rules_of(rights)}};
    json::object binding{{"apiVersion", std::string(kRbac) + "/v1"},
                         {"kind", std::string(kind) + "Binding"},
                         {"metadata", std::move(metadata)},
                         {"roleRef", {{"apiGroup", kRbac}, {"kind", kind}, {"name", role_name}}},
                         {"subjects", json::array{subject_of(user)}}};
    for (const auto& object : {std::move(role), std::move(binding)})
      out += (out.empty() ? "" : "---\n") + to_yaml(json::value(object));
  }
  return out;
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
  auto user = co_await who_am_i(client, deadline);
  if (!user && (user.error().code == ErrorCode::authentication_failed || user.error().code == ErrorCode::timeout)) {
    out.message = ops::explain(user.error()).ours;
    out.lines.push_back({ProbeLine::Outcome::failed, "be known to it", out.message});
    co_return out;
  }
  const std::string name = user ? *user : std::string();
  out.lines.push_back({name.empty() ? ProbeLine::Outcome::unknown : ProbeLine::Outcome::ok, "be known to it",
                       name.empty() ? "the server does not tell as whom" : escape_untrusted(name, Newlines::escape)});

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
    out.manifest = manifest_of(missing, name, row.accounts.are_used() ? "fairlead-tokens" : "fairlead-agents");
    co_return out;
  }
  out.ok = true;
  out.message = row.accounts.are_used()
                    ? fmt::format("Kubernetes {}; tokens of callers' service accounts may be asked for", server)
                    : fmt::format("Kubernetes {}, all {} rights", server, rights.size());
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
