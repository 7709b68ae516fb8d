// get_pod_logs where a face takes lines as they come.
//
// First the last lines are read, as without following; then what is newer than they are. Servers close a stream that
// lives long, and connections break: the log is then gone on with from the second of the last line, and lines of that
// second that were shown are not shown again. Whether a log has ended, the pod tells.
#include <fmt/format.h>

#include <algorithm>
#include <compare>

#include "base/text.h"
#include "ops/grep.h"
#include "ops/pod_logs.h"
#include "redact/lines.h"

namespace fairlead::ops {
namespace {

using std::chrono::milliseconds;

constexpr Duration kPause = milliseconds(60);  // for lines that come together: what is said over several of them
constexpr Duration kLongestPause = std::chrono::seconds(10);
constexpr int kMostFailures = 5;
constexpr std::size_t kLongestLine = 256 << 10;
constexpr std::size_t kBacklog = 4 << 20;  // of what was written before

// A moment of a log, as far as servers tell it: nanoseconds.
struct Moment {
  std::int64_t seconds = INT64_MIN;
  std::int64_t nanoseconds = 0;
  auto operator<=>(const Moment&) const = default;
};

Moment parse_moment(std::string_view time) {
  Moment moment;
  if (auto seconds = parse_rfc3339(time)) moment.seconds = *seconds;
  std::size_t at = time.find('.');
  if (at == std::string_view::npos) return moment;
  std::int64_t unit = 100'000'000;
  for (++at; at < time.size() && time[at] >= '0' && time[at] <= '9' && unit > 0; ++at, unit /= 10)
    moment.nanoseconds += (time[at] - '0') * unit;
  return moment;
}

// One container's log on its way to the reader.
class FollowedLog final : public net::BodySink {
 public:
  FollowedLog(net::Executor executor, const Call& call, Follower& follower, std::string container, bool named)
      : call_(call),
        follower_(follower),
        container_(std::move(container)),
        named_(named),
        arrived_(std::move(executor)) {
    if (!call.arguments.has("grep")) return;
    pattern_.emplace(call.arguments.text("grep"));
    filter_.emplace(*pattern_, static_cast<std::size_t>(call.arguments.integer("context_lines", 0)));
  }

  const std::string& container() const { return container_; }
  std::size_t matches() const { return filter_ ? filter_->matches() : 0; }
  bool reader_gone() const { return gone_; }
  bool any() const { return any_; }            // since the last begin()
  bool repeated() const { return repeated_; }  // the connection broke after something had come

  // Before each request. `last_lines`: only so many, and those above say what they are; the others are all shown.
  void begin(std::optional<std::int64_t> last_lines) {
    last_lines_ = last_lines;
    begun_ = any_ = repeated_ = false;
    if (last_.seconds != INT64_MIN) again_ = last_;
    seen_again_ = 0;
    buffer_.clear();
  }

  Result<void> on_head(const net::HttpHead& head) override {
    // What was shown would be shown again: not `unreachable`, which the client would repeat.
    repeated_ = begun_ && !last_lines_ && (any_ || !buffer_.empty());
    if (repeated_) return fail(ErrorCode::internal, "follow the log", "the connection broke", "Try again");
    begun_ = true;
    buffer_.clear();
    if (!since_) since_ = wanted_since(call_, head);  // of the first answer: what is late is wanted all the same
    return expect_log(head);
  }

  Result<net::Flow> on_body(std::string_view bytes) override {
    buffer_.append(bytes);
    if (last_lines_) {
      if (buffer_.size() > 2 * kBacklog) buffer_.erase(0, buffer_.size() - kBacklog);
      return net::Flow::more;
    }
    if (buffer_.size() > kLongestLine) flush(false);
    arrived_.set();
    return gone_ ? net::Flow::enough : net::Flow::more;
  }

  // Shows whole lines; `end`: the last one has no end to come.
  void flush(bool end) {
    std::size_t size = buffer_.rfind('\n') + 1;
    if (end || (size == 0 && buffer_.size() > kLongestLine)) size = buffer_.size();
    if (size == 0) return;
    show(std::string_view(buffer_).substr(0, size));
    buffer_.erase(0, size);
  }

  // While a request runs.
  awaitable<void> flush_often() {
    while (true) {
      auto woken = co_await arrived_.wait();
      if (!woken) co_return;
      arrived_.reset();
      auto slept = co_await net::sleep_for(kPause);
      if (!slept) co_return;
      if (!last_lines_) flush(false);
    }
  }

  // Where to go on; empty: nothing was seen yet.
  std::string since() const { return last_.seconds == INT64_MIN ? "" : format_rfc3339(last_.seconds); }

