#include "sandbox/behaviour.h"
#include "sandbox/controllers_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string state(Lab& lab, const std::string& pod) { return lab.status(pod); }

std::int64_t restarts(Lab& lab, const std::string& pod) {
  return integer_at(array_at(lab.at(default_pods + "/" + pod), {"status", "containerStatuses"})[0], {"restartCount"});
}

TEST(Kubelet, RestartsWithLongerAndLongerPauses) {
  Lab lab;
  lab.make(default_pods, pod_text_of("bad", R"("image":"busybox","command":["sh","-c","exit 3"])"));
  lab.pass(700);
  EXPECT_EQ(state(lab, "bad"), "Error");
  std::vector<std::int64_t> at;
  std::int64_t seen = 0;
  for (std::int64_t second = 0; second < 1000; ++second) {
    lab.pass(1000);
    if (std::int64_t now = restarts(lab, "bad"); now != seen) {
      seen = now;
      at.push_back(second);
    }
  }
  ASSERT_GE(at.size(), 7u);
  EXPECT_LE(at[0], 2);  // the first comes at once
  std::vector<std::int64_t> wanted{10, 20, 40, 80, 160, 300};
  for (std::size_t i = 0; i < wanted.size() && i + 1 < at.size(); ++i)
    EXPECT_NEAR(static_cast<double>(at[i + 1] - at[i]), static_cast<double>(wanted[i]), 3.0);
  json::value pod = lab.at(default_pods + "/bad");
  const json::value& status = array_at(pod, {"status", "containerStatuses"})[0];
  EXPECT_EQ(integer_at(status, {"lastState", "terminated", "exitCode"}), 3);
  EXPECT_EQ(pod_status(pod), "CrashLoopBackOff");
  EXPECT_TRUE(text_at(status, {"state", "waiting", "message"})
                  .starts_with("back-off 5m0s restarting failed container=c pod=bad_default("));
}

TEST(Kubelet, KeepsToTheRestartPolicy) {
  Lab lab;
  auto run = [&](const std::string& name, const std::string& command, const std::string& policy) {
    lab.make(default_pods, pod_text_of(name, R"("image":"busybox","command":["sh","-c",")" + command + "\"]",
                                       R"("restartPolicy":")" + policy + "\","));
  };
  run("never-bad", "sleep 1; exit 2", "Never");
  run("never-good", "echo hello", "Never");
  run("fail-bad", "false", "OnFailure");
  run("fail-good", "true", "OnFailure");
  run("always-good", "sleep 1", "Always");
  lab.pass(8000);
  EXPECT_EQ(text_at(lab.at(default_pods + "/never-bad"), {"status", "phase"}), "Failed");
  EXPECT_EQ(state(lab, "never-bad"), "Error");
  EXPECT_EQ(text_at(lab.at(default_pods + "/never-good"), {"status", "phase"}), "Succeeded");
  EXPECT_EQ(state(lab, "never-good"), "Completed");
  EXPECT_EQ(text_at(lab.at(default_pods + "/fail-good"), {"status", "phase"}), "Succeeded");
  EXPECT_EQ(state(lab, "fail-bad"), "CrashLoopBackOff");
  EXPECT_EQ(state(lab, "always-good"), "CrashLoopBackOff");
}

