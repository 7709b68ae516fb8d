// Whether what a stream was opened for still holds: its caller's token, the policy and its clusters' rows, asked again
// and again as long as it is open. It fails closed: an expiry is remembered, and a database that does not answer ends
// the stream after a while. Use on one executor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/touches.h"
#include "rest/api.h"

namespace fairlead::rest {

class StreamWatch {
 public:
  static constexpr Duration kLook = std::chrono::milliseconds(400);
  // After which an answer is waited for no longer.
  static constexpr Duration kGiveUp = std::chrono::seconds(10);

  struct Opened {
    Secret token;
    std::string operation;
    std::vector<std::string> clusters;  // as the call names them
    json::object arguments;
    bool is_endless = false;  // it ends with the server, and not when it has its answer
  };
  // In `all` as long as it lives.
  StreamWatch(const Parts& parts, OpenStreams& all, const bool& is_draining, net::Executor executor, Opened opened);
  ~StreamWatch();
  StreamWatch(const StreamWatch&) = delete;
  StreamWatch& operator=(const StreamWatch&) = delete;

  // What holds now, before the call begins.
  awaitable<void> begin();
  // Why the stream must end: authentication_failed, policy_denied, not_found, or unreachable where nobody can tell, and
  // where this server is about to end; cancelled with the caller.
  awaitable<Error> until_it_must_end();
  // The server is about to end.
  void wake() { changed_.set(); }

 private:
  struct Standing {
    bool passes = false;
    std::string policy;  // its digest
  };
  awaitable<void> look_again_and_again();
  awaitable<std::optional<Error>> look();
  std::optional<Error> why_now() const;
  bool has_expired() const;
  Standing standing(const gate::Policy& policy, const gate::Identity& who, const std::string& cluster,
                    const gate::DefaultNamespaces& defaults) const;
  std::optional<Error> compare(const std::string& cluster, Standing now) const;

  const Parts& parts_;
  OpenStreams& all_;
  const bool& is_draining_;
  net::Executor executor_;
  const Opened opened_;
  const std::int64_t begun_;               // unix seconds
  TimePoint answered_;                     // when all of it was known last
  std::optional<std::int64_t> expires_;    // unix seconds, 0: never; nothing: not known yet
  std::map<std::string, Standing> first_;  // by cluster
  std::optional<Error> why_;
  net::Event changed_;
};

}  // namespace fairlead::rest
