#include "sandbox/api.h"

#include "base/text.h"
#include "net/http.h"
#include "sandbox/api_test_support.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view protobuf = "application/vnd.kubernetes.protobuf";
constexpr std::string_view table = "application/json;as=Table;v=v1;g=meta.k8s.io";

TEST(Api, LetsNobodyInWithoutCredentials) {
  Cluster cluster;
  auto ask = [&](std::string path, std::string authorization) {
    return cluster.ask("GET", path, "", "", "application/json", authorization);
  };
  for (std::string bad : {"Bearer wrong", "Bearer the-token2", "Bearer a.b.c"}) {
    Reply reply = ask("/api/v1/pods", bad);
    EXPECT_EQ(reply.status, 401) << bad;
    EXPECT_EQ(
        reply.body,
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401})"
        "\n");
  }
  for (std::string path : {"/healthz", "/livez", "/readyz", "/version"}) EXPECT_EQ(ask(path, "").status, 200) << path;
  EXPECT_EQ(ask("/healthz", "").body, "ok");
  // What is no bearer token at all makes nobody of the client.
  for (std::string none : {"", "Bearer", "Bearer ", "Basic the-token", "the-token"}) {
    EXPECT_EQ(ask("/api/v1/pods", none).status, 403) << none;
    EXPECT_EQ(ask("/nope", none).status, 403) << none;
  }
  EXPECT_EQ(ask("/api/v1/pods", "bearer the-token").status, 200);
}

