#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

std::vector<Cause> ask(std::vector<std::string> world) {
  FakeSource source;
  for (const auto& text : world) source.add(text);
  return diagnose(source, [&](Trail trail) { return explain_control_plane(trail); });
}

TEST(ExplainControlPlane, SaysNothingOfAnEmptyOne) { EXPECT_EQ(codes(ask({})), ""); }

std::string api(std::string_view status, std::string_view service = "{namespace: kube-system, name: metrics}") {
  return "{kind: APIService, metadata: {name: v1beta1.metrics.k8s.io}, spec: {service: " + std::string(service) +
         "}, status: {conditions: [{type: Available, "
         "status: '" +
         std::string(status) + "', reason: MissingEndpoints, message: no endpoints}]}}";
}

TEST(ExplainControlPlane, AnAggregatedApiDoesNotAnswer) {
  EXPECT_EQ(codes(ask({api("True")})), "");
  const auto absent = ask({api("False")});
  EXPECT_EQ(first(absent),
            "api_service_unavailable: The API v1beta1.metrics.k8s.io is not available: its Service kube-system/metrics "
            "does not exist");
  EXPECT_EQ(absent[0].certainty, Certainty::proven);
  const auto told = ask({api("False"), "{kind: Service, metadata: {name: metrics, namespace: kube-system}}",
                         "{kind: Endpoints, metadata: {name: metrics, namespace: kube-system}}"});
  EXPECT_EQ(first(told), "api_service_unavailable: The API v1beta1.metrics.k8s.io is not available: no endpoints");
  EXPECT_EQ(told[0].certainty, Certainty::told);
}

std::string hook(std::string_view more) {
  return "{kind: MutatingWebhookConfiguration, metadata: {name: inject}, webhooks: [{name: i.example.com, "
         "clientConfig: {service: {namespace: ops, name: "
         "inject}}, rules: [{operations: [CREATE], apiGroups: [''], resources: [pods]}]" +
         std::string(more) + "}]}";
}

TEST(ExplainControlPlane, AWebhookIsGone) {
  EXPECT_EQ(codes(ask({hook("")})), "webhook_unreachable");
  EXPECT_EQ(codes(ask({hook(", failurePolicy: Ignore")})), "");
  const std::string service = "{kind: Service, metadata: {name: inject, namespace: ops}, spec: {selector: {a: b}}}";
  EXPECT_EQ(codes(ask({hook(""), service})), "service_selector webhook_unreachable");
  // EndpointSlices tell it as well.
  EXPECT_EQ(codes(ask({hook(""), service,
                       "{kind: EndpointSlice, metadata: {name: s, namespace: ops, labels: {kubernetes.io/service-name: "
                       "inject}}, endpoints: "
                       "[{addresses: [10.0.0.1], conditions: {ready: true}}]}"})),
            "");
}

constexpr auto kNameService =
    "{kind: Service, metadata: {name: kube-dns, namespace: kube-system}, spec: {selector: {k8s-app: kube-dns}}}";
std::string server(std::string_view ready) {
  return "{kind: Pod, metadata: {name: coredns-1, namespace: kube-system, labels: {k8s-app: kube-dns}}, spec: "
         "{nodeName: n1}, status: {phase: Running, "
         "conditions: [{type: Ready, status: '" +
         std::string(ready) + "'}]}}";
}
constexpr auto kNode = "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}";

TEST(ExplainControlPlane, NobodyAnswersForNames) {
  EXPECT_EQ(codes(ask({kNameService, server("True"), kNode})), "");
  const auto down = ask({kNameService, server("False"), kNode});
  EXPECT_EQ(first(down),
            "name_service_down: No name resolves in the cluster: none of the 1 pods behind Service "
            "kube-system/kube-dns is ready");
  const auto gone =
      ask({kNameService, "{kind: Deployment, metadata: {name: coredns, namespace: kube-system}, spec: {replicas: 0}}"});
  ASSERT_EQ(codes(gone), "service_selector name_service_down");
  EXPECT_EQ(gone[1].evidence[0], "Deployment kube-system/coredns is scaled to 0");
}

std::string lease(std::string_view component, std::string_view renewed) {
  return "{kind: Lease, metadata: {name: " + std::string(component) + ", namespace: kube-system}, spec: {renewTime: '" +
         std::string(renewed) + "'}}";
}

TEST(ExplainControlPlane, AComponentIsDownWhenItsWorkIsNotDone) {
  const std::string ignored =
      "{kind: Pod, metadata: {name: p, namespace: shop, creationTimestamp: '2025-12-31T23:50:00Z'}, status: {phase: "
      "Pending}}";
  const std::string refused =
      "{kind: Pod, metadata: {name: p, namespace: shop, creationTimestamp: '2025-12-31T23:50:00Z'}, status: {phase: "
      "Pending, "
      "conditions: [{type: PodScheduled, status: 'False'}]}}";
  const std::string old = lease("kube-scheduler", "2025-12-31T23:50:00.123456Z"),
                    fresh = lease("kube-scheduler", "2025-12-31T23:59:58Z");
  EXPECT_EQ(codes(ask({old, ignored})), "control_plane_component_down");
  EXPECT_EQ(codes(ask({fresh, ignored})), "");
  EXPECT_EQ(codes(ask({old, refused})), "");
  EXPECT_EQ(codes(ask({old})), "");
  const std::string unseen =
      "{kind: Deployment, metadata: {name: d, namespace: shop, generation: 3}, status: {observedGeneration: 2}}";
  EXPECT_EQ(codes(ask({lease("kube-controller-manager", "2025-12-31T23:50:00Z"), unseen})),
            "control_plane_component_down");
  EXPECT_EQ(codes(ask({unseen})), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
