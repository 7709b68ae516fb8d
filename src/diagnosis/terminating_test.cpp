#include "diagnosis/finalizers.h"
#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

constexpr auto kNamespace = "{kind: Namespace, metadata: {name: shop}, status: {phase: Active}}";

std::string stuck(std::string_view kind, std::string_view finalizer, std::string_view since = "2025-12-31T23:40:00Z",
                  std::string_view more = "") {
  return "{apiVersion: v1, kind: " + std::string(kind) +
         ", metadata: {name: state, namespace: shop, uid: u1, deletionTimestamp: '" + std::string(since) +
         "', finalizers: [" + std::string(finalizer) + "]" + std::string(more) + "}}";
}
std::string controller(std::string_view replicas, std::string_view ready) {
  return "{kind: Deployment, metadata: {name: backup-controller, namespace: ops}, spec: {replicas: " +
         std::string(replicas) +
         ", selector: {matchLabels: {app: backup}}, template: {spec: {serviceAccountName: backup, containers: [{name: "
         "manager, image: 'ops/backup:1'}]}}}, "
         "status: {readyReplicas: " +
         std::string(ready) + "}}";
}
constexpr auto kControllerPod =
    "{kind: Pod, metadata: {name: backup-1, namespace: ops, labels: {app: backup}}, spec: {containers: [{name: "
    "manager}]}, status: {phase: Running}}";

struct World {
  explicit World(std::vector<std::string> texts) {
    source.add(kNamespace);
    for (const auto& text : texts) source.add(text);
  }
  std::vector<Cause> ask(std::string ns = "shop") {
    return diagnose(source, [ns](Trail trail) { return explain_terminating(trail, ns); });
  }
  FakeSource source;
};

TEST(WordsOf, Finalizers) {
  EXPECT_EQ(words_of("backup.example.com/upload"), (std::vector<std::string>{"backup", "upload"}));
  EXPECT_EQ(words_of("kubernetes.io/finalizer"), std::vector<std::string>{});
  EXPECT_EQ(words_of("Cert-Manager.io/x"), std::vector<std::string>{"cert"});
}

TEST(ExplainTerminating, SaysNothingOfWhatJustGoesOrHasNoFinalizer) {
  EXPECT_EQ(codes(World({stuck("ConfigMap", "backup.example.com/upload", "2025-12-31T23:59:30Z")}).ask()), "");
  EXPECT_EQ(codes(World({stuck("ConfigMap", "")}).ask()), "");
  EXPECT_EQ(codes(World({}).ask()), "");
}

TEST(ExplainTerminating, TheControllerIsNotThere) {
  const auto causes = World({stuck("ConfigMap", "backup.example.com/upload")}).ask();
  EXPECT_EQ(first(causes),
            "finalizer_controller_absent: The ConfigMap shop/state waits for its finalizer "
            "\"backup.example.com/upload\", and no workload of the cluster "
            "looks as if it would remove it");
  World hidden({stuck("ConfigMap", "backup.example.com/upload")});
  hidden.source.hidden = {"Deployment"};
  const auto unseen = hidden.ask();
  ASSERT_EQ(codes(unseen), "finalizer_stuck");
  EXPECT_EQ(unseen[0].certainty, Certainty::symptom);
}

TEST(ExplainTerminating, TheControllerDoesNotRun) {
  EXPECT_EQ(first(World({stuck("ConfigMap", "backup.example.com/upload"), controller("0", "0")}).ask()),
            "finalizer_controller_down: The ConfigMap shop/state cannot go: Deployment ops/backup-controller, which "
            "would remove its finalizer "
            "\"backup.example.com/upload\", is scaled to 0");
  EXPECT_EQ(codes(World({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "0")}).ask()),
            "finalizer_controller_down");
}

const std::string kRole =
    "{kind: ClusterRole, metadata: {name: backup}, rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, "
    "list, watch]}]}";
std::string binding(std::string_view role, std::string_view account_ns = "ops") {
  return "{kind: ClusterRoleBinding, metadata: {name: backup}, roleRef: {kind: ClusterRole, name: " +
         std::string(role) +
         "}, subjects: [{kind: ServiceAccount, name: backup, namespace: " + std::string(account_ns) + "}]}";
}
std::string evidence_of(const Cause& cause) {
  std::string out;
  for (const auto& line : cause.evidence) out += line + "\n";
  return out;
}

