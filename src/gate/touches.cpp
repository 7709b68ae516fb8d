#include "gate/touches.h"

#include <algorithm>
#include <array>

#include "kube/client.h"
#include "ops/change.h"

namespace fairlead::gate {
namespace {

constexpr std::string_view kEach = "*";

// Kinds of the cluster, and what of namespaces their objects tell and govern.
struct ClusterKind {
  std::string_view group, plural;
  std::string_view told_group, told;  // the kind in namespaces that they tell of; empty: none
  bool told_in_lists;                 // and not only by a whole object
  bool governs;                       // a change of one is felt in namespaces
};
constexpr std::string_view kRbac = "rbac.authorization.k8s.io", kAdmission = "admissionregistration.k8s.io",
                           kStorage = "storage.k8s.io", kFlow = "flowcontrol.apiserver.k8s.io";
constexpr ClusterKind kClusterKinds[]{
    {"", "nodes", "", "pods", false, true},                               // images, volumes in use
    {"", "persistentvolumes", "", "persistentvolumeclaims", true, true},  // claimRef
    {"", "componentstatuses", "", "", false, false},
    {kRbac, "clusterrolebindings", "", "serviceaccounts", true, true},  // subjects
    {kRbac, "clusterroles", "", "", false, true},
    {kAdmission, "mutatingwebhookconfigurations", "", "services", false, true},
    {kAdmission, "validatingwebhookconfigurations", "", "services", false, true},
    {"apiregistration.k8s.io", "apiservices", "", "services", true, true},
    {"apiextensions.k8s.io", "customresourcedefinitions", "", "services", false, true},
    {"certificates.k8s.io", "certificatesigningrequests", "", "serviceaccounts", true, true},  // who asked
    {"metrics.k8s.io", "nodes", "", "", false, false},
    {kStorage, "storageclasses", "", "", false, false},
    {kStorage, "csidrivers", "", "", false, false},
    {kStorage, "csinodes", "", "", false, false},
    {kStorage, "volumeattributesclasses", "", "", false, false},
    {"networking.k8s.io", "ingressclasses", "", "", false, false},
    {"scheduling.k8s.io", "priorityclasses", "", "", false, true},
    {"node.k8s.io", "runtimeclasses", "", "", false, false},
    {kFlow, "flowschemas", "", "serviceaccounts", false, true},
    {kFlow, "prioritylevelconfigurations", "", "", false, true},
};

const ClusterKind* find_cluster_kind(std::string_view group, std::string_view plural) {
  for (const auto& kind : kClusterKinds)
    if (kind.group == group && kind.plural == plural) return &kind;
  return nullptr;
}

bool is_any_kind(const ops::Access& access) { return access.group == kEach || access.resource == kEach; }

std::string_view plural_of(std::string_view resource) { return resource.substr(0, resource.find('/')); }

class Touches {
 public:
  explicit Touches(ops::Trust trust) : trust_(trust) {}

  void add(std::string_view group, std::string_view resource, std::string_view ns, std::string_view name) {
    Touch touch{std::string(group), std::string(resource), std::string(ns), std::string(name)};
    if (std::find(all_.begin(), all_.end(), touch) == all_.end()) all_.push_back(std::move(touch));
  }

  // An object of the cluster; `whole`: not only what a list tells of it.
  void add_of_cluster(std::string_view group, std::string_view resource, std::string_view name, bool whole) {
    add(group, resource, "", name);
    if (trust_ != ops::Trust::read) return;
    const ClusterKind* known = find_cluster_kind(group, plural_of(resource));
    if (!known)
      add(group, resource, kEach, "");
    else if (!known->told.empty() && (whole || known->told_in_lists))
      add(known->told_group, known->told, kEach, "");
  }

  // A change of an object of the cluster by an operation that may do anything to it.
  void add_governed(std::string_view group, std::string_view resource) {
    if (trust_ == ops::Trust::read) return;
    const ClusterKind* known = find_cluster_kind(group, plural_of(resource));
    if (!known || known->governs) add(group, resource, kEach, "");
    if (trust_ == ops::Trust::destructive) add(kEach, kEach, kEach, "");  // what it owns
  }

