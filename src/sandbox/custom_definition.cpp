// CustomResourceDefinitions: what create and update add to them, and what they must be.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/text.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"

namespace fairlead::sandbox {
namespace {

using Causes = std::vector<Cause>;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// RFC 1035.
std::string service_label_problem(std::string_view name) {
  if (name.size() > 63) return "must be no more than 63 bytes";
  bool fine = !name.empty() && name.front() >= 'a' && name.front() <= 'z' && name.back() != '-';
  for (char c : name) fine = fine && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  if (fine) return {};
  return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
         "character, and end with an alphanumeric "
         "character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
}

std::string indexed(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

void check_names(const json::value& names, Causes* out) {
  auto problem = [&](std::string_view name, bool mixed) {
    std::string_view text = text_at(names, {name});
    if (text.empty()) return;
    std::string wrong = service_label_problem(mixed ? lower(text) : std::string(text));
    if (wrong.empty()) return;
    out->push_back(invalid_value("spec.names." + std::string(name), json::string(text),
                                 (mixed ? "may have mixed case, but should otherwise match: " : "") + wrong));
  };
  for (std::string_view name : {"plural", "singular", "kind", "listKind"}) {
    if (text_at(names, {name}).empty()) out->push_back(required("spec.names." + std::string(name), ""));
  }
  problem("plural", false);
  problem("singular", false);
  problem("kind", true);
  problem("listKind", true);
  for (std::string_view list : {"shortNames", "categories"}) {
    std::size_t index = 0;
    for (const json::value& entry : array_at(names, {list})) {
      std::string field = "spec.names." + indexed(list, index++);
      std::string wrong = entry.is_string() ? service_label_problem(entry.get_string()) : std::string();
      if (!wrong.empty()) out->push_back(invalid_value(field, entry, wrong));
    }
  }
  std::string_view kind = text_at(names, {"kind"});
  if (!kind.empty() && kind == text_at(names, {"listKind"})) {
    out->push_back(invalid_value("spec.names.listKind", json::string(kind), "kind and listKind may not be the same"));
  }
}

void check_columns(const json::value& version, const std::string& at, Causes* out) {
  constexpr std::string_view types[] = {"boolean", "date", "integer", "number", "string"};
  constexpr std::string_view formats[] = {"byte", "date", "date-time", "double", "float", "int32", "int64", "password"};
  auto one_of = [](std::string_view text, const auto& list) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
  };
  std::size_t index = 0;
  for (const json::value& column : array_at(version, {"additionalPrinterColumns"})) {
    std::string field = at + indexed(".additionalPrinterColumns", index++);
    std::string_view type = text_at(column, {"type"}), format = text_at(column, {"format"}),
                     path = text_at(column, {"jsonPath"});
    if (text_at(column, {"name"}).empty()) out->push_back(required(field + ".name", ""));
    if (type.empty()) {
      out->push_back(required(field + ".type", "must be one of boolean,date,integer,number,string"));
    } else if (!one_of(type, types)) {
      out->push_back(
          invalid_value(field + ".type", json::string(type), "must be one of boolean,date,integer,number,string"));
    }
    if (!format.empty() && !one_of(format, formats)) {
      out->push_back(invalid_value(field + ".format", json::string(format),
                                   "must be one of byte,date,date-time,double,float,int32,int64,password"));
    }
    if (path.empty()) {
      out->push_back(required(field + ".JSONPath", ""));
    } else if (path.front() != '.') {
      out->push_back(
          invalid_value(field + ".JSONPath", json::string(path), "must be a simple json path starting with ."));
    }
  }
}

void check_scale(const json::value& version, const std::string& at, Causes* out) {
  const json::value* scale = find(version, "subresources", "scale");
  if (!scale) return;
  auto problem = [&](std::string_view name, bool needed, std::initializer_list<std::string_view> roots,
                     std::string_view wanted) {
    std::string field = at + ".subresources.scale." + std::string(name);
    std::string_view path = text_at(*scale, {name});
    if (path.empty()) {
      if (needed) out->push_back(required(field, ""));
    } else if (path.front() != '.') {
      out->push_back(invalid_value(field, json::string(path), "must be a simple json path starting with ."));
    } else if (std::none_of(roots.begin(), roots.end(),
                            [&](std::string_view root) { return path.starts_with(root); })) {
      out->push_back(invalid_value(field, json::string(path), "should be a json path under " + std::string(wanted)));
    }
  };
  problem("specReplicasPath", true, {".spec."}, ".spec");
  problem("statusReplicasPath", true, {".status."}, ".status");
  problem("labelSelectorPath", false, {".spec.", ".status."}, "either .spec or .status");
}

void check_selectable(const json::value& version, const std::string& at, Causes* out) {
  const json::array& fields = array_at(version, {"selectableFields"});
  if (fields.empty()) return;
  auto schema =
      CustomSchema::make(find(version, "schema", "openAPIV3Schema") ? *find(version, "schema", "openAPIV3Schema")
                                                                    : json::value(json::object()));
  if (!schema) return;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string field = at + indexed(".selectableFields", i) + ".jsonPath";
    std::string_view path = text_at(fields[i], {"jsonPath"});
    if (path.empty()) {
      out->push_back(required(field, ""));
      continue;
    }
    const CustomSchema* found = path.front() == '.' ? (*schema)->at(split(path.substr(1), '.')) : nullptr;
    if (!found) {
      std::string_view last = path.substr(path.rfind('.') == path.npos ? 0 : path.rfind('.') + 1);
      out->push_back(invalid_value(field, json::string(path),
                                   "is an invalid path: does not refer to a valid field: " + std::string(last)));
      continue;
    }
    if (path.starts_with(".metadata."))
      out->push_back(invalid_value(field, json::string(path), "must not point to fields in metadata"));
    std::string type = found->types.size() == 1 ? found->types.front() : "";
    if (type != "string" && type != "boolean" && type != "integer") {
      out->push_back(invalid_value(field, json::string(path),
                                   "must point to a field of type string, boolean or integer. Enum string fields and "
                                   "strings with formats are allowed."));
    }
    if (!seen.insert(path).second)
      out->push_back(
          Cause{"FieldValueDuplicate", "Duplicate value: " + compact(json::value(json::string(path))), field});
  }
  if (seen.size() > 8) {
    out->push_back(Cause{"FieldValueTooMany",
                         "Too many: " + std::to_string(seen.size()) + ": must have at most 8 items",
                         at + ".selectableFields"});
  }
}

void check_versions(const json::value& definition, Causes* out) {
  const json::array& versions = array_at(definition, {"spec", "versions"});
  std::size_t stored = 0;
  std::set<std::string_view> names;
  bool unique = true;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const json::value& version = versions[i];
    std::string at = indexed("spec.versions", i);
    if (!find(version, "schema", "openAPIV3Schema")) out->push_back(required(at + ".schema.openAPIV3Schema", ""));
  }
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const json::value& version = versions[i];
    std::string at = indexed("spec.versions", i);
    std::string_view name = text_at(version, {"name"});
    if (flag_at(version, {"storage"})) ++stored;
    unique = names.insert(name).second && unique;
    if (std::string wrong = service_label_problem(name); !wrong.empty())
      out->push_back(invalid_value(at + ".name", json::string(name), wrong));
    if (std::string_view warning = text_at(version, {"deprecationWarning"});
        !warning.empty() && !flag_at(version, {"deprecated"})) {
      out->push_back(
          invalid_value(at + ".deprecationWarning", json::string(warning), "can only be set for deprecated versions"));
    }
    if (const json::value* schema = find(version, "schema", "openAPIV3Schema")) {
      check_schema(*schema, at + ".schema.openAPIV3Schema", find(version, "subresources", "status") != nullptr, out);
    }
    check_scale(version, at, out);
    check_columns(version, at, out);
    check_selectable(version, at, out);
  }
  // As Go prints the value is of no use to anybody.
  json::value shown = versions;
  if (!unique) out->push_back(invalid_value("spec.versions", shown, "must contain unique version names"));
  if (stored != 1)
    out->push_back(invalid_value("spec.versions", shown, "must have exactly one version marked as storage version"));
  std::size_t index = 0;
  for (const json::value& name : array_at(definition, {"status", "storedVersions"})) {
    std::string field = indexed("status.storedVersions", index++);
    if (!name.is_string() || names.contains(std::string_view(name.get_string()))) continue;
    std::string text(name.get_string());
    out->push_back(
        invalid_value(field, name,
                      "missing from spec.versions; " + text +
                          " was previously a storage version, and must remain in spec.versions until a storage "
                          "migration ensures no data remains persisted in " +
                          text + " and removes " + text + " from status.storedVersions"));
  }
}

