#include "cli/listen.h"

#include <arpa/inet.h>

#include <charconv>

#include "base/text.h"

namespace fairlead::cli {

Result<Listen> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Listen out;
  out.host = text.substr(0, colon);
  if (out.host.size() > 1 && out.host.front() == '[' && out.host.back() == ']')
    out.host = out.host.substr(1, out.host.size() - 2);
  if (equal_ignoring_case(out.host, "localhost")) out.host = "127.0.0.1";  // which nobody is asked for (RFC 6761)
  if (colon != std::string::npos && !out.host.empty()) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
    if (error == std::errc() && stop == end) return out;
  }
  return fail(ErrorCode::invalid_request, "read --listen", "it must be HOST:PORT",
              "Such as 127.0.0.1:6443; port 0 takes one that is free");
}

bool Listen::is_loopback() const {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &six) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

}  // namespace fairlead::cli
