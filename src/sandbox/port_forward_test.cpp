#include "sandbox/port_forward.h"

#include <gtest/gtest.h>

#include "net/websocket.h"
#include "sandbox/spdy.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view ask = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

tl::expected<Connection, std::string> open_port(std::int64_t port) {
  if (port != 80) return tl::unexpected<std::string>("refused");
  return Connection{Connection::Outcome::answered, "10.0.0.1", "shop", "pod", "web", port};
}

net::HttpRequest request_for(std::string protocol) {
  net::HttpRequest request;
  request.headers = {{"Connection", "Upgrade"}};
  if (protocol == "spdy") {
    request.headers.push_back({"Upgrade", "SPDY/3.1"});
    request.headers.push_back({"X-Stream-Protocol-Version", "portforward.k8s.io"});
  } else {
    request.headers.insert(
        request.headers.end(),
        {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
    request.headers.push_back({"Sec-WebSocket-Protocol", std::move(protocol)});
  }
  return request;
}

std::string pair_of(SpdyCodec& codec, std::uint32_t first, std::string port) {
  std::string id = std::to_string(first);
  std::string out = codec.open(first, {{"streamtype", "error"}, {"port", port}, {"requestid", id}}, true);
  return out + codec.open(first + 2, {{"streamtype", "data"}, {"port", port}, {"requestid", id}});
}

TEST(PortForward, AnswersOverSpdy) {
  auto made = negotiate_port_forward(request_for("spdy"), {}, open_port);
  ASSERT_TRUE(made.forward);
  SpdyCodec peer;
  auto got = peer.feed(made.forward->feed(pair_of(peer, 1, "80") + peer.data(3, ask.substr(0, 10)) +
                                          peer.data(3, ask.substr(10)) + peer.data(3, "", true)));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 5u);  // two replies, the answer, the ends of both streams
  EXPECT_TRUE((*got)[2].data.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE((*got)[2].data.ends_with("\r\n\r\nok\n"));
  EXPECT_EQ((*got)[3].stream, 1u);
  EXPECT_TRUE((*got)[3].fin && (*got)[4].fin);
  EXPECT_EQ(made.forward->feed(peer.data(3, "late")), "");
  // A port that nobody listens on.
  got = peer.feed(made.forward->feed(pair_of(peer, 5, "81")));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 4u);
  EXPECT_EQ((*got)[2].stream, 5u);
  EXPECT_EQ((*got)[2].data, "refused");
  // What is no stream of a port-forward.
  std::string odd = peer.open(9, {{"streamtype", "data"}, {"port", "0"}});
  odd += peer.open(11, {{"streamtype", "odd"}, {"port", "80"}});
  odd += peer.open(13, {});
  got = peer.feed(made.forward->feed(odd));
  ASSERT_EQ(got->size(), 3u);
  for (const SpdyEvent& event : *got) EXPECT_EQ(event.kind, SpdyEvent::Kind::reset);
  EXPECT_FALSE(made.forward->ended());
  EXPECT_FALSE(made.forward->feed("junk of a client that speaks something else").empty());
  EXPECT_TRUE(made.forward->ended());
}

TEST(PortForward, AnswersInsideAWebSocket) {
  auto made = negotiate_port_forward(request_for("SPDY/3.1+portforward.k8s.io"), {}, open_port);
  ASSERT_TRUE(made.forward);
  EXPECT_EQ(made.upgrade.headers.back().value, "SPDY/3.1+portforward.k8s.io");
  net::WebSocketCodec outer(net::WebSocketRole::client, 1 << 20, [] { return 7u; });
  SpdyCodec peer;
  auto got = outer.feed(
      made.forward->feed(outer.message(net::WebSocketOpcode::binary, pair_of(peer, 1, "80") + peer.data(3, ask))));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 1u);
  auto events = peer.feed((*got)[0].payload);
  ASSERT_TRUE(events);
  EXPECT_TRUE(events->back().data.ends_with("ok\n"));
}

TEST(PortForward, AnswersOnChannels) {
  EXPECT_EQ(negotiate_port_forward(request_for("v4.channel.k8s.io"), {}, open_port).upgrade.text,
            "query parameter \"port\" is required");
  EXPECT_EQ(negotiate_port_forward(request_for("v4.channel.k8s.io"), {"0"}, open_port).upgrade.refused, 400);
  EXPECT_EQ(negotiate_port_forward(request_for("v4.channel.k8s.io"), {"x"}, open_port).upgrade.refused, 400);
  EXPECT_EQ(negotiate_port_forward(request_for("odd"), {"80"}, open_port).upgrade.refused, 403);
  auto made = negotiate_port_forward(request_for("v4.channel.k8s.io"), {"80,81"}, open_port);
  ASSERT_TRUE(made.forward);
  net::WebSocketCodec peer(net::WebSocketRole::client, 1 << 20, [] { return 7u; });
  auto got = peer.feed(made.forward->greeting());
  ASSERT_EQ(got->size(), 5u);
  EXPECT_EQ((*got)[0].payload, std::string("\0P\0", 3));
  EXPECT_EQ((*got)[4].payload, "\x03refused");
  got =
      peer.feed(made.forward->feed(peer.message(net::WebSocketOpcode::binary, std::string(1, '\0') + std::string(ask)) +
                                   peer.message(net::WebSocketOpcode::binary, "\x07x")));
  ASSERT_EQ(got->size(), 1u);
  EXPECT_TRUE((*got)[0].payload.ends_with("ok\n"));
}

TEST(PodHttpServer, EndsAfterWhatItCannotRead) {
  PodHttpServer server(*open_port(80));
  EXPECT_TRUE(server.feed("GET / HTTP/1.1\r\n\r\nHEAD /none HTTP/1.1\r\n\r\n").ends_with("Content-Length: 19\r\n\r\n"));
  EXPECT_FALSE(server.ends());
  EXPECT_TRUE(server.feed("\x16\x03\x01 something else\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(server.ends());
  EXPECT_EQ(server.feed("GET / HTTP/1.1\r\n\r\n"), "");
}

}  // namespace
}  // namespace fairlead::sandbox
