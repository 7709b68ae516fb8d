#include "ops/resolve.h"

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"

namespace fairlead::ops {
namespace {

bool is_called(const kube::ApiResource& resource, std::string_view word) {
  if (equal_ignoring_case(resource.plural, word) || equal_ignoring_case(resource.kind, word) ||
      equal_ignoring_case(resource.singular, word))
    return true;
  return std::any_of(resource.short_names.begin(), resource.short_names.end(),
                     [&](const std::string& name) { return equal_ignoring_case(name, word); });
}

}  // namespace

Result<kube::ApiResource> find_kind(const kube::Discovery& discovery, std::string_view kind,
                                    std::string_view operation) {
  const std::size_t dot = kind.find('.');
  const std::string_view word = kind.substr(0, dot);
  const std::string_view group = dot == std::string_view::npos ? std::string_view() : kind.substr(dot + 1);
  const kube::ApiResource* found = nullptr;
  for (const auto& resource : discovery.resources) {
    if (word.empty()) break;  // many resources have no singular
    if (!is_called(resource, word) || (!group.empty() && !equal_ignoring_case(resource.group, group))) continue;
    if (!found || (resource.group.empty() && !found->group.empty())) found = &resource;
  }
  if (found) return *found;
  std::vector<std::string> names;
  for (const auto& resource : discovery.resources)
    names.push_back(resource.plural + (resource.group.empty() ? "" : "." + resource.group));
  for (const auto& resource : discovery.resources) names.push_back(resource.plural);
  const auto near = similar_names(kind, names);
  std::string remedy = near.empty() ? "list_api_resources shows the kinds that it has" : "The nearest is " + near[0];
  if (!discovery.unavailable.empty())
    remedy += ". The servers of some kinds do not answer: list_api_resources names them";
  return fail(ErrorCode::not_found, std::string(operation), "this cluster has no kind '" + plain_word(kind) + "'",
              std::move(remedy));
}

awaitable<Result<kube::ApiResource>> resolve_kind(Call& call, std::string kind) {
  auto known = co_await kube::discover_lately(call.client, call.deadline, false);
  if (!known) co_return fail(std::move(known.error()));
  auto found = find_kind(*known->discovery, kind, call.operation.name);
  if (found || known->is_new) co_return found;
  known = co_await kube::discover_lately(call.client, call.deadline, true);
  if (!known) co_return fail(std::move(known.error()));
  co_return find_kind(*known->discovery, kind, call.operation.name);
}

}  // namespace fairlead::ops
