// What runs on every node, in order, and by night: a DaemonSet, a StatefulSet with its volumes, a CronJob with its last
// Job.
#include <algorithm>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/field_set.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t minute = 60, day = 86'400;

json::object owner_of(const Object& object) {
  return {{"apiVersion", object.resource->api_version()},
          {"kind", object.resource->kind},
          {"name", object.name},
          {"uid", object.uid},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

json::object managed_fields(const json::value& pod_template) {
  return {{"f:spec", field_set(*Schema::builtin().message("PodSpec"), *find(pod_template, "spec"))}};
}

json::object selector_for(std::string_view name) {
  return {{"matchLabels", json::object{{"app.kubernetes.io/name", name}}}};
}

}  // namespace

// The ControllerRevision of the template that the owner has; answers its hash.
std::string FixtureBuilder::add_revision(const ObjectPtr& owner) {
  json::value value = objects_.load(*owner), data = json::object();
  object_in(data, {"spec"})["template"] = *find(value, "spec", "template");
  object_in(data, {"spec", "template"})["$patch"] = "replace";
  std::string hash = hash_of(data);
  json::object metadata = stamp(owner->namespace_name, owner->name + "-" + hash,
                                parse_rfc3339(text_at(value, {"metadata", "creationTimestamp"})).value_or(now_));
  json::object labels = object_at(value, {"spec", "template", "metadata", "labels"});
  labels["controller-revision-hash"] = hash;
  metadata["labels"] = std::move(labels);
  metadata["ownerReferences"] = json::array{owner_of(*owner)};
  objects_.insert(resource("apps", "controllerrevisions"),
                  json::object{{"metadata", std::move(metadata)}, {"data", std::move(data)}, {"revision", 1}});
  return hash;
}

void FixtureBuilder::add_kube_proxy() {
  if (nodes_.empty() || pods_left_ <= 0) return;
  // A cluster that is to have fewer pods than nodes runs it on the first node alone.
  bool everywhere = static_cast<int>(nodes_.size()) <= std::max(3, options_.pods / 4) &&
                    static_cast<int>(nodes_.size()) <= pods_left_;
  App app;
  app.namespace_name = "kube-system";
  app.name = "kube-proxy";
  app.image = "registry.k8s.io/kube-proxy:v1.36.0";
  app.port = 10'256;
  json::value pod_template = template_of(app);
  json::object& spec = object_in(pod_template, {"spec"});
  spec["hostNetwork"] = true;
  spec["priorityClassName"] = "system-node-critical";
  spec["tolerations"] = json::array{json::object{{"operator", "Exists"}}};
  if (!everywhere) spec["nodeSelector"] = json::object{{"kubernetes.io/hostname", nodes_.front().first}};
  std::int64_t born = now_ - 82 * day;
  std::int64_t count = everywhere ? static_cast<std::int64_t>(nodes_.size()) : 1;
  json::object metadata = stamp(app.namespace_name, app.name, born);
  metadata["labels"] = json::object{{"k8s-app", "kube-proxy"}};
  metadata["annotations"] = json::object{{"deprecated.daemonset.template.generation", "1"}};
  metadata["generation"] = 1;
  json::value set =
      json::object{{"metadata", std::move(metadata)},
                   {"spec", json::object{{"selector", selector_for(app.name)}, {"template", pod_template}}}};
  apply_defaults(resource("apps", "daemonsets"), set);
  json::object status{{"observedGeneration", 1}, {"numberMisscheduled", 0}};
  for (std::string_view member :
       {"currentNumberScheduled", "desiredNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable"})
    status[member] = count;
  set.get_object()["status"] = std::move(status);
  ObjectPtr stored = objects_.insert(resource("apps", "daemonsets"), set);
  if (!stored) return;
  std::string hash = add_revision(stored);
  json::value pod = *find(set, "spec", "template");
  object_in(pod, {"metadata", "labels"})["controller-revision-hash"] = hash;
  object_in(pod, {"metadata", "labels"})["pod-template-generation"] = "1";
  object_in(pod, {"spec"})["priority"] = 2'000'001'000;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string& node = nodes_[static_cast<std::size_t>(i)].first;
    json::object field{{"key", "metadata.name"}, {"operator", "In"}, {"values", json::array{node}}};
    object_in(pod, {"spec", "affinity", "nodeAffinity",
                    "requiredDuringSchedulingIgnoredDuringExecution"})["nodeSelectorTerms"] =
        json::array{json::object{{"matchFields", json::array{std::move(field)}}}};
    object_in(pod, {"spec"})["nodeName"] = node;
    add_pod(app, pod, owner_of(*stored), managed_fields(pod),
            "kube-proxy-" + name_suffix(stable_hash("kube-proxy" + node)), born);
  }
}

