// Whether it lives, whether it can serve, how it does, and what there is to ask for.
#include "rest/api.h"
#include "rest/openapi.h"

namespace fairlead::rest {

awaitable<Result<Response>> Api::health(Request&) { co_return answer(200, json::object{{"status", "alive"}}); }

awaitable<Result<Response>> Api::readiness(Request&) {
  store::Work look = [](store::Session& session) -> Result<void> {
    auto asked = session.query("SELECT 1");
    if (!asked) return fail(std::move(asked.error()));
    return {};
  };
  auto ready = co_await parts_.database.read(std::move(look), Deadline::after(std::chrono::seconds(2)));
  if (ready) co_return answer(200, json::object{{"status", "ready"}});
  // Nothing of why: this is open to everybody.
  co_return answer(503, json::object{{"status", "not ready"}, {"reason", "its database does not answer"}});
}

awaitable<Result<Response>> Api::show_metrics(Request&) {
  Response out;
  out.type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = metrics_.text();
  co_return out;
}

awaitable<Result<Response>> Api::show_openapi(Request&) {
  co_return answer(200, openapi(parts_.gate.catalog(), parts_.version));
}

}  // namespace fairlead::rest
