#include "runtimes/causes.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t kNow = 1'767'225'600;  // 2026-01-01T00:00:00Z

std::string ago(std::int64_t seconds) { return format_rfc3339(kNow - seconds); }

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

// An agent of which one replica is wanted, and none available; `pod` and what else a test puts there.
class Causes : public testing::Test {
 protected:
  Causes() {
    seen.now = kNow;
    seen.deployment = parsed(R"({"metadata":{"name":"nora-oclaw-a-01","namespace":"agents","generation":1,
        "annotations":{"fairlead.dev/revision":"3"}},
        "spec":{"replicas":1,"progressDeadlineSeconds":1200},"status":{"observedGeneration":1,"replicas":1,
        "updatedReplicas":1,"unavailableReplicas":1}})");
    pod = parsed(R"({"metadata":{"name":"nora-oclaw-a-01-x","namespace":"agents"},
        "spec":{"nodeName":"node-1","containers":[{"name":"agent","image":"registry.example/agent:1",
          "command":["/opt/fairlead/bootstrap.sh"],
          "resources":{"limits":{"memory":"2Gi"}},
          "startupProbe":{"periodSeconds":10,"failureThreshold":60},
          "readinessProbe":{"periodSeconds":10,"failureThreshold":3}}],
          "volumes":[{"name":"state","persistentVolumeClaim":{"claimName":"nora-oclaw-a-01-state"}}]},
        "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":"False"}]}})");
    set(pod, "metadata", "creationTimestamp", json::value(ago(100)));
  }

  static void set(json::value& object, std::string_view part, std::string_view field, json::value value) {
    object.at(part).as_object()[field] = std::move(value);
  }
  void condition(json::value& object, json::object one) {
    json::object& status = object.at("status").as_object();
    if (!status.contains("conditions")) status["conditions"] = json::array();
    json::array& all = status["conditions"].as_array();
    for (auto other = all.begin(); other != all.end();)
      other = other->at("type") == one.at("type") ? all.erase(other) : other + 1;
    all.push_back(std::move(one));
  }
  void container(std::string_view state, std::string_view more = "") {
    set(pod, "status", "phase", "Running");
    set(pod, "status", "containerStatuses",
        json::array{
            parsed(R"({"name":"agent","ready":false,"state":)" + std::string(state) + std::string(more) + "}")});
  }
  void waiting(std::string_view reason, std::string_view message = "") {
    json::object state{{"waiting", json::object{{"reason", reason}, {"message", message}}}};
    container(json::serialize(state));
    set(pod, "status", "phase", "Pending");
  }
  void event(std::string kind, std::string object, std::string reason, std::string message, bool warning = true) {
    seen.events.push_back(
        {std::move(kind), std::move(object), std::move(reason), std::move(message), warning, kNow - 5});
  }
  void pod_event(std::string reason, std::string message) {
    event("Pod", "nora-oclaw-a-01-x", std::move(reason), std::move(message));
  }
  Observed look(bool with_pod = true) {
    if (with_pod) seen.pods = json::array{pod};
    return observe(seen);
  }
  std::string cause(bool with_pod = true) {
    const Observed now = look(with_pod);
    EXPECT_EQ(now.phase, now.cause.empty() ? Phase::starting : Phase::failing);
    EXPECT_TRUE(now.cause.empty() || now.waits.empty());
    EXPECT_THAT(words(now), HasSubstr(now.cause));
    return now.cause;
  }
  std::string waits() {
    EXPECT_EQ(cause(), "");
    return look().waits;
  }

  Seen seen;
  json::value pod;
};

TEST_F(Causes, AQuota) {
  condition(
      seen.deployment,
      {{"type", "ReplicaFailure"},
       {"status", "True"},
       {"reason", "FailedCreate"},
       {"message", "pods \"x\" is forbidden: exceeded quota: small, requested: cpu=2, used: cpu=0, limited: cpu=1"}});
  EXPECT_EQ(cause(false),
            "no pod can be created: a quota of its namespace is exceeded: pods \"x\" is forbidden: exceeded quota: "
            "small, requested: cpu=2, used: cpu=0, limited: cpu=1");
  // It is of before: there is a pod by now.
  waiting("ContainerCreating");
  EXPECT_EQ(cause(), "");
}

