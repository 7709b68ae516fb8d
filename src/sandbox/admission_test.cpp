#include "sandbox/admission.h"

#include <gtest/gtest.h>

#include "sandbox/behaviour.h"

namespace fairlead::sandbox {
namespace {

json::value parse(std::string_view text) { return *parse_json(text, "test"); }

json::value defaulted(std::string_view group, std::string_view plural, std::string_view text) {
  Resources resources;
  json::value object = parse(text);
  apply_defaults(resources.get(group, plural), object);
  return object;
}

TEST(Defaults, AreThoseOfTheApiServer) {
  json::value deployment =
      defaulted("apps", "deployments",
                R"({"spec":{"template":{"spec":{"containers":[{"image":"nginx","ports":[{"containerPort":80}],
      "livenessProbe":{"httpGet":{"port":80}},"resources":{"limits":{"cpu":"1"}}}]}}}})");
  EXPECT_EQ(integer_at(deployment, {"spec", "replicas"}), 1);
  EXPECT_EQ(text_at(deployment, {"spec", "strategy", "rollingUpdate", "maxSurge"}), "25%");
  const json::value& container = array_at(deployment, {"spec", "template", "spec", "containers"})[0];
  EXPECT_EQ(text_at(container, {"imagePullPolicy"}), "Always");
  // Limits become requests in pods, not in templates of them.
  EXPECT_EQ(find(container, "resources", "requests"), nullptr);
  json::value pod =
      defaulted("", "pods", R"({"spec":{"containers":[{"image":"i","resources":{"limits":{"cpu":"1"}}}]}})");
  EXPECT_EQ(text_at(array_at(pod, {"spec", "containers"})[0], {"resources", "requests", "cpu"}), "1");
  EXPECT_EQ(integer_at(container, {"livenessProbe", "failureThreshold"}), 3);
  EXPECT_EQ(text_at(array_at(container, {"ports"})[0], {"protocol"}), "TCP");
  EXPECT_EQ(text_at(defaulted("", "pods", R"({"spec":{"containers":[{"image":"r.io:5000/a/b:1.0"}]}})")
                        .at("spec")
                        .at("containers")
                        .at(0),
                    {"imagePullPolicy"}),
            "IfNotPresent");
  EXPECT_EQ(text_at(defaulted("", "secrets", R"({"stringData":{"a":"hi"}})"), {"data", "a"}), "aGk=");
  EXPECT_EQ(text_at(defaulted("", "namespaces", R"({"metadata":{"name":"n"}})"),
                    {"metadata", "labels", "kubernetes.io/metadata.name"}),
            "n");
  EXPECT_EQ(integer_at(defaulted("", "services", R"({"spec":{"ports":[{"port":80}]}})").at("spec").at("ports").at(0),
                       {"targetPort"}),
            80);
  // A recreated one has no rolling update.
  EXPECT_EQ(find(defaulted("apps", "deployments", R"({"spec":{"strategy":{"type":"Recreate"}}})"), "spec", "strategy",
                 "rollingUpdate"),
            nullptr);
}

TEST(Admission, MountsTheServiceAccount) {
  json::value pod = parse(R"({"spec":{"containers":[{"name":"a"}],"tolerations":[{"operator":"Exists"}]}})");
  admit_pod(pod, "abcde");
  EXPECT_EQ(array_at(pod, {"spec", "tolerations"}).size(), 1u);
  EXPECT_EQ(text_at(array_at(pod, {"spec", "volumes"})[0], {"name"}), "kube-api-access-abcde");
  json::value without = parse(R"({"spec":{"containers":[{"name":"a"}],"automountServiceAccountToken":false}})");
  admit_pod(without, "abcde");
  EXPECT_TRUE(array_at(without, {"spec", "volumes"}).empty());
}

