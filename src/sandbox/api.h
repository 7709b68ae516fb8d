// The Kubernetes API as a function from a request to an answer, written piece by piece: authentication, routing, reads,
// writes, watches, logs. Knows nothing of sockets. Not thread-safe: one loop; nothing that a client sends makes it fail
// with anything but a Status.
#pragma once

#include <memory>
#include <string>

#include "net/http_server.h"
#include "net/task.h"
#include "sandbox/objects.h"
#include "sandbox/presentation.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {

struct ApiOptions {
  std::string token;           // the bearer token that is accepted; empty: none is
  std::string server_address;  // HOST:PORT, for discovery
  bool verify_clients = true;  // false: requests need no credentials (tests)
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
  std::string_view body;          // of the request
  std::string content_type;       // of the request
  bool dry_run = false;
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
  bool authenticated(const net::ServerRequest& request) const;
  // Discovery, health, and paths that are nothing.
  std::optional<Answer> answer_meta(const net::ServerRequest& request, const Target& target) const;

  // api_read.cpp
  ApiResult<Answer> get(const Call& call) const;
  net::awaitable<void> list(Call call, net::ResponseWriter* writer);
  net::awaitable<void> stream_list(Call call, std::vector<ObjectPtr> objects, json::object metadata, net::ResponseWriter* writer);
  struct Selected {
    std::vector<ObjectPtr> objects;
    json::object metadata;  // ListMeta
  };
  ApiResult<Selected> select(const Call& call) const;
  ApiResult<std::pair<LabelSelector, FieldSelector>> selectors(const Call& call) const;

  // api_watch.cpp
  net::awaitable<void> watch(Call call, net::ResponseWriter* writer);
  std::string watch_event(const Call& call, std::string_view type, const Object* object, std::uint64_t bookmark, bool initial_end, bool first) const;

  // api_write.cpp
  ApiResult<Answer> create(const Call& call);
  ApiResult<Answer> update(const Call& call);
  ApiResult<Answer> put_new(const Call& call, json::value object);
  ApiResult<Answer> patch(const Call& call);
  ApiResult<Answer> remove(const Call& call);
  ApiResult<json::value> request_object(const Call& call, const Message& message, std::string_view kind, std::string_view api_version) const;
  ApiResult<json::value> patched(const Call& call, const Message& message, json::value value) const;
  ApiResult<DeleteRequest> delete_request(const Call& call) const;
  // Answers the list of what was there to delete.
  net::awaitable<void> remove_collection(Call call, net::ResponseWriter* writer);
  Writer writer(const Call& call) const;
  // What fieldValidation makes of fields that are unknown or there twice: nothing, warnings, or the text of an error.
  std::string check_fields(const Call& call, std::string_view json, const Message* message) const;
  ApiResult<void> check_namespace(const Call& call, std::string_view name) const;
  ApiResult<void> check_uid(const Call& call, const Object& before, const json::value& after) const;
  ApiResult<ObjectPtr> existing(const Call& call) const;
  Answer answer_object(const Call& call, int status, const Object& object) const;
  Answer answer_value(const Call& call, int status, const json::object& value, std::string_view message) const;

  // api_apply.cpp
  ApiResult<Answer> apply(const Call& call);
  ApiResult<json::value> configuration(const Call& call, const Message& message, std::string_view kind, std::string_view api_version) const;
  // The Scale that comes of it; the owners of the workload's replicas are changed in `workload`.
  ApiResult<json::value> apply_scale(const Call& call, const json::value& scale, json::value* workload) const;
  ApiResult<Answer> apply_new(const Call& call, json::value configuration);

  // api_subresources.cpp
  ApiResult<Answer> scale(const Call& call);
  ApiResult<Answer> evict(const Call& call);
  net::awaitable<void> log(Call call, net::ResponseWriter* writer);

  ApiResult<Answer> dispatch(const Call& call);

  struct Watchers;
  Objects& objects_;
  ApiOptions options_;
  std::shared_ptr<Watchers> watchers_;
};

}  // namespace fairlead::sandbox
