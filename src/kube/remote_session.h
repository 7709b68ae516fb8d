// A command in a container with its streams as they are while it runs: the subresource pods/exec over WebSocket, in
// v5.channel.k8s.io and, with servers before 1.30, v4.channel.k8s.io, in which the input cannot be ended.
//
// Memory is bounded in both directions: what the command does not read is not asked for, and what whoever takes its
// output does not take is not read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/client.h"
#include "kube/remote_channels.h"

namespace fairlead::kube {

struct RemoteInput {
  std::string bytes;
  bool end = false;                  // nothing comes behind these bytes
  std::optional<TerminalSize> size;  // the terminal has it from now on
};

// The other end of a command's streams. Called on the session's executor; an error of any member ends the session, and
// its cause is why. Members are cancelled when the session is over.
class RemoteStreams {
 public:
  virtual ~RemoteStreams() = default;
  // The command runs. `input_can_end`: else the server cannot tell the command that its input has ended, and one that
  // reads to the end of it waits for more.
  virtual awaitable<Result<void>> begun(bool input_can_end) = 0;
  // Waits for what comes next. Asked again once that is sent, also after the end, for sizes.
  virtual awaitable<Result<RemoteInput>> input() = 0;
  // Returns when there is room for more. Of a terminal all is output.
  virtual awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) = 0;
  // No output comes any more.
  virtual awaitable<Result<void>> finished() { co_return Result<void>(); }
  // What a server that is a Fairlead says besides.
  virtual void told(std::string_view) {}
  // Ended when for that long no byte came from either side.
  virtual Duration idle_limit() const { return std::chrono::minutes(30); }
};

struct RemoteSession {
  std::string ns, pod;
  std::string container;             // empty: the server chooses, or refuses
  std::vector<std::string> command;  // the program and its arguments; no shell reads them
  bool input = false;                // else there is none
  bool terminal = false;             // a terminal of the command's own
};

struct SessionEnd {
  std::optional<int> exit_code;  // nothing: the session ended before the command, which may go on
  std::string why;               // then
};

// Until the command has ended or the session. An error is what kept the command from being run or told of: those of the
// server before it began, and `timeout`, `cancelled`, `unreachable` and `server_error` with net::with_unknown_outcome.
awaitable<Result<SessionEnd>> run_session(Client& client, RemoteSession session, RemoteStreams& streams,
                                          Deadline deadline);

// The same exchange with whatever speaks it, over a connection that is there: until the status has come that ends it,
// which is not read. Errors as above.
struct StreamsEnd {
  std::optional<std::string> status;
  std::string why;  // there is none
};
struct StreamsOptions {
  bool input = false, input_can_end = false;
  std::string step;
};
awaitable<Result<StreamsEnd>> exchange_streams(net::Upgraded connection, StreamsOptions options, RemoteStreams& streams,
                                               Deadline deadline);

}  // namespace fairlead::kube
