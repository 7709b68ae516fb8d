#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view pod_text =
    R"({"metadata":{"name":"one"},"spec":{"containers":[{"name":"c","image":"nginx:1.29"}]}})";
const std::string pods = "/api/v1/namespaces/shop/pods";
const std::string deployments = "/apis/apps/v1/namespaces/shop/deployments";
const std::string configmaps = "/api/v1/namespaces/shop/configmaps";

TEST(ApiWrite, CreatesWithDefaults) {
  Cluster cluster;
  Reply reply = cluster.ask("POST", pods, std::string(pod_text));
  ASSERT_EQ(reply.status, 201) << reply.body;
  json::value pod = reply.value();
  EXPECT_EQ(text_at(pod, {"kind"}), "Pod");
  EXPECT_EQ(text_at(pod, {"spec", "restartPolicy"}), "Always");
  EXPECT_EQ(text_at(pod, {"status", "phase"}), "Pending");
  EXPECT_EQ(text_at(pod, {"status", "qosClass"}), "BestEffort");
  EXPECT_EQ(text_at(pod, {"metadata", "namespace"}), "shop");
  EXPECT_EQ(text_at(pod, {"metadata", "uid"}).size(), 36u);
  EXPECT_EQ(text_at(pod, {"metadata", "resourceVersion"}), std::to_string(cluster.store.version()));
  EXPECT_EQ(integer_at(pod, {"metadata", "generation"}), 1);
  EXPECT_EQ(array_at(pod, {"spec", "tolerations"}).size(), 2u);
  EXPECT_EQ(cluster.ask("POST", pods, std::string(pod_text)).message(), "pods \"one\" already exists");
  Reply generated = cluster.ask("POST", configmaps, R"({"metadata":{"generateName":"made-"}})");
  EXPECT_TRUE(text_at(generated.value(), {"metadata", "name"}).starts_with("made-"));
}

TEST(ApiWrite, RefusesBadObjects) {
  Cluster cluster;
  auto create = [&](std::string path, std::string body, std::string type = "application/json") {
    return cluster.ask("POST", path, std::move(body), std::move(type));
  };
  EXPECT_EQ(create(pods, "").message(),
            "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: "
            "unexpected end of JSON input (<empty>)");
  for (std::string body : {"{", "[]", "5", "\"x\"", "{\"a\":}", "nothing"})
    EXPECT_EQ(create(pods, body).status, 400) << body;
  EXPECT_EQ(create(pods, std::string(pod_text), "text/plain").status, 415);
  EXPECT_EQ(create(pods, R"({"kind":"Deployment","apiVersion":"apps/v1"})").message(),
            "Deployment in version \"v1\" cannot be handled as a Pod: converting (v1.Deployment) to (core.Pod): "
            "unknown conversion");
  EXPECT_EQ(create(pods, R"({"metadata":{"name":"x","namespace":"other"},"spec":{}})").message(),
            "the namespace of the provided object does not match the namespace sent on the request");
  EXPECT_EQ(create("/api/v1/namespaces/none/pods", std::string(pod_text)).message(), "namespaces \"none\" not found");
  Reply invalid = create(pods, R"({"metadata":{"name":"X_y"},"spec":{"containers":[{"name":""}]}})");
  EXPECT_EQ(invalid.status, 422);
  EXPECT_EQ(invalid.reason(), "Invalid");
  EXPECT_EQ(array_at(invalid.value(), {"details", "causes"}).size(), 3u);
  EXPECT_EQ(create(pods, R"({"metadata":{"name":"x"},"spec":{}})").message(),
            "Pod \"x\" is invalid: spec.containers: Required value");
  Reply negative =
      create(deployments, R"({"metadata":{"name":"x"},"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}},
      "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  EXPECT_EQ(negative.message(),
            "Deployment.apps \"x\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  EXPECT_EQ(create(configmaps, "{\"data\":{\"k\":\"" + std::string(4 << 20, 'x') + "\"}}").status, 413);
  std::string deep(300, '[');
  EXPECT_EQ(create(pods, "{\"a\":" + deep).status, 400);
  EXPECT_EQ(create(pods, "{\"metadata\":{\"name\":\"x\",\"annotations\":" + std::string(100, '[') +
                             std::string(100, ']') + "}}")
                .status,
            400);
}

