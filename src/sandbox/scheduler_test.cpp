#include "sandbox/controllers_test_support.h"
#include "sandbox/metrics.h"
#include "sandbox/scheduling.h"

namespace fairlead::sandbox {
namespace {

std::string node_of(Lab& lab, const std::string& pod) {
  return std::string(text_at(lab.at(default_pods + "/" + pod), {"spec", "nodeName"}));
}

TEST(Scheduler, NeverGivesANodeMoreThanItHas) {
  Lab lab(4);
  lab.make(apps + "deployments",
           workload_text("web", "web", R"("image":"nginx","resources":{"requests":{"cpu":"3","memory":"1Gi"}})",
                         R"("replicas":12,)"));
  lab.pass(5000);
  std::map<std::string, int> per_node;
  for (const json::value& pod : lab.items(default_pods)) ++per_node[std::string(text_at(pod, {"spec", "nodeName"}))];
  for (const std::string node : {"node-2", "node-3", "node-4"}) EXPECT_EQ(per_node[node], 2) << node;  // of 7910m
  EXPECT_EQ(per_node[""], 6);
  std::string pending;
  for (const json::value& pod : lab.items(default_pods)) {
    if (text_at(pod, {"spec", "nodeName"}).empty()) pending = text_at(pod, {"metadata", "name"});
  }
  EXPECT_EQ(lab.message(pending, "FailedScheduling"),
            "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 "
            "Insufficient cpu. preemption: 0/4 nodes are available: "
            "1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.");
  // What is set free is used again.
  lab.merge(apps + "deployments/web", R"({"spec":{"replicas":6}})");
  lab.pass(5000);
  EXPECT_EQ(lab.ready("web"), 6);
}

TEST(Scheduler, KeepsToSelectorsAffinityAndTaints) {
  Lab lab(4);
  lab.merge("/api/v1/nodes/node-3", R"({"metadata":{"labels":{"disk":"ssd"}}})");
  lab.merge("/api/v1/nodes/node-4", R"({"spec":{"taints":[{"key":"gpu","value":"yes","effect":"NoSchedule"}]}})");
  lab.make(default_pods, pod_text_of("selector", R"("image":"nginx")", R"("nodeSelector":{"disk":"ssd"},)"));
  lab.make(
      default_pods,
      pod_text_of(
          "affinity", R"("image":"nginx")",
          R"("affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"disk","operator":"Exists"}]}]}}},)"));
  lab.make(
      default_pods,
      pod_text_of(
          "tolerant", R"("image":"nginx")",
          R"("nodeSelector":{"kubernetes.io/hostname":"node-4"},"tolerations":[{"key":"gpu","operator":"Exists"}],)"));
  lab.make(default_pods, pod_text_of("nowhere", R"("image":"nginx")", R"("nodeSelector":{"disk":"tape"},)"));
  lab.pass(2000);
  EXPECT_EQ(node_of(lab, "selector"), "node-3");
  EXPECT_EQ(node_of(lab, "affinity"), "node-3");
  EXPECT_EQ(node_of(lab, "tolerant"), "node-4");
  EXPECT_EQ(node_of(lab, "nowhere"), "");
  lab.merge("/api/v1/nodes/node-2", R"({"metadata":{"labels":{"disk":"tape"}}})");
  lab.pass(2000);
  EXPECT_EQ(node_of(lab, "nowhere"), "node-2");
}

TEST(Scheduler, KeepsPodsApartThatAskForIt) {
  Lab lab(4);
  std::string text = workload_text("web", "web", R"("image":"nginx")", R"("replicas":4,)");
  std::string anti =
      R"("spec":{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"web"}}}]}},)";
  text.replace(text.rfind(R"("spec":{)"), 8, anti);
  lab.make(apps + "deployments", text);
  lab.pass(5000);
  std::map<std::string, int> per_node;
  for (const json::value& pod : lab.items(default_pods)) ++per_node[std::string(text_at(pod, {"spec", "nodeName"}))];
  EXPECT_EQ(per_node[""], 1);
  EXPECT_EQ(per_node.size(), 4u);
}

TEST(Scheduler, LetsAClientBind) {
  Lab lab(3);
  lab.make(default_pods, pod_text_of("mine", R"("image":"nginx")", R"("schedulerName":"other",)"));
  lab.pass(1000);
  EXPECT_EQ(node_of(lab, "mine"), "");
  std::string binding = default_pods + "/mine/binding";
  EXPECT_EQ(lab.ask("POST", binding, R"({"target":{"kind":"Service","name":"node-2"}})").message(),
            "target.kind: Unsupported value: \"Service\": supported values: \"Node\", \"<empty>\"");
  EXPECT_EQ(lab.ask("POST", binding, R"({"target":{}})").status, 500);
  EXPECT_EQ(lab.ask("GET", binding).status, 405);
  EXPECT_EQ(
      lab.ask(
             "POST", binding,
             R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":"mine"},"target":{"kind":"Node","name":"node-2"}})")
          .status,
      201);
  lab.pass(1000);
  EXPECT_EQ(lab.status("mine"), "Running");
  Reply again = lab.ask("POST", binding, R"({"target":{"kind":"Node","name":"node-3"}})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message(),
            "Operation cannot be fulfilled on pods/binding \"mine\": pod mine is already assigned to node \"node-2\"");
}

