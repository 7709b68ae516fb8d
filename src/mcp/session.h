// One MCP session seen from the server, as a state machine without I/O: messages go in, actions come out. Whoever owns
// the transport (serve.h for byte streams) performs the actions and tells the session how the calls ended.
//
// Speaks the revisions 2024-11-05 to 2025-11-25: basic/lifecycle, ping, server/tools, server/prompts, server/resources
// (without subscriptions), client/elicitation (forms), basic/utilities/cancellation, progress and pagination. A method
// that is not offered is answered with -32601.
//
// Guarantees, whatever the peer sends:
// - Every request gets exactly one response, unless it was cancelled: then it gets none.
// - No message of the peer ends the session; what cannot be understood is answered with an error and forgotten.
// - What is remembered is bounded: max_running_calls calls, each with an id and a token of at most 1,024 bytes.
// - Only the answer to a question that is open is listened to, once; a question is withdrawn when its call ends.
// - Progress is reported only where the request gave a token, with values that increase, and never after the response.
// - Messages that go out are one line of valid UTF-8.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "mcp/elicitation.h"
#include "mcp/jsonrpc.h"
#include "mcp/prompt.h"
#include "mcp/protocol.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

namespace fairlead::mcp {

struct SessionOptions {
  Implementation server_info;
  std::string instructions;            // for the model, in the answer to initialize; may be empty
  std::size_t max_running_calls = 64;  // cancelled ones count until they have ended
  std::size_t page_size = 250;         // tools in one answer to tools/list; at least 1
  std::size_t max_batch = 100;         // messages in one batch (2025-03-26 only)
  // Progress that comes sooner than this after the last one of the same call is left out.
  Duration progress_interval = std::chrono::milliseconds(20);
  MessageLimits limits;
};

// Names a call within its session. Never used twice, unlike the peer's request id.
using CallKey = std::uint64_t;

struct SendMessage {
  std::string text;  // one JSON text without a line end
};

struct StartCall {
  CallKey key = 0;
  const Tool* tool = nullptr;  // of the session's ToolSet
  json::object arguments;
  bool wants_progress = false;
};

// A call like any other, that ends with finish_read().
struct StartRead {
  CallKey key = 0;
  std::string uri;
  bool wants_progress = false;
};

// The result is of no use any more: stop. finish_call() or finish_read() must still follow.
struct CancelCall {
  CallKey key = 0;
  std::string reason;  // the peer's words; may be empty
};

// The person behind the client has answered what elicit() asked for this call, or the client could not ask.
struct Answered {
  CallKey key = 0;
  ElicitResult result;
};

using Action = std::variant<SendMessage, StartCall, StartRead, CancelCall, Answered>;
using Actions = std::vector<Action>;

class ServerSession {
 public:
  // All must outlive the session; they may be shared by many. Null: there are none, and no such capability.
  ServerSession(const SessionOptions& options, const ToolSet& tools, const PromptSet* prompts = nullptr,
                const ResourceSet* resources = nullptr);
  ServerSession(SessionOptions&&, const ToolSet&, const PromptSet* = nullptr, const ResourceSet* = nullptr) = delete;

  // One framed message (a line of stdio, an HTTP body). Blanks alone are no message.
  Actions on_message(std::string_view text);
  // One that the framing has thrown away because it was longer than limits.bytes.
  Actions on_oversized_message();

  // A call that was started has ended, cancelled or not; exactly once for each.
  Actions finish_call(CallKey key, ToolResult result);
  Actions finish_read(CallKey key, ReadResult result);
  // At most one message. Numbers that are not finite or not above the last one are left out.
  Actions report_progress(CallKey key, double progress, std::optional<double> total, std::string_view message,
                          TimePoint now);

  // Asks the person for a call that runs; one question of a call at a time. Nothing is sent where the client cannot be
  // asked, another question is open, or the call was cancelled.
  Actions elicit(CallKey key, Elicitation question);
  // The question of this call is of no use any more.
  Actions withdraw(CallKey key);
  bool can_elicit() const { return can_elicit_; }

  bool initialized() const { return client_.has_value(); }
  Revision revision() const { return revision_; }  // the latest before initialize
  const std::optional<Implementation>& client_info() const { return client_; }
  std::size_t running_calls() const { return calls_.size(); }

 private:
  using BatchKey = std::uint64_t;
  static constexpr BatchKey no_batch = 0;

  struct RunningCall {
    RequestId id;
    const Tool* tool = nullptr;  // null: a resource is read
    std::string uri;
    std::optional<ProgressToken> token;
    BatchKey batch = no_batch;
    bool cancelled = false;
    std::optional<double> progress;  // the last that was sent, and when
    TimePoint progress_at;
    std::optional<RequestId> question;  // that is open
  };
  // A batch is answered by one array once all of it is: responses wait here for the others.
  struct OpenBatch {
    std::size_t unanswered = 0;
    json::array responses;
  };
  // A result, or nothing where a call was started.
  using Answer = tl::expected<std::optional<json::object>, RpcError>;

  void on(Message message, BatchKey batch, Actions& out);
  void on_request(Request request, BatchKey batch, Actions& out);
  void on_notification(const Notification& notification, Actions& out);
  void on_batch(json::array messages, Actions& out);
  void on_cancelled(const json::object& params, Actions& out);
  void on_response(const Response& response, Actions& out);
  void withdraw(RunningCall& call, Actions& out);
  Answer answer(Request& request, BatchKey batch, Actions& out);
  Answer initialize(const json::object& params);
  Answer list_tools(const json::object& params) const;
  Answer call_tool(Request& request, BatchKey batch, Actions& out);
  tl::unexpected<RpcError> unknown_tool(std::string_view name) const;
  // Notes a call that is about to start, unless too many run.
  tl::expected<CallKey, RpcError> begin_call(Request& request, BatchKey batch, const Tool* tool, std::string uri);
  std::optional<RunningCall> end_call(CallKey key, Actions& out);  // nothing for one that was cancelled

  // session_offers.cpp
  bool offers(std::string_view method) const;
  json::object capabilities() const;
  Answer list_prompts(const json::object& params) const;
  Answer get_prompt(const json::object& params) const;
  Answer list_resources(const json::object& params, bool templates) const;
  Answer read_resource(Request& request, BatchKey batch, Actions& out);

  void respond(json::object response, BatchKey batch, Actions& out);
  void close_one(BatchKey batch, Actions& out);
  RunningCall* find_running(const RequestId& id, CallKey* key = nullptr);

  const SessionOptions& options_;
  const ToolSet& tools_;
  const PromptSet* const prompts_;
  const ResourceSet* const resources_;
  Revision revision_ = latest_revision;
  std::optional<Implementation> client_;
  std::map<CallKey, RunningCall> calls_;
  std::map<BatchKey, OpenBatch> batches_;
  std::uint64_t last_key_ = 0;
  bool can_elicit_ = false;
};

}  // namespace fairlead::mcp
