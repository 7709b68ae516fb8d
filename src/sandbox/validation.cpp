#include <algorithm>

#include "base/text.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/names.h"
#include "sandbox/selector.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

std::vector<std::string> name_problems(std::string_view kind, std::string_view name) {
  if (kind == "Namespace" || kind == "StatefulSet" || kind == "Service") return label_problems(name);
  bool any = kind == "Role" || kind == "ClusterRole" || kind == "RoleBinding" || kind == "ClusterRoleBinding" ||
             kind == "Event";
  std::string problem = any ? path_segment_problem(name) : subdomain_problem(name);
  if (problem.empty()) return {};
  return {std::move(problem)};
}

void check_annotations(const Place& annotations, Findings& out) {
  constexpr std::size_t most = 256 << 10;
  if (!annotations.value().is_object()) return;
  std::size_t total = 0;
  for (const auto& annotation : annotations.value().get_object()) {
    std::string lower(annotation.key());
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    out.invalid(annotations, json::string(annotation.key()), label_key_problems(lower));
    total += lower.size() + (annotation.value().is_string() ? annotation.value().get_string().size() : 0);
  }
  if (total > most) out.too_long(annotations, most);
}

void check_owners(const Place& owners, Findings& out) {
  std::string controller;
  for (const Place& owner : owners.items()) {
    Place all(&owner.value(), owners.path());
    std::string_view version = all["apiVersion"].text();
    if (version.empty() || version.ends_with('/') || std::count(version.begin(), version.end(), '/') > 1)
      out.invalid(all["apiVersion"], json::string(version), "version must not be empty");
    for (std::string_view member : {"kind", "name", "uid"}) {
      if (all[member].text().empty()) out.invalid(all[member], json::string(), "must not be empty");
    }
    if (!owner["controller"].flag()) continue;
    std::string name = std::string(owner["kind"].text()) + "/" + std::string(owner["name"].text());
    if (!controller.empty()) {
      out.invalid(owners, "Only one reference can have Controller set to true. Found \"true\" in references for " +
                              controller + " and " + name);
    }
    controller = name;
  }
}

std::vector<std::string> texts(const Place& list) {
  std::vector<std::string> out;
  for (const Place& item : list.items()) out.emplace_back(item.text());
  std::sort(out.begin(), out.end());
  return out;
}

void check_finalizers(const Place& finalizers, const Place* before, Findings& out) {
  for (const Place& finalizer : finalizers.items()) {
    out.invalid(finalizers, json::string(finalizer.text()), label_key_problems(finalizer.text()));
  }
  for (const Place& finalizer : finalizers.items()) {
    if (is_qualified(finalizer.text()) || finalizer.is("orphan") || finalizer.is("foregroundDeletion") ||
        finalizer.is("kubernetes"))
      continue;
    out.invalid(finalizer, "name is neither a standard finalizer name nor is it fully qualified");
  }
  if (!before || !(*before)[{"metadata", "deletionTimestamp"}].given()) return;
  std::vector<std::string> now = texts(finalizers), was = texts((*before)[{"metadata", "finalizers"}]), added;
  std::set_difference(now.begin(), now.end(), was.begin(), was.end(), std::back_inserter(added));
  if (added.empty()) return;
  std::string list;
  for (const std::string& name : added) list += (list.empty() ? "" : ", ") + quoted_text(name);
  for (int twice = 0; twice < 2; ++twice) {  // the server's generic checks and the kind's own
    out.forbidden(
        finalizers,
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{" + list + "}");
  }
}

Check check_of(const Resource& resource) {
  std::string_view kind = resource.kind;
  for (auto family : {pod_check, workload_check, service_check, network_check, storage_check, policy_check, quota_check,
                      config_check, node_check}) {
    if (Check check = family(kind)) return check;
  }
  return nullptr;
}

}  // namespace

void check_metadata(const Resource& resource, const json::value& object, const json::value* before, Findings& out) {
  Place whole(&object, ""), metadata = whole["metadata"];
  Place name = metadata["name"], stem = metadata["generateName"];
  std::string kind(resource.custom ? "" : resource.kind);
  if (!stem.text().empty()) {
    // It may end with dashes: more will follow.
    std::string_view text = stem.text();
    std::string whole_word = std::string(text.substr(0, text.find_last_not_of('-') + 1)) +
                             (text.size() > 1 && text.ends_with('-') ? "a" : "");
    out.invalid(stem, stem.value(), name_problems(kind, whole_word));
  }
  if (name.text().empty()) {
    out.required(name, "name or generateName is required");
  } else {
    out.invalid(name, name.value(), name_problems(kind, name.text()));
  }
  out.labels(metadata["labels"]);
  check_annotations(metadata["annotations"], out);
  check_owners(metadata["ownerReferences"], out);
  Place old(before, "");
  check_finalizers(metadata["finalizers"], before ? &old : nullptr, out);
}

std::vector<Cause> validate(const Resource& resource, const json::value& object, const json::value* before) {
  Findings out;
  check_metadata(resource, object, before, out);
  if (resource.custom || resource.is_builtin("CustomResourceDefinition")) {
    for (Cause& cause :
         resource.custom ? check_custom(*resource.custom, object, before) : check_definition(object, before))
      out.add(std::move(cause));
  } else if (Check check = check_of(resource)) {
    Place old(before, "");
    check(Place(&object, ""), before ? &old : nullptr, out);
  }
  return out.take();
}

}  // namespace fairlead::sandbox
