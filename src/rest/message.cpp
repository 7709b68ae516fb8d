#include "rest/message.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/utf8.h"
#include "ops/explain.h"

namespace fairlead::rest {
namespace {

constexpr std::size_t kMostSegments = 12, kMostParameters = 32, kMostWords = 1000;

tl::unexpected<Error> wrong(std::string cause, std::string remedy = "GET /api/v1/openapi.json tells what is taken") {
  return fail(ErrorCode::invalid_request, "read the request", std::move(cause), std::move(remedy));
}

std::string shown(std::string_view text) { return "'" + escape_untrusted(text.substr(0, 60), Newlines::escape) + "'"; }

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint next = next_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

Result<std::string> decoded(std::string_view text, bool plus_is_blank) {
  std::string out(text);
  if (plus_is_blank) std::replace(out.begin(), out.end(), '+', ' ');
  auto plain = net::percent_decode(out);
  if (!plain || !is_utf8(*plain)) return wrong("its target is not encoded as it should be");
  return plain;
}

Result<void> read_target(Request& to, std::string_view target) {
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  if (!path.starts_with('/')) return wrong("its target is no path");
  path.remove_prefix(1);
  for (const auto segment : split(path, '/')) {
    auto plain = decoded(segment, false);
    if (!plain) return fail(std::move(plain.error()));
    if (to.path.size() == kMostSegments) return wrong("its path is too long");
    to.path.push_back(std::move(*plain));
  }
  if (mark == std::string_view::npos || mark + 1 == target.size()) return {};
  for (const auto pair : split(target.substr(mark + 1), '&')) {
    const std::size_t equals = pair.find('=');
    auto key = decoded(pair.substr(0, equals), true);
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!key || !value) return fail(std::move(!key ? key.error() : value.error()));
    if (*key == "command") {
      if (to.command.size() == kMostWords) return wrong("its command has too many words");
      to.command.push_back(std::move(*value));
      continue;
    }
    if (to.query.size() == kMostParameters) return wrong("its query is too long");
    const std::string name = shown(*key);
    if (!to.query.emplace(std::move(*key), std::move(*value)).second) return wrong(name + " stands in its query twice");
  }
  return {};
}

enum class Lines { one, several, any_but_nul };

bool is_clean(std::string_view text, Lines lines) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    if (c == 0) return false;
    if (lines == Lines::any_but_nul || (c >= ' ' && c != 0x7f)) return true;
    return lines == Lines::several && (c == '\n' || c == '\r' || c == '\t');
  });
}

// Keys have one line everywhere.
bool is_clean(const json::value& value, Lines lines) {
  if (value.is_string()) return is_clean(std::string_view(value.get_string()), lines);
  if (value.is_array())
    return std::all_of(value.get_array().begin(), value.get_array().end(),
                       [&](const json::value& one) { return is_clean(one, lines); });
  if (!value.is_object()) return true;
  const Lines keys = lines == Lines::any_but_nul ? lines : Lines::one;
  return std::all_of(value.get_object().begin(), value.get_object().end(), [&](const json::key_value_pair& one) {
    return is_clean(std::string_view(one.key()), keys) && is_clean(one.value(), lines);
  });
}

tl::unexpected<Error> unclean(const std::string& what) {
  return wrong(what + " holds a NUL or another control character", "Remove it");
}

}  // namespace

Result<void> check_characters(const Request& request, const std::vector<std::string_view>& one_line) {
  for (const auto& segment : request.path)
    if (!is_clean(segment, Lines::one)) return unclean("its path");
  for (const auto& [key, value] : request.query)
    if (!is_clean(key, Lines::one) || !is_clean(value, Lines::one)) return unclean("its query");
  for (const auto& word : request.command)
    if (!is_clean(word, Lines::any_but_nul)) return unclean("its command");
  for (const auto& [key, value] : request.body) {
    if (!is_clean(std::string_view(key), Lines::one)) return unclean("a key of its body");
    const bool is_one_line = std::find(one_line.begin(), one_line.end(), std::string_view(key)) != one_line.end();
    const Lines lines = key == "arguments" ? Lines::any_but_nul : is_one_line ? Lines::one : Lines::several;
    if (!is_clean(value, lines)) return unclean("'" + std::string(key.substr(0, 60)) + "' in its body");
  }
  return {};
}

