// As whom a cluster sees a call: as the identity that is stored for it, or as who called, so that the cluster's own
// RBAC and audit log know who acts (Kubernetes user impersonation). The stored identity then needs the verb
// "impersonate" and nothing else. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "net/http.h"

namespace fairlead::fleet {

struct Impersonation {
  std::string user;  // with {name} for the caller's, such as "fairlead:{name}"; empty: nobody is impersonated
  std::vector<std::string> groups;  // with {name} too, or of each caller
  json::object extra;               // texts, with {name} too

  bool operator==(const Impersonation&) const = default;
};

// invalid_request with the field's name. Without {name} all callers would be one; nobody is made one of the system's
// own users and groups, system:masters among them.
Result<void> check(const Impersonation& impersonation);

// Whether it holds {name}: another text for each caller.
bool is_template(std::string_view text);

// What a request of that caller ("api:deploy-bot") is sent with, beside the stored credentials; nothing else sets
// these. invalid_request for a name that no header can hold, or that makes somebody of the system.
Result<std::vector<net::HttpHeader>> headers_of(const Impersonation& impersonation, std::string_view caller);

}  // namespace fairlead::fleet
