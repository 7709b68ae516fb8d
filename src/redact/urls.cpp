#include "redact/urls.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

constexpr std::string_view kMark = "://";
constexpr std::size_t npos = std::string_view::npos;

// What follows names a channel and is the right to write to it.
constexpr std::array<std::string_view, 10> kHooks{"hooks.slack.com/services/", "hooks.slack.com/workflows/",
                                                  "hooks.slack.com/triggers/", "hooks.zapier.com/hooks/catch/",
                                                  "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
                                                  "api.telegram.org/bot",      "outlook.office.com/webhook/",
                                                  "maker.ifttt.com/trigger/",  "events.pagerduty.com/integration/"};

// Long, and no name that somebody would choose.
bool is_secret_segment(std::string_view segment) {
  if (segment.size() < 16) return false;
  const auto digits = std::count_if(segment.begin(), segment.end(), is_digit);
  const bool upper = std::any_of(segment.begin(), segment.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return digits >= 4 || (digits > 0 && upper);
}

// A user without a password, who is none: https://TOKEN@github.com
bool is_token_alone(std::string_view user) {
  constexpr std::size_t shortest = 16;
  if (user.size() < shortest) return false;
  const bool mixed = std::any_of(user.begin(), user.end(), is_upper) && std::any_of(user.begin(), user.end(), is_lower);
  return mixed || std::any_of(user.begin(), user.end(), is_digit);
}

std::optional<std::size_t> secret_path(std::string_view url) {
  for (std::string_view hook : kHooks)
    if (url.starts_with(hook) && url.size() > hook.size()) return hook.size();
  const std::size_t path = url.find('/');
  bool hook = path != npos && url.substr(0, path).ends_with(".webhook.office.com");
  for (std::size_t at = path; at < url.size();) {
    const std::size_t begin = at + 1;
    const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
    const std::string_view segment = url.substr(begin, end - begin);
    if (hook && is_secret_segment(segment)) return begin;
    for (std::string_view word : {"hook", "hooks", "webhook", "webhooks", "webhookb2", "incomingwebhook"})
      hook = hook || equal_ignoring_case(segment, word);
    if (end < url.size() && url[end] != '/') break;
    at = end;
  }
  return std::nullopt;
}

// Behind a host and a port these have no @ in their paths, as images and pages have.
bool is_store(std::string_view text, std::size_t mark) {
  for (std::string_view scheme : {"postgres", "postgresql", "mysql", "mariadb", "redis", "rediss", "amqp", "amqps",
                                  "mongodb", "ftp", "sftp", "smtp", "smtps"})
    if (mark >= scheme.size() && equal_ignoring_case(text.substr(mark - scheme.size(), scheme.size()), scheme))
      return true;
  return false;
}

}  // namespace

std::optional<TextSpan> secret_of_url(std::string_view text, std::size_t mark) {
  const std::size_t start = mark + kMark.size();
  std::size_t stop = start;
  while (stop < text.size() && std::string_view(" \"'\n\r\t<>").find(text[stop]) == npos &&
         text.substr(stop, kMark.size()) != kMark)
    ++stop;
  const std::string_view rest = text.substr(start, stop - start);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t sign = authority.rfind('@'), last = rest.rfind('@'), colon = authority.find(':');
  if (colon < sign && last != npos) {
    // What stands between the first @ and the last may be the password's rest or a path that holds an @.
    const std::string_view port = authority.substr(colon + 1);
    const bool plain = sign == npos && (authority.starts_with('[') || port.empty() ||
                                        (!is_store(text, mark) && std::all_of(port.begin(), port.end(), is_digit)));
    if (!plain && last > colon + 1) return TextSpan{start + colon + 1, start + last};
  } else if (sign != npos && is_token_alone(authority.substr(0, sign))) {
    return TextSpan{start, start + sign};
  }
  if (const auto path = secret_path(rest)) {
    const std::size_t end = std::min(rest.find_first_of(",;)]}|\\", *path), rest.size());
    if (end > *path) return TextSpan{start + *path, start + end};
  }
  return std::nullopt;
}

std::optional<TextSpan> secret_of_oracle(std::string_view text, std::size_t at) {
  constexpr std::size_t most = 512;
  std::string_view rest = text.substr(at, most);
  rest = rest.substr(0, rest.find_first_of(" \"'\n\r\t<>"));
  const std::size_t slash = rest.find('/');
  std::size_t sign = rest.find("@//");  // @//host:1521/service
  if (sign == npos) sign = rest.rfind('@');
  if (slash == npos || sign == npos || sign <= slash + 1) return std::nullopt;
  return TextSpan{at + slash + 1, at + sign};
}

}  // namespace fairlead::redact
