#include "sandbox/views.h"

#include <cctype>
#include <optional>
#include <string>

#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void move_member(const json::object& from, View old_name, json::object& to, View new_name) {
  auto found = from.find(old_name);
  if (found != from.end()) to[new_name] = found->value();
}

json::object object_of(const json::value& value) { return value.is_object() ? value.get_object() : json::object(); }

// ---- events

constexpr std::pair<View, View> event_names[] = {
    {"metadata", "metadata"},
    {"eventTime", "eventTime"},
    {"series", "series"},
    {"action", "action"},
    {"reason", "reason"},
    {"type", "type"},
    {"related", "related"},
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"reportingComponent", "reportingController"},
    {"reportingInstance", "reportingInstance"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
};

json::value event_to_new_view(const json::value& core) {
  json::object from = object_of(core), out;
  for (auto [old_name, new_name] : event_names) move_member(from, old_name, out, new_name);
  if (!out.contains("eventTime")) out["eventTime"] = nullptr;
  return out;
}

json::value event_to_core_view(const json::value& event) {
  json::object from = object_of(event), out;
  for (auto [old_name, new_name] : event_names) move_member(from, new_name, out, old_name);
  return out;
}

// ---- autoscalers: what v1 has no fields for stands in annotations, as JSON

constexpr View metrics_note = "autoscaling.alpha.kubernetes.io/metrics",
               current_note = "autoscaling.alpha.kubernetes.io/current-metrics",
               conditions_note = "autoscaling.alpha.kubernetes.io/conditions",
               behavior_note = "autoscaling.alpha.kubernetes.io/behavior";

// A field of a metric in v1, and where v2 has it. In a status both say "current" where a specification says "target".
struct MetricField {
  View type;
  View in_v1;  // * is "target" or "current"
  View outer, inner;
};
constexpr View wanted_value = "*";

constexpr MetricField metric_fields[] = {
    {"Resource", "name", "name", ""},
    {"Resource", "*AverageUtilization", wanted_value, "averageUtilization"},
    {"Resource", "*AverageValue", wanted_value, "averageValue"},
    {"ContainerResource", "name", "name", ""},
    {"ContainerResource", "*AverageUtilization", wanted_value, "averageUtilization"},
    {"ContainerResource", "*AverageValue", wanted_value, "averageValue"},
    {"ContainerResource", "container", "container", ""},
    {"Pods", "metricName", "metric", "name"},
    {"Pods", "*AverageValue", wanted_value, "averageValue"},
    {"Pods", "selector", "metric", "selector"},
    {"Object", "target", "describedObject", ""},
    {"Object", "metricName", "metric", "name"},
    {"Object", "*Value", wanted_value, "value"},
    {"Object", "selector", "metric", "selector"},
    {"Object", "averageValue", wanted_value, "averageValue"},
    {"External", "metricName", "metric", "name"},
    {"External", "metricSelector", "metric", "selector"},
    {"External", "*Value", wanted_value, "value"},
    {"External", "*AverageValue", wanted_value, "averageValue"},
};

std::string metric_member(View type) {
  std::string out(type);
  if (!out.empty()) out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  return out;
}

std::string in_v1(const MetricField& field, bool status) {
  return field.in_v1.starts_with('*') ? (status ? "current" : "target") + std::string(field.in_v1.substr(1))
                                      : std::string(field.in_v1);
}

View in_v2(const MetricField& field, bool status) {
  return field.outer != wanted_value ? field.outer : status ? "current" : "target";
}

json::object metric_to_v1(const json::value& metric, bool status) {
  View type = text_at(metric, {"type"});
  std::string member = metric_member(type);
  json::object source;
  for (const MetricField& field : metric_fields) {
    if (field.type != type) continue;
    View outer = in_v2(field, status);
    const json::value* value =
        field.inner.empty() ? find(metric, member, outer) : find(metric, member, outer, field.inner);
    if (value) source[in_v1(field, status)] = *value;
  }
  // These are no pointers in v1, and shown whether set or not.
  if (type == "Object") set_default(source, status ? "currentValue" : "targetValue", "0");
  if (status && (type == "Resource" || type == "ContainerResource")) set_default(source, "currentAverageValue", "0");
  return {{"type", type}, {member, std::move(source)}};
}

