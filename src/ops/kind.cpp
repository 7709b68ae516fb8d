#include "ops/kind.h"

#include <array>

#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/read.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

// 404 for a path of a version that the server does not have; one for an object that is not there names the object.
bool is_unknown_path(const Error& error) {
  if (error.code != ErrorCode::not_found) return false;
  const auto* details = error.status ? error.status->if_contains("details") : nullptr;
  return !details || text_at(*details, {"name"}).empty();
}

// What has none of a kind's paths may be no API server at all: then `answer`, the last one, says what it is.
awaitable<Error> not_served(Call& call, const Kind& kind, Error answer) {
  if (kind.group.empty()) co_return answer;  // every API server has those
  auto versions = co_await call.client.get("/api", call.deadline);
  if (!versions) co_return answer;
  co_return Error{ErrorCode::not_found,
                  std::string(call.operation.name),
                  "this cluster does not have the kind " + std::string(kind.name),
                  "list_api_resources shows what it has",
                  nullptr,
                  {}};
}

awaitable<Result<Reply>> list_kind(Call& call) {
  const Kind& kind = *call.operation.kind;
  Rows rows;
  const std::int64_t now = call.clock.unix_seconds();
  auto each = [&](const json::value& object) { kind.add_row(rows, object, now); };
  const std::string ns = kind.namespaced ? call.list_namespace() : "";
  auto read = co_await read_kind(
      call, kind, ns, call.arguments.text("label_selector"), call.arguments.text("field_selector"),
      [&rows] { rows = {}; }, each);
  if (!read) co_return fail(std::move(read.error()));
  std::vector<std::string> notes;
  if (kind.namespaced) notes = co_await explain_empty(call, rows.size());
  co_return arrange(call, std::move(rows), std::string(kind.noun), std::move(notes));
}

awaitable<Result<Reply>> get_kind(Call& call) {
  const Kind& kind = *call.operation.kind;
  const std::string ns = kind.namespaced ? call.object_namespace() : "";
  auto object = co_await read_one(call, kind, ns, call.arguments.text("name"));
  if (!object) co_return fail(std::move(object.error()));
  const std::int64_t now = call.clock.unix_seconds();
  redact::object(*object);
  json::value brief = kind.document ? kind.document(*object, now) : object_document(*object, now);
  co_return Reply{Document{std::move(*object), std::move(brief)}, {}};
}

}  // namespace

awaitable<Result<kube::ListMeta>> read_kind(Call& call, const Kind& kind, std::string ns, std::string label_selector,
                                            std::string field_selector, std::function<void()> restart,
                                            std::function<void(const json::value&)> each) {
  std::array<unsigned char, 32 << 10> first;  // most objects fit
  auto decode = [&](std::string_view object) -> Result<void> {
    json::monotonic_resource memory(first.data(), first.size());
    auto value = kube::read_message(object, *kind.message, &memory);
    if (!value) return fail(std::move(value.error()));
    each(*value);
    return {};
  };
  Error last;
  for (const auto version : kind.versions) {
    std::string target = kube::ResourcePath{kind.group, version, kind.plural, ns, {}, {}}.text();
    kube::add_query(target, "labelSelector", label_selector);
    kube::add_query(target, "fieldSelector", field_selector);
    auto read = co_await read_list(call, std::move(target), std::string(kind.name) + "List", restart, decode);
    if (read || !is_unknown_path(read.error())) co_return read;
    last = std::move(read.error());
  }
  Error error = co_await not_served(call, kind, std::move(last));
  co_return fail(std::move(error));
}

awaitable<Result<json::value>> read_one(Call& call, const Kind& kind, std::string ns, std::string name) {
  Error last;
  for (const auto version : kind.versions) {
    std::string target = kube::ResourcePath{kind.group, version, kind.plural, ns, name, {}}.text();
    auto object = co_await read_object(call, std::move(target), std::string(kind.name));
    if (object || !is_unknown_path(object.error())) co_return object;
    last = std::move(object.error());
  }
  Error error = co_await not_served(call, kind, std::move(last));
  co_return fail(std::move(error));
}

std::vector<Operation> kind_operations(const std::vector<KindOperations>& kinds) {
  std::vector<Operation> all;
  for (const auto& given : kinds) {
    const Kind& kind = given.kind;
    const Reach reach = kind.namespaced ? Reach::call_namespace : Reach::cluster;
    std::vector<Access> listing{{kind.group, kind.plural, {"list"}, reach}};
    if (kind.namespaced) listing.push_back(namespace_lookup());
    Operation list{.name = given.list.name,
                   .family = given.family,
                   .summary = given.list.summary,
                   .parameters = list_parameters(kind.namespaced),
                   .access = std::move(listing),
                   .columns = kind.columns,
                   .run = list_kind,
                   .example = given.list.example,
                   .kind = &kind};
    Operation get{.name = given.get.name,
                  .family = given.family,
                  .summary = given.get.summary,
                  .parameters = object_parameters(kind.namespaced, {}, kind.name_type),
                  .access = {{kind.group, kind.plural, {"get"}, reach}},
                  .columns = {},
                  .run = get_kind,
                  .example = given.get.example,
                  .kind = &kind};
    all.push_back(std::move(list));
    all.push_back(std::move(get));
  }
  return all;
}

}  // namespace fairlead::ops
