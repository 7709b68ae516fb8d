// What would go with an object that is deleted, because it is in it.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "kube/discovery.h"
#include "ops/change.h"
#include "ops/clip.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kAtOnce = 8, kNamed = 3;

// Made by controllers for other objects, without naming them as their owners; or no objects at all.
const std::set<std::string_view> kDerived{"events", "endpoints", "endpointslices", "leases", "pods.metrics.k8s.io"};

bool is_derived(const kube::ApiResource& resource) {
  return kDerived.contains(resource.plural) || resource.group == "metrics.k8s.io";
}

// What each namespace has from its beginning.
bool comes_by_itself(const kube::ApiResource& resource, const json::value& item) {
  const std::string_view name = text_at(item, {"metadata", "name"});
  if (!resource.group.empty()) return false;
  if (resource.plural == "serviceaccounts") return name == "default";
  if (resource.plural == "configmaps") return name == "kube-root-ca.crt";
  return resource.plural == "secrets" &&
         !text_at(item, {"metadata", "annotations", "kubernetes.io/service-account.name"}).empty();
}

// "ConfigMap prices", and how many more.
awaitable<Result<std::string>> objects_of(Call& call, kube::ApiResource resource, std::string ns,
                                          const std::vector<std::string>& own) {
  std::string target = kube::ResourcePath{resource.group, resource.version, resource.plural, ns, {}, {}}.text();
  kube::add_query(target, "limit", "200");
  auto list = co_await call.client.get(target, call.deadline);
  if (!list) co_return fail(std::move(list.error()));
  std::vector<std::string> names;
  for (const auto& item : array_at(*list, {"items"})) {
    if (!array_at(item, {"metadata", "ownerReferences"}).empty() || comes_by_itself(resource, item)) continue;
    if (std::find(own.begin(), own.end(), text_at(item, {"metadata", "uid"})) != own.end()) continue;
    names.emplace_back(escape_untrusted(text_at(item, {"metadata", "name"}), Newlines::escape));
  }
  co_return names.empty() ? std::string() : resource.kind + " " + some_of(names, kNamed);
}

}  // namespace

awaitable<std::vector<std::string>> contents_of(Call& call, const ObjectRef& object, const json::value& created,
                                                const json::value& now, std::vector<std::string> own) {
  std::vector<std::string> out;
  std::vector<kube::ApiResource> kinds;
  std::string ns;
  if (object.group.empty() && object.plural == "persistentvolumeclaims") {
    const std::string volume(text_at(now, {"spec", "volumeName"}));
    if (!volume.empty() && text_at(created, {"spec", "volumeName"}).empty())
      out.push_back("is bound to the volume " + volume + " by now, and what is on that may go with it");
  } else if (object.group.empty() && object.plural == "namespaces") {
    ns = object.name;
    auto late = co_await kube::discover_lately(call.client, call.deadline, true);
    if (!late) {
      out.push_back("may hold objects: what kinds there are is not known (" +
                    std::string(to_string(late.error().code)) + ")");
      co_return out;
    }
    std::set<std::string> seen;
    for (const auto& resource : late->discovery->resources) {
      const bool lists = std::find(resource.verbs.begin(), resource.verbs.end(), "list") != resource.verbs.end();
      if (resource.namespaced && lists && !is_derived(resource) &&
          seen.insert(resource.group + "/" + resource.plural).second)
        kinds.push_back(resource);
    }
  } else if (object.plural == "customresourcedefinitions") {
    for (const auto& version : array_at(now, {"spec", "versions"}))
      if (kinds.empty() && flag_at(version, {"served"}))
        kinds.push_back({std::string(text_at(now, {"spec", "group"})),
                         std::string(text_at(version, {"name"})),
                         std::string(text_at(now, {"spec", "names", "plural"})),
                         "",
                         std::string(text_at(now, {"spec", "names", "kind"})),
                         false,
                         {},
                         {}});
  }
  std::function<awaitable<Result<std::string>>(std::size_t)> start = [&](std::size_t i) {
    return objects_of(call, kinds[i], ns, own);
  };
  auto found = co_await net::gather_bounded<std::string>(kinds.size(), kAtOnce, start);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] && !found[i]->empty())
      out.push_back("holds " + *found[i] + " by now, which would go with it");
    else if (!found[i] && found[i].error().code != ErrorCode::not_found)
      out.push_back("may hold objects of kind " + kinds[i].kind + ", which cannot be looked at (" +
                    std::string(to_string(found[i].error().code)) + ")");
  }
  co_return out;
}

}  // namespace fairlead::ops
