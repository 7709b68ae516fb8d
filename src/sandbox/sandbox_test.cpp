#include "sandbox/sandbox.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "base/yaml.h"
#include "net/http_client.h"

namespace fairlead::sandbox {
namespace {

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

struct Collect final : net::BodySink {
  Result<void> on_head(const net::HttpHead&) override {
    body.clear();
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    body += bytes;
    return net::Flow::more;
  }
  std::string body;
};

struct Reply {
  int status = 0;
  std::string body;
};

net::awaitable<Reply> ask(net::HttpClient* client, std::string method, std::string path, std::string token,
                          std::string body = "", std::string type = "") {
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(path);
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
  if (!type.empty()) request.headers.push_back({"Content-Type", std::move(type)});
  request.body = std::move(body);
  Collect sink;
  auto head = co_await client->exchange(std::move(request), sink, Deadline::after(std::chrono::seconds(10)));
  EXPECT_TRUE(head) << head.error().sentence();
  Reply reply;
  if (head) reply.status = head->status;
  reply.body = std::move(sink.body);
  co_return reply;
}

TEST(Sandbox, ServesOverTls) {
  auto body = [](net::Executor executor) -> net::awaitable<void> {
    SystemClock clock;
    SandboxOptions options;
    options.speed = 20;  // probes begin after five seconds
    auto sandbox = Sandbox::start(executor, std::move(options), clock);
    EXPECT_TRUE(sandbox);
    if (!sandbox) co_return;
    std::string token((*sandbox)->token().reveal());
    net::ClientTls tls;
    tls.ca_pem = (*sandbox)->ca_pem();
    tls.server_name = "127.0.0.1";
    net::HttpOrigin origin;
    origin.host = "127.0.0.1";
    origin.port = (*sandbox)->port();
    origin.tls = *net::TlsContext::for_client(tls);
    net::HttpClient anonymous(executor, origin);
    Reply refused = co_await ask(&anonymous, "GET", "/api/v1/pods", "");
    EXPECT_EQ(refused.status, 403);
    Reply healthy = co_await ask(&anonymous, "GET", "/healthz", "");
    EXPECT_EQ(healthy.body, "ok");
    Reply with_token = co_await ask(&anonymous, "GET", "/api/v1/pods", token);
    EXPECT_EQ(with_token.status, 200);

    auto config = parse_yaml((*sandbox)->kubeconfig().reveal(), "test");
    const json::value& user = *find(array_at(*config, {"users"})[0], "user");
    tls.certificate_pem = *base64_decode(text_at(user, {"client-certificate-data"}));
    tls.key_pem = Secret(*base64_decode(text_at(user, {"client-key-data"})));
    origin.tls = *net::TlsContext::for_client(tls);
    net::HttpClient admin(executor, origin);
    Reply scaled = co_await ask(&admin, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart/scale", "",
                                R"({"spec":{"replicas":5}})", "application/merge-patch+json");
    EXPECT_EQ(scaled.status, 200);
    // The controllers work by themselves here.
    std::int64_t ready = 0;
    for (int i = 0; i < 100 && ready != 5; ++i) {
      co_await net::sleep_for(std::chrono::milliseconds(50));
      Reply deployment = co_await ask(&admin, "GET", "/apis/apps/v1/namespaces/shop/deployments/cart", "");
      auto value = parse_json(deployment.body, "test");
      ready = value ? integer_at(*value, {"status", "readyReplicas"}) : 0;
    }
    EXPECT_EQ(ready, 5);
    // And at once when its time is moved on.
    co_await ask(&admin, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart/scale", "",
                 R"({"spec":{"replicas":2}})", "application/merge-patch+json");
    (*sandbox)->advance(std::chrono::minutes(1));
    Reply pods =
        co_await ask(&admin, "GET", "/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io/name%3Dcart", "");
    auto list = parse_json(pods.body, "test");
    EXPECT_TRUE(list && array_at(*list, {"items"}).size() == 2);
    (*sandbox)->close();
  };
  net::run_until_done(body);
}

TEST(Sandbox, FailsOnRequest) {
  auto body = [](net::Executor executor) -> net::awaitable<void> {
    SystemClock clock;
    auto sandbox = Sandbox::start(executor, {}, clock);
    EXPECT_TRUE(sandbox);
    if (!sandbox) co_return;
    std::string token((*sandbox)->token().reveal());
    net::ClientTls tls;
    tls.ca_pem = (*sandbox)->ca_pem();
    tls.server_name = "127.0.0.1";
    net::HttpOrigin origin;
    origin.host = "127.0.0.1";
    origin.port = (*sandbox)->port();
    origin.tls = *net::TlsContext::for_client(tls);
    net::HttpClient client(executor, origin);
    auto set = [&](std::string name, std::string rule) {
      return ask(&client, "PUT", "/sandbox/faults/" + name, token, std::move(rule));
    };
    auto broken = [&](std::string path) -> net::awaitable<std::string> {
      net::HttpRequest request;
      request.target = std::move(path);
      request.headers.push_back({"Authorization", "Bearer " + token});
      Collect sink;
      auto head = co_await client.exchange(std::move(request), sink, Deadline::after(std::chrono::seconds(10)));
      EXPECT_FALSE(head);
      co_return sink.body;
    };
    Reply whole = co_await ask(&client, "GET", "/api/v1/pods", token);
    Reply refused = co_await ask(&client, "PUT", "/sandbox/faults/busy", "", R"({"status":429})");
    EXPECT_EQ(refused.status, 403);
    Reply put = co_await set("busy", R"({"status":429,"times":1})");
    EXPECT_EQ(put.status, 200);
    Reply busy = co_await ask(&client, "GET", "/api/v1/pods", token);
    EXPECT_EQ(busy.status, 429);
    co_await set("torn", R"({"tearAfter":1000,"times":1})");
    std::string torn = co_await broken("/api/v1/pods");
    EXPECT_TRUE(torn == whole.body.substr(0, 1000)) << torn.size();
    // On a kept connection that ends before an answer the client tries once more.
    co_await set("dropped", R"({"drop":true,"times":2,"match":{"path":"*/nodes"}})");
    std::string dropped = co_await broken("/api/v1/nodes");
    EXPECT_EQ(dropped.size(), 0u);
    auto before = std::chrono::steady_clock::now();
    co_await set("slow", R"({"delayMs":30,"times":1})");
    Reply slow = co_await ask(&client, "GET", "/api/v1/nodes", token);
    EXPECT_EQ(slow.status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(30));
    Reply stepped = co_await ask(&client, "PATCH", "/sandbox/time", token, R"({"speed":0,"advanceSeconds":3600})");
    Reply still = co_await ask(&client, "GET", "/sandbox/time", token);
    EXPECT_EQ(stepped.body, still.body);
    (*sandbox)->close();
  };
  net::run_until_done(body);
}

TEST(Sandbox, RefusesWhatItCannotBe) {
  net::Loop loop;
  SystemClock clock;
  auto start = [&](SandboxOptions options) { return Sandbox::start(loop.executor(), std::move(options), clock); };
  SandboxOptions none, many, nowhere;
  none.nodes = 0;
  many.pods = 1'000'000;
  nowhere.address = "somewhere";
  SandboxOptions back, frozen;
  back.speed = -1;
  for (auto& options : {none, many, nowhere, back}) {
    auto refused = start(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  }
  frozen.speed = 0;  // its time stands still
  EXPECT_TRUE(start(frozen));
  auto first = start({});
  ASSERT_TRUE(first);
  SandboxOptions taken;
  taken.port = (*first)->port();
  auto second = start(taken);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unreachable);
}

TEST(Sandbox, WritesAPrivateKubeconfig) {
  net::Loop loop;
  SystemClock clock;
  auto sandbox = Sandbox::start(loop.executor(), {}, clock);
  ASSERT_TRUE(sandbox);
  char directory[] = "/tmp/sandbox-test-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  std::string path = std::string(directory) + "/kubeconfig";
  ASSERT_TRUE((*sandbox)->write_kubeconfig(path));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  auto config = parse_yaml(slurp(path), "test");
  ASSERT_TRUE(config);
  EXPECT_EQ(text_at(*config, {"current-context"}), "sandbox");
  EXPECT_EQ(text_at(array_at(*config, {"clusters"})[0], {"cluster", "server"}), (*sandbox)->url());
  EXPECT_EQ(array_at(*config, {"contexts"}).size(), 3u);
  EXPECT_TRUE((*sandbox)->write_kubeconfig(path));  // its own
  { std::ofstream(path) << "apiVersion: v1\nkind: Config\n"; }
  auto foreign = (*sandbox)->write_kubeconfig(path);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(slurp(path), "apiVersion: v1\nkind: Config\n");
  auto missing = (*sandbox)->write_kubeconfig(std::string(directory) + "/no/kubeconfig");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  unlink(path.c_str());
  EXPECT_EQ(rmdir(directory), 0);  // nothing else was left there
}

}  // namespace
}  // namespace fairlead::sandbox
