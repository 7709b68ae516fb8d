// What makes the sandbox live: small controllers that bring what is there closer to what is wanted, driven by a queue
// of what changed and of what is due. No clock, no threads: the owner calls run() with the time. Not thread-safe: one
// loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "sandbox/controller.h"

namespace fairlead::sandbox {

class Controllers final : private Work {
 public:
  // Starts to look at changes. What is in the store already is taken to be in order, but for what waits for something;
  // `now_ms` as in run(). `awake` is called when run() should be called earlier than it last said.
  // `authority_pem` is the cluster's CA certificate, which every namespace shows; `containers` are those that the API
  // shows, null: nobody else looks into them.
  Controllers(Objects& objects, std::int64_t now_ms, std::function<void()> awake, std::string authority_pem = {},
              std::shared_ptr<Containers> containers = nullptr);
  ~Controllers() override;
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  // Does what is due, at most a few milliseconds' worth at once. `now_ms` never goes back; where it starts is of no
  // matter. Answers when there is more to do; nothing: when something changes.
  std::optional<std::int64_t> run(std::int64_t now_ms);

 private:
  struct Task {
    Controller* controller;
    Key key;
    bool operator==(const Task&) const = default;
  };
  struct TaskHash {
    std::size_t operator()(const Task& task) const;
  };
  using Place = std::pair<std::int64_t, std::uint64_t>;  // when, and the how manieth of that time

  void wake(Controller& controller, Key key, std::int64_t delay_ms) override;
  std::int64_t now_ms() const override { return now_ms_; }
  void changed(const Change& change);

  struct Alive;  // ends the store's observer with this object
  std::shared_ptr<Alive> alive_;
  std::function<void()> awake_;
  std::int64_t now_ms_;
  std::uint64_t woken_ = 0;
  std::unordered_map<Task, Place, TaskHash> tasks_;
  std::map<Place, const Task*> queue_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::unordered_map<const Resource*, std::vector<Controller*>> watching_;
};

}  // namespace fairlead::sandbox
