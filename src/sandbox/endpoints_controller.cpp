// Endpoints and EndpointSlices: the addresses behind each Service, from the pods that its selector matches.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view managed_by = "endpointslice.kubernetes.io/managed-by";
constexpr std::string_view manager = "endpointslice-controller.k8s.io";
constexpr std::string_view service_label = "kubernetes.io/service-name";
constexpr std::size_t slice_size = 100;
constexpr std::size_t most_in_endpoints = 1000;
constexpr std::string_view trigger_note = "endpoints.kubernetes.io/last-change-trigger-time";
constexpr std::int64_t batch_ms = 50;  // changes of many pods are looked at together

struct Backend {
  ObjectPtr pod;
  std::string ip, node, hostname;
  bool ready = false, serving = false, terminating = false;
  json::array ports;  // resolved, in the Service's order
};

// A target port by name is looked up in the pod's containers; 0: it has none of that name.
std::int64_t resolve_port(const json::value& port, const json::value& pod) {
  const json::value* target = find(port, "targetPort");
  if (!target) return integer_at(port, {"port"});
  if (target->is_int64()) return target->get_int64() != 0 ? target->get_int64() : integer_at(port, {"port"});
  if (!target->is_string()) return 0;
  std::string_view protocol = text_at(port, {"protocol"});
  for (std::string_view list : {"containers", "initContainers"}) {
    for (const json::value& container : array_at(pod, {"spec", list})) {
      for (const json::value& one : array_at(container, {"ports"})) {
        std::string_view own = text_at(one, {"protocol"});
        if (text_at(one, {"name"}) == target->get_string() && (own.empty() || protocol.empty() || own == protocol))
          return integer_at(one, {"containerPort"});
      }
    }
  }
  return 0;
}

json::array resolved_ports(const json::value& service, const json::value& pod) {
  json::array out;
  for (const json::value& port : array_at(service, {"spec", "ports"})) {
    std::int64_t number = resolve_port(port, pod);
    if (number == 0) continue;
    std::string_view protocol = text_at(port, {"protocol"});
    json::object made{{"port", number}, {"protocol", protocol.empty() ? "TCP" : protocol}};
    if (std::string_view name = text_at(port, {"name"}); !name.empty()) made["name"] = name;
    if (std::string_view app = text_at(port, {"appProtocol"}); !app.empty()) made["appProtocol"] = app;
    out.push_back(std::move(made));
  }
  return out;
}

json::object target_ref(const Object& pod) {
  return {{"kind", "Pod"}, {"name", pod.name}, {"namespace", pod.namespace_name}, {"uid", pod.uid}};
}

// What Services look at of a pod: a change of anything else is none to them.
std::string facts_text(const ObjectPtr& pod) {
  PodFacts facts = facts_of(pod);
  std::string out =
      field_of(*pod, "status.podIP") + (facts.ready ? "r" : "") + (facts.dying ? "d" : "") + std::string(facts.phase);
  for (const auto& [key, value] : labels_of(*pod)) out.append("\n").append(key).append("=").append(value);
  return out;
}

// When the Service and each of its pods last changed, as seen before.
struct Seen {
  std::int64_t service = 0;
  std::map<std::string, std::int64_t> pods;
};

class EndpointsController final : public Controller {
 public:
  explicit EndpointsController(Work& work)
      : Controller(work),
        services_(resource("", "services")),
        endpoints_(resource("", "endpoints")),
        slices_(resource("discovery.k8s.io", "endpointslices")) {}

  std::vector<const Resource*> watched() const override { return {&services_, &endpoints_, &slices_, &work_.pods}; }

