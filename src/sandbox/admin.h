// The sandbox's own paths below /sandbox, beside the Kubernetes API: its time and its faults.
//
//   GET    /sandbox/time                    {"now": RFC 3339, "speed": 1}
//   PATCH  /sandbox/time                    {"speed": 60} and {"advanceSeconds": 300}: the controllers live through it
//   GET    /sandbox/faults                  {"items": [rules with how often they were seen and hit]}
//   PUT    /sandbox/faults/NAME             a rule (sandbox/faults.h), without its name
//   DELETE /sandbox/faults[/NAME]           one, or all
//   DELETE /sandbox/history                 forgets old versions: watches and lists that go on from them get 410
//
// Answers and errors are JSON; errors are Status objects. Not thread-safe: one loop.
#pragma once

#include <functional>
#include <optional>

#include "sandbox/api.h"
#include "sandbox/faults.h"
#include "sandbox/time.h"

namespace fairlead::sandbox {

class Admin {
 public:
  // `advance` lets the sandbox live through so many milliseconds at once; `changed` hears that time runs otherwise now.
  struct Hooks {
    std::function<void(std::int64_t milliseconds)> advance;
    std::function<void()> changed;
  };
  Admin(Time& time, Faults& faults, Store& store, Hooks hooks)
      : time_(time), faults_(faults), store_(store), hooks_(std::move(hooks)) {}

  // Nothing: the path is not one of these.
  std::optional<Answer> answer(std::string_view method, std::string_view path, std::string_view body);

 private:
  ApiResult<json::value> time(std::string_view method, std::string_view body);
  ApiResult<json::value> faults(std::string_view method, std::string_view name, std::string_view body);

  Time& time_;
  Faults& faults_;
  Store& store_;
  Hooks hooks_;
};

}  // namespace fairlead::sandbox
