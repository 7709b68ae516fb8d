// What a session offers beside tools: prompts and resources.
#include <algorithm>
#include <array>

#include "mcp/refusal.h"
#include "mcp/session.h"

namespace fairlead::mcp {
namespace {

constexpr std::size_t kLongestUri = 4096;

// All are shown at once, so that no cursor was ever given.
std::optional<RpcError> refuse_cursor(const json::object& params) {
  const json::value* cursor = params.if_contains("cursor");
  if (!cursor) return std::nullopt;
  return invalid_params(cursor->is_string() ? "\"cursor\" is not one that was given here; leave it out"
                                            : "\"cursor\" must be a string")
      .value();
}

}  // namespace

bool ServerSession::offers(std::string_view method) const {
  constexpr std::array always{"initialize", "ping", "tools/list", "tools/call"};
  constexpr std::array of_prompts{"prompts/list", "prompts/get"};
  constexpr std::array of_resources{"resources/list", "resources/templates/list", "resources/read"};
  const auto among = [&](const auto& methods) {
    return std::find(methods.begin(), methods.end(), method) != methods.end();
  };
  return among(always) || (prompts_ && among(of_prompts)) || (resources_ && among(of_resources));
}

json::object ServerSession::capabilities() const {
  json::object out;
  out.emplace("tools", json::object());
  if (prompts_) out.emplace("prompts", json::object());
  if (resources_) out.emplace("resources", json::object());
  return out;
}

ServerSession::Answer ServerSession::list_prompts(const json::object& params) const {
  if (auto refused = refuse_cursor(params)) return tl::unexpected<RpcError>(std::move(*refused));
  json::array prompts;
  for (const Prompt& prompt : prompts_->all()) prompts.push_back(to_json(prompt, revision_));
  json::object result;
  result.emplace("prompts", std::move(prompts));
  return result;
}

ServerSession::Answer ServerSession::get_prompt(const json::object& params) const {
  const json::value* name = params.if_contains("name");
  if (!name || !name->is_string()) return invalid_params("\"name\" must be a string");
  const Prompt* prompt = prompts_->find(name->get_string());
  if (!prompt) return invalid_params("there is no prompt " + quoted(name->get_string()));
  auto text = fill_in(*prompt, params.if_contains("arguments"));
  if (!text) return invalid_params(std::move(text.error()));
  json::object content{{"type", "text"}, {"text", *text}};
  json::object result;
  if (!prompt->description.empty()) result.emplace("description", prompt->description);
  result.emplace("messages", json::array{json::object{{"role", "user"}, {"content", std::move(content)}}});
  return result;
}

ServerSession::Answer ServerSession::list_resources(const json::object& params, bool templates) const {
  if (auto refused = refuse_cursor(params)) return tl::unexpected<RpcError>(std::move(*refused));
  json::array all;
  for (const Resource& resource : templates ? resources_->templates : resources_->resources)
    all.push_back(to_json(resource, templates ? "uriTemplate" : "uri", revision_));
  json::object result;
  result.emplace(templates ? "resourceTemplates" : "resources", std::move(all));
  return result;
}

ServerSession::Answer ServerSession::read_resource(Request& request, BatchKey batch, Actions& out) {
  const json::value* uri = request.params.if_contains("uri");
  if (!uri || !uri->is_string()) return invalid_params("\"uri\" must be a string");
  if (uri->get_string().size() > kLongestUri) return invalid_params("\"uri\" is too long");
  StartRead start;
  start.uri = uri->get_string();
  const auto key = begin_call(request, batch, nullptr, start.uri);
  if (!key) return tl::unexpected<RpcError>(key.error());
  start.key = *key;
  start.wants_progress = calls_.at(*key).token.has_value();
  out.push_back(std::move(start));
  return std::nullopt;
}

Actions ServerSession::finish_read(CallKey key, ReadResult result) {
  Actions out;
  const auto call = end_call(key, out);
  if (!call) return out;
  if (result) {
    respond(encode_result(call->id, to_json(call->uri, *result)), call->batch, out);
  } else {
    RpcError error = std::move(result.error());
    if (error.code == RpcErrorCode::resource_not_found && error.data.is_null())
      error.data = json::object{{"uri", call->uri}};
    respond(encode_error(call->id, std::move(error), revision_), call->batch, out);
  }
  close_one(call->batch, out);
  return out;
}

}  // namespace fairlead::mcp
