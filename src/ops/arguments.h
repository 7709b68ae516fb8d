// Parameters of operations and the arguments given for them. Arguments exist only validated, so that an operation
// never sees a name such as "--server=https://x" or "a/b".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

enum class ParameterType {
  text,
  name,       // an object's name: RFC 1123 subdomain
  any_name,   // an object's name of any kind: what may stand in a path, such as system:node
  ns,         // a namespace: RFC 1123 label
  container,  // a container's name: RFC 1123 label
  word,       // a kind or a reason: letters, digits, '-', '_' and '.'
  selector,   // label or field selector, checked for characters only; the server parses it
  integer,
  boolean,
  text_list,  // of short words; the CLI takes them separated by commas
  command,    // a program and its arguments, which no shell reads; the CLI takes them behind --
  map,        // {"NAME": "value", "OTHER": null}: null takes one away. The CLI: NAME=value,OTHER- or JSON
  document,   // an object, a list of them, or YAML or JSON of one or several; the CLI takes @FILE or @- too
  time,       // RFC 3339
  regex,
};

struct Parameter {
  std::string_view name;
  ParameterType type = ParameterType::text;
  std::string_view meaning;
  bool required = false;
  std::int64_t minimum = INT64_MIN;  // integers
  std::int64_t maximum = INT64_MAX;
  std::string_view default_value;  // as text, for people and the schema; empty: none
  std::vector<std::string_view> choices;
  bool secret = false;   // its value may be a credential: it is shown, audited and logged nowhere
  bool by_face = false;  // a face says it by how it is used, so that no schema, flag or reference has it
};

// Validated arguments. Immutable.
class Arguments {
 public:
  // Refuses unknown and duplicate names, wrong types, values out of bounds and malformed names, each with a sentence
  // that names the parameter and what it takes (invalid_request). JSON null counts as left out.
  static Result<Arguments> validate(const json::object& given, const std::vector<Parameter>& parameters,
                                    std::string_view operation);

  bool has(std::string_view name) const;
  std::string text(std::string_view name) const;  // or the default, or ""
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  json::object map(std::string_view name) const;
  const json::value* value(std::string_view name) const;  // null: not given

  const json::object& values() const { return values_; }

 private:
  json::object values_;  // defaults included
};

// What may be shown and kept of them: values of secret parameters are replaced.
json::object without_secrets(const Arguments& arguments, const std::vector<Parameter>& parameters);

// The value of a parameter from the text that a person typed.
Result<json::value> parse_argument(const Parameter& parameter, std::string_view text);

// JSON Schema 2020-12 of all parameters as one object. Property order is the declaration's.
json::object json_schema(const std::vector<Parameter>& parameters);

// One sentence why it is not such a name; nothing when it is one.
std::optional<std::string> why_not_subdomain(std::string_view text);
// A path segment as Kubernetes takes it for RBAC's objects: not ".", "..", without "/" and "%"; ours is printable ASCII
// without blanks, does not begin with "-", and has at most 253 characters.
std::optional<std::string> why_not_path_segment(std::string_view text);
std::optional<std::string> why_not_label(std::string_view text);

}  // namespace fairlead::ops
