#include "sandbox/request_attributes.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

std::string quoted(std::string_view text) { return compact(json::value(json::string(text))); }

std::string_view verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

std::vector<std::string_view> segments(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return split(path, '/');
}

// The one name that a field selector lets through. Nothing where escapes make it hard to say: a name that the list does
// not keep to would let more be seen than resourceNames allow.
std::string_view required_name(std::string_view selector) {
  if (selector.find('\\') != selector.npos) return {};
  for (std::string_view term : split(selector, ',')) {
    constexpr std::string_view field = "metadata.name=";
    if (!term.starts_with(field)) continue;
    term.remove_prefix(field.size());
    if (term.starts_with('=')) term.remove_prefix(1);
    if (term == "." || term == ".." || term.find_first_of("/%=!") != term.npos) return {};
    return term;
  }
  return {};
}

}  // namespace

Attributes attributes_of(std::string_view method, const Target& target) {
  Attributes out;
  out.path = target.path;
  out.verb = method;
  std::transform(out.verb.begin(), out.verb.end(), out.verb.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string_view> parts = segments(target.path);
  std::size_t next = 0;
  if (parts.size() < 3 || (parts[0] != "api" && parts[0] != "apis")) return out;
  if (parts[0] == "apis") {
    if (parts.size() < 4) return out;
    out.group = parts[1];
    next = 1;
  }
  out.is_resource = true;
  out.version = parts[next + 1];
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(next) + 2);
  out.verb = verb_of(method);
  if (parts[0] == "proxy" || parts[0] == "watch") {
    out.verb = parts[0];
    parts.erase(parts.begin());
    if (parts.empty()) return out;
  }
  if (parts[0] == "namespaces" && parts.size() > 1) {
    out.namespace_name = parts[1];
    if (parts.size() > 2 && parts[2] != "status" && parts[2] != "finalize")
      parts.erase(parts.begin(), parts.begin() + 2);
  }
  out.resource = parts[0];
  if (parts.size() > 1) out.name = parts[1];
  if (parts.size() > 2 && out.verb != "proxy") out.subresource = parts[2];
  if (out.name.empty() && out.verb == "get") {
    out.verb = target.query.flag("watch") ? "watch" : "list";
    out.name = required_name(target.query.get("fieldSelector"));
  }
  if (out.name.empty() && out.verb == "delete") out.verb = "deletecollection";
  return out;
}

Attributes attributes_of(const Impersonation& wanted) {
  Attributes out;
  out.verb = "impersonate";
  out.is_resource = true;
  out.namespace_name = wanted.namespace_name;
  out.name = wanted.name;
  out.subresource = wanted.key;
  if (wanted.kind == "UserExtra" || wanted.kind == "UID") out.group = "authentication.k8s.io";
  out.version = "v1";
  out.resource = wanted.kind == "ServiceAccount" ? "serviceaccounts"
                 : wanted.kind == "User"         ? "users"
                 : wanted.kind == "Group"        ? "groups"
                 : wanted.kind == "UID"          ? "uids"
                                                 : "userextras";
  return out;
}

StatusError forbidden_request(const User& user, const Attributes& attributes, std::string_view reason) {
  std::string why = "User " + quoted(user.name) + " cannot " + attributes.verb + " ";
  if (!attributes.is_resource) {
    why += "path " + quoted(attributes.path);
  } else {
    std::string resource =
        attributes.subresource.empty() ? attributes.resource : attributes.resource + "/" + attributes.subresource;
    why += "resource " + quoted(resource) + " in API group " + quoted(attributes.group);
    why += attributes.namespace_name.empty() ? " at the cluster scope"
                                             : " in the namespace " + quoted(attributes.namespace_name);
  }
  if (!reason.empty()) why += ": " + std::string(reason);
  if (!attributes.is_resource) return StatusError{403, "Forbidden", "forbidden: " + why, {}};
  return forbidden(attributes.group, attributes.resource, attributes.name, why);
}

}  // namespace fairlead::sandbox
