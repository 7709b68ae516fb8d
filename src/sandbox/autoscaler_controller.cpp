// HorizontalPodAutoscalers: as many replicas as the pods' usage asks for. Of metrics it knows Resource and
// ContainerResource; the others are answered as on a cluster that has no adapter for them.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"
#include "sandbox/lost_node.h"
#include "sandbox/metrics.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "horizontal-pod-autoscaler";
constexpr std::int64_t period_ms = 15'000;
constexpr double tolerance = 0.1;
constexpr std::int64_t down_window = 300;  // seconds

struct Proposal {
  std::int64_t replicas = 0;
  std::string metric;    // "cpu resource utilization (percentage of request)"
  json::object current;  // of status.currentMetrics
  std::string problem, problem_reason;
};

struct Target {
  ObjectPtr object;
  json::value value;
  LabelSelector selector;
};

class AutoscalerController final : public Controller {
 public:
  explicit AutoscalerController(Work& work)
      : Controller(work), scalers_(resource("autoscaling", "horizontalpodautoscalers")) {}

  std::vector<const Resource*> watched() const override { return {&scalers_}; }

  void adopt() override {
    for (const ObjectPtr& scaler : store_.list(scalers_, "")) wake(*scaler, period_ms);
  }

  void changed(const Change& change) override {
    if (change.type == Change::Type::deleted) {
      wanted_.erase(change.object->uid);
    } else if (!writing_) {
      wake(*change.object, change.type == Change::Type::added ? 1000 : 0);
    }
  }

  void reconcile(const Key& key) override {
    ObjectPtr scaler = store_.find(scalers_, key.namespace_name, key.name);
    if (!scaler || is_dying(*scaler)) return;
    wake(*scaler, period_ms);
    json::value value = objects_.load(*scaler);
    evaluate(*scaler, value);
    object_in(value, {"status"})["observedGeneration"] = integer_at(value, {"metadata", "generation"});
    set_default(object_in(value, {"status"}), "desiredReplicas", 0);
    writing_ = true;
    (void)objects_.update(scaler, std::move(value), Part::status);
    writing_ = false;
  }

 private:
  void condition(json::value& value, std::string_view type, std::string_view status, std::string_view reason,
                 const std::string& message) {
    set_condition(value, type, status, reason, message, work_.now());
  }

  std::optional<Target> target_of(const Object& scaler, const json::value& value) const {
    std::string_view kind = text_at(value, {"spec", "scaleTargetRef", "kind"}),
                     name = text_at(value, {"spec", "scaleTargetRef", "name"});
    for (const auto& one : objects_.resources().all()) {
      if (one->kind != kind || !one->subresource("scale") ||
          one->api_version() != text_at(value, {"spec", "scaleTargetRef", "apiVersion"}))
        continue;
      ObjectPtr object = store_.find(*one, scaler.namespace_name, name);
      if (!object) return std::nullopt;
      Target out{object, objects_.load(*object), {}};
      const json::value* selector = find(out.value, "spec", "selector");
      if (selector)
        out.selector = LabelSelector::from_object(
            one->kind == "ReplicationController" ? json::value(json::object{{"matchLabels", *selector}}) : *selector);
      return out;
    }
    return std::nullopt;
  }

