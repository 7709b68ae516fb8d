#include "sandbox/api_warnings.h"

#include <map>
#include <set>

#include "sandbox/protobuf_wire.h"
#include "sandbox/quantity.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr View old_labels[][3] = {
    {"beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"},
    {"beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"},
    {"failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"},
    {"failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"},
    {"beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"},
};

std::string quoted(View text) { return compact(json::value(json::string(text))); }

std::string numbered(const std::string& list, std::size_t index) { return list + "[" + std::to_string(index) + "]"; }

class PodWarnings {
 public:
  explicit PodWarnings(std::string spec) : spec_(std::move(spec)) {}

  std::vector<std::string> of(const json::value& spec) {
    for (const auto& wanted : object_at(spec, {"nodeSelector"})) {
      for (const auto& [key, since, now] : old_labels) {
        if (wanted.key() == key) {
          say(spec_ + ".nodeSelector[" + std::string(key) + "]: deprecated since " + std::string(since) + "; use " +
              quoted(now) + " instead");
        }
      }
    }
    if (integer_at(spec, {"terminationGracePeriodSeconds"}) < 0) {
      say(spec_ + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1");
    }
    std::size_t index = 0;
    for (const json::value& secret : array_at(spec, {"imagePullSecrets"})) {
      if (text_at(secret, {"name"}).empty())
        say(numbered(spec_ + ".imagePullSecrets", index) + ".name: invalid empty name \"\"");
      ++index;
    }
    for (View list : {"initContainers", "containers"}) {
      index = 0;
      for (const json::value& container : array_at(spec, {list}))
        look_at(container, numbered(spec_ + "." + std::string(list), index++));
    }
    return std::move(out_);
  }

 private:
  void say(std::string text) { out_.push_back(std::move(text)); }

  void look_at(const json::value& container, const std::string& place) {
    for (View list : {"limits", "requests"}) {
      for (View resource : {"memory", "ephemeral-storage"}) {
        auto amount = Quantity::parse(text_at(container, {"resources", list, resource}));
        if (!amount || amount->whole()) continue;
        say(place + ".resources." + std::string(list) + "[" + std::string(resource) + "]: fractional byte value " +
            quoted(amount->text()) + " is invalid, must be an integer");
      }
    }
    std::set<View> variables;
    std::size_t index = 0;
    for (const json::value& variable : array_at(container, {"env"})) {
      View name = text_at(variable, {"name"});
      if (!variables.insert(name).second) {
        say(numbered(place + ".env", index) + ": hides previous definition of " + quoted(name) +
            ", which may be dropped when using apply");
      }
      ++index;
    }
    std::map<std::string, std::string> ports;
    index = 0;
    for (const json::value& port : array_at(container, {"ports"})) {
      std::string here = numbered(place + ".ports", index++);
      std::string what = std::to_string(integer_at(port, {"containerPort"})) + "/" +
                         std::string(text_at(port, {"protocol"})) + "/" +
                         std::to_string(integer_at(port, {"hostPort"})) + "/" + std::string(text_at(port, {"hostIP"}));
      if (auto [first, fresh] = ports.emplace(what, here); !fresh)
        say(here + ": duplicate port definition with " + first->second);
      std::string name(text_at(port, {"name"}));
      if (name.empty()) continue;
      auto [first, fresh] = names_.emplace(name, here);
      if (fresh || first->second.starts_with(place + ".")) continue;
      say(here + ".name: duplicate port name " + quoted(name) + " with " + first->second +
          ".name, services and probes that select ports by name will use " + first->second + ".name");
    }
  }

  std::string spec_;
  std::map<std::string, std::string> names_;  // of ports, and where they came first
  std::vector<std::string> out_;
};

std::uint64_t generation_of(const Object& object) {
  wire::Reader metadata(wire::at(object.body, {1}).value_or(""));
  while (auto value = metadata.next()) {
    if (value->field == 7) return value->integer;
  }
  return 0;
}

}  // namespace

std::string deprecation(const Resource& resource) {
  if (!resource.is_builtin("Endpoints")) return {};
  return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
}

std::vector<std::string> write_warnings(const Objects& objects, const Object* before, const Object& after) {
  const Resource& resource = *after.resource;
  if (resource.custom) return {};
  View kind = resource.kind;
  bool pod = kind == "Pod";
  bool templated = kind == "Deployment" || kind == "ReplicaSet" || kind == "StatefulSet" || kind == "DaemonSet" ||
                   kind == "Job" || kind == "ReplicationController";
  if (!pod && !templated && kind != "CronJob") return {};
  if (before && (pod || generation_of(*before) == generation_of(after))) return {};
  json::value value = objects.load_brief(after);
  const json::value* spec = pod         ? find(value, "spec")
                            : templated ? find(value, "spec", "template", "spec")
                                        : find(value, "spec", "jobTemplate", "spec", "template", "spec");
  if (!spec) return {};
  return PodWarnings(pod ? "spec" : templated ? "spec.template.spec" : "spec.jobTemplate.spec.template.spec").of(*spec);
}

}  // namespace fairlead::sandbox
