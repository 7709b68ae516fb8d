#include "diagnosis/api_source.h"

#include <algorithm>
#include <utility>

#include "diagnosis/lookup.h"
#include "net/task.h"
#include "ops/log_tail.h"
#include "ops/read.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kLogLines = 200;
constexpr std::size_t kLogBytes = 256 << 10;
constexpr std::size_t kSweptAtOnce = 8, kMostPages = 40;

// About what it takes in memory.
std::size_t weight(const json::value& value) {
  std::size_t out = sizeof(json::value);
  if (value.is_string()) out += value.get_string().size();
  if (value.is_array())
    for (const auto& item : value.get_array()) out += weight(item);
  if (value.is_object())
    for (const auto& member : value.get_object()) out += sizeof(void*) + member.key().size() + weight(member.value());
  return out;
}

std::string_view namespace_of(const json::value& object) { return text_at(object, {"metadata", "namespace"}); }

bool by_namespace(const json::value& a, const json::value& b) { return namespace_of(a) < namespace_of(b); }

// Measurements are made anew each time: nothing of them is ever deleted.
bool is_metrics(std::string_view group_version) {
  const std::string_view group = group_version.substr(0, group_version.find('/'));
  return group == "metrics.k8s.io" || group.ends_with(".metrics.k8s.io");
}

// Whether objects of that kind are looked at for being deleted. Of some a cluster has many, and nothing holds them.
bool is_swept(const kube::ApiResource& resource, const std::string& ns) {
  constexpr std::string_view never[]{"Pod", "Event", "Endpoints", "EndpointSlice"};
  constexpr std::string_view many[]{"ReplicaSet", "ControllerRevision", "Lease", "RoleBinding", "Role"};
  const auto is_one = [&](const auto& kinds) {
    return std::find(std::begin(kinds), std::end(kinds), resource.kind) != std::end(kinds);
  };
  const auto& verbs = resource.verbs;
  return (resource.namespaced || ns.empty()) && std::find(verbs.begin(), verbs.end(), "list") != verbs.end() &&
         !is_metrics(resource.group) && !is_one(never) && !(ns.empty() && is_one(many));
}

}  // namespace

template <class T>
awaitable<const T*> ApiSource::once(Slots<T>& slots, std::string key, std::function<awaitable<void>(T&)> read) {
  auto found = slots.find(key);
  if (found != slots.end()) {
    Slot<T>* slot = found->second.get();
    co_await slot->done.wait(call_.deadline);
    co_return &slot->value;
  }
  auto fresh = std::make_unique<Slot<T>>(co_await net::current_executor());
  Slot<T>* slot = fresh.get();
  slots.emplace(std::move(key), std::move(fresh));
  co_await read(slot->value);
  slot->done.set();
  co_return &slot->value;
}

Sight ApiSource::sight_of(const Error& error, std::string what, std::string ns, std::optional<ErrorCode>* why) {
  if (error.code == ErrorCode::not_found) return Sight::absent;
  if (why) *why = error.code;
  unreadable_.insert({std::move(what), std::move(ns), error.code});
  return Sight::unreadable;
}

awaitable<const ListSeen*> ApiSource::list(const Kind& kind, std::string ns) {
  const std::string scope = kind.namespaced ? ns : "";
  const std::string key = std::string(kind.plural) + "." + std::string(kind.group) + "/";
  // What has been read of all namespaces need not be read of one.
  if (auto whole = lists_.find(key); !scope.empty() && whole != lists_.end() && !lists_.contains(key + scope)) {
    const Slot<ListRead>* slot = whole->second.get();
    co_await whole->second->done.wait(call_.deadline);
    if (slot->value.seen()) {
      std::function<awaitable<void>(ListRead&)> choose = [slot, scope](ListRead& out) -> awaitable<void> {
        const json::value wanted{{"metadata", {{"namespace", scope}}}};
        const auto [begin, end] =
            std::equal_range(slot->value.store.begin(), slot->value.store.end(), wanted, by_namespace);
        out.sight = Sight::seen;
        out.items = {begin, end};
        co_return;
      };
      co_return co_await once(lists_, key + scope, choose);
    }
  }
  std::function<awaitable<void>(ListRead&)> read = [this, &kind, scope](ListRead& out) {
    return read_list(kind, scope, out);
  };
  co_return co_await once(lists_, key + scope, read);
}

