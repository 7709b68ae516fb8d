// For tests: a small cluster behind the API, asked without sockets.
#pragma once

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "sandbox/access_controllers.h"
#include "sandbox/api.h"
#include "sandbox/bootstrap_policy.h"
#include "sandbox/containers.h"
#include "sandbox/controllers.h"
#include "sandbox/fixtures.h"
#include "sandbox/protobuf_encoder.h"

namespace fairlead::sandbox {

class RecordingWriter final : public net::ResponseWriter {
 public:
  net::awaitable<Result<void>> send(int status, std::vector<net::HttpHeader> headers, std::string body) override {
    take(status, headers);
    this->body += body;
    finished = true;
    co_return Result<void>{};
  }
  net::awaitable<Result<void>> start(int status, std::vector<net::HttpHeader> headers) override {
    take(status, headers);
    co_return Result<void>{};
  }
  net::awaitable<Result<void>> write(std::string_view bytes) override {
    if (pieces == break_after) {
      broken = true;
      co_return fail(ErrorCode::unreachable, "answer", "the client has gone");
    }
    ++pieces;
    largest_piece = std::max(largest_piece, bytes.size());
    body += bytes;
    co_return Result<void>{};
  }
  net::awaitable<Result<void>> finish() override {
    finished = true;
    co_return Result<void>{};
  }
  void abort() override { broken = true; }
  bool gone() const override { return broken; }

  int status = 0;
  std::string content_type, body;
  std::vector<std::string> warnings;
  bool finished = false, broken = false;
  int pieces = 0, break_after = -1;
  std::size_t largest_piece = 0;

 private:
  void take(int code, const std::vector<net::HttpHeader>& headers) {
    status = code;
    for (const auto& header : headers) {
      if (header.name == "Content-Type") content_type = header.value;
      if (header.name == "Warning") warnings.push_back(header.value);
    }
  }
};

struct Reply {
  int status = 0;
  std::string content_type, body;
  std::vector<std::string> warnings;
  json::value value() const {
    auto parsed = parse_json(body, "test");
    return parsed ? *parsed : json::value();
  }
  std::string message() const { return std::string(text_at(value(), {"message"})); }
  std::string reason() const { return std::string(text_at(value(), {"reason"})); }
};

struct Cluster {
  explicit Cluster(int pods = 25, int nodes = 3)
      : objects(resources, store, clock, 1), api(objects, options(tokens, containers)) {
    build_cluster(objects, {nodes, pods});
    install_bootstrap_policy(objects);
    access = std::make_unique<AccessControllers>(objects, tokens, "the CA's certificate", nullptr);
    access->run();
    controllers = std::make_unique<Controllers>(objects, 0, nullptr, "", containers);
  }
  static ApiOptions options(std::shared_ptr<const ServiceAccountTokens> tokens,
                            std::shared_ptr<Containers> containers = nullptr) {
    ApiOptions out;
    out.containers = std::move(containers);
    out.tokens = std::move(tokens);
    out.token = "the-token";
    out.server_address = "127.0.0.1:6443";
    return out;
  }

  Reply ask(std::string method, std::string target, std::string body = "",
            std::string content_type = "application/json", std::string accept = "application/json",
            std::string authorization = "Bearer the-token") {
    std::vector<net::HttpHeader> headers{{"Content-Type", std::move(content_type)}, {"Accept", std::move(accept)}};
    if (!authorization.empty()) headers.push_back({"Authorization", std::move(authorization)});
    return ask_with(std::move(method), std::move(target), std::move(headers), std::move(body));
  }
  // With those headers and no others; `peer`: of a client certificate.
  Reply ask_with(std::string method, std::string target, std::vector<net::HttpHeader> headers, std::string body = "",
                 net::PeerName peer = {}) {
    net::ServerRequest request;
    request.peer = std::move(peer);
    request.http.method = std::move(method);
    request.http.target = std::move(target);
    request.http.headers = std::move(headers);
    request.http.body = std::move(body);
    RecordingWriter writer;
    serve(std::move(request), writer);
    EXPECT_TRUE(writer.finished);
    return {writer.status, writer.content_type, writer.body, writer.warnings};
  }
  Reply get(std::string target, std::string accept = "application/json") {
    return ask("GET", std::move(target), "", "", std::move(accept));
  }
  // Server-side apply by that manager; `query` goes on after it.
  Reply apply(std::string target, std::string manager, std::string body, std::string query = "") {
    return ask("PATCH", target + "?fieldManager=" + manager + query, std::move(body), "application/apply-patch+yaml");
  }
  Reply patch(std::string target, std::string body, std::string type = "application/strategic-merge-patch+json") {
    return ask("PATCH", std::move(target), std::move(body), std::move(type));
  }

  void serve(net::ServerRequest request, RecordingWriter& writer) {
    net::run_until_done([&](net::Executor) { return api.handle(std::move(request), writer); });
  }

  // Lets the controllers work for that long.
  void pass(std::int64_t milliseconds) {
    std::int64_t until = now_ms + milliseconds;
    auto move_to = [&](std::int64_t at_ms) {
      clock.set(clock.unix_seconds() + (at_ms / 1000 - now_ms / 1000));
      now_ms = at_ms;
    };
    access->run();
    while (auto next = controllers->run(now_ms)) {
      if (*next > until) break;
      if (*next > now_ms) move_to(*next);
    }
    move_to(until);
    for (auto next = controllers->run(now_ms); next && *next <= now_ms;) next = controllers->run(now_ms);
    access->run();
  }

  // Names of the pods of an app.
  std::vector<std::string> pods_of(std::string_view app, std::string_view space = "shop") {
    std::vector<std::string> out;
    json::value list = get("/api/v1/namespaces/" + std::string(space) +
                           "/pods?labelSelector=app.kubernetes.io/name%3D" + std::string(app))
                           .value();
    for (const json::value& pod : array_at(list, {"items"})) {
      if (!find(pod, "metadata", "deletionTimestamp")) out.emplace_back(text_at(pod, {"metadata", "name"}));
    }
    return out;
  }

  FixedClock clock{1'780'000'000};
  Resources resources;
  Store store;
  Objects objects;
  std::shared_ptr<const ServiceAccountTokens> tokens = ServiceAccountTokens::make().value();
  std::shared_ptr<Containers> containers = std::make_shared<Containers>(objects);
  Api api;
  std::unique_ptr<Controllers> controllers;
  std::unique_ptr<AccessControllers> access;
  std::int64_t now_ms = 0;
};

}  // namespace fairlead::sandbox