TEST(Nodes, AreLostAndComeBack) {
  Lab lab(3);
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx")", R"("replicas":4,)"));
  lab.make(apps + "daemonsets", workload_text("agent", "agent", R"("image":"agent:1")"));
  lab.pass(3000);
  std::string node = "/api/v1/nodes/node-2";
  lab.merge(node, R"({"metadata":{"annotations":{"sandbox.fairlead.dev/lost":"true"}}})");
  lab.pass(30'000);
  EXPECT_TRUE(is_true(lab.at(node), "Ready"));
  lab.pass(15'000);
  EXPECT_EQ(condition_status(lab.at(node), "Ready"), "Unknown");
  EXPECT_EQ(array_at(lab.at(node), {"spec", "taints"}).size(), 2u);
  EXPECT_EQ(lab.ready("web"), 2);
  lab.pass(330'000);
  // Evicted and replaced, but nobody there confirms that they have ended; daemons stay.
  EXPECT_EQ(lab.ready("web"), 4);
  EXPECT_EQ(lab.names("web").size(), 6u);
  EXPECT_EQ(lab.names("agent").size(), 2u);
  lab.merge(node, R"({"metadata":{"annotations":{"sandbox.fairlead.dev/lost":null}}})");
  lab.pass(5000);
  EXPECT_TRUE(is_true(lab.at(node), "Ready"));
  EXPECT_TRUE(array_at(lab.at(node), {"spec", "taints"}).empty());
  EXPECT_EQ(lab.names("web").size(), 4u);
  EXPECT_EQ(lab.ready("agent"), 2);
  lab.drop(node);
  lab.pass(60'000);
  for (const json::value& pod : lab.items(default_pods)) EXPECT_NE(text_at(pod, {"spec", "nodeName"}), "node-2");
  EXPECT_EQ(lab.ready("web"), 4);
}

TEST(Disruption, BudgetsHoldEvictionsBack) {
  Lab lab(4);
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx")", R"("replicas":3,)"));
  lab.make("/apis/policy/v1/namespaces/default/poddisruptionbudgets",
           R"({"metadata":{"name":"web"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}}})");
  lab.pass(3000);
  auto allowed = [&] {
    return integer_at(lab.at("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web"),
                      {"status", "disruptionsAllowed"});
  };
  EXPECT_EQ(allowed(), 1);
  std::vector<std::string> pods = lab.names("web");
  auto evict = [&](const std::string& pod) {
    return lab.ask("POST", default_pods + "/" + pod + "/eviction",
                   R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":")" + pod + "\"}}");
  };
  EXPECT_EQ(evict(pods[0]).status, 201);
  Reply refused = evict(pods[1]);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.message(), "Cannot evict pod as it would violate the pod's disruption budget.");
  json::value cause = array_at(refused.value(), {"details", "causes"})[0];
  EXPECT_EQ(text_at(cause, {"reason"}), "DisruptionBudget");
  EXPECT_EQ(text_at(cause, {"message"}), "The disruption budget web needs 2 healthy pods and has 3 currently");
  lab.pass(5000);
  EXPECT_EQ(lab.ready("web"), 3);
  EXPECT_EQ(allowed(), 1);
  EXPECT_EQ(find(lab.at("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web"), "status", "disruptedPods"),
            nullptr);
  lab.merge("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web",
            R"({"spec":{"minAvailable":null,"maxUnavailable":"50%"}})");
  lab.pass(100);
  EXPECT_EQ(allowed(), 2);
}

TEST(Metrics, AgreeWithWhatRuns) {
  Lab lab(3);
  lab.make(
      apps + "deployments",
      workload_text(
          "web", "web",
          R"("image":"nginx","resources":{"requests":{"cpu":"200m","memory":"128Mi"},"limits":{"memory":"256Mi"}})",
          R"("replicas":3,)"));
  lab.make(default_pods, pod_text_of("off", R"("image":"nginx:no-such-tag")"));
  lab.pass(5000);
  std::string group = "/apis/metrics.k8s.io/v1beta1";
  json::array pods = array_at(lab.at(group + "/namespaces/default/pods"), {"items"});
  ASSERT_EQ(pods.size(), 3u);
  for (const json::value& pod : pods) {
    std::string cpu(text_at(array_at(pod, {"containers"})[0], {"usage", "cpu"}));
    ASSERT_FALSE(cpu.empty());
    const double units = cpu.ends_with("n")   ? 1e-6
                         : cpu.ends_with("u") ? 1e-3
                                              : 1;  // in thousandths of a core, as quantities are written shortest
    ASSERT_TRUE(cpu.ends_with("n") || cpu.ends_with("u") || cpu.ends_with("m")) << cpu;
    EXPECT_GT(std::stod(cpu) * units, 20);
    EXPECT_LT(std::stod(cpu) * units, 200);
  }
  EXPECT_EQ(array_at(lab.at(group + "/nodes"), {"items"}).size(), 3u);
  EXPECT_EQ(text_at(lab.at(group + "/nodes/node-2"), {"kind"}), "NodeMetrics");
  EXPECT_EQ(lab.get(group + "/nodes/node-9").status, 404);
  EXPECT_EQ(lab.get(group + "/namespaces/default/pods/off").status, 404);
  EXPECT_EQ(lab.ask("POST", group + "/namespaces/default/pods", "{}").status, 405);
  EXPECT_EQ(lab.ask("DELETE", group + "/nodes/node-2").status, 405);
  EXPECT_EQ(lab.get(group + "/nodes?watch=true").status, 405);
  EXPECT_EQ(array_at(lab.at(group + "/pods?labelSelector=app%3Dnone"), {"items"}).size(), 0u);
  EXPECT_EQ(lab.get(group + "/pods").body, lab.get(group + "/pods").body);
}

