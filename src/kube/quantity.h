// Kubernetes quantities (k8s.io/apimachinery/pkg/api/resource): "250m", "1.5Gi", "2e3". Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::kube {

// Exact integer arithmetic: what lies between two units is rounded away from zero, as Kubernetes does, and what is
// too large becomes the largest (or smallest) number. Nothing for text that is not a quantity.
std::optional<std::int64_t> parse_quantity(std::string_view text);        // in whole units: bytes, pods
std::optional<std::int64_t> parse_quantity_milli(std::string_view text);  // in thousandths: millicores

// "250m", "4"; thousandths are kept where there are some: "1500m".
std::string format_cpu(std::int64_t millicores);
// The largest binary unit, with one decimal below a hundred, the rest cut off: "512", "1.5Gi", "128Mi", "15.5Gi".
std::string format_bytes(std::int64_t bytes);

}  // namespace fairlead::kube
