// The structural schema of a custom resource, made ready for use: what it prunes, fills in and refuses. Immutable once
// made, so thread-safe. Work and errors are bounded whatever the schema and the object are; patterns are matched in
// time linear in the text (RE2, whose language is that of Go's regexp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/json.h"
#include "sandbox/status_errors.h"

namespace re2 {
class RE2;
}

namespace fairlead::sandbox {

struct CustomSchema {
  // `schema` is a JSONSchemaProps, of which what is no structural schema is ignored (custom_definition.h refuses it).
  // The error: a pattern that is none, or more or larger patterns than are kept.
  static tl::expected<std::shared_ptr<const CustomSchema>, std::string> make(const json::value& schema);

  // Removes what the schema does not name, at the root but for apiVersion, kind and metadata.
  void prune(json::value& object) const;
  // The same, as the paths of what prune() would remove: spec.foo, spec.list[0].bar; at most 100.
  std::vector<std::string> unknown(const json::value& object) const;
  // Removes null where it may not be, then fills in defaults.
  void fill_in(json::value& object) const;
  // What is wrong with `value`, in the API server's words, at most 200 causes; `field` comes before the path in each.
  std::vector<Cause> check(const json::value& value, std::string_view field = {}) const;

  // The schema at a path of member names; items stand for any element of a list ("[]"), values of a map by their names.
  // Null where there is none. For server-side apply: list_type, list_keys, map_type of what is there.
  const CustomSchema* at(const std::vector<std::string_view>& path) const;

  std::vector<std::string> types;  // empty: any
  std::string format;
  bool nullable = false;
  bool preserves_unknown = false, embedded = false;
  std::map<std::string, std::unique_ptr<CustomSchema>, std::less<>> properties;
  std::unique_ptr<CustomSchema> additional;  // schema of the members that are no properties
  bool allows_additional = false;            // any others, without a schema
  std::unique_ptr<CustomSchema> items;
  std::optional<json::value> fallback;  // the default
  std::optional<json::array> choices;   // enum
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  std::string pattern_text;
  std::shared_ptr<const re2::RE2> pattern;
  std::vector<std::string> required;
  std::vector<std::unique_ptr<CustomSchema>> all_of, any_of, one_of;
  std::unique_ptr<CustomSchema> none_of;  // not
  std::string list_type, map_type;        // atomic, set, map; atomic, granular
  std::vector<std::string> list_keys;
};

// Whether a text is of a format that the API server knows; true for those that it does not.
bool fits_format(std::string_view format, std::string_view text);

}  // namespace fairlead::sandbox
