// The server's end of a port-forward without I/O: bytes of the client in, bytes for it out. Over SPDY/3.1 a pair of
// streams is a connection to a port; over a WebSocket the request names the ports, and each has two channels. SPDY may
// also come inside the messages of a WebSocket. Bounded. Not thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "sandbox/pod_network.h"
#include "sandbox/remote_channels.h"

namespace fairlead::sandbox {

class PortForward {
 public:
  // A connection to a port, or why there is none, as the kubelet tells it to the client.
  using Connect = std::function<tl::expected<Connection, std::string>(std::int64_t port)>;

  virtual ~PortForward() = default;
  virtual std::string greeting() { return {}; }
  // What to send because of these bytes. After the end there is nothing more to be read.
  virtual std::string feed(std::string_view bytes) = 0;
  virtual bool ended() const = 0;
};

struct PortForwardUpgrade {
  Upgrade upgrade;  // its channels stay null
  std::unique_ptr<PortForward> forward;
};
// `ports` is what the request's query names; only a WebSocket needs it.
PortForwardUpgrade negotiate_port_forward(const net::HttpRequest& request, const std::vector<std::string_view>& ports,
                                          PortForward::Connect connect);

}  // namespace fairlead::sandbox