TEST(ApiWrite, StoresNothingOnDryRun) {
  Cluster cluster;
  std::uint64_t version = cluster.store.version();
  EXPECT_EQ(cluster.ask("POST", pods + "?dryRun=All", std::string(pod_text)).status, 201);
  std::string pod = pods + "/" + cluster.pods_of("frontend").front();
  EXPECT_EQ(cluster.patch(pod + "?dryRun=All", R"({"metadata":{"labels":{"x":"y"}}})").status, 200);
  EXPECT_EQ(cluster.ask("DELETE", pod + "?dryRun=All").status, 200);
  EXPECT_EQ(
      cluster
          .patch(deployments + "/cart/scale?dryRun=All", R"({"spec":{"replicas":9}})", "application/merge-patch+json")
          .status,
      200);
  EXPECT_EQ(cluster.ask("POST", pod + "/eviction?dryRun=All", R"({"metadata":{}})").status, 201);
  EXPECT_EQ(
      cluster.ask("DELETE", deployments + "/cart", R"({"dryRun":["All"],"propagationPolicy":"Foreground"})").status,
      200);
  EXPECT_EQ(cluster.store.version(), version);
  EXPECT_EQ(cluster.ask("POST", pods + "?dryRun=Some", std::string(pod_text)).status, 422);
}

TEST(ApiWrite, PatchesInThreeWays) {
  Cluster cluster;
  ASSERT_EQ(cluster.ask("POST", configmaps, R"({"metadata":{"name":"m"},"data":{"a":"1"}})").status, 201);
  EXPECT_EQ(text_at(cluster.patch(configmaps + "/m", R"({"data":{"b":"2"}})", "application/merge-patch+json").value(),
                    {"data", "b"}),
            "2");
  EXPECT_EQ(object_at(cluster.patch(configmaps + "/m", R"({"data":{"a":null}})").value(), {"data"}).size(), 1u);
  EXPECT_EQ(text_at(cluster
                        .patch(configmaps + "/m", R"([{"op":"replace","path":"/data/b","value":"3"}])",
                               "application/json-patch+json")
                        .value(),
                    {"data", "b"}),
            "3");
  std::uint64_t version = cluster.store.version();
  EXPECT_EQ(cluster.patch(configmaps + "/m", "{}").status, 200);
  EXPECT_EQ(cluster.store.version(), version);

  EXPECT_EQ(cluster.patch(configmaps + "/m", "{}", "application/apply-patch+cbor").status, 415);
  EXPECT_EQ(cluster.patch(configmaps + "/m", "{}", "application/json-patch+json").message(),
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
  EXPECT_EQ(cluster.patch(configmaps + "/m?fieldValidation=Ignore", R"("x")", "application/json-patch+json").message(),
            "json: cannot unmarshal string into Go value of type jsonpatch.Patch");
  auto to_secret = [&](std::string_view data) {
    std::string patch = R"([{"op":"replace","path":"/kind","value":"Secret"},{"op":"replace","path":"/data","value":)" +
                        std::string(data) + "}]";
    std::string message = cluster.patch(configmaps + "/m", patch, "application/json-patch+json").message();
    return message.substr(message.find("}\": ") + 4);
  };
  EXPECT_EQ(to_secret(R"({"a":"!"})"), "illegal base64 data at input byte 0");
  EXPECT_EQ(to_secret(R"({"a":"YQ=="})"), "converting (v1.Secret) to (core.ConfigMap): unknown conversion");
  Reply misfit =
      cluster.patch(configmaps + "/m", R"([{"op":"remove","path":"/data/x"}])", "application/json-patch+json");
  EXPECT_EQ(misfit.status, 422);
  EXPECT_EQ(misfit.message(), "the server rejected our request due to an error in our request");
  EXPECT_EQ(cluster.patch(configmaps + "/m", R"({"data":5})").status, 422);
  EXPECT_EQ(cluster.patch(configmaps + "/m", R"({"metadata":{"name":"n"}})").message(),
            "the name of the object (n) does not match the name on the URL (m)");
  EXPECT_EQ(cluster.patch(configmaps + "/none", "{}").message(), "configmaps \"none\" not found");
  Reply conflict = cluster.patch(configmaps + "/m", R"({"metadata":{"resourceVersion":"1"}})");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.message(),
            "Operation cannot be fulfilled on configmaps \"m\": the object has been modified; please apply your "
            "changes to the latest version and try again");
  for (std::string bad : {"{", "[]", "5", "null", ""})
    EXPECT_EQ(cluster.patch(configmaps + "/m", bad, "application/merge-patch+json").status, 400) << bad;
}

