#include "diagnosis/refusal.h"
#include "diagnosis/testing.h"
#include "diagnosis/webhooks.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;
using Why = Refusal::Why;

struct Case {
  std::string_view message;
  Why why;
  std::string_view name, detail;
};

TEST(ReadRefusal, KnowsTheWordsOfServersOldAndNew) {
  const Case cases[]{
      {"Error creating: pods \"w-1\" is forbidden: failed quota: team: must specify limits.cpu,limits.memory",
       Why::quota_wants_resources, "team", "limits.cpu,limits.memory"},
      {"Error creating: pods \"w-1\" is forbidden: failed quota: team: must specify limits.cpu for: app",
       Why::quota_wants_resources, "team", "limits.cpu for: app"},
      {"Error creating: pods \"w-1\" is forbidden: [maximum cpu usage per Container is 500m, but limit is 1]",
       Why::limit_range, "", "[maximum cpu usage per Container is 500m, but limit is 1]"},
      {"Error creating: pods \"w-1\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true "
       "(pod must)",
       Why::pod_security, "restricted:latest", "runAsNonRoot != true (pod must)"},
      {"Error creating: pods \"w-1\" is forbidden: unable to validate against any pod security policy: "
       "[spec.privileged]",
       Why::security_policy, "", "[spec.privileged]"},
      {"Error creating: pods \"w-1\" is forbidden: error looking up service account shop/api: serviceaccount \"api\" "
       "not found",
       Why::service_account, "api", ""},
      {"Error creating: pods \"w-1\" is forbidden: no PriorityClass with name high was found", Why::priority_class,
       "high", ""},
      {"Error creating: pods \"w-1\" is forbidden: pod rejected: RuntimeClass \"kata\" not found", Why::runtime_class,
       "kata", ""},
      {"Error creating: admission webhook \"pol.example.com\" denied the request: no latest tags", Why::webhook_denied,
       "pol.example.com", "no latest tags"},
      {"Error creating: admission webhook \"pol.example.com\" denied the request without explanation",
       Why::webhook_denied, "pol.example.com", "without explanation"},
      {"Error creating: Internal error occurred: failed calling webhook \"in.example.com\": Post "
       "\"https://in.ops.svc:443/\": dial tcp: connection "
       "refused",
       Why::webhook_unreachable, "in.example.com", "Post \"https://in.ops.svc:443/\": dial tcp: connection refused"},
      {"Error creating: pods \"w-1\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: too "
       "many replicas",
       Why::policy_denied, "p", "too many replicas"},
      {"Error creating: pods \"w-1\" is forbidden: unable to create new content in namespace shop because it is being "
       "terminated",
       Why::namespace_terminating, "", ""},
      {"Error creating: Pod \"w-1\" is invalid: spec.containers[0].name: Required value", Why::invalid, "",
       "spec.containers[0].name: Required value"},
      {"Error creating: pods \"w-1\" is forbidden: something new", Why::forbidden, "", "something new"},
      {"Timeout: request did not complete", Why::other, "", "Timeout: request did not complete"},
  };
  for (const auto& one : cases) {
    const Refusal read = read_refusal(one.message);
    EXPECT_EQ(static_cast<int>(read.why), static_cast<int>(one.why)) << one.message;
    EXPECT_EQ(read.name, one.name) << one.message;
    if (!one.detail.empty()) { EXPECT_EQ(read.detail, one.detail) << one.message; }
  }
}

constexpr auto kOverQuota =
    "pods \"w-1\" is forbidden: exceeded quota: team, requested: pods=1,requests.cpu=200m, used: "
    "pods=3,requests.cpu=900m, limited: "
    "pods=3,requests.cpu=1";

TEST(ReadRefusal, TakesQuotasApart) {
  const Refusal read = read_refusal(kOverQuota);
  EXPECT_EQ(read.name, "team");
  ASSERT_EQ(read.amounts.size(), 2u);
  EXPECT_EQ(read.amounts[1].resource, "requests.cpu");
  EXPECT_EQ(read.amounts[1].asked + " " + read.amounts[1].used + " " + read.amounts[1].hard, "200m 900m 1");
}

