#include "sandbox/metrics.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"
#include "sandbox/lost_node.h"
#include "sandbox/pod_states.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t window = 15;  // seconds, between two measurements
constexpr std::string_view cpu_key = "sandbox.fairlead.dev/cpu", memory_key = "sandbox.fairlead.dev/memory";

std::int64_t amount(std::string_view container, std::uint32_t which, std::string_view name) {
  wire::Reader resources(wire::at(container, {8}).value_or(""));
  while (auto value = resources.next()) {
    if (value->field != which || wire::at(value->bytes, {1}) != name) continue;
    std::int64_t most = name == "cpu" ? 1'000'000'000 : 4'000'000'000'000'000;  // beyond what any node has
    return std::clamp<std::int64_t>(quantity_milli(wire::at(value->bytes, {2, 1}).value_or("")), 0, most);
  }
  return 0;
}

// Programs that do nothing but wait use next to nothing.
bool idles(std::string_view container) {
  if (!wire::at(container, {3})) return false;
  std::vector<std::string> command;
  for (std::uint32_t field : {3u, 4u}) {
    wire::Reader reader(container);
    while (auto value = reader.next()) {
      if (value->field == field && command.size() < 64) command.emplace_back(value->bytes);
    }
  }
  CommandEffect effect = effect_of(command);
  return effect.known &&
         (effect.ends || command.front().find("sleep") != std::string::npos || command.front().ends_with("sh"));
}

std::uint64_t per_mille(std::uint64_t hash, std::uint64_t least, std::uint64_t most) {
  return least + hash % (most - least + 1);
}

std::vector<std::string_view> running_containers(const Object& pod) {
  std::vector<std::string_view> out;
  wire::Reader status(wire::at(pod.body, {3}).value_or(""));
  while (auto value = status.next()) {
    if (value->field == 8 && wire::at(value->bytes, {2, 2}))
      out.push_back(wire::at(value->bytes, {1}).value_or(""));  // state.running
  }
  return out;
}

template <class Each>
void each_running(const Object& pod, Each each) {
  std::vector<std::string_view> running = running_containers(pod);
  if (running.empty()) return;
  wire::Reader spec(wire::at(pod.body, {2}).value_or(""));
  while (auto value = spec.next()) {
    if (value->field != 2) continue;
    std::string_view name = wire::at(value->bytes, {1}).value_or("");
    if (std::find(running.begin(), running.end(), name) != running.end()) each(name, value->bytes);
  }
}

json::object written(const Usage& usage) {
  return {{"cpu", std::to_string(usage.cpu_nano) + "n"}, {"memory", std::to_string(usage.memory / 1024) + "Ki"}};
}

ObjectPtr computed(const Resource& resource, const Object& of, json::object value, std::int64_t now) {
  json::object metadata{{"name", of.name}, {"creationTimestamp", format_rfc3339(now)}};
  if (!of.namespace_name.empty()) metadata["namespace"] = of.namespace_name;
  json::object labels;
  for (const auto& [key, text] : labels_of(of)) labels[key] = text;
  if (!labels.empty()) metadata["labels"] = std::move(labels);
  value["metadata"] = std::move(metadata);
  value["timestamp"] = format_rfc3339(now - now % window);
  value["window"] = resource.namespaced ? "15s" : "20s";
  Object out;
  out.resource = &resource;
  out.namespace_name = of.namespace_name;
  out.name = of.name;
  auto bytes = encode(*resource.message, value);
  if (!bytes) return nullptr;
  out.body = std::move(*bytes);
  return std::make_shared<const Object>(std::move(out));
}

ObjectPtr pod_metrics(const Objects& objects, const Resource& resource, const Object& pod, std::int64_t now) {
  if (is_lost_node(objects, field_of(pod, "spec.nodeName"))) return nullptr;  // nobody measures there
  json::array containers;
  each_running(pod, [&](std::string_view name, std::string_view container) {
    containers.push_back(json::object{{"name", name}, {"usage", written(usage_of(pod, container, now))}});
  });
  if (containers.empty()) return nullptr;
  return computed(resource, pod, json::object{{"containers", std::move(containers)}}, now);
}

// What the node itself needs, and its pods.
ObjectPtr node_metrics(const Resource& resource, const Object& node, const Usage& pods, std::int64_t now) {
  Usage usage = pods;
  std::uint64_t hash = stable_hash(node.name, static_cast<std::uint64_t>(now / window));
  usage.cpu_nano += static_cast<std::int64_t>(90'000'000 + hash % 30'000'000);
  usage.memory += 640LL << 20;
  return computed(resource, node, json::object{{"usage", written(usage)}}, now);
}

}  // namespace

