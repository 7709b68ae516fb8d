// The field numbers of Kubernetes' protobuf messages, and the helpers to walk them with protozero. For decode*.cpp
// and protobuf_list.cpp only.
//
// Each name stands for a field's number together with its wire type, so that one `switch` on tag_and_type() takes a
// field only in the form that it is declared in; all else goes to skip(). protozero throws on malformed bytes:
// guarded() is the boundary where that becomes an Error.
#pragma once

#include <optional>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "kube/decode.h"

namespace fairlead::kube::wire {

using protozero::pbf_reader;

// Strings, bytes and messages.
constexpr std::uint32_t bytes(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::length_delimited);
}
// Integers and booleans.
constexpr std::uint32_t varint(std::uint32_t number) {
  return protozero::tag_and_type(number, protozero::pbf_wire_type::varint);
}

inline std::string_view text(pbf_reader& reader) {
  const auto view = reader.get_view();
  return {view.data(), view.size()};
}
// pbf_reader::get_bool() reads a byte beyond the end of a truncated message; this one throws.
inline bool flag(pbf_reader& reader) { return reader.get_uint64() != 0; }
inline pbf_reader open(std::string_view message) { return pbf_reader(message.data(), message.size()); }

template <class Walk>
Result<void> guarded(std::string_view what, Walk&& walk) {
  try {
    walk();
    return {};
  } catch (const protozero::exception& broken) {
    return fail(ErrorCode::server_error, "decode a " + std::string(what),
                std::string("the object is not well-formed protobuf: ") + broken.what(),
                "Try again; if it happens again, ask for JSON and report it");
  }
}

// k8s.io/apimachinery/pkg/runtime
namespace type_meta {
constexpr auto api_version = bytes(1), kind = bytes(2);
}
namespace unknown {
constexpr auto type_meta = bytes(1), raw = bytes(2), content_encoding = bytes(3), content_type = bytes(4);
}

// k8s.io/apimachinery/pkg/apis/meta/v1; Quantity is of pkg/api/resource, IntOrString of pkg/util/intstr
namespace list {
constexpr auto metadata = bytes(1), items = bytes(2);
}
namespace watch_event {
constexpr auto type = bytes(1), object = bytes(2);
}
namespace raw_extension {
constexpr auto raw = bytes(1);
}
namespace list_meta {
constexpr auto resource_version = bytes(2), continue_token = bytes(3), remaining_item_count = varint(4);
}
namespace object_meta {
constexpr auto name = bytes(1), ns = bytes(3), uid = bytes(5), resource_version = bytes(6), generation = varint(7),
               creation_timestamp = bytes(8), deletion_timestamp = bytes(9), labels = bytes(11),
               annotations = bytes(12), owner_references = bytes(13);
constexpr std::uint32_t labels_number = 11, annotations_number = 12;
}  // namespace object_meta
namespace owner_reference {
constexpr auto kind = bytes(1), name = bytes(3), controller = varint(6);
}
namespace time {
constexpr auto seconds = varint(1);
}
namespace map_entry {
constexpr auto key = bytes(1), value = bytes(2);
}
namespace quantity {
constexpr auto string = bytes(1);
}
namespace int_or_string {
constexpr auto type = varint(1), int_val = varint(2), str_val = bytes(3);
}
namespace status {
constexpr auto metadata = bytes(1), status = bytes(2), message = bytes(3), reason = bytes(4), details = bytes(5),
               code = varint(6);
}
namespace status_details {
constexpr auto name = bytes(1), group = bytes(2), kind = bytes(3), causes = bytes(4), retry_after_seconds = varint(5),
               uid = bytes(6);
}
namespace status_cause {
constexpr auto reason = bytes(1), message = bytes(2), field = bytes(3);
}

