// Questions that are created to be answered at once: who am I, whose token is this, who may do what; and the tokens of
// ServiceAccounts.
#include <algorithm>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

std::vector<std::string> texts(const json::array& list) {
  std::vector<std::string> out;
  for (const json::value& entry : list) {
    if (entry.is_string()) out.emplace_back(entry.get_string());
  }
  return out;
}

json::array strings(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& entry : list) out.emplace_back(entry);
  return out;
}

bool holds(const json::value& object, View key) {
  const json::value* value = find(object, key);
  return value && !value->is_null();
}

json::value shown_path_attributes(const json::value& spec) {
  const json::value* path = find(spec, "nonResourceAttributes");
  return path ? *path : json::value();
}

std::vector<Cause> problems_of(const Resource& resource, const json::value& review) {
  std::vector<Cause> out;
  const json::value* found = find(review, "spec");
  const json::value spec = found ? *found : json::value(json::object());
  bool on_resource = holds(spec, "resourceAttributes"), on_path = holds(spec, "nonResourceAttributes");
  if (on_resource && on_path) {
    out.push_back(invalid_value("spec.nonResourceAttributes", shown_path_attributes(spec),
                                "cannot be specified in combination with resourceAttributes"));
  }
  if (!on_resource && !on_path) {
    out.push_back(invalid_value("spec.resourceAttributes", "null",
                                "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  }
  bool local = resource.kind == "LocalSubjectAccessReview";
  if (resource.kind != "SelfSubjectAccessReview" && text_at(spec, {"user"}).empty() &&
      array_at(spec, {"groups"}).empty()) {
    out.push_back(invalid_value("spec.user", "", "at least one of user or group must be specified"));
  }
  json::object metadata = object_at(review, {"metadata"});
  metadata.erase("managedFields");
  std::string space(text_in(metadata, "namespace"));
  if (local) metadata.erase("namespace");
  for (auto member = metadata.begin(); member != metadata.end();)
    member = member->value().is_null() ? metadata.erase(member) : member + 1;
  if (!metadata.empty())
    out.push_back(invalid_value("metadata", metadata, local ? "must be empty except for namespace" : "must be empty"));
  if (local && on_resource && text_at(spec, {"resourceAttributes", "namespace"}) != space) {
    out.push_back(invalid_value("spec.resourceAttributes.namespace",
                                json::string(text_at(spec, {"resourceAttributes", "namespace"})),
                                "must match metadata.namespace"));
  }
  if (local && on_path)
    out.push_back(
        invalid_value("spec.nonResourceAttributes", shown_path_attributes(spec), "disallowed on this kind of request"));
  return out;
}

Attributes asked_by(const json::value& spec) {
  Attributes out;
  if (const json::value* on = find(spec, "resourceAttributes"); on && on->is_object()) {
    out.is_resource = true;
    out.verb = text_at(*on, {"verb"});
    out.group = text_at(*on, {"group"});
    out.version = text_at(*on, {"version"});
    out.resource = text_at(*on, {"resource"});
    out.subresource = text_at(*on, {"subresource"});
    out.namespace_name = text_at(*on, {"namespace"});
    out.name = text_at(*on, {"name"});
  } else {
    out.verb = text_at(spec, {"nonResourceAttributes", "verb"});
    out.path = text_at(spec, {"nonResourceAttributes", "path"});
  }
  return out;
}

// Binds a token to a Pod, a Secret or a Node: it ends with that.
ApiResult<void> bound_to(const Objects& objects, const json::value& reference, TokenClaims* claims) {
  View version = text_at(reference, {"apiVersion"}), kind = text_at(reference, {"kind"}),
       name = text_at(reference, {"name"}), uid = text_at(reference, {"uid"});
  bool core = version.find('/') == version.npos;
  if (!core || (kind != "Pod" && kind != "Secret" && kind != "Node")) {
    return refuse(bad_request("cannot bind token to object of type " + std::string(core ? "/" : "") +
                              std::string(version) + ", Kind=" + std::string(kind)));
  }
  View plural = kind == "Pod" ? "pods" : kind == "Secret" ? "secrets" : "nodes";
  auto stored = [&](View list, View space, View called) {
    return objects.store().find(objects.resources().get("", list), space, called);
  };
  ObjectPtr object = stored(plural, kind == "Node" ? View() : View(claims->namespace_name), name);
  if (!object) return refuse(not_found("", plural, name));
  if (kind == "Pod") {
    if (field_of(*object, "spec.serviceAccountName") != claims->account.name) {
      return refuse(bad_request("cannot bind token for serviceaccount " +
                                compact(json::value(json::string(claims->account.name))) +
                                " to pod running with different serviceaccount name."));
    }
    if (std::string node_name = field_of(*object, "spec.nodeName"); !node_name.empty()) {
      ObjectPtr node = stored("nodes", "", node_name);
      claims->node = {node_name, node ? node->uid : std::string()};
    }
  }
  if (!uid.empty() && uid != object->uid) {
    return refuse(
        conflict("", kind, name,
                 "the UID in the bound object reference (" + std::string(uid) +
                     ") does not match the UID in record. The object might have been deleted and then recreated"));
  }
  (kind == "Pod" ? claims->pod : kind == "Secret" ? claims->secret : claims->node) = {object->name, object->uid};
  return {};
}

constexpr std::int64_t least_seconds = 600, most_seconds = std::int64_t{1} << 32, usual_seconds = 3600;

}  // namespace

ApiResult<Answer> Api::review(const Call& call) const {
  const Resource& resource = *call.path.resource;
  auto sent = request_object(call, *resource.message, resource.kind, resource.api_version());
  if (!sent) return refuse(std::move(sent.error()));
  ApiResult<json::value> answered = std::move(*sent);
  if (resource.kind == "SelfSubjectReview") {
    object_in(*answered, {"metadata"})["creationTimestamp"] = objects_.now_text();
    object_in(*answered, {"status"})["userInfo"] = call.user.info();
  } else if (resource.kind == "TokenReview") {
    answered = token_review(std::move(*answered));
  } else if (resource.kind == "SelfSubjectRulesReview") {
    answered = rules_review(call, std::move(*answered));
  } else {
    answered = access_review(call, std::move(*answered));
  }
  if (!answered) return refuse(std::move(answered.error()));
  json::object out{{"kind", resource.kind}, {"apiVersion", resource.api_version()}, {"metadata", json::object()}};
  for (auto& member : answered->get_object()) out[member.key()] = std::move(member.value());
  return answer_value(call, 201, out, resource.kind);
}

ApiResult<json::value> Api::access_review(const Call& call, json::value review) const {
  const Resource& resource = *call.path.resource;
  if (resource.namespaced) {
    json::object& metadata = object_in(review, {"metadata"});
    View space = text_in(metadata, "namespace");
    if (!space.empty() && space != call.path.namespace_name) {
      return refuse(
          bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    metadata["namespace"] = call.path.namespace_name;
  }
  // The API server has lost the kind by then, and words it without.
  if (auto problems = problems_of(resource, review); !problems.empty())
    return refuse(invalid(resource.group, "", "", std::move(problems)));
  const json::value& spec = *find(review, "spec");
  User user = call.user;
  if (resource.kind != "SelfSubjectAccessReview") {
    user = User{std::string(text_at(spec, {"user"})),
                std::string(text_at(spec, {"uid"})),
                texts(array_at(spec, {"groups"})),
                {}};
  }
  Authorizer::Decision decision = authorizer_.decide(user, asked_by(spec));
  json::object status{{"allowed", decision.allowed}};
  if (!decision.reason.empty()) status["reason"] = decision.reason;
  review.get_object()["status"] = std::move(status);
  return review;
}

ApiResult<json::value> Api::rules_review(const Call& call, json::value review) const {
  View space = text_at(review, {"spec", "namespace"});
  if (space.empty()) return refuse(bad_request("no namespace on request"));
  Authorizer::Granted granted = authorizer_.granted(call.user, space);
  json::array on_resources, on_paths;
  for (const PolicyRule& rule : granted.rules) {
    json::object shown = rule.object();
    if (!rule.resources.empty()) {
      shown.erase("nonResourceURLs");
      on_resources.push_back(std::move(shown));
    }
    if (!rule.urls.empty())
      on_paths.push_back(json::object{{"verbs", strings(rule.verbs)}, {"nonResourceURLs", strings(rule.urls)}});
  }
  json::object status{
      {"resourceRules", std::move(on_resources)}, {"nonResourceRules", std::move(on_paths)}, {"incomplete", false}};
  if (!granted.missing.empty()) {
    std::string all;
    for (const std::string& one : granted.missing) all += (all.empty() ? "" : ", ") + one;
    status["evaluationError"] = granted.missing.size() > 1 ? "[" + all + "]" : all;
  }
  object_in(review, {"spec"}).erase("namespace");  // the API server doesn't repeat it
  review.get_object()["status"] = std::move(status);
  return review;
}

ApiResult<json::value> Api::token_review(json::value review) const {
  View token = text_at(review, {"spec", "token"});
  if (token.empty()) return refuse(bad_request("token is required for TokenReview in authentication"));
  auto holder = authenticator_.holder_of(token, texts(array_at(review, {"spec", "audiences"})));
  json::object status;
  if (holder) {
    status = {{"authenticated", true}, {"user", holder->user.info()}, {"audiences", strings(holder->audiences)}};
  } else {
    status = {{"user", json::object()}, {"error", holder.error()}};
  }
  review.get_object()["status"] = std::move(status);
  return review;
}

ApiResult<Answer> Api::request_token(const Call& call) {
  constexpr View group = "authentication.k8s.io";
  auto sent =
      request_object(call, *Schema::builtin().message("TokenRequest"), "TokenRequest", "authentication.k8s.io/v1");
  if (!sent) return refuse(std::move(sent.error()));
  object_in(*sent, {"spec"});  // both are there before either is pointed at
  json::object& metadata = object_in(*sent, {"metadata"});
  json::object& spec = object_in(*sent, {"spec"});
  if (View space = text_in(metadata, "namespace"); !space.empty() && space != call.path.namespace_name) {
    return refuse(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
  }
  if (View name = text_in(metadata, "name"); !name.empty() && name != call.path.name) {
    Cause cause =
        invalid_value("metadata.name", json::string(name), "must match the service account name if specified");
    return refuse(invalid(group, "TokenRequest", call.path.name, {std::move(cause)}));
  }
  auto account = existing(call);
  if (!account) return refuse(std::move(account.error()));
  if (std::string uid(text_in(metadata, "uid")); !uid.empty() && uid != (*account)->uid) {
    return refuse(conflict(group, "TokenRequest", call.path.name,
                           "the UID in the token request (" + uid +
                               ") does not match the UID of the service account (" + (*account)->uid + ")"));
  }
  set_default(spec, "expirationSeconds", usual_seconds);
  set_default(spec, "boundObjectRef", nullptr);
  if (array_at(*sent, {"spec", "audiences"}).empty()) spec["audiences"] = json::array{ServiceAccountTokens::issuer};
  std::int64_t seconds = integer_at(*sent, {"spec", "expirationSeconds"});
  std::vector<Cause> problems;
  if (seconds < least_seconds)
    problems.push_back(
        invalid_value("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > most_seconds)
    problems.push_back(
        invalid_value("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"));
  if (!problems.empty()) return refuse(invalid(group, "TokenRequest", "", std::move(problems)));

  TokenClaims claims;
  claims.namespace_name = call.path.namespace_name;
  claims.account = {(*account)->name, (*account)->uid};
  if (const json::value& reference = spec["boundObjectRef"]; reference.is_object()) {
    if (auto bound = bound_to(objects_, reference, &claims); !bound) return refuse(std::move(bound.error()));
  }
  claims.audiences = texts(array_at(*sent, {"spec", "audiences"}));
  claims.id = objects_.make_uid();
  claims.issued_at = objects_.now();
  claims.expires_at = claims.issued_at + seconds;
  if (!options_.tokens) return refuse(internal_error("there is no key to sign tokens with"));
  auto token = options_.tokens->sign(claims);
  if (!token) return refuse(internal_error("failed to generate token: " + token.error().cause));
  if (token->size() > ServiceAccountTokens::largest_token)
    return refuse(bad_request("the audiences are too long for a token"));
  metadata["name"] = call.path.name;
  metadata["namespace"] = call.path.namespace_name;
  metadata["uid"] = (*account)->uid;
  metadata["creationTimestamp"] = objects_.now_text();
  json::object out{
      {"kind", "TokenRequest"}, {"apiVersion", "authentication.k8s.io/v1"}, {"metadata", metadata}, {"spec", spec}};
  out["status"] = json::object{{"token", *token}, {"expirationTimestamp", format_rfc3339(claims.expires_at)}};
  return answer_value(call, 201, out, "TokenRequest");
}

}  // namespace fairlead::sandbox
