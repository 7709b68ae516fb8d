#include <map>

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string configmaps = "/api/v1/namespaces/shop/configmaps";
const std::string deployments = "/apis/apps/v1/namespaces/shop/deployments";

std::string deployment(std::string_view spec) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":)" + std::string(spec) + "}";
}
const std::string whole =
    deployment(R"({"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"web","image":"nginx:1","ports":[{"containerPort":80}]}]}}})");

// "manager Operation subresource" -> fieldsV1
std::map<std::string, std::string> owners(const json::value& object) {
  std::map<std::string, std::string> out;
  for (const json::value& entry : array_at(object, {"metadata", "managedFields"})) {
    std::string key = std::string(text_at(entry, {"manager"})) + " " + std::string(text_at(entry, {"operation"}));
    if (std::string_view part = text_at(entry, {"subresource"}); !part.empty()) key += " " + std::string(part);
    out[key] = compact(*find(entry, "fieldsV1"));
  }
  return out;
}

TEST(ApiApply, CreatesAndOwns) {
  Cluster cluster;
  Reply created = cluster.apply(deployments + "/web", "me", whole);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(integer_at(created.value(), {"spec", "revisionHistoryLimit"}), 10);
  EXPECT_EQ(
      owners(created.value()),
      (std::map<std::string, std::string>{
          {"me Apply",
           R"({"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:containers":)"
           R"({"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":)"
           R"({".":{},"f:containerPort":{}}}}}}}}})"}}));
  std::uint64_t version = cluster.store.version();
  Reply again = cluster.apply(deployments + "/web", "me", whole);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(cluster.store.version(), version);
  EXPECT_EQ(cluster.apply(deployments + "/web", "me", whole, "&dryRun=All").status, 200);
  EXPECT_EQ(cluster.apply(deployments + "/other", "me", deployment("{}"), "&dryRun=All").status, 400);
  EXPECT_EQ(cluster.store.version(), version);
  // In YAML, and what is left out goes, or back to its default.
  Reply less = cluster.apply(deployments + "/web", "me",
                             "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: "
                             "{matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
                             "    spec:\n      containers:\n      - {name: web, image: nginx}\n");
  ASSERT_EQ(less.status, 200) << less.body;
  EXPECT_EQ(integer_at(less.value(), {"spec", "replicas"}), 1);
  EXPECT_EQ(integer_at(less.value(), {"metadata", "generation"}), 2);
  EXPECT_EQ(find(array_at(less.value(), {"spec", "template", "spec", "containers"})[0], "ports"), nullptr);
}

TEST(ApiApply, AnswersConflicts) {
  Cluster cluster;
  ASSERT_EQ(cluster.ask("POST", deployments + "?fieldManager=kubectl-create", whole).status, 201);
  std::string change =
      deployment(R"({"replicas":3,"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}})");
  Reply conflict = cluster.apply(deployments + "/web", "me", change);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.reason(), "Conflict");
  EXPECT_EQ(conflict.message(),
            "Apply failed with 2 conflicts: conflicts with \"kubectl-create\" using apps/v1:\n- .spec.replicas\n"
            "- .spec.template.spec.containers[name=\"web\"].image");
  const json::array causes = array_at(conflict.value(), {"details", "causes"});
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(
      compact(causes[0]),
      R"({"reason":"FieldManagerConflict","message":"conflict with \"kubectl-create\" using apps/v1","field":".spec.replicas"})");
  EXPECT_EQ(cluster.apply(deployments + "/web", "me", deployment(R"({"replicas":3})")).message(),
            "Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1: .spec.replicas");
  Reply forced = cluster.apply(deployments + "/web", "me", change, "&force=true");
  EXPECT_EQ(forced.status, 200) << forced.body;
  EXPECT_EQ(
      owners(forced.value())["me Apply"],
      R"({"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{}}}}}}})");
  EXPECT_EQ(owners(forced.value())["kubectl-create Update"].find("f:replicas"), std::string::npos);
  // Equal values are shared, and stay when one of the owners leaves them out.
  ASSERT_EQ(cluster.apply(deployments + "/web", "you", change).status, 200);
  Reply left = cluster.apply(deployments + "/web", "me",
                             R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}})");
  EXPECT_EQ(integer_at(left.value(), {"spec", "replicas"}), 3);
  EXPECT_EQ(owners(left.value()).count("me Apply"), 0u);
}

