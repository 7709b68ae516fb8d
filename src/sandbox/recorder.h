// Events as controllers record them: the same thing about the same object again counts up the event that is there.
// Not thread-safe: one loop.
#pragma once

#include <unordered_map>

#include "sandbox/objects.h"

namespace fairlead::sandbox {

struct EventNote {
  std::string type = "Normal";  // or Warning
  std::string reason;
  std::string message;
  std::string component;   // "kubelet"
  std::string host;        // the node, for the kubelet's
  std::string field_path;  // spec.containers{web}
};

class Recorder {
 public:
  explicit Recorder(Objects& objects) : objects_(objects) {}
  void record(const Object& about, const EventNote& note);

 private:
  Objects& objects_;
  std::unordered_map<std::string, std::string> known_;  // what it says -> the event's name
};

// A whole Event object; for fixtures too.
json::value make_event(const Resource& about, const json::value& object_metadata, const EventNote& note,
                       std::string name, std::int64_t first, std::int64_t last, std::int64_t count);

}  // namespace fairlead::sandbox
