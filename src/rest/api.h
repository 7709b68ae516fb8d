// The REST API under /api/v1, with /healthz, /readyz and /metrics. One table of routes says what there is: it is what
// requests are found by, who may, and what the OpenAPI document is made of (rest/openapi.h). Handlers are no second
// way to anything: operations go through the gate, and what callers see of changes is what the gate lets them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/integrations.h"
#include "fleet/registered_clusters.h"
#include "gate/gate.h"
#include "identity/oidc.h"
#include "identity/tokens.h"
#include "net/http_server.h"
#include "rest/message.h"
#include "rest/metrics.h"
#include "rest/refusals.h"
#include "rest/throttle.h"

namespace fairlead::rest {

using net::awaitable;

// All that it refers to must outlive it.
struct Parts {
  gate::Gate& gate;
  gate::AuditLog& audit;
  store::Database& database;
  fleet::Registry& registry;
  fleet::RegisteredClusters& clusters;
  fleet::Integrations& integrations;
  fleet::LiveOptions live;  // for tests of connections
  identity::Tokens& tokens;
  const Clock& clock;
  std::string version;                               // Fairlead's
  gate::PolicySource policy;                         // the gate's
  identity::Oidc* oidc = nullptr;                    // null: API tokens alone let somebody in
  Duration session_idle = std::chrono::minutes(30);  // after which a session in a container is ended
};

// Who calls with that bearer token. An API token is looked up and nothing else; every other text is the identity
// provider's affair where there is one. authentication_failed in the same words whatever is wrong. `whose` as of
// identity::Tokens::authenticate(), `may_check` as of identity::Oidc::authenticate(), where it stands for signatures:
// an API token takes none. `expires`, which may be null,
// gets when it ends (unix seconds; 0: never).
awaitable<Result<gate::Identity>> authenticate(const Parts& parts, Secret token, Deadline deadline,
                                               std::string* whose = nullptr, std::function<bool()> may_check = {},
                                               std::int64_t* expires = nullptr);

class Api;
class StreamWatch;  // rest/stream_watch.h
using OpenStreams = std::set<StreamWatch*>;

// Who may ask.
enum class Door { open, anybody /* who has a good token */, admin };

struct Route {
  std::string_view method, pattern;  // "/api/v1/clusters/{id}"
  Door door;
  std::string_view summary;
  awaitable<Result<Response>> (Api::*handle)(Request&);
  std::vector<std::string_view> query;                // names of its parameters
  const std::vector<ops::Parameter>* body = nullptr;  // null: none
};
// Whether the path is of this pattern; then `arguments` are what its {…} stand for.
bool matches(std::string_view pattern, const std::vector<std::string>& path, std::vector<std::string>& arguments);

// Use on one executor; requests may overlap.
class Api {
 public:
  explicit Api(Parts parts);
  // For net::HttpServer. Answers whatever comes.
  awaitable<void> serve(net::ServerRequest request, net::ResponseWriter& writer);

  // From now on everything but /healthz is answered with 503, and what goes on without an end is ended; done when what
  // was begun before has its answer, or after `patience`.
  awaitable<void> drain(Duration patience);

  // Puts what was counted of refused requests into the audit log, until it is cancelled; the last of it is for drain().
  awaitable<void> record_refusals();

  static const std::vector<Route>& routes();

 private:
  struct Passed;
  static bool is_recorded_by_gate(const Route& route);
  awaitable<Response> respond(const net::ServerRequest& request, net::ResponseWriter& writer, Passed& passed);

  // operations.cpp
  awaitable<Result<Response>> list_operations(Request& request);
  awaitable<Result<Response>> show_operation(Request& request);
  awaitable<Result<Response>> call_operation(Request& request);
  // Of both ways to call: with `progress`, which may be null, it tells its steps.
  awaitable<Result<Response>> perform(Request& request, ops::Progress* progress);
  // The same, its steps told as server-sent events.
  awaitable<void> stream_call(Request& request, net::ResponseWriter& writer);
  // exec.cpp
  awaitable<Result<Response>> exec_in_pod(Request& request);  // of who asks for no WebSocket
  // Serves the session to its end. An answer where it is refused before there is one.
  awaitable<std::optional<Response>> open_session(Request& request, const net::HttpRequest& http,
                                                  net::ResponseWriter& writer);
  // clusters.cpp
  awaitable<Result<Response>> list_clusters(Request& request);
  awaitable<Result<Response>> add_cluster(Request& request);
  awaitable<Result<Response>> show_cluster(Request& request);
  awaitable<Result<Response>> change_cluster(Request& request);
  awaitable<Result<Response>> remove_cluster(Request& request);
  awaitable<Result<Response>> test_cluster(Request& request);
  // integrations.cpp
  awaitable<Result<Response>> list_integrations(Request& request);
  awaitable<Result<Response>> show_integration(Request& request);
  awaitable<Result<Response>> put_integration(Request& request);
  awaitable<Result<Response>> remove_integration(Request& request);
  awaitable<Result<Response>> test_integration(Request& request);
  // changes.cpp
  awaitable<Result<Response>> list_changes(Request& request);
  awaitable<Result<Response>> show_change(Request& request);
  awaitable<Result<Response>> approve_change(Request& request);
  awaitable<Result<Response>> reject_change(Request& request);
  awaitable<Result<Response>> roll_back_change(Request& request);
  awaitable<Result<Response>> close_change(Request& request);
  awaitable<Result<Response>> decide(Request& request, bool approve, std::string typed);
  // admin.cpp
  // What was done besides calls, in the audit log.
  awaitable<void> note(const Request& request, std::string word, std::string cluster);
  // A request that was refused before the gate saw it, in the audit log (rest/refusals.h). Where it is known who asks,
  // the record is durable before the answer.
  awaitable<void> note_refusal(const net::ServerRequest& request, std::string_view route, std::string who,
                               ErrorCode code);
  awaitable<Result<Response>> who_am_i(Request& request);
  awaitable<Result<Response>> list_tokens(Request& request);
  awaitable<Result<Response>> add_token(Request& request);
  awaitable<Result<Response>> revoke_token(Request& request);
  awaitable<Result<Response>> list_audit(Request& request);
  awaitable<Result<Response>> list_audit_lines(Request& request);
  awaitable<Result<Response>> show_audit_head(Request& request);
  // policy.cpp
  awaitable<Result<Response>> check_policy(Request& request);
  awaitable<Result<Response>> show_policy(Request& request);
  // health.cpp
  awaitable<Result<Response>> health(Request& request);
  awaitable<Result<Response>> readiness(Request& request);
  awaitable<Result<Response>> show_metrics(Request& request);
  awaitable<Result<Response>> show_openapi(Request& request);

  Parts parts_;
  Metrics metrics_;
  Throttle throttle_;  // of wrong tokens
  Refusals refusals_;
  std::string openapi_;  // made when it is first asked for
  std::size_t running_ = 0;
  bool draining_ = false;
  OpenStreams streams_;
};

}  // namespace fairlead::rest
