// SPDY framing, and the port-forward and exec that stand on it: bounded answers or an end, never a crash.
#include <cstdint>
#include <cstdlib>

#include "sandbox/port_forward.h"
#include "sandbox/spdy.h"

namespace {

using namespace fairlead;
using namespace fairlead::sandbox;

void require(bool condition) {
  if (!condition) std::abort();
}

net::HttpRequest upgrade(const char* version) {
  net::HttpRequest request;
  request.headers = {{"Connection", "Upgrade"}, {"Upgrade", "SPDY/3.1"}, {"X-Stream-Protocol-Version", version}};
  return request;
}

tl::expected<Connection, std::string> connect_to(std::int64_t port) {
  if (port % 2 == 1) return tl::unexpected<std::string>("refused");
  return Connection{Connection::Outcome::answered, "10.0.0.1", "n", "p", "c", port};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0];
  const std::string_view all(reinterpret_cast<const char*>(data + 1), size - 1);
  SpdyCodec codec;
  auto forward = negotiate_port_forward(upgrade("portforward.k8s.io"), {}, connect_to).forward;
  auto exec = negotiate_remote(upgrade("v4.channel.k8s.io"), RemoteOptions{true, true, true, true}).channels;
  bool broken = false;
  for (std::string_view rest = all; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
    const std::string_view bytes = rest.substr(0, piece);
    auto events = codec.feed(bytes);
    require(!broken || !events);
    broken = !events;
    if (!forward->ended()) (void)forward->feed(bytes);
    require(!broken || forward->ended());
    if (!broken) require(exec->feed(bytes).has_value());
    (void)exec->take_replies();
  }
  (void)exec->finish({});
  return 0;
}
