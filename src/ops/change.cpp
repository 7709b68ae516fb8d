#include "ops/change.h"

#include "ops/read.h"

namespace fairlead::ops {
namespace {

constexpr int kAttempts = 6;

}  // namespace

awaitable<Result<Change>> change_object(Call& call, std::string target, std::string kind,
                                        std::function<std::optional<json::object>(const json::value& before)> plan) {
  for (int attempt = 1;; ++attempt) {
    auto before = co_await read_object(call, target, kind);
    if (!before) co_return fail(std::move(before.error()));
    auto patch = plan(*before);
    if (!patch) co_return Change{std::move(*before), std::nullopt};
    if (text_at(*before, {"metadata", "resourceVersion"}).empty())
      co_return fail(ErrorCode::server_error, std::string(call.operation.name),
                     "the server's answer has no resourceVersion, so a change could not be bound to it",
                     "Check that the address is that of a Kubernetes API server");
    (*patch)["metadata"] = json::object{{"resourceVersion", text_at(*before, {"metadata", "resourceVersion"})}};
    std::string where = target;
    if (call.dry_run) kube::add_query(where, "dryRun", "All");
    auto after =
        co_await call.client.send("PATCH", where, std::string(kube::Patch::merge), compact(*patch), call.deadline);
    if (after) co_return Change{std::move(*before), std::move(*after)};
    if (after.error().code != ErrorCode::conflict || attempt == kAttempts) co_return fail(std::move(after.error()));
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!slept) co_return fail(std::move(slept.error()));
  }
}

}  // namespace fairlead::ops
