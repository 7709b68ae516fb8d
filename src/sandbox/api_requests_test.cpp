// Requests that are unusual, and what a real server makes of them.
#include "sandbox/body_problems.h"
#include "sandbox/containers.h"
#include "sandbox/controllers_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string configmaps = "/api/v1/namespaces/shop/configmaps";

TEST(Requests, HalvesOfSurrogatePairsAreReplaced) {
  EXPECT_EQ(without_lone_surrogates(R"("\ud800x")"), R"("\ufffdx")");
  EXPECT_EQ(without_lone_surrogates(R"("\udc00\ud800\ud83d\ude00")"), R"("\ufffd\ufffd\ud83d\ude00")");
  EXPECT_EQ(without_lone_surrogates(R"("\\ud800\n")"), R"("\\ud800\n")");
  EXPECT_EQ(without_lone_surrogates(R"("\ud8)"), R"("\ud8)");
  EXPECT_EQ(without_lone_surrogates("\\"), "\\");
  Cluster cluster;
  Reply made = cluster.ask("POST", configmaps, R"({"metadata":{"name":"half"},"data":{"a":"\ud800x"}})");
  EXPECT_EQ(text_at(made.value(), {"data", "a"}), "\xEF\xBF\xBDx");
  Reply patched = cluster.patch(configmaps + "/half", R"({"data":{"a":"\udfff"}})", "application/merge-patch+json");
  EXPECT_EQ(text_at(patched.value(), {"data", "a"}), "\xEF\xBF\xBD");
}

TEST(Requests, FloatsAreNoIntegers) {
  Cluster cluster;
  auto create = [&](const std::string& seconds, const std::string& type) {
    return cluster.ask("POST", "/api/v1/namespaces/shop/pods?dryRun=All",
                       R"({"metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":)" + seconds +
                           R"(,"containers":[{"name":"c","image":"i"}]}})",
                       type);
  };
  EXPECT_EQ(create("1e10", "application/json").message(),
            "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number 10000000000.0 into Go "
            "struct field PodSpec.spec.terminationGracePeriodSeconds of type int64");
  EXPECT_EQ(create("1.0", "application/json").status, 400);
  EXPECT_EQ(create("10", "application/json").status, 201);
  EXPECT_EQ(create("10.0", "application/yaml").status, 201);  // it is turned into JSON first
}

TEST(Requests, PatchesThatAreNothing) {
  Cluster cluster;
  ASSERT_EQ(cluster.ask("POST", configmaps, R"({"metadata":{"name":"m"},"data":{"a":"1"}})").status, 201);
  auto json_patch = [&](std::string body, std::string query = "") {
    return cluster.patch(configmaps + "/m" + query, std::move(body), "application/json-patch+json");
  };
  EXPECT_EQ(json_patch("null").status, 200);
  EXPECT_EQ(cluster.patch(configmaps + "/m", "null").status, 200);
  EXPECT_EQ(json_patch("[1]").message(),
            "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp");
  EXPECT_EQ(json_patch("[1]", "?fieldValidation=Ignore").message(),
            "json: cannot unmarshal number into Go value of type jsonpatch.Operation");
  EXPECT_EQ(json_patch(R"([{"op":1}])").message(),
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string");
  EXPECT_EQ(json_patch("[null]").status, 422);
}

TEST(Requests, MethodsAndStreamsThatThereAreNot) {
  Cluster cluster;
  for (std::string path : {configmaps, configmaps + "/none", std::string("/api/v1"), std::string("/apis")})
    EXPECT_EQ(cluster.ask("HEAD", path).status, 405) << path;
  EXPECT_EQ(cluster.ask("HEAD", "/healthz").status, 200);
  Reply watch = cluster.get(configmaps + "?watch=1&timeoutSeconds=1", "application/yaml");
  EXPECT_EQ(watch.status, 406);
  EXPECT_NE(watch.body.find("application/json;stream=watch"), std::string::npos) << watch.body;
  EXPECT_EQ(cluster.get(configmaps + "?resourceVersionMatch=Exact&resourceVersion=1").message(),
            "The resourceVersion for the provided list is too old.");
  Reply large = cluster.ask("POST", configmaps, std::string((3 << 20) + 1, 'x'));
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.message(), "Request entity too large: limit is 3145728");
}

TEST(Requests, EvictionsOfTheOlderVersion) {
  Lab lab;
  lab.make(default_pods, pod_text_of("one"));
  Reply reply = lab.ask("POST", default_pods + "/one/eviction",
                        R"({"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"one"}})");
  EXPECT_EQ(reply.status, 201) << reply.body;
  Reply other = lab.ask("POST", default_pods + "/one/eviction",
                        R"({"apiVersion":"policy/v1beta2","kind":"Eviction","metadata":{"name":"one"}})");
  EXPECT_EQ(other.status, 400);
}

