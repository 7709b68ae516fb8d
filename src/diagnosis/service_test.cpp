#include <gmock/gmock.h>

#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using testing::codes;
using testing::diagnose;
using testing::FakeSource;
using testing::first;
using ::testing::HasSubstr;
using testing::manifest;

constexpr std::string_view kService = R"(
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
)";

std::string deployment(std::string name, std::string labels, int replicas = 1) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: shop, uid: " + name +
         ", generation: 1}\nspec: {replicas: " + std::to_string(replicas) + ", template: {metadata: {labels: {" +
         labels + "}}}}\nstatus: {observedGeneration: 1, replicas: 1, readyReplicas: 1, updatedReplicas: 1}\n";
}

std::string pod(std::string name, std::string labels, std::string owner, std::string ports,
                std::string image = "shop/web:1") {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name +
         "\n  namespace: shop\n  creationTimestamp: 2025-12-31T00:00:00Z\n" + "  labels: {" + labels +
         ", pod-template-hash: h1}\n  ownerReferences: [{kind: ReplicaSet, name: " + owner +
         "-h1, uid: u, controller: true}]\nspec: {nodeName: n1, containers: [{name: " + owner + ", image: \"" + image +
         "\"" + (ports.empty() ? "" : ", ports: [" + ports + "]") +
         "}]}\nstatus: {phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: " +
         owner + ", ready: true, state: {running: {}}}]}\n";
}

std::vector<Cause> asked(FakeSource& source) {
  const json::value service = manifest(kService);
  return diagnose(source, [&](Trail trail) { return explain_service(trail, service); });
}

TEST(Service, WithPodsThatServeItsPortIsHealthy) {
  FakeSource source({kService});
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080}"));
  EXPECT_EQ(codes(asked(source)), "");
}

TEST(Service, ASelectorWithASlip) {
  FakeSource source({kService});
  source.add(deployment("web", "app: webb"));
  source.add(pod("web-1", "app: webb", "web", "{containerPort: 8080}"));
  const auto causes = asked(source);
  ASSERT_EQ(codes(causes), "service_selector");
  EXPECT_EQ(causes[0].sentence,
            "The selector of Service shop/web fits no pod: it asks for app=web, where they have app=webb");
}

TEST(Service, ThatSelectsNothingAtAll) {
  FakeSource source({kService});
  EXPECT_THAT(first(asked(source)), HasSubstr("nothing in shop has the labels app=web"));
}

TEST(Service, OfAWorkloadThatIsScaledToZero) {
  FakeSource source({kService});
  source.add(deployment("web", "app: web", 0));
  const auto causes = asked(source);
  ASSERT_EQ(codes(causes), "scaled_to_zero");
  EXPECT_EQ(causes[0].at, (Ref{"Deployment", "shop", "web"}));
}

std::vector<Cause> surveyed(FakeSource& source, std::string_view text = kService) {
  const json::value service = manifest(text);
  return diagnose(source, [&](Trail trail) {
    trail.survey = true;
    return explain_service(trail, service);
  });
}

TEST(Service, ThatNobodyIsSeenToNeed) {
  FakeSource source({kService});
  const auto nothing = surveyed(source);
  ASSERT_EQ(codes(nothing), "service_selector");
  EXPECT_EQ(nothing[0].certainty, Certainty::suspicious);
  FakeSource scaled({kService});
  scaled.add(deployment("web", "app: web", 0));
  EXPECT_EQ(codes(surveyed(scaled)), "");
  FakeSource slip({kService});
  slip.add(deployment("web", "app: webb"));
  EXPECT_EQ(surveyed(slip)[0].certainty, Certainty::proven);
}

TEST(Service, OfPodsThatRunWhileThereIsWork) {
  FakeSource source({kService, R"(
kind: CronJob
metadata: {name: web, namespace: shop}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: web}}}}}}
)"});
  EXPECT_EQ(codes(surveyed(source)), "");
  EXPECT_THAT(first(asked(source)),
              HasSubstr("service_of_jobs: Service shop/web sends to the pods of CronJob shop/web"));
}