TEST(Admission, KnowsTheQualityOfService) {
  auto quality = [](std::string_view resources) {
    return std::string(
        quality_of_service(parse(R"({"spec":{"containers":[{"resources":)" + std::string(resources) + "}]}}")));
  };
  EXPECT_EQ(quality("{}"), "BestEffort");
  EXPECT_EQ(quality(R"({"requests":{"cpu":"1"}})"), "Burstable");
  EXPECT_EQ(quality(R"({"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}})"), "Guaranteed");
}

TEST(Validation, FindsEveryCause) {
  Resources resources;
  auto causes = [&](std::string_view group, std::string_view plural, std::string_view text,
                    std::string_view before = "") {
    json::value object = parse(text);
    json::value was = before.empty() ? json::value(json::object()) : parse(before);
    apply_defaults(resources.get(group, plural), object);
    apply_defaults(resources.get(group, plural), was);
    std::string out;
    for (const Cause& cause : validate(resources.get(group, plural), object, before.empty() ? nullptr : &was))
      out += cause.field + ": " + cause.message + "\n";
    return out;
  };
  EXPECT_EQ(
      causes(
          "", "pods",
          R"({"metadata":{"name":"a"},"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"i"},{"name":"a"}]}})"),
      "spec.containers[1].name: Duplicate value: \"a\"\nspec.containers[1].image: Required value\n");
  EXPECT_EQ(causes("", "configmaps", "{}"), "metadata.name: Required value: name or generateName is required\n");
  EXPECT_NE(causes("", "namespaces", R"({"metadata":{"name":"a.b"}})"), "");
  EXPECT_EQ(causes("", "configmaps", R"({"metadata":{"name":"m"},"data":{"a":"2"},"immutable":true})",
                   R"({"metadata":{"name":"m"},"data":{"a":"1"},"immutable":true})"),
            "data: Forbidden: field is immutable when `immutable` is set\n");
  std::string pod =
      R"({"metadata":{"name":"p"},"spec":{"restartPolicy":"Always","containers":[{"name":"a","image":"1"}]}})";
  EXPECT_EQ(
      causes("", "pods",
             R"({"metadata":{"name":"p"},"spec":{"restartPolicy":"Always","containers":[{"name":"a","image":"2"}]}})",
             pod),
      "");
  EXPECT_NE(
      causes("", "pods",
             R"({"metadata":{"name":"p"},"spec":{"restartPolicy":"Always","containers":[{"name":"b","image":"1"}]}})",
             pod),
      "");
  EXPECT_EQ(causes("", "services", R"({"metadata":{"name":"s"},"spec":{"type":"Odd"}})"),
            "spec.ports: Required value\nspec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", "
            "\"ExternalName\", \"LoadBalancer\", \"NodePort\"\n");
}

TEST(Behaviour, FollowsFromTheImage) {
  auto fate = [](std::string_view container) { return behaviour_of(parse(container)).fate; };
  EXPECT_EQ(fate(R"({"image":"nginx:1.29"})"), Fate::runs);
  EXPECT_EQ(fate(R"({"image":"r.io/x/nginx:2-rc"})"), Fate::cannot_be_pulled);
  EXPECT_EQ(fate(R"({"image":"r.io/shop/payments:1"})"), Fate::crashes);
  EXPECT_EQ(fate(R"({"image":"r.io/shop/payments:1","env":[{"name":"PAYMENTS_DB_PASSWORD","value":"x"}]})"),
            Fate::runs);
  EXPECT_EQ(fate(R"({"image":"r.io/shop/recommender:1","resources":{"limits":{"memory":"256Mi"}}})"),
            Fate::out_of_memory);
  EXPECT_EQ(fate(R"({"image":"r.io/shop/recommender:1","resources":{"limits":{"memory":"1Gi"}}})"), Fate::runs);
  EXPECT_EQ(fate(R"({"image":"r.io/tools/wait-for:1"})"), Fate::hangs);
  EXPECT_EQ(quantity_milli("500m"), 500);
  EXPECT_EQ(quantity_milli("2Ki"), 2'048'000);
  EXPECT_EQ(quantity_milli("x"), 0);
}

}  // namespace
}  // namespace fairlead::sandbox
