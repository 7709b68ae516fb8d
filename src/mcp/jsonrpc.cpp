#include "mcp/jsonrpc.h"

namespace fairlead::mcp {
namespace {

Malformed malformed(std::optional<RequestId> id, RpcErrorCode code, std::string message) {
  return Malformed{std::move(id), RpcError{code, std::move(message), nullptr}};
}

Malformed invalid(std::optional<RequestId> id, std::string message) {
  return malformed(std::move(id), RpcErrorCode::invalid_request, "Invalid request: " + std::move(message));
}

Message decode_object(json::object object) {
  const json::value* method = object.if_contains("method");
  const bool answers = object.contains("result") || object.contains("error");
  const json::value* id_value = object.if_contains("id");
  std::optional<RequestId> id;
  if (id_value) id = RequestId::from_json(*id_value);

  if (!method && answers) return Response{std::move(id), std::move(object)};
  if (id_value && !id)
    return invalid(
        {}, "\"id\" must be a string of at most " + std::to_string(RequestId::max_bytes) + " bytes or an integer");
  const json::value* version = object.if_contains("jsonrpc");
  if (!version || !version->is_string() || version->get_string() != "2.0")
    return invalid(std::move(id), "\"jsonrpc\" must be \"2.0\"");
  if (!method) return invalid(std::move(id), "\"method\" is missing");
  if (!method->is_string()) return invalid(std::move(id), "\"method\" must be a string");
  if (answers) return invalid(std::move(id), "a message with a \"method\" has no \"result\" and no \"error\"");

  std::string name(method->get_string());
  json::value* params = object.if_contains("params");
  json::object* members = params ? params->if_object() : nullptr;
  if (!id) return Notification{std::move(name), members ? std::move(*members) : json::object()};
  if (params && params->is_array())
    return malformed(std::move(id), RpcErrorCode::invalid_params, "Invalid params: \"params\" must be an object");
  if (params && !members) return invalid(std::move(id), "\"params\" must be an object");
  return Request{std::move(*id), std::move(name), members ? std::move(*members) : json::object()};
}

}  // namespace

std::optional<RequestId> RequestId::from_json(const json::value& value) {
  if (const auto* number = value.if_int64()) return RequestId(*number);
  if (const auto* number = value.if_uint64()) return RequestId(*number);
  if (const auto* text = value.if_string(); text && text->size() <= max_bytes) return RequestId(std::string(*text));
  return std::nullopt;
}

json::value RequestId::to_json() const {
  return std::visit([](const auto& held) { return json::value(held); }, value_);
}

Message decode_message(json::value value) {
  if (auto* messages = value.if_array()) return Batch{std::move(*messages)};
  if (auto* object = value.if_object()) return decode_object(std::move(*object));
  return invalid({}, "a message must be a JSON object");
}

Malformed too_long(const MessageLimits& limits) {
  return invalid({}, "the message is longer than " + std::to_string(limits.bytes) + " bytes");
}

Message parse_message(std::string_view text, const MessageLimits& limits) {
  if (text.size() > limits.bytes) return too_long(limits);
  JsonLimits json_limits;
  json_limits.bytes = limits.bytes;
  json_limits.depth = limits.depth;
  json_limits.nodes = limits.values;
  json_limits.duplicate_keys = false;
  Result<json::value> value = parse_json(text, "parse the message", json_limits);
  if (!value) return malformed({}, RpcErrorCode::parse_error, "Parse error: " + value.error().cause);
  return decode_message(std::move(*value));
}

json::object encode_request(const RequestId& id, std::string_view method, json::object params) {
  json::object out;
  out.emplace("jsonrpc", "2.0");
  out.emplace("id", id.to_json());
  out.emplace("method", method);
  if (!params.empty()) out.emplace("params", std::move(params));
  return out;
}

json::object encode_result(const RequestId& id, json::object result) {
  json::object out;
  out.emplace("jsonrpc", "2.0");
  out.emplace("id", id.to_json());
  out.emplace("result", std::move(result));
  return out;
}

json::object encode_error(const std::optional<RequestId>& id, RpcError error, Revision revision) {
  json::object details;
  details.emplace("code", static_cast<int>(error.code));
  details.emplace("message", error.message);
  if (!error.data.is_null()) details.emplace("data", std::move(error.data));
  json::object out;
  out.emplace("jsonrpc", "2.0");
  if (id)
    out.emplace("id", id->to_json());
  else if (revision < Revision::v2025_11_25)
    out.emplace("id", nullptr);
  out.emplace("error", std::move(details));
  return out;
}

json::object encode_notification(std::string_view method, json::object params) {
  json::object out;
  out.emplace("jsonrpc", "2.0");
  out.emplace("method", method);
  if (!params.empty()) out.emplace("params", std::move(params));
  return out;
}

}  // namespace fairlead::mcp
