#include "runtimes/drift.h"

#include <fmt/format.h>

#include "base/text.h"
#include "kube/quantity.h"
#include "ops/clip.h"
#include "ops/shown.h"

namespace fairlead::runtimes {
namespace {

std::string_view word(const ops::FieldPath& path, std::size_t from_end) {
  if (from_end >= path.size()) return {};
  const auto* text = std::get_if<std::string>(&path[path.size() - 1 - from_end]);
  return text ? std::string_view(*text) : std::string_view();
}

// "2048Mi" is kept as "2Gi".
bool is_same_quantity(const ops::FieldChange& change, bool is_claim) {
  const std::string_view list = word(change.path, 1);
  if (word(change.path, 2) != "resources" || (list != "requests" && list != "limits")) return false;
  if (!change.before->is_string() || !change.after->is_string()) return false;
  const auto there = kube::parse_quantity_milli(change.before->get_string()),
             wanted = kube::parse_quantity_milli(change.after->get_string());
  return there && wanted && (is_claim ? *there >= *wanted : *there == *wanted);
}

bool is_of_the_kind(const ops::FieldPath& path) {
  return path.size() == 1 && (word(path, 0) == "apiVersion" || word(path, 0) == "kind");  // which items of lists lack
}

}  // namespace

std::vector<ops::FieldChange> differs(const json::value& wanted, const json::value& live) {
  const bool is_claim = text_at(wanted, {"kind"}) == "PersistentVolumeClaim";
  std::vector<ops::FieldChange> out;
  for (auto& change : ops::diff(live, wanted)) {
    if (!change.after || is_of_the_kind(change.path)) continue;
    // A list in another order, or with items of others between its own.
    if (change.before && (ops::holds(*change.before, *change.after) || is_same_quantity(change, is_claim))) continue;
    out.push_back(std::move(change));
  }
  return out;
}

ops::ObjectRef reference(const json::object& wanted) {
  struct Kind {
    std::string_view kind, group, plural;
  };
  static constexpr Kind kinds[]{{"ConfigMap", "", "configmaps"},
                                {"Secret", "", "secrets"},
                                {"PersistentVolumeClaim", "", "persistentvolumeclaims"},
                                {"Service", "", "services"},
                                {"NetworkPolicy", "networking.k8s.io", "networkpolicies"},
                                {"Deployment", "apps", "deployments"}};
  const json::value object(wanted);
  ops::ObjectRef out;
  out.kind = text_at(object, {"kind"});
  out.ns = text_at(object, {"metadata", "namespace"});
  out.name = text_at(object, {"metadata", "name"});
  out.version = "v1";
  for (const Kind& one : kinds)
    if (one.kind == out.kind) {
      out.group = one.group;
      out.plural = one.plural;
    }
  return out;
}

std::vector<std::string> difference_lines(const json::object& wanted, const json::value& live) {
  const ops::ObjectRef where = reference(wanted);
  const ops::Shown there(where, live), meant(where, json::value(wanted));
  std::vector<std::string> out;
  for (const auto& change : differs(json::value(wanted), live)) {
    const std::string field = where.words() + " " + ops::shown_path(change.path);
    if (there.hides(change.path))
      out.push_back(field + (change.before ? " is another" : " is missing"));
    else
      out.push_back(fmt::format("{}: {} instead of {}", field, ops::clip(there.text(change.path), ops::kLongValue),
                                ops::clip(meant.text(change.path), ops::kLongValue)));
  }
  return ops::brief(std::move(out));
}

}  // namespace fairlead::runtimes
