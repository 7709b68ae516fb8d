// The command line: one function a subcommand, each in a file of its own. Data goes to `out`, everything that is said
// about it to `err`. Exit status: 0 done, 1 the operation failed, 2 bad usage or bad input, 3 refused by policy.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/environment.h"
#include "ops/catalog.h"

namespace fairlead::cli {

// What main hands in.
struct World {
  const ops::Catalog& catalog;
  Environment environment;
  std::vector<std::string> variables;  // NAME=value, all of them: for programs that are started
  std::shared_ptr<const Clock> clock;
  std::function<std::uint64_t()> random;  // unpredictable bits
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool input_is_terminal = false;
  bool error_is_terminal = false;
  bool pipe_signal_ignored = false;  // SIGPIPE, by whoever started us
};

// `arguments` without the program's name.
int run(World& world, std::vector<std::string> arguments);

// One sentence on `err`, "error: …" with code and remedy; answers its exit status.
int report(World& world, const Error& error);
// "# …" on `err`.
void note(World& world, std::string_view text);

double jitter(World& world);  // in [0, 1)

}  // namespace fairlead::cli
