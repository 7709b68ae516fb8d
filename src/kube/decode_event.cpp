#include <algorithm>

#include "kube/decode.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace wire {
namespace {

ObjectReference read_reference(std::string_view message) {
  ObjectReference reference;
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case object_reference::kind: reference.kind = text(reader); break;
      case object_reference::ns: reference.ns = text(reader); break;
      case object_reference::name: reference.name = text(reader); break;
      case object_reference::uid: reference.uid = text(reader); break;
      case object_reference::field_path: reference.field_path = text(reader); break;
      default: reader.skip();
    }
  }
  return reference;
}

void read_source(std::string_view message, EventView& result) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case event_source::component: result.source_component = text(reader); break;
      case event_source::host: result.source_host = text(reader); break;
      default: reader.skip();
    }
  }
}

void read_series(std::string_view message, EventView& result) {
  auto reader = open(message);
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case event_series::count: result.series_count = reader.get_int32(); break;
      case event_series::last_observed_time: result.series_last = read_time(text(reader)); break;
      default: reader.skip();
    }
  }
}

}  // namespace
}  // namespace wire

std::int32_t EventView::times() const { return std::max({series_count, count, std::int32_t{1}}); }

std::optional<UnixSeconds> EventView::first_seen() const {
  if (first) return first;
  if (event_time) return event_time;
  return last ? last : meta.created;
}

std::optional<UnixSeconds> EventView::last_seen() const {
  if (series_last) return series_last;
  if (last) return last;
  if (event_time) return event_time;
  return first ? first : meta.created;
}

std::string_view EventView::reporter() const {
  return source_component.empty() ? reporting_component : source_component;
}

Result<void> decode(std::string_view object, EventView& event) {
  event = EventView{};
  return wire::guarded("Event", [&] {
    auto reader = wire::open(object);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::object::metadata: wire::read_meta(wire::text(reader), event.meta); break;
        case wire::event::involved_object: event.involved = wire::read_reference(wire::text(reader)); break;
        case wire::event::reason: event.reason = wire::text(reader); break;
        case wire::event::message: event.message = wire::text(reader); break;
        case wire::event::source: wire::read_source(wire::text(reader), event); break;
        case wire::event::first_timestamp: event.first = wire::read_time(wire::text(reader)); break;
        case wire::event::last_timestamp: event.last = wire::read_time(wire::text(reader)); break;
        case wire::event::count: event.count = reader.get_int32(); break;
        case wire::event::type: event.type = wire::text(reader); break;
        case wire::event::event_time: event.event_time = wire::read_time(wire::text(reader)); break;
        case wire::event::series: wire::read_series(wire::text(reader), event); break;
        case wire::event::reporting_component: event.reporting_component = wire::text(reader); break;
        default: reader.skip();
      }
    }
  });
}

}  // namespace fairlead::kube
