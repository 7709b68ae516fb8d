#include "sandbox/lost_node.h"

#include "sandbox/workload.h"

namespace fairlead::sandbox {

bool is_lost(const Object& node) { return annotation_of(node, "sandbox.fairlead.dev/lost") == "true"; }

bool is_lost_node(const Objects& objects, std::string_view name) {
  ObjectPtr node = objects.store().find(objects.resources().get("", "nodes"), "", name);
  return node && is_lost(*node);
}

std::optional<std::string> kubelet_error(const Objects& objects, const json::value& pod) {
  std::string_view name = text_at(pod, {"spec", "nodeName"});
  if (!is_lost_node(objects, name)) return std::nullopt;
  ObjectPtr node = objects.store().find(objects.resources().get("", "nodes"), "", name);
  return "dial tcp " + internal_ip(objects.load_brief(*node)) + ":10250: connect: connection refused";
}

std::string internal_ip(const json::value& node) {
  for (const json::value& address : array_at(node, {"status", "addresses"})) {
    if (text_at(address, {"type"}) == "InternalIP") return std::string(text_at(address, {"address"}));
  }
  return "0.0.0.0";
}

}  // namespace fairlead::sandbox
