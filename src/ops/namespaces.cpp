#include <fmt/format.h>

#include <array>

#include "kube/messages.h"
#include "net/task.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/object_document.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

void add_namespace(Rows& rows, const json::value& ns, std::int64_t) {
  const std::string_view phase = text_at(ns, {"status", "phase"});
  rows.begin_row(phase == "Active" ? 1 : 0);
  add_name(rows, ns, false);
  rows.text(phase);
  add_created(rows, ns);
  add_map(rows, object_at(ns, {"metadata", "labels"}));
}

// {"cpu": "2 of 4 used"}
json::object quota_document(const json::value& quota) {
  json::object out;
  for (const auto& hard : object_at(quota, {"status", "hard"})) {
    const std::string_view used = text_at(quota, {"status", "used", hard.key()});
    if (hard.value().is_string())
      out[hard.key()] =
          fmt::format("{} of {} used", used.empty() ? "0" : used, std::string_view(hard.value().get_string()));
  }
  return out;
}

// {"Container cpu": "min 10m, max 2, default 500m, default request 100m"}
json::object limit_range_document(const json::value& range) {
  json::object out;
  for (const auto& limit : array_at(range, {"spec", "limits"})) {
    for (auto [key, word] : {std::pair{"min", "min"}, std::pair{"max", "max"}, std::pair{"default", "default"},
                             std::pair{"defaultRequest", "default request"},
                             std::pair{"maxLimitRequestRatio", "limit at most so many times the request:"}}) {
      for (const auto& entry : object_at(limit, {key})) {
        if (!entry.value().is_string()) continue;
        json::value& line = out[fmt::format("{} {}", text_at(limit, {"type"}), std::string_view(entry.key()))];
        line = (line.is_string() ? std::string(line.get_string()) + ", " : std::string()) +
               fmt::format("{} {}", word, std::string_view(entry.value().get_string()));
      }
    }
  }
  return out;
}

struct Bound {
  std::string_view key, plural;
  json::object (*document)(const json::value& object);
};
constexpr std::array kBounds{Bound{"quotas", "resourcequotas", quota_document},
                             Bound{"limit_ranges", "limitranges", limit_range_document}};

// The namespace, and what bounds that which runs in it.
awaitable<Result<Reply>> get_namespace(Call& call) {
  const std::string name = call.arguments.text("name");
  auto ns = co_await read_one(call, kNamespaces, "", name);
  if (!ns) co_return fail(std::move(ns.error()));
  redact::object(*ns);
  Reply reply;
  json::object brief = object_document(*ns, call.clock.unix_seconds());
  std::function<awaitable<Result<json::value>>(std::size_t)> start = [&](std::size_t i) {
    return call.client.get(kube::ResourcePath{"", "v1", kBounds[i].plural, name, {}, {}}.text(), call.deadline);
  };
  auto read = co_await net::gather_bounded<json::value>(kBounds.size(), kBounds.size(), start);
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (!read[i]) {
      reply.notes.push_back(
          fmt::format("{} could not be read: {}", kBounds[i].plural, to_string(read[i].error().code)));
      continue;
    }
    json::object all;
    for (const auto& one : array_at(*read[i], {"items"}))
      all[text_at(one, {"metadata", "name"})] = kBounds[i].document(one);
    put(brief, kBounds[i].key, std::move(all));
  }
  reply.body = Document{std::move(*ns), std::move(brief)};
  co_return reply;
}

}  // namespace

const Kind kNamespaces{
    .name = "Namespace",
    .group = "",
    .plural = "namespaces",
    .versions = {"v1"},
    .namespaced = false,
    .noun = "namespaces",
    .message = &kube::messages::name_space,
    .columns = {{"name", CellType::text, false, ""},
                {"status", CellType::text, false, "Active or Terminating"},
                {"created", CellType::time, false, "When it was created"},
                {"labels", CellType::labels, false, ""}},
    .add_row = add_namespace,
};

std::vector<Operation> namespace_operations() {
  auto all = kind_operations(
      {{kNamespaces,
        "namespaces",
        {"list_namespaces", "List all namespaces with status and labels", ""},
        {"get_namespace", "Get namespace details including labels, annotations, quotas and limit ranges",
         "--name shop"}}});
  // The API server lets a namespace itself be read by a Role in it.
  all[1].access[0].reach = Reach::call_namespace;
  for (const auto& bound : kBounds) all[1].access.push_back({"", bound.plural, {"list"}, Reach::call_namespace, true});
  all[1].run = get_namespace;
  return all;
}

}  // namespace fairlead::ops
