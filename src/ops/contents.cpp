#include "ops/contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "kube/discovery.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kMost = 5'000;  // objects of a kind that are looked at

// Made by controllers for other objects, without naming them as their owners; or no objects at all.
bool is_derived(const kube::ApiResource& resource) {
  return resource.group == "metrics.k8s.io" || (resource.group == "events.k8s.io" && resource.plural == "events") ||
         (resource.group.empty() && (resource.plural == "events" || resource.plural == "endpoints")) ||
         (resource.group == "discovery.k8s.io" && resource.plural == "endpointslices");
}

// What each namespace has from its beginning.
bool comes_by_itself(const kube::ApiResource& resource, const json::value& item) {
  const std::string_view name = text_at(item, {"metadata", "name"});
  if (!resource.group.empty()) return false;
  if (resource.plural == "serviceaccounts") return name == "default";
  if (resource.plural == "configmaps") return name == "kube-root-ca.crt";
  return resource.plural == "secrets" && text_at(item, {"type"}) == "kubernetes.io/service-account-token" &&
         text_at(item, {"metadata", "annotations", "kubernetes.io/service-account.name"}) == "default";
}

struct Found {
  std::string kind, uid;
  std::vector<std::string> owners;
};
struct Kept {
  std::vector<Found> objects;
  bool more = false;  // than were looked at
};

awaitable<Result<Kept>> objects_of(Call& call, kube::ApiResource resource, std::string ns) {
  Kept out;
  std::string next;
  do {
    std::string target = kube::ResourcePath{resource.group, resource.version, resource.plural, ns, {}, {}}.text();
    kube::add_query(target, "limit", "500");
    kube::add_query(target, "continue", next);
    auto list = co_await call.client.get(target, call.deadline);
    if (!list) co_return fail(std::move(list.error()));
    for (const auto& item : array_at(*list, {"items"})) {
      if (comes_by_itself(resource, item)) continue;
      Found one{resource.kind, std::string(text_at(item, {"metadata", "uid"})), {}};
      for (const auto& owner : array_at(item, {"metadata", "ownerReferences"}))
        one.owners.emplace_back(text_at(owner, {"uid"}));
      out.objects.push_back(std::move(one));
    }
    next = text_at(*list, {"metadata", "continue"});
    out.more = !next.empty() && out.objects.size() >= kMost;
  } while (!next.empty() && !out.more);
  co_return out;
}

// No line tells more of them than how many there are: who takes the change back may not read them.
void add_foreign(Contents& to, const std::vector<Kept>& kept, const std::vector<std::string>& own) {
  std::set<std::string> known(own.begin(), own.end());  // what goes with these is told by them
  for (const auto& kind : kept)
    for (const auto& object : kind.objects) known.insert(object.uid);
  std::map<std::string, std::size_t> count;
  for (const auto& kind : kept) {
    for (const auto& object : kind.objects) {
      const bool is_own = std::find(own.begin(), own.end(), object.uid) != own.end();
      const bool goes_with_another = std::any_of(object.owners.begin(), object.owners.end(),
                                                 [&](const std::string& owner) { return known.contains(owner); });
      if (is_own || goes_with_another) continue;
      ++count[object.kind];
      to.uids.push_back(object.uid);
    }
  }
  for (const auto& [kind, number] : count)
    to.lines.push_back(fmt::format("holds {} of kind {} by now, which would go with it", number, kind));
}

}  // namespace

awaitable<Contents> contents_of(Call& call, const ObjectRef& object, const json::value& created, const json::value& now,
                                std::vector<std::string> own) {
  Contents out;
  std::vector<kube::ApiResource> kinds;
  std::string ns;
  if (object.group.empty() && object.plural == "persistentvolumeclaims") {
    const std::string volume(text_at(now, {"spec", "volumeName"}));
    if (!volume.empty() && text_at(created, {"spec", "volumeName"}).empty())
      out.lines.push_back("is bound to the volume " + volume + " by now, and what is on that may go with it");
  } else if (object.group.empty() && object.plural == "persistentvolumes") {
    if (find(now, "spec", "claimRef") && !find(created, "spec", "claimRef"))
      out.lines.emplace_back("is bound to a claim by now, and what is on it may go with it");
  } else if (object.group.empty() && object.plural == "namespaces") {
    ns = object.name;
    auto late = co_await kube::discover_lately(call.client, call.deadline, true);
    if (!late) {
      out.unknown.push_back("may hold objects: what kinds there are is not known (" +
                            std::string(to_string(late.error().code)) + ")");
      co_return out;
    }
    for (std::string_view away : late->discovery->unavailable) {
      away = away.substr(0, away.find(':'));
      if (!away.substr(0, away.find('/')).ends_with("metrics.k8s.io"))
        out.unknown.push_back("may hold objects of " + std::string(away) + ", whose server does not answer");
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
  std::function<awaitable<Result<Kept>>(std::size_t)> start = [&](std::size_t i) {
    return objects_of(call, kinds[i], ns);
  };
  auto found = co_await net::gather_bounded<Kept>(kinds.size(), kAtOnce, start);
  std::vector<Kept> kept;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) {
      if (found[i]->more) out.unknown.push_back("holds more objects of kind " + kinds[i].kind + " than are looked at");
      kept.push_back(std::move(*found[i]));
    } else if (found[i].error().code != ErrorCode::not_found) {
      out.unknown.push_back("may hold objects of kind " + kinds[i].kind + ", which cannot be looked at (" +
                            std::string(to_string(found[i].error().code)) + ")");
    }
  }
  add_foreign(out, kept, own);
  co_return out;
}

}  // namespace fairlead::ops
