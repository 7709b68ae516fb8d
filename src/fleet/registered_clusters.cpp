#include "fleet/registered_clusters.h"

#include <algorithm>
#include <optional>

#include "fleet/account_tokens.h"

namespace fairlead::fleet {
namespace {

constexpr Duration kLook = std::chrono::seconds(10);          // at the registry
constexpr Duration kHolds = std::chrono::milliseconds(1000);  // what was seen there
constexpr std::size_t kMost = 10'000;
constexpr std::size_t kMostLive = 4'000;              // clients: those that are not in use go then
constexpr Duration kIdle = std::chrono::minutes(10);  // of a caller who has gone: nothing is kept for them
constexpr Duration kSweep = std::chrono::minutes(1);

bool has_changed(const std::vector<SeenFile>& files) {
  return std::any_of(files.begin(), files.end(), [](const SeenFile& file) { return file.has_changed(); });
}

// Where it can be told without opening its credentials.
std::string server_of(const ClusterRow& row) {
  auto url = net::parse_url(row.server, "read the server");
  return url ? gate::place_of(*url) : "";
}

}  // namespace

awaitable<Result<std::unique_ptr<kube::Client>>> make_client(Registry& registry, ClusterRow row,
                                                             const LiveOptions& options, std::string caller,
                                                             Deadline deadline) {
  if (row.accounts.are_used() && !caller.empty())
    co_return fail(ErrorCode::internal, "connect to cluster " + row.id, "a caller was to have the stored identity");
  Secret credential;
  if (row.credential_version > 0) {
    auto opened = co_await registry.credential(row, deadline);
    if (!opened) co_return fail(std::move(opened.error()));
    credential = std::move(*opened);
  }
  auto connection = connect(row, credential, options.connect);
  if (!connection) co_return fail(std::move(connection.error()));
  if (!row.impersonation.user.empty() && !caller.empty()) {
    if (connection->impersonates)
      co_return fail(ErrorCode::invalid_request, "call the cluster as who calls",
                     "the kubeconfig of cluster " + row.id + " impersonates somebody itself (as)",
                     "Leave 'as' out of it, or the cluster's impersonate_user");
    auto headers = headers_of(row.impersonation, caller);
    if (!headers) co_return fail(std::move(headers.error()));
    connection->credentials = kube::impersonating(std::move(connection->credentials), std::move(*headers));
  }
  if (options.warn)
    for (const auto& warning : connection->warnings) options.warn(row.target() + ": " + warning);
  kube::RetryPolicy retry;
  retry.jitter = options.jitter;
  auto executor = co_await net::current_executor();
  co_return kube::Client::make(executor, std::move(*connection), std::move(retry), options.user_agent);
}

Result<std::unique_ptr<kube::Client>> account_client(std::shared_ptr<kube::Client> issuer, const ClusterRow& row,
                                                     const LiveOptions& options, std::string_view caller,
                                                     std::function<void(const std::vector<Secret>&)> seen,
                                                     net::Executor executor, const Clock& clock) {
  auto account = account_of(row.accounts, caller);
  if (!account) return fail(std::move(account.error()));
  const kube::Connection& stored = issuer->connection();
  auto connection = with_tokens_alone(
      stored, account_tokens(issuer, {std::move(*account), row.accounts.seconds, std::move(seen)}, clock));
  if (!connection) return fail(std::move(connection.error()));
  kube::RetryPolicy retry;
  retry.jitter = options.jitter;
  return kube::Client::make(std::move(executor), std::move(*connection), std::move(retry), options.user_agent);
}

bool RegisteredClusters::Live::is_of(const ClusterRow& row) const {
  return connection_version == row.connection_version && created == row.created && !has_changed(files);
}
bool RegisteredClusters::Issuer::is_of(const ClusterRow& row) const {
  return connection_version == row.connection_version && created == row.created &&
         !has_changed(client->connection().files);
}

RegisteredClusters::RegisteredClusters(Registry& registry, const Clock& clock, LiveOptions options,
                                       gate::Clusters* others)
    : registry_(registry), clock_(clock), options_(std::move(options)), others_(others) {}

awaitable<Result<std::vector<gate::KnownCluster>>> RegisteredClusters::list() {
  std::vector<gate::KnownCluster> out;
  std::optional<Error> unknown;  // the others; registered ones need nothing of them
  if (others_) {
    auto others = co_await others_->list();
    if (others)
      out = std::move(*others);
    else
      unknown = std::move(others.error());
  }
  auto rows = co_await registry_.list("", kMost, Deadline::after(kLook));
  if (!rows && others_ && !unknown) {  // which are known without the registry
    if (options_.warn) options_.warn("the registered clusters cannot be read: " + rows.error().cause);
    co_return out;
  }
  if (!rows) co_return fail(unknown ? std::move(*unknown) : std::move(rows.error()));
  for (const auto& row : *rows)
    if (row.enabled) out.push_back({row.target(), server_of(row), false});
  if (!unknown) co_return out;
  if (out.empty()) co_return fail(std::move(*unknown));
  // That there is no kubeconfig is nothing to be told of.
  if (unknown->code != ErrorCode::not_found && options_.warn)
    options_.warn("the registered clusters are all that is known: " + unknown->cause);
  co_return out;
}

awaitable<Result<std::shared_ptr<gate::Cluster>>> RegisteredClusters::find(std::string id, std::string caller) {
  if (id.starts_with(kTargetPrefix))
    co_return co_await find_registered(id.substr(kTargetPrefix.size()), std::move(caller));
  if (others_) co_return co_await others_->find(std::move(id), std::move(caller));
  co_return fail(ErrorCode::not_found, "find the cluster",
                 id.empty() ? "no cluster is named" : "no cluster is registered as '" + id + "'",
                 "Name one as list_clusters shows them: " + std::string(kTargetPrefix) + "ID");
}

awaitable<Result<std::shared_ptr<gate::Cluster>>> RegisteredClusters::find_registered(std::string id,
                                                                                      std::string caller) {
  const TimePoint now = std::chrono::steady_clock::now();
  const auto known_to = [&](const std::string& whom) {
    auto live = live_.find({id, whom});
    const bool holds = live != live_.end() && now - live->second.looked < kHolds && !has_changed(live->second.files);
    return holds ? live->second.cluster : nullptr;
  };
  for (const auto& whom : {std::string(), caller})
    if (auto cluster = known_to(whom)) co_return cluster;
  sweep(now);
  const std::uint64_t forgotten = forgotten_;
  const Deadline deadline = Deadline::after(kLook);
  auto row = co_await registry_.read(id, deadline);
  if (!row) {
    drop(id);
    co_return fail(std::move(row.error()));
  }
  if (!row->enabled) {
    drop(id);
    co_return fail(ErrorCode::policy_denied, "find the cluster", "cluster " + id + " is disabled",
                   "A person can enable it: 'fairlead clusters enable " + id + "'");
  }
  std::erase_if(live_, [&](const auto& one) { return one.first.first == id && !one.second.is_of(*row); });
  const bool is_of_all = !row->tells_callers_apart();
  if (!is_of_all && caller.empty())  // nobody gets the stored identity by having no name
    co_return fail(ErrorCode::policy_denied, "find the cluster", "cluster " + id + " is called by callers with a name",
                   "Call it as somebody");
  const std::pair key(id, is_of_all ? std::string() : caller);
  if (auto live = live_.find(key); live != live_.end()) {
    live->second.looked = now;
    co_return live->second.cluster;
  }
  auto made = co_await make_live(*row, key.second, deadline);
  if (!made) co_return fail(std::move(made.error()));
  if (forgotten != forgotten_) co_return made->cluster;
  make_room(now);
  // Somebody else may have made one meanwhile: there is one of each, so that one token is asked for.
  auto [live, is_new] = live_.try_emplace(key, *made);
  if (is_new || live->second.is_of(*row)) co_return live->second.cluster;
  if (live->second.connection_version < made->connection_version) live->second = *made;
  co_return made->cluster;
}

awaitable<Result<RegisteredClusters::Live>> RegisteredClusters::make_live(ClusterRow row, std::string caller,
                                                                          Deadline deadline) {
  Live live;
  live.connection_version = row.connection_version;
  live.created = row.created;
  live.looked = std::chrono::steady_clock::now();
  std::unique_ptr<kube::Client> client;
  const bool has_account = row.accounts.are_used();
  if (has_account) {
    auto issuer = co_await issuer_of(row, deadline);
    if (!issuer) co_return fail(std::move(issuer.error()));
    auto executor = co_await net::current_executor();
    auto seen = [known = credentials_](const std::vector<Secret>& bearers) {
      for (const auto& bearer : bearers) known->remember(bearer);
    };
    auto made = account_client(std::move(*issuer), row, options_, caller, std::move(seen), executor, clock_);
    if (!made) co_return fail(std::move(made.error()));
    client = std::move(*made);
  } else {
    auto made = co_await make_client(registry_, row, options_, caller, deadline);
    if (!made) co_return fail(std::move(made.error()));
    client = std::move(*made);
  }
  live.files = client->connection().files;
  live.cluster = gate::client_cluster(row.target(), std::move(client), clock_, row.namespaces.fallback, "",
                                      credentials_, has_account);
  co_return live;
}

awaitable<Result<std::shared_ptr<kube::Client>>> RegisteredClusters::issuer_of(ClusterRow row, Deadline deadline) {
  if (auto known = issuers_.find(row.id); known != issuers_.end() && known->second.is_of(row))
    co_return known->second.client;
  auto made = co_await make_client(registry_, row, options_, "", deadline);
  if (!made) co_return fail(std::move(made.error()));
  Issuer issuer{std::move(*made), row.connection_version, row.created};
  auto& kept = issuers_[row.id];
  if (!kept.client || kept.created != issuer.created || kept.connection_version <= issuer.connection_version)
    kept = issuer;
  co_return issuer.client;
}

void RegisteredClusters::drop(const std::string& id) {
  std::erase_if(live_, [&](const auto& one) { return one.first.first == id; });
  issuers_.erase(id);
}

void RegisteredClusters::sweep(TimePoint now) {
  if (now - swept_ < kSweep) return;
  swept_ = now;
  std::erase_if(live_, [&](const auto& one) { return !one.first.second.empty() && now - one.second.looked > kIdle; });
}

void RegisteredClusters::make_room(TimePoint now) {
  if (live_.size() < kMostLive) return;
  std::erase_if(live_, [&](const auto& one) { return now - one.second.looked > kHolds; });
  if (live_.size() < kMostLive) return;
  live_.erase(std::min_element(live_.begin(), live_.end(),
                               [](const auto& a, const auto& b) { return a.second.looked < b.second.looked; }));
}

}  // namespace fairlead::fleet
