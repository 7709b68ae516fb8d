// Tests only: JSON Patch as RFC 6902 says, written apart from what makes and reads patches here, and random objects.
#pragma once

#include <random>
#include <stdexcept>
#include <string>

#include "base/json.h"

namespace fairlead::ops::testing {

inline json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

// As a server would; throws where the patch cannot be applied. The resourceVersion is a field as any other.
inline json::value applied(json::value object, const json::array& patch) {
  for (const auto& op : patch) {
    std::string pointer(text_at(op, {"path"}));
    boost::system::error_code error;
    const std::size_t slash = pointer.rfind('/');
    json::value* parent = object.find_pointer(pointer.substr(0, slash), error);
    if (!parent) throw std::runtime_error("no " + pointer);
    std::string word = pointer.substr(slash + 1);
    for (std::size_t at; (at = word.find("~1")) != std::string::npos;) word.replace(at, 2, "/");
    for (std::size_t at; (at = word.find("~0")) != std::string::npos;) word.replace(at, 2, "~");
    const bool remove = text_at(op, {"op"}) == "remove", add = text_at(op, {"op"}) == "add";
    if (!remove && !add && text_at(op, {"op"}) != "replace") throw std::runtime_error("another op");
    if (parent->is_object()) {
      if (!add && !parent->get_object().contains(word)) throw std::runtime_error("no member " + pointer);
      if (remove)
        parent->get_object().erase(word);
      else
        parent->get_object()[word] = *find(op, "value");
      continue;
    }
    json::array& items = parent->as_array();
    const std::size_t index = word == "-" ? items.size() : static_cast<std::size_t>(std::stoi(word));
    if (index > items.size() || (!add && index == items.size())) throw std::runtime_error("no item " + pointer);
    const auto place = items.begin() + static_cast<std::ptrdiff_t>(index);
    if (remove)
      items.erase(place);
    else if (add)
      items.insert(place, *find(op, "value"));
    else
      *place = *find(op, "value");
  }
  return object;
}

// Random values; the same seed makes the same ones.
class Tree {
 public:
  explicit Tree(unsigned seed) : random_(seed) {}
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  json::value make(int depth) {
    switch (depth <= 0 ? pick(3) : pick(6)) {
      case 0: return pick(4);
      case 1: return json::value(std::string(1, static_cast<char>('a' + pick(4))));
      case 2: return pick(2) == 0;
      case 3: return named(depth);
      case 4: {
        json::array items;
        for (int i = pick(3); i > 0; --i) items.push_back(make(depth - 1));
        return items;
      }
      default: return object(depth);
    }
  }
  json::value object(int depth) {
    json::object out;
    for (int i = pick(5); i > 0; --i) out[member()] = make(depth - 1);
    return out;
  }
  // A list whose items have names.
  json::value named(int depth) {
    json::array items;
    for (int i = pick(4); i > 0; --i) insert(items, std::string(1, static_cast<char>('k' + i)), depth);
    return items;
  }

  // The value after somebody has worked on it: members and items are set, added and taken away; no item of a list with
  // names changes its place.
  json::value changed(const json::value& value, int depth) {
    if (value.is_object()) {
      json::object out;
      for (const auto& [name, inner] : value.get_object()) {
        const int what = name == "name" ? 3 : pick(5);
        if (what == 0) continue;
        out[name] = what == 1 ? make(depth - 1) : what == 2 ? changed(inner, depth - 1) : inner;
      }
      if (pick(3) == 0 && !out.contains("name")) out[member()] = make(depth - 1);
      return out;
    }
    if (!value.is_array()) return pick(2) == 0 ? value : make(0);
    json::array out;
    for (const auto& item : value.get_array())
      if (pick(3) > 0) out.push_back(pick(2) == 0 ? item : changed(item, depth - 1));
    if (pick(3) == 0 && !out.empty() && text_at(out[0], {"name"}) != "") insert(out, "q", depth);
    return out;
  }

 private:
  std::string member() { return std::string(1, "abc/~"[pick(5)]); }
  void insert(json::array& items, std::string name, int depth) {
    items.insert(items.begin() + pick(static_cast<int>(items.size()) + 1),
                 json::object{{"name", std::move(name)}, {"v", make(depth - 1)}});
  }
  std::mt19937 random_;
};

}  // namespace fairlead::ops::testing
