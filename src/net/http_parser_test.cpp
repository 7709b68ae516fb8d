#include "net/http_parser.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/test_support.h"

namespace fairlead::net {
namespace {

using testing::CollectingSink;

// What a parser made of some bytes, to be compared.
struct Outcome {
  bool done = false, failed = false, keep_alive = false;
  int status = 0, heads = 0;
  std::string headers, body;
  std::size_t used = 0;
  std::string error;  // not compared

  bool operator==(const Outcome& other) const {
    return done == other.done && failed == other.failed && keep_alive == other.keep_alive && status == other.status &&
           heads == other.heads && headers == other.headers && body == other.body && used == other.used;
  }
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "{done " << o.done << " failed " << o.failed << " keep_alive " << o.keep_alive << " status " << o.status
             << " heads " << o.heads << " headers " << o.headers << " body " << o.body << " used " << o.used << " "
             << o.error << "}";
}

// Feeds the pieces as a connection would: what was not taken comes again in front of the next one.
template <class Parser>
bool feed_pieces(Parser& parser, std::string_view bytes, std::vector<std::size_t> cuts, Outcome& out) {
  cuts.push_back(bytes.size());
  std::string pending;
  std::size_t at = 0;
  for (std::size_t cut : cuts) {
    pending += bytes.substr(at, cut - at);
    at = cut;
    auto used = parser.feed(pending);
    if (!used) {
      out.failed = true;
      out.error = used.error().sentence();
      EXPECT_FALSE(parser.done());
      EXPECT_FALSE(parser.feed("more"));
      EXPECT_FALSE(parser.done());
      return false;
    }
    EXPECT_LE(*used, pending.size());
    out.used += *used;
    pending.erase(0, *used);
  }
  return true;
}

Outcome respond(std::string_view bytes, std::vector<std::size_t> cuts = {}, bool closed = false,
                bool head_request = false, std::size_t limit = 4096) {
  CollectingSink sink;
  ResponseParser parser(sink, head_request, limit);
  EXPECT_FALSE(parser.started());
  Outcome out;
  if (feed_pieces(parser, bytes, std::move(cuts), out) && closed) {
    auto ended = parser.feed_end();
    if (!ended) {
      out.failed = true;
      out.error = ended.error().sentence();
      EXPECT_EQ(ended.error().code, ErrorCode::unreachable);
    }
  }
  out.done = parser.done();
  out.keep_alive = parser.keep_alive();
  out.heads = sink.heads;
  out.status = sink.head.status;
  for (const auto& header : sink.head.headers) out.headers += header.name + "=" + header.value + ";";
  out.body = sink.body;
  return out;
}

Outcome request(std::string_view bytes, std::vector<std::size_t> cuts = {}, std::size_t head_limit = 4096,
                std::size_t body_limit = 1000) {
  RequestParser parser(head_limit, body_limit);
  Outcome out;
  feed_pieces(parser, bytes, std::move(cuts), out);
  out.done = parser.done();
  out.keep_alive = parser.keep_alive();
  if (out.done) {
    HttpRequest taken = parser.take();
    out.headers = taken.method + " " + taken.target + " ";
    for (const auto& header : taken.headers) out.headers += header.name + "=" + header.value + ";";
    out.body = taken.body;
  }
  return out;
}

std::vector<std::size_t> every_byte(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < size; ++i) cuts.push_back(i);
  return cuts;
}

constexpr std::string_view kSized = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kEmptyChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\nTrailer: "
    "x\r\nContent-Type: evil\r\n\r\n";
constexpr std::string_view kInterim =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
    "2\r\n\r\nok";
constexpr std::string_view kNoContent = "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n";
constexpr std::string_view kUntilClose = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nall of it";

TEST(ResponseParserTest, ReadsTheSameHoweverTheBytesArrive) {
  struct Case {
    std::string_view bytes;
    bool closed;
    int status;
    std::string_view headers, body;
    bool keep_alive;
  };
  const Case cases[] = {
      {kSized, false, 200, "Content-Type=text/plain;Content-Length=5;", "hello", true},
      {kEmptyChunked, false, 200, "Transfer-Encoding=chunked;", "", true},
      {kChunked, false, 200, "Transfer-Encoding=chunked;", "hello", true},
      {kInterim, false, 201, "Content-Length=2;", "ok", true},
      {kNoContent, false, 204, "A=b;", "", true},
      {kUntilClose, true, 200, "A=b;", "all of it", false},
  };
  for (const Case& c : cases) {
    Outcome whole = respond(c.bytes, {}, c.closed);
    EXPECT_TRUE(whole.done) << whole;
    EXPECT_EQ(whole.status, c.status);
    EXPECT_EQ(whole.heads, 1);
    EXPECT_EQ(whole.headers, c.headers);
    EXPECT_EQ(whole.body, c.body);
    EXPECT_EQ(whole.keep_alive, c.keep_alive);
    EXPECT_EQ(whole.used, c.bytes.size());
    for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) EXPECT_EQ(respond(c.bytes, {cut}, c.closed), whole) << cut;
    EXPECT_EQ(respond(c.bytes, every_byte(c.bytes.size()), c.closed), whole);
  }
}

