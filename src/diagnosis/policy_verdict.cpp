#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "diagnosis/network_policies.h"

namespace fairlead::diagnosis {
namespace {

bool has_type(const json::value& policy, Direction direction) {
  const auto& types = array_at(policy, {"spec", "policyTypes"});
  const std::string_view wanted = direction == Direction::ingress ? "Ingress" : "Egress";
  // Where none are named: ingress, and egress when there are rules for it.
  if (types.empty()) return direction == Direction::ingress || !array_at(policy, {"spec", "egress"}).empty();
  return std::any_of(types.begin(), types.end(),
                     [&](const json::value& type) { return type.is_string() && type.get_string() == wanted; });
}

std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t out = 0;
  int parts = 0;
  for (const auto part : split(text, '.')) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value > 255 || ++parts > 4) return std::nullopt;
    out = out << 8 | value;
  }
  if (parts != 4) return std::nullopt;
  return out;
}

// Nothing for what is not IPv4.
std::optional<bool> in_block(std::string_view address, std::string_view block) {
  const std::size_t slash = block.find('/');
  const auto ip = ipv4(address), network = ipv4(block.substr(0, slash));
  if (!ip || !network || slash == block.npos) return std::nullopt;
  unsigned bits = 0;
  const std::string_view length = block.substr(slash + 1);
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (error != std::errc() || end != length.data() + length.size() || bits > 32) return std::nullopt;
  const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
  return (*ip & mask) == (*network & mask);
}

bool admits_address(const json::value& block, const Peer& peer) {
  if (peer.address.empty()) return true;
  if (!in_block(peer.address, text_at(block, {"cidr"})).value_or(true)) return false;
  for (const auto& except : array_at(block, {"except"}))
    if (except.is_string() && in_block(peer.address, std::string_view(except.get_string())).value_or(false))
      return false;
  return true;
}

bool admits_peer(const json::value& one, std::string_view policy_ns, const Peer& peer) {
  if (const json::value* block = find(one, "ipBlock")) return admits_address(*block, peer);
  if (peer.ns.empty()) return true;
  const json::value *namespaces = find(one, "namespaceSelector"), *pods = find(one, "podSelector");
  if (namespaces ? !selects(namespaces, peer.namespace_labels) : peer.ns != policy_ns) return false;
  return !pods || selects(pods, peer.labels);
}

std::int64_t named_port(const json::value* target, std::string_view name) {
  if (target)
    for (const auto& container : array_at(*target, {"spec", "containers"}))
      for (const auto& port : array_at(container, {"ports"}))
        if (text_at(port, {"name"}) == name) return integer_at(port, {"containerPort"});
  return -1;
}

bool admits_port(const json::value& one, std::string_view protocol, std::int64_t port, const json::value* target) {
  const std::string_view named = text_at(one, {"protocol"});
  if ((named.empty() ? "TCP" : named) != protocol) return false;
  const json::value* value = find(one, "port");
  if (port == 0 || !value) return true;
  if (value->is_string()) {
    const std::int64_t number = named_port(target, std::string_view(value->get_string()));
    return number == port || !target;
  }
  const std::int64_t first = integer_at(one, {"port"});
  return port >= first && port <= integer_at(one, {"endPort"}, first);
}

bool admits(const json::value& rule, std::string_view policy_ns, Direction direction, const Peer& peer,
            std::string_view protocol, std::int64_t port, const json::value* target) {
  const auto& peers = array_at(rule, {direction == Direction::ingress ? "from" : "to"});
  const auto& ports = array_at(rule, {"ports"});
  return (peers.empty() || std::any_of(peers.begin(), peers.end(),
                                       [&](const json::value& one) { return admits_peer(one, policy_ns, peer); })) &&
         (ports.empty() || std::any_of(ports.begin(), ports.end(), [&](const json::value& one) {
            return admits_port(one, protocol, port, target);
          }));
}

}  // namespace

PolicyVerdict judge(const std::vector<const json::value*>& policies, const json::object& pod_labels,
                    Direction direction, const Peer& peer, std::string_view protocol, std::int64_t port,
                    const json::value* target) {
  PolicyVerdict out;
  bool admitted = false;
  for (const json::value* policy : policies) {
    const json::value* selector = find(*policy, "spec", "podSelector");
    // An empty podSelector selects every pod, and some writers leave it out.
    if (!has_type(*policy, direction) || (selector && !selects(selector, pod_labels))) continue;
    out.isolating.emplace_back(text_at(*policy, {"metadata", "name"}));
    const std::string_view ns = text_at(*policy, {"metadata", "namespace"});
    for (const auto& rule : array_at(*policy, {"spec", direction == Direction::ingress ? "ingress" : "egress"}))
      admitted = admitted || admits(rule, ns, direction, peer, protocol, port, target);
  }
  out.admitted = out.isolating.empty() || admitted;
  return out;
}

}  // namespace fairlead::diagnosis
