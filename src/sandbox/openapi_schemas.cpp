#include "sandbox/openapi_schemas.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/schema_docs.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view version_text =
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized "
    "schemas to the latest internal value, "
    "and may reject unrecognized values. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
constexpr std::string_view kind_text =
    "Kind is a string value representing the REST resource this object represents. Servers may infer this from the "
    "endpoint the client submits requests to. "
    "Cannot be updated. In CamelCase. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
constexpr std::string_view metadata_text =
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

std::string prefix_of(std::string_view package) {
  std::size_t bar = package.rfind('_');
  std::string group(package.substr(0, bar)), version(bar == package.npos ? "" : package.substr(bar + 1));
  if (group == "meta") return "io.k8s.apimachinery.pkg.apis.meta." + version;
  if (group == "metrics") return "io.k8s.metrics.pkg.apis.metrics." + version;
  if (group == "apiextensions") return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + version;
  return "io.k8s.api." + group + "." + version;
}

json::object text_schema(std::string_view format = {}) {
  json::object out{{"type", "string"}};
  if (!format.empty()) out["format"] = format;
  return out;
}

// What the messages are that the tables do not describe; nothing for those that they do.
std::optional<std::pair<std::string_view, json::object>> special(const Message& message) {
  using Pair = std::pair<std::string_view, json::object>;
  switch (message.form) {
    case Message::Form::quantity: return Pair("io.k8s.apimachinery.pkg.api.resource.Quantity", text_schema());
    case Message::Form::time: return Pair("io.k8s.apimachinery.pkg.apis.meta.v1.Time", text_schema("date-time"));
    case Message::Form::micro_time:
      return Pair("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", text_schema("date-time"));
    case Message::Form::duration: return Pair("io.k8s.apimachinery.pkg.apis.meta.v1.Duration", text_schema());
    case Message::Form::int_or_string:
      return Pair("io.k8s.apimachinery.pkg.util.intstr.IntOrString", text_schema("int-or-string"));
    case Message::Form::fields_v1:
      return Pair("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", json::object{{"type", "object"}});
    case Message::Form::raw:
      if (message.name == "JSON")
        return Pair("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", json::object());
      return Pair("io.k8s.apimachinery.pkg.runtime.RawExtension", json::object{{"type", "object"}});
    case Message::Form::either:
    case Message::Form::texts: return Pair("", json::object());
    case Message::Form::object: break;
  }
  return std::nullopt;
}

}  // namespace

SchemaDocs::SchemaDocs() {
  for (std::string_view text :
       {std::string_view(docs_core), std::string_view(docs_other), std::string_view(docs_definitions)}) {
    std::string_view package;
    Entry* current = nullptr;
    for (std::string_view line : split(text, '\n')) {
      if (line.empty()) continue;
      if (line.front() == '#') {
        package = line.substr(1);
        continue;
      }
      bool member = line.front() == ' ';
      if (member) line.remove_prefix(1);
      std::size_t colon = line.find(": ");
      std::string_view name = line.substr(0, colon),
                       what = colon == line.npos ? std::string_view() : line.substr(colon + 2);
      if (member && current) {
        current->members[name] = what;
      } else {
        current = &entries_[name];
        current->package = package;
        current->text = what;
      }
    }
  }
}

const SchemaDocs::Entry* SchemaDocs::of(std::string_view message) const {
  auto found = entries_.find(message);
  return found == entries_.end() ? nullptr : &found->second;
}

// "events.Event" is Event of the package events_v1.
std::string OpenApiSchemas::name_of(std::string_view message) const {
  const SchemaDocs::Entry* entry = docs_.of(message);
  std::string_view bare = message.substr(message.rfind('.') == message.npos ? 0 : message.rfind('.') + 1);
  return prefix_of(entry ? entry->package : "core_v1") + "." + std::string(bare);
}

json::object OpenApiSchemas::reference(std::string_view name) const {
  return {{"$ref", (version_ == OpenApi::v2 ? "#/definitions/" : "#/components/schemas/") + std::string(name)}};
}

// Version 3 takes nothing beside a reference.
json::object OpenApiSchemas::described_reference(std::string_view name, std::string_view text) const {
  json::object out;
  if (!text.empty()) out["description"] = text;
  if (version_ == OpenApi::v2) {
    out["$ref"] = reference(name)["$ref"];
  } else {
    out["allOf"] = json::array{reference(name)};
    out["default"] = json::object();
  }
  return out;
}

