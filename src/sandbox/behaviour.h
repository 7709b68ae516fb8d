// How the programs in the sandbox's images behave, so that a pod made from such an image, by the fixtures or by a
// client, runs or fails like it everywhere: its life, its events and its log agree. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::sandbox {

enum class Fate {
  runs,
  completes,        // exits with 0
  crashes,          // exits with 1 soon after its start
  out_of_memory,    // is killed by its limit
  cannot_be_pulled,
  hangs,            // an init container that waits for something that does not come
};

struct Behaviour {
  Fate fate = Fate::runs;
  std::string program = "http";          // which kind of log it writes: http, worker, proxy, metrics, job, wait
  std::vector<std::string> last_words;   // the end of its log when it fails
  std::string pull_error;                // what the runtime says when it cannot be pulled
};

// From image, environment and limits of one container of a pod's spec.
Behaviour behaviour_of(const json::value& container);

// "64Mi", "500m", "2" in units (bytes, cores) times 1000; 0 for other text.
std::int64_t quantity_milli(std::string_view text);

}  // namespace fairlead::sandbox
