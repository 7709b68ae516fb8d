// What the fields of a kind mean, from the cluster's own OpenAPI documents: v3 where it has them, else v2.
#include <fmt/format.h>

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"
#include "ops/catalog.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/object_document.h"
#include "ops/resolve.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

// Schemas by name, and where a reference to one begins.
struct Schemas {
  json::object all;
  const json::object* find(const json::value& reference) const {
    const std::string_view text = text_at(reference, {"$ref"});
    const std::size_t slash = text.rfind('/');
    const auto* found = all.if_contains(slash == std::string_view::npos ? text : text.substr(slash + 1));
    return found && found->is_object() ? &found->get_object() : nullptr;
  }
};

bool is_of(const json::value& schema, const kube::ApiResource& resource) {
  for (const auto& kind : array_at(schema, {"x-kubernetes-group-version-kind"}))
    if (text_at(kind, {"group"}) == resource.group && text_at(kind, {"version"}) == resource.version &&
        text_at(kind, {"kind"}) == resource.kind)
      return true;
  return false;
}

// The schema behind $ref, allOf and lists: where the fields are.
const json::value* resolve(const Schemas& schemas, const json::value& schema, int depth, json::value& storage) {
  constexpr int deepest = 8;
  if (depth > deepest) return nullptr;
  if (const json::object* named = schemas.find(schema)) {
    storage = *named;
    return &storage;
  }
  for (const auto& part : array_at(schema, {"allOf"}))
    if (const auto* found = resolve(schemas, part, depth + 1, storage)) return found;
  return &schema;
}

std::string type_of(const Schemas& schemas, const json::value& field) {
  if (find(field, "x-kubernetes-int-or-string")) return "integer or text";
  const std::string_view type = text_at(field, {"type"});
  if (type == "array") {
    const json::value* items = find(field, "items");
    return "list of " + (items ? type_of(schemas, *items) : std::string("anything"));
  }
  if (type == "object" && find(field, "additionalProperties"))
    return "map of " + type_of(schemas, *find(field, "additionalProperties"));
  std::string_view reference = text_at(field, {"$ref"});
  for (const auto& part : array_at(field, {"allOf"}))
    if (reference.empty()) reference = text_at(part, {"$ref"});
  if (!reference.empty()) return std::string(reference.substr(reference.rfind('.') + 1));
  return type.empty() ? "anything" : std::string(type);
}

// Up to the first full stop: a page of prose for every field is what nobody reads.
std::string first_sentence(std::string_view text) {
  const std::size_t stop = text.find(". ");
  return clip(redact::text(text.substr(0, stop == std::string_view::npos ? text.size() : stop + 1)), 300);
}

json::object field_lines(const Schemas& schemas, const json::value& schema) {
  json::object fields;
  const json::array& required = array_at(schema, {"required"});
  for (const auto& property : object_at(schema, {"properties"})) {
    const bool needed = std::find(required.begin(), required.end(), json::value(property.key())) != required.end();
    std::string line = type_of(schemas, property.value()) + (needed ? ", required" : "");
    if (std::string says = first_sentence(text_at(property.value(), {"description"})); !says.empty())
      line += ": " + says;
    fields[property.key()] = line;
  }
  return fields;
}

awaitable<Result<Schemas>> read_schemas(Call& call, const kube::ApiResource& resource) {
  Schemas schemas;
  const std::string path = (resource.group.empty() ? "api/" : "apis/") + resource.group_version();
  auto document = co_await call.client.get("/openapi/v3/" + path, call.deadline);
  if (document) {
    schemas.all = object_at(*document, {"components", "schemas"});
    co_return schemas;
  }
  if (document.error().code != ErrorCode::not_found) co_return fail(std::move(document.error()));
  document = co_await call.client.get("/openapi/v2", call.deadline);
  if (!document) co_return fail(std::move(document.error()));
  schemas.all = object_at(*document, {"definitions"});
  co_return schemas;
}

Result<Reply> explain_path(const kube::ApiResource& resource, const Schemas& schemas, const std::string& path) {
  json::value at;
  for (const auto& schema : schemas.all)
    if (is_of(schema.value(), resource)) at = schema.value();
  if (at.is_null())
    return fail(ErrorCode::not_found, "explain", "the cluster publishes no schema for " + resource.kind,
                "get_resource shows an object of it");
  std::string type = resource.kind;
  for (const auto part : path.empty() ? std::vector<std::string_view>() : split(path, '.')) {
    json::value storage;
    const json::value* inner = resolve(schemas, at, 0, storage);
    if (inner && text_at(*inner, {"type"}) == "array") inner = find(*inner, "items");
    json::value again;
    if (inner) inner = resolve(schemas, *inner, 0, again);
    const json::value* next = inner ? find(*inner, "properties", part) : nullptr;
    if (!next && inner) next = find(*inner, "additionalProperties");
    if (!next) {
      std::vector<std::string> names;
      if (inner)
        for (const auto& property : object_at(*inner, {"properties"})) names.emplace_back(property.key());
      const auto near = similar_names(part, names);
      return fail(
          ErrorCode::not_found, "explain",
          fmt::format("{} has no field '{}'", resource.kind, escape_untrusted(clip(path, 200), Newlines::escape)),
          near.empty() ? "Explain what is above it to see its fields" : "The nearest is " + near[0]);
    }
    json::value copy = *next;  // before what it may stand in goes
    type = type_of(schemas, copy);
    at = std::move(copy);
  }
  json::value storage, again;
  const json::value* inner = resolve(schemas, at, 0, storage);
  if (inner && text_at(*inner, {"type"}) == "array" && find(*inner, "items"))
    inner = resolve(schemas, *find(*inner, "items"), 0, again);
  std::string_view description = text_at(at, {"description"});
  if (description.empty() && inner) description = text_at(*inner, {"description"});
  json::object out{{"kind", resource.kind}, {"api_version", resource.group_version()}};
  put(out, "field", path);
  out["type"] = type;
  put(out, "description", redact::text(description));
  for (const auto& choice : array_at(at, {"enum"})) {
    json::value& choices = out["choices"];
    auto& shown = choices.is_array() ? choices.get_array() : choices.emplace_array();
    shown.push_back(choice.is_string() ? json::value(redact::text(choice.get_string())) : choice);
  }
  if (inner) put(out, "fields", field_lines(schemas, *inner));
  return Reply{Document{std::move(out), nullptr}, {}};
}

awaitable<Result<Reply>> explain(Call& call) {
  auto resource = co_await resolve_kind(call, call.arguments.text("kind"));
  if (!resource) co_return fail(std::move(resource.error()));
  auto schemas = co_await read_schemas(call, *resource);
  if (!schemas) co_return fail(std::move(schemas.error()));
  co_return explain_path(*resource, *schemas, call.arguments.text("field"));
}

}  // namespace

std::vector<Operation> field_operations() {
  return {{
      .name = "explain",
      .family = "any kind",
      .summary = "Explain a kind or one of its fields from the cluster's own schema, custom resources included",
      .parameters = {{.name = "kind",
                      .type = ParameterType::word,
                      .meaning = "Kind, plural or short name, with a group where it is needed",
                      .required = true},
                     {.name = "field", .type = ParameterType::word, .meaning = "Such as spec.template.spec.containers"},
                     format_parameter()},
      .access = {},  // every authenticated identity may discover
      .columns = {},
      .run = explain,
      .example = "--kind deployment --field spec.strategy",
  }};
}

}  // namespace fairlead::ops
