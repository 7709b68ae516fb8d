#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sandbox/patch.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view order_prefix = "$setElementOrder/";
constexpr std::size_t longest_list = 5000;  // that is merged element by element
constexpr std::string_view delete_prefix = "$deleteFromPrimitiveList/";

class Merger {
 public:
  StrategicError error;

  // `message` is null inside maps and unknown members: those merge as RFC 7386 says.
  bool object(const Message* message, json::object& target, const json::object& patch) {
    if (auto directive = patch.find("$patch"); directive != patch.end()) {
      std::string_view what =
          directive->value().is_string() ? std::string_view(directive->value().get_string()) : std::string_view();
      if (what == "replace" || what == "delete") {
        json::object fresh;
        if (what == "replace") fresh = without_directives(patch);
        target = std::move(fresh);
        return true;
      }
      if (what != "merge") return give_up("unknown patch type: " + std::string(what) + " in map: " + go_text(patch));
    }
    if (auto keys = patch.find("$retainKeys"); keys != patch.end()) {
      if (!keys->value().is_array()) return malformed("invalid patch format of retainKeys list");
      std::vector<std::string> doomed;
      for (const auto& member : target) {
        if (!contains(keys->value().get_array(), json::value(json::string(member.key()))))
          doomed.emplace_back(member.key());
      }
      for (const std::string& key : doomed) target.erase(key);
    }
    std::vector<std::pair<std::string, json::array>> originals;
    for (const auto& entry : patch) {
      std::string_view key = entry.key();
      if (!key.starts_with(order_prefix)) continue;
      if (!entry.value().is_array()) return malformed("invalid patch format of setElementOrder list");
      std::string_view name = key.substr(order_prefix.size());
      const Field* ordered = message ? find_member(*message, name) : nullptr;
      if (auto items = patch.find(name);
          items != patch.end() && items->value().is_array() && ordered &&
          !follows(items->value().get_array(), entry.value().get_array(), ordered->merge_key)) {
        return give_up("The order in patch list:\n" + go_text(items->value()) +
                       "\n doesn't match $setElementOrder list:\n" + go_text(entry.value()) + "\n");
      }
      auto list = target.find(key.substr(order_prefix.size()));
      json::array before;
      if (list != target.end() && list->value().is_array()) before = list->value().get_array();
      originals.emplace_back(key.substr(order_prefix.size()), std::move(before));
    }
    for (const auto& entry : patch) {
      std::string_view key = entry.key();
      if (key.starts_with(delete_prefix) &&
          !delete_plain(target, std::string(key.substr(delete_prefix.size())), entry.value()))
        return false;
      if (key.starts_with('$')) continue;
      if (!member(message, target, entry)) return false;
    }
    for (const auto& [name, before] : originals) {
      const Field* field = message ? find_member(*message, name) : nullptr;
      auto list = target.find(name);
      if (list == target.end() || !list->value().is_array()) continue;
      const json::array& order = patch.at(std::string(order_prefix) + name).get_array();
      reorder(list->value().get_array(), order, field ? field->merge_key : std::string_view(), before);
    }
    return true;
  }

 private:
  bool give_up(std::string text) {
    if (error.message.empty()) error.message = std::move(text);
    return false;
  }

  bool malformed(std::string text) {
    if (error.message.empty()) error = {true, std::move(text)};
    return false;
  }

  // Whether what is patched comes in the order that is wanted.
  static bool follows(const json::array& items, const json::array& order, std::string_view key) {
    if (order.empty()) return true;
    auto wanted = order.begin();
    for (const json::value& item : items) {
      if (find(item, "$patch")) continue;
      wanted = std::find_if(wanted, order.end(), [&](const json::value& one) {
        return key.empty() ? one == item : same_key(one, item, key);
      });
      if (wanted == order.end()) return false;
      ++wanted;
    }
    return true;
  }

  static json::object without_directives(const json::object& patch) {
    json::object out;
    for (const auto& member : patch) {
      if (!member.key().starts_with('$')) out[member.key()] = member.value();
    }
    return out;
  }

  static bool contains(const json::array& list, const json::value& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  }

  bool delete_plain(json::object& target, const std::string& name, const json::value& doomed) {
    if (!doomed.is_array()) return malformed("invalid patch format of primitive list");
    auto list = target.find(name);
    if (list == target.end() || !list->value().is_array()) return true;
    json::array kept;
    for (const json::value& item : list->value().get_array()) {
      if (!contains(doomed.get_array(), item)) kept.push_back(item);
    }
    list->value() = std::move(kept);
    return true;
  }