json::object OpenApiSchemas::plain_schema(const Field& field) {
  switch (field.type) {
    case FieldType::text: return text_schema();
    case FieldType::bytes: return text_schema("byte");
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::int32: return {{"type", "integer"}, {"format", "int32"}};
    case FieldType::int64: return {{"type", "integer"}, {"format", "int64"}};
    case FieldType::number: return {{"type", "number"}, {"format", "double"}};
    case FieldType::message: break;
  }
  const Message& message = *field.message;
  std::string name;
  if (auto known = special(message)) {
    name = known->first.empty() ? name_of(message.name) : std::string(known->first);
    if (!made_.contains(name)) made_[name] = std::move(known->second);
  } else {
    name = name_of(message.name);
    wanted_.try_emplace(name, &message);
  }
  return described_reference(name, {});
}

json::value OpenApiSchemas::value_schema(const Field& field, std::string_view text) {
  json::object out;
  json::object inner = plain_schema(field);
  if (!field.repeated && !field.map) {
    out = std::move(inner);
    if (!text.empty()) out["description"] = text;
    if (field.atomic && field.type == FieldType::message) out["x-kubernetes-map-type"] = "atomic";
    return out;
  }
  if (!text.empty()) out["description"] = text;
  out["type"] = field.repeated ? "array" : "object";
  out[field.repeated ? "items" : "additionalProperties"] = std::move(inner);
  if (field.map) {
    if (field.atomic) out["x-kubernetes-map-type"] = "atomic";
    return out;
  }
  if (!field.list_keys.empty()) {
    out["x-kubernetes-list-type"] = "map";
    json::array keys;
    for (std::string_view key : field.list_keys) keys.emplace_back(key);
    out["x-kubernetes-list-map-keys"] = std::move(keys);
  } else {
    out["x-kubernetes-list-type"] = field.set ? "set" : "atomic";
  }
  if (field.merges) {
    if (!field.merge_key.empty()) out["x-kubernetes-patch-merge-key"] = field.merge_key;
    out["x-kubernetes-patch-strategy"] = field.retains_keys ? "merge,retainKeys" : "merge";
  }
  return out;
}

void OpenApiSchemas::add_members(const Message& message, json::object& properties, json::array& required) {
  const SchemaDocs::Entry* entry = docs_.of(message.name);
  for (const Field& field : message.fields) {
    if (field.inlined) {
      add_members(*field.message, properties, required);
      continue;
    }
    std::string_view text;
    if (entry) {
      if (auto found = entry->members.find(field.name); found != entry->members.end()) text = found->second;
    }
    json::value made = value_schema(field, text);
    if (!field.repeated && field.retains_keys) made.get_object()["x-kubernetes-patch-strategy"] = "retainKeys";
    properties[field.name] = std::move(made);
    if (field.required) required.emplace_back(field.name);
  }
}

json::object OpenApiSchemas::object_schema(const Message& message) {
  json::object out;
  const SchemaDocs::Entry* entry = docs_.of(message.name);
  if (entry && !entry->text.empty()) out["description"] = entry->text;
  json::object properties;
  json::array required;
  add_members(message, properties, required);
  out["type"] = "object";
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  if (message.atomic) out["x-kubernetes-map-type"] = "atomic";
  return out;
}

void OpenApiSchemas::add_type(json::object& schema, std::string_view group, std::string_view version,
                              std::string_view kind) const {
  json::object& properties = object_in(schema["properties"], {});
  set_default(properties, "apiVersion", json::object{{"description", version_text}, {"type", "string"}});
  set_default(properties, "kind", json::object{{"description", kind_text}, {"type", "string"}});
  schema["x-kubernetes-group-version-kind"] =
      json::array{json::object{{"group", group}, {"kind", kind}, {"version", version}}};
}

std::string OpenApiSchemas::add(std::string_view message, std::string_view group, std::string_view version,
                                std::string_view kind) {
  std::string name = name_of(message);
  const Message* found = Schema::builtin().message(message);
  if (!found || made_.contains(name)) return name;
  json::object made = object_schema(*found);
  if (!kind.empty()) add_type(made, group, version, kind);
  made_[name] = std::move(made);
  finish();
  return name;
}

void OpenApiSchemas::add_patch() {
  json::value& patch = made_["io.k8s.apimachinery.pkg.apis.meta.v1.Patch"];
  if (!patch.is_null()) return;
  patch = json::object{
      {"description", "Patch is provided to give a concrete name and type to the Kubernetes PATCH request body."},
      {"type", "object"}};
}

void OpenApiSchemas::finish() {
  while (!wanted_.empty()) {
    auto [name, message] = *wanted_.begin();
    wanted_.erase(wanted_.begin());
    if (!made_.contains(name)) made_[name] = object_schema(*message);
  }
}

