#include "gate/kubeconfig_clusters.h"

#include <algorithm>

#include "ops/permitted.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

// What a context stands for: where, and as whom.
std::string place_of(const kube::Connection& connection) {
  return connection.server.scheme + "://" + connection.server.host + ":" + std::to_string(connection.server.port) +
         connection.server.path + " " + connection.user_name + (connection.tls.verify ? "" : " unverified");
}

Error pinned(const std::string& context) {
  return {ErrorCode::policy_denied, "find the cluster",
          context.empty() ? "only the cluster that is chosen at the start may be worked on here"
                          : "only the cluster of context '" + context + "' may be worked on here",
          "Leave the cluster out; a person can start Fairlead with another one, or with --all-contexts", nullptr};
}

}  // namespace

KubeconfigClusters::KubeconfigClusters(net::Executor executor, const Clock& clock, KubeconfigOptions options)
    : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {}

Result<void> KubeconfigClusters::load() {
  auto changed = [](const std::vector<SeenFile>& files) {
    return std::any_of(files.begin(), files.end(), [](const SeenFile& file) { return file.has_changed(); });
  };
  std::erase_if(clusters_, [&](const auto& known) { return changed(known.second.files); });
  if (kubeconfig_ && !changed(kubeconfig_->files)) return {};
  auto loaded = kube::load_kubeconfig(options_.sources);
  if (!loaded) return fail(std::move(loaded.error()));
  if (!pinned_) pinned_ = Pinned{loaded->source, loaded->current_context, {}};
  // A file that is empty for the moment in which it is rewritten must not lead to other credentials for good.
  if (loaded->source != pinned_->source)
    return fail(ErrorCode::policy_denied, "read the kubeconfig again",
                "it came from " + pinned_->source + " at the start and would come from " + loaded->source + " now",
                "Put it back, or have a person start Fairlead anew");
  kubeconfig_ = std::move(*loaded);
  for (const auto& [name, user] : kubeconfig_->users) {
    credentials_->remember(user.token);
    if (!user.exec) continue;
    for (const auto& variable : user.exec->env)
      if (redact::may_name_a_credential(variable.name)) credentials_->remember(variable.value);  // a region is none
  }
  return {};
}

std::string KubeconfigClusters::only_context() const {
  if (!options_.context.empty()) return options_.context;
  if (!kubeconfig_->pinned_context.empty()) return kubeconfig_->pinned_context;
  return options_.current_only ? pinned_->current : "";
}

Result<kube::Connection> KubeconfigClusters::resolve(const std::string& context) {
  auto connection = kube::resolve(*kubeconfig_, context, options_.policy, options_.surroundings);
  if (!connection) return connection;
  const std::string what = place_of(*connection);
  const auto& place = pinned_->places.try_emplace(context, Pinned::Place{what, connection->namespace_}).first->second;
  connection->namespace_ = place.namespace_;  // `kubectl config set-context` does not move an agent, either
  if (place.what != what)
    return fail(
        ErrorCode::policy_denied, "find the cluster",
        "the context names another server or user now than when it was first used here, or no longer verifies it",
        "A person can start Fairlead anew to work with that one");
  return connection;
}

Result<void> KubeconfigClusters::prepare() {
  if (auto loaded = load(); !loaded) return loaded;
  const std::string only = only_context();
  auto connection = resolve(only.empty() ? pinned_->current : only);
  if (!connection) return fail(std::move(connection.error()));
  return {};
}

awaitable<Result<std::vector<KnownCluster>>> KubeconfigClusters::list() {
  if (auto loaded = load(); !loaded) co_return fail(std::move(loaded.error()));
  const std::string only = only_context();
  const std::string& current = only.empty() ? pinned_->current : only;
  std::vector<KnownCluster> all;
  for (const auto& [name, context] : kubeconfig_->contexts) {
    if (name != only && (!only.empty() || options_.current_only)) continue;
    KnownCluster known{name, "", name == current};
    if (auto cluster = kubeconfig_->clusters.find(context.cluster); cluster != kubeconfig_->clusters.end())
      if (auto url = net::parse_url(cluster->second.server, "read the server")) known.server = place_of(*url);
    all.push_back(std::move(known));
  }
  co_return all;
}

awaitable<Result<std::shared_ptr<Cluster>>> KubeconfigClusters::find(std::string id, std::string) {
  if (auto loaded = load(); !loaded) co_return fail(std::move(loaded.error()));
  const std::string only = only_context();
  if (!id.empty() && id != only && (!only.empty() || options_.current_only)) co_return fail(pinned(only));
  if (id.empty()) id = only.empty() ? pinned_->current : only;
  if (id.empty() && !kubeconfig_->current_context.empty())
    co_return fail(ErrorCode::policy_denied, "find the cluster", "there was no current context when Fairlead started",
                   "A person can start it anew to work with the one that there is now");
  if (auto known = clusters_.find(id); known != clusters_.end()) co_return known->second.cluster;
  auto connection = resolve(id);
  if (!connection) co_return fail(std::move(connection.error()));
  for (const auto& warning : connection->warnings)
    if (options_.warn && warned_.insert(id + ": " + warning).second) options_.warn(warning);
  std::string ns = options_.default_namespace.empty() ? connection->namespace_ : options_.default_namespace;
  if (auto why = ops::why_not_label(ns))
    co_return fail(ErrorCode::invalid_request, "use the namespace of the context or of --namespace", *why,
                   "Give the name of a namespace");
  std::vector<SeenFile> files = connection->files;
  kube::RetryPolicy retry;
  retry.jitter = options_.jitter;
  auto client = kube::Client::make(executor_, std::move(*connection), std::move(retry), options_.user_agent);
  if (!client) co_return fail(std::move(client.error()));
  std::shared_ptr<Cluster> cluster =
      client_cluster(id, std::move(*client), clock_, std::move(ns), options_.default_namespace, credentials_);
  clusters_[id] = {cluster, std::move(files)};
  co_return cluster;
}

}  // namespace fairlead::gate
