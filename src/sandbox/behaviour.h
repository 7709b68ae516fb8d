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
  completes,      // exits with 0
  crashes,        // exits with something else
  out_of_memory,  // is killed by its limit
  cannot_be_pulled,
  hangs,  // an init container that waits for something that does not come
};

struct Behaviour {
  Fate fate = Fate::runs;
  std::int64_t exit_code = 0;           // of one that ends
  std::int64_t runs_ms = 300;           // until then
  bool never_ready = false;             // runs, but its readiness probe fails
  bool commanded = false;               // it does what its spec's command says, not what its image is for
  bool script = false;                  // the sandbox's shell can run that command; the rest is a guess then
  std::string program = "http";         // which kind of log it writes: http, worker, proxy, metrics, job, wait, quiet
  std::vector<std::string> last_words;  // the end of its log when it ends; of a command all that it says
  std::string pull_error;               // what the runtime says when it cannot be pulled

  bool ends() const { return fate == Fate::completes || fate == Fate::crashes || fate == Fate::out_of_memory; }
};

// From image, command, environment and limits of one container of a pod's spec.
Behaviour behaviour_of(const json::value& container);
// The same, unless an annotation of the pod asks for another fate:
//   sandbox.fairlead.dev/fate: runs | completes | crashes | out-of-memory | cannot-be-pulled | hangs | not-ready
// for all its containers, or sandbox.fairlead.dev/fate.NAME for one.
Behaviour behaviour_of(const json::value& pod, const json::value& container);

// The command line that a container's spec gives it, without $(NAME) of its environment replaced; empty: its image's
// own. Wrappers like tini are left out, and every shell is sh.
std::vector<std::string> main_command(const json::value& container);
// A shell that does nothing but read its standard input.
bool is_bare_shell(const std::vector<std::string>& command);
// Whether the sandbox's shell runs that, so that nothing of it need be guessed but what programs do that it has not.
bool is_script(const std::vector<std::string>& command);

// Whether an image is nothing but a system: its own program is a shell or an interpreter.
bool is_plain_image(std::string_view image);

// What a command line does, as far as a shell's everyday words tell: sleep, exit, true, false, echo, loops. What it
// does not know runs until it is stopped. `known` is false for an empty command line.
struct CommandEffect {
  bool known = false;
  bool ends = false;
  bool exact = false;  // no guess: sleep, true, false, tail -f /dev/null
  std::int64_t exit_code = 0, runs_ms = 0;
  std::vector<std::string> says;
};
CommandEffect effect_of(const std::vector<std::string>& command);

// "64Mi", "500m", "2" in units (bytes, cores) times 1000; 0 for other text.
std::int64_t quantity_milli(std::string_view text);

}  // namespace fairlead::sandbox
