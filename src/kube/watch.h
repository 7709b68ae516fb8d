// A resource of a cluster, kept up to date: list and watch, shared by whoever wants the same.
//
// One watch serves all that ask the same Client for the same query in the same projection: the objects, the connection
// and the requests are there once. The Client is one server as one identity, so nobody sees what another one may see.
// It begins with the first subscription and ends with the last. What it guarantees is in kube/watch_state.h; what it
// sends:
//  - The first list, and one after a 410, is consistent (no resourceVersion): a list from the server's cache
//    (resourceVersion=0) may be older than what the caller has just written, and on another server older than what was
//    known here, and servers before 1.31 do not give it in pages. Pages of 500 objects, read in stream.
//  - The watch asks for bookmarks, so that it need not list again after a quiet time, and for an end after 5 to 10
//  minutes
//    (timeoutSeconds): a settled watch makes one request in that time. Protobuf where the fields are declared, else
//    JSON.
//  - A connection that is silent is given up: after a minute without a beginning of the answer, after three without a
//  word
//    once the server has shown that it sends bookmarks, and in any case when timeoutSeconds is over.
//  - It holds no turn of the client's (kube/turns.h) while it waits for events; no request is repeated by the client,
//  but
//    once with fresh credentials after a 401.
//
// Everything on one executor; not thread-safe. What a projection keeps is all that stays in memory of an object.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <typeindex>
#include <vector>

#include "kube/client.h"
#include "kube/message.h"
#include "kube/watch_state.h"

namespace fairlead::kube {

struct WatchQuery {
  std::string group, version, plural;
  std::string ns;  // empty: of all namespaces, or of none
  std::string label_selector, field_selector;
  const Message* message = nullptr;  // read as protobuf, these fields alone (kube/messages.h); null: JSON, all fields
  auto operator<=>(const WatchQuery&) const = default;
};

// Makes of an object, as the API server would send it in JSON, what is kept of it; never null. Key, uid and
// resourceVersion are filled in afterwards. `name` tells projections to the same T apart. Called once for each version
// of an object.
template <class T>
struct Projection {
  std::string name;
  std::function<std::shared_ptr<T>(const json::value& object)> make;
};

struct WatchStatus {
  WatchPhase phase = WatchPhase::syncing;
  bool synced = false;           // a list has been complete: the set is one that the server had
  std::optional<Error> problem;  // why it is not live
};

// What has changed since the batch before. Of an object that changed several times, the first `before` and the last
// `after`; one that was replaced by another of its name is removed and put. Between different objects there is no
// order.
template <class T>
struct WatchBatch {
  struct Change {
    std::shared_ptr<const T> before, after;  // as of WatchChange
  };
  std::vector<Change> changes;
  WatchStatus status;
};

// Its timing; tests make it shorter.
struct WatchTiming {
  WatchPace pace;
  Duration answer = std::chrono::seconds(60);    // without a byte, until the answer begins and while a list comes
  Duration silence = std::chrono::seconds(180);  // of a watch that has had a bookmark
  Duration list = std::chrono::minutes(10);      // one page
  Duration grace = std::chrono::seconds(30);     // beyond timeoutSeconds
};

class SharedWatch;  // for watch.cpp
struct WatchMailbox;

class AnySubscription {
 public:
  using Key = std::tuple<const Client*, WatchQuery, std::type_index, std::string>;
  using Project = std::function<std::shared_ptr<Watched>(const json::value&)>;

  AnySubscription(std::shared_ptr<SharedWatch> shared);
  ~AnySubscription();
  AnySubscription(const AnySubscription&) = delete;
  AnySubscription& operator=(const AnySubscription&) = delete;

  const WatchState& state() const;
  WatchStatus status() const;
  awaitable<Result<WatchBatch<Watched>>> next(Deadline deadline);
  awaitable<Result<void>> synced(Deadline deadline);

 private:
  std::shared_ptr<SharedWatch> shared_;
  std::shared_ptr<WatchMailbox> mailbox_;
};

// One consumer's part of a shared watch; it may go while the others stay. Its destruction ends what waits on it with
// cancelled.
template <class T>
class Subscription {
 public:
  explicit Subscription(std::shared_ptr<SharedWatch> shared) : any_(std::move(shared)) {}

  // Until the set is complete for the first time. At once with the cause where it is refused; a timeout tells the
  // latest cause.
  awaitable<Result<void>> synced(Deadline deadline) { return any_.synced(deadline); }

  // Waits until something is different: objects, or the phase. The first batch comes when the set is complete and has
  // all of it, or earlier, without changes, where the phase tells something. One caller at a time. timeout or
  // cancelled.
  awaitable<Result<WatchBatch<T>>> next(Deadline deadline = {}) {
    auto any = co_await any_.next(deadline);
    if (!any) co_return fail(std::move(any.error()));
    WatchBatch<T> out;
    out.status = std::move(any->status);
    out.changes.reserve(any->changes.size());
    for (auto& change : any->changes)
      out.changes.push_back({std::static_pointer_cast<const T>(std::move(change.before)),
                             std::static_pointer_cast<const T>(std::move(change.after))});
    co_return out;
  }

  // The set as it is now: it may be ahead of what next() has told.
  std::shared_ptr<const T> find(std::string_view key) const {
    return std::static_pointer_cast<const T>(any_.state().find(key));
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [key, object] : any_.state().all()) visit(static_cast<const T&>(*object));
  }
  std::size_t size() const { return any_.state().all().size(); }
  WatchStatus status() const { return any_.status(); }

 private:
  AnySubscription any_;
};

// The watches that are going on. May go before its subscriptions.
class Watches {
 public:
  // `jitter` in [0, 1).
  Watches(net::Executor executor, std::function<double()> jitter, WatchTiming timing = {});

  template <class T>
  std::unique_ptr<Subscription<T>> subscribe(std::shared_ptr<Client> client, WatchQuery query,
                                             Projection<T> projection) {
    auto shared = find_or_start(std::move(client), std::move(query), typeid(T), std::move(projection.name),
                                std::move(projection.make));
    return std::make_unique<Subscription<T>>(std::move(shared));
  }
  std::size_t running() const;

 private:
  std::shared_ptr<SharedWatch> find_or_start(std::shared_ptr<Client> client, WatchQuery query, std::type_index type,
                                             std::string projection, AnySubscription::Project project);

  net::Executor executor_;
  std::function<double()> jitter_;
  WatchTiming timing_;
  std::map<AnySubscription::Key, std::weak_ptr<SharedWatch>> watches_;
};

}  // namespace fairlead::kube
