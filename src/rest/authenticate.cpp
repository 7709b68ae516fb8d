#include "identity/token.h"
#include "rest/api.h"

namespace fairlead::rest {

awaitable<Result<gate::Identity>> authenticate(const Parts& parts, Secret token, Deadline deadline, std::string* whose,
                                               std::function<bool()> may_check, std::int64_t* expires) {
  const auto id = identity::token_id(token.reveal());
  if (!parts.oidc || id) {
    auto who = co_await parts.tokens.authenticate(std::move(token), deadline, whose);
    if (!who || !expires || !id) co_return who;
    auto row = co_await parts.tokens.read(*id, deadline);
    if (!row) co_return fail(std::move(row.error()));
    if (row->id == *id) *expires = row->expires;
    co_return who;
  }
  auto admitted = co_await parts.oidc->authenticate(std::move(token), deadline, std::move(may_check));
  if (!admitted) co_return fail(std::move(admitted.error()));
  if (expires) *expires = admitted->expires;
  co_return std::move(admitted->who);
}

}  // namespace fairlead::rest
