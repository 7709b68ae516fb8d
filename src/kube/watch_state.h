// List and watch of one resource as a state machine without I/O: told what happened, it answers what to do next and
// what has changed in the set of objects, which it keeps.
//
// Follows "Efficient detection of changes" (kubernetes.io/docs/reference/using-api/api-concepts): a list in pages, then
// a watch from the list's resourceVersion, and again from the newest one that an event or a bookmark told, until the
// server no longer knows it (410); then a list again. What is guaranteed, whatever server and network do:
//  - A list takes effect in one step, when its last page has come: until then the set stays as it was. What the list no
//    longer has is told as removed, what has another uid as removed and then put, what is the same is not told at all.
//  - No event counts twice, and none that is older than what is known of the object, or than where the watch stands.
//  - All that is kept is bounded by `objects`, each of the server's texts by a limit of its own.
//  - Every failure is followed by a pause, which doubles up to a limit; only a watch that has lived for `healthy` sets
//  that
//    back. A server cannot cause a busy loop.
//
// resourceVersions are opaque, but where both are whole decimal numbers they are compared as such (KEP-5504).
// Not thread-safe.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "kube/protobuf_list.h"

namespace fairlead::kube {

// An object as far as it is kept. Whoever needs more of it than its identity derives from this (kube/watch.h).
struct Watched {
  virtual ~Watched() = default;
  std::string key;  // "namespace/name"; "name" of what belongs to no namespace
  std::string uid;
  std::string resource_version;

  std::string_view ns() const {
    return std::string_view(key).substr(0, key.size() - std::min(key.size(), name().size() + 1));
  }
  std::string_view name() const { return std::string_view(key).substr(key.rfind('/') + 1); }
};
using WatchedPtr = std::shared_ptr<const Watched>;

// Put: `after` alone, or with the `before` that it replaces, which has the same key and uid. Removed: `before` alone.
struct WatchChange {
  WatchedPtr before, after;
};
using WatchChanges = std::vector<WatchChange>;

enum class WatchPhase {
  syncing,      // no list is complete yet
  live,         // the set is what the server says
  interrupted,  // it is what the server said: what happens meanwhile will be told later
  refused,      // cannot be watched (no permission, no such resource, no valid credentials): tried again rarely
};

struct WatchPace {
  Duration first_pause = std::chrono::milliseconds(800);  // doubled after each failure, jittered down to its half
  Duration longest_pause = std::chrono::seconds(30);
  Duration longest_ask = std::chrono::minutes(5);  // of a Retry-After
  Duration refused_pause = std::chrono::seconds(60);
  Duration healthy = std::chrono::seconds(10);
  std::chrono::seconds watch_for{300};  // to twice that, so that watches do not end together
  std::size_t page = 500;               // objects
  std::size_t objects = 500'000;
  int empty_pages = 16;    // in a row
  int failed_watches = 5;  // in a row, by the server's own answer: then the set is listed anew
};

class WatchState {
 public:
  // `jitter` in [0, 1); empty: always 0.5.
  explicit WatchState(WatchPace pace = {}, std::function<double()> jitter = {});

  // ---- what to do next

  struct Step {
    enum class Kind { list, watch, pause };
    Kind kind = Kind::list;
    std::size_t limit = 0;             // list: objects of a page; 0: no limit
    std::string continue_token;        // list: empty: from the start
    std::string resource_version;      // watch
    std::chrono::seconds watch_for{};  // watch: its timeoutSeconds
    Duration pause{};                  // pause
  };
  const Step& next() const { return step_; }

  // ---- what happened: to the step that next() told

  void pause_is_over();

  // Of a list: the answer's beginning (what an attempt before gave of this page is forgotten), its objects, its end.
  // Only the end of the last page answers changes. An error is to be given to failed().
  void page_begins();
  Result<void> item(WatchedPtr object);
  Result<WatchChanges> page_ends(const ListMeta& meta);

  // Of a watch: the answer's beginning, its events, its end without an error after it has `lived` so long. An error of
  // an event is to be given to failed(), as what an ERROR event says is.
  void watch_begins();
  Result<WatchChanges> put(WatchedPtr object);  // ADDED and MODIFIED, which mean the same
  Result<WatchChanges> deleted(std::string_view key, std::string_view resource_version);
  void bookmark(std::string_view resource_version);
  void watch_ends(Duration lived);

  // The request failed, before its answer or in the middle of it. `lived`: of a watch, since its answer began.
  // `retry_after`: seconds that the server asks for; negative: it does not.
  void failed(Error error, Duration lived = {}, int retry_after = -1);

  // ---- what is known

  // The one that is known if it is just that version: it need not be made again.
  WatchedPtr known(std::string_view key, std::string_view uid, std::string_view resource_version) const;
  WatchedPtr find(std::string_view key) const;
  const std::unordered_map<std::string_view, WatchedPtr>& all() const { return known_; }

  bool synced() const { return synced_; }  // a list has been complete
  WatchPhase phase() const { return phase_; }
  const std::optional<Error>& problem() const { return problem_; }  // why it is not live, where something failed
  const std::string& position() const { return position_; }         // the newest resourceVersion that was told

 private:
  using Objects = std::unordered_map<std::string_view, WatchedPtr>;  // keys lie in the objects

  bool is_stale(std::string_view resource_version) const;
  void move_to(std::string_view resource_version);
  void forget_list();
  void start_list();
  void start_watch();
  void pause_for(Duration pause, bool then_list);
  Duration backoff(int retry_after);
  void list_failed(const Error& error, int retry_after);
  void watch_failed(const Error& error, int retry_after);
  void refuse(bool then_list, int retry_after);
  WatchChanges swap();
  double jitter() const { return jitter_ ? jitter_() : 0.5; }

  const WatchPace pace_;
  const std::function<double()> jitter_;
  Step step_;
  bool then_list_ = true;  // after a pause
  Objects known_;
  bool synced_ = false;
  WatchPhase phase_ = WatchPhase::syncing;
  std::optional<Error> problem_;
  std::string position_;
  // Of a list that is under way.
  Objects staged_;
  std::vector<WatchedPtr> page_;
  std::string list_position_;
  std::string continue_token_;
  std::size_t pages_ = 0;
  int empty_pages_ = 0;
  int page_failures_ = 0;
  bool unpaged_ = false;  // the next list is asked for in one piece, since a page came too late
  bool too_large_ = false;
  int failures_ = 0;        // in a row, without a healthy watch between them
  int watch_failures_ = 0;  // in a row, without an event between them
};

// <0, 0, >0, or nothing when either is no whole decimal number and they are not the same.
std::optional<int> compare_resource_versions(std::string_view a, std::string_view b);

}  // namespace fairlead::kube
