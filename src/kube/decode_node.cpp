#include "kube/decode.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace wire {
namespace {

Taint read_taint(std::string_view message) {
  Taint result;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case taint::key: result.key = text(reader); break;
      case taint::value: result.value = text(reader); break;
      case taint::effect: result.effect = text(reader); break;
      default: reader.skip();
    }
  }
  return result;
}

NodeAddress read_address(std::string_view message) {
  NodeAddress result;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case node_address::type: result.type = text(reader); break;
      case node_address::address: result.address = text(reader); break;
      default: reader.skip();
    }
  }
  return result;
}

void read_info(std::string_view message, NodeView& node) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case node_info::system_uuid: node.system_uuid = text(reader); break;
      case node_info::kernel_version: node.kernel_version = text(reader); break;
      case node_info::os_image: node.os_image = text(reader); break;
      case node_info::container_runtime_version: node.container_runtime = text(reader); break;
      case node_info::kubelet_version: node.kubelet_version = text(reader); break;
      case node_info::operating_system: node.operating_system = text(reader); break;
      case node_info::architecture: node.architecture = text(reader); break;
      default: reader.skip();
    }
  }
}

void read_spec(std::string_view message, NodeView& node) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case node_spec::pod_cidr: node.pod_cidr = text(reader); break;
      case node_spec::provider_id: node.provider_id = text(reader); break;
      case node_spec::unschedulable: node.unschedulable = flag(reader); break;
      case node_spec::taints: node.taints.push_back(read_taint(text(reader))); break;
      default: reader.skip();
    }
  }
}

void read_status(std::string_view message, NodeView& node) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case node_status::conditions: node.conditions.push_back(read_condition(text(reader), node_condition)); break;
      case node_status::addresses: node.addresses.push_back(read_address(text(reader))); break;
      case node_status::node_info: read_info(text(reader), node); break;
      default: reader.skip();
    }
  }
  node.capacity = checked_map(message, node_status::capacity_number, MapView::Values::quantity);
  node.allocatable = checked_map(message, node_status::allocatable_number, MapView::Values::quantity);
}

void clear(NodeView& node) {
  auto taints = std::move(node.taints);
  auto conditions = std::move(node.conditions);
  auto addresses = std::move(node.addresses);
  taints.clear();
  conditions.clear();
  addresses.clear();
  node = NodeView{};
  node.taints = std::move(taints);
  node.conditions = std::move(conditions);
  node.addresses = std::move(addresses);
}

}  // namespace
}  // namespace wire

std::string_view NodeView::address(std::string_view type) const {
  for (const auto& candidate : addresses) {
    if (candidate.type == type) return candidate.address;
  }
  return {};
}

Result<void> decode(std::string_view object, NodeView& node) {
  wire::clear(node);
  return wire::guarded("Node", [&] {
    auto reader = wire::open(object);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::object::metadata: wire::read_meta(wire::text(reader), node.meta); break;
        case wire::object::spec: wire::read_spec(wire::text(reader), node); break;
        case wire::object::status: wire::read_status(wire::text(reader), node); break;
        default: reader.skip();
      }
    }
  });
}

}  // namespace fairlead::kube
