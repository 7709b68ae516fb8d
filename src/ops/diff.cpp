#include "ops/diff.h"

#include <algorithm>
#include <array>
#include <set>

namespace fairlead::ops {
namespace {

// What may name the items of a list, in this order of preference.
const std::vector<std::vector<std::string_view>> kNames{{"name"},
                                                        {"containerPort", "protocol"},
                                                        {"containerPort"},
                                                        {"port", "protocol"},
                                                        {"port"},
                                                        {"mountPath"},
                                                        {"devicePath"},
                                                        {"uid"},
                                                        {"type"},
                                                        {"topologyKey", "whenUnsatisfiable"},
                                                        {"ip"},
                                                        {"key", "effect"},
                                                        {"key"}};

std::optional<ItemKey> key_of(const json::value& item, const std::vector<std::string_view>& names) {
  if (!item.is_object()) return std::nullopt;
  // References to other objects (the subjects of a RoleBinding): who may do something is one decision, the whole list.
  if (names.size() == 1 && names[0] == "name" && item.get_object().contains("kind")) return std::nullopt;
  ItemKey key;
  for (auto name : names) {
    const json::value* value = item.get_object().if_contains(name);
    if (!value || value->is_object() || value->is_array() || value->is_null()) return std::nullopt;
    key[name] = *value;
  }
  return key;
}

bool names_all(const json::array& items, const std::vector<std::string_view>& names) {
  std::set<std::string> seen;
  for (const auto& item : items) {
    auto key = key_of(item, names);
    if (!key || !seen.insert(json::serialize(*key)).second) return false;
  }
  return true;
}

// Null: the lists are one value each.
const std::vector<std::string_view>* naming(const json::array& a, const json::array& b) {
  if (a.empty() && b.empty()) return nullptr;
  for (const auto& names : kNames)
    if (names_all(a, names) && names_all(b, names)) return &names;
  return nullptr;
}

bool matches(const json::value& item, const ItemKey& key) {
  if (!item.is_object()) return false;
  for (const auto& [name, value] : key) {
    const json::value* found = item.get_object().if_contains(name);
    if (!found || *found != value) return false;
  }
  return true;
}

std::optional<std::size_t> index_of(const json::array& items, const ItemKey& key) {
  for (std::size_t i = 0; i < items.size(); ++i)
    if (matches(items[i], key)) return i;
  return std::nullopt;
}

bool is_the_servers(const FieldPath& path) {
  static constexpr std::array<std::string_view, 8> metadata{
      "managedFields",     "resourceVersion", "generation",        "uid",
      "creationTimestamp", "selfLink",        "deletionTimestamp", "deletionGracePeriodSeconds"};
  const auto* first = path.empty() ? nullptr : std::get_if<std::string>(&path[0]);
  if (first && path.size() == 1) return *first == "status";
  const auto* second = path.size() == 2 ? std::get_if<std::string>(&path[1]) : nullptr;
  return first && second && *first == "metadata" &&
         std::find(metadata.begin(), metadata.end(), *second) != metadata.end();
}

// Whether the items that both lists have stand in the same order.
bool in_order(const json::array& before, const json::array& after, const std::vector<std::string_view>& names) {
  std::size_t next = 0;
  for (const auto& item : before) {
    const auto index = index_of(after, *key_of(item, names));
    if (!index) continue;
    if (*index < next) return false;
    next = *index + 1;
  }
  return true;
}

json::value keys_of(const json::array& items, const std::vector<std::string_view>& names) {
  json::array out;
  for (const auto& item : items) {
    const ItemKey key = *key_of(item, names);
    out.push_back(key.size() == 1 ? key.begin()->value() : json::value(key));
  }
  return out;
}

class Differ {
 public:
  explicit Differ(bool for_readers) : for_readers_(for_readers) {}
  std::vector<FieldChange> changes;

  void compare(const json::value& before, const json::value& after) {
    if (before == after || is_the_servers(path_)) return;
    if (before.is_object() && after.is_object()) return objects(before.get_object(), after.get_object());
    if (before.is_array() && after.is_array()) {
      const auto* names = naming(before.get_array(), after.get_array());
      const bool moved = names && !in_order(before.get_array(), after.get_array(), *names);
      if (names && (!moved || for_readers_)) lists(before.get_array(), after.get_array(), *names);
      if (names && moved && for_readers_) {
        changes.push_back({path_, keys_of(before.get_array(), *names), keys_of(after.get_array(), *names), {}, true});
      }
      if (names && (!moved || for_readers_)) return;
    }
    changes.push_back({path_, before, after, {}, false});
  }

