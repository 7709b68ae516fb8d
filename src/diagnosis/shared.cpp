// What rules share.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "base/text.h"
#include "diagnosis/rules.h"
#include "ops/clip.h"
#include "ops/pod_resources.h"

namespace fairlead::diagnosis {
namespace {

// Of a label's value, for Gt and Lt; nothing for what is no integer.
std::optional<std::int64_t> integer_of(const json::value& value) {
  const auto* text = value.if_string();
  std::int64_t out = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return out;
}

}  // namespace

bool meets(const json::value& expression, const json::object& labels) {
  const std::string_view op = text_at(expression, {"operator"});
  const auto* label = labels.if_contains(text_at(expression, {"key"}));
  if (op == "Exists") return label;
  if (op == "DoesNotExist") return !label;
  const auto& values = array_at(expression, {"values"});
  const bool among = label && std::find(values.begin(), values.end(), *label) != values.end();
  if (op == "In") return among;
  if (op == "NotIn") return !among;
  if ((op != "Gt" && op != "Lt") || !label || values.empty()) return false;
  const auto number = integer_of(*label), bound = integer_of(values[0]);
  return number && bound && (op == "Gt" ? *number > *bound : *number < *bound);
}

bool selects_map(const json::object& selector, const json::object& labels) {
  return !selector.empty() && std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto* label = labels.if_contains(wanted.key());
    return label && *label == wanted.value();
  });
}

bool selects(const json::value* label_selector, const json::object& labels) {
  if (!label_selector || !label_selector->is_object()) return false;
  const auto& wanted = object_at(*label_selector, {"matchLabels"});
  const auto& expressions = array_at(*label_selector, {"matchExpressions"});
  return (wanted.empty() || selects_map(wanted, labels)) &&
         std::all_of(expressions.begin(), expressions.end(),
                     [&](const auto& expression) { return meets(expression, labels); });
}

std::string_view label_of(const json::value& object, std::string_view key) {
  return text_at(object, {"metadata", "labels", key});
}

Ref workload_of(const json::value& pod) {
  const std::string ns(text_at(pod, {"metadata", "namespace"}));
  for (const auto& owner : array_at(pod, {"metadata", "ownerReferences"})) {
    if (!flag_at(owner, {"controller"})) continue;
    std::string kind(text_at(owner, {"kind"})), name(text_at(owner, {"name"}));
    const std::string hash = "-" + std::string(label_of(pod, "pod-template-hash"));
    if (kind == "ReplicaSet" && hash.size() > 1 && name.ends_with(hash) && name.size() > hash.size())
      return {"Deployment", ns, name.substr(0, name.size() - hash.size())};
    return {std::move(kind), ns, std::move(name)};
  }
  return ref_of("Pod", pod);
}

awaitable<std::vector<EventLine>> events_about(Trail trail, Ref about, std::string reason) {
  std::vector<EventLine> out;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> known;
  // Events about what belongs to no namespace lie in the default one.
  const std::string ns = about.ns.empty() ? "default" : about.ns;
  const ListSeen* events = co_await trail.source.list(kinds::events, ns);
  for (const auto& event : events->items) {
    if (text_at(event, {"involvedObject", "kind"}) != about.kind ||
        text_at(event, {"involvedObject", "name"}) != about.name)
      continue;
    EventLine line{.type = std::string(text_at(event, {"type"})),
                   .reason = std::string(text_at(event, {"reason"})),
                   .message = std::string(text_at(event, {"message"})),
                   .field_path = std::string(text_at(event, {"involvedObject", "fieldPath"}))};
    if (!reason.empty() && line.reason != reason) continue;
    line.count = std::max(integer_at(event, {"count"}, 1), integer_at(event, {"series", "count"}));
    for (auto time :
         {text_at(event, {"lastTimestamp"}), text_at(event, {"eventTime"}),
          text_at(event, {"series", "lastObservedTime"}), text_at(event, {"metadata", "creationTimestamp"})})
      line.last = std::max(line.last, parse_rfc3339(time).value_or(0));
    const auto [same, fresh] = known.emplace(std::tuple(line.reason, line.message, line.field_path), out.size());
    if (fresh) {
      out.push_back(std::move(line));
    } else {
      EventLine& first = out[same->second];
      ops::add_to(first.count, line.count);
      first.last = std::max(first.last, line.last);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.last > b.last; });
  co_return out;
}

std::string show(const EventLine& event, std::int64_t now) {
  const std::string age = event.last ? " (" + human_duration(std::chrono::seconds(now - event.last)) + " ago)" : "";
  return fmt::format("event {}{}{}: {}", event.reason, event.count > 1 ? fmt::format(" x{}", event.count) : "", age,
                     ops::clip(event.message, 300));
}

}  // namespace fairlead::diagnosis
