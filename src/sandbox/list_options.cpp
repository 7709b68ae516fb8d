#include "sandbox/list_options.h"

#include <charconv>

#include "base/json.h"
#include "base/text.h"

namespace fairlead::sandbox {
namespace {

std::string quoted(std::string_view text) { return compact(json::value(json::string(text))); }

template <class Number>
std::string problem_of(std::string_view function, std::string_view text, Number* value) {
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), *value);
  bool whole = end == text.data() + text.size();
  if (code == std::errc() && whole) return {};
  std::string why = code == std::errc::result_out_of_range && whole ? "value out of range" : "invalid syntax";
  return "strconv." + std::string(function) + ": parsing " + quoted(text) + ": " + why;
}

StatusError bad_token(const std::string& why) {
  return bad_request("invalid continue token: continue key is not valid: " + why);
}

constexpr std::string_view match_field = "resourceVersionMatch";

Cause forbidden_match(std::string_view why) { return field_forbidden(std::string(match_field), why); }

std::vector<Cause> list_problems(const Query& query) {
  std::vector<Cause> out;
  std::string_view match = query.get(match_field), version = query.get("resourceVersion");
  if (!match.empty()) {
    if (version.empty())
      out.push_back(forbidden_match("resourceVersionMatch is forbidden unless resourceVersion is provided"));
    if (!query.get("continue").empty())
      out.push_back(forbidden_match("resourceVersionMatch is forbidden when continue is provided"));
    if (match != "Exact" && match != "NotOlderThan")
      out.push_back(unsupported_value(std::string(match_field), match, "\"Exact\", \"NotOlderThan\", \"\""));
    if (match == "Exact" && version == "0")
      out.push_back(forbidden_match("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
  }
  if (query.has("sendInitialEvents"))
    out.push_back(field_forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return out;
}

std::vector<Cause> watch_problems(const Query& query) {
  std::vector<Cause> out;
  std::string_view match = query.get(match_field);
  bool initial = query.has("sendInitialEvents");
  if (initial && match != "NotOlderThan")
    out.push_back(forbidden_match("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  if (match.empty()) return out;
  if (!initial)
    out.push_back(forbidden_match("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  if (match != "NotOlderThan") out.push_back(unsupported_value(std::string(match_field), match, "\"NotOlderThan\""));
  if (!query.get("continue").empty())
    out.push_back(forbidden_match("resourceVersionMatch is forbidden when continue is provided"));
  return out;
}

}  // namespace

ApiResult<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty()) return value;
  if (std::string problem = problem_of("ParseInt", text, &value); !problem.empty())
    return refuse(bad_request(std::move(problem)));
  return value;
}

ApiResult<std::uint64_t> version_of(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty()) return value;
  if (std::string problem = problem_of("ParseUint", text, &value); !problem.empty()) {
    return refuse(plain_error("resourceVersion: Invalid value: " + quoted(text) + ": " + problem));
  }
  return value;
}

StatusError version_too_large(std::uint64_t wanted, std::uint64_t current) {
  std::string text = "Too large resource version: " + std::to_string(wanted) + ", current: " + std::to_string(current);
  StatusError error{504, "Timeout", "Timeout: " + text, {}};
  error.details["causes"] =
      json::array{json::object{{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}}};
  error.details["retryAfterSeconds"] = 1;
  return error;
}

ApiResult<void> check_list_options(const Query& query, bool watches) {
  for (std::string_view name : {"limit", "timeoutSeconds"}) {
    if (auto number = number_of(query.get(name)); !number) return refuse(std::move(number.error()));
  }
  std::vector<Cause> problems = watches ? watch_problems(query) : list_problems(query);
  if (!problems.empty()) return refuse(invalid("meta.k8s.io", "ListOptions", "", std::move(problems)));
  return {};
}

std::string encode_token(const ContinueToken& token) {
  json::object value{{"v", "meta.k8s.io/v1"}, {"rv", token.version}, {"start", token.start}};
  std::string out = base64_encode(compact(value));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

ApiResult<ContinueToken> decode_token(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (standard.size() % 4 != 0) standard += '=';
  auto bytes = base64_decode(standard);
  if (!bytes) {
    std::size_t at = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return refuse(bad_token("illegal base64 data at input byte " + std::to_string(at == text.npos ? text.size() : at)));
  }
  auto value = parse_json(*bytes, "read a continue token", JsonLimits{4096, 4});
  if (!value || !value->is_object()) {
    if (bytes->empty()) return refuse(bad_token("unexpected end of JSON input"));
    return refuse(bad_token("invalid character '" + escape_untrusted(bytes->substr(0, 1), Newlines::escape) +
                            "' looking for beginning of value"));
  }
  std::string_view version = text_at(*value, {"v"});
  if (version != "meta.k8s.io/v1")
    return refuse(bad_token("server does not recognize this encoded version " + quoted(version)));
  ContinueToken out{integer_at(*value, {"rv"}), std::string(text_at(*value, {"start"}))};
  if (out.start.empty()) return refuse(bad_token("encoded start key empty (version meta.k8s.io/v1)"));
  return out;
}

}  // namespace fairlead::sandbox
