// What a call reaches, for the policy: made from what its operation declares (ops::Access) and its arguments, so that
// no operation can forget to say it. Pure.
//
// A rule about a namespace must not be walked around by asking for the same elsewhere, so a touch is never less than
// what a reply may show or a change may alter:
// - a list without a namespace, and whatever looks beyond its own, touches each namespace;
// - what a READ may do without (Access::optional) counts as well: whether it is done is known only afterwards,
//   and a reply that goes without it looks the same;
// - a Namespace is in itself: it is touched as its own namespace, and all that is in it goes with it;
// - an object of the cluster that tells of objects in namespaces (a volume's claim, a binding's subjects) touches those
//   kinds in each namespace; of a kind that is not known here, its own kind in each namespace;
// - a change of any kind of the cluster touches each namespace, unless the kind is known to govern none; so does
//   deleting one, since what it owns goes with it, wherever that is. Owners in a namespace own nothing beyond it.
// Kinds are those that a call is about: what a controller does next, or what is deleted because its owner was, is
// looked at by its namespace and not by its kind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/policy.h"
#include "kube/discovery.h"
#include "ops/plan.h"

namespace fairlead::gate {

// Of the connection that the call will use.
struct DefaultNamespaces {
  std::string objects;  // for single objects; empty: "default"
  std::string lists;    // for lists; empty: all

  // Where the single object of a call is, as ops::Call::object_namespace.
  std::string of_object(const ops::Arguments& arguments) const;
};

// Whether the kind that the call names has to be found (ops::resolve_kind) for its touches to be exact.
bool needs_kind(const ops::Operation& operation);

// `kind`: what the call's `kind` argument means on its cluster. Without it, a call that names one touches any kind
// everywhere. Each touch once.
std::vector<Touch> touches_of(const ops::Operation& operation, const ops::Arguments& arguments,
                              const DefaultNamespaces& defaults, const std::optional<kube::ApiResource>& kind);

// What a change shows of the object that it alters, where that is there already: decided as a READ by get_resource.
// Empty: nothing, as of Secrets.
std::vector<Touch> shown_by(const ops::Operation& operation, const ops::Arguments& arguments,
                            const DefaultNamespaces& defaults, const std::optional<kube::ApiResource>& kind);

// One object of a manifest, its kind found.
struct Target {
  std::string group, plural;
  bool namespaced = false;
  std::string ns;  // where it is namespaced: never empty
  std::string name;
};
// What changing or reading it touches.
std::vector<Touch> touches_of(ops::Trust trust, const Target& target);
bool is_secret(const Target& target);

// `least`, or DESTRUCTIVE where the plan deletes something, or lets something be deleted: an owner that is not there
// makes the garbage collector delete what it is set on, and what has lost its finalizers goes. What a repeatable plan
// deletes and applies anew is replaced.
ops::Trust trust_of(const ops::Plan& plan, ops::Trust least);

}  // namespace fairlead::gate
