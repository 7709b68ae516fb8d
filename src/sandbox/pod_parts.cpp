#include "sandbox/pod_parts.h"

#include <algorithm>
#include <set>

#include "sandbox/admission.h"
#include "sandbox/json_edit.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr View additions = "ephemeralcontainers";

void replace(json::object& into, View member, const json::value* value) {
  if (value) {
    into[member] = *value;
  } else {
    into.erase(member);
  }
}

const json::value* named(const json::array& list, View name) {
  for (const json::value& one : list) {
    if (text_at(one, {"name"}) == name) return &one;
  }
  return nullptr;
}

void check_new(const Place& spec, const Place& before, Findings& out) {
  Place added = spec["ephemeralContainers"];
  std::set<View> names, targets;
  for (View list : {"containers", "initContainers"}) {
    for (const Place& container : spec[list].items()) names.insert(container["name"].text());
  }
  targets = names;
  for (const Place& container : added.items()) {
    Place name = container["name"];
    if (name.text().empty()) {
      out.required(name);
    } else {
      out.label(name);
      if (!names.insert(name.text()).second) out.duplicate(name);
    }
    if (container["image"].text().empty()) out.required(container["image"]);
    if (Place target = container["targetContainerName"]; !target.text().empty() && !targets.contains(target.text()))
      out.not_found(target);
    for (View member : {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) {
      if (container[member].given()) out.forbidden(container[member], "cannot be set for an Ephemeral Container");
    }
    if (!object_at(container["resources"].value(), {}).empty())
      out.forbidden(container["resources"], "cannot be set for an Ephemeral Container");
  }
  for (const Place& old : before["ephemeralContainers"].items()) {
    std::string name(old["name"].text());
    const json::value* now = named(array_at(added.value(), {}), name);
    if (!now) {
      out.forbidden(added, "existing ephemeral containers \"" + name + "\" may not be removed");
    } else if (*now != old.value()) {
      out.forbidden(added, "existing ephemeral containers \"" + name + "\" may not be changed");
    }
  }
}

// Everything but how much of CPU and memory they want.
json::value without_amounts(const json::value& container) {
  json::value out = container;
  for (View list : {"requests", "limits"}) {
    if (!find(out, "resources", list)) continue;
    json::object& amounts = object_in(out, {"resources", list});
    amounts.erase("cpu");
    amounts.erase("memory");
    if (amounts.empty()) object_in(out, {"resources"}).erase(list);
  }
  return out;
}

}  // namespace

bool is_pod_part(std::string_view subresource) { return subresource == additions || subresource == "resize"; }

json::value with_part(std::string_view subresource, const json::value& pod, const json::value& from) {
  json::value out = pod;
  json::object& spec = object_in(out, {"spec"});
  if (subresource == additions) {
    replace(spec, "ephemeralContainers", find(from, "spec", "ephemeralContainers"));
    if (!find(out, "spec", "ephemeralContainers")) return out;
    // Those that are there stay where they are, whatever the order of a patch.
    const json::array& old = array_at(pod, {"spec", "ephemeralContainers"});
    auto place = [&](const json::value& one) {
      const json::value* found = named(old, text_at(one, {"name"}));
      return found ? found - old.data() : std::ptrdiff_t(old.size());
    };
    json::array& all = array_in(spec, "ephemeralContainers");
    std::vector<json::value> sorted(all.begin(), all.end());
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
    all = json::array(sorted.begin(), sorted.end());
    return out;
  }
  for (View list : {"containers", "initContainers"}) {
    if (!find(pod, "spec", list)) continue;
    for (json::value& container : array_in(spec, list)) {
      const json::value* wanted = named(array_at(from, {"spec", list}), text_at(container, {"name"}));
      if (!wanted || !container.is_object()) continue;
      for (View member : {"resources", "resizePolicy"}) replace(container.get_object(), member, find(*wanted, member));
    }
  }
  return out;
}

std::vector<Cause> check_part(std::string_view subresource, const json::value& pod, const json::value& before) {
  Findings out;
  Place spec(find(pod, "spec"), "spec"), old(find(before, "spec"), "spec");
  if (subresource == additions) {
    check_new(spec, old, out);
    return out.take();
  }
  for (View list : {"containers", "initContainers"}) {
    for (const Place& container : spec[list].items()) {
      const json::value* was = named(array_at(old[list].value(), {}), container["name"].text());
      if (was && without_amounts(*was) != without_amounts(container.value()))
        out.forbidden(spec, "only cpu and memory resources are mutable");
    }
  }
  if (View now = quality_of_service(pod); now != quality_of_service(before))
    out.invalid(spec, json::string(now), "Pod QOS Class may not change as a result of resizing");
  return out.take();
}

}  // namespace fairlead::sandbox
