#include "identity/issuer_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/proxy_environment.h"
#include "net/http_client.h"
#include "ops/explain.h"

namespace fairlead::identity {
namespace {

constexpr std::size_t kLargest = 1 << 20;
constexpr Duration kPatience = std::chrono::seconds(10);  // with one request
constexpr std::string_view kCheck = "Check 'issuer' in the OIDC configuration, and that it is reached from here";

class Collector final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead&) override {
    text.clear();
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    if (text.size() + bytes.size() > kLargest)
      return fail(ErrorCode::server_error, "", "the answer is larger than 1 MiB");
    text.append(bytes);
    return net::Flow::more;
  }
  std::string text;
};

// Path and query.
std::string target_of(std::string_view url) {
  const std::size_t begin = url.find_first_of("/?", url.find("://") + 3);
  if (begin == std::string_view::npos) return "/";
  return (url[begin] == '?' ? "/" : "") + std::string(url.substr(begin));
}

bool is_plain(std::string_view url) { return url.starts_with("http:"); }

std::string_view without_slash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

tl::unexpected<Error> wrong(std::string cause, ErrorCode code = ErrorCode::server_error) {
  return fail(code, "ask the identity provider for its keys", std::move(cause), std::string(kCheck));
}

}  // namespace

struct IssuerKeys::Flight {
  explicit Flight(net::Executor executor) : landed(std::move(executor)) {}
  net::Event landed;
  Result<void> result;
};

IssuerKeys::IssuerKeys(net::Executor executor, const OidcConfig& config, Environment environment,
                       std::function<void(const std::string&)> warn, const Clock& clock)
    : executor_(executor),
      issuer_(config.issuer),
      ca_pem_(config.ca_pem),
      fresh_(config.keys_seconds),
      longest_(std::max(config.keys_seconds, config.keys_outage_seconds)),
      environment_(std::move(environment)),
      warn_(std::move(warn)),
      clock_(clock),
      tasks_(executor) {}

bool IssuerKeys::may_ask() const {
  const std::int64_t since = clock_.unix_seconds() - asked_;
  return !closed_ && !flight_ && (asked_ == 0 || since >= kPause || since < 0);
}

std::int64_t IssuerKeys::age() const {
  const std::int64_t since = clock_.unix_seconds() - fetched_;
  if (!keys_ || since < 0) return longest_ + 1;  // a clock that was set back tells nothing
  return since;
}

awaitable<Result<std::string>> IssuerKeys::get(std::string url, std::string what) {
  auto parsed = check_provider_url(url, what, is_plain(issuer_));
  if (!parsed) co_return wrong(parsed.error().cause);
  net::HttpOrigin origin;
  origin.host = parsed->host;
  origin.port = parsed->port;
  auto proxy = kube::proxy_from_environment(*parsed, environment_);
  if (!proxy) co_return fail(std::move(proxy.error()));
  origin.proxy = std::move(*proxy);
  if (parsed->scheme == "https") {
    net::ClientTls tls;
    tls.ca_pem = ca_pem_;
    tls.server_name = parsed->host;
    auto context = net::TlsContext::for_client(tls);
    if (!context) co_return fail(std::move(context.error()));
    origin.tls = std::move(*context);
  }
  net::HttpClient client(executor_, std::move(origin));
  net::HttpRequest request;
  request.target = target_of(url);
  request.headers.push_back({"Accept", "application/json"});
  request.headers.push_back({"User-Agent", "fairlead/" FAIRLEAD_VERSION});
  Collector body;
  auto head = co_await client.exchange(std::move(request), body, Deadline::after(kPatience));
  if (!head) {
    Error error = std::move(head.error());
    error.step = "ask the identity provider for its keys";
    error.cause = fmt::format("{}: {}", what, error.cause);
    error.remedy = kCheck;
    if (error.code == ErrorCode::timeout || error.code == ErrorCode::certificate_invalid)
      error.code = ErrorCode::unreachable;
    co_return fail(std::move(error));
  }
  // A redirect is not followed: what is asked is what was configured.
  if (head->status != 200) co_return wrong(fmt::format("{} was answered with status {}", what, head->status));
  co_return std::move(body.text);
}

