#include "kube/client.h"

#include <algorithm>

#include "base/text.h"
#include "kube/status.h"
#include "kube/turns.h"
#include "redact/redact.h"

namespace fairlead::kube {
namespace {

constexpr std::size_t kErrorBody = 1 << 20;
constexpr std::size_t kDocument = 32 << 20;
constexpr std::size_t kAtOnce = 64;  // requests to one server, and idle connections that are kept

// A value takes fifty bytes and more in memory, so a few bytes of an answer each would be much of it.
const JsonLimits kAnswerLimits{.nodes = 1'000'000};

bool is_followed(std::string_view target) {
  return target.find("follow=true") != std::string_view::npos || target.find("watch=") != std::string_view::npos;
}

bool is_success(int status) { return status >= 200 && status < 300; }

// Hands a 2xx body on and keeps any other one for the error.
class StatusFilter final : public net::BodySink {
 public:
  explicit StatusFilter(net::BodySink& below) : below_(below) {}

  Result<void> on_head(const net::HttpHead& head) override {
    status_ = head.status;
    error_body_.clear();
    if (!is_success(status_)) return {};
    std::string_view encoding = head.header("Content-Encoding");
    if (!encoding.empty() && !equal_ignoring_case(encoding, "identity"))
      return fail(ErrorCode::server_error, "read the answer", "it is compressed, which was not asked for",
                  "Look at proxies on the way");
    return below_.on_head(head);
  }

  Result<net::Flow> on_body(std::string_view bytes) override {
    if (is_success(status_)) return below_.on_body(bytes);
    error_body_.append(bytes.substr(0, kErrorBody - std::min(kErrorBody, error_body_.size())));
    return error_body_.size() >= kErrorBody ? net::Flow::enough : net::Flow::more;
  }

  std::string& error_body() { return error_body_; }

 private:
  net::BodySink& below_;
  int status_ = 0;
  std::string error_body_;
};

class Collector final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead&) override {
    text_.clear();
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    if (text_.size() + bytes.size() > kDocument)
      return fail(ErrorCode::server_error, "read the answer", "it is larger than 32 MiB", "Ask for less");
    text_.append(bytes);
    return net::Flow::more;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool worth_repeating(const Error& error, int status) {
  if (status == 429 || status >= 500) return true;
  return status == 0 || is_success(status) ? error.code == ErrorCode::unreachable : false;
}

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(net::Executor executor, Connection c, net::HttpOrigin origin, RetryPolicy r, std::string agent)
      : connection(std::move(c)),
        own_certificate(connection.tls.certificate_pem),
        own_key(connection.tls.key_pem),
        http(executor, std::move(origin), {.idle_connections = kAtOnce}),
        turns(std::move(executor), kAtOnce),
        retry(std::move(r)),
        user_agent(std::move(agent)) {}

  // Adds the identity. A client certificate of an exec plugin takes the place of the transport's, until it gives none.
  awaitable<Result<void>> authorize(net::HttpRequest* request, Deadline deadline) {
    if (!connection.credentials) co_return Result<void>{};
    auto authorization = co_await connection.credentials->get(deadline);
    if (!authorization) co_return fail(std::move(authorization.error()));
    if (!authorization->bearer.empty())
      request->authorization = Secret("Bearer " + std::string(authorization->bearer.reveal()));
    remember(authorization->bearer);
    for (auto& header : authorization->headers) request->headers.push_back(header);
    const bool of_plugin = !authorization->certificate_pem.empty();
    const std::string& wanted = of_plugin ? authorization->certificate_pem : own_certificate;
    if (connection.server.scheme == "https" && wanted != connection.tls.certificate_pem) {
      connection.tls.certificate_pem = wanted;
      connection.tls.key_pem = of_plugin ? authorization->key_pem : own_key;
      auto context = net::TlsContext::for_client(connection.tls);
      if (!context) co_return fail(std::move(context.error()));
      http.set_tls(*context);
    }
    co_return Result<void>{};
  }

  void remember(const Secret& bearer) {
    constexpr std::size_t most = 3;  // a token that was renewed may still stand in an answer
    for (const auto& known : bearers)
      if (known.reveal() == bearer.reveal()) return;
    if (bearer.empty()) return;
    bearers.insert(bearers.begin(), bearer);
    if (bearers.size() > most) bearers.pop_back();
  }

