#include "sandbox/presentation.h"

#include "base/yaml.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {
namespace {

void move_member(json::object& from, std::string_view old_name, json::object& to, std::string_view new_name) {
  auto found = from.find(old_name);
  if (found == from.end()) return;
  to[new_name] = found->value();
}

constexpr std::pair<std::string_view, std::string_view> event_names[] = {
    {"metadata", "metadata"}, {"eventTime", "eventTime"}, {"series", "series"}, {"action", "action"}, {"reason", "reason"},
    {"type", "type"}, {"related", "related"}, {"involvedObject", "regarding"}, {"message", "note"},
    {"reportingComponent", "reportingController"}, {"reportingInstance", "reportingInstance"}, {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"}, {"lastTimestamp", "deprecatedLastTimestamp"}, {"count", "deprecatedCount"},
};

json::object typed(const Resource& view, json::value&& value) {
  json::object out(value.storage());
  out.reserve(8);
  out["kind"] = view.kind;
  out["apiVersion"] = view.api_version();
  if (value.is_object()) {
    for (auto& member : value.get_object()) out[member.key()] = std::move(member.value());
  }
  return out;
}

json::object partial(const Representation& representation, const json::value& value) {
  json::object out{{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/" + representation.meta_version}};
  const json::value* metadata = find(value, "metadata");
  out["metadata"] = metadata ? *metadata : json::value(json::object());
  return out;
}

// PartialObjectMetadata has the metadata in the same field as every object.
std::string partial_bytes(const Object& object) {
  std::string out;
  wire::put_bytes(out, 1, wire::at(object.body, {1}).value_or(""));
  return out;
}

}  // namespace

json::value event_to_new_view(const json::value& core) {
  json::object from = core.is_object() ? core.get_object() : json::object();
  json::object out;
  for (auto [old_name, new_name] : event_names) move_member(from, old_name, out, new_name);
  if (!out.contains("eventTime")) out["eventTime"] = nullptr;
  return out;
}

json::value event_to_core_view(const json::value& event) {
  json::object from = event.is_object() ? event.get_object() : json::object();
  json::object out;
  for (auto [old_name, new_name] : event_names) move_member(from, new_name, out, old_name);
  return out;
}

json::value view_value(const Objects& objects, const Resource& view, const Object& object, json::storage_ptr storage) {
  if (view.storage != &view) return event_to_new_view(objects.load(object));
  auto decoded = decode(*object.resource->message, object.body, {}, std::move(storage));
  return decoded ? std::move(*decoded) : json::value(json::object());
}

std::string_view view_bytes(const Objects& objects, const Resource& view, const Object& object, std::string* buffer) {
  if (view.storage == &view) return object.body;
  auto bytes = encode(*view.message, view_value(objects, view, object));
  *buffer = bytes ? std::move(*bytes) : std::string();
  return *buffer;
}

std::string present_value(const json::object& value, Format format, const Message* message) {
  if (format == Format::yaml) return to_yaml(value);
  if (format == Format::protobuf && message) {
    auto bytes = encode(*message, value);
    if (bytes) return envelope(text_in(value, "apiVersion"), text_in(value, "kind"), *bytes);
  }
  return compact(value) + "\n";
}

std::string table_row(const Objects& objects, const Presentation& presentation, const Object& object) {
  json::monotonic_resource memory;
  DecodeOptions options{presentation.include_object != "None"};
  auto decoded = decode(*object.resource->message, object.body, options, &memory);
  json::value value = decoded ? std::move(*decoded) : json::value(json::object());
  json::object row;
  row["cells"] = cells_of(*presentation.view, value, presentation.now);
  if (json::array conditions = row_conditions(*presentation.view, value); !conditions.empty()) row["conditions"] = std::move(conditions);
  if (presentation.include_object == "Object") {
    row["object"] = typed(*presentation.view, view_value(objects, *presentation.view, object));
  } else if (presentation.include_object == "Metadata") {
    row["object"] = partial(presentation.representation, value);
  } else {
    row["object"] = nullptr;
  }
  return compact(row);
}

std::string table_head(const Presentation& presentation, const json::object& metadata, bool with_columns) {
  std::string out = R"({"kind":"Table","apiVersion":"meta.k8s.io/)" + presentation.representation.meta_version + R"(","metadata":)" + compact(metadata);
  out += R"(,"columnDefinitions":)";
  out += with_columns ? compact(column_definitions(*presentation.view)) : "null";
  out += R"(,"rows":[)";
  return out;
}

std::string present_object(const Objects& objects, const Presentation& presentation, const Object& object) {
  const Representation& how = presentation.representation;
  const Resource& view = *presentation.view;
  if (how.shape == Shape::table) {
    json::object metadata{{"resourceVersion", std::to_string(object.version)}};
    return table_head(presentation, metadata) + table_row(objects, presentation, object) + "]}\n";
  }
  if (how.format == Format::protobuf) {
    if (how.shape == Shape::partial) return envelope("meta.k8s.io/" + how.meta_version, "PartialObjectMetadata", partial_bytes(object));
    std::string buffer;
    return envelope(view.api_version(), view.kind, view_bytes(objects, view, object, &buffer));
  }
  json::value value = view_value(objects, view, object);
  json::object shown = how.shape == Shape::partial ? partial(how, value) : typed(view, std::move(value));
  return how.format == Format::yaml ? to_yaml(shown) : compact(shown) + "\n";
}

std::string item_text(const Objects& objects, const Presentation& presentation, const Object& object) {
  const Representation& how = presentation.representation;
  const Resource& view = *presentation.view;
  if (how.shape == Shape::table) return table_row(objects, presentation, object);
  if (how.format == Format::protobuf) {
    if (how.shape == Shape::partial) return partial_bytes(object);
    std::string buffer;
    return std::string(view_bytes(objects, view, object, &buffer));
  }
  json::monotonic_resource memory;
  json::value value = view_value(objects, view, object, &memory);
  if (how.shape == Shape::partial) value = partial(how, value);
  if (how.format == Format::yaml) return to_yaml(json::array{value});
  return compact(value);
}

}  // namespace fairlead::sandbox
