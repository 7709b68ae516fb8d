// Live usage: top_pods, top_nodes, and beside lists and descriptions.
#include "ops/usage.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::list;
using testing::Message;
using testing::meta;
using ::testing::Not;
using testing::refusal;
using ::testing::StartsWith;
using testing::World;

constexpr std::string_view kMetrics = "metrics.k8s.io/v1beta1";

Message container_metrics(std::string_view name, std::string_view cpu, std::string_view memory) {
  return Message().text(1, name).quantity(2, "cpu", cpu).quantity(2, "memory", memory);
}
Message pod_metrics(std::string_view ns, std::string_view name, std::string_view cpu, std::string_view memory) {
  return Message()
      .message(1, meta(ns, name))
      .message(4, container_metrics("app", cpu, memory))
      .message(4, container_metrics("proxy", "1501u", "1024Ki"));
}
Message node_metrics(std::string_view name, std::string_view cpu, std::string_view memory) {
  return Message().message(1, meta("", name)).quantity(4, "cpu", cpu).quantity(4, "memory", memory);
}
Message pod(std::string_view ns, std::string_view name) {
  Message asked = Message().quantity(1, "memory", "128Mi").quantity(2, "cpu", "250m").quantity(2, "memory", "64Mi");
  return Message()
      .message(1, meta(ns, name))
      .message(2,
               Message().message(2, Message().text(1, "app").message(8, asked)).message(2, Message().text(1, "proxy")))
      .message(3, Message().text(1, "Running"));
}
Message node(std::string_view name) {
  return Message()
      .message(1, meta("", name))
      .message(3, Message()
                      .quantity(2, "cpu", "4")
                      .quantity(2, "memory", "8Gi")
                      .message(4, Message().text(1, "Ready").text(2, "True")));
}

Answer two_pods() {
  return list(kMetrics, "PodMetricsList",
              {pod_metrics("cart", "db-0", "2500000n", "20480Ki"), pod_metrics("shop", "web-0", "120m", "64Mi")});
}
const std::string kPods = "GET /apis/metrics.k8s.io/v1beta1/pods", kNodes = "GET /apis/metrics.k8s.io/v1beta1/nodes";

TEST(TopPods, TheMostComesFirst) {
  World world({{kPods, two_pods()}});
  // Nanocores are added up before they are rounded up: 2.5 + 1.501 are 5 millicores.
  EXPECT_EQ(world.text("top_pods", "{}"),
            "NAME CPU MEMORY (by NAMESPACE:)\nshop:\nweb-0 122m 65Mi\ncart:\ndb-0 5m 21Mi\n");
  EXPECT_THAT(world.api.lines(), ElementsAre(kPods)) << "pods are much to read for those of a whole cluster";
  EXPECT_EQ(world.text("top_pods", R"({"containers":true,"sort_by":"memory","columns":["name","container","memory"]})"),
            "NAME CONTAINER MEMORY\nweb-0 app 64Mi\ndb-0 app 20Mi\ndb-0 proxy 1Mi\nweb-0 proxy 1Mi\n");
  EXPECT_EQ(world.text("top_pods", R"({"limit":1,"columns":["name"]})").substr(0, 11), "NAME\nweb-0\n");
}

TEST(TopPods, BesideRequestsAndLimits) {
  World world({{"GET /apis/metrics.k8s.io/v1beta1/namespaces/shop/pods",
                list(kMetrics, "PodMetricsList", {pod_metrics("shop", "web-0", "120m", "64Mi")})},
               {"GET /api/v1/namespaces/shop/pods", list("v1", "PodList", {pod("shop", "web-0")})},
               {kPods, two_pods()},
               {"GET /api/v1/pods", list("v1", "PodList", {pod("shop", "web-0")})}});
  EXPECT_EQ(world.text("top_pods", R"({"namespace":"shop","label_selector":"a=b"})"),
            "NAME CPU MEMORY CPU-REQUEST MEMORY-REQUEST MEMORY-LIMIT\nweb-0 122m 65Mi 250m 64Mi 128Mi\n");
  for (const auto& line : world.api.lines()) EXPECT_THAT(line, ::testing::EndsWith("?labelSelector=a%3Db"));
  EXPECT_EQ(
      world.text("top_pods", R"({"name":"web-0","format":"json","containers":true,"limit":1})"),
      "{\"items\":[\n{\"namespace\":\"shop\",\"name\":\"web-0\",\"container\":\"app\",\"cpu\":120,\"memory\":67108864,"
      "\"cpu_request\":250,\"cpu_limit\":null,\"memory_request\":67108864,\"memory_limit\":134217728}],\n"
      "\"total\":2,\"continue\":\"" +
          std::get<Table>(
              world.call("top_pods", R"({"name":"web-0","containers":true,"limit":1,"format":"json"})")->body)
              .continuation +
          "\"}\n# 1 more row not shown: narrow by namespace or label_selector, or go on with cursor " +
          std::get<Table>(
              world.call("top_pods", R"({"name":"web-0","containers":true,"limit":1,"format":"json"})")->body)
              .continuation +
          "\n");
  World denied({{kPods, two_pods()}, {"GET /api/v1/pods", refusal(403, "Forbidden", "no")}});
  EXPECT_THAT(denied.text("top_pods", R"({"name":"web-0"})"),
              HasSubstr("web-0 122m 65Mi\n# requests and limits are left out: permission_denied\n"));
}