 private:
  void show(std::string_view lines) {
    const TimedLines timed = split_times(lines);
    std::vector<std::string_view> times;
    std::string text;
    std::string_view rest = timed.text;
    for (const std::string_view time : timed.times) {
      const std::size_t end = rest.find('\n') + 1;
      if (is_new(time)) {
        times.push_back(time);
        text += rest.substr(0, end);
      }
      rest.remove_prefix(end);
    }
    any_ = any_ || !times.empty();
    const auto wanted = static_cast<std::size_t>(last_lines_.value_or(INT64_MAX));
    const std::size_t above = times.size() > wanted ? times.size() - wanted : 0;
    const bool with_times = call_.arguments.flag("timestamps");
    std::string out;
    redactor_.next(text, [&](std::size_t line, std::string_view shown) {
      if (line < above || is_before(times[line], since_)) return;
      if (with_times && !times[line].empty()) out.append(times[line]).append(" ");
      out.append(shown).append("\n");
    });
    if (filter_) out = filter_->take(out);
    if (named_) out = prefixed(out, container_);
    if (!out.empty() && !gone_) gone_ = !follower_.lines(out);
  }

  // Servers go on from a whole second.
  bool is_new(std::string_view time) {
    if (time.empty()) return true;
    const Moment moment = parse_moment(time);
    if (again_ && moment < *again_) return false;
    if (again_ && moment == *again_ && ++seen_again_ <= count_again_) return false;
    if (again_ && moment > *again_) again_.reset();
    if (moment > last_) {
      last_ = moment;
      count_again_ = 0;
    }
    if (moment == last_) ++count_again_;
    return true;
  }

  const Call& call_;
  Follower& follower_;
  const std::string container_;
  const bool named_;
  std::optional<Pattern> pattern_;
  std::optional<LineFilter> filter_;
  redact::Lines redactor_;
  net::Event arrived_;
  std::string buffer_;
  std::optional<std::int64_t> last_lines_;
  std::optional<std::int64_t> since_;
  bool begun_ = false, any_ = false, repeated_ = false, gone_ = false;
  Moment last_;                  // of the newest line
  std::size_t count_again_ = 0;  // lines of that moment
  std::optional<Moment> again_;  // of the newest line of the request before, until what comes is newer
  std::size_t seen_again_ = 0;   // lines of that moment that came again
};

awaitable<Result<void>> read_into(Call& call, FollowedLog& log, std::string target) {
  net::TaskGroup flusher(co_await net::current_executor());
  flusher.spawn(log.flush_often());
  auto read = co_await call.client.read(std::move(target), "*/*", log, call.deadline);
  flusher.cancel_all();
  co_await flusher.join();
  if (!read && log.repeated()) read.error().code = ErrorCode::unreachable;
  co_return read;
}

// What is there already.
awaitable<Result<void>> read_backlog(Call& call, FollowedLog& log) {
  const auto tail = tail_lines(call);
  if (!tail) co_return Result<void>{};  // all since some time: it comes with what follows
  log.begin(tail);
  std::string target = log_target(call, log.container());
  kube::add_query(target, "tailLines", std::to_string(*tail + kLinesAbove));
  kube::add_query(target, "timestamps", "true");
  auto read = co_await read_into(call, log, std::move(target));
  if (read) log.flush(false);  // the rest of a line that is being written comes again, whole
  co_return read;
}

std::string follow_target(const Call& call, const FollowedLog& log) {
  std::string target = log_target(call, log.container());
  if (const std::string since = log.since(); !since.empty()) {
    target = kube::ResourcePath{"", "v1", "pods", call.object_namespace(), call.arguments.text("name"), "log"}.text();
    kube::add_query(target, "container", log.container());
    kube::add_query(target, "sinceTime", since);
  }
  kube::add_query(target, "timestamps", "true");
  kube::add_query(target, "follow", "true");
  return target;
}

// Which run of a container there is, and how it ended.
struct Run {
  std::string id;
  bool runs = false;
  std::string ending;  // "exit code 1 (Error)"
};

Run run_of(const json::value& pod, std::string_view container) {
  for (auto kind : {"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"}) {
    for (const auto& status : array_at(pod, {"status", kind})) {
      if (text_at(status, {"name"}) != container) continue;
      Run run;
      run.id = fmt::format("{} {}", integer_at(status, {"restartCount"}), text_at(status, {"containerID"}));
      run.runs = find(status, "state", "running") != nullptr;
      for (auto state : {"lastState", "state"}) {
        if (!find(status, state, "terminated")) continue;
        run.ending = fmt::format("exit code {}", integer_at(status, {state, "terminated", "exitCode"}));
        if (auto reason = text_at(status, {state, "terminated", "reason"}); !reason.empty())
          run.ending += " (" + plain_word(reason) + ")";
      }
      return run;
    }
  }
  return {};
}

bool is_refused(const Error& error) {
  return error.code == ErrorCode::permission_denied || error.code == ErrorCode::authentication_failed ||
         error.code == ErrorCode::certificate_invalid;
}

// Goes on until the container has ended. Its end, as a sentence.
awaitable<Result<std::string>> follow_on(Call& call, FollowedLog& log, std::optional<Run> first, Duration delay) {
  const std::string name = log.container().empty() ? "the container" : "container " + log.container();
  Duration pause = delay;
  bool drained = false;           // asked once more since it had ended
  int failures = 0, unknown = 0;  // one after another: of reading the log, and the pod
  while (true) {
    log.begin(std::nullopt);
    std::string target = follow_target(call, log);
    auto read = co_await read_into(call, log, std::move(target));
    log.flush(read.has_value());
    if (log.reader_gone()) co_return std::string();
    if (!read && read.error().code == ErrorCode::timeout)
      co_return std::string("the time that --timeout gives is over");
    failures = read || log.any() ? 0 : failures + 1;
    if (!read && (failures > kMostFailures || is_refused(read.error()))) co_return fail(std::move(read.error()));
    pause = log.any() ? delay : std::min(pause * 2, kLongestPause);
    auto slept = co_await net::sleep_for(pause);
    if (!slept) co_return fail(std::move(slept.error()));
    auto pod = co_await read_pod(call);
    if (!pod && pod.error().code == ErrorCode::cancelled) co_return fail(std::move(pod.error()));
    if (!pod && pod.error().code == ErrorCode::not_found) co_return std::string("the pod is gone");
    if (!pod && pod.error().code == ErrorCode::permission_denied) {  // nobody tells: a log that ended well has ended
      if (read) co_return std::string();
      continue;
    }
    if (!pod && (++unknown > kMostFailures || is_refused(pod.error()))) co_return fail(std::move(pod.error()));
    if (!pod) continue;
    unknown = 0;
    const Run now = run_of(*pod, log.container());
    if (!first) first = now;
    if (now.id != first->id) co_return name + " was started again; previous shows how it ended before";
    if (now.runs) continue;
    if (read || drained) co_return name + " has ended" + (now.ending.empty() ? "" : ": " + now.ending);
    drained = true;
  }
}

// Logs that could be read, each followed beside the others.
awaitable<Result<Reply>> follow_all(Call& call, Follower& follower, std::vector<std::unique_ptr<FollowedLog>> logs,
                                    const json::value* pod, Duration delay) {
  net::TaskGroup tasks(co_await net::current_executor());
  std::vector<Result<std::string>> endings(logs.size());
  auto one = [&](std::size_t i) -> awaitable<void> {
    std::optional<Run> first;
    if (pod) first = run_of(*pod, logs[i]->container());
    endings[i] = co_await follow_on(call, *logs[i], std::move(first), delay);
    if (endings[i] && !endings[i]->empty()) follower.note(*endings[i]);
    if (!endings[i] && logs.size() > 1 && endings[i].error().code != ErrorCode::cancelled)
      follower.note(fmt::format("container {} is followed no further: {}", logs[i]->container(),
                                to_string(endings[i].error().code)));
  };
  for (std::size_t i = 0; i < logs.size(); ++i) tasks.spawn(one(i));
  co_await tasks.join();
  std::size_t matches = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    matches += logs[i]->matches();
    if (!endings[i]) co_return fail(std::move(endings[i].error()));
  }
  if (call.arguments.has("grep")) follower.note(fmt::format("{} lines matched", matches));
  co_return Reply{Text{}, {}};
}

}  // namespace

