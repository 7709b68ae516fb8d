// What a request asks for: path, query and Accept taken apart as the API server does. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "sandbox/resources.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

struct Query {
  std::vector<std::pair<std::string, std::string>> entries;
  std::string_view get(std::string_view name) const;  // the first; empty where there is none
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  // strconv.ParseBool; what it does not know is true where `name` is there with another text but "false" and "0".
  bool flag(std::string_view name) const;
};

struct Target {
  std::string path;  // decoded
  Query query;
};
std::optional<Target> parse_target(std::string_view target);

// A path below /api/v1 or /apis/GROUP/VERSION.
struct ResourcePath {
  const Resource* resource = nullptr;
  std::string namespace_name;
  std::string name;
  std::string subresource;
};
// The error: plain 404 (code 0) where no such group or version is served, else the Status of a path that is nothing.
ApiResult<ResourcePath> parse_resource_path(std::string_view path, const Resources& resources);

// Whether the path is one of the old ones below …/VERSION/watch/, which is then taken out of it.
bool take_watch_prefix(std::string* path);

enum class Format { json, yaml, protobuf };
enum class Shape { plain, table, partial };  // partial: PartialObjectMetadata
struct Representation {
  Format format = Format::json;
  Shape shape = Shape::plain;
  std::string meta_version = "v1";  // of meta.k8s.io, for Table and PartialObjectMetadata
  bool of_list = false;             // PartialObjectMetadataList was asked for
  bool watch_stream = false;        // …;stream=watch
};
// The first acceptable entry of Accept; q is ignored. Without the header, or with */*: JSON. `protobuf`: whether
// objects have that form; their metadata alone always has.
std::optional<Representation> negotiate(std::string_view accept, bool tables, bool protobuf = true);
// Whether any entry names a type that is served, whatever its parameters ask for.
bool names_served_type(std::string_view accept);
std::string_view content_type(const Representation& representation);

// A media type without its parameters, in lower case.
std::string media_type(std::string_view header);

}  // namespace fairlead::sandbox
