// Asking the person behind the client while a call runs. Specification: client/elicitation, form mode.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/json.h"
#include "mcp/jsonrpc.h"

namespace fairlead::mcp {

struct Elicitation {
  std::string message;            // for the person
  json::object requested_schema;  // a flat object of texts, numbers, flags and choices
};

// What the person did. The content is as the client sent it: nobody has held it against the schema.
struct Elicited {
  enum class Action { accept, decline, cancel /* dismissed without a decision */ };
  Action action = Action::cancel;
  json::object content;  // of `accept`
};

// Or the error that the client answered, or internal_error for an answer that is none.
using ElicitResult = tl::expected<Elicited, RpcError>;

// Whether the capabilities that a client declared let it be asked: a member `elicitation` that has `form` or nothing.
bool declares_elicitation(const json::object& capabilities);

json::object encode_elicitation(const RequestId& id, Elicitation question, Revision revision);
ElicitResult decode_elicited(const Response& response);

}  // namespace fairlead::mcp