json::object metric_to_v2(const json::value& metric, bool status) {
  View type = text_at(metric, {"type"});
  std::string member = metric_member(type);
  json::value source = json::object();
  for (const MetricField& field : metric_fields) {
    if (field.type != type) continue;
    const json::value* value = find(metric, member, in_v1(field, status));
    if (!value || value->is_null() || (type == "Object" && field.inner == "value" && *value == "0")) continue;
    View outer = in_v2(field, status);
    if (field.inner.empty()) {
      object_in(source, {})[outer] = *value;
    } else {
      object_in(source, {outer})[field.inner] = *value;
    }
  }
  if (!status) {
    json::object& target = object_in(source, {"target"});
    bool shared = target.contains("averageUtilization");
    target["type"] = shared                                                         ? "Utilization"
                     : target.contains("value") && !target.contains("averageValue") ? "Value"
                                                                                    : "AverageValue";
  }
  return {{"type", type}, {member, std::move(source)}};
}

bool is_cpu_share(const json::value& metric, View side, View member) {
  return text_at(metric, {"type"}) == "Resource" && text_at(metric, {"resource", "name"}) == "cpu" &&
         find(metric, "resource", side, member);
}

json::object cpu_metric(View side, const json::value& share) {
  json::object inner{{"averageUtilization", share}};
  if (side == "target") inner["type"] = "Utilization";
  return {{"type", "Resource"}, {"resource", json::object{{"name", "cpu"}, {side, std::move(inner)}}}};
}

// The behaviour stands there by the names of Go, every field of it.
json::value behavior_to_note(const json::value& behavior) {
  auto or_null = [](const json::value* value) { return value ? *value : json::value(); };
  auto rules_of = [&](View direction) -> json::value {
    const json::value* rules = find(behavior, direction);
    if (!rules) return nullptr;
    json::value policies;
    for (const json::value& policy : array_at(*rules, {"policies"})) {
      if (!policies.is_array()) policies.emplace_array();
      policies.get_array().push_back(json::object{{"Type", or_null(find(policy, "type"))},
                                                  {"Value", or_null(find(policy, "value"))},
                                                  {"PeriodSeconds", or_null(find(policy, "periodSeconds"))}});
    }
    return json::object{{"StabilizationWindowSeconds", or_null(find(*rules, "stabilizationWindowSeconds"))},
                        {"SelectPolicy", or_null(find(*rules, "selectPolicy"))},
                        {"Policies", std::move(policies)},
                        {"Tolerance", or_null(find(*rules, "tolerance"))}};
  };
  return json::object{{"ScaleUp", rules_of("scaleUp")}, {"ScaleDown", rules_of("scaleDown")}};
}

