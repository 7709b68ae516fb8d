#include "net/address.h"

#include <boost/asio/ip/address.hpp>

namespace fairlead::net {
namespace {

namespace ip = boost::asio::ip;

ip::address parsed(const std::string& text, boost::system::error_code& error) {
  const ip::address address = ip::make_address(text, error);
  if (error || !address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

}  // namespace

std::string address_block(const std::string& text) {
  boost::system::error_code error;
  const ip::address address = parsed(text, error);
  if (error) return text;
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = 0;
  return ip::address_v6(bytes).to_string() + "/64";
}

bool is_loopback_address(const std::string& text) {
  boost::system::error_code error;
  const ip::address address = parsed(text, error);
  return !error && address.is_loopback();
}

}  // namespace fairlead::net
