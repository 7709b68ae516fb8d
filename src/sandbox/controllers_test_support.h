// For the controllers' tests: an empty cluster with a few nodes, objects made from short texts, looks at what became of
// them.
#pragma once

#include "sandbox/api_test_support.h"
#include "sandbox/json_edit.h"
#include "sandbox/table.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {

inline const std::string default_pods = "/api/v1/namespaces/default/pods";
inline const std::string apps = "/apis/apps/v1/namespaces/default/";
inline const std::string batch = "/apis/batch/v1/namespaces/default/";
inline const std::string core = "/api/v1/namespaces/default/";

struct Lab : Cluster {
  explicit Lab(int nodes = 4) : Cluster(0, nodes) { pass(1000); }

  json::value make(const std::string& collection, const std::string& text) {
    Reply reply = ask("POST", collection, text);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.value();
  }
  json::value at(const std::string& target) { return get(target).value(); }
  void merge(const std::string& target, const std::string& text) {
    Reply reply = patch(target, text, "application/merge-patch+json");
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  void drop(const std::string& target, const std::string& options = "") {
    EXPECT_EQ(ask("DELETE", target, options).status, 200) << target;
  }
  json::array items(const std::string& target) { return array_at(at(target), {"items"}); }

  // Names of the pods with that label app, those that are being deleted too.
  std::vector<std::string> names(const std::string& app) {
    std::vector<std::string> out;
    for (const json::value& pod : items(default_pods + "?labelSelector=app%3D" + app))
      out.emplace_back(text_at(pod, {"metadata", "name"}));
    return out;
  }
  std::vector<PodFacts> facts(const std::string& app) {
    std::vector<PodFacts> out;
    for (const ObjectPtr& pod : store.list(resources.get("", "pods"), "default")) {
      if (label_of(*pod, "app") == app) out.push_back(facts_of(pod));
    }
    return out;
  }
  std::int64_t ready(const std::string& app) {
    std::int64_t count = 0;
    for (const PodFacts& pod : facts(app)) count += pod.ready && !pod.dying;
    return count;
  }
  std::string status(const std::string& pod) { return pod_status(at(default_pods + "/" + pod)); }
  std::vector<std::string> reasons(const std::string& name) {
    std::vector<std::string> out;
    for (const json::value& event : items(core + "events?fieldSelector=involvedObject.name%3D" + name))
      out.emplace_back(text_at(event, {"reason"}));
    return out;
  }
  std::string message(const std::string& name, std::string_view reason) {
    for (const json::value& event : items(core + "events?fieldSelector=involvedObject.name%3D" + name)) {
      if (text_at(event, {"reason"}) == reason) return std::string(text_at(event, {"message"}));
    }
    return {};
  }
};

// A workload's spec: selector and a template of one container.
inline std::string workload_text(const std::string& name, const std::string& app,
                                 const std::string& container = R"("image":"nginx:1.29")",
                                 const std::string& more = "") {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{)" + more + R"("selector":{"matchLabels":{"app":")" + app +
         R"("}},"template":{"metadata":{"labels":{"app":")" + app + R"("}},"spec":{"containers":[{"name":"c",)" +
         container + R"(}]}}}})";
}

inline std::string pod_text_of(const std::string& name, const std::string& container = R"("image":"nginx:1.29")",
                               const std::string& more = "") {
  return R"({"metadata":{"name":")" + name + R"(","labels":{"app":")" + name + R"("}},"spec":{)" + more +
         R"("containers":[{"name":"c",)" + container + "}]}}";
}

inline std::string job_text(const std::string& name, const std::string& command, const std::string& more = "",
                            const std::string& policy = "Never") {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{)" + more + R"("template":{"spec":{"restartPolicy":")" +
         policy + R"(","containers":[{"name":"c","image":"busybox:1.36","command":["sh","-c",")" + command +
         R"("]}]}}}})";
}

}  // namespace fairlead::sandbox
