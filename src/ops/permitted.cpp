#include "ops/permitted.h"

#include <fmt/format.h>

#include "net/task.h"
#include "ops/clip.h"
#include "ops/merge_lists.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kAtOnce = 8;

awaitable<Result<Reply>> run_in(Call& call, json::object values, std::string ns) {
  values["namespace"] = ns;
  auto arguments = Arguments::validate(values, call.operation.parameters, call.operation.name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  Call inner{call.operation,         call.client, *arguments, call.clock, call.deadline,
             call.default_namespace, "",          false,      nullptr,    call.known_credentials};
  auto reply = co_await call.operation.run(inner);
  // That one of many namespaces has none is no news.
  if (reply)
    std::erase_if(reply->notes, [&](const auto& note) { return note.starts_with("namespace " + ns + " exists"); });
  co_return reply;
}

// "deployments.apps": what is listed, in the API's words.
std::string listed(const Call& call) {
  const auto& access = call.operation.access;
  if (!access.empty() && access[0].resource != "*")
    return fmt::format("{}{}{}", access[0].resource, access[0].group.empty() ? "" : ".", access[0].group);
  const std::string kind = call.arguments.text("kind");
  return kind.empty() ? "them" : kind;
}

// Says of an object that is not there where its namespace is not there either.
awaitable<Error> explain_not_found(Call& call, Error error) {
  const bool in_namespace = takes_namespace(call.operation) && !lists(call.operation) &&
                            (call.arguments.has("namespace") || !call.arguments.has("kind"));
  if (error.code != ErrorCode::not_found || !in_namespace) co_return error;
  const std::string ns = call.object_namespace();
  std::string target = kube::ResourcePath{"", "v1", "namespaces", {}, ns, {}}.text();
  auto found = co_await call.client.get(std::move(target), call.deadline);
  // Whoever answers 404 without a Status is no API server, and says nothing of namespaces.
  if (found || found.error().code != ErrorCode::not_found || !found.error().status) co_return error;
  error.step = call.operation.name;
  error.cause = "namespace " + ns + " does not exist";
  error.remedy = "list_namespaces shows those that do";
  co_return error;
}

}  // namespace

awaitable<Result<Reply>> run_where_permitted(Call& call) {
  auto whole = co_await call.operation.run(call);
  if (whole) co_return whole;
  if (whole.error().code == ErrorCode::not_found) {
    Error explained = co_await explain_not_found(call, std::move(whole.error()));
    co_return fail(std::move(explained));
  }
  if (whole.error().code != ErrorCode::permission_denied) co_return whole;
  if (!lists(call.operation) || !takes_namespace(call.operation) || !call.list_namespace().empty()) co_return whole;
  auto arguments = part_arguments(call.operation, call.arguments);
  if (!arguments) co_return whole;
  auto names = co_await read_namespace_names(call);
  if (!names && names.error().code != ErrorCode::permission_denied) co_return whole;
  const bool all_known = names.has_value();
  std::vector<std::string> tried;
  if (all_known)
    tried = std::move(*names);
  else
    tried.push_back(call.object_namespace());
  const json::object values = arguments->values();
  std::vector<Part> parts;
  std::vector<std::string> denied;
  // The first one by itself: where it cannot be done at all (a kind that is in no namespace), the others need not fail.
  for (std::size_t done = 0; done < tried.size(); done += done == 0 ? 1 : tried.size()) {
    const std::size_t count = done == 0 ? 1 : tried.size() - 1;
    std::function<awaitable<Result<Reply>>(std::size_t)> start = [&](std::size_t i) {
      return run_in(call, values, tried[done + i]);
    };
    auto replies = co_await net::gather_bounded<Reply>(count, kAtOnce, start);
    for (std::size_t i = 0; i < count; ++i) {
      if (replies[i] && std::holds_alternative<Table>(replies[i]->body))
        parts.push_back({tried[done + i], std::move(*replies[i])});
      else if (!replies[i] && replies[i].error().code == ErrorCode::permission_denied)
        denied.push_back(tried[done + i]);
      else if (done == 0 && !replies[i] && replies[i].error().code == ErrorCode::invalid_request)
        co_return whole;
      else
        co_return std::move(replies[i]);  // an answer that lacks rows must not look like one that has them all
    }
  }
  if (parts.empty()) co_return whole;
  const std::size_t permitted = parts.size();
  auto merged = merge_lists(call.operation, call.arguments, std::move(parts));
  if (!merged) co_return merged;
  std::string note;
  if (!all_known)
    note = fmt::format(
        "only namespace {}, the connection's own: you may neither list {} in all namespaces nor ask which ones there "
        "are; name another namespace to see it",
        tried[0], listed(call));
  else if (!denied.empty())
    note = fmt::format("only {} of {} namespaces: you may not list {} in {}", permitted, tried.size(), listed(call),
                       some_of(denied));
  if (!note.empty()) merged->notes.insert(merged->notes.begin(), std::move(note));
  co_return merged;
}

}  // namespace fairlead::ops
