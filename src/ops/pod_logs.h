// What reading a log and following it (logs.cpp, follow.cpp) have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "ops/operation.h"

namespace fairlead::ops {

// So many lines more than are wanted are read, since they may say what the first one of those is: a password's value.
inline constexpr std::int64_t kLinesAbove = 32;

// And so many seconds more than since_seconds and since_time say, for the same reason: log_target() asks for them.
inline constexpr std::int64_t kSecondsAbove = 60;

// The second from which on lines are wanted, by the server's clock as far as the answer tells it; nothing: all of them.
std::optional<std::int64_t> wanted_since(const Call& call, const net::HttpHead& answer);
// Whether a line of that time, as servers write it, is older. Of one without a time nothing is known.
bool is_before(std::string_view time, std::optional<std::int64_t> since);

// How many lines from the end; nothing: all of them.
std::optional<std::int64_t> tail_lines(const Call& call);

// Refuses arguments that contradict each other.
Result<void> check_log_arguments(const Call& call);

// "/api/v1/namespaces/shop/pods/web-0/log?container=app", with the arguments that choose a run and say since when (some
// seconds earlier), and without how many lines.
std::string log_target(const Call& call, const std::string& container);

struct Container {
  std::string name;
  bool runs_once = false;  // an init container
};
// All that the pod has: init ones first, as they run.
std::vector<Container> containers_of(const json::value& pod);
// The one that kubectl would take; `others`: names of those that the pod has besides.
std::string default_container(const json::value& pod, std::string* others);
// Whether the server wants to be told which container.
bool asks_for_container(const Error& error);
awaitable<Result<json::value>> read_pod(Call& call);

// Refuses what is no log: a page to log in at.
Result<void> expect_log(const net::HttpHead& head);

// What the reader can do about a log that there is not.
Error explain_log_error(const Call& call, Error error);

// Of a pod whose other logs are shown: "db: permission_denied: the server answered 403".
std::string why_left_out(const std::string& container, const Error& error);

// Lines of a log as servers send them with timestamps=true, their times apart from their texts.
struct TimedLines {
  std::vector<std::string_view> times;  // into the log; empty where a line has none
  std::string text;                     // whole lines
};
TimedLines split_times(std::string_view log);

// Each line with its container's name before it: a header could be forged by a log.
std::string prefixed(std::string_view text, const std::string& container);

// Until a pod's status tells what its log showed.
inline constexpr Duration kStatusDelay = std::chrono::milliseconds(1500);

// The log of one container or of all, and then what is written, until they have ended. How each ended is a note when
// it ends; that the connection broke for good is `unreachable`, and `cancelled` only that the caller gave up.
awaitable<Result<Reply>> follow_pod_logs(Call& call, Follower& follower, Duration status_delay = kStatusDelay);

}  // namespace fairlead::ops
