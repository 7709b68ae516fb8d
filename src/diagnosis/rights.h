// Whether a service account may do something, and if not, what is missing.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

struct Wish {
  std::string account_ns, account;
  ops::Right right;
  std::string ns;            // empty: of no namespace, or of all
  std::string text() const;  // "update configmaps in namespace shop"
};

struct Rights {
  std::optional<bool> may;           // nothing: it can neither be asked nor read
  std::vector<std::string> missing;  // what keeps it from being allowed: bindings and roles, a line each
  bool had_some = false;             // a binding gives it something there, or gave before its role was deleted
};

// Asks the API server; where that may not be asked, judges by the roles and bindings (ops/rbac_policy.h). `missing` is
// found by reading these.
awaitable<Rights> rights_of(Trail trail, Wish wish);

}  // namespace fairlead::diagnosis
