// The addresses and node ports of services: none is given twice, and those of services that are gone are free again.
// Not thread-safe: one loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "sandbox/status_errors.h"
#include "sandbox/store.h"

namespace fairlead::sandbox {

class ServiceAddresses {
 public:
  // Follows the services in the store, which must live as long.
  ServiceAddresses(const Resources& resources, Store& store);

  // Completes a service: what it needs and does not have yet it gets, what its type does not have it loses. `before` is
  // null for a new one. The causes when something that was asked for cannot be had; nothing is reserved before the
  // service is stored.
  std::vector<Cause> assign(json::value& service, const json::value* before,
                            const std::function<std::uint64_t()>& random) const;

 private:
  struct Taken {
    std::map<std::string, std::string, std::less<>> addresses;  // -> namespace/name
    std::map<std::int64_t, std::string> ports;
  };
  void keep(json::object& spec, const json::value& before) const;
  std::vector<Cause> address(json::object& spec, const std::string& key,
                             const std::function<std::uint64_t()>& random) const;
  std::vector<Cause> node_ports(json::value& service, const std::string& key,
                                const std::function<std::uint64_t()>& random) const;
  std::int64_t free_port(const std::set<std::int64_t>& besides, const std::function<std::uint64_t()>& random) const;
  bool port_taken(std::int64_t port, const std::string& key) const;

  std::shared_ptr<Taken> taken_;
};

}  // namespace fairlead::sandbox
