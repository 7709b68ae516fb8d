// Services of type LoadBalancer get an address, as a cloud gives them after a moment.
#include <algorithm>
#include <map>

#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "service-controller";
constexpr std::string_view finalizer = "service.kubernetes.io/load-balancer-cleanup";
constexpr std::int64_t provision_ms = 3000;

class ServiceController final : public Controller {
 public:
  explicit ServiceController(Work& work) : Controller(work), services_(resource("", "services")) {}

  std::vector<const Resource*> watched() const override { return {&services_}; }

  void changed(const Change& change) override {
    if (change.type != Change::Type::deleted) wake(*change.object);
  }

  void reconcile(const Key& key) override {
    ObjectPtr service = store_.find(services_, key.namespace_name, key.name);
    if (!service) {
      started_.erase(key.namespace_name + "/" + key.name);
      return;
    }
    json::value value = objects_.load(*service);
    bool wanted = text_at(value, {"spec", "type"}) == "LoadBalancer" && !is_dying(*service) &&
                  text_at(value, {"spec", "loadBalancerClass"}).empty();
    bool has = !array_at(value, {"status", "loadBalancer", "ingress"}).empty();
    json::array finalizers = array_at(value, {"metadata", "finalizers"});
    auto held = std::find(finalizers.begin(), finalizers.end(), json::value(json::string(finalizer)));
    std::string id = key.namespace_name + "/" + key.name;
    if (!wanted) {
      started_.erase(id);
      if (!has && held == finalizers.end()) return;
      work_.note(*service, component, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
      work_.note(*service, component, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
      object_in(value, {"status"})["loadBalancer"] = json::object();
      if (held != finalizers.end()) finalizers.erase(held);
      set_finalizers(value, std::move(finalizers));
      (void)objects_.update(service, std::move(value), Part::whole);
      return;
    }
    if (has) return;
    auto [started, fresh] = started_.try_emplace(id, work_.now_ms());
    if (fresh) {
      work_.note(*service, component, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
      wake(*service, provision_ms);
      if (held != finalizers.end()) return;
      finalizers.push_back(json::string(finalizer));
      set_finalizers(value, std::move(finalizers));
      (void)objects_.update(service, std::move(value), Part::whole);
      return;
    }
    if (std::int64_t left = started->second + provision_ms - work_.now_ms(); left > 0) return wake(*service, left);
    std::uint64_t number = stable_hash(service->uid);
    std::string address = "203.0.113." + std::to_string(1 + number % 254);  // a range for documentation
    if (std::string_view asked = text_at(value, {"spec", "loadBalancerIP"}); !asked.empty()) address = asked;
    object_in(value, {"status", "loadBalancer"})["ingress"] =
        json::array{json::object{{"ip", address}, {"ipMode", "VIP"}}};
    (void)objects_.update(service, std::move(value), Part::status);
    work_.note(*service, component, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
  }

 private:
  static void set_finalizers(json::value& value, json::array finalizers) {
    json::object& metadata = object_in(value, {"metadata"});
    metadata.erase("finalizers");
    if (!finalizers.empty()) metadata["finalizers"] = std::move(finalizers);
  }

  const Resource& services_;
  std::map<std::string, std::int64_t> started_;  // by namespace/name: when a load balancer was asked for
};

}  // namespace

std::unique_ptr<Controller> service_controller(Work& work) { return std::make_unique<ServiceController>(work); }

}  // namespace fairlead::sandbox
