// A change as data: every request that it will send, complete before anything is sent, with what is there now. A plan
// is shown, approved, journaled, sent, looked for after a crash and taken back as it stands; nothing is decided later.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

struct ObjectRef {
  std::string group, version, plural, kind;
  std::string ns;  // empty: in no namespace
  std::string name;
  std::string subresource;  // "scale"; empty: the object itself
  std::string uid;          // as it was read; empty: it was not there, or the server did not say

  bool operator==(const ObjectRef&) const = default;
  std::string target() const;      // the path of the object or of its subresource
  std::string collection() const;  // the path that it is created at
  std::string words() const;       // "Deployment shop/web"
  bool is(std::string_view its_group, std::string_view its_plural) const {
    return group == its_group && plural == its_plural;
  }
  bool is_secret() const;  // whose values are shown and kept nowhere in the clear
};

// One request that changes one object.
struct Write {
  enum class Verb {
    create,  // POST of the object
    patch,   // PATCH, bound to the resourceVersion that was read
    remove,  // DELETE, bound to the uid that was read, and but for the pods of controllers to the resourceVersion
    exec,    // a command in a container of the pod, which is sent once and leaves nothing to look at
    evict,   // POST of an eviction: repeated while a disruption budget forbids it, until the deadline
  };
  Verb verb = Verb::patch;
  ObjectRef object;
  std::string content_type;  // of a patch
  json::value body;
  bool force = false;       // an applied patch takes fields over from other managers
  bool copied = false;      // the body is another object's, and not what the caller has given
  bool until_gone = false;  // of a removal: it is done when the object is not there any more, its dependents included
  json::value before;       // the object as it was read; null: it was not there
  json::value expected;     // as the server's dry run answered; null: not tried, or the object will be gone
};

struct Plan {
  std::string summary;                   // "scale deployment shop/web from 3 to 5"
  std::vector<Write> writes;             // in their order; none: there is nothing to change
  std::vector<std::string> reach;        // beyond the objects themselves: "3 pods stand behind it"
  std::vector<std::string> takes_along;  // uids of what is in what it deletes, as `reach` counts them
  std::vector<std::string> left;         // of a rollback: what of the change stays as it is, a sentence each
  std::vector<std::string> loses;        // what it destroys besides its objects, a clause each, as far as that is known
  std::vector<ObjectRef> shows;          // others that its writes or its answer tell of; not kept
  std::string no_undo;  // the operation's own word on why it cannot be taken back, a clause; see losses.h
  json::value facts = json::object();  // what the operation's answer needs besides
  // Each request may be sent again, whatever became of it, and leads to the same: objects are applied whole, patches
  // are bound to nothing but the object (its uid). Whoever finds it in the middle carries it on
  // (gate/changes_carry_on.cpp).
  bool repeatable = false;
};

std::string_view to_string(Write::Verb verb);  // create, patch, delete, exec, evict
json::object to_json(const Plan& plan);
Result<Plan> plan_from_json(const json::value& value);

}  // namespace fairlead::ops
