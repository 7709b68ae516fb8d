// Services that nobody answers for, or that others answer for, too.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/similar.h"
#include "base/text.h"
#include "diagnosis/external_name.h"
#include "diagnosis/lookup.h"
#include "diagnosis/service_ports.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

const json::object& labels_of(const json::value& object) { return object_at(object, {"metadata", "labels"}); }

bool counts(const json::value& pod) {
  return !is_finished(pod) && text_at(pod, {"metadata", "deletionTimestamp"}).empty();
}

// The workload kinds whose templates a Service may mean.
constexpr std::string_view kWorkloads[]{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"};

struct Owner {
  Ref ref;
  const json::value* object;
};

awaitable<std::vector<Owner>> workloads_in(Trail trail, std::string ns) {
  std::vector<Owner> out;
  for (auto name : kWorkloads) {
    const Kind& kind = kinds::of(name);
    const ListSeen* all = co_await trail.source.list(kind, ns);
    for (const auto& object : all->items)
      if (ops::controller_of(object).empty()) out.push_back({ref_of(name, object), &object});
  }
  co_return out;
}

const json::object& template_labels(const json::value& workload) {
  const auto& labels = object_at(workload, {"spec", "template", "metadata", "labels"});
  return labels.empty() ? object_at(workload, {"spec", "jobTemplate", "spec", "template", "metadata", "labels"})
                        : labels;
}

// What a selector lacks to select these labels: "app=webb, where they have app=web"; empty: nothing.
std::string difference(const json::object& selector, const json::object& labels) {
  std::string out;
  for (const auto& wanted : selector) {
    const auto* label = labels.if_contains(wanted.key());
    if (label && *label == wanted.value()) continue;
    if (!wanted.value().is_string()) continue;
    out += fmt::format("{}{}={}, where they have {}", out.empty() ? "" : "; ", std::string_view(wanted.key()),
                       std::string_view(wanted.value().as_string()),
                       label && label->is_string()
                           ? fmt::format("{}={}", std::string_view(wanted.key()), std::string_view(label->as_string()))
                           : fmt::format("no label {}", std::string_view(wanted.key())));
  }
  return out;
}

// Whether the only label that differs is one that a program gives its pods as it runs: who leads changes.
bool differs_in_role(const json::object& selector, const json::object& labels) {
  static constexpr std::string_view roles[]{"role",   "replica", "replicas", "primary",  "secondary",
                                            "master", "slave",   "leader",   "follower", "standby"};
  std::size_t others = 0, of_role = 0;
  for (const auto& wanted : selector) {
    const auto* label = labels.if_contains(wanted.key());
    if (label && *label == wanted.value()) continue;
    ++others;
    const std::string_view key = wanted.key();
    const auto* value = wanted.value().if_string();
    for (const auto role : roles)
      if (key.substr(key.rfind('/') + 1) == role || (value && std::string_view(*value) == role)) {
        ++of_role;
        break;
      }
  }
  return others == 1 && of_role == 1 && selector.size() > 1;
}

// How near a workload's labels are to a selector: shared pairs, values or names that are alike.
int nearness(const json::value& service, const Owner& owner) {
  const auto& selector = object_at(service, {"spec", "selector"});
  const auto& labels = template_labels(*owner.object);
  int score = 0;
  for (const auto& wanted : selector) {
    const auto* label = labels.if_contains(wanted.key());
    if (label && *label == wanted.value()) score += 3;
    if (!label || !label->is_string() || !wanted.value().is_string()) continue;
    if (!similar_names(std::string(wanted.value().as_string()), {std::string(label->as_string())}).empty()) score += 2;
  }
  for (const auto& wanted : selector)
    for (const auto& label : labels)
      if (label.value() == wanted.value() && label.key() != wanted.key()) score += 2;
  const std::string name(text_at(service, {"metadata", "name"}));
  if (owner.ref.name == name)
    score += 3;
  else if (!similar_names(name, {owner.ref.name}).empty())
    score += 1;
  return score;
}

std::string repository(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash))
    image = image.substr(0, colon);
  return std::string(image);
}

const json::value* first_container(const json::value& pod) {
  const auto& containers = array_at(pod, {"spec", "containers"});
  return containers.empty() ? nullptr : &containers[0];
}

std::string first_image(const json::value& pod) {
  const auto* container = first_container(pod);
  return container ? repository(text_at(*container, {"image"})) : "";
}

using Owners = std::map<Ref, const json::value*>;  // workloads behind a Service, a pod of each

