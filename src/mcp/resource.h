// Resources as a server declares them: texts that a client may read and put before its model. Specification:
// server/resources. There are no subscriptions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "mcp/jsonrpc.h"
#include "mcp/protocol.h"

namespace fairlead::mcp {

struct Resource {
  std::string uri;    // or, of a template, a URI template (RFC 6570)
  std::string name;   // unique
  std::string title;  // for people; may be empty
  std::string description;
  std::string mime_type;
};

// Immutable.
struct ResourceSet {
  std::vector<Resource> resources;  // those that are named one by one
  std::vector<Resource> templates;
};

struct ResourceText {
  std::string mime_type;
  std::string text;  // bytes that are not UTF-8 are sent as U+FFFD
};

// An unknown URI is RpcErrorCode::resource_not_found.
using ReadResult = tl::expected<ResourceText, RpcError>;

// With the members that the revision knows; `uri_member`: "uri" or "uriTemplate".
json::object to_json(const Resource& resource, std::string_view uri_member, Revision revision);
json::object to_json(std::string_view uri, const ResourceText& read);

}  // namespace fairlead::mcp