TEST(ApiApply, RefusesWhatItCannotApply) {
  Cluster cluster;
  std::string path = configmaps + "/m",
              map = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}})";
  Reply anonymous = cluster.ask("PATCH", path, map, "application/apply-patch+yaml");
  EXPECT_EQ(anonymous.status, 422);
  EXPECT_EQ(anonymous.message(),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  EXPECT_EQ(cluster.ask("PATCH", path + "?force=true", "{}", "application/merge-patch+json").message(),
            "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
  EXPECT_EQ(cluster.apply(path, std::string(129, 'x'), map).status, 422);
  EXPECT_EQ(cluster.apply(path, "a%0Ab", map).message(),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\nb\": invalid character "
            "U+000A (at position 1)");
  EXPECT_EQ(cluster.apply(path, "m", "{}").message(), "invalid object type: /, Kind=");
  EXPECT_EQ(cluster.apply(path, "m", R"({"apiVersion":"v1","kind":"Secret"})").message(),
            "invalid object type: /v1, Kind=Secret");
  EXPECT_EQ(
      cluster.apply(path, "m", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","managedFields":[]}})")
          .message(),
      "metadata.managedFields must be nil");
  Reply unknown = cluster.apply(path, "m", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"foo":1})");
  EXPECT_EQ(unknown.status, 500);
  EXPECT_EQ(unknown.message(),
            "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .foo: field not declared in schema");
  EXPECT_EQ(cluster.apply(configmaps + "/n", "m", map).message(),
            "the name of the object (m) does not match the name on the URL (n)");
  for (std::string bad : {"[", "- a", "5", "a: b: c", "{", "\t"})
    EXPECT_EQ(cluster.apply(path, "m", bad).status, 400) << bad;
  EXPECT_EQ(cluster.apply(path + "/status", "m", map).status, 404);
  EXPECT_EQ(cluster.apply("/api/v1/namespaces/none/configmaps/m", "m", map).message(), "namespaces \"none\" not found");
  ASSERT_EQ(cluster.apply(path, "m", map).status, 201);
  EXPECT_EQ(
      cluster
          .apply(
              path, "m",
              R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","resourceVersion":"1"},"data":{"a":"2"}})")
          .status,
      409);
}

TEST(ApiApply, KeepsStatusAndScaleApart) {
  Cluster cluster;
  ASSERT_EQ(cluster.apply(deployments + "/web", "me", whole).status, 201);
  Reply status = cluster.apply(
      deployments + "/web/status", "controller",
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":7},"status":{"replicas":5}})");
  ASSERT_EQ(status.status, 200) << status.body;
  EXPECT_EQ(integer_at(status.value(), {"spec", "replicas"}), 2);
  EXPECT_EQ(integer_at(status.value(), {"status", "replicas"}), 5);
  EXPECT_EQ(owners(status.value())["controller Apply status"], R"({"f:status":{"f:replicas":{}}})");

  std::string scale =
      R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":4}})";
  EXPECT_EQ(cluster.apply(deployments + "/web/scale", "hpa", scale).message(),
            "Apply failed with 1 conflict: conflict with \"me\": .spec.replicas");
  Reply forced = cluster.apply(deployments + "/web/scale", "hpa", scale, "&force=true");
  ASSERT_EQ(forced.status, 200) << forced.body;
  json::value now = cluster.get(deployments + "/web").value();
  EXPECT_EQ(integer_at(now, {"spec", "replicas"}), 4);
  EXPECT_EQ(owners(now)["hpa Apply scale"], R"({"f:spec":{"f:replicas":{}}})");
  EXPECT_EQ(owners(now)["me Apply"].find("f:replicas"), std::string::npos);
  ASSERT_EQ(cluster
                .ask("PATCH", deployments + "/web/scale?fieldManager=kubectl", R"({"spec":{"replicas":1}})",
                     "application/merge-patch+json")
                .status,
            200);
  now = cluster.get(deployments + "/web").value();
  EXPECT_EQ(owners(now).count("hpa Apply scale"), 0u);
  EXPECT_EQ(owners(now)["kubectl Update scale"], R"({"f:spec":{"f:replicas":{}}})");
}

TEST(ApiApply, TakesOverFromKubectl) {
  Cluster cluster;
  std::string last =
      R"({\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"a\":\"1\"}})";
  ASSERT_EQ(cluster
                .ask("POST", configmaps + "?fieldManager=kubectl-client-side-apply",
                     R"({"metadata":{"name":"m","annotations":{"kubectl.kubernetes.io/last-applied-configuration":")" +
                         last + R"("}},"data":{"a":"1","b":"1"}})")
                .status,
            201);
  std::string two = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"2"}})";
  EXPECT_EQ(cluster.apply(configmaps + "/m", "other", two).status, 409);
  Reply taken = cluster.apply(configmaps + "/m", "kubectl", two);
  ASSERT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(text_at(taken.value(), {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"}),
            R"({"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"m"}})"
            "\n");
}

