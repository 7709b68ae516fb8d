// YAML from outside into a JSON value, and a JSON value as YAML. YAML 1.1 scalars as Kubernetes reads them
// (sigs.k8s.io/yaml): true/false/null, integers, floats; quoted ones are text. Aliases are resolved within a
// budget, so that a small text cannot become a large value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead {

struct YamlLimits {
  std::size_t bytes = 16 << 20;
  std::size_t depth = 100;
  std::size_t nodes = 1'000'000;  // after aliases are expanded
};

// The first document. JSON is accepted too. An empty text gives null.
Result<json::value> parse_yaml(std::string_view text, std::string_view step, YamlLimits limits = {});

// Block style, keys in their order, text quoted where it would read as something else.
std::string to_yaml(const json::value& value);

}  // namespace fairlead
