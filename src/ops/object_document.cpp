#include "ops/object_document.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/clip.h"

namespace fairlead::ops {
namespace {

bool is_empty(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty()) ||
         (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty());
}

// Whether an empty object or list under this name was not written by anybody: Kubernetes shows these of every object.
bool is_filled_in(std::string_view key) { return key == "resources" || key == "securityContext" || key == "strategy"; }

// Without members that say nothing. What somebody wrote as empty says something: `podSelector: {}` is all pods,
// `ingress: []` nobody and `emptyDir: {}` what kind of volume it is. `written`: not a status, which controllers fill
// in.
json::value without_empty(const json::value& value, bool written) {
  if (value.is_object()) {
    json::object out;
    for (const auto& entry : value.get_object()) {
      const bool said = written && (entry.value().is_object() || entry.value().is_array()) && is_empty(entry.value()) &&
                        !is_filled_in(entry.key());
      if (json::value inner = without_empty(entry.value(), written); said || !is_empty(inner))
        out[entry.key()] = std::move(inner);
    }
    return out;
  }
  if (value.is_array()) {
    json::array out;
    for (const auto& item : value.get_array()) out.push_back(without_empty(item, written));
    return out;
  }
  return value;
}

std::string joined(const json::array& words) {
  std::string out;
  for (const auto& word : words)
    if (word.is_string()) out += (out.empty() ? "" : ",") + std::string(word.get_string());
  return out;
}

std::string expression_text(const json::value& expression) {
  const std::string key(text_at(expression, {"key"}));
  const std::string_view op = text_at(expression, {"operator"});
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  return fmt::format("{} {} ({})", key,
                     op == "In"      ? "in"
                     : op == "NotIn" ? "notin"
                                     : op,
                     joined(array_at(expression, {"values"})));
}

}  // namespace

void put(json::object& object, std::string_view key, std::string_view value) {
  if (!value.empty()) object[key] = value;
}

void put(json::object& object, std::string_view key, json::value value) {
  if (!is_empty(value)) object[key] = std::move(value);
}

std::optional<std::int64_t> time_at(const json::value& object, std::initializer_list<std::string_view> path) {
  const std::string_view text = text_at(object, path);
  return text.empty() ? std::nullopt : parse_rfc3339(text);
}

std::string moment(std::string_view time, std::int64_t now) {
  auto seconds = parse_rfc3339(time);
  if (!seconds) return std::string(time);
  return fmt::format("{} ({} ago)", time, human_duration(std::chrono::seconds(now - *seconds)));
}

const json::value* controller_reference(const json::value& object) {
  for (const auto& owner : array_at(object, {"metadata", "ownerReferences"}))
    if (flag_at(owner, {"controller"})) return &owner;
  return nullptr;
}

std::string controller_of(const json::value& object) {
  const json::value* owner = controller_reference(object);
  return owner ? std::string(text_at(*owner, {"kind"})) + "/" + std::string(text_at(*owner, {"name"})) : "";
}

std::string map_selector_text(const json::object& selector) {
  std::vector<std::string> parts;
  for (const auto& entry : selector)
    if (entry.value().is_string())
      parts.push_back(std::string(entry.key()) + "=" + std::string(entry.value().get_string()));
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, ","));
}

std::string selector_text(const json::value* selector) {
  if (!selector) return "";
  std::vector<std::pair<std::string, std::string>> parts;  // key, text
  for (const auto& entry : object_at(*selector, {"matchLabels"}))
    if (entry.value().is_string())
      parts.emplace_back(entry.key(), std::string(entry.key()) + "=" + std::string(entry.value().get_string()));
  for (const auto& expression : array_at(*selector, {"matchExpressions"}))
    parts.emplace_back(text_at(expression, {"key"}), expression_text(expression));
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ",") + part.second;
  return out;
}