TEST_F(Causes, OtherRefusalsOfAPod) {
  for (const auto& [message, words] : std::vector<std::pair<std::string, std::string>>{
           {"pods \"x\" is forbidden: failed quota: q: must specify limits.memory", "asks for requests and limits"},
           {"pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot", "Pod Security level"},
           {"pods \"x\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi", "LimitRange"},
           {"pods \"x\" is forbidden: error looking up service account agents/default: not found", "service account"},
           {"pods is forbidden: User \"system:serviceaccount:kube-system:replicaset-controller\" cannot create "
            "resource "
            "\"pods\" in API group \"\" in the namespace \"agents\"",
            "an RBAC rule is missing"},
           {"Internal error occurred: failed calling webhook \"a.b.c\": no endpoints",
            "webhook of the cluster does not"},
           {"admission webhook \"a.b.c\" denied the request: no", "webhook of the cluster refuses it"},
           {"something else", "no pod can be created: something else"}}) {
    seen.events.clear();
    event("ReplicaSet", "nora-oclaw-a-01-5d", "FailedCreate", "Error creating: " + message);
    EXPECT_THAT(cause(false),
                AllOf(StartsWith("no pod can be created"),
                      HasSubstr(words == "no pod can be created: something else" ? "something else" : words)));
  }
}

TEST_F(Causes, NoPodYet) {
  EXPECT_EQ(cause(false), "");
  EXPECT_EQ(look(false).waits, "its pod to be created");
  EXPECT_THAT(events_that_tell(seen), ElementsAre(EventsOf{"ReplicaSet", "nora-oclaw-a-01-"}));
  seen.pods_read = false;
  EXPECT_EQ(look(false).waits, "");
  EXPECT_THAT(events_that_tell(seen), IsEmpty());
}

TEST_F(Causes, Unschedulable) {
  condition(pod, {{"type", "PodScheduled"},
                  {"status", "False"},
                  {"reason", "Unschedulable"},
                  {"message", "0/3 nodes are available: 3 Insufficient memory."}});
  EXPECT_EQ(cause(), "its pod cannot be scheduled: no node takes it: 0/3 nodes are available: 3 Insufficient memory.");
  condition(pod, {{"type", "PodScheduled"}, {"status", "False"}, {"reason", "SchedulingGated"}});
  EXPECT_THAT(cause(), HasSubstr("a scheduling gate"));
}

