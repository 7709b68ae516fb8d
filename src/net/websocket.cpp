#include "net/websocket.h"

#include <openssl/evp.h>

#include <array>

#include "base/text.h"

namespace fairlead::net {
namespace {

constexpr std::string_view kStep = "read from the WebSocket";

// Whether a header that lists tokens, possibly several times, has this one.
bool lists(const HttpRequest& request, std::string_view header, std::string_view token) {
  for (const auto& entry : request.headers) {
    if (!equal_ignoring_case(entry.name, header)) continue;
    for (std::string_view one : split(entry.value, ','))
      if (equal_ignoring_case(trim(one), token)) return true;
  }
  return false;
}

void apply_mask(std::string& payload, std::array<char, 4> key) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

bool is_control(WebSocketOpcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

bool may_be_sent(std::uint64_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code < 5000);
}

}  // namespace

bool wants_websocket(const HttpRequest& request) {
  return lists(request, "Connection", "upgrade") && lists(request, "Upgrade", "websocket");
}

std::vector<std::string> websocket_protocols(const HttpRequest& request) {
  std::vector<std::string> out;
  for (const auto& header : request.headers) {
    if (!equal_ignoring_case(header.name, "Sec-WebSocket-Protocol")) continue;
    for (std::string_view one : split(header.value, ','))
      if (!trim(one).empty()) out.emplace_back(trim(one));
  }
  return out;
}

bool is_same_origin(const HttpRequest& request) {
  const HttpHeader* origin = nullptr;
  for (const auto& header : request.headers) {
    if (!equal_ignoring_case(header.name, "Origin")) continue;
    if (origin) return false;
    origin = &header;
  }
  if (!origin) return true;
  std::string_view from = trim(origin->value), host = trim(request.header("Host"));
  const std::size_t authority = from.find("://");
  if (authority == std::string_view::npos || host.empty()) return false;  // "null": a page without a place
  const std::string_view scheme = from.substr(0, authority), port = scheme == "https" ? ":443" : ":80";
  from.remove_prefix(authority + 3);
  if (from.ends_with(port)) from.remove_suffix(port.size());
  if (host.ends_with(port)) host.remove_suffix(port.size());
  return (scheme == "https" || scheme == "http") && equal_ignoring_case(from, host);
}

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

Result<std::vector<HttpHeader>> accept_websocket(const HttpRequest& request, std::string_view protocol) {
  auto refuse = [](std::string cause) {
    return fail(ErrorCode::invalid_request, "open the WebSocket", std::move(cause));
  };
  if (request.method != "GET") return refuse("the method is not GET");
  if (!wants_websocket(request)) return refuse("the request does not ask for a WebSocket");
  if (trim(request.header("Sec-WebSocket-Version")) != "13") return refuse("Sec-WebSocket-Version is not 13");
  std::string_view key = trim(request.header("Sec-WebSocket-Key"));
  auto bytes = base64_decode(key);
  if (!bytes || bytes->size() != 16) return refuse("Sec-WebSocket-Key is not 16 bytes in base64");
  std::vector<HttpHeader> out{
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", websocket_accept(key)}};
  if (!protocol.empty()) out.push_back({"Sec-WebSocket-Protocol", std::string(protocol)});
  return out;
}

WebSocketCodec::WebSocketCodec(WebSocketRole role, std::size_t message_limit, std::function<std::uint32_t()> mask)
    : role_(role), limit_(message_limit), mask_(std::move(mask)) {}

tl::unexpected<Error> WebSocketCodec::broken(std::uint16_t code, std::string cause) {
  close_code_ = code;
  return fail(ErrorCode::invalid_request, std::string(kStep), std::move(cause));
}

Result<std::vector<WebSocketMessage>> WebSocketCodec::feed(std::string_view bytes) {
  if (close_code_ != 0) return broken(close_code_, "it is broken already");
  std::vector<WebSocketMessage> out;
  if (closed_) return out;
  unread_ += bytes;
  std::string_view rest = unread_;
  while (!closed_ && rest.size() >= 2) {
    const auto first = static_cast<std::uint8_t>(rest[0]), second = static_cast<std::uint8_t>(rest[1]);
    const bool masked = (second & 0x80) != 0;
    if ((first & 0x70) != 0) return broken(1002, "a frame has reserved bits");
    if (masked != (role_ == WebSocketRole::server))
      return broken(1002, masked ? "a frame is masked" : "a frame is not masked");
    std::uint64_t size = second & 0x7F;
    const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    const std::size_t head = 2 + extra + (masked ? 4 : 0);
    if (is_control(static_cast<WebSocketOpcode>(first & 0x0F)) && (size > 125 || (first & 0x80) == 0))
      return broken(1002, "a control frame is long or fragmented");
    if (rest.size() < head) break;
    if (extra > 0) size = big_endian(rest.substr(2, extra));
    if (size > limit_ || partial_.size() > limit_ - size) return broken(1009, "a message is too large");
    if (rest.size() - head < size) break;
    std::string payload(rest.substr(head, size));
    if (masked) apply_mask(payload, {rest[head - 4], rest[head - 3], rest[head - 2], rest[head - 1]});
    rest.remove_prefix(head + size);
    if (auto taken = take_frame(first, std::move(payload), &out); !taken) return fail(std::move(taken.error()));
  }
  unread_.erase(0, unread_.size() - rest.size());
  return out;
}

Result<void> WebSocketCodec::take_frame(std::uint8_t first, std::string payload, std::vector<WebSocketMessage>* out) {
  const auto opcode = static_cast<WebSocketOpcode>(first & 0x0F);
  const bool last = (first & 0x80) != 0;
  switch (opcode) {
    case WebSocketOpcode::ping:
    case WebSocketOpcode::pong: out->push_back({opcode, std::move(payload)}); return {};
    case WebSocketOpcode::close: {
      WebSocketMessage message{opcode, ""};
      if (payload.size() == 1) return broken(1002, "a close frame has half a code");
      if (payload.size() >= 2) {
        std::uint64_t code = big_endian(std::string_view(payload).substr(0, 2));
        if (!may_be_sent(code)) return broken(1002, "a close frame has a code that must not be sent");
        message.code = static_cast<std::uint16_t>(code);
        message.payload = payload.substr(2);
        if (!is_valid_utf8(message.payload)) return broken(1007, "the reason of a close frame is not UTF-8");
      }
      closed_ = true;
      out->push_back(std::move(message));
      return {};
    }
    case WebSocketOpcode::text:
    case WebSocketOpcode::binary:
      if (partial_opcode_ != WebSocketOpcode::continuation) return broken(1002, "a message begins inside another one");
      partial_opcode_ = opcode;
      break;
    case WebSocketOpcode::continuation:
      if (partial_opcode_ == WebSocketOpcode::continuation) return broken(1002, "a fragment belongs to no message");
      break;
    default: return broken(1002, "a frame has an unknown opcode");
  }
  partial_ += payload;
  if (!last) return {};
  if (partial_opcode_ == WebSocketOpcode::text && !is_valid_utf8(partial_))
    return broken(1007, "a text message is not UTF-8");
  out->push_back({partial_opcode_, std::move(partial_)});
  partial_.clear();
  partial_opcode_ = WebSocketOpcode::continuation;
  return {};
}

std::string WebSocketCodec::message(WebSocketOpcode opcode, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 14);
  out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  const std::uint8_t flag = role_ == WebSocketRole::client ? 0x80 : 0;
  const std::size_t extra = payload.size() < 126 ? 0 : payload.size() <= 0xFFFF ? 2 : 8;
  out += static_cast<char>(flag | (extra == 0 ? payload.size() : extra == 2 ? 126 : 127));
  for (std::size_t i = extra; i > 0; --i) out += static_cast<char>(payload.size() >> (8 * (i - 1)) & 0xFF);
  if (role_ == WebSocketRole::server) return out.append(payload);
  const std::uint32_t random = mask_();
  std::array<char, 4> key{};
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<char>(random >> (8 * i) & 0xFF);
  std::string masked(payload);
  apply_mask(masked, key);
  return out.append(key.data(), key.size()).append(masked);
}

std::string WebSocketCodec::close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += reason.substr(0, 123);
  return message(WebSocketOpcode::close, payload);
}

}  // namespace fairlead::net
