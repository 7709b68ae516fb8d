#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/text.h"
#include "kube/kubeconfig.h"

namespace fairlead::kube {
namespace {

std::string variable(const Sources& sources, std::string_view name) {
  return sources.environment ? sources.environment(name).value_or("") : std::string();
}

bool is_missing(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

std::string directory_of(const std::string& path) {
  std::error_code ignored;
  auto absolute = std::filesystem::absolute(path, ignored);
  return absolute.parent_path().lexically_normal().string();
}

tl::unexpected<Error> refuse(std::string step, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, std::move(step), std::move(cause), std::move(remedy));
}

Result<Kubeconfig> from_explicit_file(const std::string& path) {
  auto config = load_kubeconfig_file(path);
  if (config && config->empty())
    return refuse("read the kubeconfig " + path, "it has no clusters, users and contexts",
                  "Write a kubeconfig into it, for example with kubectl config view --raw");
  return config;
}

// Nothing when none of the files is there.
Result<std::optional<Kubeconfig>> from_list(const std::string& list, std::vector<SeenFile>* missing) {
  std::vector<Kubeconfig> configs;
  std::vector<std::string_view> seen;
  std::string source;
  for (std::string_view file : split(list, ':')) {
    if (file.empty() || std::find(seen.begin(), seen.end(), file) != seen.end()) continue;
    seen.push_back(file);
    const std::string path(file);
    if (is_missing(path)) {
      missing->emplace_back(path);
      continue;
    }
    auto config = load_kubeconfig_file(path);
    if (!config) return fail(std::move(config.error()));
    source += (source.empty() ? "" : ":") + path;
    configs.push_back(std::move(*config));
  }
  if (configs.empty()) return std::nullopt;
  Kubeconfig merged = merge_kubeconfigs(std::move(configs));
  merged.source = std::move(source);
  merged.files.insert(merged.files.end(), missing->begin(), missing->end());
  return merged;
}

Result<Kubeconfig> from_contents(const Sources& sources, std::string contents) {
  Secret text(std::move(contents));
  auto config = parse_kubeconfig(text.reveal(), "KUBECONFIG_CONTENTS");
  if (!config) return config;
  if (config->empty())
    return refuse("read KUBECONFIG_CONTENTS", "it holds no kubeconfig",
                  "Set it to the text of a kubeconfig, or unset it");
  std::string context = variable(sources, "KUBECONFIG_CONTEXT");
  if (!context.empty()) config->current_context = config->pinned_context = std::move(context);
  return config;
}

Kubeconfig single(std::string name, Cluster cluster, User user, std::string ns) {
  Kubeconfig out;
  out.contexts[name] = Context{name, name, std::move(ns), {}};
  out.clusters[name] = std::move(cluster);
  out.users[name] = std::move(user);
  out.current_context = std::move(name);
  return out;
}

bool any_server_setting(const Sources& sources) {
  return !sources.server.empty() || !sources.token.empty() || !sources.token_file.empty() ||
         !sources.certificate_authority.empty() || !sources.tls_server_name.empty() || sources.insecure_skip_tls_verify;
}

Result<Kubeconfig> from_server(const Sources& sources) {
  const std::string step = "find out which cluster to use";
  if (sources.server.empty())
    return refuse(step, "a token or a TLS setting was given without a server",
                  "Give the server's URL too (--api-server https://host:6443)");
  if (!sources.kubeconfig.empty())
    return refuse(step, "both a server and a kubeconfig were given", "Give either --api-server or --kubeconfig");
  Cluster cluster;
  cluster.server = sources.server;
  cluster.certificate_authority = sources.certificate_authority;
  cluster.insecure_skip_tls_verify = sources.insecure_skip_tls_verify;
  cluster.tls_server_name = sources.tls_server_name;
  User user;
  user.token = sources.token;
  user.token_file = sources.token_file;
  Kubeconfig out = single("server", std::move(cluster), std::move(user), "");
  out.source = "--api-server";
  return out;
}

// Nothing when this is not a pod with a service account; `why` says what is missing.
std::optional<Kubeconfig> from_service_account(const Sources& sources, std::string* why) {
  const std::string host = variable(sources, "KUBERNETES_SERVICE_HOST"),
                    port = variable(sources, "KUBERNETES_SERVICE_PORT");
  const std::string token = sources.service_account_directory + "/token";
  const std::string ca = sources.service_account_directory + "/ca.crt";
  if (host.empty() || port.empty()) {
    *why = "not inside a cluster (KUBERNETES_SERVICE_HOST is not set)";
    return std::nullopt;
  }
  if (is_missing(token)) {
    *why = "inside a cluster, but " + token + " does not exist";
    return std::nullopt;
  }
  Cluster cluster;
  const bool v6 = host.find(':') != std::string::npos;
  cluster.server = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  if (!is_missing(ca)) cluster.certificate_authority = ca;
  User user;
  user.token_file = token;
  std::string ns = variable(sources, "POD_NAMESPACE");
  if (ns.empty()) {
    auto text = read_file(sources.service_account_directory + "/namespace", "read the pod's namespace", 4096);
    if (text) ns = std::string(trim(*text));
  }
  if (cluster.certificate_authority.empty()) {
    Kubeconfig out = single("in-cluster", std::move(cluster), std::move(user), std::move(ns));
    out.warnings.push_back(ca +
                           " does not exist: the server's certificate is checked against the system's authorities");
    return out;
  }
  return single("in-cluster", std::move(cluster), std::move(user), std::move(ns));
}

tl::unexpected<Error> none_found(const std::vector<std::string>& looked_at) {
  std::string places;
  for (const auto& place : looked_at) places += (places.empty() ? "" : "; ") + place;
  return fail(ErrorCode::not_found, "find a kubeconfig", "there is none (" + places + ")",
              "Give one with --kubeconfig FILE or KUBECONFIG, or give --api-server URL and a token");
}

}  // namespace

Result<Kubeconfig> load_kubeconfig_file(const std::string& path) {
  const std::string step = "read the kubeconfig " + path;
  SeenFile seen(path);
  // How one says that there is none; kubectl reads it so too.
  auto read = path == "/dev/null" ? Result<std::string>() : read_file(path, step, kubeconfig_limit);
  if (!read) {
    Error error = std::move(read.error());
    error.code = ErrorCode::invalid_request;
    return fail(std::move(error));
  }
  Secret text(std::move(*read));
  auto config = parse_kubeconfig(text.reveal(), "the kubeconfig " + path);
  if (!config) return config;
  config->source = path;
  config->files.push_back(std::move(seen));
  const std::string directory = directory_of(path);
  for (auto& [name, cluster] : config->clusters) cluster.directory = directory;
  for (auto& [name, user] : config->users) user.directory = directory;
  for (auto& [name, context] : config->contexts) context.directory = directory;
  return config;
}

Kubeconfig merge_kubeconfigs(std::vector<Kubeconfig> configs) {
  Kubeconfig out;
  for (auto& config : configs) {
    out.clusters.merge(config.clusters);
    out.users.merge(config.users);
    out.contexts.merge(config.contexts);
    if (out.current_context.empty()) out.current_context = std::move(config.current_context);
    if (out.source.empty()) out.source = std::move(config.source);
    out.files.insert(out.files.end(), config.files.begin(), config.files.end());
    out.warnings.insert(out.warnings.end(), config.warnings.begin(), config.warnings.end());
  }
  return out;
}

Result<Kubeconfig> load_kubeconfig(const Sources& sources) {
  if (any_server_setting(sources)) return from_server(sources);
  if (!sources.kubeconfig.empty()) return from_explicit_file(sources.kubeconfig);
  std::vector<std::string> looked_at;

  const std::string list = variable(sources, "KUBECONFIG");
  std::string contents = variable(sources, "KUBECONFIG_CONTENTS");
  std::vector<SeenFile> missing;
  auto listed = from_list(list, &missing);
  if (!listed) return fail(std::move(listed.error()));
  if (*listed && !(*listed)->empty()) return std::move(**listed);
  if (*listed && contents.empty())
    return refuse("read the kubeconfig " + (*listed)->source,
                  "what KUBECONFIG names has no clusters, users and contexts",
                  "Write a kubeconfig into it, or unset KUBECONFIG");
  if (!missing.empty() && contents.empty())
    return refuse(
        "read KUBECONFIG",
        missing.front().path + (missing.size() > 1 ? " and the other files it names do not exist" : " does not exist"),
        "Correct the path, or unset KUBECONFIG");
  looked_at.push_back("KUBECONFIG is not set");

  if (!contents.empty()) {
    auto config = from_contents(sources, std::move(contents));
    if (config && !missing.empty())
      config->warnings.push_back("KUBECONFIG_CONTENTS is used, because " + missing.front().path +
                                 ", which KUBECONFIG names, does not exist");
    return config;
  }
  looked_at.push_back("KUBECONFIG_CONTENTS is not set");

  const std::string home = variable(sources, "HOME");
  if (home.empty()) {
    looked_at.push_back("HOME is not set");
  } else if (const std::string path = home + "/.kube/config"; is_missing(path)) {
    looked_at.push_back(path + " does not exist");
  } else {
    auto config = load_kubeconfig_file(path);
    if (!config || !config->empty()) return config;
    looked_at.push_back(path + " has no clusters, users and contexts");
  }

  std::string why;
  if (auto config = from_service_account(sources, &why)) {
    config->source = "in-cluster";
    return std::move(*config);
  }
  looked_at.push_back(why);
  return none_found(looked_at);
}

}  // namespace fairlead::kube
