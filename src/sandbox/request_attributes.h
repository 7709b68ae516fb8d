// What a request wants to do, as authorization sees it: told from method and path alone, before anybody looks whether
// there is such a resource. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/authentication.h"
#include "sandbox/request.h"

namespace fairlead::sandbox {

struct Attributes {
  std::string verb;  // get, list, watch, create, …; the method in lower case for paths that are no resources
  bool is_resource = false;
  std::string group, version, resource, subresource, namespace_name, name;
  std::string path;  // where it is no resource
};

// Where parse_resource_path() finds a resource, these are its group, plural, namespace, name and subresource. The name
// of a list or watch is the one that its field selector requires, if it does.
Attributes attributes_of(std::string_view method, const Target& target);
// What it takes to act as somebody else: the verb `impersonate` on users, groups, serviceaccounts, userextras/KEY,
// uids.
Attributes attributes_of(const Impersonation& wanted);

// 403: `pods "web" is forbidden: User "alice" cannot get resource "pods" in API group "" in the namespace "shop"`.
StatusError forbidden_request(const User& user, const Attributes& attributes, std::string_view reason);

}  // namespace fairlead::sandbox
