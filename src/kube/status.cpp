#include "kube/status.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "kube/decode.h"

namespace fairlead::kube {
namespace {

std::shared_ptr<const json::object> read_status(std::string_view body) {
  if (body.starts_with(std::string_view("k8s\0", 4))) {
    auto envelope = open_envelope(body);
    if (!envelope || envelope->kind != "Status") return nullptr;
    if (auto status = decode_status(envelope->raw)) return std::make_shared<const json::object>(std::move(*status));
    return nullptr;
  }
  auto parsed = parse_json(body, "parse a Status", JsonLimits{1 << 20, 32});
  if (!parsed || !parsed->is_object() || text_at(*parsed, {"kind"}) != "Status") return nullptr;
  return std::make_shared<const json::object>(std::move(parsed->as_object()));
}

ErrorCode code_for(int status) {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422: return ErrorCode::invalid_request;
    case 401: return ErrorCode::authentication_failed;
    case 403: return ErrorCode::permission_denied;
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::conflict;
    case 410: return ErrorCode::expired;
    case 429: return ErrorCode::rate_limited;
    case 504: return ErrorCode::timeout;
    default: return ErrorCode::server_error;
  }
}

std::string_view remedy_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return "Check the name and the namespace";
    case ErrorCode::timeout: return "Try again, or ask for less (a namespace, a selector)";
    case ErrorCode::authentication_failed:
      return "The credentials are not valid any more or were never valid here: get new ones for this user";
    case ErrorCode::permission_denied: return "Ask in a namespace where you may, or ask for a role that allows this";
    case ErrorCode::conflict:
      return "Somebody else changed it at the same time: look at it again, then repeat the change";
    case ErrorCode::expired: return "Ask again from the start";
    case ErrorCode::rate_limited: return "The server is busy: wait, then try again, or ask for less";
    case ErrorCode::server_error: return "Try again; if it stays so, look at the API server's own log and health";
    default: return "";
  }
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate) as seconds since 1970.
std::optional<std::int64_t> http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  text = trim(text);
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const std::size_t month = months.find(text.substr(8, 3));
  if (month == months.npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 101).substr(1);
  return parse_rfc3339(std::string(text.substr(12, 4)) + "-" + number + "-" + std::string(text.substr(5, 2)) + "T" +
                       std::string(text.substr(17, 8)) + "Z");
}

// A Retry-After that is a date, by the server's own clock; -1 where it sends none.
int until(std::string_view date, std::string_view now) {
  auto then = http_date(date), there = http_date(now);
  if (!then || !there) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(*then - *there, 0, std::numeric_limits<int>::max()));
}

}  // namespace

Error error_from_answer(const net::HttpHead& head, std::string_view body, std::string step) {
  Error error{code_for(head.status), std::move(step), "", std::string(remedy_for(code_for(head.status))), nullptr};
  if (head.status == 405 || head.status == 406 || head.status == 415)
    error.remedy = "Check that the address is that of a Kubernetes API server, and that it is 1.20 or newer";
  else if (head.status == 413)
    error.remedy = "Send less at once, or look at the limits of proxies on the way";
  else if (error.code == ErrorCode::invalid_request)
    error.remedy = "Correct what the server names; 'fairlead ops OPERATION' shows what each argument takes";
  error.status = read_status(body);
  const std::string number = std::to_string(head.status);
  if (head.status == 404 && (!error.status || text_at(*error.status, {"details", "name"}).empty()))
    error.remedy = "The server does not have what was asked for at all: check its address and version";
  if (head.status >= 300 && head.status < 400)
    error.remedy = "Check that the address is that of a Kubernetes API server: redirections are not followed";
  if (error.status) {
    const json::value* message = error.status->if_contains("message");
    error.cause = "the server answered " + number;
    if (message && message->is_string()) error.foreign = std::string(message->get_string());
    return error;
  }
  // Not from a Kubernetes API server, or from its outermost layer, which answers plain text.
  std::string_view type = head.header("Content-Type");
  std::string_view text = trim(body);
  bool html = type.find("html") != std::string_view::npos || text.starts_with("<!") || text.starts_with("<html") ||
              text.starts_with("<HTML");
  if (html) {
    error.cause = "the server answered " + number + " with an HTML page, as a proxy or a login page does";
    error.remedy = "Check that the address is that of a Kubernetes API server, and that no proxy stands in between";
  } else if (head.status >= 300 && head.status < 400) {
    error.cause = "the server answered " + number + ", a redirection, which is not followed";
    error.remedy = "Check that the address is that of a Kubernetes API server";
  } else if (!text.empty() && is_valid_utf8(text)) {
    constexpr std::size_t most = 200;
    error.cause = "the server answered " + number;
    error.foreign = first_words(text, most);
  } else {
    error.cause = "the server answered " + number + " without a reason";
  }
  return error;
}

int retry_after_seconds(const net::HttpHead& head, const Error& error) {
  std::string_view header = trim(head.header("Retry-After"));
  constexpr int most = std::numeric_limits<int>::max();
  if (!header.empty()) {
    int seconds = -1;
    auto [end, failed] = std::from_chars(header.data(), header.data() + header.size(), seconds);
    if (end != header.data() + header.size() || header.front() == '-') return until(header, head.header("Date"));
    return failed == std::errc::result_out_of_range ? most : seconds;
  }
  const json::value* details = error.status ? error.status->if_contains("details") : nullptr;
  if (!details) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(integer_at(*details, {"retryAfterSeconds"}, -1), -1, most));
}

}  // namespace fairlead::kube