awaitable<Result<Jwks>> IssuerKeys::fetch() {
  std::string url = std::string(without_slash(issuer_)) + "/.well-known/openid-configuration";
  std::string what = "the issuer's /.well-known/openid-configuration";
  auto text = co_await get(std::move(url), std::move(what));
  if (!text) co_return fail(std::move(text.error()));
  JsonLimits limits;
  limits.bytes = kLargest;
  limits.depth = 32;
  limits.duplicate_keys = false;
  auto discovered = parse_json(*text, "read the identity provider's configuration", limits);
  if (!discovered || !discovered->is_object())
    co_return wrong("the issuer's /.well-known/openid-configuration is no JSON object, or has a key twice");
  if (text_at(*discovered, {"issuer"}) != issuer_)
    co_return wrong("the provider calls itself by another 'issuer' than the configuration does, and a slash counts",
                    ErrorCode::invalid_request);
  url = text_at(*discovered, {"jwks_uri"});
  what = "the provider's jwks_uri";
  auto keys = co_await get(std::move(url), std::move(what));
  if (!keys) co_return fail(std::move(keys.error()));
  co_return parse_jwks(*keys);
}

std::shared_ptr<IssuerKeys::Flight> IssuerKeys::begin() {
  if (flight_) return flight_;
  asked_ = clock_.unix_seconds();
  flight_ = std::make_shared<Flight>(executor_);
  tasks_.spawn(fly(flight_));
  return flight_;
}

awaitable<void> IssuerKeys::fly(std::shared_ptr<Flight> flight) {
  auto fetched = co_await fetch();
  if (fetched) {
    for (const auto& why : fetched->left_out)
      if (!keys_ || keys_->left_out != fetched->left_out)
        warn_("the identity provider has a key that is not used: " + why);
    keys_ = std::move(*fetched);
    fetched_ = asked_;
    ++generation_;
    if (failure_) warn_("the identity provider answers again");
    failure_.reset();
  } else {
    complain(fetched.error());
    failure_ = fetched.error();
    flight->result = fail(std::move(fetched.error()));
  }
  flight_.reset();
  flight->landed.set();
}

// Once for each thing that is wrong, however often it is asked.
void IssuerKeys::complain(const Error& error) {
  if (error.code == ErrorCode::cancelled || (failure_ && failure_->cause == error.cause)) return;
  warn_(ops::explain_in_a_line(error));
}

awaitable<Result<void>> IssuerKeys::wait(Deadline deadline) {
  auto flight = begin();
  auto waited = co_await flight->landed.wait(deadline);
  if (!waited) co_return fail(std::move(waited.error()));
  co_return flight->result;
}

awaitable<Result<void>> IssuerKeys::ask(Deadline deadline) { co_return co_await wait(deadline); }

awaitable<Result<std::optional<PublicKey>>> IssuerKeys::find(const Jwt& token, Deadline deadline) {
  const auto known = [&]() -> std::optional<PublicKey> {
    const PublicKey* key = age() <= longest_ ? find_key(*keys_, token) : nullptr;
    return key ? std::optional<PublicKey>(*key) : std::nullopt;
  };
  // What was wrong before is most likely wrong still: keys that are good for longer are not waited for once more.
  if (age() > fresh_ && age() <= longest_ && failure_ && may_ask()) begin();
  auto key = known();
  const bool is_fresh = age() <= fresh_ || (key && failure_);
  if (key && is_fresh) co_return key;
  if (flight_ || may_ask()) {
    auto asked = co_await wait(deadline);
    if (!asked && (asked.error().code == ErrorCode::cancelled || deadline.passed())) co_return fail(asked.error());
    key = known();
  }
  if (key || !failure_) co_return key;
  co_return fail(failure_->code == ErrorCode::unreachable ? ErrorCode::unreachable : ErrorCode::server_error,
                 "authenticate", "the identity provider could not be asked for its keys",
                 "Ask again in a moment; the server has said on its standard error what is wrong");
}

void IssuerKeys::look_ahead() {
  if (age() > fresh_ - fresh_ / 5 && may_ask()) begin();
}

awaitable<void> IssuerKeys::close() {
  closed_ = true;
  tasks_.cancel_all();
  co_await tasks_.join();
}

}  // namespace fairlead::identity
