#include "kube/watch_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace fairlead::kube {
namespace {

constexpr std::string_view kListing = "list the objects";
constexpr std::string_view kWatching = "watch the objects";
constexpr std::size_t kTokenLimit = 16 << 10;
constexpr std::size_t kVersionLimit = 256;
constexpr int kPageFailures = 5;  // of one page: then its continue token is not trusted any more

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// From no version, and from "0", a watch would start with what is there now, or was some time ago.
bool is_position(std::string_view version) {
  return !version.empty() && version != "0" && version.size() <= kVersionLimit;
}

bool is_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::authentication_failed:
    case ErrorCode::permission_denied:
    case ErrorCode::not_found:
    case ErrorCode::invalid_request:
    case ErrorCode::certificate_invalid:
    case ErrorCode::policy_denied: return true;
    default: return false;
  }
}

tl::unexpected<Error> malformed(std::string_view step, std::string cause) {
  return fail(ErrorCode::server_error, std::string(step), std::move(cause),
              "Look at the API server, and at proxies on the way to it");
}

void replace(std::unordered_map<std::string_view, WatchedPtr>& objects,
             std::unordered_map<std::string_view, WatchedPtr>::iterator at, WatchedPtr by) {
  auto node = objects.extract(at);
  node.key() = by->key;  // before what the old key lies in goes
  node.mapped() = std::move(by);
  objects.insert(std::move(node));
}

}  // namespace

