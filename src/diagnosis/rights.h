// Whether a service account may do something, and if not, what is missing.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

struct Wish {
  std::string account_ns, account, verb, group, resource, ns;  // ns empty: of no namespace, or of all
  std::string text() const;                                    // "update configmaps in namespace shop"
};

struct Rights {
  std::optional<bool> may;           // nothing: it can neither be asked nor read
  std::vector<std::string> missing;  // what keeps it from being allowed: bindings and roles, a line each
};

// Asks the API server; where that may not be asked, judges by the roles and bindings. `missing` is found by reading
// these.
awaitable<Rights> rights_of(Trail trail, Wish wish);

// Whether one of a role's rules allows it. Pure.
bool allows(const json::value& role, const Wish& wish);

}  // namespace fairlead::diagnosis
