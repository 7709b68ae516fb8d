// What a diagnosis reads of a cluster. Everything is read once however many rules ask for it, and only when one does,
// so rules follow a trail as a person would: from a pod to its node, from a line of its log to the Service that it
// names.
#pragma once

#include <compare>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "ops/kind.h"
#include "ops/rbac_policy.h"

namespace fairlead::diagnosis {

using net::awaitable;
using ops::Kind;

// Kinds that rules look at. Lists carry the fields that kube/messages.h declares; single objects are whole.
namespace kinds {
extern const Kind pods, nodes, events, leases, resource_quotas, limit_ranges, autoscalers, priority_classes,
    ingress_classes, mutating_webhooks, validating_webhooks, api_services, endpoints, endpoint_slices;
// All that rules may ask for: those, and some of the ones that have operations of their own ("Deployment", "Secret",
// …).
const std::vector<const Kind*>& all();
// One of them; null for what is none: what the cluster's objects name is looked for by this.
const Kind* find(std::string_view name);
// The same for what the rules' own text names: another word is a programming error.
const Kind& of(std::string_view name);
}  // namespace kinds

// What could not be read is unreadable, and says why; rules then hold their tongue: nothing is called missing because
// it may not be seen.
enum class Sight { seen, absent, unreadable };

struct ListSeen {
  Sight sight = Sight::unreadable;  // absent: the cluster does not have the kind
  std::optional<ErrorCode> why;     // it is unreadable; nothing: there is more of it than a diagnosis holds
  std::span<const json::value> items;
  bool seen() const { return sight == Sight::seen; }
};

struct ObjectSeen {
  Sight sight = Sight::unreadable;
  std::optional<ErrorCode> why;  // it is unreadable
  json::value value;
  bool seen() const { return sight == Sight::seen; }
  bool absent() const { return sight == Sight::absent; }
};

struct LogSeen {
  Sight sight = Sight::unreadable;
  std::string text;  // its end, without credentials
};

// An object that is being deleted, of whatever kind.
struct Terminating {
  std::string api_version, kind, plural;
  json::value object;  // its metadata, managedFields included
};

struct TerminatingSeen {
  Sight sight = Sight::unreadable;  // unreadable: which kinds there are cannot be told
  std::vector<Terminating> items;
  std::vector<std::string> gaps;  // kinds and API groups that could not be read, or not to their end
};

// What could not be read, as the reader is told.
struct Unread {
  std::string what;                    // the kind's plural: "secrets"; or "logs of pods"
  std::string ns;                      // empty: of all namespaces, or of none
  std::optional<ErrorCode> code = {};  // nothing: there is more of it than a diagnosis looks through
  std::string text() const;            // "secrets of shop (permission_denied)"
  auto operator<=>(const Unread&) const = default;
};

// Use on one executor; calls may overlap. What is answered lives as long as the source.
class Source {
 public:
  virtual ~Source() = default;
  virtual awaitable<const ListSeen*> list(const Kind& kind, std::string ns) = 0;  // "": all namespaces
  virtual awaitable<const ObjectSeen*> get(const Kind& kind, std::string ns, std::string name) = 0;
  // The last 200 lines of a container that runs, or of the one before it.
  virtual awaitable<const LogSeen*> log(std::string ns, std::string pod, std::string container, bool previous) = 0;
  // Objects of a namespace that have been marked for deletion, pods left out; "": of all namespaces and of none,
  // without the kinds of which a cluster has many and that nothing holds.
  virtual awaitable<const TerminatingSeen*> terminating(std::string ns) = 0;
  // Whether a service account may, in that namespace or in all: nothing where that cannot be asked.
  virtual awaitable<std::optional<bool>> may(std::string service_account_ns, std::string service_account,
                                             ops::Right right, std::string ns) = 0;
  virtual std::int64_t now() const = 0;
  virtual std::vector<Unread> unreadable() const = 0;
};

}  // namespace fairlead::diagnosis