TEST(ResponseParserTest, TruncatedAnywhereIsAnErrorAndNeverDone) {
  for (std::string_view bytes : {kSized, kEmptyChunked, kChunked, kInterim, kNoContent}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Outcome cut = respond(bytes.substr(0, size), {}, true);
      EXPECT_TRUE(cut.failed && !cut.done) << size << cut;
      Outcome bytewise = respond(bytes.substr(0, size), every_byte(size), true);
      EXPECT_TRUE(bytewise.failed && !bytewise.done) << size << bytewise;
    }
  }
  for (std::size_t size = 0; size < kUntilClose.find("all of it"); ++size) {
    Outcome cut = respond(kUntilClose.substr(0, size), {}, true);
    EXPECT_TRUE(cut.failed && !cut.done) << size << cut;
  }
  EXPECT_EQ(respond("", {}, true).error,
            "read the answer: the connection was closed without an answer. Try again; if it stays so, look at the "
            "server and at proxies on the way.");
}

TEST(ResponseParserTest, LeavesWhatFollowsAlone) {
  std::string two = std::string(kSized) + std::string(kNoContent);
  EXPECT_EQ(respond(two).used, kSized.size());
  EXPECT_EQ(respond(std::string(kNoContent) + "junk").used, kNoContent.size());
}