const json::value* condition_of(const json::value& object, std::string_view type) {
  for (const auto& condition : array_at(object, {"status", "conditions"}))
    if (text_at(condition, {"type"}) == type) return &condition;
  return nullptr;
}

std::vector<std::string> access_modes(const json::array& modes) {
  std::vector<std::string> out;
  for (const auto& mode : modes) {
    if (!mode.is_string()) continue;
    const std::string_view word = mode.get_string();
    out.emplace_back(word == "ReadWriteOnce"      ? "RWO"
                     : word == "ReadOnlyMany"     ? "ROX"
                     : word == "ReadWriteMany"    ? "RWX"
                     : word == "ReadWriteOncePod" ? "RWOP"
                                                  : word);
  }
  return out;
}

json::object condition_lines(const json::array& conditions, std::int64_t now) {
  json::object out;
  for (const auto& condition : conditions) {
    std::string line(text_at(condition, {"status"}));
    if (auto reason = text_at(condition, {"reason"}); !reason.empty()) line += ", " + std::string(reason);
    if (auto message = text_at(condition, {"message"}); !message.empty()) line += ": " + std::string(message);
    if (auto since = time_at(condition, {"lastTransitionTime"}))
      line += fmt::format(" (for {})", human_duration(std::chrono::seconds(now - *since)));
    out[text_at(condition, {"type"})] = line;
  }
  return out;
}

json::object short_annotations(const json::value& object) {
  constexpr std::size_t one = 256, all = 4096;
  json::object out;
  std::size_t used = 0, left = 0;
  for (const auto& entry : object_at(object, {"metadata", "annotations"})) {
    if (!entry.value().is_string()) continue;
    std::string value = clip(entry.value().get_string(), one);
    if (used + entry.key().size() + value.size() > all) {
      ++left;
      continue;
    }
    used += entry.key().size() + value.size();
    out[entry.key()] = std::move(value);
  }
  if (left > 0) out["…"] = fmt::format("{} more: format json has them", left);
  return out;
}

json::object metadata_document(const json::value& object, std::int64_t now) {
  json::object out;
  put(out, "name", text_at(object, {"metadata", "name"}));
  put(out, "namespace", text_at(object, {"metadata", "namespace"}));
  put(out, "created", moment(text_at(object, {"metadata", "creationTimestamp"}), now));
  if (auto deleted = text_at(object, {"metadata", "deletionTimestamp"}); !deleted.empty())
    out["deletion"] = moment(deleted, now);
  put(out, "controlled_by", controller_of(object));
  put(out, "finalizers", array_at(object, {"metadata", "finalizers"}));
  put(out, "labels", object_at(object, {"metadata", "labels"}));
  return out;
}

json::object object_document(const json::value& object, std::int64_t now) {
  json::object out = metadata_document(object, now);
  put(out, "annotations", short_annotations(object));
  if (!object.is_object()) return out;
  for (const auto& entry : object.get_object()) {
    const std::string_view key = entry.key();
    if (key == "apiVersion" || key == "kind" || key == "metadata") continue;
    json::value value = without_empty(entry.value(), key != "status");
    if (key == "status" && value.is_object() && value.get_object().contains("conditions"))
      value.get_object()["conditions"] = condition_lines(array_at(object, {"status", "conditions"}), now);
    put(out, key, std::move(value));
  }
  return out;
}

void add_name(Rows& rows, const json::value& object, bool namespaced) {
  if (namespaced) rows.text(text_at(object, {"metadata", "namespace"}));
  rows.text(text_at(object, {"metadata", "name"}));
}

void add_created(Rows& rows, const json::value& object) {
  rows.time_or_empty(time_at(object, {"metadata", "creationTimestamp"}));
}

void add_map(Rows& rows, const json::object& map) {
  rows.begin_list();
  for (const auto& entry : map)
    if (entry.value().is_string())
      rows.list_item(std::string(entry.key()) + "=" + std::string(entry.value().get_string()));
}

}  // namespace fairlead::ops