class ServiceCase {
 public:
  ServiceCase(Trail trail, const json::value& service)
      : trail_(std::move(trail)), service_(service), ref_(ref_of("Service", service)) {}

  awaitable<void> run() {
    const auto& selector = object_at(service_, {"spec", "selector"});
    if (text_at(service_, {"spec", "type"}) == "ExternalName") {
      co_await explain_external_name(trail_, service_);
      co_return;
    }
    if (selector.empty()) {
      co_await without_selector();
      co_return;
    }
    const ListSeen* pods = co_await trail_.source.list(kinds::pods, ref_.ns);
    if (!pods->seen()) co_return;
    for (const auto& pod : pods->items)
      if (counts(pod) && selects_map(selector, labels_of(pod))) backing_.push_back(&pod);
    if (backing_.empty()) {
      co_await nothing_selected(selector);
      co_return;
    }
    std::size_t ready = 0;
    for (const auto* pod : backing_) ready += is_ready(*pod) ? 1 : 0;
    if (ready == 0 && !flag_at(service_, {"spec", "publishNotReadyAddresses"})) {
      trail_.findings.symptom(fmt::format("{}: none of the {} pods behind it is ready", ref_.text(), backing_.size()));
      co_await none_ready();
    }
    check_ports();
    foreign_pods(ready);
    co_await no_address();
  }

 private:
  void add(std::string code, Certainty certainty, std::string sentence, std::string next,
           std::vector<std::string> evidence = {}) {
    trail_.findings.add({.code = std::move(code),
                         .certainty = certainty,
                         .sentence = std::move(sentence),
                         .at = ref_,
                         .evidence = std::move(evidence),
                         .next = std::move(next)});
  }

  awaitable<void> without_selector() {
    const ObjectSeen* endpoints = co_await trail_.source.get(kinds::of("Endpoints"), ref_.ns, ref_.name);
    if (!endpoints->absent()) co_return;
    const ListSeen* slices = co_await trail_.source.list(kinds::of("EndpointSlice"), ref_.ns);
    for (const auto& slice : slices->items)
      if (label_of(slice, "kubernetes.io/service-name") == ref_.name) co_return;
    if (slices->sight == Sight::unreadable) co_return;
    trail_.findings.symptom(ref_.text() + " has no endpoints");
    add("service_without_selector", Certainty::proven,
        fmt::format("{} has no selector, and nobody made endpoints for it", ref_.text()),
        "Give it a selector, or make an EndpointSlice for it");
  }

  void tell_of_no_pods() { trail_.findings.symptom(fmt::format("{} has no pods behind it", ref_.text())); }

  // No pod has these labels: a workload that makes none now, a slip in the selector, or nothing at all. A Service that
  // nobody is seen to need may as well stand for later.
  awaitable<void> nothing_selected(const json::object& selector) {
    const auto owners = co_await workloads_in(trail_, ref_.ns);
    const std::string wanted = ops::map_selector_text(selector);
    bool any = false;
    for (const auto& owner : owners) {
      if (!selects_map(selector, template_labels(*owner.object))) continue;
      any = true;
      const bool ends = owner.ref.kind == "Job" || owner.ref.kind == "CronJob";
      const bool none = !ends && integer_at(*owner.object, {"spec", "replicas"}, 1) == 0;
      if ((ends || none) && trail_.survey) continue;
      tell_of_no_pods();
      if (ends) {
        add("service_of_jobs", Certainty::told,
            fmt::format("{} sends to the pods of {}, which run only while there is work", ref_.text(),
                        owner.ref.text()),
            "Correct the Service's selector, or run what should answer as a Deployment");
        continue;
      }
      if (none) {
        trail_.findings.add(
            {.code = "scaled_to_zero",
             .certainty = Certainty::proven,
             .sentence = fmt::format("{} is scaled to 0, so that {} has no pods", owner.ref.text(), ref_.text()),
             .at = owner.ref,
             .evidence = {fmt::format("{} selects {}", ref_.text(), wanted)},
             .next = "scale_deployment brings it back, if it is meant to run",
             .affects = {ref_}});
        continue;
      }
      Findings reasons;
      co_await explain_workload(trail_.behind(reasons), owner.ref.kind, owner.ref.ns, owner.ref.name);
      trail_.findings.add_reasons(reasons, ref_,
                                  fmt::format("{} stands behind {} and has no pods", owner.ref.text(), ref_.text()));
    }
    if (any) co_return;
    const Owner* nearest = nullptr;
    int best = 1;
    for (const auto& owner : owners) {
      const int score = nearness(service_, owner);
      if (score <= best) continue;
      best = score;
      nearest = &owner;
    }
    const bool role = nearest && differs_in_role(selector, template_labels(*nearest->object));
    const bool doubtful = role || (!nearest && trail_.survey);
    if (!doubtful) tell_of_no_pods();
    const Certainty certainty = doubtful ? Certainty::suspicious : Certainty::proven;
    if (nearest)
      add("service_selector", certainty,
          fmt::format("The selector of {} fits no pod: it asks for {}", ref_.text(),
                      difference(selector, template_labels(*nearest->object))),
          fmt::format("Correct the Service's selector, or the labels in the template of {}", nearest->ref.text()),
          {fmt::format("{} selects {}, and no pod in {} has these labels", ref_.text(), wanted, ref_.ns),
           fmt::format("{} comes nearest", nearest->ref.text())});
    else
      add("service_selector", certainty,
          fmt::format("The selector of {} fits no pod: nothing in {} has the labels {}", ref_.text(), ref_.ns, wanted),
          "Correct the Service's selector, or start what should be behind it");
  }