  // `deleted`: and all that is in it.
  void add_namespace(std::string_view name, bool deleted) {
    const std::string_view ns = name.empty() ? kEach : name;
    add("", "namespaces", ns, name);
    if (deleted) add(kEach, kEach, ns, "");
  }

  std::vector<Touch> take() { return std::move(all_); }

 private:
  ops::Trust trust_;
  std::vector<Touch> all_;
};

bool requires_name(const ops::Operation& operation) {
  return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                     [](const auto& parameter) { return parameter.name == "name" && parameter.required; });
}

bool has_verb(const ops::Access& access, std::string_view verb) {
  return std::find(access.verbs.begin(), access.verbs.end(), verb) != access.verbs.end();
}

}  // namespace

std::string DefaultNamespaces::of_object(const ops::Arguments& arguments) const {
  const std::string given = arguments.text("namespace");
  return !given.empty() ? given : objects.empty() ? "default" : objects;
}

bool needs_kind(const ops::Operation& operation) {
  return !operation.access.empty() &&
         std::any_of(operation.parameters.begin(), operation.parameters.end(),
                     [](const auto& parameter) { return parameter.name == "kind" && parameter.required; });
}

std::vector<Touch> touches_of(const ops::Operation& operation, const ops::Arguments& arguments,
                              const DefaultNamespaces& defaults, const std::optional<kube::ApiResource>& kind) {
  Touches out(operation.trust);
  const bool names_kind = needs_kind(operation), single = requires_name(operation);
  const std::string name = arguments.text("name"), given = arguments.text("namespace");
  if (names_kind && !kind) {
    out.add(kEach, kEach, kEach, name);
    out.add(kEach, kEach, "", name);
    return out.take();
  }
  std::string ns = single ? defaults.of_object(arguments) : given.empty() ? defaults.lists : given;
  // A diagnosis follows a trail to wherever it leads: a pod's log names a Service elsewhere.
  if (ns.empty() || operation.family == "diagnosis") ns = kEach;
  const bool own = !takes_namespace(operation) && single;  // what is in no namespace, or one itself
  for (const auto& access : operation.access) {
    // A change looks at what stands behind its object, and changes nothing of that.
    if (operation.change && (access.optional || access.reach == ops::Reach::all_namespaces)) continue;
    // Which columns of a kind hold credentials is looked up in its definition, of which nothing is shown.
    if (names_kind && access.optional && access.reach == ops::Reach::cluster) continue;
    // The events of an object, and whatever else goes with it, are where it is.
    const bool beside_cluster_kind = names_kind && !kind->namespaced && access.reach == ops::Reach::call_namespace;
    if (is_any_kind(access)) {
      if (!kind)
        out.add(kEach, kEach, kEach, name);
      else if (kind->group.empty() && kind->plural == "namespaces")
        out.add_namespace(single ? name : "", has_verb(access, "delete"));
      else if (kind->namespaced)
        out.add(kind->group, kind->plural, ns, name);
      else {
        out.add_of_cluster(kind->group, kind->plural, name, single);
        out.add_governed(kind->group, kind->plural);
      }
    } else if (access.group.empty() && access.resource == "namespaces") {
      if (beside_cluster_kind) continue;  // it looks for the namespace of a list, and there is none
      const std::string where = access.reach == ops::Reach::call_namespace && ns != kEach ? ns : "";
      out.add_namespace(own ? name : where, has_verb(access, "delete"));
    } else if (access.reach == ops::Reach::cluster) {
      const bool whole = has_verb(access, "get") || operation.family == "diagnosis";
      out.add_of_cluster(access.group, access.resource, own ? name : "", whole);
    } else if (access.reach == ops::Reach::all_namespaces || beside_cluster_kind) {
      out.add(access.group, access.resource, kEach, "");
    } else {
      out.add(access.group, access.resource, own ? name : ns, access.optional || has_verb(access, "list") ? "" : name);
    }
  }
  // It asks about a namespace, though every identity may.
  if (operation.access.empty() && takes_namespace(operation)) out.add_namespace(defaults.of_object(arguments), false);
  return out.take();
}

