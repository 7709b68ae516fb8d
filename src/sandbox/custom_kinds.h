// Custom resources: what a CustomResourceDefinition says of one of its versions, and the work of keeping the served
// resources, the definitions' status and the objects of definitions that go in step. Not thread-safe: one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/custom_fields.h"
#include "sandbox/custom_path.h"
#include "sandbox/custom_schema.h"
#include "sandbox/objects.h"

namespace fairlead::sandbox {

struct CustomColumn {
  std::string name, type, format, description;
  int priority = 0;
  CustomPath path;
};

// One version of a custom resource. Immutable once made.
struct CustomVersion {
  std::string list_kind;
  std::string storage_version;
  std::shared_ptr<const CustomSchema> schema;
  std::shared_ptr<const CustomFields> fields;  // of the schema
  json::value document;                        // spec.versions[].schema.openAPIV3Schema
  std::vector<CustomColumn> columns;
  std::optional<CustomPath> replicas, status_replicas,
      selector;                                     // of the scale subresource; replicas is set where there is one
  std::string replicas_text, status_replicas_text;  // ".spec.replicas"
  bool terminating = false;                         // its definition goes: nothing new is taken
};

// What create and update do to a definition before it is checked: names that follow from others, status on a new one.
void default_definition(json::value& definition);
std::vector<Cause> check_definition(const json::value& definition, const json::value* before);
// What keeps a schema from being a structural one, and what is wrong in it besides. custom_structure.cpp.
void check_schema(const json::value& schema, const std::string& field, bool status_subresource,
                  std::vector<Cause>* out);

// What the deletion of a definition begins with: its objects go first.
void mark_for_cleanup(json::value& definition, json::array& finalizers, const std::string& now);

// What create and update do to a custom object: unknown members go, defaults come.
void default_custom(const CustomVersion& version, json::value& object);
// `before` is null for a new one; what was wrong already and is as it was is no cause.
std::vector<Cause> check_custom(const CustomVersion& version, const json::value& object, const json::value* before,
                                bool status_only = false);

json::object custom_scale(const CustomVersion& version, const json::value& object);
json::array custom_column_definitions(const CustomVersion& version);
json::array custom_cells(const CustomVersion& version, const json::value& object, std::int64_t now);

// Of definitions themselves, which show when they were made instead of their age.
json::array definition_column_definitions();
json::array definition_cells(const json::value& definition);

class CustomKinds {
 public:
  explicit CustomKinds(Objects& objects);

  const Resource& definitions() const { return definitions_; }
  // Brings what is served, and the status, in line with the definition of that name. Whether it must be called again
  // soon although the definition does not change: objects of a definition that goes wait for their finalizers.
  bool reconcile(const std::string& name);

 private:
  bool finalize(const ObjectPtr& definition, json::value value);
  void accept_names(const json::value& definition, json::object& status);

  Objects& objects_;
  const Resource& definitions_;
};

}  // namespace fairlead::sandbox
