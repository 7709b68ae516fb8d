#include "sandbox/presentation.h"

#include <map>

#include "base/yaml.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/stored_form.h"
#include "sandbox/table.h"
#include "sandbox/views.h"

namespace fairlead::sandbox {
namespace {

// As the API server writes YAML: by the names of members.
json::value sorted(const json::value& value) {
  if (value.is_array()) {
    json::array out;
    for (const json::value& item : value.get_array()) out.push_back(sorted(item));
    return out;
  }
  if (!value.is_object()) return value;
  std::map<std::string_view, const json::value*> members;
  for (const auto& member : value.get_object()) members.emplace(member.key(), &member.value());
  json::object out;
  for (const auto& [key, member] : members) out[key] = sorted(*member);
  return out;
}

void append_typed(const Objects& objects, const Resource& view, const Object& object, std::string* out) {
  *out += R"({"kind":")" + view.kind + R"(","apiVersion":")" + view.api_version() + R"(")";
  std::string buffer;
  std::string_view bytes = view_bytes(objects, view, object, &buffer);
  append_members(*out, *view.message, bytes);
  *out += "}";
}

// The metadata stand in the same field of every object.
std::string_view metadata_bytes(const Objects& objects, const Resource& view, const Object& object,
                                std::string* buffer) {
  return wire::at(view_bytes(objects, view, object, buffer), {1}).value_or("");
}

void append_partial(const Objects& objects, const Presentation& presentation, const Object& object, std::string* out) {
  const Representation& representation = presentation.representation;
  std::string buffer;
  *out += R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/)" + representation.meta_version +
          R"(","metadata":)";
  append_json(*out, *Schema::builtin().message("ObjectMeta"),
              metadata_bytes(objects, *presentation.view, object, &buffer));
  *out += "}";
}

// PartialObjectMetadata has them there too.
std::string partial_bytes(const Objects& objects, const Resource& view, const Object& object) {
  std::string out, buffer;
  wire::put_bytes(out, 1, metadata_bytes(objects, view, object, &buffer));
  return out;
}

}  // namespace

json::value view_value(const Objects& objects, const Resource& view, const Object& object) {
  json::value shown = to_view(view, objects.load(object));
  return view.custom || view.shows_stored_form() ? shown : as_stored(*view.message, shown);
}

std::string_view view_bytes(const Objects& objects, const Resource& view, const Object& object, std::string* buffer) {
  if (view.shows_stored_form()) return object.body;
  auto bytes = encode(*view.message, view_value(objects, view, object));
  *buffer = bytes ? std::move(*bytes) : std::string();
  return *buffer;
}

std::string present_value(const json::object& value, Format format, const Message* message) {
  if (format == Format::yaml) return to_yaml(sorted(value));
  if (format == Format::protobuf && message) {
    auto bytes = encode(*message, value);
    if (bytes) return envelope(text_in(value, "apiVersion"), text_in(value, "kind"), *bytes);
  }
  return compact(value) + "\n";
}

std::string table_row(const Objects& objects, const Presentation& presentation, const Object& object) {
  json::monotonic_resource memory;
  auto decoded = decode(*object.resource->message, object.body, DecodeOptions{false}, &memory);
  json::value value = decoded ? std::move(*decoded) : json::value(json::object());
  std::string out = R"({"cells":)" + compact(cells_of(*presentation.view, value, presentation.now));
  if (json::array conditions = row_conditions(*presentation.view, value); !conditions.empty())
    out += R"(,"conditions":)" + compact(conditions);
  out += R"(,"object":)";
  if (presentation.include_object == "Object") {
    append_typed(objects, *presentation.view, object, &out);
  } else if (presentation.include_object == "Metadata") {
    append_partial(objects, presentation, object, &out);
  } else {
    out += "null";
  }
  return out + "}";
}

std::string table_head(const Presentation& presentation, const json::object& metadata, bool with_columns) {
  std::string out = R"({"kind":"Table","apiVersion":"meta.k8s.io/)" + presentation.representation.meta_version +
                    R"(","metadata":)" + compact(metadata);
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
    if (how.shape == Shape::partial)
      return envelope("meta.k8s.io/" + how.meta_version, "PartialObjectMetadata", partial_bytes(objects, view, object));
    std::string buffer;
    return envelope(view.api_version(), view.kind, view_bytes(objects, view, object, &buffer));
  }
  std::string out;
  if (how.shape == Shape::partial) {
    append_partial(objects, presentation, object, &out);
  } else {
    append_typed(objects, view, object, &out);
  }
  if (how.format == Format::json) return out + "\n";
  auto value = parse_json(out, "show an object as YAML");
  return value ? to_yaml(sorted(*value)) : std::string();
}

std::string item_text(const Objects& objects, const Presentation& presentation, const Object& object) {
  const Representation& how = presentation.representation;
  const Resource& view = *presentation.view;
  if (how.shape == Shape::table) return table_row(objects, presentation, object);
  if (how.format == Format::protobuf) {
    if (how.shape == Shape::partial) return partial_bytes(objects, view, object);
    std::string buffer;
    return std::string(view_bytes(objects, view, object, &buffer));
  }
  std::string out;
  if (how.shape == Shape::partial) {
    append_partial(objects, presentation, object, &out);
  } else if (view.custom) {
    append_typed(objects, view, object, &out);  // lists of those name the type of every item
  } else {
    std::string buffer;
    append_json(out, *view.message, view_bytes(objects, view, object, &buffer));
  }
  if (how.format == Format::json) return out;
  auto value = parse_json(out, "show an object as YAML");
  return value ? to_yaml(json::array{sorted(*value)}) : std::string();
}

}  // namespace fairlead::sandbox