TEST(Requests, TheLastFinalizerTakesTheObjectAtOnce) {
  Cluster cluster;
  ASSERT_EQ(cluster.ask("POST", configmaps, R"({"metadata":{"name":"m","finalizers":["a.b/c"]}})").status, 201);
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "/m").status, 200);
  std::uint64_t since = cluster.store.version();
  Reply last = cluster.patch(configmaps + "/m", R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
  EXPECT_EQ(last.status, 200);
  EXPECT_TRUE(array_at(last.value(), {"metadata", "finalizers"}).empty());
  auto changes = cluster.store.changes_since(since);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ(changes->front().type, Change::Type::deleted);
  EXPECT_EQ(cluster.get(configmaps + "/m").status, 404);
}

TEST(Requests, EphemeralContainersAreAddedToARunningPod) {
  Lab lab;
  lab.make(default_pods, pod_text_of("one"));
  lab.pass(3000);
  const std::string pod = default_pods + "/one", part = pod + "/ephemeralcontainers";
  auto add = [&](const std::string& container) {
    return lab.patch(part, R"({"spec":{"ephemeralContainers":[)" + container + "]}}");
  };
  Reply added =
      add(R"({"name":"debug","image":"busybox","targetContainerName":"c","stdin":true,"tty":true,"command":["sh"]})");
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(integer_at(added.value(), {"metadata", "generation"}), 2);
  lab.pass(3000);
  json::value now = lab.at(pod);
  ASSERT_EQ(array_at(now, {"status", "ephemeralContainerStatuses"}).size(), 1u);
  EXPECT_TRUE(find(array_at(now, {"status", "ephemeralContainerStatuses"})[0], "state", "running"));
  EXPECT_EQ(text_at(array_at(now, {"spec", "ephemeralContainers"})[0], {"imagePullPolicy"}), "Always");
  EXPECT_EQ(integer_at(now, {"status", "observedGeneration"}), 2);
  EXPECT_EQ(lab.status("one"), "Running");
  EXPECT_EQ(lab.get(pod + "/log?container=debug").status, 200);
  EXPECT_EQ(lab.get(part).status, 200);
  // Others come beside it, and end by themselves.
  EXPECT_EQ(add(R"({"name":"look","image":"busybox","command":["sh","-c","echo seen"]})").status, 200);
  lab.pass(3000);
  now = lab.at(pod);
  ASSERT_EQ(array_at(now, {"status", "ephemeralContainerStatuses"}).size(), 2u);
  EXPECT_TRUE(find(array_at(now, {"status", "ephemeralContainerStatuses"})[1], "state", "terminated"));
  EXPECT_NE(lab.get(pod + "/log?container=look").body.find("seen"), std::string::npos);

  // Processes run in them, and end them; nobody starts them again.
  Containers containers(lab.objects);
  ObjectPtr object = lab.store.find(lab.resources.get("", "pods"), "default", "one");
  auto inside = containers.running(*object, "debug");
  ASSERT_TRUE(inside);
  containers.end(*inside, 3);
  lab.pass(30'000);
  now = lab.at(pod);
  EXPECT_EQ(integer_at(array_at(now, {"status", "ephemeralContainerStatuses"})[0], {"state", "terminated", "exitCode"}),
            3);

  EXPECT_EQ(add(R"({"name":"c","image":"busybox"})").status, 422);
  EXPECT_EQ(add(R"({"name":"x","image":"busybox","targetContainerName":"none"})").status, 422);
  EXPECT_EQ(add(R"({"name":"x","image":"busybox","ports":[{"containerPort":1}]})").status, 422);
  EXPECT_EQ(add(R"({"name":"debug","image":"alpine"})").status, 422);
  EXPECT_EQ(lab.patch(part, R"({"spec":{"ephemeralContainers":null}})", "application/merge-patch+json").status, 422);
  // Nothing else changes here, and they do not change elsewhere.
  EXPECT_EQ(lab.patch(part, R"({"metadata":{"labels":{"x":"y"}}})").status, 200);
  EXPECT_FALSE(find(lab.at(pod), "metadata", "labels", "x"));
  EXPECT_EQ(lab.patch(pod, R"({"spec":{"ephemeralContainers":[{"name":"z","image":"i"}]}})").status, 422);
  EXPECT_EQ(lab.ask("DELETE", part).status, 405);
}

TEST(Requests, ResizesChangeResourcesAlone) {
  Lab lab;
  lab.make(default_pods, pod_text_of("one", R"("image":"nginx","resources":{"requests":{"cpu":"100m"}})"));
  lab.pass(3000);
  const std::string pod = default_pods + "/one";
  auto resize = [&](const std::string& resources) {
    return lab.patch(pod + "/resize",
                     R"({"spec":{"containers":[{"name":"c","image":"other","resources":)" + resources + "}]}}");
  };
  Reply changed = resize(R"({"requests":{"cpu":"200m"}})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  lab.pass(2000);
  json::value now = lab.at(pod);
  EXPECT_EQ(text_at(array_at(now, {"spec", "containers"})[0], {"image"}), "nginx");
  EXPECT_EQ(text_at(array_at(now, {"status", "containerStatuses"})[0], {"allocatedResources", "cpu"}), "200m");
  EXPECT_EQ(resize(R"({"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}})").status, 422);
  EXPECT_EQ(lab.patch(pod, R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}})").status,
            422);
}

