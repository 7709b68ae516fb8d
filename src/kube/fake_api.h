// Tests only: an API server on the loopback interface that answers what the test says, and a Client of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kube/client.h"
#include "net/http_server.h"
#include "net/test_support.h"

namespace fairlead::kube::testing {

struct Answer {
  int status = 200;
  std::string body = R"({"kind":"Status","status":"Success"})";
  std::string type = "application/json";
  std::vector<net::HttpHeader> headers;
  bool cut = false;   // after the body, in the middle of the answer
  bool hang = false;  // no answer at all
};

inline Answer protobuf(std::string body) {
  return {.body = std::move(body), .type = "application/vnd.kubernetes.protobuf"};
}

inline Answer refusal(int status, std::string reason, std::string message) {
  json::object body{{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"},
                    {"reason", reason}, {"message", message}, {"code", status}};
  return {.status = status, .body = compact(body)};
}

// A token that changes whenever it was rejected, as often as it may.
class FakeCredentials final : public Credentials {
 public:
  explicit FakeCredentials(int renewals) : renewals_(renewals) {}
  awaitable<Result<Authorization>> get(Deadline) override {
    Authorization out;
    out.bearer = Secret("secret-token-" + std::to_string(generation));
    co_return out;
  }
  bool rejected() override {
    if (generation >= renewals_) return false;
    ++generation;
    return true;
  }
  int generation = 0;

 private:
  int renewals_;
};

class FakeApi {
 public:
  using Handler = std::function<Answer(const net::HttpRequest&)>;

  explicit FakeApi(Handler handler) : handler_(std::move(handler)) {
    auto listening =
        net::HttpServer::listen(loop.executor(), {}, [this](net::ServerRequest request, net::ResponseWriter& writer) {
          return answer(std::move(request), &writer);
        });
    server_ = std::move(listening.value());
  }

  Connection connection(std::shared_ptr<Credentials> credentials = no_credentials(), std::string path = "") const {
    Connection out;
    out.server = {"http", "", "127.0.0.1", server_->port(), std::move(path)};
    out.namespace_ = "default";
    out.credentials = std::move(credentials);
    return out;
  }

  // One that waits hardly at all between its attempts.
  Client& client(std::shared_ptr<Credentials> credentials = no_credentials(), std::string path = "",
                 RetryPolicy retry = quick()) {
    client_ = Client::make(loop.executor(), connection(std::move(credentials), std::move(path)), std::move(retry),
                           "fairlead-test")
                  .value();
    return *client_;
  }
  static RetryPolicy quick() {
    RetryPolicy retry;
    retry.first_wait = std::chrono::milliseconds(1);
    retry.longest_wait = std::chrono::seconds(2);
    retry.jitter = [] { return 0.0; };
    return retry;
  }

  template <class T>
  T run(awaitable<T> body) {
    return net::testing::await_on(loop, std::move(body));
  }

  // "GET /api/v1/pods"
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const auto& request : requests) out.push_back(request.method + " " + request.target);
    return out;
  }

  net::Loop loop;
  std::vector<net::HttpRequest> requests;  // in the order of their arrival

 private:
  awaitable<void> answer(net::ServerRequest request, net::ResponseWriter* writer) {
    requests.push_back(request.http);
    Answer answer = handler_(request.http);
    if (answer.hang) {
      auto slept = co_await net::sleep_for(std::chrono::hours(1));
      (void)slept;
      co_return;
    }
    std::vector<net::HttpHeader> headers = std::move(answer.headers);
    if (!answer.type.empty()) headers.push_back({"Content-Type", answer.type});
    if (!answer.cut) {
      auto sent = co_await writer->send(answer.status, std::move(headers), std::move(answer.body));
      (void)sent;
      co_return;
    }
    auto started = co_await writer->start(answer.status, std::move(headers));
    if (started) started = co_await writer->write(answer.body);
    writer->abort();
  }

  Handler handler_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<Client> client_;
};

}  // namespace fairlead::kube::testing
