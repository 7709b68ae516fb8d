#include "rest/stream_watch.h"

#include "gate/policy_check.h"

namespace fairlead::rest {
namespace {

// A call of several clusters at once ("*") names none that can be looked at.
bool is_one(const std::string& cluster) { return !cluster.empty() && cluster != "*"; }

Error ended(ErrorCode code, std::string cause, std::string remedy) {
  return {code, "keep the stream open", std::move(cause), std::move(remedy), nullptr, {}};
}

Error no_token() {
  return ended(ErrorCode::authentication_failed, "the token is good no longer", "Come back with another one");
}

}  // namespace

StreamWatch::StreamWatch(const Parts& parts, OpenStreams& all, const bool& is_draining, net::Executor executor,
                         Opened opened)
    : parts_(parts),
      all_(all),
      is_draining_(is_draining),
      executor_(executor),
      opened_(std::move(opened)),
      begun_(parts.clock.unix_seconds()),
      answered_(std::chrono::steady_clock::now()),
      changed_(std::move(executor)) {
  all_.insert(this);
}

StreamWatch::~StreamWatch() { all_.erase(this); }

awaitable<void> StreamWatch::begin() {
  auto why = co_await look();
  static_cast<void>(why);  // the call itself says so
}

awaitable<Error> StreamWatch::until_it_must_end() {
  net::TaskGroup looking(executor_);
  looking.spawn(look_again_and_again());
  while (!why_) {
    changed_.reset();
    why_ = why_now();
    if (why_) break;
    auto woken = co_await changed_.wait(Deadline::after(kLook));
    if (!woken && woken.error().code == ErrorCode::cancelled) why_ = std::move(woken.error());
  }
  looking.cancel_all();
  co_await looking.join();
  co_return *why_;
}

// What can be told without asking anybody.
std::optional<Error> StreamWatch::why_now() const {
  if (opened_.is_endless && is_draining_)
    return ended(ErrorCode::unreachable, "this server is about to end", "Ask again in a moment");
  if (has_expired()) return no_token();
  if (std::chrono::steady_clock::now() - answered_ >= kGiveUp)
    return ended(ErrorCode::unreachable, "for a while nobody could tell whether it is still allowed",
                 "Look at Fairlead's database, and open it again");
  return std::nullopt;
}

bool StreamWatch::has_expired() const { return expires_.value_or(0) != 0 && parts_.clock.unix_seconds() >= *expires_; }

awaitable<void> StreamWatch::look_again_and_again() {
  while (true) {
    auto slept = co_await net::sleep_for(kLook);
    if (!slept) co_return;
    auto why = co_await look();
    if (!why) continue;
    if (why->code != ErrorCode::cancelled && !why_) why_ = std::move(*why);
    changed_.set();
    co_return;
  }
}

awaitable<std::optional<Error>> StreamWatch::look() {
  std::int64_t expires = 0;
  const bool asks_expiry = !expires_;
  const Deadline deadline = Deadline::after(kGiveUp);
  std::int64_t* tell_expiry = asks_expiry ? &expires : nullptr;
  auto who = co_await authenticate(parts_, opened_.token, deadline, nullptr, nullptr, tell_expiry);
  if (!who && who.error().code == ErrorCode::authentication_failed) co_return no_token();
  if (!who) co_return std::nullopt;  // nobody knows: why_now() waits for a while
  if (asks_expiry) expires_ = expires;
  auto policy = parts_.policy();
  if (!policy) co_return std::move(policy.error());
  bool all_known = true;
  std::vector<std::string> clusters = opened_.clusters;
  if (clusters.empty()) clusters.emplace_back();
  for (const auto& cluster : clusters) {
    gate::DefaultNamespaces defaults;
    if (is_one(cluster)) {
      auto found = co_await parts_.clusters.find(cluster, who->name);
      if (found) {
        defaults = (*found)->default_namespaces();
      } else {
        const ErrorCode code = found.error().code;
        if (code == ErrorCode::policy_denied || code == ErrorCode::not_found) co_return std::move(found.error());
        all_known = false;
        continue;
      }
    }
    Standing now = standing(*policy, *who, cluster, defaults);
    if (auto why = compare(cluster, now)) co_return why;
    first_.try_emplace(cluster, std::move(now));
  }
  if (all_known) answered_ = std::chrono::steady_clock::now();
  co_return std::nullopt;
}

// As the gate decides, but for what it asks the cluster: what kind a call names.
StreamWatch::Standing StreamWatch::standing(const gate::Policy& policy, const gate::Identity& who,
                                            const std::string& cluster, const gate::DefaultNamespaces& defaults) const {
  Standing out{false, policy.digest()};
  const ops::Operation* operation = parts_.gate.catalog().find(opened_.operation);
  if (!operation) return out;
  auto arguments = ops::Arguments::validate(opened_.arguments, operation->parameters, operation->name);
  if (!arguments) return out;
  // A freeze that begins does not cut off a change that was begun before it.
  const bool is_change = operation->trust != ops::Trust::read && !opened_.is_endless;
  gate::PolicyRequest request{who,
                              is_one(cluster) ? cluster : "",
                              std::string(operation->name),
                              operation->trust,
                              gate::touches_of(*operation, *arguments, defaults, std::nullopt),
                              is_change ? begun_ : parts_.clock.unix_seconds()};
  const gate::Decision decision = gate::decide_as(policy, std::move(request)).decision;
  out.passes =
      operation->trust == ops::Trust::read ? decision == gate::Decision::allow : decision != gate::Decision::deny;
  return out;
}

// Where it cannot be told why the gate let it pass, another policy ends it.
std::optional<Error> StreamWatch::compare(const std::string& cluster, Standing now) const {
  const auto first = first_.find(cluster);
  if (now.passes || first == first_.end() || (!first->second.passes && first->second.policy == now.policy))
    return std::nullopt;
  return ended(ErrorCode::policy_denied, "the policy allows it no longer",
               "A person can change the policy; 'fairlead policy check' explains it");
}

}  // namespace fairlead::rest