TEST(Service, OfARoleThatNoPodHasNow) {
  FakeSource source;
  source.add(deployment("web", "app: web, role: master"));
  const auto causes = surveyed(source, R"(
kind: Service
metadata: {name: web-read, namespace: shop}
spec: {selector: {app: web, role: replica}}
)");
  ASSERT_EQ(codes(causes), "service_selector");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
}

TEST(Service, APortThatIsNotDeclaredBesideOneThatIs) {
  FakeSource source;
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080, name: http}"));
  const json::value service = manifest(R"(
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: metrics, port: 9100}]}
)");
  EXPECT_EQ(codes(diagnose(source, [&](Trail trail) { return explain_service(trail, service); })), "");
}

std::string named(std::string name, std::string target) {
  return "{kind: Service, metadata: {name: " + name +
         ", namespace: shop}, spec: {type: ExternalName, externalName: " + target + "}}";
}

TEST(Service, AnotherNameForItselfForNothingOrForOneThatAilsTellsWhich) {
  FakeSource loop({named("web", "web.shop.svc.cluster.local")});
  EXPECT_EQ(first(surveyed(loop, named("web", "web.shop.svc.cluster.local"))),
            "external_name_loop: Service shop/web is another name for itself, web.shop.svc.cluster.local");
  FakeSource nothing;
  EXPECT_THAT(
      first(surveyed(nothing, named("web", "old.shop.svc"))),
      HasSubstr("external_name_absent: Service shop/web is another name for old.shop.svc, and there is no Service "
                "old in namespace shop"));
  FakeSource ails({named("web", "next.shop.svc"), named("next", "db.shop.svc")});
  ails.add(
      R"({"kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"selector": {"app": "db"}}})");
  ails.add(deployment("db", "app: db", 0));
  EXPECT_EQ(first(surveyed(ails, named("web", "next.shop.svc"))),
            "scaled_to_zero: Deployment shop/db is scaled to 0, so that Service shop/db has no pods");
  EXPECT_EQ(codes(surveyed(nothing, named("web", "mail.example.com"))), "");
}

TEST(Service, PodsOfAnotherThatServeAnotherPort) {
  FakeSource source({kService});
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080}"));
  source.add(pod("mail-1", "app: web", "mail", "{containerPort: 25}", "shop/mail:1"));
  const auto causes = asked(source);
  ASSERT_EQ(codes(causes), "service_selects_foreign_pods");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_THAT(causes[0].sentence, HasSubstr("Deployment shop/mail, which do not serve its port"));
}

TEST(Service, PodsOfAnotherThatServeNoPort) {
  FakeSource source({kService});
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080}"));
  source.add(pod("mail-1", "app: web", "mail", ""));
  EXPECT_EQ(codes(asked(source)), "service_selects_foreign_pods");
}

TEST(Service, ACanaryIsNoForeigner) {
  FakeSource source({kService});
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080}"));
  source.add(pod("web-canary-1", "app: web", "web-canary", "{containerPort: 8080}", "shop/web:2"));
  EXPECT_EQ(codes(asked(source)), "");
}

TEST(Service, PodsOfAnotherProgramBesideOneWithoutContainers) {
  FakeSource source({kService});
  source.add(pod("web-1", "app: web", "web", ""));
  source.add(pod("mail-1", "app: web", "mail", "", "shop/mail:1"));
  source.add("{kind: Pod, metadata: {name: odd, namespace: shop, labels: {app: web}}, spec: {containers: []}}");
  const auto causes = asked(source);
  ASSERT_EQ(codes(causes), "service_selects_foreign_pods");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
  EXPECT_THAT(causes[0].sentence, HasSubstr("Deployment shop/mail"));
}

TEST(Service, APortNameThatNoPodHas) {
  FakeSource source;
  source.add(pod("web-1", "app: web", "web", "{containerPort: 8080, name: http}"));
  const json::value service = manifest(R"(
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: web}]}
)");
  const auto causes = diagnose(source, [&](Trail trail) { return explain_service(trail, service); });
  ASSERT_EQ(codes(causes), "service_port");
  EXPECT_THAT(causes[0].sentence, HasSubstr("they declare 8080 (http)"));
}

