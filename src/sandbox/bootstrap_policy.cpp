#include "sandbox/bootstrap_policy.h"

#include "base/text.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr View rbac = "rbac.authorization.k8s.io";

// A role is a head, then its rules: "VERBS GROUPS RESOURCES [resourceNames]", or "VERBS PATHS" of URLs. In a list
// commas separate, "read", "change" and "all" stand for the verbs that go by these names, "core" for the group without
// a name.
struct RoleText {
  View name;
  View aggregates_to;  // the role that takes up its rules
  View gathers;        // it takes up the rules of those that aggregate to this one
  View rules;
};

constexpr RoleText roles[] = {
    {"cluster-admin", "", "", "* * *\n* *"},
    {"admin", "", "admin", ""},
    {"edit", "admin", "edit", ""},
    {"view", "edit", "view", ""},
    {"system:aggregate-to-admin", "admin", "",
     "create authorization.k8s.io localsubjectaccessreviews\n"
     "create,delete,deletecollection,get,list,patch,update,watch rbac.authorization.k8s.io rolebindings,roles"},
    {"system:aggregate-to-edit", "edit", "",
     "read core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy\n"
     "impersonate core serviceaccounts\n"
     "change core pods,pods/attach,pods/exec,pods/portforward,pods/proxy\n"
     "create core pods/eviction\n"
     "change core "
     "configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/"
     "scale,secrets,serviceaccounts,services,services/proxy\n"
     "create core serviceaccounts/token\n"
     "change apps "
     "daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/"
     "scale,statefulsets,statefulsets/scale\n"
     "change autoscaling horizontalpodautoscalers\n"
     "change batch cronjobs,jobs\n"
     "change extensions "
     "daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/"
     "scale,replicationcontrollers/scale\n"
     "change policy poddisruptionbudgets\n"
     "change networking.k8s.io ingresses,networkpolicies\n"
     "create,delete,deletecollection,get,list,patch,update,watch coordination.k8s.io leases"},
    {"system:aggregate-to-view", "view", "",
     "read core "
     "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/"
     "status,pods,replicationcontrollers,replicationcontrollers/scale,"
     "serviceaccounts,services,services/status\n"
     "read core "
     "bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/"
     "status,resourcequotas,resourcequotas/status\n"
     "read core namespaces\n"
     "read discovery.k8s.io endpointslices\n"
     "read apps "
     "controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/"
     "status,replicasets,replicasets/scale,"
     "replicasets/status,statefulsets,statefulsets/scale,statefulsets/status\n"
     "read autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status\n"
     "read batch cronjobs,cronjobs/status,jobs,jobs/status\n"
     "read extensions "
     "daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/"
     "status,networkpolicies,replicasets,"
     "replicasets/scale,replicasets/status,replicationcontrollers/scale\n"
     "read policy poddisruptionbudgets,poddisruptionbudgets/status\n"
     "read networking.k8s.io ingresses,ingresses/status,networkpolicies"},
    {"system:auth-delegator", "", "",
     "create authentication.k8s.io tokenreviews\ncreate authorization.k8s.io subjectaccessreviews"},
    {"system:basic-user", "", "",
     "create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews\ncreate authentication.k8s.io "
     "selfsubjectreviews"},
    {"system:certificates.k8s.io:certificatesigningrequests:nodeclient", "", "",
     "create certificates.k8s.io certificatesigningrequests/nodeclient"},
    {"system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "", "",
     "create certificates.k8s.io certificatesigningrequests/selfnodeclient"},
    {"system:certificates.k8s.io:kube-apiserver-client-approver", "", "",
     "approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client"},
    {"system:certificates.k8s.io:kube-apiserver-client-kubelet-approver", "", "",
     "approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet"},
    {"system:certificates.k8s.io:kubelet-serving-approver", "", "",
     "approve certificates.k8s.io signers kubernetes.io/kubelet-serving"},
    {"system:certificates.k8s.io:legacy-unknown-approver", "", "",
     "approve certificates.k8s.io signers kubernetes.io/legacy-unknown"},
    {"system:discovery", "", "",
     "get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/"},
    {"system:heapster", "", "", "read core events,namespaces,nodes,pods\nread extensions deployments"},
    {"system:kube-aggregator", "", "", "read core endpoints,services"},
    {"system:kube-controller-manager", "", "",
     "create,patch,update core,events.k8s.io events\n"
     "create coordination.k8s.io leases\n"
     "get,update coordination.k8s.io leases kube-controller-manager\n"
     "create core secrets,serviceaccounts\n"
     "delete core secrets\n"
     "get core configmaps,namespaces,secrets,serviceaccounts\n"
     "update core secrets,serviceaccounts\n"
     "create authentication.k8s.io tokenreviews\n"
     "create authorization.k8s.io subjectaccessreviews\n"
     "list,watch * *\n"
     "create core serviceaccounts/token"},
    {"system:kube-dns", "", "", "list,watch core endpoints,services"},
    {"system:kube-scheduler", "", "",
     "create,patch,update core,events.k8s.io events\n"
     "create coordination.k8s.io leases\n"
     "get,update coordination.k8s.io leases kube-scheduler\n"
     "read core nodes\n"
     "delete,get,list,watch core pods\n"
     "create core bindings,pods/binding\n"
     "patch,update core pods/status\n"
     "read core replicationcontrollers,services\n"
     "read apps,extensions replicasets\n"
     "read apps statefulsets\n"
     "read policy poddisruptionbudgets\n"
     "read core persistentvolumeclaims,persistentvolumes\n"
     "create authentication.k8s.io tokenreviews\n"
     "create authorization.k8s.io subjectaccessreviews\n"
     "read storage.k8s.io csinodes\n"
     "read core namespaces\n"
     "read storage.k8s.io csidrivers\n"
     "read storage.k8s.io csistoragecapacities"},
    {"system:kubelet-api-admin", "", "",
     "read core nodes\nproxy core nodes\n* core nodes/log,nodes/metrics,nodes/proxy,nodes/stats"},
    {"system:monitoring", "", "", "get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*"},
    {"system:node", "", "",
     "create authentication.k8s.io tokenreviews\n"
     "create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews\n"
     "read core services\n"
     "create,get,list,watch core nodes\n"
     "patch,update core nodes/status\n"
     "patch,update core nodes\n"
     "create,patch,update core events\n"
     "read core pods\n"
     "create,delete core pods\n"
     "patch,update core pods/status\n"
     "create core pods/eviction\n"
     "read core configmaps,secrets\n"
     "get core persistentvolumeclaims,persistentvolumes\n"
     "get core endpoints\n"
     "create,get,list,watch certificates.k8s.io certificatesigningrequests\n"
     "create,delete,get,patch,update coordination.k8s.io leases\n"
     "get storage.k8s.io volumeattachments\n"
     "create core serviceaccounts/token\n"
     "get,patch,update core persistentvolumeclaims/status\n"
     "read storage.k8s.io csidrivers\n"
     "create,delete,get,patch,update storage.k8s.io csinodes\n"
     "read node.k8s.io runtimeclasses"},
    {"system:node-bootstrapper", "", "", "create,get,list,watch certificates.k8s.io certificatesigningrequests"},
    {"system:node-problem-detector", "", "",
     "get core nodes\npatch core nodes/status\ncreate,patch,update core,events.k8s.io events"},
    {"system:node-proxier", "", "",
     "list,watch core endpoints,services\nread core nodes\ncreate,patch,update core,events.k8s.io events\nlist,watch "
     "discovery.k8s.io endpointslices"},
    {"system:persistent-volume-provisioner", "", "",
     "create,delete,get,list,watch core persistentvolumes\nget,list,update,watch core persistentvolumeclaims\nread "
     "storage.k8s.io storageclasses\n"
     "watch core events\ncreate,patch,update core,events.k8s.io events"},
    {"system:public-info-viewer", "", "", "get /healthz,/livez,/readyz,/version,/version/"},
    {"system:service-account-issuer-discovery", "", "", "get /.well-known/openid-configuration,/openid/v1/jwks"},
    {"system:volume-scheduler", "", "",
     "get,list,patch,update,watch core persistentvolumes\nread storage.k8s.io "
     "storageclasses\nget,list,patch,update,watch core persistentvolumeclaims"},
};