awaitable<Result<Reply>> follow_pod_logs(Call& call, Follower& follower, Duration status_delay) {
  if (call.arguments.flag("previous"))
    co_return fail(ErrorCode::invalid_request, "get_pod_logs", "a run that has ended cannot be followed",
                   "Leave out previous or --follow");
  net::Executor executor = co_await net::current_executor();
  const bool all = call.arguments.flag("all_containers");
  std::vector<std::string> names{call.arguments.text("container")};
  auto pod = co_await read_pod(call);
  // Who may read only logs can follow one that is named, or the only one.
  if (!pod && (all || pod.error().code != ErrorCode::permission_denied)) co_return fail(std::move(pod.error()));
  if (all) {
    names.clear();
    for (const auto& container : containers_of(*pod)) names.push_back(container.name);
  } else if (pod && names[0].empty()) {
    std::string others;
    names[0] = default_container(*pod, &others);
    if (!others.empty()) follower.note(fmt::format("this is container {}; the pod also has: {}", names[0], others));
  }
  std::vector<std::unique_ptr<FollowedLog>> logs;
  std::optional<Error> refusal;
  for (const auto& name : names) {
    auto log = std::make_unique<FollowedLog>(executor, call, follower, name, all);
    auto read = co_await read_backlog(call, *log);
    if (read) {
      logs.push_back(std::move(log));
      continue;
    }
    Error error = explain_log_error(call, std::move(read.error()));
    if (!all || error.code == ErrorCode::cancelled) co_return fail(std::move(error));
    follower.note(why_left_out(name, error));
    if (!refusal) refusal = std::move(error);
  }
  if (logs.empty() && refusal) co_return fail(std::move(*refusal));
  const json::value* known = pod ? &*pod : nullptr;
  co_return co_await follow_all(call, follower, std::move(logs), known, status_delay);
}

}  // namespace fairlead::ops
