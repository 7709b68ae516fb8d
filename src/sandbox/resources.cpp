#include "sandbox/resources.h"

#include <algorithm>
#include <cstdlib>

namespace fairlead::sandbox {
namespace {

const std::vector<std::string> all_verbs{"create", "delete", "get", "list", "patch", "update", "watch"};
const std::vector<std::string> change_verbs{"get", "patch", "update"};

}  // namespace

bool Resource::has_verb(std::string_view verb) const { return std::find(verbs.begin(), verbs.end(), verb) != verbs.end(); }

const Subresource* Resource::subresource(std::string_view name) const {
  for (const Subresource& sub : subresources) {
    if (sub.name == name) return &sub;
  }
  return nullptr;
}

Resources::Resources() {
  const Schema& schema = Schema::builtin();
  auto add = [&](std::string_view group, std::string_view plural, std::string_view singular, std::string_view kind,
                 std::vector<std::string> short_names) -> Resource& {
    all_.push_back(std::make_unique<Resource>());
    Resource& made = *all_.back();
    made.group = group;
    made.version = "v1";
    made.plural = plural;
    made.singular = singular;
    made.kind = kind;
    made.short_names = std::move(short_names);
    made.verbs = all_verbs;
    made.message = schema.message(kind);
    made.storage = &made;
    return made;
  };
  auto status_of = [](Resource& of) { of.subresources.push_back({"status", of.group, of.version, of.kind, change_verbs}); };

  add("", "configmaps", "configmap", "ConfigMap", {"cm"});
  Resource& events = add("", "events", "event", "Event", {"ev"});
  events.field_labels = {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                         "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
                         "reason", "reportingComponent", "source", "type"};
  Resource& namespaces = add("", "namespaces", "namespace", "Namespace", {"ns"});
  namespaces.namespaced = false;
  namespaces.field_labels = {"status.phase"};
  status_of(namespaces);
  Resource& nodes = add("", "nodes", "node", "Node", {"no"});
  nodes.namespaced = false;
  nodes.field_labels = {"spec.unschedulable"};
  status_of(nodes);
  Resource& pods = add("", "pods", "pod", "Pod", {"po"});
  pods.categories = {"all"};
  pods.generation = true;
  pods.field_labels = {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
                       "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"};
  pods.subresources.push_back({"eviction", "policy", "v1", "Eviction", {"create"}});
  pods.subresources.push_back({"log", "", "v1", "Pod", {"get"}});
  status_of(pods);
  Resource& secrets = add("", "secrets", "secret", "Secret", {});
  secrets.field_labels = {"type"};
  add("", "serviceaccounts", "serviceaccount", "ServiceAccount", {"sa"});
  Resource& services = add("", "services", "service", "Service", {"svc"});
  services.categories = {"all"};
  services.field_labels = {"spec.clusterIP", "spec.type"};
  status_of(services);
  Resource& deployments = add("apps", "deployments", "deployment", "Deployment", {"deploy"});
  deployments.categories = {"all"};
  deployments.generation = true;
  deployments.subresources.push_back({"scale", "autoscaling", "v1", "Scale", change_verbs});
  status_of(deployments);
  Resource& replicasets = add("apps", "replicasets", "replicaset", "ReplicaSet", {"rs"});
  replicasets.categories = {"all"};
  replicasets.generation = true;
  replicasets.field_labels = {"status.replicas"};
  replicasets.subresources.push_back({"scale", "autoscaling", "v1", "Scale", change_verbs});
  status_of(replicasets);
  Resource& new_events = add("events.k8s.io", "events", "event", "Event", {"ev"});
  new_events.message = schema.message("events.Event");
  new_events.field_labels = {"reason", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
                             "regarding.resourceVersion", "regarding.fieldPath", "reportingController", "type"};
  new_events.storage = find("", "v1", "events");
}

const Resource* Resources::find(std::string_view group, std::string_view version, std::string_view plural) const {
  for (const auto& resource : all_) {
    if (resource->plural == plural && resource->group == group && resource->version == version) return resource.get();
  }
  return nullptr;
}

const Resource& Resources::get(std::string_view group, std::string_view plural) const {
  for (const auto& resource : all_) {
    if (resource->plural == plural && resource->group == group) return *resource;
  }
  std::abort();
}

}  // namespace fairlead::sandbox