  awaitable<void> none_ready() {
    std::size_t looked = 0;
    std::set<Ref> workloads;
    for (const auto* pod : backing_) {
      // Pods of one workload mostly suffer from the same.
      if (!workloads.insert(workload_of(*pod)).second || ++looked > 3) continue;
      const std::string name(text_at(*pod, {"metadata", "name"}));
      const ObjectSeen* whole = co_await trail_.source.get(kinds::pods, ref_.ns, name);
      if (!whole->seen()) continue;
      Findings reasons;
      co_await explain_pod(trail_.behind(reasons), whole->value);
      trail_.findings.add_reasons(
          reasons, ref_,
          fmt::format("{} stands behind {}, and none there is ready", workload_of(*pod).text(), ref_.text()));
    }
  }

  void check_ports() {
    for (const auto& port : array_at(service_, {"spec", "ports"})) {
      const Target target(port);
      const std::int64_t number = integer_at(port, {"port"});
      std::size_t without = 0;
      const json::value* example = nullptr;
      for (const auto* pod : backing_) {
        bool any = false;
        if (target.served_by(*pod, &any) || !any) continue;
        ++without;
        example = pod;
      }
      if (without == 0 || without < backing_.size()) continue;
      const std::string declared = ports_of(*example), wanted = target.text();
      if (target.named()) {
        trail_.findings.symptom(fmt::format("{}: its port {} leads nowhere", ref_.text(), number));
        add("service_port", Certainty::proven,
            fmt::format("Port {} of {} goes to the port named \"{}\", which none of its pods has: they declare {}",
                        number, ref_.text(), wanted, declared.empty() ? "none" : declared),
            "Correct targetPort, or name the container's port");
      } else if (!another_is_served(port)) {
        // A program may listen on a port that its container does not declare.
        add("service_port", Certainty::suspicious,
            fmt::format("Port {} of {} goes to port {}, and its pods declare {}", number, ref_.text(), wanted,
                        declared),
            "Correct targetPort if the program does not listen there",
            {fmt::format("{} pods behind it, none declares port {}", backing_.size(), wanted)});
      }
    }
  }

  // Who knows its pods that well leaves a port undeclared, rather than naming a wrong one.
  bool another_is_served(const json::value& port) const {
    const auto& ports = array_at(service_, {"spec", "ports"});
    return std::any_of(ports.begin(), ports.end(), [&](const json::value& other) {
      return &other != &port && std::any_of(backing_.begin(), backing_.end(), [&](const auto* pod) {
        bool any = false;
        return Target(other).served_by(*pod, &any);
      });
    });
  }

  // Those whose pods do not serve what the Service sends to.
  std::vector<Ref> not_serving(const Owners& owners) const {
    const auto& ports = array_at(service_, {"spec", "ports"});
    std::set<std::string_view> names;  // of their first containers
    bool any_declares = false;
    for (const auto& [owner, pod] : owners) {
      if (const auto* container = first_container(*pod)) names.insert(text_at(*container, {"name"}));
      for (const auto& port : ports) {
        const Target target(port);
        bool any = false;
        any_declares = any_declares || (!target.named() && target.served_by(*pod, &any));
      }
    }
    // A pod that declares no port at all is foreign beside those that declare the one that is meant.
    const bool silent_ones_too = any_declares && names.size() > 1;
    std::vector<Ref> out;
    for (const auto& [owner, pod] : owners)
      if (std::any_of(ports.begin(), ports.end(), [&, pod = pod](const json::value& port) {
            bool any = false;
            return !Target(port).served_by(*pod, &any) && (any || silent_ones_too);
          }))
        out.push_back(owner);
    return out;
  }

