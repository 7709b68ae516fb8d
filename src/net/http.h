// HTTP/1.1 messages (RFC 9110, 9112), as both sides share them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace fairlead::net {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  // origin form: path and query, already percent-encoded
  std::vector<HttpHeader> headers;
  Secret authorization;  // sent as the header Authorization; empty: none. Requests that are received have it in headers
  std::string body;
  std::string_view header(std::string_view name) const;  // the first, or empty; names compare without case
};

struct HttpHead {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string_view header(std::string_view name) const;
};

enum class Flow { more, enough };

// Takes an answer as it arrives. on_head is called once for each attempt and starts afresh.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Result<void> on_head(const HttpHead& head) = 0;
  // `enough` ends the exchange successfully without reading on. An error ends it with that error.
  virtual Result<Flow> on_body(std::string_view bytes) = 0;
};

// Percent-encodes everything but RFC 3986's unreserved characters: for one path segment or one query value.
std::string percent_encode(std::string_view text);
Result<std::string> percent_decode(std::string_view text);

struct Url {
  std::string scheme;  // lower case
  std::string user_info;
  std::string host;  // without brackets
  std::uint16_t port = 0;
  std::string path;  // "" or "/…", no query
};
// Absolute URLs with an authority only. The default port of http, https, socks5 is filled in.
Result<Url> parse_url(std::string_view text, std::string_view step);

}  // namespace fairlead::net
