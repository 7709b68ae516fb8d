// Incidents to practise on: what somebody did to the little cluster, and when, told as data (scenarios/*.yaml, built
// into the program). The sandbox lives through it before it answers, so that what went wrong has its history: events,
// restarts, ages. Not thread-safe: one loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sandbox/faults.h"
#include "sandbox/objects.h"

namespace fairlead::sandbox {

// One YAML document:
//   name, title, story: texts. The story says what an on-call engineer is told, not what is wrong.
//   lasts: "25m": how long ago it began when the sandbox answers
//   steps: a list of {at: "5m", apply: OBJECT} or {at: …, delete: OBJECT}, in the order of `at`. An object that is
//   there
//          already is changed by what apply holds (a merge patch), else it is created; delete needs kind and name only.
//   faults: rules (sandbox/faults.h) that hold from the moment the sandbox answers
//   shows: a list of {get: PATH, contains: TEXT}: what can be seen then; checked by the tests
struct Scenario {
  struct Step {
    std::int64_t at_ms = 0;
    bool deletes = false;
    json::value object;
  };
  struct Sign {
    std::string get, contains;
  };
  std::string name, title, story;
  std::int64_t lasts_ms = 0;
  std::vector<Step> steps;
  std::vector<FaultRule> faults;
  std::vector<Sign> shows;
};

// invalid_request with a sentence.
Result<Scenario> parse_scenario(std::string_view yaml);

// Those that are built in, by name.
std::vector<std::string_view> scenario_names();
// not_found with the names that are nearest.
Result<Scenario> find_scenario(std::string_view name);

// Does the steps; `advance` lets the sandbox live through so many milliseconds. Fails when the API refuses an object.
Result<void> play(const Scenario& scenario, Objects& objects,
                  const std::function<void(std::int64_t milliseconds)>& advance);

// The texts of scenarios/*.yaml, made by the build.
struct ScenarioText {
  std::string_view name, yaml;
};
extern const ScenarioText scenario_texts[];
extern const std::size_t scenario_count;

}  // namespace fairlead::sandbox
