#include "gate/kubeconfig_clusters.h"

#include <gmock/gmock.h>

#include "kube/decode_testing.h"
#include "kube/fake_api.h"
#include "kube/kubeconfig_testing.h"

namespace fairlead::gate {
namespace {

using kube::testing::Answer;
using kube::testing::FakeApi;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class KubeconfigClustersTest : public testing::Test {
 protected:
  KubeconfigOptions options(std::string contents) {
    KubeconfigOptions out;
    out.sources.environment = [contents = std::move(contents)](std::string_view name) {
      return name == "KUBECONFIG_CONTENTS" ? std::optional<std::string>(contents) : std::nullopt;
    };
    out.user_agent = "fairlead-test";
    out.jitter = [] { return 0.0; };
    out.warn = [this](const std::string& warning) { warnings.push_back(warning); };
    return out;
  }
  std::string kubeconfig() {
    const std::string server = "http://127.0.0.1:" + std::to_string(api.connection().server.port);
    return "clusters: [{name: a, cluster: {server: '" + server + "/a'}}, {name: b, cluster: {server: '" + server +
           "/b'}}]\nusers: [{name: u, user: {token: secret-token}}]\n"
           "contexts: [{name: first, context: {cluster: a, user: u, namespace: shop}}, {name: second, context: "
           "{cluster: b, user: u}}]\ncurrent-context: first\n";
  }
  Result<ops::Reply> get_pod(KubeconfigClusters& clusters, std::string cluster) {
    Gate gate(catalog, clusters, {});
    Request request;
    request.operation = "get_pod";
    request.arguments = {{"name", "web"}, {"format", "json"}};  // the pod alone
    request.cluster = std::move(cluster);
    request.deadline = net::testing::patience();
    return api.run(gate.call(std::move(request)));
  }

  FakeApi api{[](const net::HttpRequest&) { return Answer{.body = R"({"kind":"Pod"})"}; }};
  ops::Catalog catalog = ops::kubernetes_catalog();
  FixedClock clock{1'767'225'600};
  std::vector<std::string> warnings;
};

TEST_F(KubeconfigClustersTest, AnIdIsAContext) {
  KubeconfigClusters clusters(api.loop.executor(), clock, options(kubeconfig()));
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_TRUE(get_pod(clusters, "second"));
  EXPECT_TRUE(get_pod(clusters, "second"));
  EXPECT_THAT(api.lines(),
              ElementsAre("GET /a/api/v1/namespaces/shop/pods/web", "GET /b/api/v1/namespaces/default/pods/web",
                          "GET /b/api/v1/namespaces/default/pods/web"));
  EXPECT_EQ(api.requests[0].header("Authorization"), "Bearer secret-token");
  EXPECT_THAT(warnings, SizeIs(2)) << "each once per context";
  EXPECT_THAT(warnings[0], HasSubstr("without encryption"));
}

TEST_F(KubeconfigClustersTest, OptionsComeBeforeTheFile) {
  KubeconfigOptions given = options(kubeconfig());
  given.context = "second";
  given.default_namespace = "mine";
  KubeconfigClusters clusters(api.loop.executor(), clock, std::move(given));
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_THAT(api.lines(), ElementsAre("GET /b/api/v1/namespaces/mine/pods/web"));
}

// Whoever starts Fairlead for one context does not want a model to choose another.
TEST_F(KubeconfigClustersTest, APinnedContextIsTheOnlyOne) {
  KubeconfigOptions given = options(kubeconfig());
  given.context = "second";
  KubeconfigClusters by_option(api.loop.executor(), clock, std::move(given));
  given = options(kubeconfig());
  given.sources.environment = [contents = kubeconfig()](std::string_view name) {
    return name == "KUBECONFIG_CONTENTS"  ? std::optional<std::string>(contents)
           : name == "KUBECONFIG_CONTEXT" ? std::optional<std::string>("second")
                                          : std::nullopt;
  };
  KubeconfigClusters by_environment(api.loop.executor(), clock, std::move(given));
  for (KubeconfigClusters* clusters : {&by_option, &by_environment}) {
    EXPECT_TRUE(get_pod(*clusters, ""));
    EXPECT_TRUE(get_pod(*clusters, "second"));
    auto other = get_pod(*clusters, "first");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::policy_denied);
    EXPECT_THAT(other.error().sentence(), HasSubstr("only the cluster of context 'second'"));
  }
  for (const auto& line : api.lines()) EXPECT_THAT(line, HasSubstr("GET /b/"));
}

// A renewed kubeconfig is used from the next call on, in the context that was the current one at the first call.
TEST_F(KubeconfigClustersTest, FilesThatChangeAreReadAgain) {
  kube::TemporaryDirectory directory;
  KubeconfigOptions given = options("");
  given.sources.kubeconfig = directory.write("config", kubeconfig());
  given.current_only = true;
  KubeconfigClusters clusters(api.loop.executor(), clock, std::move(given));
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_THAT(warnings, SizeIs(1));
  std::string renewed = kubeconfig();
  renewed.replace(renewed.find("secret-token"), 12, "renewed-token");
  renewed.replace(renewed.find("current-context: first"), 22, "current-context: second");
  directory.write("config", renewed);
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_EQ(api.requests.back().header("Authorization"), "Bearer renewed-token");
  for (const auto& line : api.lines()) EXPECT_THAT(line, HasSubstr("GET /a/"));
  EXPECT_EQ(get_pod(clusters, "second").error().code, ErrorCode::policy_denied);
  directory.write("config", "clusters: [");
  EXPECT_EQ(get_pod(clusters, "").error().code, ErrorCode::invalid_request) << "what is broken is told";
  directory.write("config", kubeconfig());
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_EQ(api.requests.back().header("Authorization"), "Bearer secret-token");
  EXPECT_THAT(warnings, SizeIs(1)) << "not again with every change";
}

TEST_F(KubeconfigClustersTest, WhatIsChosenIsThatOfTheStart) {
  kube::TemporaryDirectory directory;
  KubeconfigOptions given = options("");
  given.sources.kubeconfig = directory.write("config", kubeconfig());
  given.current_only = true;
  KubeconfigClusters clusters(api.loop.executor(), clock, std::move(given));
  EXPECT_TRUE(clusters.prepare());
  EXPECT_TRUE(api.requests.empty());
  std::string moved = kubeconfig();
  moved.replace(moved.find("current-context: first"), 22, "current-context: second");
  directory.write("config", moved);
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_THAT(api.lines().back(), HasSubstr("GET /a/"));
  std::string elsewhere = kubeconfig();
  elsewhere.replace(elsewhere.find("namespace: shop"), 15, "namespace: prod");
  directory.write("config", elsewhere);
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_THAT(api.lines().back(), HasSubstr("/namespaces/shop/")) << "nor does its namespace move";
  // Nor may the same context become another user, or another cluster.
  std::string promoted = kubeconfig();
  promoted.replace(promoted.find("cluster: a, user: u"), 19, "cluster: a, user: w");
  promoted.replace(promoted.find("users: ["), 8, "users: [{name: w, user: {token: other-token}}, ");
  directory.write("config", promoted);
  EXPECT_EQ(get_pod(clusters, "").error().code, ErrorCode::policy_denied);
  std::string pointed = kubeconfig();
  pointed.replace(pointed.find("/a'"), 3, "/elsewhere'");
  directory.write("config", pointed);
  auto reply = get_pod(clusters, "");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::policy_denied);
  EXPECT_THAT(api.lines().back(), HasSubstr("GET /a/"));