  void evaluate(const Object& scaler, json::value& value) {
    auto target = target_of(scaler, value);
    if (!target) {
      std::string name(text_at(value, {"spec", "scaleTargetRef", "name"})),
          kind(text_at(value, {"spec", "scaleTargetRef", "kind"}));
      std::string plural = kind;
      std::transform(plural.begin(), plural.end(), plural.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::string text = "the HPA controller was unable to get the target's current scale: " + plural + "s.apps \"" +
                         name + "\" not found";
      condition(value, "AbleToScale", "False", "FailedGetScale", text);
      work_.note(scaler, component, "Warning", "FailedGetScale", plural + "s.apps \"" + name + "\" not found");
      return;
    }
    std::int64_t current = integer_at(target->value, {"spec", "replicas"}, 1),
                 least = integer_at(value, {"spec", "minReplicas"}, 1),
                 most = integer_at(value, {"spec", "maxReplicas"}, 1);
    json::object& status = object_in(value, {"status"});
    status["currentReplicas"] = integer_at(target->value, {"status", "replicas"});
    if (current == 0 && least != 0) {
      status["desiredReplicas"] = 0;
      return condition(value, "ScalingActive", "False", "ScalingDisabled",
                       "scaling is disabled since the replica count of the target is zero");
    }
    condition(value, "AbleToScale", "True", "SucceededGetScale",
              "the HPA controller was able to get the target's current scale");
    std::int64_t desired = 0;
    std::string metric, problem, problem_reason;
    json::array shown;
    for (const json::value& wanted : array_at(value, {"spec", "metrics"})) {
      Proposal one = propose(*target, wanted, current);
      if (!one.problem.empty()) {
        problem = one.problem;
        problem_reason = one.problem_reason;
        continue;
      }
      shown.push_back(std::move(one.current));
      if (one.replicas > desired) {
        desired = one.replicas;
        metric = one.metric;
      }
    }
    json::object& again = object_in(value, {"status"});
    again.erase("currentMetrics");
    if (!shown.empty()) again["currentMetrics"] = std::move(shown);
    if (!problem.empty() && (metric.empty() || desired < current)) {
      again["desiredReplicas"] = integer_at(value, {"status", "desiredReplicas"});
      condition(value, "ScalingActive", "False", problem_reason,
                "the HPA was unable to compute the replica count: " + problem);
      return work_.note(scaler, component, "Warning", problem_reason, problem);
    }
    condition(value, "ScalingActive", "True", "ValidMetricFound",
              "the HPA was able to successfully calculate a replica count from " + metric);
    rescale(scaler, value, *target, current, desired, least, most, metric);
  }

  Proposal propose(const Target& target, const json::value& wanted, std::int64_t current) const {
    Proposal out;
    std::string_view type = text_at(wanted, {"type"});
    bool of_container = type == "ContainerResource";
    if (type != "Resource" && !of_container) {
      out.problem_reason = "FailedGet" + std::string(type) + "Metric";
      bool external = type == "External";
      out.problem = std::string("unable to get ") + (external ? "external " : "") +
                    "metric: unable to fetch metrics from " + (external ? "external" : "custom") +
                    " metrics API: the server could not find the requested resource";
      return out;
    }
    const json::value* given = find(wanted, of_container ? "containerResource" : "resource");
    const json::value source = given ? *given : json::value(json::object());
    std::string name(text_at(source, {"name"}));
    std::string_view container = of_container ? text_at(source, {"container"}) : std::string_view();
    std::int64_t used = 0, requested = 0, count = 0, unready = 0;
    for (const ObjectPtr& pod : store_.list(work_.pods, target.object->namespace_name)) {
      if (!target.selector.matches(labels_of(*pod))) continue;
      PodFacts facts = facts_of(pod);
      if (!facts.active()) continue;
      auto usage = pod_usage(*pod, container, name, &requested);
      if (!usage) {
        out.problem_reason = "FailedGetResourceMetric";
        out.problem = "failed to get " + name + " utilization: missing request for " + name + " in container " +
                      std::string(container) + " of Pod " + pod->name;
        return out;
      }
      if (!facts.ready || *usage < 0) {
        ++unready;
        continue;
      }
      used += *usage;
      ++count;
    }
    if (count == 0) {
      out.problem_reason = "FailedGetResourceMetric";
      out.problem =
          "failed to get " + name + " utilization: did not receive metrics for targeted pods (pods might be unready)";
      return out;
    }
    double ratio = 1;
    json::object shown;
    std::int64_t average = used / count;  // thousandths
    shown["averageValue"] =
        format_quantity(name == "cpu" ? average : average / 1000 * 1000, name == "cpu" ? "cpu" : "memory");
    std::string scale;
    if (const json::value* goal = find(source, "target", "averageUtilization");
        goal && goal->is_int64() && goal->get_int64() > 0) {
      double share =
          static_cast<double>(used) / std::max(1.0, static_cast<double>(requested) * static_cast<double>(count) /
                                                        static_cast<double>(count + unready));
      std::int64_t percent = static_cast<std::int64_t>(std::min(share * 100, 1e9) + 1e-9);
      shown["averageUtilization"] = percent;
      ratio = static_cast<double>(percent) / static_cast<double>(goal->get_int64());
      scale = " resource utilization (percentage of request)";
    } else {
      std::int64_t goal_value = std::max<std::int64_t>(1, quantity_milli(text_at(source, {"target", "averageValue"})));
      ratio = static_cast<double>(average) / static_cast<double>(goal_value);
      scale = " resource";
    }
    out.metric = name + (of_container ? " container" : "") + scale;
    json::object described{{"name", name}, {"current", std::move(shown)}};
    if (of_container) described["container"] = container;
    out.current = json::object{{"type", type}, {of_container ? "containerResource" : "resource", std::move(described)}};
    out.replicas = std::abs(ratio - 1) <= tolerance
                       ? current
                       : static_cast<std::int64_t>(std::ceil(std::min(1e9, ratio * static_cast<double>(count))));
    return out;
  }

  // In thousandths of cores or bytes; -1 when nothing was measured, nothing when a container has no request.
  std::optional<std::int64_t> pod_usage(const Object& pod, std::string_view container, const std::string& name,
                                        std::int64_t* requested) const {
    json::value value = objects_.load_brief(pod);
    std::int64_t requests = 0;
    for (const json::value& one : array_at(value, {"spec", "containers"})) {
      if (!container.empty() && text_at(one, {"name"}) != container) continue;
      std::int64_t amount = quantity_milli(text_at(one, {"resources", "requests", name}));
      if (amount <= 0) return std::nullopt;
      requests += std::min<std::int64_t>(amount, 4'000'000'000'000'000);
    }
    *requested += requests;
    auto usage = usage_of(pod, work_.now());
    if (!usage || is_lost_node(objects_, text_at(value, {"spec", "nodeName"}))) return -1;
    return name == "cpu" ? usage->cpu_nano / 1'000'000 : usage->memory * 1000;
  }

  void rescale(const Object& scaler, json::value& value, const Target& target, std::int64_t current,
               std::int64_t desired, std::int64_t least, std::int64_t most, const std::string& metric) {
    // Down only as far as everything that was asked for in the window allows.
    std::int64_t window =
                     integer_at(value, {"spec", "behavior", "scaleDown", "stabilizationWindowSeconds"}, down_window),
                 now = work_.now();
    auto& history = wanted_[scaler.uid];
    if (history.empty()) history.emplace_back(now, current);
    history.emplace_back(now, desired);
    while (history.front().first < now - window && history.size() > 1) history.pop_front();
    std::int64_t steady = desired;
    if (desired < current) {
      for (const auto& [at, replicas] : history) steady = std::max(steady, std::min(replicas, current));
    }
    bool held = steady != desired;
    if (held) {
      condition(value, "AbleToScale", "True", "ScaleDownStabilized",
                "recent recommendations were higher than current one, applying the highest recent recommendation");
    } else {
      condition(value, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size");
    }
    std::int64_t fastest = std::max<std::int64_t>(current * 2, current + 4);
    std::int64_t wanted = std::clamp(steady, least, std::max(least, most));
    if (wanted > fastest) {
      wanted = fastest;
      condition(value, "ScalingLimited", "True", "ScaleUpLimit",
                "the desired replica count is increasing faster than the maximum scale rate");
    } else if (steady > most) {
      condition(value, "ScalingLimited", "True", "TooManyReplicas",
                "the desired replica count is more than the maximum replica count");
    } else if (steady < least) {
      condition(value, "ScalingLimited", "True", "TooFewReplicas",
                "the desired replica count is less than the minimum replica count");
    } else {
      condition(value, "ScalingLimited", "False", "DesiredWithinRange",
                "the desired count is within the acceptable range");
    }
    object_in(value, {"status"})["desiredReplicas"] = wanted;
    if (wanted == current) return;
    json::value workload = target.value;
    object_in(workload, {"spec"})["replicas"] = wanted;
    if (!objects_.update(target.object, std::move(workload), Part::main)) return;
    object_in(value, {"status"})["lastScaleTime"] = format_rfc3339(now);
    condition(value, "AbleToScale", "True", "SucceededRescale",
              "the HPA controller was able to update the target scale to " + std::to_string(wanted));
    std::string why = wanted > current ? metric + " above target" : "All metrics below target";
    if (current < least) why = "Current number of replicas below Spec.MinReplicas";
    if (current > most) why = "Current number of replicas above Spec.MaxReplicas";
    work_.note(scaler, component, "Normal", "SuccessfulRescale",
               "New size: " + std::to_string(wanted) + "; reason: " + why);
  }

  const Resource& scalers_;
  std::map<std::string, std::deque<std::pair<std::int64_t, std::int64_t>>>
      wanted_;  // by uid: when how many were asked for
  bool writing_ = false;
};

}  // namespace

std::unique_ptr<Controller> autoscaler_controller(Work& work) { return std::make_unique<AutoscalerController>(work); }

}  // namespace fairlead::sandbox