TEST(ApiWrite, ReplacesWithOptimisticConcurrency) {
  Cluster cluster;
  json::value deployment = cluster.get(deployments + "/cart").value();
  deployment.at("spec").as_object()["minReadySeconds"] = 3;
  Reply first = cluster.ask("PUT", deployments + "/cart", compact(deployment));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(integer_at(first.value(), {"metadata", "generation"}), 4);
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart", compact(deployment)).status, 409);
  deployment.at("metadata").as_object().erase("resourceVersion");
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart", compact(deployment)).status, 200);
  EXPECT_EQ(cluster.ask("PUT", deployments + "/other", compact(deployment)).message(),
            "the name of the object (cart) does not match the name on the URL (other)");
  deployment.at("metadata").as_object()["uid"] = "another";
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart", compact(deployment)).status, 409);
  deployment.at("metadata").as_object().erase("uid");
  deployment.at("spec").at("selector").at("matchLabels").as_object()["more"] = "x";
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart", compact(deployment)).status, 422);
}

TEST(ApiWrite, KeepsStatusApart) {
  Cluster cluster;
  std::string path = deployments + "/cart";
  EXPECT_EQ(integer_at(cluster.patch(path, R"({"status":{"replicas":77}})").value(), {"status", "replicas"}), 2);
  json::value changed = cluster
                            .patch(path + "/status", R"({"status":{"replicas":77},"spec":{"replicas":5}})",
                                   "application/merge-patch+json")
                            .value();
  EXPECT_EQ(integer_at(changed, {"status", "replicas"}), 77);
  EXPECT_EQ(integer_at(changed, {"spec", "replicas"}), 2);
}

TEST(ApiWrite, NamespacesWaitForWhoeverNamesAFinalizer) {
  Cluster cluster;
  Reply made = cluster.ask("POST", "/api/v1/namespaces",
                           R"({"metadata":{"name":"held"},"spec":{"finalizers":["example.com/mine"]}})");
  EXPECT_EQ(compact(*find(made.value(), "spec")), R"({"finalizers":["example.com/mine","kubernetes"]})");
  cluster.patch("/api/v1/namespaces/held", R"({"spec":{"finalizers":[]}})", "application/merge-patch+json");
  EXPECT_EQ(array_at(cluster.get("/api/v1/namespaces/held").value(), {"spec", "finalizers"}).size(), 2u);
  Reply ended = cluster.ask("PUT", "/api/v1/namespaces/held/finalize",
                            R"({"metadata":{"name":"held"},"spec":{"finalizers":[]}})");
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_TRUE(array_at(ended.value(), {"spec", "finalizers"}).empty());
  EXPECT_EQ(cluster.get("/api/v1/namespaces/held/finalize").status, 405);
}

TEST(ApiWrite, Scales) {
  Cluster cluster;
  json::value scale = cluster.get(deployments + "/cart/scale").value();
  EXPECT_EQ(text_at(scale, {"kind"}), "Scale");
  EXPECT_EQ(integer_at(scale, {"spec", "replicas"}), 2);
  EXPECT_EQ(text_at(scale, {"status", "selector"}), "app.kubernetes.io/name=cart");
  scale.at("spec").as_object()["replicas"] = 4;
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart/scale", compact(scale)).status, 200);
  EXPECT_EQ(cluster.ask("PUT", deployments + "/cart/scale", compact(scale)).status, 409);
  EXPECT_EQ(integer_at(cluster.get(deployments + "/cart").value(), {"spec", "replicas"}), 4);
  Reply negative =
      cluster.patch(deployments + "/cart/scale", R"({"spec":{"replicas":-1}})", "application/merge-patch+json");
  EXPECT_EQ(
      negative.message(),
      "Scale.autoscaling \"cart\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  EXPECT_EQ(
      cluster.patch(deployments + "/cart/scale", R"({"spec":{"replicas":"x"}})", "application/merge-patch+json").status,
      422);
  EXPECT_EQ(
      cluster.ask("PUT", deployments + "/cart/scale", R"({"metadata":{"name":"other"},"spec":{"replicas":1}})").status,
      400);
  EXPECT_EQ(cluster.get(deployments + "/none/scale").message(), "deployments/scale.apps \"none\" not found");
}

