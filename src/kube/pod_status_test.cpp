#include "kube/pod_status.h"

#include <gtest/gtest.h>

namespace fairlead::kube {
namespace {

constexpr UnixSeconds now = 1'700'000'000;

ContainerState waiting(std::string_view reason) {
  ContainerState state;
  state.kind = ContainerState::Kind::waiting;
  state.reason = reason;
  return state;
}
ContainerState running() {
  ContainerState state;
  state.kind = ContainerState::Kind::running;
  return state;
}
ContainerState ended(std::string_view reason, int exit_code, int signal = 0,
                     std::optional<UnixSeconds> at = std::nullopt) {
  ContainerState state;
  state.kind = ContainerState::Kind::terminated;
  state.reason = reason;
  state.exit_code = exit_code;
  state.signal = signal;
  state.finished_at = at;
  return state;
}

ContainerStatus status(ContainerState state, bool ready = false, int restarts = 0, ContainerState last = {}) {
  ContainerStatus result;
  result.state = state;
  result.ready = ready;
  result.restart_count = restarts;
  result.last_state = last;
  return result;
}
ContainerStatus sidecar(std::string_view name, ContainerState state, bool started, bool ready, int restarts = 0,
                        ContainerState last = {}) {
  auto result = status(state, ready, restarts, last);
  result.name = name;
  result.started = started;
  return result;
}
ContainerStatus up(int restarts = 0, ContainerState last = {}) { return status(running(), true, restarts, last); }

// Builds the pods of the table.
struct Pod : PodView {
  explicit Pod(std::string_view phase_, std::size_t count = 1) {
    phase = phase_;
    containers.resize(count);
  }
  Pod has(std::vector<ContainerStatus> list) && {
    statuses = std::move(list);
    return std::move(*this);
  }
  Pod init(std::size_t count, std::vector<ContainerStatus> list) && {
    init_containers.resize(init_containers.size() + count);
    init_statuses = std::move(list);
    return std::move(*this);
  }
  Pod sidecar(std::string_view name) && {
    init_containers.push_back({name, "", "Always", {}, {}});
    return std::move(*this);
  }
  Pod condition(std::string_view type, std::string_view value, std::string_view why = "") && {
    conditions.push_back({type, value, why, "", std::nullopt});
    return std::move(*this);
  }
  Pod because(std::string_view why) && {
    reason = why;
    return std::move(*this);
  }
  Pod deleted(UnixSeconds at = now) && {
    meta.deletion = at;
    return std::move(*this);
  }
  Pod created(UnixSeconds at) && {
    meta.created = at;
    return std::move(*this);
  }
};

struct Case {
  const char* name;
  Pod pod;
  const char* word;
  const char* ready;
  std::int64_t restarts = 0;
  std::optional<UnixSeconds> last_restart;
  PodRank rank = PodRank::healthy;
};

std::vector<Case> cases() {
  using enum PodRank;
  return {
      {"running", Pod("Running").has({up()}).condition("Ready", "True"), "Running", "1/1", 0, {}, healthy},
      {"running with old restarts", Pod("Running").has({up(3, ended("Error", 1, 0, now - 90000))}), "Running", "1/1", 3,
       now - 90000, healthy},
      {"running with a recent restart", Pod("Running").has({up(3, ended("Error", 1, 0, now - 60))}), "Running", "1/1",
       3, now - 60, restarting},
      {"the latest of two restarts counts",
       Pod("Running", 2).has({up(1, ended("Error", 1, 0, 100)), up(2, ended("Error", 1, 0, 200))}), "Running", "2/2", 3,
       200, healthy},
      {"no time without a restart",
       Pod("Running").has({up(0, ended("Error", 1, 0, 100))}),
       "Running",
       "1/1",
       0,
       {},
       healthy},
      {"running, not ready", Pod("Running").has({status(running())}), "Running", "0/1", 0, {}, not_ready},
      {"ready, but a readiness gate is shut",
       Pod("Running").has({up()}).condition("Ready", "False"),
       "Running",
       "1/1",
       0,
       {},
       not_ready},
      {"crash loop",
       Pod("Running").has({status(waiting("CrashLoopBackOff"), false, 7, ended("Error", 1, 0, now - 30))}),
       "CrashLoopBackOff", "0/1", 7, now - 30, crashing},
      {"one of two crashes",
       Pod("Running", 2).has({up(), status(waiting("CrashLoopBackOff"), false, 2)}),
       "CrashLoopBackOff",
       "1/2",
       2,
       {},
       crashing},
      {"the first trouble is named",
       Pod("Running", 2).has({status(waiting("ErrImagePull")), status(waiting("CrashLoopBackOff"))}),
       "ErrImagePull",
       "0/2",
       0,
       {},
       crashing},
      {"out of memory", Pod("Running").has({status(ended("OOMKilled", 137))}), "OOMKilled", "0/1", 0, {}, crashing},
      {"ended by a signal without a reason",
       Pod("Running").has({status(ended("", 137, 9))}),
       "Signal:9",
       "0/1",
       0,
       {},
       crashing},
      {"ended with a code without a reason",
       Pod("Running").has({status(ended("", 3))}),
       "ExitCode:3",
       "0/1",
       0,
       {},
       crashing},
      {"image pull",
       Pod("Pending").has({status(waiting("ImagePullBackOff"))}).condition("PodScheduled", "True"),
       "ImagePullBackOff",
       "0/1",
       0,
       {},
       image},
      {"bad configuration",
       Pod("Pending").has({status(waiting("CreateContainerConfigError"))}),
       "CreateContainerConfigError",
       "0/1",
       0,
       {},
       crashing},
      {"container creating",
       Pod("Pending").has({status(waiting("ContainerCreating"))}).created(now - 5),
       "ContainerCreating",
       "0/1",
       0,
       {},
       starting},
      {"container creating for long",
       Pod("Pending").has({status(waiting("ContainerCreating"))}).created(now - 5000),
       "ContainerCreating",
       "0/1",
       0,
       {},
       not_ready},
      {"waiting without a reason", Pod("Pending").has({status(waiting(""))}), "Pending", "0/1", 0, {}, starting},
      {"pending", Pod("Pending"), "Pending", "0/1", 0, {}, starting},
      {"unschedulable",
       Pod("Pending").condition("PodScheduled", "False", "Unschedulable"),
       "Pending",
       "0/1",
       0,
       {},
       unschedulable},
      {"gated",
       Pod("Pending").condition("PodScheduled", "False", "SchedulingGated"),
       "SchedulingGated",
       "0/1",
       0,
       {},
       unschedulable},
      {"succeeded", Pod("Succeeded").has({status(ended("Completed", 0))}), "Completed", "0/1", 0, {}, completed},
      {"succeeded without statuses", Pod("Succeeded"), "Succeeded", "0/1", 0, {}, completed},
      {"completed beside a running one, ready",
       Pod("Running", 2).has({status(ended("Completed", 0)), up()}).condition("Ready", "True"),
       "Running",
       "1/2",
       0,
       {},
       not_ready},
      {"completed beside a running one, not ready",
       Pod("Running", 2).has({status(ended("Completed", 0)), up()}),
       "NotReady",
       "1/2",
       0,
       {},
       not_ready},
      {"failed", Pod("Failed").has({status(ended("Error", 1))}), "Error", "0/1", 0, {}, failed},
      {"evicted", Pod("Failed").because("Evicted"), "Evicted", "0/1", 0, {}, failed},
      {"terminating", Pod("Running").has({up()}).deleted(), "Terminating", "1/1", 0, {}, terminating},
      {"terminating for long", Pod("Running").has({up()}).deleted(now - 600), "Terminating", "1/1", 0, {}, not_ready},
      {"deleted after it succeeded",
       Pod("Succeeded").has({status(ended("Completed", 0))}).deleted(),
       "Completed",
       "0/1",
       0,
       {},
       completed},
      {"deleted after it failed",
       Pod("Failed").has({status(ended("Error", 1))}).deleted(),
       "Error",
       "0/1",
       0,
       {},
       failed},
      {"node lost", Pod("Running").because("NodeLost").has({up()}).deleted(), "Unknown", "1/1", 0, {}, not_ready},
      {"node lost, not deleted", Pod("Running").because("NodeLost").has({up()}), "NodeLost", "1/1", 0, {}, not_ready},
      {"unknown phase", Pod("Unknown").has({up()}), "Unknown", "1/1", 0, {}, not_ready},
      {"first init container runs",
       Pod("Pending").init(2, {status(running()), status(waiting("PodInitializing"))}),
       "Init:0/2",
       "0/1",
       0,
       {},
       starting},
      {"second init container waits",
       Pod("Pending").init(2, {status(ended("Completed", 0)), status(waiting("PodInitializing"))}),
       "Init:1/2",
       "0/1",
       0,
       {},
       starting},
      {"init crash loop",
       Pod("Pending").init(1, {status(waiting("CrashLoopBackOff"), false, 4, ended("Error", 1, 0, 300))}),
       "Init:CrashLoopBackOff", "0/1", 4, 300, crashing},
      {"init image pull",
       Pod("Pending").init(1, {status(waiting("ImagePullBackOff"))}),
       "Init:ImagePullBackOff",
       "0/1",
       0,
       {},
       image},
      {"init error with a reason",
       Pod("Pending").init(1, {status(ended("Error", 1))}),
       "Init:Error",
       "0/1",
       0,
       {},
       crashing},
      {"init ended with a code",
       Pod("Pending").init(1, {status(ended("", 5))}),
       "Init:ExitCode:5",
       "0/1",
       0,
       {},
       crashing},
      {"init ended by a signal",
       Pod("Pending").init(1, {status(ended("", 1, 15))}),
       "Init:Signal:15",
       "0/1",
       0,
       {},
       crashing},
      {"init done, containers start",
       Pod("Pending").init(1, {status(ended("Completed", 0), false, 2)}).has({status(waiting("PodInitializing"))}),
       "PodInitializing",
       "0/1",
       0,
       {},
       starting},
      {"init restarts are forgotten once done",
       Pod("Running").init(1, {status(ended("Completed", 0), false, 6)}).has({up(1)}),
       "Running",
       "1/1",
       1,
       {},
       healthy},
      {"an init container runs again after Initialized",
       Pod("Running").init(1, {status(running())}).condition("Initialized", "True").has({up()}),
       "Init:0/1",
       "1/1",
       0,
       {},
       healthy},
      {"sidecar and container run",
       Pod("Running").sidecar("proxy").init(0, {sidecar("proxy", running(), true, true)}).has({up()}),
       "Running",
       "2/2",
       0,
       {},
       healthy},
      {"sidecar starts",
       Pod("Pending").sidecar("proxy").init(0, {sidecar("proxy", running(), false, false)}),
       "Init:0/1",
       "0/2",
       0,
       {},
       starting},
      {"sidecar up, next init waits",
       Pod("Pending").sidecar("proxy").init(
           1, {sidecar("proxy", running(), true, true), status(waiting("PodInitializing"))}),
       "Init:1/2",
       "1/2",
       0,
       {},
       starting},
      {"sidecar not ready",
       Pod("Running").sidecar("proxy").init(0, {sidecar("proxy", running(), true, false)}).has({up()}),
       "Running",
       "1/2",
       0,
       {},
       not_ready},
      {"sidecar restarts count",
       Pod("Running")
           .sidecar("proxy")
           .init(0, {sidecar("proxy", running(), true, true, 2, ended("Error", 1, 0, 50))})
           .has({up(1, ended("Error", 1, 0, 40))}),
       "Running", "2/2", 3, 50, healthy},
      {"sidecar crash loop",
       Pod("Pending").sidecar("proxy").init(0, {sidecar("proxy", waiting("CrashLoopBackOff"), false, false, 3)}),
       "Init:CrashLoopBackOff",
       "0/2",
       3,
       {},
       crashing},
      {"no phase", Pod(""), "", "0/1", 0, {}, not_ready},
  };
}

TEST(PodStatus, SaysWhatKubectlSays) {
  PodStatus reused;
  for (const auto& example : cases()) {
    pod_status(example.pod, reused);
    EXPECT_EQ(reused.word, example.word) << example.name;
    EXPECT_EQ(std::to_string(reused.ready) + "/" + std::to_string(reused.containers), example.ready) << example.name;
    EXPECT_EQ(reused.restarts, example.restarts) << example.name;
    EXPECT_EQ(reused.last_restart, example.last_restart) << example.name;
    EXPECT_EQ(to_string(pod_rank(example.pod, reused, now)), to_string(example.rank)) << example.name;
    EXPECT_EQ(pod_status(example.pod).word, reused.word);
  }
}

TEST(PodRank, KnowsProblems) {
  using enum PodRank;
  for (const auto rank : {failed, crashing, image, unschedulable, not_ready, restarting}) EXPECT_TRUE(is_problem(rank));
  for (const auto rank : {starting, terminating, healthy, completed}) EXPECT_FALSE(is_problem(rank));
}

}  // namespace
}  // namespace fairlead::kube