TEST(ManagedFieldsOfWrites, FollowThoseWhoWrite) {
  Cluster cluster;
  Reply created = cluster.ask("POST", configmaps + "?fieldManager=one",
                              R"({"metadata":{"name":"m","labels":{"l":"1"}},"data":{"a":"1","b":"1"}})");
  EXPECT_EQ(
      owners(created.value()),
      (std::map<std::string, std::string>{
          {"one Update", R"({"f:data":{".":{},"f:a":{},"f:b":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}})"}}));
  Reply patched = cluster.ask("PATCH", configmaps + "/m?fieldManager=two", R"({"data":{"a":"2","c":"1"}})",
                              "application/merge-patch+json");
  EXPECT_EQ(owners(patched.value()),
            (std::map<std::string, std::string>{
                {"one Update", R"({"f:data":{".":{},"f:b":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}})"},
                {"two Update", R"({"f:data":{"f:a":{},"f:c":{}}})"}}));
  // Nobody owns what is gone, and who owns nothing is gone.
  Reply less = cluster.ask("PATCH", configmaps + "/m?fieldManager=one", R"({"data":{"a":null,"c":null}})",
                           "application/merge-patch+json");
  EXPECT_EQ(owners(less.value()).count("two Update"), 0u);
  EXPECT_EQ(cluster
                .ask("PATCH", configmaps + "/m?fieldManager=one", R"({"metadata":{"managedFields":[{}]}})",
                     "application/merge-patch+json")
                .status,
            200);
  json::value reset = cluster.get(configmaps + "/m").value();
  EXPECT_EQ(find(reset, "metadata", "managedFields"), nullptr);
  // From then on only an apply makes it known who owns what.
  ASSERT_EQ(cluster.ask("PATCH", configmaps + "/m", R"({"data":{"z":"1"}})", "application/merge-patch+json").status,
            200);
  EXPECT_TRUE(owners(cluster.get(configmaps + "/m").value()).empty());
  Reply applied = cluster.apply(configmaps + "/m", "three",
                                R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"y":"1"}})");
  EXPECT_EQ(owners(applied.value())["before-first-apply Update"],
            R"({"f:data":{".":{},"f:b":{},"f:z":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}})");
  // A client may write the list itself; what is no list is as if it had not.
  json::value given = applied.value();
  given.at("metadata").at("managedFields").as_array().resize(1);
  EXPECT_EQ(owners(cluster.ask("PUT", configmaps + "/m", compact(given)).value()).size(), 1u);
  EXPECT_EQ(
      cluster
          .ask("PATCH", configmaps + "/m", R"({"metadata":{"managedFields":[{"manager":"x","operation":"Dance"}]}})",
               "application/merge-patch+json")
          .status,
      200);
  EXPECT_EQ(owners(cluster.get(configmaps + "/m").value()).size(), 1u);
}

TEST(ManagedFieldsOfWrites, AreAtMostTenUpdaters) {
  Cluster cluster;
  ASSERT_EQ(
      cluster.ask("POST", configmaps + "?fieldManager=first", R"({"metadata":{"name":"m"},"data":{"a":"1"}})").status,
      201);
  for (int i = 0; i < 15; ++i) {
    std::string body = R"({"data":{"k)" + std::to_string(i) + R"(":"1"}})";
    ASSERT_EQ(
        cluster.ask("PATCH", configmaps + "/m?fieldManager=m" + std::to_string(i), body, "application/merge-patch+json")
            .status,
        200);
  }
  std::map<std::string, std::string> all = owners(cluster.get(configmaps + "/m").value());
  EXPECT_EQ(all.size(), 10u);
  EXPECT_TRUE(all.contains("ancient-changes Update"));
}