TEST(TopPods, AServerThatKnowsJsonOnly) {
  World world({{kPods, {.body = R"({"kind":"PodMetricsList","items":[{"metadata":{"name":"web-0","namespace":"shop"},
                        "containers":[{"name":"app","usage":{"cpu":"1","memory":"1Gi"}},{"name":"odd","usage":{"cpu":"-5n",
                        "memory":"many"}}]}]})"}}});
  EXPECT_EQ(world.text("top_pods", "{}"), "NAME CPU MEMORY (by NAMESPACE:)\nshop:\nweb-0 1000m 1024Mi\n");
  EXPECT_EQ(world.api.requests[0].header("Accept"), "application/vnd.kubernetes.protobuf,application/json;q=0.9");
  for (Answer strange : {Answer{.body = "{}"}, Answer{.body = "<html>"}, list(kMetrics, "PodList", {}),
                         list(kMetrics, "PodMetricsList", {Message().text(1, "\x0A\x7F")})}) {
    World odd({{kPods, strange}});
    EXPECT_THAT(odd.text("top_pods", "{}"), StartsWith("server_error: "));
  }
}

TEST(TopPods, NothingIsMeasured) {
  World absent({});
  EXPECT_EQ(
      absent.text("top_pods", "{}"),
      "not_found: GET /apis/metrics.k8s.io/v1beta1/pods: this cluster does not measure what pods and nodes use: it "
      "does not serve metrics.k8s.io. Have metrics-server installed "
      "(github.com/kubernetes-sigs/metrics-server).");
  World silent({{kPods, {.status = 503, .body = "service unavailable", .type = "text/plain"}}});
  EXPECT_THAT(silent.text("top_pods", "{}"),
              AllOf(StartsWith("server_error: "), HasSubstr("metrics.k8s.io is registered, but the server behind it"),
                    HasSubstr("Look at the pods of metrics-server")));
  World denied({{kPods, refusal(403, "Forbidden", "no")}});
  EXPECT_THAT(denied.text("top_pods", "{}"), StartsWith("permission_denied: "));
  World empty({{kPods, list(kMetrics, "PodMetricsList", {})}, {"GET /api/v1/pods", list("v1", "PodList", {})}});
  EXPECT_EQ(empty.text("top_pods", R"({"name":"web-0"})"),
            "# no pods found\n# nothing was measured of pod web-0: it does not run, has run for less than a minute, or "
            "is not there\n");
}

TEST(TopNodes, InPercentOfWhatIsAllocatable) {
  World world({{kNodes, list(kMetrics, "NodeMetricsList",
                             {node_metrics("node-1", "399600000n", "2Gi"), node_metrics("node-2", "2", "1Gi")})},
               {"GET /api/v1/nodes", list("v1", "NodeList", {node("node-1"), node("node-2"), node("node-3")})}});
  EXPECT_EQ(world.text("top_nodes", "{}"),
            "NAME CPU CPU-PERCENT MEMORY MEMORY-PERCENT CPU-ALLOCATABLE MEMORY-ALLOCATABLE\n"
            "node-2 2000m 50 1024Mi 12 4000m 8192Mi\n"
            "node-1 400m 10 2048Mi 25 4000m 8192Mi\n"
            "node-3 - - - - 4000m 8192Mi\n"
            "# nothing was measured on 1 of the nodes: list_nodes shows how they are\n");
  EXPECT_EQ(
      world.text("top_nodes", R"({"name":"node-1","sort_by":"memory","format":"json"})"),
      "{\"items\":[\n{\"name\":\"node-1\",\"cpu\":400,\"cpu_percent\":10,\"memory\":2147483648,\"memory_percent\":25,"
      "\"cpu_allocatable\":4000,\"memory_allocatable\":8589934592}],\n\"total\":1,\"continue\":null}\n");
  EXPECT_EQ(world.text("top_nodes", R"({"name":"nowhere"})"),
            "not_found: top_nodes: there is no node nowhere. list_nodes shows those that there are.");
  World metrics_only({{kNodes, list(kMetrics, "NodeMetricsList", {node_metrics("node-1", "1", "1Gi")})},
                      {"GET /api/v1/nodes", refusal(403, "Forbidden", "no")}});
  EXPECT_EQ(metrics_only.text("top_nodes", "{}"),
            "NAME CPU MEMORY\nnode-1 1000m 1024Mi\n# percentages are left out, the nodes could not be read: "
            "permission_denied\n");
  World absent({{"GET /api/v1/nodes", list("v1", "NodeList", {node("node-1")})}});
  EXPECT_THAT(absent.text("top_nodes", "{}"), HasSubstr("Have metrics-server installed"));
}

