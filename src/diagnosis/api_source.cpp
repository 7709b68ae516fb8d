#include "diagnosis/api_source.h"

#include <algorithm>
#include <utility>

#include "kube/discovery.h"
#include "ops/read.h"
#include "redact/redact.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kLogLines = 200;
constexpr std::size_t kLogBytes = 256 << 10;

std::string where(const std::string& ns) { return ns.empty() ? "" : " of " + ns; }

// The end of a log.
class LogSink final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead&) override {
    text.clear();
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    text.append(bytes);
    if (text.size() > 2 * kLogBytes) text.erase(0, text.size() - kLogBytes);
    return net::Flow::more;
  }
  std::string text;
};

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

Sight ApiSource::sight_of(const Error& error, const std::string& what, std::string& why) {
  if (error.code == ErrorCode::not_found) return Sight::absent;
  why = std::string(to_string(error.code));
  unreadable_.insert(what + " (" + why + ")");
  return Sight::unreadable;
}

awaitable<const ListSeen*> ApiSource::list(const Kind& kind, std::string ns) {
  const std::string scope = kind.namespaced ? ns : "";
  const std::string key = std::string(kind.plural) + "." + std::string(kind.group) + "/";
  // What has been read of all namespaces need not be read of one.
  if (auto whole = lists_.find(key); !scope.empty() && whole != lists_.end() && !lists_.contains(key + scope)) {
    const Slot<ListSeen>* slot = whole->second.get();
    co_await whole->second->done.wait(call_.deadline);
    if (slot->value.seen()) {
      std::function<awaitable<void>(ListSeen&)> choose = [slot, scope](ListSeen& out) -> awaitable<void> {
        out.sight = Sight::seen;
        for (const auto& item : slot->value.items)
          if (text_at(item, {"metadata", "namespace"}) == scope) out.items.push_back(item);
        co_return;
      };
      co_return co_await once(lists_, key + scope, choose);
    }
  }
  std::function<awaitable<void>(ListSeen&)> read = [this, &kind, scope](ListSeen& out) {
    return read_list(kind, scope, out);
  };
  co_return co_await once(lists_, key + scope, read);
}

awaitable<void> ApiSource::read_list(const Kind& kind, std::string ns, ListSeen& out) {
  const std::string what = std::string(kind.plural) + where(ns);
  if (kind.message) {
    auto read = co_await ops::read_kind(
        call_, kind, ns, "", "", [&out] { out.items.clear(); },
        [&out](const json::value& item) { out.items.emplace_back(item, json::storage_ptr()); });
    out.sight = Sight::seen;
    if (!read) out.sight = sight_of(read.error(), what, out.why);
    co_return;
  }
  for (const auto version : kind.versions) {
    std::string target = kube::ResourcePath{kind.group, version, kind.plural, ns, {}, {}}.text();
    auto read = co_await call_.client.get(std::move(target), call_.deadline);
    if (!read && read.error().code == ErrorCode::not_found) continue;
    if (!read) {
      out.sight = sight_of(read.error(), what, out.why);
      co_return;
    }
    for (const auto& item : array_at(*read, {"items"})) out.items.push_back(item);
    out.sight = Sight::seen;
    co_return;
  }
  out.sight = Sight::absent;
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
    out.sight = sight_of(read.error(), std::string(kind.plural) + where(ns), out.why);
}

awaitable<const LogSeen*> ApiSource::log(std::string ns, std::string pod, std::string container, bool previous) {
  std::string target = kube::ResourcePath{"", "v1", "pods", ns, pod, "log"}.text();
  kube::add_query(target, "container", container);
  kube::add_query(target, "tailLines", std::to_string(kLogLines));
  if (previous) kube::add_query(target, "previous", "true");
  std::function<awaitable<void>(LogSeen&)> read = [this, target](LogSeen& out) { return read_log(target, out); };
  co_return co_await once(logs_, target, read);
}

awaitable<void> ApiSource::read_log(std::string target, LogSeen& out) {
  LogSink sink;
  auto read = co_await call_.client.read(std::move(target), "*/*", sink, call_.deadline);
  std::string why;
  if (read) {
    // A kubelet answers so, as if it were a log, when the container's files are gone.
    const bool gone = sink.text.starts_with("unable to retrieve container logs for ");
    out.sight = gone ? Sight::absent : Sight::seen;
    if (!gone) out.text = redact::text(sink.text);
    co_return;
  }
  // A container that has not run has no log, which servers answer with 400.
  const bool none = read.error().code == ErrorCode::invalid_request;
  out.sight = none ? Sight::absent : sight_of(read.error(), "logs of pods", why);
}