TEST(ExplainTerminating, TheControllerLostARight) {
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod, kRole,
               binding("backup")});
  const auto causes = world.ask();
  ASSERT_EQ(codes(causes), "finalizer_controller_lost_rights");
  EXPECT_EQ(causes[0].at, (Ref{"ServiceAccount", "ops", "backup"}));
  EXPECT_EQ(causes[0].certainty, Certainty::inferred);
  EXPECT_EQ(causes[0].sentence,
            "The ConfigMap shop/state cannot go: Deployment ops/backup-controller, which would remove its finalizer "
            "\"backup.example.com/upload\", may not "
            "update configmaps in namespace shop as ServiceAccount ops/backup");
  EXPECT_NE(evidence_of(causes[0]).find("ClusterRole \"backup\", which ClusterRoleBinding backup binds it to, allows "
                                        "get, list and watch on configmaps, not update"),
            std::string::npos)
      << evidence_of(causes[0]);
}

TEST(ExplainTerminating, ItsLogAndTheServerSayTheSame) {
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod});
  world.source.logs["backup-1/manager"] =
      "starting\nconfigmaps \"state\" is forbidden: User \"system:serviceaccount:ops:backup\" cannot update resource "
      "\"configmaps\"\n";
  world.source.rights = [](auto account, auto verb, auto, auto resource, auto) {
    return std::optional<bool>(
        !(account == "ops/backup" && resource == "configmaps" && (verb == "update" || verb == "patch")));
  };
  const auto causes = world.ask();
  ASSERT_EQ(codes(causes), "finalizer_controller_lost_rights");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_NE(evidence_of(causes[0]).find("log of ops/backup-1: configmaps \"state\" is forbidden"), std::string::npos);
  EXPECT_NE(evidence_of(causes[0]).find("no binding names ServiceAccount ops/backup"), std::string::npos);
}

TEST(ExplainTerminating, ItIsRefusedSomethingElseThatItNeeds) {
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod});
  const std::string line =
      R"({"msg":"secrets is forbidden: User \"system:serviceaccount:ops:backup\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\""})";
  world.source.logs["backup-1/manager"] = line + "\n";
  world.source.rights = [](auto, auto, auto, auto resource, auto) {
    return std::optional<bool>(resource != "secrets");
  };
  const auto causes = world.ask();
  ASSERT_EQ(codes(causes), "finalizer_controller_lost_rights");
  EXPECT_NE(causes[0].sentence.find("may not list secrets in namespace shop as ServiceAccount ops/backup"),
            std::string::npos)
      << causes[0].sentence;
  // What it was refused once and may do now is history.
  world.source.rights = [](auto, auto, auto, auto, auto) { return std::optional<bool>(true); };
  EXPECT_EQ(codes(world.ask()), "finalizer_stuck");
}

TEST(ExplainTerminating, ABindingLeadsNowhere) {
  const auto gone = World({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod,
                           binding("backup-all")})
                        .ask();
  ASSERT_EQ(codes(gone), "finalizer_controller_lost_rights");
  EXPECT_NE(evidence_of(gone[0]).find(
                "ClusterRoleBinding backup binds it to ClusterRole \"backup-all\", which does not exist"),
            std::string::npos);
  const auto other = World({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod,
                            kRole, binding("backup", "old-ops")})
                         .ask();
  ASSERT_EQ(codes(other), "finalizer_controller_lost_rights");
  EXPECT_NE(evidence_of(other[0]).find("names ServiceAccount old-ops/backup, which is another one"), std::string::npos)
      << evidence_of(other[0]);
}

TEST(ExplainTerminating, WhatALogSaysOfAnotherAccountIsNotBelieved) {
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod});
  world.source.logs["backup-1/manager"] =
      "configmaps \"state\" is forbidden: User \"system:serviceaccount:shop:mallory\" cannot update resource "
      "\"configmaps\" in API group \"\" in the namespace \"shop\"\n";
  world.source.rights = [](auto account, auto, auto, auto, auto) {
    return std::optional<bool>(account != "shop/mallory");
  };
  EXPECT_EQ(codes(world.ask()), "finalizer_stuck");
}

std::vector<Cause> with_role(std::string_view rules, std::string_view resource, std::set<std::string> hidden = {}) {
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod,
               "{kind: ClusterRole, metadata: {name: backup}, rules: [" + std::string(rules) + "]}",
               binding("backup")});
  world.source.hidden = std::move(hidden);
  world.source.logs["backup-1/manager"] =
      "configmaps \"state\" is forbidden: User \"system:serviceaccount:ops:backup\" cannot update resource \"" +
      std::string(resource) + "\" in API group \"\" in the namespace \"shop\"\n";
  return world.ask();
}

