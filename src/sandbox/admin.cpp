#include "sandbox/admin.h"

#include "base/text.h"
#include "sandbox/api_send.h"

namespace fairlead::sandbox {
namespace {

constexpr double longest_advance = 7 * 86'400;

ApiResult<json::value> read_body(std::string_view body) {
  auto value = parse_json(body, "read the request's body", JsonLimits{.bytes = 64 << 10, .depth = 8});
  if (!value) return refuse(bad_request("the body is no JSON: " + value.error().cause));
  if (!value->is_object()) return refuse(bad_request("the body must be an object"));
  return std::move(*value);
}

json::object success() {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}};
}

}  // namespace

ApiResult<json::value> Admin::time(std::string_view method, std::string_view body) {
  if (method == "PATCH") {
    auto value = read_body(body);
    if (!value) return value;
    std::optional<double> speed, seconds;
    for (const auto& member : value->get_object()) {
      bool known = member.key() == "speed" || member.key() == "advanceSeconds";
      if (!known)
        return refuse(bad_request("there is no member '" +
                                  escape_untrusted(std::string_view(member.key()).substr(0, 80), Newlines::escape) +
                                  "'"));
      if (!member.value().is_number()) return refuse(bad_request(std::string(member.key()) + " must be a number"));
      (member.key() == "speed" ? speed : seconds) = member.value().to_number<double>();
    }
    if (speed && !(*speed >= 0 && *speed <= 1000)) return refuse(bad_request("speed must lie between 0 and 1000"));
    if (seconds && !(*seconds >= 0 && *seconds <= longest_advance))
      return refuse(bad_request("advanceSeconds must lie between 0 and 604800"));
    if (speed) time_.set_speed(*speed);
    if (seconds) hooks_.advance(static_cast<std::int64_t>(*seconds * 1000));
    hooks_.changed();
  } else if (method != "GET") {
    return refuse(method_not_allowed());
  }
  return json::object{{"now", format_rfc3339(time_.unix_seconds())}, {"speed", time_.speed()}};
}

ApiResult<json::value> Admin::faults(std::string_view method, std::string_view name, std::string_view body) {
  if (method == "GET" && name.empty()) return json::object{{"items", faults_.show()}};
  if (method == "DELETE") {
    if (name.empty()) {
      faults_.clear();
    } else if (!faults_.remove(name)) {
      return refuse(not_found("", "faults", name));
    }
    return success();
  }
  if (method != "PUT" || name.empty()) return refuse(method_not_allowed());
  auto value = read_body(body);
  if (!value) return value;
  value->get_object()["name"] = name;
  auto rule = Faults::read(*value);
  if (!rule) return refuse(bad_request(rule.error()));
  json::object shown = Faults::show(*rule);
  if (!faults_.set(std::move(*rule))) return refuse(bad_request("there are too many faults already: delete some"));
  return shown;
}

std::optional<Answer> Admin::answer(std::string_view method, std::string_view path, std::string_view body) {
  constexpr std::string_view rules = "/sandbox/faults/";
  if (path != "/sandbox" && !path.starts_with("/sandbox/")) return std::nullopt;
  ApiResult<json::value> value = refuse(no_such_resource());
  if (path == "/sandbox") {
    value = json::object{{"paths", json::array{"/sandbox/faults", "/sandbox/history", "/sandbox/time"}}};
  } else if (path == "/sandbox/time") {
    value = time(method, body);
  } else if (path == "/sandbox/faults") {
    value = faults(method, "", body);
  } else if (path.starts_with(rules) && path.size() > rules.size()) {
    value = faults(method, path.substr(rules.size()), body);
  } else if (path == "/sandbox/history") {
    if (method == "DELETE") {
      store_.compact_history();
      value = success();
    } else {
      value = refuse(method_not_allowed());
    }
  }
  if (!value) return error_answer(value.error(), Format::json);
  return Answer{200, "application/json", compact(*value) + "\n", {}};
}

}  // namespace fairlead::sandbox
