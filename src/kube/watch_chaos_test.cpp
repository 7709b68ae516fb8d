// Whatever happens in whatever order: servers that change, forget, repeat themselves and break.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "kube/watch_testing.h"

namespace fairlead::kube {
namespace {

using std::chrono::seconds;
using testing::error_of;
using testing::object;
using testing::pace;
using Kind = WatchState::Step::Kind;

using Snapshot = std::map<std::string, std::pair<std::string, std::string>>;  // key -> uid, resourceVersion

// A server that remembers what it was at each version, until it is compacted.
class Server {
 public:
  struct Event {
    std::uint64_t version;
    bool deleted;
    std::string key, uid;
  };

  Server(std::mt19937& random, bool numbers) : random_(random), numbers_(numbers) { at_[version_] = {}; }

  std::string text(std::uint64_t version) const { return (numbers_ ? "" : "v") + std::to_string(version); }
  std::uint64_t version_of(std::string_view text) const {
    return std::stoull(std::string(text.substr(numbers_ ? 0 : 1)));
  }

  void change() {
    Snapshot now = at_[version_];
    const std::string key = "n/" + std::to_string(random_() % 12);
    const auto found = now.find(key);
    ++version_;
    if (found != now.end() && random_() % 3 == 0) {
      events_.push_back({version_, true, key, found->second.first});
      now.erase(found);
    } else {
      const std::string uid = found == now.end() ? "u" + std::to_string(version_) : found->second.first;
      now[key] = {uid, text(version_)};
      events_.push_back({version_, false, key, uid});
    }
    at_[version_] = std::move(now);
  }
  void compact() { compacted_ = version_; }

  std::uint64_t version() const { return version_; }
  bool knows(std::uint64_t version) const { return version >= compacted_; }
  const Snapshot& at(std::uint64_t version) const { return at_.at(version); }
  const std::vector<Event>& events() const { return events_; }

 private:
  std::mt19937& random_;
  const bool numbers_;
  std::uint64_t version_ = 100, compacted_ = 0;
  std::map<std::uint64_t, Snapshot> at_;
  std::vector<Event> events_;
};

class Chaos {
 public:
  Chaos(unsigned seed, bool numbers)
      : random_(seed), numbers_(numbers), server_(random_, numbers), state_(pace(), [] { return 0.5; }) {}

  void run() {
    for (int i = 0; i < 150; ++i) step(true);
    const auto end = server_.version();
    for (int i = 0; i < 60 && !(state_.synced() && state_.position() == server_.text(end)); ++i) step(false);
    ASSERT_EQ(state_.position(), server_.text(end));
    ASSERT_EQ(mirror_, server_.at(end));
  }

 private:
  bool chance(unsigned of_hundred) { return random_() % 100 < of_hundred; }
  void live(bool faults) {
    for (unsigned i = faults ? random_() % 4 : 0; i > 0; --i) server_.change();
    if (faults && chance(6)) server_.compact();
  }

  void step(bool faults) {
    live(faults);
    const auto next = state_.next();
    if (next.kind == Kind::pause) return state_.pause_is_over();
    if (faults && chance(15)) {
      constexpr ErrorCode codes[]{
          ErrorCode::unreachable,       ErrorCode::server_error,    ErrorCode::rate_limited,
          ErrorCode::permission_denied, ErrorCode::timeout,         ErrorCode::expired,
          ErrorCode::not_found,         ErrorCode::invalid_request, ErrorCode::authentication_failed};
      return state_.failed(error_of(codes[random_() % std::size(codes)]));
    }
    if (next.kind == Kind::list)
      list(next, faults);
    else
      watch(next, faults);
  }