awaitable<void> ApiSource::read_list(const Kind& kind, std::string ns, ListRead& out) {
  std::size_t bytes = 0;
  bool too_much = false;
  const auto restart = [&] {
    bytes_ -= bytes;
    bytes = 0;
    out.store.clear();
    out.memory = json::make_shared_resource<json::monotonic_resource>();
  };
  restart();
  const auto keep = [&](const json::value& item) {
    const std::size_t more = weight(item);
    too_much = too_much || bytes_ + more > most_bytes_;
    if (too_much) return;
    bytes += more;
    bytes_ += more;
    out.store.emplace_back(item, out.memory);
  };
  const auto read = co_await read_items(kind, ns, restart, keep);
  if (read && !too_much) {
    std::stable_sort(out.store.begin(), out.store.end(), by_namespace);
    out.items = out.store;
    out.sight = Sight::seen;
    co_return;
  }
  restart();
  out.store.shrink_to_fit();
  if (read)
    unreadable_.insert({std::string(kind.plural), ns});
  else
    out.sight = sight_of(read.error(), std::string(kind.plural), ns, &out.why);
}

awaitable<Result<void>> ApiSource::read_items(const Kind& kind, std::string ns, std::function<void()> restart,
                                              std::function<void(const json::value&)> each) {
  if (kind.message) {
    auto read = co_await ops::read_kind(call_, kind, ns, "", "", std::move(restart), std::move(each));
    if (!read) co_return fail(std::move(read.error()));
    co_return Result<void>();
  }
  for (const auto version : kind.versions) {
    std::string target = kube::ResourcePath{kind.group, version, kind.plural, ns, {}, {}}.text();
    auto read = co_await call_.client.get(std::move(target), call_.deadline);
    if (!read && read.error().code == ErrorCode::not_found) continue;
    if (!read) co_return fail(std::move(read.error()));
    for (const auto& item : array_at(*read, {"items"})) each(item);
    co_return Result<void>();
  }
  co_return fail(ErrorCode::not_found, "", "the cluster does not have the kind " + std::string(kind.name));
}

awaitable<const ObjectSeen*> ApiSource::get(const Kind& kind, std::string ns, std::string name) {
  const std::string scope = kind.namespaced ? ns : "";
  std::function<awaitable<void>(ObjectSeen&)> read = [this, &kind, scope, name](ObjectSeen& out) {
    return read_one(kind, scope, name, out);
  };
  const std::string key = std::string(kind.plural) + "." + std::string(kind.group) + "/" + scope + "/" + name;
  co_return co_await once(objects_, key, read);
}

awaitable<void> ApiSource::read_one(const Kind& kind, std::string ns, std::string name, ObjectSeen& out) {
  // Names come from the cluster's objects: one that is none leads nowhere.
  if (ops::why_not_path_segment(name)) {
    out.sight = Sight::absent;
    co_return;
  }
  auto read = co_await ops::read_one(call_, kind, ns, name);
  out.sight = Sight::seen;
  if (read)
    out.value = std::move(*read);
  else
    out.sight = sight_of(read.error(), std::string(kind.plural), ns, &out.why);
}

awaitable<const LogSeen*> ApiSource::log(std::string ns, std::string pod, std::string container, bool previous) {
  std::string target = kube::ResourcePath{"", "v1", "pods", ns, pod, "log"}.text();
  kube::add_query(target, "container", container);
  if (previous) kube::add_query(target, "previous", "true");
  std::function<awaitable<void>(LogSeen&)> read = [this, target](LogSeen& out) { return read_log(target, out); };
  co_return co_await once(logs_, target, read);
}

awaitable<void> ApiSource::read_log(std::string target, LogSeen& out) {
  ops::LogQuery query;
  query.target = std::move(target);
  query.lines = kLogLines;
  query.most_bytes = kLogBytes;
  auto read = co_await ops::read_log_tail(call_, std::move(query));
  if (read) {
    // A kubelet answers so, as if it were a log, when the container's files are gone.
    const bool gone = read->text.starts_with("unable to retrieve container logs for ");
    out.sight = gone ? Sight::absent : Sight::seen;
    if (!gone) out.text = std::move(read->text);
    co_return;
  }
  // A container that has not run has no log, which servers answer with 400.
  const bool none = read.error().code == ErrorCode::invalid_request;
  out.sight = none ? Sight::absent : sight_of(read.error(), "logs of pods", "");
}