TEST(Kubelet, RunsInitContainersInOrderAndSidecarsBeside) {
  Lab lab;
  lab.make(
      default_pods,
      pod_text_of(
          "app", R"("image":"nginx")",
          R"("initContainers":[{"name":"one","image":"busybox","command":["sleep","2"]},{"name":"side","image":"proxy:1","restartPolicy":"Always"},)"
          R"({"name":"two","image":"busybox","command":["sleep","2"]}],)"));
  lab.pass(1000);
  EXPECT_EQ(state(lab, "app"), "Init:0/3");
  lab.pass(2000);
  json::value pod = lab.at(default_pods + "/app");
  EXPECT_NE(find(array_at(pod, {"status", "initContainerStatuses"})[1], "state", "running"), nullptr);
  EXPECT_EQ(text_at(pod, {"status", "phase"}), "Pending");
  lab.pass(3000);
  EXPECT_EQ(state(lab, "app"), "Running");
  lab.make(default_pods,
           pod_text_of(
               "stuck", R"("image":"nginx")",
               R"("restartPolicy":"Never","initContainers":[{"name":"one","image":"busybox","command":["false"]}],)"));
  lab.make(default_pods, pod_text_of("loop", R"("image":"nginx")",
                                     R"("initContainers":[{"name":"one","image":"busybox","command":["false"]}],)"));
  lab.make(
      default_pods,
      pod_text_of(
          "once", R"("image":"busybox","command":["sleep","2"])",
          R"("restartPolicy":"Never","initContainers":[{"name":"side","image":"proxy:1","restartPolicy":"Always"}],)"));
  lab.pass(10'000);
  EXPECT_EQ(state(lab, "stuck"), "Init:Error");
  EXPECT_EQ(text_at(lab.at(default_pods + "/stuck"), {"status", "phase"}), "Failed");
  EXPECT_EQ(state(lab, "loop"), "Init:CrashLoopBackOff");
  EXPECT_EQ(text_at(lab.at(default_pods + "/once"), {"status", "phase"}), "Succeeded");
}

TEST(Kubelet, WaitsForWhatAPodRefersTo) {
  Lab lab;
  lab.make(
      default_pods,
      pod_text_of(
          "env",
          R"("image":"nginx","env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"settings","key":"a"}}}])"));
  lab.make(default_pods,
           pod_text_of("mount", R"("image":"nginx")", R"("volumes":[{"name":"v","secret":{"secretName":"pass"}}],)"));
  lab.pass(2000);
  EXPECT_EQ(state(lab, "env"), "CreateContainerConfigError");
  EXPECT_EQ(lab.message("env", "Failed"), "Error: configmap \"settings\" not found");
  EXPECT_EQ(state(lab, "mount"), "ContainerCreating");
  EXPECT_EQ(lab.message("mount", "FailedMount"),
            "MountVolume.SetUp failed for volume \"v\" : secret \"pass\" not found");
  lab.make(core + "configmaps", R"({"metadata":{"name":"settings"},"data":{"b":"1"}})");
  lab.make(core + "secrets", R"({"metadata":{"name":"pass"}})");
  lab.pass(15'000);
  EXPECT_EQ(state(lab, "mount"), "Running");
  EXPECT_EQ(text_at(array_at(lab.at(default_pods + "/env"), {"status", "containerStatuses"})[0],
                    {"state", "waiting", "message"}),
            "couldn't find key a in ConfigMap default/settings");
  lab.merge(core + "configmaps/settings", R"({"data":{"a":"1"}})");
  lab.pass(15'000);
  EXPECT_EQ(state(lab, "env"), "Running");
}

TEST(Kubelet, FailsAsAnnotationsAsk) {
  Lab lab;
  lab.make(default_pods, pod_text_of("web"));
  lab.pass(2000);
  auto fate = [&](const std::string& what) {
    lab.merge(default_pods + "/web", R"({"metadata":{"annotations":{"sandbox.fairlead.dev/fate":)" + what + "}}}");
  };
  fate("\"not-ready\"");
  lab.pass(100);
  EXPECT_EQ(state(lab, "web"), "Running");
  EXPECT_EQ(lab.ready("web"), 0);
  fate("null");
  lab.pass(100);
  EXPECT_EQ(lab.ready("web"), 1);
  fate("\"out-of-memory\"");
  lab.pass(200);
  EXPECT_EQ(state(lab, "web"), "OOMKilled");
  fate("null");
  lab.pass(400'000);
  EXPECT_EQ(state(lab, "web"), "Running");
  EXPECT_GE(restarts(lab, "web"), 1);
}

TEST(Kubelet, PullsAnImageWhenItIsThere) {
  Lab lab;
  lab.make(default_pods, pod_text_of("web", R"("image":"nginx:no-such-tag")"));
  lab.pass(600);
  EXPECT_EQ(state(lab, "web"), "ErrImagePull");
  lab.pass(2000);
  EXPECT_EQ(state(lab, "web"), "ImagePullBackOff");
  EXPECT_EQ(lab.patch(default_pods + "/web", R"({"spec":{"containers":[{"name":"c","image":"nginx:1"}]}})").status,
            200);
  lab.pass(30'000);
  EXPECT_EQ(state(lab, "web"), "Running");
}

TEST(Kubelet, StartsAContainerAgainWhoseImageChanges) {
  Lab lab;
  lab.make(default_pods, pod_text_of("web", R"("image":"nginx:1")", R"("restartPolicy":"Never",)"));
  lab.pass(2000);
  auto image = [&](const std::string& name) {
    lab.patch(default_pods + "/web", R"({"spec":{"containers":[{"name":"c","image":")" + name + "\"}]}}");
    lab.pass(500);
  };
  image("nginx:2");
  EXPECT_EQ(state(lab, "web"), "Running");
  EXPECT_EQ(restarts(lab, "web"), 1);
  json::value pod = lab.at(default_pods + "/web");
  const json::value& status = array_at(pod, {"status", "containerStatuses"})[0];
  EXPECT_EQ(text_at(status, {"image"}), "docker.io/library/nginx:2");
  EXPECT_EQ(text_at(status, {"lastState", "terminated", "reason"}), "Completed");
  EXPECT_EQ(lab.message("web", "Killing"), "Container c definition changed, will be restarted");
  std::set<std::string> messages;
  for (const json::value& event : lab.items(core + "events?fieldSelector=involvedObject.name%3Dweb"))
    messages.emplace(text_at(event, {"message"}));
  EXPECT_TRUE(messages.contains("Container image \"nginx:2\" already present on machine"));
  image("docker.io/library/nginx:2");  // the same by another name
  EXPECT_EQ(restarts(lab, "web"), 1);
  image("nginx:no-such-tag");
  lab.pass(2000);
  EXPECT_EQ(state(lab, "web"), "ImagePullBackOff");
  image("nginx:3");
  lab.pass(30'000);
  EXPECT_EQ(state(lab, "web"), "Running");
}

TEST(Kubelet, EndsAPodAtItsDeadline) {
  Lab lab;
  lab.make(default_pods, pod_text_of("web", R"("image":"nginx")", R"("activeDeadlineSeconds":20,)"));
  lab.pass(15'000);
  EXPECT_EQ(state(lab, "web"), "Running");
  lab.pass(10'000);
  EXPECT_EQ(text_at(lab.at(default_pods + "/web"), {"status", "reason"}), "DeadlineExceeded");
}

TEST(CommandEffect, TellsWhatEverydayCommandsDo) {
  auto shell = [](std::string script) { return effect_of({"sh", "-c", std::move(script)}); };
  EXPECT_EQ(shell("exit 3").exit_code, 3);
  EXPECT_EQ(shell("sleep 1.5; sleep 2m").runs_ms, 121'500);
  EXPECT_FALSE(shell("while true; do echo hi; sleep 1; done").ends);
  EXPECT_FALSE(shell("echo up && exec nginx -g 'daemon off;'").ends);
  EXPECT_EQ(shell("false || exit 7").exit_code, 7);
  EXPECT_EQ(shell("true || exit 7").exit_code, 0);
  EXPECT_EQ(shell("false && sleep 100").runs_ms, 0);
  EXPECT_EQ(shell("echo 'a b' c; echo d").says, (std::vector<std::string>{"a b c", "d"}));
  EXPECT_FALSE(effect_of({"sleep", "infinity"}).ends);
  EXPECT_FALSE(effect_of({"/usr/bin/server"}).ends);
  EXPECT_EQ(effect_of({"/bin/false"}).exit_code, 1);
  EXPECT_FALSE(effect_of({}).known);
  // Hostile ones end too.
  std::string deep = "exit 1";
  for (int i = 0; i < 100; ++i) deep = "sh -c \"" + deep + "\"";
  (void)shell(deep);
  (void)shell(std::string(100'000, ';'));
  (void)shell("sleep 1e400; sleep -1; sleep nan; exit 99999999999999999999; '\"");
  std::vector<std::string> execs(5000, "exec");
  (void)effect_of(execs);
}

}  // namespace
}  // namespace fairlead::sandbox
