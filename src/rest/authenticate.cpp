#include "identity/token.h"
#include "rest/api.h"

namespace fairlead::rest {

awaitable<Result<gate::Identity>> authenticate(const Parts& parts, Secret token, Deadline deadline, std::string* whose,
                                               std::function<bool()> may_check) {
  if (!parts.oidc || identity::token_id(token.reveal()))
    co_return co_await parts.tokens.authenticate(std::move(token), deadline, whose);
  auto admitted = co_await parts.oidc->authenticate(std::move(token), deadline, std::move(may_check));
  if (!admitted) co_return fail(std::move(admitted.error()));
  co_return std::move(admitted->who);
}

}  // namespace fairlead::rest
