// What a pod names and needs: ConfigMaps, Secrets, claims.
#include <fmt/format.h>

#include <algorithm>

#include "base/similar.h"
#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

struct Reference {
  std::string kind, name, key;  // key empty: the whole object
  std::string used_by;          // "environment variable X of container app", "volume config"
};

void add_items(std::vector<Reference>& out, const json::value& source, std::string_view kind, std::string_view name_key,
               const std::string& used_by) {
  if (flag_at(source, {"optional"})) return;
  const std::string name(text_at(source, {name_key}));
  if (name.empty()) return;
  out.push_back({std::string(kind), name, "", used_by});
  for (const auto& item : array_at(source, {"items"}))
    out.push_back({std::string(kind), name, std::string(text_at(item, {"key"})), used_by});
}

std::vector<Reference> references_of(const json::value& pod) {
  std::vector<Reference> out;
  for (auto list : {"initContainers", "containers"}) {
    for (const auto& container : array_at(pod, {"spec", list})) {
      const std::string who = "container " + std::string(text_at(container, {"name"}));
      for (const auto& variable : array_at(container, {"env"}))
        for (auto [member, kind] : {std::pair{"configMapKeyRef", "ConfigMap"}, std::pair{"secretKeyRef", "Secret"}})
          if (const auto* source = find(variable, "valueFrom", member); source && !flag_at(*source, {"optional"}))
            out.push_back({kind, std::string(text_at(*source, {"name"})), std::string(text_at(*source, {"key"})),
                           fmt::format("environment variable {} of {}", text_at(variable, {"name"}), who)});
      for (const auto& source : array_at(container, {"envFrom"}))
        for (auto [member, kind] : {std::pair{"configMapRef", "ConfigMap"}, std::pair{"secretRef", "Secret"}})
          if (const auto* reference = find(source, member))
            add_items(out, *reference, kind, "name", "envFrom of " + who);
    }
  }
  for (const auto& volume : array_at(pod, {"spec", "volumes"})) {
    const std::string used_by = "volume " + std::string(text_at(volume, {"name"}));
    if (const auto* source = find(volume, "configMap")) add_items(out, *source, "ConfigMap", "name", used_by);
    if (const auto* source = find(volume, "secret")) add_items(out, *source, "Secret", "secretName", used_by);
    for (const auto& source : array_at(volume, {"projected", "sources"})) {
      if (const auto* one = find(source, "configMap")) add_items(out, *one, "ConfigMap", "name", used_by);
      if (const auto* one = find(source, "secret")) add_items(out, *one, "Secret", "name", used_by);
    }
    if (const auto* claim = find(volume, "persistentVolumeClaim"))
      out.push_back({"PersistentVolumeClaim", std::string(text_at(*claim, {"claimName"})), "", used_by});
    if (find(volume, "ephemeral"))
      out.push_back({"PersistentVolumeClaim",
                     fmt::format("{}-{}", text_at(pod, {"metadata", "name"}), text_at(volume, {"name"})), "", used_by});
  }
  return out;
}

std::string code_for(std::string_view kind) {
  return kind == "ConfigMap" ? "config_map_absent" : kind == "Secret" ? "secret_absent" : "claim_absent";
}

// "Did you mean …?" from those that are there.
awaitable<std::string> nearest(Trail trail, std::string kind, std::string ns, std::string name) {
  const auto names = co_await names_there(trail, kind, ns);
  const auto near = similar_names(name, names);
  std::string hint;
  if (!near.empty()) hint = "; there is " + near[0];
  co_return hint;
}

std::string nearest_key(const json::value& object, const std::string& key) {
  std::vector<std::string> keys;
  for (auto member : {"data", "binaryData"})
    for (const auto& pair : object_at(object, {member})) keys.emplace_back(pair.key());
  const auto near = similar_names(key, keys);
  if (!near.empty()) return "; it has " + near[0];
  std::string all;
  for (std::size_t i = 0; i < std::min<std::size_t>(keys.size(), 8); ++i) all += (all.empty() ? "" : ", ") + keys[i];
  return keys.empty() ? "; it has none" : "; it has " + all;
}

}  // namespace

awaitable<void> explain_references(Trail trail, const json::value& pod) {
  const Ref ref = ref_of("Pod", pod);
  for (const auto& reference : references_of(pod)) {
    const Kind& kind = kinds::of(reference.kind);
    const ObjectSeen* object = co_await trail.source.get(kind, ref.ns, reference.name);
    const Ref target{reference.kind, ref.ns, reference.name};
    if (object->absent()) {
      const std::string hint = co_await nearest(trail, reference.kind, ref.ns, reference.name);
      trail.findings.add({.code = code_for(reference.kind),
                          .certainty = Certainty::proven,
                          .sentence = fmt::format("The {} {} does not exist in namespace {}{}", reference.kind,
                                                  reference.name, ref.ns, hint),
                          .at = target,
                          .evidence = {fmt::format("{} names it: {}", workload_of(pod).text(), reference.used_by)},
                          .next = fmt::format("Create it, or correct the name in {}", workload_of(pod).text()),
                          .affects = {ref}});
      continue;
    }
    if (!object->seen()) continue;
    if (reference.kind == "PersistentVolumeClaim") {
      if (text_at(object->value, {"status", "phase"}) == "Bound") continue;
      Findings reasons;
      co_await explain_claim(trail.behind(reasons), object->value);
      trail.findings.add_reasons(reasons, ref, fmt::format("{} uses the claim as {}", ref.text(), reference.used_by));
      continue;
    }
    if (reference.key.empty()) continue;
    if (find(object->value, "data", reference.key) || find(object->value, "binaryData", reference.key)) continue;
    trail.findings.add(
        {.code = "key_absent",
         .certainty = Certainty::proven,
         .sentence = fmt::format("The {} {} in namespace {} has no key {}{}", reference.kind, reference.name, ref.ns,
                                 reference.key, nearest_key(object->value, reference.key)),
         .at = target,
         .evidence = {fmt::format("{} names it: {}", workload_of(pod).text(), reference.used_by)},
         .next = fmt::format("Add the key, or correct it in {}", workload_of(pod).text()),
         .affects = {ref}});
  }
}

}  // namespace fairlead::diagnosis
