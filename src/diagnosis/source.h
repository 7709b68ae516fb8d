// What a diagnosis reads of a cluster. Everything is read once however many rules ask for it, and only when one does,
// so rules follow a trail as a person would: from a pod to its node, from a line of its log to the Service that it
// names.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "ops/kind.h"

namespace fairlead::diagnosis {

using net::awaitable;
using ops::Kind;

// Kinds that rules look at. Lists carry the fields that kube/messages.h declares; single objects are whole.
namespace kinds {
extern const Kind pods, nodes, events, leases, resource_quotas, limit_ranges, disruption_budgets, autoscalers,
    priority_classes, ingress_classes, mutating_webhooks, validating_webhooks, api_services;
// Those and the ones that have operations of their own: "Deployment", "Service", "Secret", … Null for what is no such
// kind: what the cluster's objects name is looked for by this.
const Kind* find(std::string_view name);
// The same for what the rules' own text names: another word is a programming error.
const Kind& of(std::string_view name);
}  // namespace kinds

// What could not be read is unreadable, and says why; rules then hold their tongue: nothing is called missing because
// it may not be seen.
enum class Sight { seen, absent, unreadable };

struct ListSeen {
  Sight sight = Sight::unreadable;  // absent: the cluster does not have the kind
  std::string why;
  std::vector<json::value> items;
  bool seen() const { return sight == Sight::seen; }
};

struct ObjectSeen {
  Sight sight = Sight::unreadable;
  std::string why;
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
  virtual awaitable<const std::vector<Terminating>*> terminating(std::string ns) = 0;
  // Whether a service account may: nothing where that cannot be asked.
  virtual awaitable<std::optional<bool>> may(std::string service_account_ns, std::string service_account,
                                             std::string verb, std::string group, std::string resource,
                                             std::string ns) = 0;
  virtual std::int64_t now() const = 0;
  // What could not be read, for the reader: "secrets of shop (permission_denied)".
  virtual std::vector<std::string> unreadable() const = 0;
};

}  // namespace fairlead::diagnosis