TEST(ManagedFieldsOfWrites, NameControllersAfterTheirWork) {
  Cluster cluster;
  ASSERT_EQ(cluster.ask("POST", deployments + "?fieldManager=me", whole).status, 201);
  cluster.pass(120'000);
  json::value web = cluster.get(deployments + "/web").value();
  EXPECT_TRUE(owners(web).contains("kube-controller-manager Update status")) << compact(web);
  json::value pods = cluster.get("/api/v1/namespaces/shop/pods?labelSelector=a%3Db").value();
  ASSERT_EQ(array_at(pods, {"items"}).size(), 2u);
  std::map<std::string, std::string> pod = owners(array_at(pods, {"items"})[0]);
  EXPECT_TRUE(pod.contains("kube-controller-manager Update"));
  EXPECT_TRUE(pod.contains("kubelet Update status"));
}

TEST(FieldValidation, WarnsRefusesOrIgnores) {
  Cluster cluster;
  std::string body =
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","foo":1},"data":{"a":"1","a":"2"},"bar":{"x":1}})";
  Reply warned = cluster.ask("POST", configmaps + "?dryRun=All", body);
  EXPECT_EQ(warned.status, 201);
  EXPECT_EQ(warned.warnings,
            (std::vector<std::string>{R"(299 - "unknown field \"metadata.foo\"")",
                                      R"(299 - "duplicate field \"data.a\"")", R"(299 - "unknown field \"bar\"")"}));
  EXPECT_TRUE(cluster.ask("POST", configmaps + "?dryRun=All&fieldValidation=Ignore", body).warnings.empty());
  Reply strict = cluster.ask("POST", configmaps + "?fieldValidation=Strict", body);
  EXPECT_EQ(strict.status, 400);
  EXPECT_EQ(strict.message(),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field "
            "\"metadata.foo\", "
            "duplicate field \"data.a\", unknown field \"bar\"");
  EXPECT_EQ(cluster.ask("POST", configmaps + "?fieldValidation=Perhaps", body).message(),
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Perhaps\": supported "
            "values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
  Reply patched = cluster.patch(deployments + "/cart?fieldValidation=Strict",
                                R"({"spec":{"template":{"spec":{"containers":[{"name":"cart","imagee":"x"}]}}}})");
  EXPECT_EQ(patched.status, 422);
  EXPECT_NE(patched.message().find("strict decoding error: unknown field \"spec.template.spec.containers["),
            std::string::npos)
      << patched.message();
}

TEST(DeleteCollection, TakesWhatTheSelectorsName) {
  Cluster cluster;
  for (std::string name : {"a", "b", "c"}) {
    std::string label = name == "c" ? "no" : "yes";
    ASSERT_EQ(
        cluster.ask("POST", configmaps, R"({"metadata":{"name":")" + name + R"(","labels":{"go":")" + label + "\"}}}")
            .status,
        201);
  }
  std::string some = configmaps + "?labelSelector=go%3Dyes";
  EXPECT_EQ(array_at(cluster.ask("DELETE", some + "&dryRun=All").value(), {"items"}).size(), 2u);
  EXPECT_EQ(cluster.ask("DELETE", some, R"({"preconditions":{"resourceVersion":"1"}})").status, 409);
  EXPECT_EQ(cluster.ask("DELETE", configmaps + "?labelSelector=%28").status, 400);
  Reply done = cluster.ask("DELETE", some);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(text_at(done.value(), {"kind"}), "ConfigMapList");
  EXPECT_EQ(cluster.get(configmaps + "/a").status, 404);
  EXPECT_EQ(cluster.get(configmaps + "/c").status, 200);
  EXPECT_EQ(cluster.ask("DELETE", "/api/v1/configmaps").status, 405);
}

TEST(Writes, MakeAnotherNameWhereOneIsTaken) {
  std::string body = R"({"metadata":{"generateName":"made-"}})";
  Cluster first, second;
  std::string name(text_at(first.ask("POST", configmaps, body).value(), {"metadata", "name"}));
  second.objects.insert(second.resources.get("", "configmaps"),
                        json::object{{"metadata", json::object{{"name", name}, {"namespace", "shop"}, {"uid", "u"}}}});
  Reply other = second.ask("POST", configmaps, body);
  EXPECT_EQ(other.status, 201);
  EXPECT_NE(text_at(other.value(), {"metadata", "name"}), name);
}

TEST(Writes, CreateByPutWhatTheApiServerDoes) {
  Cluster cluster;
  std::string service = R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}})";
  EXPECT_EQ(cluster.ask("PUT", "/api/v1/namespaces/shop/services/s", service).status, 201);
  EXPECT_EQ(cluster.ask("PUT", "/api/v1/namespaces/shop/services/s", service).status, 200);
  EXPECT_EQ(cluster.ask("PUT", configmaps + "/m", R"({"metadata":{"name":"m"}})").status, 404);
}

}  // namespace
}  // namespace fairlead::sandbox
