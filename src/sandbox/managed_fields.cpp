#include "sandbox/managed_fields.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/stored_form.h"
#include "sandbox/structured_merge.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_updaters = 10;

std::string quoted(std::string_view text) { return compact(json::value(json::string(text))); }

std::int64_t seconds_of(const std::string& time) { return parse_rfc3339(time).value_or(0); }

// What belongs to nobody: who and which object it is, and what the server counts.
const FieldSet& never_owned() {
  static const FieldSet set = [] {
    FieldSet out;
    out.insert({"f:apiVersion"});
    out.insert({"f:kind"});
    out.insert({"f:metadata"});
    for (const char* member : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:clusterName",
                               "f:generation", "f:managedFields", "f:resourceVersion"}) {
      out.insert({"f:metadata", member});
    }
    return out;
  }();
  return set;
}

void limit(FieldSet* fields, Reach reach) {
  if (reach == Reach::but_status) fields->erase_below("f:status");
  if (reach == Reach::only_status) fields->keep_only_below("f:status");
}

json::value normal(const Message* message, const json::value& value) {
  return message ? as_stored(*message, value) : value;
}

void drop_empty(ManagedFields* managed) {
  std::erase_if(managed->owners, [](const auto& owner) { return owner.second.fields.empty(); });
}

void cap(ManagedFields* managed) {
  std::vector<std::pair<std::int64_t, Manager>> updaters;
  for (const auto& [manager, owned] : managed->owners) {
    if (manager.operation == "Update") updaters.emplace_back(seconds_of(owned.time), manager);
  }
  std::sort(updaters.begin(), updaters.end());
  std::map<std::string, Manager> first;  // by version
  std::size_t count = updaters.size();
  for (const auto& [time, manager] : updaters) {
    if (count <= most_updaters) return;
    Owned owned = managed->owners.at(manager);
    auto [earlier, fresh] = first.emplace(owned.api_version, manager);
    if (fresh) continue;
    Manager bucket{"Update", "ancient-changes", owned.api_version, ""};
    if (!managed->owners.contains(bucket)) {
      managed->owners.insert_or_assign(bucket, managed->owners.at(earlier->second));
      managed->owners.erase(earlier->second);
    }
    Owned& together = managed->owners.at(bucket);
    together.fields.unite(owned.fields);
    together.time = owned.time;
    if (manager != bucket) managed->owners.erase(manager);
    --count;
  }
}

}  // namespace

std::string Manager::text() const {
  std::string out = quoted(name);
  if (!subresource.empty()) out += " with subresource " + quoted(subresource);
  if (operation == "Update") out += " using " + api_version;
  return out;
}

std::optional<ManagedFields> ManagedFields::parse(const json::array& entries) {
  ManagedFields out;
  for (const json::value& entry : entries) {
    Manager manager{std::string(text_at(entry, {"operation"})), std::string(text_at(entry, {"manager"})),
                    std::string(text_at(entry, {"apiVersion"})), std::string(text_at(entry, {"subresource"}))};
    if ((manager.operation != "Apply" && manager.operation != "Update") || manager.api_version.empty() ||
        text_at(entry, {"fieldsType"}) != "FieldsV1") {
      return std::nullopt;
    }
    Owned owned;
    owned.api_version = manager.api_version;
    owned.time = text_at(entry, {"time"});
    if (const json::value* fields = find(entry, "fieldsV1"); fields && !fields->is_null()) {
      auto set = FieldSet::parse(*fields);
      if (!set) return std::nullopt;
      owned.fields = std::move(*set);
    }
    if (manager.operation == "Apply") manager.api_version.clear();
    out.owners[std::move(manager)] = std::move(owned);
  }
  return out;
}

ManagedFields ManagedFields::of(const json::value& object) {
  auto parsed = parse(array_at(object, {"metadata", "managedFields"}));
  return parsed ? std::move(*parsed) : ManagedFields();
}

json::array ManagedFields::entries() const {
  std::vector<std::pair<const Manager*, const Owned*>> sorted;
  for (const auto& [manager, owned] : owners) sorted.emplace_back(&manager, &owned);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    if (a.first->operation != b.first->operation) return a.first->operation < b.first->operation;
    std::int64_t left = seconds_of(a.second->time), right = seconds_of(b.second->time);
    if (left != right) return left < right;
    return std::tie(a.first->name, a.second->api_version, a.first->subresource) <
           std::tie(b.first->name, b.second->api_version, b.first->subresource);
  });
  json::array out;
  for (const auto& [manager, owned] : sorted) {
    json::object entry{
        {"manager", manager->name}, {"operation", manager->operation}, {"apiVersion", owned->api_version}};
    if (!owned->time.empty()) entry["time"] = owned->time;
    entry["fieldsType"] = "FieldsV1";
    entry["fieldsV1"] = owned->fields.fields_v1();
    if (!manager->subresource.empty()) entry["subresource"] = manager->subresource;
    out.push_back(std::move(entry));
  }
  return out;
}

void ManagedFields::write_to(json::value& object) const {
  json::object& metadata = object_in(object, {"metadata"});
  if (empty()) {
    metadata.erase("managedFields");
  } else {
    metadata["managedFields"] = entries();
  }
}