  awaitable<Result<net::Upgraded>> upgrade(net::HttpRequest request, Deadline deadline) {
    const std::string step = request.method + " " + request.target.substr(0, request.target.find('?'));
    request.headers.push_back({"User-Agent", user_agent});
    for (bool again = false;; again = true) {
      net::HttpRequest attempt = request;
      auto authorized = co_await authorize(&attempt, deadline);
      if (!authorized) co_return fail(std::move(authorized.error()));
      auto upgraded = co_await http.upgrade(std::move(attempt), deadline);
      if (!upgraded || upgraded->stream) co_return upgraded;
      const int status = upgraded->head.status;
      if (status == 401 && !again && connection.credentials && connection.credentials->rejected()) continue;
      if (is_success(status))
        co_return fail(ErrorCode::server_error, step, "the server does not go on with the protocol that was asked for",
                       "Look at proxies on the way: they must let WebSockets through");
      for (const auto& bearer : bearers) redact::cut_out(upgraded->body, bearer.reveal());
      co_return fail(error_from_answer(upgraded->head, upgraded->body, step));
    }
  }

  // One exchange with its identity; `status` is 0 when there was no answer.
  awaitable<Result<void>> once(net::HttpRequest request, net::BodySink* sink, Deadline deadline, int* status,
                               int* retry_after) {
    const std::string step = request.method + " " + request.target.substr(0, request.target.find('?'));
    const bool is_read = request.method == "GET";
    *status = 0;
    *retry_after = -1;
    request.headers.push_back({"User-Agent", user_agent});
    auto authorized = co_await authorize(&request, deadline);
    if (!authorized) co_return fail(std::move(authorized.error()));
    std::optional<Turns::Turn> turn;
    if (!is_followed(request.target)) {  // what never ends holds nobody up
      auto taken = co_await turns.take(deadline);
      if (!taken) co_return fail(std::move(taken.error()));
      turn.emplace(std::move(*taken));
    }
    StatusFilter filter(*sink);
    auto head = co_await http.exchange(std::move(request), filter, deadline);
    if (!head) co_return fail(std::move(head.error()));
    *status = head->status;
    if (is_success(head->status)) co_return Result<void>{};
    // A server, or a proxy that shows what it got, may send the credential back; an error is no place for it.
    for (const auto& bearer : bearers) redact::cut_out(filter.error_body(), bearer.reveal());
    Error error = error_from_answer(*head, filter.error_body(), step);
    *retry_after = retry_after_seconds(*head, error);
    if (!is_read && (head->status >= 500 || head->status == 408)) error = net::with_unknown_outcome(std::move(error));
    co_return fail(std::move(error));
  }

  awaitable<Result<void>> perform(net::HttpRequest request, net::BodySink* sink, Deadline deadline) {
    const bool repeatable = request.method == "GET";
    Duration wait = retry.first_wait;
    bool fresh_credentials = false;
    for (int attempt = 1;; ++attempt) {
      int status = 0;
      int retry_after = -1;
      auto done = co_await once(request, sink, deadline, &status, &retry_after);
      if (done) co_return done;
      if (status == 401 && !fresh_credentials && connection.credentials && connection.credentials->rejected()) {
        fresh_credentials = true;  // the server did nothing yet, so a write may go again too
        continue;
      }
      if (!repeatable || attempt >= retry.attempts || !worth_repeating(done.error(), status)) co_return done;
      // A server that asks for no pause, or less than the backoff's, gets the backoff's.
      const Duration asked = std::chrono::seconds(std::max(retry_after, 0));
      Duration pause = std::max(asked, std::min(wait, retry.longest_wait));
      const double jitter = retry.jitter ? retry.jitter() : 0.5;
      const Duration spread = std::chrono::duration_cast<Duration>((retry_after > 0 ? 0.25 : 0.5) * jitter * pause);
      const Duration left = deadline.is_never() ? retry.longest_ask : deadline.left();
      if (left <= pause) {
        if (retry_after > 0)
          done.error().remedy = "The server asks for a pause of " + std::to_string(retry_after) +
                                " s, which this call has no time for: try again after that";
        co_return done;
      }
      pause += std::min(spread, (left - pause) / 2);
      auto slept = co_await net::sleep_for(pause);
      if (!slept) co_return fail(std::move(slept.error()));
      wait *= 2;
    }
  }