// Groups of the Kubernetes project are not for everybody.
void check_approval(const json::value& definition, Causes* out) {
  constexpr std::string_view annotation = "api-approved.kubernetes.io";
  std::string_view group = text_at(definition, {"spec", "group"});
  bool theirs =
      group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") || group.ends_with(".kubernetes.io");
  if (!theirs) return;
  std::string field = "metadata.annotations[" + std::string(annotation) + "]";
  std::string_view value = text_at(definition, {"metadata", "annotations", annotation});
  if (value.empty()) {
    out->push_back(required(field,
                            "protected groups must have approval annotation \"api-approved.kubernetes.io\", see "
                            "https://github.com/kubernetes/enhancements/pull/1111"));
  } else if (!value.starts_with("unapproved") && value.find("://") == value.npos) {
    out->push_back(invalid_value(field, json::string(value),
                                 "protected groups must have approval annotation \"api-approved.kubernetes.io\" with "
                                 "either a URL or a reason starting with "
                                 "\"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111"));
  }
}

}  // namespace

void default_definition(json::value& definition) {
  json::object& names = object_in(definition, {"spec", "names"});
  std::string kind(text_in(names, "kind"));
  if (text_in(names, "singular").empty() && !kind.empty()) names["singular"] = lower(kind);
  if (text_in(names, "listKind").empty() && !kind.empty()) names["listKind"] = kind + "List";
  set_default(object_in(definition, {"spec"}), "conversion", json::object{{"strategy", "None"}});
  json::object& status = object_in(definition, {"status"});
  set_default(status, "acceptedNames", json::object{{"kind", ""}, {"plural", ""}});
  set_default(status, "conditions", json::array());
  json::array& stored = array_in(status, "storedVersions");
  for (const json::value& version : array_at(definition, {"spec", "versions"})) {
    if (!flag_at(version, {"storage"})) continue;
    json::value name = json::string(text_at(version, {"name"}));
    if (std::find(stored.begin(), stored.end(), name) == stored.end()) stored.push_back(std::move(name));
    break;
  }
}

