// What can_i and who_can are asked about, read from their parameters.
#pragma once

#include "ops/operation.h"
#include "ops/rbac_policy.h"

namespace fairlead::ops {

struct AccessQuestion {
  Right right;
  bool namespaced = false;  // whether rights in a namespace count
  std::string ns;           // the namespace that was asked about; empty: none was, or it is none's
};

// verb, resource, namespace, name and group.
[[gnu::cold]] std::vector<Parameter> question_parameters(bool required, std::string_view where_left_out);

// A resource is looked up among those that the cluster has, unless `group` says where it is or it is "*" or a path; a
// verb that it does not have is refused, with those that it has (invalid_request).
awaitable<Result<AccessQuestion>> read_question(Call& call);

// Whether the present credentials have the right in that namespace (empty: in all of them, or it is of none): the
// status of a SelfSubjectAccessReview, with "allowed".
awaitable<Result<json::value>> review_right(Call& call, Right right, std::string ns);

}  // namespace fairlead::ops