TEST(Autoscaler, FollowsTheLoad) {
  Lab lab(4);
  lab.make(
      apps + "deployments",
      workload_text("web", "web", R"("image":"nginx","resources":{"requests":{"cpu":"100m"}})", R"("replicas":2,)"));
  std::string load = R"({"spec":{"template":{"metadata":{"annotations":{"sandbox.fairlead.dev/cpu":)";
  EXPECT_EQ(lab.patch(apps + "deployments/web", load + "\"160m\"}}}}}").status, 200);
  lab.make(
      "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
      R"({"metadata":{"name":"web"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":5,)"
      R"("metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]}})");
  lab.pass(60'000);
  std::string scaler = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web";
  EXPECT_EQ(integer_at(lab.at(scaler), {"status", "desiredReplicas"}), 5);
  EXPECT_TRUE(is_true(lab.at(scaler), "ScalingLimited"));
  EXPECT_EQ(lab.ready("web"), 5);
  EXPECT_EQ(lab.patch(apps + "deployments/web", load + "\"10m\"}}}}}").status, 200);
  lab.pass(120'000);
  EXPECT_EQ(lab.ready("web"), 5);  // not before the window of five minutes is over
  lab.pass(300'000);
  EXPECT_EQ(lab.ready("web"), 2);
  EXPECT_EQ(lab.message("web", "SuccessfulRescale").substr(0, 9), "New size:");
}

TEST(Quota, CountsWhatIsUsed) {
  Lab lab(3);
  lab.make(
      core + "resourcequotas",
      R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"10","requests.cpu":"4","requests.memory":"1Gi","count/deployments.apps":"5","configmaps":"9"}}})");
  lab.make(apps + "deployments",
           workload_text("web", "web", R"("image":"nginx","resources":{"requests":{"cpu":"250m","memory":"64Mi"}})",
                         R"("replicas":3,)"));
  lab.pass(3000);
  json::value used = lab.at(core + "resourcequotas/q");
  EXPECT_EQ(text_at(used, {"status", "used", "pods"}), "3");
  EXPECT_EQ(text_at(used, {"status", "used", "requests.cpu"}), "750m");
  EXPECT_EQ(text_at(used, {"status", "used", "requests.memory"}), "192Mi");
  EXPECT_EQ(text_at(used, {"status", "used", "count/deployments.apps"}), "1");
  EXPECT_EQ(text_at(used, {"status", "used", "configmaps"}), "1");
}

TEST(Scheduler, GivesAPortOfANodeOnce) {
  Lab lab(2);  // one of them is the control plane's
  auto port = [](const std::string& more) {
    return R"("image":"nginx","ports":[{"containerPort":80,"hostPort":8080)" + more + "}]";
  };
  lab.make(default_pods, pod_text_of("first", port("")));
  lab.pass(2000);
  EXPECT_EQ(node_of(lab, "first"), "node-2");
  lab.make(default_pods, pod_text_of("second", port("")));
  lab.make(default_pods, pod_text_of("address", port(R"(,"hostIP":"10.0.0.9")")));
  lab.make(default_pods, pod_text_of("datagrams", port(R"(,"protocol":"UDP")")));
  lab.pass(2000);
  EXPECT_EQ(node_of(lab, "second"), "");
  EXPECT_EQ(node_of(lab, "address"), "");
  EXPECT_EQ(node_of(lab, "datagrams"), "node-2");
  EXPECT_EQ(lab.message("second", "FailedScheduling"),
            "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) had "
            "untolerated taint {node-role.kubernetes.io/control-plane: }. preemption: 0/2 nodes are available: 1 No "
            "preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.");
  lab.drop(default_pods + "/first");
  lab.drop(default_pods + "/address");
  lab.pass(4000);
  EXPECT_EQ(node_of(lab, "second"), "node-2");
}

}  // namespace
}  // namespace fairlead::sandbox