  Connection connection;
  const std::string own_certificate;  // the kubeconfig's
  const Secret own_key;
  net::HttpClient http;
  Turns turns;
  RetryPolicy retry;
  std::string user_agent;
  std::vector<Secret> bearers;
  KnownDiscovery discovered;
  std::string cluster_uid;
};

Result<std::unique_ptr<Client>> Client::make(net::Executor executor, Connection connection, RetryPolicy retry,
                                             std::string user_agent) {
  while (connection.server.path.ends_with('/')) connection.server.path.pop_back();
  net::HttpOrigin origin;
  origin.host = connection.server.host;
  origin.port = connection.server.port;
  origin.proxy = connection.proxy;
  origin.no_metadata = connection.no_metadata;
  if (connection.server.scheme == "https") {
    auto context = net::TlsContext::for_client(connection.tls);
    if (!context) return fail(std::move(context.error()));
    origin.tls = *context;
  }
  std::unique_ptr<Client> client(new Client);
  client->impl_ = std::make_shared<Impl>(std::move(executor), std::move(connection), std::move(origin),
                                         std::move(retry), std::move(user_agent));
  return client;
}

Client::~Client() = default;
const Connection& Client::connection() const { return impl_->connection; }
const std::vector<Secret>& Client::bearers() const { return impl_->bearers; }

Client::KnownDiscovery& Client::known_discovery() { return impl_->discovered; }
std::string& Client::known_cluster_uid() { return impl_->cluster_uid; }

awaitable<Result<void>> Client::read(std::string target, std::string accept, net::BodySink& sink, Deadline deadline) {
  auto impl = impl_;
  net::HttpRequest request;
  request.target = impl->connection.server.path + target;
  request.headers.push_back({"Accept", std::move(accept)});
  co_return co_await impl->perform(std::move(request), &sink, deadline);
}

awaitable<Result<void>> Client::read_once(std::string target, std::string accept, net::BodySink& sink,
                                          Deadline deadline, int* retry_after) {
  auto impl = impl_;
  net::HttpRequest request;
  request.target = impl->connection.server.path + target;
  request.headers.push_back({"Accept", std::move(accept)});
  for (bool again = false;; again = true) {
    int status = 0;
    auto done = co_await impl->once(request, &sink, deadline, &status, retry_after);
    const bool renew = status == 401 && !again && impl->connection.credentials;
    if (done || !renew || !impl->connection.credentials->rejected()) co_return done;
  }
}

awaitable<Result<json::value>> Client::get(std::string target, Deadline deadline, std::string accept) {
  Collector body;
  const std::string step = "GET " + target.substr(0, target.find('?'));
  auto done = co_await read(std::move(target), std::move(accept), body, deadline);
  if (!done) co_return fail(std::move(done.error()));
  auto parsed = parse_json(body.text(), step, kAnswerLimits);
  if (parsed) co_return parsed;
  co_return fail(ErrorCode::server_error, step, "the answer is not JSON",
                 "Check that the address is that of a Kubernetes API server");
}

awaitable<Result<json::value>> Client::send(std::string method, std::string target, std::string content_type,
                                            std::string body, Deadline deadline) {
  auto impl = impl_;
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = impl->connection.server.path + target;
  request.headers.push_back({"Accept", "application/json"});
  request.headers.push_back({"Content-Type", content_type.empty() ? "application/json" : std::move(content_type)});
  request.body = std::move(body);
  const std::string step = request.method + " " + target.substr(0, target.find('?'));
  Collector answer;
  auto done = co_await impl->perform(std::move(request), &answer, deadline);
  if (!done) co_return fail(std::move(done.error()));
  auto parsed = parse_json(answer.text(), step, kAnswerLimits);
  // Whoever answers in the server's place, or fails after saying 200, has not said that the change was made.
  const std::string_view kind = parsed ? text_at(*parsed, {"kind"}) : std::string_view();
  if (!kind.empty() && (kind != "Status" || text_at(*parsed, {"status"}) == "Success")) co_return parsed;
  Error error{ErrorCode::server_error, step,
              !parsed        ? "the answer is not JSON"
              : kind.empty() ? "the answer is no Kubernetes object"
                             : "the answer is a failure although its code is one of success"};
  co_return fail(net::with_unknown_outcome(std::move(error)));
}

awaitable<Result<net::Upgraded>> Client::upgrade(std::string target, std::vector<net::HttpHeader> headers,
                                                 Deadline deadline) {
  auto impl = impl_;
  net::HttpRequest request;
  request.target = impl->connection.server.path + target;
  request.headers = std::move(headers);
  co_return co_await impl->upgrade(std::move(request), deadline);
}

std::string ResourcePath::text() const {
  // "." and ".." would walk the path.
  auto part = [](std::string_view text) {
    return text == "." ? "%2E" : text == ".." ? "%2E%2E" : net::percent_encode(text);
  };
  std::string out = group.empty() ? "/api/" : "/apis/" + part(group) + "/";
  out += part(version);
  if (!ns.empty()) out += "/namespaces/" + part(ns);
  out += "/" + part(plural);
  if (!name.empty()) out += "/" + part(name);
  if (!subresource.empty()) out += "/" + part(subresource);
  return out;
}

void add_query(std::string& target, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += key;
  target += '=';
  target += net::percent_encode(value);
}

}  // namespace fairlead::kube