TEST(ExplainTerminating, RolesAreReadAsTheServerReadsThem) {
  const std::string all = "{apiGroups: ['*'], resources: [configmaps], verbs: [get, list, update]}";
  EXPECT_EQ(codes(with_role(all, "configmaps")), "finalizer_stuck");
  EXPECT_EQ(codes(with_role(all, "configmaps/status")), "finalizer_controller_lost_rights");
  EXPECT_EQ(
      codes(with_role(all + ", {apiGroups: [''], resources: ['*/status'], verbs: [update]}", "configmaps/status")),
      "finalizer_stuck");
  // A role that allows it is enough, whatever else could not be read.
  EXPECT_EQ(codes(with_role(all, "configmaps", {"RoleBinding"})), "finalizer_stuck");
  const auto named =
      with_role("{apiGroups: [''], resources: [configmaps], verbs: [update], resourceNames: [other]}", "configmaps");
  ASSERT_EQ(codes(named), "finalizer_controller_lost_rights");
  EXPECT_NE(evidence_of(named[0]).find("allows update (only of \"other\") on configmaps, not update"),
            std::string::npos)
      << evidence_of(named[0]);
}

TEST(ExplainTerminating, ARightToThatOneObjectIsEnough) {
  const std::string role =
      "{kind: ClusterRole, metadata: {name: backup}, rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, "
      "update], resourceNames: [state]}, {apiGroups: [''], resources: [configmaps], verbs: [list]}]}";
  EXPECT_EQ(codes(World({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod, role,
                         binding("backup")})
                      .ask()),
            "finalizer_stuck");
}

TEST(ExplainTerminating, ABindingToAKindThatIsNoRoleEndsNothing) {
  const std::string odd =
      "{kind: ClusterRoleBinding, metadata: {name: odd}, roleRef: {kind: Oddity, name: backup}, subjects: [{kind: "
      "ServiceAccount, name: backup, namespace: ops}]}";
  World world({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod, odd});
  EXPECT_EQ(codes(world.ask()), "finalizer_controller_lost_rights");
}

TEST(ExplainTerminating, AControllerThatRunsAndMayIsNotBlamed) {
  const std::string able =
      "{kind: ClusterRole, metadata: {name: able}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}";
  const auto causes = World({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod,
                             able, binding("able")})
                          .ask();
  ASSERT_EQ(codes(causes), "finalizer_stuck");
  EXPECT_EQ(causes[0].certainty, Certainty::symptom);
  // Where rights can neither be asked nor read, nothing is said of them.
  World dark({stuck("ConfigMap", "backup.example.com/upload"), controller("1", "1"), kControllerPod});
  dark.source.hidden = {"ClusterRoleBinding", "RoleBinding"};
  EXPECT_EQ(codes(dark.ask()), "finalizer_stuck");
}

TEST(ExplainTerminating, AnAccountWithoutAnyRightsIsNoControllers) {
  World world(
      {stuck("ConfigMap", "backup.example.com/upload"),
       "{kind: Deployment, metadata: {name: backup, namespace: ops}, spec: {replicas: 1, template: {spec: {containers: "
       "[{name: c}]}}}, status: {readyReplicas: 1}}"});
  EXPECT_EQ(codes(world.ask()), "finalizer_stuck");
}

TEST(ExplainTerminating, TheManagerThatWroteTheFinalizerIsTheOne) {
  const std::string managed =
      ", managedFields: [{manager: keeper, fieldsV1: {'f:metadata': {'f:finalizers': {'.': {}, 'v:\"example.com/f\"': "
      "{}}}}}, {manager: kubectl-create, fieldsV1: "
      "{'f:metadata': {'f:finalizers': {'v:\"example.com/f\"': {}}}}}]";
  const auto object = manifest(stuck("ConfigMap", "example.com/f", "2025-12-31T23:40:00Z", managed));
  EXPECT_EQ(managers_of(object, "example.com/f"), std::vector<std::string>{"keeper"});
  const auto causes = World({stuck("ConfigMap", "example.com/f", "2025-12-31T23:40:00Z", managed),
                             "{kind: Deployment, metadata: {name: keeper, namespace: ops}, spec: {replicas: 0}}"})
                          .ask();
  EXPECT_EQ(codes(causes), "finalizer_controller_down");
}

