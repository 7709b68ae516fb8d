#include "gate/gate.h"

#include "gate/fan_out.h"
#include "ops/bounded.h"
#include "ops/describe.h"
#include "ops/list.h"
#include "ops/merge.h"

namespace fairlead::gate {
namespace {

std::string_view flag_for(ops::Trust trust) { return trust == ops::Trust::write ? "write" : "destructive"; }

// Below the gate nobody knows what was called.
void complete_remedy(Error& error, const ops::Operation& operation) {
  constexpr std::string_view placeholder = "'fairlead ops OPERATION'";
  if (const std::size_t at = error.remedy.find(placeholder); at != std::string::npos)
    error.remedy.replace(at, placeholder.size(), "'fairlead ops " + std::string(operation.name) + "'");
  constexpr std::string_view elsewhere = "Ask in a namespace where you may, or ask";
  if (!ops::takes_namespace(operation)) {
    if (error.remedy == "Check the name and the namespace") error.remedy = "Check the name";
    if (error.remedy.starts_with(elsewhere)) error.remedy.replace(0, elsewhere.size(), "Ask");
  }
  // What stands for any kind says nothing about the one that was asked for: the server's words do.
  const std::string needed = ops::access_text(operation);
  if (error.code == ErrorCode::permission_denied && !error.remedy.empty() && !needed.empty() &&
      needed.find('*') == std::string::npos)
    error.remedy += ": " + std::string(operation.name) + " needs " + needed;
}

// list_clusters: what the gate itself knows.
Result<ops::Reply> list_clusters(Clusters& clusters, const ops::Operation& operation, const ops::Arguments& arguments) {
  auto known = clusters.list();
  if (!known) return fail(std::move(known.error()));
  ops::Rows rows;
  for (const auto& cluster : *known) {
    rows.begin_row(cluster.current ? 0 : 1);
    rows.text(cluster.id);
    rows.text(cluster.server);
    rows.flag(cluster.current);
  }
  return ops::arrange(operation, arguments, "", std::move(rows), "clusters");
}

}  // namespace

awaitable<Result<ops::Reply>> Gate::call(Request request) {
  const ops::Operation* operation = catalog_.find(request.operation);
  if (!operation) co_return fail(catalog_.unknown(request.operation));
  auto arguments = ops::Arguments::validate(request.arguments, operation->parameters, operation->name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  if (request.progress && request.progress->follower() && !operation->follows)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name), "it says nothing that goes on",
                   "Do not follow it");
  if (!permits(*operation)) {
    co_return fail(
        ErrorCode::policy_denied, std::string(operation->name),
        "this is a " + std::string(ops::to_string(operation->trust)) + " operation, and only " +
            (grant_.allow == ops::Trust::write ? "READ and WRITE" : "READ") + " ones are allowed here",
        "A person can allow it by starting Fairlead with --allow " + std::string(flag_for(operation->trust)));
  }
  if (!operation->run) co_return list_clusters(clusters_, *operation, *arguments);
  std::vector<std::string> ids = std::move(request.clusters);
  if (ids.empty()) ids.push_back(std::move(request.cluster));
  const bool several = ids.size() > 1 || ids[0] == kAllClusters;
  if (several && operation->trust != ops::Trust::read)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name),
                   "a change is made on one cluster at a time, and several are named", "Call it once for each cluster");
  if (several && request.progress && request.progress->follower())
    co_return fail(ErrorCode::invalid_request, std::string(operation->name),
                   "one cluster at a time can be followed, and several are named", "Follow each by itself");
  if (several)
    co_return co_await run_on_several(std::move(ids), *operation, std::move(*arguments), request.deadline,
                                      request.progress);
  co_return co_await run_on(std::move(ids[0]), *operation, std::move(*arguments), request.deadline, request.progress);
}

awaitable<Result<ops::Reply>> Gate::run_on(std::string id, const ops::Operation& operation, ops::Arguments arguments,
                                           Deadline deadline, ops::Progress* progress) {
  auto cluster = co_await clusters_.find(std::move(id));
  if (!cluster) co_return fail(std::move(cluster.error()));
  std::shared_ptr<Cluster> held = *cluster;
  auto reply = co_await held->run(operation, std::move(arguments), deadline, progress);
  if (!reply) complete_remedy(reply.error(), operation);
  co_return reply;
}

awaitable<Result<ops::Reply>> Gate::run_on_several(std::vector<std::string> ids, const ops::Operation& operation,
                                                   ops::Arguments arguments, Deadline deadline,
                                                   ops::Progress* progress) {
  auto chosen = co_await choose_clusters(clusters_, std::move(ids), operation.name);
  if (!chosen) co_return fail(std::move(chosen.error()));
  const std::vector<std::string> all = std::move(*chosen);
  auto each = ops::lists(operation) ? ops::part_arguments(operation, arguments) : Result<ops::Arguments>(arguments);
  if (!each) co_return fail(std::move(each.error()));
  std::size_t answered = 0;
  auto one = [&](std::string id) -> awaitable<Result<ops::Reply>> {
    auto reply = co_await run_on(id, operation, *each, deadline, nullptr);
    if (progress)
      progress->report(static_cast<double>(++answered), static_cast<double>(all.size()), id + " has answered");
    co_return reply;
  };
  if (progress) progress->report(0, static_cast<double>(all.size()), "asking the clusters");
  std::function<awaitable<Result<ops::Reply>>(std::size_t)> start = [&](std::size_t i) { return one(all[i]); };
  auto replies = co_await ops::gather_bounded<ops::Reply>(all.size(), kClustersAtOnce, start);
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < all.size(); ++i) answers.push_back({all[i], std::move(replies[i])});
  co_return merge_answers(operation, arguments, std::move(answers));
}

}  // namespace fairlead::gate