 private:
  void one(const json::value* before, const json::value* after, std::vector<ItemKey> ahead = {}) {
    if (before && after) return compare(*before, *after);
    if (is_the_servers(path_)) return;
    FieldChange change{path_, std::nullopt, std::nullopt, std::move(ahead), false};
    if (before) change.before = *before;
    if (after) change.after = *after;
    changes.push_back(std::move(change));
  }
  void objects(const json::object& before, const json::object& after) {
    for (const auto& [name, value] : before) {
      path_.emplace_back(std::string(name));
      one(&value, after.if_contains(name));
      path_.pop_back();
    }
    for (const auto& [name, value] : after) {
      if (before.contains(name)) continue;
      path_.emplace_back(std::string(name));
      one(nullptr, &value);
      path_.pop_back();
    }
  }
  void lists(const json::array& before, const json::array& after, const std::vector<std::string_view>& names) {
    std::vector<ItemKey> ahead;
    for (const auto& item : before) {
      ItemKey key = *key_of(item, names);
      const auto index = index_of(after, key);
      path_.emplace_back(key);
      one(&item, index ? &after[*index] : nullptr, ahead);
      path_.pop_back();
      ahead.push_back(std::move(key));
    }
    ahead.clear();
    for (const auto& item : after) {
      ItemKey key = *key_of(item, names);
      path_.emplace_back(key);
      if (!index_of(before, key)) one(nullptr, &item, ahead);
      path_.pop_back();
      ahead.push_back(std::move(key));
    }
  }
  const bool for_readers_;
  FieldPath path_;
};

void add_leaves(const json::value& value, FieldPath& path, std::vector<FieldChange>& out) {
  if (is_the_servers(path)) return;
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& [name, member] : value.get_object()) {
      path.emplace_back(std::string(name));
      add_leaves(member, path, out);
      path.pop_back();
    }
    return;
  }
  if (const auto* names = value.is_array() ? naming(value.get_array(), value.get_array()) : nullptr) {
    for (const auto& item : value.get_array()) {
      path.emplace_back(*key_of(item, *names));
      add_leaves(item, path, out);
      path.pop_back();
    }
    return;
  }
  out.push_back({path, std::nullopt, value, {}, false});
}

std::string pointer_word(std::string_view word) {
  std::string out = "/";
  for (char c : word) out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return out;
}

bool same(const json::value* value, const std::optional<json::value>& wanted) {
  return value ? wanted && *value == *wanted : !wanted;
}

// Writes the patch while carrying it out on a copy: items of lists move as it goes.
class Patcher {
 public:
  explicit Patcher(const json::value& now) : object_(now) {}
  json::array patch;
  json::value take() { return std::move(object_); }

  // False where what holds the field has gone, or is something else.
  bool set(const FieldPath& path, const std::optional<json::value>& value, const std::vector<ItemKey>& ahead) {
    json::value* here = &object_;
    std::string pointer;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const bool last = i + 1 == path.size();
      if (const auto* name = std::get_if<std::string>(&path[i])) {
        if (!here->is_object()) return false;
        json::object& members = here->get_object();
        pointer += pointer_word(*name);
        json::value* member = members.if_contains(*name);
        if (last) {
          if (!value && !member) return true;
          add_op(!value ? "remove" : member ? "replace" : "add", pointer, value);
          if (value)
            members[*name] = *value;
          else
            members.erase(*name);
          return true;
        }
        if (!member) {
          if (!value) return true;
          const auto rest = path.begin() + static_cast<std::ptrdiff_t>(i) + 1;
          if (std::any_of(rest, path.end() - 1,
                          [](const PathStep& step) { return std::holds_alternative<ItemKey>(step); }))
            return false;  // the item has gone, and half of one is none
          // What holds the field has gone: it is made anew around it.
          json::value made = around(path, i + 1, *value);
          add_op("add", pointer, made);
          members[*name] = std::move(made);
          return true;
        }
        here = member;
        continue;
      }
      const auto& key = std::get<ItemKey>(path[i]);
      if (!here->is_array()) return false;
      json::array& items = here->get_array();
      const auto index = index_of(items, key);
      if (last) {
        if (!value && !index) return true;
        const std::size_t place = index ? *index : place_after(items, ahead);
        add_op(!value ? "remove" : index ? "replace" : "add", pointer + "/" + std::to_string(place), value);
        const auto here_in = items.begin() + static_cast<std::ptrdiff_t>(place);
        if (!value)
          items.erase(here_in);
        else if (index)
          *here_in = *value;
        else
          items.insert(here_in, *value);
        return true;
      }
      if (index) pointer += "/" + std::to_string(*index);
      if (!index) return !value;  // the item has gone, and half of one is none
      here = &items[*index];
    }
    return true;
  }

 private:
  // Where an item belongs: behind the nearest of those that stood before it.
  static std::size_t place_after(const json::array& items, const std::vector<ItemKey>& ahead) {
    for (auto key = ahead.rbegin(); key != ahead.rend(); ++key)
      if (const auto index = index_of(items, *key)) return *index + 1;
    return 0;
  }
  static json::value around(const FieldPath& path, std::size_t from, const json::value& value) {
    json::value out = value;
    for (std::size_t i = path.size(); i-- > from;) {
      if (const auto* name = std::get_if<std::string>(&path[i]))
        out = json::object{{*name, std::move(out)}};
      else
        out = json::array{std::move(out)};
    }
    return out;
  }
  void add_op(std::string_view op, const std::string& pointer, const std::optional<json::value>& value) {
    json::object one{{"op", op}, {"path", pointer}};
    if (value) one["value"] = *value;
    patch.push_back(std::move(one));
  }
  json::value object_;
};

