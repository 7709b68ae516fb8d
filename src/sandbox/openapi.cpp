#include "sandbox/openapi.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/discovery.h"
#include "sandbox/openapi_paths.h"
#include "sandbox/request.h"

namespace fairlead::sandbox {
namespace {

// Clients ask for it with an "@", which no Content-Type may have.
constexpr std::string_view asked_protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
constexpr std::string_view protobuf_type = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

std::string hash_of(std::string_view text) {
  unsigned char digest[SHA512_DIGEST_LENGTH];
  SHA512(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (unsigned char byte : digest) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

json::object info() { return {{"title", "Kubernetes"}, {"version", version_info().at("gitVersion")}}; }

json::object security_scheme() {
  return {{"BearerToken", json::object{{"description", "Bearer Token authentication"},
                                       {"in", "header"},
                                       {"name", "authorization"},
                                       {"type", "apiKey"}}}};
}

// The first type of Accept that is served.
enum class Wanted { json, protobuf, neither };
Wanted wanted(std::string_view accept, bool has_protobuf) {
  if (trim(accept).empty()) return Wanted::json;
  for (std::string_view entry : split(accept, ',')) {
    std::string type = media_type(entry);
    if (type == "application/json" || type == "*/*" || type == "application/*") return Wanted::json;
    if (has_protobuf && (type == protobuf_type || type == asked_protobuf)) return Wanted::protobuf;
  }
  return Wanted::neither;
}

std::string path_of(std::string_view group, std::string_view version) {
  return group.empty() ? "api/" + std::string(version) : "apis/" + std::string(group) + "/" + std::string(version);
}

}  // namespace

const OpenApiDocuments::Document& OpenApiDocuments::keep(std::string name, std::string text) {
  Document& kept = made_[std::move(name)];
  kept.tag = hash_of(text);
  kept.text = std::move(text);
  kept.text.shrink_to_fit();
  return kept;
}

void OpenApiDocuments::forget_old() {
  if (made_of_ != resources_.changes()) made_.clear();
  made_of_ = resources_.changes();
}

const OpenApiDocuments::Document& OpenApiDocuments::version2(bool protobuf) {
  if (auto found = made_.find(protobuf ? "v2 protobuf" : "v2"); found != made_.end()) return found->second;
  OpenApiSchemas schemas(OpenApi::v2);
  json::object paths;
  for (const auto& resource : resources_.all()) add_paths(*resource, OpenApi::v2, schemas, paths);
  json::object document{{"swagger", "2.0"}, {"info", info()}};
  document["paths"] = std::move(paths);
  document["definitions"] = schemas.take();
  document["security"] = json::array{json::object{{"BearerToken", json::array()}}};
  document["securityDefinitions"] = security_scheme();
  return protobuf ? keep("v2 protobuf", openapi_v2_protobuf(document)) : keep("v2", compact(document));
}

const OpenApiDocuments::Document& OpenApiDocuments::version3(std::string_view group, std::string_view version) {
  std::string name = path_of(group, version);
  if (auto found = made_.find(name); found != made_.end()) return found->second;
  OpenApiSchemas schemas(OpenApi::v3);
  json::object paths;
  for (const auto& resource : resources_.all()) {
    if (resource->group == group && resource->version == version) add_paths(*resource, OpenApi::v3, schemas, paths);
  }
  json::object document{{"openapi", "3.0.0"}, {"info", info()}};
  document["paths"] = std::move(paths);
  document["components"] = json::object{{"schemas", schemas.take()}, {"securitySchemes", security_scheme()}};
  return keep(std::move(name), compact(document));
}

const OpenApiDocuments::Document& OpenApiDocuments::index() {
  if (auto found = made_.find("v3"); found != made_.end()) return found->second;
  json::object paths;
  auto add = [&](std::string_view group, std::string_view version) {
    std::string path = path_of(group, version);
    paths[path] = json::object{{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + version3(group, version).tag}};
  };
  for (const std::string& version : resources_.versions("")) add("", version);
  for (const std::string& group : resources_.groups()) {
    for (const std::string& version : resources_.versions(group)) add(group, version);
  }
  return keep("v3", compact(json::object{{"paths", std::move(paths)}}) + "\n");
}

std::optional<OpenApiAnswer> OpenApiDocuments::get(std::string_view path, std::string_view accept,
                                                   std::string_view if_none_match) {
  if (!path.starts_with("/openapi/v")) return std::nullopt;
  forget_old();
  const Document* document = nullptr;
  OpenApiAnswer out;
  out.content_type = "application/json";
  Wanted want = wanted(accept, path == "/openapi/v2");
  if (path == "/openapi/v2") {
    if (want != Wanted::neither) document = &version2(want == Wanted::protobuf);
    if (want == Wanted::protobuf) out.content_type = protobuf_type;
  } else if (path == "/openapi/v3" || path == "/openapi/v3/") {
    if (want != Wanted::neither) document = &index();
  } else {
    std::vector<std::string_view> parts = split(path, '/');  // "", openapi, v3, api, v1
    bool core = parts.size() == 5 && parts[3] == "api", group = parts.size() == 6 && parts[3] == "apis";
    if (parts[2] != "v3" || (!core && !group)) return std::nullopt;
    std::string_view name = group ? parts[4] : std::string_view(), version = parts.back();
    std::vector<std::string> served = resources_.versions(name);
    if (std::find(served.begin(), served.end(), version) == served.end()) return std::nullopt;
    if (want != Wanted::neither) document = &version3(name, version);
  }
  if (!document) {
    out.status = 406;
    out.content_type = "text/plain; charset=utf-8";
    return out;
  }
  out.headers = {{"Etag", "\"" + document->tag + "\""}, {"Vary", "Accept"}};
  if (if_none_match.find(document->tag) != if_none_match.npos) {
    out.status = 304;
  } else {
    out.body = document->text;
  }
  return out;
}

}  // namespace fairlead::sandbox
