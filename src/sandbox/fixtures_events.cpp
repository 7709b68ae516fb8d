// What was recorded of the pods' fates.
#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

constexpr std::int64_t hour = 3600;  // how long events are kept

}  // namespace

void FixtureBuilder::note(const Object& about, const json::value& value, const EventNote& note, std::int64_t first,
                          std::int64_t last, std::int64_t count) {
  const json::value* metadata = find(value, "metadata");
  if (!metadata) return;
  std::string name = about.name + "." + hex_digest(objects_.random()).substr(0, 16);
  json::value event = make_event(*about.resource, *metadata, note, name, first, last, count);
  json::object& stamped = object_in(event, {"metadata"});
  stamped["uid"] = objects_.make_uid();
  stamped["creationTimestamp"] = format_rfc3339(first);
  objects_.insert(resource("", "events"), std::move(event));
}

void FixtureBuilder::note_pod(const ObjectPtr& pod, const json::value& value, const PodStory& story) {
  const json::array& specs = array_at(value, {"spec", "containers"});
  std::int64_t born = parse_rfc3339(text_at(value, {"metadata", "creationTimestamp"})).value_or(now_);
  std::string host(text_at(value, {"spec", "nodeName"}));
  if (story.containers.empty()) {
    for (const json::value& condition : array_at(value, {"status", "conditions"})) {
      if (text_at(condition, {"type"}) != "PodScheduled") continue;
      EventNote failed{
          "Warning", "FailedScheduling", std::string(text_at(condition, {"message"})), "default-scheduler", "", ""};
      note(*pod, value, failed, born, now_ - 130, std::max<std::int64_t>(1, (now_ - born) / 300));
    }
    return;
  }
  for (std::size_t i = 0; i < story.containers.size() && i < specs.size(); ++i) {
    const ContainerStory& one = story.containers[i];
    std::string name(text_at(specs[i], {"name"})), image(text_at(specs[i], {"image"}));
    EventNote kubelet{"Warning", "", "", "kubelet", host, "spec.containers{" + name + "}"};
    auto record = [&](std::string_view type, std::string_view reason, std::string message, std::int64_t first,
                      std::int64_t last, std::int64_t count) {
      EventNote entry = kubelet;
      entry.type = type;
      entry.reason = reason;
      entry.message = std::move(message);
      note(*pod, value, entry, first, last, count);
    };
    std::string back_off = "Back-off restarting failed container " + name + " in pod " + pod->name + "_" +
                           pod->namespace_name + "(" + pod->uid + ")";
    if (one.now == Now::backing_off || one.now == Now::failed) {
      std::int64_t count = one.restarts * 23 / 5 + 1;
      record("Warning", "BackOff", back_off, born + 12, now_ - 14, count);
      record("Normal", "Pulled", "Container image \"" + image + "\" already present on machine", born + 1, story.at - 2,
             one.restarts + 1);
    } else if (one.now == Now::pull_backoff) {
      std::string error = behaviour_of(specs[i]).pull_error;
      record("Normal", "Pulling", "Pulling image \"" + image + "\"", born + 1, now_ - 190, 42);
      record("Warning", "Failed", "Failed to pull image \"" + image + "\": " + error, born + 2, now_ - 189, 42);
      record("Warning", "Failed", "Error: ErrImagePull", born + 2, now_ - 189, 42);
      record("Normal", "BackOff", "Back-off pulling image \"" + image + "\"", born + 3, now_ - 9, 812);
      record("Warning", "Failed", "Error: ImagePullBackOff", born + 3, now_ - 9, 812);
    } else if (now_ - born < hour) {
      note(*pod, value,
           {"Normal", "Scheduled", "Successfully assigned " + pod->namespace_name + "/" + pod->name + " to " + host,
            "default-scheduler", "", ""},
           born, born, 1);
      record("Normal", "Pulled", "Container image \"" + image + "\" already present on machine", born + 1, born + 1, 1);
      record("Normal", "Created", "Created container: " + name, born + 2, born + 2, 1);
      record("Normal", "Started", "Started container " + name, born + 3, born + 3, 1);
    } else if (one.now == Now::running && stable_hash(pod->uid) % 9 == 0) {
      record("Warning", "Unhealthy",
             "Readiness probe failed: Get \"http://" + story.pod_ip +
                 ":8080/readyz\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
             now_ - 3000, now_ - 1500, 2);
    }
  }
  for (std::size_t i = 0; i < story.init.size(); ++i) {
    if (story.init[i].now != Now::running) continue;
    const json::value& container = array_at(value, {"spec", "initContainers"})[i];
    EventNote started{"Normal",  "Started", "Started container " + std::string(text_at(container, {"name"})),
                      "kubelet", host,      "spec.initContainers{" + std::string(text_at(container, {"name"})) + "}"};
    note(*pod, value, started, born + 2, born + 2, 1);
  }
}

}  // namespace fairlead::sandbox
