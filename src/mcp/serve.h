// Serves one MCP session over a byte stream with a message on each line (basic/transports, stdio): `serve` performs
// what a ServerSession asks for, and a ToolHost runs the calls.
//
//   net::run_until_done([&](net::Executor executor) -> net::awaitable<void> {
//     auto stream = net::open_stdio(executor);
//     co_await mcp::serve(*stream, host, options);
//   });
//
// Nothing but protocol messages is ever written to the stream.
#pragma once

#include <optional>
#include <string>

#include "mcp/session.h"
#include "net/stream.h"
#include "net/task.h"

namespace fairlead::mcp {

using net::awaitable;

// Where a running call tells how far it is. Never blocks and costs nothing to ignore: what the client did not ask for,
// what comes too fast and what would pile up before a slow client is dropped.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual bool wanted() const = 0;  // the client asked for it
  // `progress` must grow from one report to the next.
  virtual void report(double progress, std::optional<double> total, std::string message) = 0;
};

// Asks the person behind the client, while a call runs.
class Elicitor {
 public:
  virtual ~Elicitor() = default;
  // One question of a call at a time. Errors: invalid_request where the client cannot be asked or a question is open,
  // server_error where it could not ask or answered nonsense, timeout and cancelled, which withdraw the question.
  virtual awaitable<Result<Elicited>> elicit(Elicitation question, Deadline deadline) = 0;
  virtual bool can_elicit() const = 0;
};

// The references live until the call has ended.
struct CallRequest {
  const Tool& tool;
  const Implementation& client;  // what the client calls itself; nobody has verified it
  json::object arguments;        // not checked against the tool's schema; empty when there were none
  Elicitor* elicitor = nullptr;  // never null when it comes from serve()
};

struct ReadRequest {
  const Implementation& client;
  std::string uri;  // as the client sent it
};

// What a server offers. Used on the executor that serve() runs on.
class ToolHost {
 public:
  virtual ~ToolHost() = default;
  // Must not change while a session is served.
  virtual const ToolSet& tools() const = 0;
  // Several run at once. A failure, wrong arguments among them, is a result with is_error. When the client cancels the
  // call or goes away, or its grace is over, the pending operation ends with ErrorCode::cancelled: return soon. To a
  // call that the client has cancelled no answer is sent.
  virtual awaitable<ToolResult> call(CallRequest request, Progress& progress) = 0;

  // Null: none are offered. They must not change, either.
  virtual const PromptSet* prompts() const { return nullptr; }
  virtual const ResourceSet* resources() const { return nullptr; }
  // Runs as calls do; asked for only where resources are offered.
  virtual awaitable<ReadResult> read(ReadRequest request, Progress& progress);
};

struct ServeOptions {
  SessionOptions session;
  // Input is not read while more than this waits to be written. At most the results of the calls that run already and
  // one more answer come on top.
  std::size_t outgoing_bytes = 4 << 20;
  // How long calls may go on, and then how long their answers may take to be written, once the input has ended.
  Duration grace = std::chrono::seconds(5);
};

// Until the input ends; then calls that run get their grace and are cancelled. Returns when no call runs any more.
// Errors: `unreachable` when the stream broke, `cancelled` when the caller was cancelled; both cancel all calls at
// once. A line longer than session.limits.bytes is answered with an error. The stream and the host must outlive it.
awaitable<Result<void>> serve(net::Stream& stream, ToolHost& host, ServeOptions options);

}  // namespace fairlead::mcp
