// Whether it lives, whether it can serve, how it does, and what there is to ask for.
#include "rest/api.h"
#include "rest/openapi.h"

namespace fairlead::rest {

awaitable<Result<Response>> Api::health(Request&) { co_return answer(200, json::object{{"status", "alive"}}); }

awaitable<Result<Response>> Api::readiness(Request&) {
  if (draining_) co_return answer(503, json::object{{"status", "not ready"}, {"reason", "it is about to end"}});
  store::Work look = [](store::Session& session) -> Result<void> {
    auto asked = session.query("SELECT 1");
    if (!asked) return fail(std::move(asked.error()));
    return {};
  };
  auto ready = co_await parts_.database.read(std::move(look), Deadline::after(std::chrono::seconds(2)));
  // Little of why: this is open to everybody.
  if (!ready) co_return answer(503, json::object{{"status", "not ready"}, {"reason", "its database does not answer"}});
  auto key = co_await parts_.registry.check_key(Deadline::after(std::chrono::seconds(2)));
  if (!key)
    co_return answer(503, json::object{{"status", "not ready"}, {"reason", "its encryption key opens nothing"}});
  co_return answer(200, json::object{{"status", "ready"}});
}

// They tell of everybody's calls.
awaitable<Result<Response>> Api::show_metrics(Request& request) {
  const std::vector<gate::Touch> everything{{}};
  if (auto why = gate::why_not(*request.who.bindings, gate::Deed::read, "", everything))
    co_return fail(ErrorCode::policy_denied, "show the metrics", "they are for roles that are bound to no cluster",
                   "A token with --role viewer does");
  Response out;
  out.type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = metrics_.text();
  co_return out;
}

awaitable<Result<Response>> Api::show_openapi(Request&) {
  if (openapi_.empty()) openapi_ = compact(openapi(parts_.gate.catalog(), parts_.version)) + "\n";
  Response out;
  out.body = openapi_;
  co_return out;
}

}  // namespace fairlead::rest
