#include "sandbox/views.h"

#include <gtest/gtest.h>

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

json::value parsed(std::string_view text) { return parse_json(text, "parse the test's JSON").value(); }

const Resource& old_autoscalers(const Resources& resources) {
  return *resources.find("autoscaling", "v1", "horizontalpodautoscalers");
}

TEST(Views, AutoscalersOfV1KeepInAnnotationsWhatTheyHaveNoFieldsFor) {
  Resources resources;
  json::value stored = parsed(R"({"metadata":{"name":"web"},
    "spec":{"maxReplicas":3,"metrics":[
      {"type":"Resource","resource":{"name":"memory","target":{"averageValue":"1Gi","type":"AverageValue"}}},
      {"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"hits"},"target":{"value":"5","type":"Value"}}},
      {"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":70,"type":"Utilization"}}}],
     "behavior":{"scaleDown":{"selectPolicy":"Min","policies":[{"type":"Pods","value":1,"periodSeconds":60}]}}},
    "status":{"currentReplicas":1,"conditions":[{"type":"AbleToScale","status":"True"}],
      "currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageValue":"7m","averageUtilization":12}}}]}})");
  json::value shown = to_view(old_autoscalers(resources), stored);
  EXPECT_EQ(compact(*find(shown, "spec")), R"({"maxReplicas":3,"targetCPUUtilizationPercentage":70})");
  EXPECT_EQ(compact(*find(shown, "status")), R"({"currentReplicas":1,"currentCPUUtilizationPercentage":12})");
  auto note = [&](std::string_view name) {
    return text_at(shown, {"metadata", "annotations", "autoscaling.alpha.kubernetes.io/" + std::string(name)});
  };
  EXPECT_EQ(
      note("metrics"),
      R"([{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}},)"
      R"({"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"hits","targetValue":"5"}}])");
  EXPECT_EQ(
      note("current-metrics"),
      R"([{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":12,"currentAverageValue":"7m"}}])");
  EXPECT_EQ(note("conditions"), R"([{"type":"AbleToScale","status":"True"}])");
  EXPECT_EQ(note("behavior"), R"({"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Min",)"
                              R"("Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}],"Tolerance":null}})");
  json::value back = to_stored(old_autoscalers(resources), shown);
  EXPECT_EQ(back, stored) << compact(back);
}

TEST(Views, NotesOfAutoscalersThatAreNoJsonAreDropped) {
  Resources resources;
  json::value stored = to_stored(
      old_autoscalers(resources),
      parsed(
          R"({"metadata":{"annotations":{"autoscaling.alpha.kubernetes.io/metrics":"[","x":"y"}},"spec":{"maxReplicas":3}})"));
  EXPECT_EQ(compact(stored), R"({"metadata":{"annotations":{"x":"y"}},"spec":{"maxReplicas":3},"status":{}})");
}

TEST(Views, AutoscalersAreServedInBothVersions) {
  Cluster cluster;
  Reply made = cluster.ask(
      "POST", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers",
      R"({"metadata":{"name":"web"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"maxReplicas":4}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text_at(made.value(), {"apiVersion"}), "autoscaling/v1");
  EXPECT_EQ(integer_at(made.value(), {"spec", "targetCPUUtilizationPercentage"}), 80);
  json::value current = cluster.get("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web").value();
  EXPECT_EQ(integer_at(array_at(current, {"spec", "metrics"}).at(0), {"resource", "target", "averageUtilization"}), 80);
  json::value all = cluster.get("/apis/autoscaling/v1/horizontalpodautoscalers").value();
  EXPECT_EQ(text_at(all, {"apiVersion"}), "autoscaling/v1");
}

}  // namespace
}  // namespace fairlead::sandbox
