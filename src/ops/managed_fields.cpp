#include "ops/managed_fields.h"

#include <algorithm>
#include <optional>
#include <set>

#include "ops/change.h"

namespace fairlead::ops {

namespace {

// How many steps of the path the set names; nothing: it has not got it.
std::optional<std::size_t> named_steps(const json::value& fields, const FieldPath& path) {
  const json::value* at = &fields;
  std::size_t named = 0;
  for (const auto& step : path) {
    if (!at->is_object()) return std::nullopt;
    if (at->get_object().empty() || (at->get_object().size() == 1 && at->get_object().contains("."))) break;
    const json::value* next = nullptr;
    if (const auto* word = std::get_if<std::string>(&step)) {
      next = find(*at, "f:" + *word);
    } else {
      const auto& wanted = std::get<ItemKey>(step);
      for (const auto& [name, inner] : at->get_object()) {
        if (!name.starts_with("k:")) continue;
        auto key = parse_json(std::string_view(name).substr(2), "read managedFields");
        if (!key || !key->is_object()) continue;
        const bool same = std::all_of(key->get_object().begin(), key->get_object().end(), [&](const auto& one) {
          const json::value* mine = wanted.if_contains(one.key());
          return !mine || *mine == one.value();
        });
        if (same) next = &inner;
      }
      if (!next && std::none_of(at->get_object().begin(), at->get_object().end(),
                                [](const auto& one) { return one.key().starts_with("k:"); }))
        break;  // a list that is owned as one
    }
    if (!next) return std::nullopt;
    at = next;
    ++named;
  }
  return named;
}

}  // namespace

bool has_field(const json::value& fields, const FieldPath& path) { return named_steps(fields, path).has_value(); }

bool holds_field(const json::value& object, const json::value& entry, const FieldPath& path) {
  const json::value* own = find(entry, "fieldsV1");
  const auto named = own ? named_steps(*own, path) : std::nullopt;
  if (!named) return false;
  if (*named == path.size()) return true;
  for (const auto& other : array_at(object, {"metadata", "managedFields"})) {
    const json::value* theirs = find(other, "fieldsV1");
    if (!theirs || other == entry) continue;
    if (const auto deeper = named_steps(*theirs, path); deeper && *deeper > *named) return false;
  }
  return true;
}

Holder holder_of(const json::value& object, const FieldPath& path) {
  static const std::set<std::string_view> controllers{"kube-controller-manager", "kube-scheduler", "kubelet",
                                                      "kube-apiserver", "cloud-controller-manager"};
  Holder out = Holder::nobody;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"})) {
    const std::string_view manager = text_at(entry, {"manager"});
    if (manager == kFieldManager || text_at(entry, {"subresource"}) == "status") continue;
    const json::value* fields = find(entry, "fieldsV1");
    if (!fields || !has_field(*fields, path)) continue;
    if (!controllers.contains(manager)) return Holder::others;
    out = Holder::controller;
  }
  return out;
}

std::vector<std::string> other_managers(const json::value& object, const FieldPath& path) {
  std::vector<std::string> out;
  for (const auto& entry : array_at(object, {"metadata", "managedFields"})) {
    const std::string_view manager = text_at(entry, {"manager"});
    const json::value* fields = find(entry, "fieldsV1");
    if (manager != kFieldManager && text_at(entry, {"subresource"}) != "status" && fields && has_field(*fields, path))
      out.emplace_back(manager);
  }
  return out;
}

}  // namespace fairlead::ops
