// Runs another program without blocking the event loop, and without a shell.
//
// Guarantees: the program gets the descriptors 0, 1 and 2 and no others, an empty signal mask and default signal
// handlers. When the deadline passes, the caller is cancelled or the output grows past its limit, the program is
// killed (SIGKILL) together with its process group, but for one that has our terminal, which shares our group; it is
// reaped in every case. What it printed before it ended is read even if a process it left behind still holds the pipe;
// such a process is left alone. Use on one executor. The calling program must not ignore SIGCHLD. Linux 5.3 or newer
// (pidfd_open).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "net/task.h"

namespace fairlead::net {

struct ProcessOptions {
  enum class Input {
    none,      // /dev/null; the program gets its own process group
    terminal,  // ours; it stays in our process group, or it could not read from the terminal
  };
  enum class Diagnostics { capture, inherit };

  std::string program;                   // a path, never looked up in PATH: see find_program
  std::vector<std::string> arguments;    // all of argv, with argv[0]
  std::vector<std::string> environment;  // NAME=value, all of it
  Input input = Input::none;
  Diagnostics diagnostics = Diagnostics::capture;  // what becomes of its standard error
  std::size_t output_limit = 1 << 20;
  std::size_t diagnostics_limit = 4 << 10;  // the last bytes are kept
};

struct ProcessResult {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  Secret output;                     // may hold a credential
  bool output_limit_passed = false;  // it was killed for that; `output` is cut
  std::string diagnostics;           // written by somebody else: escape before showing
};

// timeout, cancelled; not_found when there is no such program, permission_denied when it may not be run,
// invalid_request when the system refuses it for another reason. No error holds arguments or environment.
awaitable<Result<ProcessResult>> run_process(ProcessOptions options, Deadline deadline);

// A name without a slash is looked up in the directories of `path` (as in the variable PATH; relative ones are
// skipped); one with a slash is answered as it is. not_found.
Result<std::string> find_program(std::string_view name, std::string_view path);

// The variables of this process, as ProcessOptions::environment takes them.
std::vector<std::string> inherited_environment();

}  // namespace fairlead::net
