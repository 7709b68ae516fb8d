#include "diagnosis/template_diff.h"
#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

const std::string kTemplate =
    "{containers: [{name: app, image: 'shop/web:1', command: [serve], env: [{name: MODE, value: fast}], resources: "
    "{limits: {memory: 256Mi}, "
    "requests: {cpu: 100m}}}]}";

std::string pod(std::string_view spec, std::string_view status = "{}", std::string_view meta = "") {
  return "{kind: Pod, metadata: {name: web-1, namespace: shop" + std::string(meta) + "}, spec: " + std::string(spec) +
         ", status: " + std::string(status) + "}";
}
std::string sentences(std::string_view template_text, std::string_view pod_text) {
  std::string out;
  for (const auto& one : differences(manifest(template_text), manifest(pod_text)))
    out += (one.changed ? "" : "+ ") + one.sentence + "\n";
  return out;
}

TEST(Differences, LeaveOutWhatKubernetesFillsIn) {
  EXPECT_EQ(
      sentences(
          kTemplate,
          pod("{serviceAccountName: default, nodeName: n1, enableServiceLinks: true, priority: 0, preemptionPolicy: x, "
              "tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, "
              "tolerationSeconds: 300}], "
              "volumes: [{name: kube-api-access-x2x4z, projected: {}}], containers: [{name: app, image: 'shop/web:1', "
              "command: "
              "[serve], env: [{name: MODE, value: fast}], imagePullPolicy: IfNotPresent, terminationMessagePath: "
              "/dev/x, "
              "volumeMounts: [{name: kube-api-access-x2x4z, mountPath: /var/run}], resources: {limits: {memory: "
              "256Mi}, requests: "
              "{cpu: 100m, memory: 256Mi}}}]}")),
      "");
}

TEST(Differences, AreNamed) {
  EXPECT_EQ(sentences(kTemplate, pod("{nodeSelector: {disk: ssd}, serviceAccountName: other, containers: [{name: app, "
                                     "image: 'mirror/web:1', command: [sh], "
                                     "env: [{name: MODE, value: slow}, {name: EXTRA, value: x}], resources: {limits: "
                                     "{memory: 64Mi}, requests: {cpu: '0.1'}}}, {name: proxy}]}")),
            "container app has image \"mirror/web:1\" instead of \"shop/web:1\"\n"
            "container app has command \"sh\" instead of \"serve\"\n"
            "container app has another value of the variable MODE\n"
            "+ container app has got the variable EXTRA\n"
            "container app has limits.memory 64Mi instead of 256Mi\n"
            "its nodeSelector has disk=ssd, which its template has not\n"
            "it runs as ServiceAccount \"other\" instead of \"default\"\n");
}

TEST(Differences, OfVariablesThatAreSetTwice) {
  EXPECT_EQ(sentences("{containers: [{name: app, env: [{name: A, value: '1'}, {name: B}]}]}",
                      pod("{containers: [{name: app, env: [{name: A, value: '1'}, {name: A, value: '2'}, {name: B, "
                          "value: ''}]}]}")),
            "container app has the variable A set 2 times, the last of which counts\n");
}

TEST(Differences, OfWhatIsGone) {
  EXPECT_EQ(sentences("{containers: [{name: a, env: [{name: X}], livenessProbe: {httpGet: {path: /}}, volumeMounts: "
                      "[{name: v, mountPath: /v}]}, {name: b}], "
                      "affinity: {nodeAffinity: {x: 1}}, tolerations: [{key: gpu}], nodeSelector: {a: b}, volumes: "
                      "[{name: v, emptyDir: {}}]}",
                      pod("{containers: [{name: a}]}")),
            "container a has lost the variable X\n"
            "container a has lost its livenessProbe\n"
            "container a no longer mounts \"/v\" as before\n"
            "container b of its template is not there\n"
            "its nodeSelector has lost a\n"
            "it has lost its affinity\n"
            "its volume \"v\" is another\n"
            "it has lost the toleration of \"gpu\"\n");
}

TEST(Differences, ADaemonSetPlacesItsPodsByAnAffinity) {
  const auto affinity = "{containers: [], affinity: {nodeAffinity: {required: x}}}";
  EXPECT_EQ(sentences("{containers: []}", pod(affinity, "{}", ", ownerReferences: [{kind: DaemonSet, name: d}]")), "");
  EXPECT_EQ(sentences("{containers: []}", pod(affinity)), "it has got an affinity, which its template has not\n");
}

