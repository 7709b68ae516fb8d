#include "kube/connection.h"

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"
#include "kube/proxy_environment.h"
#include "kube/user_identity.h"

namespace fairlead::kube {
namespace {

tl::unexpected<Error> refuse(std::string step, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, std::move(step), std::move(cause), std::move(remedy));
}

// Names in a kubeconfig are its author's words.
std::string quoted(std::string_view name) { return "\"" + plain_word(name) + "\""; }

template <class T>
std::vector<std::string> names_of(const Kubeconfig::Named<T>& entries) {
  std::vector<std::string> out;
  for (const auto& [name, entry] : entries) out.push_back(name);
  return out;
}

std::string listed(const std::vector<std::string>& names, std::string_view last_link) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? last_link : ", ";
    out += quoted(names[i]);
  }
  return out;
}

// `Did you mean "a" or "b"`, else `The contexts are "a", "b"`, else what to do when there are none.
std::string hint(std::string_view wanted, const std::vector<std::string>& known, const std::string& what) {
  constexpr std::size_t most = 10;
  auto near = wanted.empty() ? std::vector<std::string>() : similar_names(wanted, known);
  if (!near.empty()) return "Did you mean " + listed(near, " or ");
  if (known.empty()) return "Add it to " + what + ":";
  const std::vector<std::string> some(known.begin(),
                                      known.begin() + static_cast<std::ptrdiff_t>(std::min(known.size(), most)));
  std::string out = "The " + what + " are " + listed(some, ", ");
  if (known.size() > most) out += " and " + std::to_string(known.size() - most) + " more";
  return out;
}

struct Chosen {
  std::string context_name;
  const Context* context = nullptr;
  const Cluster* cluster = nullptr;
  const User* user = nullptr;  // null: the context names none
};

Result<Chosen> choose(const Kubeconfig& config, const std::optional<std::string>& wanted) {
  const std::string step = "use the kubeconfig" + (config.source.empty() ? "" : " " + config.source);
  if (config.empty()) return refuse(step, "it is empty", "Give a kubeconfig with clusters, users and contexts");
  if (config.clusters.empty()) return refuse(step, "it has no clusters", "Add one under clusters, with a server");
  Chosen out;
  out.context_name = wanted && !wanted->empty() ? *wanted : config.current_context;
  const auto contexts = names_of(config.contexts);
  if (out.context_name.empty()) {
    if (contexts.empty())
      return refuse(step, "it has no contexts", "Add one under contexts, with a cluster and a user");
    return refuse(step, "no context is chosen: it has no current-context",
                  "Choose one with --context. " + hint("", contexts, "contexts"));
  }
  auto context = config.contexts.find(out.context_name);
  if (context == config.contexts.end())
    return refuse(step, "there is no context " + quoted(out.context_name) + " in it",
                  hint(out.context_name, contexts, "contexts"));
  out.context = &context->second;
  const std::string of_context = "context " + quoted(out.context_name);
  if (out.context->cluster.empty()) return refuse(step, of_context + " names no cluster", "Add cluster: to it");
  auto cluster = config.clusters.find(out.context->cluster);
  if (cluster == config.clusters.end())
    return refuse(step, of_context + " names the cluster " + quoted(out.context->cluster) + ", which is not there",
                  hint(out.context->cluster, names_of(config.clusters), "clusters"));
  out.cluster = &cluster->second;
  if (out.context->user.empty()) return out;
  auto user = config.users.find(out.context->user);
  if (user == config.users.end())
    return refuse(step, of_context + " names the user " + quoted(out.context->user) + ", who is not there",
                  hint(out.context->user, names_of(config.users), "users"));
  out.user = &user->second;
  return out;
}

// "host:6443" is taken for https, and a query or fragment is dropped, both as kubectl does.
Result<net::Url> parse_server(const std::string& server, const std::string& step) {
  const std::string remedy = "Write the server as https://host:port";
  if (server.empty()) return refuse(step, "it has no server", remedy);
  auto url = net::parse_url(server.find("://") == std::string::npos ? "https://" + server : server, step);
  if (!url) return refuse(step, "its server is not a URL that can be used: " + url.error().cause, remedy);
  if (url->scheme != "https" && url->scheme != "http")
    return refuse(step, "its server's URL must start with https:// or http://", remedy);
  if (!url->user_info.empty())
    return refuse(step, "its server's URL holds a user name or a password, which Kubernetes does not take",
                  "Remove what stands before the @, and use a token");
  while (url->path.ends_with('/')) url->path.pop_back();
  return url;
}

// Host names and IP addresses; "_" is in use.
bool is_server_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':';
  });
}