std::string replica_set(int wanted, int has) {
  return "{kind: ReplicaSet, metadata: {name: web, namespace: shop}, spec: {replicas: " + std::to_string(wanted) +
         "}, status: {replicas: " + std::to_string(has) + "}}";
}
std::string refused(std::string_view message, std::string_view when = "2025-12-31T23:59:00Z") {
  json::object out{{"kind", "Event"},
                   {"type", "Warning"},
                   {"reason", "FailedCreate"},
                   {"message", "Error creating: " + std::string(message)},
                   {"lastTimestamp", when}};
  out["metadata"] = json::object{{"name", "e"}, {"namespace", "shop"}};
  out["involvedObject"] = json::object{{"kind", "ReplicaSet"}, {"name", "web"}, {"namespace", "shop"}};
  return compact(out);
}
std::vector<Cause> ask(std::vector<std::string> world, std::set<std::string> hidden = {}) {
  FakeSource source;
  for (const auto& text : world) source.add(text);
  source.hidden = std::move(hidden);
  const Ref owner{"ReplicaSet", "shop", "web"};
  return diagnose(source, [&](Trail trail) { return explain_rejections(trail, owner); });
}

TEST(ExplainRejections, SaysNothingWhenAllPodsAreThere) {
  EXPECT_EQ(codes(ask({replica_set(3, 3), refused(kOverQuota)})), "");
  EXPECT_EQ(codes(ask({replica_set(3, 1), refused(kOverQuota, "2025-12-31T22:00:00Z")})), "");
  EXPECT_EQ(codes(ask({replica_set(3, 1)})), "");
}

TEST(ExplainRejections, AQuotaIsUsedUp) {
  const auto causes = ask({replica_set(3, 1), refused(kOverQuota),
                           "{kind: ResourceQuota, metadata: {name: team, namespace: shop}, status: {hard: {pods: '3', "
                           "requests.cpu: '1'}, used: "
                           "{pods: '3', requests.cpu: 900m}}}",
                           "{kind: Pod, metadata: {name: a, namespace: shop, ownerReferences: [{kind: ReplicaSet, "
                           "name: big, controller: true}]}, "
                           "spec: {containers: [{name: c, resources: {requests: {cpu: 700m}}}]}}",
                           "{kind: Pod, metadata: {name: b, namespace: shop}, spec: {containers: [{name: c, resources: "
                           "{requests: {cpu: 200m}}}]}}"});
  ASSERT_EQ(codes(causes), "quota_exceeded");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_EQ(causes[0].sentence,
            "The ResourceQuota shop/team is used up, so that ReplicaSet shop/web gets no more pods: pods 3 of 3 are "
            "used and it asks for 1 and "
            "requests.cpu 900m of 1 are used and it asks for 200m");
  EXPECT_EQ(causes[0].evidence[2], "ReplicaSet/big uses most of it: requests.cpu=700m");
  EXPECT_EQ(causes[0].evidence[3], "the quota now: pods 3/3 and requests.cpu 900m/1");
}

TEST(ExplainRejections, TheConditionOfAReplicaSetTellsItToo) {
  const auto causes =
      ask({"{kind: ReplicaSet, metadata: {name: web, namespace: shop}, spec: {replicas: 2}, status: {replicas: 0, "
           "conditions: [{type: "
           "ReplicaFailure, status: 'True', reason: FailedCreate, message: 'pods \"w\" is forbidden: error looking up "
           "service account "
           "shop/apii: serviceaccount \"apii\" not found'}]}}",
           "{kind: ServiceAccount, metadata: {name: api, namespace: shop}}"});
  EXPECT_EQ(
      first(causes),
      "service_account_absent: ReplicaSet shop/web cannot make pods: its ServiceAccount shop/apii does not exist");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_NE(causes[0].next.find("near it is \"api\""), std::string::npos);
}

TEST(ExplainRejections, WhatMayNotBeSeenIsNotCalledMissing) {
  const auto causes = ask(
      {replica_set(3, 1),
       refused("pods \"w\" is forbidden: error looking up service account shop/api: serviceaccount \"api\" not found")},
      {"ServiceAccount"});
  ASSERT_EQ(codes(causes), "service_account_absent");
  EXPECT_EQ(causes[0].certainty, Certainty::told);
}

