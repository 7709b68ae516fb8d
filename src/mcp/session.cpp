#include "mcp/session.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "mcp/refusal.h"

namespace fairlead::mcp {
namespace {

// params._meta.progressToken
tl::expected<std::optional<ProgressToken>, RpcError> progress_token(const json::object& params) {
  const json::value* meta = params.if_contains("_meta");
  if (!meta) return std::nullopt;
  if (!meta->is_object()) return invalid_params("\"_meta\" must be an object");
  const json::value* token = meta->get_object().if_contains("progressToken");
  if (!token) return std::nullopt;
  std::optional<ProgressToken> read = ProgressToken::from_json(*token);
  if (!read) return invalid_params("\"progressToken\" must be a short string or an integer");
  return read;
}

tl::expected<Implementation, RpcError> read_client_info(const json::object& params) {
  const json::value* info = params.if_contains("clientInfo");
  if (!info || !info->is_object()) return invalid_params("\"clientInfo\" must be an object");
  const json::value* name = find(*info, "name");
  const json::value* version = find(*info, "version");
  if (!name || !name->is_string()) return invalid_params("\"clientInfo.name\" must be a string");
  if (!version || !version->is_string()) return invalid_params("\"clientInfo.version\" must be a string");
  Implementation client;
  client.name = name->get_string();
  client.title = text_at(*info, {"title"});
  client.version = version->get_string();
  client.description = text_at(*info, {"description"});
  client.website_url = text_at(*info, {"websiteUrl"});
  return client;
}

SendMessage message_of(const json::value& value) { return SendMessage{compact(value)}; }

}  // namespace

ServerSession::ServerSession(const SessionOptions& options, const ToolSet& tools, const PromptSet* prompts,
                             const ResourceSet* resources)
    : options_(options), tools_(tools), prompts_(prompts), resources_(resources) {}

Actions ServerSession::on_message(std::string_view text) {
  Actions out;
  if (!trim(text).empty()) on(parse_message(text, options_.limits), no_batch, out);
  return out;
}

Actions ServerSession::on_oversized_message() {
  Actions out;
  on(too_long(options_.limits), no_batch, out);
  return out;
}

void ServerSession::on(Message message, BatchKey batch, Actions& out) {
  if (auto* request = std::get_if<Request>(&message)) {
    on_request(std::move(*request), batch, out);
  } else if (auto* notification = std::get_if<Notification>(&message)) {
    on_notification(*notification, out);
  } else if (auto* messages = std::get_if<Batch>(&message)) {
    on_batch(std::move(messages->messages), out);
  } else if (auto* bad = std::get_if<Malformed>(&message)) {
    respond(encode_error(bad->id, std::move(bad->error), revision_), batch, out);
  } else if (auto* response = std::get_if<Response>(&message)) {
    on_response(*response, out);
  }
}

void ServerSession::on_request(Request request, BatchKey batch, Actions& out) {
  const RequestId id = request.id;
  Answer result = find_running(id) ? Answer(refuse(RpcErrorCode::invalid_request,
                                                   "Invalid request: a request with this \"id\" is still running"))
                                   : answer(request, batch, out);
  if (!result)
    respond(encode_error(id, std::move(result.error()), revision_), batch, out);
  else if (*result)
    respond(encode_result(id, std::move(**result)), batch, out);
}

ServerSession::Answer ServerSession::answer(Request& request, BatchKey batch, Actions& out) {
  if (!offers(request.method))
    return refuse(RpcErrorCode::method_not_found, "Method not found: " + quoted(request.method));
  if (request.method == "initialize") {
    // A batch is only read after initialize, so it never holds the first one.
    if (initialized())
      return refuse(RpcErrorCode::invalid_request, "Invalid request: the session is initialized already");
    return initialize(request.params);
  }
  if (request.method == "ping") return json::object();
  if (!initialized())
    return refuse(RpcErrorCode::invalid_request,
                  "Invalid request: send \"initialize\" before " + quoted(request.method));
  if (request.method == "tools/list") return list_tools(request.params);
  if (request.method == "prompts/list") return list_prompts(request.params);
  if (request.method == "prompts/get") return get_prompt(request.params);
  if (request.method == "resources/list") return list_resources(request.params, false);
  if (request.method == "resources/templates/list") return list_resources(request.params, true);
  if (request.method == "resources/read") return read_resource(request, batch, out);
  return call_tool(request, batch, out);
}

void ServerSession::on_notification(const Notification& notification, Actions& out) {
  // notifications/initialized changes nothing: requests are sent while calls run, which come after it.
  if (notification.method == "notifications/cancelled") on_cancelled(notification.params, out);
}

// ---- lifecycle

ServerSession::Answer ServerSession::initialize(const json::object& params) {
  const json::value* requested = params.if_contains("protocolVersion");
  if (!requested || !requested->is_string()) return invalid_params("\"protocolVersion\" must be a string");
  const json::value* capabilities = params.if_contains("capabilities");
  if (!capabilities || !capabilities->is_object()) return invalid_params("\"capabilities\" must be an object");
  tl::expected<Implementation, RpcError> client = read_client_info(params);
  if (!client) return tl::unexpected<RpcError>(std::move(client.error()));
  client_ = std::move(*client);
  revision_ = negotiate(requested->get_string());
  can_elicit_ = revision_ >= Revision::v2025_06_18 && declares_elicitation(capabilities->get_object());

  json::object result;
  result.emplace("protocolVersion", to_string(revision_));
  result.emplace("capabilities", this->capabilities());
  result.emplace("serverInfo", to_json(options_.server_info, revision_));
  if (!options_.instructions.empty()) result.emplace("instructions", options_.instructions);
  return result;
}

// ---- tools

// The cursor is the name of the last tool that was shown, in base64: it stays valid while that tool is offered.
ServerSession::Answer ServerSession::list_tools(const json::object& params) const {
  const std::vector<Tool>& all = tools_.all();
  std::size_t first = 0;
  if (const json::value* cursor = params.if_contains("cursor")) {
    if (!cursor->is_string()) return invalid_params("\"cursor\" must be a string");
    const Result<std::string> name = base64_decode(cursor->get_string());
    const Tool* last = name ? tools_.find(*name) : nullptr;
    if (!last) return invalid_params("\"cursor\" is not one that tools/list gave; leave it out to start again");
    first = static_cast<std::size_t>(last - all.data()) + 1;
  }
  const std::size_t end = std::min(all.size(), first + std::max<std::size_t>(options_.page_size, 1));
  json::array tools;
  tools.reserve(end - first);
  for (std::size_t i = first; i < end; ++i) tools.push_back(to_json(all[i], revision_));
  json::object result;
  result.emplace("tools", std::move(tools));
  if (end < all.size()) result.emplace("nextCursor", base64_encode(all[end - 1].name));
  return result;
}

ServerSession::Answer ServerSession::call_tool(Request& request, BatchKey batch, Actions& out) {
  const json::value* name = request.params.if_contains("name");
  if (!name || !name->is_string()) return invalid_params("\"name\" must be a string");
  json::value* arguments = request.params.if_contains("arguments");
  if (arguments && !arguments->is_object()) return invalid_params("\"arguments\" must be an object");
  const Tool* tool = tools_.find(name->get_string());
  if (!tool) return unknown_tool(name->get_string());
  const auto key = begin_call(request, batch, tool, "");
  if (!key) return tl::unexpected<RpcError>(key.error());
  StartCall start;
  start.key = *key;
  start.tool = tool;
  if (arguments) start.arguments = std::move(arguments->get_object());
  start.wants_progress = calls_.at(*key).token.has_value();
  out.push_back(std::move(start));
  return std::nullopt;
}

tl::expected<CallKey, RpcError> ServerSession::begin_call(Request& request, BatchKey batch, const Tool* tool,
                                                          std::string uri) {
  tl::expected<std::optional<ProgressToken>, RpcError> token = progress_token(request.params);
  if (!token) return tl::unexpected<RpcError>(std::move(token.error()));
  if (calls_.size() >= options_.max_running_calls) {
    json::object data;
    data.emplace("limit", options_.max_running_calls);
    return refuse(
        RpcErrorCode::server_busy,
        std::to_string(options_.max_running_calls) + " calls are running, which is the limit; wait for one to end",
        std::move(data));
  }
  const CallKey key = ++last_key_;
  calls_.emplace(
      key, RunningCall{request.id, tool, std::move(uri), std::move(*token), batch, false, std::nullopt, TimePoint()});
  if (batch != no_batch) ++batches_.at(batch).unanswered;
  return key;
}

tl::unexpected<RpcError> ServerSession::unknown_tool(std::string_view name) const {
  std::string message = "Unknown tool: " + quoted(name);
  const std::vector<std::string> similar = tools_.similar_names(name.substr(0, 128));
  for (std::size_t i = 0; i < similar.size(); ++i) message += (i == 0 ? "; did you mean " : " or ") + similar[i];
  if (!similar.empty()) message += '?';
  return refuse(RpcErrorCode::invalid_params, std::move(message));
}

std::optional<ServerSession::RunningCall> ServerSession::end_call(CallKey key, Actions& out) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return std::nullopt;
  withdraw(found->second, out);
  RunningCall call = std::move(found->second);
  calls_.erase(found);
  if (call.cancelled) return std::nullopt;
  return call;
}