TEST(ExplainTerminating, TheOneWhoseLogSpeaksOfItIsTheOne) {
  World world({stuck("ConfigMap", "example.com/f"), controller("1", "1"), kControllerPod});
  world.source.rights = [](auto, auto verb, auto, auto, auto) {
    return std::optional<bool>(verb == "get" || verb == "list");
  };
  EXPECT_EQ(codes(world.ask()), "finalizer_controller_absent");
  World telling({stuck("ConfigMap", "example.com/f"), controller("1", "1"), kControllerPod});
  telling.source.rights = world.source.rights;
  telling.source.logs["backup-1/manager"] =
      "configmaps \"state\" is forbidden: User \"system:serviceaccount:ops:backup\" cannot patch resource "
      "\"configmaps\" in API group \"\" in the "
      "namespace \"shop\"";
  const auto causes = telling.ask();
  ASSERT_EQ(codes(causes), "finalizer_controller_lost_rights");
  EXPECT_NE(evidence_of(causes[0]).find("the log of backup-1 speaks of it"), std::string::npos);
}

TEST(ExplainTerminating, NoControllerIsCalledAbsentWhereALogWasNotRead) {
  World world({stuck("ConfigMap", "example.com/f"), controller("1", "1"), kControllerPod});
  EXPECT_EQ(codes(world.ask()), "finalizer_controller_absent");
  for (auto what : {"logs", "Pod"}) {
    World hidden({stuck("ConfigMap", "example.com/f"), controller("1", "1"), kControllerPod});
    hidden.source.hidden = {what};
    EXPECT_EQ(codes(hidden.ask()), "finalizer_stuck") << what;
  }
  // More pods than logs are read of.
  World many({stuck("ConfigMap", "example.com/f"), controller("1", "1")});
  for (int i = 0; i < 31; ++i)
    many.source.add("{kind: Pod, metadata: {name: backup-" + std::to_string(i) +
                    ", namespace: ops, labels: {app: backup}}, spec: {containers: [{name: manager}]}}");
  EXPECT_EQ(codes(many.ask()), "finalizer_stuck");
}

TEST(ExplainTerminating, AKindOfItsOwnHasAControllerThatIsCalledAfterIt) {
  const std::string widget =
      "{apiVersion: shop.example.com/v1, kind: Widget, metadata: {name: w, namespace: shop, deletionTimestamp: "
      "'2025-12-31T23:40:00Z', "
      "finalizers: [example.com/f]}}";
  EXPECT_EQ(codes(World({widget,
                         "{kind: Deployment, metadata: {name: widget-operator, namespace: ops}, spec: {replicas: 0}}"})
                      .ask()),
            "finalizer_controller_down");
  EXPECT_EQ(
      codes(World({widget, "{kind: Deployment, metadata: {name: widget-shop, namespace: ops}, spec: {replicas: 0}}"})
                .ask()),
      "finalizer_controller_absent");
}

TEST(ExplainTerminating, ItIsStillInUse) {
  const auto claim = World({stuck("PersistentVolumeClaim", "kubernetes.io/pvc-protection"),
                            "{kind: Pod, metadata: {name: db-0, namespace: shop}, spec: {volumes: [{name: v, "
                            "persistentVolumeClaim: {claimName: state}}]}, status: "
                            "{phase: Running}}"})
                         .ask();
  EXPECT_EQ(first(claim),
            "claim_in_use: The PersistentVolumeClaim shop/state is kept until Pod shop/db-0 no longer uses it");
  const auto foreground = World({stuck("Deployment", "foregroundDeletion"),
                                 "{kind: ReplicaSet, metadata: {name: web-1, namespace: shop, ownerReferences: [{kind: "
                                 "Deployment, name: state, uid: u1}]}}"})
                              .ask();
  EXPECT_EQ(first(foreground),
            "dependents_remain: The Deployment shop/state is deleted only after what it owns, and ReplicaSet "
            "shop/web-1 is still there");
  const auto cloud =
      World({stuck("Service", "service.kubernetes.io/load-balancer-cleanup"),
             "{kind: Event, metadata: {name: e, namespace: shop}, type: Warning, reason: SyncLoadBalancerFailed, "
             "message: no credentials, "
             "involvedObject: {kind: Service, namespace: shop, name: state}, lastTimestamp: '2025-12-31T23:59:00Z'}"})
          .ask();
  ASSERT_EQ(codes(cloud), "finalizer_stuck");
  EXPECT_EQ(cloud[0].certainty, Certainty::told);
}

TEST(ExplainTerminating, AVolumeIsStillBound) {
  const std::string volume =
      "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv, deletionTimestamp: '2025-12-31T23:00:00Z', "
      "finalizers: "
      "[kubernetes.io/pv-protection]}, spec: {claimRef: {namespace: shop, name: data}}, status: {phase: Bound}}";
  EXPECT_EQ(first(World({volume}).ask("")),
            "volume_in_use: The PersistentVolume pv is kept as long as PersistentVolumeClaim shop/data is bound to it");
}

