#include "sandbox/revisions.h"

#include <algorithm>

#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

json::value data_of(const json::value& value) {
  const json::value* found = find(value, "spec", "template");
  json::value out = json::object();
  object_in(out, {"spec"})["template"] = found ? *found : json::value(json::object());
  object_in(out, {"spec", "template"})["$patch"] = "replace";
  return out;
}

std::vector<std::pair<std::int64_t, ObjectPtr>> revisions_of(Work& work, const Object& owner) {
  std::vector<std::pair<std::int64_t, ObjectPtr>> out;
  for (const ObjectPtr& child : work.store.owned_by(owner.uid)) {
    if (child->resource == &work.revisions)
      out.emplace_back(integer_at(work.objects.load_brief(*child), {"revision"}), child);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->name < b.second->name;
  });
  return out;
}

}  // namespace

ObjectPtr newest_revision(Work& work, const Object& owner, const json::value& value, std::string_view hash_label) {
  const json::value* selector = find(value, "spec", "selector");
  claim(work, owner, work.revisions, selector ? LabelSelector::from_object(*selector) : LabelSelector());
  auto all = revisions_of(work, owner);
  json::value data = data_of(value);
  std::int64_t newest = all.empty() ? 0 : all.back().first;
  for (auto known = all.rbegin(); known != all.rend(); ++known) {
    json::value revision = work.objects.load(*known->second);
    const json::value* have = find(revision, "data");
    if (!have || *have != data) continue;
    if (known->first == newest) return known->second;
    revision.get_object()["revision"] = newest + 1;  // a template that comes back is the newest again
    auto updated = work.objects.update(known->second, std::move(revision), Part::whole);
    return updated ? *updated : known->second;
  }
  for (int collisions = 0; collisions < 8; ++collisions) {
    std::string hash = collisions == 0 ? template_hash(data) : template_hash(json::array{data, collisions});
    json::value made = json::object();
    json::object& metadata = object_in(made, {"metadata"});
    metadata["name"] = owner.name + "-" + hash;
    metadata["namespace"] = owner.namespace_name;
    metadata["ownerReferences"] = json::array{controller_reference(*owner.resource, owner.name, owner.uid)};
    json::object labels = object_at(value, {"spec", "template", "metadata", "labels"});
    labels[hash_label] = hash;
    metadata["labels"] = std::move(labels);
    json::object annotations = object_at(value, {"metadata", "annotations"});
    annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
    if (!annotations.empty()) metadata["annotations"] = std::move(annotations);
    made.get_object()["data"] = data;
    made.get_object()["revision"] = newest + 1;
    if (auto created = work.objects.create(work.revisions, std::move(made))) return *created;
  }
  return nullptr;
}

ObjectPtr find_revision(Work& work, const Object& owner, std::string_view name) {
  ObjectPtr found = work.store.find(work.revisions, owner.namespace_name, name);
  return found && controller_uid(*found) == owner.uid ? found : nullptr;
}

json::value template_of(Work& work, const Object& revision) {
  json::value value = work.objects.load_brief(revision);
  const json::value* found = find(value, "data", "spec", "template");
  json::value out = found ? *found : json::value(json::object());
  if (out.is_object()) out.get_object().erase("$patch");
  return out;
}

void forget_revisions(Work& work, const Object& owner, std::int64_t limit,
                      const std::set<std::string, std::less<>>& names_in_use) {
  auto all = revisions_of(work, owner);
  std::erase_if(all, [&](const auto& one) { return names_in_use.contains(one.second->name); });
  for (std::size_t i = 0;
       i < all.size() && static_cast<std::int64_t>(all.size() - i) > std::max<std::int64_t>(0, limit); ++i) {
    (void)work.objects.remove(all[i].second, {});
  }
}

}  // namespace fairlead::sandbox
