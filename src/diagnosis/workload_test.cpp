#include <gmock/gmock.h>

#include "diagnosis/health.h"
#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using testing::codes;
using testing::diagnose;
using testing::FakeSource;
using testing::first;
using ::testing::HasSubstr;

std::vector<Cause> asked(FakeSource& source, std::string kind, std::string name) {
  return diagnose(source, [&](Trail trail) { return explain_workload(trail, kind, "shop", name); });
}

// Of everything in the namespace.
std::vector<Cause> all_of(FakeSource& source) {
  Findings findings;
  net::run_until_done([&](net::Executor) -> awaitable<void> { co_await look_around(source, findings, "shop"); });
  return findings.ranked();
}

constexpr std::string_view kRefused = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  {name: web, namespace: shop, generation: 2, uid: u, creationTimestamp: 2025-12-31T00:00:00Z,
   managedFields: [{manager: kubectl, time: 2025-12-31T23:00:00Z}]}
spec: {replicas: 1}
status:
  observedGeneration: 1
  replicas: 1
  readyReplicas: 1
  updatedReplicas: 1
  conditions:
  - {type: Progressing, status: 'False', reason: ReplicaSetCreateError, lastUpdateTime: 2025-12-31T23:00:01Z,
     message: 'Failed to create new replica set "web-2": replicasets.apps "web-2" is forbidden: exceeded quota: objects,
       requested: count/replicasets.apps=1, used: count/replicasets.apps=3, limited: count/replicasets.apps=3'}
)";

TEST(Workload, AReplicaSetThatTheQuotaForbids) {
  FakeSource source({kRefused});
  const auto causes = asked(source, "Deployment", "web");
  ASSERT_EQ(codes(causes), "quota_exceeded");
  EXPECT_EQ(causes[0].at, (Ref{"ResourceQuota", "shop", "objects"}));
  EXPECT_THAT(causes[0].sentence, HasSubstr("gets no more ReplicaSets: count/replicasets.apps 3 of 3 are used"));
}

TEST(Workload, AControllerThatHasWrittenNothingSinceTheChange) {
  std::string text(kRefused);
  text.replace(text.find("23:00:01Z"), 9, "22:00:00Z");
  text.replace(text.find("ReplicaSetCreateError"), 21, "NewReplicaSetAvailable");
  FakeSource source({text});
  EXPECT_EQ(codes(asked(source, "Deployment", "web")), "controller_silent");
}

std::string set(std::string ready, std::string updated) {
  return "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop, uid: s}\nspec: {replicas: 1}\n"
         "status: {replicas: 1, readyReplicas: " +
         ready + ", updateRevision: " + updated + "}\n";
}

std::string member(std::string name, std::string status) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         ", namespace: shop, creationTimestamp: 2025-12-31T23:00:00Z, labels: {controller-revision-hash: db-1}, "
         "ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: s, controller: true}]}\n"
         "spec: {nodeName: n1, containers: [{name: db, image: 'r.example/db:9'}]}\nstatus: " +
         status + "\n";
}

constexpr std::string_view kNode =
    "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}";
constexpr std::string_view kNoImage =
    "{phase: Pending, containerStatuses: [{name: db, state: {waiting: {reason: ImagePullBackOff, message: 'not "
    "found'}}}]}";

TEST(Workload, AnOldPodThatIsNotReadyStopsTheRolloutOfTheRepair) {
  FakeSource source({kNode, set("0", "db-2"), member("db-0", std::string(kNoImage))});
  const auto causes = asked(source, "StatefulSet", "db");
  ASSERT_EQ(codes(causes), "old_pod_stops_rollout");
  EXPECT_EQ(causes[0].at, (Ref{"Pod", "shop", "db-0"}));
  EXPECT_THAT(causes[0].sentence, HasSubstr("of an older revision of StatefulSet shop/db"));
  FakeSource same({kNode, set("0", "db-1"), member("db-0", std::string(kNoImage))});
  EXPECT_EQ(codes(asked(same, "StatefulSet", "db")), "image_not_found");
}

TEST(Workload, AFailedPodBesideAsManyReadyOnesAsAreWantedIsALeftover) {
  const std::string evicted = "{phase: Failed, reason: Evicted, message: low on memory}";
  FakeSource source({kNode, set("1", "db-1"), member("db-old", evicted)});
  EXPECT_EQ(codes(asked(source, "StatefulSet", "db")), "");
  EXPECT_EQ(codes(all_of(source)), "");
  FakeSource lacking({kNode, set("0", "db-1"), member("db-old", evicted)});
  EXPECT_EQ(codes(asked(lacking, "StatefulSet", "db")), "evicted");
}

std::string job(std::string name, std::string created, std::string condition) {
  return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: " + name + ", namespace: shop, uid: " + name +
         ", creationTimestamp: " + created +
         ", ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, uid: c, controller: true}]}\n"
         "spec: {backoffLimit: 0}\nstatus: {conditions: [{type: " +
         condition + ", status: 'True'}]}\n";
}

TEST(Health, AFailedRunIsHistoryOnceALaterOneSucceeds) {
  constexpr std::string_view failed = R"(
apiVersion: v1
kind: Pod
metadata: {name: one-x, namespace: shop, creationTimestamp: 2025-12-31T22:00:00Z,
  ownerReferences: [{apiVersion: batch/v1, kind: Job, name: one, uid: one, controller: true}]}
spec: {nodeName: n1, restartPolicy: Never, containers: [{name: x, image: x}]}
status: {phase: Failed, containerStatuses: [{name: x, state: {terminated: {exitCode: 1, reason: Error}}}]}
)";
  constexpr std::string_view cron =
      "{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly, namespace: shop}, spec: {schedule: '0 3 * * "
      "*'}}";
  FakeSource source({kNode, cron, job("one", "2025-12-31T22:00:00Z", "Failed"), failed});
  EXPECT_NE(codes(all_of(source)), "");
  FakeSource later({kNode, cron, job("one", "2025-12-31T22:00:00Z", "Failed"), failed,
                    job("two", "2025-12-31T23:00:00Z", "Complete")});
  EXPECT_EQ(codes(all_of(later)), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
