// WebSocket framing: whatever comes, in whatever pieces, the codec gives messages within its bounds or breaks for good.
#include <cstdint>
#include <cstdlib>

#include "net/websocket.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairlead::net;
  if (size < 2) return 0;
  const WebSocketRole role = data[0] % 2 == 0 ? WebSocketRole::server : WebSocketRole::client;
  const std::size_t piece = 1 + data[1];
  WebSocketCodec codec(role, 4096, [] { return 5u; });
  WebSocketCodec peer(role == WebSocketRole::server ? WebSocketRole::client : WebSocketRole::server, 4096,
                      [] { return 5u; });
  std::string_view rest(reinterpret_cast<const char*>(data + 2), size - 2);
  bool closed = false;
  while (!rest.empty()) {
    auto messages = codec.feed(rest.substr(0, piece));
    rest.remove_prefix(std::min(piece, rest.size()));
    if (!messages) {
      require(codec.close_code() != 0 && !codec.feed("x"));
      return 0;
    }
    for (const WebSocketMessage& one : *messages) {
      require(!closed && one.payload.size() <= 4096 && one.opcode != WebSocketOpcode::continuation);
      closed = one.opcode == WebSocketOpcode::close;
      if (closed) continue;
      auto again = peer.feed(codec.message(one.opcode, one.payload));
      require(again && again->size() == 1 && again->front().payload == one.payload);
    }
  }
  return 0;
}
