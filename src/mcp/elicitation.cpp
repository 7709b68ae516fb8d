#include "mcp/elicitation.h"

#include "mcp/refusal.h"

namespace fairlead::mcp {

bool declares_elicitation(const json::object& capabilities) {
  const json::value* declared = capabilities.if_contains("elicitation");
  if (!declared || !declared->is_object()) return false;
  return declared->get_object().empty() || declared->get_object().contains("form");
}

json::object encode_elicitation(const RequestId& id, Elicitation question, Revision revision) {
  json::object params;
  if (revision >= Revision::v2025_11_25) params.emplace("mode", "form");
  params.emplace("message", std::move(question.message));
  params.emplace("requestedSchema", std::move(question.requested_schema));
  return encode_request(id, "elicitation/create", std::move(params));
}

ElicitResult decode_elicited(const Response& response) {
  if (const json::value* error = response.message.if_contains("error")) {
    const std::string_view message = text_at(*error, {"message"});
    return refuse(RpcErrorCode::internal_error,
                  "the client could not ask: " + (message.empty() ? "it does not say why" : quoted(message)));
  }
  const json::value* result = response.message.if_contains("result");
  if (!result || !result->is_object()) return refuse(RpcErrorCode::internal_error, "the client's answer has no result");
  Elicited out;
  const std::string_view action = text_at(*result, {"action"});
  if (action == "decline") {
    out.action = Elicited::Action::decline;
  } else if (action == "accept") {
    out.action = Elicited::Action::accept;
    const json::value* content = find(*result, "content");
    if (content && content->is_object()) out.content = content->get_object();
  } else if (action != "cancel") {
    return refuse(RpcErrorCode::internal_error, "the client's answer has no action that is known");
  }
  return out;
}

}  // namespace fairlead::mcp