void FixtureBuilder::add_stateful_set(const App& app, std::string_view size) {
  int replicas = std::min(app.replicas, pods_left_);
  if (replicas <= 0) return;
  backends_.clear();
  std::int64_t born = now_ - 44 * day;
  json::value pod_template = template_of(app);
  json::array& mounts =
      array_in(array_in(object_in(pod_template, {"spec"}), "containers")[0].get_object(), "volumeMounts");
  mounts.push_back(json::object{{"name", "data"}, {"mountPath", "/" + app.name}});
  object_in(pod_template, {"spec"})["serviceAccountName"] = app.name;
  json::object wanted{{"accessModes", json::array{"ReadWriteOnce"}},
                      {"resources", json::object{{"requests", json::object{{"storage", size}}}}},
                      {"storageClassName", "standard-rwo"}};
  json::object claim{{"metadata", json::object{{"name", "data"}}}, {"spec", std::move(wanted)}};
  json::object metadata = stamp(app.namespace_name, app.name, born);
  metadata["labels"] = object_at(pod_template, {"metadata", "labels"});
  metadata["generation"] = 1;
  json::value set = json::object{{"metadata", std::move(metadata)},
                                 {"spec", json::object{{"replicas", replicas},
                                                       {"serviceName", app.name},
                                                       {"selector", selector_for(app.name)},
                                                       {"template", pod_template},
                                                       {"volumeClaimTemplates", json::array{std::move(claim)}}}}};
  apply_defaults(resource("apps", "statefulsets"), set);
  ObjectPtr stored = objects_.insert(resource("apps", "statefulsets"), set);
  if (!stored) return;
  std::string revision = app.name + "-" + add_revision(stored);
  json::object status{
      {"observedGeneration", 1}, {"currentRevision", revision}, {"updateRevision", revision}, {"collisionCount", 0}};
  for (std::string_view member :
       {"replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"})
    status[member] = replicas;
  set = objects_.load(*stored);
  set.get_object()["status"] = std::move(status);
  objects_.insert(resource("apps", "statefulsets"), set);
  for (int i = 0; i < replicas; ++i) {
    std::string name = app.name + "-" + std::to_string(i), claim_name = "data-" + name;
    json::value pod = *find(set, "spec", "template");
    json::object& labels = object_in(pod, {"metadata", "labels"});
    labels["apps.kubernetes.io/pod-index"] = std::to_string(i);
    labels["controller-revision-hash"] = revision;
    labels["statefulset.kubernetes.io/pod-name"] = name;
    object_in(pod, {"spec"})["hostname"] = name;
    object_in(pod, {"spec"})["subdomain"] = app.name;
    array_in(object_in(pod, {"spec"}), "volumes")
        .push_back(json::object{{"name", "data"}, {"persistentVolumeClaim", json::object{{"claimName", claim_name}}}});
    add_pod(app, pod, owner_of(*stored), managed_fields(pod), name, born + 30 * i);
    add_bound_claim(app.namespace_name, claim_name, size, json::object{{"app.kubernetes.io/name", app.name}},
                    backends_.empty() ? "" : backends_.back().node, born + 30 * i);
  }
  ServiceShape headless{
      app.namespace_name, app.name, "ClusterIP", "None", json::object{{"app.kubernetes.io/name", app.name}}, {}};
  headless.ports =
      json::array{json::object{{"name", "http"}, {"protocol", "TCP"}, {"port", app.port}, {"targetPort", app.port}}};
  if (ObjectPtr service = add_service(headless)) {
    add_endpoints(*service, objects_.load(*service),
                  json::array{json::object{{"name", "http"}, {"port", app.port}, {"protocol", "TCP"}}});
  }
}

