#include "mcp_server/resources.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mcp_server/present.h"
#include "net/http.h"
#include "ops/explain.h"

namespace fairlead::mcp_server {
namespace {

constexpr std::string_view kPrefix = "fairlead://cluster/";
constexpr std::string_view kCurrent = "current";
constexpr std::string_view kText = "text/plain";

// A part of an overview: an operation with its arguments. One that the catalog does not have is left out.
struct Part {
  std::string_view title, operation;
  json::object arguments;
};

// The first tells whether there is such a cluster.
std::vector<Part> cluster_parts() {
  return {{"Nodes", "list_nodes", {{"limit", 50}}},
          {"Version", "get_cluster_info", {}},
          {"Namespaces", "list_namespaces", {{"limit", 100}}},
          {"Pods with problems", "list_pods", {{"only_problems", true}, {"limit", 50}}},
          {"Warnings", "list_events", {{"type", "Warning"}, {"limit", 25}}}};
}

std::vector<Part> namespace_parts(const std::string& ns) {
  std::vector<Part> parts{{"Namespace", "get_namespace", {{"name", ns}}},
                          {"Deployments", "list_deployments", {{"limit", 50}}},
                          {"StatefulSets", "list_statefulsets", {{"limit", 50}}},
                          {"DaemonSets", "list_daemonsets", {{"limit", 50}}},
                          {"Pods with problems", "list_pods", {{"only_problems", true}, {"limit", 50}}},
                          {"Services", "list_services", {{"limit", 50}}},
                          {"Volume claims", "list_pvcs", {{"limit", 50}}},
                          {"Warnings", "list_events", {{"type", "Warning"}, {"limit", 25}}}};
  for (std::size_t i = 1; i < parts.size(); ++i) parts[i].arguments["namespace"] = ns;
  return parts;
}

gate::awaitable<Result<ops::Reply>> call(const ResourceReader* reader, std::string cluster, Part part) {
  gate::Request request;
  request.who = reader->who;
  request.cluster = std::move(cluster);
  request.operation = std::string(part.operation);
  request.arguments = std::move(part.arguments);
  request.deadline = reader->deadline;
  co_return co_await reader->gate.call(std::move(request));
}

std::string show(const ResourceReader& reader, const Part& part, Result<ops::Reply> reply, std::size_t bytes) {
  if (!reply) return present(std::move(reply.error()), reader.nonce, part.operation) + "\n";
  auto rendered = ops::render(*reply, {.aligned = false, .bytes = bytes, .now = reader.clock.unix_seconds()});
  if (!rendered) return present(std::move(rendered.error()), reader.nonce, part.operation) + "\n";
  return present(*rendered, reader.nonce);
}

mcp::ReadResult refuse(mcp::RpcErrorCode code, std::string message) {
  return tl::unexpected<mcp::RpcError>(mcp::RpcError{code, std::move(message), nullptr});
}

// Words of others have no fence in an error of the protocol, so they are left out.
mcp::ReadResult refuse(const Error& error) {
  const bool missing = error.code == ErrorCode::not_found || error.code == ErrorCode::policy_denied ||
                       error.code == ErrorCode::invalid_request;
  return refuse(missing ? mcp::RpcErrorCode::resource_not_found : mcp::RpcErrorCode::internal_error,
                fmt::format("{}: {}", to_string(error.code), ops::explain(error).ours));
}

}  // namespace

mcp::ResourceSet make_resources() {
  const std::string overview = "Nodes, namespaces, pods with problems and recent warnings";
  mcp::ResourceSet set;
  set.resources = {{fmt::format("{}{}/overview", kPrefix, kCurrent), "cluster_overview", "Overview of the cluster",
                    overview + " of the cluster that is worked on by default", std::string(kText)}};
  set.templates = {
      {fmt::format("{}{{id}}/overview", kPrefix), "overview_of_a_cluster", "Overview of a cluster",
       overview + "; id: the name of a context, or current", std::string(kText)},
      {fmt::format("{}{{id}}/namespaces/{{namespace}}", kPrefix), "namespace", "A namespace",
       "Workloads, services, claims, pods with problems and recent warnings of a namespace", std::string(kText)}};
  return set;
}

tl::expected<ResourceAddress, std::string> parse_resource(std::string_view uri) {
  const auto no = [](std::string why) { return tl::unexpected<std::string>(std::move(why)); };
  constexpr std::string_view known =
      "there are fairlead://cluster/{id}/overview and fairlead://cluster/{id}/namespaces/{namespace}";
  if (!uri.starts_with(kPrefix)) return no("there is no such resource: " + std::string(known));
  std::vector<std::string> segments;
  for (const auto segment : split(uri.substr(kPrefix.size()), '/')) {
    // Blanks and the rest of a URI are no part of a segment, whatever is percent-encoded is.
    for (unsigned char c : segment)
      if (c <= ' ' || c >= 0x7f || c == '?' || c == '#')
        return no("the URI holds a character that has to be percent-encoded");
    auto decoded = net::percent_decode(segment);
    if (!decoded) return no("the URI holds a % without two hexadecimal digits behind it");
    segments.push_back(std::move(*decoded));
  }
  ResourceAddress address;
  address.cluster = segments[0] == kCurrent ? "" : segments[0];
  if (segments[0].empty()) return no("the URI names no cluster: current is the one of calls that name none");
  if (segments[0].find('\0') != std::string::npos || !is_valid_utf8(segments[0]))
    return no("the URI names a cluster that is no text");
  if (segments.size() == 2 && segments[1] == "overview") return address;
  if (segments.size() != 3 || segments[1] != "namespaces")
    return no("there is no such resource: " + std::string(known));
  if (auto why = ops::why_not_label(segments[2])) return no("the URI names no namespace: " + *why);
  address.ns = segments[2];
  return address;
}

gate::awaitable<mcp::ReadResult> read_resource(ResourceReader reader, std::string uri, ops::Progress* progress) {
  auto address = parse_resource(uri);
  if (!address) co_return refuse(mcp::RpcErrorCode::resource_not_found, "Resource not found: " + address.error());
  std::vector<Part> parts = address->ns.empty() ? cluster_parts() : namespace_parts(address->ns);
  std::erase_if(parts, [&](const Part& part) { return !reader.gate.catalog().find(part.operation); });
  if (progress) progress->report(0, std::nullopt, "asking the cluster");
  Part part = parts[0];
  auto first = co_await call(&reader, address->cluster, std::move(part));
  // Who may not read this may read other parts.
  if (!first && first.error().code != ErrorCode::permission_denied) co_return refuse(first.error());
  std::vector<gate::awaitable<Result<ops::Reply>>> calls;
  for (std::size_t i = 1; i < parts.size(); ++i) calls.push_back(call(&reader, address->cluster, parts[i]));
  auto others = co_await net::gather(std::move(calls));
  std::string text = address->ns.empty() ? "Overview of the cluster" : "Namespace " + address->ns;
  text += "\n";
  const std::size_t bytes = reader.bytes / parts.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += fmt::format("\n{} ({}):\n", parts[i].title, parts[i].operation);
    text += show(reader, parts[i], i == 0 ? std::move(first) : std::move(others[i - 1]), bytes);
  }
  mcp::ResourceText read{std::string(kText), std::move(text)};
  co_return read;
}

}  // namespace fairlead::mcp_server
