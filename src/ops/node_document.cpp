#include "ops/node_document.h"

#include <fmt/format.h>

#include "base/text.h"
#include "kube/quantity.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

// "cpu=7910m memory=28.7Gi pods=110"
std::string resources(const json::object& map) {
  std::string out;
  for (const auto& entry : map) {
    if (!entry.value().is_string()) continue;
    const std::string_view key = entry.key(), value = entry.value().get_string();
    std::string shown(value);
    if (key == "memory" || key == "ephemeral-storage" || key.starts_with("hugepages-"))
      if (auto bytes = kube::parse_quantity(value)) shown = kube::format_bytes(*bytes);
    if (shown == "0" && key.starts_with("hugepages-")) continue;
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, shown);
  }
  return out;
}

}  // namespace

json::object node_document(const json::value& node, std::int64_t now) {
  json::object out = metadata_document(node, now);
  const json::value* ready = condition_of(node, "Ready");
  std::string status = !ready ? "Unknown" : text_at(*ready, {"status"}) == "True" ? "Ready" : "NotReady";
  if (flag_at(node, {"spec", "unschedulable"})) status += ",SchedulingDisabled";
  out["status"] = status;
  std::string roles;
  for (const auto& label : object_at(node, {"metadata", "labels"})) {
    constexpr std::string_view prefix = "node-role.kubernetes.io/";
    const std::string_view key = label.key();
    if (key.starts_with(prefix)) roles += (roles.empty() ? "" : ",") + std::string(key.substr(prefix.size()));
  }
  put(out, "roles", roles);
  json::array taints, addresses;
  for (const auto& taint : array_at(node, {"spec", "taints"})) {
    const std::string_view value = text_at(taint, {"value"});
    taints.emplace_back(
        fmt::format("{}{}{}:{}", text_at(taint, {"key"}), value.empty() ? "" : "=", value, text_at(taint, {"effect"})));
  }
  put(out, "taints", std::move(taints));
  put(out, "conditions", condition_lines(array_at(node, {"status", "conditions"}), now));
  put(out, "capacity", resources(object_at(node, {"status", "capacity"})));
  put(out, "allocatable", resources(object_at(node, {"status", "allocatable"})));
  for (const auto& address : array_at(node, {"status", "addresses"}))
    addresses.emplace_back(fmt::format("{} {}", text_at(address, {"type"}), text_at(address, {"address"})));
  put(out, "addresses", std::move(addresses));
  json::object info;
  for (auto [key, name] :
       {std::pair{"kubeletVersion", "kubelet"}, std::pair{"osImage", "os"}, std::pair{"kernelVersion", "kernel"},
        std::pair{"containerRuntimeVersion", "runtime"}, std::pair{"architecture", "architecture"}})
    put(info, name, text_at(node, {"status", "nodeInfo", key}));
  put(out, "system", std::move(info));
  put(out, "provider_id", text_at(node, {"spec", "providerID"}));
  put(out, "pod_cidr", text_at(node, {"spec", "podCIDR"}));
  put(out, "annotations", short_annotations(node));
  return out;
}

}  // namespace fairlead::ops
