#include "sandbox/openapi_paths.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "base/text.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

struct Parameter {
  View name, type;
};
constexpr Parameter list_parameters[] = {{"allowWatchBookmarks", "boolean"},
                                         {"continue", "string"},
                                         {"fieldSelector", "string"},
                                         {"labelSelector", "string"},
                                         {"limit", "integer"},
                                         {"resourceVersion", "string"},
                                         {"resourceVersionMatch", "string"},
                                         {"sendInitialEvents", "boolean"},
                                         {"timeoutSeconds", "integer"},
                                         {"watch", "boolean"}};
constexpr Parameter write_parameters[] = {
    {"dryRun", "string"}, {"fieldManager", "string"}, {"fieldValidation", "string"}};
constexpr Parameter patch_parameters[] = {
    {"dryRun", "string"}, {"fieldManager", "string"}, {"fieldValidation", "string"}, {"force", "boolean"}};
constexpr Parameter delete_parameters[] = {{"dryRun", "string"},
                                           {"gracePeriodSeconds", "integer"},
                                           {"orphanDependents", "boolean"},
                                           {"propagationPolicy", "string"}};
constexpr Parameter log_parameters[] = {
    {"container", "string"},     {"follow", "boolean"},    {"limitBytes", "integer"}, {"previous", "boolean"},
    {"sinceSeconds", "integer"}, {"tailLines", "integer"}, {"timestamps", "boolean"}};

