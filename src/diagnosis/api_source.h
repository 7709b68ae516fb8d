// A Source that reads from an API server, as the identity of one call.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "diagnosis/source.h"

namespace fairlead::diagnosis {

class ApiSource final : public Source {
 public:
  explicit ApiSource(ops::Call& call) : call_(call) {}

  awaitable<const ListSeen*> list(const Kind& kind, std::string ns) override;
  awaitable<const ObjectSeen*> get(const Kind& kind, std::string ns, std::string name) override;
  awaitable<const LogSeen*> log(std::string ns, std::string pod, std::string container, bool previous) override;
  awaitable<const std::vector<Terminating>*> terminating(std::string ns) override;
  awaitable<std::optional<bool>> may(std::string account_ns, std::string account, std::string verb, std::string group,
                                     std::string resource, std::string ns) override;
  std::int64_t now() const override { return call_.clock.unix_seconds(); }
  std::vector<std::string> unreadable() const override { return {unreadable_.begin(), unreadable_.end()}; }

 private:
  // What is being read or has been: whoever asks while it is read waits for it.
  template <class T>
  struct Slot {
    explicit Slot(net::Executor executor) : done(std::move(executor)) {}
    T value;
    net::Event done;
  };
  template <class T>
  using Slots = std::map<std::string, std::unique_ptr<Slot<T>>>;
  template <class T>
  awaitable<const T*> once(Slots<T>& slots, std::string key, std::function<awaitable<void>(T&)> read);

  awaitable<void> read_list(const Kind& kind, std::string ns, ListSeen& out);
  awaitable<void> read_one(const Kind& kind, std::string ns, std::string name, ObjectSeen& out);
  awaitable<void> read_log(std::string target, LogSeen& out);
  awaitable<void> read_terminating(std::string ns, std::vector<Terminating>& out);
  awaitable<void> add_terminating(std::string group, std::string version, std::string plural, std::string kind,
                                  std::string ns, std::vector<Terminating>& out);
  // How it ended; notes what could not be read, for the answer.
  Sight sight_of(const Error& error, const std::string& what, std::string& why);

  ops::Call& call_;
  Slots<ListSeen> lists_;
  Slots<ObjectSeen> objects_;
  Slots<LogSeen> logs_;
  Slots<std::vector<Terminating>> terminating_;
  Slots<std::optional<bool>> rights_;
  std::set<std::string> unreadable_;
};

}  // namespace fairlead::diagnosis
