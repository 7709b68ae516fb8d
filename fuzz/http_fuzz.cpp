// HTTP framing from a hostile peer, and URLs: any bytes, cut anywhere, end in a message or an error, and the cuts do
// not change the message.
//
// The first byte chooses what is parsed, the second the size of the pieces; the rest is the bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/http_parser.h"

namespace {

using namespace fairlead;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Sink final : net::BodySink {
  Result<void> on_head(const net::HttpHead& head) override {
    ++heads;
    require(heads == 1);
    if (head.status == 418) return fail(ErrorCode::conflict, "judge", "no");
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    require(heads == 1 && !ended);
    body += bytes;
    ended = body.size() > 1000;
    return ended ? net::Flow::enough : net::Flow::more;
  }
  int heads = 0;
  bool ended = false;
  std::string body;
};

struct Outcome {
  bool done = false;
  bool keep_alive = false;
  std::size_t used = 0;
  std::string message;
  bool operator==(const Outcome&) const = default;
};

// As a connection does: what was not taken comes again in front of the next piece.
template <class Parser>
std::size_t feed(Parser& parser, std::string_view bytes, std::size_t piece) {
  std::string pending;
  std::size_t total = 0;
  for (std::size_t at = 0; at < bytes.size() && !parser.done(); at += piece) {
    pending += bytes.substr(at, piece);
    auto used = parser.feed(pending);
    if (!used) {
      require(!parser.done() && !parser.feed(pending) && !parser.done());
      (void)used.error().sentence();
      return total;
    }
    require(*used <= pending.size());
    if (!parser.done()) require(parser.feed(std::string_view()).value_or(1) == 0);
    pending.erase(0, *used);
    total += *used;
  }
  if (parser.done()) {
    auto more = parser.feed("GET / HTTP/1.1\r\n\r\n");
    require(more && *more == 0 && parser.done());
  }
  return total;
}

Outcome respond(std::string_view bytes, std::size_t piece, bool to_head, std::size_t limit) {
  Sink sink;
  net::ResponseParser parser(sink, to_head, limit);
  Outcome out;
  out.used = feed(parser, bytes, piece);
  const bool was_done = parser.done();
  auto ended = parser.feed_end();
  require(ended.has_value() == parser.done() && (!was_done || parser.done()));
  out.done = parser.done();
  out.keep_alive = parser.keep_alive();
  if (out.done && !sink.ended) out.message = std::to_string(parser.head().status) + " " + sink.body;
  return out;
}

Outcome request(std::string_view bytes, std::size_t piece, std::size_t limit) {
  net::RequestParser parser(limit, 500);
  Outcome out;
  out.used = feed(parser, bytes, piece);
  out.done = parser.done();
  out.keep_alive = parser.keep_alive();
  if (!out.done) return out;
  net::HttpRequest taken = parser.take();
  require(taken.body.size() <= 500);
  out.message = taken.method + " " + taken.target + " " + taken.body;
  for (const auto& header : taken.headers) out.message += "\n" + header.name + ":" + header.value;
  return out;
}

void urls(std::string_view bytes) {
  auto url = net::parse_url(bytes, "parse");
  if (url) {
    require(!url->host.empty() && !url->scheme.empty() &&
            (url->path.empty() || url->path.front() == '/' || url->path.front() == '?'));
  } else {
    require(url.error().code == ErrorCode::invalid_request);
  }
  auto decoded = net::percent_decode(bytes);
  if (decoded) require(decoded->size() <= bytes.size());
  auto again = net::percent_decode(net::percent_encode(bytes));
  require(again && *again == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned what = data[0] % 5;
  const std::size_t piece = 1 + data[1] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  constexpr std::size_t large = 1 << 20;
  switch (what) {
    case 0:
    case 1: {
      Outcome whole = respond(bytes, large, what == 1, large);
      Outcome cut = respond(bytes, piece, what == 1, large);
      if (whole.done || cut.done) require(whole.done && cut.done && whole.message == cut.message);
      break;
    }
    case 2: {
      Outcome whole = request(bytes, large, large);
      Outcome cut = request(bytes, piece, large);
      if (whole.done || cut.done) require(whole == cut);
      break;
    }
    case 3:
      (void)respond(bytes, piece, false, 64);
      (void)request(bytes, piece, 64);
      break;
    default: urls(bytes); break;
  }
  return 0;
}
