#include "ops/pod_document.h"

#include <gmock/gmock.h>

#include "base/yaml.h"

namespace fairlead::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNow = 1'767'225'600;

std::string document(std::string_view pod) {
  return to_yaml(json::value(pod_document(parse_json(pod, "test").value(), kNow)));
}

TEST(PodDocument, Golden) {
  EXPECT_EQ(
      document(
          R"({"metadata":{"name":"web-0","namespace":"shop","creationTimestamp":"2025-12-31T23:00:00Z","labels":{"app":"web"},"annotations":{"note":"x"},
      "ownerReferences":[{"kind":"StatefulSet","name":"web","controller":true}]},
    "spec":{"nodeName":"n-1","serviceAccountName":"default","priorityClassName":"high","nodeSelector":{"disk":"ssd"},
      "tolerations":[{"key":"gpu","value":"yes","effect":"NoSchedule"},{"operator":"Exists"},{"key":"k","tolerationSeconds":300,"effect":"NoExecute"}],
      "initContainers":[{"name":"init","image":"busybox"}],
      "containers":[{"name":"app","image":"nginx:1","command":["nginx"],"args":["-g","daemon off;"],"ports":[{"containerPort":80},{"containerPort":53,"protocol":"UDP"}],
        "resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"128Mi"}},
        "livenessProbe":{"httpGet":{"path":"/healthz","port":8080}},"readinessProbe":{"exec":{"command":["cat","/ready"]},"periodSeconds":5},"startupProbe":{"tcpSocket":{"port":"http"}},
        "env":[{"name":"A","value":"1"},{"name":"P","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}},{"name":"C","valueFrom":{"configMapKeyRef":{"name":"m","key":"k"}}},
               {"name":"F","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}},{"name":"R","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}},{"name":"X","valueFrom":{}}],
        "envFrom":[{"configMapRef":{"name":"m"}},{"secretRef":{"name":"s"}}],"volumeMounts":[{"name":"data","mountPath":"/data"},{"name":"tls","mountPath":"/tls","readOnly":true}]}],
      "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data-web-0"}},{"name":"tls","secret":{"secretName":"web-tls"}},{"name":"c","configMap":{"name":"m"}},{"name":"h","hostPath":{"path":"/var"}},
        {"name":"e","emptyDir":{}},{"name":"u"}]},
    "status":{"phase":"Running","podIP":"10.0.0.1","qosClass":"Burstable","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"containers with unready status: [app]"}],
      "initContainerStatuses":[{"name":"init","state":{"terminated":{"exitCode":0,"reason":"Completed","finishedAt":"2025-12-31T23:01:00Z"}},"ready":true}],
      "containerStatuses":[{"name":"app","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s"}},
        "lastState":{"terminated":{"exitCode":137,"signal":9,"reason":"OOMKilled","finishedAt":"2025-12-31T23:55:00Z","message":"killed"}}}]}})"),
      R"y(name: web-0
namespace: shop
status: CrashLoopBackOff
ready: 0/1
restarts: 3
node: n-1
ip: 10.0.0.1
created: 2025-12-31T23:00:00Z (60m ago)
controlled_by: StatefulSet/web
labels:
  app: web
service_account: default
priority_class: high
qos: Burstable
conditions:
  Ready: "False, ContainersNotReady: containers with unready status: [app]"
init_containers:
  init:
    image: busybox
    state: "terminated: Completed, exit code 0, at 2025-12-31T23:01:00Z (59m ago)"
    ready: true
containers:
  app:
    image: nginx:1
    state: "waiting: CrashLoopBackOff (back-off 5m0s)"
    last_state: "terminated: OOMKilled, exit code 137, signal 9, at 2025-12-31T23:55:00Z (5m ago) (killed)"
    ready: false
    restarts: 3
    ports:
    - 80/TCP
    - 53/UDP
    command:
    - nginx
    args:
    - -g
    - daemon off;
    requests: cpu=100m memory=64Mi
    limits: memory=128Mi
    liveness: GET /healthz on 8080, every 10s, timeout 1s, fails after 3
    readiness: exec cat /ready, every 5s, timeout 1s, fails after 3
    startup: tcp "http", every 10s, timeout 1s, fails after 3
    env:
      A: "1"
      P: from secret db key password
      C: from configmap m key k
      F: from field status.podIP
      R: from resource limits.cpu
      X: from elsewhere
    env_from:
    - configmap m
    - secret s
    mounts:
      /data: data
      /tls: tls (read-only)
