// Two states of one Kubernetes object, field by field: what a change did, whether that still holds, and how to take it
// back. Items of lists are told apart by what names them (name, containerPort and protocol, mountPath, key, …) where
// all items of both lists have that, no two the same, and those of both stand in the same order; other lists are one
// value, so that no order is lost. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

// An item of a list by what names it: {"containerPort": 80, "protocol": "TCP"}.
using ItemKey = json::object;
using PathStep = std::variant<std::string, ItemKey>;
using FieldPath = std::vector<PathStep>;
// spec.template.spec.containers[name=web].image; keys that are no plain words in quotes: metadata.labels["a.b/c"].
std::string to_text(const FieldPath& path);

struct FieldChange {
  FieldPath path;
  std::optional<json::value> before;  // nothing: it was not there
  std::optional<json::value> after;
  std::vector<ItemKey> ahead;  // of an item that only one list has: those before it there, the nearest last
  bool is_order = false;  // for readers only: `before` and `after` are the names of the list's items in their order
};

// What differs, in the order of the objects. What the server keeps for itself is left out: status, and of the metadata
// managedFields, resourceVersion, generation, uid, creationTimestamp, selfLink and deletionTimestamp.
std::vector<FieldChange> diff(const json::value& before, const json::value& after);

// As diff, for readers: a list in which items changed places too is told item by item, and in one more entry with
// its order.
std::vector<FieldChange> differences(const json::value& before, const json::value& after);

// Each field of an object that holds no further ones, and each empty one, as if it were added.
std::vector<FieldChange> leaves(const json::value& object);

// The value there; null pointer: none.
const json::value* at(const json::value& object, const FieldPath& path);

// A field that somebody has changed since.
struct FieldConflict {
  FieldPath path;
  std::optional<json::value> before, left, now;  // before the change, as the change left it, as it is now
  bool is_lost = false;                          // what held it has gone, so that it cannot be put back
};

struct Reverse {
  std::vector<FieldConflict> conflicts;  // fields that hold neither what the change left nor what was before
  json::array patch;                     // JSON Patch (RFC 6902) of `now`; empty: there is nothing to take back
};
// How to bring the fields of `changes` in `now` back to what they were. With conflicts the patch takes those back too:
// whoever sends it has decided that.
Reverse reverse(const std::vector<FieldChange>& changes, const json::value& now);

// `before` with these changes made to it.
json::value with(const json::value& before, const std::vector<FieldChange>& changes);

// `object` after a JSON Merge Patch (RFC 7396), which replaces lists whole.
json::value merged(const json::value& object, const json::value& patch);

// Whether an object holds all that a strategic merge patch or an applied object asks for: each field has that value,
// null means absent, items of lists are found by what names them.
bool holds(const json::value& object, const json::value& asked);
// Whether such a patch or object says something of the field.
bool speaks_of(const json::value& asked, const FieldPath& path);

}  // namespace fairlead::ops
