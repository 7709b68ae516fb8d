// Kubernetes objects read from protobuf, field by field, taking only what operations show.
//
// Follows the messages in the Kubernetes source: k8s.io/api/core/v1/generated.proto, apps/v1/generated.proto,
// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, pkg/runtime/generated.proto (the numbers stand in
// decode_fields.h). Unknown fields are skipped, so newer servers are read too; managedFields is never looked into.
//
// Lifetime: every std::string_view and MapView points into the bytes that were given to decode();
// it is valid as long as they are (inside ListDecoder: while on_item runs). Text is as the server sent it: bytes
// that somebody else wrote, UTF-8 by promise only.
// decode() first clears its target and keeps the capacity of its lists: use one view for a whole list and nothing
// is allocated in steady state. After an error the target holds a part of the object.
// Errors: server_error, when the bytes are not well-formed protobuf. Thread-safety: none needed, no shared state.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace fairlead::kube {

using UnixSeconds = std::int64_t;  // since 1970, UTC; fractions are dropped

struct MapEntry {
  std::string_view key;
  std::string_view value;
};

// A map<string, string> or map<string, Quantity> (whose values are the quantities' text), walked in the order sent
// without being copied. decode() has checked the entries; the walk ends at one that is malformed.
class MapView {
 public:
  enum class Values { text, quantity };

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = MapEntry;
    using difference_type = std::ptrdiff_t;
    using pointer = const MapEntry*;
    using reference = const MapEntry&;

    const MapEntry& operator*() const { return entry_; }
    const MapEntry* operator->() const { return &entry_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return it.at_end_; }

   private:
    friend class MapView;
    std::string_view rest_;
    std::uint32_t field_ = 0;
    Values values_ = Values::text;
    bool at_end_ = true;
    MapEntry entry_;
  };

  MapView() = default;
  // The entries of the map field with that number in a message.
  MapView(std::string_view message, std::uint32_t field, Values values)
      : message_(message), field_(field), values_(values) {}

  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }
  std::optional<std::string_view> find(std::string_view key) const;

 private:
  std::string_view message_;
  std::uint32_t field_ = 0;
  Values values_ = Values::text;
};

struct ObjectMeta {
  std::string_view name;
  std::string_view ns;  // empty for what belongs to no namespace
  std::string_view uid;
  std::string_view resource_version;
  std::int64_t generation = 0;
  std::optional<UnixSeconds> created;
  std::optional<UnixSeconds> deletion;  // when it may be killed: the moment of deletion plus the grace period
  std::string_view controller_kind;     // of the owner that has controller: true
  std::string_view controller_name;
  MapView labels;
  MapView annotations;
};

struct Condition {
  std::string_view type;
  std::string_view status;  // True, False, Unknown
  std::string_view reason;
  std::string_view message;
  std::optional<UnixSeconds> last_transition;
};
// The condition of that type, or null.
const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);

struct ContainerView {
  std::string_view name;
  std::string_view image;
  std::string_view restart_policy;  // "Always" makes an init container a sidecar
  MapView requests;                 // cpu, memory, …
  MapView limits;
  bool is_sidecar() const { return restart_policy == "Always"; }
};

struct ContainerState {
  enum class Kind { none, waiting, running, terminated };
  Kind kind = Kind::none;
  std::string_view reason;   // waiting, terminated
  std::string_view message;  // waiting, terminated
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::optional<UnixSeconds> started_at;   // running, terminated
  std::optional<UnixSeconds> finished_at;  // terminated

  bool waiting() const { return kind == Kind::waiting; }
  bool running() const { return kind == Kind::running; }
  bool terminated() const { return kind == Kind::terminated; }
};

struct ContainerStatus {
  std::string_view name;
  std::string_view image;
  bool ready = false;
  bool started = false;
  std::int32_t restart_count = 0;
  ContainerState state;
  ContainerState last_state;
};

struct PodView {
  ObjectMeta meta;
  // spec
  std::string_view node_name;
  std::string_view service_account;
  std::vector<ContainerView> init_containers;
  std::vector<ContainerView> containers;
  std::vector<ContainerView> ephemeral_containers;
  std::vector<std::string_view> readiness_gates;  // condition types
  // status
  std::string_view phase;  // Pending, Running, Succeeded, Failed, Unknown
  std::string_view reason;
  std::string_view message;
  std::string_view pod_ip;
  std::string_view host_ip;
  std::string_view qos_class;
  std::optional<UnixSeconds> started;
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> init_statuses;
  std::vector<ContainerStatus> statuses;
  std::vector<ContainerStatus> ephemeral_statuses;
};

struct Taint {
  std::string_view key;
  std::string_view value;
  std::string_view effect;
};

struct NodeAddress {
  std::string_view type;  // InternalIP, ExternalIP, Hostname, …
  std::string_view address;
};

struct NodeView {
  ObjectMeta meta;
  // spec
  bool unschedulable = false;
  std::string_view provider_id;
  std::string_view pod_cidr;
  std::vector<Taint> taints;
  // status
  MapView capacity;
  MapView allocatable;
  std::vector<Condition> conditions;
  std::vector<NodeAddress> addresses;
  std::string_view kernel_version;
  std::string_view os_image;
  std::string_view container_runtime;
  std::string_view kubelet_version;
  std::string_view operating_system;
  std::string_view architecture;
  std::string_view system_uuid;

  std::string_view address(std::string_view type) const;  // the first of that type, or empty
};

struct ObjectReference {
  std::string_view kind;
  std::string_view ns;
  std::string_view name;
  std::string_view uid;
  std::string_view field_path;  // spec.containers{web}
};

// core/v1 Event. Old writers set count and the two timestamps, new ones event_time and series.
struct EventView {
  ObjectMeta meta;
  ObjectReference involved;
  std::string_view type;  // Normal, Warning
  std::string_view reason;
  std::string_view message;
  std::string_view source_component;
  std::string_view source_host;
  std::string_view reporting_component;
  std::int32_t count = 0;
  std::optional<UnixSeconds> first;
  std::optional<UnixSeconds> last;
  std::optional<UnixSeconds> event_time;
  std::int32_t series_count = 0;
  std::optional<UnixSeconds> series_last;

  std::int32_t times() const;                     // how often it happened: at least 1
  std::optional<UnixSeconds> first_seen() const;  // of whatever the writer set
  std::optional<UnixSeconds> last_seen() const;
  std::string_view reporter() const;  // source_component, else reporting_component
};

Result<void> decode(std::string_view object, PodView& pod);
Result<void> decode(std::string_view object, NodeView& node);
Result<void> decode(std::string_view object, EventView& event);
// Any object's metadata, and the items of a PartialObjectMetadataList.
Result<void> decode(std::string_view object, ObjectMeta& meta);

// The body of an answer with one object: "k8s\0" and runtime.Unknown. `raw` goes to decode().
struct Envelope {
  std::string_view api_version;
  std::string_view kind;
  std::string_view raw;
};
Result<Envelope> open_envelope(std::string_view body);

// A meta/v1 Status (`raw` of an Envelope of kind Status: what a server answers errors with when protobuf was asked
// for) as the JSON object that the server would have sent.
Result<boost::json::object> decode_status(std::string_view raw);

}  // namespace fairlead::kube