Result<Request> read_head(const net::HttpRequest& http) {
  Request out;
  out.method = http.method;
  if (auto read = read_target(out, http.target); !read) return fail(std::move(read.error()));
  out.wants_events = http.header("Accept").find("text/event-stream") != std::string_view::npos;
  for (const auto& header : http.headers) {
    if (!equal_ignoring_case(header.name, "If-Match")) continue;
    const std::string_view match = trim(header.value);
    const bool is_one = match.size() > 2 && match.front() == '"' && match.find('"', 1) == match.size() - 1;
    if (out.if_match || !is_one)
      return wrong("If-Match holds no ETag as this API gives them", "Send the ETag header of the row as it is");
    out.if_match = match.substr(1, match.size() - 2);
  }
  return out;
}

Result<void> read_body(Request& to, const net::HttpRequest& http) {
  if (trim(http.body).empty()) return {};
  const std::string_view type = http.header("Content-Type");
  if (!equal_ignoring_case(trim(type.substr(0, type.find(';'))), "application/json"))
    return wrong("its body is no JSON, by its Content-Type", "Send JSON, and 'Content-Type: application/json'");
  constexpr JsonLimits limits{.bytes = 2 << 20, .depth = 64, .duplicate_keys = false, .nodes = 200'000};
  auto body = parse_json(http.body, "read the request's body", limits);
  if (!body) return fail(std::move(body.error()));
  if (!body->is_object()) return wrong("its body is no JSON object");
  to.body = std::move(body->get_object());
  return {};
}

Result<std::int64_t> number_of(const Request& request, std::string_view key, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) {
  const auto found = request.query.find(std::string(key));
  if (found == request.query.end()) return otherwise;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return wrong(std::string(key) + " must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

Error unknown_key(std::string_view key, std::string_view where) {
  return wrong(shown(key) + " means nothing in the " + std::string(where) + " here").value();
}

Response answer(int status, const json::value& body) {
  Response out;
  out.status = status;
  out.body = compact(body) + "\n";
  return out;
}

Result<Response> answer(const ops::Reply& reply, ops::Format format, std::int64_t now) {
  auto rendered = ops::render(reply, {.format = format, .now = now});
  if (!rendered) return fail(std::move(rendered.error()));
  json::array notes;
  for (const auto& note : rendered->notes) notes.push_back(json::value(note));
  Response out;
  out.body = "{\"notes\":" + compact(notes) + ",\"result\":";
  out.body += format == ops::Format::json ? rendered->text : compact(json::value(rendered->text));
  out.body += "}\n";
  return out;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request: return 400;
    case ErrorCode::authentication_failed:  // to the cluster; who is not let in here gets 401
    case ErrorCode::unreachable:
    case ErrorCode::certificate_invalid:
    case ErrorCode::server_error: return 502;
    case ErrorCode::permission_denied:
    case ErrorCode::policy_denied:
    case ErrorCode::approval_required: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::expired: return 410;
    case ErrorCode::rate_limited: return 429;
    case ErrorCode::timeout: return 504;
    case ErrorCode::cancelled: return 503;
    case ErrorCode::output_failed:
    case ErrorCode::internal: return 500;
  }
  return 500;
}

Response problem_with_status(int status, const Error& error, std::int64_t change) {
  const ops::Explanation said = ops::explain(error);
  std::string title(to_string(error.code));
  std::replace(title.begin(), title.end(), '_', ' ');
  json::object body{{"type", "about:blank"},
                    {"title", title},
                    {"status", status},
                    {"code", to_string(error.code)},
                    {"detail", said.ours}};
  // Its end again, for who puts what others wrote before it, as the command line does.
  if (!error.remedy.empty()) body["remedy"] = trim(ops::explain({error.code, "", "", error.remedy, nullptr, {}}).ours);
  if (!said.foreign.empty()) body["foreign"] = said.foreign;
  if (change) body["change"] = change;
  Response out = answer(status, body);
  out.type = "application/problem+json";
  return out;
}

Response unreadable(int status, const std::string& cause) {
  const bool is_size = status == 413 || status == 431;
  return problem_with_status(status, {ErrorCode::invalid_request,
                                      "read the request",
                                      cause,
                                      is_size ? "Send less at a time" : "Send HTTP/1.1",
                                      nullptr,
                                      {}});
}

Response problem(const Error& error, std::int64_t change) {
  return problem_with_status(status_of(error.code), error, change);
}

}  // namespace fairlead::rest
