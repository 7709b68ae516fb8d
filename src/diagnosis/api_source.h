// A Source that reads from an API server, as the identity of one call.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "diagnosis/source.h"
#include "kube/discovery.h"

namespace fairlead::diagnosis {

class ApiSource final : public Source {
 public:
  // Of all lists together it keeps at most about so many bytes; what is beyond that is unreadable.
  explicit ApiSource(ops::Call& call, std::size_t most_bytes = 512 << 20) : call_(call), most_bytes_(most_bytes) {}

  awaitable<const ListSeen*> list(const Kind& kind, std::string ns) override;
  awaitable<const ObjectSeen*> get(const Kind& kind, std::string ns, std::string name) override;
  awaitable<const LogSeen*> log(std::string ns, std::string pod, std::string container, bool previous) override;
  awaitable<const TerminatingSeen*> terminating(std::string ns) override;
  awaitable<std::optional<bool>> may(std::string account_ns, std::string account, ops::Right right,
                                     std::string ns) override;
  std::int64_t now() const override { return call_.clock.unix_seconds(); }
  std::vector<Unread> unreadable() const override { return {unreadable_.begin(), unreadable_.end()}; }

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

  // What a list of one namespace shows may be a part of what was read of all.
  struct ListRead : ListSeen {
    std::vector<json::value> store;
    json::storage_ptr memory;  // of what is in it: objects are many small parts, which nobody frees one by one
  };
  // Objects of one kind that are being deleted.
  struct Swept {
    std::vector<Terminating> items;
    bool cut = false;
  };

  awaitable<void> read_list(const Kind& kind, std::string ns, ListRead& out);
  awaitable<Result<void>> read_items(const Kind& kind, std::string ns, std::function<void()> restart,
                                     std::function<void(const json::value&)> each);
  awaitable<void> read_one(const Kind& kind, std::string ns, std::string name, ObjectSeen& out);
  awaitable<void> read_log(std::string target, LogSeen& out);
  awaitable<void> read_terminating(std::string ns, TerminatingSeen& out);
  awaitable<Result<Swept>> sweep(kube::ApiResource resource, std::string ns);
  // How it ended; notes what could not be read, for the answer.
  Sight sight_of(const Error& error, std::string what, std::string ns, std::optional<ErrorCode>* why = nullptr);

  ops::Call& call_;
  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  Slots<ListRead> lists_;
  Slots<ObjectSeen> objects_;
  Slots<LogSeen> logs_;
  Slots<TerminatingSeen> terminating_;
  Slots<std::optional<bool>> rights_;
  std::set<Unread> unreadable_;
};

}  // namespace fairlead::diagnosis
