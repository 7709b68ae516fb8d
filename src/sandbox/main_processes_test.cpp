// What containers do whose commands are run: through the API and the kubelet, on simulated time.
#include "base/text.h"
#include "sandbox/controllers_test_support.h"

namespace fairlead::sandbox {
namespace {

struct Scripts : Lab {
  // A pod that runs the script, once.
  void run(const std::string& name, const std::string& script, const std::string& more = "",
           const std::string& policy = "Never") {
    words(name, {"sh", "-c", script}, more, policy);
  }
  void words(const std::string& name, const std::vector<std::string>& args, const std::string& more = "",
             const std::string& policy = "Never") {
    json::array list(args.begin(), args.end());
    make(default_pods, pod_text_of(name, R"("image":"busybox","args":)" + compact(json::value(list)) + more,
                                   R"("restartPolicy":")" + policy + "\","));
  }
  std::string log(const std::string& name, const std::string& query = "") {
    return get(default_pods + "/" + name + "/log" + query).body;
  }
  std::string phase(const std::string& name) {
    return std::string(text_at(at(default_pods + "/" + name), {"status", "phase"}));
  }
  json::value state(const std::string& name) {
    return array_at(at(default_pods + "/" + name), {"status", "containerStatuses"}).at(0);
  }
  // "Failed 6: text of the log"
  std::string outcome(const std::string& name, const std::string& script) {
    run(name, script);
    pass(3000);
    return ended(name);
  }
  std::string ended(const std::string& name) {
    return phase(name) + " " + std::to_string(integer_at(state(name), {"state", "terminated", "exitCode"}, -1)) + ": " +
           log(name);
  }
};

TEST(MainProcess, RunsItsCommand) {
  Scripts lab;
  EXPECT_EQ(lab.outcome("a", "echo a >&2"), "Succeeded 0: a\n");
  EXPECT_EQ(lab.outcome("b", "echo $HOSTNAME"), "Succeeded 0: b\n");
  EXPECT_EQ(lab.outcome("c", "for i in 1 2; do echo $i; done"), "Succeeded 0: 1\n2\n");
  EXPECT_EQ(lab.outcome("d", "i=; while [ \"$i\" != xxx ]; do i=x$i; done; printf $i"), "Succeeded 0: xxx");
  EXPECT_EQ(lab.outcome("e", "test -f /nope || exit 6"), "Failed 6: ");
  EXPECT_EQ(lab.outcome("f", "ls /nope"), "Failed 1: ls: /nope: No such file or directory\n");
  EXPECT_EQ(lab.outcome("g", "x=5; exit $x"), "Failed 5: ");
  EXPECT_EQ(lab.outcome("h", "set -e; false; sleep 100"), "Failed 1: ");
  EXPECT_EQ(lab.outcome("i", "echo 'a b' | tr a-z A-Z > /tmp/f; cat /tmp/f"), "Succeeded 0: A B\n");
  EXPECT_EQ(lab.outcome("j", "read x; echo got $x."), "Succeeded 0: got .\n");
  EXPECT_EQ(lab.outcome("k", "sleep 1"), "Succeeded 0: ");
  EXPECT_EQ(lab.outcome("p", "i=0; while [ $i -lt 2 ]; do echo \"$i\"; i=$((i+1)); done"), "Succeeded 0: 0\n1\n");
  lab.words("l", {"echo", "hello"});
  lab.words("m", {"busybox", "echo", "$(WHO)"}, R"(,"env":[{"name":"WHO","value":"me"}])");
  lab.words("n", {"false"});
  lab.words("o", {"sleep", "2"});
  lab.pass(1500);
  EXPECT_EQ(lab.phase("o"), "Running");
  lab.pass(2500);
  EXPECT_EQ(lab.ended("l"), "Succeeded 0: hello\n");
  EXPECT_EQ(lab.ended("m"), "Succeeded 0: me\n");
  EXPECT_EQ(lab.ended("n"), "Failed 1: ");
  EXPECT_EQ(lab.ended("o"), "Succeeded 0: ");
}

TEST(MainProcess, TakesItsTime) {
  Scripts lab;
  lab.run("slow", "echo a; sleep 4; echo b");
  lab.pass(1000);
  EXPECT_EQ(lab.log("slow"), "a\n");
  EXPECT_EQ(lab.status("slow"), "Running");
  lab.pass(3000);
  EXPECT_EQ(lab.log("slow"), "a\n");
  lab.pass(1500);
  EXPECT_EQ(lab.ended("slow"), "Succeeded 0: a\nb\n");
  std::string timed = lab.log("slow", "?timestamps=true");
  auto seconds = [&](std::size_t at) { return parse_rfc3339(timed.substr(at, 30)).value_or(0); };
  EXPECT_EQ(seconds(timed.rfind('\n', timed.size() - 2) + 1) - seconds(0), 4) << timed;

  lab.run("tick", "while true; do echo tick; sleep 1; done", "", "Always");
  lab.pass(10'500);
  EXPECT_EQ(std::ranges::count(lab.log("tick"), '\n'), 11);
  EXPECT_EQ(std::ranges::count(lab.log("tick", "?tailLines=3"), '\n'), 3);
  lab.pass(30'000'000);
  EXPECT_LE(lab.log("tick").size(), 1u << 20);
  EXPECT_EQ(lab.status("tick"), "Running");
  EXPECT_EQ(integer_at(lab.state("tick"), {"restartCount"}), 0);
}

TEST(MainProcess, GoesOnBesideOthersThatBegin) {
  Scripts lab;
  lab.run("first", "while true; do echo tick; sleep 1; done");
  lab.pass(1000);
  for (int i = 0; i < 5; ++i) {
    lab.run("other" + std::to_string(i), "while true; do echo spin; done", "", "Always");
    lab.run("tick" + std::to_string(i), "while true; do echo tick; sleep 1; done");
  }
  lab.pass(30'500);
  for (int i = 0; i < 5; ++i) {
    EXPECT_GE(std::ranges::count(lab.log("tick" + std::to_string(i)), '\n'), 30);
    EXPECT_GE(integer_at(lab.state("other" + std::to_string(i)), {"restartCount"}), 2);
  }
  EXPECT_GE(std::ranges::count(lab.log("first"), '\n'), 31);
}

TEST(MainProcess, StartsAgainAndKeepsItsLastLog) {
  Scripts lab;
  lab.run("again", "echo run; ls /tmp; echo x > /tmp/f; sleep 3; exit 4", "", "Always");
  lab.pass(6000);
  EXPECT_EQ(integer_at(lab.state("again"), {"restartCount"}), 1);
  EXPECT_EQ(integer_at(lab.state("again"), {"lastState", "terminated", "exitCode"}), 4);
  EXPECT_EQ(lab.log("again"), "run\n") << "files last as long as the container";
  EXPECT_EQ(lab.log("again", "?previous=true"), "run\n");
  lab.pass(4000);
  EXPECT_EQ(lab.status("again"), "CrashLoopBackOff");
  EXPECT_EQ(lab.log("again"), "run\n");
  EXPECT_EQ(lab.log("again", "?previous=true"), "run\n");
  lab.drop(default_pods + "/again");
  lab.pass(40'000);
  EXPECT_TRUE(lab.names("again").empty());
}

TEST(MainProcess, SeesItsEnvironmentAndItsWorld) {
  Scripts lab;
  lab.make(batch + "jobs", job_text("each", "echo $JOB_COMPLETION_INDEX",
                                    R"("completions":2,"parallelism":2,"completionMode":"Indexed",)"));
  lab.pass(3000);
  std::set<std::string> said;
  for (const json::value& pod : lab.items(default_pods))
    said.insert(lab.log(std::string(text_at(pod, {"metadata", "name"}))));
  EXPECT_EQ(said, (std::set<std::string>{"0\n", "1\n"}));

  lab.make(default_pods,
           pod_text_of("waits", R"("image":"nginx")",
                       R"("initContainers":[{"name":"i","image":"busybox","command":["sh","-c",)"
                       R"("until nslookup db >/dev/null 2>&1; do echo waiting; sleep 2; done; echo there"]}],)"));
  lab.pass(5000);
  EXPECT_EQ(lab.status("waits"), "Init:0/1");
  lab.make(core + "services", R"({"metadata":{"name":"db"},"spec":{"ports":[{"port":80}]}})");
  lab.pass(4000);
  EXPECT_EQ(lab.status("waits"), "Running");
  EXPECT_TRUE(lab.log("waits", "?container=i").ends_with("waiting\nthere\n"));
}

TEST(MainProcess, GuessesWhatTheShellDoesNotKnow) {
  Scripts lab;
  lab.run("server", "echo up; exec /app/server --port 80", "", "Always");
  lab.run("tool", "kubectl get pods && echo done");
  lab.run("case", "case a in a) exit 3;; esac; /app/server");
  lab.words("plain", {"/app/server"}, "", "Always");
  lab.pass(60'000);
  EXPECT_TRUE(lab.log("server").starts_with("up\nlevel=info msg=\"starting")) << lab.log("server");
  EXPECT_GT(std::ranges::count(lab.log("server"), '\n'), 8);
  EXPECT_EQ(lab.status("server"), "Running");
  EXPECT_EQ(lab.ended("tool"), "Succeeded 0: done\n");
  EXPECT_EQ(lab.status("plain"), "Running");
  EXPECT_GT(std::ranges::count(lab.log("plain"), '\n'), 8);
}

TEST(MainProcess, IsBounded) {
  Scripts lab;
  lab.run("spin", "while true; do :; done");
  lab.run("nap", "while true; do sleep 0.1; for a in 1 2 3; do for b in 1 2 3; do :; done; done; done");
  lab.run("loud", "x=0123456789; x=$x$x$x$x$x$x; while true; do echo $x$x$x$x$x$x$x$x$x$x; done");
  lab.run("deep", "echo 'sh /tmp/again' > /tmp/again; sh /tmp/again");
  lab.pass(4000);
  EXPECT_EQ(lab.ended("spin"), "Failed 137: ");
  EXPECT_EQ(lab.status("nap"), "Running");
  EXPECT_EQ(lab.phase("loud"), "Failed");
  EXPECT_LE(lab.log("loud").size(), 1u << 20);
  EXPECT_EQ(lab.phase("deep"), "Failed");
  // More than there is room for: the rest is guessed.
  std::string ten;
  for (int i = 1; i < 10; ++i)
    ten += R"(},{"name":"c)" + std::to_string(i) +
           R"(","image":"busybox","args":["sh","-c","while true; do echo on; sleep 1000; done"])";
  for (int i = 0; i < 110; ++i)
    lab.make(default_pods, pod_text_of("many" + std::to_string(i), R"("image":"nginx")" + ten));
  lab.pass(20'000);
  EXPECT_EQ(lab.status("many109"), "Running");
  EXPECT_EQ(lab.log("many1", "?container=c3"), "on\n");
}

TEST(MainProcess, DoesAsAnnotationsAsk) {
  Scripts lab;
  lab.run("fated", "while true; do echo tick; sleep 1; done", "", "Always");
  lab.pass(2000);
  auto fate = [&](const std::string& what) {
    lab.merge(default_pods + "/fated", R"({"metadata":{"annotations":{"sandbox.fairlead.dev/fate":)" + what + "}}}");
    lab.pass(500);
  };
  fate("\"crashes\"");
  EXPECT_EQ(lab.status("fated"), "Error");
  fate("null");
  lab.pass(30'000);
  EXPECT_EQ(lab.status("fated"), "Running");
  EXPECT_TRUE(lab.log("fated").starts_with("tick\ntick\n"));
}

}  // namespace
}  // namespace fairlead::sandbox
