#include <fmt/format.h>
#include <gmock/gmock.h>

#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using testing::codes;
using ::testing::Contains;
using testing::diagnose;
using testing::FakeSource;
using testing::first;
using ::testing::HasSubstr;
using testing::manifest;

std::vector<Cause> asked(FakeSource& source, std::string_view pod) {
  const json::value object = manifest(pod);
  return diagnose(source, [&](Trail trail) { return explain_pod(trail, object); });
}

constexpr std::string_view kNode = R"(
kind: Node
metadata: {name: n1, labels: {disk: hdd}}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}, conditions: [{type: Ready, status: 'True'}]}
)";

std::string pending(std::string spec, std::string message = "0/1 nodes are available") {
  return "kind: Pod\nmetadata: {name: web-1, namespace: shop, creationTimestamp: 2025-12-31T23:50:00Z}\nspec: {" +
         spec +
         "}\nstatus: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, "
         "message: '" +
         message + "'}]}\n";
}

TEST(Scheduling, ANodeSelectorThatNoNodeHas) {
  FakeSource source({kNode});
  const auto causes = asked(source, pending("nodeSelector: {disk: ssd}, containers: [{name: web}]"));
  ASSERT_EQ(codes(causes), "node_selector_unmatched");
  EXPECT_THAT(causes[0].sentence, HasSubstr("no node has disk=ssd (nodes have hdd)"));
}

TEST(Scheduling, MoreThanAnyNodeHas) {
  FakeSource source({kNode});
  const auto causes =
      asked(source, pending("containers: [{name: web, resources: {requests: {cpu: '16'}}}]", "1 Insufficient cpu"));
  ASSERT_EQ(codes(causes), "insufficient_resources");
  EXPECT_THAT(causes[0].sentence, HasSubstr("16 cpu"));
  EXPECT_THAT(causes[0].sentence, HasSubstr("the largest has 4"));
}

