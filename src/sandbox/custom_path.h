// The paths that CustomResourceDefinitions name members by: the dotted JSONPath of printer columns, with indexes,
// wildcards and filters on one member, and the plain paths of the scale subresource. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::sandbox {

class CustomPath {
 public:
  // ".spec.replicas", ".status.conditions[?(@.type=="Ready")].status", ".metadata.labels['a/b']", ".items[0].name".
  // Nothing when it is none of these.
  static std::optional<CustomPath> parse(std::string_view text);

  // The first value there; null when there is none.
  const json::value* first(const json::value& value) const;
  // For paths of members alone: the value there is replaced, objects on the way are made.
  void set(json::value& value, json::value to) const;

 private:
  struct Step {
    enum class Kind { member, index, every, filter } kind = Kind::member;
    std::string name;                // member: its name
    std::int64_t index = 0;          // negative: from the end
    std::vector<std::string> where;  // filter: the member of the item that is looked at
    bool equal = true;               // false: must differ
    json::value literal;
  };
  static const json::value* first_of(const json::value& value, const std::vector<Step>& steps, std::size_t next);
  static bool passes(const Step& step, const json::value& item);

  std::vector<Step> steps_;
};

}  // namespace fairlead::sandbox