ManagedFields after_update(const Message* message, const json::value* before, const json::value& after,
                           ManagedFields managed, const Write& write) {
  // An object that nobody is known to own stays so until somebody applies.
  if (before && managed.empty()) return managed;
  const json::value nothing = normal(message, json::object());
  Comparison change = compare(MergeType::of(message), before ? *before : nothing, after);
  change.added.unite(change.modified);
  limit(&change.added, write.reach);
  limit(&change.removed, write.reach);
  for (auto& [manager, owned] : managed.owners) {
    owned.fields.subtract(change.added);
    owned.fields.subtract(change.removed);
  }
  drop_empty(&managed);
  change.added.subtract(never_owned());
  if (!change.added.empty()) {
    Manager self{"Update", write.manager.empty() ? "unknown" : write.manager, write.api_version, write.subresource};
    Owned& owned = managed.owners[std::move(self)];
    owned.fields.unite(change.added);
    owned.api_version = write.api_version;
    owned.time = write.now;
  }
  cap(&managed);
  return managed;
}

tl::expected<Applied, std::vector<ApplyConflict>> apply_configuration(const Message* message, const json::value* live,
                                                                      const json::value& configuration,
                                                                      ManagedFields managed, const Write& write,
                                                                      bool force) {
  const MergeType type = MergeType::of(message);
  if (live && managed.empty()) {
    Write earlier = write;
    earlier.manager = "before-first-apply";
    managed = after_update(message, nullptr, normal(message, *live), std::move(managed), earlier);
  }
  json::value base = live ? *live : json::value(json::object());
  object_in(base, {"metadata"}).erase("managedFields");
  json::value object = merge(type, base, configuration);

  const Manager self{"Apply", write.manager, "", write.subresource};
  FieldSet last;
  std::string last_time;
  if (auto found = managed.owners.find(self); found != managed.owners.end()) {
    last = found->second.fields;
    last_time = found->second.time;
  }
  Owned mine;
  mine.fields = fields_of(type, configuration);
  limit(&mine.fields, write.reach);
  mine.api_version = write.api_version;
  mine.time = last_time;
  managed.owners[self] = mine;

  if (!last.empty()) {
    // Of what was applied before, that goes which nobody owns any more, and with it what stands below it unless it is
    // somebody's.
    last = with_named_fields(type, last);
    FieldSet owned;
    for (const auto& [manager, fields] : managed.owners) owned.unite(fields.fields);
    FieldSet there = with_named_fields(type, fields_of(type, object));
    FieldSet kept = with_named_fields(type, fields_of(type, without(type, object, last)));
    kept.unite(with_named_fields(type, owned));
    FieldSet doomed = there;
    doomed.subtract(kept);
    json::value pruned = without(type, object, doomed);
    doomed = there;
    doomed.subtract(with_named_fields(type, fields_of(type, pruned)));
    doomed.intersect(last);
    object = without(type, object, doomed);
  }

  const json::value was = normal(message, base), is = normal(message, object);
  Comparison change = compare(type, was, is);
  limit(&change.added, write.reach);
  limit(&change.removed, write.reach);
  limit(&change.modified, write.reach);
  change.added.unite(change.modified);
  std::vector<ApplyConflict> conflicts;
  for (auto& [manager, owned] : managed.owners) {
    if (manager == self) continue;
    FieldSet disputed = owned.fields;
    disputed.intersect(change.added);
    disputed.each([&, who = manager](const FieldPath& path) { conflicts.push_back({who, path}); });
    owned.fields.subtract(change.added);
    owned.fields.subtract(change.removed);
  }
  std::stable_sort(conflicts.begin(), conflicts.end(),
                   [](const ApplyConflict& a, const ApplyConflict& b) { return a.manager.name < b.manager.name; });
  if (!force && !conflicts.empty()) return tl::unexpected(std::move(conflicts));
  Applied out;
  out.changed = was != is;
  Owned& owned = managed.owners[self];
  owned.fields.subtract(never_owned());
  if (out.changed) owned.time = write.now;
  drop_empty(&managed);
  out.object = out.changed ? std::move(object) : std::move(base);
  out.managed = std::move(managed);
  return out;
}

FieldSet last_applied_fields(const Message* message, const json::value& live, std::string_view api_version) {
  FieldSet out;
  std::string_view text =
      text_at(live, {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"});
  auto parsed = parse_json(text, "read the last applied configuration", JsonLimits{1 << 20, 100});
  if (!parsed || !parsed->is_object() || text_at(*parsed, {"apiVersion"}) != api_version) return out;
  parsed->get_object().erase("apiVersion");
  parsed->get_object().erase("kind");
  const MergeType type = MergeType::of(message);
  if (!type_problem(type, *parsed).empty()) return out;
  out = fields_of(type, *parsed);
  Comparison change = compare(type, *parsed, normal(message, live));
  out.subtract(change.added);
  out.subtract(change.removed);
  out.subtract(change.modified);
  return out;
}

}  // namespace fairlead::sandbox