TEST(Scheduling, MoreThanIsLeft) {
  FakeSource source({kNode, R"(
kind: Pod
metadata: {name: other, namespace: shop}
spec: {nodeName: n1, containers: [{name: x, resources: {requests: {memory: 7Gi}}}]}
status: {phase: Running}
)"});
  const auto causes = asked(
      source, pending("containers: [{name: web, resources: {requests: {memory: 2Gi}}}]", "1 Insufficient memory"));
  EXPECT_THAT(first(causes), HasSubstr("that much left: the most is 1Gi of 8Gi"));
}

TEST(Scheduling, QuantitiesThatNoNumberHolds) {
  FakeSource source({kNode});
  const std::string huge = "{name: web, resources: {requests: {memory: 8Ei}}}";
  const auto causes = asked(source, pending("containers: [" + huge + ", " + huge + "]", "1 Insufficient memory"));
  EXPECT_THAT(first(causes), HasSubstr("memory, and no node is that large"));
}

TEST(Scheduling, AnInitContainerBesideASidecarAndItsExtendedResources) {
  FakeSource source({kNode});
  const auto causes =
      asked(source,
            pending("initContainers: [{name: mesh, restartPolicy: Always, resources: {requests: {cpu: '3'}}}, "
                    "{name: seed, resources: {requests: {cpu: '2', example.com/gpu: '1'}}}], containers: [{name: web}]",
                    "1 Insufficient cpu"));
  ASSERT_EQ(codes(causes), "insufficient_resources insufficient_resources");
  EXPECT_THAT(causes[0].sentence, HasSubstr("It asks for 5 cpu"));
  EXPECT_THAT(causes[1].sentence, HasSubstr("It asks for 1 example.com/gpu"));
}

TEST(Meets, Numbers) {
  const json::object labels{{"cores", "8"}, {"zone", "a"}};
  const auto met = [&](std::string_view text) { return meets(manifest(text), labels); };
  EXPECT_TRUE(met("{key: cores, operator: Gt, values: ['4']}"));
  EXPECT_FALSE(met("{key: cores, operator: Lt, values: ['4']}"));
  EXPECT_FALSE(met("{key: zone, operator: Gt, values: ['4']}"));
  EXPECT_FALSE(met("{key: cores, operator: Lt, values: ['99999999999999999999']}")) << "no number";
  EXPECT_FALSE(met("{key: cores, operator: Lt}"));
}

TEST(Scheduling, ATaint) {
  FakeSource source({R"(
kind: Node
metadata: {name: n1}
spec: {taints: [{key: gpu, value: 'yes', effect: NoSchedule}]}
status: {allocatable: {cpu: "4"}, conditions: [{type: Ready, status: 'True'}]}
)"});
  EXPECT_THAT(first(asked(source, pending("containers: [{name: web}]"))),
              HasSubstr("taint_untolerated: All 1 nodes have taints that it does not tolerate: gpu=yes:NoSchedule"));
  EXPECT_EQ(codes(asked(source, pending("tolerations: [{key: gpu, operator: Exists}], containers: [{name: web}]",
                                        "1 node(s) had volume node affinity conflict"))),
            "volume_node_affinity");
}

TEST(Scheduling, WithoutARightToSeeNodesTheSchedulersWordsCount) {
  FakeSource source({kNode});
  source.hidden = {"Node"};
  const auto causes =
      asked(source, pending("containers: [{name: web}]", "0/3 nodes are available: 3 Insufficient cpu."));
  ASSERT_EQ(codes(causes), "insufficient_resources");
  EXPECT_EQ(causes[0].certainty, Certainty::told);
}

std::string running(std::string container, std::string status, std::string more = "") {
  return "kind: Pod\nmetadata: {name: web-1, namespace: shop, creationTimestamp: 2025-12-31T23:50:00Z}\n"
         "spec: {restartPolicy: Always, nodeName: n1, " +
         more + "containers: [{name: web, image: 'r.example/web:9', " + container +
         "}]}\nstatus: {phase: Running, startTime: 2025-12-31T23:50:00Z, containerStatuses: [{name: web, restartCount: "
         "3, " +
         status + "}]}\n";
}

TEST(Start, AnImageThatIsNotThere) {
  FakeSource source({kNode, R"(
kind: Event
metadata: {name: e, namespace: shop}
involvedObject: {kind: Pod, namespace: shop, name: web-1, fieldPath: "spec.containers{web}"}
type: Warning
reason: Failed
message: 'Failed to pull image "r.example/web:9": rpc error: code = NotFound desc = r.example/web:9: not found'
)"});
  const auto causes = asked(
      source, running("ports: []", "state: {waiting: {reason: ImagePullBackOff, message: Back-off pulling image}}"));
  ASSERT_EQ(codes(causes), "image_not_found");
  EXPECT_THAT(causes[0].sentence, HasSubstr("r.example/web:9"));
}

TEST(Start, APullSecretThatIsNotThere) {
  FakeSource source({kNode});
  const auto causes =
      asked(source, running("ports: []", "state: {waiting: {reason: ErrImagePull, message: 'pull access denied'}}",
                            "imagePullSecrets: [{name: regcred}], "));
  EXPECT_THAT(first(causes), HasSubstr("the Secret regcred that imagePullSecrets names does not exist in shop"));
  source.hidden = {"Secret"};
  EXPECT_THAT(first(asked(source, running("ports: []",
                                          "state: {waiting: {reason: ErrImagePull, message: 'pull access denied'}}",
                                          "imagePullSecrets: [{name: regcred}], "))),
              ::testing::Not(HasSubstr("does not exist in shop")));
}

TEST(Start, AConfigMapOrAKeyThatIsNotThere) {
  FakeSource source({kNode});
  const std::string pod = running("env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]",
                                  "state: {waiting: {reason: CreateContainerConfigError, message: x}}");
  EXPECT_EQ(first(asked(source, pod)), "config_map_absent: The ConfigMap settings does not exist in namespace shop");
  FakeSource near({kNode, R"({"kind": "ConfigMap", "metadata": {"name": "setting", "namespace": "shop"}})"});
  EXPECT_THAT(first(asked(near, pod)), HasSubstr("; there is setting"));
  source.add(R"({"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}, "data": {"modes": "x"}})");
  EXPECT_EQ(first(asked(source, pod)),
            "key_absent: The ConfigMap settings in namespace shop has no key mode; it has modes");
}

TEST(Start, ACommandThatIsNotInTheImage) {
  FakeSource source({kNode});
  const auto causes = asked(source, running("command: [serve]",
                                            "state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: "
                                            "{reason: StartError, exitCode: 128, message: "
                                            "'exec: \"serve\": executable file not found in $PATH: unknown'}}"));
  ASSERT_EQ(codes(causes), "command_absent");
  EXPECT_THAT(causes[0].sentence, HasSubstr("\"serve\" is not in the image"));
}

constexpr std::string_view kCrashed =
    "state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: Error, exitCode: 1}}";

TEST(Crashes, OutOfMemory) {
  FakeSource source({kNode});
  const auto causes = asked(
      source,
      running(
          "resources: {limits: {memory: 64Mi}}",
          "state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}"));
  EXPECT_EQ(first(causes), "out_of_memory: The container web uses more memory than its limit of 64Mi and is killed");
}

TEST(Crashes, TheLogSaysWhy) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "starting\nfatal: environment variable DATABASE_URL is not set\n";
  const auto causes = asked(source, running("ports: []", std::string(kCrashed)));
  ASSERT_EQ(codes(causes), "variable_missing");
  EXPECT_THAT(causes[0].sentence, HasSubstr("DATABASE_URL"));
}

