// YAML from outside into a JSON value, and a JSON value as YAML. Scalars, keys and merges (<<) mean what they mean to
// kubectl (sigs.k8s.io/yaml, which reads YAML 1.1: yes, on and y are true, 017 is 15, 1e3 a number; quoted ones are
// text), with these differences: a key that is there twice is refused, a whole double stays a double, and aliases
// are resolved within a budget, so that a small text cannot become a large value.
// All functions are pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead {

struct YamlLimits {
  std::size_t bytes = 16 << 20;
  std::size_t depth = 100;        // of nested sequences and mappings; never more than 1000
  std::size_t nodes = 1'000'000;  // after aliases are expanded
  bool documents = true;          // more than one: the first is read. false: refused
};

// The first document of the text. JSON is accepted too. An empty text gives null. Tags: !!str, !!int, !!float, !!bool
// and !!null are honoured, other ones are read by the shape of the value. Keys that are no text become text as in
// kubectl (true, 16, 1.1); null, lists and mappings as keys are refused, and so are .inf and .nan, which JSON cannot
// hold. The code is always invalid_request; the cause names line and column and holds nothing of the text but the name
// of a duplicate key.
Result<json::value> parse_yaml(std::string_view text, std::string_view step, YamlLimits limits = {});

// Block style, keys in their order, lists not indented, as kubectl prints it; text quoted where it would read as
// something else, and what a reader cannot see (is_hidden, utf8.h) escaped, so that the text is safe to show.
// parse_yaml of it gives the value back; only infinities become null, and bytes that are not UTF-8 U+FFFD.
std::string to_yaml(const json::value& value);

}  // namespace fairlead
