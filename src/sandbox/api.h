// The Kubernetes API as a function from a request to an answer, written piece by piece: authentication, routing, reads,
// writes, watches, logs. Knows nothing of sockets. Not thread-safe: one loop; nothing that a client sends makes it fail
// with anything but a Status.
#pragma once

#include <memory>
#include <string>

#include "net/http_server.h"
#include "net/task.h"
#include "sandbox/objects.h"
#include "sandbox/openapi.h"
#include "sandbox/presentation.h"
#include "sandbox/rbac.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {

struct Answer;
class Containers;

constexpr std::size_t largest_body = 3 << 20;  // of a request

struct ApiOptions {
  std::string token;                                   // the bearer token of an administrator; empty: there is none
  std::shared_ptr<const ServiceAccountTokens> tokens;  // null: ServiceAccounts have none
  std::string server_address;                          // HOST:PORT, for discovery
  std::shared_ptr<Containers> containers;              // those that the controllers run; null: of its own
  // Paths that are not Kubernetes' own (sandbox/admin.h); nothing: not one of them.
  std::function<std::optional<Answer>(std::string_view method, std::string_view path, std::string_view body)> admin;
  bool verify_clients = true;  // false: every request is an administrator's (tests)
};

// A whole answer.
struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<net::HttpHeader> headers;
};

// One request while it is served.
struct Call {
  std::string method;
  Target target;
  ResourcePath path;
  Presentation presentation;
  std::string_view body;     // of the request
  std::string content_type;  // of the request
  bool dry_run = false;
  User user;
  Attributes attributes;  // by which it was let through
  std::string user_agent;
  mutable std::vector<std::string> warnings;  // for the answer's Warning headers
};

class Api {
 public:
  Api(Objects& objects, ApiOptions options);
  ~Api();
  void set_server_address(std::string address) { options_.server_address = std::move(address); }

  net::awaitable<void> handle(net::ServerRequest request, net::ResponseWriter& writer);

 private:
  // Who asks, as whom, if they may do that; else what to answer: 401, 403, 500 for impersonation headers without a
  // user.
  tl::expected<User, Answer> authorized_user(const net::ServerRequest& request, const Attributes& attributes) const;
  // Discovery, health, and paths that are nothing.
  std::optional<Answer> answer_meta(const net::ServerRequest& request, const Target& target);

  // api_read.cpp
  ApiResult<Answer> get(const Call& call) const;
  net::awaitable<void> list(Call call, net::ResponseWriter* writer);
  net::awaitable<void> stream_list(Call call, std::vector<ObjectPtr> objects, json::object metadata,
                                   net::ResponseWriter* writer);
  struct Selected {
    std::vector<ObjectPtr> objects;
    json::object metadata;  // ListMeta
  };
  ApiResult<Selected> select(const Call& call) const;
  ApiResult<std::pair<LabelSelector, FieldSelector>> selectors(const Call& call) const;

  // api_watch.cpp
  net::awaitable<void> watch(Call call, net::ResponseWriter* writer);
  std::string watch_event(const Call& call, std::string_view type, const Object* object, std::uint64_t bookmark,
                          bool initial_end, bool first) const;

  // api_write.cpp
  ApiResult<Answer> create(const Call& call);
  ApiResult<Answer> update(const Call& call);
  ApiResult<Answer> put_new(const Call& call, json::value object);
  ApiResult<Answer> patch(const Call& call);
  ApiResult<Answer> remove(const Call& call);
  // What was sent as that kind; `older`: a version of the API that is taken for the same.
  ApiResult<json::value> request_object(const Call& call, const Message& message, std::string_view kind,
                                        std::string_view api_version, std::string_view older = "") const;
  ApiResult<json::value> patched(const Call& call, const Message& message, json::value value) const;
  ApiResult<DeleteRequest> delete_request(const Call& call) const;
  // Answers the list of what was there to delete.
  net::awaitable<void> remove_collection(Call call, net::ResponseWriter* writer);
  Writer writer(const Call& call) const;
  // What fieldValidation makes of fields that are unknown or there twice: nothing, warnings, or the text of an error.
  std::string check_fields(const Call& call, std::string_view json, const Message* message) const;
  ApiResult<void> check_place(const Call& call, const json::value& object) const;
  ApiResult<void> check_namespace(const Call& call, std::string_view name) const;
  ApiResult<void> check_update(const Call& call, const Object& before, const json::value& after) const;
  // That the caller may create it, where the request itself was none to create.
  ApiResult<void> check_creation(const Call& call, const json::value& object) const;
  ApiResult<void> check_uid(const Call& call, const Object& before, const json::value& after) const;
  ApiResult<ObjectPtr> existing(const Call& call) const;
  Answer answer_object(const Call& call, int status, const Object& object) const;
  // With the warnings that what was written deserves; `before` is null for a new object.
  Answer answer_written(const Call& call, const Object* before, const Object& after) const;
  Answer answer_value(const Call& call, int status, const json::object& value, std::string_view message) const;

  // api_apply.cpp
  ApiResult<Answer> apply(const Call& call);
  ApiResult<json::value> configuration(const Call& call, const Message* message, std::string_view kind,
                                       std::string_view api_version) const;
  // The Scale that comes of it; the owners of the workload's replicas are changed in `workload`.
  ApiResult<json::value> apply_scale(const Call& call, const json::value& scale, json::value* workload) const;
  ApiResult<Answer> apply_new(const Call& call, json::value configuration);

  // api_subresources.cpp
  ApiResult<Answer> scale(const Call& call);
  net::awaitable<void> log(Call call, net::ResponseWriter* writer);

  // api_pods.cpp
  ApiResult<Answer> bind(const Call& call);
  ApiResult<Answer> evict(const Call& call);
  // Takes note of an eviction in the pod's disruption budget, which may refuse it.
  ApiResult<void> spend_budget(const Object& pod, bool dry_run);

  // api_reviews.cpp
  ApiResult<Answer> review(const Call& call) const;
  ApiResult<Answer> request_token(const Call& call);
  ApiResult<json::value> access_review(const Call& call, json::value review) const;
  ApiResult<json::value> rules_review(const Call& call, json::value review) const;
  ApiResult<json::value> token_review(json::value review) const;

  // api_connect.cpp
  net::awaitable<void> connect(Call call, net::HttpRequest request, net::ResponseWriter* writer);
  net::awaitable<void> run_remote(ObjectPtr pod, std::string container, Call call, net::HttpRequest request,
                                  net::ResponseWriter* writer);
  net::awaitable<void> forward_ports(ObjectPtr pod, Call call, net::HttpRequest request, net::ResponseWriter* writer);

  ApiResult<Answer> dispatch(const Call& call);

  struct Watchers;
  Objects& objects_;
  ApiOptions options_;
  Authenticator authenticator_;
  Authorizer authorizer_;
  std::shared_ptr<Watchers> watchers_;
  std::shared_ptr<Containers> containers_;
  OpenApiDocuments openapi_;
};

}  // namespace fairlead::sandbox