TEST_F(Causes, Volumes) {
  condition(pod, {{"type", "PodScheduled"},
                  {"status", "False"},
                  {"reason", "Unschedulable"},
                  {"message", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."}});
  EXPECT_THAT(cause(), HasSubstr("cannot be scheduled"));  // nothing else was read
  json::value claim = parsed(R"({"metadata":{"name":"nora-oclaw-a-01-state"},"spec":{"storageClassName":"fast"},
      "status":{"phase":"Pending"}})");
  set(claim, "metadata", "creationTimestamp", json::value(ago(20)));
  seen.volume_claim = claim;
  EXPECT_EQ(waits(), "its state volume to be provisioned");
  EXPECT_THAT(events_that_tell(seen), testing::Contains(EventsOf{"PersistentVolumeClaim", "nora-oclaw-a-01-state"}));
  set(*seen.volume_claim, "metadata", "creationTimestamp", json::value(ago(200)));
  EXPECT_EQ(cause(), "its state volume is not provisioned: its claim of storage class fast is pending");
  set(*seen.volume_claim, "spec", "storageClassName", nullptr);
  EXPECT_THAT(cause(), HasSubstr("names no storage class"));
  event("PersistentVolumeClaim", "nora-oclaw-a-01-state", "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set", false);
  EXPECT_THAT(cause(), HasSubstr("its claim is pending: no persistent volumes available"));
  event("PersistentVolumeClaim", "nora-oclaw-a-01-state", "ProvisioningFailed", "storageclass \"fast\" not found");
  EXPECT_THAT(cause(), HasSubstr("cannot be provisioned, its claim is pending: storageclass \"fast\" not found"));
  set(*seen.volume_claim, "status", "phase", "Lost");
  EXPECT_THAT(cause(), HasSubstr("is lost"));
  seen.volume_claim = json::value(nullptr);
  EXPECT_THAT(cause(), HasSubstr("its state volume's claim is not there"));
  seen.volume_claim = claim;
  set(*seen.volume_claim, "status", "phase", "Bound");
  EXPECT_THAT(cause(), HasSubstr("cannot be scheduled"));
}

TEST_F(Causes, BeingCreated) {
  EXPECT_THAT(waits(), HasSubstr("its container to be created"));
  waiting("ContainerCreating");
  EXPECT_THAT(waits(), HasSubstr("its container to be created"));
  EXPECT_THAT(events_that_tell(seen), ElementsAre(EventsOf{"Pod", "nora-oclaw-a-01-x"}));
  pod_event("FailedMount", "MountVolume.SetUp failed for volume \"bootstrap\": configmap \"b\" not found");
  EXPECT_EQ(cause(),
            "a volume of its pod cannot be mounted: MountVolume.SetUp failed for volume \"bootstrap\": configmap \"b\" "
            "not found");
  seen.events.clear();
  pod_event("FailedCreatePodSandBox", "cni plugin not initialized");
  EXPECT_EQ(cause(), "node node-1 cannot set up its pod: cni plugin not initialized");
}

TEST_F(Causes, AnImage) {
  waiting("ErrImagePull", "registry.example/agent:1: not found");
  EXPECT_EQ(cause(),
            "its image registry.example/agent:1 cannot be pulled (ErrImagePull): registry.example/agent:1: not found");
  waiting("ImagePullBackOff", "Back-off pulling image \"registry.example/agent:1\"");
  pod_event("BackOff", "Back-off pulling image \"registry.example/agent:1\"");
  pod_event("Failed", "Failed to pull image \"registry.example/agent:1\": unauthorized");
  EXPECT_THAT(cause(),
              HasSubstr("(ImagePullBackOff): Failed to pull image \"registry.example/agent:1\": unauthorized"));
  waiting("ImagePullBackOff", "Back-off pulling image \"i\": ErrImagePull: no such host");
  EXPECT_THAT(cause(), HasSubstr("no such host"));
  waiting("InvalidImageName", "couldn't parse image name");
  EXPECT_THAT(cause(), HasSubstr("(InvalidImageName): couldn't parse"));
}

TEST_F(Causes, AContainerThatDoesNotStart) {
  waiting("CreateContainerConfigError", "secret \"nora-oclaw-a-01-env\" not found");
  EXPECT_EQ(
      cause(),
      "its container cannot be configured: what it refers to is missing: secret \"nora-oclaw-a-01-env\" not found");
  waiting("RunContainerError", "exec: \"/opt/fairlead/bootstrap.sh\": permission denied");
  EXPECT_THAT(cause(), StartsWith("its container cannot be started (RunContainerError): exec:"));
}

TEST_F(Causes, ABootstrapScriptThatEnds) {
  const std::string last =
      R"(,"restartCount":4,"lastState":{"terminated":{"exitCode":127,"reason":"Error","message":"one\nopenclaw: not found\n"}})";
  const std::string expected =
      "its bootstrap script, or what that runs, ended with exit status 127 (a command was not found), and was started "
      "again 4 times: openclaw: not found";
  container(R"({"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}})", last);
  EXPECT_EQ(cause(), expected);
  // Between two crashes it is no other.
  container(R"({"running":{"startedAt":")" + ago(1) + R"("}})", last);
  EXPECT_EQ(cause(), expected);
  container(R"({"terminated":{"exitCode":0,"reason":"Completed"}})");
  EXPECT_EQ(cause(), "its bootstrap script, or what that runs, ended with exit status 0, though it is to go on");
  container(R"({"terminated":{"exitCode":137,"reason":"OOMKilled"}})");
  EXPECT_EQ(cause(), "its container was killed, since it took more memory than its limit of 2Gi");
  container(R"({"terminated":{"exitCode":128,"reason":"StartError","message":"no such file"}})");
  EXPECT_EQ(cause(), "its container cannot be started: no such file");
  container(R"({"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}})");
  EXPECT_EQ(cause(), "its container ends again and again: back-off 40s");
  container(R"({"waiting":{"reason":"CrashLoopBackOff"}})",
            R"(,"restartCount":2,"lastState":{"terminated":{"exitCode":137,"reason":"Error"}})");
  pod_event("Unhealthy", "Liveness probe failed: dial tcp 10.0.0.1:9090: connect: connection refused");
  EXPECT_EQ(cause(),
            "its container was ended, since its liveness probe fails, and was started again 2 times: Liveness probe "
            "failed: dial tcp 10.0.0.1:9090: connect: connection refused");
}