std::string leaving(std::string_view conditions) {
  return "{kind: Namespace, metadata: {name: old, deletionTimestamp: '2025-12-31T23:30:00Z'}, status: {phase: "
         "Terminating, conditions: [" +
         std::string(conditions) + "]}}";
}

TEST(ExplainTerminating, ANamespaceWaitsForWhatIsInIt) {
  const std::string inside =
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: state, namespace: old, deletionTimestamp: "
      "'2025-12-31T23:30:00Z', finalizers: "
      "[backup.example.com/upload]}}";
  const std::string condition =
      "{type: NamespaceFinalizersRemaining, status: 'True', reason: SomeFinalizersRemain, message: "
      "'backup.example.com/upload in 1 "
      "resource instances'}";
  for (const auto& ns : {"old", ""}) {
    const auto causes = World({leaving(condition), inside}).ask(ns);
    ASSERT_EQ(codes(causes), "finalizer_controller_absent");
    EXPECT_EQ(causes[0].affects, (std::vector<Ref>{{"Namespace", "", "old"}}));
  }
  // Where what is inside cannot be told, the namespace's own words are what there is.
  const auto told = World({leaving(condition)}).ask("old");
  EXPECT_EQ(first(told),
            "namespace_stuck: Namespace old does not go: backup.example.com/upload in 1 resource instances");
  World partly({leaving(condition)});
  partly.source.gaps = {"secrets"};
  EXPECT_NE(evidence_of(partly.ask("old").at(0)).find("of secrets it could not be read"), std::string::npos);
}

TEST(ExplainTerminating, ANamespaceWaitsForAnApiThatIsNotThere) {
  const auto causes = World({leaving("{type: NamespaceDeletionDiscoveryFailure, status: 'True', reason: "
                                     "DiscoveryFailed, message: 'unable to retrieve: metrics.k8s.io/v1beta1'}"),
                             "{kind: APIService, metadata: {name: v1beta1.metrics.k8s.io}, spec: {service: {namespace: "
                             "kube-system, name: metrics}}, status: {conditions: [{type: "
                             "Available, status: 'False'}]}}"})
                          .ask("old");
  ASSERT_EQ(codes(causes), "api_service_unavailable");
  EXPECT_EQ(causes[0].affects, (std::vector<Ref>{{"Namespace", "", "old"}}));
}

std::vector<Cause> ask_pod(std::string_view text, std::vector<std::string_view> others) {
  FakeSource source(others);
  source.add(text);
  const json::value object = manifest(text);
  return diagnose(source, [&](Trail trail) { return explain_stuck_pod(trail, object); });
}

TEST(ExplainStuckPod, ByItsNode) {
  const auto pod =
      "{kind: Pod, metadata: {name: p, namespace: shop, deletionTimestamp: '2025-12-31T23:50:00Z'}, spec: {nodeName: "
      "n1}}";
  EXPECT_EQ(
      first(ask_pod(pod, {})),
      "node_absent: Pod shop/p cannot go: its node n1 does not exist any more, and only its kubelet would remove it");
  const auto lost =
      ask_pod(pod, {"{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: Unknown}]}}"});
  ASSERT_EQ(codes(lost), "node_lost");
  EXPECT_EQ(lost[0].affects, (std::vector<Ref>{{"Pod", "shop", "p"}}));
  const auto ready = "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}";
  EXPECT_EQ(first(ask_pod(pod, {ready})),
            "pod_stuck_terminating: Pod shop/p should have been gone 10m ago, and its node n1 has not said that it is");
  const auto event =
      "{kind: Event, metadata: {name: e, namespace: shop}, type: Warning, reason: FailedKillPod, message: device busy, "
      "involvedObject: {kind: "
      "Pod, namespace: shop, name: p}, lastTimestamp: '2025-12-31T23:59:00Z'}";
  EXPECT_EQ(ask_pod(pod, {ready, event}).at(0).certainty, Certainty::told);
}

TEST(ExplainStuckPod, ByAFinalizer) {
  EXPECT_EQ(codes(ask_pod("{kind: Pod, metadata: {name: p, namespace: shop, deletionTimestamp: '2025-12-31T23:50:00Z', "
                          "finalizers: [example.com/drainer]}, spec: "
                          "{nodeName: n1}}",
                          {})),
            "finalizer_controller_absent");
}

}  // namespace
}  // namespace fairlead::diagnosis
