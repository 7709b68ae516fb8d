// The commands of all containers whose commands are run, for the kubelets: who runs, who is due, who has ended. What is
// not in here costs nothing. Bounded: beyond so many at once there is no room. Not thread-safe: one loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sandbox/main_process.h"

namespace fairlead::sandbox {

class MainProcesses {
 public:
  // Wall clock milliseconds are the owner's plus `epoch_ms`. `awake` is called when run() should be called.
  MainProcesses(Objects& objects, Containers& containers, std::int64_t epoch_ms, std::function<void()> awake)
      : objects_(objects), containers_(containers), epoch_ms_(epoch_ms), awake_(std::move(awake)) {}
  ~MainProcesses();

  // Takes room for a run of a container, in the place of an earlier one; false: there is none left.
  bool prepare(std::string_view pod_uid, std::string_view container, std::int64_t run);
  // Begins what was prepared, where the pod's status says that it runs, and kills what by its status runs no more.
  void settle(const Object& pod, const json::value& value, std::int64_t now_ms);
  void forget(std::string_view pod_uid);

  bool knows(std::string_view pod_uid) const { return pods_.contains(pod_uid); }
  bool knows(std::string_view pod_uid, std::string_view container) const;
  struct Run {
    std::optional<int> exit_code;  // nothing: it goes on, as far as anybody has noticed
  };
  std::optional<Run> find(std::string_view pod_uid, std::string_view container, std::int64_t run,
                          std::int64_t now_ms) const;

  // Goes on with a few of those that are due. Answers when there is more to do. `ended` is told whose status changes
  // at that time.
  using Ended = std::function<void(const Container& container, std::int64_t at_ms)>;
  std::optional<std::int64_t> run(std::int64_t now_ms, const Ended& ended);

 private:
  struct Slot {
    std::int64_t run = 0, begun_ms = 0, noticed_ms = 0;
    std::unique_ptr<MainProcess> process;  // null: prepared, or ended
    std::optional<int> exit_code;
    std::optional<std::pair<std::int64_t, std::uint64_t>> place;  // in due_
  };
  using Slots = std::map<std::string, Slot, std::less<>>;  // by container

  void begin(const Object& pod, std::string_view name, Slot& slot, std::int64_t now_ms);
  void set_due(Slot& slot, std::int64_t at_ms);
  void let_go(Slot& slot);

  Objects& objects_;
  Containers& containers_;
  std::int64_t epoch_ms_;
  std::function<void()> awake_;
  net::Loop loop_;
  std::map<std::string, Slots, std::less<>> pods_;  // by uid
  std::map<std::pair<std::int64_t, std::uint64_t>, Slot*> due_;
  std::uint64_t placed_ = 0;
  int taken_ = 0;
};

}  // namespace fairlead::sandbox
