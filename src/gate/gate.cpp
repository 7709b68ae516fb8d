#include "gate/gate.h"

#include "ops/describe.h"

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
  auto cluster = co_await clusters_.find(std::move(request.cluster));
  if (!cluster) co_return fail(std::move(cluster.error()));
  std::shared_ptr<Cluster> held = *cluster;
  auto reply = co_await held->run(*operation, std::move(*arguments), request.deadline, request.progress);
  if (!reply) complete_remedy(reply.error(), *operation);
  co_return reply;
}

}  // namespace fairlead::gate