  void adopt() override {
    for (const ObjectPtr& service : store_.list(services_, "")) {
      learn(*service);
      if (!store_.find(endpoints_, service->namespace_name, service->name)) wake(*service);
    }
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    bool gone = change.type == Change::Type::deleted;
    if (object.resource == &services_) {
      if (gone) {
        selectors_[object.namespace_name].erase(object.name);
      } else {
        learn(object);
      }
      return wake(object);
    }
    if (object.resource == &endpoints_) {
      if (gone) wake(object);
      return;
    }
    if (object.resource == &slices_) {
      std::string_view service = label_of(object, service_label);
      if (!writing_ && !service.empty() && label_of(object, managed_by) == manager)
        work_.wake(*this, Key{object.namespace_name, std::string(service)});
      return;
    }
    auto space = selectors_.find(object.namespace_name);
    if (space == selectors_.end() || space->second.empty()) return;
    if (change.type == Change::Type::modified && facts_text(change.object) == facts_text(change.previous)) return;
    Labels now = labels_of(object), before = change.previous ? labels_of(*change.previous) : Labels();
    for (const auto& [name, selector] : space->second) {
      if (selector.matches(now) || (change.previous && selector.matches(before)))
        work_.wake(*this, Key{object.namespace_name, name}, batch_ms);
    }
  }

  void reconcile(const Key& key) override {
    writing_ = true;
    ObjectPtr service = store_.find(services_, key.namespace_name, key.name);
    if (!service || is_dying(*service)) {
      seen_.erase({key.namespace_name, key.name});
      if (ObjectPtr old = store_.find(endpoints_, key.namespace_name, key.name)) (void)objects_.remove(old, {});
      for (const ObjectPtr& slice : slices_of(key)) (void)objects_.remove(slice, {});
    } else if (json::value value = objects_.load_brief(*service);
               !object_at(value, {"spec", "selector"}).empty() && text_at(value, {"spec", "type"}) != "ExternalName") {
      std::vector<Backend> backends = backends_of(*service, value);
      trigger_ = trigger_of(service, value);
      write_endpoints(*service, value, backends);
      write_slices(*service, value, backends);
    }
    writing_ = false;
  }

 private:
  void learn(const Object& service) {
    json::value value = objects_.load_brief(service);
    const json::object& selector = object_at(value, {"spec", "selector"});
    auto& space = selectors_[service.namespace_name];
    if (selector.empty()) {
      space.erase(service.name);
    } else {
      space[service.name] = LabelSelector::from_object(json::object{{"matchLabels", selector}});
    }
  }

  std::vector<ObjectPtr> slices_of(const Key& key) const {
    std::vector<ObjectPtr> out;
    for (const ObjectPtr& slice : store_.list(slices_, key.namespace_name)) {
      if (label_of(*slice, service_label) == key.name && label_of(*slice, managed_by) == manager) out.push_back(slice);
    }
    return out;
  }

  std::vector<Backend> backends_of(const Object& service, const json::value& value) const {
    std::vector<Backend> out;
    LabelSelector selector =
        LabelSelector::from_object(json::object{{"matchLabels", object_at(value, {"spec", "selector"})}});
    bool unready_too = flag_at(value, {"spec", "publishNotReadyAddresses"});
    // Only for ports by name the pods have to be decoded.
    const json::array& ports = array_at(value, {"spec", "ports"});
    bool by_name = std::any_of(ports.begin(), ports.end(), [](const json::value& port) {
      const json::value* target = find(port, "targetPort");
      return target && target->is_string();
    });
    json::array numbered = resolved_ports(value, json::object());
    for (const ObjectPtr& pod : store_.list(work_.pods, service.namespace_name)) {
      if (!selector.matches(labels_of(*pod))) continue;
      PodFacts facts = facts_of(pod);
      Backend one{pod};
      one.ip = field_of(*pod, "status.podIP");
      if (one.ip.empty() || facts.over()) continue;
      one.node = field_of(*pod, "spec.nodeName");
      if (field_of(*pod, "spec.subdomain") == service.name) one.hostname = field_of(*pod, "spec.hostname");
      one.terminating = facts.dying;
      one.serving = facts.ready || unready_too;
      one.ready = unready_too || (facts.ready && !facts.dying);
      one.ports = by_name ? resolved_ports(value, objects_.load_brief(*pod)) : numbered;
      out.push_back(std::move(one));
    }
    return out;
  }

