// What the API serves: each resource with its group, version, names and verbs, as discovery lists them and as
// requests name them. The built-in ones are there from the start; those of CustomResourceDefinitions come and go. A
// pointer to a Resource stays valid as long as Resources does, and what it is of (group, version, plural) stays the
// same.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

struct CustomVersion;  // custom_kinds.h

struct Subresource {
  std::string name;                  // "scale"
  std::string group, version, kind;  // what it carries: autoscaling/v1 Scale
  std::vector<std::string> verbs;
};

struct Resource {
  std::string group;  // empty: core
  std::string version;
  std::string plural;    // "deployments"
  std::string singular;  // "deployment"
  std::string kind;      // "Deployment"
  std::vector<std::string> short_names;
  bool namespaced = true;
  std::vector<std::string> verbs;
  std::vector<std::string> categories;
  std::vector<Subresource> subresources;
  const Message* message = nullptr;
  const Resource* storage = nullptr;      // where its objects are kept: itself, or another view of the same objects
  std::vector<std::string> field_labels;  // field selectors beyond metadata.name and metadata.namespace
  bool generation = false;                // metadata.generation counts changes of spec
  bool computed = false;                  // its objects are made when asked for (metrics.h), and never stored
  bool stored = true;                     // false: a review, a question that is created to be answered at once
  bool served = true;                     // false: its definition has gone
  std::shared_ptr<const CustomVersion> custom;  // what a CustomResourceDefinition says of it; null: built in
  const Message* declared = nullptr;            // its schema, kept by `custom`
  bool other_version = false;                   // of a custom resource, and not the one that is stored

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  std::string list_kind() const;
  // Whether its objects are kept in the form that it shows them in.
  bool shows_stored_form() const { return message == storage->message && !other_version; }
  bool has_verb(std::string_view verb) const;
  const Subresource* subresource(std::string_view name) const;
  // What field sets and server-side apply go by.
  const Message* structure() const { return custom ? declared : message; }
  // A custom resource may have the name of a built-in kind.
  bool is_builtin(std::string_view k) const { return !custom && kind == k; }
  bool is(std::string_view g, std::string_view p) const { return group == g && plural == p; }
};

// Whether version `a` of a group comes before `b`: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.
bool preferred_version(std::string_view a, std::string_view b);

class Resources {
 public:
  Resources();
  const Resource* find(std::string_view group, std::string_view version, std::string_view plural) const;
  // The storage of a built-in kind by group and plural, which must be served.
  const Resource& get(std::string_view group, std::string_view plural) const;
  const std::vector<std::unique_ptr<Resource>>& all() const { return all_; }
  // The groups but the core one, and a group's versions, the preferred one first.
  std::vector<std::string> groups() const;
  std::vector<std::string> versions(std::string_view group) const;

  // Serves these versions, and no others, of a custom resource. None of them: it is served no more. A group and version
  // that is built in stays what it is.
  void serve_custom(std::string_view group, std::string_view plural, std::vector<Resource> versions);
  // Where the objects of a custom resource are kept, served or not; null when it never was.
  const Resource* custom_storage(std::string_view group, std::string_view plural) const;
  // Counts what serve_custom() changes.
  std::uint64_t changes() const { return changes_; }

 private:
  std::vector<std::unique_ptr<Resource>> all_;
  std::vector<std::unique_ptr<Resource>>
      retired_;  // not served now; the same Resource comes back when it is served again
  std::map<std::pair<std::string, std::string>, const Resource*> custom_storage_;  // by group and plural
  std::uint64_t changes_ = 0;
};

}  // namespace fairlead::sandbox