// k8s.io/api/core/v1
namespace object {  // what all objects have in common
constexpr auto metadata = bytes(1), spec = bytes(2), status = bytes(3);
}
namespace pod_spec {
constexpr auto containers = bytes(2), service_account_name = bytes(8), node_name = bytes(10),
               init_containers = bytes(20), readiness_gates = bytes(28), ephemeral_containers = bytes(34);
}
namespace readiness_gate {
constexpr std::uint32_t condition_type_number = 1;
}
namespace container {
constexpr auto name = bytes(1), image = bytes(2), resources = bytes(8), restart_policy = bytes(24);
}
namespace ephemeral_container {
constexpr auto common = bytes(1);
}
namespace resource_requirements {
constexpr std::uint32_t limits_number = 1, requests_number = 2;
}
namespace pod_status {
constexpr auto phase = bytes(1), conditions = bytes(2), message = bytes(3), reason = bytes(4), host_ip = bytes(5),
               pod_ip = bytes(6), start_time = bytes(7), container_statuses = bytes(8), qos_class = bytes(9),
               init_container_statuses = bytes(10), ephemeral_container_statuses = bytes(13);
}
namespace container_status {
constexpr auto name = bytes(1), state = bytes(2), last_state = bytes(3), ready = varint(4), restart_count = varint(5),
               image = bytes(6), started = varint(9);
}
namespace container_state {
constexpr auto waiting = bytes(1), running = bytes(2), terminated = bytes(3);
}
namespace waiting {
constexpr auto reason = bytes(1), message = bytes(2);
}
namespace running {
constexpr auto started_at = bytes(1);
}
namespace terminated {
constexpr auto exit_code = varint(1), signal = varint(2), reason = bytes(3), message = bytes(4), started_at = bytes(5),
               finished_at = bytes(6);
}
namespace node_spec {
constexpr auto pod_cidr = bytes(1), provider_id = bytes(3), unschedulable = varint(4), taints = bytes(5);
}
namespace taint {
constexpr auto key = bytes(1), value = bytes(2), effect = bytes(3);
}
namespace node_status {
constexpr std::uint32_t capacity_number = 1, allocatable_number = 2;
constexpr auto conditions = bytes(4), addresses = bytes(5), node_info = bytes(7);
}  // namespace node_status
namespace node_address {
constexpr auto type = bytes(1), address = bytes(2);
}
namespace node_info {
constexpr auto system_uuid = bytes(2), kernel_version = bytes(4), os_image = bytes(5),
               container_runtime_version = bytes(6), kubelet_version = bytes(7), operating_system = bytes(9),
               architecture = bytes(10);
}
namespace event {
constexpr auto involved_object = bytes(2), reason = bytes(3), message = bytes(4), source = bytes(5),
               first_timestamp = bytes(6), last_timestamp = bytes(7), count = varint(8), type = bytes(9),
               event_time = bytes(10), series = bytes(11), reporting_component = bytes(14);
}
namespace object_reference {
constexpr auto kind = bytes(1), ns = bytes(2), name = bytes(3), uid = bytes(4), field_path = bytes(7);
}
namespace event_source {
constexpr auto component = bytes(1), host = bytes(2);
}
namespace event_series {
constexpr auto count = varint(1), last_observed_time = bytes(2);
}

// A condition's message is the same everywhere but for the numbers of its fields.
struct ConditionFields {
  std::uint32_t type, status, reason, message, last_transition;
};
constexpr ConditionFields pod_condition{bytes(1), bytes(2), bytes(5), bytes(6), bytes(4)};
constexpr ConditionFields node_condition{bytes(1), bytes(2), bytes(5), bytes(6), bytes(4)};

// The walkers that more than one object needs. All may throw protozero::exception.
void read_meta(std::string_view message, ObjectMeta& meta);
std::optional<UnixSeconds> read_time(std::string_view message);
Condition read_condition(std::string_view message, const ConditionFields& fields);
// A map field of `message` as a view, once all its entries were found to be well-formed.
MapView checked_map(std::string_view message, std::uint32_t number, MapView::Values values);
ContainerView read_container(std::string_view message);

}  // namespace fairlead::kube::wire