  // The time of the oldest change that was not seen yet; nothing where there is none.
  std::string trigger_of(const ObjectPtr& service, const json::value& value) {
    LabelSelector selector =
        LabelSelector::from_object(json::object{{"matchLabels", object_at(value, {"spec", "selector"})}});
    Seen now{facts_of(service).created, {}};
    Seen& before = seen_[{service->namespace_name, service->name}];
    std::int64_t oldest = now.service > before.service ? now.service : 0;
    for (const ObjectPtr& pod : store_.list(work_.pods, service->namespace_name)) {
      if (!selector.matches(labels_of(*pod))) continue;
      std::int64_t changed = now.pods[pod->name] = facts_of(pod).ready_changed;
      auto known = before.pods.find(pod->name);
      if (changed > (known == before.pods.end() ? 0 : known->second) && (oldest == 0 || changed < oldest))
        oldest = changed;
    }
    before = std::move(now);
    return oldest == 0 ? std::string() : format_rfc3339(oldest);
  }

  void store(const Resource& resource, const std::string& space, const std::string& name, json::value wanted) {
    ObjectPtr there = store_.find(resource, space, name);
    if (!there) {
      if (!trigger_.empty()) object_in(wanted, {"metadata", "annotations"})[trigger_note] = trigger_;
      (void)objects_.create(resource, std::move(wanted));
      return;
    }
    json::value value = objects_.load(*there);
    const json::value before = value;
    for (auto& member : wanted.get_object()) {
      if (member.key() != "metadata") value.get_object()[member.key()] = std::move(member.value());
    }
    for (std::string_view field : {"labels", "annotations"}) {
      const json::value* given = find(wanted, "metadata", field);
      if (given) object_in(value, {"metadata"})[field] = *given;
    }
    if (value == before) return;  // a time alone is no change
    json::object& notes = object_in(value, {"metadata", "annotations"});
    notes.erase(trigger_note);
    if (!trigger_.empty()) notes[trigger_note] = trigger_;
    if (notes.empty()) object_in(value, {"metadata"}).erase("annotations");
    (void)objects_.update(there, std::move(value), Part::whole);
  }

  void write_endpoints(const Object& service, const json::value& value, const std::vector<Backend>& backends) {
    // Those with the same ports are one subset.
    std::map<std::string, std::pair<json::object, json::array>> subsets;
    std::size_t count = 0;
    bool headless = text_at(value, {"spec", "clusterIP"}) == "None";
    for (const Backend& one : backends) {
      if (one.terminating && !flag_at(value, {"spec", "publishNotReadyAddresses"})) continue;
      if (one.ports.empty() && !headless) continue;
      if (++count > most_in_endpoints) break;
      json::object address{{"ip", one.ip}, {"nodeName", one.node}, {"targetRef", target_ref(*one.pod)}};
      if (!one.hostname.empty()) address["hostname"] = one.hostname;
      auto& [subset, ports] = subsets[compact(one.ports)];
      ports = one.ports;
      array_in(subset, one.ready ? "addresses" : "notReadyAddresses").push_back(std::move(address));
    }
    json::array out;
    for (auto& [text, entry] : subsets) {
      for (std::string_view list : {"addresses", "notReadyAddresses"}) {
        auto found = entry.first.find(list);
        if (found == entry.first.end()) continue;
        json::array& addresses = found->value().get_array();
        std::sort(addresses.begin(), addresses.end(),
                  [](const json::value& a, const json::value& b) { return text_at(a, {"ip"}) < text_at(b, {"ip"}); });
      }
      if (!entry.second.empty()) entry.first["ports"] = entry.second;
      out.push_back(std::move(entry.first));
    }
    json::object labels = object_at(value, {"metadata", "labels"});
    labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
    if (headless) labels["service.kubernetes.io/headless"] = "";
    json::object metadata{{"name", service.name}, {"namespace", service.namespace_name}, {"labels", std::move(labels)}};
    if (count > most_in_endpoints)
      metadata["annotations"] = json::object{{"endpoints.kubernetes.io/over-capacity", "truncated"}};
    store(endpoints_, service.namespace_name, service.name,
          json::object{{"metadata", std::move(metadata)}, {"subsets", std::move(out)}});
  }