TEST(Api, IsDiscovered) {
  Cluster cluster;
  EXPECT_EQ(text_at(cluster.get("/version").value(), {"minor"}), "36");
  EXPECT_EQ(text_at(cluster.get("/api").value(), {"kind"}), "APIVersions");
  EXPECT_GE(array_at(cluster.get("/apis").value(), {"groups"}).size(), 11u);
  EXPECT_EQ(text_at(cluster.get("/apis/autoscaling").value(), {"preferredVersion", "groupVersion"}), "autoscaling/v2");
  json::value apps = cluster.get("/apis/apps/v1").value();
  EXPECT_EQ(text_at(apps, {"groupVersion"}), "apps/v1");
  EXPECT_EQ(text_at(cluster.get("/apis/apps").value(), {"preferredVersion", "groupVersion"}), "apps/v1");
  Reply aggregated =
      cluster.get("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
  EXPECT_EQ(aggregated.content_type, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(text_at(aggregated.value(), {"kind"}), "APIGroupDiscoveryList");
}

TEST(Api, AnswersPathsThatAreNothing) {
  Cluster cluster;
  for (std::string path : {"/apis/none/v1/things", "/openapi/v1", "/openapi/v3/apis/none/v1"})
    EXPECT_EQ(cluster.get(path).status, 404) << path;
  EXPECT_EQ(cluster.get("/apis/none/v1/things").body, "404 page not found\n");
  for (std::string path : {"/nope", "/healthz/none"}) {
    Reply reply = cluster.get(path);
    EXPECT_EQ(reply.status, 404);
    EXPECT_FALSE(array_at(reply.value(), {"paths"}).empty()) << "what there is instead";
  }
  for (std::string path : {"/api/v2", "/api/v2/pods", "/apis/apps/v7", "/apis/apps/v7/deployments"})
    EXPECT_EQ(cluster.get(path).reason(), "NotFound") << path;
  for (std::string path :
       {"/api/v1/foos", "/api/v1/pods/name", "/api/v1/namespaces/shop/nodes", "/api/v1/namespaces/shop/pods/x/foo",
        "/api/v1/namespaces/shop/pods/x/log/y", "/api/v1//pods"}) {
    Reply reply = cluster.get(path);
    EXPECT_EQ(reply.message(), "the server could not find the requested resource") << path;
  }
  EXPECT_EQ(cluster.ask("POST", "/api/v1/namespaces/shop/pods/x", "{}").message(),
            "the server does not allow this method on the requested resource");
  EXPECT_EQ(cluster.ask("PUT", "/api/v1/pods", "{}").status, 405);
  EXPECT_EQ(cluster.ask("DELETE", "/api").status, 405);
  EXPECT_EQ(cluster.get("/%zz").status, 400);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/%ff/pods").status, 400);
}

TEST(Api, Lists) {
  Cluster cluster;
  json::value all = cluster.get("/api/v1/pods").value();
  EXPECT_EQ(text_at(all, {"kind"}), "PodList");
  EXPECT_EQ(array_at(all, {"items"}).size(), 25u);
  EXPECT_EQ(find(array_at(all, {"items"})[0], "kind"), nullptr);
  EXPECT_EQ(text_at(all, {"metadata", "resourceVersion"}), std::to_string(cluster.store.version()));
  EXPECT_EQ(array_at(cluster.get("/api/v1/namespaces/shop/pods?labelSelector=app.kubernetes.io/name=frontend").value(),
                     {"items"})
                .size(),
            3u);
  EXPECT_EQ(
      array_at(cluster.get("/api/v1/pods?fieldSelector=status.phase%3DPending,spec.nodeName%3D").value(), {"items"})
          .size(),
      1u);
  EXPECT_EQ(array_at(cluster.get("/api/v1/namespaces/none/pods").value(), {"items"}).size(), 0u);
  EXPECT_EQ(array_at(cluster.get("/api/v1/nodes").value(), {"items"}).size(), 3u);
  for (std::string bad : {"labelSelector=,", "fieldSelector=a", "fieldSelector=a%3Db", "limit=x", "continue=x"}) {
    Reply reply = cluster.get("/api/v1/pods?" + bad);
    EXPECT_EQ(reply.status, 400) << bad;
    EXPECT_EQ(reply.reason(), "BadRequest") << bad;
  }
  EXPECT_EQ(cluster.get("/api/v1/pods?resourceVersion=99999999").status, 504);
  EXPECT_EQ(cluster.get("/api/v1/pods?resourceVersion=x").status, 500);
  EXPECT_EQ(cluster.get("/api/v1/pods?resourceVersion=0").status, 200);
}

TEST(Api, ListsInPagesOfOneVersion) {
  Cluster cluster;
  std::vector<std::string> names;
  json::value page = cluster.get("/api/v1/pods?limit=10").value();
  EXPECT_EQ(integer_at(page, {"metadata", "remainingItemCount"}), 15);
  std::string version(text_at(page, {"metadata", "resourceVersion"}));
  // A pod that goes meanwhile is still in the list that was begun.
  EXPECT_EQ(
      cluster
          .ask("DELETE", "/api/v1/namespaces/shop/pods/" + cluster.pods_of("catalog").back() + "?gracePeriodSeconds=0")
          .status,
      200);
  while (true) {
    for (const json::value& item : array_at(page, {"items"})) names.emplace_back(text_at(item, {"metadata", "name"}));
    EXPECT_EQ(text_at(page, {"metadata", "resourceVersion"}), version);
    std::string next(text_at(page, {"metadata", "continue"}));
    if (next.empty()) break;
    page = cluster.get("/api/v1/pods?limit=10&continue=" + next).value();
  }
  EXPECT_EQ(names.size(), 25u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 25u);

  std::string token(text_at(cluster.get("/api/v1/pods?limit=10").value(), {"metadata", "continue"}));
  cluster.ask("DELETE", "/api/v1/namespaces/shop/pods/" + cluster.pods_of("cart").back() + "?gracePeriodSeconds=0");
  cluster.store.compact_history();
  Reply expired = cluster.get("/api/v1/pods?limit=10&continue=" + token);
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(expired.reason(), "Expired");
  std::string inconsistent(text_at(expired.value(), {"metadata", "continue"}));
  EXPECT_EQ(array_at(cluster.get("/api/v1/pods?continue=" + inconsistent).value(), {"items"}).size(), 13u);
}

TEST(Api, SpeaksProtobuf) {
  Cluster cluster;
  Reply reply = cluster.get("/api/v1/pods?limit=2", std::string(protobuf));
  EXPECT_EQ(reply.content_type, protobuf);
  auto unwrapped = unwrap(reply.body);
  ASSERT_TRUE(unwrapped);
  EXPECT_EQ(unwrapped->kind, "PodList");
  EXPECT_EQ(unwrapped->api_version, "v1");
  std::vector<std::string> names;
  wire::Reader reader(unwrapped->raw);
  while (auto value = reader.next()) {
    if (value->field != 2) continue;
    auto pod = decode(*Schema::builtin().message("Pod"), value->bytes);
    ASSERT_TRUE(pod);
    names.emplace_back(text_at(*pod, {"metadata", "name"}));
  }
  EXPECT_FALSE(reader.broken());
  EXPECT_EQ(names.size(), 2u);
  EXPECT_TRUE(wire::at(unwrapped->raw, {1, 3}));  // continue

  Reply absent = cluster.get("/api/v1/namespaces/shop/pods/nope", std::string(protobuf));
  auto missing = unwrap(absent.body);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->kind, "Status");
  json::value status = *decode(*Schema::builtin().message("Status"), missing->raw);
  EXPECT_EQ(text_at(status, {"message"}), "pods \"nope\" not found");
  EXPECT_EQ(integer_at(status, {"code"}), 404);

  // Clients send it too.
  std::string raw = *encode(*Schema::builtin().message("ConfigMap"),
                            *parse_json(R"({"metadata":{"name":"sent"},"data":{"a":"b"}})", "test"));
  Reply created = cluster.ask("POST", "/api/v1/namespaces/shop/configmaps", envelope("v1", "ConfigMap", raw),
                              std::string(protobuf), std::string(protobuf));
  EXPECT_EQ(created.status, 201);
  ASSERT_TRUE(unwrap(created.body));
  EXPECT_EQ(unwrap(created.body)->kind, "ConfigMap");
  EXPECT_EQ(cluster.ask("POST", "/api/v1/namespaces/shop/configmaps", "nonsense", std::string(protobuf)).status, 400);
  Reply metadata = cluster.get("/api/v1/pods",
                               "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
  auto partial = unwrap(metadata.body);
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->kind, "PartialObjectMetadataList");
}

TEST(Api, MakesTables) {
  Cluster cluster;
  json::value pods = cluster.get("/api/v1/namespaces/shop/pods?includeObject=None", std::string(table)).value();
  EXPECT_EQ(text_at(pods, {"kind"}), "Table");
  EXPECT_EQ(text_at(pods, {"apiVersion"}), "meta.k8s.io/v1");
  std::map<std::string, std::string> states;
  for (const json::value& row : array_at(pods, {"rows"})) {
    const json::array& cells = array_at(row, {"cells"});
    ASSERT_EQ(cells.size(), array_at(pods, {"columnDefinitions"}).size());
    EXPECT_TRUE(find(row, "object")->is_null());
    std::string name(cells[0].get_string());
    states[name.substr(0, name.find('-', name.find('-') + 1))] = cells[2].get_string();
  }
  EXPECT_EQ(states.lower_bound("payments-")->second, "CrashLoopBackOff");
  json::value metadata = cluster.get("/api/v1/namespaces/shop/pods?limit=1", std::string(table)).value();
  EXPECT_EQ(text_at(array_at(metadata, {"rows"})[0], {"object", "kind"}), "PartialObjectMetadata");
  json::value object =
      cluster.get("/api/v1/namespaces/shop/pods?limit=1&includeObject=Object", std::string(table)).value();
  EXPECT_EQ(text_at(array_at(object, {"rows"})[0], {"object", "kind"}), "Pod");
  EXPECT_EQ(cluster.get("/api/v1/pods?includeObject=All", std::string(table)).status, 400);
  json::value partial =
      cluster.get("/api/v1/nodes", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io").value();
  EXPECT_EQ(text_at(partial, {"kind"}), "PartialObjectMetadataList");
}

TEST(Api, ChoosesTheFirstAcceptableRepresentation) {
  Cluster cluster;
  auto type = [&](std::string accept) {
    Reply reply = cluster.get("/api/v1/namespaces/shop", accept);
    return reply.status == 200 ? reply.content_type : std::to_string(reply.status) + " " + reply.message();
  };
  EXPECT_EQ(type(""), "application/json");
  EXPECT_EQ(type("text/html, */*"), "application/json");
  EXPECT_EQ(type("application/vnd.kubernetes.protobuf,application/json"), protobuf);
  EXPECT_EQ(type("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io, application/json"),
            "application/json");
  EXPECT_EQ(type("application/yaml"), "application/yaml");
  EXPECT_EQ(type("text/html"), "406 406: Not Acceptable");
  EXPECT_TRUE(type("application/json;as=Table;v=v9;g=meta.k8s.io")
                  .starts_with("406 only the following media types are accepted: "));
}

TEST(Api, ShowsEventsInBothGroups) {
  Cluster cluster;
  json::value core = cluster.get("/api/v1/namespaces/shop/events?fieldSelector=reason%3DFailedScheduling").value();
  json::value recent =
      cluster.get("/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=reason%3DFailedScheduling").value();
  ASSERT_EQ(array_at(core, {"items"}).size(), 1u);
  ASSERT_EQ(array_at(recent, {"items"}).size(), 1u);
  EXPECT_EQ(text_at(array_at(core, {"items"})[0], {"message"}), text_at(array_at(recent, {"items"})[0], {"note"}));
  EXPECT_EQ(text_at(array_at(core, {"items"})[0], {"involvedObject", "name"}),
            text_at(array_at(recent, {"items"})[0], {"regarding", "name"}));
  Reply encoded = cluster.get("/apis/events.k8s.io/v1/events", std::string(protobuf));
  auto list = unwrap(encoded.body);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->api_version, "events.k8s.io/v1");
}

TEST(Api, StreamsLargeListsInPieces) {
  Cluster cluster(400, 5);
  net::ServerRequest request;
  request.http.target = "/api/v1/pods";
  request.http.headers = {{"Accept", std::string(protobuf)}, {"Authorization", "Bearer the-token"}};
  RecordingWriter writer;
  cluster.serve(request, writer);
  EXPECT_GT(writer.body.size(), 1'500'000u);
  EXPECT_GT(writer.pieces, 10);
  EXPECT_LT(writer.largest_piece, 256u << 10);
  auto unwrapped = unwrap(writer.body);
  ASSERT_TRUE(unwrapped);
  int items = 0;
  wire::Reader reader(unwrapped->raw);
  while (auto value = reader.next()) items += value->field == 2;
  EXPECT_EQ(items, 400);

  RecordingWriter leaving;
  leaving.break_after = 2;
  cluster.serve(request, leaving);
  EXPECT_FALSE(leaving.finished);
}

TEST(Api, WatchesFromAVersionOn) {
  Cluster cluster;
  std::string version = std::to_string(cluster.store.version());
  std::string pod = cluster.pods_of("frontend").front();
  cluster.patch("/api/v1/namespaces/shop/pods/" + pod, R"({"metadata":{"labels":{"x":"y"}}})");
  cluster.ask("POST", "/api/v1/namespaces/shop/configmaps", R"({"metadata":{"name":"other"}})");
  std::string path = "/api/v1/namespaces/shop/pods?watch=true&timeoutSeconds=1&resourceVersion=" + version;
  auto events = [&](std::string target) {
    std::vector<std::string> out;
    Reply reply = cluster.get(std::move(target));
    for (std::string_view line : split(reply.body, '\n')) {
      if (line.empty()) continue;
      json::value event = *parse_json(line, "test");
      out.push_back(std::string(text_at(event, {"type"})) + " " + std::string(text_at(event, {"object", "kind"})));
    }
    return out;
  };
  EXPECT_EQ(events(path), (std::vector<std::string>{"MODIFIED Pod"}));
  EXPECT_EQ(events(path + "&labelSelector=x%3Dy"), (std::vector<std::string>{"ADDED Pod"}));
  EXPECT_EQ(events(path + "&labelSelector=!x"), (std::vector<std::string>{"DELETED Pod"}));
  EXPECT_EQ(events("/api/v1/namespaces?watch=1&timeoutSeconds=1").size(), 6u);
  cluster.store.compact_history();
  Reply late = cluster.get(path);
  EXPECT_EQ(integer_at(late.value(), {"object", "code"}), 410);
}

}  // namespace
}  // namespace fairlead::sandbox
