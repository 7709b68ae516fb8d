// Who calls with a token of an identity provider (OpenID Connect): a JWT that it has signed, for us, of now, whose
// claims bring a role. The file that says whose and which may change meanwhile. Use on one executor; calls may overlap,
// also with other processes on the same database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/secret.h"
#include "gate/policy.h"
#include "identity/issuer_keys.h"
#include "identity/oidc_claims.h"
#include "store/database.h"

namespace fairlead::identity {

struct Admitted {
  gate::Identity who;        // "oidc:NAME", with the roles that its claims bring
  std::int64_t expires = 0;  // unix seconds: from then on the token lets nobody in
};

class Oidc {
 public:
  // Database and clock must outlive it. `warn`: told in our words, now and then, why somebody was not let in whose
  // token looked like one of this issuer, and what is wrong with the provider.
  Oidc(net::Executor executor, OidcConfig config, Environment environment, std::function<void(const std::string&)> warn,
       store::Database& database, const Clock& clock);

  // Asks for the provider's keys. Nothing has to wait for it; its error is for a person who starts a server.
  awaitable<Result<void>> start(Deadline deadline) { return keys_->ask(deadline); }

  // Until it is cancelled: asks for the provider's keys before they are too old, and reads the configuration's file
  // anew when it has changed and been at rest for two seconds. What is found wrong then is said by `warn`, and the
  // configuration that was read before stays in force.
  awaitable<void> keep_up();
  // The same of the file, now.
  awaitable<void> read_again();

  // authentication_failed, in the same words whatever is wrong with it; unreachable or server_error while the provider
  // cannot be asked for the key that it may be signed with. A subject has one name for ever, the one that it came with
  // first, and no two have the same: whoever comes with a name that another subject has is not let in. A token that was
  // checked is taken for ten seconds, until it expires or the provider has other keys. `may_check`, which may be empty,
  // is asked before anything is made of a token that has not let anybody in before, and right before its signature is
  // checked: where it says no, the token is not looked at (rate_limited).
  awaitable<Result<Admitted>> authenticate(Secret text, Deadline deadline, std::function<bool()> may_check = {});

  // Before it goes away.
  awaitable<void> close() { return keys_->close(); }

 private:
  // Empty: it is somebody else's.
  awaitable<Result<std::string>> name_of(std::string issuer, std::string subject, std::string wanted,
                                         Deadline deadline);
  tl::unexpected<Error> refuse(std::string_view why);
  std::shared_ptr<IssuerKeys> make_keys(const OidcConfig& config) const;
  // What can be told of its files without reading them.
  std::string look_at_files() const;
  awaitable<Result<void>> adopt(OidcConfig config);

  net::Executor executor_;
  Environment environment_;
  std::shared_ptr<const OidcConfig> config_;
  std::uint64_t epoch_ = 0;      // of the configuration: what began under another one begins anew
  std::string looked_, before_;  // look_at_files() when the files were read last, and at the last look
  TimePoint read_{};
  std::string complaint_;  // what was wrong then
  std::function<void(const std::string&)> warn_;
  store::Database& database_;
  const Clock& clock_;
  struct Known {
    Admitted admitted;
    std::int64_t checked = 0;      // unix seconds
    std::uint64_t generation = 0;  // of the keys
  };
  std::map<std::string, Known> known_;        // by the token's digest: a signature takes its time to check
  std::map<std::string, std::string> names_;  // by issuer and subject
  std::map<std::string, std::int64_t> said_;  // when last, by what was wrong
  std::shared_ptr<IssuerKeys> keys_;
};

}  // namespace fairlead::identity