  json::object endpoint_of(const Backend& one) const {
    json::object made{
        {"addresses", json::array{one.ip}},
        {"conditions", json::object{{"ready", one.ready}, {"serving", one.serving}, {"terminating", one.terminating}}},
        {"targetRef", target_ref(*one.pod)},
        {"nodeName", one.node}};
    if (!one.hostname.empty()) made["hostname"] = one.hostname;
    ObjectPtr node = store_.find(work_.nodes, "", one.node);
    if (node) {
      if (std::string_view zone = label_of(*node, "topology.kubernetes.io/zone"); !zone.empty()) made["zone"] = zone;
    }
    return made;
  }

  // Slices that are there are filled again in their order; an endpoint stays in its slice where it can.
  void write_slices(const Object& service, const json::value& value, const std::vector<Backend>& backends) {
    std::map<std::string, std::vector<const Backend*>> by_ports;
    for (const Backend& one : backends) by_ports[compact(one.ports)].push_back(&one);
    if (by_ports.empty()) by_ports[compact(resolved_ports(value, json::object()))];
    std::vector<ObjectPtr> there = slices_of({service.namespace_name, service.name});
    json::object labels = object_at(value, {"metadata", "labels"});
    labels[service_label] = service.name;
    labels[managed_by] = manager;
    if (text_at(value, {"spec", "clusterIP"}) == "None") labels["service.kubernetes.io/headless"] = "";
    std::size_t next = 0;
    for (auto& [text, members] : by_ports) {
      json::array ports = members.empty() ? resolved_ports(value, json::object()) : members.front()->ports;
      for (json::value& port : ports) set_default(port.get_object(), "name", "");
      for (std::size_t first = 0; first == 0 || first < members.size(); first += slice_size) {
        json::array list;
        for (std::size_t i = first; i < std::min(members.size(), first + slice_size); ++i)
          list.push_back(endpoint_of(*members[i]));
        std::string name =
            next < there.size() ? there[next]->name : service.name + "-" + name_suffix(objects_.random());
        ++next;
        json::object owner{{"apiVersion", "v1"}, {"kind", "Service"},  {"name", service.name},
                           {"uid", service.uid}, {"controller", true}, {"blockOwnerDeletion", true}};
        json::object metadata{{"name", name},
                              {"generateName", service.name + "-"},
                              {"namespace", service.namespace_name},
                              {"labels", labels},
                              {"ownerReferences", json::array{owner}}};
        store(slices_, service.namespace_name, name,
              json::object{{"metadata", std::move(metadata)},
                           {"addressType", "IPv4"},
                           {"endpoints", std::move(list)},
                           {"ports", ports}});
      }
    }
    for (; next < there.size(); ++next) (void)objects_.remove(there[next], {});
  }

  const Resource &services_, &endpoints_, &slices_;
  std::map<std::string, std::map<std::string, LabelSelector>> selectors_;  // namespace -> Service -> what it selects
  std::map<std::pair<std::string, std::string>, Seen> seen_;               // by namespace and name
  std::string trigger_;                                                    // of the change that is being written
  bool writing_ = false;
};

}  // namespace

std::unique_ptr<Controller> endpoints_controller(Work& work) { return std::make_unique<EndpointsController>(work); }

}  // namespace fairlead::sandbox
