#include "sandbox/api.h"

#include "base/text.h"
#include "sandbox/api_send.h"
#include "sandbox/api_watchers.h"
#include "sandbox/discovery.h"
#include "sandbox/write_options.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t largest_body = 3 << 20;

Answer plain(int status, std::string body) { return Answer{status, "text/plain; charset=utf-8", std::move(body), {}}; }

// Equal in a time that does not tell where they differ.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return difference == 0;
}

bool open_to_all(std::string_view path) {
  return path == "/healthz" || path == "/livez" || path == "/readyz" || path == "/version" || path == "/version/";
}

bool is_list_path(const Call& call) { return call.path.name.empty(); }

ApiResult<void> check_query(const Call& call) {
  const Query& query = call.target.query;
  if (call.method != "GET") {
    std::vector<Cause> problems = option_problems(query, call.method == "PATCH" ? media_type(call.content_type) : "");
    std::string_view kind = call.method == "POST" ? "CreateOptions" : call.method == "PATCH" ? "PatchOptions" : "UpdateOptions";
    if (call.method == "DELETE") kind = "DeleteOptions";
    if (!problems.empty()) return refuse(invalid("meta.k8s.io", kind, "", std::move(problems)));
  }
  std::string_view include = query.get("includeObject");
  if (!include.empty() && include != "None" && include != "Metadata" && include != "Object") {
    return refuse(bad_request("Unable to convert to Table as requested: includeObject: Invalid value: " + compact(json::value(json::string(include))) +
                              ": must be 'Metadata', 'Object', 'None', or empty"));
  }
  return {};
}

}  // namespace

std::vector<net::HttpHeader> common_headers(std::string_view content_type) {
  return {{"Audit-Id", "00000000-0000-4000-8000-000000000000"}, {"Cache-Control", "no-cache, private"}, {"Content-Type", std::string(content_type)}};
}

Answer error_answer(const StatusError& error, Format format) {
  Answer out;
  out.status = error.code;
  Format shown = format == Format::protobuf ? Format::protobuf : Format::json;
  out.content_type = content_type(Representation{shown});
  out.body = present_value(error.body(), shown, Schema::builtin().message("Status"));
  if (auto seconds = error.details.find("retryAfterSeconds"); seconds != error.details.end()) {
    out.headers.push_back({"Retry-After", compact(seconds->value())});
  }
  return out;
}

net::awaitable<void> send_answer(net::ResponseWriter* writer, Answer answer) {
  std::vector<net::HttpHeader> headers = common_headers(answer.content_type);
  for (auto& header : answer.headers) headers.push_back(std::move(header));
  co_await writer->send(answer.status, std::move(headers), std::move(answer.body));
}

net::awaitable<void> send_error(net::ResponseWriter* writer, StatusError error, Format format) {
  co_await send_answer(writer, error_answer(error, format));
}

Api::Api(Objects& objects, ApiOptions options)
    : objects_(objects), options_(std::move(options)), watchers_(std::make_shared<Watchers>()) {
  std::weak_ptr<Watchers> watchers = watchers_;
  objects_.store().observe([watchers](const Change&) {
    if (auto all = watchers.lock()) {
      for (net::Event* event : all->events) event->set();
    }
  });
}

Api::~Api() = default;

bool Api::authenticated(const net::ServerRequest& request) const {
  if (!options_.verify_clients || !request.peer.common_name.empty()) return true;
  std::string_view header = request.http.header("Authorization");
  std::size_t space = header.find(' ');
  if (options_.token.empty() || space == header.npos || !equal_ignoring_case(header.substr(0, space), "bearer")) return false;
  return same_secret(trim(header.substr(space + 1)), options_.token);
}

std::optional<Answer> Api::answer_meta(const net::ServerRequest& request, const Target& target) const {
  std::string_view path = target.path;
  bool reads = request.http.method == "GET" || request.http.method == "HEAD";
  if (path == "/healthz" || path == "/livez" || path == "/readyz" || path.starts_with("/livez/") || path.starts_with("/readyz/")) return plain(200, "ok");
  if (auto found = discover(path, request.http.header("Accept"), objects_.resources(), options_.server_address)) {
    if (!reads) return error_answer(method_not_allowed(), Format::json);
    return Answer{200, std::move(found->content_type), std::move(found->body), {}};
  }
  if (path == "/") {
    json::array paths{"/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/apis/events.k8s.io", "/apis/events.k8s.io/v1",
                      "/healthz", "/livez", "/readyz", "/version"};
    return Answer{200, "application/json", compact(json::object{{"paths", paths}}) + "\n", {}};
  }
  return std::nullopt;
}