  bool member(const Message* message, json::object& target, const json::key_value_pair& entry) {
    const json::value& value = entry.value();
    if (value.is_null()) {
      target.erase(entry.key());
      return true;
    }
    const Field* field = message ? find_member(*message, entry.key()) : nullptr;
    const Message* inner = field && !field->map && field->type == FieldType::message ? field->message : nullptr;
    if (value.is_object()) {
      auto directive = value.get_object().find("$patch");
      if (directive != value.get_object().end() && directive->value() == "delete") {
        target.erase(entry.key());
        return true;
      }
      json::value& slot = target[entry.key()];
      if (!slot.is_object()) slot.emplace_object();
      if (inner && inner->form != Message::Form::object) inner = nullptr;
      return object(inner, slot.get_object(), value.get_object());
    }
    if (value.is_array() && field && field->repeated && field->merges) {
      json::value& slot = target[entry.key()];
      if (!slot.is_array()) slot.emplace_array();
      if (value.get_array().size() > longest_list)
        return malformed("a list of more than " + std::to_string(longest_list) + " elements");
      json::array before = slot.get_array();
      if (field->merge_key.empty()) {
        for (const json::value& item : value.get_array()) {
          if (!contains(slot.get_array(), item)) slot.get_array().push_back(item);
        }
      } else if (!list(*field, slot.get_array(), value.get_array())) {
        return false;
      }
      // What is patched keeps its place, and what is new comes first.
      reorder(slot.get_array(), value.get_array(), field->merge_key, before);
      return true;
    }
    target[entry.key()] = value;
    return true;
  }

  static bool same_key(const json::value& a, const json::value& b, std::string_view key) {
    const json::value* left = find(a, key);
    const json::value* right = find(b, key);
    return left && right && *left == *right;
  }

  bool list(const Field& field, json::array& target, const json::array& patch) {
    bool replaces = std::any_of(patch.begin(), patch.end(),
                                [](const json::value& item) { return text_at(item, {"$patch"}) == "replace"; });
    if (replaces) target.clear();
    for (const json::value& item : patch) {
      if (!item.is_object()) return malformed("invalid patch format of a list of objects");
      std::string_view directive = text_at(item, {"$patch"});
      if (directive == "replace") continue;
      if (!find(item, field.merge_key)) {
        return give_up("map: " + go_text(item) +
                       " does not contain declared merge key: " + std::string(field.merge_key));
      }
      auto there = std::find_if(target.begin(), target.end(),
                                [&](const json::value& have) { return same_key(have, item, field.merge_key); });
      if (directive == "delete") {
        while (there != target.end()) {
          target.erase(there);
          there = std::find_if(target.begin(), target.end(),
                               [&](const json::value& have) { return same_key(have, item, field.merge_key); });
        }
        continue;
      }
      if (there == target.end()) {
        target.push_back(json::object());
        there = target.end() - 1;
      }
      if (!there->is_object()) there->emplace_object();
      if (!object(field.message, there->get_object(), item.get_object())) return false;
    }
    return true;
  }

  // Elements that `order` names come in its order, the others keep their place among them.
  static void reorder(json::array& list, const json::array& order, std::string_view key, const json::array& before) {
    using Places = std::unordered_map<std::string, std::ptrdiff_t>;
    auto identity = [&](const json::value& item) {
      const json::value* by = key.empty() ? &item : find(item, key);
      return by ? compact(*by) : std::string();
    };
    auto places_in = [&](const json::array& where) {
      Places places;
      for (std::size_t i = 0; i < where.size(); ++i) places.emplace(identity(where[i]), static_cast<std::ptrdiff_t>(i));
      return places;
    };
    auto place = [&](const Places& places, const json::value& item) -> std::ptrdiff_t {
      auto found = places.find(identity(item));
      return found == places.end() ? -1 : found->second;
    };
    const Places wanted = places_in(order), earlier = places_in(before);
    json::array named, others, out;
    for (const json::value& item : list) (place(wanted, item) >= 0 ? named : others).push_back(item);
    std::stable_sort(named.begin(), named.end(),
                     [&](const json::value& a, const json::value& b) { return place(wanted, a) < place(wanted, b); });
    auto other = others.begin();
    for (const json::value& item : named) {
      std::ptrdiff_t mine = place(earlier, item);
      while (other != others.end() && mine >= 0 && place(earlier, *other) < mine) out.push_back(*other++);
      out.push_back(item);
    }
    while (other != others.end()) out.push_back(*other++);
    list = std::move(out);
  }
};

}  // namespace

std::string go_text(const json::value& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return std::string(value.get_string());
  std::string out;
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) out += (out.empty() ? "" : " ") + go_text(item);
    return "[" + out + "]";
  }
  if (!value.is_object()) return compact(value);
  std::map<std::string_view, const json::value*> members;
  for (const auto& member : value.get_object()) members.emplace(member.key(), &member.value());
  for (const auto& [key, member] : members) out += (out.empty() ? "" : " ") + std::string(key) + ":" + go_text(*member);
  return "map[" + out + "]";
}

tl::expected<json::value, StrategicError> strategic_merge(const Message& message, json::value document,
                                                          const json::value& patch) {
  if (!patch.is_object())
    return tl::unexpected(
        StrategicError{true, "json: cannot unmarshal array into Go value of type map[string]interface {}"});
  if (!document.is_object()) document.emplace_object();
  Merger merger;
  if (!merger.object(&message, document.get_object(), patch.get_object()))
    return tl::unexpected(std::move(merger.error));
  return document;
}

}  // namespace fairlead::sandbox