TEST_F(Causes, AnInitContainer) {
  pod.at("spec").as_object()["initContainers"] = json::array{json::object{{"name", "copy"}}};
  set(pod, "status", "initContainerStatuses",
      json::array{
          parsed(R"({"name":"copy","state":{"terminated":{"exitCode":1,"reason":"Error","message":"no space"}}})")});
  EXPECT_EQ(cause(), "its container ended with exit status 1: no space");
}

TEST_F(Causes, Probes) {
  container(R"({"running":{"startedAt":")" + ago(40) + R"("}})", R"(,"started":false)");
  EXPECT_EQ(waits(), "its startup probe to succeed, for 40s of at most 10m");
  pod_event("Unhealthy", "Startup probe failed: connection refused");
  EXPECT_THAT(waits(), HasSubstr("at most 10m: Startup probe failed: connection refused"));
  container(R"({"running":{"startedAt":")" + ago(700) + R"("}})", R"(,"started":false)");
  EXPECT_EQ(cause(), "its container runs, and its startup probe fails: Startup probe failed: connection refused");
  container(R"({"running":{"startedAt":")" + ago(5) + R"("}})", R"(,"started":true)");
  EXPECT_EQ(waits(), "its readiness probe to succeed");
  pod_event("Unhealthy", "Readiness probe failed: timeout");
  EXPECT_EQ(cause(), "its container runs, and its readiness probe fails: Readiness probe failed: timeout");
}

TEST_F(Causes, ALostNode) {
  container(R"({"running":{}})", R"(,"started":true)");
  pod.at("status").at("containerStatuses").at(0).as_object()["ready"] = true;
  EXPECT_EQ(cause(), "its node node-1 is lost: it does not report any more");
  set(pod, "status", "reason", "NodeLost");
  EXPECT_EQ(cause(), "its node node-1 is lost: it does not report any more");
}

TEST_F(Causes, Evicted) {
  set(pod, "status", "phase", "Failed");
  set(pod, "status", "reason", "Evicted");
  set(pod, "status", "message", "The node was low on resource: memory.");
  EXPECT_EQ(cause(), "its pod was ended by node node-1 (Evicted): The node was low on resource: memory.");
}

TEST_F(Causes, TheNewestPodCounts) {
  json::value old = pod;
  set(old, "metadata", "deletionTimestamp", json::value(ago(5)));
  waiting("ErrImagePull", "not found");
  seen.pods = json::array{pod, old};
  EXPECT_THAT(observe(seen).cause, HasSubstr("cannot be pulled"));
  seen.pods = json::array{old};
  EXPECT_EQ(observe(seen).waits, "its previous pod to end");
  set(old, "metadata", "deletionTimestamp", json::value(ago(500)));
  seen.pods = json::array{old};
  EXPECT_EQ(observe(seen).cause,
            "pod nora-oclaw-a-01-x should have gone 8m20s ago: its node node-1 does not say that it has ended it");
}

TEST_F(Causes, TheDeploymentItself) {
  condition(seen.deployment,
            {{"type", "Progressing"}, {"status", "False"}, {"reason", "ProgressDeadlineExceeded"}, {"message", "x"}});
  waiting("ContainerCreating");
  EXPECT_THAT(cause(),
              AllOf(StartsWith("it has not become ready within 20m"), HasSubstr("its container to be created")));
  seen.deployment.at("spec").as_object()["paused"] = true;
  EXPECT_EQ(cause(), "its Deployment is paused, by somebody else");
}