volumes:
  data: claim data-web-0
  tls: secret web-tls
  c: configmap m
  h: host path /var
  e: emptyDir
  u: unknown
node_selector:
  disk: ssd
tolerations:
- gpu=yes:NoSchedule
- everything
- k:NoExecute for 300s
annotations:
  note: x
)y");
}

TEST(PodDocument, WhatMakesAContainerStartOrNot) {
  const std::string_view pod = R"y({"spec":{"containers":[{"name":"app",
      "ports":[{"name":"http","containerPort":80,"hostPort":8080},{"containerPort":53,"protocol":"UDP","hostPort":53,"hostIP":"10.0.0.1"}],
      "readinessProbe":{"httpGet":{"path":"/ok","port":"http","scheme":"HTTPS","host":"web"},"initialDelaySeconds":5,"timeoutSeconds":2,"failureThreshold":4,"successThreshold":2},
      "env":[{"name":"P","valueFrom":{"secretKeyRef":{"name":"db","key":"user","optional":true}}}],
      "envFrom":[{"prefix":"X_","configMapRef":{"name":"m","optional":true}},{"secretRef":{"name":"s"}}],
      "volumeMounts":[{"name":"c","mountPath":"/etc/app.conf","subPath":"app.conf","readOnly":true},{"name":"d","mountPath":"/d","subPathExpr":"$(POD)"}]}],
    "volumes":[{"name":"c","configMap":{"name":"m","optional":true}},{"name":"s","secret":{"secretName":"s","optional":true}},{"name":"e","emptyDir":{"medium":"Memory","sizeLimit":"64Mi"}},
      {"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"token"}},{"configMap":{"name":"kube-root-ca.crt"}},{"downwardAPI":{}},{"secret":{"name":"more","optional":true}},{"serviceAccountToken":{"audience":"vault"}}]}}]}})y";
  EXPECT_THAT(document(pod), HasSubstr(R"y(    ports:
    - http 80/TCP, host port 8080
    - 53/UDP, host port 10.0.0.1:53
    readiness: GET /ok of host web by TLS on "http", begins after 5s, every 10s, timeout 2s, fails after 4, good after 2
    env:
      P: from secret db key user (optional)
    env_from:
    - configmap m (with prefix X_, optional)
    - secret s
    mounts:
      /etc/app.conf: c (read-only, sub path app.conf)
      /d: d (sub path $(POD))
volumes:
  c: configmap m (optional)
  s: secret s (optional)
  e: emptyDir (in Memory, at most 64Mi)
  t: "projected: token, configmap kube-root-ca.crt, downward API, secret more (optional), token for vault"
)y"));
}

TEST(PodDocument, TakesAnyShape) {
  for (
      std::string_view text :
      {"null", "5", "[]", "{}", R"({"metadata":5,"spec":[],"status":"x"})",
       R"({"metadata":{"annotations":[],"labels":5,"ownerReferences":[5,{}],"creationTimestamp":"never","deletionTimestamp":"9999-99-99T00:00:00Z"},
                                    "spec":{"containers":[5,{},{"name":5,"env":[5,{}],"envFrom":[5],"ports":[5],"command":5,"resources":{"requests":{"cpu":5}},"livenessProbe":5,"volumeMounts":[5]}],"volumes":[5,{}],"tolerations":[5,{}]},
                                    "status":{"conditions":[5,{}],"containerStatuses":[5,{"state":5,"lastState":{"waiting":5}},{"state":{"terminated":{"exitCode":"x","finishedAt":5}}}]}})"})
    EXPECT_FALSE(document(text).empty());
}

// Whoever makes a pod may write 256 KiB of annotations: what a reader is after must still be there.
TEST(PodDocument, AnnotationsAreShortAndLast) {
  json::object annotations;
  for (int i = 0; i < 1000; ++i) annotations["key-" + std::to_string(i)] = std::string(1000, 'x');
  json::object pod{{"metadata", {{"annotations", annotations}}},
                   {"spec", {{"containers", {{{"name", "app"}, {"image", "nginx"}}}}}}};
  const std::string text = document(compact(pod));
  EXPECT_LT(text.size(), 6000u);
  EXPECT_LT(text.find("nginx"), text.find("key-0"));
  EXPECT_THAT(text, HasSubstr(" more: format json has them"));
  EXPECT_THAT(text, Not(HasSubstr(std::string(300, 'x'))));
}

}  // namespace
}  // namespace fairlead::ops
