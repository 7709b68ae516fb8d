#include "sandbox/structured_merge.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace fairlead::sandbox {
namespace {

using Kind = MergeType::Kind;

std::string element_of_member(std::string_view name) { return "f:" + std::string(name); }

// The value where it is an object or list with something in it.
const json::object* members_of(const json::value* value) {
  return value && value->is_object() && !value->get_object().empty() ? &value->get_object() : nullptr;
}
const json::array* items_of(const json::value* value) {
  return value && value->is_array() && !value->get_array().empty() ? &value->get_array() : nullptr;
}

bool is_map(const MergeType& type, const json::value* value) {
  if (type.kind() == Kind::deduced) return value && value->is_object();
  return type.kind() == Kind::structure || type.kind() == Kind::map;
}
bool is_list(const MergeType& type) { return type.kind() == Kind::keyed || type.kind() == Kind::set; }

// A list's items by their path elements, in the order of first occurrence.
struct Items {
  Items(const MergeType& type, const json::array* list) {
    if (!list) return;
    for (const json::value& item : *list) {
      auto element = type.element_of(item);
      if (!element) continue;
      auto [place, fresh] = places.emplace(*element, order.size());
      if (fresh) {
        order.push_back(std::move(*element));
        values.emplace_back();
      }
      values[place->second].push_back(&item);
    }
  }
  const std::vector<const json::value*>& at(const std::string& element) const {
    static const std::vector<const json::value*> none;
    auto found = places.find(element);
    return found == places.end() ? none : values[found->second];
  }

  std::vector<std::string> order;
  std::vector<std::vector<const json::value*>> values;
  std::unordered_map<std::string, std::size_t> places;
};

class Comparer {
 public:
  void value(const MergeType& type, const json::value* before, const json::value* after) {
    bool maps = is_map(type, before ? before : after) && is_map(type, after ? after : before);
    const json::object *old_members = maps ? members_of(before) : nullptr,
                       *new_members = maps ? members_of(after) : nullptr;
    const json::array *old_items = is_list(type) ? items_of(before) : nullptr,
                      *new_items = is_list(type) ? items_of(after) : nullptr;
    if (old_members || new_members) {
      map(type, old_members, new_members);
    } else if (old_items || new_items) {
      list(type, old_items, new_items);
    } else if (before && after) {
      if (*before != *after) out.modified.insert(path_);
      return;
    }
    if (!before) out.added.insert(path_);
    if (!after) out.removed.insert(path_);
  }

  Comparison out;

 private:
  void step(std::string element, const MergeType& type, const json::value* before, const json::value* after) {
    path_.push_back(std::move(element));
    value(type, before, after);
    path_.pop_back();
  }

  void map(const MergeType& type, const json::object* before, const json::object* after) {
    if (before) {
      for (const auto& member : *before) {
        const json::value* now = after ? after->if_contains(member.key()) : nullptr;
        step(element_of_member(member.key()), type.member(member.key()), &member.value(), now);
      }
    }
    if (!after) return;
    for (const auto& member : *after) {
      if (!before || !before->contains(member.key()))
        step(element_of_member(member.key()), type.member(member.key()), nullptr, &member.value());
    }
  }

  void list(const MergeType& type, const json::array* before, const json::array* after) {
    Items was(type, before), is(type, after);
    for (const std::string& element : was.order) item(type, element, was.at(element), is.at(element));
    for (const std::string& element : is.order) {
      if (was.at(element).empty()) item(type, element, {}, is.at(element));
    }
  }

  // Items that are there more than once are one value together.
  void item(const MergeType& type, const std::string& element, const std::vector<const json::value*>& before,
            const std::vector<const json::value*>& after) {
    auto only = [](const std::vector<const json::value*>& values) {
      return values.size() == 1 ? values.front() : nullptr;
    };
    FieldPath whole = path_;
    whole.push_back(element);
    if (before.size() > 1 && after.size() > 1) {
      auto equal = [](const json::value* a, const json::value* b) { return *a == *b; };
      if (!std::equal(before.begin(), before.end(), after.begin(), after.end(), equal)) out.modified.insert(whole);
      return;
    }
    if (only(before) || only(after)) step(element, type.element(), only(before), only(after));
    if (before.size() > 1) out.removed.insert(whole);
    if (after.size() > 1) out.added.insert(whole);
  }

