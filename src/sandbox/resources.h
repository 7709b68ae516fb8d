// What the API serves: each resource with its group, version, names and verbs, as discovery lists them and as
// requests name them. Immutable once made.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/protobuf_schema.h"

namespace fairlead::sandbox {

struct Subresource {
  std::string name;  // "scale"
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
  const Message* message = nullptr;      // null: JSON only
  const Resource* storage = nullptr;     // where its objects are kept: itself, or another view of the same objects
  std::vector<std::string> field_labels;  // field selectors beyond metadata.name and metadata.namespace
  bool generation = false;               // metadata.generation counts changes of spec
  bool computed = false;                 // its objects are made when asked for (metrics.h), and never stored
  bool stored = true;                    // false: a review, a question that is created to be answered at once

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool has_verb(std::string_view verb) const;
  const Subresource* subresource(std::string_view name) const;
  bool is(std::string_view g, std::string_view p) const { return group == g && plural == p; }
};

class Resources {
 public:
  Resources();
  const Resource* find(std::string_view group, std::string_view version, std::string_view plural) const;
  // The storage of a built-in kind by group and plural, which must be served.
  const Resource& get(std::string_view group, std::string_view plural) const;
  const std::vector<std::unique_ptr<Resource>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Resource>> all_;
};

}  // namespace fairlead::sandbox