TEST_F(Causes, GoingAndStopped) {
  set(seen.deployment, "spec", "replicas", 0);
  set(pod, "metadata", "deletionTimestamp", json::value(ago(10)));
  Observed now = look();
  EXPECT_EQ(now.phase, Phase::stopping);
  EXPECT_EQ(now.cause, "");
  set(pod, "metadata", "deletionTimestamp", json::value(ago(100)));
  now = look();
  EXPECT_EQ(now.phase, Phase::stopping);
  EXPECT_THAT(now.cause, HasSubstr("should have gone 100s ago"));
  set(pod, "metadata", "finalizers", json::array{"x/y"});
  EXPECT_THAT(look().cause, HasSubstr("finalizers hold it"));
  seen.pods.clear();
  seen.deployment.at("status") = json::object{{"observedGeneration", 1}};
  EXPECT_EQ(observe(seen).phase, Phase::stopped);
  seen.pods_read = false;
  EXPECT_EQ(observe(seen).phase, Phase::stopping);
}

class Running : public Causes {
 protected:
  Running() {
    seen.deployment.at("status") =
        parsed(R"({"observedGeneration":1,"replicas":1,"readyReplicas":1,"availableReplicas":1,"updatedReplicas":1})");
    container(R"({"running":{}})", R"(,"started":true)");
    pod.at("status").at("containerStatuses").at(0).as_object()["ready"] = true;
    condition(pod, {{"type", "Ready"}, {"status", "True"}});
    seen.pods = json::array{pod};
  }
};

TEST_F(Running, ALoadBalancer) {
  EXPECT_EQ(observe(seen).phase, Phase::running);
  EXPECT_THAT(events_that_tell(seen), IsEmpty());
  seen.service = parsed(R"({"metadata":{"name":"s"},"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{}}})");
  set(*seen.service, "metadata", "creationTimestamp", json::value(ago(40)));
  Observed now = observe(seen);
  EXPECT_EQ(now.phase, Phase::running);
  EXPECT_EQ(now.waits, "an address of its load balancer, for 40s of at most 20m");
  EXPECT_THAT(events_that_tell(seen), ElementsAre(EventsOf{"Service", "s"}));
  event("Service", "s", "SyncLoadBalancerFailed", "Error syncing load balancer: quota of public addresses");
  set(*seen.service, "metadata", "creationTimestamp", json::value(ago(1500)));
  now = observe(seen);
  EXPECT_EQ(now.phase, Phase::failing);
  EXPECT_EQ(now.cause,
            "its load balancer is still pending: it has had no address for 25m, longer than the 20m that it may take: "
            "Error syncing load balancer: quota of public addresses");
  seen.service->at("status") = parsed(R"({"loadBalancer":{"ingress":[{"hostname":"a.example"}]}})");
  EXPECT_EQ(observe(seen).phase, Phase::running);
}

TEST_F(Running, IsShown) {
  EXPECT_EQ(compact(json::value(shown(observe(seen)))),
            R"({"phase":"running","cause":null,"waits_for":null,"replicas":{"desired":1,"current":1,"ready":1,)"
            R"("available":1,"updated":1},"observed_revision":3,"pods":[{"name":"nora-oclaw-a-01-x","phase":"Running",)"
            R"("node":"node-1","ready":"1/1","restarts":0}]})");
}

TEST_F(Causes, WhatOthersWroteIsShortAndHarmless) {
  const std::string long_text(4000, 'x');
  waiting("ErrImagePull", "\x1b[31mred\x1b[0m\nrun: `rm -rf`; password=hunter2-canary " + long_text);
  const std::string said = cause();
  EXPECT_LT(said.size(), 500u);
  EXPECT_THAT(said, AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b")), Not(HasSubstr("hunter2-canary"))));
}

TEST_F(Causes, OfAnythingNothingBreaks) {
  seen.pods = json::array{nullptr, 5, json::object{{"spec", 3}, {"status", json::array{}}}, json::object{}};
  seen.service = json::value(7);
  seen.volume_claim = json::value("x");
  for (json::value deployment : {json::value(json::object{}), json::value(json::object{{"spec", "x"}}),
                                 json::value(json::object{{"spec", json::object{{"replicas", 0}}}})}) {
    seen.deployment = deployment;
    const Observed now = observe(seen);
    EXPECT_EQ(now.pods.size(), 4u);
    words(now);
    events_that_tell(seen);
  }
}

}  // namespace
}  // namespace fairlead::runtimes
