#include "sandbox/spdy.h"

#include <zlib.h>

#include <array>
#include <cstdlib>

namespace fairlead::sandbox {
namespace {

constexpr std::size_t largest_frame = 1 << 20, largest_headers = 64 << 10, most_headers = 100;
constexpr std::string_view step = "read from the SPDY connection";

enum Type : std::uint16_t {
  syn_stream = 1,
  syn_reply = 2,
  rst_stream = 3,
  settings = 4,
  ping_frame = 6,
  goaway = 7,
  more_headers = 8,
  window_update = 9
};

std::uint32_t number(std::string_view bytes) {
  std::uint32_t out = 0;
  for (char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}
std::uint32_t stream_id(std::string_view bytes) { return number(bytes.substr(0, 4)) & 0x7FFFFFFF; }

void append(std::string& out, std::uint32_t value, int bytes = 4) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string control(Type type, std::uint8_t flags, std::string_view body) {
  std::string out;
  append(out, 0x80030000u | type);
  append(out, static_cast<std::uint32_t>(flags) << 24 | static_cast<std::uint32_t>(body.size()));
  return out.append(body);
}

tl::unexpected<Error> wrong(std::string cause) {
  return fail(ErrorCode::invalid_request, std::string(step), std::move(cause));
}

Bytef* bytes_of(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

}  // namespace

// Words that may begin a line of headers come with their length in front, the rest is one text: SPDY/3, 2.6.10.1.
const std::string& spdy_dictionary() {
  static const std::string text = [] {
    constexpr std::string_view words[] = {"options",
                                          "head",
                                          "post",
                                          "put",
                                          "delete",
                                          "trace",
                                          "accept",
                                          "accept-charset",
                                          "accept-encoding",
                                          "accept-language",
                                          "accept-ranges",
                                          "age",
                                          "allow",
                                          "authorization",
                                          "cache-control",
                                          "connection",
                                          "content-base",
                                          "content-encoding",
                                          "content-language",
                                          "content-length",
                                          "content-location",
                                          "content-md5",
                                          "content-range",
                                          "content-type",
                                          "date",
                                          "etag",
                                          "expect",
                                          "expires",
                                          "from",
                                          "host",
                                          "if-match",
                                          "if-modified-since",
                                          "if-none-match",
                                          "if-range",
                                          "if-unmodified-since",
                                          "last-modified",
                                          "location",
                                          "max-forwards",
                                          "pragma",
                                          "proxy-authenticate",
                                          "proxy-authorization",
                                          "range",
                                          "referer",
                                          "retry-after",
                                          "server",
                                          "te",
                                          "trailer",
                                          "transfer-encoding",
                                          "upgrade",
                                          "user-agent",
                                          "vary",
                                          "via",
                                          "warning",
                                          "www-authenticate",
                                          "method",
                                          "get",
                                          "status",
                                          "200 OK",
                                          "version",
                                          "HTTP/1.1",
                                          "url",
                                          "public",
                                          "set-cookie",
                                          "keep-alive",
                                          "origin"};
    std::string out;
    for (std::string_view word : words) {
      append(out, static_cast<std::uint32_t>(word.size()));
      out += word;
    }
    out +=
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 "
        "Non-Authoritative Information204 No Content"
        "301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 "
        "Not Implemented503 Service Unavailable"
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
        "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/"
        "javascript,publicprivatemax-age=gzip,deflate,"
        "sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";
    return out;
  }();
  return text;
}

struct SpdyCodec::Packing {
  z_stream in{}, out{};
  Packing() {
    // Only lack of memory makes these fail.
    if (inflateInit(&in) != Z_OK ||
        deflateInit2(&out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 11, 5, Z_DEFAULT_STRATEGY) != Z_OK)
      std::abort();
    const std::string& known = spdy_dictionary();
    deflateSetDictionary(&out, bytes_of(known.data()), static_cast<uInt>(known.size()));
  }
  ~Packing() {
    inflateEnd(&in);
    deflateEnd(&out);
  }
};

std::string_view SpdyEvent::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return std::string_view(value).substr(0, value.find('\0'));
  }
  return {};
}

SpdyCodec::SpdyCodec() : packing_(std::make_unique<Packing>()) {}
SpdyCodec::~SpdyCodec() = default;

Result<std::vector<SpdyEvent>> SpdyCodec::feed(std::string_view bytes) {
  if (broken_) return wrong("it is broken already");
  broken_ = true;  // unless it ends well
  unread_ += bytes;
  std::vector<SpdyEvent> out;
  std::string_view rest = unread_;
  while (rest.size() >= 8) {
    const std::uint32_t first = number(rest.substr(0, 4)), second = number(rest.substr(4, 4));
    const auto flags = static_cast<std::uint8_t>(second >> 24);
    const std::size_t size = second & 0xFFFFFF;
    if (size > largest_frame) return wrong("a frame is too large");
    if (rest.size() - 8 < size) break;
    std::string_view body = rest.substr(8, size);
    rest.remove_prefix(8 + size);
    if ((first & 0x80000000u) == 0) {
      if (first == 0) return wrong("data belong to no stream");
      SpdyEvent event{SpdyEvent::Kind::data, first, (flags & 1) != 0};
      event.data = body;
      out.push_back(std::move(event));
      continue;
    }
    if ((first >> 16 & 0x7FFF) != 3) return wrong("its version is not SPDY/3");
    if (auto taken = take_control(static_cast<std::uint16_t>(first & 0xFFFF), flags, body, &out); !taken)
      return fail(std::move(taken.error()));
  }
  unread_.erase(0, unread_.size() - rest.size());
  broken_ = false;
  return out;
}

Result<void> SpdyCodec::take_control(std::uint16_t type, std::uint8_t flags, std::string_view body,
                                     std::vector<SpdyEvent>* out) {
  using Kind = SpdyEvent::Kind;
  const std::size_t least = type == syn_stream                                              ? 10
                            : type == rst_stream || type == goaway || type == window_update ? 8
                                                                                            : 4;
  if (body.size() < least) return wrong("a control frame is too short");
  SpdyEvent event{Kind::open, stream_id(body), (flags & 1) != 0};
  switch (type) {
    case syn_stream:
    case syn_reply:
    case more_headers: {
      event.kind = type == syn_stream ? Kind::open : type == syn_reply ? Kind::reply : Kind::headers;
      auto headers = unpack(body.substr(least));
      if (!headers) return fail(std::move(headers.error()));
      if (event.stream == 0) return wrong("headers belong to no stream");
      event.headers = std::move(*headers);
      break;
    }
    case rst_stream:
    case goaway:
      event.kind = type == goaway ? Kind::go_away : Kind::reset;
      event.status = number(body.substr(4, 4));
      event.fin = false;
      break;
    case ping_frame:
      event.kind = Kind::ping;
      event.stream = number(body.substr(0, 4));
      break;
    case settings:
    case window_update: return {};
    default: return {};  // unknown ones are to be ignored
  }
  out->push_back(std::move(event));
  return {};
}

Result<SpdyCodec::Headers> SpdyCodec::unpack(std::string_view block) {
  z_stream& z = packing_->in;
  std::string text;
  std::array<char, 4096> piece;
  z.next_in = bytes_of(block.data());
  z.avail_in = static_cast<uInt>(block.size());
  while (true) {
    z.next_out = bytes_of(piece.data());
    z.avail_out = static_cast<uInt>(piece.size());
    int code = inflate(&z, Z_SYNC_FLUSH);
    if (code == Z_NEED_DICT) {
      const std::string& known = spdy_dictionary();
      code = inflateSetDictionary(&z, bytes_of(known.data()), static_cast<uInt>(known.size()));
      if (code == Z_OK) continue;
    }
    if (code != Z_OK && code != Z_BUF_ERROR) return wrong("its headers cannot be unpacked");
    text.append(piece.data(), piece.size() - z.avail_out);
    if (text.size() > largest_headers) return wrong("its headers are too large");
    if (z.avail_out > 0) break;
  }
  std::string_view rest = text;
  bool whole = true;
  auto take = [&](std::size_t size) {
    whole = whole && rest.size() >= size;
    std::string_view taken = whole ? rest.substr(0, size) : std::string_view();
    rest.remove_prefix(taken.size());
    return taken;
  };
  const std::size_t count = number(take(4));
  if (count > most_headers) return wrong("it has too many headers");
  Headers out;
  for (std::size_t i = 0; i < count && whole; ++i) {
    std::string name(take(number(take(4))));
    std::string value(take(number(take(4))));
    out.emplace_back(std::move(name), std::move(value));
  }
  if (!whole) return wrong("its headers are cut");
  return out;
}

std::string SpdyCodec::pack(const Headers& headers) {
  std::string text;
  append(text, static_cast<std::uint32_t>(headers.size()));
  for (const auto& [name, value] : headers) {
    append(text, static_cast<std::uint32_t>(name.size()));
    text += name;
    append(text, static_cast<std::uint32_t>(value.size()));
    text += value;
  }
  z_stream& z = packing_->out;
  std::string out;
  std::array<char, 4096> piece;
  z.next_in = bytes_of(text.data());
  z.avail_in = static_cast<uInt>(text.size());
  do {
    z.next_out = bytes_of(piece.data());
    z.avail_out = static_cast<uInt>(piece.size());
    deflate(&z, Z_SYNC_FLUSH);
    out.append(piece.data(), piece.size() - z.avail_out);
  } while (z.avail_out == 0);
  return out;
}

std::string SpdyCodec::open(std::uint32_t stream, const Headers& headers, bool fin) {
  std::string body;
  append(body, stream);
  append(body, 0);     // belongs to no other stream
  append(body, 0, 2);  // priority and slot
  return control(syn_stream, fin ? 1 : 0, body + pack(headers));
}

std::string SpdyCodec::reply(std::uint32_t stream, const Headers& headers, bool fin) {
  std::string body;
  append(body, stream);
  return control(syn_reply, fin ? 1 : 0, body + pack(headers));
}

std::string SpdyCodec::data(std::uint32_t stream, std::string_view bytes, bool fin) const {
  std::string out;
  append(out, stream);
  append(out, (fin ? 1u << 24 : 0u) | static_cast<std::uint32_t>(bytes.size()));
  return out.append(bytes);
}

std::string SpdyCodec::reset(std::uint32_t stream, std::uint32_t status) const {
  std::string body;
  append(body, stream);
  append(body, status);
  return control(rst_stream, 0, body);
}

std::string SpdyCodec::ping(std::uint32_t number) const {
  std::string body;
  append(body, number);
  return control(ping_frame, 0, body);
}

std::string SpdyCodec::go_away(std::uint32_t last_stream, std::uint32_t status) const {
  std::string body;
  append(body, last_stream);
  append(body, status);
  return control(goaway, 0, body);
}

}  // namespace fairlead::sandbox
