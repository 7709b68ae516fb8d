#include "sandbox/remote_channels.h"

#include <gtest/gtest.h>

#include "net/websocket.h"
#include "sandbox/spdy.h"
#include "sandbox/terminal.h"

namespace fairlead::sandbox {
namespace {

using Kind = RemoteInput::Kind;

net::HttpRequest websocket(std::string protocol) {
  net::HttpRequest request;
  request.headers = {{"Connection", "Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  if (!protocol.empty()) request.headers.push_back({"Sec-WebSocket-Protocol", std::move(protocol)});
  return request;
}

net::HttpRequest spdy(std::vector<std::string> versions) {
  net::HttpRequest request;
  request.method = "POST";
  request.headers = {{"Connection", "Upgrade"}, {"Upgrade", "SPDY/3.1"}};
  for (std::string& version : versions) request.headers.push_back({"X-Stream-Protocol-Version", std::move(version)});
  return request;
}

const json::object done{{"metadata", json::object()}, {"status", "Success"}};
const json::object failed{{"metadata", json::object()}, {"status", "Failure"}, {"message", "it failed"}};

net::WebSocketCodec client() {
  return net::WebSocketCodec(net::WebSocketRole::client, 1 << 20, [] { return 0x01020304u; });
}

TEST(RemoteChannels, ChooseTheFirstVersionThatBothKnow) {
  RemoteOptions all{true, true, true, false};
  EXPECT_EQ(negotiate_remote(websocket("v9.channel.k8s.io, v4.channel.k8s.io"), all).headers.back().value,
            "v4.channel.k8s.io");
  EXPECT_EQ(negotiate_remote(websocket("v9.channel.k8s.io"), all).refused, 403);
  EXPECT_EQ(negotiate_remote(websocket(""), all).refused, 0);
  EXPECT_EQ(negotiate_remote(spdy({"v9.channel.k8s.io", "v3.channel.k8s.io"}), all).headers.back().value,
            "v3.channel.k8s.io");
  Upgrade none = negotiate_remote(spdy({"x"}), all);
  EXPECT_EQ(none.refused, 403);
  EXPECT_EQ(none.text,
            "unable to upgrade: unable to negotiate protocol: client supports [x], server accepts [v4.channel.k8s.io "
            "v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]\n");
  EXPECT_EQ(none.refused_headers.size(), 4u);
  EXPECT_EQ(negotiate_remote(spdy({}), all).refused, 400);
  net::HttpRequest other = spdy({"v4.channel.k8s.io"});
  other.headers[1].value = "h2c";
  EXPECT_EQ(negotiate_remote(other, all).refused, 400);
}

TEST(RemoteChannels, CarryStreamsOverAWebSocket) {
  for (std::string version : {"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"}) {
    Upgrade upgrade = negotiate_remote(websocket(version), {true, true, true, true});
    ASSERT_TRUE(upgrade.channels);
    net::WebSocketCodec peer = client();
    auto greeting = peer.feed(upgrade.channels->greeting());
    ASSERT_TRUE(greeting);
    EXPECT_EQ((*greeting)[0].payload, "\x01");
    std::string sent = peer.message(net::WebSocketOpcode::binary, std::string("\0in", 3)) +
                       peer.message(net::WebSocketOpcode::binary, "\x04{\"Width\":80,\"Height\":24}\n") +
                       peer.message(net::WebSocketOpcode::binary, std::string("\xFF\0", 2)) +
                       peer.message(net::WebSocketOpcode::ping, "p");
    auto got = upgrade.channels->feed(sent);
    ASSERT_TRUE(got);
    ASSERT_EQ(got->size(), version.starts_with("v5") ? 3u : 2u);
    EXPECT_EQ((*got)[0].bytes, "in");
    EXPECT_EQ((*got)[1].columns, 80);
    if (got->size() == 3) { EXPECT_EQ((*got)[2].kind, Kind::end); }
    auto back = peer.feed(upgrade.channels->take_replies() + upgrade.channels->output(false, "out") +
                          upgrade.channels->output(true, "err") + upgrade.channels->finish(failed));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), 5u);
    EXPECT_EQ((*back)[0].opcode, net::WebSocketOpcode::pong);
    EXPECT_EQ((*back)[1].payload, "\x01out");
    EXPECT_EQ((*back)[2].payload,
              "\x02"
              "err");
    EXPECT_EQ((*back)[3].payload, version == "channel.k8s.io"
                                      ? "\x03it failed"
                                      : "\x03{\"metadata\":{},\"status\":\"Failure\",\"message\":\"it failed\"}");
    EXPECT_EQ((*back)[4].code, 1000);
  }
}

TEST(RemoteChannels, CarryBase64ToBrowsers) {
  Upgrade upgrade = negotiate_remote(websocket("v4.base64.channel.k8s.io"), {true, true, true, false});
  ASSERT_TRUE(upgrade.channels);
  net::WebSocketCodec peer = client();
  auto got = upgrade.channels->feed(peer.message(net::WebSocketOpcode::text, "0aGk="));
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)[0].bytes, "hi");
  auto back = peer.feed(upgrade.channels->output(false, "yo"));
  EXPECT_EQ((*back)[0].payload, "1eW8=");
}