bool is_plain(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string to_text(const FieldPath& path) {
  std::string out;
  for (const auto& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      out += is_plain(*name) ? (out.empty() ? "" : ".") + *name : "[" + compact(json::value(*name)) + "]";
      continue;
    }
    out += '[';
    bool first = true;
    for (const auto& [name, value] : std::get<ItemKey>(step)) {
      const std::string text =
          value.is_string() && is_plain(value.get_string()) ? std::string(value.get_string()) : compact(value);
      out += (first ? "" : ",") + std::string(name) + "=" + text;
      first = false;
    }
    out += ']';
  }
  return out;
}

std::vector<FieldChange> diff(const json::value& before, const json::value& after) {
  Differ differ(false);
  differ.compare(before, after);
  return std::move(differ.changes);
}

std::vector<FieldChange> differences(const json::value& before, const json::value& after) {
  Differ differ(true);
  differ.compare(before, after);
  return std::move(differ.changes);
}

std::vector<FieldChange> leaves(const json::value& object) {
  FieldPath path;
  std::vector<FieldChange> out;
  add_leaves(object, path, out);
  return out;
}

const json::value* at(const json::value& object, const FieldPath& path) {
  const json::value* here = &object;
  for (const auto& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      here = here->is_object() ? here->get_object().if_contains(*name) : nullptr;
    } else {
      const auto index = here->is_array() ? index_of(here->get_array(), std::get<ItemKey>(step)) : std::nullopt;
      here = index ? &here->get_array()[*index] : nullptr;
    }
    if (!here) return nullptr;
  }
  return here;
}

Reverse reverse(const std::vector<FieldChange>& changes, const json::value& now) {
  Reverse out;
  Patcher patcher(now);
  // The other way round: what was added last is taken away first.
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    const json::value* value = at(now, change->path);
    if (same(value, change->before)) continue;
    const bool holds = same(value, change->after);
    const bool was_set = patcher.set(change->path, change->before, change->ahead);
    if (holds && was_set) continue;
    FieldConflict conflict{change->path, change->before, change->after, std::nullopt, !was_set};
    if (value) conflict.now = *value;
    out.conflicts.insert(out.conflicts.begin(), std::move(conflict));
  }
  out.patch = std::move(patcher.patch);
  return out;
}

json::value with(const json::value& before, const std::vector<FieldChange>& changes) {
  Patcher patcher(before);
  for (const auto& change : changes) patcher.set(change.path, change.after, change.ahead);
  return patcher.take();
}

json::value merged(const json::value& object, const json::value& patch) {
  if (!patch.is_object()) return patch;
  json::object out = object.is_object() ? object.get_object() : json::object();
  for (const auto& [name, value] : patch.get_object()) {
    const json::value* there = out.if_contains(name);
    if (value.is_null())
      out.erase(name);
    else
      out[name] = merged(there ? *there : json::value(nullptr), value);
  }
  return out;
}

bool speaks_of(const json::value& asked, const FieldPath& path) {
  const json::value* here = &asked;
  for (const auto& step : path) {
    if (!here->is_object() && !here->is_array()) return true;  // all that was below
    here = at(*here, {step});
    if (!here) return false;
  }
  return true;
}

bool holds(const json::value& object, const json::value& asked) {
  if (asked.is_object()) {
    for (const auto& [name, value] : asked.get_object()) {
      if (name == "$patch" || name.starts_with("$setElementOrder")) continue;
      const json::value* there = object.is_object() ? object.get_object().if_contains(name) : nullptr;
      if (value.is_null() ? there && !there->is_null() : !there || !holds(*there, value)) return false;
    }
    return object.is_object();
  }
  if (!asked.is_array()) return object == asked;
  if (!object.is_array()) return false;
  const json::array &wanted = asked.get_array(), &there = object.get_array();
  const auto* names = naming(wanted, there);
  if (!names || wanted.empty()) return wanted == there;
  for (const auto& item : wanted) {
    const auto index = index_of(there, *key_of(item, *names));
    const bool is_deleted = text_at(item, {"$patch"}) == "delete";
    if (is_deleted ? index.has_value() : !index || !holds(there[*index], item)) return false;
  }
  return true;
}

}  // namespace fairlead::ops
