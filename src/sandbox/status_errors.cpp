#include "sandbox/status_errors.h"

#include <set>

#include "base/utf8.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view media_types = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

std::string qualified(std::string_view group, std::string_view resource) {
  return group.empty() ? std::string(resource) : std::string(resource) + "." + std::string(group);
}

std::string quoted(std::string_view text) { return quoted_as_go(text); }

void put_hex(std::string& out, std::string_view prefix, char32_t value, int width) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += prefix;
  for (int shift = 4 * (width - 1); shift >= 0; shift -= 4) out += digits[(value >> shift) & 15];
}

json::object details_of(std::string_view group, std::string_view kind, std::string_view name) {
  json::object details;
  if (!name.empty()) details["name"] = name;
  if (!group.empty()) details["group"] = group;
  if (!kind.empty()) details["kind"] = kind;
  return details;
}

StatusError about(int code, std::string_view reason, std::string_view group, std::string_view resource,
                  std::string_view name, std::string message) {
  return StatusError{code, std::string(reason), std::move(message), details_of(group, resource, name)};
}

}  // namespace

json::object StatusError::body() const {
  json::object out{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", metadata}, {"status", "Failure"}};
  out["message"] = message;
  if (!reason.empty()) out["reason"] = reason;
  if (!bare || !details.empty()) out["details"] = details;
  out["code"] = code;
  return out;
}

StatusError not_found(std::string_view group, std::string_view resource, std::string_view name) {
  return about(404, "NotFound", group, resource, name, qualified(group, resource) + " " + quoted(name) + " not found");
}

StatusError already_exists(std::string_view group, std::string_view resource, std::string_view name) {
  return about(409, "AlreadyExists", group, resource, name,
               qualified(group, resource) + " " + quoted(name) + " already exists");
}

StatusError conflict(std::string_view group, std::string_view resource, std::string_view name, std::string_view cause) {
  return about(409, "Conflict", group, resource, name,
               "Operation cannot be fulfilled on " + qualified(group, resource) + " " + quoted(name) + ": " +
                   std::string(cause));
}

StatusError object_modified(std::string_view group, std::string_view resource, std::string_view name) {
  return conflict(group, resource, name,
                  "the object has been modified; please apply your changes to the latest version and try again");
}

StatusError invalid(std::string_view group, std::string_view kind, std::string_view name, std::vector<Cause> causes) {
  std::string text;
  json::array list;
  std::set<std::string> told;  // the sentence says everything once, the list as often as it was found
  for (const Cause& cause : causes) {
    if (std::string one = cause.field + ": " + cause.message; told.insert(one).second)
      text += (text.empty() ? "" : ", ") + one;
    list.push_back(json::object{{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}});
  }
  if (told.size() > 1) text = "[" + text + "]";
  std::string whole = group.empty() ? std::string(kind) : std::string(kind) + "." + std::string(group);
  StatusError error = about(422, "Invalid", group, kind, name, whole + " " + quoted(name) + " is invalid: " + text);
  error.details["causes"] = std::move(list);
  return error;
}

namespace {

// Of those the API server sends no details.
StatusError bare(int code, std::string_view reason, std::string message) {
  StatusError error{code, std::string(reason), std::move(message), {}};
  error.bare = true;
  return error;
}

}  // namespace

StatusError bad_request(std::string message) { return bare(400, "BadRequest", std::move(message)); }

StatusError no_such_resource() {
  return StatusError{404, "NotFound", "the server could not find the requested resource", {}};
}

StatusError unprocessable() {
  return StatusError{422, "Invalid", "the server rejected our request due to an error in our request", {}};
}

StatusError invalid_patch(const json::value& patch, std::string_view why) {
  return invalid(
      "", "", "",
      {Cause{"FieldValueInvalid", "Invalid value: " + quoted(compact(patch)) + ": " + std::string(why), "patch"}});
}

StatusError method_not_allowed() {
  return StatusError{405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}};
}

StatusError unauthorized() { return bare(401, "Unauthorized", "Unauthorized"); }

StatusError forbidden(std::string_view group, std::string_view resource, std::string_view name, std::string_view why) {
  std::string what = qualified(group, resource) + (name.empty() ? "" : " " + quoted(name)) + " is ";
  if (resource.empty()) what.clear();
  return about(403, "Forbidden", group, resource, name, what + "forbidden: " + std::string(why));
}