Usage usage_of(const Object& pod, std::string_view container, std::int64_t now) {
  std::string_view name = wire::at(container, {1}).value_or("");
  std::uint64_t steady = stable_hash(pod.uid + std::string(name)),
                moving = stable_hash(pod.uid, steady ^ static_cast<std::uint64_t>(now / window));
  Usage out;
  std::int64_t cpu = amount(container, 2, "cpu"), memory = amount(container, 2, "memory"),
               limit = amount(container, 1, "memory"), cpu_limit = amount(container, 1, "cpu");
  if (idles(container)) {
    out = {static_cast<std::int64_t>(per_mille(moving, 5'000, 40'000)),
           static_cast<std::int64_t>(per_mille(steady, 300, 900)) * 1024};
  } else {
    if (cpu == 0) cpu = 20;
    if (memory == 0) memory = (48LL << 20) * 1000;
    // Between a fifth and three quarters of what it asked for, a tenth up or down from one window to the next.
    std::int64_t share = static_cast<std::int64_t>(per_mille(steady, 200, 750)),
                 drift = static_cast<std::int64_t>(per_mille(moving, 900, 1100));
    out.cpu_nano = cpu * share * drift;
    std::int64_t held = static_cast<std::int64_t>(per_mille(steady >> 20, 400, 850)),
                 breath = static_cast<std::int64_t>(per_mille(moving >> 20, 985, 1015));
    out.memory = memory / 1000 * held / 1000 * breath / 1000;
  }
  std::string_view asked_cpu = annotation_of(pod, cpu_key), asked_memory = annotation_of(pod, memory_key);
  if (!asked_cpu.empty()) out.cpu_nano = std::clamp<std::int64_t>(quantity_milli(asked_cpu), 0, 1'000'000) * 1'000'000;
  if (!asked_memory.empty()) out.memory = std::clamp<std::int64_t>(quantity_milli(asked_memory) / 1000, 0, 1LL << 42);
  if (cpu_limit > 0) out.cpu_nano = std::min(out.cpu_nano, cpu_limit * 1'000'000);
  if (limit > 0) out.memory = std::min(out.memory, limit / 1000);
  return out;
}

std::optional<Usage> usage_of(const Object& pod, std::int64_t now) {
  std::optional<Usage> out;
  each_running(pod, [&](std::string_view, std::string_view container) {
    Usage one = usage_of(pod, container, now);
    if (!out) out.emplace();
    out->cpu_nano += one.cpu_nano;
    out->memory += one.memory;
  });
  return out;
}

std::vector<ObjectPtr> computed_list(const Objects& objects, const Resource& resource,
                                     std::string_view namespace_name) {
  std::vector<ObjectPtr> out;
  const Store& store = objects.store();
  const Resource& pods = objects.resources().get("", "pods");
  std::int64_t now = objects.now();
  if (resource.namespaced) {
    for (const ObjectPtr& pod : store.list(pods, namespace_name)) {
      if (ObjectPtr made = pod_metrics(objects, resource, *pod, now)) out.push_back(std::move(made));
    }
    return out;
  }
  std::map<std::string, Usage, std::less<>> by_node;
  for (const ObjectPtr& pod : store.list(pods, "")) {
    auto usage = usage_of(*pod, now);
    if (!usage) continue;
    Usage& sum = by_node[field_of(*pod, "spec.nodeName")];
    sum.cpu_nano += usage->cpu_nano;
    sum.memory += usage->memory;
  }
  for (const ObjectPtr& node : store.list(objects.resources().get("", "nodes"), "")) {
    if (is_lost(*node)) continue;
    if (ObjectPtr made = node_metrics(resource, *node, by_node[node->name], now)) out.push_back(std::move(made));
  }
  return out;
}

ObjectPtr computed_find(const Objects& objects, const Resource& resource, std::string_view namespace_name,
                        std::string_view name) {
  if (resource.namespaced) {
    ObjectPtr pod = objects.store().find(objects.resources().get("", "pods"), namespace_name, name);
    return pod ? pod_metrics(objects, resource, *pod, objects.now()) : nullptr;
  }
  for (ObjectPtr& one : computed_list(objects, resource, "")) {
    if (one->name == name) return one;
  }
  return nullptr;
}

std::string format_quantity(std::int64_t milli, std::string_view resource) {
  bool bytes = resource == "memory" || resource == "storage" || resource == "ephemeral-storage";
  if (milli % 1000 != 0) return std::to_string(milli) + "m";
  std::int64_t whole = milli / 1000;
  if (!bytes || whole == 0) return std::to_string(whole);
  constexpr std::string_view units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  std::size_t unit = 0;
  while (whole % 1024 == 0 && unit + 1 < std::size(units)) {
    whole /= 1024;
    ++unit;
  }
  return std::to_string(whole) + std::string(units[unit]);
}

}  // namespace fairlead::sandbox