  FieldPath path_;
};

void collect(const MergeType& type, const json::value& value, FieldSet* out) {
  if (is_map(type, &value)) {
    if (!value.is_object()) return;
    for (const auto& member : value.get_object()) {
      FieldSet& below = out->children()[element_of_member(member.key())];
      collect(type.member(member.key()), member.value(), &below);
      bool hollow = member.value().is_null() || (member.value().is_object() && member.value().get_object().empty());
      if (hollow || !type.names(member.key())) below.set_member();
    }
    std::erase_if(out->children(), [](const auto& child) { return child.second.empty(); });
  } else if (is_list(type)) {
    Items items(type, items_of(&value));
    for (const std::string& element : items.order) {
      FieldSet& below = out->children()[element];
      if (items.at(element).size() == 1) collect(type.element(), *items.at(element).front(), &below);
      below.set_member();
    }
  } else {
    out->set_member();
  }
}

std::optional<json::value> merged(const MergeType& type, const json::value* base, const json::value* over);

std::optional<json::value> merged_maps(const MergeType& type, const json::object* base, const json::object* over) {
  json::object out;
  auto take = [&](std::string_view name, const json::value* left, const json::value* right) {
    if (auto value = merged(type.member(name), left, right)) out[name] = std::move(*value);
  };
  if (base) {
    for (const auto& member : *base)
      take(member.key(), &member.value(), over ? over->if_contains(member.key()) : nullptr);
  }
  if (over) {
    for (const auto& member : *over) {
      if (!base || !base->contains(member.key())) take(member.key(), nullptr, &member.value());
    }
  }
  if (out.empty()) return std::nullopt;
  return out;
}

// Items of `over` in its order; those that only `base` has stay behind the items that they stood behind.
std::optional<json::value> merged_lists(const MergeType& type, const json::array* base, const json::array* over) {
  Items mine(type, over), theirs(type, base);
  json::array out;
  auto take = [&](const json::value* left, const json::value* right) {
    if (auto value = merged(type.element(), left, right)) out.push_back(std::move(*value));
  };
  std::size_t next = 0;
  auto pass_until = [&](const std::string* stop) {
    for (; next < theirs.order.size() && (!stop || theirs.order[next] != *stop); ++next) {
      if (!mine.at(theirs.order[next]).empty()) continue;
      for (const json::value* item : theirs.values[next]) take(item, nullptr);
    }
  };
  std::size_t shared = 0;
  for (std::size_t i = 0; i < mine.order.size(); ++i) {
    shared = std::max(shared, i);
    while (shared < mine.order.size() && theirs.at(mine.order[shared]).empty()) ++shared;
    pass_until(shared < mine.order.size() ? &mine.order[shared] : nullptr);
    const auto& there = theirs.at(mine.order[i]);
    take(there.size() == 1 ? there.front() : nullptr, mine.values[i].front());
    if (next < theirs.order.size() && theirs.order[next] == mine.order[i]) ++next;
  }
  pass_until(nullptr);
  if (out.empty()) return std::nullopt;
  return out;
}

std::optional<json::value> merged(const MergeType& type, const json::value* base, const json::value* over) {
  if (!base || !over) {
    // Nothing to merge, but nulls and empty parts inside are dropped as they are when there is.
    const json::value& value = base ? *base : *over;
    if (is_map(type, &value) && members_of(&value))
      return merged_maps(type, base ? members_of(base) : nullptr, over ? members_of(over) : nullptr);
    if (value.is_null()) return std::nullopt;
    return value;
  }
  if (is_map(type, base) && is_map(type, over) && (members_of(base) || members_of(over)))
    return merged_maps(type, members_of(base), members_of(over));
  if (is_list(type) && (items_of(base) || items_of(over))) return merged_lists(type, items_of(base), items_of(over));
  if (over->is_null()) return std::nullopt;
  return *over;
}

std::optional<json::value> stripped(const MergeType& type, const json::value& value, const FieldSet& fields) {
  if (is_map(type, &value)) {
    if (!value.is_object()) return std::nullopt;
    json::object out;
    for (const auto& member : value.get_object()) {
      const FieldSet* doomed = fields.below(element_of_member(member.key()));
      if (doomed && doomed->is_member()) continue;
      if (!doomed) {
        out[member.key()] = member.value();
      } else if (auto left = stripped(type.member(member.key()), member.value(), *doomed)) {
        out[member.key()] = std::move(*left);
      }
    }
    if (out.empty()) return std::nullopt;
    return out;
  }
  if (!is_list(type)) {
    // As a whole it is no set's business, unless it is a list or map: then nothing can be taken out of it but all.
    if (value.is_structured()) return std::nullopt;
    return value;
  }
  if (!value.is_array()) return std::nullopt;
  json::array out;
  for (const json::value& item : value.get_array()) {
    auto element = type.element_of(item);
    const FieldSet* doomed = element ? fields.below(*element) : nullptr;
    if (doomed && doomed->is_member()) continue;
    if (!doomed) {
      out.push_back(item);
    } else if (auto left = stripped(type.element(), item, *doomed)) {
      out.push_back(std::move(*left));
    }
  }
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace

Comparison compare(const MergeType& type, const json::value& before, const json::value& after) {
  Comparer comparer;
  comparer.value(type, &before, &after);
  return std::move(comparer.out);
}

FieldSet fields_of(const MergeType& type, const json::value& value) {
  FieldSet out;
  collect(type, value, &out);
  return out;
}

json::value merge(const MergeType& type, const json::value& base, const json::value& over) {
  auto out = merged(type, &base, &over);
  return out ? std::move(*out) : json::value(json::object());
}

json::value without(const MergeType& type, const json::value& value, const FieldSet& fields) {
  auto out = stripped(type, value, fields);
  return out ? std::move(*out) : json::value(json::object());
}

FieldSet with_named_fields(const MergeType& type, const FieldSet& fields) {
  FieldSet out;
  if (fields.is_member()) out.set_member();
  for (const auto& [element, below] : fields.children()) {
    bool member = element.starts_with("f:");
    std::string_view name = std::string_view(element).substr(2);
    FieldSet inner = with_named_fields(member ? type.member(name) : type.element(), below);
    if (member && type.names(name)) inner.set_member();
    out.children().emplace(element, std::move(inner));
  }
  return out;
}

}  // namespace fairlead::sandbox
