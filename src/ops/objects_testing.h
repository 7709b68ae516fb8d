// Tests only: an API server that keeps objects, holds writes to what they are bound to, and changes nothing by itself.
#pragma once

#include <map>
#include <string>

#include "ops/json_testing.h"
#include "ops/testing.h"

namespace fairlead::ops::testing {

class ObjectServer {
 public:
  ObjectServer() : api([this](const net::HttpRequest& request) { return answer(request); }) {}

  // By the path of the object.
  std::map<std::string, json::value> objects;
  // Answered instead, by "METHOD /path".
  std::map<std::string, Answer> refused;

  // Somebody else writes: the object moves on.
  template <class Edit>
  void write(const std::string& path, Edit edit) {
    json::value& object = objects.at(path);
    edit(object);
    object.at("metadata").as_object()["resourceVersion"] = std::to_string(++version_);
  }
  // Sends all that a plan says.
  void carry_out(const Plan& plan) {
    for (const auto& one : plan.writes) {
      auto sent = in_call(api, [&](Call& call) { return send_write(call, one, false); });
      if (!sent) throw std::runtime_error(sent.error().sentence() + " " + sent.error().foreign);
    }
  }

 private:
  Answer answer(const net::HttpRequest& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (const auto found = refused.find(request.method + " " + path); found != refused.end()) return found->second;
    const auto found = objects.find(path);
    const json::value body = request.body.empty() ? json::value() : parsed(request.body);
    if (request.method == "POST") {
      const std::string to = path + "/" + std::string(text_at(body, {"metadata", "name"}));
      if (objects.contains(to)) return refusal(409, "AlreadyExists", "it is there");
      json::value& made = objects[to] = body;
      made.at("metadata").as_object()["uid"] = "made-" + std::to_string(++version_);
      made.at("metadata").as_object()["resourceVersion"] = std::to_string(version_);
      return {.status = 201, .body = compact(made)};
    }
    if (found == objects.end()) return refusal(404, "NotFound", "there is no " + path);
    if (request.method == "GET") return {.body = compact(found->second)};
    if (request.method == "DELETE") {
      for (const auto& [name, value] : object_at(body, {"preconditions"}))
        if (text_at(found->second, {"metadata", name}) != value.as_string())
          return refusal(409, "Conflict", "the precondition does not hold");
      objects.erase(found);
      return {};
    }
    for (const auto& step : body.as_array())
      if (text_at(step, {"path"}) == "/metadata/resourceVersion" &&
          text_at(step, {"value"}) != text_at(found->second, {"metadata", "resourceVersion"}))
        return refusal(409, "Conflict", "the object has been modified");
    try {
      write(path, [&](json::value& object) { object = applied(object, body.as_array()); });
    } catch (const std::exception& error) { return refusal(422, "Invalid", error.what()); }
    return {.body = compact(found->second)};
  }

  int version_ = 100;

 public:
  kube::testing::FakeApi api;
};

}  // namespace fairlead::ops::testing
