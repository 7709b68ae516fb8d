#include "rest/api.h"

#include <algorithm>

#include "base/text.h"
#include "identity/base64url.h"
#include "net/address.h"
#include "net/websocket.h"
#include "rest/bodies.h"
#include "rest/openapi.h"
#include "rest/stream_watch.h"

namespace fairlead::rest {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::string_view kNoRoute = "none";

const Route* find_route(const std::vector<std::string>& path, std::string_view method,
                        std::vector<std::string>& arguments, std::string& allowed) {
  for (const auto& route : Api::routes()) {
    std::vector<std::string> found;
    if (!matches(route.pattern, path, found)) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      arguments = std::move(found);
      return &route;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return nullptr;
}

Response not_let_in(const Error& error) {
  Response out = problem_with_status(401, error);
  out.headers.push_back({"WWW-Authenticate", "Bearer realm=\"fairlead\""});
  return out;
}

Response too_many() {
  Response out = problem({ErrorCode::rate_limited,
                          "authenticate",
                          "too many wrong tokens came from this address",
                          "Wait a second",
                          nullptr,
                          {}});
  out.headers.push_back({"Retry-After", "1"});
  return out;
}

Response ending() {
  Response out = problem_with_status(
      503, {ErrorCode::unreachable, "answer", "this server is about to end", "Ask again in a moment", nullptr, {}});
  out.headers.push_back({"Retry-After", "1"});
  return out;
}

Response not_there(const Request& request, const std::string& allowed) {
  if (allowed.empty())
    return problem({ErrorCode::not_found,
                    "find the path",
                    "there is nothing at it",
                    "GET /api/v1/openapi.json tells what there is",
                    nullptr,
                    {}});
  Response out = problem_with_status(405, {ErrorCode::invalid_request,
                                           request.method,
                                           "this method is not for this path",
                                           "It takes " + allowed,
                                           nullptr,
                                           {}});
  out.headers.push_back({"Allow", allowed});
  return out;
}

// Browsers let a page set no other header of a WebSocket. Nothing for what is no base64url, too: no token is good then.
std::optional<std::string> protocol_token(const net::HttpRequest& http) {
  constexpr std::string_view prefix = "base64url.bearer.authorization.fairlead.";
  if (!net::wants_websocket(http)) return std::nullopt;
  for (const auto& protocol : net::websocket_protocols(http))
    if (protocol.starts_with(prefix)) return identity::base64url_decode(protocol.substr(prefix.size()));
  return std::nullopt;
}

// Those that are no documents, no certificates, no credentials and no reasons.
std::vector<std::string_view> one_line_texts(const Route& route) {
  std::vector<std::string_view> out;
  if (!route.body) return out;
  for (const auto& parameter : *route.body)
    if (!parameter.secret && parameter.type != ops::ParameterType::document && parameter.name != "reason" &&
        parameter.name != "certificate_authority" && parameter.name != "service_annotations")
      out.push_back(parameter.name);
  return out;
}

Result<Secret> bearer_token(const net::HttpRequest& http) {
  const auto refuse = [](std::string cause) {
    return fail(ErrorCode::authentication_failed, "authenticate", std::move(cause),
                "Send one as a bearer token; 'fairlead tokens create' makes it");
  };
  constexpr std::string_view scheme = "Bearer ";
  std::optional<std::string_view> given;
  for (const auto& header : http.headers) {
    if (!equal_ignoring_case(header.name, "Authorization")) continue;
    if (given) return refuse("there are two Authorization headers");
    given = header.value;
  }
  if (const auto by_protocol = protocol_token(http)) {
    if (given) return refuse("there is a token in Authorization and another one among the subprotocols");
    return Secret(*by_protocol);
  }
  if (!given) return refuse("there is no token");
  if (given->size() <= scheme.size() || !equal_ignoring_case(given->substr(0, scheme.size()), scheme))
    return refuse("the Authorization header holds no bearer token");
  return Secret(std::string(given->substr(scheme.size())));
}

}  // namespace

struct Api::Passed {
  std::string_view route = kNoRoute;  // its pattern
  bool streamed = false;
};

bool matches(std::string_view pattern, const std::vector<std::string>& path, std::vector<std::string>& arguments) {
  std::size_t at = 0;
  for (const auto segment : split(pattern.substr(1), '/')) {
    if (at == path.size()) return false;
    if (segment.starts_with('{'))
      arguments.push_back(path[at]);
    else if (segment != path[at])
      return false;
    ++at;
  }
  return at == path.size();
}

// Whatever it refuses it has put into the audit log itself.
bool Api::is_recorded_by_gate(const Route& route) {
  return route.handle == &Api::call_operation || route.handle == &Api::approve_change ||
         route.handle == &Api::reject_change || route.handle == &Api::roll_back_change ||
         route.handle == &Api::close_change;
}

Api::Api(Parts parts) : parts_(std::move(parts)), metrics_(parts_.clock) {}

const std::vector<Route>& Api::routes() {
  static const std::vector<Route> all{
      {"GET", "/healthz", Door::open, "Whether this process is alive", &Api::health},
      {"GET", "/readyz", Door::open,
       "Whether it can serve: its database is there, and it has the key of what is encrypted in it", &Api::readiness},
      {"GET", "/metrics", Door::anybody, "Counters in Prometheus' text format", &Api::show_metrics},
      {"GET", "/api/v1/openapi.json", Door::open, "This API as an OpenAPI 3.1 document", &Api::show_openapi},
      {"GET", "/api/v1/whoami", Door::anybody, "As whom the token calls, and with which roles", &Api::who_am_i},
      {"GET", "/api/v1/operations", Door::anybody, "Every operation", &Api::list_operations},
      {"GET", "/api/v1/operations/{name}", Door::anybody, "One operation, its parameters as JSON Schema",
       &Api::show_operation},
      {"POST",
       "/api/v1/operations/{name}",
       Door::anybody,
       "Call an operation; with 'Accept: text/event-stream' its steps are told as they come",
       &Api::call_operation,
       {},
       &call_body()},
      {"GET",
       "/api/v1/clusters",
       Door::anybody,
       "Registered clusters that the caller's roles are for",
       &Api::list_clusters,
       {"after", "limit"}},
      {"POST",
       "/api/v1/clusters",
       Door::admin,
       "Register a cluster",
       &Api::add_cluster,
       {},
       &fleet::cluster_parameters()},
      {"GET", "/api/v1/clusters/{id}", Door::anybody, "One cluster; its ETag stands for this version of it",
       &Api::show_cluster},
      {"PATCH",
       "/api/v1/clusters/{id}",
       Door::admin,
       "Change fields of a cluster: null takes one back to its default. With If-Match only that version",
       &Api::change_cluster,
       {},
       &fleet::cluster_parameters()},
      {"DELETE", "/api/v1/clusters/{id}", Door::admin, "Forget a cluster and its credentials", &Api::remove_cluster},
      {"POST",
       "/api/v1/clusters/{id}/test",
       Door::anybody,
       "Test a cluster's connection and rights, and keep what came of it",
       &Api::test_cluster,
       {},
       &test_body()},
      {"GET",
       "/api/v1/clusters/{id}/namespaces/{namespace}/pods/{pod}/exec",
       Door::anybody,
       "Run a program in a container, its streams over a WebSocket of the subprotocol fairlead.exec.v1; command comes "
       "once for each word",
       &Api::exec_in_pod,
       {"command", "container", "stdin", "tty", "reason"}},
      {"GET",
       "/api/v1/integrations",
       Door::admin,
       "Agents that have a kubeconfig of their own, and what the latest look at it said",
       &Api::list_integrations,
       {"after", "limit"}},
      {"GET", "/api/v1/integrations/{agent}/kubernetes", Door::admin,
       "One agent's integration, without its kubeconfig; its ETag stands for this version of it",
       &Api::show_integration},
      {"PUT",
       "/api/v1/integrations/{agent}/kubernetes",
       Door::admin,
       "Give an agent a kubeconfig, or another; without one the one that is kept stays. With If-Match only that "
       "version",
       &Api::put_integration,
       {},
       &fleet::integration_parameters()},
      {"DELETE", "/api/v1/integrations/{agent}/kubernetes", Door::admin, "Forget an agent's kubeconfig",
       &Api::remove_integration},
      {"POST", "/api/v1/integrations/{agent}/kubernetes/test", Door::admin,
       "Look at the structure of an agent's kubeconfig once more; its cluster is not asked", &Api::test_integration},
      {"GET",
       "/api/v1/changes",
       Door::anybody,
       "Changes that the caller may see, the newest first",
       &Api::list_changes,
       {"state", "who", "operation", "before", "limit"}},
      {"GET", "/api/v1/changes/{id}", Door::anybody, "One change: what it touches, who approved it, what became of it",
       &Api::show_change},
      {"POST",
       "/api/v1/changes/{id}/approve",
       Door::anybody,
       "Approve a change of somebody else",
       &Api::approve_change,
       {},
       &approval_body()},
      {"POST", "/api/v1/changes/{id}/reject", Door::anybody, "Reject a change that waits", &Api::reject_change},
      {"POST",
       "/api/v1/changes/{id}/rollback",
       Door::anybody,
       "Take a change back",
       &Api::roll_back_change,
       {},
       &rollback_body()},
      {"POST",
       "/api/v1/changes/{id}/close",
       Door::anybody,
       "Give up an interrupted change whose cluster cannot be looked at",
       &Api::close_change,
       {},
       &close_body()},
      {"GET",
       "/api/v1/audit",
       Door::admin,
       "Records of the audit log, oldest first",
       &Api::list_audit,
       {"who", "operation", "outcome", "change", "since", "before", "limit"}},
      {"GET",
       "/api/v1/audit/lines",
       Door::admin,
       "All records as the lines that they are verified by, oldest first",
       &Api::list_audit_lines,
       {"after", "limit"}},
      {"GET", "/api/v1/audit/head", Door::admin, "The last record's number and hash, to be kept elsewhere",
       &Api::show_audit_head},
      {"GET", "/api/v1/policy", Door::admin, "The policy in force, with its defaults", &Api::show_policy},
      {"POST",
       "/api/v1/policy/check",
       Door::admin,
       "What the policy and somebody's roles make of a call, and which rule decides; nothing is called",
       &Api::check_policy,
       {},
       &policy_check_body()},
      {"GET", "/api/v1/tokens", Door::admin, "API tokens, revoked ones too", &Api::list_tokens, {"after", "limit"}},
      {"POST",
       "/api/v1/tokens",
       Door::admin,
       "Make an API token; its text is shown this once",
       &Api::add_token,
       {},
       &token_body()},
      {"DELETE", "/api/v1/tokens/{id}", Door::admin, "Revoke a token, by its id or its name", &Api::revoke_token},
  };
  return all;
}

awaitable<Response> Api::respond(const net::ServerRequest& received, net::ResponseWriter& writer, Passed& passed) {
  auto read = read_head(received.http);
  if (!read) co_return problem(read.error());
  Request request = std::move(*read);
  request.deadline = Deadline::after(kPatience);
  std::string allowed;
  const Route* route = find_route(request.path, request.method, request.arguments, allowed);
  if (route) passed.route = route->pattern;
  const bool is_look = route && (route->handle == &Api::health || route->handle == &Api::readiness);
  if (draining_ && !is_look) co_return ending();
  if (!route || route->door != Door::open) {
    auto token = bearer_token(received.http);
    if (!token) {
      co_await note_refusal(received, passed.route, "", ErrorCode::authentication_failed);
      co_return not_let_in(token.error());
    }
    request.token = std::move(*token);
    std::string whose;
    const std::string sender = net::address_block(received.remote);
    std::function<bool()> may_check = [this, sender] { return !throttle_.is_over(sender); };
    auto who = co_await authenticate(parts_, request.token, request.deadline, &whose, std::move(may_check));
    if (!who && who.error().code == ErrorCode::rate_limited) {
      co_await note_refusal(received, passed.route, "", ErrorCode::rate_limited);
      co_return too_many();
    }
    if (!who && who.error().code != ErrorCode::authentication_failed) co_return problem(who.error());
    if (!who) {
      const bool is_over = throttle_.is_over(sender);
      if (!is_over) throttle_.count(sender);
      co_await note_refusal(received, passed.route, std::move(whose), ErrorCode::authentication_failed);
      if (is_over) co_return too_many();
      co_return not_let_in(who.error());
    }
    request.who = std::move(*who);
  }
  if (!route) co_return not_there(request, allowed);
  if (route->door == Door::admin && !gate::may_somewhere(*request.who.bindings, gate::Deed::administer)) {
    co_await note_refusal(received, passed.route, request.who.name, ErrorCode::policy_denied);
    Error denied{ErrorCode::policy_denied, "", "this is for admins", "Ask one", nullptr, {}};
    co_return problem(denied);
  }
  const std::vector<std::string_view> none;
  if (auto clean = check_characters(request, none); !clean) co_return problem_with_status(422, clean.error());
  for (const auto& [key, value] : request.query)
    if (std::find(route->query.begin(), route->query.end(), key) == route->query.end())
      co_return problem(unknown_key(key, "query"));
  if (!request.command.empty() && route->handle != &Api::exec_in_pod)
    co_return problem(unknown_key("command", "query"));
  if (auto body = read_body(request, received.http); !body) co_return problem(body.error());
  if (auto clean = check_characters(request, one_line_texts(*route)); !clean)
    co_return problem_with_status(422, clean.error());
  if (!route->body && !request.body.empty()) co_return problem(unknown_key(request.body.begin()->key(), "body"));
  if (request.wants_events && route->handle == &Api::call_operation) {
    passed.streamed = true;
    co_await stream_call(request, writer);
    co_return Response{};
  }
  if (route->handle == &Api::exec_in_pod && net::wants_websocket(received.http)) {
    auto refused = co_await open_session(request, received.http, writer);
    if (refused) co_return std::move(*refused);
    passed.streamed = true;
    Response switched;
    switched.status = 101;
    co_return switched;
  }
  auto answered = co_await (this->*route->handle)(request);
  if (!answered && answered.error().code == ErrorCode::policy_denied && !is_recorded_by_gate(*route))
    co_await note_refusal(received, passed.route, request.who.name, ErrorCode::policy_denied);
  if (!answered) co_return problem(answered.error(), request.change);
  co_return std::move(*answered);
}

awaitable<void> Api::serve(net::ServerRequest request, net::ResponseWriter& writer) {
  const TimePoint begun = std::chrono::steady_clock::now();
  Passed passed;
  ++running_;
  Response response = co_await respond(request, writer, passed);
  if (!passed.streamed) {
    std::vector<net::HttpHeader> headers = std::move(response.headers);
    headers.push_back({"Content-Type", response.type});
    headers.push_back({"Cache-Control", "no-store"});
    headers.push_back({"X-Content-Type-Options", "nosniff"});
    auto sent = co_await writer.send(response.status, std::move(headers), std::move(response.body));
    static_cast<void>(sent);  // the client has gone
  }
  metrics_.request(passed.route == kNoRoute ? "any" : request.http.method, passed.route, response.status,
                   std::chrono::steady_clock::now() - begun);
  --running_;
}

awaitable<void> Api::drain(Duration patience) {
  draining_ = true;
  for (auto* stream : streams_) stream->wake();
  const Deadline until = Deadline::after(patience);
  while (running_ > 0 && !until.passed()) {
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20));
    if (!slept) break;
  }
  for (auto& record : refusals_.take(parts_.clock.unix_milliseconds(), true))
    parts_.audit.append(std::move(record), [](const Error&) {});
}

}  // namespace fairlead::rest
