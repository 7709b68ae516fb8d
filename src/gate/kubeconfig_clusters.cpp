#include "gate/kubeconfig_clusters.h"

#include <algorithm>

#include "ops/mask.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

class ContextCluster final : public Cluster {
 public:
  ContextCluster(std::unique_ptr<kube::Client> client, const Clock& clock, std::string default_namespace,
                 std::string list_namespace, std::shared_ptr<const std::vector<Secret>> secrets)
      : client_(std::move(client)),
        clock_(clock),
        default_namespace_(std::move(default_namespace)),
        list_namespace_(std::move(list_namespace)),
        secrets_(std::move(secrets)) {}

  awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments, Deadline deadline,
                                    ops::Progress* progress) override {
    ops::Call call{operation, *client_,           arguments,       clock_,
                   deadline,  default_namespace_, list_namespace_, arguments.flag("dry_run"),
                   progress};
    if (progress) progress->report(0, std::nullopt, "asking the cluster");
    auto reply = co_await operation.run(call);
    // Whoever can write into the cluster may have put our own token there.
    for (const auto* known : {&client_->bearers(), secrets_.get()})
      for (const auto& secret : *known) reply ? ops::mask(*reply, secret) : ops::mask(reply.error(), secret);
    const bool narrowed = !list_namespace_.empty() && arguments.text("namespace").empty();
    if (reply && narrowed && std::holds_alternative<ops::Table>(reply->body) && ops::takes_namespace(operation))
      reply->notes.push_back("only namespace " + list_namespace_ +
                             ", as Fairlead was started; name another one to see it");
    co_return reply;
  }

 private:
  std::unique_ptr<kube::Client> client_;
  const Clock& clock_;
  std::string default_namespace_, list_namespace_;
  std::shared_ptr<const std::vector<Secret>> secrets_;
};

// What a context stands for: where, and as whom.
std::string pin_of(const kube::Connection& connection) {
  return connection.server.scheme + "://" + connection.server.host + ":" + std::to_string(connection.server.port) +
         connection.server.path + " " + connection.user_name;
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
  // A file that is empty for the moment in which it is rewritten must not lead to other credentials for good.
  if (kubeconfig_ && loaded->source != kubeconfig_->source)
    return fail(ErrorCode::policy_denied, "read the kubeconfig again",
                "it came from " + kubeconfig_->source + " at the start and would come from " + loaded->source + " now",
                "Put it back, or have a person start Fairlead anew");
  kubeconfig_ = std::move(*loaded);
  for (const auto& [name, user] : kubeconfig_->users) {
    remember(user.token);
    if (!user.exec) continue;
    for (const auto& variable : user.exec->env)
      if (redact::may_name_a_credential(variable.name)) remember(variable.value);  // a region is none
  }
  if (!current_) current_ = kubeconfig_->current_context;
  return {};
}

void KubeconfigClusters::remember(const Secret& credential) {
  constexpr std::size_t most = 1000;
  for (const auto& known : *secrets_)
    if (known.reveal() == credential.reveal()) return;
  if (credential.empty()) return;
  if (secrets_->size() >= most) secrets_->erase(secrets_->begin());
  secrets_->push_back(credential);
}

Result<void> KubeconfigClusters::prepare() {
  if (auto loaded = load(); !loaded) return loaded;
  std::string id = options_.context.empty() ? kubeconfig_->pinned_context : options_.context;
  if (id.empty()) id = *current_;
  auto connection = kube::resolve(*kubeconfig_, id, options_.policy, options_.surroundings);
  if (!connection) return fail(std::move(connection.error()));
  pins_.emplace(id, pin_of(*connection));
  return {};
}

awaitable<Result<std::shared_ptr<Cluster>>> KubeconfigClusters::find(std::string id) {
  if (auto loaded = load(); !loaded) co_return fail(std::move(loaded.error()));
  std::string pin = options_.context.empty() ? kubeconfig_->pinned_context : options_.context;
  if (pin.empty() && options_.current_only) pin = *current_;
  if (!id.empty() && id != pin && (!pin.empty() || options_.current_only)) co_return fail(pinned(pin));
  if (id.empty()) id = pin.empty() ? *current_ : pin;
  if (id.empty() && !kubeconfig_->current_context.empty())
    co_return fail(ErrorCode::policy_denied, "find the cluster", "there was no current context when Fairlead started",
                   "A person can start it anew to work with the one that there is now");
  if (auto known = clusters_.find(id); known != clusters_.end()) co_return known->second.cluster;
  auto connection = kube::resolve(*kubeconfig_, id, options_.policy, options_.surroundings);
  if (!connection) co_return fail(std::move(connection.error()));
  if (options_.warn)
    for (const auto& warning : connection->warnings) options_.warn(warning);
  std::string ns = options_.default_namespace.empty() ? connection->namespace_ : options_.default_namespace;
  if (auto why = ops::why_not_label(ns))
    co_return fail(ErrorCode::invalid_request, "use the namespace of the context or of --namespace", *why,
                   "Give the name of a namespace");
  const std::string chosen = pin_of(*connection);
  if (auto known = pins_.find(id); known != pins_.end() && known->second != chosen)
    co_return fail(ErrorCode::policy_denied, "find the cluster",
                   "the context names another server or user now than when it was first used here",
                   "A person can start Fairlead anew to work with that one");
  std::vector<SeenFile> files = connection->files;
  kube::RetryPolicy retry;
  retry.jitter = options_.jitter;
  auto client = kube::Client::make(executor_, std::move(*connection), std::move(retry), options_.user_agent);
  if (!client) co_return fail(std::move(client.error()));
  std::shared_ptr<Cluster> cluster =
      std::make_shared<ContextCluster>(std::move(*client), clock_, std::move(ns), options_.default_namespace, secrets_);
  pins_.emplace(id, chosen);
  clusters_[id] = {cluster, std::move(files)};
  co_return cluster;
}

}  // namespace fairlead::gate
