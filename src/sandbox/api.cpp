#include "sandbox/api.h"

#include "base/text.h"
#include "sandbox/api_send.h"
#include "sandbox/api_warnings.h"
#include "sandbox/api_watchers.h"
#include "sandbox/containers.h"
#include "sandbox/discovery.h"
#include "sandbox/metrics.h"
#include "sandbox/names.h"
#include "sandbox/write_options.h"

namespace fairlead::sandbox {
namespace {

Answer plain(int status, std::string body) {
  return Answer{status, "text/plain; charset=utf-8", std::move(body), {{"X-Content-Type-Options", "nosniff"}}};
}

bool is_health_check(std::string_view path) {
  for (std::string_view all : {"/healthz", "/livez", "/readyz"}) {
    if (!path.starts_with(all)) continue;
    std::string_view one = path.substr(all.size());
    return one.empty() || one == "/ping" || one == "/log" || one == "/etcd" || one.starts_with("/poststarthook/");
  }
  return false;
}

// The paths that there are, which also answers for one that there is not.
Answer path_index(int status) {
  json::array paths{"/.well-known/openid-configuration",
                    "/api",
                    "/api/v1",
                    "/apis",
                    "/apis/apps",
                    "/apis/apps/v1",
                    "/apis/events.k8s.io",
                    "/apis/events.k8s.io/v1",
                    "/healthz",
                    "/livez",
                    "/openid/v1/jwks",
                    "/readyz",
                    "/version"};
  return Answer{status, "application/json", compact(json::object{{"paths", paths}}) + "\n", {}};
}

// An object has the metadata of an object, a list that of a list.
std::optional<StatusError> wrong_shape(const Call& call) {
  const Representation& how = call.presentation.representation;
  bool list = call.path.name.empty() && call.method != "POST";
  if (how.shape != Shape::partial || how.of_list == list || call.target.query.flag("watch")) return std::nullopt;
  const Resource& resource = *call.path.resource;
  std::string group =
      resource.group.empty() || resource.kind == "Event" ? "core" : resource.group.substr(0, resource.group.find('.'));
  std::string type = "*" + group + "." + resource.kind + (list ? "List" : "");
  StatusError error{406, "NotAcceptable", "", {}};
  error.bare = true;
  error.message = how.of_list
                      ? "you requested PartialObjectMetadataList, but the requested object is not a list (" + type + ")"
                      : "you requested PartialObjectMetadata, but the requested object is a list (" + type + ")";
  return error;
}

bool is_list_path(const Call& call) { return call.path.name.empty(); }

// YAML has no stream of events.
std::optional<StatusError> wrong_stream(const Call& call) {
  bool watches = call.method == "GET" && is_list_path(call) && call.target.query.flag("watch");
  if (!watches || call.presentation.representation.format != Format::yaml) return std::nullopt;
  StatusError error{406, "NotAcceptable", "", {}};
  error.bare = true;
  error.message =
      "only the following media types are accepted: application/json;stream=watch, "
      "application/vnd.kubernetes.protobuf;stream=watch";
  return error;
}

ApiResult<void> check_query(const Call& call) {
  const Query& query = call.target.query;
  if (call.method != "GET") {
    std::vector<Cause> problems = option_problems(query, call.method == "PATCH" ? media_type(call.content_type) : "");
    std::string_view kind = call.method == "POST"    ? "CreateOptions"
                            : call.method == "PATCH" ? "PatchOptions"
                                                     : "UpdateOptions";
    if (call.method == "DELETE") kind = "DeleteOptions";
    if (!problems.empty()) return refuse(invalid("meta.k8s.io", kind, "", std::move(problems)));
  }
  std::string_view include = query.get("includeObject");
  if (!include.empty() && include != "None" && include != "Metadata" && include != "Object") {
    return refuse(bad_request("Unable to convert to Table as requested: includeObject: Invalid value: " +
                              compact(json::value(json::string(include))) +
                              ": must be 'Metadata', 'Object', 'None', or empty"));
  }
  return {};
}

}  // namespace

std::vector<net::HttpHeader> common_headers(std::string_view content_type) {
  return {{"Audit-Id", "00000000-0000-4000-8000-000000000000"},
          {"Cache-Control", "no-cache, private"},
          {"Content-Type", std::string(content_type)}};
}

void add_warnings(const Call& call, std::vector<net::HttpHeader>* headers) {
  for (const std::string& warning : call.warnings)
    headers->push_back({"Warning", "299 - " + compact(json::value(json::string(warning)))});
}

Answer error_answer(const StatusError& error, Format format) {
  Answer out;
  out.status = error.code;
  out.content_type = content_type(Representation{format});
  out.body = present_value(error.body(), format, Schema::builtin().message("Status"));
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
    : objects_(objects),
      options_(std::move(options)),
      authenticator_(objects, options_.token, options_.tokens),
      authorizer_(objects),
      watchers_(std::make_shared<Watchers>()),
      containers_(options_.containers ? options_.containers : std::make_shared<Containers>(objects)),
      openapi_(objects.resources()) {
  std::weak_ptr<Watchers> watchers = watchers_;
  objects_.store().observe([watchers](const Change&) {
    if (auto all = watchers.lock()) {
      for (net::Event* event : all->events) event->set();
    }
  });
}

Api::~Api() = default;

tl::expected<User, Answer> Api::authorized_user(const net::ServerRequest& request, const Attributes& attributes) const {
  if (!options_.verify_clients)
    return User{"sandbox-admin", {}, {std::string(masters_group), std::string(authenticated_group)}, {}};
  auto refused = [&](const StatusError& error) {
    auto accepted = negotiate(request.http.header("Accept"), true);
    Answer answer = error_answer(error, accepted ? accepted->format : Format::json);
    if (error.code == 403) answer.headers.push_back({"X-Content-Type-Options", "nosniff"});
    return tl::unexpected(std::move(answer));
  };
  auto user = authenticator_.authenticate(request);
  if (!user) return refused(unauthorized());
  auto wanted = impersonations(request.http.headers);
  if (!wanted) {
    std::string target = compact(json::value(json::string(request.http.target)));
    return tl::unexpected(plain(500, "Internal Server Error: " + target + ": " + wanted.error() + "\n"));
  }
  for (const Impersonation& one : *wanted) {
    Attributes asked = attributes_of(one);
    if (auto decision = authorizer_.decide(*user, asked); !decision.allowed)
      return refused(forbidden_request(*user, asked, decision.reason));
  }
  if (!wanted->empty()) user = impersonated_user(*wanted);
  if (authorizer_.allows(*user, attributes)) return std::move(*user);
  return refused(forbidden_request(*user, attributes, authorizer_.decide(*user, attributes).reason));
}

std::optional<Answer> Api::answer_meta(const net::ServerRequest& request, const Target& target) {
  std::string_view path = target.path;
  bool reads = request.http.method == "GET" || request.http.method == "HEAD";
  if (is_health_check(path)) return plain(200, "ok");
  if (auto found = discover(path, request.http.header("Accept"), objects_.resources(), options_.server_address)) {
    if (request.http.method != "GET") return error_answer(method_not_allowed(), Format::json);
    return Answer{200, std::move(found->content_type), std::move(found->body), {}};
  }
  if (options_.admin) {
    if (auto answer = options_.admin(request.http.method, path, request.http.body)) return answer;
  }
  if (auto found = openapi_.get(path, request.http.header("Accept"), request.http.header("If-None-Match"))) {
    if (!reads) return error_answer(method_not_allowed(), Format::json);
    return Answer{found->status, std::move(found->content_type), std::move(found->body), std::move(found->headers)};
  }
  // What others need to check ServiceAccounts' tokens by themselves.
  if (options_.tokens && path == "/openid/v1/jwks")
    return Answer{200, "application/jwk-set+json", compact(options_.tokens->key_set()), {}};
  if (options_.tokens && path == "/.well-known/openid-configuration") {
    json::object out{{"issuer", ServiceAccountTokens::issuer},
                     {"jwks_uri", "https://" + options_.server_address + "/openid/v1/jwks"},
                     {"response_types_supported", json::array{"id_token"}},
                     {"subject_types_supported", json::array{"public"}},
                     {"id_token_signing_alg_values_supported", json::array{"ES256"}}};
    return Answer{200, "application/json", compact(out), {}};
  }
  if (path == "/") return path_index(200);
  return std::nullopt;
}

net::awaitable<void> Api::handle(net::ServerRequest request, net::ResponseWriter& writer) {
  auto target = parse_target(request.http.target);
  if (!target) {
    co_await send_answer(&writer, plain(400, "400 Bad Request\n"));
    co_return;
  }
  Call call;
  call.attributes = attributes_of(request.http.method, *target);
  auto user = authorized_user(request, call.attributes);
  if (!user) {
    co_await send_answer(&writer, std::move(user.error()));
    co_return;
  }
  call.user = std::move(*user);
  if (auto meta = answer_meta(request, *target)) {
    co_await send_answer(&writer, std::move(*meta));
    co_return;
  }
  const bool watches = take_watch_prefix(&target->path);
  auto path = parse_resource_path(target->path, objects_.resources());
  if (!path) {
    bool api = target->path.starts_with("/apis/");
    Answer nothing = api ? plain(404, "404 page not found\n") : path_index(404);
    Answer answer = path.error().code == 0 ? std::move(nothing) : error_answer(path.error(), Format::json);
    co_await send_answer(&writer, std::move(answer));
    co_return;
  }
  call.method = request.http.method;  // HEAD is none of those that resources know
  call.target = std::move(*target);
  call.path = std::move(*path);
  if (std::string warning = deprecation(*call.path.resource); !warning.empty())
    call.warnings.push_back(std::move(warning));
  if (watches) {
    call.target.query.entries.emplace_back("watch", "true");
    if (!call.path.name.empty())
      call.target.query.entries.emplace_back("fieldSelector", "metadata.name=" + call.path.name);
    call.path.name.clear();
  }
  bool is_log = call.path.subresource == "log";
  if (call.path.subresource == "exec" || call.path.subresource == "attach" || call.path.subresource == "portforward") {
    co_await connect(std::move(call), std::move(request.http), &writer);
    co_return;
  }
  bool has_protobuf = !call.path.resource->custom || call.path.subresource == "scale";
  auto representation = negotiate(request.http.header("Accept"), true, has_protobuf);
  if (!representation && !is_log) {
    std::string_view accept = request.http.header("Accept");
    bool as_protobuf =
        !has_protobuf && media_type(accept.substr(0, accept.find(','))) == "application/vnd.kubernetes.protobuf";
    StatusError error = not_acceptable(call.path.resource->custom || names_served_type(accept));
    co_await send_answer(&writer, error_answer(error, as_protobuf ? Format::protobuf : Format::json));
    co_return;
  }
  call.presentation.view = call.path.resource;
  call.presentation.representation = representation.value_or(Representation{});
  call.presentation.now = objects_.now();
  Format format = call.presentation.representation.format;
  if (std::string_view include = call.target.query.get("includeObject"); !include.empty())
    call.presentation.include_object = include;
  auto unfit = wrong_shape(call);
  if (!unfit) unfit = wrong_stream(call);
  if (auto& error = unfit) {
    co_await send_answer(&writer, error_answer(*error, format));
    co_return;
  }
  call.content_type = request.http.header("Content-Type");
  call.user_agent = request.http.header("User-Agent");
  call.dry_run = call.target.query.get("dryRun") == "All";
  call.body = request.http.body;
  if (call.body.size() > largest_body) {
    co_await send_answer(&writer, error_answer(too_large(largest_body), format));
    co_return;
  }
  // What is computed can be read, and nothing else.
  if (call.path.resource->computed && (call.method != "GET" || call.target.query.flag("watch"))) {
    co_await send_answer(&writer, error_answer(method_not_allowed(), format));
    co_return;
  }
  if (auto checked = check_query(call); !checked) {
    co_await send_answer(&writer, error_answer(checked.error(), format));
    co_return;
  }
  if (call.method == "GET" && call.path.resource->stored && (is_list_path(call) || is_log)) {
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
  add_warnings(call, &answer.headers);
  co_await send_answer(&writer, std::move(answer));
}

ApiResult<Answer> Api::dispatch(const Call& call) {
  const ResourcePath& path = call.path;
  if (!path.resource->stored) {
    if (!path.name.empty() || path.resource->namespaced == path.namespace_name.empty())
      return refuse(no_such_resource());
    if (call.method == "POST") return path.resource->kind == "Binding" ? bind(call) : review(call);
    return refuse(method_not_allowed());
  }
  if (path.name.empty()) {
    if (call.method == "POST" && (!path.resource->namespaced || !path.namespace_name.empty())) return create(call);
    return refuse(method_not_allowed());
  }
  if (path.subresource == "eviction" || path.subresource == "binding") {
    if (call.method == "POST") return path.subresource == "eviction" ? evict(call) : bind(call);
    return refuse(method_not_allowed());
  }
  if (path.subresource == "token") {
    if (call.method == "POST") return request_token(call);
    return refuse(method_not_allowed());
  }
  if (path.subresource == "finalize") {
    if (call.method == "PUT") return update(call);
    return refuse(method_not_allowed());
  }
  bool changes = call.method == "PUT" || call.method == "PATCH";
  if (path.subresource == "log" ||
      (!path.subresource.empty() && path.subresource != "scale" && call.method == "DELETE"))
    return refuse(method_not_allowed());
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

Answer Api::answer_written(const Call& call, const Object* before, const Object& after) const {
  std::vector<std::string> found = write_warnings(objects_, before, after);
  call.warnings.insert(call.warnings.end(), found.begin(), found.end());
  return answer_object(call, before ? 200 : 201, after);
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
  if (std::string problem = path_segment_problem(call.path.name); !problem.empty()) {
    return refuse(bad_request("Name parameter invalid: " + quoted_as_go(call.path.name) + ": " + problem));
  }
  ObjectPtr object = resource.computed ? computed_find(objects_, resource, call.path.namespace_name, call.path.name)
                                       : objects_.store().find(resource, call.path.namespace_name, call.path.name);
  if (!object) return refuse(not_found(resource.group, resource.plural, call.path.name));
  return object;
}

}  // namespace fairlead::sandbox