TEST(ExplainRejections, NamesWhatElseIsInTheWay) {
  const std::pair<std::string, std::string> cases[]{
      {"pods \"w\" is forbidden: failed quota: team: must specify limits.cpu", "quota_wants_resources"},
      {"pods \"w\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi", "limit_range"},
      {"pods \"w\" is forbidden: violates PodSecurity \"baseline:latest\": hostNetwork", "pod_security"},
      {"pods \"w\" is forbidden: PodSecurityPolicy: unable to admit pod: []", "pod_security"},
      {"pods \"w\" is forbidden: no PriorityClass with name high was found", "priority_class_absent"},
      {"pods \"w\" is forbidden: pod rejected: RuntimeClass \"kata\" not found", "runtime_class_absent"},
      {"pods \"w\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "policy_denied"},
      {"pods \"w\" is forbidden: unable to create new content in namespace shop because it is being terminated",
       "namespace_terminating"},
      {"Pod \"w\" is invalid: spec.x: bad", "pod_invalid"},
      {"pods \"w\" is forbidden: for no reason", "pods_rejected"},
      {"admission webhook \"pol.example.com\" denied the request: no", "webhook_denied"},
      {"Internal error occurred: failed calling webhook \"x\": timeout", "webhook_unreachable"},
  };
  for (const auto& [message, code] : cases)
    EXPECT_EQ(codes(ask({replica_set(1, 0), refused(message)})), code) << message;
}

constexpr auto kConfiguration =
    "{kind: ValidatingWebhookConfiguration, metadata: {name: policies}, webhooks: [{name: pol.example.com, "
    "clientConfig: {service: {namespace: ops, "
    "name: policy}}, rules: [{operations: [CREATE], apiGroups: [''], resources: [pods]}]}]}";

TEST(ExplainRejections, AWebhookCannotBeCalled) {
  const std::string message =
      "Internal error occurred: failed calling webhook \"pol.example.com\": Post \"https://policy.ops.svc\": no "
      "endpoints";
  const auto absent = ask({replica_set(1, 0), refused(message), kConfiguration});
  EXPECT_EQ(first(absent),
            "webhook_unreachable: The ValidatingWebhookConfiguration \"policies\" refuses what it sees: its Service "
            "\"ops/policy\" does not exist");
  const std::string service =
      "{kind: Service, metadata: {name: policy, namespace: ops}, spec: {selector: {app: policy}}}";
  const auto empty = ask({replica_set(1, 0), refused(message), kConfiguration, service});
  ASSERT_EQ(codes(empty), "service_selector webhook_unreachable");  // and why nobody answers
  EXPECT_EQ(empty[1].code + ": " + empty[1].sentence,
            "webhook_unreachable: The ValidatingWebhookConfiguration \"policies\" refuses what it sees: no ready pod "
            "is behind its Service "
            "\"ops/policy\"");
  // It answers by now: what the server said is all that is known.
  const auto there =
      ask({replica_set(1, 0), refused(message), kConfiguration, service,
           "{kind: Endpoints, metadata: {name: policy, namespace: ops}, subsets: [{addresses: [{ip: 10.0.0.1}]}]}"});
  ASSERT_EQ(codes(there), "webhook_unreachable");
  EXPECT_EQ(there[0].certainty, Certainty::told);
}

TEST(ExplainRejections, ACertificateDoesNotFit) {
  const auto causes =
      ask({replica_set(1, 0),
           refused("Internal error occurred: failed calling webhook \"x\": Post \"https://a.b.svc\": x509: certificate "
                   "signed by unknown authority")});
  ASSERT_EQ(codes(causes), "webhook_unreachable");
  EXPECT_NE(causes[0].next.find("caBundle"), std::string::npos);
}

TEST(SeesCreation, ByRulesAndSelectors) {
  const auto hook = manifest(
      "{namespaceSelector: {matchLabels: {inject: 'yes'}}, objectSelector: {}, rules: [{operations: ['*'], apiGroups: "
      "[''], "
      "resources: [pods]}]}");
  const json::object injected{{"inject", "yes"}}, other{{"inject", "no"}}, none;
  EXPECT_TRUE(sees_creation(hook, "", "pods", injected, none));
  EXPECT_FALSE(sees_creation(hook, "", "pods", other, none));
  EXPECT_FALSE(sees_creation(hook, "apps", "deployments", injected, none));
  const auto deletes = manifest("{rules: [{operations: [DELETE], apiGroups: ['*'], resources: ['*']}]}");
  EXPECT_FALSE(sees_creation(deletes, "", "pods", none, none));
}

}  // namespace
}  // namespace fairlead::diagnosis