awaitable<const TerminatingSeen*> ApiSource::terminating(std::string ns) {
  std::function<awaitable<void>(TerminatingSeen&)> read = [this, ns](TerminatingSeen& out) {
    return read_terminating(ns, out);
  };
  co_return co_await once(terminating_, ns, read);
}

awaitable<void> ApiSource::read_terminating(std::string ns, TerminatingSeen& out) {
  auto lately = co_await kube::discover_lately(call_.client, call_.deadline, false);
  if (!lately) {
    sight_of(lately.error(), "discovery", "");
    co_return;
  }
  const auto discovery = lately->discovery;
  out.sight = Sight::seen;
  for (const auto& line : discovery->unavailable) {
    const std::string group = line.substr(0, line.find(':'));
    if (is_metrics(group)) continue;
    out.gaps.push_back(group);
    unreadable_.insert({"the API " + group, "", ErrorCode::server_error});
  }
  std::set<std::pair<std::string, std::string>> known;  // of a kind's versions the first is enough
  std::vector<kube::ApiResource> resources;
  for (const auto& resource : discovery->resources)
    if (is_swept(resource, ns) && known.emplace(resource.group, resource.plural).second) resources.push_back(resource);
  std::function<awaitable<Result<Swept>>(std::size_t)> start = [&](std::size_t i) { return sweep(resources[i], ns); };
  auto all = co_await net::gather_bounded<Swept>(resources.size(), kSweptAtOnce, start);
  std::vector<std::string> refused;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = ops::resource_text(resources[i].group, resources[i].plural);
    if (all[i]) std::move(all[i]->items.begin(), all[i]->items.end(), std::back_inserter(out.items));
    if (all[i] && !all[i]->cut) continue;
    if (all[i]) {
      unreadable_.insert({name, ns});
    } else if (all[i].error().code == ErrorCode::permission_denied) {
      refused.push_back(name);
    } else if (sight_of(all[i].error(), name, ns) == Sight::absent) {
      continue;
    }
    out.gaps.push_back(name);
  }
  if (!refused.empty())
    unreadable_.insert({"what is being deleted of " + listed(refused), ns, ErrorCode::permission_denied});
}

awaitable<Result<ApiSource::Swept>> ApiSource::sweep(kube::ApiResource resource, std::string ns) {
  const std::string accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
  Swept out;
  std::string token;
  for (std::size_t page = 0; page < kMostPages; ++page) {
    std::string target = kube::ResourcePath{resource.group, resource.version, resource.plural, ns, {}, {}}.text();
    kube::add_query(target, "limit", "500");
    kube::add_query(target, "continue", token);
    auto read = co_await call_.client.get(std::move(target), call_.deadline, accept);
    if (!read) co_return fail(std::move(read.error()));
    for (const auto& item : array_at(*read, {"items"}))
      if (!text_at(item, {"metadata", "deletionTimestamp"}).empty())
        out.items.push_back({resource.group_version(), resource.kind, resource.plural, item});
    token = text_at(*read, {"metadata", "continue"});
    if (token.empty()) co_return out;
  }
  out.cut = true;
  co_return out;
}

awaitable<std::optional<bool>> ApiSource::may(std::string account_ns, std::string account, ops::Right right,
                                              std::string ns) {
  json::object attributes{{"verb", right.verb}, {"group", right.group}, {"resource", right.resource}};
  if (!right.subresource.empty()) attributes["subresource"] = right.subresource;
  if (!right.name.empty()) attributes["name"] = right.name;
  if (!ns.empty()) attributes["namespace"] = ns;
  json::array groups{"system:serviceaccounts", "system:serviceaccounts:" + account_ns, "system:authenticated"};
  json::object spec{{"user", "system:serviceaccount:" + account_ns + ":" + account},
                    {"groups", std::move(groups)},
                    {"resourceAttributes", std::move(attributes)}};
  std::string body = compact(json::object{
      {"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", std::move(spec)}});
  std::function<awaitable<void>(std::optional<bool>&)> ask = [this, body](std::optional<bool>& out) -> awaitable<void> {
    auto answer = co_await call_.client.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "", body,
                                             call_.deadline);
    if (answer) out = flag_at(*answer, {"status", "allowed"});
  };
  const std::optional<bool>* answer = co_await once(rights_, body, ask);
  co_return *answer;
}

}  // namespace fairlead::diagnosis
