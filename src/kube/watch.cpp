#include "kube/watch.h"

#include "kube/watch_performer.h"

namespace fairlead::kube {

// What one subscription has not taken yet.
struct WatchMailbox {
  explicit WatchMailbox(net::Executor executor) : woken(std::move(executor)) {}

  bool is_ready(const WatchState& state) const { return other_phase || (told ? !pending.empty() : state.synced()); }

  void merge(const WatchChange& change) {
    const Watched& object = change.after ? *change.after : *change.before;
    auto [at, is_new] = pending.try_emplace(object.key, change);
    if (is_new) return;
    at->second.after = change.after;
    if (at->second.before == at->second.after) pending.erase(at);  // came and went, or went and came back
  }

  net::Event woken;
  bool closed = false;
  bool told = false;  // the whole set: from then on changes count
  bool other_phase = false;
  std::map<std::string, WatchChange, std::less<>> pending;
};

class SharedWatch {
 public:
  using Mailboxes = std::vector<std::shared_ptr<WatchMailbox>>;

  SharedWatch(net::Executor executor, std::shared_ptr<Client> client, WatchQuery query,
              AnySubscription::Project project, WatchTiming timing, std::function<double()> jitter)
      : executor_(executor), mailboxes_(std::make_shared<Mailboxes>()), task_(executor) {
    auto deliver = [mailboxes = mailboxes_](const WatchChanges& changes, bool other_phase) {
      for (const auto& mailbox : *mailboxes) {
        if (mailbox->told)
          for (const auto& change : changes) mailbox->merge(change);
        mailbox->other_phase = mailbox->other_phase || other_phase;
        mailbox->woken.set();
      }
    };
    performer_ = std::make_shared<WatchPerformer>(std::move(client), std::move(query), std::move(project), timing,
                                                  std::move(jitter), std::move(deliver));
    task_.spawn(WatchPerformer::run(performer_));
  }
  ~SharedWatch() { performer_->stop(); }  // and the task group cancels it

  std::shared_ptr<WatchMailbox> join() {
    auto mailbox = std::make_shared<WatchMailbox>(executor_);
    mailbox->other_phase = performer_->state().phase() != WatchPhase::syncing || performer_->state().problem();
    mailboxes_->push_back(mailbox);
    return mailbox;
  }
  void leave(const std::shared_ptr<WatchMailbox>& mailbox) { std::erase(*mailboxes_, mailbox); }
  const WatchState& state() const { return performer_->state(); }

 private:
  net::Executor executor_;
  std::shared_ptr<Mailboxes> mailboxes_;
  std::shared_ptr<WatchPerformer> performer_;
  net::TaskGroup task_;
};

// ---- subscriptions

AnySubscription::AnySubscription(std::shared_ptr<SharedWatch> shared)
    : shared_(std::move(shared)), mailbox_(shared_->join()) {}

AnySubscription::~AnySubscription() {
  shared_->leave(mailbox_);
  mailbox_->closed = true;
  mailbox_->woken.set();
}

const WatchState& AnySubscription::state() const { return shared_->state(); }

WatchStatus AnySubscription::status() const { return {state().phase(), state().synced(), state().problem()}; }

namespace {

tl::unexpected<Error> ended() { return fail(ErrorCode::cancelled, "watch", "the subscription has ended"); }

void split_recreated(WatchChange change, std::vector<WatchBatch<Watched>::Change>& out) {
  if (change.before && change.after && change.before->uid != change.after->uid) {
    out.push_back({std::move(change.before), nullptr});
    out.push_back({nullptr, std::move(change.after)});
  } else {
    out.push_back({std::move(change.before), std::move(change.after)});
  }
}

}  // namespace

awaitable<Result<WatchBatch<Watched>>> AnySubscription::next(Deadline deadline) {
  auto mailbox = mailbox_;
  const WatchState* known = &state();  // there as long as the mailbox is not closed
  while (!mailbox->is_ready(*known)) {
    mailbox->woken.reset();
    auto woken = co_await mailbox->woken.wait(deadline);
    if (mailbox->closed) co_return ended();
    if (!woken) co_return fail(std::move(woken.error()));
  }
  WatchBatch<Watched> out;
  out.status = status();
  mailbox->other_phase = false;
  if (mailbox->told) {
    auto pending = std::exchange(mailbox->pending, {});
    out.changes.reserve(pending.size());
    for (auto& [key, change] : pending) split_recreated(std::move(change), out.changes);
  } else if (known->synced()) {
    mailbox->told = true;
    out.changes.reserve(known->all().size());
    for (const auto& [key, object] : known->all()) out.changes.push_back({nullptr, object});
  }
  co_return out;
}

awaitable<Result<void>> AnySubscription::synced(Deadline deadline) {
  auto mailbox = mailbox_;
  const WatchState* known = &state();
  while (!known->synced()) {
    const bool refused = known->phase() == WatchPhase::refused;
    if (refused && known->problem()) co_return fail(*known->problem());
    mailbox->woken.reset();
    auto woken = co_await mailbox->woken.wait(deadline);
    if (mailbox->closed) co_return ended();
    if (woken) continue;
    if (woken.error().code == ErrorCode::timeout && known->problem()) co_return fail(*known->problem());
    co_return fail(std::move(woken.error()));
  }
  co_return Result<void>{};
}

// ---- the registry

Watches::Watches(net::Executor executor, std::function<double()> jitter, WatchTiming timing)
    : executor_(std::move(executor)), jitter_(std::move(jitter)), timing_(timing) {}

std::size_t Watches::running() const {
  std::size_t count = 0;
  for (const auto& [key, watch] : watches_) count += watch.expired() ? 0 : 1;
  return count;
}

std::shared_ptr<SharedWatch> Watches::find_or_start(std::shared_ptr<Client> client, WatchQuery query,
                                                    std::type_index type, std::string projection,
                                                    AnySubscription::Project project) {
  std::erase_if(watches_, [](const auto& entry) { return entry.second.expired(); });
  // A Client that is part of a key is alive as long as its watch is.
  AnySubscription::Key key{client.get(), query, type, std::move(projection)};
  if (const auto found = watches_.find(key); found != watches_.end())
    if (auto shared = found->second.lock()) return shared;
  auto shared = std::make_shared<SharedWatch>(executor_, std::move(client), std::move(query), std::move(project),
                                              timing_, jitter_);
  watches_[std::move(key)] = shared;
  return shared;
}

}  // namespace fairlead::kube