TEST(RemoteChannels, WaitForTheStreamsOfSpdy) {
  Upgrade upgrade = negotiate_remote(spdy({"v4.channel.k8s.io"}), {true, true, false, true});
  ASSERT_TRUE(upgrade.channels);
  SpdyCodec peer;
  std::uint32_t id = 1;
  for (std::string type : {"error", "stdin", "stdout", "resize", "odd", "stdin"}) {
    EXPECT_EQ(upgrade.channels->ready(), id > 7) << type;
    ASSERT_TRUE(upgrade.channels->feed(peer.open(id, {{"streamtype", type}})));
    id += 2;
  }
  auto replies = peer.feed(upgrade.channels->take_replies());
  ASSERT_TRUE(replies);
  ASSERT_EQ(replies->size(), 6u);
  EXPECT_EQ((*replies)[3].kind, SpdyEvent::Kind::reply);
  EXPECT_EQ((*replies)[4].kind, SpdyEvent::Kind::reset);
  EXPECT_EQ((*replies)[5].kind, SpdyEvent::Kind::reset);
  auto got = upgrade.channels->feed(peer.data(3, "in") + peer.data(7, "{\"Width\":1,") + peer.data(7, "\"Height\":2}") +
                                    peer.data(3, "", true) + peer.go_away(0));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 4u);
  EXPECT_EQ((*got)[0].bytes, "in");
  EXPECT_EQ((*got)[1].rows, 2);
  EXPECT_EQ((*got)[2].kind, Kind::end);
  EXPECT_EQ((*got)[3].kind, Kind::gone);
  auto end = peer.feed(upgrade.channels->output(false, "out") + upgrade.channels->output(true, "lost") +
                       upgrade.channels->finish(done));
  ASSERT_TRUE(end);
  ASSERT_EQ(end->size(), 4u);
  EXPECT_EQ((*end)[0].data, "out");
  EXPECT_EQ((*end)[2].data, "{\"metadata\":{},\"status\":\"Success\"}");
  EXPECT_TRUE((*end)[2].fin);
}

TEST(Terminal, EditsLines) {
  Terminal terminal;
  EXPECT_EQ(terminal.feed("lx\x7Fs \xC3\xA9\x7F\r"), "lx\b \bs \xC3\xA9\b \b\r\n");
  EXPECT_EQ(terminal.lines().front(), "ls \n");
  terminal.lines().clear();
  EXPECT_EQ(terminal.feed("abc\x15z\x1B[A\n"), "abc\b \b\b \b\b \bz\r\n");
  EXPECT_EQ(terminal.lines().front(), "z\n");
  terminal.lines().clear();
  EXPECT_EQ(terminal.feed("abc\x03"), "abc^C\r\n");
  EXPECT_TRUE(terminal.take_interrupt());
  EXPECT_FALSE(terminal.take_interrupt());
  terminal.feed("\x04");
  EXPECT_EQ(terminal.lines().front(), "");
  EXPECT_EQ(Terminal::shown("a\nb"), "a\r\nb");
}

}  // namespace
}  // namespace fairlead::sandbox