TEST(Usage, BesideAListOnlyWhereItIsAskedFor) {
  World world({{"GET /api/v1/pods", list("v1", "PodList", {pod("shop", "web-0"), pod("shop", "new")})},
               {kPods, two_pods()},
               {"GET /api/v1/nodes", list("v1", "NodeList", {node("node-1")})},
               {kNodes, list(kMetrics, "NodeMetricsList", {node_metrics("node-1", "500m", "1Gi")})}});
  EXPECT_THAT(world.text("list_pods", R"({"format":"json"})"), Not(HasSubstr("usage")));
  EXPECT_THAT(world.text("list_nodes", R"({"format":"json"})"), Not(HasSubstr("usage")));
  EXPECT_THAT(world.api.lines(), ElementsAre("GET /api/v1/pods", "GET /api/v1/nodes"));
  EXPECT_EQ(world.text("list_pods", R"({"columns":["name","cpu_usage","memory_usage","cpu_request"]})"),
            "NAME CPU-USAGE MEMORY-USAGE CPU-REQUEST\nnew - - 250m\nweb-0 122m 65Mi 250m\n");
  EXPECT_THAT(world.text("list_pods", R"({"usage":true})"), HasSubstr(" CPU-USAGE MEMORY-USAGE "));
  EXPECT_THAT(world.text("list_nodes", R"({"usage":true,"format":"json"})"),
              HasSubstr("\"cpu_usage\":500,\"memory_usage\":1073741824}"));
}

TEST(Usage, WhereNothingIsMeasuredItIsLeftOutAndSaidOnce) {
  World world({{"GET /api/v1/pods", list("v1", "PodList", {pod("shop", "web-0"), pod("shop", "web-1")})},
               {"GET /api/v1/nodes", list("v1", "NodeList", {node("node-1")})}});
  constexpr std::string_view note =
      "# usage is left out: this cluster does not measure what pods and nodes use: it does not serve metrics.k8s.io\n";
  EXPECT_EQ(world.text("list_pods", R"({"columns":["name","cpu_usage"]})"), "NAME\nweb-0\nweb-1\n" + std::string(note));
  const std::string asked = world.text("list_nodes", R"({"usage":true})");
  EXPECT_THAT(asked, ::testing::EndsWith(note));
  EXPECT_THAT(asked.substr(0, asked.find('#')), Not(HasSubstr("USAGE")));
  World denied({{"GET /api/v1/pods", list("v1", "PodList", {pod("shop", "web-0")})},
                {kPods, refusal(403, "Forbidden", "secret words")}});
  EXPECT_THAT(denied.text("list_pods", R"({"usage":true})"),
              ::testing::EndsWith("# usage is left out: you may not read metrics.k8s.io\n"));
}

TEST(Usage, OfANodeThatIsDescribed) {
  const Answer described{
      .body =
          R"({"kind":"Node","metadata":{"name":"node-1"},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}})"};
  const std::pair<std::string, Answer> pods{"GET /api/v1/pods", list("v1", "PodList", {pod("shop", "web-0")})},
      events{"GET /api/v1/events", list("v1", "EventList", {})}, itself{"GET /api/v1/nodes/node-1", described};
  World world(
      {itself,
       pods,
       events,
       {kNodes + "/node-1",
        {.body =
             R"({"kind":"NodeMetrics","metadata":{"name":"node-1"},"usage":{"cpu":"1000000001n","memory":"2Gi"}})"}}});
  EXPECT_THAT(world.text("describe_node", R"({"name":"node-1"})"),
              HasSubstr("usage:\n  cpu: 1001m of 4 (25%)\n  memory: 2Gi of 8Gi (25%)\n"));
  World absent({itself, pods, events});
  EXPECT_THAT(absent.text("describe_node", R"({"name":"node-1"})"),
              AllOf(HasSubstr("allocated:"), HasSubstr("# usage is left out: this cluster does not measure")));
  Answer unknown{
      .status = 404,
      .body = R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404,"details":{"name":"node-1"}})"};
  World lost({itself, pods, events, {kNodes + "/node-1", unknown}});
  EXPECT_THAT(lost.text("describe_node", R"({"name":"node-1"})"),
              HasSubstr("# usage is left out: the metrics server has measured nothing on this node\n"));
}

}  // namespace
}  // namespace fairlead::ops
