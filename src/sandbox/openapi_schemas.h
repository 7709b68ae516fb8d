// The API's messages as schemas of an OpenAPI document, made from the schema's tables and the texts beside them, and
// those of custom resources from their definitions. Not thread-safe; one is made for each document.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "sandbox/resources.h"

namespace fairlead::sandbox {

enum class OpenApi { v2, v3 };

// The texts of schema_docs.h, taken apart.
class SchemaDocs {
 public:
  SchemaDocs();
  struct Entry {
    std::string_view package;  // "core_v1"
    std::string_view text;
    std::unordered_map<std::string_view, std::string_view> members;
  };
  // Null for a message that has none.
  const Entry* of(std::string_view message) const;

 private:
  std::unordered_map<std::string_view, Entry> entries_;
};

class OpenApiSchemas {
 public:
  explicit OpenApiSchemas(OpenApi version) : version_(version) {}

  // Adds a resource's kind and its list, with everything that they hold. The kind's name in the document:
  // io.k8s.api.apps.v1.Deployment, com.example.stable.v1.CronTab.
  std::string add(const Resource& resource);
  std::string list_name(const Resource& resource);
  // Adds a message that is the body or the answer of requests, with the kind that it is (empty: it has none).
  std::string add(std::string_view message, std::string_view group = {}, std::string_view version = {},
                  std::string_view kind = {});

  // meta/v1 Patch, which is no message.
  void add_patch();

  // {"$ref": …} to a name of those.
  json::object reference(std::string_view name) const;
  // All, by name.
  json::object take();

 private:
  std::string name_of(std::string_view message) const;
  void finish();  // what is referred to and not made yet
  json::object object_schema(const Message& message);
  void add_members(const Message& message, json::object& properties, json::array& required);
  json::value value_schema(const Field& field, std::string_view text);
  json::object plain_schema(const Field& field);
  json::object described_reference(std::string_view name, std::string_view text) const;
  json::object custom_schema(const Resource& resource);
  void add_object_members(json::object& schema) const;
  void add_embedded(json::value& schema) const;
  void add_type(json::object& schema, std::string_view group, std::string_view version, std::string_view kind) const;
  void add_list(const Resource& resource, std::string_view item);

  OpenApi version_;
  SchemaDocs docs_;
  std::map<std::string, json::value, std::less<>> made_;
  std::map<std::string, const Message*, std::less<>> wanted_;
};

// A structural schema as OpenAPI v2 can say it: without alternatives, and with nothing said of values that may be of
// several types.
json::value as_v2(const json::value& schema);

}  // namespace fairlead::sandbox
