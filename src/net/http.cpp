#include "net/http.h"

#include <charconv>

#include "base/text.h"

namespace fairlead::net {
namespace {

std::string_view first_header(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const auto& header : headers)
    if (equal_ignoring_case(header.name, name)) return header.value;
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  if (scheme == "socks5") return 1080;
  return 0;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const { return first_header(headers, name); }
std::string_view HttpHead::header(std::string_view name) const { return first_header(headers, name); }

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                 c == '_' || c == '~';
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += digits[c >> 4];
      out += digits[c & 15];
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    bool complete = i + 2 < text.size();
    int high = complete ? hex_digit(text[i + 1]) : -1;
    int low = complete ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return fail(ErrorCode::invalid_request, "decode a URL",
                  "a percent sign is not followed by two hexadecimal digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<Url> parse_url(std::string_view text, std::string_view step) {
  auto bad = [&](std::string cause) {
    return fail(ErrorCode::invalid_request, std::string(step), std::move(cause), "A URL looks like https://host:6443");
  };
  for (unsigned char c : text)
    if (c <= ' ' || c >= 0x7f) return bad("the URL holds a space, a control character or a character beyond ASCII");
  std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return bad("the URL has no scheme");
  Url url;
  for (char c : text.substr(0, colon)) {
    url.scheme += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    bool letter = url.scheme.back() >= 'a' && url.scheme.back() <= 'z';
    bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!letter && (!other || url.scheme.size() == 1)) return bad("the URL has no scheme");
  }
  std::string_view rest = text.substr(colon + 3);
  std::size_t end = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, end);
  if (end != std::string_view::npos) {
    std::string_view path = rest.substr(end);
    path = path.substr(0, path.find_first_of("?#"));
    url.path = std::string(path);
  }
  if (std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = std::string(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad("the URL's IPv6 address is not closed by ]");
    url.host = std::string(authority.substr(1, close - 1));
    std::string_view after = authority.substr(close + 1);
    if (!after.empty() && after.front() != ':') return bad("the URL has something between its host and its port");
    if (!after.empty()) port = after.substr(1);
  } else {
    std::size_t split_at = authority.find(':');
    url.host = std::string(authority.substr(0, split_at));
    if (split_at != std::string_view::npos) port = authority.substr(split_at + 1);
    if (port.find(':') != std::string_view::npos)
      return bad("the URL's host has more than one colon; an IPv6 address stands in [brackets]");
  }
  if (url.host.empty()) return bad("the URL has no host");
  url.port = default_port(url.scheme);
  if (!port.empty()) {
    unsigned number = 0;
    auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || stop != port.data() + port.size() || number == 0 || number > 65535)
      return bad("the URL's port is not a number from 1 to 65535");
    url.port = static_cast<std::uint16_t>(number);
  }
  return url;
}

}  // namespace fairlead::net