constexpr auto kNamespace = "{kind: Namespace, metadata: {name: shop, labels: {team: shop}}}";
constexpr auto kMutator =
    "{kind: MutatingWebhookConfiguration, metadata: {name: rewriter}, webhooks: [{name: r.example.com, "
    "namespaceSelector: {matchLabels: {team: shop}}, "
    "rules: [{operations: [CREATE], apiGroups: [''], resources: [pods]}]}]}";

std::vector<Cause> ask(const std::string& pod_text, std::vector<std::string> others = {kNamespace, kMutator},
                       const std::string& spec = kTemplate) {
  FakeSource source;
  for (const auto& text : others) source.add(text);
  const json::value object = manifest(pod_text), wanted = manifest(spec);
  return diagnose(source, [&](Trail trail) { return explain_rewriting(trail, object, wanted); });
}
std::string changed(std::string_view from, std::string_view to) {
  std::string out = kTemplate;
  return out.replace(out.find(from), from.size(), to);
}

TEST(ExplainRewriting, SaysNothingOfPodsThatAreAsTheyShouldBe) {
  EXPECT_EQ(codes(ask(pod(kTemplate))), "");
  // A sidecar and what it brings along is nobody's fault.
  EXPECT_EQ(codes(ask(pod(changed("]}", ", {name: EXTRA, value: x}]}")))), "");
  EXPECT_EQ(codes(ask(pod("{containers: [" + kTemplate.substr(14, kTemplate.size() - 16) +
                          ", {name: proxy, image: p}], volumes: [{name: p, emptyDir: {}}]}"))),
            "");
}

TEST(ExplainRewriting, ProvesThatTheImageIsWhatFails) {
  const auto causes = ask(pod(changed("shop/web:1", "mirror/web:1"),
                              "{containerStatuses: [{name: app, state: {waiting: {reason: ImagePullBackOff}}}]}"));
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_EQ(causes[0].sentence,
            "Pod shop/web-1 is not what its template says: container app has image \"mirror/web:1\" instead of "
            "\"shop/web:1\"; "
            "MutatingWebhookConfiguration \"rewriter\" rewrites it");
  EXPECT_EQ(causes[0].at, (Ref{"MutatingWebhookConfiguration", "", "rewriter"}));
}

TEST(ExplainRewriting, IsOnlySuspiciousWhileItWorks) {
  const auto causes = ask(pod(changed("shop/web:1", "mirror/web:1"),
                              "{containerStatuses: [{name: app, ready: true, state: {running: {}}}]}"));
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
  // And nothing when nobody is seen to rewrite.
  EXPECT_EQ(codes(ask(pod(changed("shop/web:1", "mirror/web:1"),
                          "{containerStatuses: [{name: app, ready: true, state: {running: {}}}]}"),
                      {kNamespace})),
            "");
}

TEST(ExplainRewriting, TheMemoryLimitWasLowered) {
  const auto causes =
      ask(pod(changed("256Mi", "16Mi"),
              "{containerStatuses: [{name: app, state: {waiting: {reason: CrashLoopBackOff}}, lastState: "
              "{terminated: {reason: OOMKilled, exitCode: 137}}}]}"));
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
}

TEST(ExplainRewriting, ALimitRangeGivesTooLittle) {
  const std::string open = "{containers: [{name: app, image: i}]}";
  const auto causes =
      ask(pod("{containers: [{name: app, image: i, resources: {limits: {memory: 16Mi}, requests: {memory: 16Mi}}}]}",
              "{containerStatuses: [{name: app, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}}]}"),
          {kNamespace, kMutator,
           "{kind: LimitRange, metadata: {name: small, namespace: shop}, spec: {limits: [{type: Container, default: "
           "{memory: 16Mi}}]}}"},
          open);
  ASSERT_EQ(codes(causes), "limit_range_default");
  EXPECT_EQ(causes[0].at, (Ref{"LimitRange", "shop", "small"}));
}

const std::string kUnplaced =
    "{conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: no node matches}]}";

TEST(ExplainRewriting, ANodeSelectorThatNoNodeHasWasAdded) {
  const std::string node = "{kind: Node, metadata: {name: n1, labels: {disk: hdd}}}";
  const std::string placed = kTemplate.substr(0, kTemplate.size() - 1) + ", nodeSelector: {disk: ssd}}";
  const auto causes = ask(pod(placed, kUnplaced), {kNamespace, kMutator, node});
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  const auto annotated = ask(pod(placed, kUnplaced), {"{kind: Namespace, metadata: {name: shop, annotations: "
                                                      "{scheduler.alpha.kubernetes.io/node-selector: disk=ssd}}}",
                                                      node});
  ASSERT_EQ(codes(annotated), "pod_rewritten");
  EXPECT_EQ(annotated[0].at, (Ref{"Namespace", "", "shop"}));
}

