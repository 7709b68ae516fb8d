// JSON-RPC 2.0 messages as MCP restricts them (basic, Messages): ids are strings or integers, never null; params are
// objects; a method and a result never stand in one message. Framing (lines, HTTP bodies) is somebody else's.
// All functions are pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "mcp/protocol.h"

namespace fairlead::mcp {

// The codes of JSON-RPC 2.0, section 5.1, and two from its range for servers.
enum class RpcErrorCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  server_busy = -32000,         // the limit of calls that run at once is reached
  resource_not_found = -32002,  // MCP's own: server/resources, Error Handling
};

struct RpcError {
  RpcErrorCode code = RpcErrorCode::internal_error;
  std::string message;         // one sentence
  json::value data = nullptr;  // left out when null
};

// A string of at most 1,024 bytes or a 64-bit integer; it is given back exactly as it came.
class RequestId {
 public:
  static constexpr std::size_t max_bytes = 1024;

  RequestId(std::int64_t number) : value_(number) {}
  RequestId(std::string text) : value_(std::move(text)) {}
  // Nothing for any other value: null, a flag, 1.5, 1.0, 1e3, an integer past 64 bits, a list, an object, a long text.
  static std::optional<RequestId> from_json(const json::value& value);

  json::value to_json() const;
  friend bool operator==(const RequestId&, const RequestId&) = default;

 private:
  explicit RequestId(std::uint64_t number) : value_(number) {}
  std::variant<std::int64_t, std::uint64_t, std::string> value_;
};

using ProgressToken = RequestId;  // the same values are allowed

struct Request {
  RequestId id;
  std::string method;
  json::object params;  // empty when there were none
};

// Never answered, so that one with wrong params is one without.
struct Notification {
  std::string method;
  json::object params;
};

// An answer to a request of ours. Whatever looks like one is taken for one and never answered, or two peers could send
// each other errors about errors forever.
struct Response {
  std::optional<RequestId> id;
  json::object message;
};

struct Batch {
  json::array messages;
};

// To be answered with this error; without an id where the message had none that can be read.
struct Malformed {
  std::optional<RequestId> id;
  RpcError error;
};

using Message = std::variant<Request, Notification, Response, Batch, Malformed>;

struct MessageLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 128;      // nested arrays and objects
  std::size_t values = 250000;  // in all
};

// What is not JSON in UTF-8, nested too deep, or has a key twice in one object is a parse error.
Message parse_message(std::string_view text, const MessageLimits& limits = {});
Message decode_message(json::value value);  // of what was parsed already
Malformed too_long(const MessageLimits& limits);

json::object encode_request(const RequestId& id, std::string_view method, json::object params);
json::object encode_result(const RequestId& id, json::object result);
// Without an id: since 2025-11-25 the member is left out, as its schema asks; before, it is null, as JSON-RPC asks.
json::object encode_error(const std::optional<RequestId>& id, RpcError error, Revision revision);
json::object encode_notification(std::string_view method, json::object params);

}  // namespace fairlead::mcp