Result<void> resolve_tls(const Cluster& cluster, const Policy& policy, const std::string& step, Connection& out) {
  out.tls.server_name = cluster.tls_server_name.empty() ? out.server.host : cluster.tls_server_name;
  if (!is_server_name(out.tls.server_name))
    return refuse(step, "tls-server-name is no host name and no IP address",
                  "Write the name that the certificate holds");
  if (out.tls.server_name.ends_with('.')) out.tls.server_name.pop_back();  // certificates are written without it
  const bool has_ca = !cluster.certificate_authority.empty() || !cluster.certificate_authority_data.empty();
  if (cluster.insecure_skip_tls_verify && has_ca)
    return refuse(step,
                  "insecure-skip-tls-verify is set together with a certificate authority, which contradict each other",
                  "Remove insecure-skip-tls-verify, so that the server is verified");
  if (cluster.insecure_skip_tls_verify) {
    out.tls.verify = false;
    if (out.server.scheme == "https")
      out.warnings.push_back("The certificate of " + out.server.host +
                             " is not verified (insecure-skip-tls-verify): whoever is on the way can read and change "
                             "everything, credentials included");
  }
  MaterialSource source{"certificate-authority", cluster.certificate_authority, cluster.certificate_authority_data,
                        cluster.directory};
  Findings found{out.warnings, out.files};
  auto ca = load_material(source, policy, step, found);
  if (!ca) return fail(std::move(ca.error()));
  out.tls.ca_pem = std::string(ca->reveal());
  return {};
}

Result<void> resolve_proxy(const Cluster& cluster, const std::string& step, const Surroundings& surroundings,
                           Connection& out) {
  if (!cluster.proxy_url.empty()) {
    auto proxy = parse_proxy(cluster.proxy_url, "proxy-url");
    if (!proxy) return fail(proxy.error().code, step, "proxy-url: " + proxy.error().cause, proxy.error().remedy);
    out.proxy = std::move(*proxy);
    return {};
  }
  auto proxy = proxy_from_environment(out.server, surroundings.environment);
  if (!proxy) return fail(std::move(proxy.error()));
  out.proxy = std::move(*proxy);
  return {};
}

Result<void> check_plain_http(bool has_bearer, const std::string& step, Connection& out) {
  if (out.server.scheme != "http") return {};
  if (!has_bearer) {
    out.warnings.push_back("The connection to " + out.server.host + " is not encrypted (http)");
    return {};
  }
  if (is_loopback(out.server.host) && !out.proxy) {
    out.warnings.push_back("The token goes to " + out.server.host + " without encryption (http)");
    return {};
  }
  return fail(ErrorCode::authentication_failed, step,
              "the server's URL starts with http://, and the token would cross the network readable by everybody",
              "Use the server's https:// address");
}

ExecCluster describe(const Cluster& cluster, const Connection& connection) {
  ExecCluster out;
  out.server = cluster.server;
  out.tls_server_name = cluster.tls_server_name;
  out.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify;
  out.certificate_authority_pem = connection.tls.ca_pem;
  out.proxy_url = cluster.proxy_url;
  out.disable_compression = cluster.disable_compression;
  out.config = cluster.exec_config;
  return out;
}

}  // namespace

Result<Connection> resolve(const Kubeconfig& config, std::optional<std::string> context, Policy policy,
                           Surroundings surroundings) {
  auto chosen = choose(config, context);
  if (!chosen) return fail(std::move(chosen.error()));
  Connection out;
  out.warnings = config.warnings;
  out.files = config.files;
  out.context = chosen->context_name;
  out.cluster_name = chosen->context->cluster;
  out.user_name = chosen->context->user;
  out.namespace_ = chosen->context->namespace_.empty() ? "default" : chosen->context->namespace_;
  const std::string cluster_step = "use the cluster " + quoted(out.cluster_name),
                    user_step = "use the user " + quoted(out.user_name);

  auto server = parse_server(chosen->cluster->server, cluster_step);
  if (!server) return fail(std::move(server.error()));
  out.server = std::move(*server);
  if (auto done = resolve_tls(*chosen->cluster, policy, cluster_step, out); !done) return fail(std::move(done.error()));
  if (auto done = resolve_proxy(*chosen->cluster, cluster_step, surroundings, out); !done)
    return fail(std::move(done.error()));
  if (out.proxy) out.proxy->ca_pem = out.tls.ca_pem;  // kubectl, too, trusts the cluster's authority there

  if (!chosen->user) {
    out.warnings.push_back("Context " + quoted(out.context) + " names no user: requests are sent without credentials");
    out.credentials = no_credentials();
    if (auto done = check_plain_http(false, cluster_step, out); !done) return fail(std::move(done.error()));
    return out;
  }
  IdentityRequest request{*chosen->user, policy,       surroundings, describe(*chosen->cluster, out),
                          user_step,     out.user_name};
  Findings found{out.warnings, out.files};
  auto identity = resolve_identity(std::move(request), found);
  if (!identity) return fail(std::move(identity.error()));
  if (auto done = check_plain_http(identity->sends_bearer, user_step, out); !done) return fail(std::move(done.error()));
  if (out.server.scheme == "http" && !identity->certificate_pem.empty())
    out.warnings.push_back("The client certificate is of no use over http");
  out.tls.certificate_pem = std::move(identity->certificate_pem);
  out.tls.key_pem = std::move(identity->key_pem);
  out.credentials = std::move(identity->credentials);
  out.impersonates = identity->impersonates;
  return out;
}

}  // namespace fairlead::kube
