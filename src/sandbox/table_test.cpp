#include "sandbox/table.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t now = 1'780'000'000;  // 2026-05-28T20:26:40Z

std::string cells(std::string_view group, std::string_view plural, std::string_view text) {
  Resources resources;
  const Resource& resource = resources.get(group, plural);
  json::array out = cells_of(resource, *parse_json(text, "test"), now);
  EXPECT_EQ(out.size(), columns_of(resource).size());
  return compact(out);
}

TEST(Table, ShowsPods) {
  EXPECT_EQ(
      cells(
          "", "pods",
          R"({"metadata":{"name":"web","creationTimestamp":"2026-05-28T20:21:40Z"},"spec":{"nodeName":"n1","containers":[{"name":"a"},{"name":"b"}]},
      "status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[
        {"name":"a","ready":true,"restartCount":0,"state":{"running":{}}},
        {"name":"b","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"finishedAt":"2026-05-28T20:25:40Z"}}}]}})"),
      R"x(["web","1/2","CrashLoopBackOff","3 (60s ago)","5m","10.0.0.1","n1","<none>","<none>"])x");
}

TEST(Table, NamesTheStatesOfPods) {
  auto status = [](std::string_view text) { return pod_status(*parse_json(text, "test")); };
  EXPECT_EQ(status(R"({"status":{"phase":"Pending"}})"), "Pending");
  EXPECT_EQ(status(R"({"status":{"phase":"Failed","reason":"Evicted"}})"), "Evicted");
  EXPECT_EQ(status(R"({"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Running"}})"), "Terminating");
  EXPECT_EQ(status(R"({"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Succeeded"}})"), "Succeeded");
  EXPECT_EQ(status(R"({"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Running","reason":"NodeLost"}})"),
            "Unknown");
  EXPECT_EQ(
      status(
          R"({"spec":{"initContainers":[{"name":"a"},{"name":"b"}]},"status":{"phase":"Pending","initContainerStatuses":[
      {"name":"a","state":{"terminated":{"exitCode":0}}},{"name":"b","state":{"running":{}}}]}})"),
      "Init:1/2");
  EXPECT_EQ(
      status(
          R"({"spec":{"initContainers":[{"name":"a"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":3}}}]}})"),
      "Init:ExitCode:3");
  EXPECT_EQ(
      status(
          R"({"spec":{"initContainers":[{"name":"a"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"a","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}})"),
      "Init:CrashLoopBackOff");
  EXPECT_EQ(
      status(
          R"({"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}})"),
      "Completed");
  EXPECT_EQ(
      status(
          R"({"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":137,"signal":9}}}]}})"),
      "Signal:9");
  EXPECT_EQ(
      status(
          R"({"status":{"phase":"Running","containerStatuses":[{"ready":true,"state":{"running":{}}},{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}})"),
      "NotReady");
  EXPECT_EQ(status("{}"), "");
}

TEST(Table, ShowsTheOtherKinds) {
  EXPECT_EQ(
      cells(
          "", "nodes",
          R"({"metadata":{"name":"n","creationTimestamp":"2026-05-28T20:26:00Z","labels":{"node-role.kubernetes.io/b":"","node-role.kubernetes.io/a":""}},
      "spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"1.2.3.4"}],
      "nodeInfo":{"kubeletVersion":"v1","osImage":"os","kernelVersion":"k","containerRuntimeVersion":"c"}}})"),
      R"(["n","Ready,SchedulingDisabled","a,b","40s","v1","1.2.3.4","<none>","os","k","c"])");
  EXPECT_EQ(cells("", "nodes", "{}"),
            R"(["","Unknown","<none>","<unknown>","","<none>","<none>","<unknown>","<unknown>","<unknown>"])");
  EXPECT_EQ(
      cells("", "namespaces",
            R"({"metadata":{"name":"n","creationTimestamp":"2026-05-27T20:26:40Z"},"status":{"phase":"Active"}})"),
      R"(["n","Active","24h"])");
  EXPECT_EQ(
      cells(
          "apps", "deployments",
          R"({"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[
      {"name":"x","image":"i:1"},{"name":"y","image":"j:2"}]}}},"status":{"readyReplicas":2,"updatedReplicas":1,"availableReplicas":2}})"),
      R"(["d","2/3",1,2,"<unknown>","x,y","i:1,j:2","a=b"])");
  EXPECT_EQ(cells("apps", "replicasets",
                  R"({"metadata":{"name":"r"},"spec":{"replicas":3},"status":{"replicas":2,"readyReplicas":1}})"),
            R"(["r",3,2,1,"<unknown>","","","<none>"])");
  EXPECT_EQ(
      cells(
          "", "events",
          R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"},"reason":"BackOff","message":" again \n",
      "source":{"component":"kubelet","host":"n"},"firstTimestamp":"2026-05-28T19:26:40Z","lastTimestamp":"2026-05-28T20:26:38Z","count":12,"type":"Warning"})"),
      R"(["2s","Warning","BackOff","pod/p","spec.containers{c}","kubelet, n","again","60m",12,"e"])");
  EXPECT_EQ(
      cells(
          "", "services",
          R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","clusterIP":"10.0.0.1","ports":[{"port":80,"nodePort":30080,"protocol":"TCP"}],"selector":{"a":"b"}}})"),
      R"(["s","NodePort","10.0.0.1","<none>","80:30080/TCP","<unknown>","a=b"])");
  EXPECT_EQ(cells("", "secrets", R"({"metadata":{"name":"s"},"type":"Opaque","data":{"a":"b"}})"),
            R"(["s","Opaque",1,"<unknown>"])");
  EXPECT_EQ(cells("", "configmaps", R"({"metadata":{"name":"c"},"data":{"a":"b"},"binaryData":{"c":"d"}})"),
            R"(["c",2,"<unknown>"])");
}

}  // namespace
}  // namespace fairlead::sandbox
