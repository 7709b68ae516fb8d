// The answers to requests that fail: `Status` objects, worded as the API server words them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/json.h"

namespace fairlead::sandbox {

struct Cause {
  std::string reason;   // FieldValueInvalid, FieldValueRequired, …
  std::string message;  // without the field: `Invalid value: "X": must be …`
  std::string field;    // spec.replicas
};

struct StatusError {
  int code = 500;
  std::string reason;
  std::string message;
  json::object details;
  bool bare = false;      // true: no details, not even empty ones
  json::object metadata;  // ListMeta: a continue token to go on with

  json::object body() const;  // the whole Status
};

template <class T>
using ApiResult = tl::expected<T, StatusError>;

inline tl::unexpected<StatusError> refuse(StatusError error) { return tl::unexpected<StatusError>(std::move(error)); }

// `resource` is the plural, `group` is empty for the core group.
StatusError not_found(std::string_view group, std::string_view resource, std::string_view name);
StatusError already_exists(std::string_view group, std::string_view resource, std::string_view name);
StatusError conflict(std::string_view group, std::string_view resource, std::string_view name, std::string_view cause);
StatusError object_modified(std::string_view group, std::string_view resource, std::string_view name);
StatusError invalid(std::string_view group, std::string_view kind, std::string_view name, std::vector<Cause> causes);
StatusError bad_request(std::string message);
StatusError method_not_allowed();
StatusError no_such_resource();  // a path that no resource of a known group serves
StatusError unprocessable();     // a JSON patch that does not fit
StatusError invalid_patch(const json::value& patch, std::string_view why);
StatusError unauthorized();
StatusError forbidden(std::string_view group, std::string_view resource, std::string_view name, std::string_view why);
// The outer layer refuses types that it does not know at all, the inner one those that do not fit the request.
StatusError not_acceptable(bool known_type);
StatusError unsupported_media_type();
StatusError unsupported_patch();  // of a custom resource
StatusError unknown_body_format();
StatusError too_large(std::size_t limit);
StatusError expired(std::string message);
StatusError too_many_requests(std::string message, int retry_after_seconds);
StatusError server_timeout(std::string_view group, std::string_view resource, std::string_view verb);
StatusError plain_error(std::string message);  // an error inside the server that has no reason: 500
StatusError internal_error(std::string_view cause);
StatusError namespace_terminating(std::string_view group, std::string_view resource, std::string_view name,
                                  std::string_view namespace_name);

// The Status that a deletion answers.
json::object deleted_status(std::string_view group, std::string_view resource, std::string_view name,
                            std::string_view uid);

// A text in quotes, as Go's %q writes it.
std::string quoted_as_go(std::string_view text);

// Causes for validation, as field.Error words them.
Cause required(std::string field, std::string_view detail);
Cause invalid_value(std::string field, const json::value& value, std::string_view detail);
Cause unsupported_value(std::string field, std::string_view value, std::string_view supported);
Cause field_forbidden(std::string field, std::string_view detail);

}  // namespace fairlead::sandbox
