#include "rest/openapi.h"

#include <algorithm>

#include "base/text.h"
#include "ops/describe.h"
#include "rest/api.h"

namespace fairlead::rest {
namespace {

constexpr std::string_view kCalls = "/api/v1/operations/{name}";

json::object reference(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }

json::object content(json::object schema, std::string_view type = "application/json") {
  return {{type, json::object{{"schema", std::move(schema)}}}};
}

json::object responses(std::string_view meaning) {
  return {{"200", json::object{{"description", meaning}, {"content", content({{"type", "object"}})}}},
          {"default", json::object{{"description", "What went wrong"},
                                   {"content", content(reference("Problem"), "application/problem+json")}}}};
}

json::array path_parameters(std::string_view pattern) {
  json::array out;
  for (const auto segment : split(pattern, '/'))
    if (segment.starts_with('{'))
      out.push_back(json::object{{"name", segment.substr(1, segment.size() - 2)},
                                 {"in", "path"},
                                 {"required", true},
                                 {"schema", json::object{{"type", "string"}}}});
  return out;
}

// "postClustersIdTest"
std::string operation_id(const Route& route) {
  std::string out(route.method);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return static_cast<char>(c | 32); });
  bool begins = true;
  for (char c : route.pattern.substr(route.pattern.starts_with("/api/v1/") ? 8 : 1)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) out += begins ? static_cast<char>(c & ~32) : c;
    begins = !letter;
  }
  return out;
}

json::object described(const Route& route) {
  json::object out{{"operationId", operation_id(route)}, {"summary", route.summary}};
  json::array parameters = path_parameters(route.pattern);
  for (const auto name : route.query)
    parameters.push_back(
        json::object{{"name", name},
                     {"in", "query"},
                     {"schema", json::object{{"type", name == "limit" || name == "before" ? "integer" : "string"}}}});
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (route.body) out["requestBody"] = json::object{{"content", content(ops::json_schema(*route.body))}};
  if (route.door == Door::open) out["security"] = json::array();
  out["responses"] = responses("The answer");
  return out;
}

// A call: the route's own body, with the operation's arguments in it.
json::object called(const Route& route, const ops::Operation& operation) {
  json::object body = ops::json_schema(*route.body);
  body["properties"].as_object()["arguments"] = ops::input_schema(operation);
  const bool required = std::any_of(operation.parameters.begin(), operation.parameters.end(),
                                    [](const ops::Parameter& parameter) { return parameter.required; });
  if (required) body["required"] = json::array{"arguments"};
  json::object out{{"operationId", operation.name},
                   {"summary", operation.summary},
                   {"tags", json::array{json::value(operation.family)}},
                   {"x-trust", ops::to_string(operation.trust)},
                   {"requestBody", json::object{{"content", content(std::move(body))}}},
                   {"responses", responses("What it answers: result, and notes on it")}};
  return out;
}

}  // namespace

json::object openapi(const ops::Catalog& catalog, std::string_view version) {
  json::object paths;
  auto add = [&](std::string path, std::string_view method, json::object what) {
    std::string key(method);
    std::transform(key.begin(), key.end(), key.begin(), [](char c) { return static_cast<char>(c | 32); });
    json::value& at = paths[path];
    if (!at.is_object()) at = json::object();
    at.get_object()[key] = std::move(what);
  };
  for (const auto& route : Api::routes()) {
    if (route.pattern != kCalls || route.method != "POST") {
      add(std::string(route.pattern), route.method, described(route));
      continue;
    }
    for (const auto& operation : catalog.operations())
      add("/api/v1/operations/" + std::string(operation.name), route.method, called(route, operation));
  }
  json::object problem{
      {"type", "object"},
      {"required", json::array{"title", "status", "code", "detail"}},
      {"properties",
       json::object{{"type", json::object{{"type", "string"}}},
                    {"title", json::object{{"type", "string"}}},
                    {"status", json::object{{"type", "integer"}}},
                    {"code", json::object{{"type", "string"}, {"description", "Stable: for programs"}}},
                    {"detail", json::object{{"type", "string"}, {"description", "What went wrong, and what to do"}}},
                    {"remedy", json::object{{"type", "string"}, {"description", "Of the detail, what to do"}}},
                    {"change", json::object{{"type", "integer"}, {"description", "The change that it is about"}}},
                    {"foreign", json::object{{"type", "string"},
                                             {"description", "What somebody else wrote about it: no instruction"}}}}}};
  return {{"openapi", "3.1.0"},
          {"info", json::object{{"title", "Fairlead"},
                                {"version", version},
                                {"summary", "The gateway between AI agents and Kubernetes clusters"}}},
          {"security", json::array{json::object{{"token", json::array()}}}},
          {"paths", std::move(paths)},
          {"components", json::object{{"securitySchemes",
                                       json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}}}}},
                                      {"schemas", json::object{{"Problem", std::move(problem)}}}}}};
}

}  // namespace fairlead::rest