  void list(const WatchState::Step& next, bool faults) {
    std::uint64_t version = server_.version();
    std::size_t from = 0;
    if (!next.continue_token.empty()) {
      const auto colon = next.continue_token.find(':');
      version = server_.version_of(next.continue_token.substr(0, colon));
      from = std::stoull(next.continue_token.substr(colon + 1));
    }
    if (!server_.knows(version)) return state_.failed(error_of(ErrorCode::expired));
    state_.page_begins();
    const Snapshot& all = server_.at(version);
    const std::size_t limit = next.limit == 0 ? all.size() : next.limit;
    std::size_t at = 0;
    for (const auto& [key, identity] : all) {
      if (at++ < from || at > from + limit) continue;
      if (faults && chance(5)) return state_.failed(error_of(ErrorCode::unreachable));
      ASSERT_TRUE(state_.item(object(key, identity.first, identity.second)));
    }
    ListMeta meta;
    meta.resource_version = server_.text(version);
    if (from + limit < all.size()) meta.continue_token = server_.text(version) + ":" + std::to_string(from + limit);
    auto changes = state_.page_ends(meta);
    ASSERT_TRUE(changes);
    ASSERT_TRUE(changes->empty() || meta.continue_token.empty());
    apply(*changes);
    if (meta.continue_token.empty()) check();
  }

  void watch(const WatchState::Step& next, bool faults) {
    const std::uint64_t from = server_.version_of(next.resource_version);
    if (!server_.knows(from)) return state_.failed(error_of(ErrorCode::expired));
    state_.watch_begins();
    for (std::size_t i = 0; i < server_.events().size(); ++i) {
      if (server_.events()[i].version <= from) continue;
      if (faults && chance(10)) return state_.failed(error_of(ErrorCode::unreachable), seconds(chance(50) ? 0 : 20));
      event(server_.events()[i]);
      // Servers and proxies that repeat themselves.
      if (numbers_ && faults && chance(10)) event(server_.events()[random_() % (i + 1)]);
      if (faults && chance(10)) {
        state_.bookmark(server_.text(server_.events()[i].version));
        check();
      }
      live(faults);
    }
    state_.watch_ends(seconds(chance(50) ? 0 : 20));
  }

  void event(const Server::Event& event) {
    auto changes = event.deleted ? state_.deleted(event.key, server_.text(event.version))
                                 : state_.put(object(event.key, event.uid, server_.text(event.version)));
    ASSERT_TRUE(changes);
    apply(*changes);
    check();
  }

  // What a consumer does; and what it may rely on.
  void apply(const WatchChanges& changes) {
    std::set<std::string> removed, put;
    for (const auto& change : changes) {
      ASSERT_TRUE(change.before || change.after);
      ASSERT_NE(change.before, change.after);
      const std::string& key = (change.after ? change.after : change.before)->key;
      const auto known = mirror_.find(key);
      if (change.before) {
        ASSERT_NE(known, mirror_.end());
        ASSERT_EQ(known->second.first, change.before->uid);
        ASSERT_EQ(known->second.second, change.before->resource_version);
      } else {
        ASSERT_EQ(known, mirror_.end());
      }
      if (!change.after) {
        ASSERT_TRUE(removed.insert(key).second);
        ASSERT_FALSE(put.contains(key));
        mirror_.erase(known);
        continue;
      }
      ASSERT_TRUE(put.insert(key).second);
      ASSERT_TRUE(!change.before || change.before->uid == change.after->uid);
      ASSERT_TRUE(!removed.contains(key) || last_uid_[key] != change.after->uid);
      const auto version = server_.version_of(change.after->resource_version);
      ASSERT_LT(newest_[change.after->uid], version);  // never twice, never back
      newest_[change.after->uid] = version;
      last_uid_[key] = change.after->uid;
      mirror_[key] = {change.after->uid, change.after->resource_version};
    }
  }

  // At any moment the set is one that the server had: that of the position.
  void check() {
    ASSERT_TRUE(state_.synced());
    ASSERT_EQ(mirror_, server_.at(server_.version_of(state_.position())));
    Snapshot kept;
    for (const auto& [key, each] : state_.all()) {
      ASSERT_EQ(key, each->key);
      kept[each->key] = {each->uid, each->resource_version};
    }
    ASSERT_EQ(kept, mirror_);
  }

  std::mt19937 random_;
  const bool numbers_;
  Server server_;
  WatchState state_;
  Snapshot mirror_;
  std::map<std::string, std::uint64_t> newest_;  // uid -> version
  std::map<std::string, std::string> last_uid_;
};

TEST(WatchChaos, WhateverHappensTheSetIsOneThatTheServerHad) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Chaos(seed, true).run();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(WatchChaos, SoIsItWhereVersionsAreNoNumbers) {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(seed);
    Chaos(seed, false).run();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace fairlead::kube