  // Those that run another program than the one that the Service is named for; all of them, where it is named for none.
  std::vector<Ref> other_programs(const Owners& owners) const {
    std::set<std::string> images;
    for (const auto& [owner, pod] : owners)
      if (auto image = first_image(*pod); !image.empty()) images.insert(std::move(image));
    std::vector<Ref> out;
    if (images.size() < 2) return out;
    const auto mine =
        std::find_if(owners.begin(), owners.end(), [&](const auto& owner) { return owner.first.name == ref_.name; });
    for (const auto& [owner, pod] : owners)
      if (mine == owners.end() || first_image(*pod) != first_image(*mine->second)) out.push_back(owner);
    return out;
  }

  // Pods of others that carry the same labels take a part of the traffic.
  void foreign_pods(std::size_t ready) {
    Owners owners;
    for (const auto* pod : backing_) owners.emplace(workload_of(*pod), pod);
    if (owners.size() < 2) return;
    const auto missing = not_serving(owners);
    if (missing.size() == owners.size()) return;  // none serves the port: that is told already
    const bool harms = !missing.empty();
    const auto foreign = harms ? missing : other_programs(owners);
    if (foreign.empty()) return;
    std::string others;
    for (const auto& owner : foreign) others += (others.empty() ? "" : ", ") + owner.text();
    if (harms)
      trail_.findings.symptom(
          fmt::format("{} sends a part of its traffic to pods that do not serve its port", ref_.text()));
    const bool all = foreign.size() == owners.size();
    add("service_selects_foreign_pods", harms ? Certainty::proven : Certainty::suspicious,
        all ? fmt::format("The selector of {} fits pods of workloads that run different programs: {}", ref_.text(),
                          others)
            : fmt::format("The selector of {} also fits pods of {}, which {}", ref_.text(), others,
                          harms ? "do not serve its port" : "run another program"),
        "Make the selector narrower, so that it fits only the pods that are meant",
        {fmt::format("{} selects {}", ref_.text(), ops::map_selector_text(object_at(service_, {"spec", "selector"}))),
         fmt::format("{} pods of {} workloads stand behind it, {} ready", backing_.size(), owners.size(), ready),
         ports_told(owners)});
    if (harms) trail_.findings.add_affected("service_selects_foreign_pods", ref_, foreign);
  }

  // "it sends to port 8080; Deployment shop/web declares 8080, Deployment shop/worker declares none"
  std::string ports_told(const Owners& owners) const {
    std::string out = "it sends to";
    for (const auto& port : array_at(service_, {"spec", "ports"})) out += " port " + Target(port).text() + ",";
    for (const auto& [owner, pod] : owners) {
      const std::string declared = ports_of(*pod);
      out += fmt::format(" {} declares {},", owner.text(), declared.empty() ? "none" : declared);
    }
    out.pop_back();
    return out;
  }

  awaitable<void> no_address() {
    if (text_at(service_, {"spec", "type"}) != "LoadBalancer") co_return;
    if (!array_at(service_, {"status", "loadBalancer", "ingress"}).empty()) co_return;
    const auto created = ops::time_at(service_, {"metadata", "creationTimestamp"}).value_or(trail_.now());
    if (created + 120 > trail_.now()) co_return;
    const auto events = co_await events_about(trail_, ref_);
    std::vector<std::string> evidence;
    for (const auto& event : events)
      if (event.type == "Warning" && evidence.size() < 2) evidence.push_back(show(event, trail_.now()));
    trail_.findings.symptom(ref_.text() + " waits for an address of its load balancer");
    const Certainty certainty = evidence.empty() ? Certainty::inferred : Certainty::told;
    add("load_balancer_pending", certainty,
        fmt::format("{} has had no address for {}: {}", ref_.text(),
                    human_duration(std::chrono::seconds(trail_.now() - created)),
                    evidence.empty() ? "nothing in this cluster seems to make load balancers"
                                     : "its load balancer cannot be made"),
        "Look at the cloud's controller, or use another type of Service", evidence);
  }

  Trail trail_;
  const json::value& service_;
  Ref ref_;
  std::vector<const json::value*> backing_;
};

}  // namespace

awaitable<void> explain_service(Trail trail, const json::value& service) {
  if (!trail.enter(ref_of("Service", service))) co_return;
  ServiceCase one(std::move(trail), service);
  co_await one.run();
}

}  // namespace fairlead::diagnosis
