#include "sandbox/patch.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t deepest = 120;
constexpr std::size_t copy_limit = 100'000;  // values that all "copy" operations of one patch may make

std::size_t depth_of(const json::value& value) {
  std::size_t below = 0;
  if (value.is_object()) {
    for (const auto& member : value.get_object()) below = std::max(below, depth_of(member.value()));
  } else if (value.is_array()) {
    for (const json::value& item : value.get_array()) below = std::max(below, depth_of(item));
  }
  return below + 1;
}

std::size_t size_of(const json::value& value) {
  std::size_t total = 1;
  if (value.is_object()) {
    for (const auto& member : value.get_object()) total += size_of(member.value());
  } else if (value.is_array()) {
    for (const json::value& item : value.get_array()) total += size_of(item);
  }
  return total;
}

// Numbers are equal by value, objects whatever their order.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
  }
  if (a.is_array() && b.is_array()) {
    return a.get_array().size() == b.get_array().size() &&
           std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(), same);
  }
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    for (const auto& member : a.get_object()) {
      auto other = b.get_object().find(member.key());
      if (other == b.get_object().end() || !same(member.value(), other->value())) return false;
    }
    return true;
  }
  return a == b;
}

std::string kind_of(const json::value& value) {
  if (value.is_object()) return "object";
  if (value.is_string()) return "string";
  return value.is_bool() ? "bool" : "number";
}

using Path = std::vector<std::string>;

std::optional<Path> parse_pointer(std::string_view text) {
  Path out;
  if (text.empty()) return out;
  if (text.front() != '/') return std::nullopt;
  for (std::string_view part : split(text.substr(1), '/')) {
    std::string token;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '~') {
        token += part[i];
      } else if (i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) {
        token += part[++i] == '0' ? '~' : '/';
      } else {
        return std::nullopt;
      }
    }
    out.push_back(std::move(token));
  }
  return out;
}

std::optional<std::size_t> index_of(const std::string& token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t value = 0;
  auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (code != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

json::value* child(json::value& parent, const std::string& token) {
  if (parent.is_object()) {
    auto found = parent.get_object().find(token);
    return found == parent.get_object().end() ? nullptr : &found->value();
  }
  if (!parent.is_array()) return nullptr;
  auto index = index_of(token);
  return index && *index < parent.get_array().size() ? &parent.get_array()[*index] : nullptr;
}

json::value* resolve(json::value& document, const Path& path, std::size_t steps) {
  json::value* at = &document;
  for (std::size_t i = 0; i < steps && at; ++i) at = child(*at, path[i]);
  return at;
}

bool add(json::value& document, const Path& path, json::value value) {
  if (path.size() + depth_of(value) > deepest) return false;
  if (path.empty()) {
    document = std::move(value);
    return true;
  }
  json::value* parent = resolve(document, path, path.size() - 1);
  if (!parent) return false;
  if (parent->is_object()) {
    parent->get_object()[path.back()] = std::move(value);
    return true;
  }
  if (!parent->is_array()) return false;
  json::array& items = parent->get_array();
  auto index = path.back() == "-" ? std::optional(items.size()) : index_of(path.back());
  if (!index || *index > items.size()) return false;
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return true;
}

bool remove(json::value& document, const Path& path) {
  if (path.empty()) {
    document = nullptr;
    return true;
  }
  json::value* parent = resolve(document, path, path.size() - 1);
  if (!parent || !child(*parent, path.back())) return false;
  if (parent->is_object()) {
    parent->get_object().erase(path.back());
  } else {
    json::array& items = parent->get_array();
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index_of(path.back())));
  }
  return true;
}

}  // namespace

void merge_patch(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target.emplace_object();
  json::object& members = target.get_object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      members.erase(member.key());
    } else {
      merge_patch(members[member.key()], member.value());
    }
  }
}

tl::expected<json::value, JsonPatchError> json_patch(json::value document, const json::value& patch) {
  auto malformed = [](std::string text) { return tl::unexpected(JsonPatchError{true, std::move(text)}); };
  auto misfit = [](std::string text) { return tl::unexpected(JsonPatchError{false, std::move(text)}); };
  if (!patch.is_array())
    return malformed("error decoding patch: json: cannot unmarshal " + kind_of(patch) +
                     " into Go value of type []interface {}");
  std::size_t copied = 0;
  for (const json::value& operation : patch.get_array()) {
    std::string op(text_at(operation, {"op"}));
    const json::value* path_text = find(operation, "path");
    const json::value* value = find(operation, "value");
    if (!operation.is_object() || !path_text || !path_text->is_string()) return misfit("an operation without a path");
    auto path = parse_pointer(path_text->get_string());
    if (!path) return misfit("the path " + compact(*path_text) + " is no JSON pointer");
    std::string missing = op + " operation does not apply: doc is missing path: " + compact(*path_text);
    if (op == "add") {
      if (!value) return misfit("an operation without a value");
      if (!add(document, *path, *value)) return misfit(missing);
    } else if (op == "remove") {
      if (!remove(document, *path)) return misfit(missing);
    } else if (op == "replace") {
      if (!value) return misfit("an operation without a value");
      json::value* there = resolve(document, *path, path->size());
      if (!there || path->size() + depth_of(*value) > deepest) return misfit(missing);
      *there = *value;
    } else if (op == "test") {
      json::value* there = resolve(document, *path, path->size());
      if (!there || !value || !same(*there, *value))
        return misfit("testing value " + compact(*path_text) + " failed: test failed");
    } else if (op == "move" || op == "copy") {
      auto from = parse_pointer(text_at(operation, {"from"}));
      if (!from || !find(operation, "from")) return misfit("an operation without a place to come from");
      json::value* there = resolve(document, *from, from->size());
      if (!there) return misfit(missing);
      if (op == "move") {
        if (from->size() < path->size() && std::equal(from->begin(), from->end(), path->begin()))
          return misfit("a value cannot be moved into itself");
        json::value taken = *there;
        if (!remove(document, *from) || !add(document, *path, std::move(taken))) return misfit(missing);
      } else {
        copied += size_of(*there);
        if (copied > copy_limit)
          return misfit("unable to copy, the accumulated size increase of copy operations is over the limit");
        if (!add(document, *path, json::value(*there))) return misfit(missing);
      }
    } else {
      return misfit("unexpected kind: " + op);
    }
  }
  return document;
}

}  // namespace fairlead::sandbox