namespace {

// The fields by which the garbage collector may delete an object.
constexpr std::array<std::string_view, 2> kHolds{"ownerReferences", "finalizers"};

bool is_of_holds(std::string_view pointer) {
  constexpr std::string_view metadata = "/metadata";
  if (pointer.empty() || pointer == metadata || pointer == "/spec/ttlSecondsAfterFinished") return true;
  return std::any_of(kHolds.begin(), kHolds.end(), [&](std::string_view field) {
    return pointer.starts_with(std::string(metadata) + "/" + std::string(field));
  });
}

// A patch that changes what holds an object together with others, or keeps it from going.
bool lets_go(const ops::Write& write) {
  if (write.before.is_null()) return false;
  if (write.body.is_array()) {
    const auto& steps = write.body.get_array();
    return std::any_of(steps.begin(), steps.end(), [](const json::value& step) {
      return text_at(step, {"op"}) != "test" &&
             (is_of_holds(text_at(step, {"path"})) ||
              (text_at(step, {"op"}) == "move" && is_of_holds(text_at(step, {"from"}))));
    });
  }
  if (find(write.body, "spec", "ttlSecondsAfterFinished") && write.object.plural == "jobs") return true;
  for (std::string_view field : kHolds) {
    const json::value *asked = find(write.body, "metadata", field), *had = find(write.before, "metadata", field);
    if (asked && (!had || *asked != *had)) return true;
    if (asked || !had || write.content_type != kube::Patch::apply) continue;
    // What is left out of what is applied goes, where it was applied before.
    for (const auto& entry : array_at(write.before, {"metadata", "managedFields"}))
      if (text_at(entry, {"operation"}) == "Apply" && text_at(entry, {"manager"}) == ops::kFieldManager &&
          find(entry, "fieldsV1", "f:metadata", "f:" + std::string(field)))
        return true;
  }
  return false;
}

}  // namespace

std::vector<Touch> touches_of(ops::Trust trust, const Target& target) {
  Touches out(trust);
  if (target.group.empty() && target.plural == "namespaces")
    out.add_namespace(target.name, trust == ops::Trust::destructive);
  else if (target.namespaced)
    out.add(target.group, target.plural, target.ns.empty() ? kEach : target.ns, target.name);
  else {
    out.add_of_cluster(target.group, target.plural, target.name, true);
    out.add_governed(target.group, target.plural);
  }
  return out.take();
}

bool is_secret(const Target& target) { return target.group.empty() && target.plural == "secrets"; }

std::vector<Touch> shown_by(const ops::Operation& operation, const ops::Arguments& arguments,
                            const DefaultNamespaces& defaults, const std::optional<kube::ApiResource>& kind) {
  std::vector<Touch> out;
  for (const auto& access : operation.access) {
    if (!operation.change || access.optional || !has_verb(access, "patch") ||
        access.resource.find('/') != std::string_view::npos)
      continue;
    const bool any = is_any_kind(access);
    if (any && !kind) continue;
    Target target{std::string(access.group), std::string(access.resource), access.reach != ops::Reach::cluster, "",
                  arguments.text("name")};
    if (any) target = {kind->group, kind->plural, kind->namespaced, "", target.name};
    if (target.namespaced) target.ns = defaults.of_object(arguments);
    if (!any && is_secret(target)) continue;  // nothing but names of its keys
    if (!any && !target.namespaced)           // of a node that is cordoned only that is shown
      out.push_back({target.group, target.plural, "", target.name});
    else
      for (auto& touch : touches_of(ops::Trust::read, target)) out.push_back(std::move(touch));
  }
  return out;
}

ops::Trust trust_of(const ops::Plan& plan, ops::Trust least) {
  // What stands in the way of what it is replaced with, and comes again in any case.
  const auto is_replaced = [&plan](const ops::Write& removal) {
    return plan.repeatable && std::any_of(plan.writes.begin(), plan.writes.end(), [&](const ops::Write& write) {
             return &write > &removal && write.content_type == kube::Patch::apply &&
                    write.object.target() == removal.object.target();
           });
  };
  const bool removes = std::any_of(plan.writes.begin(), plan.writes.end(), [&](const ops::Write& write) {
    return (write.verb == ops::Write::Verb::remove && !is_replaced(write)) ||
           (write.verb == ops::Write::Verb::patch && lets_go(write));
  });
  return removes || !plan.loses.empty() ? std::max(least, ops::Trust::destructive) : least;
}

}  // namespace fairlead::gate