net::awaitable<void> Api::handle(net::ServerRequest request, net::ResponseWriter& writer) {
  auto target = parse_target(request.http.target);
  if (!target) {
    co_await send_answer(&writer, plain(400, "400 Bad Request\n"));
    co_return;
  }
  if (!open_to_all(target->path) && !authenticated(request)) {
    co_await send_answer(&writer, error_answer(unauthorized(), Format::json));
    co_return;
  }
  if (auto meta = answer_meta(request, *target)) {
    co_await send_answer(&writer, std::move(*meta));
    co_return;
  }
  Call call;
  auto path = parse_resource_path(target->path, objects_.resources());
  if (!path) {
    Answer answer = path.error().code == 0 ? plain(404, "404 page not found\n") : error_answer(path.error(), Format::json);
    co_await send_answer(&writer, std::move(answer));
    co_return;
  }
  call.method = request.http.method == "HEAD" ? "GET" : request.http.method;
  call.target = std::move(*target);
  call.path = std::move(*path);
  bool is_log = call.path.subresource == "log";
  auto representation = negotiate(request.http.header("Accept"), true);
  if (!representation && !is_log) {
    co_await send_answer(&writer, error_answer(not_acceptable(names_served_type(request.http.header("Accept"))), Format::json));
    co_return;
  }
  call.presentation.view = call.path.resource;
  call.presentation.representation = representation.value_or(Representation{});
  call.presentation.now = objects_.now();
  Format format = call.presentation.representation.format;
  if (std::string_view include = call.target.query.get("includeObject"); !include.empty()) call.presentation.include_object = include;
  call.content_type = request.http.header("Content-Type");
  call.user_agent = request.http.header("User-Agent");
  call.dry_run = call.target.query.get("dryRun") == "All";
  call.body = request.http.body;
  if (call.body.size() > largest_body) {
    co_await send_answer(&writer, error_answer(too_large(largest_body), format));
    co_return;
  }
  if (auto checked = check_query(call); !checked) {
    co_await send_answer(&writer, error_answer(checked.error(), format));
    co_return;
  }
  if (call.method == "GET" && (is_list_path(call) || is_log)) {
    if (is_log) {
      co_await log(std::move(call), &writer);
    } else if (call.target.query.flag("watch")) {
      co_await watch(std::move(call), &writer);
    } else {
      co_await list(std::move(call), &writer);
    }
    co_return;
  }
  bool whole = !call.path.resource->namespaced || !call.path.namespace_name.empty();
  if (call.method == "DELETE" && is_list_path(call) && whole && call.path.resource->has_verb("deletecollection")) {
    co_await remove_collection(std::move(call), &writer);
    co_return;
  }
  ApiResult<Answer> result = dispatch(call);
  Answer answer = result ? std::move(*result) : error_answer(result.error(), format);
  for (const std::string& warning : call.warnings) answer.headers.push_back({"Warning", "299 - " + compact(json::value(json::string(warning)))});
  co_await send_answer(&writer, std::move(answer));
}

ApiResult<Answer> Api::dispatch(const Call& call) {
  const ResourcePath& path = call.path;
  if (path.name.empty()) {
    if (call.method == "POST" && (!path.resource->namespaced || !path.namespace_name.empty())) return create(call);
    return refuse(method_not_allowed());
  }
  if (path.subresource == "eviction") {
    if (call.method == "POST") return evict(call);
    return refuse(method_not_allowed());
  }
  bool changes = call.method == "PUT" || call.method == "PATCH";
  if (path.subresource == "log" || (path.subresource == "status" && call.method == "DELETE")) return refuse(method_not_allowed());
  if (path.subresource == "scale") {
    if (call.method == "GET" || changes) return scale(call);
    return refuse(method_not_allowed());
  }
  if (call.method == "GET") return get(call);
  if (call.method == "PUT") return update(call);
  if (call.method == "PATCH") return patch(call);
  if (call.method == "DELETE") return remove(call);
  return refuse(method_not_allowed());
}

Answer Api::answer_object(const Call& call, int status, const Object& object) const {
  Answer out;
  out.status = status;
  out.content_type = content_type(call.presentation.representation);
  out.body = present_object(objects_, call.presentation, object);
  return out;
}

Answer Api::answer_value(const Call& call, int status, const json::object& value, std::string_view message) const {
  Answer out;
  out.status = status;
  out.content_type = content_type(call.presentation.representation);
  out.body = present_value(value, call.presentation.representation.format, Schema::builtin().message(message));
  return out;
}

ApiResult<ObjectPtr> Api::existing(const Call& call) const {
  const Resource& resource = *call.path.resource;
  ObjectPtr object = objects_.store().find(resource, call.path.namespace_name, call.path.name);
  if (!object) return refuse(not_found(resource.group, resource.plural, call.path.name));
  return object;
}

}  // namespace fairlead::sandbox