StatusError not_acceptable(bool known_type) {
  if (known_type)
    return bare(406, "NotAcceptable", "only the following media types are accepted: " + std::string(media_types));
  return StatusError{406, "NotAcceptable", "406: Not Acceptable", {}};
}

StatusError unknown_body_format() {
  return bare(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: " + std::string(media_types));
}

StatusError unsupported_patch() {
  return bare(415, "UnsupportedMediaType",
              "the body of the request was in an unknown format - accepted media types include: "
              "application/json-patch+json, application/merge-patch+json, "
              "application/apply-patch+yaml");
}

StatusError unsupported_media_type() {
  return StatusError{415, "UnsupportedMediaType", "415: Unsupported Media Type", {}};
}

StatusError too_large(std::size_t limit) {
  return bare(413, "RequestEntityTooLarge", "Request entity too large: limit is " + std::to_string(limit));
}

StatusError expired(std::string message) { return bare(410, "Expired", std::move(message)); }

StatusError too_many_requests(std::string message, int retry_after_seconds) {
  StatusError error{429, "TooManyRequests", std::move(message), {}};
  if (retry_after_seconds > 0) error.details["retryAfterSeconds"] = retry_after_seconds;
  return error;
}

StatusError server_timeout(std::string_view group, std::string_view resource, std::string_view verb) {
  return about(500, "ServerTimeout", group, resource, {},
               "The " + std::string(verb) + " operation against " + qualified(group, resource) +
                   " could not be completed at this time, please try again.");
}

StatusError plain_error(std::string message) {
  StatusError error{500, "", std::move(message), {}};
  error.bare = true;
  return error;
}

StatusError internal_error(std::string_view cause) {
  StatusError error{500, "InternalError", "Internal error occurred: " + std::string(cause), {}};
  error.details["causes"] = json::array{json::object{{"message", cause}}};
  return error;
}

StatusError namespace_terminating(std::string_view group, std::string_view resource, std::string_view name,
                                  std::string_view namespace_name) {
  StatusError error = forbidden(
      group, resource, name,
      "unable to create new content in namespace " + std::string(namespace_name) + " because it is being terminated");
  error.details["causes"] =
      json::array{json::object{{"reason", "NamespaceTerminating"},
                               {"message", "namespace " + std::string(namespace_name) + " is being terminated"},
                               {"field", "metadata.namespace"}}};
  return error;
}

json::object deleted_status(std::string_view group, std::string_view resource, std::string_view name,
                            std::string_view uid) {
  json::object details = details_of(group, resource, name);
  details["uid"] = uid;
  return json::object{{"kind", "Status"},
                      {"apiVersion", "v1"},
                      {"metadata", json::object()},
                      {"status", "Success"},
                      {"details", std::move(details)}};
}

std::string quoted_as_go(std::string_view text) {
  constexpr std::string_view named = "\a\b\f\n\r\t\v\\\"", names = "abfnrtv\\\"";
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    CodePoint point = next_code_point(text.substr(at));
    std::size_t name = point.value < 0x80 ? named.find(static_cast<char>(point.value)) : named.npos;
    if (name != named.npos) {
      out += {'\\', names[name]};
    } else if (!point.valid || point.value < 0x20 || point.value == 0x7f) {
      put_hex(out, "\\x", point.value, 2);
    } else if (is_hidden(point.value)) {
      put_hex(out, point.value > 0xffff ? "\\U" : "\\u", point.value, point.value > 0xffff ? 8 : 4);
    } else {
      out += text.substr(at, point.size);
    }
    at += point.size;
  }
  return out + "\"";
}

Cause required(std::string field, std::string_view detail) {
  std::string message = "Required value";
  if (!detail.empty()) message += ": " + std::string(detail);
  return Cause{"FieldValueRequired", std::move(message), std::move(field)};
}

Cause invalid_value(std::string field, const json::value& value, std::string_view detail) {
  std::string shown = value.is_string() ? quoted_as_go(value.get_string()) : compact(value);
  return Cause{"FieldValueInvalid", "Invalid value: " + shown + ": " + std::string(detail), std::move(field)};
}

Cause unsupported_value(std::string field, std::string_view value, std::string_view supported) {
  return Cause{"FieldValueNotSupported",
               "Unsupported value: " + quoted(value) + ": supported values: " + std::string(supported),
               std::move(field)};
}

Cause field_forbidden(std::string field, std::string_view detail) {
  return Cause{"FieldValueForbidden", "Forbidden: " + std::string(detail), std::move(field)};
}

}  // namespace fairlead::sandbox