TEST(Crashes, TheLastLineIsTakenWhereNoWordIsKnown) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "starting\nunexpected end of file\n";
  const auto causes = asked(source, running("ports: []", std::string(kCrashed)));
  ASSERT_EQ(codes(causes), "crash");
  EXPECT_EQ(causes[0].certainty, Certainty::inferred);
  EXPECT_THAT(causes[0].sentence, HasSubstr("its log ends with: unexpected end of file"));
}

TEST(Crashes, AVariableThatIsSetTwice) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "error: cannot open database at db-old\n";
  const std::string pod =
      running("env: [{name: DB_HOST, value: db-new}, {name: DB_HOST, value: db-old}]", std::string(kCrashed));
  const auto causes = asked(source, pod);
  ASSERT_EQ(causes[0].code, "env_set_twice");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_THAT(causes[0].evidence, Contains("DB_HOST is \"db-new\", then \"db-old\""));
}

TEST(Crashes, AVariableThatBuildsOnItselfIsNotSetTwice) {
  FakeSource source({kNode});
  EXPECT_EQ(codes(asked(source, running("env: [{name: PATH, value: /a}, {name: PATH, value: '/b:$(PATH)'}]",
                                        "ready: true, state: {running: {}}"))),
            "");
}

TEST(Crashes, CredentialsThatAreSetTwiceAreNotShown) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "DB_PASSWORD rejected\n";
  const auto causes =
      asked(source, running("env: [{name: DB_PASSWORD, value: hunter2}, {name: DB_PASSWORD, value: hunter3}]",
                            std::string(kCrashed)));
  ASSERT_FALSE(causes.empty());
  for (const auto& cause : causes)
    for (const auto& line : cause.evidence) EXPECT_THAT(line, ::testing::Not(HasSubstr("hunter")));
}

TEST(Crashes, WhatEndsWellAndIsStartedAgain) {
  FakeSource source({kNode});
  const auto causes = asked(
      source,
      running(
          "ports: []",
          "state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: Completed, exitCode: 0}}"));
  EXPECT_EQ(codes(causes), "ends_by_itself");
}

std::string unhealthy(std::string message) {
  return "kind: Event\nmetadata: {name: e, namespace: shop}\ninvolvedObject: {kind: Pod, namespace: shop, name: web-1, "
         "fieldPath: "
         "'spec.containers{web}'}\ntype: Warning\nreason: Unhealthy\nmessage: 'Readiness probe failed: " +
         message + "'\n";
}

TEST(Readiness, NothingListens) {
  FakeSource source({kNode});
  source.add(unhealthy("dial tcp 10.0.0.9:9090: connect: connection refused"));
  const auto causes = asked(source, running("ports: [{containerPort: 8080}], readinessProbe: {tcpSocket: {port: 9090}}",
                                            "ready: false, state: {running: {}}"));
  ASSERT_EQ(codes(causes), "probe_refused");
  EXPECT_THAT(causes[0].sentence, HasSubstr("nothing listens on port 9090; the container declares 8080"));
}

