#include "sandbox/logs.h"

#include "base/text.h"
#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string log_path(Cluster& cluster, std::string_view app) {
  return "/api/v1/namespaces/shop/pods/" + cluster.pods_of(app).front() + "/log";
}
std::size_t lines(const Reply& reply) {
  return static_cast<std::size_t>(std::count(reply.body.begin(), reply.body.end(), '\n'));
}

TEST(Logs, AreTheSameEachTime) {
  Cluster cluster;
  std::string path = log_path(cluster, "frontend");
  Reply first = cluster.get(path + "?tailLines=20&timestamps=true"),
        second = cluster.get(path + "?tailLines=20&timestamps=true");
  EXPECT_EQ(first.content_type, "text/plain");
  EXPECT_EQ(lines(first), 20u);
  EXPECT_EQ(first.body, second.body);
  std::string before;
  for (std::string_view line : split(first.body, '\n')) {
    if (line.empty()) continue;
    std::string time(line.substr(0, line.find(' ')));
    EXPECT_TRUE(parse_rfc3339(time)) << line;
    EXPECT_LE(before, time);
    before = time;
  }
}

TEST(Logs, AreCutAsAsked) {
  Cluster cluster;
  std::string path = log_path(cluster, "frontend");
  EXPECT_EQ(lines(cluster.get(path + "?tailLines=0")), 0u);
  EXPECT_EQ(cluster.get(path + "?limitBytes=33").body.size(), 33u);
  std::size_t minute = lines(cluster.get(path + "?sinceSeconds=60")),
              hour = lines(cluster.get(path + "?sinceSeconds=3600"));
  EXPECT_GT(minute, 2u);
  EXPECT_GT(hour, minute * 20);
  EXPECT_EQ(lines(cluster.get(path + "?sinceTime=" + format_rfc3339(cluster.clock.unix_seconds() - 60))),
            lines(cluster.get(path + "?sinceSeconds=61")));
  EXPECT_LE(lines(cluster.get(path)), 20'000u);
}

TEST(Logs, OfACrashEndWithItsCause) {
  Cluster cluster;
  std::string path = log_path(cluster, "payments");
  Reply previous = cluster.get(path + "?previous=true");
  EXPECT_EQ(previous.status, 200);
  EXPECT_NE(previous.body.find("PAYMENTS_DB_PASSWORD is not set"), std::string::npos);
  EXPECT_TRUE(previous.body.ends_with("exit status 1\n"));
  EXPECT_EQ(cluster.get(path).body, previous.body);
  EXPECT_EQ(cluster.get(path + "?follow=true").body, previous.body);  // it has ended
}

TEST(Logs, SayWhyThereAreNone) {
  Cluster cluster;
  std::string good = log_path(cluster, "frontend"), pod = cluster.pods_of("frontend").front();
  EXPECT_EQ(cluster.get(good + "?previous=true").message(),
            "previous terminated container \"frontend\" in pod \"" + pod + "\" not found");
  EXPECT_EQ(cluster.get(good + "?container=x").message(), "container x is not valid for pod " + pod);
  EXPECT_EQ(
      cluster.get(good + "?tailLines=-1").message(),
      "PodLogOptions \"" + pod + "\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0");
  for (std::string bad : {"sinceSeconds=0", "limitBytes=0", "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z"})
    EXPECT_EQ(cluster.get(good + "?" + bad).status, 422) << bad;
  for (std::string bad : {"tailLines=x", "sinceTime=x"}) EXPECT_EQ(cluster.get(good + "?" + bad).status, 400) << bad;
  std::string preview = cluster.pods_of("frontend-preview").front();
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/" + preview + "/log").message(),
            "container \"frontend-preview\" in pod \"" + preview +
                "\" is waiting to start: trying and failing to pull image");
  std::string search = cluster.pods_of("search").front();
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/" + search + "/log").message(),
            "container \"search\" in pod \"" + search + "\" is waiting to start: PodInitializing");
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/" + search + "/log?container=wait-for-index").status, 200);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/" + cluster.pods_of("model-trainer").front() + "/log").status,
            204);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/none/log").message(), "pods \"none\" not found");
  cluster.ask(
      "POST", "/api/v1/namespaces/shop/pods",
      R"({"metadata":{"name":"two"},"spec":{"initContainers":[{"name":"i","image":"x:1"}],"containers":[{"name":"a","image":"x:1"},{"name":"b","image":"x:1"}]}})");
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop/pods/two/log").message(),
            "a container name must be specified for pod two, choose one of: [i a b]");
}

TEST(Logs, OfALostNodeCannotBeHad) {
  Cluster cluster;
  std::string name = cluster.pods_of("frontend").front(), pod = "/api/v1/namespaces/shop/pods/" + name;
  json::value value = cluster.get(pod).value();
  std::string node = "/api/v1/nodes/" + std::string(text_at(value, {"spec", "nodeName"})),
              kubelet = std::string(text_at(value, {"status", "hostIP"})) + ":10250",
              metrics = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/" + name;
  EXPECT_EQ(cluster.get(metrics).status, 200);
  auto lost = [&](std::string_view what) {
    cluster.patch(node, R"({"metadata":{"annotations":{"sandbox.fairlead.dev/lost":)" + std::string(what) + "}}}");
  };
  lost("\"true\"");
  Reply reply = cluster.get(pod + "/log?tailLines=3&follow=true");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.reason(), "");
  EXPECT_EQ(reply.message(), "Get \"https://" + kubelet + "/containerLogs/shop/" + name +
                                 "/frontend?follow=true&tailLines=3\": dial tcp " + kubelet +
                                 ": connect: connection refused");
  EXPECT_EQ(cluster.get(pod + "/log?container=x").status, 400);
  for (std::string what : {"/exec?command=ls&stdout=true", "/attach?stdout=true", "/portforward?ports=80"}) {
    EXPECT_EQ(cluster.get(pod + what).status, 500) << what;
    EXPECT_EQ(cluster.get(pod + what).message(),
              "error dialing backend: dial tcp " + kubelet + ": connect: connection refused");
  }
  EXPECT_EQ(cluster.get(metrics).status, 404);
  EXPECT_EQ(cluster.get("/apis/metrics.k8s.io/v1beta1/pods").body.find(name), std::string::npos);
  lost("null");
  EXPECT_EQ(cluster.get(pod + "/log?tailLines=3").status, 200);
  EXPECT_EQ(cluster.get(metrics).status, 200);
}

}  // namespace
}  // namespace fairlead::sandbox