awaitable<const std::vector<Terminating>*> ApiSource::terminating(std::string ns) {
  std::function<awaitable<void>(std::vector<Terminating>&)> read = [this, ns](std::vector<Terminating>& out) {
    return read_terminating(ns, out);
  };
  co_return co_await once(terminating_, ns, read);
}

awaitable<void> ApiSource::read_terminating(std::string ns, std::vector<Terminating>& out) {
  auto discovery = co_await kube::discover(call_.client, call_.deadline);
  if (!discovery) {
    std::string why;
    sight_of(discovery.error(), "discovery", why);
    co_return;
  }
  std::set<std::pair<std::string, std::string>> seen;  // of a kind's versions the first is enough
  std::vector<awaitable<int>> reads;
  for (const auto& resource : discovery->resources) {
    const auto& verbs = resource.verbs;
    if ((!resource.namespaced && !ns.empty()) || std::find(verbs.begin(), verbs.end(), "list") == verbs.end()) continue;
    constexpr std::string_view never[]{"Pod", "Event", "Endpoints", "EndpointSlice", "PodMetrics", "NodeMetrics"};
    constexpr std::string_view many[]{"ReplicaSet", "ControllerRevision", "Lease", "RoleBinding", "Role"};
    const auto is_one = [&](const auto& kinds) {
      return std::find(std::begin(kinds), std::end(kinds), resource.kind) != std::end(kinds);
    };
    if (is_one(never) || (ns.empty() && is_one(many))) continue;
    if (!seen.emplace(resource.group, resource.plural).second) continue;
    auto one = [](ApiSource* self, kube::ApiResource resource, std::string ns,
                  std::vector<Terminating>* out) -> awaitable<int> {
      co_await self->add_terminating(resource.group, resource.version, resource.plural, resource.kind, ns, *out);
      co_return 0;
    };
    reads.push_back(one(this, resource, ns, &out));
  }
  co_await net::gather(std::move(reads));
}

awaitable<void> ApiSource::add_terminating(std::string group, std::string version, std::string plural, std::string kind,
                                           std::string ns, std::vector<Terminating>& out) {
  std::string target = kube::ResourcePath{group, version, plural, ns, {}, {}}.text();
  kube::add_query(target, "limit", "2000");
  const std::string accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
  auto read = co_await call_.client.get(std::move(target), call_.deadline, accept);
  if (!read) {
    std::string why;
    if (read.error().code != ErrorCode::permission_denied) sight_of(read.error(), plural + where(ns), why);
    co_return;
  }
  const std::string api_version = group.empty() ? version : group + "/" + version;
  for (const auto& item : array_at(*read, {"items"}))
    if (!text_at(item, {"metadata", "deletionTimestamp"}).empty()) out.push_back({api_version, kind, plural, item});
}

awaitable<std::optional<bool>> ApiSource::may(std::string account_ns, std::string account, std::string verb,
                                              std::string group, std::string resource, std::string ns) {
  const std::string user = "system:serviceaccount:" + account_ns + ":" + account;
  std::string key;
  for (const std::string* part : {&std::as_const(user), &std::as_const(verb), &std::as_const(group),
                                  &std::as_const(resource), &std::as_const(ns)})
    key += *part + "\n";
  json::object attributes{{"verb", verb}, {"group", group}, {"resource", resource}};
  if (!ns.empty()) attributes["namespace"] = ns;
  json::array groups{"system:serviceaccounts", "system:serviceaccounts:" + account_ns, "system:authenticated"};
  json::object spec{{"user", user}, {"groups", std::move(groups)}, {"resourceAttributes", std::move(attributes)}};
  std::string body = compact(json::object{
      {"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", std::move(spec)}});
  std::function<awaitable<void>(std::optional<bool>&)> ask = [this, body](std::optional<bool>& out) -> awaitable<void> {
    auto answer = co_await call_.client.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "", body,
                                             call_.deadline);
    if (answer) out = flag_at(*answer, {"status", "allowed"});
  };
  const std::optional<bool>* answer = co_await once(rights_, key, ask);
  co_return *answer;
}

}  // namespace fairlead::diagnosis