  KubeconfigOptions nowhere = options("");
  nowhere.sources.kubeconfig = directory.path("nothing");
  EXPECT_FALSE(KubeconfigClusters(api.loop.executor(), clock, std::move(nowhere)).prepare());
}

TEST_F(KubeconfigClustersTest, ANamespaceIsANameWhereverItComesFrom) {
  for (const char* odd : {"../../kube-system", "a/b", "a?x=1", "A"}) {
    KubeconfigOptions given = options(kubeconfig());
    given.default_namespace = odd;
    KubeconfigClusters by_option(api.loop.executor(), clock, std::move(given));
    std::string config = kubeconfig();
    config.replace(config.find("namespace: shop"), 15, "namespace: '" + std::string(odd) + "'");
    KubeconfigClusters by_context(api.loop.executor(), clock, options(config));
    for (KubeconfigClusters* clusters : {&by_option, &by_context})
      EXPECT_EQ(get_pod(*clusters, "").error().code, ErrorCode::invalid_request) << odd;
  }
  EXPECT_TRUE(api.requests.empty());
}

TEST_F(KubeconfigClustersTest, OurOwnTokenIsShownToNobody) {
  FakeApi telling([](const net::HttpRequest& request) {
    if (request.target.ends_with("/log")) return Answer{.body = "a line with secret-token\n", .type = "text/plain"};
    return kube::testing::refusal(400, "BadRequest", "you sent secret-token here");
  });
  std::string config = kubeconfig();
  const std::string port = std::to_string(api.connection().server.port);
  for (std::size_t at = config.find(port); at != std::string::npos; at = config.find(port, at + 1))
    config.replace(at, port.size(), std::to_string(telling.connection().server.port));
  KubeconfigClusters clusters(telling.loop.executor(), clock, options(config));
  Gate gate(catalog, clusters, {});
  for (const char* operation : {"get_pod_logs", "get_pod"}) {
    Request request;
    request.operation = operation;
    request.arguments = {{"name", "web"}};
    request.deadline = net::testing::patience();
    auto reply = telling.run(gate.call(std::move(request)));
    if (reply)
      EXPECT_EQ(std::get<ops::Text>(reply->body).text, "a line with ************\n");
    else
      EXPECT_EQ(reply.error().foreign, "you sent <redacted> here");
  }
}

TEST_F(KubeconfigClustersTest, ATokenOfAFileStaysHiddenWhenTheKubeconfigChanges) {
  FakeApi telling(
      [](const net::HttpRequest&) { return Answer{.body = "first-token and second-token\n", .type = "text/plain"}; });
  kube::TemporaryDirectory directory;
  const std::string config =
      "clusters: [{name: a, cluster: {server: 'http://127.0.0.1:" + std::to_string(telling.connection().server.port) +
      "'}}]\nusers: [{name: u, user: {tokenFile: token}}]\n"
      "contexts: [{name: a, context: {cluster: a, user: u}}]\ncurrent-context: a\n";
  KubeconfigOptions given = options("");
  given.sources.kubeconfig = directory.write("config", config);
  directory.write("token", "first-token");
  KubeconfigClusters clusters(telling.loop.executor(), clock, std::move(given));
  Gate gate(catalog, clusters, {});
  auto log = [&] {
    Request request;
    request.operation = "get_pod_logs";
    request.arguments = {{"name", "web"}};
    request.deadline = net::testing::patience();
    return std::get<ops::Text>(telling.run(gate.call(std::move(request))).value().body).text;
  };
  EXPECT_EQ(log(), "*********** and second-token\n");
  directory.write("token", "second-token");
  directory.write("config", "# renewed\n" + config);
  EXPECT_EQ(log(), "*********** and ************\n");
}

TEST_F(KubeconfigClustersTest, OnlyTheCurrentContext) {
  KubeconfigOptions given = options(kubeconfig());
  given.current_only = true;
  KubeconfigClusters clusters(api.loop.executor(), clock, std::move(given));
  EXPECT_EQ(get_pod(clusters, "second").error().code, ErrorCode::policy_denied);
  EXPECT_TRUE(get_pod(clusters, ""));
  EXPECT_TRUE(get_pod(clusters, "first"));
  for (const auto& line : api.lines()) EXPECT_THAT(line, HasSubstr("GET /a/"));
  EXPECT_THAT(warnings, SizeIs(1)) << "one client, by whichever name it is asked for";

  std::string none = kubeconfig();
  none.erase(none.find("current-context"));
  given = options(none);
  given.current_only = true;
  KubeconfigClusters nowhere(api.loop.executor(), clock, std::move(given));
  EXPECT_EQ(get_pod(nowhere, "second").error().code, ErrorCode::policy_denied);
}

TEST_F(KubeconfigClustersTest, WhichThereAre) {
  auto ids = [this](KubeconfigClusters& clusters) {
    std::vector<std::string> out;
    const auto known = api.run(clusters.list()).value();
    for (const auto& one : known) out.push_back((one.current ? "*" : "") + one.id + " " + one.server);
    return out;
  };
  const std::string server = "127.0.0.1:" + std::to_string(api.connection().server.port);
  KubeconfigClusters all(api.loop.executor(), clock, options(kubeconfig()));
  EXPECT_THAT(ids(all), ElementsAre("*first " + server, "second " + server));
  KubeconfigOptions given = options(kubeconfig());
  given.context = "second";
  KubeconfigClusters one(api.loop.executor(), clock, given);
  EXPECT_THAT(ids(one), ElementsAre("*second " + server));
  given.context = "";
  given.current_only = true;
  KubeconfigClusters current(api.loop.executor(), clock, std::move(given));
  EXPECT_THAT(ids(current), ElementsAre("*first " + server));
  std::string none = kubeconfig();
  none.erase(none.find("current-context"));
  given = options(none);
  given.current_only = true;
  KubeconfigClusters nowhere(api.loop.executor(), clock, std::move(given));
  EXPECT_THAT(ids(nowhere), ElementsAre());
  std::string odd = kubeconfig();
  odd.replace(odd.find("http://"), 7, "http://me:hunter2@");
  odd.replace(odd.find("cluster: b"), 10, "cluster: x");
  KubeconfigClusters strange(api.loop.executor(), clock, options(odd));
  EXPECT_THAT(ids(strange), ElementsAre("*first " + server, "second "))
      << "without a password, or a server that is not there";
  KubeconfigClusters broken(api.loop.executor(), clock, options("{["));
  EXPECT_FALSE(api.run(broken.list()));
  EXPECT_TRUE(api.requests.empty());
}

TEST_F(KubeconfigClustersTest, AReadOfSeveral) {
  KubeconfigOptions given = options(kubeconfig());
  given.context = "second";
  KubeconfigClusters pinned(api.loop.executor(), clock, std::move(given));
  KubeconfigClusters all(api.loop.executor(), clock, options(kubeconfig()));
  auto get = [&](KubeconfigClusters& clusters, std::vector<std::string> ids) {
    Gate gate(catalog, clusters, {});
    Request request;
    request.operation = "get_pod";
    request.arguments = {{"name", "web"}, {"format", "json"}};
    request.clusters = std::move(ids);
    request.deadline = net::testing::patience();
    return api.run(gate.call(std::move(request)));
  };
  auto both = get(all, {"*"});
  ASSERT_TRUE(both);
  EXPECT_EQ(compact(std::get<ops::Document>(both->body).value), R"({"first":{"kind":"Pod"},"second":{"kind":"Pod"}})");
  auto only = get(pinned, {"*"});
  ASSERT_TRUE(only);
  EXPECT_EQ(compact(std::get<ops::Document>(only->body).value), R"({"second":{"kind":"Pod"}})");
  auto other = get(pinned, {"first", "second"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::policy_denied);
  EXPECT_EQ(api.requests.size(), 3u);
}

// Whoever may not list all namespaces gets those that are permitted.
TEST_F(KubeconfigClustersTest, ARefusedListFallsBack) {
  FakeApi refusing([](const net::HttpRequest& request) {
    if (request.target == "/a/api/v1/namespaces/shop/pods")
      return kube::testing::protobuf(kube::testing::envelope("v1", "PodList", kube::testing::Message()));
    return kube::testing::refusal(403, "Forbidden", "no");
  });
  std::string config = kubeconfig();
  const std::string port = std::to_string(api.connection().server.port);
  for (std::size_t at = config.find(port); at != std::string::npos; at = config.find(port, at + 1))
    config.replace(at, port.size(), std::to_string(refusing.connection().server.port));
  KubeconfigClusters clusters(refusing.loop.executor(), clock, options(config));
  Gate gate(catalog, clusters, {});
  Request request;
  request.operation = "list_pods";
  request.deadline = net::testing::patience();
  auto reply = refusing.run(gate.call(std::move(request)));
  ASSERT_TRUE(reply) << reply.error().sentence();
  EXPECT_THAT(reply->notes, ElementsAre(HasSubstr("only namespace shop, the connection's own")));
}

TEST_F(KubeconfigClustersTest, AGivenNamespaceBoundsLists) {
  auto list = [&](std::string given, json::object arguments) {
    KubeconfigOptions all = options(kubeconfig());
    all.default_namespace = std::move(given);
    KubeconfigClusters clusters(api.loop.executor(), clock, std::move(all));
    Gate gate(catalog, clusters, {});
    Request request;
    request.operation = "list_pods";
    request.arguments = std::move(arguments);
    request.deadline = net::testing::patience();
    (void)api.run(gate.call(std::move(request)));
    return api.lines().back();
  };
  EXPECT_EQ(list("", {}), "GET /a/api/v1/pods");
  EXPECT_EQ(list("mine", {}), "GET /a/api/v1/namespaces/mine/pods");
  EXPECT_EQ(list("mine", {{"namespace", "other"}}), "GET /a/api/v1/namespaces/other/pods");
}

TEST_F(KubeconfigClustersTest, Problems) {
  KubeconfigClusters clusters(api.loop.executor(), clock, options(kubeconfig()));
  auto reply = get_pod(clusters, "secnod");
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().sentence(), HasSubstr("Did you mean \"second\""));
  KubeconfigClusters broken(api.loop.executor(), clock, options("{["));
  EXPECT_FALSE(get_pod(broken, ""));
  EXPECT_FALSE(get_pod(broken, ""));
  EXPECT_TRUE(api.requests.empty());
}

}  // namespace
}  // namespace fairlead::gate
