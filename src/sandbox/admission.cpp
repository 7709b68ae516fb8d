#include "sandbox/admission.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/limits.h"
#include "sandbox/names.h"
#include "sandbox/objects.h"
#include "sandbox/quota.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

std::string shown_name(const json::value& object) {
  View name = text_at(object, {"metadata", "name"}), prefix = text_at(object, {"metadata", "generateName"});
  return std::string(!name.empty() ? name : !prefix.empty() ? prefix : View("Unknown"));
}

tl::unexpected<StatusError> forbid(const Resource& resource, const json::value& object, View why) {
  return refuse(forbidden(resource.group, resource.plural, shown_name(object), why));
}

// The newest object of the kind that an annotation makes the default.
std::string default_of(const Objects& objects, View group, View plural, std::initializer_list<View> annotations) {
  std::string name, born;
  for (const ObjectPtr& object : objects.store().list(objects.resources().get(group, plural), "")) {
    json::value value = objects.load_brief(*object);
    bool marked = std::any_of(annotations.begin(), annotations.end(), [&](View key) {
      return text_at(value, {"metadata", "annotations", key}) == "true";
    });
    View at = text_at(value, {"metadata", "creationTimestamp"});
    if (!marked || (!name.empty() && at <= born)) continue;
    name = object->name;
    born = at;
  }
  return name;
}

void add_finalizer(json::value& object, View name) {
  json::array& finalizers = array_in(object_in(object, {"metadata"}), "finalizers");
  if (std::find(finalizers.begin(), finalizers.end(), json::value(json::string(name))) == finalizers.end())
    finalizers.push_back(json::string(name));
}

ApiResult<void> admit_account(Objects& objects, const Resource& resource, json::value& pod) {
  json::object& spec = object_in(pod, {"spec"});
  if (text_in(spec, "serviceAccountName").empty()) spec["serviceAccountName"] = "default";
  spec["serviceAccount"] = json::value(spec["serviceAccountName"]);
  std::string space(text_at(pod, {"metadata", "namespace"})), name(text_in(spec, "serviceAccountName"));
  ObjectPtr found = objects.store().find(objects.resources().get("", "serviceaccounts"), space, name);
  if (!found) {
    return forbid(
        resource, pod,
        "error looking up service account " + space + "/" + name + ": serviceaccount \"" + name + "\" not found");
  }
  json::value account = objects.load_brief(*found);
  const json::value* mounts = find(account, "automountServiceAccountToken");
  if (mounts && *mounts == false && !find(pod, "spec", "automountServiceAccountToken")) {
    // What the account says counts without a word of it in the pod.
    json::value shown = pod;
    object_in(shown, {"spec"})["automountServiceAccountToken"] = false;
    admit_pod(shown, "");
    object_in(shown, {"spec"}).erase("automountServiceAccountToken");
    pod = std::move(shown);
  } else {
    admit_pod(pod, name_suffix(objects.random()));
  }
  if (array_at(pod, {"spec", "imagePullSecrets"}).empty() && !array_at(account, {"imagePullSecrets"}).empty()) {
    object_in(pod, {"spec"})["imagePullSecrets"] = array_at(account, {"imagePullSecrets"});
  }
  return {};
}

ApiResult<void> admit_priority(Objects& objects, const Resource& resource, json::value& pod) {
  const Resource& classes = objects.resources().get("scheduling.k8s.io", "priorityclasses");
  std::string name(text_at(pod, {"spec", "priorityClassName"}));
  std::int64_t priority = 0;
  std::string preemption = "PreemptLowerPriority";
  ObjectPtr found = name.empty() ? nullptr : objects.store().find(classes, "", name);
  if (!name.empty() && !found) return forbid(resource, pod, "no PriorityClass with name " + name + " was found");
  for (const ObjectPtr& one : name.empty() ? objects.store().list(classes, "") : std::vector<ObjectPtr>()) {
    if (flag_at(objects.load_brief(*one), {"globalDefault"})) found = one;
  }
  if (found) {
    json::value value = objects.load_brief(*found);
    priority = integer_at(value, {"value"});
    preemption = text_at(value, {"preemptionPolicy"});
    name = found->name;
  }
  json::object& spec = object_in(pod, {"spec"});
  if (const json::value* given = find(pod, "spec", "priority");
      given && integer_at(pod, {"spec", "priority"}) != priority) {
    return forbid(resource, pod,
                  "the integer value of priority (" + compact(*given) +
                      ") must not be provided in pod spec; priority admission controller computed " +
                      std::to_string(priority) + " from the given PriorityClass name");
  }
  if (View given = text_in(spec, "preemptionPolicy"); !given.empty() && given != preemption) {
    return forbid(resource, pod,
                  "the string value of PreemptionPolicy (" + std::string(given) +
                      ") must not be provided in pod spec; priority admission controller computed " + preemption +
                      " from the given PriorityClass name");
  }
  if (!name.empty()) spec["priorityClassName"] = name;
  spec["priority"] = priority;
  spec["preemptionPolicy"] = preemption;
  return {};
}

ApiResult<void> admit_priority_class(Objects& objects, const Resource& resource, const json::value& object) {
  if (!flag_at(object, {"globalDefault"})) return {};
  for (const ObjectPtr& one : objects.store().list(resource, "")) {
    if (one->name == text_at(object, {"metadata", "name"}) || !flag_at(objects.load_brief(*one), {"globalDefault"}))
      continue;
    return forbid(resource, object,
                  "PriorityClass " + one->name + " is already marked as default. Only one default can exist");
  }
  return {};
}