json::value behavior_of_note(const json::value& value) {
  if (value.is_array()) {
    json::array out;
    for (const json::value& item : value.get_array()) out.push_back(behavior_of_note(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::object out;
  for (const auto& member : value.get_object()) {
    if (!member.value().is_null()) out[metric_member(member.key())] = behavior_of_note(member.value());
  }
  return out;
}

void drop_notes(json::value& object) {
  if (!find(object, "metadata", "annotations")) return;
  json::object& notes = object_in(object, {"metadata", "annotations"});
  for (View name : {metrics_note, current_note, conditions_note, behavior_note}) notes.erase(name);
  if (notes.empty()) object_in(object, {"metadata"}).erase("annotations");
}

json::value autoscaler_to_v1(json::value object) {
  drop_notes(object);
  json::object notes;
  json::array others, current;
  std::optional<json::value> share, used;
  for (const json::value& metric : array_at(object, {"spec", "metrics"})) {
    if (!is_cpu_share(metric, "target", "averageUtilization")) {
      others.push_back(metric_to_v1(metric, false));
    } else if (!share) {
      share = *find(metric, "resource", "target", "averageUtilization");
    }
  }
  for (const json::value& metric : array_at(object, {"status", "currentMetrics"})) {
    if (is_cpu_share(metric, "current", "averageUtilization"))
      used = *find(metric, "resource", "current", "averageUtilization");
    current.push_back(metric_to_v1(metric, true));
  }
  if (!others.empty()) notes[metrics_note] = compact(others);
  if (!current.empty()) notes[current_note] = compact(current);
  if (const json::array& conditions = array_at(object, {"status", "conditions"}); !conditions.empty())
    notes[conditions_note] = compact(conditions);
  if (const json::value* behavior = find(object, "spec", "behavior"))
    notes[behavior_note] = compact(behavior_to_note(*behavior));
  object_in(object, {"status"});  // made before references are taken
  json::object &spec = object_in(object, {"spec"}), &status = object_in(object, {"status"});
  for (View name : {"metrics", "behavior"}) spec.erase(name);
  for (View name : {"currentMetrics", "conditions"}) status.erase(name);
  set_default(status, "currentReplicas", 0);  // always shown in v1
  if (share) spec["targetCPUUtilizationPercentage"] = *share;
  if (used) status["currentCPUUtilizationPercentage"] = *used;
  for (auto& note : notes) object_in(object, {"metadata", "annotations"})[note.key()] = note.value();
  return object;
}

// What a note says; nothing where it is not there, or is no JSON.
std::optional<json::value> note_of(const json::value& object, View name) {
  View text = text_at(object, {"metadata", "annotations", name});
  if (text.empty()) return std::nullopt;
  auto value = parse_json(text, "read an annotation of an autoscaler");
  return value ? std::optional(std::move(*value)) : std::nullopt;
}

json::array metrics_of(const json::value& list, bool status) {
  json::array out;
  if (!list.is_array()) return out;
  for (const json::value& metric : list.get_array()) out.push_back(metric_to_v2(metric, status));
  return out;
}

json::value autoscaler_to_v2(json::value object) {
  for (View part : {"spec", "status"}) object_in(object, {part});  // made before references are taken
  json::object &spec = object_in(object, {"spec"}), &status = object_in(object, {"status"});
  json::array metrics, current;
  if (auto noted = note_of(object, metrics_note)) metrics = metrics_of(*noted, false);
  if (const json::value* share = find(object, "spec", "targetCPUUtilizationPercentage"))
    metrics.push_back(cpu_metric("target", *share));
  if (auto noted = note_of(object, current_note)) {
    current = metrics_of(*noted, true);
  } else if (const json::value* used = find(object, "status", "currentCPUUtilizationPercentage")) {
    current.push_back(cpu_metric("current", *used));
  }
  spec.erase("targetCPUUtilizationPercentage");
  status.erase("currentCPUUtilizationPercentage");
  if (!metrics.empty()) spec["metrics"] = std::move(metrics);
  if (!current.empty()) status["currentMetrics"] = std::move(current);
  if (auto noted = note_of(object, conditions_note); noted && noted->is_array())
    status["conditions"] = std::move(*noted);
  if (auto noted = note_of(object, behavior_note); noted && noted->is_object() && !noted->get_object().empty())
    spec["behavior"] = behavior_of_note(*noted);
  drop_notes(object);
  return object;
}

}  // namespace

json::value to_view(const Resource& view, json::value stored) {
  if (view.shows_stored_form()) return stored;
  if (view.custom) {
    view.custom->schema->prune(stored);
    return stored;
  }
  return view.kind == "Event" ? event_to_new_view(stored) : autoscaler_to_v1(std::move(stored));
}

json::value to_stored(const Resource& view, json::value shown) {
  if (view.custom || view.shows_stored_form()) return shown;
  return view.kind == "Event" ? event_to_core_view(shown) : autoscaler_to_v2(std::move(shown));
}

}  // namespace fairlead::sandbox
