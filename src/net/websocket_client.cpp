#include "net/websocket_client.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace fairlead::net {
namespace {

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> out{};
  RAND_bytes(out.data(), static_cast<int>(out.size()));
  return out;
}

std::uint32_t mask() {
  std::uint32_t out = 0;
  for (unsigned char byte : random_bytes<4>()) out = out << 8 | byte;
  return out;
}

}  // namespace

WebSocketOffer::WebSocketOffer(std::vector<std::string> protocols) : protocols_(std::move(protocols)) {
  const auto nonce = random_bytes<16>();
  key_ = base64_encode(std::string_view(reinterpret_cast<const char*>(nonce.data()), nonce.size()));
}

std::vector<HttpHeader> WebSocketOffer::headers() const {
  std::string offered;
  for (const auto& protocol : protocols_) offered += (offered.empty() ? "" : ", ") + protocol;
  std::vector<HttpHeader> out{{"Connection", "Upgrade"},
                              {"Upgrade", "websocket"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", key_}};
  if (!offered.empty()) out.push_back({"Sec-WebSocket-Protocol", std::move(offered)});
  return out;
}

Result<std::string> WebSocketOffer::accepted(const HttpHead& head) const {
  const auto refuse = [](std::string cause) {
    return fail(ErrorCode::server_error, "open the WebSocket", std::move(cause),
                "Check that the address is that of a Kubernetes API server, and look at proxies on the way");
  };
  if (trim(head.header("Sec-WebSocket-Accept")) != websocket_accept(key_))
    return refuse("the server accepted something else than what was asked for");
  std::string chosen(trim(head.header("Sec-WebSocket-Protocol")));
  if (!protocols_.empty() && std::find(protocols_.begin(), protocols_.end(), chosen) == protocols_.end())
    return refuse("the server speaks none of the protocols that were offered");
  return chosen;
}

WebSocketCodec websocket_client_codec(std::size_t message_limit) {
  return WebSocketCodec(WebSocketRole::client, message_limit, mask);
}

}  // namespace fairlead::net