Actions ServerSession::finish_call(CallKey key, ToolResult result) {
  Actions out;
  const auto call = end_call(key, out);
  if (!call) return out;
  if (call->tool->output_schema && !result.is_error && !result.structured_content) {
    RpcError error{RpcErrorCode::internal_error, "Internal error: the tool left out the structured content it declares",
                   nullptr};
    respond(encode_error(call->id, std::move(error), revision_), call->batch, out);
  } else {
    respond(encode_result(call->id, to_json(std::move(result), revision_)), call->batch, out);
  }
  close_one(call->batch, out);
  return out;
}

// ---- utilities

void ServerSession::on_cancelled(const json::object& params, Actions& out) {
  const json::value* value = params.if_contains("requestId");
  const std::optional<RequestId> id = value ? RequestId::from_json(*value) : std::nullopt;
  if (!id) return;
  CancelCall cancel;
  RunningCall* call = find_running(*id, &cancel.key);
  if (!call) return;  // unknown, ended already, or initialize, which cannot be cancelled
  call->cancelled = true;
  withdraw(*call, out);
  if (const json::value* reason = params.if_contains("reason"); reason && reason->is_string())
    cancel.reason = reason->get_string();
  out.push_back(std::move(cancel));
  close_one(call->batch, out);
}

Actions ServerSession::report_progress(CallKey key, double progress, std::optional<double> total,
                                       std::string_view message, TimePoint now) {
  const auto found = calls_.find(key);
  if (found == calls_.end() || !found->second.token || found->second.cancelled) return {};
  RunningCall& call = found->second;
  if (!std::isfinite(progress) || (call.progress && progress <= *call.progress)) return {};
  if (call.progress && now - call.progress_at < options_.progress_interval) return {};
  call.progress = progress;
  call.progress_at = now;

  json::object params;
  params.emplace("progressToken", call.token->to_json());
  params.emplace("progress", progress);
  if (total && std::isfinite(*total)) params.emplace("total", *total);
  if (!message.empty() && revision_ >= Revision::v2025_03_26) params.emplace("message", message);
  Actions out;
  out.push_back(message_of(encode_notification("notifications/progress", std::move(params))));
  return out;
}

