// ConfigMaps and Secrets. The values of Secrets never leave, but where get_secret is to reveal them, which the gate has
// decided by then: lists do not read them, and redaction takes them out of whatever else shows one.
#include <fmt/format.h>

#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/clip.h"
#include "ops/kind.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

void add_keys(Rows& rows, const json::value& object) {
  rows.begin_list();
  std::int64_t bytes = 0;
  for (auto data : {"data", "binaryData"}) {
    for (const auto& entry : object_at(object, {data})) {
      rows.list_item(entry.key());
      bytes += entry.value().is_int64() ? entry.value().get_int64() : 0;
    }
  }
  rows.integer(bytes);
}

void add_config_map(Rows& rows, const json::value& map, std::int64_t) {
  rows.begin_row();
  add_name(rows, map);
  add_keys(rows, map);
  add_created(rows, map);
  flag_at(map, {"immutable"}) ? rows.flag(true) : rows.empty();
}

void add_secret(Rows& rows, const json::value& secret, std::int64_t) {
  rows.begin_row();
  add_name(rows, secret);
  rows.text(text_at(secret, {"type"}));
  add_keys(rows, secret);
  add_created(rows, secret);
  flag_at(secret, {"immutable"}) ? rows.flag(true) : rows.empty();
}

json::object config_map_document(const json::value& map, std::int64_t now) {
  constexpr std::size_t most = 8 << 10;
  json::object out = metadata_document(map, now);
  put(out, "annotations", short_annotations(map));
  if (flag_at(map, {"immutable"})) out["immutable"] = true;
  json::object data;
  for (const auto& entry : object_at(map, {"data"})) {
    if (!entry.value().is_string()) continue;
    const std::string_view text = entry.value().get_string();
    data[entry.key()] = clip(text, most);
    if (text.size() > most) data[std::string(entry.key()) + " (cut)"] = fmt::format("{} bytes in all", text.size());
  }
  put(out, "data", std::move(data));
  json::object binary;
  for (const auto& entry : object_at(map, {"binaryData"}))
    if (entry.value().is_string())
      binary[entry.key()] = fmt::format("{} bytes", entry.value().get_string().size() / 4 * 3);
  put(out, "binary_data", std::move(binary));
  return out;
}

}  // namespace

const Kind kConfigMaps{
    .name = "ConfigMap",
    .group = "",
    .plural = "configmaps",
    .versions = {"v1"},
    .noun = "configmaps",
    .message = &kube::messages::config_map,
    .columns = {{"namespace", CellType::text, false, ""},
                {"name", CellType::text, false, ""},
                {"keys", CellType::list, false, "Of its data"},
                {"bytes", CellType::integer, false, "Of all values"},
                {"created", CellType::time, false, "When it was created"},
                {"immutable", CellType::flag, true, ""}},
    .add_row = add_config_map,
    .document = config_map_document,
};

const Kind kSecrets{
    .name = "Secret",
    .group = "",
    .plural = "secrets",
    .versions = {"v1"},
    .noun = "secrets",
    .message = &kube::messages::secret,
    .columns = {{"namespace", CellType::text, false, ""},
                {"name", CellType::text, false, ""},
                {"type", CellType::text, false, ""},
                {"keys", CellType::list, false, "Of its data"},
                {"bytes", CellType::integer, false, "Of all values"},
                {"created", CellType::time, false, "When it was created"},
                {"immutable", CellType::flag, true, ""}},
    .add_row = add_secret,
};

namespace {

// Metadata, type, keys and the sizes of the values, in every format.
awaitable<Result<Reply>> get_secret(Call& call) {
  auto secret = co_await read_one(call, kSecrets, call.object_namespace(), call.arguments.text("name"));
  if (!secret) co_return fail(std::move(secret.error()));
  json::object sizes;
  for (const auto& entry : object_at(*secret, {"data"})) {
    if (!entry.value().is_string()) continue;
    const std::string_view text = entry.value().get_string();
    const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    sizes[entry.key()] = text.size() / 4 * 3 - padding;
  }
  const bool reveal = call.arguments.flag("reveal");
  json::object values = reveal ? object_at(*secret, {"data"}) : json::object();
  redact::object(*secret);
  const std::int64_t now = call.clock.unix_seconds();
  json::object brief = metadata_document(*secret, now);
  put(brief, "annotations", short_annotations(*secret));
  put(brief, "type", text_at(*secret, {"type"}));
  if (flag_at(*secret, {"immutable"})) brief["immutable"] = true;
  brief["bytes_by_key"] = std::move(sizes);
  std::string note = "the values of a Secret are not shown";
  if (reveal) {
    if (secret->is_object()) secret->get_object()["data"] = values;
    brief["data"] = std::move(values);
    note = "the values are shown in base64, as the policy grants; the audit log tells who saw them";
  }
  Reply reply{Document{std::move(*secret), std::move(brief)}, {std::move(note)}};
  co_return reply;
}

}  // namespace

std::vector<Operation> config_operations() {
  auto all =
      kind_operations({{kConfigMaps,
                        "config",
                        {"list_configmaps", "List all ConfigMaps with the keys of their data", "--namespace shop"},
                        {"get_configmap", "Get a specific ConfigMap including data keys and values",
                         "--namespace shop --name frontend-config"}},
                       {kSecrets,
                        "config",
                        {"list_secrets", "List all Secrets with type and keys, never their values", "--namespace shop"},
                        {"get_secret", "Get a Secret's metadata, type, keys and sizes, without its values",
                         "--namespace shop --name payments-db"}}});
  all.back().run = get_secret;
  all.back().parameters.push_back({.name = "reveal",
                                   .type = ParameterType::boolean,
                                   .meaning = "Show the values in base64, where the policy grants that"});
  return all;
}

}  // namespace fairlead::ops