std::string capital(View text) {
  std::string out(text);
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

class Paths {
 public:
  Paths(const Resource& resource, OpenApi version, OpenApiSchemas& schemas, json::object& paths)
      : resource_(resource), version_(version), schemas_(schemas), paths_(paths) {
    View group = resource.group;
    std::string short_group(group.substr(0, group.find('.')));
    tag_ = (group.empty() ? "core" : resource.custom ? std::string(group) : short_group) + "_" + resource.version;
    // "CoreV1", "AppsV1", "StableExampleComV1"
    for (View part : split(group.empty() ? View("core") : resource.custom ? group : View(short_group), '.'))
      id_ += capital(part);
    id_ += capital(resource.version);
    kind_ = schemas.add(resource);
  }

  void add() {
    const Resource& r = resource_;
    std::string base = r.group.empty() ? "/api/" + r.version : "/apis/" + r.group + "/" + r.version;
    std::string scope = r.namespaced ? "Namespaced" : "";
    std::string collection = base + (r.namespaced ? "/namespaces/{namespace}/" : "/") + r.plural;
    std::string list = schemas_.list_name(r);
    json::object many = path_item(r.namespaced, false);
    if (r.has_verb("list")) many["get"] = operation("list", "list" + id_ + scope + r.kind, list_parameters, {}, list);
    if (r.has_verb("create"))
      many["post"] = operation("post", "create" + id_ + scope + r.kind, write_parameters, kind_, kind_);
    if (r.has_verb("deletecollection")) {
      many["delete"] = operation("deletecollection", "delete" + id_ + "Collection" + scope + r.kind, delete_parameters,
                                 options(), status());
    }
    paths_[collection] = std::move(many);
    if (r.namespaced && r.has_verb("list")) {
      json::object everywhere = path_item(false, false);
      everywhere["get"] = operation("list", "list" + id_ + r.kind + "ForAllNamespaces", list_parameters, {}, list);
      paths_[base + "/" + r.plural] = std::move(everywhere);
    }
    paths_[collection + "/{name}"] = single(r.verbs, "", scope, kind_);
    for (const Subresource& sub : r.subresources) paths_[collection + "/{name}/" + sub.name] = below(sub, scope);
  }

 private:
  std::string options() { return schemas_.add("DeleteOptions", "", "v1", "DeleteOptions"); }
  std::string status() { return schemas_.add("Status", "", "v1", "Status"); }

  json::object single(const std::vector<std::string>& verbs, const std::string& suffix, const std::string& scope,
                      const std::string& kind) {
    auto has = [&](View verb) { return std::find(verbs.begin(), verbs.end(), verb) != verbs.end(); };
    json::object out = path_item(resource_.namespaced, true);
    std::string id = id_ + scope + resource_.kind + suffix;
    if (has("get")) out["get"] = operation("get", "read" + id, {}, {}, kind);
    if (has("create")) {
      // Only subresources are created below a name.
      if (!suffix.empty()) out["post"] = operation("post", "create" + id, write_parameters, kind, kind);
    }
    if (has("update")) out["put"] = operation("put", "replace" + id, write_parameters, kind, kind);
    if (has("patch")) {
      out["patch"] =
          operation("patch", "patch" + id, patch_parameters, "io.k8s.apimachinery.pkg.apis.meta.v1.Patch", kind);
    }
    if (has("delete") && suffix.empty())
      out["delete"] = operation("delete", "delete" + id, delete_parameters, options(), status());
    return out;
  }

  json::object below(const Subresource& sub, const std::string& scope) {
    if (sub.name == "log") {
      json::object out = path_item(resource_.namespaced, true);
      out["get"] = operation("get", "read" + id_ + scope + resource_.kind + "Log", log_parameters, {}, {});
      return out;
    }
    // Streams: a connection, whatever its kind carries.
    if (!Schema::builtin().message(sub.kind) ||
        std::find(sub.verbs.begin(), sub.verbs.end(), "get") == sub.verbs.end()) {
      View message = Schema::builtin().message(sub.kind) ? View(sub.kind) : View();
      json::object out = path_item(resource_.namespaced, true);
      std::string kind = message.empty() ? std::string() : schemas_.add(message, sub.group, sub.version, sub.kind);
      group_ = sub.group;
      sub_version_ = sub.version;
      sub_kind_ = sub.kind;
      out["post"] = operation(
          message.empty() ? "connect" : "post", "create" + id_ + scope + resource_.kind + capital(sub.name),
          message.empty() ? std::span<const Parameter>() : std::span<const Parameter>(write_parameters), kind, kind);
      sub_kind_.clear();
      return out;
    }
    bool own = sub.kind == resource_.kind;
    std::string kind = own ? kind_ : schemas_.add(sub.kind, sub.group, sub.version, sub.kind);
    group_ = sub.group;
    sub_version_ = sub.version;
    sub_kind_ = sub.kind;
    json::object out = single(sub.verbs, capital(sub.name), scope, kind);
    sub_kind_.clear();
    return out;
  }

  json::object parameter(View name, View in, View type, bool needed) const {
    json::object out{{"name", name}, {"in", in}};
    if (needed) out["required"] = true;
    if (version_ == OpenApi::v2) {
      out["type"] = type;
      out["uniqueItems"] = true;
    } else {
      out["schema"] = json::object{{"type", type}, {"uniqueItems", true}};
    }
    return out;
  }

  json::object path_item(bool namespaced, bool named) const {
    json::array parameters;
    if (named) parameters.push_back(parameter("name", "path", "string", true));
    if (namespaced) parameters.push_back(parameter("namespace", "path", "string", true));
    parameters.push_back(parameter("pretty", "query", "string", false));
    return {{"parameters", std::move(parameters)}};
  }

  json::object content(std::string_view name, View type = {}) const {
    json::object schema{{"schema", schemas_.reference(name)}};
    if (!type.empty()) return {{type, std::move(schema)}};
    json::object out;
    for (View each : {"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}) {
      if (!resource_.custom || each != "application/vnd.kubernetes.protobuf") out[each] = schema;
    }
    return out;
  }

  static json::array patch_types(bool custom) {
    json::array out{"application/json-patch+json", "application/merge-patch+json"};
    if (!custom) out.push_back("application/strategic-merge-patch+json");
    out.push_back("application/apply-patch+yaml");
    return out;
  }

  // `body` and `answer` are names of schemas; an empty answer is text.
  json::object operation(View action, std::string id, std::span<const Parameter> query, const std::string& body,
                         const std::string& answer) {
    bool patch = action == "patch";
    json::object out{{"tags", json::array{tag_}}, {"operationId", std::move(id)}};
    json::array parameters;
    for (const Parameter& each : query) parameters.push_back(parameter(each.name, "query", each.type, false));
    json::object ok{{"description", "OK"}};
    if (version_ == OpenApi::v2) {
      if (!body.empty())
        parameters.push_back(json::object{{"name", "body"},
                                          {"in", "body"},
                                          {"required", action != "delete" && action != "deletecollection"},
                                          {"schema", schemas_.reference(body)}});
      out["consumes"] = patch ? patch_types(resource_.custom != nullptr) : json::array{"*/*"};
      out["produces"] = json::array{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"};
      out["schemes"] = json::array{"https"};
      ok["schema"] = answer.empty() ? json::object{{"type", "string"}} : schemas_.reference(answer);
    } else {
      if (!body.empty() && patch) {
        json::object types;
        for (const json::value& type : patch_types(resource_.custom != nullptr))
          types[type.get_string()] = json::object{{"schema", schemas_.reference(body)}};
        out["requestBody"] = json::object{{"required", true}, {"content", std::move(types)}};
      } else if (!body.empty()) {
        out["requestBody"] = json::object{{"content", content(body, "*/*")}};
      }
      ok["content"] = answer.empty()
                          ? json::object{{"text/plain", json::object{{"schema", json::object{{"type", "string"}}}}}}
                          : content(answer);
    }
    if (patch) schemas_.add_patch();
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    json::object responses{{"200", ok}};
    if (action == "post" || action == "put" || patch) {
      ok["description"] = "Created";
      responses["201"] = std::move(ok);
    }
    responses["401"] = json::object{{"description", "Unauthorized"}};
    out["responses"] = std::move(responses);
    out["x-kubernetes-action"] = action;
    bool own = sub_kind_.empty();
    out["x-kubernetes-group-version-kind"] = json::object{{"group", own ? resource_.group : group_},
                                                          {"kind", own ? resource_.kind : sub_kind_},
                                                          {"version", own ? resource_.version : sub_version_}};
    return out;
  }

  const Resource& resource_;
  OpenApi version_;
  OpenApiSchemas& schemas_;
  json::object& paths_;
  std::string tag_, id_, kind_;
  std::string group_, sub_version_, sub_kind_;  // of the subresource that is being written
};

}  // namespace

void add_paths(const Resource& resource, OpenApi version, OpenApiSchemas& schemas, json::object& paths) {
  Paths(resource, version, schemas, paths).add();
}

}  // namespace fairlead::sandbox