// Nodes that are lost are put up with for five minutes.
void add_tolerations(json::object& spec) {
  json::array& tolerations = array_in(spec, "tolerations");
  for (std::string_view key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool there = std::any_of(tolerations.begin(), tolerations.end(), [&](const json::value& t) {
      std::string_view have = text_at(t, {"key"}), effect = text_at(t, {"effect"});
      return (effect.empty() || effect == "NoExecute") &&
             (have == key || (have.empty() && text_at(t, {"operator"}) == "Exists"));
    });
    if (there) continue;
    tolerations.push_back(
        json::object{{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  }
}

// Nothing may run on a node before it is known to be ready.
void add_not_ready(json::value& node) {
  json::object taint{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}};
  json::array& taints = array_in(object_in(node, {"spec"}), "taints");
  bool there = std::any_of(taints.begin(), taints.end(), [&](const json::value& one) {
    return text_at(one, {"key"}) == text_in(taint, "key") && text_at(one, {"effect"}) == text_in(taint, "effect");
  });
  if (!there) taints.push_back(std::move(taint));
}

}  // namespace

void admit_update(const Resource& resource, json::value& object) {
  if (resource.is_builtin("Pod")) add_tolerations(object_in(object, {"spec"}));
}

void admit_pod(json::value& pod, std::string_view suffix) {
  json::object& spec = object_in(pod, {"spec"});
  set_default(spec, "serviceAccountName", "default");
  set_default(spec, "serviceAccount", json::value(spec["serviceAccountName"]));
  set_default(spec, "priority", 0);
  set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
  add_tolerations(spec);
  if (const json::value* mounts = find(pod, "spec", "automountServiceAccountToken"); mounts && *mounts == false) return;
  constexpr std::string_view mount_path = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string volume = "kube-api-access-" + std::string(suffix);
  bool mounted = false;
  for (std::string_view list : {"initContainers", "containers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->value().is_array()) continue;
    for (json::value& container : containers->value().get_array()) {
      if (!container.is_object()) continue;
      json::array& mounts = array_in(container.get_object(), "volumeMounts");
      bool there = std::any_of(mounts.begin(), mounts.end(),
                               [&](const json::value& m) { return text_at(m, {"mountPath"}) == mount_path; });
      if (there) continue;
      mounts.push_back(json::object{{"name", volume}, {"readOnly", true}, {"mountPath", mount_path}});
      mounted = true;
    }
  }
  if (!mounted) return;
  json::object token{{"serviceAccountToken", json::object{{"expirationSeconds", 3607}, {"path", "token"}}}};
  json::object authority{
      {"configMap", json::object{{"name", "kube-root-ca.crt"},
                                 {"items", json::array{json::object{{"key", "ca.crt"}, {"path", "ca.crt"}}}}}}};
  json::object reference{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
  json::object place{
      {"downwardAPI",
       json::object{{"items", json::array{json::object{{"path", "namespace"}, {"fieldRef", reference}}}}}}};
  array_in(spec, "volumes")
      .push_back(json::object{
          {"name", volume},
          {"projected", json::object{{"sources", json::array{token, authority, place}}, {"defaultMode", 420}}}});
}

ApiResult<void> admit(Objects& objects, const Resource& resource, json::value& object) {
  View kind = resource.custom ? View() : View(resource.kind);
  if (kind == "Pod") {
    default_limits(objects, object);
    if (auto done = admit_priority(objects, resource, object); !done) return done;
    return admit_account(objects, resource, object);
  }
  if (kind == "Node") add_not_ready(object);
  if (kind == "PriorityClass") return admit_priority_class(objects, resource, object);
  if (kind == "PersistentVolume") add_finalizer(object, "kubernetes.io/pv-protection");
  if (kind == "PersistentVolumeClaim") {
    add_finalizer(object, "kubernetes.io/pvc-protection");
    bool classed = find(object, "spec", "storageClassName") ||
                   !text_at(object, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"}).empty();
    std::string name = classed ? ""
                               : default_of(objects, "storage.k8s.io", "storageclasses",
                                            {"storageclass.kubernetes.io/is-default-class",
                                             "storageclass.beta.kubernetes.io/is-default-class"});
    if (!name.empty()) object_in(object, {"spec"})["storageClassName"] = name;
  }
  if (kind == "Ingress") {
    bool classed = find(object, "spec", "ingressClassName") ||
                   !text_at(object, {"metadata", "annotations", "kubernetes.io/ingress.class"}).empty();
    std::string name = classed ? ""
                               : default_of(objects, "networking.k8s.io", "ingressclasses",
                                            {"ingressclass.kubernetes.io/is-default-class"});
    if (!name.empty()) object_in(object, {"spec"})["ingressClassName"] = name;
  }
  return {};
}

ApiResult<void> check_limits(Objects& objects, const Resource& resource, const json::value& object,
                             const json::value* before, bool dry_run) {
  if (!resource.namespaced) return {};
  if (std::string why = limits_problem(objects, resource, object, before != nullptr); !why.empty())
    return forbid(resource, object, why);
  if (std::string why = charge_quotas(objects, resource, object, before, dry_run); !why.empty())
    return forbid(resource, object, why);
  return {};
}

}  // namespace fairlead::sandbox