TEST(ApiWrite, DeletesWithPreconditions) {
  Cluster cluster;
  cluster.ask("POST", configmaps, R"({"metadata":{"name":"m"}})");
  std::string uid(text_at(cluster.get(configmaps + "/m").value(), {"metadata", "uid"}));
  Reply wrong = cluster.ask("DELETE", configmaps + "/m", R"({"preconditions":{"uid":"x"}})");
  EXPECT_EQ(wrong.message(),
            "Operation cannot be fulfilled on ConfigMap \"m\": the UID in the precondition (x) does not match the UID "
            "in record (" +
                uid + "). The object might have been deleted and then recreated");
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "/m", R"({"propagationPolicy":"Sideways"})").status, 422);
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "/m", "{").status, 400);
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "/m?gracePeriodSeconds=x").status, 400);
  Reply done = cluster.ask("DELETE", configmaps + "/m",
                           R"({"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":")" + uid + "\"}}");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(text_at(done.value(), {"status"}), "Success");
  EXPECT_EQ(text_at(done.value(), {"details", "uid"}), uid);
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "/m").status, 404);
}

TEST(ApiWrite, SurvivesHostileRequests) {
  Cluster cluster;
  std::uint64_t random = 3;
  auto next = [&](std::size_t bound) {
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<std::size_t>((random >> 33) % bound);
  };
  std::vector<std::string> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"};
  std::vector<std::string> paths{pods,
                                 pods + "/one",
                                 deployments + "/cart",
                                 deployments + "/cart/scale",
                                 pods + "/one/status",
                                 pods + "/one/eviction",
                                 pods + "/one/log",
                                 "/api/v1/namespaces/shop",
                                 "/api/v1/nodes/node-1",
                                 "/apis/events.k8s.io/v1/namespaces/shop/events",
                                 "/api/v1/namespaces/shop/secrets"};
  std::vector<std::string> bodies{"",
                                  "{",
                                  "{}",
                                  "[]",
                                  "null",
                                  "5",
                                  R"({"metadata":5})",
                                  R"({"metadata":{"name":5}})",
                                  R"({"metadata":{"name":"one","labels":{"a":null}}})",
                                  std::string(pod_text),
                                  R"({"spec":null,"metadata":null})",
                                  R"({"spec":[],"status":7})",
                                  R"([{"op":"remove","path":"/metadata"}])",
                                  R"([{"op":"replace","path":"","value":null}])",
                                  R"([{"op":"add","path":"/spec","value":{}}])",
                                  R"({"spec":{"replicas":1e30}})",
                                  R"({"spec":{"template":null,"selector":null}})",
                                  R"({"spec":{"containers":[null,5,{}]}})",
                                  R"({"metadata":{"ownerReferences":[{}]}})",
                                  R"({"$patch":"delete"})",
                                  R"({"metadata":{"finalizers":[""],"deletionTimestamp":"2026-01-01T00:00:00Z"}})",
                                  R"({"status":{"conditions":[{}]}})",
                                  R"({"metadata":{"name":"sec"},"stringData":{"a":"b"},"data":{"c":"%"}})",
                                  "k8s",
                                  std::string("k8s\0\x0a\x04", 6)};
  std::vector<std::string> types{"application/json",
                                 "application/merge-patch+json",
                                 "application/strategic-merge-patch+json",
                                 "application/json-patch+json",
                                 "application/vnd.kubernetes.protobuf",
                                 "application/yaml",
                                 "",
                                 "application/apply-patch+yaml"};
  std::vector<std::string> queries{"",
                                   "?dryRun=All",
                                   "?gracePeriodSeconds=0",
                                   "?tailLines=2&timestamps=true",
                                   "?propagationPolicy=Orphan",
                                   "?limit=1",
                                   "?fieldSelector=x",
                                   "?fieldManager=m&force=true",
                                   "?fieldValidation=Strict"};
  for (int round = 0; round < 4000; ++round) {
    std::string method = methods[next(methods.size())],
                path = paths[next(paths.size())] + queries[next(queries.size())];
    std::string body = bodies[next(bodies.size())], type = types[next(types.size())];
    Reply reply = cluster.ask(method, path, body, type);
    EXPECT_NE(reply.status, 0);
    // What does not fit the schema of an applied configuration is a 500 on the API server too.
    EXPECT_TRUE(reply.status != 500 || reply.message().starts_with("failed to create typed patch object"))
        << method << " " << path << " " << type << " " << body << " -> " << reply.body;
    if (round % 50 == 0) cluster.pass(500);
  }
  cluster.pass(60'000);
  EXPECT_EQ(cluster.get("/api/v1/pods").status, 200);
}

}  // namespace
}  // namespace fairlead::sandbox
