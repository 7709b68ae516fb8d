#include "fleet/account_tokens.h"

#include <algorithm>
#include <optional>

#include "kube/proxy_environment.h"
#include "kube/token_request.h"

namespace fairlead::fleet {
namespace {

using kube::Authorization;
using net::awaitable;

constexpr Duration kPatience = std::chrono::seconds(30);     // with the server, where the call has more
constexpr Duration kPause = std::chrono::milliseconds(200);  // before it is asked again
constexpr int kAttempts = 3;                                 // of a server that is busy
constexpr std::int64_t kYoung = 10;                          // seconds: who refuses such a token refuses the next
constexpr std::int64_t kMargin = 5;                          // seconds, for the way
constexpr std::int64_t kRetry = 10;                          // seconds, while the old one is good
constexpr std::size_t kLongest = 64 << 10;

bool is_of_the_way(ErrorCode code) {
  return code == ErrorCode::timeout || code == ErrorCode::cancelled || code == ErrorCode::unreachable ||
         code == ErrorCode::certificate_invalid || code == ErrorCode::rate_limited || code == ErrorCode::server_error;
}

// In words about the account. Nothing was sent of the call itself, so that its outcome is known: there is none.
Error explained(Error error, const Account& account) {
  error.step = "ask for a token of service account " + account.text();
  error.status = nullptr;
  error.outcome_unknown = false;
  if (is_of_the_way(error.code)) return error;
  if (error.code == ErrorCode::not_found) {
    error.cause = "there is no such service account, or the cluster gives no tokens of any";
    error.remedy = "Make it with 'kubectl create serviceaccount " + account.name + " -n " + account.ns +
                   "', and bind to it what the caller may do";
  } else if (error.code == ErrorCode::permission_denied) {
    error.cause = "the cluster does not let the identity that is stored for it create serviceaccounts/token there";
    error.remedy = "'kubectl create role fairlead-tokens -n " + account.ns +
                   " --verb create --resource serviceaccounts/token', bound to that identity, does; 'fairlead clusters "
                   "test' prints both as a manifest";
  } else if (error.code == ErrorCode::authentication_failed) {
    error.cause = "the credentials that are stored for the cluster: " + error.cause;
  } else {
    error.cause = "the cluster gives none: " + error.cause;
  }
  error.code = ErrorCode::authentication_failed;
  return error;
}

class AccountTokens final : public kube::Credentials {
 public:
  AccountTokens(std::shared_ptr<kube::Client> issuer, AccountTokenOptions options, const Clock& clock)
      : issuer_(std::move(issuer)), options_(std::move(options)), clock_(clock) {}

  awaitable<Result<Authorization>> get(Deadline deadline) override {
    while (flight_) {
      if (is_good()) co_return authorization();
      auto flight = flight_;
      auto landed = co_await flight->landed.wait(deadline);
      if (!landed) co_return fail(explained(std::move(landed.error()), options_.account));
      if (flight->refused) co_return fail(*flight->refused);
    }
    const std::int64_t now = clock_.unix_seconds();
    if (is_good() && now < renew_) co_return authorization();
    auto executor = co_await net::current_executor();
    auto flight = std::make_shared<Flight>(executor);
    flight_ = flight;
    auto made = co_await ask(deadline.sooner(Deadline::after(kPatience)));
    flight_ = nullptr;
    if (made) {
      const std::int64_t life = std::max<std::int64_t>(made->seconds, 1);
      token_ = std::move(made->text);
      from_ = now;
      renew_ = now + std::max<std::int64_t>(life * 4 / 5, 1);
      until_ = now + std::max(life - kMargin, life * 4 / 5);
    } else if (is_of_the_way(made.error().code)) {
      renew_ = clock_.unix_seconds() + kRetry;  // of no meaning where none is good
      // Whoever waited has a deadline of their own.
      const bool is_ours = made.error().code == ErrorCode::timeout || made.error().code == ErrorCode::cancelled;
      if (!is_ours && !is_good()) flight->refused = made.error();
    } else {
      token_ = Secret();
      flight->refused = made.error();
    }
    flight->landed.set();
    if (is_good()) co_return authorization();
    if (!made) co_return fail(std::move(made.error()));
    co_return authorization();
  }

  // One that was refused just after it was given would be refused again: no token is asked for at each request then.
  bool rejected() override {
    const std::int64_t now = clock_.unix_seconds();
    if (now - from_ >= kYoung || now < from_) token_ = Secret();
    return true;
  }

 private:
  struct Flight {
    explicit Flight(net::Executor executor) : landed(std::move(executor)) {}
    net::Event landed;
    std::optional<Error> refused;
  };

  // A clock that was set back tells nothing.
  bool is_good() const {
    const std::int64_t now = clock_.unix_seconds();
    return !token_.empty() && now >= from_ && now < until_;
  }
  Authorization authorization() const {
    Authorization out;
    out.bearer = token_;
    return out;
  }

  awaitable<Result<kube::AccountToken>> ask(Deadline deadline) {
    const Account& account = options_.account;
    for (int attempt = 1;; ++attempt) {
      auto made = co_await kube::request_token(*issuer_, account.ns, account.name, options_.seconds, deadline);
      if (options_.seen) options_.seen(issuer_->bearers());
      if (made && kube::is_sendable_token(made->text.reveal()) && made->text.reveal().size() <= kLongest)
        co_return std::move(*made);
      if (made)
        co_return fail(ErrorCode::authentication_failed, "ask for a token of service account " + account.text(),
                       "what the cluster gives is no token", "Look at the server's log");
      const bool is_busy = made.error().code == ErrorCode::rate_limited || made.error().code == ErrorCode::server_error;
      if (!is_busy || attempt == kAttempts || deadline.left() <= attempt * kPause)
        co_return fail(explained(std::move(made.error()), account));
      auto slept = co_await net::sleep_for(attempt * kPause);
      if (!slept) co_return fail(explained(std::move(slept.error()), account));
    }
  }

  std::shared_ptr<kube::Client> issuer_;
  AccountTokenOptions options_;
  const Clock& clock_;
  std::shared_ptr<Flight> flight_;  // null: nobody asks now
  Secret token_;
  std::int64_t from_ = 0, renew_ = 0, until_ = 0;  // unix seconds
};

}  // namespace

std::shared_ptr<kube::Credentials> account_tokens(std::shared_ptr<kube::Client> issuer, AccountTokenOptions options,
                                                  const Clock& clock) {
  return std::make_shared<AccountTokens>(std::move(issuer), std::move(options), clock);
}

Result<kube::Connection> with_tokens_alone(const kube::Connection& stored, std::shared_ptr<kube::Credentials> tokens) {
  if (stored.server.scheme != "https" && (!kube::is_loopback(stored.server.host) || stored.proxy))
    return fail(ErrorCode::authentication_failed, "call the cluster as who calls",
                "the server's URL starts with http://, and the caller's token would cross the network readable by "
                "everybody",
                "Use the server's https:// address");
  kube::Connection out = stored;
  out.tls.certificate_pem.clear();
  out.tls.key_pem = Secret();
  out.credentials = std::move(tokens);
  out.impersonates = false;
  out.user_name.clear();
  out.warnings.clear();
  return out;
}

}  // namespace fairlead::fleet