ServerSession::RunningCall* ServerSession::find_running(const RequestId& id, CallKey* key) {
  for (auto& [call_key, call] : calls_) {
    if (call.cancelled || !(call.id == id)) continue;
    if (key) *key = call_key;
    return &call;
  }
  return nullptr;
}

// ---- questions to the person behind the client

Actions ServerSession::elicit(CallKey key, Elicitation question) {
  Actions out;
  const auto found = calls_.find(key);
  if (!can_elicit_ || found == calls_.end() || found->second.cancelled || found->second.question) return out;
  RequestId id(static_cast<std::int64_t>(++last_key_));
  out.push_back(message_of(encode_elicitation(id, std::move(question), revision_)));
  found->second.question = std::move(id);
  return out;
}

Actions ServerSession::withdraw(CallKey key) {
  Actions out;
  if (const auto found = calls_.find(key); found != calls_.end()) withdraw(found->second, out);
  return out;
}

void ServerSession::withdraw(RunningCall& call, Actions& out) {
  if (!call.question) return;
  json::object params;
  params.emplace("requestId", call.question->to_json());
  params.emplace("reason", "the call that asked has ended");
  out.push_back(message_of(encode_notification("notifications/cancelled", std::move(params))));
  call.question.reset();
}

void ServerSession::on_response(const Response& response, Actions& out) {
  if (!response.id) return;
  for (auto& [key, call] : calls_) {
    if (call.question != response.id) continue;
    call.question.reset();
    out.push_back(Answered{key, decode_elicited(response)});
    return;
  }
}

// ---- batches (2025-03-26, basic, Batching)

void ServerSession::on_batch(json::array messages, Actions& out) {
  const auto refuse_batch = [&](std::string why) {
    RpcError error{RpcErrorCode::invalid_request, "Invalid request: " + std::move(why), nullptr};
    respond(encode_error({}, std::move(error), revision_), no_batch, out);
  };
  if (!initialized() || revision_ != Revision::v2025_03_26)
    return refuse_batch("batches are not part of this revision of the protocol; send one message at a time");
  if (messages.empty()) return refuse_batch("the batch is empty");
  if (messages.size() > options_.max_batch)
    return refuse_batch("the batch has more than " + std::to_string(options_.max_batch) + " messages");
  const BatchKey key = ++last_key_;
  batches_[key].unanswered = 1;  // the reading of it: answers wait until all are dispatched
  for (json::value& value : messages) {
    Message message = decode_message(std::move(value));
    if (std::holds_alternative<Batch>(message)) {
      RpcError error{RpcErrorCode::invalid_request, "Invalid request: a message must be a JSON object", nullptr};
      message = Malformed{std::nullopt, std::move(error)};
    }
    on(std::move(message), key, out);
  }
  close_one(key, out);
}

void ServerSession::respond(json::object response, BatchKey batch, Actions& out) {
  if (batch == no_batch)
    out.push_back(message_of(std::move(response)));
  else
    batches_.at(batch).responses.push_back(std::move(response));
}

void ServerSession::close_one(BatchKey batch, Actions& out) {
  const auto found = batches_.find(batch);
  if (found == batches_.end() || --found->second.unanswered > 0) return;
  const json::value responses = std::move(found->second.responses);
  batches_.erase(found);
  if (!responses.get_array().empty()) out.push_back(message_of(responses));
}

}  // namespace fairlead::mcp
