// The policy: what it says, and what it makes of a call.
#include "base/text.h"
#include "gate/policy_check.h"
#include "rest/api.h"
#include "rest/bodies.h"

namespace fairlead::rest {
namespace {

tl::unexpected<Error> wrong(std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, "check the call", std::move(cause), std::move(remedy));
}

// Whose call it is about: the caller's own, or anybody's. A token's roles are looked up.
awaitable<Result<gate::Identity>> subject(identity::Tokens& tokens, const Request& request, std::string who,
                                          std::vector<std::string> roles) {
  if (who.empty() && roles.empty()) co_return request.who;
  if (who.empty()) co_return wrong("'roles' are given, and nobody who has them", "Give 'who' as well");
  gate::Identity other{who, roles};
  if (!who.starts_with("api:")) co_return other;
  auto row = co_await tokens.read(who.substr(4), request.deadline);
  if (!row && row.error().code != ErrorCode::not_found) co_return fail(std::move(row.error()));
  if (!row || row->name != who.substr(4)) co_return other;
  if (!roles.empty()) co_return wrong("the token of " + who + " has roles of its own", "Leave 'roles' out");
  co_return identity::identity_of(*row);
}

}  // namespace

awaitable<Result<Response>> Api::check_policy(Request& request) {
  json::object arguments;
  if (json::value* given = request.body.if_contains("arguments")) {
    if (!given->is_object()) co_return wrong("'arguments' is no object", "Send {} where there are none");
    arguments = std::move(given->get_object());
    request.body.erase("arguments");
  }
  auto body = ops::Arguments::validate(request.body, policy_check_body(), "check the call");
  if (!body) co_return fail(std::move(body.error()));
  const ops::Operation* operation = parts_.gate.catalog().find(body->text("operation"));
  if (!operation) co_return fail(parts_.gate.catalog().unknown(body->text("operation")));
  auto who = co_await subject(parts_.tokens, request, body->text("who"), body->list("roles"));
  if (!who) co_return fail(std::move(who.error()));
  auto policy = parts_.policy();
  if (!policy) co_return fail(std::move(policy.error()));
  std::int64_t at = parts_.clock.unix_seconds();
  if (body->has("at")) at = parse_rfc3339(body->text("at")).value_or(at);
  gate::CallToCheck call{std::move(*who), body->text("cluster"), at};
  auto checked = gate::check_call(*policy, parts_.gate.catalog(), *operation, arguments, std::move(call));
  if (!checked) co_return fail(std::move(checked.error()));
  json::object out = gate::to_json(*policy, *checked);
  out["notes"] = json::array(checked->notes.begin(), checked->notes.end());
  co_return answer(200, out);
}

awaitable<Result<Response>> Api::show_policy(Request&) {
  auto policy = parts_.policy();
  if (!policy) co_return fail(std::move(policy.error()));
  co_return answer(200, policy->document());
}

}  // namespace fairlead::rest