TEST(Requests, AreWarnedOfWhatIsHardlyMeant) {
  Cluster cluster;
  auto warnings = [](const Reply& reply) {
    std::string out;
    for (const std::string& warning : reply.warnings) out += warning + "\n";
    return out;
  };
  constexpr std::string_view endpoints =
      "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"\n";
  EXPECT_EQ(warnings(cluster.get("/api/v1/namespaces/shop/endpoints")), endpoints);
  EXPECT_EQ(warnings(cluster.ask("POST", "/api/v1/namespaces/shop/endpoints", R"({"metadata":{"name":"e"}})")),
            endpoints);
  EXPECT_EQ(warnings(cluster.get("/api/v1/namespaces/shop/services")), "");
  const std::string spec = R"("spec":{"nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"c",
      "image":"i:1","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}],
      "resources":{"limits":{"memory":"100m"}},
      "ports":[{"containerPort":80},{"containerPort":80}]}]})";
  std::string wanted =
      R"(299 - "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead")"
      "\n"
      R"(299 - "spec.containers[0].resources.limits[memory]: fractional byte value \"100m\" is invalid, must be an integer")"
      "\n"
      R"(299 - "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply")"
      "\n"
      R"(299 - "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]")"
      "\n";
  std::string said = warnings(
      cluster.ask("POST", "/api/v1/namespaces/shop/pods?dryRun=All", R"({"metadata":{"name":"w"},)" + spec + "}"));
  // Requests follow limits, and are told of as well.
  EXPECT_NE(said.find("spec.containers[0].resources.requests[memory]"), std::string::npos);
  for (std::size_t start = 0; start < wanted.size();) {
    std::size_t end = wanted.find('\n', start);
    EXPECT_NE(said.find(wanted.substr(start, end - start)), std::string::npos) << said;
    start = end + 1;
  }
  const std::string deployments = "/apis/apps/v1/namespaces/shop/deployments";
  Reply made = cluster.ask("POST", deployments,
                           R"({"metadata":{"name":"w"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{
                           "metadata":{"labels":{"a":"b"}},)" +
                               spec + "}}}");
  EXPECT_NE(warnings(made).find("spec.template.spec.containers[0].env[1]"), std::string::npos) << made.body;
  EXPECT_EQ(warnings(cluster.patch(deployments + "/w", R"({"metadata":{"labels":{"x":"y"}}})")), "");
}

}  // namespace
}  // namespace fairlead::sandbox
