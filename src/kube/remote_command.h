// Runs a command in a container without input and keeps what it says: a session (kube/remote_session.h) that nobody is
// at the other end of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kube/client.h"

namespace fairlead::kube {

struct RemoteCommand {
  std::string ns, pod;
  std::string container;              // empty: the server chooses, or refuses
  std::vector<std::string> command;   // the program and its arguments; no shell reads them
  std::size_t most_bytes = 64 << 10;  // of each stream that are kept, the first ones
};

struct CommandOutput {
  std::string text;
  std::uint64_t bytes = 0;  // that there were
};

struct CommandOutcome {
  int exit_code = 0;
  CommandOutput out, err;
};

// Until the command has ended. A command that fails is an outcome; an error is what kept it from being run or told of:
// those of the server before it began, and `timeout`, `cancelled`, `unreachable` and `server_error` with
// net::kUnknownOutcome: nothing stops a command that has begun.
awaitable<Result<CommandOutcome>> run_command(Client& client, RemoteCommand command, Deadline deadline);

}  // namespace fairlead::kube