TEST(Readiness, APathThatIsNotThere) {
  FakeSource source({kNode});
  source.add(unhealthy("HTTP probe failed with statuscode: 404"));
  const auto causes = asked(
      source, running("readinessProbe: {httpGet: {port: 8080, path: /healthz}}", "ready: false, state: {running: {}}"));
  EXPECT_THAT(first(causes), HasSubstr("its path /healthz is not there (HTTP 404)"));
}

TEST(Readiness, APortNameThatTheContainerLacks) {
  FakeSource source({kNode});
  const auto causes = asked(
      source, running("ports: [{containerPort: 8080, name: http}], readinessProbe: {httpGet: {port: web, path: /}}",
                      "ready: false, state: {running: {}}"));
  EXPECT_EQ(codes(causes), "probe_port_absent");
}

TEST(Pods, AHealthyOneHasNoCause) {
  FakeSource source({kNode});
  const std::string healthy = R"(
kind: Pod
metadata: {name: web-1, namespace: shop, creationTimestamp: 2025-12-31T00:00:00Z}
spec: {nodeName: n1, containers: [{name: web, image: x}]}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: web, ready: true, state: {running: {}}}]}
)";
  EXPECT_EQ(codes(asked(source, healthy)), "");
}

TEST(Pods, OnANodeThatIsGone) {
  FakeSource source;
  EXPECT_EQ(codes(asked(source, running("ports: []", "ready: false, state: {running: {}}"))), "node_absent");
}

TEST(Pods, Evicted) {
  FakeSource source({kNode});
  const auto causes = asked(source, R"(
kind: Pod
metadata: {name: web-1, namespace: shop}
spec: {nodeName: n1, containers: [{name: web}]}
status: {phase: Failed, reason: Evicted, message: 'The node was low on resource: memory.'}
)");
  EXPECT_THAT(first(causes),
              HasSubstr("evicted: Pod shop/web-1 was evicted from node n1: The node was low on resource: memory."));
}

// ---- what is made of them

TEST(Findings, RanksAndMerges) {
  Findings findings;
  findings.add({.code = "b", .certainty = Certainty::symptom, .sentence = "it fails", .at = {"Pod", "shop", "a"}});
  findings.add({.code = "a",
                .certainty = Certainty::told,
                .sentence = "x",
                .at = {"Node", "", "n"},
                .affects = {{"Pod", "shop", "a"}}});
  findings.add({.code = "a",
                .certainty = Certainty::proven,
                .sentence = "x",
                .at = {"Node", "", "n"},
                .affects = {{"Pod", "shop", "b"}}});
  const auto ranked = findings.ranked();
  ASSERT_EQ(ranked.size(), 2u);
  EXPECT_EQ(ranked[0].certainty, Certainty::proven);
  EXPECT_EQ(ranked[0].affects.size(), 2u);
  const json::object document = findings_document(findings, "Pod shop/a", Order::certainty, {});
  EXPECT_EQ(document.at("healthy"), false);
  EXPECT_EQ(document.at("causes").as_array().size(), 2u);
}

TEST(Findings, WhatCouldNotBeReadIsNotCalledHealthy) {
  const auto of = [](std::vector<Unread> unread) {
    return findings_document(Findings(), "x", Order::certainty, unread);
  };
  EXPECT_EQ(of({}).at("healthy"), true);
  EXPECT_EQ(of({{"nodes", "", ErrorCode::permission_denied}}).at("healthy"), true);
  EXPECT_EQ(of({{"services", "shop", ErrorCode::timeout}}).at("healthy"), false);
  EXPECT_EQ(of({{"services", "shop"}}).at("healthy"), false);
  EXPECT_EQ(of({{"podtemplates", "shop", ErrorCode::permission_denied}}).at("healthy"), true);
  const json::object events = of({{"events", "shop", ErrorCode::permission_denied}});
  EXPECT_EQ(events.at("healthy"), false);
  EXPECT_EQ(events.at("not_checked"), json::value({"events of shop (permission_denied)"}));
}

TEST(Findings, ShowNoCredentials) {
  Findings findings;
  findings.add({.code = "a", .sentence = "x", .at = {"Pod", "shop", "a"}, .evidence = {"its log: password=hunter2"}});
  EXPECT_THAT(compact(findings_document(findings, "x", Order::certainty, {})), ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace fairlead::diagnosis
