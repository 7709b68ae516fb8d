// Does on a Client what WatchState says. For watch.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kube/watch.h"

namespace fairlead::kube {

// Runs until its task is cancelled. Not thread-safe.
class WatchPerformer : public std::enable_shared_from_this<WatchPerformer> {
 public:
  // Called after each change of the set, and of the phase (with nothing changed then).
  using OnChange = std::function<void(const WatchChanges& changes, bool other_phase)>;

  WatchPerformer(std::shared_ptr<Client> client, WatchQuery query, AnySubscription::Project project, WatchTiming timing,
                 std::function<double()> jitter, OnChange on_change)
      : client_(std::move(client)),
        query_(std::move(query)),
        project_(std::move(project)),
        timing_(timing),
        on_change_(std::move(on_change)),
        state_(timing.pace, std::move(jitter)) {}

  static awaitable<void> run(std::shared_ptr<WatchPerformer> self);
  void stop() { stopped_ = true; }  // beside the cancellation: nothing is told any more

  const WatchState& state() const { return state_; }

 private:
  class Sink;
  class ListSink;
  class EventSink;

  awaitable<Result<void>> exchange(std::string target, std::string accept, Sink* sink, Deadline deadline,
                                   int* retry_after);
  awaitable<Result<void>> list();
  awaitable<Result<void>> watch();
  void failed(Error error, Duration lived, int retry_after);
  void publish(const WatchChanges& changes);

  struct Identity {
    std::string key;
    std::string_view uid, resource_version;
  };
  Result<Identity> identify(std::string_view ns, std::string_view name, std::string_view uid,
                            std::string_view resource_version) const;
  Result<WatchedPtr> adopt(const json::value& object);     // as it was in JSON
  Result<WatchedPtr> decode_object(std::string_view raw);  // in protobuf
  Result<WatchedPtr> make(const json::value& object, Identity identity);
  std::string target() const;
  std::string accept(bool watch) const;

  const std::shared_ptr<Client> client_;
  const WatchQuery query_;
  const AnySubscription::Project project_;
  const WatchTiming timing_;
  const OnChange on_change_;
  WatchState state_;
  bool stopped_ = false;
  WatchPhase told_phase_ = WatchPhase::syncing;
  bool told_problem_ = false;
};

}  // namespace fairlead::kube