std::optional<int> compare_resource_versions(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

WatchState::WatchState(WatchPace pace, std::function<double()> jitter) : pace_(pace), jitter_(std::move(jitter)) {
  start_list();
}

void WatchState::pause_is_over() {
  if (step_.kind != Step::Kind::pause) return;
  if (then_list_)
    start_list();
  else
    start_watch();
}

// ---- lists

void WatchState::forget_list() {
  staged_.clear();
  page_.clear();
  list_position_.clear();
  continue_token_.clear();
  pages_ = 0;
  empty_pages_ = page_failures_ = 0;
}

void WatchState::start_list() {
  page_.clear();
  too_large_ = false;
  step_ = {.kind = Step::Kind::list, .limit = unpaged_ ? 0 : pace_.page, .continue_token = continue_token_};
}

void WatchState::page_begins() { page_.clear(); }

Result<void> WatchState::item(WatchedPtr object) {
  if (!is_position(object->resource_version)) return malformed(kListing, "an object has no resourceVersion");
  if (staged_.size() + page_.size() >= pace_.objects) {
    too_large_ = true;
    return fail(ErrorCode::invalid_request, std::string(kListing),
                fmt::format("there are more than the {} objects that one watch may keep", pace_.objects),
                "Narrow it by namespace or selector");
  }
  auto same = known(object->key, object->uid, object->resource_version);
  page_.push_back(same ? std::move(same) : std::move(object));
  return {};
}

Result<WatchChanges> WatchState::page_ends(const ListMeta& meta) {
  if (!is_position(meta.resource_version)) return malformed(kListing, "the list has no resourceVersion");
  if (meta.continue_token.size() > kTokenLimit) return malformed(kListing, "the list's continue token is too long");
  const bool more = !meta.continue_token.empty();
  if (more && meta.continue_token == continue_token_)
    return malformed(kListing, "the list goes on where this page of it began");
  empty_pages_ = page_.empty() ? empty_pages_ + 1 : 0;
  if (more && empty_pages_ > pace_.empty_pages) return malformed(kListing, "page after page of the list is empty");
  if (more && ++pages_ > 2 * pace_.objects / std::max<std::size_t>(pace_.page, 1) + 16)
    return malformed(kListing, "the list has more pages than its objects can fill");
  for (auto& object : page_) {
    const std::string_view key = object->key;
    if (auto twice = staged_.find(key); twice != staged_.end())
      replace(staged_, twice, std::move(object));
    else
      staged_.emplace(key, std::move(object));
  }
  page_.clear();
  page_failures_ = 0;
  // All pages tell the same one. If they do not, the oldest loses no event.
  const auto order = compare_resource_versions(meta.resource_version, list_position_);
  if (list_position_.empty() || (order && *order < 0)) list_position_ = meta.resource_version;
  continue_token_ = meta.continue_token;
  if (!more) return swap();
  start_list();
  return WatchChanges{};
}

WatchChanges WatchState::swap() {
  WatchChanges changes;
  for (const auto& [key, before] : known_) {
    const auto kept = staged_.find(key);
    if (kept == staged_.end() || kept->second->uid != before->uid) changes.push_back({before, nullptr});
  }
  for (const auto& [key, after] : staged_) {
    const auto before = known_.find(key);
    if (before == known_.end() || before->second->uid != after->uid)
      changes.push_back({nullptr, after});
    else if (before->second != after)
      changes.push_back({before->second, after});
  }
  known_ = std::exchange(staged_, {});
  position_ = std::exchange(list_position_, {});
  forget_list();
  unpaged_ = false;
  synced_ = true;
  phase_ = WatchPhase::live;
  problem_.reset();
  start_watch();
  return changes;
}

// ---- watches

void WatchState::start_watch() {
  const auto longer = std::chrono::duration<double>(pace_.watch_for) * jitter();
  step_ = {.kind = Step::Kind::watch,
           .resource_version = position_,
           .watch_for = pace_.watch_for + std::chrono::duration_cast<std::chrono::seconds>(longer)};
}

void WatchState::watch_begins() {
  phase_ = WatchPhase::live;
  problem_.reset();
}

bool WatchState::is_stale(std::string_view resource_version) const {
  const auto order = compare_resource_versions(resource_version, position_);
  return order && *order < 0;
}

void WatchState::move_to(std::string_view resource_version) {
  if (position_ != resource_version) watch_failures_ = 0;
  position_ = resource_version;
}

Result<WatchChanges> WatchState::put(WatchedPtr object) {
  if (!is_position(object->resource_version)) return malformed(kWatching, "an object has no resourceVersion");
  if (is_stale(object->resource_version)) return WatchChanges{};
  const auto found = known_.find(object->key);
  if (found == known_.end()) {
    if (known_.size() >= pace_.objects) {
      too_large_ = true;
      return fail(ErrorCode::invalid_request, std::string(kWatching),
                  fmt::format("there are more than the {} objects that one watch may keep", pace_.objects),
                  "Narrow it by namespace or selector");
    }
    move_to(object->resource_version);
    known_.emplace(object->key, object);
    return WatchChanges{{nullptr, std::move(object)}};
  }
  WatchedPtr before = found->second;
  const bool same = before->uid == object->uid;
  if (same) {
    const auto order = compare_resource_versions(object->resource_version, before->resource_version);
    if (order && *order <= 0) return WatchChanges{};
  }
  move_to(object->resource_version);
  replace(known_, found, object);
  if (same) return WatchChanges{{std::move(before), std::move(object)}};
  WatchChanges recreated;
  recreated.push_back({std::move(before), nullptr});
  recreated.push_back({nullptr, std::move(object)});
  return recreated;
}

Result<WatchChanges> WatchState::deleted(std::string_view key, std::string_view resource_version) {
  if (!is_position(resource_version)) return malformed(kWatching, "a deletion has no resourceVersion");
  if (is_stale(resource_version)) return WatchChanges{};
  move_to(resource_version);
  const auto found = known_.find(key);
  if (found == known_.end()) return WatchChanges{};
  WatchChanges gone{{found->second, nullptr}};
  known_.erase(found);
  return gone;
}

void WatchState::bookmark(std::string_view resource_version) {
  if (is_position(resource_version) && !is_stale(resource_version)) move_to(resource_version);
}

void WatchState::watch_ends(Duration lived) {
  if (step_.kind != Step::Kind::watch) return;
  watch_failures_ = 0;
  if (lived >= pace_.healthy) {  // as it was asked for
    failures_ = 0;
    start_watch();
    return;
  }
  ++failures_;
  pause_for(backoff(-1), false);
}

// ---- failures

void WatchState::failed(Error error, Duration lived, int retry_after) {
  if (step_.kind == Step::Kind::pause) return;
  if (lived >= pace_.healthy) failures_ = 0;
  phase_ = synced_ ? WatchPhase::interrupted : WatchPhase::syncing;
  if (step_.kind == Step::Kind::list)
    list_failed(error, retry_after);
  else
    watch_failed(error, retry_after);
  ++failures_;
  problem_ = std::move(error);
}

void WatchState::list_failed(const Error& error, int retry_after) {
  page_.clear();
  const bool began = !continue_token_.empty();
  if (too_large_ || (!began && is_refusal(error.code)) || error.code == ErrorCode::permission_denied ||
      error.code == ErrorCode::authentication_failed) {
    forget_list();
    return refuse(true, retry_after);
  }
  // The pages were too slow for what the server remembers: in one piece nothing can expire.
  if (began && error.code == ErrorCode::expired) unpaged_ = true;
  if (error.code == ErrorCode::expired || is_refusal(error.code) || ++page_failures_ >= kPageFailures) forget_list();
  pause_for(backoff(retry_after), true);
}

void WatchState::watch_failed(const Error& error, int retry_after) {
  if (error.code == ErrorCode::expired) return pause_for(backoff(retry_after), true);
  // A position that is not taken any more, or a resource that is listed but cannot be watched.
  if (error.code == ErrorCode::invalid_request) {
    if (too_large_ || ++watch_failures_ > 1) return refuse(true, retry_after);
    return pause_for(backoff(retry_after), true);
  }
  if (is_refusal(error.code)) return refuse(false, retry_after);
  // A server that keeps failing from this position may do so because of it: one that was restored from a backup does
  // not know it yet (504), an event may be more than can be read.
  const bool answered = error.code == ErrorCode::server_error || (error.code == ErrorCode::timeout && error.status);
  const bool list = answered && ++watch_failures_ % pace_.failed_watches == 0;
  pause_for(backoff(retry_after), list);
}

void WatchState::refuse(bool then_list, int retry_after) {
  phase_ = WatchPhase::refused;
  const auto spread = std::chrono::duration_cast<Duration>(pace_.refused_pause * (1 + jitter() / 2));
  pause_for(std::max(spread, backoff(retry_after)), then_list);
}

Duration WatchState::backoff(int retry_after) {
  // The first time after a healthy watch: soon, but not all clients of a server at the same moment.
  const Duration whole = std::min(pace_.longest_pause, pace_.first_pause * (1 << std::min(failures_, 16)));
  const double part = failures_ == 0 ? jitter() : 0.5 + jitter() / 2;
  const auto own = std::chrono::duration_cast<Duration>(whole * part);
  if (retry_after <= 0) return own;
  const Duration asked = std::min<Duration>(std::chrono::seconds(retry_after), pace_.longest_ask);
  return std::max(own, std::chrono::duration_cast<Duration>(asked * (1 + jitter() / 4)));
}

void WatchState::pause_for(Duration pause, bool then_list) {
  then_list_ = then_list;
  step_ = {.kind = Step::Kind::pause, .pause = pause};
}

// ---- what is known

WatchedPtr WatchState::known(std::string_view key, std::string_view uid, std::string_view resource_version) const {
  const auto found = known_.find(key);
  if (found == known_.end()) return nullptr;
  const Watched& object = *found->second;
  return object.uid == uid && object.resource_version == resource_version ? found->second : nullptr;
}

WatchedPtr WatchState::find(std::string_view key) const {
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : found->second;
}

}  // namespace fairlead::kube
