#include "base/json.h"
#include "kube/decode.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace wire {
namespace {

// One map entry's message. Proto maps may leave out an empty key or value.
MapEntry read_entry(std::string_view message, MapView::Values values) {
  MapEntry entry;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case map_entry::key: entry.key = text(reader); break;
      case map_entry::value: {
        entry.value = text(reader);
        if (values == MapView::Values::quantity) {
          auto inner = open(entry.value);
          entry.value = {};
          while (inner.next()) {
            if (inner.tag_and_type() == quantity::string)
              entry.value = text(inner);
            else
              inner.skip();
          }
        }
        break;
      }
      default: reader.skip();
    }
  }
  return entry;
}

void read_owner(std::string_view message, ObjectMeta& meta) {
  std::string_view kind;
  std::string_view name;
  bool controller = false;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case owner_reference::kind: kind = text(reader); break;
      case owner_reference::name: name = text(reader); break;
      case owner_reference::controller: controller = flag(reader); break;
      default: reader.skip();
    }
  }
  if (!controller) return;
  meta.controller_kind = kind;
  meta.controller_name = name;
}

}  // namespace

std::optional<UnixSeconds> read_time(std::string_view message) {
  std::optional<UnixSeconds> seconds;  // the zero time is sent as an empty message
  auto reader = open(message);
  while (reader.next()) {
    if (reader.tag_and_type() == time::seconds)
      seconds = reader.get_int64();
    else
      reader.skip();
  }
  return seconds;
}

MapView checked_map(std::string_view message, std::uint32_t number, MapView::Values values) {
  auto reader = open(message);
  while (reader.next(number, protozero::pbf_wire_type::length_delimited)) read_entry(text(reader), values);
  return MapView(message, number, values);
}

void read_meta(std::string_view message, ObjectMeta& meta) {
  meta = ObjectMeta{};
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case object_meta::name: meta.name = text(reader); break;
      case object_meta::ns: meta.ns = text(reader); break;
      case object_meta::uid: meta.uid = text(reader); break;
      case object_meta::resource_version: meta.resource_version = text(reader); break;
      case object_meta::generation: meta.generation = reader.get_int64(); break;
      case object_meta::creation_timestamp: meta.created = read_time(text(reader)); break;
      case object_meta::deletion_timestamp: meta.deletion = read_time(text(reader)); break;
      case object_meta::labels:
      case object_meta::annotations: read_entry(text(reader), MapView::Values::text); break;
      case object_meta::owner_references: read_owner(text(reader), meta); break;
      default: reader.skip();
    }
  }
  meta.labels = MapView(message, object_meta::labels_number, MapView::Values::text);
  meta.annotations = MapView(message, object_meta::annotations_number, MapView::Values::text);
}

Condition read_condition(std::string_view message, const ConditionFields& fields) {
  Condition condition;
  auto reader = open(message);
  while (reader.next()) {
    const auto field = reader.tag_and_type();
    if (field == fields.type)
      condition.type = text(reader);
    else if (field == fields.status)
      condition.status = text(reader);
    else if (field == fields.reason)
      condition.reason = text(reader);
    else if (field == fields.message)
      condition.message = text(reader);
    else if (field == fields.last_transition)
      condition.last_transition = read_time(text(reader));
    else
      reader.skip();
  }
  return condition;
}

}  // namespace wire

MapView::Iterator& MapView::Iterator::operator++() {
  at_end_ = true;
  try {
    auto reader = wire::open(rest_);
    if (reader.next(field_, protozero::pbf_wire_type::length_delimited)) {
      entry_ = wire::read_entry(wire::text(reader), values_);
      rest_ = {reader.data().data(), reader.data().size()};
      at_end_ = false;
    }
  } catch (const protozero::exception&) {}
  return *this;
}

MapView::Iterator MapView::begin() const {
  Iterator it;
  it.rest_ = message_;
  it.field_ = field_;
  it.values_ = values_;
  return message_.empty() ? it : ++it;
}

std::optional<std::string_view> MapView::find(std::string_view key) const {
  for (const auto& entry : *this) {
    if (entry.key == key) return entry.value;
  }
  return std::nullopt;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  for (const auto& condition : conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

Result<void> decode(std::string_view object, ObjectMeta& meta) {
  meta = ObjectMeta{};
  return wire::guarded("PartialObjectMetadata", [&] {
    auto reader = wire::open(object);
    while (reader.next(1, protozero::pbf_wire_type::length_delimited)) wire::read_meta(wire::text(reader), meta);
  });
}

Result<Envelope> open_envelope(std::string_view body) {
  constexpr std::string_view magic("k8s\0", 4);
  if (!body.starts_with(magic)) {
    return fail(ErrorCode::server_error, "read the answer", "it is not in Kubernetes' protobuf form",
                "Check that the address is that of a Kubernetes API server");
  }
  Envelope envelope;
  auto read = wire::guarded("runtime.Unknown", [&] {
    auto reader = wire::open(body.substr(magic.size()));
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::unknown::type_meta: {
          auto type = wire::open(wire::text(reader));
          while (type.next()) {
            switch (type.tag_and_type()) {
              case wire::type_meta::api_version: envelope.api_version = wire::text(type); break;
              case wire::type_meta::kind: envelope.kind = wire::text(type); break;
              default: type.skip();
            }
          }
          break;
        }
        case wire::unknown::raw: envelope.raw = wire::text(reader); break;
        default: reader.skip();
      }
    }
  });
  if (!read) return fail(std::move(read.error()));
  return envelope;
}

namespace {

// protobuf writes what is empty too; JSON leaves it out.
void put(json::object& object, std::string_view key, std::string_view value) {
  if (!value.empty()) object[key] = value;
}

json::object read_cause(std::string_view message) {
  json::object cause;
  auto reader = wire::open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case wire::status_cause::reason: put(cause, "reason", wire::text(reader)); break;
      case wire::status_cause::message: put(cause, "message", wire::text(reader)); break;
      case wire::status_cause::field: put(cause, "field", wire::text(reader)); break;
      default: reader.skip();
    }
  }
  return cause;
}

json::object read_details(std::string_view message) {
  json::object details;
  json::array causes;
  auto reader = wire::open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case wire::status_details::name: put(details, "name", wire::text(reader)); break;
      case wire::status_details::group: put(details, "group", wire::text(reader)); break;
      case wire::status_details::kind: put(details, "kind", wire::text(reader)); break;
      case wire::status_details::uid: put(details, "uid", wire::text(reader)); break;
      case wire::status_details::causes: causes.push_back(read_cause(wire::text(reader))); break;
      case wire::status_details::retry_after_seconds:
        if (const auto seconds = reader.get_int32(); seconds != 0) details["retryAfterSeconds"] = seconds;
        break;
      default: reader.skip();
    }
  }
  if (!causes.empty()) details["causes"] = std::move(causes);
  return details;
}

}  // namespace

Result<json::object> decode_status(std::string_view raw) {
  json::object status{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}};
  auto read = wire::guarded("Status", [&] {
    auto reader = wire::open(raw);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::status::status: status["status"] = wire::text(reader); break;
        case wire::status::message: status["message"] = wire::text(reader); break;
        case wire::status::reason: status["reason"] = wire::text(reader); break;
        case wire::status::details: status["details"] = read_details(wire::text(reader)); break;
        case wire::status::code: status["code"] = reader.get_int32(); break;
        default: reader.skip();
      }
    }
  });
  if (!read) return fail(std::move(read.error()));
  return status;
}

}  // namespace fairlead::kube