TEST(Service, PodsThatMayNotBeSeenAreNotMissed) {
  FakeSource source({kService});
  source.hidden = {"Pod"};
  EXPECT_EQ(codes(asked(source)), "");
}

// ---- from a log to a Service

constexpr std::string_view kClient = R"(
kind: Pod
metadata: {name: api-1, namespace: shop}
spec: {containers: [{name: api, image: api}]}
)";

std::vector<Cause> follow(FakeSource& source, std::string log) {
  const json::value client = manifest(kClient);
  return diagnose(source, [&, log](Trail trail) { return explain_dependencies(trail, client, log); });
}

TEST(Dependencies, AServiceThatIsNotThere) {
  FakeSource source({R"({"kind": "Service", "metadata": {"name": "orders-db", "namespace": "shop"}, "spec": {}})"});
  const auto causes = follow(source, "dial tcp: lookup order-db: no such host");
  ASSERT_EQ(codes(causes), "service_absent");
  EXPECT_THAT(causes[0].sentence, HasSubstr("no Service order-db in namespace shop"));
  EXPECT_THAT(causes[0].sentence, HasSubstr("there is orders-db"));
}

TEST(Dependencies, AServiceOfAnotherNamespace) {
  FakeSource source({R"({"kind": "Service", "metadata": {"name": "db", "namespace": "data"}, "spec": {}})"});
  const auto causes = follow(source, "could not translate host name \"db\" to address: Name or service not known");
  ASSERT_EQ(codes(causes), "service_absent");
  EXPECT_EQ(causes[0].next, "Use the name db.data");
}

TEST(Dependencies, AHostOfTheWorldOutsideIsNoService) {
  FakeSource source;
  EXPECT_EQ(codes(follow(source, "dial tcp: lookup api.example.com: no such host")), "");
}

TEST(Dependencies, ANameWithAnEmptyPartIsNoService) {
  FakeSource source;
  EXPECT_EQ(codes(follow(source, "dial tcp: lookup db..svc: no such host")), "");
}

TEST(Dependencies, AServiceWithoutPortsOfItsOwnLacksNone) {
  FakeSource source({named("db", "db.example.com")});
  EXPECT_EQ(codes(follow(source, "dial tcp db:5432: connect: connection refused")), "");
}

TEST(Dependencies, WhatIsOnlyWarnedOfIsNeverProven) {
  FakeSource source;
  const auto causes = follow(source, "WARN lookup statsd: no such host");
  ASSERT_EQ(codes(causes), "service_absent");
  EXPECT_EQ(causes[0].certainty, Certainty::inferred);
  EXPECT_EQ(codes(follow(source, "WARN lookup statsd: no such host\nFATAL license key expired on 2026-01-01")), "");
}

TEST(Dependencies, ThePodsOfAStatefulSetHaveNamesByItsHeadlessService) {
  constexpr std::string_view set = R"(
kind: StatefulSet
metadata: {name: etcd, namespace: shop}
spec: {serviceName: etcd}
)";
  FakeSource absent({set});
  EXPECT_THAT(
      first(follow(absent, "lookup etcd-1.etcd: no such host")),
      HasSubstr("service_absent: There is no Service etcd in namespace shop, which would give etcd-1 its name"));
  FakeSource source({set, "{kind: Service, metadata: {name: etcd, namespace: shop}, spec: {clusterIP: 10.0.0.1}}"});
  EXPECT_THAT(first(follow(source, "lookup etcd-0.etcd.shop.svc.cluster.local: no such host")),
              HasSubstr("service_not_headless: Service shop/etcd is not headless"));
}

TEST(Dependencies, AServiceThatNobodyAnswersFor) {
  FakeSource source({R"({"kind": "Service", "metadata": {"name": "db", "namespace": "shop"},
                         "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432}]}})"});
  source.add(deployment("db", "app: db", 0));
  const auto causes = follow(source, "dial tcp db:5432: connect: connection refused");
  ASSERT_EQ(codes(causes), "scaled_to_zero");
  EXPECT_THAT(causes[0].affects, ::testing::Contains(Ref{"Pod", "shop", "api-1"}));
}

}  // namespace
}  // namespace fairlead::diagnosis
