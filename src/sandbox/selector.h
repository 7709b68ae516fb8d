// Label and field selectors, parsed as the API server parses them and matched against stored objects without decoding
// them. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/json.h"
#include "sandbox/store.h"

namespace fairlead::sandbox {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

// metadata.labels; the views point into the object.
Labels labels_of(const Object& object);
// The value at a path of JSON names ("spec.nodeName") as text; empty when absent.
std::string field_of(const Object& object, std::string_view path);

class LabelSelector {
 public:
  // "app=web,tier in (a,b),!canary". The error is the API server's sentence.
  static tl::expected<LabelSelector, std::string> parse(std::string_view text);
  // From a LabelSelector object: matchLabels and matchExpressions.
  static LabelSelector from_object(const json::value& selector);

  bool empty() const { return requirements_.empty(); }
  bool matches(const Labels& labels) const;
  std::string text() const;  // in the form that parse() takes, as status.selector of a Scale has it

 private:
  friend class LabelParser;
  enum class Operator { in, not_in, exists, does_not_exist, greater, less };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
    bool equality = false;  // written with = or !=
  };
  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  // "metadata.name=web-1,status.phase!=Running", for a resource that must support each field.
  static tl::expected<FieldSelector, std::string> parse(std::string_view text, const Resource& resource);

  bool empty() const { return terms_.empty(); }
  bool matches(const Object& object) const;

 private:
  struct Term {
    std::string path;
    std::string value;
    bool equal;
  };
  std::vector<Term> terms_;
};

}  // namespace fairlead::sandbox
