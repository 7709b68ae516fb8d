#include "kube/proxy_environment.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace fairlead::kube {
namespace {

// IPv4 addresses stand in their IPv6-mapped form.
using Address = std::array<unsigned char, 16>;

struct Parsed {
  Address address{};
  bool v4 = false;
};

std::optional<Parsed> parse_address(std::string_view text) {
  const std::string copy(text);
  Parsed out;
  if (::inet_pton(AF_INET6, copy.c_str(), out.address.data()) == 1) {
    out.v4 = std::memcmp(out.address.data(), "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    return out;
  }
  out.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  out.v4 = true;
  if (::inet_pton(AF_INET, copy.c_str(), out.address.data() + 12) == 1) return out;
  return std::nullopt;
}

bool is_loopback(const Parsed& host) {
  static constexpr Address v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return host.v4 ? host.address[12] == 127 : host.address == v6;
}

// Nothing when the entry is not a CIDR block.
std::optional<bool> in_block(const Parsed* host, std::string_view entry) {
  std::size_t slash = entry.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto network = parse_address(entry.substr(0, slash));
  std::string_view length = entry.substr(slash + 1);
  unsigned bits = 0;
  auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  bool written_as_v4 = network && entry.substr(0, slash).find(':') == std::string_view::npos;
  if (!network || error != std::errc() || end != length.data() + length.size() || bits > (written_as_v4 ? 32u : 128u))
    return std::nullopt;
  if (!host || host->v4 != network->v4) return false;
  if (written_as_v4) bits += 96;
  for (unsigned bit = 0; bit < bits; ++bit) {
    unsigned mask = 0x80u >> (bit % 8);
    if ((host->address[bit / 8] & mask) != (network->address[bit / 8] & mask)) return false;
  }
  return true;
}

struct Entry {
  std::string_view host;
  std::string_view port;  // empty: any
};

Entry split_port(std::string_view text) {
  if (text.starts_with('[')) {
    std::size_t close = text.find(']');
    if (close == std::string_view::npos) return {text, {}};
    std::string_view rest = text.substr(close + 1);
    return {text.substr(1, close - 1), rest.starts_with(':') ? rest.substr(1) : std::string_view()};
  }
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool matches(std::string_view entry, const std::string& host, const Parsed* address, const std::string& port) {
  if (entry == "*") return true;
  if (auto inside = in_block(address, entry)) return *inside;
  Entry parts = split_port(entry);
  if (parts.host.empty() || (!parts.port.empty() && parts.port != port)) return false;
  if (auto other = parse_address(parts.host)) return address && other->address == address->address;
  std::string_view name = parts.host;
  if (name.starts_with("*.")) name.remove_prefix(1);
  bool subdomains_only = name.starts_with('.');
  if (!subdomains_only && host == name) return true;
  if (host.size() <= name.size() || !host.ends_with(name)) return false;
  return subdomains_only || host[host.size() - name.size() - 1] == '.';
}

std::string first_set(const Environment& environment, std::string_view upper, std::string_view lower) {
  if (!environment) return {};
  for (std::string_view name : {upper, lower}) {
    auto value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return {};
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  auto address = parse_address(host);
  return address && is_loopback(*address);
}

bool excluded_from_proxy(std::string_view host, std::uint16_t port, std::string_view no_proxy) {
  const std::string name = lower(trim(host));
  const std::string port_text = std::to_string(port);
  auto address = parse_address(name);
  for (std::string_view entry : split(no_proxy, ',')) {
    const std::string plain = lower(trim(entry));
    if (!plain.empty() && matches(plain, name, address ? &*address : nullptr, port_text)) return true;
  }
  return false;
}

Result<net::ProxyServer> parse_proxy(std::string_view text, std::string_view what) {
  const std::string step = "read " + std::string(what);
  const std::string remedy = "Write it as http://host:port, https://host:port or socks5://host:port";
  auto url = net::parse_url(text, step);
  if (!url) return fail(ErrorCode::invalid_request, step, url.error().cause, remedy);
  net::ProxyServer proxy;
  if (url->scheme == "http")
    proxy.kind = net::ProxyServer::Kind::http;
  else if (url->scheme == "https")
    proxy.kind = net::ProxyServer::Kind::https;
  else if (url->scheme == "socks5")
    proxy.kind = net::ProxyServer::Kind::socks5;
  else
    return fail(ErrorCode::invalid_request, step, "the proxy's scheme must be http, https or socks5", remedy);
  proxy.host = url->host;
  proxy.port = url->port;
  auto user_info = net::percent_decode(url->user_info);
  if (!user_info)
    return fail(ErrorCode::invalid_request, step, "the user name or password in it is not percent-encoded correctly",
                remedy);
  proxy.user_info = Secret(std::move(*user_info));
  return proxy;
}

Result<std::optional<net::ProxyServer>> proxy_from_environment(const net::Url& server, const Environment& environment) {
  const bool https = server.scheme == "https";
  std::string value =
      https ? first_set(environment, "HTTPS_PROXY", "https_proxy") : first_set(environment, "HTTP_PROXY", "http_proxy");
  if (value.empty() || is_loopback(server.host)) return std::nullopt;
  if (excluded_from_proxy(server.host, server.port, first_set(environment, "NO_PROXY", "no_proxy")))
    return std::nullopt;
  const std::string_view what = https ? "the environment variable HTTPS_PROXY" : "the environment variable HTTP_PROXY";
  if (value.find("://") == std::string::npos) value = "http://" + value;
  auto proxy = parse_proxy(value, what);
  if (!proxy) return fail(std::move(proxy.error()));
  return std::optional<net::ProxyServer>(std::move(*proxy));
}

}  // namespace fairlead::kube
