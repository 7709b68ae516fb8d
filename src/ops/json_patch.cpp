#include "ops/json_patch.h"

#include <charconv>

namespace fairlead::ops {
namespace {

// RFC 6901, 4.
std::string unescaped_pointer(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~' || i + 1 == token.size()) {
      out += token[i];
      continue;
    }
    out += token[++i] == '1' ? '/' : '~';
  }
  return out;
}

}  // namespace

std::optional<json::value> patched(json::value object, const json::array& patch) {
  for (const auto& step : patch) {
    const std::string path(text_at(step, {"path"})), op(text_at(step, {"op"}));
    if (path == "/metadata/resourceVersion") continue;
    const json::value* value = find(step, "value");
    const std::size_t cut = path.rfind('/');
    boost::system::error_code missing;
    if (op == "test") {
      const json::value* is = object.find_pointer(path, missing);
      if (!is || !value || *is != *value) return std::nullopt;
      continue;
    }
    if (cut == std::string::npos || (op != "remove" && !value)) return std::nullopt;
    json::value* parent = object.find_pointer(path.substr(0, cut), missing);
    if (!parent) return std::nullopt;
    const std::string key = unescaped_pointer(path.substr(cut + 1));
    if (parent->is_object()) {
      if (op != "add" && !parent->get_object().contains(key)) return std::nullopt;
      if (op == "remove")
        parent->get_object().erase(key);
      else if (op == "add" || op == "replace")
        parent->get_object()[key] = *value;
      else
        return std::nullopt;
    } else if (parent->is_array()) {
      json::array& items = parent->get_array();
      std::size_t index = items.size();
      if (key != "-") {
        const auto [stop, error] = std::from_chars(key.data(), key.data() + key.size(), index);
        if (error != std::errc() || stop != key.data() + key.size()) return std::nullopt;
      }
      if (index > items.size() || (op != "add" && index == items.size())) return std::nullopt;
      if (op == "remove")
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
      else if (op == "add")
        items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), *value);
      else if (op == "replace")
        items[index] = *value;
      else
        return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return object;
}

}  // namespace fairlead::ops
