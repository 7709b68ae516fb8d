#include "sandbox/recorder.h"

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_known = 20'000;

}  // namespace

json::value make_event(const Resource& about, const json::value& metadata, const EventNote& note, std::string name,
                       std::int64_t first, std::int64_t last, std::int64_t count) {
  std::string space(text_at(metadata, {"namespace"}));
  if (space.empty()) space = "default";
  json::object involved{{"kind", about.kind},
                        {"name", text_at(metadata, {"name"})},
                        {"uid", text_at(metadata, {"uid"})},
                        {"apiVersion", about.api_version()}};
  if (about.namespaced) involved["namespace"] = space;
  if (std::string_view version = text_at(metadata, {"resourceVersion"}); !version.empty())
    involved["resourceVersion"] = version;
  if (!note.field_path.empty()) involved["fieldPath"] = note.field_path;
  json::object source{{"component", note.component}};
  if (!note.host.empty()) source["host"] = note.host;
  return json::object{{"metadata", json::object{{"name", name}, {"namespace", space}}},
                      {"involvedObject", std::move(involved)},
                      {"reason", note.reason},
                      {"message", note.message},
                      {"source", std::move(source)},
                      {"firstTimestamp", format_rfc3339(first)},
                      {"lastTimestamp", format_rfc3339(last)},
                      {"count", count},
                      {"type", note.type},
                      {"reportingComponent", note.component},
                      {"reportingInstance", note.host}};
}

void Recorder::record(const Object& about, const EventNote& note) {
  std::string key = about.uid + "\n" + note.reason + "\n" + note.message;
  std::string space = about.namespace_name.empty() ? "default" : about.namespace_name;
  const Resource& events = objects_.resources().get("", "events");
  std::int64_t now = objects_.now();
  if (auto found = known_.find(key); found != known_.end()) {
    if (ObjectPtr event = objects_.store().find(events, space, found->second)) {
      json::value value = objects_.load(*event);
      value.get_object()["count"] = integer_at(value, {"count"}) + 1;
      value.get_object()["lastTimestamp"] = format_rfc3339(now);
      (void)objects_.update(event, std::move(value), Part::whole);
      return;
    }
  }
  if (known_.size() >= most_known) known_.clear();
  std::string name = about.name + "." + hex_digest(objects_.random()).substr(0, 16);
  json::object metadata{{"name", about.name}, {"uid", about.uid}, {"resourceVersion", std::to_string(about.version)}};
  if (!about.namespace_name.empty()) metadata["namespace"] = about.namespace_name;
  if (objects_.create(events, make_event(*about.resource, metadata, note, name, now, now, 1))) known_[key] = name;
}

}  // namespace fairlead::sandbox