struct BindingText {
  View role;           // whose name is the binding's too
  View kind, subject;  // a ServiceAccount is one of kube-system; nobody: no subjects
};
constexpr BindingText bindings[] = {
    {"cluster-admin", "Group", "system:masters"},
    {"system:basic-user", "Group", "system:authenticated"},
    {"system:discovery", "Group", "system:authenticated"},
    {"system:kube-controller-manager", "User", "system:kube-controller-manager"},
    {"system:kube-dns", "ServiceAccount", "kube-dns"},
    {"system:kube-scheduler", "User", "system:kube-scheduler"},
    {"system:monitoring", "Group", "system:monitoring"},
    {"system:node", "", ""},
    {"system:node-proxier", "User", "system:kube-proxy"},
    {"system:public-info-viewer", "Group", "system:authenticated,system:unauthenticated"},
    {"system:service-account-issuer-discovery", "Group", "system:serviceaccounts"},
    {"system:volume-scheduler", "User", "system:kube-scheduler"},
};

json::array list_of(View text) {
  if (text == "read") text = "get,list,watch";
  if (text == "change") text = "create,delete,deletecollection,patch,update";
  json::array out;
  for (View word : split(text, ',')) out.emplace_back(json::string(word == "core" ? View() : word));
  return out;
}

json::array rules_of(View text) {
  json::array out;
  for (View line : split(text, '\n')) {
    std::vector<View> words = split(line, ' ');
    if (words.size() == 2)
      out.push_back(json::object{{"verbs", list_of(words[0])}, {"nonResourceURLs", list_of(words[1])}});
    if (words.size() < 3) continue;
    json::object rule{{"verbs", list_of(words[0])}, {"apiGroups", list_of(words[1])}, {"resources", list_of(words[2])}};
    if (words.size() > 3) rule["resourceNames"] = list_of(words[3]);
    out.push_back(std::move(rule));
  }
  return out;
}

