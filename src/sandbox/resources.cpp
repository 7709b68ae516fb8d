#include "sandbox/resources.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>
#include <tuple>

#include "base/text.h"
#include "sandbox/custom_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

const std::vector<std::string> all_verbs{"create", "delete", "deletecollection", "get",
                                         "list",   "patch",  "update",           "watch"};
const std::vector<std::string> read_verbs{"get", "list"};
const std::vector<std::string> review_verbs{"create"};
const std::vector<std::string> change_verbs{"get", "patch", "update"};

// What a kind has beyond the common; letters in a row of the table below.
//   c  cluster-wide, not in namespaces     a  in the category "all"    g  metadata.generation counts changes of spec
//   s  a status subresource                r  a scale subresource (replicas)
//   m  computed when asked for: can only be read
//   v  a review: created only, not stored
struct Row {
  View group, version, plural, singular, kind, short_names, traits, field_labels;
};

constexpr Row rows[] = {
    {"", "v1", "bindings", "binding", "Binding", "", "v", ""},
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
     "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase "
     "status.podIP "
     "status.podIPs status.nominatedNodeName"},
    {"", "v1", "podtemplates", "podtemplate", "PodTemplate", "", "", ""},
    {"", "v1", "replicationcontrollers", "replicationcontroller", "ReplicationController", "rc", "agsr",
     "status.replicas"},
    {"", "v1", "resourcequotas", "resourcequota", "ResourceQuota", "quota", "s", ""},
    {"", "v1", "secrets", "secret", "Secret", "", "", "type"},
    {"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", "", ""},
    {"", "v1", "services", "service", "Service", "svc", "as", "spec.clusterIP spec.type"},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition",
     "crd crds", "cgs", ""},
    {"apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", "", "", ""},
    {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", "ags", ""},
    {"apps", "v1", "deployments", "deployment", "Deployment", "deploy", "agsr", ""},
    {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", "agsr", ""},
    {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", "agsr", ""},
    {"authentication.k8s.io", "v1", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", "", "cv", ""},
    {"authentication.k8s.io", "v1", "tokenreviews", "tokenreview", "TokenReview", "", "cv", ""},
    {"authorization.k8s.io", "v1", "localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview",
     "", "v", ""},
    {"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", "",
     "cv", ""},
    {"authorization.k8s.io", "v1", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", "",
     "cv", ""},
    {"authorization.k8s.io", "v1", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", "", "cv", ""},
    {"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "as",
     ""},
    {"autoscaling", "v1", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "as",
     ""},
    {"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", "ags", ""},
    {"batch", "v1", "jobs", "job", "Job", "", "ags", "status.successful"},
    {"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", "", ""},
    {"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", "g", ""},
    {"events.k8s.io", "v1", "events", "event", "Event", "ev", "",
     "reason regarding.kind regarding.namespace regarding.name regarding.uid regarding.apiVersion "
     "regarding.resourceVersion "
     "regarding.fieldPath reportingController type"},
    {"metrics.k8s.io", "v1beta1", "nodes", "", "NodeMetrics", "", "cm", ""},
    {"metrics.k8s.io", "v1beta1", "pods", "", "PodMetrics", "", "m", ""},
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

// A second form of objects that another row keeps (views.h).
bool is_view(const Row& row) {
  return row.group == "events.k8s.io" || (row.kind == "HorizontalPodAutoscaler" && row.version == "v1");
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
  out.computed = has('m');
  out.stored = !has('v');
  out.verbs = out.computed ? read_verbs : out.stored ? all_verbs : review_verbs;
  if (out.kind == "Namespace") std::erase(out.verbs, "deletecollection");
  if (has('a')) out.categories = {"all"};
  if (row.kind == "CustomResourceDefinition") out.categories = {"api-extensions"};
  if (has('r')) out.subresources.push_back({"scale", "autoscaling", "v1", "Scale", change_verbs});
  if (has('s')) out.subresources.push_back({"status", out.group, out.version, out.kind, change_verbs});
  out.message = Schema::builtin().message(is_view(row) ? std::string(row.group.substr(0, row.group.find('.'))) + "." +
                                                             std::string(row.kind)
                                                       : std::string(row.kind));
  out.field_labels = words(row.field_labels);
  out.generation = has('g');
  return out;
}

}  // namespace

// v2 before v1, v1 before v1beta2, v1beta1 before v1alpha1, then all others by their names.
bool preferred_version(std::string_view a, std::string_view b) {
  struct Parts {
    int maturity = 0;  // 3: v1, 2: v1beta1, 1: v1alpha1, 0: another kind of name
    long major = 0, minor = 0;
  };
  auto parts = [](std::string_view text) {
    Parts out;
    const char* end = text.data() + text.size();
    if (!text.starts_with('v')) return Parts{};
    auto [after, code] = std::from_chars(text.data() + 1, end, out.major);
    if (code != std::errc()) return Parts{};
    std::string_view rest(after, static_cast<std::size_t>(end - after));
    out.maturity = rest.empty() ? 3 : rest.starts_with("beta") ? 2 : rest.starts_with("alpha") ? 1 : 0;
    if (out.maturity == 3) return out;
    rest.remove_prefix(out.maturity == 2 ? 4 : out.maturity == 1 ? 5 : 0);
    auto [last, wrong] = std::from_chars(rest.data(), end, out.minor);
    return out.maturity == 0 || wrong != std::errc() || last != end ? Parts{} : out;
  };
  Parts x = parts(a), y = parts(b);
  if (x.maturity == 0 && y.maturity == 0) return a < b;
  return std::tie(x.maturity, x.major, x.minor) > std::tie(y.maturity, y.major, y.minor);
}

bool Resource::has_verb(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

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
    made.storage = !is_view(row)         ? &made
                   : row.kind == "Event" ? find("", "v1", "events")
                                         : find(row.group, "v2", row.plural);
    auto below = [&](View name, View group, View version, View kind, std::vector<std::string> verbs) {
      made.subresources.push_back(
          {std::string(name), std::string(group), std::string(version), std::string(kind), std::move(verbs)});
      std::sort(made.subresources.begin(), made.subresources.end(),
                [](const Subresource& a, const Subresource& b) { return a.name < b.name; });
    };
    if (row.kind == "Pod") {
      below("attach", "", "v1", "PodAttachOptions", {"create", "get"});
      below("binding", "", "v1", "Binding", {"create"});
      below("ephemeralcontainers", "", "v1", "Pod", change_verbs);
      below("eviction", "policy", "v1", "Eviction", {"create"});
      below("exec", "", "v1", "PodExecOptions", {"create", "get"});
      below("log", "", "v1", "Pod", {"get"});
      below("portforward", "", "v1", "PodPortForwardOptions", {"create", "get"});
      below("resize", "", "v1", "Pod", change_verbs);
    }
    if (row.kind == "Namespace") below("finalize", "", "v1", "Namespace", {"update"});
    if (row.kind == "ServiceAccount") below("token", "authentication.k8s.io", "v1", "TokenRequest", {"create"});
  }
}

const Resource* Resources::find(std::string_view group, std::string_view version, std::string_view plural) const {
  for (const auto& resource : all_) {
    if (resource->plural == plural && resource->group == group && resource->version == version) return resource.get();
  }
  return nullptr;
}

std::string Resource::list_kind() const { return custom ? custom->list_kind : kind + "List"; }

const Resource& Resources::get(std::string_view group, std::string_view plural) const {
  for (const auto& resource : all_) {
    if (resource->plural == plural && resource->group == group) return *resource;
  }
  std::abort();
}

std::vector<std::string> Resources::groups() const {
  std::set<std::string> out;
  for (const auto& resource : all_) {
    if (!resource->group.empty()) out.insert(resource->group);
  }
  return {out.begin(), out.end()};
}

std::vector<std::string> Resources::versions(std::string_view group) const {
  std::vector<std::string> out;
  for (const auto& resource : all_) {
    if (resource->group == group && std::find(out.begin(), out.end(), resource->version) == out.end())
      out.push_back(resource->version);
  }
  std::sort(out.begin(), out.end(), preferred_version);
  return out;
}

const Resource* Resources::custom_storage(std::string_view group, std::string_view plural) const {
  auto found = custom_storage_.find({std::string(group), std::string(plural)});
  return found == custom_storage_.end() ? nullptr : found->second;
}

void Resources::serve_custom(std::string_view group, std::string_view plural, std::vector<Resource> versions) {
  for (auto next = all_.begin(); next != all_.end();) {
    if ((*next)->custom && (*next)->is(group, plural)) {
      (*next)->served = false;
      retired_.push_back(std::move(*next));
      next = all_.erase(next);
    } else {
      ++next;
    }
  }
  const Resource*& storage = custom_storage_[{std::string(group), std::string(plural)}];
  for (Resource& version : versions) {
    if (std::any_of(all_.begin(), all_.end(),
                    [&](const auto& r) { return !r->custom && r->group == group && r->version == version.version; }))
      continue;
    auto known = std::find_if(retired_.begin(), retired_.end(),
                              [&](const auto& r) { return r->is(group, plural) && r->version == version.version; });
    std::unique_ptr<Resource> made;
    if (known == retired_.end()) {
      made = std::make_unique<Resource>();
    } else {
      made = std::move(*known);
      retired_.erase(known);
    }
    if (!storage) storage = made.get();
    version.storage = storage;
    *made = std::move(version);
    all_.push_back(std::move(made));
  }
  ++changes_;
}

}  // namespace fairlead::sandbox
