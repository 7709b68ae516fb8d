#include "fleet/connect.h"

#include <string.h>

#include <filesystem>

#include "base/confined_file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "net/metadata.h"

namespace fairlead::fleet {
namespace {

const kube::Policy kStored{.allow_exec = false, .allow_files = false};

std::optional<std::string> context_of(const ClusterRow& row) {
  return row.context.empty() ? std::nullopt : std::optional(row.context);
}

Result<kube::Connection> from_path(const ClusterRow& row, const ConnectOptions& options) {
  const std::string step = "read the kubeconfig of cluster " + row.id;
  const std::string path = (std::filesystem::path(options.kubeconfigs) / row.path).lexically_normal().string();
  SeenFile seen(path);
  auto read = read_file_below(options.kubeconfigs, path, step, kube::kubeconfig_limit);
  if (!read) return fail(std::move(read.error()));
  const Secret text(std::move(*read));
  auto config = kube::parse_kubeconfig(text.reveal(), "the kubeconfig " + plain_word(path));
  if (!config) return fail(std::move(config.error()));
  config->source = path;
  config->files.push_back(std::move(seen));
  const std::string directory = std::filesystem::path(path).parent_path().string();
  for (auto& [name, cluster] : config->clusters) cluster.directory = directory;
  for (auto& [name, user] : config->users) user.directory = directory;
  return kube::resolve(*config, context_of(row), {.allow_exec = options.allow_exec, .files_below = directory},
                       options.surroundings);
}

Result<kube::Connection> from_stored(const ClusterRow& row, const Secret& text, const ConnectOptions& options) {
  auto config = kube::parse_kubeconfig(text.reveal(), "the stored kubeconfig of cluster " + row.id);
  if (!config) return fail(std::move(config.error()));
  return kube::resolve(*config, context_of(row), kStored, options.surroundings);
}

Result<kube::Connection> from_token(const ClusterRow& row, const Secret& token, const ConnectOptions& options) {
  kube::Kubeconfig config;
  kube::Cluster& cluster = config.clusters[row.id];
  cluster.server = row.server;
  if (!row.certificate_authority.empty()) cluster.certificate_authority_data = base64_encode(row.certificate_authority);
  config.users[row.id].token = token;
  config.contexts[row.id] = {row.id, row.id, {}, {}};
  config.current_context = row.id;
  return kube::resolve(config, std::nullopt, kStored, options.surroundings);
}

Result<kube::Connection> in_cluster(const ConnectOptions& options) {
  kube::Sources sources;
  // Of the pod alone: nothing that belongs to whoever started this program.
  sources.environment = [around =
                             options.surroundings.environment](std::string_view name) -> std::optional<std::string> {
    return around && (name.starts_with("KUBERNETES_SERVICE_") || name == "POD_NAMESPACE") ? around(name) : std::nullopt;
  };
  sources.service_account_directory = options.service_account_directory;
  auto config = kube::load_kubeconfig(sources);
  if (!config) return fail(std::move(config.error()));
  return kube::resolve(*config, std::nullopt, {.allow_exec = false}, options.surroundings);
}

void wipe(json::value& value) {
  if (auto* text = value.if_string()) ::explicit_bzero(text->data(), text->size());
  if (auto* list = value.if_array())
    for (auto& item : *list) wipe(item);
  if (auto* object = value.if_object())
    for (auto& member : *object) wipe(member.value());
}

// What is behind the first one nobody would have looked at.
Result<void> check_one_document(const Secret& text) {
  YamlLimits limits{.bytes = kube::kubeconfig_limit, .nodes = 200'000, .documents = false};
  auto document = parse_yaml(text.reveal(), "read the kubeconfig", limits);
  if (!document) return fail(std::move(document.error()));
  wipe(*document);
  return {};
}

Result<kube::Connection> by_mode(const ClusterRow& row, const Secret& credential, const ConnectOptions& options) {
  switch (row.mode) {
    case CredentialMode::path: return from_path(row, options);
    case CredentialMode::kubeconfig: return from_stored(row, credential, options);
    case CredentialMode::token: return from_token(row, credential, options);
    case CredentialMode::in_cluster: return in_cluster(options);
  }
  return fail(ErrorCode::internal, "connect to cluster " + row.id, "its credential mode is not known");
}

}  // namespace

Result<kube::Connection> connect(const ClusterRow& row, const Secret& credential, const ConnectOptions& options) {
  auto connection = by_mode(row, credential, options);
  if (connection) connection->no_metadata = !options.allow_link_local;
  return connection;
}

Result<void> check_whole_kubeconfig(const Secret& text, const std::string& context, bool allow_link_local) {
  if (auto good = check_one_document(text); !good) return good;
  auto config = kube::parse_kubeconfig(text.reveal(), "the kubeconfig");
  if (!config) return fail(std::move(config.error()));
  auto usable = [&](const kube::Kubeconfig& one, const std::optional<std::string>& which) -> Result<void> {
    auto connection = kube::resolve(one, which, kStored, kube::Surroundings());
    if (!connection) {
      Error& error = connection.error();  // no server has refused anything: it is what was handed over
      if (error.code == ErrorCode::authentication_failed) error.code = ErrorCode::invalid_request;
      return fail(std::move(error));
    }
    const net::Url& server = connection->server;
    if (!allow_link_local && net::is_metadata_host(server.host)) return net::metadata_refused(server.host, server.port);
    const auto& proxy = connection->proxy;
    if (!allow_link_local && proxy && net::is_metadata_host(proxy->host))
      return net::metadata_refused(proxy->host, proxy->port);
    return {};
  };
  if (auto good = usable(*config, context.empty() ? std::nullopt : std::optional(context)); !good) return good;
  kube::Kubeconfig one;
  one.source = config->source;
  one.current_context = "each";
  for (const auto& [name, cluster] : config->clusters) {
    one.clusters = {{name, cluster}};
    one.contexts = {{"each", {name, "", {}, {}}}};
    if (auto good = usable(one, std::nullopt); !good) return good;
  }
  kube::Cluster any;
  any.server = "https://localhost";
  one.clusters = {{"any", any}};
  for (const auto& [name, user] : config->users) {
    one.users = {{name, user}};
    one.contexts = {{"each", {"any", name, {}, {}}}};
    if (auto good = usable(one, std::nullopt); !good) return good;
  }
  return {};
}

Result<void> check_kubeconfig(const Secret& text, const std::string& context) {
  return check_whole_kubeconfig(text, context, true);  // that is looked at whenever it is connected to
}

}  // namespace fairlead::fleet
