// ResourceQuotas: what a namespace uses of them.
#include <algorithm>
#include <map>

#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"
#include "sandbox/metrics.h"
#include "sandbox/scheduling.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t batch_ms = 100;

class QuotaController final : public Controller {
 public:
  explicit QuotaController(Work& work) : Controller(work), quotas_(resource("", "resourcequotas")) {}

  std::vector<const Resource*> watched() const override { return {}; }

  void adopt() override {
    for (const ObjectPtr& quota : store_.list(quotas_, "")) ++spaces_[quota->namespace_name];
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &quotas_) {
      if (change.type == Change::Type::added) ++spaces_[object.namespace_name];
      if (change.type == Change::Type::deleted && --spaces_[object.namespace_name] == 0)
        spaces_.erase(object.namespace_name);
      if (change.type != Change::Type::deleted) wake(object);
    }
    if (spaces_.empty() || !spaces_.contains(object.namespace_name) || object.resource->plural == "events") return;
    if (change.type == Change::Type::modified && object.resource == &work_.pods &&
        facts_of(change.object).over() == facts_of(change.previous).over())
      return;
    for (const ObjectPtr& quota : store_.list(quotas_, object.namespace_name)) wake(*quota, batch_ms);
  }

  void reconcile(const Key& key) override {
    ObjectPtr quota = store_.find(quotas_, key.namespace_name, key.name);
    if (!quota) return;
    json::value value = objects_.load(*quota);
    json::object hard = object_at(value, {"spec", "hard"}), used;
    Pods pods = count_pods(quota->namespace_name, array_at(value, {"spec", "scopes"}));
    for (const auto& entry : hard) used[entry.key()] = usage(entry.key(), quota->namespace_name, pods);
    json::object& status = object_in(value, {"status"});
    status["hard"] = std::move(hard);
    status["used"] = std::move(used);
    (void)objects_.update(quota, std::move(value), Part::status);
  }

 private:
  struct Pods {
    std::int64_t count = 0;
    Amounts requests, limits;
  };

  Pods count_pods(const std::string& space, const json::array& scopes) const {
    Pods out;
    for (const ObjectPtr& pod : store_.list(work_.pods, space)) {
      if (facts_of(pod).over()) continue;
      json::value value = objects_.load_brief(*pod);
      bool in_scope = true;
      for (const json::value& scope : scopes) {
        bool ends = find(value, "spec", "activeDeadlineSeconds") != nullptr,
             best_effort = text_at(value, {"status", "qosClass"}) == "BestEffort";
        if (scope == "Terminating") in_scope = in_scope && ends;
        if (scope == "NotTerminating") in_scope = in_scope && !ends;
        if (scope == "BestEffort") in_scope = in_scope && best_effort;
        if (scope == "NotBestEffort") in_scope = in_scope && !best_effort;
      }
      if (!in_scope) continue;
      ++out.count;
      out.requests.add(requests_of(*pod), 1);
      for (const json::value& container : array_at(value, {"spec", "containers"})) {
        for (const auto& limit : object_at(container, {"resources", "limits"})) {
          if (limit.value().is_string()) out.limits.add(limit.key(), quantity_milli(limit.value().get_string()));
        }
      }
    }
    return out;
  }

  std::int64_t count_of(std::string_view group, std::string_view plural, const std::string& space) const {
    for (const auto& one : objects_.resources().all()) {
      if (one->plural == plural && one->group == group && one->shows_stored_form())
        return static_cast<std::int64_t>(store_.list(*one->storage, space).size());
    }
    return 0;
  }

  std::string usage(std::string_view name, const std::string& space, const Pods& pods) const {
    if (name == "pods" || name == "count/pods") return std::to_string(pods.count);
    if (name.starts_with("limits.")) return format_quantity(pods.limits.of(name.substr(7)), name.substr(7));
    if (name == "requests.storage") {
      std::int64_t total = 0;
      for (const ObjectPtr& claim : store_.list(work_.claims, space)) {
        total += std::min<std::int64_t>(
            90'000'000'000'000'000,
            quantity_milli(text_at(objects_.load_brief(*claim), {"spec", "resources", "requests", "storage"})));
        total = std::min<std::int64_t>(total, 9'000'000'000'000'000'000 / 2);
      }
      return format_quantity(total, "storage");
    }
    if (name.starts_with("requests.")) return format_quantity(pods.requests.of(name.substr(9)), name.substr(9));
    if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
      return format_quantity(pods.requests.of(name), name);
    if (name.starts_with("services.")) {
      std::int64_t count = 0;
      for (const ObjectPtr& service : store_.list(resource("", "services"), space)) {
        json::value value = objects_.load_brief(*service);
        bool balanced = text_at(value, {"spec", "type"}) == "LoadBalancer";
        if (name == "services.loadbalancers") count += balanced;
        if (name == "services.nodeports" && (balanced || text_at(value, {"spec", "type"}) == "NodePort"))
          count += static_cast<std::int64_t>(array_at(value, {"spec", "ports"}).size());
      }
      return std::to_string(count);
    }
    std::string_view counted = name.starts_with("count/") ? name.substr(6) : name;
    std::size_t dot = counted.find('.');
    return std::to_string(count_of(dot == counted.npos ? "" : counted.substr(dot + 1), counted.substr(0, dot), space));
  }

  const Resource& quotas_;
  std::map<std::string, int> spaces_;  // how many quotas a namespace has
};

}  // namespace

std::unique_ptr<Controller> quota_controller(Work& work) { return std::make_unique<QuotaController>(work); }

}  // namespace fairlead::sandbox
