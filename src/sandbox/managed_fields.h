// Who owns which fields of an object: metadata.managedFields, kept by every write, and server-side apply, which asks
// it. Pure and thread-safe.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/json.h"
#include "sandbox/field_set.h"

namespace fairlead::sandbox {

// One who changes objects. Those who apply are the same in all versions of the API.
struct Manager {
  std::string operation;  // Update, Apply
  std::string name;
  std::string api_version;  // empty: who applies
  std::string subresource;
  auto operator<=>(const Manager&) const = default;
  // "kubectl" with subresource "status" using apps/v1, as messages name it.
  std::string text() const;
};

struct Owned {
  FieldSet fields;
  std::string api_version;
  std::string time;  // RFC 3339; empty: none
  bool operator==(const Owned&) const = default;
};

class ManagedFields {
 public:
  // Entries that are none, and an object without any, give nothing: such an object is not tracked.
  static ManagedFields of(const json::value& object);
  // Nothing when an entry is none.
  static std::optional<ManagedFields> parse(const json::array& entries);
  json::array entries() const;
  // As metadata.managedFields; the member is gone when nobody owns anything.
  void write_to(json::value& object) const;

  bool empty() const { return owners.empty(); }
  bool operator==(const ManagedFields&) const = default;

  std::map<Manager, Owned> owners;
};

// Which part of the object a request can change: the fields of other parts become nobody's.
enum class Reach { all, but_status, only_status };

struct Write {
  std::string manager;  // who writes; empty: "unknown"
  std::string api_version;
  std::string subresource;
  Reach reach = Reach::all;
  std::string now;  // RFC 3339
};

// The owners after an update from `before` (null: the object is new) to `after`. The update's manager owns what it
// changed, nobody owns what is gone. Both are in the form of stored_form.h. The oldest of more than ten updating
// managers are taken together.
ManagedFields after_update(const Message* message, const json::value* before, const json::value& after,
                           ManagedFields managed, const Write& write);

struct ApplyConflict {
  Manager manager;
  FieldPath path;
};

struct Applied {
  json::value object;  // not yet with defaults; the live one when nothing changes
  ManagedFields managed;
  bool changed = false;
};

// Lays a configuration over the live object (null: there is none). Fields that the manager applied before, and now
// does not, go, unless another owns them. With conflicts nothing is applied, unless `force`.
tl::expected<Applied, std::vector<ApplyConflict>> apply_configuration(const Message* message, const json::value* live,
                                                                      const json::value& configuration,
                                                                      ManagedFields managed, const Write& write,
                                                                      bool force);

// What `kubectl apply --server-side` may take over from `kubectl apply`: the fields of the annotation that are still as
// it says.
FieldSet last_applied_fields(const Message* message, const json::value& live, std::string_view api_version);

}  // namespace fairlead::sandbox
