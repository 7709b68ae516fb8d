#include "net/lookup.h"

#include <netdb.h>

#include <cstring>
#include <thread>

#include "net/asio.h"
#include "net/thread_event.h"

namespace fairlead::net {
namespace {

constexpr std::string_view kRemedy = "Check the server's name and this machine's DNS";

}  // namespace

Addresses system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return {{}, error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error)};
  Addresses out;
  for (addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      auto* ip = reinterpret_cast<const sockaddr_in*>(entry->ai_addr);
      out.list.emplace_back(asio::ip::address_v4(ntohl(ip->sin_addr.s_addr)));
    } else if (entry->ai_family == AF_INET6) {
      auto* ip = reinterpret_cast<const sockaddr_in6*>(entry->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &ip->sin6_addr, bytes.size());
      out.list.emplace_back(asio::ip::address_v6(bytes, ip->sin6_scope_id));
    }
  }
  ::freeaddrinfo(found);
  if (out.list.empty()) out.problem = "it has no address";
  return out;
}

awaitable<Result<std::vector<asio::ip::address>>> look_up(std::string host, Deadline deadline, BlockingLookup how) {
  const std::string step = "look up " + host;
  error_code not_numeric;
  auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return std::vector<asio::ip::address>{address};
  if (co_await cancelled()) co_return cancelled_error(step);

  Executor executor = co_await asio::this_coro::executor;
  auto addresses = std::make_shared<Addresses>();
  ThreadEvent done(executor);
  try {
    std::thread([addresses, host, how = std::move(how), set = done.setter()] {
      *addresses = how(host);
      set();
    }).detach();
  } catch (const std::system_error& error) {
    co_return fail(ErrorCode::internal, step,
                   std::string("no thread could be started (") + error.code().message() + ")");
  }

  if (auto waited = co_await done.wait(deadline); !waited) {
    if (waited.error().code == ErrorCode::timeout)
      co_return fail(ErrorCode::timeout, step, "the name was not resolved in time", std::string(kRemedy));
    co_return cancelled_error(step);
  }
  if (addresses->list.empty())
    co_return fail(ErrorCode::unreachable, step, "no such host (" + addresses->problem + ")", std::string(kRemedy));
  co_return std::move(addresses->list);
}

}  // namespace fairlead::net
