// The client's end of an exec or attach without I/O: standard streams, terminal size and the final status, as the
// protocol carries them that was negotiated: SPDY/3.1 with a stream for each, or a WebSocket with numbered channels,
// each as (v5, v4, v3, v2.)channel.k8s.io lays down.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

struct RemoteOptions {
  bool in = false, out = false, err = false, tty = false;
};

struct RemoteInput {
  enum class Kind {
    bytes,  // of standard input
    end,    // of standard input
    resize,
    gone,  // the client ends the connection
  } kind;
  std::string bytes = {};
  int columns = 0, rows = 0;
};

class RemoteChannels {
 public:
  virtual ~RemoteChannels() = default;
  // What must be sent before anything else.
  virtual std::string greeting() { return {}; }
  // Every stream is there: the process may start.
  virtual bool ready() const { return true; }
  // An error ends the connection, after what take_replies() holds.
  virtual Result<std::vector<RemoteInput>> feed(std::string_view bytes) = 0;
  // What must be sent because of what was fed: replies to streams, pings, closes.
  std::string take_replies() { return std::exchange(replies_, {}); }
  // Bytes to send for output of the process.
  virtual std::string output(bool error, std::string_view bytes) = 0;
  // The end: `status` is a Status object. Earlier versions carry no more than its message.
  virtual std::string finish(const json::object& status) = 0;

 protected:
  std::string replies_;
};

// A request for an upgrade, answered: the headers of the 101, or what is sent instead.
struct Upgrade {
  std::vector<net::HttpHeader> headers;
  std::unique_ptr<RemoteChannels> channels;
  int refused = 0;  // not 0: the status code to answer with `text`
  std::string text = {};
  std::vector<net::HttpHeader> refused_headers = {};
};
bool wants_upgrade(const net::HttpRequest& request);
Upgrade negotiate_remote(const net::HttpRequest& request, const RemoteOptions& options);

// The answer to X-Stream-Protocol-Version: the first of the client's that is supported. In `refused` where none is.
Upgrade negotiate_spdy(const net::HttpRequest& request, const std::vector<std::string>& supported, std::string* chosen);

}  // namespace fairlead::sandbox