// Every night at a quarter past one; the last run is there with its pod.
void FixtureBuilder::add_report() {
  constexpr std::int64_t at = 75 * minute;
  std::int64_t scheduled = (now_ - at) / day * day + at;
  if (now_ - scheduled < 2 * minute) scheduled -= day;
  App app;
  app.namespace_name = "shop";
  app.name = "nightly-report";
  app.image = "registry.example.com/shop/report:2.0.1";
  json::value pod_template = template_of(app);
  object_in(pod_template, {"spec"})["restartPolicy"] = "Never";
  std::string job_name = app.name + "-" + std::to_string(scheduled / minute);
  json::object metadata = stamp("shop", app.name, now_ - 60 * day);
  metadata["generation"] = 1;
  metadata["labels"] = object_at(pod_template, {"metadata", "labels"});
  json::object job_template{{"spec", json::object{{"backoffLimit", 2}, {"template", pod_template}}}};
  json::value cron = json::object{{"metadata", std::move(metadata)},
                                  {"spec", json::object{{"schedule", "15 1 * * *"},
                                                        {"concurrencyPolicy", "Forbid"},
                                                        {"successfulJobsHistoryLimit", 1},
                                                        {"jobTemplate", job_template}}},
                                  {"status", json::object{{"lastScheduleTime", format_rfc3339(scheduled)},
                                                          {"lastSuccessfulTime", format_rfc3339(scheduled + 48)}}}};
  apply_defaults(resource("batch", "cronjobs"), cron);
  ObjectPtr owner = objects_.insert(resource("batch", "cronjobs"), cron);

  json::object paused = stamp("shop", "purge-sessions", now_ - 60 * day);
  paused["generation"] = 2;
  cron.get_object()["metadata"] = std::move(paused);
  object_in(cron, {"spec"})["schedule"] = "*/10 * * * *";
  App purge = app;
  purge.name = "purge-sessions";
  purge.image = "registry.example.com/shop/cart:2.17.0";
  json::value purge_template = template_of(purge);
  object_in(purge_template, {"spec"})["restartPolicy"] = "OnFailure";
  object_in(cron, {"spec", "jobTemplate", "spec"})["template"] = std::move(purge_template);
  object_in(cron, {"spec"})["suspend"] = true;
  cron.get_object()["status"] = json::object{{"lastScheduleTime", format_rfc3339(now_ - 9 * day)},
                                             {"lastSuccessfulTime", format_rfc3339(now_ - 9 * day + 50)}};
  apply_defaults(resource("batch", "cronjobs"), cron);
  objects_.insert(resource("batch", "cronjobs"), cron);
  if (!owner || pods_left_ <= 0) return;

  json::object job_metadata = stamp("shop", job_name, scheduled);
  std::string uid(text_in(job_metadata, "uid"));
  json::object& labels = object_in(pod_template, {"metadata", "labels"});
  for (std::string prefix : {"batch.kubernetes.io/", ""}) {
    labels[prefix + "controller-uid"] = uid;
    labels[prefix + "job-name"] = job_name;
  }
  job_metadata["labels"] = labels;
  job_metadata["generation"] = 1;
  job_metadata["annotations"] =
      json::object{{"batch.kubernetes.io/cronjob-scheduled-timestamp", format_rfc3339(scheduled)}};
  job_metadata["ownerReferences"] = json::array{owner_of(*owner)};
  json::object selector{{"matchLabels", json::object{{"batch.kubernetes.io/controller-uid", uid}}}};
  json::value job = json::object{
      {"metadata", std::move(job_metadata)},
      {"spec", json::object{{"backoffLimit", 2}, {"selector", std::move(selector)}, {"template", pod_template}}}};
  apply_defaults(resource("batch", "jobs"), job);
  job.get_object()["status"] = json::object{{"startTime", format_rfc3339(scheduled)},
                                            {"completionTime", format_rfc3339(scheduled + 47)},
                                            {"succeeded", 1},
                                            {"ready", 0},
                                            {"terminating", 0},
                                            {"uncountedTerminatedPods", json::object()}};
  for (std::string_view type : {"SuccessCriteriaMet", "Complete"}) {
    set_condition(job, type, "True", "CompletionsReached", "Reached expected number of succeeded pods", scheduled + 47);
    (*condition_in(array_in(object_in(job, {"status"}), "conditions"), type))["lastProbeTime"] =
        format_rfc3339(scheduled + 47);
  }
  ObjectPtr stored = objects_.insert(resource("batch", "jobs"), job);
  if (!stored) return;
  json::value pod = *find(job, "spec", "template");
  add_pod(app, pod, owner_of(*stored), managed_fields(pod), job_name + "-" + name_suffix(stable_hash("report")),
          scheduled + 1);
}

}  // namespace fairlead::sandbox
