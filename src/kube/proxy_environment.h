// Which proxy a server is reached through: the cluster's proxy-url, else HTTPS_PROXY, HTTP_PROXY and NO_PROXY with the
// rules of Go's golang.org/x/net/http/httpproxy, which kubectl follows. Pure and thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "base/environment.h"
#include "net/http_client.h"

namespace fairlead::kube {

// http, https or socks5; anything else is invalid_request. `what` names the setting in the error, which never holds its
// value (it may carry a password).
Result<net::ProxyServer> parse_proxy(std::string_view url, std::string_view what);

// The proxy that the environment asks for, if any. Upper-case names win over lower-case ones; a value without a scheme
// is an HTTP proxy; localhost and loopback addresses are never proxied. A value that is not a proxy URL is an error.
Result<std::optional<net::ProxyServer>> proxy_from_environment(const net::Url& server, const Environment& environment);

// Does a NO_PROXY list exclude this host? Entries: "*", addresses, CIDR blocks, names (with their subdomains), names
// with a leading "." or "*." (subdomains only); addresses and names may end in ":port".
bool excluded_from_proxy(std::string_view host, std::uint16_t port, std::string_view no_proxy);

bool is_loopback(std::string_view host);  // localhost, 127.0.0.0/8, ::1

}  // namespace fairlead::kube
