// The keys of an identity provider, found by OpenID Connect Discovery and kept for a while. They are asked for when the
// first token comes, when they are no longer fresh, and for a kid that is not among them, at most every ten seconds and
// by one request however many callers wait. While the provider cannot be asked, those that are known go on for longer.
// Use on one executor; calls may overlap.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/environment.h"
#include "identity/jwks.h"
#include "identity/oidc_config.h"
#include "net/task.h"

namespace fairlead::identity {

using net::awaitable;

class IssuerKeys {
 public:
  static constexpr std::int64_t kPause = 10;  // seconds

  // Of the configuration its issuer, `ca` and how long keys are kept. `warn`: told in our words what is wrong with the
  // provider, now and then. The clock must outlive it. Proxies are those of the environment.
  IssuerKeys(net::Executor executor, const OidcConfig& config, Environment environment,
             std::function<void(const std::string&)> warn, const Clock& clock);

  // The one key for that token, or nothing: the provider has none. unreachable or server_error where that cannot be
  // told, for the provider does not answer or answers nonsense; timeout, cancelled.
  awaitable<Result<std::optional<PublicKey>>> find(const Jwt& token, Deadline deadline);
  // Asks for them now, and says what is wrong. invalid_request: the provider calls itself by another name.
  awaitable<Result<void>> ask(Deadline deadline);
  // Asks for them where they will not be fresh for much longer, so that nobody has to wait. To be called now and then.
  void look_ahead();
  // Another number whenever keys have come: what was found before may be wrong now.
  std::uint64_t generation() const { return generation_; }
  // Gives up what is under way, and asks no more. Before it goes away.
  awaitable<void> close();

 private:
  struct Flight;
  awaitable<Result<void>> wait(Deadline deadline);
  std::shared_ptr<Flight> begin();
  awaitable<void> fly(std::shared_ptr<Flight> flight);
  awaitable<Result<Jwks>> fetch();
  awaitable<Result<std::string>> get(std::string url, std::string what);
  bool may_ask() const;
  std::int64_t age() const;  // of the keys; beyond longest_ where there are none
  void complain(const Error& error);

  net::Executor executor_;
  std::string issuer_, ca_pem_;
  std::int64_t fresh_, longest_;  // seconds
  bool closed_ = false;
  Environment environment_;
  std::function<void(const std::string&)> warn_;
  const Clock& clock_;

  std::optional<Jwks> keys_;
  std::int64_t asked_ = 0, fetched_ = 0;  // unix seconds; 0: never
  std::uint64_t generation_ = 0;
  std::optional<Error> failure_;    // of the last time; nothing: it went well
  std::shared_ptr<Flight> flight_;  // null: nobody asks
  net::TaskGroup tasks_;            // last: its tasks use what stands before
};

}  // namespace fairlead::identity