std::string OpenApiSchemas::list_name(const Resource& resource) {
  std::string name = add(resource);
  return name.substr(0, name.rfind('.') + 1) + resource.list_kind();
}

void OpenApiSchemas::add_list(const Resource& resource, std::string_view item) {
  json::object list{{"description", resource.list_kind() + " is a list of " + resource.kind}, {"type", "object"}};
  json::object items{
      {"description", "List of " + resource.plural}, {"type", "array"}, {"items", described_reference(item, {})}};
  json::object properties{{"items", std::move(items)},
                          {"metadata", described_reference(add("ListMeta"), "Standard list metadata.")}};
  list["properties"] = std::move(properties);
  list["required"] = json::array{"items"};
  add_type(list, resource.group, resource.version, resource.list_kind());
  made_[std::string(item.substr(0, item.rfind('.') + 1)) + resource.list_kind()] = std::move(list);
}

std::string OpenApiSchemas::add(const Resource& resource) {
  if (!resource.custom) {
    std::string name = add(resource.message->name, resource.group, resource.version, resource.kind);
    if (!made_.contains(name.substr(0, name.rfind('.') + 1) + resource.list_kind())) add_list(resource, name);
    return name;
  }
  std::vector<std::string_view> parts = split(resource.group, '.');
  std::string name;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) name += std::string(*part) + ".";
  name += resource.version + "." + resource.kind;
  if (made_.contains(name)) return name;
  made_[name] = custom_schema(resource);
  add_list(resource, name);
  return name;
}

void OpenApiSchemas::add_object_members(json::object& schema) const {
  json::object& properties = object_in(schema["properties"], {});
  properties["apiVersion"] = json::object{{"description", version_text}, {"type", "string"}};
  properties["kind"] = json::object{{"description", kind_text}, {"type", "string"}};
  properties["metadata"] = described_reference(name_of("ObjectMeta"), metadata_text);
}

// Objects inside of objects have what every object has.
void OpenApiSchemas::add_embedded(json::value& schema) const {
  if (!schema.is_object()) return;
  json::object& members = schema.get_object();
  if (auto properties = members.find("properties"); properties != members.end() && properties->value().is_object()) {
    for (auto& property : properties->value().get_object()) add_embedded(property.value());
  }
  for (std::string_view name : {"items", "additionalProperties"}) {
    if (auto inner = members.find(name); inner != members.end()) add_embedded(inner->value());
  }
  bool open = version_ == OpenApi::v2 && flag_at(schema, {"x-kubernetes-preserve-unknown-fields"});
  if (flag_at(schema, {"x-kubernetes-embedded-resource"}) && !open) add_object_members(members);
}

json::object OpenApiSchemas::custom_schema(const Resource& resource) {
  json::value made = version_ == OpenApi::v2 ? as_v2(resource.custom->document) : resource.custom->document;
  add("ObjectMeta");
  add_embedded(made);
  json::object out = made.is_object() ? std::move(made.get_object()) : json::object();
  out["type"] = "object";
  add_object_members(out);
  add_type(out, resource.group, resource.version, resource.kind);
  return out;
}

json::object OpenApiSchemas::take() {
  finish();
  json::object out;
  for (auto& [name, schema] : made_) out[name] = std::move(schema);
  made_.clear();
  return out;
}

json::value as_v2(const json::value& schema) {
  if (!schema.is_object()) return schema;
  constexpr std::string_view gone[] = {"allOf",    "anyOf",   "oneOf",   "not",
                                       "nullable", "default", "example", "externalDocs"};
  bool any_type = flag_at(schema, {"nullable"}) || flag_at(schema, {"x-kubernetes-int-or-string"});
  bool open = flag_at(schema, {"x-kubernetes-preserve-unknown-fields"});
  json::object out;
  for (const auto& member : schema.get_object()) {
    std::string_view name = member.key();
    if (std::find(std::begin(gone), std::end(gone), name) != std::end(gone)) continue;
    bool says_what = name == "items" || name == "properties" || name == "additionalProperties" || name == "required";
    if ((any_type && (says_what || name == "type" || name == "enum")) || (open && says_what)) continue;
    if (name == "properties" && member.value().is_object()) {
      json::object properties;
      for (const auto& property : member.value().get_object()) properties[property.key()] = as_v2(property.value());
      out[name] = std::move(properties);
    } else if (name == "items" || name == "additionalProperties") {
      out[name] = as_v2(member.value());
    } else {
      out[name] = member.value();
    }
  }
  return out;
}

}  // namespace fairlead::sandbox