std::vector<Cause> check_definition(const json::value& definition, const json::value* before) {
  Causes out;
  std::string_view group = text_at(definition, {"spec", "group"}), name = text_at(definition, {"metadata", "name"});
  std::string wanted = std::string(text_at(definition, {"spec", "names", "plural"})) + "." + std::string(group);
  if (!name.empty() && name != wanted)
    out.push_back(invalid_value("metadata.name", json::string(name), "must be spec.names.plural+\".\"+spec.group"));
  if (group.empty()) {
    out.push_back(required("spec.group", ""));
  } else if (std::string wrong = subdomain_problem(group); !wrong.empty()) {
    out.push_back(invalid_value("spec.group", json::string(group), wrong));
  } else if (group.find('.') == group.npos) {
    out.push_back(invalid_value("spec.group", json::string(group), "should be a domain with at least one dot"));
  }
  std::string_view scope = text_at(definition, {"spec", "scope"});
  if (scope.empty()) {
    out.push_back(required("spec.scope", ""));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    out.push_back(unsupported_value("spec.scope", scope, "\"Cluster\", \"Namespaced\""));
  }
  check_versions(definition, &out);
  const json::value* names = find(definition, "spec", "names");
  check_names(names ? *names : json::value(json::object()), &out);
  std::string_view strategy = text_at(definition, {"spec", "conversion", "strategy"});
  const json::value* webhook = find(definition, "spec", "conversion", "webhook");
  if (strategy == "Webhook" && (!webhook || !find(*webhook, "clientConfig"))) {
    out.push_back(required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
  } else if (strategy == "None" && webhook && find(*webhook, "clientConfig")) {
    out.push_back(field_forbidden("spec.conversion.webhookClientConfig",
                                  "should not be set when strategy is not set to Webhook"));
  } else if (strategy != "None" && strategy != "Webhook") {
    out.push_back(unsupported_value("spec.conversion.strategy", strategy, "\"None\", \"Webhook\""));
  }
  if (flag_at(definition, {"spec", "preserveUnknownFields"})) {
    out.push_back(invalid_value(
        "spec.preserveUnknownFields", true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
  }
  if (!before) {
    check_approval(definition, &out);
    return out;
  }
  auto immutable = [&](std::initializer_list<std::string_view> path, std::string field) {
    std::string_view now = text_at(definition, path);
    if (now != text_at(*before, path))
      out.push_back(invalid_value(std::move(field), json::string(now), "field is immutable"));
  };
  if (condition_status(*before, "Established") == "True") {
    immutable({"spec", "scope"}, "spec.scope");
    immutable({"spec", "names", "kind"}, "spec.names.kind");
  }
  immutable({"spec", "group"}, "spec.group");
  immutable({"spec", "names", "plural"}, "spec.names.plural");
  return out;
}

}  // namespace fairlead::sandbox
