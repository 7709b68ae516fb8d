#include "net/websocket.h"

#include <gtest/gtest.h>

namespace fairlead::net {
namespace {

using Opcode = WebSocketOpcode;

WebSocketCodec server(std::size_t limit = 1 << 16) { return WebSocketCodec(WebSocketRole::server, limit); }
WebSocketCodec client(std::size_t limit = 1 << 16) {
  return WebSocketCodec(WebSocketRole::client, limit, [next = 0x12345678u]() mutable { return next += 0x9E3779B9u; });
}

HttpRequest opening() {
  HttpRequest request;
  request.headers = {{"Connection", "keep-alive, Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Protocol", "v5.channel.k8s.io, v4.channel.k8s.io"}};
  return request;
}

TEST(WebSocket, OpensAsTheStandardShows) {
  HttpRequest request = opening();
  EXPECT_TRUE(wants_websocket(request));
  EXPECT_EQ(websocket_protocols(request), (std::vector<std::string>{"v5.channel.k8s.io", "v4.channel.k8s.io"}));
  auto headers = accept_websocket(request, "v4.channel.k8s.io");
  ASSERT_TRUE(headers);
  EXPECT_EQ((*headers)[2].value, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
  EXPECT_EQ((*headers)[3].value, "v4.channel.k8s.io");
  request.headers[3].value = "dGhl";
  EXPECT_FALSE(accept_websocket(request, ""));
  request = opening();
  request.method = "POST";
  EXPECT_FALSE(accept_websocket(request, ""));
  request = opening();
  request.headers[2].value = "8";
  EXPECT_FALSE(accept_websocket(request, ""));
  request.headers.clear();
  EXPECT_FALSE(wants_websocket(request));
}

TEST(WebSocket, PagesOfOtherSites) {
  const auto same = [](std::vector<HttpHeader> headers) {
    HttpRequest request;
    request.headers = std::move(headers);
    return is_same_origin(request);
  };
  EXPECT_TRUE(same({{"Host", "fairlead:8475"}}));
  EXPECT_TRUE(same({{"Host", "fairlead:8475"}, {"Origin", "https://Fairlead:8475"}}));
  EXPECT_TRUE(same({{"Host", "fairlead"}, {"Origin", "https://fairlead"}}));
  EXPECT_TRUE(same({{"Host", "fairlead:443"}, {"Origin", "https://fairlead"}}));
  EXPECT_TRUE(same({{"Host", "[::1]:8475"}, {"Origin", "http://[::1]:8475"}}));
  for (const char* origin : {"https://evil", "https://fairlead", "https://fairlead:8475.evil", "https://fairlead:8476",
                             "https://evil@fairlead:8475", "null", "", "fairlead:8475", "file://fairlead:8475"})
    EXPECT_FALSE(same({{"Host", "fairlead:8475"}, {"Origin", origin}})) << origin;
  EXPECT_FALSE(same({{"Origin", "https://fairlead"}}));
  EXPECT_FALSE(same({{"Host", "a"}, {"Origin", "https://a"}, {"Origin", "https://a"}}));
}

TEST(WebSocket, CarriesWhatWasSentHoweverItIsCut) {
  for (std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
    for (bool from_client : {true, false}) {
      WebSocketCodec sender = from_client ? client() : server(), receiver = from_client ? server() : client();
      std::string bytes =
          sender.message(Opcode::binary, payload) + sender.message(Opcode::ping, "p") + sender.close(1000, "done");
      std::vector<WebSocketMessage> got;
      for (std::size_t at = 0, step = 1; at < bytes.size(); at += step, step = step * 3 % 4001) {
        auto messages = receiver.feed(std::string_view(bytes).substr(at, step));
        ASSERT_TRUE(messages);
        got.insert(got.end(), messages->begin(), messages->end());
      }
      ASSERT_EQ(got.size(), 3u);
      EXPECT_EQ(got[0].payload, payload);
      EXPECT_EQ(got[1].opcode, Opcode::ping);
      EXPECT_EQ(got[2].code, 1000);
      EXPECT_EQ(got[2].payload, "done");
      auto after = receiver.feed(sender.message(Opcode::binary, "late"));
      ASSERT_TRUE(after);
      EXPECT_TRUE(after->empty());
    }
  }
}

TEST(WebSocket, PutsFragmentsTogetherAroundControlFrames) {
  WebSocketCodec codec = client();
  auto got =
      codec.feed(std::string("\x01\x02"
                             "ab"
                             "\x89\x01"
                             "!"
                             "\x00\x01"
                             "c"
                             "\x80\x01"
                             "d",
                             14));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].opcode, Opcode::ping);
  EXPECT_EQ((*got)[1].opcode, Opcode::text);
  EXPECT_EQ((*got)[1].payload, "abcd");
}

TEST(WebSocket, RefusesWhatTheStandardForbids) {
  struct Case {
    std::string bytes;
    int code;
  };
  const Case cases[] = {
      {std::string("\xC2\x00", 2), 1002},              // a reserved bit
      {std::string("\x83\x00", 2), 1002},              // an unknown opcode
      {std::string("\x82\x80", 2), 1002},              // masked, from a server
      {std::string("\x80\x00", 2), 1002},              // a fragment of nothing
      {std::string("\x02\x00\x02\x00", 4), 1002},      // a message inside another
      {std::string("\x09\x00", 2), 1002},              // a fragmented ping
      {std::string("\x89\x7E\x00\x80", 4), 1002},      // a long ping
      {std::string("\x88\x01x", 3), 1002},             // half a code
      {std::string("\x88\x02\x03\xED", 4), 1002},      // 1005
      {std::string("\x88\x03\x03\xE8\xFF", 5), 1007},  // a reason that is not UTF-8
      {std::string("\x81\x01\xFF", 3), 1007},          // a text that is not
      {std::string("\x82\x7F\x80\0\0\0\0\0\0\0", 10), 1009},
      {std::string("\x82\x7E\x02\x00", 4), 1009},
  };
  for (const Case& one : cases) {
    WebSocketCodec codec = client(500);
    EXPECT_FALSE(codec.feed(one.bytes));
    EXPECT_EQ(codec.close_code(), one.code);
    EXPECT_FALSE(codec.feed("")) << "it stays broken";
  }
  EXPECT_FALSE(server().feed(std::string("\x82\x00", 2))) << "not masked, from a client";
  // The limit is one of the message, not of its fragments.
  WebSocketCodec codec = client(4);
  ASSERT_TRUE(
      codec.feed("\x02\x03"
                 "abc"));
  EXPECT_FALSE(
      codec.feed("\x80\x02"
                 "de"));
}

}  // namespace
}  // namespace fairlead::net
