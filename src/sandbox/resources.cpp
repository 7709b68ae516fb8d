#include "sandbox/resources.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

const std::vector<std::string> all_verbs{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
const std::vector<std::string> change_verbs{"get", "patch", "update"};

// What a kind has beyond the common; letters in a row of the table below.
//   c  cluster-wide, not in namespaces     a  in the category "all"    g  metadata.generation counts changes of spec
//   s  a status subresource                r  a scale subresource (replicas)
struct Row {
  View group, version, plural, singular, kind, short_names, traits, field_labels;
};

constexpr Row rows[] = {
    {"", "v1", "configmaps", "configmap", "ConfigMap", "cm", "", ""},
    {"", "v1", "endpoints", "endpoints", "Endpoints", "ep", "", ""},
    {"", "v1", "events", "event", "Event", "ev", "",
     "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid involvedObject.apiVersion "
     "involvedObject.resourceVersion involvedObject.fieldPath reason reportingComponent source type"},
    {"", "v1", "limitranges", "limitrange", "LimitRange", "limits", "", ""},
    {"", "v1", "namespaces", "namespace", "Namespace", "ns", "cs", "status.phase"},
    {"", "v1", "nodes", "node", "Node", "no", "cs", "spec.unschedulable"},
    {"", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", "s", ""},
    {"", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume", "pv", "cs", ""},
    {"", "v1", "pods", "pod", "Pod", "po", "ags",
     "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase status.podIP "
     "status.podIPs status.nominatedNodeName"},
    {"", "v1", "podtemplates", "podtemplate", "PodTemplate", "", "", ""},
    {"", "v1", "replicationcontrollers", "replicationcontroller", "ReplicationController", "rc", "agsr", "status.replicas"},
    {"", "v1", "resourcequotas", "resourcequota", "ResourceQuota", "quota", "s", ""},
    {"", "v1", "secrets", "secret", "Secret", "", "", "type"},
    {"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", "", ""},
    {"", "v1", "services", "service", "Service", "svc", "as", "spec.clusterIP spec.type"},
    {"apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", "", "", ""},
    {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", "ags", ""},
    {"apps", "v1", "deployments", "deployment", "Deployment", "deploy", "agsr", ""},
    {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", "agsr", "status.replicas"},
    {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", "agsr", ""},
    {"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "as", ""},
    {"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", "ags", ""},
    {"batch", "v1", "jobs", "job", "Job", "", "ags", "status.successful"},
    {"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", "", ""},
    {"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", "g", ""},
    {"events.k8s.io", "v1", "events", "event", "Event", "ev", "",
     "reason regarding.kind regarding.namespace regarding.name regarding.uid regarding.apiVersion regarding.resourceVersion "
     "regarding.fieldPath reportingController type"},
    {"networking.k8s.io", "v1", "ingressclasses", "ingressclass", "IngressClass", "", "cg", ""},
    {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", "ing", "gs", ""},
    {"networking.k8s.io", "v1", "networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", "g", ""},
    {"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb", "gs", ""},
    {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", "c", ""},
    {"rbac.authorization.k8s.io", "v1", "clusterroles", "clusterrole", "ClusterRole", "", "c", ""},
    {"rbac.authorization.k8s.io", "v1", "rolebindings", "rolebinding", "RoleBinding", "", "", ""},
    {"rbac.authorization.k8s.io", "v1", "roles", "role", "Role", "", "", ""},
    {"scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", "PriorityClass", "pc", "cg", ""},
    {"storage.k8s.io", "v1", "storageclasses", "storageclass", "StorageClass", "sc", "c", ""},
};

std::vector<std::string> words(View text) {
  std::vector<std::string> out;
  for (View word : split(text, ' ')) {
    if (!word.empty()) out.emplace_back(word);
  }
  return out;
}

Resource made_from(const Row& row) {
  auto has = [&](char trait) { return row.traits.find(trait) != row.traits.npos; };
  Resource out;
  out.group = row.group;
  out.version = row.version;
  out.plural = row.plural;
  out.singular = row.singular;
  out.kind = row.kind;
  out.short_names = words(row.short_names);
  out.namespaced = !has('c');
  out.verbs = all_verbs;
  if (out.kind == "Namespace") std::erase(out.verbs, "deletecollection");
  if (has('a')) out.categories = {"all"};
  if (has('r')) out.subresources.push_back({"scale", "autoscaling", "v1", "Scale", change_verbs});
  if (has('s')) out.subresources.push_back({"status", out.group, out.version, out.kind, change_verbs});
  out.message = Schema::builtin().message(row.group == "events.k8s.io" ? "events.Event" : row.kind);
  out.field_labels = words(row.field_labels);
  out.generation = has('g');
  return out;
}

}  // namespace

bool Resource::has_verb(std::string_view verb) const { return std::find(verbs.begin(), verbs.end(), verb) != verbs.end(); }

const Subresource* Resource::subresource(std::string_view name) const {
  for (const Subresource& sub : subresources) {
    if (sub.name == name) return &sub;
  }
  return nullptr;
}

Resources::Resources() {
  for (const Row& row : rows) {
    all_.push_back(std::make_unique<Resource>(made_from(row)));
    Resource& made = *all_.back();
    made.storage = row.group == "events.k8s.io" ? find("", "v1", "events") : &made;
    auto below = [&](View name, View group, View version, View kind, View verb) {
      made.subresources.push_back({std::string(name), std::string(group), std::string(version), std::string(kind), {std::string(verb)}});
      std::sort(made.subresources.begin(), made.subresources.end(), [](const Subresource& a, const Subresource& b) { return a.name < b.name; });
    };
    if (row.kind == "Pod") {
      below("eviction", "policy", "v1", "Eviction", "create");
      below("log", "", "v1", "Pod", "get");
    }
  }
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