TEST(ResponseParserTest, AnswersToHeadHaveNoBody) {
  Outcome out = respond("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {}, false, true);
  EXPECT_TRUE(out.done && out.keep_alive) << out;
  EXPECT_TRUE(respond("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {}, false, true).done);
  EXPECT_TRUE(respond("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").done);
  EXPECT_TRUE(respond("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").done);
}

TEST(ResponseParserTest, TellsWhetherTheConnectionCanBeUsedAgain) {
  EXPECT_FALSE(respond("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_FALSE(respond("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(respond("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keep_alive);
}

TEST(ResponseParserTest, SwitchingProtocolsEndsTheExchange) {
  CollectingSink sink;
  ResponseParser parser(sink, false, 4096);
  std::string_view bytes =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x01x";
  auto used = parser.feed(bytes);
  ASSERT_TRUE(used);
  EXPECT_EQ(*used, bytes.size() - 3);
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.head().status, 101);
}

TEST(ResponseParserTest, RefusesWhatIsAmbiguousOrGarbage) {
  for (std::string_view bytes : {
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\nA: b\n\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 000 OK\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "SSH-2.0-OpenSSH_9.2\r\n",
           "\x15\x03\x01\x00\x02\x02\x46 alert",
           "<html><body>it works</body></html>",
       }) {
    Outcome whole = respond(bytes);
    EXPECT_TRUE(whole.failed && !whole.done) << bytes << whole;
    Outcome bytewise = respond(bytes, every_byte(bytes.size()), true);
    EXPECT_TRUE(bytewise.failed && !bytewise.done) << bytes << bytewise;
  }
  for (std::string_view other : {"S", "SSH-2.0", "<html", "HTTP/2", "\x15\x03\x01"})
    EXPECT_TRUE(respond(other).failed) << other;  // at once
  EXPECT_EQ(respond("SSH-2.0-OpenSSH_9.2\r\n").error,
            "read the answer: it is not HTTP (bad version). Check that the address and port are right, and look at "
            "proxies on the way.");
}

TEST(ResponseParserTest, RefusesAHeadThatIsTooLarge) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  std::vector<std::size_t> line_by_line;
  for (int i = 0; i < 200; ++i) {
    line_by_line.push_back(head.size());
    head += "Header-" + std::to_string(i) + ": " + std::string(50, 'v') + "\r\n";
  }
  head += "Content-Length: 0\r\n\r\n";
  for (const auto& cuts : {std::vector<std::size_t>{}, line_by_line, every_byte(head.size())}) {
    EXPECT_TRUE(respond(head, cuts, false, false, 64 << 10).done);
    Outcome out = respond(head, cuts);
    EXPECT_TRUE(out.failed && !out.done) << out;
    EXPECT_NE(out.error.find("its headers are too large"), std::string::npos) << out.error;
  }
  EXPECT_TRUE(respond("HTTP/1.1 200 " + std::string(5000, 'x')).failed);
}

struct PickySink final : BodySink {
  Result<void> on_head(const HttpHead& head) override {
    if (head.status == 403) return fail(ErrorCode::permission_denied, "judge", "no");
    return {};
  }
  Result<Flow> on_body(std::string_view bytes) override {
    body += bytes;
    if (body.find("stop") != std::string::npos) return Flow::enough;
    if (body.find("fail") != std::string::npos) return fail(ErrorCode::conflict, "judge", "bad body");
    return Flow::more;
  }
  std::string body;
};

TEST(ResponseParserTest, TheSinkMayEndIt) {
  for (std::string_view head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n",
        "HTTP/1.1 200 OK\r\n\r\n"}) {
    PickySink content;
    ResponseParser parser(content, false, 4096);
    EXPECT_TRUE(parser.feed(std::string(head) + "stop"));
    EXPECT_TRUE(parser.done());
    EXPECT_FALSE(parser.keep_alive());

    PickySink unhappy;
    ResponseParser failing(unhappy, false, 4096);
    auto fed = failing.feed(std::string(head) + "fail");
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, ErrorCode::conflict);
    EXPECT_FALSE(failing.done());
    EXPECT_FALSE(failing.feed_end());
    EXPECT_FALSE(failing.done());
  }
  PickySink sink;
  ResponseParser refused(sink, false, 4096);
  auto fed = refused.feed("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, ErrorCode::permission_denied);
  EXPECT_FALSE(refused.done());
}

TEST(RequestParserTest, ReadsTheSameHoweverTheBytesArrive) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b=c Host=x;|"},
      {"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "POST / Content-Length=4;|body"},
      {"PATCH / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\nA: b\r\n\r\n",
       "PATCH / Transfer-Encoding=chunked;|body"},
      {"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "PUT / Transfer-Encoding=chunked;|"},
  };
  for (const auto& [bytes, expected] : cases) {
    Outcome whole = request(bytes);
    EXPECT_TRUE(whole.done && whole.keep_alive) << whole;
    EXPECT_EQ(whole.headers + "|" + whole.body, expected);
    EXPECT_EQ(whole.used, bytes.size());
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      EXPECT_EQ(request(bytes, {cut}), whole) << cut;
      EXPECT_FALSE(request(bytes.substr(0, cut)).done) << cut;
    }
    EXPECT_EQ(request(bytes, every_byte(bytes.size())), whole);
    EXPECT_EQ(request(std::string(bytes) + std::string(bytes)).used, bytes.size());
  }
}

TEST(RequestParserTest, RefusesWhatIsAmbiguousOrGarbage) {
  for (std::string_view bytes : {
           "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
           "GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
           "GET / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n",
           "GET / HTTP/1.1\r\nA : b\r\n\r\n",
           "GET /a b HTTP/1.1\r\n\r\n",
           "GET / HTTP/3.0\r\n\r\n",
           "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03",
       }) {
    Outcome out = request(bytes);
    EXPECT_TRUE(out.failed && !out.done) << bytes << out;
  }
}

TEST(RequestParserTest, HoldsItsLimits) {
  EXPECT_TRUE(request("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\n\r\n").failed);
  EXPECT_TRUE(request("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')).done);
  RequestParser sized(4096, 1000);
  EXPECT_FALSE(
      sized.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n"));  // before any of the body
  EXPECT_EQ(sized.refused_with(), 413);
  EXPECT_FALSE(sized.done());
  RequestParser chunked(4096, 4);
  EXPECT_FALSE(chunked.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n"));
  EXPECT_EQ(chunked.refused_with(), 413);
  RequestParser continued(4096, 4);
  EXPECT_TRUE(continued.feed("POST / HTTP/1.1\r\nexpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"));
  EXPECT_TRUE(continued.head_done() && continued.expects_continue() && !continued.done());
}

}  // namespace
}  // namespace fairlead::net