std::string aggregation_label(View role) { return std::string(rbac) + "/aggregate-to-" + std::string(role); }

}  // namespace

void install_bootstrap_policy(Objects& objects) {
  auto add = [&](View plural, View name, View aggregates_to, json::object rest) {
    json::object labels{{"kubernetes.io/bootstrapping", "rbac-defaults"}};
    if (!aggregates_to.empty()) labels[aggregation_label(aggregates_to)] = "true";
    rest["metadata"] =
        json::object{{"name", name},
                     {"uid", objects.make_uid()},
                     {"creationTimestamp", objects.now_text()},
                     {"labels", std::move(labels)},
                     {"annotations", json::object{{"rbac.authorization.kubernetes.io/autoupdate", "true"}}}};
    objects.insert(objects.resources().get(rbac, plural), std::move(rest));
  };
  for (const RoleText& role : roles) {
    json::object rest;
    if (!role.gathers.empty()) {
      json::object selector{{"matchLabels", json::object{{aggregation_label(role.gathers), "true"}}}};
      rest["aggregationRule"] = json::object{{"clusterRoleSelectors", json::array{std::move(selector)}}};
    }
    if (json::array rules = rules_of(role.rules); !rules.empty()) rest["rules"] = std::move(rules);
    add("clusterroles", role.name, role.aggregates_to, std::move(rest));
  }
  for (const BindingText& binding : bindings) {
    json::object rest;
    for (View name : split(binding.subject, ',')) {
      if (name.empty()) continue;
      json::object subject{{"kind", binding.kind}, {"name", name}};
      if (binding.kind == "ServiceAccount") {
        subject["namespace"] = "kube-system";
      } else {
        subject["apiGroup"] = rbac;
      }
      array_in(rest, "subjects").push_back(std::move(subject));
    }
    rest["roleRef"] = json::object{{"apiGroup", rbac}, {"kind", "ClusterRole"}, {"name", binding.role}};
    add("clusterrolebindings", binding.role, "", std::move(rest));
  }
}

}  // namespace fairlead::sandbox
