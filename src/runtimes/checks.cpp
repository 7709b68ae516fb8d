#include "runtimes/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ops/explain.h"
#include "runtimes/causes.h"

namespace fairlead::runtimes {
namespace {

constexpr Duration kOneAnswer = std::chrono::seconds(10);  // the agent's; a Retry-After of its own counts into it

// What it says beside its status is of no account.
class Ignoring final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead& head) override {
    status = head.status;
    return {};
  }
  Result<net::Flow> on_body(std::string_view) override { return net::Flow::enough; }
  int status = 0;
};

// "the server answered 503", which kube/status.cpp words so.
int status_of(const Error& error) {
  constexpr std::string_view words = "the server answered ";
  const std::size_t at = error.cause.find(words);
  int status = 0;
  if (at != std::string::npos)
    std::from_chars(error.cause.data() + at + words.size(), error.cause.data() + error.cause.size(), status);
  return status >= 300 && status < 600 ? status : 0;
}

// Whether it is the API server that speaks, which did not come to ask the agent.
bool is_of_api_server(const Error& error) {
  if (!error.status) return false;
  const json::value status(*error.status);
  const std::string_view reason = text_at(status, {"reason"});
  return text_at(status, {"kind"}) == "Status" &&
         (reason == "ServiceUnavailable" || reason == "Forbidden" || reason == "Unauthorized" || reason == "NotFound" ||
          reason == "BadRequest" || reason == "InternalError" || reason == "MethodNotAllowed" ||
          reason == "TooManyRequests" || reason == "Timeout");
}

std::string why_not_asked(const Error& error, const AgentPlace& place) {
  switch (error.code) {
    case ErrorCode::permission_denied:
      return fmt::format("an RBAC rule is missing: the cluster does not let this identity get services/proxy in {}",
                         place.ns);
    case ErrorCode::not_found:
      return "there is no such Service or port there, or the cluster has no proxy to Services" + quoted(error.foreign);
    case ErrorCode::server_error: return "nothing answers behind its Service" + quoted(error.foreign);
    default: return ops::explain_in_a_line(error);
  }
}

awaitable<void> ask(ops::Call& call, AgentPlace place, const Check& check, CheckOutcome& out) {
  const std::string service = place.object + ":" + check.port;
  std::string target = kube::ResourcePath{"", "v1", "services", place.ns, service, "proxy"}.text() + check.path;
  Ignoring answer;
  const Deadline end = call.deadline.sooner(Deadline::after(kOneAnswer));
  auto done = co_await call.client.read(std::move(target), "*/*", answer, end);
  out.status = 0;
  out.accepted = false;
  out.cause.clear();
  if (!done && is_of_api_server(done.error())) {
    out.cause = why_not_asked(done.error(), place);
    co_return;
  }
  out.status = done ? answer.status : status_of(done.error());
  if (out.status == 0) {
    out.cause =
        done.error().code == ErrorCode::timeout ? "it did not answer in time" : ops::explain_in_a_line(done.error());
    co_return;
  }
  out.accepted = std::find(check.accepted.begin(), check.accepted.end(), out.status) != check.accepted.end();
  if (out.accepted) co_return;
  std::string wanted;
  for (int status : check.accepted) wanted += (wanted.empty() ? "" : ", ") + std::to_string(status);
  out.cause = fmt::format("it answered {}, and {} is accepted", out.status, wanted);
}

}  // namespace

awaitable<Result<std::vector<CheckOutcome>>> run_checks(ops::Call& call, AgentPlace place, const Profile& profile,
                                                        CheckLimits limits) {
  std::vector<CheckOutcome> out;
  const Deadline end = limits.wait_seconds
                           ? call.deadline.sooner(Deadline::after(std::chrono::seconds(*limits.wait_seconds)))
                           : call.deadline;
  for (const Check& check : profile.checks) {
    CheckOutcome one{check.port, check.path, 0, false, 0, ""};
    const std::int64_t most = limits.attempts.value_or(limits.wait_seconds ? check.attempts : 1);
    const Duration pause = std::chrono::seconds(check.interval_seconds);
    while (true) {
      co_await ask(call, place, check, one);
      ++one.attempts;
      if (one.accepted || one.attempts >= most || end.left() <= pause) break;
      auto slept = co_await net::sleep_for(pause);
      if (!slept) co_return fail(std::move(slept.error()));
    }
    out.push_back(std::move(one));
  }
  co_return out;
}

json::object shown(const CheckOutcome& outcome) {
  return {{"port", outcome.port},
          {"path", outcome.path},
          {"status", outcome.status ? json::value(outcome.status) : json::value(nullptr)},
          {"accepted", outcome.accepted},
          {"attempts", outcome.attempts},
          {"cause", outcome.cause.empty() ? json::value(nullptr) : json::value(outcome.cause)}};
}

}  // namespace fairlead::runtimes
