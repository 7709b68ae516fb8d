#include "identity/token.h"
#include "rest/api.h"

namespace fairlead::rest {

awaitable<Result<gate::Identity>> authenticate(const Parts& parts, Secret token, Deadline deadline,
                                               std::string* whose) {
  if (!parts.oidc || identity::token_id(token.reveal()))
    co_return co_await parts.tokens.authenticate(std::move(token), deadline, whose);
  auto admitted = co_await parts.oidc->authenticate(std::move(token), deadline);
  if (!admitted) co_return fail(std::move(admitted.error()));
  co_return std::move(admitted->who);
}

}  // namespace fairlead::rest