TEST(ExplainRewriting, TheCommandWasChangedAndItCrashes) {
  const std::string crashed = "{containerStatuses: [{name: app, state: {waiting: {reason: CrashLoopBackOff}}}]}";
  EXPECT_EQ(ask(pod(changed("[serve]", "[sh]"), crashed)).at(0).certainty, Certainty::inferred);
  // What was only added is no reason by itself.
  EXPECT_EQ(codes(ask(pod(changed("value: fast}]", "value: fast}, {name: EXTRA, value: x}]"), crashed))),
            "pod_rewritten");
  EXPECT_EQ(ask(pod(changed("value: fast}]", "value: fast}, {name: EXTRA, value: x}]"), crashed)).at(0).certainty,
            Certainty::suspicious);
}

TEST(ExplainRewriting, SomebodyChangedThePodLater) {
  const auto causes = ask(pod(changed("shop/web:1", "shop/web:nope"),
                              "{containerStatuses: [{name: app, state: {waiting: {reason: ErrImagePull}}}]}",
                              ", managedFields: [{manager: kubectl-edit, fieldsV1: {'f:spec': {'f:containers': "
                              "{'k:{\"name\":\"app\"}': {'f:image': {}}}}}}]"),
                          {kNamespace});
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_NE(causes[0].sentence.find("\"kubectl-edit\" changed it after it was made"), std::string::npos)
      << causes[0].sentence;
}

TEST(ExplainRewriting, APodOfAnEarlierRevisionIsNotRewritten) {
  const auto old = pod(changed("shop/web:1", "shop/web:0"),
                       "{containerStatuses: [{name: app, state: {waiting: {reason: ErrImagePull}}}]}",
                       ", labels: {controller-revision-hash: db-1}, ownerReferences: [{kind: StatefulSet, name: db}]");
  const std::string set = "{kind: StatefulSet, metadata: {name: db, namespace: shop}, status: {updateRevision: ";
  EXPECT_EQ(codes(ask(old, {kNamespace, kMutator, set + "db-2}}"})), "");
  EXPECT_EQ(codes(ask(old, {kNamespace, kMutator, set + "db-1}}"})), "pod_rewritten");
}

// What was applied stands in an annotation; the Deployment and its pods agree with each other.
std::string applied(std::string_view managers) {
  json::object annotations{{"kubectl.kubernetes.io/last-applied-configuration",
                            R"({"spec":{"template":{"spec":{"containers":[{"name":"app","image":"shop/web:1"}]}}}})"}};
  json::object meta{{"name", "web"}, {"namespace", "shop"}, {"annotations", std::move(annotations)}};
  meta["managedFields"] = manifest(managers);
  json::object out{{"kind", "Deployment"}, {"metadata", std::move(meta)}};
  out["spec"] = manifest("{template: {spec: {containers: [{name: app, image: 'mirror/web:1'}]}}}");
  return compact(out);
}

TEST(ExplainRewriting, TheDeploymentItselfWasRewritten) {
  const std::string hook =
      "{kind: MutatingWebhookConfiguration, metadata: {name: mirror}, webhooks: [{name: m.example.com, rules: "
      "[{operations: "
      "[CREATE], apiGroups: [apps], resources: [deployments]}]}]}";
  const std::string spec = "{containers: [{name: app, image: 'mirror/web:1'}]}";
  const std::string set =
      "{kind: ReplicaSet, metadata: {name: web-5d, namespace: shop, ownerReferences: [{kind: Deployment, name: web, "
      "controller: true}]}}";
  const auto fails =
      pod(spec, "{containerStatuses: [{name: app, state: {waiting: {reason: ImagePullBackOff}}}]}",
          ", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d, controller: true}], labels: "
          "{pod-template-hash: 5d}");
  const std::string by_apply =
      "[{manager: kubectl-client-side-apply, fieldsV1: {'f:spec': {'f:template': {'f:spec': {}}}}}]";
  const auto causes = ask(fails, {kNamespace, hook, set, applied(by_apply)}, spec);
  ASSERT_EQ(codes(causes), "pod_rewritten");
  EXPECT_EQ(causes[0].sentence,
            "Deployment shop/web is not what was applied: container app has image \"mirror/web:1\" instead of "
            "\"shop/web:1\"; "
            "MutatingWebhookConfiguration \"mirror\" rewrites it");
  // Somebody who sets another image afterwards is no webhook.
  const std::string by_hand = "[{manager: kubectl-set, fieldsV1: {'f:spec': {'f:template': {'f:spec': {}}}}}]";
  EXPECT_EQ(codes(ask(fails, {kNamespace, hook, set, applied(by_hand)}, spec)), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
