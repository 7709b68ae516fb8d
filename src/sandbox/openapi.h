// OpenAPI documents of what is served: version 2 in one piece, as JSON and as protobuf, version 3 by group and version.
// Made when they are first asked for and kept until what is served changes; a server that nobody asks has none.
// Not thread-safe: one loop.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "sandbox/openapi_schemas.h"

namespace fairlead::sandbox {

struct OpenApiAnswer {
  int status = 200;  // 200, 304 or 406
  std::string content_type;
  std::string body;
  std::vector<net::HttpHeader> headers;
};

class OpenApiDocuments {
 public:
  explicit OpenApiDocuments(const Resources& resources) : resources_(resources) {}

  // What GET answers for /openapi/v2, /openapi/v3 and below; nothing for other paths and for groups that are not
  // served.
  std::optional<OpenApiAnswer> get(std::string_view path, std::string_view accept, std::string_view if_none_match);

 private:
  struct Document {
    std::string text, tag;  // tag: a hash of the text
  };
  const Document& version2(bool protobuf);
  const Document& version3(std::string_view group, std::string_view version);
  const Document& index();
  const Document& keep(std::string name, std::string text);
  void forget_old();

  const Resources& resources_;
  std::map<std::string, Document, std::less<>> made_;
  std::uint64_t made_of_ = 0;  // resources_.changes()
};

// A version 2 document as gnostic's openapi.v2.Document message.
std::string openapi_v2_protobuf(const json::object& document);

}  // namespace fairlead::sandbox
