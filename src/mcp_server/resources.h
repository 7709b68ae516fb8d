// What a client may put before its model without a call: overviews of a cluster and of a namespace, made of operations
// through the gate and shown as their results are.
//
//   fairlead://cluster/{id}/overview            nodes, namespaces, pods with problems, warnings
//   fairlead://cluster/{id}/namespaces/{ns}     its workloads, services, claims, problems and warnings
//
// The id is a context's name, percent-encoded, or "current" for the cluster of calls that name none.
#pragma once

#include <functional>
#include <string_view>

#include "gate/gate.h"
#include "mcp/resource.h"

namespace fairlead::mcp_server {

mcp::ResourceSet make_resources();

struct ResourceAddress {
  std::string cluster;  // empty: the current one
  std::string ns;       // empty: the overview of the cluster
};
// Or why it is none, as a sentence.
tl::expected<ResourceAddress, std::string> parse_resource(std::string_view uri);

struct ResourceReader {
  gate::Gate& gate;
  const Clock& clock;
  gate::Identity who;
  std::size_t bytes;  // of all data
  Deadline deadline;
  std::string nonce;  // of the marks around what others wrote
};
// What cannot be read of it is said in its place; resource_not_found when there is no such cluster or namespace.
gate::awaitable<mcp::ReadResult> read_resource(ResourceReader reader, std::string uri, ops::Progress* progress);

}  // namespace fairlead::mcp_server
