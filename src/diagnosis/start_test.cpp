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

constexpr std::string_view kNode =
    "{kind: Node, metadata: {name: n1}, status: {conditions: [{type: Ready, status: 'True'}]}}";

std::vector<Cause> asked(FakeSource& source, std::string container, std::string status, std::string more = "") {
  const json::value pod = manifest(
      "kind: Pod\nmetadata: {name: web-1, namespace: shop, creationTimestamp: 2025-12-31T23:50:00Z}\n"
      "spec: {restartPolicy: Always, nodeName: n1, " +
      more + "containers: [{name: web, image: x, " + container +
      "}]}\nstatus: {phase: Running, containerStatuses: [{name: web, " + status + "}]}\n");
  return diagnose(source, [&](Trail trail) { return explain_pod(trail, pod); });
}

std::string not_created(std::string message) {
  return "restartCount: 0, state: {waiting: {reason: CreateContainerError, message: '" + message + "'}}";
}

TEST(Start, AFileOfTheNodeThatIsAbsentIsNoCommand) {
  FakeSource source({kNode});
  const auto causes = asked(
      source, "command: [httpd]",
      not_created(
          "cannot load seccomp profile \"/var/lib/kubelet/seccomp/a.json\": open a.json: no such file or directory"));
  ASSERT_EQ(codes(causes), "security_profile");
  EXPECT_THAT(causes[0].sentence, HasSubstr("a.json"));
}

TEST(Start, AVolumeOverTheCommand) {
  FakeSource source({kNode});
  for (auto [command, path] : {std::pair{"/app/serve", "/app"}, std::pair{"serve", "/usr/bin"}})
    EXPECT_THAT(first(asked(source, std::string("volumeMounts: [{name: data, mountPath: ") + path + "}]",
                            not_created(std::string("exec: \"") + command + "\": executable file not found in $PATH"))),
                HasSubstr(std::string("the volume data is mounted over ") + path));
}

constexpr std::string_view kEnded =
    "restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: Error, exitCode: "
    "1}}";

TEST(Start, AScriptWhoseInterpreterIsNotThere) {
  const auto of = [](std::string text) {
    FakeSource source({kNode});
    source.objects.push_back(json::value{{"kind", "ConfigMap"},
                                         {"metadata", {{"name", "scripts"}, {"namespace", "shop"}}},
                                         {"data", {{"run.sh", text}}}});
    source.logs["web-1/web"] = "exec /scripts/run.sh: no such file or directory\n";
    return asked(source, "volumeMounts: [{name: s, mountPath: /scripts}]", std::string(kEnded),
                 "volumes: [{name: s, configMap: {name: scripts}}], ");
  };
  EXPECT_THAT(first(of("#!/bin/bash\necho\n")),
              HasSubstr("interpreter_absent: The script /scripts/run.sh of container web "
                        "cannot be run: its interpreter /bin/bash"));
  EXPECT_THAT(first(of("#!/bin/sh\r\necho\r\n")),
              HasSubstr("script_line_ends: The script /scripts/run.sh of container web"));
  EXPECT_EQ(codes(of("echo\n")), "file_missing");
}

// ---- what runs again

std::string restarted(std::string started, int restarts) {
  return "restartCount: " + std::to_string(restarts) + ", ready: true, state: {running: {startedAt: '" + started +
         "'}}, lastState: {terminated: {reason: Error, exitCode: 1, startedAt: 2025-12-31T23:58:00Z, finishedAt: "
         "2025-12-31T23:59:00Z}}";
}

TEST(Crashes, WhatRunsWellAgainIsHistory) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "dial tcp: lookup nowhere: no such host\n";
  EXPECT_EQ(codes(asked(source, "ports: []", restarted("2025-12-31T23:59:30Z", 1))), "");
  EXPECT_EQ(codes(asked(source, "ports: []", restarted("2025-12-31T23:59:55Z", 1))), "service_absent")
      << "a moment is not enough";
  EXPECT_EQ(codes(asked(source, "ports: []", restarted("2025-12-31T23:59:30Z", 4))), "service_absent")
      << "it has run for longer before, and failed";
}

TEST(Crashes, WhatItSaysLastOfItselfComesFirst) {
  FakeSource source({kNode});
  source.logs["web-1/web"] = "ERROR lookup statsd: no such host\nFATAL: password authentication failed for user app\n";
  const auto causes = asked(source, "ports: []", std::string(kEnded));
  EXPECT_EQ(codes(causes), "login_refused service_absent");
  EXPECT_EQ(causes[1].certainty, Certainty::inferred);
}

// ---- probes

std::string unhealthy(std::string message) {
  return "kind: Event\nmetadata: {name: e, namespace: shop}\ninvolvedObject: {kind: Pod, namespace: shop, name: web-1, "
         "fieldPath: 'spec.containers{web}'}\ntype: Warning\nreason: Unhealthy\nmessage: '" +
         message + "'\n";
}

std::string probed(std::string probe, std::string message, std::string log = "") {
  FakeSource source({kNode});
  source.add(unhealthy(message));
  source.logs["web-1/web"] = log;
  return first(asked(source, "readinessProbe: " + probe, "restartCount: 0, ready: false, state: {running: {}}"));
}

TEST(Probes, WhatTheKubeletSaysOfThem) {
  constexpr auto refused =
      "Readiness probe failed: Get \"http://10.0.0.9:8080/\": dial tcp 10.0.0.9:8080: connect: connection refused";
  EXPECT_THAT(probed("{httpGet: {port: 8080, path: /}}", refused), HasSubstr("nothing listens on port 8080"));
  EXPECT_THAT(
      probed("{httpGet: {port: 8080, path: /}}", refused, "listening on 127.0.0.1:8080\n"),
      HasSubstr("probe_loopback: The readiness probe of container web fails, and it gets no traffic: the program "
                "listens on port 8080 of the loopback address only"));
  EXPECT_THAT(probed("{httpGet: {port: 8080, path: /, host: health.example}}",
                     "Readiness probe failed: Get \"http://health.example:8080/\": dial tcp: lookup health.example on "
                     "10.0.0.1:53: dial udp 10.0.0.1:53: connect: connection refused"),
              HasSubstr("probe_host: The readiness probe of container web fails, and it gets no traffic: it asks "
                        "health.example instead of the pod"));
  EXPECT_THAT(
      probed("{httpGet: {port: 8080, path: /, scheme: HTTPS}}",
             "Readiness probe failed: Get \"https://10.0.0.9:8080/\": http: server gave HTTP response to HTTPS client"),
      HasSubstr("probe_scheme"));
  EXPECT_THAT(probed("{exec: {command: [slow]}}", "Readiness probe failed: "),
              HasSubstr("it may take longer than its timeout of 1 s"));
  EXPECT_THAT(probed("{exec: {command: [gone]}}", "Readiness probe errored: executable file not found"),
              HasSubstr("probe_command"));
  EXPECT_THAT(probed("{exec: {command: [nc, db]}}", "Readiness probe failed: nc: connection refused"),
              HasSubstr("probe_fails"));
}

}  // namespace
}  // namespace fairlead::diagnosis
